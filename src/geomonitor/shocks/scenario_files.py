"""Scenarios: which tariffs, costs or bans between which economies, in files that people write."""

from __future__ import annotations

import datetime
import importlib.resources
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from geomonitor.codes import near_matches, resolve_importer
from geomonitor.data.described_files import DescribedFiles
from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.shocks.calibration import Calibration
from geomonitor.shocks.rates import Percent, PercentagePoints, parse_rate
from geomonitor.shocks.system import Deficits, Shock

__all__ = [
    "SECTOR_FAMILIES",
    "Change",
    "Scenario",
    "load_scenario",
    "scenario",
    "scenario_from",
    "scenarios",
    "sectors_meant",
    "shock_of",
]

Kind = Literal["tariff", "trade_cost", "denial"]

SECTOR_FAMILIES: tuple[str, ...] = (
    "all",
    "goods",
    "agriculture",
    "mining",
    "manufacturing",
    "energy",
    "construction",
    "services",
)
"""Families of sectors that every calibration knows."""

_FILES = DescribedFiles("See docs/shocks.md for the format.")
_LETTERS = {"A": "agriculture", "B": "mining", "C": "manufacturing", "D": "energy", "F": "construction"}
_GOODS = ("agriculture", "mining", "manufacturing")
# a letter, two digits, perhaps a part of the division (C24A, C301), and perhaps the last of a range
_DIVISION = re.compile(r"^([A-U])(\d{2})[A-SU-Z\d]?(?:(T|-[A-U]?)(\d{2})\d?)?$")
_DEFICITS = ("kept", "zero", "proportional")
_KEYS = {
    "code": str,
    "name": dict,
    "about": dict,
    "source": str,
    "date": datetime.date,
    "deficits": str,
    "change": list,
}
_CHANGE_KEYS = {
    "kind": str,
    "buyers": list,
    "sellers": list,
    "both_ways": bool,
    "sectors": list,
    "add": str,
    "set": str,
    "factor": float,
}
_RATE_KEYS = {"tariff": ("add", "set"), "trade_cost": ("factor",), "denial": ()}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a scenario.

    Attributes
    ----------
    kind : {'tariff', 'trade_cost', 'denial'}
    buyers, sellers : tuple of str
        Economies or groups.
    both_ways : bool
        Whether it holds for the sellers' purchases from the buyers too.
    sectors : tuple of str
        Codes or families; "all" for all.
    add, replace : PercentagePoints or Percent or None
        Of a tariff: what is added to it (percentage points, or percent of it), or what it becomes.
    factor : float or None
        On costs of trade.
    """

    kind: Kind
    buyers: tuple[str, ...]
    sellers: tuple[str, ...]
    both_ways: bool
    sectors: tuple[str, ...]
    add: PercentagePoints | Percent | None = None
    replace: Percent | None = None
    factor: float | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named set of changes.

    Attributes
    ----------
    code : str
    name, about : dict of str to str
        By language.
    source : str
        Where it was taken from.
    date : datetime.date
    deficits : {'kept', 'zero', 'proportional'}
    changes : tuple of Change
    """

    code: str
    name: Mapping[str, str]
    about: Mapping[str, str]
    source: str
    date: datetime.date
    deficits: Deficits
    changes: tuple[Change, ...]


def scenarios() -> Mapping[str, Scenario]:
    """Read the scenarios that ship with Geomonitor.

    Examples
    --------
    >>> "eu-china-25pp" in scenarios()
    True
    """
    folder = importlib.resources.files("geomonitor.shocks") / "shipped_scenarios"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml"):
            each = scenario_from(_FILES.parsed(file.read_text(encoding="utf-8"), file.name), file.name)
            found[each.code] = each
    return found


def scenario(name: str) -> Scenario:
    """Give a scenario by its code, or read its file.

    Parameters
    ----------
    name : str
        A code such as ``eu-china-25pp``, or the path of a TOML file.

    Raises
    ------
    UnknownCodeError
        If there is none of that name.
    DataError
        If the file is not a sound scenario.

    Examples
    --------
    >>> scenario("eu-china-25pp").changes[0].both_ways
    True
    """
    if name.endswith(".toml"):
        return load_scenario(name)
    known = scenarios()
    if name not in known:
        near = near_matches(name, tuple(known))
        raise UnknownCodeError(
            f"There is no scenario {name!r}.",
            where="scenario",
            expected=f"one of {', '.join(known)}, or a TOML file",
            next_step=f"Did you mean {' or '.join(near)}?" if near else "See `geomonitor shock list`.",
        )
    return known[name]


def load_scenario(path: str | Path) -> Scenario:
    """Read a scenario from a file.

    Parameters
    ----------
    path : str or pathlib.Path

    Raises
    ------
    DataError
        If a key is missing, unknown or of a wrong type, or a number cannot be meant.
    """
    return scenario_from(_FILES.read(path), str(path))


