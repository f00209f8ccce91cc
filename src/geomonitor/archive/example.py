"""The example dossier that the application starts with: made-up papers in which every state occurs."""

from __future__ import annotations

import datetime
import functools
import importlib.resources
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from geomonitor.archive.deriving import derive_states
from geomonitor.archive.load_decisions import load_commitments, load_votes
from geomonitor.archive.loading import load_papers
from geomonitor.archive.models import Commitment, Paper, Vote
from geomonitor.dossier.reading.normal_forms import normal_paper
from geomonitor.dossier.records import CommitmentRecord, Family, PaperRecord, PartyVote, VoteRecord

__all__ = [
    "example_commitments",
    "example_papers",
    "example_votes",
    "load_example_dossier",
    "register_paper",
    "withdraw_example_dossier",
]

_SOURCE = "example"
_DAY = re.compile(r"\{day (-?\d+)\}")
_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip


@functools.cache
def _example() -> Mapping[str, Any]:
    file = importlib.resources.files("geomonitor.archive") / "example.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@transaction.atomic
def load_example_dossier() -> int:
    """Bring the example dossier in, once: into an archive that has no paper yet, not even a withdrawn one.

    Its days are counted from today, so that commitments are met, overdue, due and open on the first start.

    Returns
    -------
    int
        Papers that were added.
    """
    if Paper.objects.exists():
        return 0
    today = timezone.localdate()
    outcome = load_papers(example_papers(today), example=True)
    load_votes(example_votes(today))
    commitments = list(example_commitments(today))
    load_commitments(commitments)
    Commitment.objects.filter(commitment__in=[each.commitment for each in commitments]).update(example=True)
    derive_states(today=today)
    return outcome.added


@transaction.atomic
def withdraw_example_dossier() -> int:
    """Take the example dossier away, for good: it is not brought in again.

    Returns
    -------
    int
        Papers that were withdrawn.
    """
    today = timezone.localdate()
    outcome = load_papers(replace(each, deleted=True) for each in example_papers(today))
    load_commitments(replace(each, deleted=True) for each in example_commitments(today))
    Vote.objects.filter(decision__in=[each.decision for each in example_votes(today)]).delete()
    derive_states(today=today)
    return outcome.withdrawn


def register_paper() -> tuple[str, str]:
    """Give the paper of the example that has to do with the example case of the register, and its title.

    Examples
    --------
    >>> register_paper()
    ('kst-44999-8', 'Voorbeeld: appreciatie van het onderzoek naar zeldzame aardmetalen')
    """
    told = next(each for each in _example()["paper"] if each.get("register_case"))
    return _paper(told), told["title"]


def example_papers(today: datetime.date) -> Iterator[PaperRecord]:
    """Give the papers, with their days counted from a day.

    Parameters
    ----------
    today : datetime.date

    Yields
    ------
    PaperRecord

    Examples
    --------
    >>> first = next(example_papers(datetime.date(2026, 3, 1)))
    >>> first.paper, first.date
    ('kst-44999-1', datetime.date(2025, 1, 25))
    >>> "uiterlijk op 19 maart 2026 een overzicht" in first.text
    True
    """
    example = _example()
    for told in example["paper"]:
        yield PaperRecord(
            paper=_paper(told),
            family=Family.PAPER,
            source=_SOURCE,
            dossier=example["dossier"],
            number=told["number"],
            date=_on(today, told["day"]),
            kind=told["kind"],
            title=told["title"],
            dossier_title=example["title"],
            text=f"{_with_days(told['text'], today).strip()}\n\n{example['notice']}",
            movers=tuple(told.get("movers", ())),
        )


def example_votes(today: datetime.date) -> Iterator[VoteRecord]:
    """Give the votes on the motions that were voted on.

    Parameters
    ----------
    today : datetime.date

    Yields
    ------
    VoteRecord

    Examples
    --------
    >>> vote = next(example_votes(datetime.date(2026, 3, 1)))
    >>> vote.paper, vote.votes_for, vote.votes_against
    ('kst-44999-3', 135, 15)
    """
    example = _example()
    for told in example["paper"]:
        if "outcome" not in told:
            continue
        votes = tuple(
            PartyVote(party, "Voor" if party in told["votes_for"] else "Tegen", seats)
            for party, seats in example["parties"]
        )
        yield VoteRecord(
            decision=f"example-{_paper(told)}",
            paper=_paper(told),
            date=_on(today, told["vote_day"]),
            outcome=told["outcome"],
            votes_for=sum(each.seats for each in votes if each.vote == "Voor"),
            votes_against=sum(each.seats for each in votes if each.vote == "Tegen"),
            parties=votes,
        )


def example_commitments(today: datetime.date) -> Iterator[CommitmentRecord]:
    """Give the commitments that parliament would have registered.

    Parameters
    ----------
    today : datetime.date

    Yields
    ------
    CommitmentRecord

    Examples
    --------
    >>> [each.due_until for each in example_commitments(datetime.date(2026, 3, 1))][1]
    datetime.date(2026, 3, 26)
    """
    for told in _example()["commitment"]:
        due = _on(today, told["due_day"])
        yield CommitmentRecord(
            commitment=told["number"],
            text=told["text"],
            actor=told["actor"],
            made_on=_on(today, told["day"]),
            due_until=due,
            due_text=f"uiterlijk op {_written(due)}",
            status=told.get("status", ""),
            activity=told["activity"],
            dossier=_example()["dossier"],
        )


def _paper(told: Mapping[str, Any]) -> str:
    return normal_paper(_example()["dossier"], told["number"])


def _on(today: datetime.date, days: int) -> datetime.date:
    return today + datetime.timedelta(days=days)


def _with_days(text: str, today: datetime.date) -> str:
    return _DAY.sub(lambda found: _written(_on(today, int(found[1]))), text)


def _written(day: datetime.date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
