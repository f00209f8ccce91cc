"""``geomonitor shock run``, ``compare`` and ``curve``: scenarios in the model of world trade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from geomonitor.cli.options import OutputFormat
from geomonitor.cli.shock_answer import Show, context_columns, run_document, shown_table
from geomonitor.cli.shock_asked import (
    AskedShock,
    CalibrationName,
    Deficits,
    ElasticitiesName,
    Focus,
    Form,
    LinksKept,
    LinksKeptOption,
    Out,
    ScenarioCode,
    Year,
    asked_shock,
    in_percent,
    named_in,
    parse_list,
    parse_points,
    say_assumptions,
    with_deficits,
)
from geomonitor.cli.shock_calibration import open_calibration

if TYPE_CHECKING:
    import polars as pl

    from geomonitor.shocks import Scenario

__all__ = ["compare_command", "curve_command", "run_command"]

# What a screen has room for; other formats hold every economy and column.
_SHOWN_ECONOMIES = 25
_SHOWN_PARTNERS = 12
_SHOWN = {
    Show.economies: (
        *("economy", "real_income_change", "direct_price_change", "total_price_change"),
        *("ratio_total_to_direct", "price_change", "wage_change", "imports_change", "exports_change"),
    ),
    Show.sectors: (
        *("economy", "sector", "sector_name_en", "output_musd", "output_change"),
        *("spending_musd", "price_change"),
    ),
    Show.prices: (
        *("economy", "sector", "sector_name_en", "spending_share", "partner_share"),
        *("direct_price_change", "total_price_change", "ratio_total_to_direct", "price_change"),
    ),
}


def run_command(
    code: ScenarioCode,
    focus: Focus = None,
    calibration: CalibrationName = None,
    year: Year = None,
    elasticities: ElasticitiesName = None,
    links: LinksKeptOption = LinksKept.full,
    deficits: Deficits = None,
    show: Annotated[
        Show | None,
        typer.Option(
            "--show",
            help="One table; without it economies, or with --format json all as one object.",
        ),
    ] = None,
    by_sector: Annotated[bool, typer.Option("--by-sector", help="With --show trade: sectors apart.")] = False,
    format: Form = OutputFormat.table,  # noqa: A002
    out: Out = None,
) -> None:
    """Run a scenario: exact real income, prices (direct, total, in equilibrium), trade and output.

    Prices at given wages and shares: direct is what the tariff adds at the border, total adds what
    comes in through inputs. The equilibrium follows Caliendo and Parro (2015); the change of real income
    is exact. What was assumed is printed with every result.

    Example: geomonitor shock run eu-china-25pp --focus NLD --format json
    """
    from geomonitor.cli.output import emit, emit_document
    from geomonitor.shocks import run_scenario

    if by_sector and show is not Show.trade:
        raise typer.BadParameter("--by-sector is for --show trade.")
    asked = asked_shock(code, focus, calibration, year, elasticities, deficits)
    result = run_scenario(asked.base(links), asked.scenario, asked.members, links=links.value)
    if show is None and format is OutputFormat.json:
        emit_document(run_document(asked, result, links), out)
        return
    table = shown_table(show or Show.economies, asked, result, by_sector=by_sector)
    context = context_columns(result, links)
    if format is not OutputFormat.table:
        emit(_with_context(table, context), format, out=out)
        return
    title = f"{asked.scenario.name['en']}; {', '.join(f'{k} {v}' for k, v in context.items())}"
    emit(_for_a_screen(table, show or Show.economies, asked), format, title=title, out=out)
    if show is not Show.assumptions:
        say_assumptions(result.assumptions, out)


def _with_context(table: pl.DataFrame, context: Mapping[str, str]) -> pl.DataFrame:
    import polars as pl

    return table.with_columns(pl.lit(value).alias(name) for name, value in context.items())


def _for_a_screen(table: pl.DataFrame, show: Show, asked: AskedShock) -> pl.DataFrame:
    """Choose columns, and the rows that matter most: those in focus, then the largest changes."""
    import polars as pl

    if show is Show.economies:
        codes = [each.code for each in asked.units]
        first = pl.col("economy").is_in(codes)
        largest = pl.col("real_income_change").abs()
        rest = table.filter(~first).sort(largest, "economy", descending=[True, False])
        table = pl.concat([table.filter(first), rest.head(_SHOWN_ECONOMIES)])
    elif show is Show.trade and "sector" not in table.columns:
        table = table.group_by("economy", maintain_order=True).head(_SHOWN_PARTNERS)
    return in_percent(table.select(_SHOWN[show]) if show in _SHOWN else table)


def compare_command(
    codes: Annotated[
        list[str],
        typer.Argument(help="Scenarios (see `geomonitor shock list`) or TOML files.", metavar="CODE..."),
    ],
    focus: Focus = None,
    calibration: CalibrationName = None,
    year: Year = None,
    elasticities: ElasticitiesName = None,
    links: Annotated[
        str,
        typer.Option(
            "--links",
            help="full, materials, none, or several with commas: what chains add to the effect.",
        ),
    ] = "full",
    deficits: Deficits = None,
    format: Form = OutputFormat.table,  # noqa: A002
    out: Out = None,
) -> None:
    """Set scenarios, or ways to link sectors, side by side for some economies and groups.

    Example: geomonitor shock compare eu-china-25pp eu-china-50pp --focus NLD,EU27_2020 --links full,none
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.monitor.shock_results import shock_unit, unit_changes
    from geomonitor.shocks import run_scenario
    from geomonitor.shocks import scenario as scenario_of

    kept = [_links_kept(each) for each in dict.fromkeys(parse_list(links, "--links"))]
    wanted = [scenario_of(each) for each in dict.fromkeys(codes)]
    names = parse_list(focus, "--focus") if focus else _all_named(wanted)
    opened = open_calibration(calibration, year=year, elasticities=elasticities)
    units = tuple(shock_unit(opened, each) for each in dict.fromkeys(names))
    parts = []
    for scenario in wanted:
        asked = AskedShock(with_deficits(scenario, deficits), opened, units)
        for each in kept:
            result = run_scenario(asked.base(each), asked.scenario, asked.members, links=each.value)
            parts.append(_with_context(unit_changes(result, units), context_columns(result, each)))
    frame = pl.concat(parts)
    first = ("scenario", "links", "economy")
    if format is OutputFormat.table:
        frame = in_percent(frame.select(*first, *_SHOWN[Show.economies][1:]))
    else:
        frame = frame.select(*first, pl.exclude(*first))
    emit(frame, format, title=f"Scenarios on {opened.name}", out=out)


