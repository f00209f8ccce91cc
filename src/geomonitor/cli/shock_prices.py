"""``geomonitor shock prices``: what tariffs do to prices when costs are passed on through the chains."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from geomonitor.cli.chains import open_table
from geomonitor.cli.options import OutputFormat
from geomonitor.cli.shock_asked import Form, Out, ScenarioCode, in_percent, say_assumptions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geomonitor.data.input_output import InputOutputTable
    from geomonitor.shocks import Scenario

__all__ = ["prices_command"]


class Scope(StrEnum):
    """Among whom costs are passed on."""

    world = "world"
    home = "home"


class ShowPrices(StrEnum):
    """Whose prices."""

    groups = "groups"
    producers = "producers"


def prices_command(
    code: ScenarioCode,
    focus: Annotated[
        str, typer.Option("--focus", help="Whose prices: an economy (NLD) or a group (EU27_2020).")
    ],
    pass_through: Annotated[
        float, typer.Option("--pass-through", help="Part of the tariff that buyers pay, 0 to 1.")
    ] = 1.0,
    scope: Annotated[
        Scope, typer.Option("--scope", help="Costs passed on in all chains, or among producers at home only.")
    ] = Scope.world,
    show: Annotated[
        ShowPrices, typer.Option("--show", help="Product groups finally used, or producers' costs.")
    ] = ShowPrices.groups,
    table: Annotated[
        str | None, typer.Option("--table", help="A stored input-output table; the embedded one by default.")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Factorise anew, and store nothing.")] = False,
    format: Form = OutputFormat.table,  # noqa: A002
    out: Out = None,
) -> None:
    """Show what tariffs do to prices when costs are passed on through the chains (Leontief).

    Quantities stay as they are, so these are upper bounds: directly at the border, indirectly through
    inputs, and in total, by product group.

    Example: geomonitor shock prices eu-china-25pp --focus NLD
    """
    import polars as pl

    from geomonitor.chains import cached_system, leontief_system
    from geomonitor.cli.output import emit, emit_document
    from geomonitor.data.input_output import sector_name
    from geomonitor.monitor.shock_results import unsigned_zeros
    from geomonitor.shocks import scenario as scenario_of
    from geomonitor.shocks.pass_through import price_pass_through

    wanted = scenario_of(code)
    opened = open_table(table)
    changes = _tariff_changes(wanted, opened)
    system = (
        leontief_system(opened)
        if no_cache
        else cached_system(opened, notify=lambda text: typer.echo(f"Note: {text}", err=True))
    )
    found = price_pass_through(system, changes, focus, pass_through=pass_through, scope=scope.value)
    frame = found.table if show is ShowPrices.groups else found.nodes
    names = pl.Series("sector_name", [sector_name(each) for each in frame["sector"]])
    frame = frame.insert_column(frame.columns.index("sector") + 1, names)
    if show is ShowPrices.producers:
        members = _members(opened, focus)
        frame = frame.filter(pl.col("economy").is_in(members), pl.col("output_musd") > 0)
    else:
        frame = frame.filter(pl.col("spending_musd") > 0)
    frame = unsigned_zeros(frame).sort("total_price_change", "sector", descending=[True, False])
    provenance = {**found.provenance, "scenario": wanted.code}
    if format is OutputFormat.json:
        emit_document(
            {
                "economy": found.economy,
                "direct_price_change": found.direct,
                "indirect_price_change": found.indirect,
                "total_price_change": found.total,
                "ratio_total_to_direct": found.total_to_direct,
                show.value: frame.to_dicts(),
                "provenance": provenance,
            },
            out,
        )
        return
    if format is not OutputFormat.table:
        context = {"scenario": wanted.code, "table": opened.name, "method": provenance["method"]}
        frame = frame.with_columns(pl.lit(value).alias(name) for name, value in context.items())
    title = (
        f"{wanted.name['en']}; prices in {focus}: direct {found.direct:.3%}, total {found.total:.3%}; "
        f"{opened.name}, {opened.year}"
    )
    emit(in_percent(frame) if format is OutputFormat.table else frame, format, title=title, out=out)
    if format is OutputFormat.table:
        say_assumptions(provenance["assumptions"], out)


def _members(table: InputOutputTable, code: str) -> list[str]:
    from geomonitor.chains import economies_of

    return list(economies_of(table, code))


def _tariff_changes(scenario: Scenario, table: InputOutputTable) -> NDArray[np.float64]:
    """Lay out the changes of a scenario by seller and buyer of a table, as fractions of the price."""
    import numpy as np

    from geomonitor.errors import DataError
    from geomonitor.shocks import Calibration, shock_of
    from geomonitor.shocks.elasticities import CLASSIFICATIONS, trade_sectors

    if any(each.kind == "denial" for each in scenario.changes):
        raise DataError(
            f"The scenario {scenario.code} denies trade, which has no price at given quantities.",
            where=f"scenario {scenario.code}",
            expected="changes of tariffs or of costs of trade",
            next_step="See `geomonitor shock run`, `shock shortage` or `shock critical-inputs`.",
        )
    sectors, economies = len(table.sectors), len(table.countries)
    scheme = str(table.metadata.get("sector_scheme"))
    families = {}
    if scheme in CLASSIFICATIONS:
        families = {name: each.family for name, each in trade_sectors(scheme).items()}
    shape = (sectors, economies, economies)
    # only names and places count here: what is bought is told by the table itself
    frame = Calibration(
        name=table.name,
        economies=table.countries,
        sectors=table.sectors,
        trade_shares=np.ones(shape),
        tariff_rates=np.zeros(shape),
        value_added_shares=np.ones((sectors, economies)),
        input_shares=np.zeros((economies, sectors, sectors)),
        final_shares=np.ones((sectors, economies)),
        value_added_musd=np.ones(economies),
        deficits_musd=np.zeros(economies),
        elasticities=np.ones(sectors),
        metadata={"sector_families": families},
    )
    shock = shock_of(scenario, frame)
    rates = np.zeros(shape) if shock.tariff_rates is None else shock.tariff_rates
    factors = 1 + rates if shock.cost_factors is None else (1 + rates) * shock.cost_factors
    return np.ascontiguousarray((factors - 1).transpose(2, 0, 1).reshape(-1, economies))
