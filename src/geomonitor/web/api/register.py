"""Cases with their content, instruments and coercion cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from ninja import Path, Query, Router, Schema, Status

from geomonitor.register.access import require, visible_cases
from geomonitor.register.errors import RuleError
from geomonitor.register.exchange.export import plain_rows
from geomonitor.register.exchange.tables import table
from geomonitor.register.models import Case, CoercionCase, Evidence, Instrument, User
from geomonitor.register.services import cases, content
from geomonitor.register.trail import saw
from geomonitor.web.api.schemas import (
    ConflictOut,
    ErrorOut,
    Limit,
    Offset,
    Page,
    change_schema,
    extended_schema,
    new_schema,
    record_schema,
)
from geomonitor.web.api.security import asking_user, require_writing

__all__ = ["CONTENT", "router"]

router = Router(tags=["register"])

CONTENT = ("interests", "judgements", "options", "actions", "papers", "comments")
"""Parts of a case that the API adds to and changes; decisions are proposed and approved on their pages."""

# of a case, with all its content
_PARTS = ("evidence", *CONTENT, "decisions", "step_events")

_READ_FAILURES: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 422, 429), ErrorOut)
_WRITE_FAILURES: dict[int, Any] = {**_READ_FAILURES, 409: ConflictOut}

Reference = Annotated[str, Path(pattern="^[0-9]{4}-[0-9]{3,6}$", description="Such as 2026-014.")]
Code = Annotated[str, Path(pattern="^[-a-zA-Z0-9_]{1,60}$")]
CaseStatus = Literal[
    "interest", "risk", "options", "decision", "approval", "follow_up", "closed", "withdrawn"
]

CaseRecord = record_schema("cases")
InstrumentRecord = record_schema("instruments")
EventRecord = record_schema("coercion_cases")
# what the API makes of assigned_to: a user by name
NewCase = new_schema("cases")
CaseChange = change_schema("cases")


CaseHead = extended_schema("CaseHead", CaseRecord, status=CaseStatus)
CaseWhole = extended_schema("Case", CaseHead, **{each: list[record_schema(each)] for each in _PARTS})  # type: ignore[misc]
CasesOut = extended_schema("Cases", Page, cases=list[CaseHead])  # type: ignore[valid-type]
RiskRecord = record_schema("instrument_risks")
InstrumentWhole = extended_schema("Instrument", InstrumentRecord, risks=list[RiskRecord])  # type: ignore[valid-type]
InstrumentsOut = extended_schema("Instruments", Page, instruments=list[InstrumentWhole])  # type: ignore[valid-type]
EventsOut = extended_schema("CoercionCases", Page, coercion_cases=list[EventRecord])  # type: ignore[valid-type]


class PageOnly(Schema):
    """Which part of the list."""

    limit: Limit = 100
    offset: Offset = 0


# --- cases ------------------------------------------------------------------------------------------
@router.get("/cases", response={200: CasesOut, **_READ_FAILURES}, summary="List cases")
def list_cases(request: HttpRequest, wanted: Query[PageOnly]) -> Any:
    """Those that the user may read, newest first."""
    found = visible_cases(asking_user(request)).order_by("-created_at", "reference")
    return {**_page(found, wanted), "cases": [_head(each) for each in _part(found, wanted)]}


@router.post("/cases", response={201: CaseWhole, **_WRITE_FAILURES}, summary="Open a case")
def open_case(request: HttpRequest, new: NewCase) -> Any:  # type: ignore[valid-type]
    """Needs a token that may write, and the role for it."""
    user = require_writing(request)
    fields = _given(new, drop_empty=True)
    case = cases.open_case(user, **_with_user(fields, "assigned_to"))
    return Status(201, _whole(case))


@router.get("/cases/{reference}", response={200: CaseWhole, **_READ_FAILURES}, summary="Get a case")
def get_case(request: HttpRequest, reference: Reference) -> Any:
    """With all its content. The audit trail notes that it was read."""
    case = _case(request, reference)
    saw(case)
    return _whole(case)


@router.patch(
    "/cases/{reference}", response={200: CaseWhole, **_WRITE_FAILURES}, summary="Change the head of a case"
)
def change_case(request: HttpRequest, reference: Reference, change: CaseChange) -> Any:  # type: ignore[valid-type]
    """Fields that are left out stay. Status 409 where the version is no longer the current one."""
    user = require_writing(request)
    case = _case(request, reference)
    fields = _given(change)
    changed = cases.change_case(user, case, fields.pop("version"), **_with_user(fields, "assigned_to"))
    return _whole(changed)


# --- content of a case ------------------------------------------------------------------------------
def _content_calls(name: str) -> None:
    """Add the calls on one kind of content."""
    out = record_schema(name)
    singular = name.removesuffix("s")

    def add(request: HttpRequest, reference: str, new: Any) -> Any:
        user = require_writing(request)
        case = _case(request, reference)
        fields = _given(new, drop_empty=True)
        relations = _relations(case, fields, name)
        made = content.add(user, case, _model(name), relations, **_with_user(fields, "owner"))
        return Status(201, _row(name, made.pk))

    def change(request: HttpRequest, reference: str, uid: UUID, change: Any) -> Any:
        user = require_writing(request)
        case = _case(request, reference)
        record = _model(name)._default_manager.filter(pk=uid, case=case).first()
        if record is None:
            raise Http404
        fields = _given(change)
        version = fields.pop("version")
        relations = _relations(case, fields, name)
        content.change_content(user, record, version, relations, **_with_user(fields, "owner"))
        return _row(name, uid)

    # the schemas are made, so they cannot stand in the signature
    add.__annotations__ |= {"reference": Reference, "new": new_schema(name)}
    change.__annotations__ |= {"reference": Reference, "uid": UUID, "change": change_schema(name)}
    _register(router.post, f"/cases/{{reference}}/{name}", 201, out, f"Add to {name}", f"add_{singular}")(add)
    _register(
        router.patch,
        f"/cases/{{reference}}/{name}/{{uid}}",
        200,
        out,
        f"Change one of {name}",
        f"change_{singular}",
    )(change)


def _register(
    method: Callable[..., Any], path: str, status: int, out: Any, summary: str, operation: str
) -> Callable[..., Any]:
    response = {status: out, **_WRITE_FAILURES}
    description = "Needs a token that may write. The rules of the steps hold."
    decorate: Callable[..., Any] = method(
        path,
        response=response,
        summary=summary,
        operation_id=operation,
        url_name=operation,
        description=description,
    )
    return decorate


for _name in CONTENT:
    _content_calls(_name)


# --- instruments and coercion cases -----------------------------------------------------------------
@router.get("/instruments", response={200: InstrumentsOut, **_READ_FAILURES}, summary="List instruments")
def list_instruments(request: HttpRequest, wanted: Query[PageOnly]) -> Any:
    """With the risks they can address."""
    require(request.user, "read_cases")
    found = Instrument.objects.order_by("code")
    return {**_page(found, wanted), "instruments": _instruments(_part(found, wanted))}


@router.get(
    "/instruments/{code}", response={200: InstrumentWhole, **_READ_FAILURES}, summary="Get an instrument"
)
def get_instrument(request: HttpRequest, code: Code) -> Any:
    """With the risks it can address."""
    require(request.user, "read_cases")
    return _first(_instruments(Instrument.objects.filter(code=code)))


@router.get("/coercion-cases", response={200: EventsOut, **_READ_FAILURES}, summary="List coercion cases")
def list_coercion_cases(request: HttpRequest, wanted: Query[PageOnly]) -> Any:
    """Events of economic coercion; motives are judgements, with their confidence."""
    require(request.user, "read_cases")
    found = CoercionCase.objects.order_by("-started_on", "code")
    rows = plain_rows(table("coercion_cases"), _part(found, wanted))
    return {**_page(found, wanted), "coercion_cases": rows}


@router.get(
    "/coercion-cases/{code}", response={200: EventRecord, **_READ_FAILURES}, summary="Get a coercion case"
)
def get_coercion_case(request: HttpRequest, code: Code) -> Any:
    """One event."""
    require(request.user, "read_cases")
    return _first(plain_rows(table("coercion_cases"), CoercionCase.objects.filter(code=code)))


# --- small parts ------------------------------------------------------------------------------------
def _case(request: HttpRequest, reference: str) -> Case:
    """Find a case; one that the user may not read is not found."""
    found = visible_cases(asking_user(request)).filter(reference=reference).first()
    if found is None:
        raise Http404
    return found


def _page(found: QuerySet[Any], wanted: PageOnly) -> dict[str, int]:
    return {"count": found.count(), "limit": wanted.limit, "offset": wanted.offset}


def _part(found: QuerySet[Any], wanted: PageOnly) -> QuerySet[Any]:
    return found[wanted.offset : wanted.offset + wanted.limit]


def _first(rows: list[dict[str, Any]]) -> dict[str, Any]:
    if not rows:
        raise Http404
    return rows[0]


def _head(case: Case) -> dict[str, Any]:
    return {**_row("cases", case.pk), "status": case.status}


def _whole(case: Case) -> dict[str, Any]:
    rows = {
        each: plain_rows(table(each), table(each).model._default_manager.filter(case=case)) for each in _PARTS
    }
    return {**_head(case), **rows}


def _instruments(found: QuerySet[Any]) -> list[dict[str, Any]]:
    rows = plain_rows(table("instruments"), found)
    risks: dict[str, list[dict[str, Any]]] = {row["uid"]: [] for row in rows}
    of = table("instrument_risks")
    for risk in plain_rows(of, of.model._default_manager.filter(instrument__in=list(risks))):
        risks[risk["instrument"]].append(risk)
    return [{**row, "risks": risks[row["uid"]]} for row in rows]


def _row(name: str, uid: Any) -> dict[str, Any]:
    return plain_rows(table(name), table(name).model._default_manager.filter(pk=uid))[0]


def _model(name: str) -> Any:
    return table(name).model


def _given(body: Any, *, drop_empty: bool = False) -> dict[str, Any]:
    """Give the fields that the request names; for a new record without those that are null."""
    fields: dict[str, Any] = body.model_dump(exclude_unset=True)
    return {name: value for name, value in fields.items() if not (drop_empty and value is None)}


def _with_user(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """Put the user in the place of the user name."""
    username = fields.get(name)
    if username is None:
        return fields
    found = User.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise RuleError(
            "There is no such user.",
            fields={name: ["There is no active user of this name."]},
            expected="a user name",
        )
    return {**fields, name: found}


def _relations(case: Case, fields: dict[str, Any], name: str) -> dict[str, list[Any]] | None:
    """Take the relations out of the fields: records of the same case, or instruments."""
    found: dict[str, list[Any]] = {}
    for column in table(name).columns:
        if column.kind != "references" or column.name not in fields:
            continue
        uids = fields.pop(column.name)
        model = _model(column.target)
        records = list(
            model._default_manager.filter(pk__in=uids, **({"case": case} if model is Evidence else {}))
        )
        missing = {str(uid) for uid in uids} - {str(each.pk) for each in records}
        if missing:
            raise RuleError(
                f"There is no record {sorted(missing)[0]} here.",
                where=column.name,
                expected=f"uids of {column.target}" + (" of this case" if model is Evidence else ""),
            )
        found[column.name] = records
    return found or None
