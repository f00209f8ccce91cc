"""What people know about a material that no table tells: cover, substitutes, recycling, reliance on imports.

Such inputs are optional and carry an author and a date. Where several hold for the same material, stage and
importer the more specific one counts, then the younger one.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from geomonitor.codes import MATERIAL_STAGES, economy, material, resolve_importer
from geomonitor.data.described_files import DescribedFiles
from geomonitor.errors import UnknownCodeError

__all__ = ["INPUT_MEASURES", "MaterialInput", "MaterialInputs", "load_material_inputs"]

INPUT_MEASURES: Mapping[str, tuple[str, float, float]] = {
    "stock_cover_months": ("months of use that stocks cover", 0.0, 1200.0),
    "months_to_substitute": ("months until use has moved to a substitute", 0.0, 1200.0),
    "substitutable_share": ("part of use that can move to a substitute", 0.0, 1.0),
    "secondary_supply_share": ("part of use that recycling of scrap and waste covers", 0.0, 1.0),
    "recycling_rate": ("part of use that recycling of end-of-life products covers", 0.0, 1.0),
    "import_reliance": ("part of use that comes from abroad, net of exports", 0.0, 1.0),
    "substitution_risk": ("index of substitutes for supply risk", 0.0, 1.0),
    "substitution_economic": ("index of substitutes for economic importance", 0.0, 1.0),
    "economic_importance": ("economic importance", 0.0, 10.0),
    "restriction": ("factor of restrictions on trade of a supplier", 0.0, 10.0),
}
"""What an input can say: meaning, least and largest value."""

_FILES = DescribedFiles("See docs/materials.md for the format.")
_KEYS = {
    "material": str,
    "measure": str,
    "stage": str,
    "importer": str,
    "supplier": str,
    "value": float,
    "low": float,
    "high": float,
    "author": str,
    "date": datetime.date,
    "source": str,
    "note": str,
}
_OPTIONAL = ("stage", "importer", "supplier", "value", "low", "high", "note")
_NUMBERS = ("value", "low", "high")


@dataclass(frozen=True, slots=True)
class MaterialInput:
    """One input.

    Attributes
    ----------
    material, measure : str
    stage, importer, supplier : str or None
        None where it holds for all.
    value : float or None
        None where only bounds are known.
    low, high : float
        Bounds; equal to `value` where none are given.
    author : str
    date : datetime.date
    source, note : str
    """

    material: str
    measure: str
    stage: str | None
    importer: str | None
    supplier: str | None
    value: float | None
    low: float
    high: float
    author: str
    date: datetime.date
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class MaterialInputs:
    """Inputs of one or more files.

    Attributes
    ----------
    entries : tuple of MaterialInput
    """

    entries: tuple[MaterialInput, ...] = ()

    def find(
        self, name: str, measure: str, *, stage: str | None = None, importer: str | None = None
    ) -> MaterialInput | None:
        """Find the input that holds for a material; None where nobody gave one.

        Examples
        --------
        >>> MaterialInputs().find("tungsten", "stock_cover_months") is None
        True
        """
        holding = [
            each
            for each in self.entries
            if each.material == name
            and each.measure == measure
            and each.stage in (None, stage)
            and each.importer in (None, importer)
            and each.supplier is None
        ]
        return max(holding, key=lambda each: (_specific(each), each.date), default=None)

    def table(self) -> pl.DataFrame:
        """Give all entries as a table."""
        schema = {
            **dict.fromkeys(("material", "measure", "stage", "importer", "supplier"), pl.String),
            **dict.fromkeys(_NUMBERS, pl.Float64),
            "author": pl.String,
            "date": pl.Date,
            "source": pl.String,
            "note": pl.String,
        }
        rows = [{name: getattr(each, name) for name in schema} for each in self.entries]
        return pl.DataFrame(rows, schema=schema)


def _specific(each: MaterialInput) -> int:
    return (each.importer is not None) + (each.stage is not None)


def load_material_inputs(*paths: str | Path) -> MaterialInputs:
    """Read files with inputs.

    Parameters
    ----------
    *paths : str or pathlib.Path
        TOML files with ``[[input]]`` tables.

    Returns
    -------
    MaterialInputs

    Raises
    ------
    DataError
        If a file cannot be read, a key is unknown, missing or of a wrong type, a number lies outside what
        the measure can be, or one entry is given twice.

    Examples
    --------
    >>> load_material_inputs().entries
    ()
    """
    entries: list[MaterialInput] = []
    for path in paths:
        raw = _FILES.read(path)
        _FILES.checked(raw, {"input": list}, str(path))
        entries += [
            _entry(each, f"{path}, input {number}") for number, each in enumerate(raw["input"], start=1)
        ]
    seen: set[tuple[object, ...]] = set()
    for each in entries:
        key = (each.material, each.measure, each.stage, each.importer, each.supplier, each.date)
        if key in seen:
            raise _FILES.wrong(
                f"{each.measure} of {each.material} of {each.date} is given twice.",
                ", ".join(str(path) for path in paths),
                "input",
                "one entry a material, measure, stage, importer, supplier and date",
            )
        seen.add(key)
    return MaterialInputs(tuple(entries))


def _entry(raw: object, where: str) -> MaterialInput:
    if isinstance(raw, dict):
        # 6 months is a number as good as 6.0
        raw = {
            key: float(value) if key in _NUMBERS and type(value) is int else value
            for key, value in raw.items()
        }
    _FILES.checked(raw, _KEYS, where, _OPTIONAL)
    assert isinstance(raw, dict)
    if raw["measure"] not in INPUT_MEASURES:
        raise _FILES.wrong(
            f"There is no measure {raw['measure']!r}.",
            where,
            "measure",
            f"one of {', '.join(INPUT_MEASURES)}",
        )
    if "stage" in raw and raw["stage"] not in MATERIAL_STAGES:
        raise _FILES.wrong(
            f"There is no stage {raw['stage']!r}.", where, "stage", f"one of {', '.join(MATERIAL_STAGES)}"
        )
    code = _code(raw, "material", lambda text: material(text).code, where)
    importer = _code(raw, "importer", lambda text: resolve_importer(text).code, where)
    supplier = _code(raw, "supplier", lambda text: economy(text).code, where)
    assert code is not None
    _fitting_keys(raw, where)
    low, value, high = _numbers(raw, where)
    return MaterialInput(
        material=code,
        measure=raw["measure"],
        stage=raw.get("stage"),
        importer=importer,
        supplier=supplier,
        value=value,
        low=low,
        high=high,
        author=raw["author"],
        date=raw["date"],
        source=raw["source"],
        note=raw.get("note", ""),
    )


def _code(raw: Mapping[str, Any], key: str, look_up: Callable[[str], str], where: str) -> str | None:
    if key not in raw:
        return None
    try:
        return look_up(raw[key])
    except UnknownCodeError as error:
        expected = " ".join(part for part in (error.expected, error.next_step) if part)
        raise _FILES.wrong(error.what, where, key, expected or "a known code") from error


def _fitting_keys(raw: Mapping[str, Any], where: str) -> None:
    """Refuse keys that would have no effect."""
    if raw["measure"] != "restriction":
        if "supplier" in raw:
            raise _FILES.wrong(
                f"A supplier says nothing about {raw['measure']}.", where, "supplier", "with restriction only"
            )
        return
    for key in ("supplier", "value"):
        if key not in raw:
            raise _FILES.wrong(f"A restriction has no {key}.", where, key, "the economy, and its factor")
    for key in ("importer", "low", "high"):
        if key in raw:
            raise _FILES.wrong(
                "A restriction holds for all importers and has one value.", where, key, "without this key"
            )


def _numbers(raw: Mapping[str, Any], where: str) -> tuple[float, float | None, float]:
    meaning, least, largest = INPUT_MEASURES[raw["measure"]]
    value = raw.get("value")
    low, high = raw.get("low", value), raw.get("high", value)
    if low is None or high is None:
        raise _FILES.wrong("There is no number.", where, "value", "a value, or both low and high")
    for key in _NUMBERS:
        if key in raw and not least <= raw[key] <= largest:
            raise _FILES.wrong(
                f"{raw[key]:g} cannot be {meaning}.", where, key, f"from {least:g} to {largest:g}"
            )
    if not low <= (value if value is not None else low) <= high:
        raise _FILES.wrong(
            f"The bounds {low:g} and {high:g} do not hold the value.",
            where,
            "low, high",
            "low <= value <= high",
        )
    return low, value, high


def with_restrictions(shares: pl.DataFrame, inputs: Sequence[MaterialInput]) -> pl.DataFrame:
    """Put the restrictions of suppliers that people gave into a table of shares.

    Parameters
    ----------
    shares : polars.DataFrame
        `material`, `stage`, `economy` and the rest.
    inputs : sequence of MaterialInput
        Those with measure "restriction" count.

    Returns
    -------
    polars.DataFrame
        With the column `restriction`.
    """
    table = (
        shares
        if "restriction" in shares.columns
        else shares.with_columns(restriction=pl.lit(None, dtype=pl.Float64))
    )
    given = [each for each in inputs if each.measure == "restriction"]
    # the more specific entry last, then the younger one, so that it counts
    for each in sorted(given, key=lambda one: (_specific(one), one.date)):
        meant = (pl.col("material") == each.material) & (pl.col("economy") == each.supplier)
        if each.stage is not None:
            meant &= pl.col("stage") == each.stage
        table = table.with_columns(
            restriction=pl.when(meant).then(pl.lit(each.value)).otherwise("restriction")
        )
    return table
