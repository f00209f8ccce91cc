"""How a reading of a letter is held against the marks: which hits are right, what was missed, what was false.

Shared by `test_kamerbrieven.py` and `scripts/docs_dossier_reading.py`. GUIDELINE.md says what was marked.

A reference is right where its target and a part of its span are those of a mark. A motion is right where
its movers, up to the case of letters, and a part of its span are; a place read as several motions (same span
and movers, one target each) is one place; a motion that is named by its paper alone is none of these. A
commitment or announcement is right where it covers at least half of the shorter of the two clauses. Every
mark is matched once. Everything else (the motion's target, what the paper does with it, the kind of a
promise, its due words and dates) is counted apart, over the matched ones.
"""

from __future__ import annotations

import datetime
import functools
import gzip
import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from geomonitor.dossier.execution import stands_for_another
from geomonitor.dossier.reading.mentions import (
    CommitmentMention,
    MotionMention,
    PaperReading,
    ReferenceMention,
)

__all__ = [
    "GOLD",
    "LETTERS",
    "SAMPLES",
    "LetterOutcome",
    "Score",
    "TitleOutcome",
    "evaluate_letter",
    "evaluate_titles",
    "gold_of",
    "letter_text",
    "letters_folder",
    "marked_titles",
    "titles_of",
    "wilson",
]

GOLD = Path(__file__).parent
SAMPLES = ("titles", "titles_of_letters")
LETTERS = ("2022-05-11", "2023-01-13")


