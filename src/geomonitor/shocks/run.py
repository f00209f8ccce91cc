"""Run a scenario: from a calibration to tables that say what happens, to whom, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.codes import resolve_importer
from geomonitor.errors import UnknownCodeError
from geomonitor.shocks.base import Base, rebase
from geomonitor.shocks.calibration import Calibration, Links
from geomonitor.shocks.equilibrium import Equilibrium, solve_equilibrium
from geomonitor.shocks.prices import PriceEffects, price_effects
from geomonitor.shocks.scenario_files import Scenario, shock_of
from geomonitor.shocks.system import Shock
from geomonitor.shocks.welfare import first_order_parts, price_index, real_income, real_wage

__all__ = ["ShockResult", "counterparts_of", "run_scenario"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShockResult:
    """What a scenario does.

    Attributes
    ----------
    scenario : Scenario
    base : Base
    shock : Shock
    found : Equilibrium
    prices : PriceEffects
    focus : tuple of str
        Economies shown by sector and partner.
    economies : polars.DataFrame
        One row an economy; changes as fractions: `economy`, `in_scenario`, `real_income_change` (exact),
        `direct_price_change`, `total_price_change` (of final spending, at given wages), `price_change`,
        `wage_change`, `real_wage_change`, `terms_of_trade`, `volume_of_trade`, `trade_costs` (first order),
        `imports_change`, `exports_change` (volumes shipped, at prices of the base, without home sales),
        `income_musd`, `income_after_musd`, `revenue_musd`, `revenue_after_musd`.
    sectors : polars.DataFrame
        One row an economy and sector: `economy`, `sector`, `output_musd`, `output_change` (volume),
        `spending_musd`, `direct_price_change`, `total_price_change`, `price_change` (in equilibrium).
    trade : polars.DataFrame
        One row a buyer, seller and sector that trade, of the economies in focus and those in the scenario:
        `buyer`, `seller`, `sector`, `before_musd`, `after_musd`, net of tariffs.
    assumptions : tuple of str
        Said with every output.
    """

    scenario: Scenario
    base: Base
    shock: Shock
    found: Equilibrium
    prices: PriceEffects
    focus: tuple[str, ...]
    economies: pl.DataFrame
    sectors: pl.DataFrame
    trade: pl.DataFrame
    assumptions: tuple[str, ...]

    def plot(self, top: int = 25) -> Any:
        """Draw the change of real income of the economies that are hit hardest.

        Parameters
        ----------
        top : int
        """
        import plotly.graph_objects as go

        rows = self.economies.sort(pl.col("real_income_change").abs(), descending=True).head(top)
        rows = rows.sort("real_income_change", descending=True)
        figure = go.Figure(
            go.Bar(
                x=(100 * rows["real_income_change"]).to_list(), y=rows["economy"].to_list(), orientation="h"
            )
        )
        figure.update_layout(
            title=self.scenario.name["en"], xaxis_title="change of real income, percent (exact)"
        )
        return figure


def run_scenario(
    calibration: Calibration | Base,
    scenario: Scenario,
    focus: Sequence[str] = (),
    *,
    links: Links = "full",
    tolerance: float = 1e-9,
) -> ShockResult:
    """Find what a scenario does.

    Parameters
    ----------
    calibration : Calibration or Base
        A calibration is brought to its equilibrium first, with the deficits of the scenario; a base is taken
        as it is.
    scenario : Scenario
    focus : sequence of str
        Economies or groups to show by sector and partner.
    links : {'full', 'materials', 'none'}
    tolerance : float

    Returns
    -------
    ShockResult

    Raises
    ------
    DataError
        If the calibration is not sound, or the scenario touches nothing.
    EquilibriumError
        If there is no equilibrium.
    UnknownCodeError
        If an economy or sector is not in the calibration.

    Examples
    --------
    >>> from geomonitor.shocks.examples import small_calibration, small_scenario
    >>> result = run_scenario(small_calibration(), small_scenario())
    >>> result.economies["real_income_change"][0] < 0
    True
    """
    given = calibration if isinstance(calibration, Calibration) else None
    base = calibration if given is None else rebase(given, scenario.deficits, links=links)
    assert isinstance(base, Base)
    shown = _focus(base.calibration, focus)
    shock = shock_of(scenario, base.calibration)
    effects = price_effects(base.calibration, shock)
    found = solve_equilibrium(base.calibration, shock, tolerance=tolerance)
    hit = _hit(base.calibration, shock)
    return ShockResult(
        scenario=scenario,
        base=base,
        shock=shock,
        found=found,
        prices=effects,
        focus=shown,
        economies=_economies(base, shock, found, effects, hit),
        sectors=_sectors(base, found, effects),
        trade=_trade(base, found, sorted({*shown, *hit})),
        assumptions=_assumptions(base, scenario, found, links),
    )


def counterparts_of(result: ShockResult, economy: str) -> tuple[str, ...]:
    """Name the economies with which trade of one economy is changed by the scenario itself."""
    names = result.base.calibration.economies
    place = names.index(economy)
    changed = _touched(result.base.calibration, result.shock)
    _, partners = np.nonzero(np.logical_or(changed[:, place, :], changed[:, :, place]))
    return tuple(names[each] for each in sorted(set(partners.tolist())))


def _focus(calibration: Calibration, codes: Sequence[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for code in codes:
        members = (code,) if code in calibration.economies else resolve_importer(code).members
        inside = [each for each in members if each in calibration.economies]
        if not inside:
            raise UnknownCodeError(
                f"The calibration {calibration.name} has no economy {code}.",
                where="option focus",
                expected=f"one of {', '.join(calibration.economies)}, or a group of them",
            )
        found |= dict.fromkeys(inside)
    return tuple(found)


def _touched(calibration: Calibration, shock: Shock) -> NDArray[np.bool_]:
    """Mark what the shock itself changes: (J, N, N)."""
    marks = np.zeros(calibration.trade_shares.shape, dtype=bool)
    if shock.tariff_rates is not None:
        marks |= shock.tariff_rates != calibration.tariff_rates
    if shock.cost_factors is not None:
        marks |= shock.cost_factors != 1
    if shock.denied is not None:
        marks |= shock.denied
    return marks


def _hit(calibration: Calibration, shock: Shock) -> list[str]:
    touched = _touched(calibration, shock)
    _, buyers, sellers = np.nonzero(touched)
    return [calibration.economies[each] for each in sorted({*buyers.tolist(), *sellers.tolist()})]


def _flows(base: Base, found: Equilibrium) -> tuple[Floats, Floats]:
    """Give trade before and after in money, net of tariffs: (J, N, N)."""
    calibration, start = base.calibration, base.equilibrium
    before = start.spending_musd[:, :, None] * start.trade_shares / (1 + calibration.tariff_rates)
    after = found.spending_musd[:, :, None] * found.trade_shares / (1 + found.tariff_rates)
    return before, after


def _economies(
    base: Base, shock: Shock, found: Equilibrium, effects: PriceEffects, hit: Sequence[str]
) -> pl.DataFrame:
    calibration, start = base.calibration, base.equilibrium
    before, after = _flows(base, found)
    # a seller's price is its cost, so this is what is shipped, with what trade costs use up on the way
    volume = after / found.costs[:, None, :]
    abroad = ~np.eye(len(calibration.economies), dtype=bool)
    before, volume = before * abroad, volume * abroad
    parts = first_order_parts(base, found, shock)

    def grown(axis: tuple[int, int]) -> Floats:
        total = before.sum(axis=axis)
        return np.asarray(
            np.divide(volume.sum(axis=axis), total, out=np.full(total.shape, np.nan), where=total > 0) - 1
        )

    return pl.DataFrame(
        {
            "economy": calibration.economies,
            "in_scenario": [name in set(hit) for name in calibration.economies],
            "real_income_change": real_income(base, found) - 1,
            "direct_price_change": effects.index(calibration, "direct"),
            "total_price_change": effects.index(calibration, "total"),
            "price_change": price_index(calibration, found) - 1,
            "wage_change": found.wages - 1,
            "real_wage_change": real_wage(base, found) - 1,
            "terms_of_trade": parts.terms_of_trade,
            "volume_of_trade": parts.volume_of_trade,
            "trade_costs": parts.trade_costs,
            "imports_change": grown((0, 2)),
            "exports_change": grown((0, 1)),
            "income_musd": start.income_musd,
            "income_after_musd": found.income_musd,
            "revenue_musd": start.revenue_musd,
            "revenue_after_musd": found.revenue_musd,
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))


def _sectors(base: Base, found: Equilibrium, effects: PriceEffects) -> pl.DataFrame:
    calibration, start = base.calibration, base.equilibrium
    sectors, economies = calibration.size
    made = start.output_musd
    volume = np.divide(found.output_musd / found.costs, made, out=np.full(made.shape, np.nan), where=made > 0)
    return pl.DataFrame(
        {
            "economy": np.repeat(np.asarray(calibration.economies), sectors),
            "sector": np.tile(np.asarray(calibration.sectors), economies),
            "output_musd": made.T.ravel(),
            "output_change": volume.T.ravel() - 1,
            "spending_musd": start.spending_musd.T.ravel(),
            "direct_price_change": effects.direct.T.ravel(),
            "total_price_change": effects.total.T.ravel(),
            "price_change": found.prices.T.ravel() - 1,
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))


def _trade(base: Base, found: Equilibrium, shown: Sequence[str]) -> pl.DataFrame:
    names = np.asarray(base.calibration.economies)
    before, after = _flows(base, found)
    inside = np.isin(names, list(shown))
    wanted = (inside[:, None] | inside[None, :]) & ~np.eye(len(names), dtype=bool)
    sector, buyer, seller = np.nonzero(wanted & (before > 0))
    return pl.DataFrame(
        {
            "buyer": names[buyer],
            "seller": names[seller],
            "sector": np.asarray(base.calibration.sectors)[sector],
            "before_musd": before[sector, buyer, seller],
            "after_musd": after[sector, buyer, seller],
        }
    )


def _assumptions(base: Base, scenario: Scenario, found: Equilibrium, links: Links) -> tuple[str, ...]:
    calibration = base.calibration
    rules = {
        "kept": "trade deficits stay what they are, in units of world value added",
        "zero": "trade deficits are zero, before and after",
        "proportional": "trade deficits move with value added",
    }
    spoken = {
        "full": "inputs come from all sectors",
        "materials": "sectors use their own goods only",
        "none": "no intermediate inputs",
    }
    return (
        f"calibration {calibration.name}: {len(calibration.sectors)} sectors, "
        f"{len(calibration.economies)} economies",
        *(str(each) for each in calibration.metadata.get("assumptions", ())),
        rules[scenario.deficits],
        spoken[links],
        "long run: labour moves between sectors, not between economies; no stocks, no unemployment",
        f"solved by {found.method}, worst condition off by {max(found.residuals.values()):.1e}",
    )
