"""The input-output table that ships with Geomonitor."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from geomonitor.data.input_output.compact import read_compact
from geomonitor.data.input_output.table import InputOutputTable

__all__ = ["EMBEDDED_TABLE", "embedded_input_output", "embedded_metadata"]

EMBEDDED_TABLE = "oecd-icio-2022"
"""Name of the embedded table."""

_FOLDER = Path(__file__).resolve().parents[1] / "sample" / EMBEDDED_TABLE


def embedded_metadata() -> dict[str, Any]:
    """Give what is written down about the embedded table, without reading its numbers.

    Examples
    --------
    >>> embedded_metadata()["year"]
    2022
    """
    found: dict[str, Any] = json.loads((_FOLDER / "metadata.json").read_text(encoding="utf-8"))
    return found


@functools.lru_cache(maxsize=1)
def embedded_input_output() -> InputOutputTable:
    """Give the embedded table: OECD ICIO, 2025 release, year 2022, 80 economies by 50 industries.

    The rest of the world is absent, final demand has no destinations, and deliveries that are negligible
    for buyer, seller and world are dropped; ``metadata["losses"]`` says how much that is and what it does to
    the measures.

    Returns
    -------
    InputOutputTable
        In million current USD; read once, then kept.

    Raises
    ------
    DataError
        If the files of the package are damaged.

    Examples
    --------
    >>> table = embedded_input_output()
    >>> table.year, len(table.countries), len(table.sectors), table.has_destinations
    (2022, 80, 50, False)
    """
    return read_compact(_FOLDER / "flows.npz", _FOLDER / "metadata.json")
