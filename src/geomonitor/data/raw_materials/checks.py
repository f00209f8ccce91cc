"""Named checks on raw-material data: what a file holds that would make a figure wrong, or that was put right.

A row that cannot be right is an ``error``: data with errors are not added to the store unless the check is
accepted by name. A ``warning`` is to be looked at before use. A ``note`` tells what was read as said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import polars as pl

from geomonitor.data.raw_materials.table import MaterialCheck
from geomonitor.errors import DataError, UnknownCodeError

__all__ = [
    "CHECK_ROWS_SCHEMA",
    "MATERIAL_CHECKS",
    "CheckNotes",
    "governance_check",
    "require_sound",
]

CHECK_ROWS_SCHEMA = pl.Schema(
    {
        "file": pl.String(),
        "row": pl.Int32(),
        "material": pl.String(),
        "stage": pl.String(),
        "value": pl.String(),
        "what": pl.String(),
    }
)

MATERIAL_CHECKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "unknown_economy": (
            "error",
            "A name of an economy is not in the name table. The row has no economy: it is not guessed.",
        ),
        "unknown_material": ("error", "A name of a material is not known. The row is not in the table."),
        "unknown_stage": ("error", "A stage is neither extraction nor processing. The row has no stage."),
        "stage_not_stated": (
            "warning",
            "The source does not say whether a quantity is of extraction or of processing. It has no stage.",
        ),
        "unknown_unit": ("error", "A unit is not known. The quantity is kept, and not converted to tonnes."),
        "swapped_columns": (
            "error",
            "The fields of a row stand in the wrong columns, and more than one reading is possible. The row "
            "is not in the table.",
        ),
        "ambiguous_number": (
            "error",
            "A number could be read in two ways, such as 1,234. The quantity is null.",
        ),
        "percent_or_fraction": (
            "error",
            "A share has no percent sign where others have one, and is at most 1: 0.6 is 0.6 % or 60 %. The "
            "quantity is null.",
        ),
        "share_out_of_range": ("error", "A share is negative or above 1. It stays as printed."),
        "negative_quantity": ("error", "A quantity is negative. It stays as printed."),
        "restriction_range": (
            "error",
            "A trade factor t is not between 0.5 and 2; the studies use 0.8 to 1.5. It stays as printed.",
        ),
        "duplicate": (
            "error",
            "Two rows give the same entry: sums and shares count it twice. Both are kept.",
        ),
        "duplicate_application": (
            "warning",
            "An application and sector stand twice for a material; either two uses or one counted twice.",
        ),
        "share_sum": (
            "warning",
            "The shares of a material and stage do not add up to 100 % within 5 percentage points, bounds "
            "included. They are not scaled.",
        ),
        "content_basis": (
            "warning",
            "A material and stage has quantities of more than one content basis (ore, metal content, oxide): "
            "they may not be added.",
        ),
        "mixed_units": (
            "warning",
            "A material and stage has quantities in more than one unit; add `quantity_t` only.",
        ),
        "total_difference": (
            "warning",
            "A printed total differs from the sum of its rows by more than 2 % of the total.",
        ),
        "economy_code": (
            "warning",
            "The code of a row names another economy than its name. The name decides.",
        ),
        "sector_missing": (
            "warning",
            "A use has no sector: it has no value added, and counts for nothing in economic importance.",
        ),
        "sector_value_added": (
            "warning",
            "A sector has another value added in this row than in most rows. Nothing is changed.",
        ),
        "missing_years": ("warning", "Years are missing between the first and the last of a series."),
        "quantity_missing": ("warning", "A row has no quantity and does not say why."),
        "group_row": ("warning", "A group of economies stands among economies. The row has no economy."),
        "unknown_governance": (
            "warning",
            "A supplier has no governance estimate. It stays unknown; it is not zero.",
        ),
        "columns_put_right": (
            "note",
            "The fields of a row stood in the wrong columns; it was read in the only way that is possible.",
        ),
        "percent_sign": (
            "note",
            "A share without a percent sign, above 1, in a column of percents was read as a percentage; or a "
            "whole column without signs was read as percents or as fractions.",
        ),
        "decimal_comma": ("note", "Numbers with a decimal comma were read as such."),
        "below_threshold": (
            "note",
            "A share is printed as a bound, such as <0.1%: the quantity is null and the bound is kept apart.",
        ),
        "total_row": ("note", "A total was kept out of the table: it is no economy."),
        "other_economies": (
            "note",
            "A remainder, such as Other countries, is kept without an economy: it is no one supplier.",
        ),
        "withheld": ("note", "A quantity is withheld by the source (W). It is null, not zero."),
        "not_available": ("note", "A quantity is not available (NA and the like). It is null, not zero."),
        "nil": ("note", "A quantity is printed as nil (a dash). It is zero."),
        "less_than_half_unit": (
            "note",
            "A quantity is printed as less than half a unit: it is null, and the bound is kept apart.",
        ),
        "entry_left_out": (
            "note",
            "Entries of another kind (reserves, trade, projections, other commodities) were left out.",
        ),
        "not_in_file": (
            "note",
            "The file does not say something, such as the years of its shares; it is taken as said here.",
        ),
        "encoding": (
            "note",
            "The file is not in plain UTF-8 with Unix line ends; it was read in the encoding that is named.",
        ),
    }
)
"""Every check: its severity and what it means, in the order in which they are reported."""


@dataclass(slots=True)
class CheckNotes:
    """Takes what a reader finds, by the name of a check.

    Parameters
    ----------
    file : str
        Name of the file, for people.
    """

    file: str
    _found: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {name: [] for name in MATERIAL_CHECKS}
    )

    def add(
        self,
        check: str,
        row: int | None,
        what: str,
        *,
        material: str | None = None,
        stage: str | None = None,
        value: object = None,
    ) -> None:
        """Note one finding.

        Parameters
        ----------
        check : str
            A name of `MATERIAL_CHECKS`.
        row : int or None
            The line in the file.
        what : str
            What was found, and what was made of it.
        material, stage : str, optional
            Of the row.
        value : object, optional
            As printed.
        """
        self._found[check].append(
            {
                "file": self.file,
                "row": row,
                "material": material,
                "stage": stage,
                "value": None if value is None else str(value),
                "what": what,
            }
        )

    def results(self) -> tuple[MaterialCheck, ...]:
        """Give every check, those that found nothing included."""
        results = []
        for name, (severity, explanation) in MATERIAL_CHECKS.items():
            rows = pl.DataFrame(self._found[name], schema=CHECK_ROWS_SCHEMA)
            results.append(MaterialCheck(name, severity, rows.height, rows, explanation))
        return tuple(results)


def require_sound(checks: Iterable[MaterialCheck], where: str, accept: Iterable[str] = ()) -> None:
    """Refuse data in which a check of severity ``error`` found something.

    Parameters
    ----------
    checks : iterable of MaterialCheck
        What was found.
    where : str
        The file, for the message.
    accept : iterable of str
        Names of checks to let pass.

    Raises
    ------
    UnknownCodeError
        If a name is no check.
    DataError
        If a check failed that is not accepted.
    """
    accepted = set(accept)
    unknown = sorted(accepted - set(MATERIAL_CHECKS))
    if unknown:
        raise UnknownCodeError(
            f"There is no check named {', '.join(map(repr, unknown))}.",
            expected=f"names among {', '.join(MATERIAL_CHECKS)}",
        )
    failed = [found for found in checks if found.failed and found.name not in accepted]
    if not failed:
        return
    worst = failed[0]
    first = worst.rows.row(0, named=True)
    value = f" ({first['value']!r})" if first["value"] is not None else ""
    raise DataError(
        f"The data have {_counted(failed)}; the first: {first['what']}{value}",
        where=f"{first['file'] or where}, row {first['row']}",
        expected=worst.explanation,
        next_step=f"Correct the file, or accept it as it is by naming the check: {worst.name}.",
    )


def _counted(failed: list[MaterialCheck]) -> str:
    return ", ".join(f"{found.count} {found.name}" for found in failed)


def governance_check(table: pl.DataFrame, governance: pl.DataFrame, file: str = "") -> MaterialCheck:
    """Find the suppliers that have no governance estimate.

    Parameters
    ----------
    table : polars.DataFrame
        Columns as in `MATERIAL_SCHEMA`.
    governance : polars.DataFrame
        Columns `economy` and `governance`, as of `governance_mean`.
    file : str
        Name of the data, for the rows.

    Returns
    -------
    MaterialCheck
        Named ``unknown_governance``; the shares of these suppliers stay out of nothing by themselves, it is
        for the method to say what an unknown supplier means.

    Examples
    --------
    >>> from geomonitor.data.raw_materials.table import MATERIAL_SCHEMA
    >>> supply = pl.DataFrame([{"material": "gallium", "economy": "TWN"}], schema=MATERIAL_SCHEMA)
    >>> governance_check(supply, pl.DataFrame({"economy": ["NLD"], "governance": [1.6]})).count
    1
    """
    known = governance.filter(pl.col("governance").is_not_null()).select("economy")
    notes = CheckNotes(file)
    lacking = (
        table.filter(pl.col("economy").is_not_null(), pl.col("measure").ne_missing("use"))
        .join(known, on="economy", how="anti")
        .sort("row", nulls_last=True)
    )
    for found in lacking.select("row", "economy", "material", "stage", "quantity").iter_rows(named=True):
        notes.add(
            "unknown_governance",
            found["row"],
            f"{found['economy']} has no governance estimate",
            material=found["material"],
            stage=found["stage"],
            value=found["quantity"],
        )
    return next(result for result in notes.results() if result.name == "unknown_governance")
