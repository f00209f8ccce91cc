"""Critical raw materials in the brief, the workbook and on a page of their own, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from geomonitor.errors import UnknownCodeError
from geomonitor.findings import Edition
from geomonitor.report import (
    Language,
    brief_html,
    material_page_html,
    write_material_page,
    write_workbook,
)
from geomonitor.report.choices import Choice, chosen_json, chosen_keys
from geomonitor.report.content import Content
from geomonitor.report.language import texts
from geomonitor.report.material_part import MaterialPart, material_part
from geomonitor.report.material_sentences import MaterialRules, stage_counts
from geomonitor.report.sentences import key_findings
from geomonitor.report.workbook_texts import column_meaning

from .material_tables import MATERIAL_TABLES


def part_of(edition: Edition, language: str = "en") -> MaterialPart:
    found = material_part(Content.of(edition, language))
    assert found is not None
    return found


@pytest.fixture(scope="module", params=["en", "nl"])
def part(request: pytest.FixtureRequest, materials_edition: Edition) -> MaterialPart:
    return part_of(materials_edition, request.param)


@pytest.fixture(scope="module", params=["en", "nl"])
def real_part(request: pytest.FixtureRequest, real_edition: Edition) -> MaterialPart:
    return part_of(real_edition, request.param)


def test_every_figure_has_a_table_and_says_what_is_chosen(part: MaterialPart) -> None:
    assert [block.anchor for block in part.blocks] == [
        "materials-plane",
        "materials-stages",
        "materials-map",
        "materials-history",
        "materials-factors",
    ]
    for block in (*part.blocks, *(each.benchmark for each in part.importers)):
        assert block is not None
        assert block.table.rows
        assert block.note
        figure = json.loads(str(block.figure))
        assert figure["data"]
        assert figure["layout"]["height"] == block.height
        keys = [key for key, _ in chosen_keys(block.choices)] if block.choices else [""]
        assert list(figure["choices"]) == keys
        assert figure["choices"][keys[0]]["text"] == block.reading
        # what is drawn first is written whole: its choice changes nothing
        assert not {"data", "layout", "traces"} & figure["choices"][keys[0]].keys()


def test_no_code_is_left_where_a_name_belongs(part: MaterialPart, real_part: MaterialPart) -> None:
    for each in (part, real_part):
        said = [*each.sentences, *each.notes, *(text for one in each.importers for text in one.sentences)]
        for panel in each.panels:
            said += [panel.summary, panel.sources, panel.history, *panel.unknown, *dict(panel.facts).values()]
        said += [block.reading for block in each.blocks]
        for text in said:
            assert not re.search(r"\b[A-Z]{3}\b(?<!SHA)|EU27|\{|\bnone_|_|\bNone\b|\bnan\b", text), text


def test_published_lists_are_counted_as_they_were_published(materials_edition: Edition) -> None:
    published, moves, stages = part_of(materials_edition).sentences
    assert "In the Commission's study of 2023, 10 of 12 materials are critical by the rule" in published
    assert "also has copper, on other grounds" in published
    assert (
        moves
        == "Since the study of 2020, of the materials in both, new by the rule: none; no longer: indium."
    )
    assert stages.startswith("Processing is more concentrated than extraction for 2 of 4 materials")
    assert "extraction more than processing for 2" in stages


def test_the_real_lists_are_those_of_the_commission(real_edition: Edition) -> None:
    published, *_ = part_of(real_edition).sentences
    table = real_edition.tables["material_published"]
    latest = table.filter(pl.col("year") == 2023, pl.col("supply_risk").is_not_null())
    assert f"{latest.filter('critical').height} of {latest.height} materials" in published
    assert "also has copper and nickel" in published


def test_what_is_open_is_counted_apart(materials_edition: Edition) -> None:
    content = Content.of(materials_edition, "en")
    union, netherlands = part_of(materials_edition).importers
    table = materials_edition.tables["materials"].filter(pl.col("importer") == "EU27_2020")
    sure = table.filter(pl.col("supply_risk_low").round(1) >= 1.0)
    low = table.filter(pl.col("supply_risk_high").round(1) < 1.0)
    assert f"{sure.height} of {table.height} raw materials reach the threshold" in union.sentences[0]
    assert f"for {table.height - sure.height - low.height} more it is open" in union.sentences[0]
    assert "4 of 8 materials, one country outside supplies more than 65%" in union.sentences[2]
    assert "For 1 more it cannot be ruled out" in union.sentences[2]
    assert "supply from outside the European Union" in netherlands.sentences[0]
    # the studies measure the European Union, so only its values stand beside the published ones
    assert len(netherlands.sentences) == len(union.sentences) - 1
    top = key_findings(content, content.importers[0]).sentences[-1]
    assert top.startswith(
        f"Critical raw materials: of {table.height} that could be scored, {sure.height} reach"
    )


def test_bounds_on_both_sides_of_the_threshold_leave_it_open() -> None:
    rules = MaterialRules(1.0, 2.8, 0.65, (0.1, 0.4, 0.25))
    low, high = pl.Series([0.95, 0.94, 0.2, None, 0.5]), pl.Series([0.95, 0.94, 3.0, 2.0, 0.949])
    # thresholds test values rounded to one decimal, halves up
    assert rules.at_risk(low, high).to_list() == [True, False, None, None, False]


def test_the_thresholds_are_those_of_the_edition(changed_edition, materials_edition: Edition) -> None:
    method = {"id": "eu-crm-2017", "thresholds": {"supply_risk": 1.5, "economic_importance": 3.0}}
    record = {**materials_edition.record["materials"], "methods": [method]}
    edition = changed_edition(materials_edition.tables, materials=record)
    rules = MaterialRules.of(Content.of(edition, "en"))
    assert (rules.supply_risk, rules.economic_importance, rules.benchmark) == (1.5, 3.0, 0.65)


def test_the_list_has_every_material_and_calls_open_what_is_open(part: MaterialPart) -> None:
    union, netherlands = part.importers
    assert (len(union.table.rows), len(netherlands.table.rows)) == (8, 7)
    rows = {row[0].partition(" (")[0]: row for row in union.table.rows}
    cobalt = next(row for name, row in rows.items() if name in {"Cobalt", "Kobalt"})
    assert cobalt[1] is None
    assert re.fullmatch(r"\d[.,]\d\d\u2060–\u2060\d[.,]\d\d", cobalt[2])
    assert "open" in cobalt
    niobium = rows["Niobium"]
    assert niobium[2] == "–"
    assert niobium[1] == pytest.approx(3.89, abs=0.01)


def test_a_panel_says_what_is_not_known_and_why(materials_edition: Edition) -> None:
    panels = {each.code: each for each in part_of(materials_edition).panels}
    assert list(panels) == sorted(panels)
    cobalt = " ".join(panels["cobalt"].unknown)
    graphite = " ".join(panels["natural_graphite"].unknown)
    assert "verdict for the European Union is open: import reliance is not known" in graphite
    assert "0%–100% (extraction and processing)" in cobalt
    assert "the data set lacks 282739" in cobalt
    gallium = " ".join(panels["gallium"].unknown)
    assert "No trade is known in products of extraction" in gallium
    assert "Processing: substitutes are not scored" in gallium
    assert "Processing: the customs codes hold other materials too." in gallium
    assert "North Korea (15%)" in " ".join(panels["tungsten"].unknown)
    assert "world supply: no supplier is known" in " ".join(panels["niobium"].unknown)
    assert panels["copper"].tags == ("strategic", "on the list 2023")
    assert panels["cobalt"].summary.startswith("supply risk 1.")
    assert dict(panels["cobalt"].facts)["Chains that it feeds"] == "Lithium batteries for electric cars"
    assert "baci" not in panels["cobalt"].sources
    # a material that the studies did not have, and one of the user's own
    assert panels["tungsten"].published.rows[-1] == (2023, 1.2, 8.7, True, True)


def test_an_older_edition_has_no_such_part(without_materials: Edition) -> None:
    assert material_part(Content.of(without_materials, "en")) is None
    page = brief_html(without_materials)
    assert "Critical raw materials" not in page
    assert 'href="#materials"' not in page


@pytest.mark.parametrize("language", ["en", "nl"])
def test_tables_that_are_missing_are_left_out(
    without_materials: Edition, materials_edition: Edition, language: str
) -> None:
    only = {"materials": materials_edition.tables["materials"]}
    edition = Edition(
        without_materials.record, {**without_materials.tables, **only}, without_materials.findings
    )
    bare = part_of(edition, language)
    assert bare.blocks == ()
    assert all(each.benchmark is None for each in bare.importers)
    assert len(bare.panels) == 8
    assert 'id="material-cobalt"' in brief_html(edition, language)


def test_materials_of_the_users_own_and_hostile_names_stay_text(
    changed_edition, mostly_materials: Edition
) -> None:
    evil = "<script>document.title='run'</script>"
    tables = dict(mostly_materials.tables)
    for name in (
        "materials",
        "material_stages",
        "material_factors",
        "material_suppliers",
        "material_history",
    ):
        tables[name] = tables[name].with_columns(pl.col("material").replace("gallium", "unobtainium"))
    tables["materials"] = tables["materials"].with_columns(
        name_en=pl.when(pl.col("material") == "unobtainium").then(pl.lit(evil)).otherwise("name_en"),
        name_nl=pl.when(pl.col("material") == "unobtainium").then(None).otherwise("name_nl"),
    )
    edition = changed_edition(tables, of=mostly_materials)
    page = brief_html(edition)
    assert "<script>document" not in page
    assert "&lt;script&gt;document" in page
    assert "Unobtainium" in brief_html(edition, "nl")


def test_a_shared_colour_means_a_shared_stage(part: MaterialPart) -> None:
    history = next(block for block in part.blocks if block.anchor == "materials-history")
    lines = json.loads(str(history.figure))["data"]
    assert len({line["line"]["color"] for line in lines}) == 2
    assert len({(line["line"]["color"], line["line"]["dash"]) for line in lines}) == len(lines)


def test_a_choice_is_written_as_what_differs() -> None:
    one = {
        "data": [{"type": "bar", "x": [1], "marker": {"color": "red", "size": 2}}],
        "layout": {"height": 9},
    }
    two = {"data": [{"type": "bar", "x": [1], "marker": {"color": "blue", "size": 2}}], "layout": {}}
    three = {"data": [], "layout": {"height": 9}}
    found = json.loads(
        str(chosen_json({"1": one, "2": two, "3": three}, {"1": "", "2": "b", "3": "</script>"}, narrow=two))
    )
    assert found["choices"]["2"] == {
        "text": "b",
        "layout": {"height": None},
        "data": [{"marker": {"color": "blue"}}],
    }
    assert found["choices"]["3"]["traces"] == []
    assert found["narrow"]["data"] == [{"marker": {"color": "blue"}}]
    assert "</script>" not in str(chosen_json({"": one}, {"": "</script>"}))
    keys = list(chosen_keys([Choice("a", (("x", "X"), ("y", "Y"))), Choice("b", (("1", "1"), ("2", "2")))]))
    assert keys[1] == ("x|2", ("x", "2"))


def test_counts_for_and_against_add_up(materials_edition: Edition) -> None:
    for _, table in materials_edition.tables["material_comparison"].group_by("measure", "source"):
        more = table["more_concentrated"].to_list()
        assert stage_counts(table) == tuple(
            more.count(each) for each in ("processing", "extraction", "equal")
        )


def test_the_page_of_a_material_is_whole(materials_edition: Edition, tmp_path: Path) -> None:
    path = write_material_page(materials_edition, tmp_path / "page.html", "Wolfram", "nl")
    page = path.read_text(encoding="utf-8")
    assert "<h1>Wolfraam: voorzieningsrisico, leveranciers en ketens</h1>" in page
    assert '<details class="panel material" id="material-tungsten" open>' in page
    assert page.count('class="plot"') == 4
    assert "http-equiv" in page
    outside = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', outside) == []
    content = Content.of(materials_edition, "en")
    assert "Gallium" in material_page_html(content, "gallium")
    with pytest.raises(UnknownCodeError, match="no raw material 'helium'"):
        material_page_html(content, "helium")
    with pytest.raises(UnknownCodeError, match="'kryptonite' is not known"):
        material_page_html(content, "kryptonite")


@pytest.mark.parametrize(("language", "charts"), [("en", "Charts"), ("nl", "Grafieken")])
def test_the_workbook_has_the_tables_and_the_comparison_as_a_chart(
    mostly_materials: Edition, tmp_path: Path, language: str, charts: str
) -> None:
    path = write_workbook(mostly_materials, tmp_path / "workbook.xlsx", language)
    book = openpyxl.load_workbook(path)
    say = Language(language)
    for name in MATERIAL_TABLES:
        sheet = book[say.say(f"workbook.{name}")[:31]]
        assert sheet.max_row == mostly_materials.tables[name].height + 1
    explained = {
        (row[0], row[1]): row[2]
        for row in book.worksheets[0].iter_rows(values_only=True)
        if row[1] and row[2]
    }
    governance = explained[say.say("workbook.material_suppliers")[:31], "governance"]
    assert governance != explained[say.say("workbook.products"), "governance"]
    titles = [
        "".join(run.t for run in chart.title.tx.rich.p[0].r) for chart in book[charts]._charts if chart.title
    ]
    assert sum(say.say("materials.comparison_share") in title for title in titles) == 1


def test_every_column_of_the_tables_is_explained_in_words(real_edition: Edition) -> None:
    for name, table in real_edition.tables.items():
        if name.startswith("material"):
            for column in table.columns:
                known = {f"meaning.{name}_{column}", f"meaning.{column}"} & texts().keys()
                assert known, (name, column)
                assert column_meaning(column, Language("nl"), name)