def scenario_from(raw: Mapping[str, Any], where: str) -> Scenario:
    """Read a scenario from plain data, as its file has it.

    Parameters
    ----------
    raw : mapping
        Keys and values of the file.
    where : str
        For messages.

    Raises
    ------
    DataError
        If a key is missing, unknown or of a wrong type, or a number cannot be meant.

    Examples
    --------
    >>> raw = {"code": "mine", "name": {"en": "Mine", "nl": "Mijn"}, "source": "a guess",
    ...     "date": datetime.date(2026, 1, 31),
    ...     "change": [{"kind": "denial", "buyers": ["NLD"], "sellers": ["CHN"]}]}
    >>> scenario_from(raw, "here").changes[0].sectors
    ('all',)
    """
    _FILES.checked(raw, _KEYS, where, ("about", "deficits"))
    for key in ("name", "about"):
        if key in raw:
            _FILES.checked(raw[key], {"en": str, "nl": str}, f"{where}, {key}")
    deficits = raw.get("deficits", "kept")
    if deficits not in _DEFICITS:
        raise _FILES.wrong(
            f"There is no rule {deficits!r} for deficits.", where, "deficits", " or ".join(_DEFICITS)
        )
    return Scenario(
        code=raw["code"],
        name=raw["name"],
        about=raw.get("about", {"en": "", "nl": ""}),
        source=raw["source"],
        date=raw["date"],
        deficits=cast(Deficits, deficits),
        changes=tuple(
            _change(each, f"{where}, change {number}") for number, each in enumerate(raw["change"], start=1)
        ),
    )


def _change(raw: object, where: str) -> Change:
    if isinstance(raw, dict) and type(raw.get("factor")) is int:
        raw = {**raw, "factor": float(raw["factor"])}
    _FILES.checked(raw, _CHANGE_KEYS, where, ("both_ways", "sectors", "add", "set", "factor"))
    assert isinstance(raw, dict)
    kind = raw["kind"]
    if kind not in _RATE_KEYS:
        raise _FILES.wrong(f"There is no kind {kind!r}.", where, "kind", ", ".join(_RATE_KEYS))
    given = [key for key in ("add", "set", "factor") if key in raw]
    allowed = _RATE_KEYS[kind]
    if any(key not in allowed for key in given) or (allowed and len(given) != 1):
        raise _FILES.wrong(
            f"A {kind} has {' and '.join(given) or 'no number'}.",
            where,
            "kind",
            f"{' or '.join(allowed)}, one of them" if allowed else "no number",
        )
    for key in ("buyers", "sellers", "sectors"):
        if not all(isinstance(each, str) for each in raw.get(key, [])):
            raise _FILES.wrong(f"{raw[key]!r} is not a list of codes.", where, key, 'such as ["EU27_2020"]')
    add = parse_rate(raw["add"], f"{where}, key add") if "add" in raw else None
    replace = parse_rate(raw["set"], f"{where}, key set") if "set" in raw else None
    if replace is not None and not isinstance(replace, Percent):
        raise _FILES.wrong(f"{raw['set']!r} is no rate.", where, "set", 'such as "10 %"')
    factor = raw.get("factor")
    if factor is not None and not factor > 0:
        raise _FILES.wrong(f"{factor:g} cannot be a factor on costs.", where, "factor", "a number above 0")
    return Change(
        kind=cast(Kind, kind),
        buyers=tuple(raw["buyers"]),
        sellers=tuple(raw["sellers"]),
        both_ways=raw.get("both_ways", False),
        sectors=tuple(raw.get("sectors", ["all"])),
        add=add,
        replace=replace,
        factor=factor,
    )


def _economies_meant(codes: Sequence[str], calibration: Calibration, what: str) -> list[int]:
    """Find the economies of a calibration that codes and groups mean."""
    found: dict[str, None] = {}
    for code in codes:
        if code == "WORLD":
            found |= dict.fromkeys(calibration.economies)
            continue
        members = (code,) if code in calibration.economies else resolve_importer(code).members
        inside = [each for each in members if each in calibration.economies]
        if not inside:
            raise UnknownCodeError(
                f"The calibration {calibration.name} has no economy {code}.",
                where=f"scenario, {what}",
                expected=f"one of {', '.join(calibration.economies)}, a group of them, or WORLD",
            )
        twice = [each for each in inside if each in found]
        if twice:
            raise DataError(
                f"{', '.join(twice)} is in two coalitions of the {what}.",
                where=f"scenario, {what}",
                expected="every economy once",
            )
        found |= dict.fromkeys(inside)
    return [calibration.economies.index(each) for each in found]


