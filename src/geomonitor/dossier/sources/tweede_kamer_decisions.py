"""Decisions with their votes, commitments, meetings and parties of the Tweede Kamer's open data, as records.

Votes are kept per party. In a vote by roll call each member is a row: those are counted per party, and no
name is kept.

Unverified: of commitments (Toezegging) no rows stood at our disposal. The fields are those that public
programs read: Nummer, Tekst, Status, Functie, Ministerie, Aanmaakdatum, DatumNakoming (year 1 for none),
ActiviteitNummer, KamerbriefNakoming (documents where expanded, numbers in the SyncFeed). That DatumNakoming
is the day on which it is due, and not the day on which it was met, is how we read it.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from geomonitor.dossier.reading.normal_forms import identify
from geomonitor.dossier.records import CommitmentRecord, PartyVote, VoteRecord
from geomonitor.dossier.sources.rows import Row
from geomonitor.errors import DataError

__all__ = [
    "ActivityRecord",
    "PartyRecord",
    "activity_record",
    "commitment_record",
    "party_record",
    "vote_records",
    "votes_of_summary",
]

_FOR, _AGAINST = "Voor", "Tegen"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRecord:
    """A meeting (Activiteit) of parliament.

    Parameters
    ----------
    activity : str
        Its number, such as 2022A01234.
    kind, subject : str
    date : datetime.date or None
    committee : str
        Who leads it.
    source_id : str
    changed_at : datetime.datetime or None
    deleted : bool
    """

    activity: str
    kind: str = ""
    subject: str = ""
    date: datetime.date | None = None
    committee: str = ""
    source_id: str = ""
    changed_at: datetime.datetime | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRecord:
    """A parliamentary party (Fractie).

    Parameters
    ----------
    party : str
        Abbreviation, as votes name it.
    name_dutch, name_english : str
    seats : int or None
    active_from, active_until : datetime.date or None
    source_id : str
    changed_at : datetime.datetime or None
    deleted : bool
    """

    party: str
    name_dutch: str = ""
    name_english: str = ""
    seats: int | None = None
    active_from: datetime.date | None = None
    active_until: datetime.date | None = None
    source_id: str = ""
    changed_at: datetime.datetime | None = None
    deleted: bool = False


def vote_records(row: Mapping[str, Any] | Row, where: str = "") -> tuple[VoteRecord, ...]:
    """Give the records of a decision (Besluit), one for each matter that it decides on.

    Matters (Zaak), votes (Stemming) and the day (Agendapunt with Activiteit) come from relations, where they
    are expanded. A decision that was withdrawn, or names no matter, gives none.

    Raises
    ------
    DataError
        If a field is not there or of another type, naming entity, field and row.

    Examples
    --------
    >>> votes = [{"Soort": kind, "ActorFractie": party, "FractieGrootte": seats, "Persoon_Id": None}
    ...          for party, kind, seats in (("VVD", "Voor", 24), ("SP", "Tegen", 5))]
    >>> decision = {"Id": "b1", "BesluitSoort": "Stemmen - aangenomen", "StemmingsSoort": "Met handopsteken",
    ...             "Verwijderd": False, "Zaak": [{"Nummer": "2022Z24775"}], "Stemming": votes}
    >>> record, = vote_records(decision, "besluit.jsonl, line 1")
    >>> record.matter, record.votes_for, record.votes_against, record.parties[0].party
    ('2022Z24775', 24, 5, 'SP')
    """
    decision = row if isinstance(row, Row) else Row("Besluit", row, where)
    if decision.truth("Verwijderd"):
        return ()
    matters = list(
        dict.fromkeys(filter(None, (each.line("Nummer") for each in decision.rows("Zaak", "Zaak"))))
    )
    parties = _party_votes(decision)
    totals = Counter[str]()
    for each in parties:
        totals[each.vote] += each.seats
    own = decision.line("Id")
    return tuple(
        VoteRecord(
            decision=own if len(matters) == 1 else f"{own}:{matter}",
            matter=matter.upper(),
            date=_day_of_decision(decision),
            outcome=decision.line("BesluitSoort"),
            votes_for=totals[_FOR] if parties else None,
            votes_against=totals[_AGAINST] if parties else None,
            parties=parties,
        )
        for matter in matters
    )


def _party_votes(decision: Row) -> tuple[PartyVote, ...]:
    by_roll_call = "hoofdelijk" in decision.line("StemmingsSoort").lower()
    seats = Counter[tuple[str, str]]()
    for vote in decision.rows("Stemming", "Stemming"):
        party, cast = vote.line("ActorFractie"), vote.line("Soort")
        if not party or not cast:
            raise DataError(
                f"The field {'ActorFractie' if not party else 'Soort'} of Stemming is empty.",
                where=decision.where,
                expected="a party and how it voted",
                next_step="Ask for the decision again; otherwise report it to the source.",
            )
        # a member who votes alone is one seat, whatever the size of the party
        counted = 1 if by_roll_call or vote.line("Persoon_Id") else vote.number("FractieGrootte")
        seats[party, cast] += counted or 0
    return tuple(PartyVote(party, cast, count) for (party, cast), count in sorted(seats.items()))


def _day_of_decision(decision: Row) -> datetime.date | None:
    for item in decision.rows("Agendapunt", "Agendapunt"):
        for meeting in item.rows("Activiteit", "Activiteit"):
            return meeting.day("Datum")
    return None


def votes_of_summary(data: bytes, where: str) -> Iterator[VoteRecord]:
    """Read a summary of votes: a JSON list of motions with their outcome and the seats for and against.

    Each row has motion_id, motion_number, final_status and vote_totals (Voor, Tegen, Niet deelgenomen). Its
    motion_date is the day on which the motion was moved, not that of the vote: records have no date.

    Raises
    ------
    DataError
        If it is no such list.

    Examples
    --------
    >>> row = b'[{"motion_id": "a1", "motion_number": "2024Z1", "final_status": "Stemmen - verworpen",'
    >>> record, = votes_of_summary(row + b'"vote_totals": {"Tegen": 94, "Voor": 50}}]', "votes.json")
    >>> record.matter, record.votes_for, record.votes_against
    ('2024Z1', 50, 94)
    """
    try:
        rows = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DataError(
            "The summary of votes is not JSON that can be read.",
            where=where,
            expected="a list of motions with their votes",
            next_step="Fetch it again.",
        ) from error
    if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
        raise DataError("The summary of votes is no list of rows.", where=where, next_step="Fetch it again.")
    return (
        _vote_of_summary(Row("summary", each, f"{where}, row {place}"))
        for place, each in enumerate(rows, start=1)
    )


def _vote_of_summary(row: Row) -> VoteRecord:
    totals = row.row("vote_totals", "vote_totals")

    def seats(vote: str) -> int | None:
        if totals is None:
            return None
        # a vote that is not among the totals was cast by none
        return totals.number(vote) or 0 if totals.has(vote) else 0

    return VoteRecord(
        decision=row.line("motion_id"),
        matter=row.line("motion_number").upper(),
        outcome=row.line("final_status"),
        votes_for=seats(_FOR),
        votes_against=seats(_AGAINST),
    )


def commitment_record(row: Mapping[str, Any] | Row, where: str = "") -> CommitmentRecord:
    """Give the record of a commitment (Toezegging); who made it is kept by office, never by name.

    Raises
    ------
    DataError
        If a field is not there or of another type, naming entity, field and row.

    Examples
    --------
    >>> record = commitment_record({"Id": "t1", "Nummer": "TZ202211-190", "Tekst": "De Kamer krijgt iets.",
    ...     "Functie": "Minister van Buitenlandse Zaken", "Ministerie": None, "Status": "Openstaand",
    ...     "Aanmaakdatum": "2022-11-10T17:00:00+01:00", "DatumNakoming": "0001-01-01T00:00:00Z",
    ...     "ActiviteitNummer": "2022A01894", "Verwijderd": False}, "toezegging.jsonl, line 1")
    >>> record.actor, record.made_on.isoformat(), record.due_until
    ('minister van Buitenlandse Zaken', '2022-11-10', None)
    """
    commitment = row if isinstance(row, Row) else Row("Toezegging", row, where)
    if commitment.truth("Verwijderd"):
        number = commitment.line("Nummer") if commitment.has("Nummer") else ""
        return CommitmentRecord(commitment=_normal(number), deleted=True, source_id=commitment.line("Id"))
    number = _normal(commitment.line("Nummer"))
    if not number:
        raise DataError(
            "The field Nummer of Toezegging is empty, and the row is not withdrawn.",
            where=commitment.where,
            expected="a number such as TZ202211-190",
            next_step="Ask for the row again; otherwise report it to the source.",
        )
    actor = commitment.line("Functie") or commitment.line("Ministerie")
    meeting = next(iter(commitment.rows("Activiteit", "Activiteit")), None)
    return CommitmentRecord(
        commitment=number,
        text=commitment.text("Tekst"),
        actor=actor[:1].lower() + actor[1:],
        made_on=(meeting.day("Datum") if meeting else None) or commitment.day("Aanmaakdatum"),
        due_until=commitment.day("DatumNakoming"),
        status=commitment.line("Status"),
        activity=commitment.line("ActiviteitNummer"),
        met_by=_met_by(commitment),
        source_id=commitment.line("Id"),
    )


def _normal(number: str) -> str:
    known = identify(number) if number else None
    return known[1] if known and known[0] == "commitment" else number.upper()


def _met_by(commitment: Row) -> str:
    """Give the first letter that met it: the paper it became, else its number at parliament."""
    if not commitment.has("KamerbriefNakoming"):
        return ""
    if commitment.holds_text("KamerbriefNakoming"):
        for written in commitment.line("KamerbriefNakoming").replace(";", ",").split(","):
            known = identify(written)
            if known:
                return known[1]
        return ""
    for letter in commitment.rows("KamerbriefNakoming", "Document"):
        version = letter.row("HuidigeDocumentVersie", "DocumentVersie")
        for written in (version.line("ExterneIdentifier") if version else "", letter.line("DocumentNummer")):
            known = identify(written) if written else None
            if known:
                return known[1]
    return ""


def activity_record(row: Mapping[str, Any] | Row, where: str = "") -> ActivityRecord:
    """Give the record of a meeting (Activiteit); its notes, which name guests, are left out.

    Examples
    --------
    >>> activity_record({"Id": "a1", "Nummer": "2022A01234", "Soort": "Commissiedebat", "Onderwerp": "China",
    ...     "Datum": "2022-11-10T00:00:00+01:00", "Voortouwnaam": "vaste commissie voor Buitenlandse Zaken",
    ...     "GewijzigdOp": None, "Verwijderd": False}, "row 1").kind
    'Commissiedebat'
    """
    meeting = row if isinstance(row, Row) else Row("Activiteit", row, where)
    if meeting.truth("Verwijderd"):
        return ActivityRecord(
            activity="",
            source_id=meeting.line("Id"),
            changed_at=meeting.moment("GewijzigdOp"),
            deleted=True,
        )
    return ActivityRecord(
        activity=meeting.line("Nummer"),
        kind=meeting.line("Soort"),
        subject=meeting.line("Onderwerp"),
        date=meeting.day("Datum"),
        committee=meeting.line("Voortouwnaam"),
        source_id=meeting.line("Id"),
        changed_at=meeting.moment("GewijzigdOp"),
    )


def party_record(row: Mapping[str, Any] | Row, where: str = "") -> PartyRecord:
    """Give the record of a parliamentary party (Fractie).

    Examples
    --------
    >>> party_record({"Id": "f1", "Afkorting": "SP", "NaamNL": "Socialistische Partij",
    ...     "NaamEN": "Socialist Party", "AantalZetels": 5, "DatumActief": "1994-05-17T00:00:00+02:00",
    ...     "DatumInactief": None, "GewijzigdOp": None, "Verwijderd": False}, "row 1").seats
    5
    """
    party = row if isinstance(row, Row) else Row("Fractie", row, where)
    if party.truth("Verwijderd"):
        return PartyRecord(
            party="", source_id=party.line("Id"), changed_at=party.moment("GewijzigdOp"), deleted=True
        )
    return PartyRecord(
        party=party.line("Afkorting"),
        name_dutch=party.line("NaamNL"),
        name_english=party.line("NaamEN"),
        seats=party.number("AantalZetels"),
        active_from=party.day("DatumActief"),
        active_until=party.day("DatumInactief"),
        source_id=party.line("Id"),
        changed_at=party.moment("GewijzigdOp"),
    )
