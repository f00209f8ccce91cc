"""Make the figures of docs/dossier-reading.md: readings of marked letters and titles against their marks.

    python scripts/docs_dossier_reading.py REFERENCE [--letters FOLDER] [--check]

Reads the two letters and the titles of matters of the reference data, and writes the tables between the
marker comments of the page: rules with their confidence, figures, and every miss and false hit by its
position. No text of a letter or title is written.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from geomonitor.dossier.reading.paper_reading import read_paper, read_title  # noqa: E402
from geomonitor.dossier.reading.reference_rules import RULES  # noqa: E402
from published.kamerbrieven.evaluation import (  # noqa: E402
    GOLD,
    LETTERS,
    SAMPLES,
    LetterOutcome,
    Score,
    TitleOutcome,
    evaluate_letter,
    evaluate_titles,
    letter_text,
    letters_folder,
    marked_titles,
    titles_of,
    wilson,
)

PAGE = ROOT / "docs" / "dossier-reading.md"
BEGIN = "<!-- {name}: begin. Written by scripts/docs_dossier_reading.py. -->"
END = "<!-- {name}: end. -->"
SORTS = {
    "references": "references",
    "papers": "of these, to papers",
    "motions": "motions with their movers",
    "promises": "commitments and announcements",
}
BARS = {"references": 0.97, "papers": 0.97, "motions": 0.95, "promises": 0.85}


def percent(share: float) -> str:
    """Write a share, never rounded up to whole.

    Examples
    --------
    >>> percent(1.0), percent(0.9996), percent(0.9444)
    ('100%', '99.9%', '94.4%')
    """
    if share == 1.0:
        return "100%"
    return f"{min(99.9, round(100 * share, 1)):.1f}%"


def interval(right: int, of: int) -> str:
    """Write a share with its interval."""
    low, high = wilson(right, of)
    return f"{percent(right / of if of else 1.0)} ({percent(low)} to {percent(high)})"


def score_row(name: str, score: Score, bar: float | None = None) -> str:
    """Write a row of the table of figures."""
    right = len(score.pairs)
    cells = [
        name, str(score.marks), str(right), str(len(score.missed)), str(len(score.false)),
        interval(right, score.marks), interval(right, score.hits), percent(score.f1),
    ]  # fmt: skip
    if bar is not None:
        cells.append(percent(bar))
    return f"| {' | '.join(cells)} |"


def figures(outcomes: Mapping[str, LetterOutcome]) -> list[str]:
    """Write the figures of the letters: together, and each."""
    lines = [
        "| both letters | marked | found | missed | false | recall | precision | F1 | bar |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for sort, name in SORTS.items():
        both = getattr(outcomes[LETTERS[0]], sort) + getattr(outcomes[LETTERS[1]], sort)
        lines.append(score_row(name, both, BARS[sort]))
    lines += ["", "| letter | what | marked | found | missed | false |", "|---|---|--:|--:|--:|--:|"]
    for letter, outcome in outcomes.items():
        for sort, name in SORTS.items():
            score: Score = getattr(outcome, sort)
            lines.append(
                f"| {letter} | {name} | {score.marks} | {len(score.pairs)} | {len(score.missed)} "
                f"| {len(score.false)} |"
            )
    unreadable = outcomes[LETTERS[0]].unreadable + outcomes[LETTERS[1]].unreadable
    listed = (
        "the same"
        if all(each.listed_right and each.differences_right for each in outcomes.values())
        else "not the same"
    )
    lines += [
        "",
        f"Introduced as a paper and impossible: {unreadable.marks} marked, {len(unreadable.pairs)} found, "
        f"{len(unreadable.false)} false. The list of settled motions, and where it differs from the running "
        f"text, is {listed} as in the marks.",
        "",
        "Counted apart, over what was found:",
        "",
        "| | right | of |",
        "|---|--:|--:|",
    ]
    for name in outcomes[LETTERS[0]].apart:
        counts = [each.apart[name] for each in outcomes.values()]
        lines.append(f"| {name} | {sum(right for right, _ in counts)} | {sum(of for _, of in counts)} |")
    return lines


def differences(outcomes: Mapping[str, LetterOutcome]) -> list[str]:
    """Write every miss and false hit, with our own words on it."""
    remarks = tomllib.loads((GOLD / "remarks.toml").read_text(encoding="utf-8"))
    lines = ["| letter | what | where | ours | why |", "|---|---|---|---|---|"]
    known: set[str] = set()
    for letter, outcome in outcomes.items():
        for sort in ("references", "unreadable", "motions", "promises"):
            score: Score = getattr(outcome, sort)
            entries: Iterable[tuple[str, Any, int, int, str]] = [
                *(("missed", mark, mark["start"], mark["end"], _of_mark(mark)) for mark in score.missed),
                *(("false", hit, hit.start, hit.end, hit.rule) for hit in score.false),
            ]
            for kind, _, start, end, told in entries:
                key = f"{letter} {sort} {kind} {start}"
                known.add(key)
                why = remarks.get(key)
                if why is None:
                    sys.exit(f"remarks.toml says nothing on {key!r} ({told}): say in our own words why")
                lines.append(
                    f"| {letter} | {SORTS.get(sort, sort)} | {start}-{end} | {kind}: {told} | {why} |"
                )
    if stale := sorted(set(remarks) - known):
        sys.exit(f"remarks.toml explains what does not happen any more: {', '.join(stale)}")
    return lines if len(lines) > 2 else ["None: every mark was found, and nothing else."]


def _of_mark(mark: Mapping[str, Any]) -> str:
    return str(mark.get("about") or mark.get("target") or ", ".join(mark.get("movers", ())))


def relations(outcomes: Mapping[str, LetterOutcome]) -> list[str]:
    """Write where what the paper does with a motion was judged in another way."""
    lines = ["| letter | where | marked | ours | by rule |", "|---|---|---|---|---|"]
    for letter, outcome in outcomes.items():
        for mark, hit in outcome.motions.pairs:
            if hit.relations != {mark["relation"]}:
                ours = ", ".join(sorted(hit.relations))
                place = f"{mark['start']}-{mark['end']}"
                lines.append(f"| {letter} | {place} | {mark['relation']} | {ours} | {hit.rule} |")
    return lines if len(lines) > 2 else ["Nowhere."]


def rules() -> list[str]:
    """Write the rules for references with their confidence."""
    return [
        "| rule | confidence | why |",
        "|---|--:|---|",
        *(f"| `{rule.name}` | {rule.confidence:.2f} | {rule.why} |" for rule in RULES),
    ]


def titles(sample: str, outcome: TitleOutcome) -> list[str]:
    """Write the figures of a sample of titles, and what was missed or false in them."""
    lines = [
        f"{outcome.titles} of {titles_of(sample)['frame']:,} titles; marks in `{sample}.json`.",
        "",
        "| | marked | found | missed | false | recall | precision | F1 |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
        score_row("references", outcome.references),
        score_row("motions with their movers", outcome.motions),
        score_row("motions with their papers", outcome.targets),
        "",
        f"Motions named by their paper alone: {outcome.by_paper_alone}, not counted above.",
        "",
    ]
    if outcome.replaced[1]:
        lines[-2] += (
            f" {outcome.replaced[1]} references give the paper that a changed motion replaces; "
            f"{outcome.replaced[0]} are told from the motion's own paper, which these titles do not give."
        )
    rows = []
    for name, score in (
        ("reference", outcome.references), ("motion", outcome.motions), ("motion's paper", outcome.targets)
    ):  # fmt: skip
        rows += [
            f"| {mark['matter']} | {name} | missed: {mark.get('target', 'its movers')} |"
            for mark in score.missed
        ]
        for hit in score.false:
            told = (
                hit
                if isinstance(hit, dict)
                else {"matter": hit.matter, "target": getattr(hit.it, "target", "")}
            )
            rows.append(f"| {told['matter']} | {name} | false: {told['target'] or 'other movers'} |")
    if rows:
        lines += ["| matter | what | difference |", "|---|---|---|", *rows]
    else:
        lines.append("Nothing was missed and nothing was false.")
    return lines


def page_blocks(reference: Path, letters: Path) -> dict[str, Sequence[str]]:
    """Compute every block of the page."""
    texts = {letter: letter_text(letters, letter) for letter in LETTERS}
    outcomes = {letter: evaluate_letter(letter, text, read_paper(text)) for letter, text in texts.items()}
    blocks: dict[str, Sequence[str]] = {
        "rules": rules(),
        "figures": figures(outcomes),
        "differences": differences(outcomes),
        "relations": relations(outcomes),
    }
    for sample in SAMPLES:
        blocks[sample] = titles(sample, evaluate_titles(marked_titles(reference)[sample], read_title))
    return blocks


def main() -> None:
    """Read the arguments, compute and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("reference", type=Path, help="folder of the reference data")
    parser.add_argument(
        "--letters", type=Path, help="folder of the letters; by default beside the reference data"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the page differs")
    arguments = parser.parse_args()
    letters = arguments.letters or letters_folder(arguments.reference)
    text = PAGE.read_text(encoding="utf-8")
    for name, lines in page_blocks(arguments.reference, letters).items():
        begin, end = BEGIN.format(name=name), END.format(name=name)
        if text.count(begin) != 1 or text.count(end) != 1:
            sys.exit(f"{PAGE.name} lacks the marker comments: {begin} and {end}")
        before, rest = text.split(begin)
        block, after = rest.split(end)
        wanted = "\n\n" + "\n".join(lines) + "\n\n"
        if arguments.check and block != wanted:
            sys.exit(f"{PAGE.name}, {name}: not what the reading gives; run scripts/docs_dossier_reading.py")
        text = f"{before}{begin}{wanted}{end}{after}"
    if not arguments.check:
        half = PAGE.with_suffix(".part")
        half.write_text(text, encoding="utf-8")
        half.replace(PAGE)
        print(f"{PAGE.name} written")


if __name__ == "__main__":
    main()
