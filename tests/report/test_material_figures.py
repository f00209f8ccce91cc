"""Figures on raw materials: what is drawn is what is in the table, and unknown is never drawn as zero."""

from __future__ import annotations

import polars as pl
import pytest

from geomonitor.report import Language
from geomonitor.report.figures import (
    benchmark_figure,
    concentration_history_figure,
    criticality_figure,
    factor_contributions_figure,
    stage_comparison_figure,
    supplier_share_map_figure,
)
from geomonitor.report.figures.labels import place_labels
from geomonitor.report.figures.stages import narrow_dumbbells
from geomonitor.report.language import OTHER

from .material_tables import material_tables

NAMES = {"tungsten": "Tungsten", "copper": "<b>Copper</b>", "cobalt": "Cobalt", "indium": "Indium"}


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return material_tables()


def test_points_stand_at_the_latest_assessment_in_the_area_that_the_rule_gives(
    tables: dict[str, pl.DataFrame],
) -> None:
    figure = criticality_figure(tables["material_published"], NAMES)
    moves, grey, critical, listed, second, path = figure.data
    assert (list(listed.x), list(listed.y), list(listed.text)) == (
        [4.0],
        [0.1],
        ["&lt;b&gt;Copper&lt;/b&gt;"],
    )
    assert list(grey.y) == [0.6]
    assert all(y >= 1.0 and x >= 2.8 for x, y in zip(critical.x, critical.y, strict=True))
    assert len(critical.x) == 10
    assert not second.x
    assert not path.x
    # studies up to 2014 used another method; copper was never critical
    published = tables["material_published"].filter(
        pl.col("year") >= 2017, pl.col("supply_risk").is_not_null(), pl.col("material") != "copper"
    )
    assert len([x for x in moves.x if x is not None]) == published.height
    area = figure.layout.shapes[0]
    assert (area.x0, area.y0) == (2.8, 1.0)
    assert area.x1 == figure.layout.xaxis.range[1] > max(critical.x)


def test_bounds_without_a_value_are_a_bar_without_a_mark(tables: dict[str, pl.DataFrame]) -> None:
    own = tables["materials"].filter(pl.col("importer") == "EU27_2020")
    figure = criticality_figure(
        tables["material_published"], NAMES, computed=own, computed_name="Computed", language=Language("nl")
    )
    second = figure.data[4]
    assert second.name == "Computed"
    assert len(second.x) == own.height
    hidden = [
        text for text, opacity in zip(second.hovertext, second.marker.opacity, strict=True) if not opacity
    ]
    assert [text.partition(":")[0] for text in hidden] == ["Cobalt", "natural_graphite"]
    row = own.row(by_predicate=pl.col("material") == "cobalt", named=True)
    place = list(second.hovertext).index(hidden[0])
    assert second.y[place] + second.error_y.array[place] == pytest.approx(row["supply_risk_high"], abs=0.002)
    assert second.y[place] - second.error_y.arrayminus[place] == pytest.approx(
        row["supply_risk_low"], abs=0.002
    )
    exact = [bar for bar, opacity in zip(second.error_y.array, second.marker.opacity, strict=True) if opacity]
    # gallium has a value, and bounds for its unknown substitutes
    assert len([bar for bar in exact if bar is not None]) == 1


def test_a_material_that_is_followed_is_bold_and_the_others_fade(tables: dict[str, pl.DataFrame]) -> None:
    figure = criticality_figure(
        tables["material_published"], NAMES, computed=tables["materials"].head(8), highlight="tungsten"
    )
    assert list(figure.data[5].y) == [1.8, 1.6, 1.2]
    assert {trace.opacity for trace in figure.data[1:4]} == {0.3}
    assert len(figure.data[4].x) == 1
    texts = [each.text for each in figure.layout.annotations]
    assert texts[-3:] == ["2017", "2020", "<b>Tungsten 2023</b>"]


