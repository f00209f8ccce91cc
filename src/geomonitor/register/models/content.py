"""What a case holds: evidence, and what people judge, weigh, decide and do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from geomonitor.register.models.base import Record
from geomonitor.register.models.cases import Case

__all__ = [
    "Action",
    "Comment",
    "Decision",
    "Evidence",
    "InterestTouched",
    "PaperLink",
    "PolicyOption",
    "RiskJudgement",
]


class OfCase(Record):
    """A record that belongs to a case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="%(class)ss")

    class Meta:
        abstract = True
        ordering = ["created_at", "uid"]

    def __str__(self) -> str:
        names = ("title", "interest", "dimension", "outcome", "text")
        named = next((str(getattr(self, name)) for name in names if getattr(self, name, "")), "")
        return named if len(named) <= 80 else f"{named[:77]}..."

    def get_additional_data(self) -> dict[str, str]:
        """Give what the audit trail keeps beside a change: the case."""
        return {"case": str(self.case_id)}


class Evidence(OfCase):
    """A finding as it was when it was attached: it keeps its numbers.

    Attributes
    ----------
    edition : str
        Id of the edition that it comes from.
    finding : dict
        All fields of `geomonitor.findings.Finding`.
    finding_sha256 : str
        Of the finding, canonical JSON.
    source : str
        Title, citation and licence of the data.
    note : str
        Why it matters here.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence")
    edition = models.CharField(max_length=100)
    edition_created = models.CharField(max_length=40)
    finding = models.JSONField()
    finding_sha256 = models.CharField(max_length=64)
    source = models.TextField()
    note = models.TextField(blank=True, max_length=5_000)

    class Meta(OfCase.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["case", "finding_sha256"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="evidence_once_a_case",
            ),
        ]

    def __str__(self) -> str:
        finding = self.finding
        return f"{finding['measure']} {finding['product']} ({finding['method']}, {finding['period']})"


class InterestTouched(OfCase):
    """Step 1: whether a public interest is touched, and why."""

    class Touched(models.TextChoices):
        """The judgement."""

        YES = "yes"
        NO = "no"
        UNCLEAR = "unclear"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="interests")
    interest = models.CharField(max_length=60)
    touched = models.CharField(max_length=10, choices=Touched.choices)
    argument = models.TextField(max_length=10_000)
    evidence = models.ManyToManyField(Evidence, blank=True, related_name="+")

    class Meta(OfCase.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["case", "interest"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="interest_once_a_case",
            ),
        ]


class RiskJudgement(OfCase):
    """Step 2: one dimension of the risk, with its argument and evidence."""

    class Dimension(models.TextChoices):
        """What is judged; never multiplied with one another."""

        PROBABILITY = "probability"
        IMPACT = "impact"
        TIME_TO_SUBSTITUTE = "time_to_substitute"
        TWO_WAY_DEPENDENCE = "two_way_dependence"
        CONFIDENCE = "confidence"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="judgements")
    dimension = models.CharField(max_length=20, choices=Dimension.choices)
    level = models.PositiveSmallIntegerField()
    argument = models.TextField(max_length=10_000)
    evidence = models.ManyToManyField(Evidence, blank=True, related_name="+")

    class Meta(OfCase.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["case", "dimension"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="dimension_once_a_case",
            ),
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=5), name="judgement_level_1_to_5"
            ),
        ]


class Level(models.TextChoices):
    """Who acts."""

    FIRM = "firm"
    NATIONAL = "national"
    EU = "eu"
    INTERNATIONAL = "international"


class PolicyOption(OfCase):
    """Step 3: something that could be done, with its costs and benefits.

    Attributes
    ----------
    kind : str
        Code of the catalogue `geomonitor.register.facts.option_kinds`.
    cost_minimum_meur, cost_maximum_meur : Decimal or None
        Million euro, over the whole period; empty where not known.
    lead_time_minimum_months, lead_time_maximum_months : int or None
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="options")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, max_length=10_000)
    level = models.CharField(max_length=15, choices=Level.choices)
    cost = models.TextField(max_length=10_000)
    cost_minimum_meur = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    cost_maximum_meur = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    benefit = models.TextField(max_length=10_000)
    borne_by = models.TextField(blank=True, max_length=5_000)
    side_effects = models.TextField(blank=True, max_length=10_000)
    lead_time_minimum_months = models.PositiveSmallIntegerField(null=True, blank=True)
    lead_time_maximum_months = models.PositiveSmallIntegerField(null=True, blank=True)
    instruments = models.ManyToManyField("register.Instrument", blank=True, related_name="options")

    def __str__(self) -> str:
        return self.title


class Decision(OfCase):
    """Step 4: what was decided, by whom and why; proposed by one user, approved by another.

    Attributes
    ----------
    decided_by : str
        The body or office that decides, such as a minister; not a user of the register.
    snapshot : dict
        The case as it lay before whoever approves.
    """

    class State(models.TextChoices):
        """Where it stands."""

        PROPOSED = "proposed"
        APPROVED = "approved"
        REJECTED = "rejected"
        SUPERSEDED = "superseded"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.TextField(max_length=10_000)
    chosen = models.ManyToManyField(PolicyOption, blank=True, related_name="+")
    decided_by = models.CharField(max_length=200)
    decided_on = models.DateField()
    reason = models.TextField(max_length=10_000)
    review_on = models.DateField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.PROPOSED, editable=False)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )
    judged_at = models.DateTimeField(null=True, editable=False)
    judged_reason = models.TextField(blank=True, editable=False)
    snapshot: models.JSONField[Any, Any] = models.JSONField(default=dict, editable=False)

    class Meta(OfCase.Meta):
        constraints = [
            # four eyes, whatever the code around it does
            models.CheckConstraint(
                condition=models.Q(judged_by__isnull=True) | ~models.Q(judged_by=models.F("created_by")),
                name="decision_four_eyes",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="approved") | models.Q(judged_by__isnull=False),
                name="approved_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state__in=["proposed", "approved"], withdrawn_at__isnull=True),
                name="one_decision_stands",
            ),
        ]


class Action(OfCase):
    """Follow-up: what somebody does by when."""

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open"
        DONE = "done"
        DROPPED = "dropped"

    title = models.CharField(max_length=300)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="actions", null=True, blank=True
    )
    owner_text = models.CharField(max_length=200, blank=True)
    due_on = models.DateField()
    remind_days_before = models.PositiveSmallIntegerField(default=14)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    result = models.TextField(blank=True, max_length=10_000)
    reminded_at = models.DateTimeField(null=True, editable=False)


class PaperLink(OfCase):
    """A parliamentary or other paper that the case has to do with."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="papers")
    paper = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=300)
    url = models.URLField(blank=True, max_length=500)
    relation = models.TextField(blank=True, max_length=2_000)


class Comment(OfCase):
    """What a user says about a case, or about a part of it."""

    about = models.CharField(max_length=20, blank=True)
    text = models.TextField(max_length=10_000)
