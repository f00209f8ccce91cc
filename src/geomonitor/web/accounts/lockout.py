"""The lock-out after wrong passwords: how long it lasts, whom it holds, and its end."""

from __future__ import annotations

import math
from datetime import timedelta

from axes.helpers import get_client_ip_address, get_cool_off
from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

from geomonitor.register.models import User

__all__ = ["ADDRESS_LIMIT", "locked_out_names", "pause_minutes", "too_many_from_address", "unlock"]

ADDRESS_LIMIT = 10
"""How many accounts' worth of wrong passwords one address may try before it is closed as a whole."""


def pause_minutes() -> int:
    """Give how long a lock-out lasts, in minutes."""
    return math.ceil(_pause() / timedelta(minutes=1))


def locked_out_names() -> frozenset[str]:
    """Give the usernames that are locked out from at least one address."""
    failed = (
        AccessAttempt.objects.filter(attempt_time__gt=timezone.now() - _pause())
        .values("username", "ip_address")
        .annotate(failures=Sum("failures_since_start"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT)
    )
    return frozenset(each["username"] for each in failed if each["username"])


def too_many_from_address(request: HttpRequest) -> bool:
    """Say whether an address tried so many passwords, on whatever accounts, that it has to wait.

    The lock-out itself goes by account and address; this stops one password tried on every account.
    """
    failures = AccessAttempt.objects.filter(
        ip_address=get_client_ip_address(request), attempt_time__gt=timezone.now() - _pause()
    ).aggregate(total=Sum("failures_since_start"))["total"]
    return (failures or 0) >= ADDRESS_LIMIT * settings.AXES_FAILURE_LIMIT


def unlock(user: User) -> int:
    """End the lock-out of a user, from every address; give how many records that were."""
    return int(reset(username=user.username))


def _pause() -> timedelta:
    pause = get_cool_off()
    assert isinstance(pause, timedelta)  # AXES_COOLOFF_TIME is always set
    return pause
