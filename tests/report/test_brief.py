"""The brief as text: what it says, what it never asks for, what it does with bad names."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from geomonitor.errors import DataError, GeomonitorError, UnknownCodeError
from geomonitor.findings import Edition
from geomonitor.report import brief_html, write_brief
from geomonitor.report.content import Content
from geomonitor.report.sentences import key_findings

VOID = {"meta", "br", "hr", "img", "input", "link"}


class _Page(HTMLParser):
    """Collects the elements of a page and the text outside scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        # an element inside another: tag, classes and names of attributes of both
        self.kinds: set[tuple[str, str]] = set()
        self._around = [""]
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag
        kind = f"{tag} {dict(attrs).get('class')} {sorted(name for name, _ in attrs)}"
        self.kinds.add((self._around[-1], kind))
        if tag not in VOID:
            self._around.append(kind)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""
        assert self._around.pop().startswith(f"{tag} ")

    def handle_data(self, data: str) -> None:
        if self._inside not in {"script", "style"}:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def pages(written_briefs: dict[str, Path]) -> dict[str, _Page]:
    return {code: _Page(path.read_text(encoding="utf-8")) for code, path in written_briefs.items()}


@pytest.fixture(params=["en", "nl"])
def page(request: pytest.FixtureRequest, pages: dict[str, _Page]) -> _Page:
    return pages[request.param]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_brief_of_a_few_has_every_kind_of_element(
    pages: dict[str, _Page], few_briefs: dict[str, Path], language: str
) -> None:
    # barriers and print are tested on the brief of a few only
    few = _Page(few_briefs[language].read_text(encoding="utf-8"))
    assert len(pages[language].kinds) > 150
    assert sorted(pages[language].kinds - few.kinds) == []
    headings = [[attributes["id"] for tag, attributes in each.elements if tag == "h2"]
                for each in (pages[language], few)]  # fmt: skip
    assert headings[0] == headings[1]


def test_nothing_is_loaded_from_elsewhere(page: _Page) -> None:
    for tag, attributes in page.elements:
        assert tag not in {"link", "iframe", "object", "embed", "base", "img"}
        assert "src" not in attributes
        if tag == "a":
            assert re.match(r"#|https://www\.etalab\.gouv\.fr/", attributes["href"] or "")
    policy = next(each for tag, each in page.elements if each.get("http-equiv"))
    assert (policy["content"] or "").startswith("default-src 'none'")


def test_headings_are_in_order_and_identifiers_unique(page: _Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.elements:
        if tag == "a" and (attributes["href"] or "").startswith("#"):
            assert (attributes["href"] or "")[1:] in ids


def test_every_figure_has_a_table_beside_it(page: _Page) -> None:
    ids = {attributes.get("id") for _, attributes in page.elements}
    plots = [attributes for _, attributes in page.elements if attributes.get("class") == "plot"]
    assert len(plots) > 20
    for plot in plots:
        assert f"{plot['id']}-t" in ids
        assert plot["role"] == "img"
        assert plot["aria-label"]


def test_the_brief_stays_small(written_briefs: dict[str, Path]) -> None:
    for path in written_briefs.values():
        assert path.stat().st_size < 8_000_000


def test_the_languages_differ_in_words_and_marks(pages: dict[str, _Page]) -> None:
    assert pages["nl"].elements[0][1]["lang"] == "nl"
    assert "Key findings" in pages["en"].text
    assert "Key findings" not in pages["nl"].text
    assert "1,264,888" in pages["en"].text
    assert "1.264.888" in pages["nl"].text
    assert "Zuid-Afrika" in pages["nl"].text
    assert "Main supplier" not in pages["nl"].text


def test_key_findings_are_counts_of_the_tables(real_edition: Edition) -> None:
    content = Content.of(real_edition, "en")
    importer = content.importers[0]
    products = real_edition.tables["products"].filter(
        pl.col("label") == importer.label, pl.col("method") == real_edition.record["main_method"]
    )
    summary = key_findings(content, importer)
    dependent = products.filter("dependent")
    assert summary.figures[0].value == str(dependent.height)
    assert f"{dependent.height} of the {products.height} products" in summary.sentences[0]
    assert 5 <= len(summary.sentences) <= 9


def test_open_verdicts_are_said(changed_edition, few_of_all: Edition) -> None:
    main = pl.col("method") == few_of_all.record["main_method"]
    products = few_of_all.tables["products"].with_columns(
        dependent=pl.when(main & (pl.col("product") == "810600")).then(None).otherwise("dependent")
    )
    page = _Page(brief_html(changed_edition({"products": products}, of=few_of_all)))
    assert "1 verdict stays open" in page.text


def test_a_modified_method_is_marked(changed_edition, few_of_all: Edition) -> None:
    methods = [dict(each) for each in few_of_all.record["methods"]]
    methods[0]["modified"] = ["import_concentration > 0.5 (published: 0.4)"]
    page = _Page(brief_html(changed_edition(of=few_of_all, methods=methods)))
    assert "Modified for this edition: import_concentration > 0.5 (published: 0.4)" in page.text.replace(
        " :", ":"
    )


@pytest.mark.parametrize("language", ["en", "nl"])
def test_without_dependent_products_the_brief_says_so(empty_briefs: dict[str, Path], language: str) -> None:
    page = _Page(empty_briefs[language].read_text(encoding="utf-8"))
    wanted = {"en": "none of the 71 products", "nl": "voldeed geen van de 71"}
    assert wanted[language] in page.text
    assert not [each for _, each in page.elements if each.get("id") == "i1-map"]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_names_never_become_markup(hostile_briefs: dict[str, Path], language: str) -> None:
    page = _Page(hostile_briefs[language].read_text(encoding="utf-8"))
    # the brief's own: three at the end and the data of the figures
    scripts = [attributes for tag, attributes in page.elements if tag == "script"]
    assert len([each for each in scripts if not each]) == 3
    assert all(each == {} or each.get("type") == "application/json" for each in scripts)
    assert not [tag for tag, _ in page.elements if tag == "img"]
    assert not [each for tag, each in page.elements if tag == "a" and "javascript" in (each["href"] or "")]


def test_only_the_products_table_is_needed(real_edition: Edition) -> None:
    bare = Edition(real_edition.record, {"products": real_edition.tables["products"]}, pl.DataFrame())
    assert "810600" in brief_html(bare)


def test_an_edition_that_lacks_something_is_an_error(
    real_edition: Edition, few_of_all: Edition, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="no table of products"):
        brief_html(Edition(real_edition.record, {}, pl.DataFrame()))
    record = {key: value for key, value in real_edition.record.items() if key != "period"}
    with pytest.raises(DataError, match="lacks: period"):
        brief_html(Edition(record, real_edition.tables, pl.DataFrame()))
    with pytest.raises(UnknownCodeError, match="'fr'"):
        brief_html(real_edition, "fr")
    with pytest.raises(GeomonitorError, match="cannot be written"):
        write_brief(few_of_all, tmp_path / "missing" / "brief.html")
    assert list(tmp_path.iterdir()) == []


def test_many_importers_and_many_products_are_capped_and_said(changed_edition, few_of_all: Edition) -> None:
    importers = few_of_all.record["importers"]
    more = [{**importers[0], "label": f"G{number}", "code": "EU27_2020"} for number in range(5)]
    page = _Page(brief_html(changed_edition(of=few_of_all, importers=[*importers, *more])))
    assert "This brief shows the first 4 importers in full" in page.text