def test_labels_never_lie_over_one_another() -> None:
    points = tuple((10.0 + 7 * (number % 20), 20.0 + 9 * (number // 20)) for number in range(100))
    labels = tuple(f"Material {number}" for number in range(100))
    places = place_labels(points, labels, width=400, height=300)
    assert 5 < sum(place is not None for place in places) < 100
    boxes = []
    for (x, y), label, place in zip(points, labels, places, strict=True):
        if place is None:
            continue
        up, across = place.split()
        long = len(label) * 6.3
        left = {"right": x + 6.5, "left": x - 6.5 - long, "center": x - long / 2}[across]
        low = {"middle": y - 6.5, "top": y + 4.5, "bottom": y - 17.5}[up]
        boxes.append((left, low, left + long, low + 13))
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            assert one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]


@pytest.mark.parametrize(("measure", "marks"), [("main supplier's share", "100"), ("concentration", "1.00")])
def test_stages_are_joined_in_the_order_of_the_difference(
    tables: dict[str, pl.DataFrame], measure: str, marks: str
) -> None:
    part = tables["material_comparison"].filter(
        pl.col("measure") == measure, pl.col("source") == "baci-hs92-raw-materials"
    )
    figure = stage_comparison_figure(part, NAMES, shares=measure != "concentration")
    _, extraction, processing = figure.data
    ranked = part.sort("difference", descending=True)
    assert [round(value * 100, 2) for value in ranked["processing"]] == list(processing.x)
    assert list(extraction.text) == ranked["extraction_supplier"].to_list()
    assert figure.layout.xaxis.ticktext[-1] == marks
    # codes stand on the outer side
    higher = [one > two for one, two in zip(processing.x, extraction.x, strict=True)]
    assert [place == "middle right" for place in processing.textposition] == higher
    assert {extraction.marker.symbol[0], processing.marker.symbol[0]} == {"circle", "diamond"}
    plain = {"data": [], "layout": figure.layout.to_plotly_json()}
    assert narrow_dumbbells(plain)["layout"]["xaxis"]["range"][1] > figure.layout.xaxis.range[1]


def test_a_share_that_is_an_upper_bound_has_a_line_down_to_the_lower(tables: dict[str, pl.DataFrame]) -> None:
    stages = tables["material_stages"].filter(pl.col("importer") == "EU27_2020")
    figure = benchmark_figure(stages, NAMES, benchmark=0.65, home=["BRA"])
    extraction, processing = figure.data[1:]
    bounded = [down for down in extraction.error_x.arrayminus if down]
    assert sorted(bounded) == [42.0, 66.0]
    assert [symbol for symbol in processing.marker.symbol if symbol.endswith("-open")] == ["diamond-open"]
    assert any(shape.x0 == 65 for shape in figure.layout.shapes)
    # without the column every share is what it is
    bare = benchmark_figure(stages.drop("main_supplier_share_low"), NAMES)
    assert set(bare.data[1].error_x.arrayminus) == {0.0}


def test_each_factor_at_one_and_what_is_not_known() -> None:
    factors = pl.DataFrame(
        {"factor": ["recycling", "substitution"], "supply_risk_if_neutral": [2.0, None]},
        schema_overrides={"supply_risk_if_neutral": pl.Float64},
    )
    figure = factor_contributions_figure(factors, 1.16, low=1.0, high=1.3)
    bars, bounds, line = figure.data
    assert list(bars.x) == [1.16, 2.0, 0.0]
    assert list(bars.text) == ["<b>1.16</b>", "2.00 (+0.84)", "not known"]
    assert list(bounds.x) == [1.0, 1.3]
    assert list(line.x) == [1.16, 1.16]
    open_one = factor_contributions_figure(factors.clear(), None, low=0.2, high=1.8)
    assert list(open_one.data[0].text) == ["not known"]
    assert list(open_one.data[2].x) == [None, None]


def test_a_stage_without_history_has_no_line(tables: dict[str, pl.DataFrame]) -> None:
    history = tables["material_history"].filter(pl.col("material") == "gallium")
    figure = concentration_history_figure(
        history, {"world exports": "wereld", "NLD": "Nederland"}, years=(1995, 2024), language=Language("nl")
    )
    assert [(trace.name, trace.visible) for trace in figure.data] == [
        ("Winning, wereld", False),
        ("Winning, Nederland", False),
        ("Verwerking, wereld", True),
        ("Verwerking, Nederland", True),
    ]
    assert len(figure.data[2].y) == 30
    gap = history.filter(pl.col("year") != 2000)
    broken = concentration_history_figure(gap, {"world exports": "world"}, years=(1995, 2024))
    assert broken.data[1].y[5] is None


def test_the_map_shows_the_shares_and_home_where_it_is_no_supplier() -> None:
    suppliers = pl.DataFrame({"supplier": ["CHN", "ESP", OTHER], "share": [0.8, 0.15, 0.05]})
    home, shares = supplier_share_map_figure(suppliers, home=["ESP", "NLD"]).data
    assert list(home.locations) == ["NLD"]
    assert dict(zip(shares.locations, shares.z, strict=True)) == {"CHN": 80.0, "ESP": 15.0}
    empty = supplier_share_map_figure(suppliers.clear()).data[1]
    assert not empty.locations