class _Spanned(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(slots=True)
class Score:
    """Marks and hits of one sort: matched pairs, marks without a hit (missed), hits without a mark (false).

    Examples
    --------
    >>> score = Score(pairs=[({}, None)] * 9, missed=[{}], false=[])
    >>> score.recall, score.precision, round(score.f1, 4)
    (0.9, 1.0, 0.9474)
    """

    pairs: list[tuple[dict[str, Any], Any]] = field(default_factory=list)
    missed: list[dict[str, Any]] = field(default_factory=list)
    false: list[Any] = field(default_factory=list)

    @property
    def marks(self) -> int:
        return len(self.pairs) + len(self.missed)

    @property
    def hits(self) -> int:
        return len(self.pairs) + len(self.false)

    @property
    def recall(self) -> float:
        return len(self.pairs) / self.marks if self.marks else 1.0

    @property
    def precision(self) -> float:
        return len(self.pairs) / self.hits if self.hits else 1.0

    @property
    def f1(self) -> float:
        return 2 * len(self.pairs) / (self.marks + self.hits) if self.marks + self.hits else 1.0

    def __add__(self, other: Score) -> Score:
        return Score(self.pairs + other.pairs, self.missed + other.missed, self.false + other.false)


@dataclass(frozen=True, slots=True)
class _MotionPlace:
    """Mentions with the same span and movers, as one place."""

    start: int
    end: int
    movers: tuple[str, ...]
    and_others: bool
    targets: frozenset[str]
    relations: frozenset[str]
    in_list: bool
    rule: str


@dataclass(frozen=True, slots=True)
class LetterOutcome:
    """What an evaluation of one letter gives.

    Parameters
    ----------
    papers : Score
        References of the kind paper alone.
    references : Score
        All readable references: papers, dossiers, matters, commitments, documents of the Union.
    unreadable : Score
        Places that are introduced as a reference but cannot be one.
    motions, promises : Score
    apart : mapping of str to (int, int)
        What is counted apart: right ones, of how many matched.
    listed_right, differences_right : bool
        Whether the list of settled motions, and where it differs from the text, is that of the marks.
    """

    papers: Score
    references: Score
    unreadable: Score
    motions: Score
    promises: Score
    apart: Mapping[str, tuple[int, int]]
    listed_right: bool
    differences_right: bool


@dataclass(frozen=True, slots=True)
class TitleOutcome:
    """What an evaluation of the sampled titles gives; the scores' items carry the matter's number."""

    titles: int
    references: Score
    replaced: tuple[int, int]
    by_paper_alone: int
    motions: Score
    targets: Score


def gold_of(letter: str) -> dict[str, Any]:
    """The marks of the letter of this date (2022-05-11)."""
    marks: dict[str, Any] = json.loads((GOLD / f"gold_{letter}.json").read_text(encoding="utf-8"))
    return marks


def letters_folder(reference: Path) -> Path:
    """Where the letters are: GEOMONITOR_LETTERS, or `letters` beside the folder of the reference data."""
    return Path(os.environ.get("GEOMONITOR_LETTERS") or reference.resolve().parent / "letters")


def letter_text(folder: Path, letter: str) -> str:
    """The text of a letter from their folder; refused where it is not the one that was marked."""
    gold = gold_of(letter)
    data: bytes = (folder / gold["letter"]).read_bytes()
    if hashlib.sha256(data).hexdigest() != gold["sha256"]:
        raise ValueError(f"{gold['letter']} is not the text that was marked: its SHA-256 differs")
    return data.decode("utf-8")


def wilson(right: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Bounds of a share by Wilson's score interval, at 95 percent.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson(18, 18)]
    [0.824, 1.0]
    """
    if not of:
        return 0.0, 1.0
    share = right / of
    middle = share + z * z / (2 * of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    whole = 1 + z * z / of
    return max(0.0, (middle - half) / whole), 1.0 if right == of else (middle + half) / whole


def _overlap(mark: Mapping[str, Any], hit: _Spanned) -> int:
    return min(int(mark["end"]), hit.end) - max(int(mark["start"]), hit.start)


Hit = TypeVar("Hit", bound=_Spanned)


def _matched(marks: Iterable[dict[str, Any]], hits: Iterable[Hit], fits: Any, *, least: float = 0.0) -> Score:
    """Match each mark once, the largest overlap first; ties by position."""
    marks, hits = list(marks), list(hits)
    candidates = []
    for m, mark in enumerate(marks):
        for h, hit in enumerate(hits):
            shared = _overlap(mark, hit)
            shorter = min(mark["end"] - mark["start"], hit.end - hit.start)
            if shared > 0 and shared >= least * shorter and fits(mark, hit):
                candidates.append((-shared, mark["start"], hit.start, m, h))
    of_mark: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, _, m, h in sorted(candidates):
        if m not in of_mark and h not in taken:
            of_mark[m] = h
            taken.add(h)
    return Score(
        [(mark, hits[of_mark[m]]) for m, mark in enumerate(marks) if m in of_mark],
        [mark for m, mark in enumerate(marks) if m not in of_mark],
        [hit for h, hit in enumerate(hits) if h not in taken],
    )


def _folded(movers: Iterable[str]) -> tuple[str, ...]:
    return tuple(" ".join(mover.split()).casefold() for mover in movers)


def _places(motions: Sequence[MotionMention]) -> list[_MotionPlace]:
    together: dict[tuple[int, int, tuple[str, ...]], list[MotionMention]] = {}
    for motion in motions:
        # without movers it is a motion by its paper alone, which the marks give as a reference
        if motion.movers:
            together.setdefault((motion.start, motion.end, _folded(motion.movers)), []).append(motion)
    return [
        _MotionPlace(
            start,
            end,
            movers,
            any(each.and_others for each in group),
            frozenset(each.target for each in group if each.target),
            frozenset(each.relation for each in group),
            any(each.in_list for each in group),
            group[0].rule,
        )
        for (start, end, movers), group in together.items()
    ]


def _same_target(mark: Mapping[str, Any], hit: ReferenceMention) -> bool:
    return bool(mark["target"] == hit.target)


def _same_movers(mark: Mapping[str, Any], hit: _MotionPlace) -> bool:
    return _folded(mark["movers"]) == hit.movers


def _share(score: Score, right: Any) -> tuple[int, int]:
    return sum(bool(right(mark, hit)) for mark, hit in score.pairs), len(score.pairs)


def _date(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def evaluate_letter(letter: str, text: str, reading: PaperReading) -> LetterOutcome:
    """Hold the reading of a letter against its marks."""
    gold = gold_of(letter)
    readable = [mark for mark in gold["references"] if mark["kind"] != "unreadable"]
    read = [hit for hit in reading.references if hit.kind != "unreadable"]
    references = _matched(readable, read, _same_target)
    papers = _matched(
        [mark for mark in readable if mark["kind"] == "paper"],
        [hit for hit in read if hit.kind == "paper"],
        _same_target,
    )
    unreadable = _matched(
        [mark for mark in gold["references"] if mark["kind"] == "unreadable"],
        [hit for hit in reading.references if hit.kind == "unreadable"],
        lambda mark, hit: True,
    )
    motions = _matched(gold["motions"], _places(reading.motions), _same_movers)
    promises: Score = _matched(gold["commitments"], reading.commitments, lambda mark, hit: True, least=0.5)
    with_due = Score([(mark, hit) for mark, hit in promises.pairs if mark["due_start"] is not None])
    without = Score([(mark, hit) for mark, hit in promises.pairs if mark["due_start"] is None])

    def same_due(mark: Mapping[str, Any], hit: CommitmentMention) -> bool:
        words = " ".join(text[mark["due_start"] : mark["due_end"]].split()).casefold()
        return bool(hit.due_text) and words in " ".join(hit.due_text.split()).casefold()

    settled = gold["settled"] or {"listed": [], "only_listed": [], "only_in_text": []}
    return LetterOutcome(
        papers=papers,
        references=references,
        unreadable=unreadable,
        motions=motions,
        promises=promises,
        apart={
            "reference in the right footnote, or in running text": _share(
                references, lambda mark, hit: mark["footnote"] == hit.footnote
            ),
            "reference of the right kind": _share(references, lambda mark, hit: mark["kind"] == hit.kind),
            "motion with its papers": _share(motions, lambda mark, hit: set(mark["targets"]) == hit.targets),
            "motion with or without c.s.": _share(
                motions, lambda mark, hit: mark["and_others"] == hit.and_others
            ),
            "motion in the list, or in the text": _share(
                motions, lambda mark, hit: mark["in_list"] == hit.in_list
            ),
            "what the paper does with the motion": _share(
                motions, lambda mark, hit: hit.relations == {mark["relation"]}
            ),
            "commitment or announcement": _share(promises, lambda mark, hit: mark["kind"] == hit.kind),
            "actor, where one is named": _share(
                Score([pair for pair in promises.pairs if pair[0]["actor"]]),
                lambda mark, hit: mark["actor"].casefold() in hit.actor.casefold(),
            ),
            "due words found": _share(with_due, same_due),
            "due dates": _share(
                with_due,
                lambda mark, hit: (
                    (_date(mark["due_from"]), _date(mark["due_until"])) == (hit.due_from, hit.due_until)
                ),
            ),
            "no due words where there are none": _share(without, lambda mark, hit: not hit.due_text),
            "motion named in the promise": _share(
                Score([pair for pair in promises.pairs if pair[0]["motion"]]),
                lambda mark, hit: mark["motion"] == hit.motion,
            ),
        },
        listed_right=list(reading.settled.listed) == settled["listed"],
        differences_right=(
            not settled["listed"]
            or (
                list(reading.settled.only_listed) == settled["only_listed"]
                and list(reading.settled.only_in_text) == settled["only_in_text"]
            )
        ),
    )


@functools.cache
def marked_titles(reference: Path) -> Mapping[str, Sequence[tuple[dict[str, Any], str]]]:
    """The marks of each sample of titles, each with its title from the reference data; read once."""
    matters = reference / "policy" / "tk_kamerstukken" / "odata_zaak.jsonl.gz"
    marks = {sample: titles_of(sample) for sample in SAMPLES}
    wanted = {each["matter"] for sample in marks.values() for each in sample["titles"]}
    titles: dict[str, str] = {}
    with gzip.open(matters, "rt", encoding="utf-8") as lines:
        for line in lines:
            # most of the 262,250 lines need not be parsed
            if _number_of(line) in wanted:
                row = json.loads(line)
                titles[row["Nummer"]] = row["Onderwerp"]
    if missing := sorted(wanted - set(titles)):
        raise ValueError(f"{matters.name} lacks the matters {', '.join(missing)}")
    for sample in marks.values():
        for each in sample["titles"]:
            digest = hashlib.sha256(titles[each["matter"]].encode()).hexdigest()
            if not digest.startswith(each["title_sha256"]):
                raise ValueError(f"the title of {each['matter']} is not the one that was marked")
    return {
        name: [(each, titles[each["matter"]]) for each in sample["titles"]] for name, sample in marks.items()
    }


def _number_of(line: str) -> str:
    at = line.find('"Nummer":')
    return line[at + 9 : at + 40].split('"')[1] if at >= 0 else ""


def titles_of(sample: str) -> dict[str, Any]:
    """The marks of a sample: titles, or titles_of_letters."""
    marks: dict[str, Any] = json.loads((GOLD / f"{sample}.json").read_text(encoding="utf-8"))
    return marks


def evaluate_titles(titles: Sequence[tuple[dict[str, Any], str]], read: Any) -> TitleOutcome:
    """Hold what `read` (a title's reader) finds in sampled titles against their marks."""
    references, motions, targets = Score(), Score(), Score()
    replaced = [0, 0]
    by_paper_alone = 0
    for each, title in titles:
        reading = read(title)
        by_paper_alone += sum(not motion.movers for motion in reading.motions)
        found = _matched(
            [{**mark, "matter": each["matter"]} for mark in each["references"]],
            [_Of(each["matter"], hit) for hit in reading.references if hit.kind != "unreadable"],
            lambda mark, hit: mark["target"] == hit.it.target,
        )
        references += found
        for mark, hit in found.pairs:
            if mark.get("relation") == "replaces":
                replaced[1] += 1
                replaced[0] += stands_for_another(title, hit.start)
        places = _matched(
            [
                {**mark, "matter": each["matter"], "movers": [title[a:b] for a, b in mark["movers"]]}
                for mark in each["motions"]
            ],
            [_Of(each["matter"], place) for place in _places(reading.motions)],
            lambda mark, hit: _same_movers(mark, hit.it),
        )
        motions += places
        # a motion with its paper: a pair is right or wrong as a whole
        wanted = {(mark["start"], target) for mark in each["motions"] for target in mark["targets"]}
        given = {
            (next((m["start"] for m, h in places.pairs if h.it is place.it), -place.start - 1), target)
            for place in [hit for _, hit in places.pairs] + places.false
            for target in place.it.targets
        }
        named = {"matter": each["matter"]}
        targets += Score(
            [({**named, "start": start, "target": target}, None) for start, target in sorted(wanted & given)],
            [{**named, "start": start, "target": target} for start, target in sorted(wanted - given)],
            [{**named, "start": start, "target": target} for start, target in sorted(given - wanted)],
        )
    return TitleOutcome(len(titles), references, (replaced[0], replaced[1]), by_paper_alone, motions, targets)


@dataclass(frozen=True, slots=True)
class _Of:
    """A hit with the matter in whose title it stands."""

    matter: str
    it: Any

    @property
    def start(self) -> int:
        return int(self.it.start)

    @property
    def end(self) -> int:
        return int(self.it.end)
