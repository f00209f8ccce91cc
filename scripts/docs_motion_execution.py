"""Make the figures of docs/dossier-graph.md: motions that government papers say they carry out.

    python scripts/docs_motion_execution.py REFERENCE [--check] [--draw FILE]

REFERENCE is the folder with reference data. Loads its matters and motions into an archive of its own, derives
links and states, and writes the figures between the marker comments of the page. With --check nothing is
written, and a difference is an error. With --draw a new sample of links is drawn and written with the titles
beside them, to be read by hand; what is committed of it has numbers and verdicts only.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import gzip
import itertools
import json
import math
import os
import random
import sys
import tarfile
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from geomonitor.dossier.execution import LINK_RULES, names_execution, progress_only
from geomonitor.dossier.paper_kinds import of_government
from geomonitor.dossier.records import PaperRecord
from geomonitor.dossier.sources.koop import publications_in
from geomonitor.dossier.sources.tweede_kamer_papers import matter_record
from geomonitor.dossier.states import SURE_ENOUGH

if TYPE_CHECKING:
    from geomonitor.archive.models import Reference

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "dossier-graph.md"
SAMPLE = ROOT / "tests" / "published" / "uitvoering_moties" / "sample.csv"
BEGIN = "<!-- {name}: begin. Written by scripts/docs_motion_execution.py. -->"
END = "<!-- {name}: end. -->"
SEED = 2026
DRAWN = 200
# the day on which the reference data were collected
TODAY = datetime.date(2025, 10, 4)
BATCH = 2_000


@dataclass(slots=True)
class Chosen:
    """A matter that says that a motion is carried out, with the references of its title."""

    matter: str
    title: str
    date: datetime.date | None
    government: bool
    acting: list[Reference] = field(default_factory=list)
    named: list[str] = field(default_factory=list)

    @property
    def names_paper(self) -> bool:
        """Whether it names the paper of a motion that it carries out."""
        return any(each.target.startswith("kst-") for each in self.acting)

    @property
    def links(self) -> dict[str, str]:
        """The motions that it was linked to with enough confidence, each with the rule."""
        return {
            each.motion: each.link_rule
            for each in self.acting
            if each.kind == "motion" and each.motion and each.link_confidence >= SURE_ENOUGH
        }


def records(folder: Path, work: Path) -> Iterator[PaperRecord]:
    """Give all motions and matters of the reference data; a matter with its paper goes before one without."""
    for name in ("odata_zaak_motie_expanded.jsonl.gz", "odata_zaak.jsonl.gz"):
        with gzip.open(folder / name, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                found = matter_record(json.loads(line), f"{name}, line {number}")
                if isinstance(found, PaperRecord) and not found.deleted:
                    yield found
    with tarfile.open(folder / "kamerstuk_moties_xml.tar.gz") as archive:
        archive.extractall(work, filter="data")
    for paper in publications_in(work):
        if isinstance(paper, PaperRecord):
            yield paper


def load(folder: Path, work: Path) -> None:
    """Fill an archive; without the search index, which has no part in this."""
    from django.db import transaction

    from geomonitor.archive.graph import read_papers
    from geomonitor.archive.merging import fill
    from geomonitor.archive.models import Paper

    rows, seen = itertools.count(1), set()
    coming = records(folder, work)
    while some := list(itertools.islice(coming, BATCH)):
        papers = []
        for record in some:
            if record.paper in seen:
                continue
            seen.add(record.paper)
            paper = Paper(search_row=next(rows))
            fill(paper, record, record.fingerprint())
            papers.append(paper)
        with transaction.atomic():
            Paper.objects.bulk_create(papers)
            read_papers(papers)
        print(f"\rLoaded {len(seen):,} papers and matters", end="", file=sys.stderr)
    print(file=sys.stderr)


def chosen_matters() -> list[Chosen]:
    """Give the matters whose title says that a motion is carried out."""
    from geomonitor.archive.models import Paper, Reference

    matters = Paper.objects.filter(family="matter", title__icontains="uitvoering").order_by("paper")
    chosen = {
        each.pk: Chosen(each.paper, each.title, each.date, of_government(each.kind))
        for each in matters.only("paper", "title", "date", "kind")
        if names_execution(each.title)
    }
    for each in Reference.objects.filter(field="title", paper__in=list(chosen)).order_by("start", "id"):
        if each.relation in {"carries_out", "settles"}:
            chosen[each.paper_id].acting.append(each)
        elif each.kind == "paper":
            chosen[each.paper_id].named.append(each.target)
    return list(chosen.values())


def learned() -> list[tuple[str, int, int, int]]:
    """Learn the titles from titles alone, and hold them against the sources that give both."""
    from geomonitor.archive import linking
    from geomonitor.archive.models import Paper
    from geomonitor.dossier.dossier_titles import learn_titles, title_key, titles_of_several

    said = list(linking.what_titles_say())
    numbered = linking.numbered_titles()
    titles = {title for title, _ in numbered}
    found = learn_titles(
        [each for each in said if each.rule != "source"], titles, titles_of_several(numbered)
    )
    known: defaultdict[str, set[str]] = defaultdict(set)
    sources = Paper.objects.exclude(dossier="").exclude(dossier_title="").filter(dossier_known_by="")
    for title, dossier in sources.values_list("dossier_title", "dossier").iterator():
        known[title_key(title)].add(dossier)
    rows = []
    for rule in ("replaced_motion", "named_motion", "budget_year"):
        of_rule = {title: each.dossier for title, each in found.items() if each.rule == rule}
        both = [title for title in of_rule if title in known]
        right = sum(of_rule[title] in known[title] for title in both)
        rows.append((rule, len(of_rule), len(both), right))
    return rows


def interval(errors: int, drawn: int) -> str:
    """Give a share with its 95 % interval after Wilson."""
    if not drawn:
        return "none drawn"
    z, share = 1.96, errors / drawn
    middle = (share + z * z / (2 * drawn)) / (1 + z * z / drawn)
    half = z / (1 + z * z / drawn) * math.sqrt(share * (1 - share) / drawn + z * z / (4 * drawn * drawn))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return f"{share:.1%} ({low:.1%} to {high:.1%})"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Write a table of the page."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(each) for each in line)} |" for line in lines)


def shares(chosen: Sequence[Chosen]) -> str:
    """Write how many titles say it, name a paper, and were linked."""

    def of(some: Sequence[Chosen]) -> list[str]:
        named = [each for each in some if each.names_paper]
        others = [each for each in some if not each.names_paper and each.named]
        unnamed = [
            each for each in some if not each.names_paper and any(ref.kind == "motion" for ref in each.acting)
        ]
        targets = [each for each in named if all(ref.motion for ref in each.acting if ref.target)]
        found, by_movers = sum(bool(each.links) for each in named), sum(bool(each.links) for each in unnamed)
        return [
            f"{len(some):,}",
            f"{len(named):,}",
            f"{len(named):,} (100 %)" if named else "0",
            f"{found:,} ({found / len(named):.1%})",
            f"{len(targets):,} ({len(targets) / len(named):.1%})",
            f"{len(others):,}",
            f"{len(unnamed):,}",
            f"{by_movers:,} ({by_movers / len(unnamed):.1%})",
        ]

    labels = (
        "titles that say that a motion is carried out",
        "of these: name the motion's paper",
        "linked to that paper, by its number",
        "of these: linked to a motion of the archive that agrees",
        "all papers named are motions of the archive",
        "name a paper, which is not read as that of the motion",
        "name no paper of a motion, but movers or subject",
        "linked by movers and subject",
    )
    every, government = of(chosen), of([each for each in chosen if each.government])
    return table(
        ("", "all matters", "letters of the government"), list(zip(labels, every, government, strict=True))
    )


def rules(chosen: Sequence[Chosen]) -> str:
    """Write how many motions were linked by each rule."""
    counted = Counter(
        each.link_rule or "not linked"
        for one in chosen
        if one.government
        for each in one.acting
        if each.kind == "motion"
    )
    rows = [(f"`{rule}`", confidence, f"{counted[rule]:,}") for rule, confidence in LINK_RULES.items()]
    return table(
        ("rule", "confidence", "motions in titles"), [*rows, ("not linked", "", f"{counted['not linked']:,}")]
    )


def titles_table(rows: Sequence[tuple[str, int, int, int]]) -> str:
    """Write how good the dossiers of titles are, where a source knows them too."""
    from geomonitor.archive.models import DossierTitle, Motion, Paper

    matters = Paper.objects.filter(family="matter").exclude(dossier_title="")
    known = Counter(Motion.objects.values_list("paper_known_by", flat=True))
    told = table(
        ("learned from", "titles", "a source gives it too", "the same"),
        [(f"`{rule}`", f"{count:,}", f"{both:,}", f"{right:,}") for rule, count, both, right in rows],
    )
    return (
        f"{told}\n\nWith the sources, {DossierTitle.objects.count():,} titles stand for a dossier; "
        f"{matters.exclude(dossier='').count():,} of {matters.count():,} matters under a title get it. "
        f"Of {sum(known.values()):,} motions the paper of {known['source']:,} is given by a source, that of "
        f"{known['dossier_title']:,} follows from title and number, and that of {known['']:,} is not known."
    )


def read_sample() -> list[dict[str, str]]:
    """Read the verdicts."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sampled(chosen: Sequence[Chosen]) -> str:
    """Write the error rate of the sample that was read by hand; its links must still be those."""
    now = {(each.matter, motion): rule for each in chosen for motion, rule in each.links.items()}
    rows = read_sample()
    gone = [row for row in rows if (row["matter"], row["target"]) not in now]
    if gone:
        places = ", ".join(f"{row['matter']} to {row['target']}" for row in gone[:5])
        print(f"{len(gone)} links of the sample are no longer made, such as {places}.", file=sys.stderr)

    def row(label: str, some: Sequence[Mapping[str, str]]) -> tuple[object, ...]:
        counted = Counter(each["verdict"] for each in some)
        wrong, unclear = counted["wrong"], counted["unclear"]
        return (
            label,
            len(some),
            wrong,
            unclear,
            interval(wrong, len(some)),
            interval(wrong + unclear, len(some)),
        )

    named = [each for each in rows if each["rule"].startswith(("named_paper", "number"))]
    movers = [each for each in rows if each["rule"].startswith("movers")]
    verdicts = table(
        ("", "read", "wrong", "unclear", "wrong (95 %)", "wrong or unclear (95 %)"),
        [
            row("all", rows),
            row("title names a paper", named),
            row("by movers and subject", movers),
        ],
    )
    titles = {each.matter: each.title for each in chosen}
    said = Counter((each["says"], progress_only(titles[each["matter"]])) for each in rows)
    done = said["carried_out", False] + said["carried_out", True]
    under_way = said["progress", True] + said["progress", False]
    too_careful, too_rash = said["carried_out", True], said["progress", False]
    return (
        f"{verdicts}\n\n"
        f"Of the titles read, {done} say that the motion is carried out, and {under_way} answer questions, "
        f"put it off or tell how it goes. The rule for progress takes {too_careful} of the first for "
        f"progress, and {too_rash} of the second for execution."
    )


