"""References, motions, commitments and votes: the graph, and what people judged about it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from geomonitor.archive.models.papers import Paper

__all__ = [
    "Commitment",
    "CommitmentState",
    "DossierTitle",
    "Judged",
    "Motion",
    "MotionState",
    "Reference",
    "Relation",
    "StateJudgement",
    "Vote",
]


class DossierTitle(models.Model):
    """Which dossier a title stands for, learned from papers that say both; matters give only the title.

    Attributes
    ----------
    rule : str
        What it was learned from: source, replaced_motion, named_motion, budget_year.
    support, against : int
        How many papers say so, and how many say another dossier.
    """

    title = models.CharField(max_length=400, unique=True)
    dossier = models.CharField(max_length=40, db_index=True)
    rule = models.CharField(max_length=40)
    support = models.PositiveIntegerField(default=0)
    against = models.PositiveIntegerField(default=0)


class Relation(models.TextChoices):
    """What a paper does with what it refers to.

    `PROGRESS` is the word of a paper that the work goes on, or is still to come: nothing is done by it.
    """

    MENTIONS = "mentions"
    PROGRESS = "progress"
    CARRIES_OUT = "carries_out"
    ANSWERS = "answers"
    SETTLES = "settles"
    MEETS = "meets"
    REPLACES = "replaces"


class Reference(models.Model):
    """One place in a paper that refers to something; an edge of the graph.

    Attributes
    ----------
    target : str
        Normal form: kst-35207-46, 2022Z24775, TZ202211-190, COM(2020)474, 32021R0821; empty where a
        motion is named without its paper.
    kind : str
        paper, dossier, matter, document, commitment, eu_document, eu_law, motion.
    field : str
        title or text; start and end are characters in that field.
    rule : str
        The rule that recognised it.
    said : str
        The words that say what the paper does with it, where they stand apart: "is hiermee afgedaan".
    motion : str
        The motion it was linked to, as `Motion.motion` says; empty where it is of none, or of none for sure.
    link_rule : str
        How: see docs/dossier-graph.md.
    link_confidence : float
        From 0 to 1, by rule.
    """

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="references")
    target = models.CharField(max_length=80, blank=True, db_index=True)
    kind = models.CharField(max_length=20)
    relation = models.CharField(max_length=20, choices=Relation, default=Relation.MENTIONS)
    field = models.CharField(max_length=10)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quoted = models.CharField(max_length=300)
    confidence = models.FloatField()
    rule = models.CharField(max_length=60)
    movers = models.JSONField(default=list)
    said = models.CharField(max_length=300, blank=True, default="")
    motion = models.CharField(max_length=80, blank=True, default="", db_index=True)
    link_rule = models.CharField(max_length=60, blank=True, default="")
    link_confidence = models.FloatField(default=0.0)

    class Meta:
        indexes = [models.Index(fields=["target", "relation"], name="archive_reference_to")]


class MotionState(models.TextChoices):
    """How far a motion has come."""

    SUBMITTED = "submitted"
    HELD_OVER = "held_over"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    REJECTED = "rejected"
    ADOPTED = "adopted"
    CARRIED_OUT = "carried_out"
    SETTLED = "settled"


class Motion(models.Model):
    """A motion, known by its paper, its matter, or both.

    Attributes
    ----------
    motion : str
        Its paper (kst-35207-46) where known, otherwise its matter (2022Z24775).
    paper_known_by : str
        source, where a source gives the paper; dossier_title, where it follows from the title of the dossier
        and the number; empty where the paper is not known.
    state : str
        Derived from the graph; `current_state` puts what a person judged before it.
    state_evidence : list of dict
        What it was derived from: {"rule", "paper", "date", "quoted", "state"}.
    settled_by : str
        The paper that settles or carries it out.
    """

    motion = models.CharField(max_length=80, unique=True)
    paper = models.CharField(max_length=80, blank=True, db_index=True)
    paper_known_by = models.CharField(max_length=20, blank=True, default="")
    matter = models.CharField(max_length=20, blank=True, db_index=True)
    dossier = models.CharField(max_length=40, blank=True, db_index=True)
    number = models.CharField(max_length=20, blank=True)
    date = models.DateField(null=True, db_index=True)
    title = models.TextField(blank=True)
    movers = models.JSONField(default=list)
    request_text = models.TextField(blank=True)
    cabinet_view = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=20, choices=MotionState, default=MotionState.SUBMITTED, db_index=True)
    state_evidence: models.JSONField[Any, Any] = models.JSONField(default=list)
    settled_by = models.CharField(max_length=80, blank=True, db_index=True)
    settled_on = models.DateField(null=True)
    judged_state = models.CharField(max_length=20, choices=MotionState, blank=True, default="", db_index=True)
    example = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=timezone.now, db_index=True)

    @property
    def current_state(self) -> str:
        """The state a person judged, or else the derived one."""
        return self.judged_state or self.state


class Vote(models.Model):
    """A decision on a motion."""

    decision = models.CharField(max_length=80, unique=True)
    motion = models.CharField(max_length=80, blank=True, db_index=True)
    matter = models.CharField(max_length=20, blank=True, db_index=True)
    date = models.DateField(null=True)
    outcome = models.CharField(max_length=120)
    votes_for = models.PositiveIntegerField(null=True)
    votes_against = models.PositiveIntegerField(null=True)
    parties: models.JSONField[Any, Any] = models.JSONField(default=list)
    fingerprint = models.CharField(max_length=64)


class CommitmentState(models.TextChoices):
    """How far a commitment has come."""

    OPEN = "open"
    DUE = "due"
    OVERDUE = "overdue"
    MET = "met"


class Commitment(models.Model):
    """Something the government said that it will do.

    Attributes
    ----------
    commitment : str
        Parliament's number (TZ202211-190), or paper and position (kst-35207-60@4512).
    official : bool
        Whether parliament registered it; otherwise it was read in a paper.
    kind : str
        commitment (to parliament) or announcement.
    due_from, due_until : datetime.date or None
        The period in which it is due; None where the paper gives no date.
    source_status, source_met_by : str
        What parliament's own register says: its status, and the paper that met it. `met_by` is derived.
    fingerprint : str
        Of the record that parliament gave; empty where it was read in a paper.
    source_id : str
        What parliament's own administration calls it; a withdrawal may name nothing else.
    """

    commitment = models.CharField(max_length=100, unique=True)
    official = models.BooleanField(default=False)
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="commitments", null=True)
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    kind = models.CharField(max_length=20, default="commitment")
    dossier = models.CharField(max_length=40, blank=True, db_index=True)
    text = models.TextField()
    actor = models.CharField(max_length=200, blank=True)
    subject = models.TextField(blank=True)
    made_on = models.DateField(null=True, db_index=True)
    due_text = models.CharField(max_length=200, blank=True)
    due_from = models.DateField(null=True)
    due_until = models.DateField(null=True, db_index=True)
    confidence = models.FloatField(default=1.0)
    source_status = models.CharField(max_length=60, blank=True)
    source_met_by = models.CharField(max_length=80, blank=True, default="")
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    source_id = models.CharField(max_length=40, blank=True, default="", db_index=True)
    state = models.CharField(
        max_length=20, choices=CommitmentState, default=CommitmentState.OPEN, db_index=True
    )
    state_evidence: models.JSONField[Any, Any] = models.JSONField(default=list)
    met_by = models.CharField(max_length=80, blank=True, db_index=True)
    met_on = models.DateField(null=True)
    judged_state = models.CharField(
        max_length=20, choices=CommitmentState, blank=True, default="", db_index=True
    )
    example = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=timezone.now, db_index=True)

    @property
    def current_state(self) -> str:
        """The state a person judged, or else the derived one."""
        return self.judged_state or self.state


class Judged(models.TextChoices):
    """What a judgement is about."""

    MOTION = "motion"
    COMMITMENT = "commitment"


class StateJudgement(models.Model):
    """A person's judgement that a motion or commitment has another state than was derived.

    It is never deleted or changed: it is ended, with who did so and why, and the derived state counts again.
    """

    judged = models.CharField(max_length=12, choices=Judged)
    key = models.CharField(max_length=100, db_index=True)
    state = models.CharField(max_length=20)
    reason = models.TextField(max_length=5_000)
    derived_state = models.CharField(max_length=20)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(blank=True, max_length=5_000)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["judged", "key"],
                condition=models.Q(ended_at__isnull=True),
                name="archive_one_judgement_in_force",
            )
        ]

    def __str__(self) -> str:
        """Name it in the audit trail."""
        return f"{self.key}: {self.state}"
