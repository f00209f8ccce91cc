"""A register with one of everything, and the same text in every field that takes text."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from geomonitor.findings import Edition
from geomonitor.register.models import (
    Action,
    Case,
    CoercionCase,
    Comment,
    Instrument,
    InstrumentRisk,
    InterestTouched,
    PaperLink,
    PolicyOption,
    RiskJudgement,
    User,
)
from geomonitor.register.services import cases, content, decisions, writing
from geomonitor.register.services.evidence import attach

Users = dict[str, User]


@dataclass
class Register:
    """One open case worked to a proposed decision, a restricted one, an instrument, an event."""

    case: Case
    restricted: Case
    instrument: Instrument
    coercion_case: CoercionCase


def whole_register(users: Users, edition: Edition, text: str) -> Register:
    """Fill a register; `text` goes into every field that takes any text."""
    analyst = users["analyst"]
    case = _worked(users, edition, text)
    restricted = cases.open_case(
        analyst,
        title=f"Restricted {text}",
        subject_kind="other",
        subject_name=text,
        visibility="members",
    )
    instrument = Instrument(
        code="made-instrument", name_en=text, name_nl=text, kind="law", level="eu", state="in_force",
        legal_basis=text, reference=text, responsible=text, summary_en=text, summary_nl=text,
        limits_en=text, limits_nl=text, source=text, letter_reference=text[:100], to_check=True,
        to_check_note=text,
    )  # fmt: skip
    writing.create(analyst, instrument)
    writing.create(
        analyst,
        InstrumentRisk(
            instrument=instrument, risk="goods_dependency", strength="direct", argument_en=text,
            argument_nl=text,
        ),
    )  # fmt: skip
    event = CoercionCase(
        code="made-event", title_en=text, title_nl=text, sender="CHN", targets=["JPN"],
        measure_kind="export_restriction", measure_en=text, measure_nl=text, direction="exports",
        products=["280530"], hs_revision="HS92", goods_en=text, goods_nl=text, started_on="2010-09",
        ended_on="2011", trigger_en=text, trigger_nl=text, motive_en=text, motive_nl=text,
        motive_confidence="medium", motive_argument_en=text, motive_argument_nl=text, outcome_en=text,
        outcome_nl=text, sources=[text], letter_reference=text[:100], notes=text,
    )  # fmt: skip
    writing.create(analyst, event)
    return Register(case, restricted, instrument, event)


def _worked(users: Users, edition: Edition, text: str) -> Case:
    analyst = users["analyst"]
    case = cases.open_case(
        analyst,
        title=text,
        subject_kind="product",
        subject_code="810110",
        subject_name=text,
        importer="EU27_2020",
        counterpart="CHN",
        summary=text,
        benefits=text,
    )
    row = edition.findings.filter(measure="import_concentration").row(0, named=True)
    evidence = attach(analyst, case, edition, row, text)
    content.add(analyst, case, Comment, text=text)
    content.add(analyst, case, PaperLink, paper="kst-35207-60", title=text, relation=text)
    content.add(analyst, case, Action, title=text, owner_text=text, due_on=datetime.date(2026, 1, 1))
    about: dict[str, Any] = {"relations": {"evidence": [evidence]}, "argument": text}
    content.add(analyst, case, InterestTouched, interest=_interest(), touched="yes", **about)
    case = cases.complete_step(analyst, case, case.version, 1)
    for dimension in RiskJudgement.Dimension.values:
        content.add(analyst, case, RiskJudgement, dimension=dimension, level=3, **about)
    case = cases.complete_step(analyst, case, case.version, 2)
    for kind in ("do_nothing", "stockpile"):
        content.add(
            analyst, case, PolicyOption, kind=kind, title=text, level="eu", cost=text, benefit=text,
            description=text, borne_by=text, side_effects=text,
        )  # fmt: skip
    withdrawn = content.add(
        analyst, case, PolicyOption, kind="recycling", title=text, level="eu", cost=text, benefit=text
    )
    content.withdraw_content(analyst, withdrawn, 1, text)
    case = cases.complete_step(analyst, case, case.version, 3)
    case = cases.reopen_step(analyst, case, case.version, 3, text)
    case = cases.complete_step(analyst, case, case.version, 3)
    decisions.propose(
        analyst,
        case,
        case.version,
        outcome=text,
        chosen=case.options.current(),
        decided_by=text,
        decided_on=datetime.date(2026, 11, 1),
        reason=text,
        review_on=datetime.date(2027, 11, 1),
    )
    case.refresh_from_db()
    return case


def _interest() -> str:
    from geomonitor.dependency import load_interests

    return load_interests().interests[0].code
