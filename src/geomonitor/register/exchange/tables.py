"""The tables of an export: which there are, and what each of their columns holds.

They follow from the models, so that a new field is exported without anybody thinking of it; a test sees to it
that each column is explained in `columns.toml`.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from django.db import models

from geomonitor.register.facts import option_kinds, public_interests, risk_kinds
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
    RiskJudgement,
    StepEvent,
    User,
)

__all__ = [
    "FORMAT",
    "FORMAT_VERSION",
    "Column",
    "Kind",
    "Purpose",
    "Table",
    "explanations",
    "table",
    "tables",
]

FORMAT = "geomonitor-register"
FORMAT_VERSION = 1

Kind = Literal[
    "text", "whole", "decimal", "yes_no", "date", "moment", "uid", "user", "reference", "references", "json"
]
Purpose = Literal["key", "version", "fixed", "content", "history"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes
    ----------
    name : str
        That of the model's field.
    kind : Kind
    purpose : Purpose
        'key' says which record it is; 'fixed' is given when it is made and never changed; 'content' is what
        people write; 'history' is who did what when, and what the steps and approvals made of it: an import
        takes it over for new records only, and only where an administrator brings history back.
    required : bool
        May not be empty.
    limit : int or None
        Signs of text, at most.
    smallest, largest : int or None
        Of a whole number.
    choices : tuple of str
        The values that there are; empty where any is right.
    target : str
        Table that a reference points into.
    meaning : mapping of str to str
        What it holds, by language.
    """

    name: str
    kind: Kind
    purpose: Purpose
    required: bool
    limit: int | None
    smallest: int | None
    largest: int | None
    choices: tuple[str, ...]
    target: str
    meaning: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: a sheet of the workbook, or a list in the JSON document.

    Attributes
    ----------
    name : str
    model : type of Model
    columns : tuple of Column
    """

    name: str
    model: type[models.Model]
    columns: tuple[Column, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that together say which record a row is."""
        return tuple(each.name for each in self.columns if each.purpose == "key")

    def named(self, purpose: Purpose) -> tuple[Column, ...]:
        """Give the columns of one purpose."""
        return tuple(each for each in self.columns if each.purpose == purpose)

    @property
    def versioned(self) -> bool:
        """Whether its records have a version, and so can be changed by an import."""
        return any(each.purpose == "version" for each in self.columns)


# in the order in which records point at one another
_MODELS: tuple[tuple[str, type[models.Model]], ...] = (
    ("people", User),
    ("instruments", Instrument),
    ("instrument_risks", InstrumentRisk),
    ("coercion_cases", CoercionCase),
    ("cases", Case),
    ("case_access", CaseMember),
    ("step_events", StepEvent),
    ("evidence", Evidence),
    ("interests", InterestTouched),
    ("judgements", RiskJudgement),
    ("options", PolicyOption),
    ("decisions", Decision),
    ("actions", Action),
    ("papers", PaperLink),
    ("comments", Comment),
)
# records without a uid are known by these
_KEYS: dict[str, tuple[str, ...]] = {
    "people": ("username",),
    "case_access": ("case", "user", "since"),
    "step_events": ("case", "kind", "step", "at"),
}
_ONLY: dict[str, tuple[str, ...]] = {"people": ("username", "first_name", "last_name")}
_FIXED = {
    ("cases", "reference"),
    *(("evidence", each) for each in ("edition", "edition_created", "finding", "finding_sha256", "source")),
}
# a form can change them, an import cannot
_HISTORY = {
    *(("case_access", each) for each in ("access", "until", "given_by")),
    *(("step_events", each) for each in ("by", "reason")),
}
_LAST = (
    "created_at",
    "created_by",
    "changed_at",
    "changed_by",
    "withdrawn_at",
    "withdrawn_by",
    "withdrawn_reason",
)


@functools.cache
def explanations() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Give what the read-me sheet says: by table, column and language.

    Examples
    --------
    >>> explanations()["people"]["username"]["en"]
    'Name with which the user logs in.'
    """
    with Path(__file__).with_name("columns.toml").open("rb") as file:
        return tomllib.load(file)


@functools.cache
def tables() -> tuple[Table, ...]:
    """Give the tables, in the order in which their records point at one another."""
    return tuple(_table(name, model, explanations()) for name, model in _MODELS)


@functools.cache
def table(name: str) -> Table:
    """Give the table of a name."""
    return next(each for each in tables() if each.name == name)


def _table(name: str, model: type[models.Model], meanings: Mapping[str, Any]) -> Table:
    fields: list[Any] = [
        each
        for each in (*model._meta.concrete_fields, *model._meta.many_to_many)
        if (each.name in _ONLY[name] if name in _ONLY else each.name != "id")
    ]
    fields.sort(key=lambda each: (each.name in _LAST, each.name != "uid", each.name != "version"))
    return Table(
        name=name,
        model=model,
        columns=tuple(
            _column(name, each, {**meanings["every"], **meanings.get(name, {})}) for each in fields
        ),
    )


def _column(table_name: str, field: Any, meanings: Mapping[str, Mapping[str, str]]) -> Column:
    kind, target = _kind(field)
    choices = tuple(str(value) for value, _ in field.choices or ()) if not field.is_relation else ()
    smallest, largest = _bounds(field) if kind == "whole" else (None, None)
    return Column(
        name=field.name,
        kind=kind,
        purpose=_purpose(table_name, field),
        required=not field.null and not field.blank and not field.many_to_many,
        limit=getattr(field, "max_length", None) if kind == "text" else None,
        smallest=smallest,
        largest=largest,
        choices=choices or _codes(table_name, field.name),
        target=target,
        meaning=meanings[field.name],
    )


def _kind(field: Any) -> tuple[Kind, str]:
    if field.is_relation:
        if field.related_model is User:
            return "user", "people"
        target = next(name for name, model in _MODELS if model is field.related_model)
        return ("references" if field.many_to_many else "reference"), target
    kinds: tuple[tuple[type[Any], Kind], ...] = (
        (models.UUIDField, "uid"),
        (models.JSONField, "json"),
        (models.DateTimeField, "moment"),
        (models.DateField, "date"),
        (models.BooleanField, "yes_no"),
        (models.DecimalField, "decimal"),
        (models.IntegerField, "whole"),
        (models.CharField, "text"),
        (models.TextField, "text"),
    )
    return next(kind for kind_of_field, kind in kinds if isinstance(field, kind_of_field)), ""


def _purpose(table_name: str, field: Any) -> Purpose:
    place = (table_name, field.name)
    if field.name in _KEYS.get(table_name, ("uid",)):
        return "key"
    if field.name == "version":
        return "version"
    if place in _FIXED or (field.name in ("case", "instrument") and field.is_relation):
        return "fixed"
    return "history" if place in _HISTORY or not field.editable else "content"


def _bounds(field: Any) -> tuple[int, int]:
    if field.name == "level":
        return 1, 5
    if field.name in ("completed_steps", "step"):
        return 0, 4
    small = isinstance(field, models.PositiveSmallIntegerField)
    return (1 if field.name == "version" else 0), 32_767 if small else 2_147_483_647


def _codes(table_name: str, name: str) -> tuple[str, ...]:
    if (table_name, name) == ("interests", "interest"):
        return tuple(each.code for each in public_interests())
    if (table_name, name) == ("options", "kind"):
        return tuple(each.code for each in option_kinds())
    if (table_name, name) == ("instrument_risks", "risk"):
        return tuple(each.code for each in risk_kinds())
    return ()
