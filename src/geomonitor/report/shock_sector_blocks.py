"""The figures of the brief on what shocks do to sectors: prices by product group, and output."""

from __future__ import annotations

import polars as pl

from geomonitor.report.blocks import Block
from geomonitor.report.changes import signed_percent
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures.shock_prices import (
    narrow_output,
    narrow_price_grid,
    plain_output_change_figure,
    plain_price_effects_figure,
    plain_price_grid_figure,
)
from geomonitor.report.figures.shock_style import narrow_rows
from geomonitor.report.shock_view import ShockView, states_of

__all__ = ["focus_with_sectors", "grid_block", "output_block", "price_block"]

_GROUPS_DRAWN = 14
_GROUPS_IN_GRID = 20
_SECTORS_DRAWN = 16
# economies that a reader can choose; the workbook has them all
_ECONOMIES = 2
# smaller effects on prices are not drawn
_SMALLEST = 1e-4


def focus_with_sectors(view: ShockView) -> tuple[str, ...]:
    """Name the economies whose sectors are shown: those in focus, single economies before groups."""
    table = view.content.tables["shock_sectors"]
    present = table["economy"].unique(maintain_order=True).to_list()
    mine = [code for code in view.focus if code in set(present)]
    ranked = sorted(mine, key=view.is_group)
    return tuple(ranked or present)[:_ECONOMIES]


def _sectors(view: ShockView) -> dict[tuple[str, str], pl.DataFrame]:
    table = view.content.tables["shock_sectors"].with_columns(
        label=pl.col(f"sector_name_{view.content.language.code}").fill_null(pl.col("sector"))
    )
    parts = table.partition_by("scenario", "economy", as_dict=True)
    return {(str(key[0]), str(key[1])): part for key, part in parts.items()}


def price_block(view: ShockView) -> Block | None:
    """Draw effects on prices of a chosen economy and scenario: direct, through inputs, in equilibrium."""
    say = view.content.language
    parts, economies = _sectors(view), focus_with_sectors(view)
    choices = (
        view.scenario_choice(scenario for scenario, _ in parts), view.economy_choice(economies),
    )  # fmt: skip
    if not choices[0].options or not economies:
        return None
    figures, readings, rows = {}, {}, []
    for key, (scenario, economy) in states_of(choices):
        part = parts[scenario, economy].sort(["total_price_change", "sector"], descending=[True, False])
        size = pl.max_horizontal(pl.col("direct_price_change", "total_price_change").abs())
        drawn = part.filter(size >= _SMALLEST).head(_GROUPS_DRAWN)
        figures[key] = plain_price_effects_figure(drawn, language=say)
        names = {"scenario": view.scenarios[scenario], "economy": view.label(economy)}
        if drawn.is_empty():
            readings[key] = say.say("shocks.prices_nothing", **names)
            continue
        top = drawn.row(0, named=True)
        readings[key] = say.say(
            "shocks.prices_reading",
            group=_lower(top["label"]),
            direct=signed_percent(top["direct_price_change"], say),
            total=signed_percent(top["total_price_change"], say),
            **names,
        )
        for row in drawn.iter_rows(named=True):
            rows.append(
                (
                    row["label"], view.label(economy), view.scenarios[scenario], row["direct_price_change"],
                    row["total_price_change"], row["price_change"],
                )
            )  # fmt: skip
    title = say.say("shocks.prices_title")
    columns = (
        Column(say.say("column.product_group")), Column(say.say("column.economy")),
        Column(say.say("column.scenario")), Column(say.say("column.direct_price"), "change"),
        Column(say.say("column.total_price"), "change"),
        Column(say.say("column.equilibrium_price"), "change"),
    )  # fmt: skip
    note = say.say("shocks.prices_note", number=say.number(_GROUPS_DRAWN))
    return view.block(
        "prices", title, note, choices, figures, readings, DataTable.of(title, columns, rows),
        narrow=narrow_rows(
            next(iter(figures.values())), say.say("figure.price_percent_short"), top=66
        ),
    )  # fmt: skip


