"""Value chains in the brief: sentences, figures and tables, in both languages."""

from __future__ import annotations

import copy
import itertools
import json
import re

import polars as pl
import pytest

from geomonitor.data.input_output import RESIDUAL_REGIONS
from geomonitor.findings import Edition
from geomonitor.monitor.chain_tables import CHAIN_TABLES
from geomonitor.report import Language, brief_html
from geomonitor.report.chain_blocks import ChainPart, chain_part
from geomonitor.report.content import Content
from geomonitor.report.figures import (
    chain_stages_figure,
    exposure_map_figure,
    exposure_ranking_figure,
    stacking_figure,
    supply_paths_figure,
)
from geomonitor.report.language import texts


def part_of(edition: Edition, language: str = "en") -> ChainPart:
    found = chain_part(Content.of(edition, language))
    assert found is not None
    return found


@pytest.fixture(scope="module", params=["en", "nl"])
def part(request: pytest.FixtureRequest, real_edition: Edition) -> ChainPart:
    return part_of(real_edition, request.param)


def test_every_block_has_a_figure_and_a_table(part: ChainPart) -> None:
    assert part.map is not None
    blocks = [part.map, *(block for each in part.importers for block in (*each.exposure, *each.chains))]
    assert len(blocks) == 1 + 2 * (2 + 2 + 1 + 7)
    for block in blocks:
        assert block.figure
        assert json.loads(str(block.figure))["data"]
        assert block.table.rows
        assert block.note
        assert block.height > 100
    assert len({block.anchor for block in blocks}) == len(blocks)


def test_no_code_is_left_where_a_name_belongs(part: ChainPart) -> None:
    for each in part.importers:
        texts = [*each.sentences, *(block.note for block in (*each.exposure, *each.chains))]
        for text in texts:
            assert not re.search(r"\b[A-Z]{3}_|EU27_2020|\{|\bnone\b", text), text


def test_sentences_say_what_the_tables_say(real_edition: Edition) -> None:
    union, netherlands = part_of(real_edition).importers
    say = Language("en")
    row = real_edition.tables["exposure"].row(
        by_predicate=(pl.col("economy") == "EU27_2020")
        & (pl.col("origin") == "CHN")
        & (pl.col("sectors") == "manufacturing"),
        named=True,
    )
    for name in ("face_value_share", "look_through_share", "value_added_share"):
        assert say.share(row[name], 1) in union.sentences[0]
    members = (
        real_edition.tables["exposure"]
        .filter(pl.col("origin") == "CHN", pl.col("sectors") == "manufacturing")
        .filter(pl.col("economy") != "EU27_2020")
        .sort("look_through_share", descending=True)["economy"]
        .head(3)
        .to_list()
    )
    for code in members:
        assert say.economy(code) in union.sentences[1]
    stages = real_edition.tables["chain_stages"].filter(pl.col("importer") == "NLD")
    known = stages.filter("known").select("chain", "stage").n_unique()
    assert f"of the {known} known stages" in netherlands.sentences[-1]
    # exposure counts purchases from everywhere, so the importer is named without its home
    assert "supply from outside" not in netherlands.sentences[0]


def test_notes_say_what_the_measures_are(part: ChainPart, real_edition: Edition) -> None:
    text = " ".join(part.notes)
    assert str(real_edition.record["input_output"]["year"]) in text
    assert len(part.notes) == 8
    # what dotted stages rest on is cited
    assert real_edition.record["chains"]["world_supply"]["sources"][0]["citation"] in text


def test_a_stack_is_outlined_and_unknown_stages_are_hatched(real_edition: Edition) -> None:
    stages = real_edition.tables["chain_stages"].filter(
        pl.col("importer") == "NLD", pl.col("chain") == "robotics"
    )
    names = {code: code for code in stages["stage"]}
    figure = chain_stages_figure(stages, names, colours={"CHN": "#332288"}, stacked="CHN", threshold=0.3)
    above = stages.filter(pl.col("supplier") == "CHN", pl.col("share") > 0.3).height
    assert above >= 2
    china = next(trace for trace in figure.data if trace.name == "China")
    assert list(china.marker.line.width).count(3) == above
    hatched = next(trace for trace in figure.data if trace.name == "not known")
    assert len(hatched.y) == stages.filter(~pl.col("known")).height
    assert hatched.marker.pattern.shape == "/"
    # every known stage is full
    drawn = [trace for trace in figure.data if trace.name != "not known"]
    for number in range(len(drawn[0].x)):
        assert sum(trace.x[number] for trace in drawn) == pytest.approx(100)


