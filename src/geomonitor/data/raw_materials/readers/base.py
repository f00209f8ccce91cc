"""What every reader of raw-material data shares: looking names up, and collecting rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from geomonitor.codes import material
from geomonitor.data.raw_materials.checks import CheckNotes
from geomonitor.data.raw_materials.names import SpokenEconomy, near_names, spoken_economy
from geomonitor.data.raw_materials.numbers import NumberStyle, number_style
from geomonitor.data.raw_materials.table import CONTENT_NOT_STATED, MATERIAL_SCHEMA, TONNES_PER_UNIT
from geomonitor.errors import UnknownCodeError

__all__ = ["Lookup", "ReadOptions", "ReadTable", "TableRows", "column_style", "is_economy_name"]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the caller adds to a file that does not say it.

    Parameters
    ----------
    years : str or None
        The years of the shares, such as "2016-2020".
    importer : str or None
        The economy or group whose sourcing the file gives.
    material : str or None
        Code or name of the material of a file that covers one.
    """

    years: str | None = None
    importer: str | None = None
    material: str | None = None


@dataclass(frozen=True, slots=True)
class ReadTable:
    """What a reader gives.

    Parameters
    ----------
    table : polars.DataFrame
        Columns as in `MATERIAL_SCHEMA`.
    totals : polars.DataFrame
        The printed totals, in the same columns, for comparison.
    notes : tuple of str
        What a user should know, in sentences.
    """

    table: pl.DataFrame
    totals: pl.DataFrame
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class TableRows:
    """Collects the rows of a canonical table.

    Parameters
    ----------
    source : str
        Id in the registry of sources.
    measure : str
        One of `MATERIAL_MEASURES`.
    """

    source: str
    measure: str
    _rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, **values: Any) -> None:
        """Add a row; columns that are left out are null, or say that the source does not."""
        quantity, factor = values.get("quantity"), TONNES_PER_UNIT.get(values.get("unit", ""))
        if quantity is not None and factor is not None:
            values["quantity_t"] = quantity * factor
        values.setdefault("content", CONTENT_NOT_STATED)
        values.setdefault("quality", "not stated")
        self._rows.append(values)

    def frame(self) -> pl.DataFrame:
        """Give the rows as a canonical table."""
        if not self._rows:
            return pl.DataFrame(schema=MATERIAL_SCHEMA)
        return pl.from_dicts(self._rows, schema=MATERIAL_SCHEMA).with_columns(
            source=pl.lit(self.source), measure=pl.lit(self.measure)
        )


class Lookup:
    """Looks up names, each once, and notes those that are not known with what comes near.

    Parameters
    ----------
    notes : CheckNotes
        Takes the names that are not known.
    """

    def __init__(self, notes: CheckNotes) -> None:
        self._notes = notes
        self._economies: dict[str, SpokenEconomy | None] = {}
        self._materials: dict[str, tuple[str | None, str]] = {}

    def economy(
        self, name: str, line: int | None, *, material: str | None = None, stage: str | None = None
    ) -> SpokenEconomy | None:
        """Give what a name of an economy stands for; an unknown one, a remainder or a group is noted."""
        if name not in self._economies:
            self._economies[name] = spoken_economy(name)
        spoken = self._economies[name]
        if spoken is None:
            near = " or ".join(near_names(name))
            what = f"{name!r} is not a known economy" + (f"; near: {near}" if near else "")
            self._notes.add("unknown_economy", line, what, material=material, stage=stage, value=name)
        elif spoken.kind == "other":
            self._notes.add(
                "other_economies", line, "a remainder", material=material, stage=stage, value=name
            )
        elif spoken.kind == "group":
            self._notes.add(
                "group_row", line, "a group among economies", material=material, stage=stage, value=name
            )
        return spoken

    def material(self, name: str, line: int | None) -> str | None:
        """Give the code of a material; an unknown one is noted."""
        if name not in self._materials:
            try:
                self._materials[name] = (material(name).code, "")
            except UnknownCodeError as error:
                self._materials[name] = (None, error.next_step or "")
        code, near = self._materials[name]
        if code is None:
            self._notes.add(
                "unknown_material", line, f"{name!r} is not a known material. {near}".rstrip(), value=name
            )
        return code


def is_economy_name(name: str) -> bool:
    """Tell whether a text is a name in the name table."""
    return spoken_economy(name) is not None


def column_style(texts: Sequence[str], notes: CheckNotes, column: str) -> NumberStyle:
    """Tell how the numbers of a column are printed, and note decimal commas."""
    style = number_style(texts)
    if style.mixed:
        notes.add("decimal_comma", None, f"column {column} has both decimal points and decimal commas")
    elif style.decimal == ",":
        notes.add("decimal_comma", None, f"column {column} was read with a decimal comma")
    return style
