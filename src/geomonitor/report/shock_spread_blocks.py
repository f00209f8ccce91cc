"""The figures of the brief on trade before and after a shock, and on how sure its results are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from geomonitor.report.blocks import Block
from geomonitor.report.changes import signed_percent
from geomonitor.report.choices import Choice
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures.shock_style import narrow_lines, narrow_rows
from geomonitor.report.figures.shock_trade import narrow_diversion, plain_trade_diversion_figure
from geomonitor.report.figures.shock_uncertainty import plain_elasticity_grid_figure, plain_result_fan_figure
from geomonitor.report.language import OTHER
from geomonitor.report.shock_view import ShockView, states_of

__all__ = ["elasticity_block", "fan_block", "trade_block"]

# partners that are drawn one by one, and economies in the figures of the spread
_PARTNERS = 11
_ECONOMIES = 14
_LINES = 6
_PARTIES = 3
# trade before that differs by less between scenarios is the same
_SAME = 1e-6


def trade_block(view: ShockView) -> Block | None:
    """Draw trade before and after: imports and exports of those in focus and of their partners."""
    say = view.content.language
    table = view.content.tables["shock_trade"].filter(pl.col("scenario").is_in(list(view.chosen)))
    views = _flows_shown(view, table)
    present = {scenario for scenario in table["scenario"] if views}
    scenarios = view.scenario_choice(present)
    if not views or not scenarios.options:
        return None
    choices = (scenarios, Choice(say.say("shocks.choose_trade"), tuple(views.items())))
    hit = {
        code: set(view.changes.filter(pl.col("scenario") == code, pl.col("in_scenario"))["economy"])
        for code, _ in scenarios.options
    }
    figures, readings = {}, {}
    values: dict[tuple[str, str], dict[str, tuple[float, float]]] = {}
    for key, (scenario, shown) in states_of(choices):
        side, _, economy = shown.partition(" ")
        part = _partners(table.filter(pl.col("scenario") == scenario), side, economy)
        figures[key] = plain_trade_diversion_figure(
            part, hit=_changed(view, economy, hit[scenario], part), buyers=side == "seller", language=say
        )
        moves = part.filter(pl.col("partner") != OTHER).with_columns(
            moved=pl.col("after_musd") - pl.col("before_musd")
        )
        ranked = moves.sort("moved", "partner")
        worst, best = ranked.row(0, named=True), ranked.row(-1, named=True)
        readings[key] = say.say(
            "shocks.trade_reading",
            scenario=view.scenarios[scenario],
            flow=views[shown],
            before=say.money(float(part["before_musd"].sum()) * 1000),
            after=say.money(float(part["after_musd"].sum()) * 1000),
            worst=view.label(worst["partner"]),
            low=_billion_change(view, worst["moved"]),
            best=view.label(best["partner"]),
            high=_billion_change(view, best["moved"]),
        )
        for partner, before, after in part.iter_rows():
            values.setdefault((shown, partner), {})[scenario] = (before * 1000, after * 1000)
    title = say.say("shocks.trade_title")
    listed = _trade_table(view, title, views, [code for code, _ in scenarios.options], values)
    return view.block(
        "trade", title, say.say("shocks.trade_note"), choices, figures, readings, listed,
        narrow=narrow_diversion(next(iter(figures.values()))),
    )  # fmt: skip


def _trade_table(
    view: ShockView,
    title: str,
    views: Mapping[str, str],
    scenarios: Sequence[str],
    values: Mapping[tuple[str, str], Mapping[str, tuple[float, float]]],
) -> DataTable:
    """List partners with a column a scenario; those that begin from the same trade share one for it."""
    say = view.content.language
    first = scenarios[0]
    own_base = [
        code
        for code in scenarios[1:]
        if any(abs(row[code][0] - row[first][0]) > _SAME * row[first][0]
               for row in values.values() if code in row and first in row)
    ]  # fmt: skip
    columns = [
        Column(say.say("column.partner_name")), Column(say.say("column.trade_flow")),
        Column(say.say("column.before_musd"), "musd"),
    ]  # fmt: skip
    taken: list[tuple[str, int]] = []
    for code in scenarios:
        if code in own_base:
            columns.append(Column(say.say("column.before_in", scenario=view.scenarios[code]), "musd"))
            taken.append((code, 0))
        columns.append(Column(say.say("column.after_in", scenario=view.scenarios[code]), "musd"))
        taken.append((code, 1))
    rows = []
    for (shown, partner), row in sorted(values.items(), key=lambda each: list(views).index(each[0][0])):
        buyers = shown.startswith("seller")
        name = say.say("shocks.other_buyers") if partner == OTHER and buyers else view.label(partner)
        known = [row[code][place] if code in row else None for code, place in taken]
        same = next((row[code][0] for code in scenarios if code in row and code not in own_base), None)
        rows.append((name, views[shown], same, *known))
    return DataTable.of(title, columns, rows)


def _flows_shown(view: ShockView, table: pl.DataFrame) -> dict[str, str]:
    """Choose whose imports and exports can be drawn: those in focus, and the first partner."""
    say = view.content.language
    main = table.filter(pl.col("scenario") == view.main)
    main = table if main.is_empty() else main
    # a group without rows of its own is shown through its members
    parties = [*sorted(view.focus, key=view.is_group), *view.partners[:1]]
    found: dict[str, str] = {}
    for code in dict.fromkeys(parties):
        for side, key in (("buyer", "imports_of"), ("seller", "exports_of")):
            partners = main.filter(pl.col(side) == code)
            if partners.height > 1 and len(found) < 2 * _PARTIES:
                found[f"{side} {code}"] = say.say(f"shocks.{key}", economy=view.spoken(code))
    return found


def _partners(table: pl.DataFrame, side: str, economy: str) -> pl.DataFrame:
    """Take the trade of one economy with its partners, the largest first and the rest together."""
    other = "seller" if side == "buyer" else "buyer"
    rows = table.filter(pl.col(side) == economy, pl.col(other) != economy).with_columns(partner=other)
    size = pl.max_horizontal("before_musd", "after_musd")
    named = rows.filter(pl.col("partner") != OTHER).sort([size, "partner"], descending=[True, False])
    kept = named.head(_PARTNERS)["partner"].to_list()
    summed = (
        rows.with_columns(
            partner=pl.when(pl.col("partner").is_in(kept)).then("partner").otherwise(pl.lit(OTHER))
        )
        .group_by("partner")
        .agg(pl.col("before_musd", "after_musd").sum())
    )
    last = pl.col("partner") == OTHER
    return summed.sort([last, "before_musd", "partner"], descending=[False, True, False])


def _changed(view: ShockView, economy: str, hit: set[str], part: pl.DataFrame) -> set[str]:
    """Name the partners with whom the scenario itself changes trade: those on the other side."""
    importer = view.importer(economy)
    home = {economy, *(importer.home if importer else ())}
    if economy in view.partners:
        home |= set(view.partners)
    return {code for code in part["partner"] if code in hit and code not in home}


def _billion_change(view: ShockView, moved_musd: float) -> str:
    say = view.content.language
    sign = "+" if moved_musd > 0 else "−" if moved_musd < 0 else ""
    return f"{sign}{say.money(abs(moved_musd) * 1000)}"


def fan_block(view: ShockView) -> Block | None:
    """Draw the spread of results over many elasticities."""
    say = view.content.language
    fan = view.content.tables["shock_fan"].drop_nulls("q50")
    choice = view.scenario_choice(fan["scenario"])
    if not choice.options:
        return None
    figures, readings, rows = {}, {}, []
    for key, (scenario,) in states_of([choice]):
        known = {row["economy"]: row for row in fan.filter(scenario=scenario).iter_rows(named=True)}
        ranked = sorted(known, key=lambda code: (known[code]["q50"], code))
        first = [code for code in (*view.focus, *view.partners) if code in known]
        codes = list(dict.fromkeys([*first, *ranked]))[:_ECONOMIES]
        drawn = pl.DataFrame(
            [{**known[code], "real_income_change": view.income(scenario, code)} for code in codes],
            infer_schema_length=None,
        )
        labels = [view.label(code) for code in codes]
        figures[key] = plain_result_fan_figure(drawn, labels, language=say)
        readings[key] = say.say(
            "shocks.fan_reading",
            scenario=view.scenarios[scenario],
            listed="; ".join(
                say.say(
                    "shocks.fan_of",
                    economy=view.label(code),
                    exact=signed_percent(view.income(scenario, code), say),
                    number=say.number(known[code]["variants"] - known[code]["failed"]),
                    low=signed_percent(known[code]["q05"], say),
                    high=signed_percent(known[code]["q95"], say),
                )
                for code in codes[: max(1, len(first[:3]))]
            ),
        )
        for code, label in zip(codes, labels, strict=True):
            row = known[code]
            rows.append(
                (
                    label, view.scenarios[scenario], view.income(scenario, code), row["q05"], row["q25"],
                    row["q50"], row["q75"], row["q95"], row["variants"], row["failed"],
                )
            )  # fmt: skip
    title = say.say("shocks.fan_title")
    quantiles = ("quantile_low", "quantile_quarter", "median", "quantile_three_quarters", "quantile_high")
    columns = (
        Column(say.say("column.economy")), Column(say.say("column.scenario")),
        Column(say.say("column.real_income"), "income_change"),
        *(Column(say.say(f"column.{name}"), "income_change") for name in quantiles),
        Column(say.say("column.variants"), "count"), Column(say.say("column.failed"), "count"),
    )  # fmt: skip
    return view.block(
        "fan", title, say.say("shocks.fan_note"), [choice], figures, readings,
        DataTable.of(title, columns, rows), narrow=narrow_rows(
            next(iter(figures.values())), say.say("figure.income_percent_short"), top=92
        ),
    )  # fmt: skip


def elasticity_block(view: ShockView) -> Block | None:
    """Draw real income over the size of all elasticities together; none where that was not run."""
    say = view.content.language
    grid = view.content.tables["shock_grid"].drop_nulls("real_income_change")
    choice = view.scenario_choice(grid["scenario"])
    if not choice.options:
        return None
    present = set(grid["economy"])
    names = {code: view.label(code) for code in view.compared(99) if code in present}
    names = dict(list(names.items())[:_LINES])
    figures, readings, rows = {}, {}, []
    for key, (scenario,) in states_of([choice]):
        part = grid.filter(pl.col("scenario") == scenario)
        figures[key] = plain_elasticity_grid_figure(part, names, language=say)
        values = {
            row[:2]: row[2]
            for row in part.select("elasticity_factor", "economy", "real_income_change").iter_rows()
        }
        factors = part["elasticity_factor"].unique().sort().to_list()
        first = next(iter(names))
        readings[key] = say.say(
            "shocks.direct_reading",
            scenario=view.scenarios[scenario],
            listed=f"{names[first]} "
            + ", ".join(
                f"× {say.number(factor, 0 if float(factor).is_integer() else 2)}: "
                f"{signed_percent(values.get((factor, first)), say)}"
                for factor in (factors[0], factors[-1])
            ),
        )
        rows += [
            (factor, view.scenarios[scenario], *(values.get((factor, code)) for code in names))
            for factor in factors
        ]
    title = say.say("shocks.elasticity_title")
    columns = (
        Column(say.say("column.elasticity_factor"), "ratio"), Column(say.say("column.scenario")),
        *(Column(label, "income_change") for label in names.values()),
    )  # fmt: skip
    return view.block(
        "elasticities", title, say.say("shocks.elasticity_note"), [choice], figures, readings,
        DataTable.of(title, columns, rows),
        narrow=narrow_lines(next(iter(figures.values())), say.say("figure.elasticity_factor_short")),
    )  # fmt: skip
