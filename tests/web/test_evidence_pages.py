"""Pages on the evidence: what they say, what they offer as files, what they refuse."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable

import openpyxl
import polars as pl
import pytest
from django.test import Client
from django.utils.html import escape

from geomonitor.findings import Edition, write_edition
from geomonitor.monitor import load_profile, make_edition
from geomonitor.register.models import Case, User

Paths = Callable[[str], str]


@pytest.fixture
def at(edition: Edition) -> Paths:
    return lambda path: f"/editions/{edition.id}/{path}"


def text_of(client: Client, path: str, status: int = 200, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status, answer.content.decode()[-600:]
    return answer.content.decode()


PAGES = (
    "",
    "?importer=NLD",
    "dependencies/",
    "dependencies/?method=cbs-2021&verdict=all&sort=-share&page=2",
    "products/810600/",
    "products/260300/?importer=NLD",
    "pairs/",
    "pairs/EU27_2020/USA/",
    "pairs/NLD/CHN/",
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_page_opens_in_both_languages(as_reader: Client, at: Paths, path: str, language: str) -> None:
    User.objects.filter(username="reader").update(language=language)
    page = text_of(as_reader, at(path))
    assert f'<html lang="{language}"' in page
    assert page.count("<h1") == 1
    words = {"en": ("Source:", "Download as"), "nl": ("Bron:", "Downloaden als")}
    assert all(word in page for word in words[language])


def test_the_list_of_editions_names_them_and_latest_leads_to_the_newest(
    as_reader: Client, at: Paths, edition: Edition
) -> None:
    page = text_of(as_reader, "/editions/")
    assert edition.id in page
    assert "Strategic dependencies in raw materials, 2022–2024" in page
    answer = as_reader.get("/editions/latest/dependencies/?verdict=all")
    assert answer.status_code == 302
    assert answer["Location"] == at("dependencies/?verdict=all")


def test_without_editions_it_is_said_what_to_do(
    as_reader: Client, settings: object, tmp_path: object
) -> None:
    settings.EDITIONS = tmp_path  # type: ignore[attr-defined]
    assert "There is no edition yet" in text_of(as_reader, "/editions/")
    assert as_reader.get("/editions/latest/")["Location"] == "/editions/"
    assert "There is no edition yet" in text_of(as_reader, "/search/?q=bismuth")


def test_the_overview_has_findings_figures_and_what_it_rests_on(
    as_reader: Client, at: Paths, edition: Edition
) -> None:
    page = text_of(as_reader, at(""))
    dependent = edition.tables["products"].filter(
        pl.col("dependent") & (pl.col("importer") == "EU27_2020") & (pl.col("method") == "commission-2021")
    )
    assert f"depended on a few suppliers abroad for {dependent.height} of the 71 products" in page
    assert page.count('role="img"') == 3
    assert page.count("Edition raw-materials-") >= 3
    assert edition.record["dataset"]["content_sha256"] in page


def figure_addresses(page: str) -> list[str]:
    return [each.replace("&amp;", "&") for each in re.findall(r'data-url="([^"]+)"', page)]


def test_figures_have_data_at_an_address_that_a_browser_keeps(as_reader: Client, at: Paths) -> None:
    addresses = figure_addresses(text_of(as_reader, at("")))
    assert len(addresses) == 3
    kinds = set()
    for address in addresses:
        answer = as_reader.get(address)
        figure = json.loads(answer.content)
        kinds |= {trace["type"] for trace in figure["data"]}
        assert "immutable" in answer["Cache-Control"]
        assert "private" in answer["Cache-Control"]
        again = as_reader.get(address, headers={"If-None-Match": answer["ETag"]})
        assert again.status_code == 304
        assert not again.content
    assert kinds == {"choropleth", "treemap", "bar"}


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("products/810600/", ["scatter", "scatter", "heatmap"]),
        ("products/260300/?importer=NLD", ["scatter", "scatter", "heatmap"]),
        ("pairs/", ["bar"]),
        ("pairs/EU27_2020/KAZ/", ["bar"]),
    ],
)
def test_figures_of_products_and_pairs_have_data(
    as_reader: Client, at: Paths, path: str, kinds: list[str]
) -> None:
    addresses = figure_addresses(text_of(as_reader, at(path)))
    figures = [json.loads(as_reader.get(address).content) for address in addresses]
    assert [figure["data"][0]["type"] for figure in figures] == kinds
    assert all(figure["layout"]["height"] > 0 for figure in figures)


def test_figures_of_the_newest_edition_are_not_kept_under_that_name(as_reader: Client, at: Paths) -> None:
    answer = as_reader.get("/editions/latest/figures/map/?importer=NLD")
    assert answer["Location"] == at("figures/map/?importer=NLD")


def test_the_base_map_is_our_own(as_reader: Client) -> None:
    world = json.loads(as_reader.get("/figures/world.json").content)
    assert world["type"] == "Topology"


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("figures/nothing/", "treemap"),
        ("figures/map/?importer=XYZ", "EU27_2020"),
        ("figures/map/?language=de", "en"),
        ("?importer=XYZ", "EU27_2020"),
        ("dependencies/?verdict=perhaps", "dependent"),
        ("dependencies/?method=none", "commission-2021"),
        ("dependencies/?supplier=ZZZ", "CHN"),
        ("dependencies/?interest=none", "public_health"),
        ("dependencies/?chapter=00", "81"),
        ("dependencies/?sort=colour", "product"),
        ("dependencies/?t_supply_fragility=0.4", "t_import_concentration"),
        ("dependencies/?download=pdf", "csv"),
        ("dependencies/?download=csv&table=none", "dependencies"),
        ("products/999999/", "not import 999999"),
        ("products/81/", "81"),
        ("pairs/EU27_2020/QQQ/", "QQQ"),
        ("pairs/EU27_2020/DEU/", "CHN"),
        ("pairs/FRA/CHN/", "EU27_2020"),
    ],
)
def test_unknown_values_are_named_with_what_is_possible(
    as_reader: Client, at: Paths, path: str, named: str
) -> None:
    page = text_of(as_reader, at(path), 404)
    assert named in page
    assert "Traceback" not in page


@pytest.mark.parametrize("value", ["abc", "0", "-1", "nan", "1e99"])
def test_a_threshold_that_is_no_number_above_nothing_is_refused(
    as_reader: Client, at: Paths, value: str
) -> None:
    page = text_of(as_reader, at(f"dependencies/?t_import_concentration={value}"), 400)
    assert "cannot be a threshold" in page
    partial = text_of(
        as_reader, at(f"dependencies/?t_import_concentration={value}"), 200, **{"HX-Request": "true"}
    )
    assert 'role="alert"' in partial
    assert "cannot be a threshold" in partial


@pytest.mark.parametrize("value", ["0", "-2", "x", "²"])
def test_a_page_that_is_none_is_refused(as_reader: Client, at: Paths, value: str) -> None:
    assert "is not a page" in text_of(as_reader, at(f"dependencies/?page={value}"), 400)


def test_filters_leave_what_they_say(as_reader: Client, at: Paths, edition: Edition) -> None:
    table = edition.tables["products"].filter(
        (pl.col("label") == "EU27_2020") & (pl.col("method") == "commission-2021")
    )
    china = table.filter(pl.col("main_supplier") == "CHN")
    page = text_of(as_reader, at("dependencies/?verdict=all&supplier=CHN"))
    assert f"{china.height} of 71 products shown" in page
    shown = re.findall(r'<th scope="row"><a href="[^"]+">(\d{6})</a>', page)
    assert set(shown) == set(china["product"])
    health = table.filter(pl.col("interests").str.contains("public_health"), pl.col("dependent"))
    page = text_of(as_reader, at("dependencies/?interest=public_health"))
    assert f"{health.height} of 71 products shown" in page
    assert "1 of 71 products shown" in text_of(as_reader, at("dependencies/?verdict=all&q=8106"))
    assert "1 of 71 products shown" in text_of(as_reader, at("dependencies/?verdict=all&q=BISMÜTH"))
    chapter = table.filter(pl.col("product").str.starts_with("81")).height
    assert f"{chapter} of 71" in text_of(as_reader, at("dependencies/?verdict=all&chapter=81"))


def test_sorting_and_paging_reach_every_row_once(as_reader: Client, at: Paths, edition: Edition) -> None:
    seen: list[str] = []
    for number in (1, 2, 3):
        page = text_of(as_reader, at(f"dependencies/?verdict=all&sort=-share&page={number}"))
        seen += re.findall(r'<th scope="row"><a href="[^"]+">(\d{6})</a>', page)
        assert 'aria-sort="descending"' in page
    table = edition.tables["products"].filter(
        (pl.col("label") == "EU27_2020") & (pl.col("method") == "commission-2021")
    )
    expected = table.sort(["main_supplier_share", "product"], descending=[True, False], nulls_last=True)
    assert seen == expected["product"].to_list()


def test_htmx_gets_the_results_alone_and_the_shortest_address(as_reader: Client, at: Paths) -> None:
    query = (
        "?shown_importer=EU27_2020&shown_method=commission-2021&importer=EU27_2020&method=commission-2021"
        "&verdict=dependent&supplier=&q=&t_import_concentration=0.3&t_extra_import_share=0.5"
    )
    answer = as_reader.get(at(f"dependencies/{query}"), headers={"HX-Request": "true"})
    assert answer["HX-Push-Url"] == at("dependencies/?t_import_concentration=0.3")
    assert "HX-Request" in answer["Vary"]
    assert "<html" not in answer.content.decode()
    assert "hx-swap-oob" not in answer.content.decode()
    full = text_of(as_reader, answer["HX-Push-Url"])
    assert answer.content.decode().strip() in full


def test_another_method_brings_its_own_thresholds(as_reader: Client, at: Paths) -> None:
    query = (
        "?shown_importer=EU27_2020&shown_method=commission-2021&importer=EU27_2020&method=cbs-2021"
        "&t_import_concentration=0.3&t_imports_to_exports=2&supplier=BRA"
    )
    answer = as_reader.get(at(f"dependencies/{query}"), headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert 'hx-swap-oob="innerHTML"' in page
    assert 'name="t_domestic_use_kusd"' in page
    assert 'name="t_imports_to_exports"' not in page
    assert answer["HX-Push-Url"].startswith(at("dependencies/?method=cbs-2021"))
    assert "t_" not in answer["HX-Push-Url"]


def rows_of(answer: object) -> list[list[str]]:
    content = answer.content.decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(content)))


def test_a_download_has_every_row_of_the_filters_and_numbers_as_numbers(
    as_reader: Client, at: Paths, edition: Edition
) -> None:
    answer = as_reader.get(at("dependencies/?verdict=all&download=csv"))
    assert answer["Content-Type"].startswith("text/csv")
    assert "attachment" in answer["Content-Disposition"]
    heading, *rows = rows_of(answer)
    assert heading[0] == "HS code"
    assert len(rows) == 71
    book = openpyxl.load_workbook(
        io.BytesIO(as_reader.get(at("dependencies/?verdict=all&download=xlsx")).content)
    )
    sheet, about = book.worksheets
    assert sheet.max_row == 72
    place = [cell.value for cell in sheet[1]].index("Its share") + 1
    shares = [sheet.cell(row, place).value for row in range(2, 73)]
    assert all(isinstance(share, float) for share in shares)
    said = {row[0].value: row[1].value for row in about.iter_rows(min_row=3)}
    assert said["Edition"] == edition.id
    assert said["SHA-256 of the data set"] == edition.record["dataset"]["content_sha256"]


@pytest.mark.parametrize(
    ("path", "tables"),
    [
        ("", ["importers", "map", "treemap", "count"]),
        ("products/810600/", ["verdicts", "indicators", "suppliers", "history", "robustness"]),
        ("pairs/", ["pairs"]),
        ("pairs/EU27_2020/USA/", ["sums", "on", "of"]),
    ],
)
def test_every_table_of_a_page_is_offered_and_given(
    as_reader: Client, at: Paths, path: str, tables: list[str]
) -> None:
    page = text_of(as_reader, at(path))
    for table in tables:
        if table != "on":
            assert f"download=csv&amp;table={table}" in page
        for file_format in ("csv", "xlsx"):
            answer = as_reader.get(at(f"{path}?download={file_format}&table={table}"))
            assert answer.status_code == 200
    assert len(rows_of(as_reader.get(at(f"{path}?download=csv&table={tables[0]}")))) > 1


def test_a_product_shows_every_method_with_every_indicator(
    as_reader: Client, at: Paths, edition: Edition
) -> None:
    page = text_of(as_reader, at("products/810600/"))
    for method in edition.record["methods"]:
        assert escape(method["title"]["en"]) in page
    row = edition.tables["products"].row(
        by_predicate=(pl.col("product") == "810600")
        & (pl.col("label") == "EU27_2020")
        & (pl.col("method") == "commission-2021"),
        named=True,
    )
    assert f"{row['import_concentration']:.3f}" in page
    assert "Strategic raw material: lead-free solder" in page
    assert "materials/bismuth/" in page
    assert "How the verdict comes about" in page
    assert "sum over foreign suppliers" in page


def test_a_product_that_is_not_dependent_has_suppliers_from_the_dataset(as_reader: Client, at: Paths) -> None:
    rows = rows_of(as_reader.get(at("products/260300/?download=csv&table=suppliers")))
    assert [row[0] for row in rows[1:]] == ["2022", "2023", "2024"]


def test_only_who_may_is_offered_to_open_a_case(as_reader: Client, as_analyst: Client, at: Paths) -> None:
    query = "importer=EU27_2020&amp;product=810600"
    assert query in text_of(as_analyst, at("products/810600/"))
    assert query not in text_of(as_reader, at("products/810600/"))


def test_cases_on_a_product_are_shown_to_those_who_may_read_them(
    as_reader: Client, as_analyst: Client, at: Paths, open_case: Callable[..., Case]
) -> None:
    open_case(title="Bismuth for all", subject_code="810600", subject_name="Bismuth")
    open_case(title="Bismuth for few", subject_code="810600", subject_name="Bismuth", visibility="members")
    page = text_of(as_reader, at("products/810600/"))
    assert "Bismuth for all" in page
    assert "Bismuth for few" not in page
    # what is kept for every reader holds nothing of the analyst
    assert "Bismuth for few" in text_of(as_analyst, at("products/810600/"))
    assert "Bismuth for few" not in text_of(as_reader, at("products/810600/"))


def test_a_pair_of_the_edition_says_both_ways(as_reader: Client, at: Paths, edition: Edition) -> None:
    page = text_of(as_reader, at("pairs/EU27_2020/USA/"))
    rows = edition.tables["relations"].filter(
        (pl.col("label") == "EU27_2020") & (pl.col("counterpart") == "USA")
    )
    assert set(rows["product"]) <= set(re.findall(r"\b\d{6}\b", page))
    assert "worked out now" not in page


def test_another_pair_is_worked_out_as_the_edition_does(as_reader: Client, edition: Edition) -> None:
    from geomonitor.report.content import Content
    from geomonitor.web.evidence.mutual import _computed, _of_edition

    content = Content.of(edition, "en")
    importer = content.importers[0]
    own, again = _of_edition(content, importer, "USA"), _computed(content, importer, "USA")
    assert own.on.equals(again.on)
    assert own.of.equals(again.of)
    assert own.summary.select(again.summary.columns).equals(again.summary)
    page = text_of(as_reader, f"/editions/{edition.id}/pairs/EU27_2020/KAZ/")
    assert "worked out now" in page


def test_the_chooser_of_pairs_leads_to_the_pair(as_reader: Client, at: Paths) -> None:
    answer = as_reader.get(at("pairs/?importer=NLD&counterpart=JPN"))
    assert answer["Location"] == at("pairs/NLD/JPN/")


THIN = """
name = "thin"
years = [2021, 2022]
importers = [{ code = "NLD" }, { code = "NLD", home_group = "EU27_2020" }]
methods = ["imf-fragility-2017", "cepii-geodep-2024"]
table = false
materials = false
shocks = false

