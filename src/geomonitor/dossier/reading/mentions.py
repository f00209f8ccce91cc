"""What is recognised in the text of a paper: references, motions, commitments, dates, bodies, footnotes.

Positions count characters of the text that was given (not of the repaired one), so that they can be
marked in it. Where a mention runs over a page break, the furniture of that page lies between start and end.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

__all__ = [
    "BodyMention",
    "CommitmentMention",
    "DateMention",
    "Footnote",
    "MotionMention",
    "PaperReading",
    "ReferenceMention",
    "SettledList",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceMention:
    """A place that refers to a paper, matter, commitment or document of the Union.

    Parameters
    ----------
    start, end : int
        Characters of the text; `end` is the first one after it.
    quoted : str
        The words themselves, blanks made single.
    kind : str
        paper, dossier, matter, document, commitment, proceedings, question, annex, eu_document, eu_law,
        unreadable (it is introduced as a reference, but its number cannot be one).
    target : str
        Normal form: kst-35207-46, kst-36200-X-25, dossier-35207, 2022Z24775, TZ202211-190,
        COM(2020)474, 32021R0821 (CELEX). Empty for unreadable.
    confidence : float
        From 0 to 1, by rule.
    rule : str
    relation : str
        mentions, carries_out, answers, settles, meets, replaces.
    footnote : str
        Mark of the footnote that it stands in; empty in running text.
    """

    start: int
    end: int
    quoted: str
    kind: str
    target: str
    confidence: float
    rule: str
    relation: str = "mentions"
    footnote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionMention:
    """A place that names a motion by its movers.

    Parameters
    ----------
    start, end : int
        From the word for motion to the last mover or "c.s."; the paper's number is not part of it.
    quoted : str
    movers : tuple of str
        Names as written, without "de leden": ("Van der Staaij", "Mulder").
    and_others : bool
        Whether it says "c.s.".
    target : str
        The motion's paper in normal form, from beside the name or from the footnote at it; else empty.
    relation : str
        What this paper does with it: mentions, carries_out, answers, settles.
    relation_quoted : str
        The words that say so.
    in_list : bool
        Whether it stands in a list of motions that are settled (an annex), not in running text.
    confidence : float
    rule : str
    footnote : str
        Mark of the footnote that gave the target.
    """

    start: int
    end: int
    quoted: str
    movers: tuple[str, ...]
    and_others: bool = False
    target: str = ""
    relation: str = "mentions"
    relation_quoted: str = ""
    in_list: bool = False
    confidence: float = 1.0
    rule: str = ""
    footnote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentMention:
    """A sentence in which the government says what it will do.

    Parameters
    ----------
    start, end : int
        The clause with the promise; a sentence with two promises gives two mentions.
    text : str
        The sentence, repaired.
    kind : str
        commitment (to parliament: a letter, information, a report) or announcement (of its own work).
    actor : str
        The office or body, as written: "het kabinet", "De minister van OCW".
    subject : str
        What it is about, as written.
    due_text : str
        The words for when; empty where none.
    due_from, due_until : datetime.date or None
        Computed from the words and the paper's date; None where they give no dates ("op korte termijn").
    confidence : float
    rule : str
    motion : str
        A motion named in the same sentence, in normal form.
    """

    start: int
    end: int
    text: str
    kind: str
    actor: str
    subject: str
    due_text: str = ""
    due_from: datetime.date | None = None
    due_until: datetime.date | None = None
    confidence: float = 1.0
    rule: str = ""
    motion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMention:
    """A date; `date` is the last day it can mean, `first` the first."""

    start: int
    end: int
    quoted: str
    first: datetime.date
    date: datetime.date


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyMention:
    """A ministry, institute or organisation that is named; `body` is its usual short name."""

    start: int
    end: int
    quoted: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Footnote:
    """A footnote: its mark, its text, where the text stands, and where the mark stands in the text."""

    mark: str
    text: str
    start: int
    end: int
    called_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledList:
    """A list of motions that the paper says it settles, against what the running text says.

    Parameters
    ----------
    start, end : int
        The list with its heading; (0, 0) where the paper has none.
    listed : tuple of str
        Papers of the motions in the list, in its order.
    in_text : tuple of str
        Papers of the motions that the running text names, in the order of the text.
    only_listed, only_in_text : tuple of str
        Where the two differ.
    """

    start: int
    end: int
    listed: tuple[str, ...]
    in_text: tuple[str, ...]
    only_listed: tuple[str, ...]
    only_in_text: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperReading:
    """Everything that was recognised in one text, in the order of the text.

    Parameters
    ----------
    paper : str
        The paper's own identifier, where its head says so; else empty.
    date : datetime.date or None
        The paper's own date.
    """

    paper: str
    date: datetime.date | None
    characters: int
    references: tuple[ReferenceMention, ...]
    motions: tuple[MotionMention, ...]
    commitments: tuple[CommitmentMention, ...]
    dates: tuple[DateMention, ...]
    bodies: tuple[BodyMention, ...]
    footnotes: tuple[Footnote, ...]
    settled: SettledList
