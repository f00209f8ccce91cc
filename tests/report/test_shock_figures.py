"""Figures of shocks: what is drawn is what is in the table."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.report.changes import signed_percent
from geomonitor.report.choices import Choice
from geomonitor.report.figures import (
    direct_total_figure,
    elasticity_grid_figure,
    output_change_figure,
    price_effects_figure,
    price_grid_figure,
    real_income_map_figure,
    response_curve_figure,
    result_fan_figure,
    scenario_comparison_figure,
    trade_diversion_figure,
)
from geomonitor.report.figures.shock_trade import diverted_trade
from geomonitor.report.language import OTHER, Language
from geomonitor.report.shock_view import states_of


def test_the_map_has_the_same_classes_on_both_sides_of_none() -> None:
    table = pl.DataFrame(
        {
            "economy": ["NLD", "DEU", "CHN", "USA", "VNM", "TWN", "FRA"],
            "real_income_change": [-0.0008, 0.0008, -0.02, 0.02, -0.0001, 0.0, None],
        }
    )
    figure = real_income_map_figure(table, language=Language("nl"))
    (drawn,) = figure.data
    assert dict(zip(drawn.locations, drawn.z, strict=True)) == {
        "NLD": -1, "DEU": 1, "CHN": -4, "USA": 4, "VNM": 0, "TWN": 0,
    }  # fmt: skip
    assert (drawn.zmin, drawn.zmax) == (-4.5, 4.5)
    assert list(drawn.colorbar.ticktext) == ["−1", "−0,3", "−0,1", "−0,02", "+0,02", "+0,1", "+0,3", "+1"]
    assert drawn.customdata[0] == "−0,080%"


def test_what_comes_through_inputs_is_stacked_on_what_is_direct() -> None:
    table = pl.DataFrame(
        {
            "label": ["<b>Metals", "Services"],
            "direct_price_change": [0.01, 0.0],
            "total_price_change": [0.015, 0.002],
            "price_change": [0.008, None],
        }
    )
    figure = price_effects_figure(table)
    assert [list(trace.x) for trace in figure.data] == [[1.0, 0.0], [0.5, 0.2], [0.8, None]]
    assert figure.layout.barmode == "relative"
    assert figure.layout.yaxis.ticktext[0] == "&lt;b&gt;Metals"


def test_a_rise_of_prices_is_drawn_as_a_loss_beside_real_income_with_and_without_links() -> None:
    table = pl.DataFrame(
        {
            "direct_price_change": [0.0016],
            "total_price_change": [0.0038],
            "real_income_change": [-0.00076],
            "income_without_links": [-0.00034],
        }
    )
    figure = direct_total_figure(table, ["Netherlands"])
    assert [trace.x[0] for trace in figure.data[1:]] == [-0.16, -0.38, -0.034, -0.076]
    assert [trace.marker.symbol for trace in figure.data[1:]] == [
        "circle-open", "circle", "diamond-open", "diamond",
    ]  # fmt: skip


def test_output_keeps_its_sign_and_has_room_for_its_numbers() -> None:
    table = pl.DataFrame(
        {"label": ["Machines", "Chips"], "output_change": [-0.028, 0.055], "output_musd": [37e3, 11e3]}
    )
    figure = output_change_figure(table)
    assert list(figure.data[0].text) == ["−2.8%", "+5.5%"]
    assert len(set(figure.data[0].marker.color)) == 2
    low, high = figure.layout.xaxis.range
    assert low < -5.5
    assert high > 5.5


def test_colours_of_prices_are_centred_at_none() -> None:
    figure = price_grid_figure([[0.03, -0.01], [None, 0.0]], ["A", "A"], ["One", "Two"])
    (grid,) = figure.data
    assert (grid.zmin, grid.zmax) == (-3.0, 3.0)
    assert grid.colorscale[3][0] == 0.5
    assert grid.colorscale[3][1] == "#F7F7F7"
    assert grid.text[1] == ["–", "0.000%"]
    # rows with the same name stay apart
    assert len(set(grid.y)) == 2


@given(
    st.lists(
        st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)).filter(lambda pair: max(pair) > 1),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=40, deadline=None)
def test_diverted_trade_adds_up_on_both_sides(pairs: list[tuple[float, float]]) -> None:
    names = [f"P{place}" for place in range(len(pairs))]
    table = pl.DataFrame(
        {
            "partner": names,
            "before_musd": [before for before, _ in pairs],
            "after_musd": [after for _, after in pairs],
        }
    )
    flows = diverted_trade(table)
    assert all(flow.value_musd > 0 for flow in flows)
    for name, (before, after) in zip(names, pairs, strict=True):
        out = sum(flow.value_musd for flow in flows if flow.source == name)
        into = sum(flow.value_musd for flow in flows if flow.target == name)
        assert out == pytest.approx(before, rel=1e-9, abs=1e-6)
        assert into == pytest.approx(after, rel=1e-9, abs=1e-6)
    # trade is new or gone, not both
    new = sum(flow.value_musd for flow in flows if flow.source is None)
    gone = sum(flow.value_musd for flow in flows if flow.target is None)
    assert min(new, gone) == pytest.approx(0.0, abs=1e-6)


def test_partners_that_are_hit_stand_out_in_the_flow() -> None:
    table = pl.DataFrame(
        {
            "partner": ["CHN", "DEU", OTHER],
            "before_musd": [20e3, 50e3, 9e3],
            "after_musd": [8e3, 53e3, 9.05e3],
        }
    )
    (sankey,) = trade_diversion_figure(table, hit=["CHN"], buyers=True, language=Language("nl")).data
    labels = list(sankey.node.label)
    assert labels == [
        "China 20,0", "Duitsland 50,0", "Overige afnemers 9,0",
        "China 8,0 (−60%)", "Duitsland 53,0 (+6%)", "Overige afnemers 9,1", "Niet meer verhandeld 8,9",
    ]  # fmt: skip
    moved = {
        (labels[source], labels[target]): (value, colour)
        for source, target, value, colour in zip(
            sankey.link.source, sankey.link.target, sankey.link.value, sankey.link.color, strict=True
        )
    }
    assert moved["China 20,0", "Duitsland 53,0 (+6%)"][0] == pytest.approx(3.0)
    assert (
        moved["China 20,0", "Duitsland 53,0 (+6%)"][1] != moved["Duitsland 50,0", "Duitsland 53,0 (+6%)"][1]
    )
    assert sum(sankey.link.value) == pytest.approx(79.0)


def test_scenarios_are_compared_with_their_spread_where_it_is_known() -> None:
    table = pl.DataFrame(
        {
            "scenario": ["a", "b"],
            "economy": ["NLD", "NLD"],
            "real_income_change": [-0.001, -0.004],
            "q05": [-0.0015, None],
            "q95": [-0.0005, None],
        }
    )
    figure = scenario_comparison_figure(table, {"a": "A", "b": "B"}, {"NLD": "Netherlands", "CHN": "China"})
    lines, marks, nothing, empty = figure.data
    assert list(lines.x) == [-0.15, -0.05, None]
    assert list(marks.x) == [-0.1, -0.4]
    assert (list(nothing.x), list(empty.x)) == ([], [None, None])
    low, high = figure.layout.xaxis.range
    assert low < -0.4
    assert high > 0


def test_the_curve_begins_at_none_and_points_out_the_letter() -> None:
    table = pl.DataFrame(
        {"points": [50.0, 25.0], "economy": ["NLD", "NLD"], "real_income_change": [-0.0017, -0.0008]}
    )
    figure = response_curve_figure(table, {"NLD": "NL"}, marked=(25.0, "letter"))
    assert list(figure.data[0].x) == [0.0, 25.0, 50.0]
    assert list(figure.data[0].y) == [0.0, -0.08, -0.17]
    assert figure.layout.annotations[0].x == 25.0
    assert "percentage points" in figure.layout.xaxis.title.text
    assert "percent" in figure.layout.yaxis.title.text


def test_the_fan_and_the_grid_keep_what_is_not_known_empty() -> None:
    fan = pl.DataFrame(
        {"q05": [-0.002], "q25": [-0.0015], "q50": [-0.001], "q75": [-0.0009], "q95": [-0.0005],
         "real_income_change": [None]},
        schema_overrides={"real_income_change": pl.Float64},
    )  # fmt: skip
    assert [list(trace.x) for trace in result_fan_figure(fan, ["NL"]).data] == [
        [-0.2, -0.05, None], [-0.15, -0.09, None], [-0.1], [None],
    ]  # fmt: skip
    grid = pl.DataFrame(
        {"elasticity_factor": [2.0, 0.25], "economy": ["NLD"] * 2, "real_income_change": [-0.001, None]}
    )
    figure = elasticity_grid_figure(grid, {"NLD": "NL"}, language=Language("nl"))
    assert list(figure.data[0].x) == [0.25, 2.0]
    assert list(figure.data[0].y) == [None, -0.1]
    assert list(figure.layout.xaxis.ticktext) == ["× 0,25", "× 2"]


@pytest.mark.parametrize(
    ("fraction", "decimals", "english"),
    [
        (-0.0000034, None, "0.000%"), (0.00001, None, "+0.001%"), (-0.12345, None, "−12%"),
        (0.12345, 3, "+12.345%"), (-0.000001, 2, "0.00%"), (1.5, None, "+150%"), (float("nan"), None, "–"),
    ],
)  # fmt: skip
def test_changes_have_a_sign_and_two_digits_that_count(
    fraction: float, decimals: int | None, english: str
) -> None:
    assert signed_percent(fraction, Language("en"), decimals) == english


def test_one_option_is_no_choice_but_still_counts() -> None:
    scenario, economy = Choice("S", (("a", "A"), ("b", "B"))), Choice("E", (("NLD", "NL"),))
    assert states_of([scenario, economy]) == [("a", ("a", "NLD")), ("b", ("b", "NLD"))]
    assert states_of([economy]) == [("", ("NLD",))]
