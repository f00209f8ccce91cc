"""A register with one of everything, for tests of import and export: the same text wherever text goes."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from geomonitor.register.models import (
    Action,
    Case,
    Comment,
    Decision,
    Evidence,
    Instrument,
    InterestTouched,
    PaperLink,
    PolicyOption,
    RiskJudgement,
    User,
)
from geomonitor.register.services import cases, content, decisions, instruments
from geomonitor.register.services.evidence import finding_sha256
from geomonitor.register.trail_guard import allow_changes, refuse_changes

Users = dict[str, User]

FINDING: dict[str, Any] = {
    "subject": "EU27_2020",
    "counterpart": "CHN",
    "product": "810110",
    "period": "2021-2023",
    "measure": "import_concentration",
    "value": 0.1 + 0.2,
    "unit": "index",
    "threshold": 0.4,
    "verdict": "met",
    "method": "commission-2021",
    "method_version": "1.0",
    "dataset": "baci",
    "dataset_sha256": "ab12",
}


def fill(users: Users, text: str = "Text") -> Case:
    """Work a case to an approved decision, with all that a register can hold; a restricted case beside it."""
    analyst = users["analyst"]
    instrument = instruments.add_instrument(
        analyst,
        [
            {
                "risk": "dependency_goods",
                "strength": "direct",
                "argument_en": text,
                "argument_nl": text,
            }
        ],
        code="made-instrument",
        name_en=text[:200],
        name_nl=text[:200],
        kind="law",
        level="eu",
        state="in_force",
        in_force_on=datetime.date(2023, 12, 27),
        summary_en=text,
    )
    instruments.add_coercion_case(
        analyst,
        code="made-event",
        title_en=text[:200],
        title_nl=text[:200],
        sender="CHN",
        targets=["JPN"],
        measure_kind="export_restriction",
        measure_en=text,
        direction="exports",
        products=["280530"],
        hs_revision="HS92",
        started_on="2010-09",
        motive_confidence="medium",
        motive_argument_en=text,
        sources=[text],
    )
    cases.open_case(
        analyst,
        title="Restricted",
        subject_kind="other",
        subject_name="x",
        visibility="members",
        summary=text,
    )
    return _worked(users, instrument, text)


def _worked(users: Users, instrument: Instrument, text: str) -> Case:
    analyst = users["analyst"]
    case = cases.open_case(
        analyst,
        title="Tungsten",
        subject_kind="product",
        subject_code="810110",
        subject_name="Tungsten powders",
        importer="EU27_2020",
        counterpart="CHN",
        summary=text,
        benefits=text or "benefits",
    )
    evidence = content.add(
        analyst,
        case,
        Evidence,
        edition="2026-01",
        edition_created="2026-01-01",
        finding=FINDING,
        finding_sha256=finding_sha256(FINDING),
        source="BACI",
        note=text,
    )
    content.add(users["decision_maker"], case, Comment, text=text, about="risk")
    content.add(analyst, case, PaperLink, paper="kst-35207-60", title=text[:300], url="https://example.org/a")
    content.add(
        analyst,
        case,
        Action,
        title=text[:300],
        owner=users["second_analyst"],
        due_on=datetime.date(2026, 1, 1),
    )
    about: dict[str, Any] = {"relations": {"evidence": [evidence]}, "argument": text}
    content.add(analyst, case, InterestTouched, interest="national_security", touched="yes", **about)
    case = cases.complete_step(analyst, case, case.version, 1)
    for dimension in RiskJudgement.Dimension.values:
        content.add(analyst, case, RiskJudgement, dimension=dimension, level=3, **about)
    case = cases.complete_step(analyst, case, case.version, 2)
    for kind in ("do_nothing", "stockpile"):
        content.add(
            analyst,
            case,
            PolicyOption,
            kind=kind,
            title=text[:200],
            level="eu",
            cost=text,
            benefit=text,
            cost_minimum_meur=Decimal("1.500"),
            lead_time_maximum_months=12,
            relations={"instruments": [instrument]},
        )
    withdrawn = content.add(
        analyst, case, PolicyOption, kind="recycling", title="x", level="eu", cost="x", benefit="x"
    )
    content.withdraw_content(analyst, withdrawn, 1, "No longer")
    case = cases.complete_step(analyst, case, case.version, 3)
    decision = decisions.propose(
        analyst,
        case,
        case.version,
        outcome=text,
        chosen=case.options.current(),
        decided_by="The minister",
        decided_on=datetime.date(2026, 11, 1),
        reason=text,
        review_on=datetime.date(2027, 11, 1),
    )
    decisions.judge(users["decision_maker"], decision, decision.version, approve=True, reason=text)
    cases.give_access(analyst, case, users["reader"], "read")
    case.refresh_from_db()
    return case


def empty() -> None:
    """Take everything but the users away, which no part of the application can do."""
    allow_changes(connection)
    names = [
        model._meta.db_table
        for model in (Comment, PaperLink, Action, Decision, PolicyOption, RiskJudgement, InterestTouched)
    ]
    relations = [
        Decision.chosen.through,
        PolicyOption.instruments.through,
        RiskJudgement.evidence.through,
        InterestTouched.evidence.through,
    ]
    names = [model._meta.db_table for model in relations] + names
    names += ["register_evidence", "register_stepevent", "register_casemember", "register_case"]
    names += ["register_instrumentrisk", "register_instrument", "register_coercioncase", "auditlog_logentry"]
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DELETE FROM {name}")
    refuse_changes(connection)
