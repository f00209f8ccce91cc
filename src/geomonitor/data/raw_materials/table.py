"""The canonical table of raw-material data, and what its checks found.

Production by country, shares of world supply, shares of what an importer uses, and shares of end use meet in
one table: one row an entry of a source, with the quantity as printed, its unit and its content basis (ore,
metal content, oxide). Nothing is converted that cannot be converted, and what is not known stays null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import polars as pl

from geomonitor.errors import UnknownCodeError

__all__ = [
    "CONTENT_NOT_STATED",
    "MATERIAL_MEASURES",
    "MATERIAL_QUALITIES",
    "MATERIAL_SCHEMA",
    "SHARE_SUM_TOLERANCE",
    "TONNES_PER_UNIT",
    "MaterialCheck",
    "MaterialData",
    "share_sums",
]

MATERIAL_MEASURES = ("production", "world_supply", "sourcing", "use")
"""What a row tells: a quantity produced; a share of world supply; a share of what an importer uses, home
production included; a share of end use."""

MATERIAL_QUALITIES = ("reported", "provisional", "estimated", "below", "not stated")
"""How sure the source is; ``below`` where it prints a bound, as in "<0.1%"."""

CONTENT_NOT_STATED = "not stated"

TONNES_PER_UNIT: Mapping[str, float] = MappingProxyType({"t": 1.0, "kg": 1e-3, "kt": 1e3, "Mt": 1e6})
"""Units of mass that convert to tonnes; carats and cubic metres are left as they are."""

SHARE_SUM_TOLERANCE = 0.05
"""How far the sum of shares may lie from 1 and still count as complete: the studies print whole percents."""

MATERIAL_SCHEMA = pl.Schema(
    {
        "material": pl.String(),
        "stage": pl.String(),
        "measure": pl.String(),
        "importer": pl.String(),
        "years": pl.String(),
        "year": pl.Int16(),
        "economy": pl.String(),
        "sector": pl.String(),
        "application": pl.String(),
        "quantity": pl.Float64(),
        "quantity_max": pl.Float64(),
        "unit": pl.String(),
        "content": pl.String(),
        "quantity_t": pl.Float64(),
        "restriction": pl.Float64(),
        "value_added_meur": pl.Float64(),
        "quality": pl.String(),
        "source": pl.String(),
        "row": pl.Int32(),
    }
)
"""Columns of the canonical table. ``restriction`` is the trade factor t; ``row`` the line in the file."""


@dataclass(frozen=True, slots=True)
class MaterialCheck:
    """What a named check found in a file of raw-material data.

    Parameters
    ----------
    name : str
        One of `geomonitor.data.raw_materials.MATERIAL_CHECKS`.
    severity : str
        ``error``: figures would be wrong; ``warning``: look before you use them; ``note``: read as said.
    count : int
        How many it found.
    rows : polars.DataFrame
        All of them: columns `file`, `row`, `material`, `stage`, `value`, `what`.
    explanation : str
        Why it matters and how it is measured.
    """

    name: str
    severity: str
    count: int
    rows: pl.DataFrame
    explanation: str

    @property
    def failed(self) -> bool:
        """Whether figures from these rows would be wrong."""
        return self.severity == "error" and self.count > 0


@dataclass(frozen=True, slots=True)
class MaterialData:
    """Raw-material data of one source, read and checked.

    Parameters
    ----------
    name : str
        Its name in the store, or the name of the file.
    table : polars.DataFrame
        Columns as in `MATERIAL_SCHEMA`.
    checks : tuple of MaterialCheck
        Every check, in the order of `geomonitor.data.raw_materials.MATERIAL_CHECKS`.
    metadata : Mapping
        `title`, `producer`, `citation`, `licence`, `licence_url`, `redistribution`, `source`, `reader`,
        `files` (name and SHA-256 of each) and `notes`.
    """

    name: str
    table: pl.DataFrame
    checks: tuple[MaterialCheck, ...]
    metadata: Mapping[str, Any]

    def check(self, name: str) -> MaterialCheck:
        """Give one check by its name.

        Parameters
        ----------
        name : str
            A name of `geomonitor.data.raw_materials.MATERIAL_CHECKS`.

        Returns
        -------
        MaterialCheck

        Raises
        ------
        UnknownCodeError
            If there is no such check.
        """
        for found in self.checks:
            if found.name == name:
                return found
        raise UnknownCodeError(
            f"There is no check named {name!r} on {self.name}.",
            expected=f"one of {', '.join(found.name for found in self.checks)}",
        )

    @property
    def failed_checks(self) -> tuple[MaterialCheck, ...]:
        """The checks of severity ``error`` that found something."""
        return tuple(found for found in self.checks if found.failed)


def share_sums(table: pl.DataFrame, *, tolerance: float = SHARE_SUM_TOLERANCE) -> pl.DataFrame:
    """Add up the shares of each material, stage, measure and importer.

    Shares that do not add up to 1 are not scaled: a list of 9 % says nothing of the other 91 %.

    Parameters
    ----------
    table : polars.DataFrame
        Columns as in `MATERIAL_SCHEMA`; rows in another unit than ``share`` are left out.
    tolerance : float
        How far a sum may lie from 1, as a fraction.

    Returns
    -------
    polars.DataFrame
        Columns `source`, `material`, `stage`, `measure`, `importer`, `years`, `entries` (rows), `share_sum`
        (of the shares that are given), `share_sum_max` (with the bounds of those that are printed as below)
        and `complete` (whether a value between the two lies within the tolerance of 1).

    Examples
    --------
    >>> rows = [{"material": "tungsten", "stage": "extraction", "measure": "sourcing", "unit": "share",
    ...          "importer": "EU27_2020", "quantity": share} for share in (0.5, 0.27)]
    >>> share_sums(pl.DataFrame(rows, schema=MATERIAL_SCHEMA)).select("share_sum", "complete").row(0)
    (0.77, False)
    """
    keys = ["source", "material", "stage", "measure", "importer", "years"]
    low, high = pl.col("share_sum"), pl.col("share_sum_max")
    # 1e-9: sums of printed decimals carry rounding in the last binary digit
    slack = tolerance + 1e-9
    return (
        table.filter(pl.col("unit") == "share")
        .group_by(keys)
        .agg(
            entries=pl.len(),
            share_sum=pl.col("quantity").sum().round(9),
            share_sum_max=pl.coalesce("quantity", "quantity_max").sum().round(9),
        )
        .with_columns(complete=(low <= 1 + slack) & (high >= 1 - slack))
        .sort(keys)
    )
