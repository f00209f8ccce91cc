"""The option ``--world-supply``: who supplies raw materials to the world."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import polars as pl

__all__ = ["PUBLISHED", "open_world_supply"]

PUBLISHED = "published"
_NONE = "none"


def open_world_supply(text: str) -> pl.DataFrame | None:
    """Open shares of world supply by what the option names.

    Parameters
    ----------
    text : str
        ``published`` for the largest suppliers that ship with Geomonitor, ``none``, the name of
        raw-material data of the store, FORMAT:FILE for a file as published, or a CSV file with the
        columns of `geomonitor.chains.WORLD_SUPPLY_SCHEMA`.

    Returns
    -------
    polars.DataFrame or None

    Raises
    ------
    DataError
        If the data are wrong, or tell nothing of world supply.
    UnknownCodeError
        If there is no such format, nor data of that name.
    """
    from geomonitor.chains import published_world_supply
    from geomonitor.data.raw_materials import (
        MATERIAL_FORMATS,
        material_data,
        read_material_data,
        require_sound,
    )

    if text == _NONE:
        return None
    if text == PUBLISHED:
        return published_world_supply()
    format_, sign, file = text.partition(":")
    if sign and format_ in MATERIAL_FORMATS:
        read = read_material_data(file, format_)
        require_sound(read.checks, file)
        return _taken(read.table)
    if text.lower().endswith(".csv"):
        return _own(Path(text))
    return _taken(material_data(text).table)


def _taken(table: pl.DataFrame) -> pl.DataFrame:
    """Take the shares, and say of which materials there are none."""
    from geomonitor.chains import world_supply_of

    found = world_supply_of(table)
    for row in found.left_out.iter_rows(named=True):
        typer.echo(f"Note: no world supply of {row['material']} at {row['stage']}: {row['reason']}", err=True)
    return found.table


def _own(path: Path) -> pl.DataFrame:
    """Read and check a table of the user's own."""
    import polars as pl

    from geomonitor.chains import check_world_supply
    from geomonitor.errors import DataError

    try:
        table = pl.read_csv(path, infer_schema=False, encoding="utf8")
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"The file cannot be read: {error}.", where=str(path), expected="a CSV file in UTF-8"
        ) from error
    # the heading is row 1
    return check_world_supply(table, where=str(path), first_row=2)
