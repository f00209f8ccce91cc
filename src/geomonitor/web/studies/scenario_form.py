"""The form of a scenario of one's own: read by the reader of scenario files, with its faults by field."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from geomonitor.data.input_output import EMBEDDED_TABLE, input_output_tables
from geomonitor.errors import GeomonitorError
from geomonitor.monitor.shock_results import shock_unit
from geomonitor.shocks import (
    SECTOR_FAMILIES,
    Calibration,
    Scenario,
    elasticity_sets,
    load_calibration,
    scenario_from,
    scenarios,
    sectors_meant,
    shock_of,
)
from geomonitor.web.language import say

__all__ = ["DRAWS", "KINDS", "MOST_CHANGES", "AskedScenario", "ChangeRow", "Fault", "form_of", "read_form"]

KINDS: Mapping[str, tuple[str, str]] = {
    "tariff_add": ("tariff", "add"),
    "tariff_set": ("tariff", "set"),
    "trade_cost": ("trade_cost", "factor"),
    "denial": ("denial", ""),
}
"""What a reader chooses, as kind and key of a scenario file."""

MOST_CHANGES = 6
DRAWS = ("0", "20", "50")
_DEFICITS = ("zero", "kept", "proportional")
_SEPARATORS = re.compile(r"[,;\s]+")
_CHANGE = re.compile(r"change (\d+)")
_KEY = re.compile(r"key (\w+)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and in which field.

    Attributes
    ----------
    field : str
        Name of the field.
    text : str
    """

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change as the form has it, in text.

    Attributes
    ----------
    number : int
        From 1.
    kind : str
        One of `KINDS`; empty for a row that is not used.
    buyers, sellers, sectors, size : str
    both_ways : bool
    """

    number: int
    kind: str = ""
    buyers: str = ""
    sellers: str = ""
    sectors: str = ""
    size: str = ""
    both_ways: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing was filled in."""
        return not (self.kind or self.buyers or self.sellers or self.size)


