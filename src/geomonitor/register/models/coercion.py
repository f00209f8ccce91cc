"""Events of economic coercion: who, against whom, with what, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from geomonitor.codes import ECONOMY_CODES, HS_REVISIONS, group_codes
from geomonitor.errors import GeomonitorError
from geomonitor.register.facts.reading import PartialDate
from geomonitor.register.models.base import Record

__all__ = ["CoercionCase"]


_PRODUCT = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}")


class CoercionCase(Record):
    """An event of economic coercion, or one that is said to be.

    Attributes
    ----------
    sender : str
        Economy that took the measure.
    targets : list of str
        Economies or groups that it hit.
    products : list of str
        HS codes, 2 to 6 digits, of `hs_revision`.
    direction : str
        Which trade the measure hit: ``imports`` of the sender from the target, or its ``exports``.
    started_on, ended_on : str
        ``2010``, ``2010-09`` or ``2010-09-21``: as precise as is known.
    motive_confidence : str
        The motive is a judgement; how sure it is.
    sources : list of str
    judgement : str
        Whether it is taken to be coercion: an export control for one's own security, or an industrial
        policy, is in the register for comparison.
    """

    class Judgement(models.TextChoices):
        """What the event is taken to be."""

        COERCION = "coercion"
        DISPUTED = "disputed"
        OTHER = "other_measure"

    class Confidence(models.TextChoices):
        """How sure a judgement is."""

        LOW = "low"
        MEDIUM = "medium"
        HIGH = "high"

    class Direction(models.TextChoices):
        """Which trade of the sender the measure hit."""

        IMPORTS = "imports"
        EXPORTS = "exports"
        OTHER = "other"

    code = models.SlugField(max_length=60, unique=True)
    title_en = models.CharField(max_length=200)
    title_nl = models.CharField(max_length=200)
    sender = models.CharField(max_length=40)
    targets: models.JSONField[Any, Any] = models.JSONField(default=list)
    measure_kind = models.CharField(max_length=40)
    measure_en = models.TextField(max_length=5_000)
    measure_nl = models.TextField(blank=True, max_length=5_000)
    direction = models.CharField(max_length=10, choices=Direction.choices)
    products: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    hs_revision = models.CharField(max_length=6, blank=True)
    goods_en = models.TextField(blank=True, max_length=2_000)
    goods_nl = models.TextField(blank=True, max_length=2_000)
    started_on = models.CharField(max_length=10)
    ended_on = models.CharField(max_length=10, blank=True)
    trigger_en = models.TextField(blank=True, max_length=5_000)
    trigger_nl = models.TextField(blank=True, max_length=5_000)
    motive_en = models.TextField(blank=True, max_length=5_000)
    motive_nl = models.TextField(blank=True, max_length=5_000)
    judgement = models.CharField(max_length=15, choices=Judgement.choices, default=Judgement.DISPUTED)
    motive_confidence = models.CharField(max_length=10, choices=Confidence.choices)
    motive_argument_en = models.TextField(max_length=5_000)
    motive_argument_nl = models.TextField(blank=True, max_length=5_000)
    outcome_en = models.TextField(blank=True, max_length=5_000)
    outcome_nl = models.TextField(blank=True, max_length=5_000)
    sources: models.JSONField[Any, Any] = models.JSONField(default=list)
    letter_reference = models.CharField(max_length=100, blank=True)
    notes = models.TextField(blank=True, max_length=5_000)
    catalogue_sha256 = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["-started_on", "code"]

    def __str__(self) -> str:
        return self.title_en

    def clean(self) -> None:
        """Refuse codes and dates that nobody can read, and what does not fit together."""
        errors: dict[str, ValidationError] = {}
        parties = {*ECONOMY_CODES, *group_codes()}
        if self.sender not in parties:
            errors["sender"] = _wrong("There is no economy or group with this code.", "unknown_party")
        if not _texts(self.targets) or any(each not in parties for each in self.targets):
            errors["targets"] = _wrong("Give codes of economies or groups.", "unknown_party")
        elif self.sender in self.targets:
            errors["targets"] = _wrong("The sender cannot be its own target.", "own_target")
        if self.products != [] and (
            not _texts(self.products) or not all(_PRODUCT.fullmatch(each) for each in self.products)
        ):
            errors["products"] = _wrong("Give HS codes of 2, 4 or 6 digits.", "unknown_product")
        elif bool(self.products) != bool(self.hs_revision):
            errors["hs_revision"] = _wrong(
                "Product codes need the revision they are of; without codes it stays empty.",
                "revision_needed",
            )
        if self.hs_revision and self.hs_revision not in HS_REVISIONS:
            errors["hs_revision"] = _wrong(f"Give one of {', '.join(HS_REVISIONS)}.", "unknown_revision")
        if not _texts(self.sources):
            errors["sources"] = _wrong("Give at least one source.", "sources_needed")
        errors |= self._wrong_dates()
        if errors:
            raise ValidationError(errors)

    def _wrong_dates(self) -> dict[str, ValidationError]:
        read: dict[str, PartialDate] = {}
        for name in ("started_on", "ended_on"):
            text = getattr(self, name)
            if name == "ended_on" and not text:
                continue
            try:
                read[name] = PartialDate(text)
            except GeomonitorError:
                return {name: _wrong("Write a date such as 2010, 2010-09 or 2010-09-07.", "unreadable_date")}
        if "ended_on" in read and read["ended_on"].latest < read["started_on"].earliest:
            return {"ended_on": _wrong("It cannot end before it starts.", "end_before_start")}
        return {}


def _texts(value: Any) -> Sequence[str]:
    """Give a list of texts that are not empty; an empty one for anything else."""
    if isinstance(value, list) and all(isinstance(each, str) and each.strip() for each in value):
        return value
    return []


def _wrong(message: str, code: str) -> ValidationError:
    return ValidationError(message, code=code)
