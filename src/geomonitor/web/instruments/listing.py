"""What the pages of the register share: choices in the URL, tables of instruments, conflicts in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone

from geomonitor._version import __version__
from geomonitor.errors import UnknownCodeError
from geomonitor.register.errors import ConflictError
from geomonitor.register.models import Instrument, Record, User
from geomonitor.report.datatable import Column, DataTable
from geomonitor.web.instruments.shown_codes import in_language, named, named_risk
from geomonitor.web.language import active_language, say

__all__ = [
    "ConflictRow",
    "chosen",
    "conflict_rows",
    "instruments_table",
    "register_provenance",
    "risks_table",
    "signed_in",
    "with_version",
]

_DATES = ("proposed_on", "adopted_on", "in_force_on", "applies_from", "ended_on")


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A field that somebody else changed: what they saved, and what was to be saved."""

    label: str
    theirs: str
    yours: str


def signed_in(request: HttpRequest) -> User:
    """Give the user of a page that asks for log-in."""
    assert isinstance(request.user, User)
    return request.user


def chosen(request: HttpRequest, name: str, allowed: Collection[str]) -> str:
    """Read a choice from the URL; empty where there is none.

    Raises
    ------
    UnknownCodeError
        If it is none of those allowed.
    """
    value = request.GET.get(name, "")
    if value and value not in allowed:
        raise UnknownCodeError(
            f"There is no {name} {value[:60]!r}.",
            where=name,
            expected=f"one of {', '.join(sorted(allowed))}" if allowed else "nothing: there is no choice yet",
            next_step="Choose from the list on the page.",
        )
    return value


def conflict_rows(error: ConflictError, form: forms.BaseForm) -> list[ConflictRow]:
    """Put the saved version beside the one that was to be saved, field by field."""
    rows = []
    for name, yours in error.wanted.items():
        if name not in form.fields or not isinstance(error.record, Record):
            continue
        theirs = getattr(error.record, name)
        if theirs != yours:
            rows.append(ConflictRow(str(form.fields[name].label), _written(theirs), _written(yours)))
    return rows


def with_version(data: Mapping[str, Any], record: Record) -> dict[str, Any]:
    """Give what was sent, with the version of the record as it is now."""
    return {name: data[name] for name in data} | {"version": str(record.version)}


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return active_language().say("word.yes" if value else "word.no")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return str(value) if value not in (None, "") else "–"


def register_provenance(request: HttpRequest, filters: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Give what stands beside a downloaded table of the register."""
    lines = [
        (say(None, "provenance.source"), say(None, "instrument.register_source")),
        (say(None, "instrument.as_of"), timezone.localdate().isoformat()),
        (say(None, "provenance.version"), __version__),
        (say(None, "provenance.url"), request.build_absolute_uri(request.path)),
    ]
    return [*lines, (say(None, "provenance.filters"), "; ".join(filters))] if filters else lines


def instruments_table(instruments: Sequence[Instrument]) -> DataTable:
    """Make the table of every field of instruments, for a download."""
    columns = [
        *(
            Column(say(None, f"instrument.{key}"))
            for key in (
                "name", "level", "kind", "state", *_DATES, "legal_basis", "reference", "responsible",
                "summary", "limits", "risks", "letter", "source", "to_check_note", "code",
            )
        ),
    ]  # fmt: skip
    rows = [
        (
            in_language(each, "name"),
            named(f"instrument_level.{each.level}"),
            named(f"instrument_kind.{each.kind}"),
            named(f"instrument_state.{each.state}"),
            *(date.isoformat() if date else None for date in (getattr(each, name) for name in _DATES)),
            each.legal_basis or None,
            each.reference or None,
            each.responsible or None,
            in_language(each, "summary") or None,
            in_language(each, "limits") or None,
            "; ".join(
                f"{named_risk(one.risk)} ({named(f'strength.{one.strength}').lower()})"
                for one in each.risks.all()
                if not one.withdrawn
            )
            or None,
            each.letter_reference or None,
            each.source or None,
            each.to_check_note or None,
            each.code,
        )
        for each in instruments
    ]
    return DataTable.of(say(None, "instrument.many"), columns, rows)


def risks_table(instrument: Instrument) -> DataTable:
    """Make the table of the risks that an instrument addresses."""
    return DataTable.of(
        say(None, "instrument.risks"),
        [Column(say(None, f"instrument.{key}")) for key in ("risk", "strength", "argument")],
        [
            (named_risk(each.risk), named(f"strength.{each.strength}"), in_language(each, "argument"))
            for each in instrument.risks.all()
            if not each.withdrawn
        ],
    )
