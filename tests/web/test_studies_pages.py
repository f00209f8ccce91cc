"""Pages on chains, stacking, materials, shocks, sources, methods and comparisons."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import openpyxl
import polars as pl
import pytest

from geomonitor.findings import write_edition
from geomonitor.web.evidence.contents import content_of
from geomonitor.web.studies.materials import MaterialFilter, material_list
from geomonitor.web.studies.shocks import only_scenarios
from geomonitor.web.studies.stacking import economy_page, stacking_page

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

    from geomonitor.findings import Edition
    from geomonitor.register.models import User

pytestmark = pytest.mark.django_db

_SHOWN = {
    "chains/?chain=solar&importer=NLD&origin=USA": ("en", "Solar panels from polysilicon"),
    "stacking/?economy=USA": ("nl", "Aandeel van Verenigde Staten in elke schakel"),
    "materials/?list=strategic&sort=share&stage=processing": ("en", "Imports of raw materials by stage"),
    "materials/?verdict=unknown&sort=name": ("nl", "niet bekend"),
    "materials/tungsten/": ("nl", "Gepubliceerd naast het onze"),
    "shocks/?scenario=china-denies-electronics&compare=eu-china-decoupling&economy=NLD": (
        "en",
        "Difference in real income",
    ),
}


def _text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


@pytest.mark.parametrize("page", _SHOWN)
def test_a_page_shows_its_state(
    as_reader: Client, users: dict[str, User], edition: Edition, page: str
) -> None:
    language, said = _SHOWN[page]
    users["reader"].language = language
    users["reader"].save()
    text = _text(as_reader, f"/editions/{edition.id}/{page}")
    assert f'<html lang="{language}"' in text
    assert said in text
    assert text.count("<h1") == 1
    # every figure says its unit, source and date, and has its table
    figures = text.count('class="plot ')
    assert figures
    assert text.count('class="figure-about"') >= figures
    assert edition.id in text


def test_what_is_chosen_is_selected(as_reader: Client, edition: Edition) -> None:
    text = _text(as_reader, f"/editions/{edition.id}/chains/?chain=solar&importer=NLD")
    assert re.findall(r'<option value="([^"]+)" selected', text)[:2] == ["NLD", "solar"]


def test_a_reader_opens_no_case_and_an_analyst_does(
    as_reader: Client, as_analyst: Client, edition: Edition
) -> None:
    address = f"/editions/{edition.id}/materials/tungsten/"
    assert "/cases/new/" not in _text(as_reader, address)
    text = _text(as_analyst, address)
    assert "subject_kind=material&amp;subject_code=tungsten" in text
    assert f"edition={edition.id}" in text


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("chains/?chian=solar", 400, "Did you mean chain?"),
        ("chains/?chain=sloar", 404, "solar"),
        ("materials/?sort=colour", 404, "importance"),
        ("materials/tungten/", 404, "tungsten"),
        ("shocks/?scenario=eu-china-25pp&compare=eu-china-25pp", 404, "eu-china-50pp"),
        ("stacking/?download=pdf", 404, "xlsx"),
        ("stacking/?download=csv&table=nothing", 404, "within"),
    ],
)
def test_a_wrong_address_is_told_what_is_possible(
    as_reader: Client, edition: Edition, address: str, status: int, said: str
) -> None:
    text = _text(as_reader, f"/editions/{edition.id}/{address}", status)
    assert said in text
    assert "Traceback" not in text


def test_latest_leads_to_the_newest_with_its_state(as_reader: Client, edition: Edition) -> None:
    answer = as_reader.get("/editions/latest/chains/?chain=solar")
    assert answer.headers["Location"] == f"/editions/{edition.id}/chains/?chain=solar"


def test_a_table_is_downloaded_as_it_is_filtered(as_reader: Client, edition: Edition) -> None:
    address = f"/editions/{edition.id}/materials/?supplier=CHN&sort=name"
    lines = as_reader.get(f"{address}&download=csv&table=list").content.decode("utf-8-sig").splitlines()
    shown = edition.tables["materials"].filter(
        pl.col("label") == "EU27_2020", pl.col("main_supplier") == "CHN"
    )
    assert len(lines) == shown.height + 1
    assert lines[1:] == sorted(lines[1:], key=lambda line: line.split(",")[0].strip('"').lower())
    book = openpyxl.load_workbook(
        io.BytesIO(as_reader.get(f"{address}&download=xlsx&table=list").content), read_only=True
    )
    assert len(list(book.worksheets[0].iter_rows())) == shown.height + 1
    assert any(edition.id in str(row) for row in book.worksheets[1].iter_rows(values_only=True))


def test_the_heat_map_names_the_largest_supplier(edition: Edition) -> None:
    content = content_of(edition.id, "en")
    importer = content.importers[0]
    page = stacking_page(content, importer)
    assert page is not None
    stages = content.of_importer("chain_stages", importer)
    for chain, place, stage, supplier, share, _ in page.dominating.table.rows:
        if share is None:
            continue
        same = stages.filter(pl.col("place") == place, pl.col("share") == share, pl.col("known"))
        assert supplier in {content.language.economy(code) for code in same["supplier"]}, (chain, stage)
    # a stage that is not known has no share; one that is known has one, if 0
    block, within = economy_page(content, importer, "CHN")
    empty = sum(row[4] is None for row in block.table.rows)
    assert empty == stages.filter(~pl.col("known")).select("chain", "place").n_unique()
    assert all(low is None or low <= high for *_, low, high in within.rows)


def test_filters_of_materials_leave_what_meets_them(edition: Edition) -> None:
    content = content_of(edition.id, "en")
    importer = content.importers[0]
    found = {}
    for verdict in ("", "reached", "open", "below", "unknown"):
        page = material_list(content, importer, MaterialFilter(verdict=verdict))
        assert page is not None
        found[verdict] = page
    whole = set(found[""].codes)
    parts = [set(found[name].codes) for name in ("reached", "open", "below", "unknown")]
    assert set.union(*parts) == whole
    assert sum(map(len, parts)) == len(whole)
    reached = found["reached"].table
    assert all(row[2] >= 0.95 for row in reached.rows)


def test_a_scenario_without_a_tariff_has_no_curve(edition: Edition) -> None:
    content = content_of(edition.id, "en")
    assert only_scenarios(content, ["china-denies-electronics"]).tables["shock_curve"].is_empty()
    assert only_scenarios(content, ["eu-china-50pp"]).tables["shock_curve"].height


def test_sources_say_licence_and_hash(as_reader: Client, edition: Edition) -> None:
    text = _text(as_reader, "/sources/?kind=embedded")
    assert "Etalab Open License 2.0" in text
    assert edition.record["dataset"]["content_sha256"] in text
    assert edition.record["input_output"]["sha256"] in text
    assert "UN Comtrade" not in text


def test_methods_say_thresholds_status_and_what_they_find(as_reader: Client, edition: Edition) -> None:
    assert "commission-2021" in _text(as_reader, "/methods/?area=products")
    assert "eu-crm-2017" not in _text(as_reader, "/methods/?area=products&status=exact")
    text = _text(as_reader, "/methods/commission-2021/")
    assert "&gt; 0.4" in text
    counted = edition.tables["products"].filter(
        pl.col("method") == "commission-2021", pl.col("label") == "EU27_2020"
    )
    assert f'<td class="n">{counted["dependent"].sum()}</td>' in text
    assert "What the letter to Parliament says" in _text(as_reader, "/methods/caliendo-parro-2015/")
    assert "Published risk" in _text(as_reader, "/methods/eu-crm-2017/").replace("\u00ad", "")
    assert "commission-2021" in _text(as_reader, "/methods/comission-2021/", 404)


def test_one_edition_cannot_be_compared_and_the_page_says_what_to_do(
    as_analyst: Client, edition: Edition
) -> None:
    text = _text(as_analyst, "/compare/")
    assert "Make another edition" in text
    assert "/jobs/new-edition" in text or "new-edition" in text


def test_a_changed_threshold_is_the_reason(
    as_reader: Client, edition: Edition, tmp_path: Path, settings: object
) -> None:
    write_edition(edition, tmp_path)
    record = {**edition.record, "id": "raw-materials-000000000000", "created": "2030-01-01T00:00:00+00:00"}
    record["methods"] = [
        {**each, "conditions": [["import_concentration", ">", 0.9], *each["conditions"][1:]]}
        if each["id"] == "commission-2021"
        else each
        for each in record["methods"]
    ]
    products = edition.tables["products"].with_columns(
        dependent=pl.when(pl.col("method") == "commission-2021")
        .then(pl.lit(value=False))
        .otherwise(pl.col("dependent"))
    )
    other = replace(edition, record=record, tables={"products": products}, path=None)
    write_edition(other, tmp_path)
    settings.EDITIONS = tmp_path  # type: ignore[attr-defined]
    text = _text(as_reader, "/compare/?change=went&method=commission-2021")
    was = edition.tables["products"].filter(pl.col("method") == "commission-2021")["dependent"].sum()
    assert f"Product by product: {was} changes" in text
    assert "import_concentration &gt; 0.4 became 0.9" in text
    # and what an edition lacks is said, with what to do next
    for page in ("chains", "stacking", "materials", "shocks"):
        assert "This edition has no part on" in _text(as_reader, f"/editions/{record['id']}/{page}/")
