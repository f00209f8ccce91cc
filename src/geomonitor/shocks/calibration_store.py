"""Calibrations by name: the embedded one, any input-output table of the store, or a published file."""

from __future__ import annotations

from pathlib import Path

from geomonitor.codes import near_matches
from geomonitor.data.input_output import EMBEDDED_TABLE, input_output_table, input_output_tables
from geomonitor.errors import UnknownCodeError
from geomonitor.shocks.bilateral_cubes import read_bilateral_cubes
from geomonitor.shocks.calibrate import calibration_from_table, embedded_calibration
from geomonitor.shocks.calibration import Calibration
from geomonitor.shocks.calibration_files import read_caliendo_parro, read_fgh_2014
from geomonitor.shocks.elasticities import DEFAULT_ELASTICITIES
from geomonitor.shocks.final_deliveries import FinalRule

__all__ = ["CALIBRATION_FORMATS", "load_calibration"]

CALIBRATION_FORMATS: tuple[str, ...] = ("caliendo-parro-2015", "fgh-2014", "bilateral-cubes")
"""Formats of published calibration files."""


def load_calibration(
    name: str = EMBEDDED_TABLE,
    *,
    elasticity_set: str | None = None,
    final_deliveries: FinalRule | None = None,
    year: int | None = None,
    least_value_added_share: float | None = None,
    root: Path | None = None,
) -> Calibration:
    """Give a calibration by its name.

    Parameters
    ----------
    name : str
        Name of an input-output table (the embedded one or one of the store), or ``FORMAT:PATH`` with one of
        `CALIBRATION_FORMATS`.
    elasticity_set : str, optional
        Name of a published set of trade elasticities; when left out, the one that comes with the data, else
        that of Fontagne, Guimbard and Orefice (2022).
    final_deliveries : {'given', 'proportional', 'balanced'}, optional
        Of tables: as the table gives them, where it does, else "proportional", when left out.
    year : int, optional
        Of bilateral matrices, which hold several.
    least_value_added_share : float, optional
        Of tables of the store: scale the inputs of industries that leave less value added
        (`geomonitor.shocks.calibrate.calibration_from_table`).
    root : pathlib.Path, optional
        Root of the store.

    Returns
    -------
    Calibration

    Raises
    ------
    UnknownCodeError
        If there is no such table, format or set, or an option does not go with the data.
    DataError
        If a file is not what its format promises.

    Examples
    --------
    >>> load_calibration("oecd-icio-2022").name
    'oecd-icio-2022'
    """
    form, colon, path = name.partition(":")
    if colon and form in CALIBRATION_FORMATS:
        _only(name, form == "bilateral-cubes", "year", year)
        _only(name, False, "final_deliveries", final_deliveries)
        _only(name, False, "least_value_added_share", least_value_added_share)
        return _read(form, path, elasticity_set, year)
    _only(name, False, "year", year)
    known = input_output_tables(root)
    if name not in known:
        near = near_matches(name, known)
        raise UnknownCodeError(
            f"There is no calibration {name!r}.",
            expected=f"one of the tables {', '.join(known)}, or FORMAT:PATH with one of the formats "
            f"{', '.join(CALIBRATION_FORMATS)}",
            next_step=f"Did you mean {' or '.join(near)}?" if near else "Read a published table and save it.",
        )
    chosen = elasticity_set or DEFAULT_ELASTICITIES
    if name == EMBEDDED_TABLE and final_deliveries != "given" and least_value_added_share is None:
        return embedded_calibration(chosen, final_deliveries or "proportional")
    table = input_output_table(name, root)
    rule = final_deliveries or ("given" if table.has_destinations else "proportional")
    return calibration_from_table(
        table,
        elasticities=chosen,
        final_deliveries=rule,
        least_value_added_share=least_value_added_share,
    )


def _read(form: str, path: str, elasticity_set: str | None, year: int | None) -> Calibration:
    if form == "fgh-2014":
        return read_fgh_2014(path, elasticities=elasticity_set or DEFAULT_ELASTICITIES)
    if form == "bilateral-cubes":
        return read_bilateral_cubes(path, year=year, elasticities=elasticity_set or DEFAULT_ELASTICITIES)
    found, _, _ = read_caliendo_parro(path, elasticities=elasticity_set)
    return found


def _only(name: str, allowed: bool, option: str, given: object) -> None:
    if given is not None and not allowed:
        raise UnknownCodeError(
            f"The option {option} ({given}) does not go with {name}.",
            expected="no such option",
            next_step="Leave it out.",
        )