def _links_kept(text: str) -> LinksKept:
    try:
        return LinksKept(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} in --links is not one of {', '.join(LinksKept)}.") from error


def _all_named(scenarios: Sequence[Scenario]) -> list[str]:
    return list(dict.fromkeys(code for each in scenarios for code in named_in(each)))


def curve_command(
    code: ScenarioCode,
    points: Annotated[
        str,
        typer.Option("--points", help="Sizes of the change in percentage points, with commas."),
    ] = "10,25,50,100",
    focus: Focus = None,
    calibration: CalibrationName = None,
    year: Year = None,
    elasticities: ElasticitiesName = None,
    links: LinksKeptOption = LinksKept.full,
    deficits: Deficits = None,
    format: Form = OutputFormat.table,  # noqa: A002
    out: Out = None,
) -> None:
    """Run the same change of tariffs in other sizes, and say whether a larger one costs more.

    Example: geomonitor shock curve eu-china-25pp --points 10,25,50,100 --focus NLD,EU27_2020,CHN
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.monitor.shock_results import curve_of_units
    from geomonitor.shocks.curve import response_curve

    sizes = parse_points(points, "--points")
    asked = asked_shock(code, focus, calibration, year, elasticities, deficits)
    base = asked.base(links)
    curve = curve_of_units(response_curve(base, asked.scenario, sizes), base, asked.units)
    verdict = curve.monotone()
    frame = curve.table.join(verdict, on="economy", how="left", maintain_order="left")
    if format is OutputFormat.table:
        wide = frame.pivot("points", index="economy", values="real_income_change", sort_columns=False)
        named = {name: f"{float(name):g} pp" for name in wide.columns if name != "economy"}
        frame = in_percent(wide.rename(named), list(named.values())).join(
            verdict.select("economy", larger_is_worse="falls"),
            on="economy",
            how="left",
            maintain_order="left",
        )
    else:
        frame = frame.with_columns(
            pl.lit(asked.scenario.code).alias("scenario"),
            pl.lit(asked.calibration.name).alias("calibration"),
            pl.lit(links.value).alias("links"),
        )
    about = f"change of real income in percent, {asked.calibration.name}"
    title = f"{asked.scenario.name['en']}, other sizes: {about}"
    emit(frame, format, title=title, out=out)
