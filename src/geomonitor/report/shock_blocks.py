"""The figures of the brief on what shocks do to economies: map, direct against total, sizes, scenarios."""

from __future__ import annotations

import polars as pl

from geomonitor.report.blocks import Block
from geomonitor.report.changes import signed_percent, spoken_points
from geomonitor.report.choices import plain_data
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures.shock_prices import plain_direct_total_figure
from geomonitor.report.figures.shock_style import narrow_lines, narrow_rows
from geomonitor.report.figures.shocks import (
    narrow_comparison,
    narrow_income_map,
    plain_real_income_map_figure,
    response_curve_figure,
    scenario_comparison_figure,
)
from geomonitor.report.figures.world import not_on_the_map
from geomonitor.report.shock_view import ShockView, states_of

__all__ = ["comparison_block", "curve_block", "direct_block", "map_block"]

# economies in the figures that set several side by side; the workbook has them all
_COMPARED = 6
_ROWS_DRAWN = 16
# the letter's size, percentage points
_LETTER_POINTS = 25.0


def map_block(view: ShockView) -> Block:
    """Draw the change of real income of every economy on a map, scenario by scenario."""
    say = view.content.language
    choice = view.scenario_choice()
    table = view.changes.filter(pl.col("economy").is_in(list(view.economies)))
    parts = table.partition_by("scenario", as_dict=True)
    figures, readings = {}, {}
    for key, (scenario,) in states_of([choice]):
        part = parts[(scenario,)]
        # the same places in every state, so that only what differs is written
        figures[key] = plain_real_income_map_figure(part.sort("economy"), language=say)
        worst = part.sort("real_income_change", "economy", nulls_last=True).row(0, named=True)
        readings[key] = say.say(
            "shocks.map_reading",
            scenario=view.scenarios[scenario],
            listed=", ".join(
                f"{view.label(code)} {signed_percent(view.income(scenario, code), say)}"
                for code in (*view.focus, *view.partners[:1])
            ),
            worst=view.label(worst["economy"]),
            low=signed_percent(worst["real_income_change"], say),
        )
    title, note = say.say("shocks.map_title"), say.say("shocks.map_note")
    unseen = [code for code in not_on_the_map(view.economies) if len(code) == 3]
    if unseen:
        note += " " + say.say("word.not_on_map", economies=say.listing(map(view.label, unseen)))
    codes = [*(code for code in view.focus if view.is_group(code)), *view.economies]
    rows = [(view.label(code), *(view.income(scenario, code) for scenario in view.chosen)) for code in codes]
    columns = (
        Column(say.say("column.economy")),
        *(Column(view.scenarios[scenario], "income_change") for scenario in view.chosen),
    )
    return view.block(
        "map", title, note, [choice], figures, readings, DataTable.of(title, columns, rows),
        narrow=narrow_income_map(next(iter(figures.values()))),
    )  # fmt: skip


def direct_block(view: ShockView) -> Block | None:
    """Draw the direct effect against the total and real income, for the economies of a scenario."""
    say = view.content.language
    known = view.changes.filter(
        pl.col("in_scenario"), pl.col("direct_price_change").is_not_null(),
        pl.col("direct_price_change").abs() > 1e-7,
    )  # fmt: skip
    linked = not view.content.tables["shock_links"].is_empty()
    choice = view.scenario_choice(known["scenario"])
    if not choice.options:
        return None
    figures, readings, rows = {}, {}, []
    for key, (scenario,) in states_of([choice]):
        part = known.filter(pl.col("scenario") == scenario).sort("real_income_change", "economy")
        first = pl.col("economy").is_in(list(view.focus))
        drawn = pl.concat([part.filter(first), part.filter(~first)]).head(_ROWS_DRAWN)
        if linked:
            without = [view.income_without_links(scenario, code) for code in drawn["economy"]]
            drawn = drawn.with_columns(income_without_links=pl.Series(without, dtype=pl.Float64))
        labels = [view.label(code) for code in drawn["economy"]]
        figures[key] = plain_direct_total_figure(drawn, labels, language=say)
        listed = [
            say.say(
                "shocks.direct_of",
                economy=view.label(row["economy"]),
                direct=signed_percent(row["direct_price_change"], say),
                total=signed_percent(row["total_price_change"], say),
                income=signed_percent(row["real_income_change"], say),
            )
            for row in part.filter(first).iter_rows(named=True)
        ]
        readings[key] = say.say(
            "shocks.direct_reading", scenario=view.scenarios[scenario], listed="; ".join(listed) or "–"
        )
        for label, row in zip(labels, drawn.iter_rows(named=True), strict=True):
            rows.append(
                (
                    label, view.scenarios[scenario], row["direct_price_change"], row["total_price_change"],
                    row["ratio_total_to_direct"], row["price_change"], row["real_income_change"],
                    *(
                        (row["income_without_links"], view.links_ratio(scenario, row["economy"]))
                        if linked
                        else ()
                    ),
                )
            )  # fmt: skip
    title = say.say("shocks.direct_title")
    columns = (
        Column(say.say("column.economy")), Column(say.say("column.scenario")),
        Column(say.say("column.direct_price"), "change"), Column(say.say("column.total_price"), "change"),
        Column(say.say("column.ratio_total_direct"), "tenth"),
        Column(say.say("column.equilibrium_price"), "change"),
        Column(say.say("column.real_income"), "income_change"),
        *(
            (
                Column(say.say("column.real_income_unlinked"), "income_change"),
                Column(say.say("column.links_ratio"), "tenth"),
            )
            if linked
            else ()
        ),
    )  # fmt: skip
    note = say.say("shocks.direct_note", number=say.number(_ROWS_DRAWN))
    return view.block(
        "direct", title, note, [choice], figures, readings,
        DataTable.of(title, columns, rows),
        narrow=narrow_rows(next(iter(figures.values())), say.say("figure.percent"), top=92),
    )  # fmt: skip


