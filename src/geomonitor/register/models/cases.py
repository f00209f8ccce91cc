"""A case: a question on one finding, worked through in four steps, and followed up."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from geomonitor.register.models.base import Record

__all__ = ["STEPS", "Case", "CaseMember", "StepEvent"]

STEPS: tuple[str, ...] = ("interest", "risk", "options", "decision")
"""The steps of the letters, in order: kst-35207-60, under "Strategische afhankelijkheden"."""


class Case(Record):
    """A case.

    Attributes
    ----------
    reference : str
        Such as ``2026-014``.
    subject_kind, subject_code : str
        What it is about; a product is its HS6 code, an economy its ISO code.
    counterpart : str
        Economy or group on the other side; empty where there is none.
    importer : str
        Whose dependence it is.
    benefits : str
        What the relation brings, beside the risk.
    completed_steps : int
        How many of `STEPS` are complete.
    """

    class SubjectKind(models.TextChoices):
        """What a case is about. Never a person."""

        PRODUCT = "product"
        MATERIAL = "material"
        CHAIN = "chain"
        SECTOR = "sector"
        ECONOMY = "economy"
        ORGANISATION = "organisation"
        TECHNOLOGY_FIELD = "technology_field"
        OTHER = "other"

    class Visibility(models.TextChoices):
        """Who may read it."""

        EVERYONE = "everyone"
        MEMBERS = "members"

    reference = models.CharField(max_length=20, unique=True, editable=False)
    title = models.CharField(max_length=200)
    subject_kind = models.CharField(max_length=20, choices=SubjectKind.choices)
    subject_code = models.CharField(max_length=40, blank=True)
    subject_name = models.CharField(max_length=300)
    importer = models.CharField(max_length=40, blank=True)
    counterpart = models.CharField(max_length=40, blank=True)
    summary = models.TextField(blank=True, max_length=20_000)
    benefits = models.TextField(blank=True, max_length=20_000)
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.EVERYONE)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="assigned_cases",
        null=True,
        blank=True,
    )
    completed_steps = models.PositiveSmallIntegerField(default=0, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_reason = models.TextField(blank=True, editable=False)
    example = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["-created_at", "reference"]
        constraints = [
            models.CheckConstraint(condition=models.Q(completed_steps__lte=4), name="case_has_four_steps"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_additional_data(self) -> dict[str, str]:
        """Give what the audit trail keeps beside a change: the case."""
        return {"case": str(self.pk)}

    @property
    def current_step(self) -> int:
        """The step that is worked on, 1 to 4; 5 in the follow-up."""
        return self.completed_steps + 1

    @property
    def status(self) -> str:
        """Where it stands: a step, ``approval``, ``follow_up``, ``closed`` or ``withdrawn``."""
        if self.withdrawn:
            return "withdrawn"
        if self.closed_at is not None:
            return "closed"
        if self.completed_steps == len(STEPS):
            return "follow_up"
        if self.completed_steps == len(STEPS) - 1 and self.decisions.current().filter(state="proposed"):
            return "approval"
        return STEPS[self.completed_steps]


class CaseMember(models.Model):
    """A user with access to a case of his own: to read a restricted one, or to work on it.

    Kept when it ends, so that it can be seen who had access when.
    """

    class Access(models.TextChoices):
        """How far it goes."""

        READ = "read"
        WRITE = "write"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="case_access")
    access = models.CharField(max_length=10, choices=Access.choices, default=Access.READ)
    since = models.DateTimeField(default=timezone.now, editable=False)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["since"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user"], condition=models.Q(until__isnull=True), name="member_of_case_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.access})"

    def get_additional_data(self) -> dict[str, str]:
        """Give what the audit trail keeps beside a change: the case."""
        return {"case": str(self.case_id)}


class StepEvent(models.Model):
    """A step that was completed or reopened, a case closed or opened again: when, by whom, why."""

    class Kind(models.TextChoices):
        """What happened."""

        COMPLETED = "completed"
        REOPENED = "reopened"
        CLOSED = "closed"
        OPENED_AGAIN = "opened_again"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="step_events")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    step = models.PositiveSmallIntegerField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.step or ''}".strip()

    def get_additional_data(self) -> dict[str, str]:
        """Give what the audit trail keeps beside a change: the case."""
        return {"case": str(self.case_id)}
