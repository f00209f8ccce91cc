r"""Re-exports: sectors that sell abroad what they did not make, and sectors that sell nothing at home.

Where an economy exports more of a good than it makes, part of its exports came from elsewhere. A model whose
home sales are output less exports then sees no home sales at all (the "Rotterdam effect"), and buyers abroad
seem to depend on the hub, not on the makers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.errors import DataError
from geomonitor.shocks.calibration import Calibration

__all__ = ["no_home_sales", "strip_re_exports"]

Floats = NDArray[np.float64]


def no_home_sales(calibration: Calibration) -> pl.DataFrame:
    """Name the sectors of economies that are bought but not sold at home.

    There, the change of the home share does not tell the gains from trade, and denial of imports cannot be
    made up for at home.

    Parameters
    ----------
    calibration : Calibration

    Returns
    -------
    polars.DataFrame
        economy, sector, final_share (part of final spending), largest part first; empty where there are none.
        Sectors that only producers buy are left out.

    Examples
    --------
    >>> from geomonitor.shocks import small_calibration
    >>> no_home_sales(small_calibration()).height
    0
    """
    home = np.einsum("jnn->jn", calibration.trade_shares)
    found = np.argwhere((home <= 0) & (calibration.final_shares > 0))
    return pl.DataFrame(
        {
            "economy": [calibration.economies[economy] for _, economy in found],
            "sector": [calibration.sectors[sector] for sector, _ in found],
            "final_share": [float(calibration.final_shares[sector, economy]) for sector, economy in found],
        },
        schema={"economy": pl.String, "sector": pl.String, "final_share": pl.Float64},
    ).sort("final_share", "economy", "sector", descending=[True, False, False])


def strip_re_exports(
    trade_musd: Floats,
    output_musd: Floats,
    economies: Sequence[str],
    sectors: Sequence[str],
    *,
    impossible: Literal["refuse", "raise output"] = "refuse",
) -> tuple[Floats, tuple[str, ...]]:
    """Net re-exports out of exports and imports where exports exceed output.

    In such a sector what an economy makes and what it imports are taken as one pool, and everything that it
    uses or sells abroad as a like part of the pool. So each purchase is traced to who made it: goods that
    came through the hub become imports of the buyer from the maker, the imports and exports of the hub fall
    by the same amount, and the hub keeps sales of its own goods at home. Output, what every economy uses, and
    every trade balance stay as they were.

    Parameters
    ----------
    trade_musd : numpy.ndarray, shape (J, N, N)
        ``[sector, buyer, seller]`` without sales at home (a diagonal of 0).
    output_musd : numpy.ndarray, shape (J, N)
    economies, sectors : sequence of str
        For messages.
    impossible : {'refuse', 'raise output'}
        What to do where exports exceed output and imports together: an error, or output raised to exports, as
        Caliendo and Parro (2015) do everywhere (imports are then used at home, and nothing is sold there).

    Returns
    -------
    tuple of numpy.ndarray (J, N, N) and of tuple of str
        Purchases by maker, sales at home included; and notes, one for each sector of an economy concerned.

    Raises
    ------
    DataError
        If sales at home are given already, or exports exceed output and imports together.

    Examples
    --------
    A hub makes 1, imports 9 from the maker and sells 6 to the user: 0.6 of its own and 5.4 of the maker's.

    >>> trade = np.zeros((1, 3, 3))
    >>> trade[0, 0, 1], trade[0, 2, 0] = 9.0, 6.0
    >>> found, notes = strip_re_exports(
    ...     trade, np.array([[1.0, 20.0, 3.0]]), ("HUB", "MAKER", "USER"), ("goods",))
    >>> found[0].round(2)
    array([[ 0.4,  3.6,  0. ],
           [ 0. , 11. ,  0. ],
           [ 0.6,  5.4,  3. ]])
    """
    home = np.einsum("jnn->jn", trade_musd)
    if (home != 0).any():
        sector, economy = np.argwhere(home != 0)[0]
        raise DataError(
            f"Sales at home of {economies[economy]}, sector {sectors[sector]}, are given already.",
            where="re-exports",
            expected="trade between economies only",
        )
    exports, imports = trade_musd.sum(axis=1), trade_musd.sum(axis=2)
    output = np.array(output_musd, dtype=np.float64)
    notes: list[str] = []
    for sector, economy in np.argwhere(exports > (output + imports) * (1 + 1e-12)):
        what = (
            f"{economies[economy]}, sector {sectors[sector]}, exports {exports[sector, economy]:,.1f}, makes "
            f"{output[sector, economy]:,.1f} and imports {imports[sector, economy]:,.1f} million US dollars"
        )
        if impossible == "refuse":
            raise DataError(
                f"{what}.",
                where="re-exports",
                expected="exports of at most output and imports together",
                next_step='Correct the data, or let output be raised (impossible="raise output").',
            )
        output[sector, economy] = exports[sector, economy]
        notes.append(f"{what}; output was raised to exports.")
    found = np.array(trade_musd)
    for sector in range(len(sectors)):
        hubs = np.flatnonzero(exports[sector] > output[sector])
        found[sector] = _by_maker(trade_musd[sector], output[sector], hubs)
        for hub in hubs:
            own = found[sector, :, hub].sum() - found[sector, hub, hub]
            notes.append(
                f"{economies[int(hub)]}, sector {sectors[sector]}: re-exports of "
                f"{exports[sector, hub] - own:,.1f} million US dollars netted out."
            )
    return found, tuple(notes)


def _by_maker(trade: Floats, output: Floats, hubs: NDArray[np.intp]) -> Floats:
    """Trace the purchases of one sector to who made the goods."""
    economies = len(output)
    imports, exports = trade.sum(axis=1), trade.sum(axis=0)
    supply = output + imports
    at_home = np.maximum(supply - exports, 0.0)
    # what a dollar sold by an economy was made of: itself, except at hubs
    made_of = np.eye(economies)
    if hubs.size:
        pool = supply[hubs][:, None]
        own = np.zeros((hubs.size, economies))
        own[np.arange(hubs.size), hubs] = output[hubs]
        through = trade[hubs][:, hubs] / pool
        others = np.delete(np.arange(economies), hubs)
        direct = own / pool
        direct[:, others] += trade[hubs][:, others] / pool
        made_of[hubs] = np.linalg.solve(np.eye(hubs.size) - through, direct)
    purchases = trade @ made_of
    is_hub = np.zeros(economies, dtype=bool)
    is_hub[hubs] = True
    # a hub uses its pool; others use what they make beside what they buy
    purchases[hubs] = at_home[hubs, None] * made_of[hubs]
    rest = np.flatnonzero(~is_hub)
    purchases[rest, rest] += output[rest] - exports[rest]
    return np.asarray(purchases)
