"""Asking for a dossier: work in the background that fetches its papers from the official sources."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from geomonitor.dossier.reading.normal_forms import shown
from geomonitor.register.access import require
from geomonitor.register.models import User
from geomonitor.web.jobs.queue import ask
from geomonitor.web.language import say
from geomonitor.web.parliament.tables import dossier_key

__all__ = ["sync_dossier"]


@require_POST
def sync_dossier(request: HttpRequest) -> HttpResponse:
    """Ask a worker to fetch a dossier; lead to the page that says how far it is."""
    require(request.user, "run_jobs")
    user = request.user
    assert isinstance(user, User)
    dossier = dossier_key(" ".join(str(request.POST.get("dossier", "")).replace("\x00", " ").split())[:60])
    title = say(None, "job_title.dossier_sync", dossier=shown(f"dossier-{dossier}"))
    return redirect("job", uid=ask(user, "dossier-sync", title, {"dossier": dossier}).pk)
