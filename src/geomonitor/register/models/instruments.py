"""Policy instruments, and which risks they can address."""

from __future__ import annotations

import itertools

from django.core.exceptions import ValidationError
from django.db import models

from geomonitor.register.models.base import Record

__all__ = ["Instrument", "InstrumentRisk"]


class Instrument(Record):
    """A policy instrument.

    Attributes
    ----------
    code : str
        Such as ``anti_coercion_instrument``; that of the catalogue for those that come with Geomonitor.
    catalogue_sha256 : str
        Of the catalogue's entry that it was loaded from; empty for one that people added.
    """

    class State(models.TextChoices):
        """How far it is."""

        PLANNED = "planned"
        PROPOSED = "proposed"
        ADOPTED = "adopted"
        IN_FORCE = "in_force"
        ENDED = "ended"

    class Level(models.TextChoices):
        """Whose it is."""

        NATIONAL = "national"
        EU = "eu"
        INTERNATIONAL = "international"

    code = models.SlugField(max_length=60, unique=True)
    name_en = models.CharField(max_length=200)
    name_nl = models.CharField(max_length=200)
    kind = models.CharField(max_length=30)
    level = models.CharField(max_length=15, choices=Level.choices)
    legal_basis = models.CharField(max_length=300, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=State.choices)
    proposed_on = models.DateField(null=True, blank=True)
    adopted_on = models.DateField(null=True, blank=True)
    in_force_on = models.DateField(null=True, blank=True)
    applies_from = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    responsible = models.CharField(max_length=200, blank=True)
    summary_en = models.TextField(blank=True, max_length=5_000)
    summary_nl = models.TextField(blank=True, max_length=5_000)
    limits_en = models.TextField(blank=True, max_length=5_000)
    limits_nl = models.TextField(blank=True, max_length=5_000)
    source = models.TextField(blank=True, max_length=2_000)
    letter_reference = models.CharField(max_length=100, blank=True)
    to_check = models.BooleanField(default=False)
    to_check_note = models.TextField(blank=True, max_length=2_000)
    catalogue_sha256 = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name_en

    def clean(self) -> None:
        """Refuse dates out of order."""
        names = ("proposed_on", "adopted_on", "in_force_on", "applies_from", "ended_on")
        given = [(name, date) for name in names if (date := getattr(self, name)) is not None]
        for (_, earlier), (name, later) in itertools.pairwise(given):
            if earlier > later:
                raise ValidationError(
                    {
                        name: ValidationError(
                            "This is before the date of an earlier step.", code="out_of_order"
                        )
                    }
                )


class InstrumentRisk(Record):
    """That an instrument can address a kind of risk, how directly, and why."""

    class Strength(models.TextChoices):
        """How far it reaches."""

        DIRECT = "direct"
        PARTLY = "partly"

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="risks")
    risk = models.CharField(max_length=60)
    strength = models.CharField(max_length=10, choices=Strength.choices)
    argument_en = models.TextField(max_length=5_000)
    argument_nl = models.TextField(max_length=5_000, blank=True)

    class Meta:
        ordering = ["risk", "uid"]
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "risk"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="risk_once_an_instrument",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument.code}: {self.risk}"