[thresholds]
"cepii-geodep-2024" = { import_concentration = 0.3 }
"""


@pytest.fixture(scope="module")
def thin_edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """An edition without history, suppliers, counterparts, materials, chains and shocks."""
    folder = tmp_path_factory.mktemp("thin")
    profile = folder / "thin.toml"
    profile.write_text(THIN, encoding="utf-8")
    return write_edition(make_edition(load_profile(profile)), folder / "editions")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("", "There is nothing to draw."),
        ("?importer=NLD@EU27_2020", "supply from outside the European Union"),
        ("dependencies/?t_supply_fragility=0.5", "0.50 (published: 0.90)"),
        ("dependencies/?method=cepii-geodep-2024", "0.30 (published: 0.40)"),
        ("dependencies/?method=cepii-geodep-2024&t_import_concentration=0.4", "Back to the thresholds"),
        ("products/810600/?importer=NLD@EU27_2020", "It stands in no raw material"),
        ("pairs/", "looks at no counterparts"),
        ("pairs/NLD@NLD/CHN/", "worked out now"),
    ],
)
def test_an_edition_with_little_in_it_has_every_page(
    as_reader: Client, thin_edition: Edition, settings: object, path: str, said: str
) -> None:
    assert thin_edition.path is not None
    settings.EDITIONS = thin_edition.path.parent  # type: ignore[attr-defined]
    page = text_of(as_reader, f"/editions/{thin_edition.id}/{path}")
    assert said in page
    for address in figure_addresses(page):
        assert as_reader.get(address).status_code == 200


def test_the_files_of_an_edition_are_sent_as_downloads(as_reader: Client, edition: Edition) -> None:
    page = as_reader.get(f"/editions/{edition.id}/").content.decode()
    assert f"/editions/{edition.id}/files/findings.parquet/" in page
    answer = as_reader.get(f"/editions/{edition.id}/files/findings.parquet/")
    assert answer["Content-Disposition"] == f'attachment; filename="{edition.id}-findings.parquet"'
    assert edition.path is not None
    sent = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert sent == (edition.path / "findings.parquet").read_bytes()


@pytest.mark.parametrize("name", ["tables", "..", "secret_key", "brief.en.html", "findings.parquet.bak"])
def test_other_files_are_not_sent(as_reader: Client, edition: Edition, name: str) -> None:
    assert as_reader.get(f"/editions/{edition.id}/files/{name}/").status_code == 404