def grid_block(view: ShockView) -> Block | None:
    """Draw changes of prices in equilibrium of a chosen economy: product groups by scenarios."""
    say = view.content.language
    parts, economies = _sectors(view), focus_with_sectors(view)
    present = {scenario for scenario, _ in parts}
    scenarios = [code for code in view.chosen if code in present]
    if not economies or len(scenarios) < 2:
        return None
    choice = view.economy_choice(economies)
    names = [view.scenarios[code] for code in scenarios]
    figures, readings, rows = {}, {}, []
    for key, (economy,) in states_of([choice]):
        wide = {
            code: dict(parts[code, economy].select("label", "price_change").iter_rows())
            for code in scenarios
            if (code, economy) in parts
        }
        largest = {
            label: max(abs(each.get(label) or 0.0) for each in wide.values())
            for label in dict.fromkeys(label for each in wide.values() for label in each)
        }
        shown = sorted(largest, key=lambda label: (-largest[label], label))[:_GROUPS_IN_GRID]
        values = [[wide.get(code, {}).get(label) for code in scenarios] for label in shown]
        figures[key] = plain_price_grid_figure(values, shown, names, language=say)
        change, group, scenario = max(
            ((wide[code].get(shown[0]) or 0.0, shown[0], code) for code in wide),
            key=lambda each: abs(each[0]),
        )
        readings[key] = say.say(
            "shocks.grid_reading",
            economy=view.label(economy),
            change=signed_percent(change, say),
            group=_lower(group),
            scenario=view.scenarios[scenario],
        )
        rows += [(label, view.label(economy), *row) for label, row in zip(shown, values, strict=True)]
    title = say.say("shocks.grid_title")
    columns = (
        Column(say.say("column.product_group")), Column(say.say("column.economy")),
        *(Column(name, "change") for name in names),
    )  # fmt: skip
    note = say.say("shocks.grid_note", number=say.number(_GROUPS_IN_GRID))
    return view.block(
        "grid", title, note, [choice], figures, readings, DataTable.of(title, columns, rows),
        narrow=narrow_price_grid(next(iter(figures.values())), names),
    )  # fmt: skip


def output_block(view: ShockView) -> Block | None:
    """Draw changes of output of a chosen economy and scenario."""
    say = view.content.language
    parts, economies = _sectors(view), focus_with_sectors(view)
    choices = (
        view.scenario_choice(scenario for scenario, _ in parts), view.economy_choice(economies),
    )  # fmt: skip
    if not choices[0].options or not economies:
        return None
    figures, readings = {}, {}
    changes: dict[tuple[str, str], dict[str, float | None]] = {}
    base: dict[tuple[str, str], float] = {}
    for key, (scenario, economy) in states_of(choices):
        part = parts[scenario, economy]
        for label, output, change in part.select("label", "output_musd", "output_change").iter_rows():
            changes.setdefault((economy, label), {})[scenario] = change
            base.setdefault((economy, label), output)
        money = pl.col("output_musd") * pl.col("output_change")
        known = part.drop_nulls("output_change").filter(pl.col("output_musd") > 0)
        drawn = (
            known.sort(money.abs(), descending=True).head(_SECTORS_DRAWN).sort(["output_change", "sector"])
        )
        figures[key] = plain_output_change_figure(drawn, language=say)
        ranked = known.sort(money)
        worst, best = ranked.row(0, named=True), ranked.row(-1, named=True)
        readings[key] = say.say(
            "shocks.output_reading",
            scenario=view.scenarios[scenario],
            economy=view.label(economy),
            grows=say.number(known.filter(pl.col("output_change") > 0).height),
            total=say.number(known.height),
            worst=_lower(worst["label"]),
            low=signed_percent(worst["output_change"], say),
            best=_lower(best["label"]),
            high=signed_percent(best["output_change"], say),
        )
    scenarios = [code for code, _ in choices[0].options]
    rows = [
        (label, view.label(economy), base[economy, label] * 1000, *(found.get(code) for code in scenarios))
        for (economy, label), found in changes.items()
    ]
    title = say.say("shocks.output_title")
    columns = (
        Column(say.say("column.sector")), Column(say.say("column.economy")),
        Column(say.say("column.output_base"), "musd"),
        *(Column(view.scenarios[code], "change") for code in scenarios),
    )  # fmt: skip
    note = say.say("shocks.output_note", number=say.number(_SECTORS_DRAWN))
    return view.block(
        "output", title, note, choices, figures, readings, DataTable.of(title, columns, rows),
        narrow=narrow_output(next(iter(figures.values())), say.say("figure.output_percent_short")),
    )  # fmt: skip


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
