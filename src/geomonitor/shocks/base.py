"""The base as an equilibrium: what every change is measured against."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from geomonitor.shocks.calibration import Calibration, Links, check_calibration, with_links
from geomonitor.shocks.equilibrium import Deficits, Equilibrium, Shock, solve_equilibrium

__all__ = ["Base", "rebase", "take_as_base"]


@dataclass(frozen=True, slots=True)
class Base:
    """A calibration that is an equilibrium, with its levels.

    Attributes
    ----------
    calibration : Calibration
        Its shares, value added and deficits are those of the equilibrium.
    equilibrium : Equilibrium
        With wages, prices and costs of 1.
    moved : float
        Largest change of a wage that was needed to get from the data to an equilibrium.
    """

    calibration: Calibration
    equilibrium: Equilibrium
    moved: float


def take_as_base(calibration: Calibration, found: Equilibrium) -> Base:
    """Make an equilibrium the base of further changes.

    Parameters
    ----------
    calibration : Calibration
        What the equilibrium was found from.
    found : Equilibrium

    Returns
    -------
    Base
    """
    ones = np.ones_like(found.prices)
    return Base(
        calibration=replace(
            calibration,
            trade_shares=found.trade_shares,
            tariff_rates=found.tariff_rates,
            value_added_musd=found.wages * calibration.value_added_musd,
            deficits_musd=found.deficits_musd,
        ),
        equilibrium=replace(found, wages=np.ones_like(found.wages), prices=ones, costs=ones),
        moved=float(np.max(np.abs(found.wages - 1))),
    )


def rebase(
    calibration: Calibration,
    deficits: Deficits = "kept",
    *,
    links: Links = "full",
    tolerance: float = 1e-12,
) -> Base:
    """Find the equilibrium that belongs to a calibration.

    Data are no equilibrium where final shares were cut off at 0, where deficits are put at 0, or where links
    are left out. Changes measured against the raw data would mix that with the shock.

    Parameters
    ----------
    calibration : Calibration
    deficits : {'kept', 'zero', 'proportional'}
    links : {'full', 'materials', 'none'}
        Which links between sectors to keep (`with_links`).
    tolerance : float

    Returns
    -------
    Base

    Raises
    ------
    DataError
        If the calibration is not sound.
    EquilibriumError
        If there is no equilibrium.

    Examples
    --------
    >>> from geomonitor.shocks.examples import small_calibration
    >>> rebase(small_calibration()).equilibrium.residuals["value added"] < 1e-9
    True
    """
    sound = check_calibration(calibration)
    if links != "full":
        full = solve_equilibrium(sound, Shock(deficits=deficits), tolerance=tolerance)
        sound = check_calibration(with_links(sound, links, full.output_musd, full.spending_musd))
    return take_as_base(sound, solve_equilibrium(sound, Shock(deficits=deficits), tolerance=tolerance))
