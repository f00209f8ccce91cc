"""The audit trail: who saw and changed what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditlog.registry import auditlog

if TYPE_CHECKING:
    from django.db.models import Model

__all__ = ["follow_records", "saw"]

_OWN_FIELDS = ["changed_at", "version"]


def follow_records() -> None:
    """Have every change of a record written down; called once, when Django starts."""
    from geomonitor.register import models

    followed = [
        (models.Case, []),
        (models.Evidence, []),
        (models.InterestTouched, ["evidence"]),
        (models.RiskJudgement, ["evidence"]),
        (models.PolicyOption, ["instruments"]),
        (models.Decision, ["chosen"]),
        (models.Action, []),
        (models.PaperLink, []),
        (models.Comment, []),
        (models.Instrument, []),
        (models.InstrumentRisk, []),
        (models.CoercionCase, []),
    ]
    for model, relations in followed:
        auditlog.register(model, exclude_fields=_OWN_FIELDS, m2m_fields=set(relations))
    auditlog.register(models.CaseMember)
    auditlog.register(models.StepEvent)
    auditlog.register(models.User, exclude_fields=["last_login", "password"], mask_fields=["email"])


def saw(record: Model) -> None:
    """Write down that the user of this request saw a record.

    Parameters
    ----------
    record : django.db.models.Model
        A case, a dossier, an instrument.
    """
    from auditlog.signals import accessed

    accessed.send(sender=type(record), instance=record)