def sectors_meant(calibration: Calibration, names: Sequence[str]) -> NDArray[np.bool_]:
    """Mark the sectors of a calibration that codes and families mean.

    Parameters
    ----------
    calibration : Calibration
    names : sequence of str
        Codes of the calibration, beginnings of ISIC codes such as ``C26`` (a sector that holds it counts),
        or `SECTOR_FAMILIES`.

    Returns
    -------
    numpy.ndarray of bool, shape (J,)

    Raises
    ------
    UnknownCodeError
        If a name means no sector.

    Examples
    --------
    >>> from geomonitor.shocks import small_calibration
    >>> sectors_meant(small_calibration(), ["goods"]).tolist()
    [True, False]
    """
    families = calibration.metadata.get("sector_families", {})
    marks = np.zeros(len(calibration.sectors), dtype=bool)
    for name in names:
        chosen = np.array([_is_meant(each, name, families) for each in calibration.sectors])
        if not chosen.any():
            near = near_matches(name, (*calibration.sectors, *SECTOR_FAMILIES))
            raise UnknownCodeError(
                f"The calibration {calibration.name} has no sector {name!r}.",
                where="scenario, sectors",
                expected=f"a code such as {calibration.sectors[0]}, or one of {', '.join(SECTOR_FAMILIES)}",
                next_step=f"Did you mean {' or '.join(near)}?" if near else None,
            )
        marks |= chosen
    return marks


def _is_meant(sector: str, name: str, families: Mapping[str, str]) -> bool:
    if name in ("all", sector):
        return True
    family = families.get(sector) or _LETTERS.get(sector[:1], "services")
    if name in SECTOR_FAMILIES:
        return family in _GOODS if name == "goods" else family == name
    return families.get(sector) == name or name in _isic_parts(sector)


def _isic_parts(sector: str) -> set[str]:
    """Name the ISIC divisions of a combined code: C10T12 and C10-C12 are C10, C11 and C12; C31_C32 is two."""
    found: set[str] = set()
    for part in sector.split("_"):
        ends = _DIVISION.findall(part if part[:1].isalpha() else sector[:1] + part)
        if len(ends) == 1 and ends[0][1]:
            letter, first, last = ends[0][0], int(ends[0][1]), ends[0][3]
            found |= {f"{letter}{number:02d}" for number in range(first, int(last or first) + 1)}
    return found


def shock_of(scenario: Scenario, calibration: Calibration) -> Shock:
    """Turn a scenario into the shock of a calibration.

    Parameters
    ----------
    scenario : Scenario
    calibration : Calibration

    Returns
    -------
    Shock

    Raises
    ------
    UnknownCodeError
        If an economy or sector is not in the calibration.
    DataError
        If an economy buys from itself in a change, or nothing that is traded is touched.

    Examples
    --------
    >>> from geomonitor.shocks.examples import small_calibration, small_scenario
    >>> here = small_scenario()
    >>> float(shock_of(here, small_calibration()).tariff_rates[0, 0, 1])
    0.29
    """
    tariffs = calibration.tariff_rates.copy()
    factors = np.ones_like(tariffs)
    denied = np.zeros(tariffs.shape, dtype=bool)
    for number, change in enumerate(scenario.changes, start=1):
        cells = _cells(change, calibration, f"scenario {scenario.code}, change {number}")
        if change.kind == "denial":
            denied |= cells
        elif change.kind == "trade_cost":
            factors = np.where(cells, factors * (change.factor or 1.0), factors)
        elif change.replace is not None:
            tariffs = np.where(cells, change.replace.fraction, tariffs)
        elif change.add is not None:
            tariffs = np.where(cells, change.add.added_to(tariffs), tariffs)
    traded = calibration.trade_shares > 0
    touched = (tariffs != calibration.tariff_rates) | (factors != 1) | denied
    if not (touched & traded).any():
        raise DataError(
            f"The scenario {scenario.code} touches nothing.",
            where=f"scenario {scenario.code} on {calibration.name}",
            expected="a change of trade that exists",
            next_step=(
                "See which sectors and economies trade with each other."
                if (calibration.tariff_rates != 0).any()
                else "Tariffs of this calibration are 0; take one with tariffs, such as bilateral-cubes."
            ),
        )
    if (tariffs <= -1).any():
        raise DataError(
            "A tariff would be -100 % or less.", where=f"scenario {scenario.code}", expected="above -100 %"
        )
    return Shock(
        tariff_rates=tariffs,
        cost_factors=factors if (factors != 1).any() else None,
        denied=denied if denied.any() else None,
        deficits=scenario.deficits,
    )


def _cells(change: Change, calibration: Calibration, where: str) -> NDArray[np.bool_]:
    buyers = _economies_meant(change.buyers, calibration, "buyers")
    sellers = _economies_meant(change.sellers, calibration, "sellers")
    everyone = "WORLD" in change.buyers or "WORLD" in change.sellers
    both = sorted(set(buyers) & set(sellers))
    same = set(change.buyers) == set(change.sellers)
    if both and not everyone and not same:
        raise DataError(
            f"{', '.join(calibration.economies[each] for each in both)} is on both sides of a change.",
            where=where,
            expected="every economy on one side (or the same group on both, for trade among its members)",
        )
    sectors = sectors_meant(calibration, change.sectors)
    sides = np.zeros((len(calibration.economies),) * 2, dtype=bool)
    sides[np.ix_(buyers, sellers)] = True
    if change.both_ways:
        sides |= sides.T
    # nobody pays a tariff at home, or denies itself its own goods
    np.fill_diagonal(sides, False)
    return np.asarray(sectors[:, None, None] & sides)