@dataclass(frozen=True, slots=True)
class AskedScenario:
    """A form as it was filled in, with what was found wrong.

    Attributes
    ----------
    name, focus : str
    calibration, elasticities, deficits, draws : str
    changes : tuple of ChangeRow
    based_on : str
        Scenario that the form was filled with; empty for none.
    faults : tuple of Fault
    parameters : mapping
        Of the job; empty where something is wrong.
    """

    name: str = ""
    focus: str = ""
    calibration: str = EMBEDDED_TABLE
    elasticities: str = ""
    deficits: str = "zero"
    draws: str = "20"
    changes: tuple[ChangeRow, ...] = ()
    based_on: str = ""
    faults: tuple[Fault, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def fault_of(self, name: str) -> str:
        """Give what is wrong with a field; empty where nothing is."""
        return " ".join(each.text for each in self.faults if each.field == name)


def form_of(code: str, language: str) -> AskedScenario:
    """Fill the form with a scenario that ships, or leave it open.

    Parameters
    ----------
    code : str
        Of the scenario; empty for an open form.
    language : {'en', 'nl'}

    Examples
    --------
    >>> form_of("eu-china-25pp", "en").changes[0].size
    '25 pp'
    >>> form_of("", "en").changes[0].empty
    True
    """
    if not code:
        return AskedScenario(changes=_padded(()))
    found = scenarios()[code]
    codes = dict.fromkeys(
        each for change in found.changes for each in (*change.buyers, *change.sellers) if each != "WORLD"
    )
    rows = []
    for number, change in enumerate(found.changes, start=1):
        kind: str = change.kind
        size = ""
        if change.add is not None:
            kind, size = "tariff_add", _size(str(change.add))
        elif change.replace is not None:
            kind, size = "tariff_set", _size(str(change.replace))
        elif change.factor is not None:
            size = f"{change.factor:g}"
        rows.append(
            ChangeRow(
                number, kind, ", ".join(change.buyers), ", ".join(change.sellers), ", ".join(change.sectors),
                size, change.both_ways,
            )
        )  # fmt: skip
    return AskedScenario(
        name=found.name[language],
        focus=", ".join(codes),
        deficits=found.deficits,
        changes=_padded(tuple(rows)),
        based_on=code,
    )


def _size(text: str) -> str:
    """Write a change of a tariff as short as a reader would.

    Examples
    --------
    >>> _size("+25 percentage points"), _size("10 %")
    ('25 pp', '10 %')
    """
    return text.removeprefix("+").replace("percentage points", "pp")


def _padded(rows: Sequence[ChangeRow], least: int = 2) -> tuple[ChangeRow, ...]:
    more = range(len(rows) + 1, max(len(rows) + 1, least) + 1)
    return (*rows, *(ChangeRow(number) for number in more))[:MOST_CHANGES]


def read_form(data: Mapping[str, str], language: str, *, today: datetime.date) -> AskedScenario:
    """Read a filled-in form: by the reader of scenario files, then against the calibration.

    Parameters
    ----------
    data : mapping of str to str
    language : {'en', 'nl'}
        In which the scenario is named.
    today : datetime.date

    Returns
    -------
    AskedScenario
        With `faults`, or else with the `parameters` of the job.
    """

    def text(name: str, default: str = "") -> str:
        return str(data.get(name, default)).strip()[:_LONGEST]

    rows = tuple(
        ChangeRow(
            number, text(f"kind-{number}"), text(f"buyers-{number}"), text(f"sellers-{number}"),
            text(f"sectors-{number}"), text(f"size-{number}"), bool(text(f"both-ways-{number}")),
        )
        for number in range(1, MOST_CHANGES + 1)
        if f"kind-{number}" in data
    )  # fmt: skip
    asked = AskedScenario(
        name=text("name"), focus=text("focus"), calibration=text("calibration", EMBEDDED_TABLE),
        elasticities=text("elasticities"), deficits=text("deficits", "zero"), draws=text("draws", "20"),
        changes=rows or _padded(()), based_on=text("based_on"),
    )  # fmt: skip
    faults = [
        *_faults_of_choices(asked),
        *(_fault("name", "scenarios_fault.no_name") for _ in (1,) if not asked.name),
    ]
    used = [row for row in asked.changes if not row.empty]
    if not used:
        faults.append(_fault("kind-1", "scenarios_fault.no_change"))
    read, wrong = _changes(used, asked, today)
    faults += wrong
    if not any(each.field in {"calibration", "elasticities"} for each in faults):
        faults += _faults_of_calibration(asked, read)
    if faults:
        return replace(asked, faults=tuple(faults))
    return replace(asked, parameters=_parameters(asked, used, read, language, today))


def _fault(name: str, key: str, **values: object) -> Fault:
    return Fault(name, say(None, key, **values))


def _faults_of_choices(asked: AskedScenario) -> list[Fault]:
    possible = {
        "calibration": input_output_tables(),
        "elasticities": ("", *elasticity_sets()),
        "deficits": _DEFICITS,
        "draws": DRAWS,
    }
    found = []
    for name, options in possible.items():
        value = getattr(asked, name)
        if value not in options:
            listed = ", ".join(each for each in options if each)
            found.append(_fault(name, "scenarios_fault.not_possible", value=value, possible=listed))
    return found


def _codes(text: str) -> list[str]:
    return [each for each in _SEPARATORS.split(text) if each]


def _raw_change(row: ChangeRow) -> dict[str, Any]:
    """Give a change as a scenario file has it."""
    kind, key = KINDS.get(row.kind, ("", ""))
    raw: dict[str, Any] = {
        "kind": kind,
        "buyers": [each.upper() for each in _codes(row.buyers)],
        "sellers": [each.upper() for each in _codes(row.sellers)],
        "both_ways": row.both_ways,
        "sectors": [_sector(each) for each in _codes(row.sectors)] or ["all"],
    }
    if key == "factor":
        raw["factor"] = float(row.size.replace(",", "."))
    elif key:
        raw[key] = row.size
    return raw


def _sector(text: str) -> str:
    return text.lower() if text.lower() in SECTOR_FAMILIES else text.upper()


def _changes(
    used: Sequence[ChangeRow], asked: AskedScenario, today: datetime.date
) -> tuple[list[tuple[int, Scenario]], list[Fault]]:
    """Read every change by itself, so that all faults are named at once."""
    head = {
        "code": "own",
        "name": {"en": asked.name or "–", "nl": asked.name or "–"},
        "source": "–",
        "date": today,
        "deficits": asked.deficits if asked.deficits in _DEFICITS else "zero",
    }
    read, faults = [], []
    for row in used:
        found = _faults_of_row(row)
        if found:
            faults += found
            continue
        try:
            alone = scenario_from({**head, "change": [_raw_change(row)]}, f"scenario, change {row.number}")
        except GeomonitorError as error:
            faults.append(_placed(error, row.number))
            continue
        read.append((row.number, alone))
    return read, faults


def _faults_of_row(row: ChangeRow) -> list[Fault]:
    """Find what was left open, and a factor that is no number."""
    found = []
    if not row.kind:
        found.append(_fault(f"kind-{row.number}", "scenarios_fault.no_kind"))
    elif row.kind not in KINDS:
        possible = ", ".join(KINDS)
        found.append(
            _fault(f"kind-{row.number}", "scenarios_fault.not_possible", value=row.kind, possible=possible)
        )
    for side in ("buyers", "sellers"):
        if not _codes(getattr(row, side)):
            found.append(_fault(f"{side}-{row.number}", "scenarios_fault.no_parties"))
    key = KINDS.get(row.kind, ("", ""))[1]
    if key and not row.size:
        found.append(_fault(f"size-{row.number}", f"scenarios_fault.no_size_{row.kind}"))
    elif key == "factor" and _NUMBER.fullmatch(row.size) is None:
        found.append(_fault(f"size-{row.number}", "scenarios_fault.no_factor", value=row.size))
    return found


def _placed(error: GeomonitorError, number: int) -> Fault:
    """Find the field that an error is about."""
    where = error.where or ""
    key = _KEY.search(where)
    name = key[1] if key else ""
    if not name:
        name = next((part for part in ("buyers", "sellers", "sectors") if part in where), "kind")
    field_name = {"add": "size", "set": "size", "factor": "size", "both_ways": "both-ways"}.get(name, name)
    parts = [error.what]
    if error.expected:
        parts.append(say(None, "scenarios_fault.expected", expected=_short(error.expected)))
    if error.next_step and "docs/" not in error.next_step:
        parts.append(error.next_step)
    return Fault(f"{field_name}-{number}", " ".join(parts))


def _short(text: str, most: int = 240) -> str:
    return text if len(text) <= most else f"{text[:most].rsplit(', ', 1)[0]}, …"


def _faults_of_calibration(asked: AskedScenario, read: Sequence[tuple[int, Scenario]]) -> list[Fault]:
    """Hold changes and focus against the calibration: economies, sectors, whether anything is touched."""
    try:
        calibration = load_calibration(asked.calibration, elasticity_set=asked.elasticities or None)
    except GeomonitorError as error:
        return [Fault("elasticities" if asked.elasticities else "calibration", error.what)]
    found = [_fault_of_change(calibration, alone, number) for number, alone in read]
    faults = [each for each in found if each is not None]
    for code in _codes(asked.focus):
        try:
            shock_unit(calibration, code.upper())
        except GeomonitorError as error:
            faults.append(Fault("focus", f"{error.what} {_short(error.expected or '')}".strip()))
    return faults


def _fault_of_change(calibration: Calibration, alone: Scenario, number: int) -> Fault | None:
    (change,) = alone.changes
    for side, codes in (("buyers", change.buyers), ("sellers", change.sellers)):
        for code in codes:
            try:
                shock_unit(calibration, code)
            except GeomonitorError as error:
                return Fault(f"{side}-{number}", f"{error.what} {error.next_step or ''}".strip())
    try:
        sectors_meant(calibration, change.sectors)
    except GeomonitorError as error:
        return Fault(f"sectors-{number}", f"{error.what} {error.next_step or ''}".strip())
    try:
        shock_of(alone, calibration)
    except GeomonitorError as error:
        return _placed(error, number)
    return None


def _parameters(
    asked: AskedScenario,
    used: Sequence[ChangeRow],
    read: Sequence[tuple[int, Scenario]],
    language: str,
    today: datetime.date,
) -> Mapping[str, Any]:
    """Give what the job needs, as plain data; a scenario that ships keeps its source while unchanged."""
    known = scenarios().get(asked.based_on)
    changes = tuple(change for _, alone in read for change in alone.changes)
    same = known is not None and (changes, asked.deficits) == (known.changes, known.deficits)
    return {
        "scenario": {
            "code": "own",
            "name": {"en": asked.name, "nl": asked.name},
            "source": known.source if same and known else say(language, "scenarios.own_source"),
            "date": today.isoformat(),
            "deficits": asked.deficits,
            "change": [_raw_change(row) for row in used],
        },
        "calibration": asked.calibration,
        "elasticities": asked.elasticities,
        "focus": [each.upper() for each in _codes(asked.focus)],
        "draws": int(asked.draws),
    }
