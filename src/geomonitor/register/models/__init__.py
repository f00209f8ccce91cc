"""The tables of the register."""

from geomonitor.register.models.accounts import Role, User
from geomonitor.register.models.base import Record
from geomonitor.register.models.cases import STEPS, Case, CaseMember, StepEvent
from geomonitor.register.models.coercion import CoercionCase
from geomonitor.register.models.content import (
    Action,
    Comment,
    Decision,
    Evidence,
    InterestTouched,
    Level,
    PaperLink,
    PolicyOption,
    RiskJudgement,
)
from geomonitor.register.models.instruments import Instrument, InstrumentRisk

__all__ = [
    "STEPS",
    "Action",
    "Case",
    "CaseMember",
    "CoercionCase",
    "Comment",
    "Decision",
    "Evidence",
    "Instrument",
    "InstrumentRisk",
    "InterestTouched",
    "Level",
    "PaperLink",
    "PolicyOption",
    "Record",
    "RiskJudgement",
    "Role",
    "StepEvent",
    "User",
]
