"""A register with one of everything, and the same text in every field that takes text."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from geomonitor.archive import watching
from geomonitor.archive.models import SavedSearch, Watch
from geomonitor.findings import Edition
from geomonitor.register.facts import risk_kinds
from geomonitor.register.models import (
    Action,
    Case,
    CaseMember,
    CoercionCase,
    Comment,
    Decision,
    Evidence,
    Instrument,
    InstrumentRisk,
    InterestTouched,
    PaperLink,
    PolicyOption,
    Record,
    RiskJudgement,
    Role,
    User,
)
from geomonitor.register.services import cases, content, decisions, writing
from geomonitor.register.services.evidence import attach
from geomonitor.web.models import ApiToken, Job
from web.whole_archive import Archive, whole_archive

__all__ = ["TOKENS", "Register", "Users", "hidden_marks", "whole_register"]

Users = dict[str, User]

TOKENS: Mapping[str, str] = {
    name: f"gm_{hashlib.sha256(name.encode()).hexdigest()}"
    for name in ("reader", "analyst", "decision_maker", "administrator", "second_analyst")
}
"""The token of each user's programs; it may write as far as the user may."""

_SECRET = "Sealed-4711"


@dataclass(repr=False)
class Register:
    """What was put in.

    Attributes
    ----------
    users : dict of str to User
        One a role, and "second_analyst"; only the analyst has access to the restricted case.
    case : Case
        Open to all, worked to a proposed decision.
    followed : Case
        Open to all, decided and approved, and closed.
    restricted : Case
        Worked as far as `case`, for members only.
    records, hidden_records : dict of str to Record
        What `case` and `restricted` hold, one a kind as the URLs name them.
    jobs : dict of str to Job
        Of the analyst: "waiting" and "failed".
    token : ApiToken
        Of the analyst.
    archive : Archive
        Parliamentary papers, one of which each case is linked to.
    feed_key : str
        Of the feed and calendar of somebody who does nothing else, and follows the dossier of the archive.
    search : SavedSearch
        Of the analyst.
    """

    users: Users
    edition: str
    case: Case
    followed: Case
    restricted: Case
    records: dict[str, Record]
    hidden_records: dict[str, Record]
    member: CaseMember
    hidden_member: CaseMember
    instrument: Instrument
    coercion_case: CoercionCase
    jobs: dict[str, Job]
    token: ApiToken
    archive: Archive
    feed_key: str
    search: SavedSearch


def hidden_marks(register: Register) -> tuple[str, ...]:
    """Give what only a page on the restricted case says."""
    return (_SECRET, str(register.restricted.pk))


def whole_register(users: Users, edition: Edition, text: str) -> Register:
    """Fill a register; `text` goes into every field that takes any text."""
    analyst = users["analyst"]
    for user in users.values():
        user.first_name = user.last_name = text[:150]
        user.tour_seen_at = timezone.now()
        user.save()
    case, records = _worked(analyst, edition, text, "everyone")
    restricted, hidden_records = _worked(analyst, edition, f"{_SECRET} {text}", "members")
    member = cases.give_access(analyst, case, users["reader"], CaseMember.Access.READ)
    hidden_member = restricted.members.get(user=analyst)
    archive = whole_archive(analyst, text)
    return Register(
        users=users,
        edition=edition.id,
        case=case,
        followed=_followed(users, edition, text),
        restricted=restricted,
        records=records,
        hidden_records=hidden_records,
        member=member,
        hidden_member=hidden_member,
        instrument=_instrument(analyst, text),
        coercion_case=_coercion_case(analyst, text),
        jobs=_jobs(analyst, text),
        token=_tokens(users, text)["analyst"],
        archive=archive,
        feed_key=_feed_key(archive, text),
        search=_follow(analyst, archive, text),
    )


def _follow(user: User, archive: Archive, text: str) -> SavedSearch:
    """Have a user follow something of each kind, with all of it new."""
    watching.watch(user, "dossier", archive.dossier.dossier)
    watching.watch(user, "motion", archive.motion.motion)
    watching.watch(user, "commitment", archive.promise.commitment)
    search = watching.save_search(user, text[:120], "kamer", {"kind": text[:100]})
    before = timezone.now() - datetime.timedelta(days=1)
    Watch.objects.filter(user=user).update(made_at=before, seen_at=before)
    return search


def _feed_key(archive: Archive, text: str) -> str:
    somebody = User.objects.create_user("somebody", role=Role.READER, language="en", last_name=text[:150])
    _follow(somebody, archive, text)
    return watching.feed_key(somebody)


def _instrument(analyst: User, text: str) -> Instrument:
    instrument = Instrument(
        code="made-instrument", name_en=text, name_nl=text, kind="law", level="eu", state="in_force",
        legal_basis=text, reference=text[:100], responsible=text, summary_en=text, summary_nl=text,
        limits_en=text, limits_nl=text, source=text, letter_reference=text[:100], to_check=True,
        to_check_note=text,
    )  # fmt: skip
    writing.create(analyst, instrument)
    writing.create(
        analyst,
        InstrumentRisk(
            instrument=instrument, risk=risk_kinds()[0].code, strength="direct", argument_en=text,
            argument_nl=text,
        ),
    )  # fmt: skip
    return instrument


