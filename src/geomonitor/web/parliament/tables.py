"""What the lists of the archive share: the dossier that is asked, the state, downloads with their source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from geomonitor._version import __version__
from geomonitor.archive.models import Commitment, Dossier, Motion
from geomonitor.dossier.reading.normal_forms import identify
from geomonitor.web.language import active_language, say
from geomonitor.web.parliament.asking import asked_words
from geomonitor.web.words import WrongRequestError

__all__ = [
    "LONGEST_DOWNLOAD",
    "archive_provenance",
    "asked_dossier",
    "counted_states",
    "cut_note",
    "dossier_key",
    "in_parts",
    "with_state",
]

M = TypeVar("M", Motion, Commitment)
S = TypeVar("S")
R = TypeVar("R")

_PART = 500
LONGEST_DOWNLOAD = 10_000
"""Rows of a list that go into a file."""


def asked_dossier(request: HttpRequest) -> str:
    """Read a dossier from the address, however it is written; empty where there is none.

    Raises
    ------
    WrongRequestError
        If it cannot be one.
    """
    typed = asked_words(request, "dossier", 60)
    if not typed or Dossier.objects.filter(dossier=typed).exists():
        return typed
    return dossier_key(typed)


def dossier_key(typed: str) -> str:
    """Give the key of a dossier that somebody typed: "36 200 X" is 36200-X.

    Raises
    ------
    WrongRequestError
        If it cannot be one.

    Examples
    --------
    >>> dossier_key("35 207"), dossier_key("36200-X"), dossier_key("21 501-20")
    ('35207', '36200-X', '21501-20')
    """
    found = identify(typed)
    if found is None or found[0] != "dossier":
        raise WrongRequestError(
            say(None, "parliament.wrong_dossier", value=typed),
            where=say(None, "parliament_filter.dossier"),
            expected=say(None, "parliament.expected_dossier"),
        )
    return found[1].removeprefix("dossier-")


def with_state(found: QuerySet[M], *states: str) -> QuerySet[M]:
    """Keep motions or commitments that are in one of these states: judged, or else derived."""
    return found.filter(Q(judged_state__in=states) | Q(judged_state="", state__in=states))


def counted_states(found: QuerySet[M]) -> Counter[str]:
    """Count motions or commitments by the state that counts: one query."""
    counted: Counter[str] = Counter()
    rows = found.order_by().values_list("judged_state", "state").annotate(Count("pk"))
    for judged, derived, number in rows:
        counted[judged or derived] += number
    return counted


def in_parts(rows: Sequence[S], made: Callable[[Sequence[S]], Sequence[R]]) -> list[R]:
    """Make rows of a file part by part: a database takes only so many values in one query.

    Examples
    --------
    >>> in_parts(range(3), lambda part: [each * 2 for each in part])
    [0, 2, 4]
    """
    return [row for start in range(0, len(rows), _PART) for row in made(rows[start : start + _PART])]


def cut_note(found: QuerySet[M], written: int) -> str:
    """Say that a file does not hold everything; empty where it does."""
    if written < LONGEST_DOWNLOAD:
        return ""
    number = active_language().number
    return say(None, "parliament.cut", written=number(written, 0), count=number(found.count(), 0))


def archive_provenance(
    request: HttpRequest, filters: Sequence[str] = (), *, cut: str = ""
) -> list[tuple[str, str]]:
    """Give what stands beside a downloaded table of the archive."""
    lines = [
        (say(None, "provenance.source"), say(None, "parliament.source")),
        (say(None, "instrument.as_of"), timezone.localdate().isoformat()),
        (say(None, "provenance.version"), __version__),
        (say(None, "provenance.url"), request.build_absolute_uri(request.path)),
    ]
    given = "; ".join(each for each in filters if each)
    if given:
        lines.append((say(None, "provenance.filters"), given))
    return [*lines, (say(None, "parliament.cut_label"), cut)] if cut else lines
