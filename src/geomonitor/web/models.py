"""Tables of the application itself: work in the background, tokens of the API, kept views."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

__all__ = ["ApiToken", "Job", "Pulse", "SubmittedForm"]


class Job(models.Model):
    """Work that takes long: done by a worker, in a process of its own.

    Attributes
    ----------
    kind : str
        Name in `geomonitor.web.jobs.KINDS`.
    parameters, result : dict
        Plain data; the result says where the outcome is.
    step, steps, message : int, int, str
        Progress.
    attempts : int
        How often it was started; a job whose worker died is started again.
    worker : str
        Name of the worker that has it; empty where none.
    """

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    parameters: models.JSONField[Any, Any] = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True)
    result: models.JSONField[Any, Any] = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    heartbeat_at = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs", null=True
    )
    asked_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["state", "asked_at"], name="job_next")]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}


class Pulse(models.Model):
    """When a worker was last alive."""

    worker = models.CharField(max_length=100, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.worker


class ApiToken(models.Model):
    """A token with which a program acts for a user; only its hash is kept."""

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=100)
    token_sha256 = models.CharField(max_length=64, unique=True)
    first_signs = models.CharField(max_length=12)
    writes = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.first_signs}...)"


class SubmittedForm(models.Model):
    """A form that was sent: the same one sent twice counts once, and leads to the same page.

    Attributes
    ----------
    token : uuid.UUID
        Of the form as it was shown.
    address : str
        Where the first time led.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    token = models.UUIDField()
    address = models.CharField(max_length=500)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "token"], name="form_once_a_user")]

    def __str__(self) -> str:
        return f"{self.token} {self.address}"
