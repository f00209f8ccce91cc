"""What a source of parliamentary papers gives, whatever format it speaks."""

from __future__ import annotations

import datetime
import enum
import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from operator import attrgetter

__all__ = ["CommitmentRecord", "Family", "PaperRecord", "PartyVote", "VoteRecord"]


class Family(enum.StrEnum):
    """What kind of thing carries the identifier.

    A *paper* is printed in a dossier (kst-35207-60). A *matter* is what parliament deals with (Zaak,
    2022Z24775): it has a subject, and often becomes a paper. A *document* is a file in parliament's
    own administration (2022D12345).
    """

    PAPER = "paper"
    MATTER = "matter"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRecord:
    """One paper, matter or document, as a source gives it.

    Parameters
    ----------
    paper : str
        Identifier in normal form: kst-35207-60, 2022Z24775, 2022D12345.
    family : Family
    source : str
        Which source gave it: koop, tweede-kamer, text, example.
    dossier : str
        Dossier with its chapter, without blanks: 35207, 36200-X, 21501-20. Empty where not known.
    number : str
        Number within the dossier: 60, A, H. Empty where not known.
    date : datetime.date or None
        Day of the paper itself, not of its publication.
    kind : str
        What the source calls it, in the source's language: Motie, Brief regering.
    title : str
        Its own title or subject.
    dossier_title : str
    text : str
        Body as plain text, paragraphs separated by a blank line. Empty where the source has none.
    session_year : str
        Such as 2024-2025.
    movers : tuple of str
        Who submitted it, as the paper names them; for motions, amendments and questions.
    same_as : str
        The paper that a matter or document became, in normal form; empty where not known.
    matters : tuple of str
        Matters that a document or paper belongs to.
    settled : bool or None
        Whether parliament has dealt with it; None where the source does not say.
    cabinet_view : str
        The government's opinion of a motion, in the words of the source.
    url : str
    changed_at : datetime.datetime or None
        When the source says that it last changed.
    deleted : bool
        Whether the source has withdrawn it.
    missing : tuple of (str, str)
        Fields that should be there and are not, each with the reason.
    source_id : str
        What the source itself calls it (a GUID at the Tweede Kamer): a withdrawal may name nothing else.
    other_dossiers : tuple of str
        Further dossiers that the paper is printed in; its number counts in `dossier` alone.

    Examples
    --------
    >>> record = PaperRecord(paper="kst-35207-60", family=Family.PAPER, source="koop", dossier="35207",
    ...                      number="60", title="Brief over China")
    >>> record.fingerprint() == record.fingerprint()
    True
    """

    paper: str
    family: Family
    source: str
    dossier: str = ""
    number: str = ""
    date: datetime.date | None = None
    kind: str = ""
    title: str = ""
    dossier_title: str = ""
    text: str = ""
    session_year: str = ""
    movers: tuple[str, ...] = ()
    same_as: str = ""
    matters: tuple[str, ...] = ()
    settled: bool | None = None
    cabinet_view: str = ""
    url: str = ""
    changed_at: datetime.datetime | None = None
    deleted: bool = False
    missing: tuple[tuple[str, str], ...] = ()
    source_id: str = ""
    other_dossiers: tuple[str, ...] = ()

    def fingerprint(self) -> str:
        """Give a hash of the content: two records with the same one say the same."""
        told = dict(zip(_TOLD, _told(self), strict=True))
        return hashlib.sha256(_written(told).encode()).hexdigest()


# in order of the alphabet, once and for all: a fingerprint is taken of every record that comes
_TOLD = tuple(sorted(each.name for each in fields(PaperRecord) if each.name != "changed_at"))
_told = attrgetter(*_TOLD)
_written = json.JSONEncoder(default=str).encode


@dataclass(frozen=True, slots=True)
class PartyVote:
    """How a parliamentary party voted; `seats` as the source counts them."""

    party: str
    vote: str
    seats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteRecord:
    """A decision on a motion, with the votes where they are known.

    Parameters
    ----------
    decision : str
        Identifier of the decision at its source.
    matter, paper : str
        What was voted on; at least one of them.
    date : datetime.date or None
    outcome : str
        In the source's words: Stemmen - aangenomen, Stemmen - verworpen, Aangehouden, Ingetrokken.
    votes_for, votes_against : int or None
        Seats; None where not known.
    parties : tuple of PartyVote
    """

    decision: str
    matter: str = ""
    paper: str = ""
    date: datetime.date | None = None
    outcome: str = ""
    votes_for: int | None = None
    votes_against: int | None = None
    parties: tuple[PartyVote, ...] = field(default=())

    def fingerprint(self) -> str:
        """Give a hash of the content."""
        return hashlib.sha256(json.dumps(asdict(self), default=str, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentRecord:
    """A commitment (Toezegging) as parliament itself registered it.

    Parameters
    ----------
    commitment : str
        Its number, such as TZ202211-190.
    text : str
    actor : str
        Office that made it, such as "minister van Buitenlandse Zaken". Never a person's name.
    made_on, due_until : datetime.date or None
    due_text : str
        When it is due, in the words of the source.
    status : str
        In the words of the source: Openstaand, Afgedaan.
    activity : str
        The meeting in which it was made.
    dossier : str
    met_by : str
        The paper that met it, in normal form.
    deleted : bool
    source_id : str
        What the source itself calls it: a withdrawal may name nothing else.
    """

    commitment: str
    text: str = ""
    actor: str = ""
    made_on: datetime.date | None = None
    due_until: datetime.date | None = None
    due_text: str = ""
    status: str = ""
    activity: str = ""
    dossier: str = ""
    met_by: str = ""
    deleted: bool = False
    source_id: str = ""

    def fingerprint(self) -> str:
        """Give a hash of the content."""
        return hashlib.sha256(json.dumps(asdict(self), default=str, sort_keys=True).encode()).hexdigest()