def test_a_chain_stands_in_order_of_kind_with_its_stack_and_materials(real_edition: Edition) -> None:
    stages = real_edition.tables["chain_stages"].filter(
        pl.col("importer") == "EU27_2020", pl.col("chain") == "batteries"
    )
    kinds = dict(stages.select("stage", "stage_kind").iter_rows())
    figure = chain_stages_figure(
        stages, {}, colours={"CHN": "#332288"}, kinds=kinds, materials={"graphite": "<i>Grafiet"},
        stacked="CHN", language=Language("nl"),
    )  # fmt: skip
    above = stages.filter(pl.col("supplier") == "CHN", pl.col("share") > 0.3).height
    known = stages.filter("known")["stage"].n_unique()
    assert (
        figure.layout.title.text == f"<b>Stapel: China, boven 30% in {above} van {known} bekende schakels</b>"
    )
    headings = [each for each in figure.layout.annotations if each.xref == "paper"]
    assert [each.text for each in headings] == [
        "<b>Winning</b>", "<b>Verwerking</b>", "<b>Onderdelen</b>", "<b>Assemblage</b>",
    ]  # fmt: skip
    # each heading has room of its own above the first stage of its kind
    heights = figure.layout.yaxis.tickvals
    gaps = [after - before for before, after in itertools.pairwise(heights)]
    assert gaps.count(1.5) == 3
    assert {each.y for each in headings} < {place - 0.68 for place in heights}
    china = next(trace for trace in figure.data if trace.name == "China")
    pointed = [text for text, _ in china.customdata]
    assert sum("Grondstoffen: &lt;i&gt;Grafiet" in text for text in pointed) == 1
    # one economy has one colour in all stages; what the world makes is dotted
    assert china.marker.color == "#332288"
    assert len({trace.name for trace in figure.data}) == len(figure.data)
    world = stages.filter(pl.col("evidence") == "production")["stage"].n_unique()
    assert world == 4
    assert list(china.marker.pattern.shape).count(".") == world
    assert (
        sum("wereldaanbod, niet aan de importeur" in text for text in figure.layout.yaxis.ticktext) == world
    )


def test_without_a_stack_the_figure_says_so() -> None:
    stages = pl.DataFrame(
        {"place": [1, 2], "stage": ["ore", "metal"], "supplier": ["CHN", "XXX"], "share": [1.0, 1.0],
         "known": [True, True], "source": ["trade: there", "production: world supply, not supply to NLD: x"]}
    )  # fmt: skip
    figure = chain_stages_figure(stages, {}, colours={})
    assert figure.layout.title.text == "<b>No stack: nobody above 30% in more than one known stage</b>"
    # what a source does not name is drawn with the others
    assert [(trace.name, list(trace.x)) for trace in figure.data] == [
        ("China", [100, 0]), ("Other suppliers", [0, 100]),
    ]  # fmt: skip


def test_the_table_of_a_chain_names_kinds_materials_and_evidence(real_edition: Edition) -> None:
    _, netherlands = part_of(real_edition, "nl").importers
    (chips,) = [each for each in netherlands.chains if each.anchor.endswith("-chain-chips")]
    minor = [row for row in chips.table.rows if row[1] == "Gallium en germanium"]
    assert {row[2:4] for row in minor} == {("Verwerking", "Gallium, Germanium")}
    assert {row[6].partition(" (")[0] for row in minor} == {"wereldaanbod, niet aan de importeur"}
    assert [row[4] for row in minor] == ["China", "Overige leveranciers"]
    assert sum(row[5] for row in minor) == pytest.approx(1.0)
    (wafers,) = [row for row in chips.table.rows if row[1] == "Wafers"]
    assert wafers[3] is None
    assert wafers[4] == "niet bekend"
    assert "Bekend van het wereldaanbod, en niet van de levering aan de importeur: 3" in chips.note


def test_an_edition_without_materials_in_its_record_is_still_drawn(
    changed_edition, real_edition: Edition
) -> None:
    chains = copy.deepcopy(real_edition.record["chains"])
    del chains["world_supply"]
    for chain in chains["described"]:
        for stage in chain["stages"]:
            del stage["materials"]
    chains["described"][0]["stages"][0]["materials"] = [{"material": "unobtainium_x", "stage": "extraction"}]
    found = part_of(changed_edition(chains=chains)).importers[0].chains[1]
    assert found.table.rows[0][3] == "unobtainium x"
    assert {row[3] for row in found.table.rows[6:]} == {None}


