"""What a trade model is calibrated on: shares, tariffs, technology and elasticities of a base year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from geomonitor.errors import DataError

__all__ = ["Calibration", "Links", "check_calibration", "with_links"]

Floats = NDArray[np.float64]
Links = Literal["none", "materials", "full"]

_SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Calibration:
    """The base of a trade model with J sectors and N economies.

    Attributes
    ----------
    name : str
    economies, sectors : tuple of str
    trade_shares : numpy.ndarray, shape (J, N, N)
        ``[sector, buyer, seller]``: share of the seller in what the buyer spends on the sector, tariffs
        included. Rows add up to 1, or to 0 where the buyer buys nothing of the sector.
    tariff_rates : numpy.ndarray, shape (J, N, N)
        As fractions, the same order.
    value_added_shares : numpy.ndarray, shape (J, N)
        Part of value added in output.
    input_shares : numpy.ndarray, shape (N, J, J)
        ``[economy, input, using sector]``: shares in intermediate purchases. Columns add up to 1, or to 0
        where nothing is bought.
    final_shares : numpy.ndarray, shape (J, N)
        Shares in final spending.
    value_added_musd, deficits_musd : numpy.ndarray, shape (N,)
        Value added, and imports less exports; deficits add up to 0 over the world.
    elasticities : numpy.ndarray, shape (J,)
        Trade elasticities, positive.
    links : {'full', 'materials', 'none'}
        Whether intermediates come from all sectors, from the sector itself, or are left out.
    metadata : dict
        Title, citation, year, notes on how the calibration was made.
    """

    name: str
    economies: tuple[str, ...]
    sectors: tuple[str, ...]
    trade_shares: Floats
    tariff_rates: Floats
    value_added_shares: Floats
    input_shares: Floats
    final_shares: Floats
    value_added_musd: Floats
    deficits_musd: Floats
    elasticities: Floats
    links: Links = "full"
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Number of sectors and economies."""
        return len(self.sectors), len(self.economies)

    def with_elasticities(self, elasticities: Floats) -> Calibration:
        """Replace the trade elasticities.

        Parameters
        ----------
        elasticities : numpy.ndarray, shape (J,)

        Raises
        ------
        DataError
            If one is missing, not finite or not above 0.
        """
        return check_calibration(replace(self, elasticities=np.asarray(elasticities, dtype=np.float64)))


def _wrong(what: str, where: str, expected: str, next_step: str | None = None) -> DataError:
    return DataError(what, where=where, expected=expected, next_step=next_step)


def check_calibration(calibration: Calibration) -> Calibration:
    """Refuse a calibration that is none, naming the sector and economy at fault.

    Parameters
    ----------
    calibration : Calibration

    Returns
    -------
    Calibration
        The same one, with shares that add up to 1 to the last bit: rounding in the last printed digit would
        leave money over.

    Raises
    ------
    DataError
        If a shape is wrong, a number is not finite, a share is negative or shares do not add up, a value
        added is not above 0, an elasticity is 0, negative or missing, a tariff looks like a percentage, or
        deficits do not add up to 0.
    """
    sectors, economies = calibration.size
    shapes = {
        "trade_shares": (sectors, economies, economies),
        "tariff_rates": (sectors, economies, economies),
        "value_added_shares": (sectors, economies),
        "input_shares": (economies, sectors, sectors),
        "final_shares": (sectors, economies),
        "value_added_musd": (economies,),
        "deficits_musd": (economies,),
        "elasticities": (sectors,),
    }
    for name, shape in shapes.items():
        values = getattr(calibration, name)
        if values.shape != shape:
            raise _wrong(f"{name} has shape {values.shape}.", calibration.name, f"shape {shape}")
        if not np.isfinite(values).all():
            place = _place(calibration, name, ~np.isfinite(values))
            hint = "an elasticity above 0" if name == "elasticities" else "a finite number"
            raise _wrong(f"{name} is missing or not finite for {place}.", calibration.name, hint)
    for name in ("trade_shares", "value_added_shares", "input_shares", "final_shares"):
        values = getattr(calibration, name)
        if (values < 0).any():
            place = _place(calibration, name, values < 0)
            raise _wrong(f"{name} is negative for {place}.", calibration.name, "shares of at least 0")
    if (calibration.elasticities <= 0).any():
        place = _place(calibration, "elasticities", calibration.elasticities <= 0)
        raise _wrong(
            f"The trade elasticity of {place} is 0 or negative.",
            calibration.name,
            "a number above 0; some sources print it with a minus sign",
        )
    if (calibration.value_added_musd <= 0).any():
        place = _place(calibration, "value_added_musd", calibration.value_added_musd <= 0)
        raise _wrong(f"Value added of {place} is not above 0.", calibration.name, "million US dollars")
    _check_sums(calibration)
    _check_tariffs(calibration)
    total = abs(calibration.deficits_musd.sum())
    if total > _SUM_TOLERANCE * calibration.value_added_musd.sum():
        raise _wrong(
            f"Deficits of the world add up to {total:.6g} million US dollars.",
            calibration.name,
            "0: what one economy buys more, others sell more",
        )
    return replace(
        calibration,
        trade_shares=_exact(calibration.trade_shares, 2),
        input_shares=_exact(calibration.input_shares, 1),
        final_shares=_exact(calibration.final_shares, 0),
        deficits_musd=calibration.deficits_musd - calibration.deficits_musd.mean(),
    )


