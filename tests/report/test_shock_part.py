"""Shocks in the brief and the workbook: sentences, figures and tables, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from geomonitor.findings import Edition
from geomonitor.report import Language, brief_html, write_workbook
from geomonitor.report.content import Content
from geomonitor.report.shock_assumptions import assumption_text, assumptions_of
from geomonitor.report.shock_part import ShockPart, shock_part
from geomonitor.report.shock_view import ShockView

from .shock_tables import MEMBERS, SHOCK_TABLES, shock_record, shock_tables


@pytest.fixture(scope="module")
def shocked(real_edition: Edition) -> Edition:
    """An edition with little else than made shocks, so that its page is made fast."""
    record = {key: value for key, value in real_edition.record.items() if key != "input_output"}
    tables = {"products": real_edition.tables["products"], **shock_tables()}
    return Edition({**record, **shock_record()}, tables, real_edition.findings.clear())


def changed(edition: Edition, tables: dict[str, pl.DataFrame] | None = None, **record: Any) -> Edition:
    return Edition({**edition.record, **record}, {**edition.tables, **(tables or {})}, edition.findings)


def part_of(edition: Edition, language: str = "en") -> ShockPart:
    found = shock_part(Content.of(edition, language))
    assert found is not None
    return found


def view_of(edition: Edition, language: str = "en") -> ShockView:
    found = ShockView.of(Content.of(edition, language))
    assert found is not None
    return found


@pytest.fixture(params=["en", "nl"])
def part(request: pytest.FixtureRequest, shocked: Edition) -> ShockPart:
    return part_of(shocked, request.param)


def everything_said(part: ShockPart) -> list[str]:
    return [
        *part.sentences,
        *(text for each in part.headlines for text in each.sentences),
        *(f"{each.value} {each.label} {each.spread}" for line in part.headlines for each in line.numbers),
        *(f"{name} {about}" for name, about in part.scenarios),
        *(each.text for each in part.assumptions),
        *(f"{row.title} {row.letter} {row.ours} {row.why}" for row in part.letter),
        *part.notes,
        *part.limits,
        *(f"{block.title} {block.note} {block.reading}" for block in part.blocks),
    ]  # fmt: skip


def test_every_block_has_a_figure_and_a_table(part: ShockPart) -> None:
    assert [block.anchor for block in part.blocks] == [
        "shocks-map", "shocks-comparison", "shocks-curve", "shocks-direct", "shocks-prices", "shocks-grid",
        "shocks-output", "shocks-trade", "shocks-fan", "shocks-elasticities",
    ]  # fmt: skip
    for block in part.blocks:
        figure = json.loads(str(block.figure))
        assert figure["data"]
        assert block.table.rows
        assert block.note
        assert block.reading
        assert block.reading == next(iter(figure["choices"].values()))["text"]
        assert block.height > 100


def test_no_code_is_left_where_a_name_belongs(part: ShockPart) -> None:
    for text in everything_said(part):
        assert not re.search(r"EU27_2020|\bCHN\b|\bNLD\b|eu-china|\{|\bnone\b|nan", text), text


def test_numbers_have_a_sign_sensible_digits_and_their_spread(shocked: Edition) -> None:
    union, netherlands = part_of(shocked).headlines
    assert [each.value for each in netherlands.numbers] == ["−0.076%", "+0.16%", "+0.39%", "2.5×"]
    assert netherlands.numbers[0].spread == (
        "90% of 25 variants of the elasticities: −0.084% to −0.065%. "
        "All elasticities times 0.25 to 2: −0.094% to −0.050%."
    )
    assert "elasticities do not matter" in netherlands.numbers[1].spread
    assert netherlands.numbers[3].spread == (
        "Real income with links between sectors is 2.2 times that without. The letter: two to three times."
    )
    assert union.numbers[3].value == "2.1×"
    assert part_of(shocked, "nl").headlines[1].numbers[0].value == "−0,076%"


def test_the_main_scenario_leads_and_partners_are_those_of_the_record(shocked: Edition) -> None:
    view = view_of(shocked)
    assert view.main == "eu-china-25pp"
    assert view.focus == ("EU27_2020", "NLD")
    assert view.partners == ("CHN",)
    # another size of the main scenario is in the curve, and not among the choices
    assert view.chosen == ("eu-china-25pp", "china-denies-electronics", "eu-china-decoupling")
    assert view.compared(4) == ("EU27_2020", "NLD", "CHN", "SVK")


def test_trade_of_a_group_is_summed_over_its_members(shocked: Edition) -> None:
    union, netherlands = part_of(shocked).headlines
    before = 22_000 + 2_000 * (len(MEMBERS) - 1)
    after = 0.46 * 22_000 + 1_000 * (len(MEMBERS) - 1)
    fall = Language("en").number(100 * (1 - after / before))
    assert f"European Union: imports from China −{fall}%" in union.sentences[-1]
    assert "imports from China −54%, exports to China −46%" in netherlands.sentences[-1]
    # where a member's trade may stand among the others, nothing is said of the group
    trade = shocked.tables["shock_trade"].filter(pl.col("buyer") != "AUT")
    assert "imports" not in " ".join(part_of(changed(shocked, {"shock_trade": trade})).headlines[0].sentences)


def test_the_letter_stands_beside_what_the_tables_say(shocked: Edition) -> None:
    rows = {row.anchor: row for row in part_of(shocked).letter}
    assert list(rows) == [
        "letter-prices", "letter-total", "letter-larger", "letter-denial", "letter-decoupling",
    ]  # fmt: skip
    prices = rows["letter-prices"]
    assert "between 2 and almost 6%" in prices.letter
    assert "+1.1% to +4.4% among the 4 of 5 groups hit directly" in prices.ours
    assert "electrical equipment (+4.4%), metal ore mining (+2.6%)" in prices.ours
    assert "OECD table 2022" in prices.why
    total = rows["letter-total"]
    assert "2.1× (the European Union) and 2.5× (the Netherlands)" in total.ours
    assert "2.2× (the European Union) and 2.2× (the Netherlands)" in total.ours
    assert "no input-output links" in total.why
    assert "25, 50 and 100 percentage points" in rows["letter-larger"].ours
    assert rows["letter-larger"].ours.endswith("The loss grows with every step.")
    assert "times 0.25, as on a short horizon" in rows["letter-denial"].ours
    assert "5.0 times the main scenario" in rows["letter-decoupling"].ours
    dutch = {row.anchor: row for row in part_of(shocked, "nl").letter}
    assert "tussen de 2 en bijna 6%" in dutch["letter-prices"].letter


def test_the_letter_is_quoted_only_beside_its_own_scenarios(shocked: Edition) -> None:
    shocks = shock_record()["shocks"]
    for each in shocks["scenarios"]:
        each["source"] = "somebody else"
    keep = pl.col("scenario").is_in(["eu-china-50pp", "china-denies-electronics"])
    tables = {
        name: shocked.tables[name].filter(keep) for name in SHOCK_TABLES if name != "shock_curve"
    }  # fmt: skip
    part = part_of(
        changed(shocked, {**tables, "shock_curve": shocked.tables["shock_curve"].clear()}, shocks=shocks)
    )
    assert part.letter == ()
    assert "letter" not in " ".join(everything_said(part)).lower()
    assert "shocks-curve" not in {block.anchor for block in part.blocks}


def test_a_loss_that_does_not_grow_is_said(shocked: Edition) -> None:
    curve = shocked.tables["shock_curve"]
    turned = pl.when((pl.col("economy") == "NLD") & (pl.col("points") == 100.0)).then(-0.0001)
    curve = curve.with_columns(real_income_change=turned.otherwise("real_income_change"))
    (row,) = [
        each
        for each in part_of(changed(shocked, {"shock_curve": curve})).letter
        if each.anchor == "letter-larger"
    ]
    assert row.ours.endswith("The loss does not grow with every step of: the Netherlands.")


def test_assumptions_stand_in_the_open_in_the_language_of_the_reader(shocked: Edition) -> None:
    common, some = assumptions_of(view_of(shocked, "nl"))
    texts = [each.text for each in common]
    assert texts[:2] == [
        "Calibratie oecd-icio-2022: 50 bedrijfstakken, 80 economieën.", "Tarieven zijn vooraf 0.",
    ]  # fmt: skip
    # what Geomonitor does not know stays in English, and is marked so
    assert [each.text for each in common if not each.translated] == ["An assumption of somebody's own."]
    assert texts[3] == (
        "Handelstekorten zijn nul, ervoor en erna. (niet in: ‘De EU en China handelen niet meer’)"
    )
    assert texts[-1].endswith("wijkt hoogstens 4\u00a0×\u00a010⁻¹² af.")
    ((names, others),) = some
    assert names == "‘De EU en China handelen niet meer’"
    assert others[0].text.startswith("Handelstekorten blijven wat ze zijn")
    page = brief_html(shocked, "nl")
    assert '<li lang="en">An assumption of somebody&#39;s own.</li>' in page
    assert page.index("Waar elke berekening van uitgaat") < page.index('id="shocks-map"')


def test_every_assumption_of_a_real_run_is_known_in_dutch(real_edition: Edition) -> None:
    table = real_edition.tables.get("shock_assumptions")
    if table is None:
        pytest.skip("the edition has no shocks")
    for text in table["text"].unique():
        assert assumption_text(text, Language("nl")).translated, text


def test_an_edition_without_shocks_has_no_such_part(shocked: Edition) -> None:
    tables = {name: table for name, table in shocked.tables.items() if name not in SHOCK_TABLES}
    record = {key: value for key, value in shocked.record.items() if key != "shocks"}
    bare = Edition(record, tables, shocked.findings)
    assert shock_part(Content.of(bare, "en")) is None
    page = brief_html(bare)
    assert 'id="shocks"' not in page
    assert 'href="#shocks"' not in page


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_table_of_shocks_alone_makes_a_part(shocked: Edition, language: str) -> None:
    record = {key: value for key, value in shocked.record.items() if key != "shocks"}
    tables = {name: shocked.tables[name] for name in ("products", "shocks")}
    part = part_of(Edition(record, tables, shocked.findings), language)
    assert [block.anchor for block in part.blocks] == ["shocks-map", "shocks-comparison", "shocks-direct"]
    (netherlands,) = part.headlines
    say = Language(language)
    assert netherlands.numbers[0].spread == say.say("shocks.spread_unknown")
    # nothing says that these scenarios are those of the letter
    assert part.letter == ()


def test_variants_without_a_result_are_counted(shocked: Edition) -> None:
    shocks = {**shock_record()["shocks"], "main": "eu-china-decoupling"}
    part = part_of(changed(shocked, shocks=shocks))
    assert "90% of 24 variants" in part.headlines[1].numbers[0].spread
    assert "1 of 25 variants had no result." in part.headlines[1].numbers[0].spread
    # the price of a ban is that of scarcity
    assert "depends on the elasticities" in part.headlines[1].numbers[1].spread
    assert "tariffs are revenue" not in " ".join(part.sentences)


def test_a_scenario_name_never_becomes_markup(shocked: Edition) -> None:
    bad = "<script>alert(1)</script>"
    renamed = pl.col("name_en").replace({"The EU and China no longer trade": bad})
    tables = {name: shocked.tables[name].with_columns(name_en=renamed) for name in ("shocks", "shock_groups")}
    page = brief_html(changed(shocked, tables))
    assert bad not in page
    assert "&lt;script&gt;alert(1)" in page


def test_tables_have_a_column_a_scenario_and_what_is_not_known_stays_empty(shocked: Edition) -> None:
    blocks = {block.anchor: block for block in part_of(shocked).blocks}
    assert len(blocks["shocks-map"].table.columns) == 4
    assert len(blocks["shocks-map"].table.rows) == 1 + len(MEMBERS) + 3
    # a sector without output has no change
    rows = {row[:2]: row for row in blocks["shocks-output"].table.rows}
    assert rows["Metal ore mining", "Netherlands"][3:] == (None, None, None)
    trade = blocks["shocks-trade"].table
    assert [column.heading for column in trade.columns][2:] == [
        "Before (million USD)",
        "After, million USD: Tariffs between the EU and China up by 25 percentage points",
        "After, million USD: China denies the EU computers, electronics and chips",
        "After, million USD: The EU and China no longer trade",
    ]
    (china,) = [row for row in trade.rows if row[:2] == ("China", "Imports of the Netherlands by supplier")]
    assert china[2:] == (22_000_000.0, 10_120_000.0, 10_120_000.0, 0.0)
    curve = blocks["shocks-curve"].table
    assert curve.columns[0].heading == "Tariffs up by (percentage points)"
    assert [row[0] for row in curve.rows] == [5.0, 25.0, 50.0, 100.0]


def test_the_workbook_has_the_tables_explained_and_a_chart(shocked: Edition, tmp_path: Path) -> None:
    path = write_workbook(shocked, tmp_path / "workbook.xlsx", "nl")
    book = openpyxl.load_workbook(path)
    sheet = book["Schokken per bedrijfstak"]
    assert [cell.value for cell in sheet[1]] == shocked.tables["shock_sectors"].columns
    assert sheet.max_row == shocked.tables["shock_sectors"].height + 1
    place = shocked.tables["shocks"].columns.index("real_income_change") + 1
    assert book["Schokken"].cell(2, place).number_format == "+0.000%;-0.000%;0.000%"
    readme = [row for row in book["Lees mij"].iter_rows(values_only=True) if row[2]]
    for name in SHOCK_TABLES:
        for column in shocked.tables[name].columns:
            (meaning,) = {row[2] for row in readme if row[1] == column and row[0] == _sheet(name)}
            # a column without a text of its own would be shown by its name
            assert meaning != column.replace("_", " ")
    data = book["Grafiekgegevens"]
    cells = [row for row in data.iter_rows(values_only=True) if row[0] == 25]
    assert cells[-1][1:4] == pytest.approx((-0.0015, -0.00076, -0.0013))


def _sheet(name: str) -> str:
    return Language("nl").say(f"workbook.{name}")
