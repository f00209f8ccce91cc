"""Numbers of published calibration files: read and checked before they are believed."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geomonitor.errors import DataError
from geomonitor.shocks.elasticities import elasticity_set, trade_sectors

__all__ = [
    "about_file",
    "checked_array",
    "elasticity_assumption",
    "in_bounds",
    "no_home_tariffs",
    "read_archive",
    "read_numbers",
]

Floats = NDArray[np.float64]


def read_numbers(path: Path, shape: tuple[int, ...]) -> Floats:
    """Read a text file of numbers of a given shape.

    Raises
    ------
    DataError
        If it cannot be read, has another shape, or a number is missing.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            values = np.loadtxt(stream, dtype=np.float64)
    except (OSError, ValueError) as error:
        raise DataError(
            f"The file cannot be read: {error}.", where=str(path), expected="numbers in columns"
        ) from error
    return checked_array(values, shape, str(path))


def read_archive(path: Path, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Read named arrays of an npz file.

    Raises
    ------
    DataError
        If it cannot be read or lacks one.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            absent = [name for name in names if name not in archive.files]
            if absent:
                raise DataError(
                    f"The file lacks the arrays {', '.join(absent)}.",
                    where=str(path),
                    expected=", ".join(names),
                )
            return {name: archive[name] for name in names}
    except (OSError, EOFError, ValueError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise DataError(
            f"The file cannot be read: {error}.", where=str(path), expected="arrays in an npz file"
        ) from error


def checked_array(values: NDArray[Any], shape: tuple[int, ...], where: str) -> Floats:
    """Refuse an array of another shape, or with numbers that are missing.

    Raises
    ------
    DataError
    """
    if values.shape != shape or values.dtype.kind not in "fiu":
        raise DataError(
            f"There are numbers of the shape {values.shape}.", where=where, expected=f"numbers, {shape}"
        )
    wrong = ~np.isfinite(values)
    if wrong.any():
        first = " x ".join(str(int(place) + 1) for place in np.argwhere(wrong)[0])
        raise DataError(
            f"{int(wrong.sum()):,} numbers are missing or not finite, the first at {first}.",
            where=where,
            expected="finite numbers",
        )
    return np.asarray(values, dtype=np.float64)


def in_bounds(values: Floats, low: float, high: float, where: object, expected: str) -> None:
    """Refuse numbers out of bounds, showing the first.

    Raises
    ------
    DataError
    """
    wrong = (values < low) | (values > high)
    if wrong.any():
        place = tuple(int(each) for each in np.argwhere(wrong)[0])
        shown = " x ".join(str(each + 1) for each in place)
        raise DataError(
            f"{int(wrong.sum()):,} numbers cannot be right, the first {values[place]:g} at {shown}.",
            where=str(where),
            expected=expected,
        )


def no_home_tariffs(rates: Floats, economies: Sequence[str], sectors: Sequence[str], where: str) -> Floats:
    """Refuse tariffs on sales at home.

    Raises
    ------
    DataError
        Naming the economy and sector.
    """
    home = np.einsum("jnn->jn", rates)
    if (home != 0).any():
        sector, economy = np.argwhere(home != 0)[0]
        raise DataError(
            f"{economies[economy]} would charge itself {home[sector, economy]:.2%} in sector "
            f"{sectors[sector]}.",
            where=where,
            expected="no tariffs on sales at home",
            next_step="Check the order of the dimensions: sector, buyer, seller.",
        )
    return rates


def elasticity_assumption(name: str, sectors: Sequence[str], classification: str) -> str:
    """Say which published elasticities were used, and what stands in where the paper has none.

    Examples
    --------
    >>> elasticity_assumption("simonovska-waugh-2014", ["C26"], "oecd-icio-2025")
    'Trade elasticities: Simonovska and Waugh (2014), one elasticity.'
    """
    chosen = elasticity_set(name)
    filled = any(each.basis == "filled" for each in chosen.of(sectors, classification))
    return f"Trade elasticities: {chosen.title}{f'; {chosen.filled}' if filled else ''}."


def about_file(classification: str, title: str, citation: str, year: int) -> dict[str, Any]:
    """Give the metadata that every published calibration has."""
    known = trade_sectors(classification)
    return {
        "title": title,
        "citation": citation,
        "year": year,
        "sector_scheme": classification,
        "sector_families": {code: each.family for code, each in known.items()},
        "sector_names": {code: each.name for code, each in known.items()},
    }
