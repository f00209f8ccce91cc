"""The queue of work, in the database of the register.

A job is asked, claimed by one worker, and ended by that same worker or given back. Every change says
which worker and which attempt it comes from, so that a worker that was believed dead and wakes up
cannot write over what another did meanwhile.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from geomonitor.errors import UnknownCodeError
from geomonitor.register.access import may, require
from geomonitor.register.models import User
from geomonitor.web.models import Job, Pulse

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

__all__ = [
    "MOST_ATTEMPTS",
    "SILENCE_S",
    "ask",
    "beat",
    "cancel",
    "claim",
    "finish",
    "give_back",
    "give_back_stale",
    "pulse",
    "visible_jobs",
]

SILENCE_S = 30.0
"""A worker that was silent for so long is taken to be dead."""

MOST_ATTEMPTS = 3
"""How often a job is started before it is given up; only the death of a worker counts."""

_MESSAGE_LENGTH = 500


def ask(user: User, kind: str, title: str, parameters: Mapping[str, Any]) -> Job:
    """Ask for work.

    Parameters
    ----------
    user : User
    kind : str
        One of `geomonitor.web.jobs.kinds.KINDS`.
    title : str
    parameters : mapping
        Plain data, checked already by who asks.

    Raises
    ------
    NotAllowedError
        If the user's role does not run jobs.
    UnknownCodeError
        If there is no such kind.
    """
    from geomonitor.web.jobs.kinds import KINDS

    require(user, "run_jobs")
    if kind not in KINDS:
        raise UnknownCodeError(f"There is no work of the kind {kind!r}.", expected=", ".join(sorted(KINDS)))
    return Job.objects.create(kind=kind, title=title[:200], parameters=dict(parameters), asked_by=user)


def visible_jobs(user: User | AnonymousUser) -> QuerySet[Job]:
    """Give the jobs that a user may see: their own; an administrator all."""
    if not isinstance(user, User):
        return Job.objects.none()
    found = Job.objects.select_related("asked_by")
    return found if may(user, "manage_users") else found.filter(asked_by=user)


def claim(worker: str) -> Job | None:
    """Take the job that waits longest.

    Parameters
    ----------
    worker : str
        Name of who takes it.

    Returns
    -------
    Job or None
        None where nothing waits.
    """
    waiting = Job.objects.filter(state=Job.State.WAITING).order_by("asked_at", "uid")
    # looking costs nothing; only a job that is there is worth the right to write
    if not waiting.exists():
        return None
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        job = waiting.first()
        if job is None:
            return None
        now = timezone.now()
        taken = Job.objects.filter(pk=job.pk, state=Job.State.WAITING).update(
            state=Job.State.RUNNING,
            worker=worker,
            attempts=F("attempts") + 1,
            heartbeat_at=now,
            started_at=now,
            step=0,
            steps=0,
            message="",
        )
        if not taken:
            return None
        job.refresh_from_db()
    return job


def _held(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, worker=job.worker, attempts=job.attempts)


def beat(job: Job, progress: tuple[str, int, int] | None = None) -> bool:
    """Say that a job is worked on, and how far it is.

    Parameters
    ----------
    job : Job
        As `claim` gave it.
    progress : tuple of str, int, int, optional
        What is done now, the step, the number of steps.

    Returns
    -------
    bool
        Whether to go on: False when it was cancelled, or is no longer this worker's.
    """
    changed: dict[str, Any] = {"heartbeat_at": timezone.now()}
    if progress is not None:
        message, step, steps = progress
        changed |= {"message": message[:_MESSAGE_LENGTH], "step": max(step, 0), "steps": max(steps, 0)}
    return bool(_held(job).filter(cancel_asked_at__isnull=True).update(**changed))


def finish(job: Job, *, result: Mapping[str, Any] | None = None, error: str = "") -> bool:
    """End a job: done with a result, failed with an error in words, or cancelled where that was asked.

    Returns
    -------
    bool
        Whether it was still this worker's to end.
    """
    with transaction.atomic():
        now = timezone.now()
        if result is not None:
            return bool(
                _held(job).update(state=Job.State.DONE, result=dict(result), ended_at=now, step=F("steps"))
            )
        cancelled = _held(job).filter(cancel_asked_at__isnull=False)
        if cancelled.update(state=Job.State.CANCELLED, ended_at=now):
            return True
        return bool(_held(job).update(state=Job.State.FAILED, error=error, ended_at=now))


def give_back(job: Job) -> bool:
    """Put a job back in the queue, as its worker stops; that does not count as an attempt.

    Returns
    -------
    bool
        Whether it was still this worker's to give back.
    """
    return bool(
        _held(job).update(
            state=Job.State.WAITING, worker="", heartbeat_at=None, attempts=F("attempts") - 1, step=0
        )
    )


def give_back_stale(is_dead: Callable[[str], bool] = lambda worker: False) -> int:
    """Put the jobs of dead workers back in the queue; give up those that were tried often enough.

    Parameters
    ----------
    is_dead : callable
        Says of a worker that it is known to be dead; the others are dead after `SILENCE_S` of silence.

    Returns
    -------
    int
        How many jobs were put back or given up.
    """
    silent_since = timezone.now() - datetime.timedelta(seconds=SILENCE_S)
    number = 0
    for job in Job.objects.filter(state=Job.State.RUNNING):
        silent = job.heartbeat_at is None or job.heartbeat_at < silent_since
        if not silent and not is_dead(job.worker):
            continue
        # one that beats again meanwhile is left alone
        held = _held(job).filter(Q(heartbeat_at=job.heartbeat_at))
        now = timezone.now()
        if job.cancel_asked_at is not None:
            number += held.update(state=Job.State.CANCELLED, ended_at=now)
        elif job.attempts >= MOST_ATTEMPTS:
            number += held.update(
                state=Job.State.FAILED,
                ended_at=now,
                error=(
                    f"The worker that did it stopped, {job.attempts} times.\n"
                    "  next: Ask an administrator to look at memory and disk of the machine; then ask again."
                ),
            )
        else:
            number += held.update(state=Job.State.WAITING, worker="", step=0, message="")
    return number


def cancel(user: User, job: Job) -> Job:
    """Cancel a job: at once where it waits; within a second or two where it runs.

    Raises
    ------
    UnknownCodeError
        If the user may not see it.
    """
    if not visible_jobs(user).filter(pk=job.pk).exists():
        raise UnknownCodeError("There is no such job.", where=str(job.pk))
    now = timezone.now()
    waiting = Job.objects.filter(pk=job.pk, state=Job.State.WAITING)
    if not waiting.update(state=Job.State.CANCELLED, cancel_asked_at=now, ended_at=now):
        running = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, cancel_asked_at__isnull=True)
        running.update(cancel_asked_at=now)
    job.refresh_from_db()
    return job


def pulse(worker: str) -> None:
    """Say that a worker is alive, and forget those that were silent for a day."""
    now = timezone.now()
    Pulse.objects.update_or_create(worker=worker, defaults={"at": now})
    Pulse.objects.filter(at__lt=now - datetime.timedelta(days=1)).delete()
