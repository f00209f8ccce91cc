"""Everything that is recognised in one paper, in the positions of the text that was given."""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from geomonitor.dossier.reading.bodies import bodies_in
from geomonitor.dossier.reading.commitments import FoundCommitment, find_commitments
from geomonitor.dossier.reading.dates import dates_in
from geomonitor.dossier.reading.footnotes import footnotes_in
from geomonitor.dossier.reading.mapped_text import MappedText, RepairedText
from geomonitor.dossier.reading.mentions import (
    CommitmentMention,
    MotionMention,
    PaperReading,
    ReferenceMention,
)
from geomonitor.dossier.reading.motions import FoundMotion, NamedPaper, find_motions, flattened
from geomonitor.dossier.reading.movers import folded
from geomonitor.dossier.reading.page_repair import repair
from geomonitor.dossier.reading.paper_head import read_head
from geomonitor.dossier.reading.references import references_in, references_in_title
from geomonitor.dossier.reading.relations import (
    NONE,
    SaidRelation,
    relation_to_commitment,
    relation_to_paper,
    relations_of,
)
from geomonitor.dossier.reading.sentences import sentence_around, sentences_in
from geomonitor.dossier.reading.settled import settled_list, settled_span
from geomonitor.errors import DataError

__all__ = ["LARGEST_CHARACTERS", "EdgesReading", "TitleReading", "read_edges", "read_paper", "read_title"]

LARGEST_CHARACTERS = 5_000_000