def test_a_chain_without_a_known_stage_is_hatched_whole() -> None:
    stages = pl.DataFrame(
        {"place": [1], "stage": ["ore"], "supplier": [None], "share": [None], "known": [False],
         "source": ["unknown: no product"]},
        schema_overrides={"supplier": pl.String, "share": pl.Float64},
    )  # fmt: skip
    figure = chain_stages_figure(stages, {"ore": "<b>Ore</b>"}, colours={}, language=Language("nl"))
    assert [trace.name for trace in figure.data] == ["niet bekend"]
    assert "&lt;b&gt;" in figure.layout.yaxis.ticktext[0]


def test_figures_keep_what_is_not_known_empty() -> None:
    table = pl.DataFrame({"economy": ["NLD"], "origin": ["CHN"], "look_through_share": [None]})
    figure = exposure_map_figure(table, {"NLD": "Netherlands", "BEL": "Belgium"}, ["CHN", "USA"])
    assert figure.data[0].z == ([None, None], [None, None])
    shares = pl.DataFrame(
        {name: [0.1, None] for name in ("face_value_share", "look_through_share", "value_added_share")}
    )
    assert exposure_ranking_figure(shares, ["a", "a"]).data[3].x == (10.0, None)
    across = pl.DataFrame(
        {
            "economy": ["CHN"],
            "weighted_exposure": [0.5],
            "weighted_exposure_high": [None],
            "stages_above": [1],
        },
        schema_overrides={"weighted_exposure_high": pl.Float64},
    )
    assert stacking_figure(across, language=Language("nl")).data[1].x == (None,)


def test_flows_of_paths_are_parts_of_all_that_comes_from_the_origin(real_edition: Edition) -> None:
    links = real_edition.tables["path_links"].filter(pl.col("importer") == "NLD", pl.col("origin") == "CHN")
    paths = real_edition.tables["paths"].filter(pl.col("importer") == "NLD", pl.col("origin") == "CHN")
    coverage = paths["coverage"][0]
    figure = supply_paths_figure(links, "NLD", coverage=coverage, language=Language("nl"))
    assert [trace.x[0] for trace in figure.data[:2]] == pytest.approx([100 * coverage, 100 * (1 - coverage)])
    sankey = figure.data[2]
    assert not any("[" in label or "_" in label for label in sankey.node.label)
    assert all(0 < value < 1 for value in sankey.link.value)
    assert max(sankey.link.source) < len(sankey.node.label)


def test_an_older_edition_has_no_such_part(few_of_all: Edition) -> None:
    tables = {name: table for name, table in few_of_all.tables.items() if name not in CHAIN_TABLES}
    record = copy.deepcopy(dict(few_of_all.record))
    del record["input_output"], record["chains"]
    older = Edition(record, tables, few_of_all.findings)
    assert chain_part(Content.of(older, "en")) is None
    page = brief_html(older)
    assert "Value chains" not in page
    assert 'href="#chains"' not in page


@pytest.mark.parametrize("language", ["en", "nl"])
def test_tables_without_chains_or_without_exposure_still_make_a_part(
    changed_edition, few_of_all: Edition, language: str
) -> None:
    empty = {name: few_of_all.tables[name].clear() for name in CHAIN_TABLES}
    for kept in (CHAIN_TABLES[:4], CHAIN_TABLES[4:]):
        tables = {**empty, **{name: few_of_all.tables[name] for name in kept}}
        page = brief_html(changed_edition(tables, of=few_of_all), language)
        assert 'id="chains"' in page


@pytest.mark.parametrize(("language", "name"), [("en", "Rest of the world"), ("nl", "Rest van de wereld")])
def test_regions_of_a_table_have_a_name(
    changed_edition, real_edition: Edition, language: str, name: str
) -> None:
    table = real_edition.tables["exposure"].with_columns(
        pl.col("origin").replace({"CHN": "ROW", "USA": "WE"})
    )
    part = part_of(changed_edition({"exposure": table}), language)
    assert part.map is not None
    assert name in {row[1] for row in part.map.table.rows}
    assert set(RESIDUAL_REGIONS) == {key[7:] for key in texts() if key.startswith("region.")}


def test_names_of_chains_never_become_markup(changed_edition, few_of_all: Edition) -> None:
    chains = copy.deepcopy(few_of_all.record["chains"])
    chains["described"][0]["name"]["en"] = "<script>alert(1)</script>"
    chains["described"][0]["stages"][0]["name"]["en"] = "<img src=x onerror=alert(1)>"
    page = brief_html(changed_edition(of=few_of_all, chains=chains))
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    assert "<img" not in page
