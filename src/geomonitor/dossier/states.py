"""How far a motion or commitment has come, and by which evidence: rules, with nothing left unsaid.

A state says what papers and votes say. That a motion is *carried out* means that a government paper says so,
never that it was; parliament's own mark that a motion is dealt with says only that it was voted on.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

__all__ = [
    "DUE_WITHIN_DAYS",
    "SURE_ENOUGH",
    "Evidence",
    "StateFound",
    "commitment_state",
    "met_evidence",
    "motion_state",
    "paper_evidence",
    "replaced_evidence",
    "status_evidence",
    "submitted_evidence",
    "taken_over_evidence",
    "vote_evidence",
]

DUE_WITHIN_DAYS = 30
"""A commitment is due when its last day is at most so many days away."""

SURE_ENOUGH = 0.7
"""Least confidence with which a paper's word about a motion counts towards its state."""

_LATEST = datetime.date.max
_EARLIEST = datetime.date.min

# In this order: "niet aangenomen" holds "aangenomen".
_OUTCOMES = (
    ("niet aangenomen", "voted_down", "rejected"),
    ("verworpen", "voted_down", "rejected"),
    ("aangenomen", "voted_for", "adopted"),
    ("gestaakt", "votes_tied", ""),
    ("aangehouden", "held_over", "held_over"),
    ("ingetrokken", "withdrawn", "withdrawn"),
    ("vervallen", "lapsed", "withdrawn"),
    ("overgenomen", "taken_over", "adopted"),
    ("uitgesteld", "vote_put_off", ""),
    ("uitstellen", "vote_put_off", ""),
)
# Of decisions on one day the one that says most counts.
_RANK_ON_A_DAY = {"submitted": 0, "held_over": 1, "withdrawn": 2, "adopted": 3, "rejected": 3}
_CLOSED = frozenset({"rejected", "withdrawn", "replaced"})
_MET = ("afgedaan", "voldaan", "nagekomen", "uitgevoerd")
_OPEN = ("openstaand", "open", "in behandeling", "rappel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that speaks for a state.

    Parameters
    ----------
    rule : str
        Its name in docs/dossier-graph.md.
    state : str
        The state it speaks for; empty where it speaks for none.
    paper : str
        The paper, decision or record that says so.
    date : datetime.date or None
    quoted : str
        The words themselves.
    passed_over : str
        Why it does not count; empty where it does: before_motion, motion_not_adopted, link_unsure.
    """

    rule: str
    state: str = ""
    paper: str = ""
    date: datetime.date | None = None
    quoted: str = ""
    passed_over: str = ""

    def plain(self) -> dict[str, Any]:
        """Give it as JSON holds it."""
        return {
            "rule": self.rule,
            "state": self.state,
            "paper": self.paper,
            "date": self.date.isoformat() if self.date else None,
            "quoted": self.quoted,
            "passed_over": self.passed_over,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFound:
    """A state, the paper that brought it about, and all evidence in order of date.

    Parameters
    ----------
    state : str
    by : str
        The paper that carries out, settles or replaces a motion, or meets a commitment; else empty.
    on : datetime.date or None
        Its date.
    evidence : tuple of Evidence
    """

    state: str
    by: str = ""
    on: datetime.date | None = None
    evidence: tuple[Evidence, ...] = ()


def submitted_evidence(paper: str, date: datetime.date | None) -> Evidence:
    """Say that a motion was submitted."""
    return Evidence(rule="submitted", state="submitted", paper=paper, date=date)


def taken_over_evidence(cabinet_view: str, paper: str, date: datetime.date | None) -> Evidence | None:
    """Say that the government took a motion over, so that it was not voted on.

    Examples
    --------
    >>> taken_over_evidence("Overgenomen", "kst-35207-46", None).state
    'adopted'
    >>> taken_over_evidence("Ontraden", "kst-35207-46", None) is None
    True
    """
    if cabinet_view.strip().casefold() != "overgenomen":
        return None
    return Evidence(rule="taken_over", state="adopted", paper=paper, date=date, quoted=cabinet_view)


def vote_evidence(
    outcome: str,
    *,
    decision: str = "",
    date: datetime.date | None = None,
    votes_for: int | None = None,
    votes_against: int | None = None,
) -> Evidence:
    """Say what a decision means for a motion.

    The words of the source count; totals count only where the words do not say how the vote ended.

    Examples
    --------
    >>> vote_evidence("Stemmen - niet aangenomen").state
    'rejected'
    >>> vote_evidence("Stemmen", votes_for=76, votes_against=74).rule
    'votes_counted'
    """
    told = f"{outcome} ({votes_for}-{votes_against})" if votes_for is not None else outcome
    words = " ".join(outcome.casefold().split())
    for found, rule, state in _OUTCOMES:
        if found in words:
            return Evidence(rule=rule, state=state, paper=decision, date=date, quoted=told)
    if votes_for is not None and votes_against is not None and votes_for != votes_against:
        state = "adopted" if votes_for > votes_against else "rejected"
        return Evidence(rule="votes_counted", state=state, paper=decision, date=date, quoted=told)
    return Evidence(rule="outcome_unknown", paper=decision, date=date, quoted=told)


def replaced_evidence(paper: str, date: datetime.date | None, quoted: str) -> Evidence:
    """Say that another motion replaces a motion."""
    return Evidence(rule="replaced", state="replaced", paper=paper, date=date, quoted=quoted)


def paper_evidence(
    relation: str,
    *,
    paper: str,
    date: datetime.date | None,
    quoted: str,
    confidence: float = 1.0,
    progress_only: bool = False,
) -> Evidence:
    """Say what a government paper says about a motion.

    Parameters
    ----------
    relation : str
        carries_out or settles.
    paper, quoted : str
    date : datetime.date or None
    confidence : float
        With which the paper was linked to the motion.
    progress_only : bool
        Whether it tells how the work goes on, not that it is done.

    Examples
    --------
    >>> paper_evidence("settles", paper="kst-35207-60", date=None, quoted="afgedaan").state
    'settled'
    >>> paper_evidence("carries_out", paper="kst-35207-60", date=None, quoted="", confidence=0.5).passed_over
    'link_unsure'
    """
    unsure = "link_unsure" if confidence < SURE_ENOUGH else ""
    if progress_only:
        return Evidence(rule="progress_told", paper=paper, date=date, quoted=quoted, passed_over=unsure)
    rule, state = (
        ("said_settled", "settled") if relation == "settles" else ("said_carried_out", "carried_out")
    )
    return Evidence(rule=rule, state=state, paper=paper, date=date, quoted=quoted, passed_over=unsure)


def motion_state(found: Iterable[Evidence], *, motion_date: datetime.date | None = None) -> StateFound:
    """Derive the state of a motion from all that speaks for one, in whatever order it comes.

    1. The last decision counts: adopted, rejected, withdrawn, held over; without one it is submitted.
    2. A motion that was neither adopted nor rejected and is replaced by another is replaced.
    3. Unless it was rejected, withdrawn or replaced, the word of a government paper counts: settled before
       carried out; by the first paper that says so.

    Parameters
    ----------
    found : iterable of Evidence
    motion_date : datetime.date or None
        Papers before this day cannot carry the motion out.

    Examples
    --------
    >>> adopted = vote_evidence("Stemmen - aangenomen", decision="b1", date=datetime.date(2024, 1, 16))
    >>> may = datetime.date(2024, 5, 1)
    >>> letter = paper_evidence("carries_out", paper="kst-35207-60", date=may, quoted="")
    >>> state = motion_state([letter, adopted])
    >>> state.state, state.by
    ('carried_out', 'kst-35207-60')
    """
    every = sorted(set(found), key=_order)
    decisions = [each for each in every if each.state in _RANK_ON_A_DAY and not each.passed_over]
    last = max(
        decisions,
        key=lambda each: (each.state != "submitted", each.date or _EARLIEST, _RANK_ON_A_DAY[each.state]),
        default=None,
    )
    state = last.state if last else "submitted"
    by, on = "", None
    replaced = [each for each in every if each.state == "replaced"]
    if replaced and state not in {"adopted", "rejected"}:
        state, by, on = "replaced", replaced[0].paper, replaced[0].date
    passed = tuple(_passed_over(each, state, motion_date) for each in every)
    for wanted in ("settled", "carried_out"):
        said = [each for each in passed if each.state == wanted and not each.passed_over]
        if said:
            return StateFound(state=wanted, by=said[0].paper, on=said[0].date, evidence=passed)
    return StateFound(state=state, by=by, on=on, evidence=passed)


def _passed_over(evidence: Evidence, state: str, motion_date: datetime.date | None) -> Evidence:
    if evidence.state not in {"settled", "carried_out"} or evidence.passed_over:
        return evidence
    if evidence.date and motion_date and evidence.date < motion_date:
        return replace(evidence, passed_over="before_motion")
    if state in _CLOSED:
        return replace(evidence, passed_over="motion_not_adopted")
    return evidence


def _order(evidence: Evidence) -> tuple[bool, datetime.date, str, str, str, str, str]:
    return (
        evidence.rule != "submitted",
        evidence.date or _LATEST,
        evidence.paper,
        evidence.rule,
        evidence.state,
        evidence.quoted,
        evidence.passed_over,
    )


def status_evidence(status: str, commitment: str) -> Evidence | None:
    """Say what parliament's own status means for a commitment; None without a status.

    Examples
    --------
    >>> status_evidence("Openstaand", "TZ202211-190").state
    'open'
    >>> status_evidence("Afgedaan", "TZ202211-190").state
    'met'
    """
    words = " ".join(status.casefold().split())
    if not words:
        return None
    for words_of_state, rule, state in ((_OPEN, "parliament_open", "open"), (_MET, "parliament_met", "met")):
        if words in words_of_state:
            return Evidence(rule=rule, state=state, paper=commitment, quoted=status)
    return Evidence(rule="status_unknown", paper=commitment, quoted=status)


def met_evidence(paper: str, date: datetime.date | None, quoted: str) -> Evidence:
    """Say that a paper meets a commitment, by its number."""
    return Evidence(rule="said_met", state="met", paper=paper, date=date, quoted=quoted)


def commitment_state(
    found: Iterable[Evidence],
    *,
    today: datetime.date,
    due_text: str = "",
    due_until: datetime.date | None = None,
    due_within_days: int = DUE_WITHIN_DAYS,
) -> StateFound:
    """Derive the state of a commitment on a day.

    It is met where a paper meets it by its number, or parliament says so. Otherwise its last day says
    whether it is open, due or overdue; words that give no day ("op korte termijn") leave it open.
    *Overdue* means that the day has passed and no paper is known that meets it.

    Parameters
    ----------
    found : iterable of Evidence
        From `status_evidence` and `met_evidence`.
    today : datetime.date
    due_text : str
    due_until : datetime.date or None
    due_within_days : int

    Examples
    --------
    >>> commitment_state([], today=datetime.date(2023, 4, 2), due_until=datetime.date(2023, 3, 31)).state
    'overdue'
    >>> commitment_state([], today=datetime.date(2023, 4, 2), due_text="op korte termijn").evidence[0].rule
    'no_day_given'
    """
    every = sorted(set(found), key=_order)
    met = [each for each in every if each.state == "met"]
    # a paper can be looked up, a status cannot
    said = next((each for each in met if each.rule == "said_met"), met[0] if met else None)
    if said is not None:
        by = said.paper if said.rule == "said_met" else ""
        return StateFound(state="met", by=by, on=said.date, evidence=tuple(every))
    if due_until is None:
        rule, state = ("no_day_given" if due_text else "no_time_given"), "open"
    elif due_until < today:
        rule, state = "day_passed", "overdue"
    elif (due_until - today).days <= due_within_days:
        rule, state = "day_near", "due"
    else:
        rule, state = "day_ahead", "open"
    day = Evidence(rule=rule, state=state, date=due_until, quoted=due_text)
    return StateFound(state=state, evidence=(*every, day))