_SETTLED_BY_LIST = SaidRelation("settles", "", 0.97, "in-settled-list")


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleReading:
    """What the title of a paper or matter refers to, in positions of the title."""

    references: tuple[ReferenceMention, ...]
    motions: tuple[MotionMention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgesReading:
    """What ties a text to other papers, in positions of the text: a part of `PaperReading`."""

    references: tuple[ReferenceMention, ...]
    motions: tuple[MotionMention, ...]
    commitments: tuple[CommitmentMention, ...]


@dataclass(slots=True)
class _Part:
    """The running text or a footnote, while it is read."""

    mapped: MappedText
    text: str
    mark: str
    references: list[tuple[int, int, ReferenceMention]]
    sentences: list[tuple[int, int]]

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.mapped.span(start, end)


def read_paper(
    text: str,
    *,
    paper: str = "",
    date: datetime.date | None = None,
    names: Iterable[str] = frozenset(),
) -> PaperReading:
    """Recognise references, motions, commitments, dates, bodies and footnotes in the text of a paper.

    Parameters
    ----------
    text : str
        As it is, with the furniture of its pages.
    paper : str
        Its own identifier where known; else its head is asked.
    date : datetime.date, optional
        Its own date; else its head is asked. Due dates are computed from it.
    names : iterable of str
        Surnames of members, which decide whether a hyphen joins two of them.

    Returns
    -------
    PaperReading
        Every position counts characters of `text`.

    Raises
    ------
    DataError
        If the text is longer than any paper.

    Examples
    --------
    >>> reading = read_paper("Conform de motie-De Roon (35 207, nr. 46) is dit uitgedragen.")
    >>> [(motion.movers, motion.target, motion.relation) for motion in reading.motions]
    [(('De Roon',), 'kst-35207-46', 'carries_out')]
    """
    said_paper, said_date = read_head(text)
    paper, date = paper or said_paper, date or said_date
    found, repaired, (listed, span, running) = _edges(text, paper, date, names, promises=True)
    return PaperReading(
        paper=paper,
        date=date,
        characters=len(text),
        references=found.references,
        motions=found.motions,
        commitments=found.commitments,
        dates=dates_in(repaired, date),
        bodies=bodies_in(repaired),
        footnotes=footnotes_in(repaired),
        settled=settled_list(listed, span, running),
    )


def read_edges(
    text: str, *, paper: str = "", date: datetime.date | None = None, promises: bool = True
) -> EdgesReading:
    """Recognise what `read_paper` does, without dates, bodies, footnotes and the list of what is settled.

    Parameters
    ----------
    text, paper, date
        As of `read_paper`.
    promises : bool
        Whether commitments are looked for: a motion makes none.

    Raises
    ------
    DataError
        If the text is longer than any paper.

    Examples
    --------
    >>> [each.target for each in read_edges("Zie Kamerstuk 35 207, nr. 60.").references]
    ['kst-35207-60']
    """
    if promises and date is None:
        date = read_head(text)[1]
    return _edges(text, paper, date, frozenset(), promises=promises)[0]


_Settled = tuple[tuple[int, int] | None, tuple[int, int], tuple[FoundMotion, ...]]


def _edges(
    text: str, paper: str, date: datetime.date | None, names: Iterable[str], *, promises: bool
) -> tuple[EdgesReading, RepairedText, _Settled]:
    """Read references, motions and commitments; give the repaired text and where the settled stand, too."""
    if len(text) > LARGEST_CHARACTERS:
        raise DataError(
            f"The text has {len(text):,} characters.",
            where=paper or None,
            expected=f"at most {LARGEST_CHARACTERS:,}: no paper is longer",
            next_step="Read its parts one by one.",
        )
    repaired = repair(text)
    references = list(references_in(repaired))
    known = frozenset(folded(name) for name in names)
    parts = _parts(repaired, references)
    listed = settled_span(parts[0].text)
    motions: list[MotionMention] = []
    commitments: list[CommitmentMention] = []
    changed: dict[tuple[int, int], ReferenceMention] = {}
    running: tuple[FoundMotion, ...] = ()
    for part in parts:
        called = _called_papers(repaired, references) if part is parts[0] else []
        found, said = _motions_of(part, called, known, listed if part is parts[0] else None)
        if part is parts[0]:
            running = found
        motions.extend(_mention(part, motion, one, listed) for motion, one in zip(found, said, strict=True))
        _relate_references(part, found, said, changed)
        if promises:
            for each in find_commitments(part.text, part.sentences, date):
                commitments.append(_commitment(part, each, found))
    _relate_called(repaired, references, motions, changed)
    span = (0, 0) if listed is None else parts[0].span(*listed)
    edges = EdgesReading(
        references=tuple(changed.get((each.start, each.end), each) for each in references),
        motions=tuple(sorted(motions, key=lambda each: (each.start, each.end))),
        commitments=tuple(sorted(commitments, key=lambda each: (each.start, each.end))),
    )
    return edges, repaired, (listed, span, running)


def read_title(title: str, *, names: Iterable[str] = frozenset()) -> TitleReading:
    """Recognise references and motions in a title; quick, for hundreds of thousands of them.

    Parameters
    ----------
    title : str
    names : iterable of str
        Surnames of members, folded or not.

    Examples
    --------
    >>> reading = read_title("Uitvoering motie van het lid Leijten c.s. over zorg (Kamerstuk 31765-12)")
    >>> [(motion.movers, motion.target, motion.relation) for motion in reading.motions]
    [(('Leijten',), 'kst-31765-12', 'carries_out')]
    """
    references = references_in_title(title)
    if "moti" not in title.casefold():
        return TitleReading(references=references, motions=())
    known = names if isinstance(names, frozenset) else frozenset(folded(name) for name in names)
    text = flattened(title)
    part = _Part(
        MappedText(title, (0,), (0,)),
        text,
        "",
        [(each.start, each.end, each) for each in references],
        [(0, len(text))],
    )
    found, said = _motions_of(part, [], known, None)
    changed: dict[tuple[int, int], ReferenceMention] = {}
    _relate_references(part, found, said, changed)
    return TitleReading(
        references=tuple(changed.get((each.start, each.end), each) for each in references),
        motions=tuple(_mention(part, motion, one, None) for motion, one in zip(found, said, strict=True)),
    )


def _parts(repaired: RepairedText, references: Sequence[ReferenceMention]) -> list[_Part]:
    """Give the running text and then each footnote, each with the references that stand in it."""
    parts = [_part(repaired, "", [each for each in references if not each.footnote])]
    starts = [each.start for each in references]
    for footnote in repaired.footnotes:
        low = bisect_right(starts, footnote.start - 1)
        high = bisect_right(starts, footnote.end)
        parts.append(_part(footnote.body, footnote.mark, references[low:high]))
    return parts


def _part(mapped: MappedText, mark: str, references: Iterable[ReferenceMention]) -> _Part:
    text = flattened(mapped.text)
    inside = []
    for each in references:
        start, end = _local(mapped, each.start), _local(mapped, each.end - 1) + 1
        # an address behind words stands nowhere in the repaired text
        if 0 <= start < end <= len(text) and mapped.span(start, end) == (each.start, each.end):
            inside.append((start, end, each))
    return _Part(mapped, text, mark, inside, list(sentences_in(text)))


def _local(mapped: MappedText, given: int) -> int:
    piece = bisect_right(mapped.origins, given) - 1
    return -1 if piece < 0 else mapped.starts[piece] + given - mapped.origins[piece]


def _called_papers(repaired: RepairedText, references: Sequence[ReferenceMention]) -> list[NamedPaper]:
    """Give the papers of the footnotes at the places where they are called."""
    starts = [each.start for each in references]
    called: list[NamedPaper] = []
    for footnote in repaired.footnotes:
        if footnote.called_at is None:
            continue
        for each in references[bisect_right(starts, footnote.start - 1) : bisect_right(starts, footnote.end)]:
            if each.kind == "paper":
                at = footnote.called_at
                called.append(NamedPaper(start=at, end=at, target=each.target, footnote=footnote.mark))
    return called


def _motions_of(
    part: _Part, called: Iterable[NamedPaper], names: frozenset[str], listed: tuple[int, int] | None
) -> tuple[tuple[FoundMotion, ...], tuple[SaidRelation, ...]]:
    papers = [
        NamedPaper(start=start, end=end, target=each.target)
        for start, end, each in part.references
        if each.kind == "paper"
    ]
    found = find_motions(part.text, [*papers, *called], names, part.sentences)
    said = relations_of(part.text, found, part.sentences)
    if listed is not None:
        said = tuple(
            _SETTLED_BY_LIST if listed[0] <= motion.start < listed[1] else one
            for motion, one in zip(found, said, strict=True)
        )
    return found, said


def _mention(
    part: _Part, motion: FoundMotion, said: SaidRelation, listed: tuple[int, int] | None
) -> MotionMention:
    start, end = part.span(motion.start, motion.end)
    in_list = listed is not None and not part.mark and listed[0] <= motion.start < listed[1]
    return MotionMention(
        start=start,
        end=end,
        quoted=" ".join(part.mapped.text[motion.start : motion.end].replace("*", " ").split()),
        movers=motion.movers,
        and_others=motion.and_others,
        target=motion.targets[0] if motion.targets else "",
        relation=said.relation,
        relation_quoted=said.quoted,
        in_list=in_list,
        confidence=round(min(motion.confidence, said.confidence), 2),
        rule=f"{motion.rule}; {said.rule}" if said.rule else motion.rule,
        footnote=motion.footnote or part.mark,
    )


def _relate_references(
    part: _Part,
    motions: Sequence[FoundMotion],
    said: Sequence[SaidRelation],
    changed: dict[tuple[int, int], ReferenceMention],
) -> None:
    """Give the references what the text does with the motion or commitment that they are."""
    of_motion = {
        (motion.start, target): one
        for motion, one in zip(motions, said, strict=True)
        for target in motion.targets
        if one is not NONE
    }
    starts = [motion.start for motion in motions]
    for start, _, each in part.references:
        relation = NONE
        if each.kind == "paper":
            place = bisect_right(starts, start) - 1
            for motion in motions[max(0, place - 3) : place + 2]:
                relation = of_motion.get((motion.start, each.target), relation)
            if relation is NONE:
                relation = relation_to_paper(part.text[max(0, start - 120) : start])
        elif each.kind == "commitment":
            low, high = part.sentences[sentence_around(part.sentences, start)]
            relation = relation_to_commitment(part.text[low : min(high, low + 2_000)])
        if relation is not NONE:
            changed[each.start, each.end] = replace(
                each,
                relation=relation.relation,
                confidence=round(min(each.confidence, relation.confidence), 2),
                rule=f"{each.rule}; {relation.rule}",
            )


def _relate_called(
    repaired: RepairedText,
    references: Sequence[ReferenceMention],
    motions: Sequence[MotionMention],
    changed: dict[tuple[int, int], ReferenceMention],
) -> None:
    """Give the paper in a footnote the relation of the motion at which it is called."""
    said = {
        (each.footnote, each.target): each
        for each in motions
        if each.footnote and each.target and each.relation != "mentions"
    }
    if not said:
        return
    for each in references:
        motion = said.get((each.footnote, each.target))
        if motion is not None and (each.start, each.end) not in changed:
            changed[each.start, each.end] = replace(
                each,
                relation=motion.relation,
                confidence=round(min(each.confidence, motion.confidence), 2),
                rule=f"{each.rule}; {motion.rule.partition('; ')[2]}",
            )


def _commitment(part: _Part, found: FoundCommitment, motions: Sequence[FoundMotion]) -> CommitmentMention:
    start, end = part.span(found.start, found.end)
    low, high = found.sentence
    named = [motion for motion in motions if low <= motion.start < high and motion.targets]
    due = found.due
    return CommitmentMention(
        start=start,
        end=end,
        text=" ".join(part.mapped.text[low:high].split()),
        kind=found.kind,
        actor=found.actor,
        subject=found.subject,
        due_text=due.quoted if due else "",
        due_from=due.first if due else None,
        due_until=due.last if due else None,
        confidence=found.confidence,
        rule=found.rule,
        motion=named[0].targets[0] if named else "",
    )
