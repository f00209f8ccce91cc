"""Pages on work in the background: what there is, how far it is, and asking for an edition."""

from __future__ import annotations

import datetime
import importlib.resources
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from geomonitor.errors import UnknownCodeError
from geomonitor.register.access import may, require
from geomonitor.web.jobs.forms import PROFILE_LIMIT_KB, NewEditionForm
from geomonitor.web.jobs.queue import ask, cancel, visible_jobs
from geomonitor.web.language import active_language, has_text, say
from geomonitor.web.models import Job, Pulse

__all__ = ["cancel_job", "job_page", "jobs_page", "new_edition", "progress_text"]

_ON_A_PAGE = 50
_LIVE_WORKER_S = 60.0


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a job failed: what happened, and labels with where, what was expected, what to do next."""

    what: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A job as a page shows it."""

    job: Job
    message: str
    result_url: str
    tag: str
    refresh: bool
    failure: _Failure


_TAGS = {
    Job.State.WAITING: "tag-plain",
    Job.State.RUNNING: "tag-warm",
    Job.State.DONE: "tag-good",
    Job.State.FAILED: "tag-danger",
    Job.State.CANCELLED: "tag-plain",
}


def progress_text(message: str) -> str:
    """Give what the work tells in the reader's language; as it is told, where there is no text for it.

    Examples
    --------
    >>> progress_text("Reading the flows")
    'Reading the flows'
    >>> progress_text("Counting 12 sheep")
    'Counting 12 sheep'
    """
    key = "job_progress." + re.sub(r"[^a-z]+", "_", message.lower()).strip("_")
    return say(None, key) if has_text(key) else message


def _result_url(job: Job) -> str:
    if job.state != Job.State.DONE:
        return ""
    if job.kind == "edition":
        return reverse("edition", args=[job.result["edition"]])
    if job.kind == "dossier-sync":
        wanted = str(job.parameters["dossier"])
        return reverse("dossiers") if wanted == "all" else reverse("dossier", args=[wanted])
    try:
        return reverse(f"{job.kind}-result", args=[job.pk])
    except NoReverseMatch:
        return ""


def _failure(error: str) -> _Failure:
    r"""Take an error apart that was kept as `GeomonitorError` writes it.

    Examples
    --------
    >>> _failure("The disk is full.\n  next: Free some space.").parts
    (('What you can do', 'Free some space.'),)
    """
    what, *labelled = re.split(r"\n  (where|expected|next): ", error)
    labels = (say(None, f"failure.{label}") for label in labelled[::2])
    return _Failure(what, tuple(zip(labels, labelled[1::2], strict=True)))


def _shown(job: Job) -> _Shown:
    return _Shown(
        job=job,
        message=progress_text(job.message),
        result_url=_result_url(job),
        tag=_TAGS[Job.State(job.state)],
        refresh=not job.ended,
        failure=_failure(job.error),
    )


def _job(request: HttpRequest, uid: UUID) -> Job:
    job = visible_jobs(request.user).filter(pk=uid).first()
    if job is None:
        raise UnknownCodeError(
            "There is no such job.", where=str(uid), next_step="See the list of your work."
        )
    return job


def _worker_lives() -> bool:
    since = timezone.now() - datetime.timedelta(seconds=_LIVE_WORKER_S)
    return Pulse.objects.filter(at__gte=since).exists()


@require_safe
@never_cache
def jobs_page(request: HttpRequest) -> HttpResponse:
    """List the work that a user asked for; an administrator sees all."""
    pages = Paginator(visible_jobs(request.user), _ON_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    content = {
        "page": page,
        "shown": [_shown(job) for job in page],
        "sees_all": may(request.user, "manage_users"),
        "may_run": may(request.user, "run_jobs"),
        "worker_lives": _worker_lives(),
    }
    return render(request, "web/jobs/list.html", content)


@require_safe
@never_cache
def job_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Show one job; the page asks again each second how far it is."""
    job = _job(request, uid)
    polled = bool(getattr(request, "htmx", False))
    content: dict[str, Any] = {"shown": _shown(job), "worker_lives": _worker_lives()}
    answer = render(request, "web/jobs/progress.html" if polled else "web/jobs/job.html", content)
    if polled and job.ended:
        # the whole page once more: buttons and the result change too
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def cancel_job(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Cancel a job."""
    job = _job(request, uid)
    # the middleware lets nobody in who has not logged in, so this is a user of ours
    cancel(request.user, job)  # type: ignore[arg-type]
    return redirect("job", uid=uid)


@require_http_methods(["GET", "HEAD", "POST"])
def new_edition(request: HttpRequest) -> HttpResponse:
    """Ask for a new edition."""
    require(request.user, "run_jobs")
    form = NewEditionForm(request.POST, request.FILES) if request.method == "POST" else NewEditionForm()
    status = 200
    if request.method == "POST":
        status = 413 if getattr(request, "upload_too_large", False) else 400
        if status == 413:
            form.add_error(None, say(None, "new_edition.too_large", limit=PROFILE_LIMIT_KB))
        if form.is_valid():
            title = say(None, "job_title.edition", title=form.profile.title[active_language().code])
            job = ask(
                request.user,  # type: ignore[arg-type]  # a user of ours: `require` saw to it
                "edition",
                title,
                {"profile": form.cleaned_data["profile"]},
            )
            return redirect("job", uid=job.pk)
    shipped = importlib.resources.files("geomonitor.monitor") / "profiles" / "default.toml"
    content = {"form": form, "shipped": shipped.read_text("utf-8")}
    return render(request, "web/jobs/new_edition.html", content, status=status)
