"""``geomonitor shock``: what tariffs, costs of trade and denial of access would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from geomonitor.cli.options import OutputFormat
from geomonitor.cli.shock_asked import Form, Out, ScenarioCode, spoken_change
from geomonitor.cli.shock_draws import draws_command
from geomonitor.cli.shock_prices import prices_command
from geomonitor.cli.shock_product import product_command
from geomonitor.cli.shock_run import compare_command, curve_command, run_command
from geomonitor.cli.shock_short_run import critical_inputs_command, short_run_command
from geomonitor.cli.shock_shortage import shortage_command

if TYPE_CHECKING:
    from geomonitor.shocks import Scenario

__all__ = ["app"]

app = typer.Typer(
    name="shock",
    help="Shocks: what tariffs, costs of trade and denial of access would do to prices, income and trade.",
    epilog="Example: geomonitor shock run eu-china-25pp --focus NLD --format json",
    no_args_is_help=True,
)


@app.command("list")
def list_command(format: Form = OutputFormat.table, out: Out = None) -> None:  # noqa: A002
    """List the scenarios that ship with Geomonitor.

    Example: geomonitor shock list
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.shocks import scenarios

    rows = [
        {
            "scenario": each.code,
            "name_en": each.name["en"],
            "name_nl": each.name["nl"],
            "changes": "; ".join(_spoken_line(each)),
            "deficits": each.deficits,
            "date": each.date.isoformat(),
            "source": each.source,
        }
        for each in scenarios().values()
    ]
    frame = pl.DataFrame(rows)
    if format is OutputFormat.table:
        frame = frame.drop("name_nl", "source", "date")
    emit(frame, format, title="Scenarios", out=out)


def _spoken_line(scenario: Scenario) -> list[str]:
    found = []
    for change in scenario.changes:
        arrow = "both ways" if change.both_ways else "one way"
        found.append(
            f"{','.join(change.buyers)} buying from {','.join(change.sellers)} ({arrow}), "
            f"{','.join(change.sectors)}: {spoken_change(change)}"
        )
    return found


@app.command("show")
def show_command(code: ScenarioCode, format: Form = OutputFormat.table, out: Out = None) -> None:  # noqa: A002
    """Show a scenario: what changes, between whom, and where it was taken from.

    Example: geomonitor shock show eu-china-25pp
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.shocks import scenario

    found = scenario(code)
    rows = [
        ("name (en)", found.name["en"]),
        ("name (nl)", found.name["nl"]),
        ("about (en)", found.about["en"]),
        ("about (nl)", found.about["nl"]),
        *(("change", text) for text in _spoken_line(found)),
        ("deficits", found.deficits),
        ("source", found.source),
        ("date", found.date.isoformat()),
    ]
    emit(pl.DataFrame(rows, schema=["what", "text"], orient="row"), format, title=found.code, out=out)


@app.command("methods")
def methods_command(format: Form = OutputFormat.table, out: Out = None) -> None:  # noqa: A002
    """List the models of shocks: formula, status, source and limits.

    Example: geomonitor shock methods
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.shocks.methods import shock_methods

    rows = [
        {
            "method": each.id,
            "version": each.version,
            "status": each.status,
            "title": each.title["en"],
            "unit": each.unit,
            "formula": each.formula,
            "citation": each.citation,
            "limits": each.limits,
        }
        for each in shock_methods().values()
    ]
    frame = pl.DataFrame(rows)
    if format is OutputFormat.table:
        frame = frame.drop("formula", "limits", "unit")
    emit(frame, format, title="Models of shocks", out=out)


@app.command("elasticities")
def elasticities_command(
    name: Annotated[
        str | None, typer.Argument(help="A published set; the list of sets where left out.")
    ] = None,
    classification: Annotated[
        str, typer.Option("--classification", help="Of sectors, such as oecd-icio-2025.")
    ] = "oecd-icio-2025",
    format: Form = OutputFormat.table,  # noqa: A002
    out: Out = None,
) -> None:
    """List the published sets of trade elasticities, or the elasticities of one by sector.

    Example: geomonitor shock elasticities caliendo-parro-2015
    """
    import polars as pl

    from geomonitor.cli.output import emit, shortened
    from geomonitor.shocks.elasticities import elasticity_set, elasticity_sets, trade_sectors

    if name is None:
        frame = pl.DataFrame(
            [
                {"set": each.name, "title": each.title, "filled": each.filled, "citation": each.citation}
                for each in elasticity_sets().values()
            ]
        )
        if format is OutputFormat.table:
            frame = frame.with_columns(shortened("filled", 60)).drop("citation")
        emit(frame, format, title="Sets of trade elasticities", out=out)
        return
    chosen = elasticity_set(name)
    sectors = trade_sectors(classification)
    rows = [
        {
            "sector": each.sector,
            "name": sectors[each.sector].name,
            "family": sectors[each.sector].family,
            "elasticity": each.elasticity,
            "basis": each.basis,
            "sectors_of_paper": each.sectors_of_paper,
        }
        for each in chosen.of(tuple(sectors), classification)
    ]
    emit(pl.DataFrame(rows), format, title=f"{chosen.title}, {classification}", out=out)


app.command("run")(run_command)
app.command("compare")(compare_command)
app.command("curve")(curve_command)
app.command("draws")(draws_command)
app.command("prices")(prices_command)
app.command("product")(product_command)
app.command("short-run")(short_run_command)
app.command("shortage")(shortage_command)
app.command("critical-inputs")(critical_inputs_command)
