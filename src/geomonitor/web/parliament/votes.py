"""Votes on motions: the decision that counts, and how parties voted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from geomonitor.archive.models import Motion, Vote
from geomonitor.report.datatable import Column, DataTable
from geomonitor.web.language import has_text, say

__all__ = ["PartyRow", "last_votes", "party_rows", "party_table", "votes_on"]

# what the source calls a vote, in the order in which it is shown
_VOTES = {"voor": "for", "tegen": "against", "niet deelgenomen": "absent"}


@dataclass(frozen=True, slots=True)
class PartyRow:
    """How a party voted."""

    party: str
    vote: str
    vote_name: str
    seats: int | None


def votes_on(motions: Iterable[Motion]) -> dict[str, list[Vote]]:
    """Give the decisions on motions by the motion's key, the newest first: one query for all."""
    of_motion = {each.motion: each for each in motions}
    by_name = {name: key for key, each in of_motion.items() for name in (each.paper, each.motion) if name}
    by_matter = {each.matter: key for key, each in of_motion.items() if each.matter}
    found: dict[str, list[Vote]] = {}
    if not of_motion:
        return found
    votes = Vote.objects.filter(Q(motion__in=by_name) | Q(matter__in=by_matter))
    for vote in sorted(votes, key=lambda each: (str(each.date or ""), each.decision), reverse=True):
        key = by_name.get(vote.motion) or by_matter.get(vote.matter)
        if key is not None:
            found.setdefault(key, []).append(vote)
    return found


def last_votes(motions: Iterable[Motion]) -> dict[str, Vote]:
    """Give for each motion the newest decision; one with seats before one without."""
    return {
        key: next((each for each in votes if each.votes_for is not None), votes[0])
        for key, votes in votes_on(motions).items()
    }


def party_rows(vote: Vote) -> list[PartyRow]:
    """Give how each party voted: those for, those against, the others; larger ones first.

    Parameters
    ----------
    vote : Vote
        Its parties are of the form {"party", "vote", "seats"}.
    """
    rows = []
    for each in vote.parties:
        wording = str(each.get("vote", ""))
        code = _VOTES.get(wording.lower(), "")
        name = say(None, f"party_vote.{code}") if code and has_text(f"party_vote.{code}") else wording
        rows.append(PartyRow(str(each.get("party", "")), code or "other", name, each.get("seats")))
    order = [*_VOTES.values(), "other"]
    return sorted(rows, key=lambda row: (order.index(row.vote), -(row.seats or 0), row.party))


def party_table(vote: Vote) -> DataTable:
    """Make the table of the votes of parties."""
    rows: Sequence[PartyRow] = party_rows(vote)
    return DataTable.of(
        say(None, "motion.votes_by_party"),
        [
            Column(say(None, "motion.party")),
            Column(say(None, "motion.vote")),
            Column(say(None, "motion.seats"), "count"),
        ],
        [(row.party, row.vote_name, row.seats) for row in rows],
    )
