"""The health page: whether the application can do its work, for a person and for a load balancer."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from geomonitor._version import __version__

__all__ = ["health", "health_view", "live_view"]

_LIVE_WORKER_S = 60.0


def health() -> dict[str, Any]:
    """Say how the application is: database, migrations, newest edition, workers, jobs that wait.

    Returns
    -------
    dict
        `healthy` is whether all that a page needs is there. Nothing in it is secret.
    """
    from geomonitor.web.evidence.shelf import shelf
    from geomonitor.web.models import Job, Pulse
    from geomonitor.web.serving.database import is_up_to_date

    found: dict[str, Any] = {"version": __version__, "database": "reached", "migrations": "done"}
    healthy = True
    try:
        if not is_up_to_date():
            healthy = False
            found["migrations"] = "to be done"
        else:
            since = timezone.now() - datetime.timedelta(seconds=_LIVE_WORKER_S)
            found["workers"] = Pulse.objects.filter(at__gte=since).count()
            found["jobs_waiting"] = Job.objects.filter(state=Job.State.WAITING).count()
    except DatabaseError:
        healthy = False
        found["database"] = "not reached"
        found["migrations"] = "unknown"
    newest = shelf().newest()
    found["edition"] = newest.id if newest is not None else None
    return {"healthy": healthy and newest is not None, **found}


@login_not_required
@never_cache
@require_safe
def health_view(request: HttpRequest) -> HttpResponse:
    """Answer 200 where all is well, 503 where a page would fail."""
    found = health()
    return JsonResponse(found, status=200 if found["healthy"] else 503)


@login_not_required
@require_safe
def live_view(request: HttpRequest) -> HttpResponse:
    """Answer without looking at anything: that the web server answers at all."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")
