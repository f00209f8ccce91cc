"""Actions that somebody has to be reminded of."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone

from geomonitor.register.access import may_read_case
from geomonitor.register.models import Action

__all__ = ["AGAIN_AFTER_DAYS", "due_actions", "mark_reminded"]

AGAIN_AFTER_DAYS = 7
"""So many days pass before the same action is in a reminder again."""


def due_actions(on: datetime.date) -> list[Action]:
    """Give the open actions of which the owner is to be reminded on a day.

    That is from as many days before the due date as the action says, and then every week until it is
    done or dropped. Actions of closed or withdrawn cases, of owners who can no longer read the case, and
    of those without an account or an address are left out.

    Parameters
    ----------
    on : datetime.date

    Returns
    -------
    list of Action
        By owner, then by due date.
    """
    return [
        each
        for each in _open_actions()
        if each.due_on <= on + datetime.timedelta(days=each.remind_days_before)
        and not _reminded_lately(each, on)
        and each.owner is not None
        and may_read_case(each.owner, each.case)
    ]


def _open_actions() -> QuerySet[Action]:
    found: QuerySet[Action] = Action.objects.current().filter(
        state=Action.State.OPEN,
        case__closed_at__isnull=True,
        case__withdrawn_at__isnull=True,
        owner__is_active=True,
    )
    return (
        found.exclude(owner__email="")
        .select_related("owner", "case")
        .order_by("owner__username", "due_on", "title")
    )


def _reminded_lately(action: Action, on: datetime.date) -> bool:
    if action.reminded_at is None:
        return False
    return on - timezone.localtime(action.reminded_at).date() < datetime.timedelta(days=AGAIN_AFTER_DAYS)


def mark_reminded(actions: Iterable[Action], at: datetime.datetime) -> None:
    """Write down when the owners were reminded.

    The version stays: whoever is working on the action is not in anybody's way.
    """
    Action.objects.filter(pk__in=[each.pk for each in actions]).update(reminded_at=at)
