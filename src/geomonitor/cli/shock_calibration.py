"""What ``--calibration`` and ``--elasticities`` name: opened, with elasticities of a file put in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geomonitor.shocks import Calibration

__all__ = ["open_calibration"]


def open_calibration(
    name: str | None, *, year: int | None = None, elasticities: str | None = None
) -> Calibration:
    """Open a calibration by name; the embedded one where left out.

    Parameters
    ----------
    name : str or None
        A table, ``FORMAT:PATH`` of a published calibration, or of a published input-output table.
    year : int, optional
    elasticities : str, optional
        A published set, or a CSV file.

    Raises
    ------
    UnknownCodeError
        If there is no such calibration or set.
    DataError
        If a file is not what its format promises.
    """
    from geomonitor.data.input_output import EMBEDDED_TABLE, INPUT_OUTPUT_FORMATS, read_input_output
    from geomonitor.shocks.calibrate import calibration_from_table
    from geomonitor.shocks.calibration_store import load_calibration
    from geomonitor.shocks.elasticities import DEFAULT_ELASTICITIES

    own = Path(elasticities) if elasticities is not None and elasticities.endswith(".csv") else None
    chosen = None if own is not None else elasticities
    wanted = name or EMBEDDED_TABLE
    form, colon, path = wanted.partition(":")
    if colon and form in INPUT_OUTPUT_FORMATS:
        table = read_input_output(Path(path), form, year=year)
        found = calibration_from_table(
            table,
            elasticities=chosen or DEFAULT_ELASTICITIES,
            final_deliveries="given" if table.has_destinations else "proportional",
        )
    else:
        found = load_calibration(wanted, elasticity_set=chosen, year=year)
    return found if own is None else _with_own_elasticities(found, own)


def _with_own_elasticities(calibration: Calibration, path: Path) -> Calibration:
    """Put in elasticities of a file, and say so in the assumptions."""
    import numpy as np

    from geomonitor.errors import DataError

    values = _read_elasticities(path)
    missing = [code for code in calibration.sectors if code not in values]
    unknown = [code for code in values if code not in calibration.sectors]
    if missing or unknown:
        others = f", nor have {len(missing) - 1} others" if len(missing) > 1 else ""
        raise DataError(
            f"The sector {missing[0]} has no elasticity{others}."
            if missing
            else f"The calibration {calibration.name} has no sector {unknown[0]!r}.",
            where=str(path),
            expected=f"one row for each of {', '.join(calibration.sectors)}",
        )
    changed = calibration.with_elasticities(np.array([values[code] for code in calibration.sectors]))
    said = [
        each
        for each in calibration.metadata.get("assumptions", ())
        if not each.startswith("Trade elasticities")
    ]
    said.append(f"Trade elasticities are those of the file {path.name}.")
    return replace(changed, metadata={**calibration.metadata, "assumptions": said, "elasticities": path.name})


def _read_elasticities(path: Path) -> dict[str, float]:
    import csv

    from geomonitor.errors import DataError

    found: dict[str, float] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            lacking = {"sector", "elasticity"} - set(reader.fieldnames or ())
            if lacking:
                raise DataError(
                    f"The file lacks the column {' and '.join(sorted(lacking))}.",
                    where=f"{path}, row 1",
                    expected="a CSV file with the columns sector and elasticity",
                )
            for row in reader:
                where = f"{path}, row {reader.line_num}"
                code = (row["sector"] or "").strip()
                try:
                    value = float(row["elasticity"] or "")
                except ValueError as error:
                    raise DataError(
                        f"{row['elasticity']!r} is not a number.",
                        where=f"{where}, column elasticity",
                        expected="a number above 0, such as 4.5",
                    ) from error
                if code in found:
                    raise DataError(f"The sector {code} is there twice.", where=where, expected="each once")
                found[code] = value
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"The file cannot be read: {error}.", where=str(path), expected="a CSV file"
        ) from error
    return found
