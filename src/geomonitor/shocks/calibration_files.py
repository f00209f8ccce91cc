"""Readers of published calibrations: Caliendo and Parro (2015), Felbermayr and others (2022)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geomonitor.errors import DataError
from geomonitor.shocks.calibration import Calibration, check_calibration
from geomonitor.shocks.calibration_arrays import (
    about_file,
    checked_array,
    elasticity_assumption,
    in_bounds,
    no_home_tariffs,
    read_archive,
    read_numbers,
)
from geomonitor.shocks.calibration_flows import calibration_from_flows
from geomonitor.shocks.elasticities import DEFAULT_ELASTICITIES, trade_sectors
from geomonitor.shocks.elasticities import elasticities as published_elasticities
from geomonitor.shocks.re_exports import strip_re_exports

__all__ = ["read_caliendo_parro", "read_fgh_2014"]

Floats = NDArray[np.float64]

_CP = "caliendo-parro-2015"
# order of the authors' files
_CP_ORDER = (
    "ARG AUS AUT BRA CAN CHL CHN DNK FIN FRA DEU GRC HUN IND IDN IRL ITA JPN KOR MEX NLD NZL NOR PRT ZAF ESP "
    "SWE TUR GBR USA ROW"
)
_CP_ECONOMIES = tuple(_CP_ORDER.split())
_CP_TRADABLES = 20
_FGH = "fgh-2014"


def read_caliendo_parro(
    folder: str | Path,
    *,
    re_exports: Literal["kept", "stripped"] = "kept",
    elasticities: str | None = None,
) -> tuple[Calibration, Floats, Floats]:
    """Read the data of Caliendo and Parro (2015) on NAFTA: 31 economies, 40 sectors, 1993.

    Parameters
    ----------
    folder : str or pathlib.Path
        With the authors' files B, GO, IO, T, tariffs1993, tariffs2005 and xbilat1993 (``.txt``).
    re_exports : {'kept', 'stripped'}
        Where exports exceed output: let output be exports, as the authors do, so that nothing is sold at
        home; or net re-exports out (`geomonitor.shocks.re_exports.strip_re_exports`).
    elasticities : str, optional
        Name of a published set; those of the authors' file when left out.

    Returns
    -------
    tuple of Calibration and two numpy.ndarray (J, N, N)
        The calibration at the tariffs of 1993, these tariffs and those of 2005, as fractions.

    Raises
    ------
    DataError
        If a file is missing, has another shape, or its numbers are of another unit.
    """
    place = Path(folder)
    codes = tuple(trade_sectors(_CP))
    economies, sectors = len(_CP_ECONOMIES), len(codes)
    shares = read_numbers(place / "B.txt", (sectors, economies))
    output = read_numbers(place / "GO.txt", (sectors, economies)) / 1e6
    inputs = read_numbers(place / "IO.txt", (sectors * economies, sectors))
    theta = read_numbers(place / "T.txt", (_CP_TRADABLES,))
    before = _cp_tariffs(place / "tariffs1993.txt")
    after = _cp_tariffs(place / "tariffs2005.txt")
    trade = np.zeros((sectors, economies, economies))
    # thousand US dollars, while output is in US dollars
    trade[:_CP_TRADABLES] = _cube(place / "xbilat1993.txt") / 1e3
    in_bounds(shares, 0.0, 1.0, place / "B.txt", "shares of value added from 0 to 1")
    in_bounds(theta, 1.0, 200.0, place / "T.txt", "elasticities, not their inverse")
    _cp_units(trade, output, place)
    notes: list[str] = []
    negative = inputs < 0
    if negative.any():
        notes.append(f"{int(negative.sum()):,} negative input shares were set to 0 and their columns scaled.")
    technology = np.maximum(inputs, 0.0).reshape(economies, sectors, sectors)
    columns = technology.sum(axis=1, keepdims=True)
    technology = technology / np.where(columns > 0, columns, 1.0)
    exports = trade.sum(axis=1)
    above = exports > output
    if re_exports == "kept":
        output = np.maximum(output, exports)
        trade[:, np.arange(economies), np.arange(economies)] = output - exports
        notes.append(
            f"Output of {int(above.sum()):,} sectors of economies was raised to their exports, as the "
            "authors do; nothing is sold at home there."
        )
    else:
        trade, stripped = strip_re_exports(trade, output, _CP_ECONOMIES, codes, impossible="raise output")
        output = trade.sum(axis=1)
        notes.extend(stripped)
    used = technology * ((1 - shares) * output).T[:, None, :]
    values = published_elasticities(elasticities or _CP, codes, _CP)
    if elasticities is None:
        values[:_CP_TRADABLES] = theta
    calibration = calibration_from_flows(
        _CP,
        _CP_ECONOMIES,
        codes,
        trade_musd=trade,
        inputs_musd=used,
        tariff_rates=before,
        elasticities=values,
        metadata={
            **about_file(
                _CP,
                "Caliendo and Parro (2015), NAFTA, 1993",
                "Caliendo, L. and F. Parro (2015), Estimates of the Trade and Welfare Effects of NAFTA, "
                "Review of Economic Studies 82(1), 1-44, replication data",
                1993,
            ),
            "assumptions": [
                "Base tariffs are those of 1993.",
                "Sales at home are output less exports.",
                elasticity_assumption(elasticities or _CP, codes, _CP),
            ],
            "notes": notes,
            "elasticities": elasticities or _CP,
            "re_exports": re_exports,
        },
    )
    return calibration, before, after


def read_fgh_2014(path: str | Path, *, elasticities: str = DEFAULT_ELASTICITIES) -> Calibration:
    """Read the calibration of Felbermayr, Groeschl and Heiland (2022): 44 economies, 50 sectors, 2014.

    Parameters
    ----------
    path : str or pathlib.Path
        File of arrays (``.npz``): countries, pi, tau, G, B, alpha and X0.
    elasticities : str
        Name of a published set.

    Returns
    -------
    Calibration
        Final shares are those of the authors, who treat changes in inventories apart; here these are left
        out, so that the data are no equilibrium before they are re-based.

    Raises
    ------
    DataError
        If an array is missing or has another shape, or its numbers are of another unit.
    """
    arrays = read_archive(Path(path), ("countries", "pi", "tau", "G", "B", "alpha", "X0"))
    economies = tuple(str(code) for code in arrays["countries"])
    codes = tuple(trade_sectors(_FGH))
    n, j = len(economies), len(codes)
    shapes = {"pi": (j, n, n), "tau": (j, n, n), "G": (n, j, j), "B": (j, n), "alpha": (j, n), "X0": (j, n)}
    found = {name: checked_array(arrays[name], shape, f"{path}, {name}") for name, shape in shapes.items()}
    in_bounds(found["tau"], 1.0, 10.0, f"{path}, tau", "1 plus the tariff as a fraction")
    for name in ("pi", "G", "B", "alpha"):
        in_bounds(found[name], 0.0, 1.0 + 1e-9, f"{path}, {name}", "shares from 0 to 1")
    rates = found["tau"] - 1
    trade = found["X0"][:, :, None] * found["pi"] / found["tau"]
    output = trade.sum(axis=1)
    shares = found["B"]
    used = found["G"] * ((1 - shares) * output).T[:, None, :]
    home = np.einsum("jnn->jn", rates)
    at_home = [economies[place] for place in np.flatnonzero((home > 0).any(axis=0))]
    calibration = calibration_from_flows(
        _FGH,
        economies,
        codes,
        trade_musd=trade,
        inputs_musd=used,
        tariff_rates=rates,
        elasticities=published_elasticities(elasticities, codes, _FGH),
        metadata={
            **about_file(
                _FGH,
                "Felbermayr, Gröschl and Heiland (2022), WIOD 2016 release, 2014",
                "Felbermayr, G., J. Gröschl and I. Heiland (2022), Complex Europe: Quantifying the cost of "
                "disintegration, Journal of International Economics 138, 103647, replication data",
                2014,
            ),
            "assumptions": [
                "Base tariffs are those of 2014"
                + (f"; within {', '.join(at_home)} too (a group of economies)." if at_home else "."),
                "Final shares are the authors'; changes in inventories are left out.",
                elasticity_assumption(elasticities, codes, _FGH),
            ],
            "notes": [],
            "elasticities": elasticities,
        },
    )
    # the residual of spending holds inventories
    return check_calibration(
        replace(
            calibration,
            final_shares=found["alpha"],
            metadata={**calibration.metadata, "notes": []},
        )
    )


def _cp_tariffs(path: Path) -> Floats:
    rates = np.zeros((len(trade_sectors(_CP)), len(_CP_ECONOMIES), len(_CP_ECONOMIES)))
    percent = _cube(path)
    if percent.max() <= 2.0:
        raise DataError(
            f"The largest tariff is {percent.max():g}, so they look like fractions.",
            where=str(path),
            expected="percentages: 3.5 for 3.5 %",
        )
    rates[:_CP_TRADABLES] = percent / 100
    return no_home_tariffs(rates, _CP_ECONOMIES, tuple(trade_sectors(_CP)), str(path))


def _cube(path: Path) -> Floats:
    """Read a file of 20 sectors by importer (rows) and exporter (columns)."""
    economies = len(_CP_ECONOMIES)
    values = read_numbers(path, (_CP_TRADABLES * economies, economies))
    in_bounds(values, 0.0, np.inf, path, "numbers of at least 0")
    return values.reshape(_CP_TRADABLES, economies, economies)


def _cp_units(trade: Floats, output: Floats, place: Path) -> None:
    ratio = float(trade.sum() / output[:_CP_TRADABLES].sum())
    if not 0.01 < ratio < 1.0:
        raise DataError(
            f"World trade would be {ratio:.3g} times world output of goods.",
            where=f"{place}: GO.txt and xbilat1993.txt",
            expected="output in US dollars and trade in thousand US dollars",
        )