def _coercion_case(analyst: User, text: str) -> CoercionCase:
    event = CoercionCase(
        code="made-event", title_en=text, title_nl=text, sender="CHN", targets=["JPN"],
        measure_kind="export_restriction", measure_en=text, measure_nl=text, direction="exports",
        products=["280530"], hs_revision="HS92", goods_en=text, goods_nl=text, started_on="2010-09",
        ended_on="2011", trigger_en=text, trigger_nl=text, motive_en=text, motive_nl=text,
        motive_confidence="medium", motive_argument_en=text, motive_argument_nl=text, outcome_en=text,
        outcome_nl=text, sources=[text], letter_reference=text[:100], notes=text,
    )  # fmt: skip
    writing.create(analyst, event)
    return event


def _jobs(analyst: User, text: str) -> dict[str, Job]:
    waiting = Job.objects.create(
        kind="scenario", title=text, message=text, parameters={"name": text}, asked_by=analyst
    )
    failed = Job.objects.create(
        kind="edition", title=text, message=text, error=text, state=Job.State.FAILED, asked_by=analyst,
        started_at=timezone.now(), ended_at=timezone.now(),
    )  # fmt: skip
    return {"waiting": waiting, "failed": failed}


def _tokens(users: Users, text: str) -> dict[str, ApiToken]:
    return {
        name: ApiToken.objects.create(
            user=users[name],
            name=text[:100],
            token_sha256=hashlib.sha256(token.encode()).hexdigest(),
            first_signs=token[:8],
            writes=True,
            expires_at=timezone.now() + datetime.timedelta(days=30),
        )
        for name, token in TOKENS.items()
    }


def _worked(analyst: User, edition: Edition, text: str, visibility: str) -> tuple[Case, dict[str, Record]]:
    """Work a case to a proposed decision; give it with one record a kind."""
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
        visibility=visibility,
    )
    row = edition.findings.filter(measure="import_concentration").row(0, named=True)
    evidence: Evidence = attach(analyst, case, edition, row, text)
    comment = content.add(analyst, case, Comment, text=text)
    paper = content.add(
        analyst, case, PaperLink, paper="kst-35207-60", title=text, relation=text,
        url="https://example.org/paper",
    )  # fmt: skip
    action = content.add(
        analyst, case, Action, title=text, owner_text=text, due_on=datetime.date(2026, 1, 1), result=text
    )
    about: dict[str, Any] = {"relations": {"evidence": [evidence]}, "argument": text}
    interest = content.add(analyst, case, InterestTouched, interest=_interest(), touched="yes", **about)
    case = cases.complete_step(analyst, case, case.version, 1)
    judgements = [
        content.add(analyst, case, RiskJudgement, dimension=dimension, level=3, **about)
        for dimension in RiskJudgement.Dimension.values
    ]
    case = cases.complete_step(analyst, case, case.version, 2)
    options = [
        content.add(
            analyst, case, PolicyOption, kind=kind, title=text, level="eu", cost=text, benefit=text,
            description=text, borne_by=text, side_effects=text,
        )
        for kind in ("do_nothing", "stockpile")
    ]  # fmt: skip
    withdrawn = content.add(
        analyst, case, PolicyOption, kind="recycling", title=text, level="eu", cost=text, benefit=text
    )
    content.withdraw_content(analyst, withdrawn, 1, text)
    case = cases.complete_step(analyst, case, case.version, 3)
    case = cases.reopen_step(analyst, case, case.version, 3, text)
    case = cases.complete_step(analyst, case, case.version, 3)
    decision = _proposed(analyst, case, text)
    case.refresh_from_db()
    records: dict[str, Record] = {
        "interest": interest, "judgement": judgements[0], "option": options[0], "action": action,
        "paper": paper, "comment": comment, "evidence": evidence, "decision": decision,
    }  # fmt: skip
    return case, records


def _proposed(analyst: User, case: Case, text: str) -> Decision:
    return decisions.propose(
        analyst,
        case,
        case.version,
        outcome=text,
        chosen=list(case.options.current()),
        decided_by=text,
        decided_on=datetime.date(2026, 11, 1),
        reason=text,
        review_on=datetime.date(2027, 11, 1),
    )


def _followed(users: Users, edition: Edition, text: str) -> Case:
    """Work a case to an approved decision, and close it."""
    analyst = users["analyst"]
    case, records = _worked(analyst, edition, text, "everyone")
    action = records["action"]
    content.change_content(analyst, action, action.version, state=Action.State.DONE)
    decisions.judge(
        users["decision_maker"], records["decision"], records["decision"].version, approve=True, reason=text
    )
    case.refresh_from_db()
    return cases.close_case(analyst, case, case.version, text)


def _interest() -> str:
    from geomonitor.dependency import load_interests

    return load_interests().interests[0].code
