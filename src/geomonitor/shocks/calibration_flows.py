"""From money flows to the shares of a trade model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geomonitor.data.input_output import InputOutputTable
from geomonitor.errors import DataError
from geomonitor.shocks.calibration import Calibration, check_calibration

__all__ = ["ROUNDING", "calibration_from_flows", "intermediate_purchases"]

Floats = NDArray[np.float64]

ROUNDING = 1e-5
"""What rounding to single precision can leave of a sum of thousands of cells, as a part of it."""


def calibration_from_flows(
    name: str,
    economies: Sequence[str],
    sectors: Sequence[str],
    *,
    trade_musd: Floats,
    inputs_musd: Floats,
    tariff_rates: Floats,
    elasticities: Floats,
    metadata: Mapping[str, Any],
    least_value_added_share: float | None = None,
) -> Calibration:
    """Calibrate a trade model on money flows.

    Parameters
    ----------
    name : str
    economies, sectors : sequence of str
    trade_musd : numpy.ndarray, shape (J, N, N)
        ``[sector, buyer, seller]``, sales at home included, before tariffs, million US dollars.
    inputs_musd : numpy.ndarray, shape (N, J, J)
        ``[economy, input, using sector]``: intermediate purchases with the tariffs on them, million US
        dollars.
    tariff_rates : numpy.ndarray, shape (J, N, N)
        As fractions.
    elasticities : numpy.ndarray, shape (J,)
    metadata : Mapping
        Notes are added to it.
    least_value_added_share : float, optional
        Scale the inputs of an industry whose value added is a smaller part of its output. Such an industry is
        an error when left out.

    Returns
    -------
    Calibration
        Final purchases are what intermediate purchases leave of spending. Where that is negative it is set to
        0, as Caliendo and Parro (2015) do; a note says how much it was, and the data are then no equilibrium
        before they are re-based.

    Raises
    ------
    DataError
        If an industry buys more than it sells, naming it; or the calibration is not sound.
    """
    economies, sectors = tuple(economies), tuple(sectors)
    notes = list(metadata.get("notes", ()))
    output = trade_musd.sum(axis=1)
    spent = trade_musd * (1 + tariff_rates)
    spending = spent.sum(axis=2)
    used = inputs_musd.sum(axis=1).T
    inputs_musd, used = _with_value_added(
        inputs_musd, used, output, economies, sectors, least_value_added_share, notes, name
    )
    inputs_by_kind = inputs_musd.sum(axis=2).T
    unsold = (inputs_by_kind > 0) & (spending <= 0)
    if unsold.any():
        sector, economy = np.argwhere(unsold)[0]
        raise DataError(
            f"{economies[economy]} uses inputs of sector {sectors[sector]} and buys none of it.",
            where=f"calibration {name}",
            expected="a supplier, at home or abroad, of whatever is used",
        )
    final = spending - inputs_by_kind
    world = float(spending.sum())
    short = final < -ROUNDING * np.maximum(spending, 1e-9 * world)
    if short.any():
        notes.append(
            f"Intermediate purchases exceed all purchases in {int(short.sum()):,} sectors of economies "
            f"({-final[short].sum():,.0f} million US dollars, {-final[short].sum() / world:.2%} of world "
            "spending); final purchases there were set to 0."
        )
    final = np.maximum(final, 0.0)
    return check_calibration(
        Calibration(
            name=name,
            economies=economies,
            sectors=sectors,
            trade_shares=_shares(spent, 2),
            tariff_rates=tariff_rates,
            # an industry without output has no technology: labour alone keeps its costs defined
            value_added_shares=np.where(output > 0, 1 - used / np.where(output > 0, output, 1.0), 1.0),
            input_shares=_shares(inputs_musd, 1),
            final_shares=_shares(final, 0),
            value_added_musd=(output - used).sum(axis=0),
            deficits_musd=trade_musd.sum(axis=(0, 2)) - trade_musd.sum(axis=(0, 1)),
            elasticities=elasticities,
            metadata={**metadata, "notes": notes},
        )
    )


def _shares(amounts: Floats, axis: int) -> Floats:
    sums = amounts.sum(axis=axis, keepdims=True)
    return np.asarray(amounts / np.where(sums > 0, sums, 1.0))


def _with_value_added(
    inputs: Floats,
    used: Floats,
    output: Floats,
    economies: tuple[str, ...],
    sectors: tuple[str, ...],
    least: float | None,
    notes: list[str],
    name: str,
) -> tuple[Floats, Floats]:
    """Refuse, or scale, inputs that leave no value added."""
    room = output * (1 - (least or 0.0))
    above = used > room * (1 + 1e-12)
    if not above.any():
        return inputs, used
    worst = np.unravel_index(int(np.argmax(np.where(above, used - room, -np.inf))), used.shape)
    if least is None:
        raise DataError(
            f"{economies[worst[1]]}, sector {sectors[worst[0]]}, buys inputs of {used[worst]:,.2f} and sells "
            f"{output[worst]:,.2f} million US dollars, so its value added is negative"
            + (f"; so is that of {int(above.sum()) - 1} others." if above.sum() > 1 else "."),
            where=f"calibration {name}",
            expected="inputs of at most output",
            next_step="Mend the data, or have its inputs scaled (least_value_added_share=0).",
        )
    notes.append(
        f"Inputs of {int(above.sum()):,} industries exceed {1 - least:.0%} of their output "
        f"({float((used - room)[above].sum()):,.1f} million US dollars in all; most in "
        f"{economies[worst[1]]}, sector {sectors[worst[0]]}) and were scaled to it."
    )
    factor = np.where(above, room / np.where(used > 0, used, 1.0), 1.0)
    return inputs * factor.T[:, None, :], used * factor


def intermediate_purchases(table: InputOutputTable, rates: Floats) -> tuple[Floats, Floats]:
    """Sum intermediate deliveries by buying economy, and by input and using sector.

    Parameters
    ----------
    table : InputOutputTable
    rates : numpy.ndarray, shape (J, N, N)
        Tariffs as fractions, ``[sector, buyer, seller]``.

    Returns
    -------
    tuple of numpy.ndarray (J, N, N) and of numpy.ndarray (N, J, J)
        Purchases ``[sector, buyer, seller]`` before tariffs, and inputs ``[economy, input, using sector]``
        with them, in million US dollars.
    """
    economies, sectors = len(table.countries), len(table.sectors)
    flows = table.flows_musd.reshape(economies, sectors, economies, sectors)
    bought = np.empty((sectors, economies, economies))
    inputs = np.zeros((economies, sectors, sectors))
    for seller in range(economies):
        # one origin at a time: the largest tables do not fit twice
        block = flows[seller].astype(np.float64)
        bought[:, :, seller] = block.sum(axis=2)
        paid = 1 + rates[:, :, seller]
        inputs += (block * paid[:, :, None]).transpose(1, 0, 2)
    return bought, inputs