def draw(chosen: Sequence[Chosen], file: Path) -> None:
    """Draw links at random, and write them with all that is needed to judge them."""
    from geomonitor.archive.models import Motion

    links = sorted(
        (each.matter, motion, rule, each)
        for each in chosen
        if each.government
        for motion, rule in each.links.items()
    )
    drawn = sorted(random.Random(SEED).sample(links, DRAWN), key=lambda each: each[:3])
    motions = {
        each.motion: each for each in Motion.objects.filter(motion__in={motion for _, motion, _, _ in drawn})
    }
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("matter", "target", "rule", "date", "title", "motion_date", "motion_title", "state"))
        for matter, motion, rule, each in drawn:
            known = motions[motion]
            writer.writerow(
                (matter, motion, rule, each.date, each.title, known.date, known.title, known.state)
            )
    print(f"Drew {DRAWN} of {len(links):,} links.", file=sys.stderr)


def states() -> str:
    """Write how many motions have come how far."""
    from geomonitor.archive.models import Motion

    counted = Counter(Motion.objects.values_list("state", flat=True))
    return table(
        ("state", "motions"), [(f"`{state}`", f"{count:,}") for state, count in counted.most_common()]
    )


def main() -> None:
    """Read the arguments, load, and write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("reference", type=Path, help="folder with reference data")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the page differs")
    parser.add_argument("--draw", type=Path, metavar="FILE", help="draw a sample to be read by hand")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "geomonitor.web.settings",
            "GEOMONITOR_HOME": str(work),
            "GEOMONITOR_SECRET_KEY": "only-for-the-figures-of-the-documentation" * 2,
        }
        from geomonitor.web.serving.database import set_up_django

        set_up_django()
        from django.core.management import call_command

        from geomonitor.archive.deriving import derive_states

        call_command("migrate", verbosity=0)
        load(arguments.reference / "policy" / "tk_kamerstukken", work / "xml")
        titles = learned()
        derive_states(today=TODAY, progress=lambda text, done, total: print(text, file=sys.stderr))
        chosen = chosen_matters()
        if arguments.draw:
            draw(chosen, arguments.draw)
            return
        blocks: Mapping[str, Callable[[], str]] = {
            "titles": lambda: titles_table(titles),
            "shares": lambda: shares(chosen),
            "rules": lambda: rules(chosen),
            "sample": lambda: sampled(chosen),
            "states": states,
        }
        write({name: make() for name, make in blocks.items()}, check=arguments.check)


def write(blocks: Mapping[str, str], *, check: bool) -> None:
    """Bring the blocks into the page, or say where it differs."""
    text = PAGE.read_text(encoding="utf-8")
    differ = []
    for name, block in blocks.items():
        begin, end = BEGIN.format(name=name), END.format(name=name)
        if text.count(begin) != 1 or text.count(end) != 1:
            sys.exit(f"{PAGE.name} lacks the marker comments: {begin} and {end}")
        before, rest = text.split(begin)
        found, after = rest.split(end)
        wanted = f"\n\n{block}\n\n"
        if found != wanted:
            differ.append(name)
        text = f"{before}{begin}{wanted}{end}{after}"
    if check and differ:
        sys.exit(f"{PAGE.name} differs from what is computed: {', '.join(differ)}")
    if not check:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