def curve_block(view: ShockView) -> Block | None:
    """Draw real income over the size of the tariff."""
    say = view.content.language
    table = view.curve
    if table.is_empty():
        return None
    present = set(table["economy"])
    codes = [code for code in (*view.compared(99), *table["economy"]) if code in present]
    names = {code: view.label(code) for code in dict.fromkeys(codes)}
    names = dict(list(names.items())[:_COMPARED])
    marked = None
    if view.of_the_letter(view.main) and table.filter(pl.col("points") == _LETTER_POINTS).height:
        marked = (_LETTER_POINTS, say.say("figure.letter_points"))
    figure = plain_data(response_curve_figure(table, names, marked=marked, language=say))
    values = {row[:2]: row[2] for row in table.select("points", "economy", "real_income_change").iter_rows()}
    sizes = table["points"].unique().sort().to_list()
    rows = [(size, *(values.get((size, code)) for code in names)) for size in sizes]
    title = say.say("shocks.curve_title")
    columns = (
        Column(say.say("column.tariff_points"), "count"),
        *(Column(label, "income_change") for label in names.values()),
    )
    ends = [size for size in (_LETTER_POINTS, sizes[-1]) if size in sizes] or sizes[-1:]
    reading = "; ".join(
        f"{names[code]} "
        + ", ".join(
            say.say(
                "shocks.curve_at",
                change=signed_percent(values.get((size, code)), say),
                points=spoken_points(size, say),
            )
            for size in dict.fromkeys(ends)
        )
        for code in list(names)[:3]
    )
    return view.block(
        "curve", title, say.say("shocks.curve_note"), [], {"": figure}, {"": f"{reading}."},
        DataTable.of(title, columns, rows),
        narrow=narrow_lines(figure, say.say("figure.tariff_points_short")),
    )  # fmt: skip


def comparison_block(view: ShockView) -> Block | None:
    """Set all scenarios side by side for a few economies, with the spread where it is known."""
    say = view.content.language
    if len(view.scenarios) < 2:
        return None
    names = {code: view.label(code) for code in view.compared(_COMPARED)}
    rows, drawn = [], []
    for scenario, title in view.scenarios.items():
        found = [view.income(scenario, code) for code in names]
        rows.append((title, *found))
        for code, value in zip(names, found, strict=True):
            fan = view.fan(scenario, code) or {}
            drawn.append((scenario, code, value, fan.get("q05"), fan.get("q95")))
    frame = pl.DataFrame(
        drawn,
        schema={"scenario": pl.String, "economy": pl.String, "real_income_change": pl.Float64,
                "q05": pl.Float64, "q95": pl.Float64},
        orient="row",
    )  # fmt: skip
    # the largest loss of the first economy on top
    order = sorted(view.scenarios, key=lambda code: (view.income(code, view.focus[0]) or 0.0, code))
    scenarios = {code: view.scenarios[code] for code in order}
    figure = plain_data(scenario_comparison_figure(frame, scenarios, names, language=say))
    worst = order[0]
    reading = say.say(
        "shocks.direct_reading",
        scenario=view.scenarios[worst],
        listed=", ".join(
            f"{label} {signed_percent(view.income(worst, code), say)}" for code, label in names.items()
        ),
    )
    title = say.say("shocks.comparison_title")
    columns = (
        Column(say.say("column.scenario")),
        *(Column(label, "income_change") for label in names.values()),
    )
    return view.block(
        "comparison", title, say.say("shocks.comparison_note"), [], {"": figure}, {"": reading},
        DataTable.of(title, columns, rows),
        narrow=narrow_comparison(figure, scenarios, say.say("figure.income_percent_short")),
    )  # fmt: skip