def _exact(shares: Floats, axis: int) -> Floats:
    sums = shares.sum(axis=axis, keepdims=True)
    return np.asarray(shares / np.where(sums > 0, sums, 1.0))


def _check_sums(calibration: Calibration) -> None:
    for name, axis, may_be_nothing in (
        ("trade_shares", 2, True),
        ("input_shares", 1, True),
        ("final_shares", 0, False),
    ):
        sums = getattr(calibration, name).sum(axis=axis)
        wrong = np.abs(sums - 1) > _SUM_TOLERANCE
        if may_be_nothing:
            wrong &= sums > _SUM_TOLERANCE
        if wrong.any():
            where = tuple(int(each) for each in np.argwhere(wrong)[0])
            raise _wrong(
                f"{name} of {_names(calibration, name, axis, where)} add up to {sums[where]:.6g}.",
                calibration.name,
                "1",
            )
    bought = calibration.trade_shares.sum(axis=2) > _SUM_TOLERANCE
    used = calibration.final_shares + calibration.input_shares.sum(axis=2).T
    if ((used > _SUM_TOLERANCE) & ~bought).any():
        sector, economy = np.argwhere((used > _SUM_TOLERANCE) & ~bought)[0]
        who, what = calibration.economies[economy], calibration.sectors[sector]
        raise _wrong(
            f"{who} uses sector {what}, and buys it nowhere.",
            calibration.name,
            "trade shares that add up to 1 wherever a sector is used",
        )
    above = calibration.value_added_shares > 1 + _SUM_TOLERANCE
    if above.any():
        place = _place(calibration, "value_added_shares", above)
        raise _wrong(f"The part of value added of {place} is above 1.", calibration.name, "0 to 1")


def _check_tariffs(calibration: Calibration) -> None:
    rates = calibration.tariff_rates
    if (rates <= -1).any():
        place = _place(calibration, "tariff_rates", rates <= -1)
        raise _wrong(f"The tariff of {place} is -100 % or less.", calibration.name, "a fraction above -1")
    positive = rates[rates > 0]
    # whole tariff books in percent have medians of several; single peaks above 200 % exist
    if positive.size and np.median(positive) > 1:
        raise _wrong(
            f"Half of the tariffs are above {np.median(positive):.3g}, so they look like percentages.",
            calibration.name,
            "fractions: 0.035 for 3.5 %",
            "Divide them by 100.",
        )


def _names(calibration: Calibration, name: str, axis: int, where: tuple[int, ...]) -> str:
    sectors, economies = calibration.sectors, calibration.economies
    if name == "trade_shares":
        return f"{economies[where[1]]}, sector {sectors[where[0]]}"
    if name == "input_shares":
        return f"{economies[where[0]]}, sector {sectors[where[1]]}"
    return economies[where[0]]


def _place(calibration: Calibration, name: str, wrong: NDArray[np.bool_]) -> str:
    """Name the first cell that is wrong, and count the others."""
    places = np.argwhere(wrong)
    first = places[0]
    axes = {
        "trade_shares": "snn",
        "tariff_rates": "snn",
        "value_added_shares": "sn",
        "input_shares": "nss",
        "final_shares": "sn",
        "value_added_musd": "n",
        "deficits_musd": "n",
        "elasticities": "s",
    }[name]
    labels = {"s": calibration.sectors, "n": calibration.economies}
    text = ", ".join(labels[axis][index] for axis, index in zip(axes, first, strict=True))
    return text if len(places) == 1 else f"{text} and {len(places) - 1} more"


def with_links(
    calibration: Calibration, links: Links, output_musd: Floats, spending_musd: Floats
) -> Calibration:
    """Leave out input-output links, or all materials, keeping trade as it is.

    Parameters
    ----------
    calibration : Calibration
        With full links.
    links : {'full', 'materials', 'none'}
        "materials": a sector uses its own goods only. "none": output is value added.
    output_musd, spending_musd : numpy.ndarray, shape (J, N)
        Output and spending of the base.

    Returns
    -------
    Calibration
        Final shares are what is left of spending; where a sector uses more of its own goods than is spent
        on it, the share is set to 0 and the others are scaled, as Caliendo and Parro (2015) do.
    """
    if links == "full":
        return calibration
    sectors, economies = calibration.size
    if links == "none":
        shares = np.ones((sectors, economies))
        inputs = np.zeros((economies, sectors, sectors))
        value_added = output_musd.sum(axis=0)
        final = spending_musd.copy()
    else:
        # where nothing of a sector is bought, it cannot use its own goods
        bought = calibration.trade_shares.sum(axis=2) > 0
        shares = np.where(bought, calibration.value_added_shares, 1.0)
        inputs = np.eye(sectors) * bought.T[:, None, :]
        value_added = (shares * output_musd).sum(axis=0)
        final = np.maximum(spending_musd - (1 - shares) * output_musd, 0.0)
    return replace(
        calibration,
        value_added_shares=shares,
        input_shares=inputs,
        final_shares=final / final.sum(axis=0),
        value_added_musd=value_added,
        links=links,
    )
