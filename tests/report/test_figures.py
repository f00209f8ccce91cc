"""Figures: what is drawn is what is in the table."""

from __future__ import annotations

import json
import math

import polars as pl
import pytest

from geomonitor.findings import Edition
from geomonitor.report.blocks import (
    count_block,
    figure_json,
    map_block,
    relation_block,
    value_block,
    years_block,
)
from geomonitor.report.content import Content
from geomonitor.report.figures import (
    dependent_count_figure,
    indicator_figure,
    supplier_map_figure,
    supplier_shares_figure,
    supplier_value_figure,
    two_way_figure,
    verdict_years_figure,
)
from geomonitor.report.language import OTHER, Language

COLOURS = {"CHN": "#332288", "TUR": "#CC6677"}


def test_bars_add_up_to_the_dependent_products_of_the_year() -> None:
    history = pl.DataFrame(
        {
            "year": [2020, 2020, 2020, 2020, 2021],
            "dependent": [True, True, True, None, False],
            "main_supplier": ["CHN", "CHN", "ZAF", "TUR", "TUR"],
        }
    )
    churn = pl.DataFrame({"year": [2020, 2021], "came": [None, 0], "went": [None, 3]})
    figure = dependent_count_figure(history, churn, colours=COLOURS)
    drawn = {trace.name: list(trace.y) for trace in figure.data}
    assert drawn == {"China": [2, 0], "Other suppliers": [1, 0], "New": [0], "No longer": [-3]}


def test_open_years_are_drawn_apart_and_years_without_imports_stay_white() -> None:
    history = pl.DataFrame(
        {
            "year": [2019, 2020, 2021],
            "product": ["810600", "810600", "280530"],
            "dependent": [None, True, False],
            "main_supplier": ["CHN", "ZAF", "CHN"],
        }
    )
    figure = verdict_years_figure(history, {"810600": "Bismuth", "280530": "Yttrium"}, colours=COLOURS)
    # 0 not dependent, 1 open, then the suppliers with a colour, then the others
    assert [list(row) for row in figure.data[0].z] == [[1, 4, None], [None, None, 0]]


def test_dependent_and_other_value_have_axes_of_their_own() -> None:
    values = pl.DataFrame(
        {
            "supplier": ["CHN", "NOR"],
            "dependent_kusd": [6_000.0, 0.0],
            "open_kusd": [0.0, 0.0],
            "other_kusd": [0.0, 9_000_000.0],
        }
    )
    left, right = supplier_value_figure(values, years_in_period=3, language=Language("nl")).data
    assert (list(left.y), list(left.x), left.xaxis) == (["China"], [2.0], "x")
    assert (list(right.y), list(right.x), right.xaxis) == (["Noorwegen"], [3000.0], "x2")


def test_the_map_shows_home_apart() -> None:
    table = pl.DataFrame({"supplier": ["CHN", "TUR"], "products": [3, 1], "value_musd": [1.0, 2.0]})
    home, suppliers = supplier_map_figure(table, home=["NLD"]).data
    assert list(home.locations) == ["NLD"]
    assert dict(zip(suppliers.locations, suppliers.z, strict=True)) == {"CHN": 3, "TUR": 1}


def test_shares_of_small_suppliers_are_added_up() -> None:
    suppliers = ["CHN", "TUR", "USA", "BRA", "CHL", "ZAF", OTHER]
    table = pl.DataFrame(
        {
            "year": [2020] * 7,
            "supplier": suppliers,
            "value_kusd": [50.0, 20.0, 10.0, 8.0, 6.0, 4.0, 2.0],
            "share": [0.5, 0.2, 0.1, 0.08, 0.06, 0.04, 0.02],
        }
    )
    figure = supplier_shares_figure(table, colours=COLOURS)
    assert [trace.name for trace in figure.data][-1] == "Other suppliers"
    assert figure.data[-1].y[0] == pytest.approx(6.0)
    assert sum(trace.y[0] for trace in figure.data) == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("value", "place", "mark", "text"),
    [
        (0.4, 1.0, "circle", "<b>0.40</b> ≤ 0.40"),
        (0.8, 2.0, "circle", "<b>0.80</b> > 0.40"),
        (math.inf, 3.0, "triangle-right", "<b>∞</b> > 0.40"),
        (None, 0.0, "x-thin-open", "not known"),
    ],
)
def test_indicators_stand_at_their_multiple_of_the_threshold(
    value: float | None, place: float, mark: str, text: str
) -> None:
    figure = indicator_figure({"import_concentration": value}, [["import_concentration", ">", 0.4]])
    assert figure.data[0].x[0] == pytest.approx(place)
    assert figure.data[0].marker.symbol[0] == mark
    assert figure.layout.annotations[0].text == text


def test_two_way_trade_without_totals_shows_the_dependence_only() -> None:
    table = pl.DataFrame(
        {
            "counterpart": ["CHN"],
            "on_kusd": [2_000.0],
            "on_total_kusd": pl.Series([None], dtype=pl.Float64),
            "of_kusd": [0.0],
            "of_total_kusd": [4_000.0],
        }
    )
    assert [trace.x[0] for trace in two_way_figure(table).data] == [-2.0, 0.0, 0.0, 4.0]


def test_figure_json_cannot_end_a_script_element() -> None:
    history = pl.DataFrame({"year": [2020], "product": ["1"], "dependent": [True], "main_supplier": ["CHN"]})
    figure = verdict_years_figure(history, {"1": "</script><b>&"}, colours=COLOURS)
    text = figure_json(figure)
    assert "<" not in text
    assert ">" not in text
    assert "&lt;/script&gt;&lt;b&gt;&amp;" in json.loads(text)["data"][0]["y"][0]


def test_what_is_drawn_of_real_trade_is_what_the_products_table_says(real_edition: Edition) -> None:
    content = Content.of(real_edition, "en")
    importer = content.importers[0]
    dependent = content.dependent(importer)
    assert dependent.height > 5
    map_table = map_block(content, importer).table
    assert sum(row[1] for row in map_table.rows) == dependent.height
    value_table = value_block(content, importer).table
    per_year = dependent["extra_import_value_kusd"].sum() / content.years_in_period
    assert sum(row[2] for row in value_table.rows) == pytest.approx(per_year)
    counts = count_block(content, importer).table
    churn = content.of_importer("churn", importer).sort("year")
    assert [row[1] for row in counts.rows] == churn["dependent_count"].to_list()
    assert all(sum(row[2:-3]) == row[1] for row in counts.rows)
    history = content.of_importer("history", importer).filter("dependent")
    assert sum(row[2] for row in years_block(content, importer).table.rows) == history.height
    relations = content.of_importer("relations", importer)
    table = relation_block(content, importer).table
    assert sum(row[2] + row[6] for row in table.rows) == relations.height


def test_a_supplier_has_one_colour_in_every_figure(real_edition: Edition) -> None:
    content = Content.of(real_edition, "en")
    assert len(set(content.colours.values())) == len(content.colours)
    assert "CHN" in content.colours
