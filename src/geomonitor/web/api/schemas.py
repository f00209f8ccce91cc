"""What goes in and comes out of the API. Records have the columns of an export."""

from __future__ import annotations

import datetime
import functools
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, create_model

from geomonitor.register.exchange.tables import Column, table
from geomonitor.register.exchange.values import YEARS

__all__ = [
    "ConflictOut",
    "EditionOut",
    "ErrorOut",
    "Limit",
    "Offset",
    "Page",
    "PlainText",
    "change_schema",
    "extended_schema",
    "new_schema",
    "record_schema",
]


def _kept_text(text: str) -> str:
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("the text has a sign that cannot be kept (NUL, or half of a pair)")
    return text


PlainText = Annotated[str, AfterValidator(_kept_text)]
_Day = Annotated[datetime.date, Field(ge=datetime.date(YEARS[0], 1, 1), le=datetime.date(YEARS[-1], 12, 31))]
Limit = Annotated[int, Field(ge=1, le=1_000, description="Rows at most.")]
Offset = Annotated[int, Field(ge=0, le=10_000_000, description="Rows to pass over.")]


class ErrorOut(Schema):
    """What went wrong: what happened, where, what was expected, what to do next."""

    what: str
    where: str | None = None
    expected: str | None = None
    next: str | None = None


class ConflictOut(ErrorOut):
    """Somebody changed the record since it was read: as it is now, and what was to be written."""

    current: dict[str, Any]
    wanted: dict[str, Any]


class EditionOut(Schema):
    """An edition: which data, which methods, which years."""

    id: str
    title: str
    created: datetime.datetime
    period: str
    main_method: str
    geomonitor_version: str
    dataset: dict[str, Any]
    methods: list[dict[str, Any]]
    importers: list[dict[str, Any]]


class Page(Schema):
    """A part of a list."""

    count: int = Field(description="Rows in all.")
    limit: int
    offset: int


@functools.cache
def record_schema(name: str) -> type[Schema]:
    """Give the schema of a record as it comes out: all columns of its table of an export."""
    columns: dict[str, Any] = {each.name: (_out(each), _about(each)) for each in table(name).columns}
    return create_model(f"{_title(name)}Out", __base__=Schema, **columns)


def extended_schema(name: str, base: type[Schema], **fields: Any) -> type[Schema]:
    """Give a schema with more fields, all required: parts whose schemas are made from tables."""
    more: dict[str, Any] = {field: (kind, ...) for field, kind in fields.items()}
    return create_model(name, __base__=base, **more)


@functools.cache
def new_schema(name: str, leave_out: tuple[str, ...] = ()) -> type[Schema]:
    """Give the schema of a new record: its content."""
    fields: dict[str, Any] = {}
    for each in table(name).named("content"):
        if each.name in leave_out:
            continue
        default = ... if _must_be_given(each) else _default(each)
        fields[each.name] = (_in(each) if default is ... else _in(each) | None, _about(each, default))
    return create_model(f"{_title(name)}New", __base__=_Strict, **fields)


@functools.cache
def change_schema(name: str, leave_out: tuple[str, ...] = ()) -> type[Schema]:
    """Give the schema of a change: the version that was read, and the fields that change."""
    fields: dict[str, Any] = {
        "version": (
            Annotated[int, Field(ge=1, le=2**31 - 1)],
            Field(description="The version that was read."),
        )
    }
    for each in table(name).named("content"):
        if each.name not in leave_out:
            # left out is left as it is; null empties what can be empty
            fields[each.name] = (_in(each), _about(each, _default(each)))
    return create_model(f"{_title(name)}Change", __base__=_Strict, **fields)


class _Strict(Schema):
    """Refuses fields that it does not know: a mistyped name is not passed over."""

    model_config = ConfigDict(extra="forbid")


def _title(name: str) -> str:
    return "".join(part.capitalize() for part in name.removesuffix("s").split("_"))


def _about(column: Column, default: Any = ...) -> Any:
    return Field(default, description=column.meaning["en"])


def _must_be_given(column: Column) -> bool:
    has_default = column.kind == "yes_no" or column.name in ("visibility", "state", "remind_days_before")
    return column.required and not has_default


def _default(column: Column) -> Any:
    if column.kind == "references":
        return []
    if column.kind == "text" and not column.choices:
        return ""
    return None


def _out(column: Column) -> Any:
    kinds: dict[str, Any] = {
        "whole": int,
        "yes_no": bool,
        "date": datetime.date,
        "moment": datetime.datetime,
        "uid": UUID,
        "reference": UUID,
        "references": list[UUID],
        "json": Any,
    }
    found = kinds.get(column.kind, str)
    return found if column.required or column.kind in ("text", "references", "json") else found | None


def _in(column: Column) -> Any:
    if column.choices:
        found: Any = Literal[tuple(column.choices)]
    elif column.kind == "whole":
        found = Annotated[int, Field(ge=column.smallest, le=column.largest)]
    elif column.kind == "text":
        shortest = 1 if column.required else 0
        found = Annotated[PlainText, Field(min_length=shortest, max_length=column.limit)]
    elif column.kind == "references":
        found = Annotated[list[UUID], Field(max_length=500)]
    elif column.kind == "decimal":
        found = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=3, allow_inf_nan=False)]
    elif column.kind == "user":
        found = Annotated[PlainText, Field(max_length=150)]
    else:
        found = {"date": _Day, "yes_no": bool}[column.kind]
    can_be_null = not column.required and (column.kind != "text" or bool(column.choices))
    return found | None if can_be_null and column.kind != "references" else found
