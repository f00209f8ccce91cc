"""Facts of the register: instruments, kinds of risks and options, public interests, events of coercion."""

from __future__ import annotations

import functools

from geomonitor.dependency.interests import PublicInterest, load_interests
from geomonitor.register.facts.coercion_cases import (
    CONFIDENCES,
    DIRECTIONS,
    JUDGEMENTS,
    MEASURE_KINDS,
    CoercionEvent,
    Goods,
    coercion_cases,
    load_coercion_cases,
)
from geomonitor.register.facts.instruments import (
    COVERAGE_GAPS,
    INSTRUMENT_KINDS,
    INSTRUMENT_LEVELS,
    INSTRUMENT_STATES,
    STRENGTHS,
    Instrument,
    RiskAddressed,
    coverage_gap,
    instruments,
    is_working,
    load_instruments,
)
from geomonitor.register.facts.option_kinds import (
    OPTION_LEVELS,
    OptionKind,
    load_option_kinds,
    option_kinds,
)
from geomonitor.register.facts.reading import PartialDate
from geomonitor.register.facts.risk_kinds import RiskFamily, RiskKind, load_risk_kinds, risk_kinds

__all__ = [
    "CONFIDENCES",
    "COVERAGE_GAPS",
    "DIRECTIONS",
    "INSTRUMENT_KINDS",
    "INSTRUMENT_LEVELS",
    "INSTRUMENT_STATES",
    "JUDGEMENTS",
    "MEASURE_KINDS",
    "OPTION_LEVELS",
    "STRENGTHS",
    "CoercionEvent",
    "Goods",
    "Instrument",
    "OptionKind",
    "PartialDate",
    "RiskAddressed",
    "RiskFamily",
    "RiskKind",
    "coercion_cases",
    "coverage_gap",
    "instruments",
    "is_working",
    "load_coercion_cases",
    "load_instruments",
    "load_option_kinds",
    "load_risk_kinds",
    "option_kinds",
    "public_interests",
    "risk_kinds",
]


@functools.cache
def public_interests() -> tuple[PublicInterest, ...]:
    """Give the public interests that the letters name.

    Examples
    --------
    >>> public_interests()[0].name["nl"]
    'Nationale veiligheid'
    """
    return load_interests().interests
