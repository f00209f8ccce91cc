"""The brief in a real browser with the network cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

from geomonitor.findings import Edition
from geomonitor.report import write_brief

from .conftest import Visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_figure_is_drawn_and_no_host_is_asked(
    visit: type[Visit], written_briefs: dict[str, Path], language: str
) -> None:
    opened = visit(written_briefs[language])
    page = opened.all_drawn()
    plots = page.locator(".plot")
    assert plots.count() > 20
    assert page.locator(".plot.js-plotly-plot").count() == plots.count()
    empty = page.evaluate(
        """() => [...document.querySelectorAll('.plot')].filter(plot => !plot.querySelector(
            'svg .bars path, svg .hm image, svg .choroplethlayer path, svg .scatterlayer path, ' +
            'svg .sankey path'))
            .map(plot => plot.id)"""
    )
    assert empty == []
    # the part on value chains: four flows, a picture of each chain for both importers
    assert page.locator("section[aria-labelledby=chains] .plot").count() == 1 + 2 * (2 + 2 + 1 + 7)
    assert page.locator("#i2-paths-chn .sankey-link").count() >= 15
    assert page.locator("#i1-chain-magnets .bars path").count() > 10
    # the base map: land and borders, and the economies that are coloured
    assert page.locator("#i1-map .layer.land path").first.get_attribute("d")
    assert page.locator("#i1-map .choroplethlayer path").count() > 27
    assert [url for url in opened.asked if not url.startswith("file:")] == []
    assert len(opened.asked) == 1
    assert opened.complaints == []


def test_figures_below_the_screen_wait(visit: type[Visit], written_briefs: dict[str, Path]) -> None:
    page = visit(written_briefs["en"]).page
    assert page.locator(".plot:not(.js-plotly-plot)").count() > 0


def test_no_serious_barrier(visit: type[Visit], written_briefs: dict[str, Path]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    # both languages have the same elements, which axe reads for half a minute
    page = visit(written_briefs["nl"], bypass_csp=True).all_drawn()
    # a table of every kind opened; all of them would take axe half a minute
    page.evaluate("[...document.querySelectorAll('details')].slice(0, 8).forEach(e => { e.open = true; })")
    found = axe.Axe().run(page).response["violations"]
    grave = [
        (each["id"], each["nodes"][0]["html"][:200])
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]
    assert grave == []


@pytest.mark.parametrize("width", [360, 768])
def test_a_narrow_screen_does_not_scroll_sideways(
    visit: type[Visit], written_briefs: dict[str, Path], width: int
) -> None:
    page = visit(written_briefs["nl"], width=width).all_drawn()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_print_draws_what_was_not_seen(
    visit: type[Visit], written_briefs: dict[str, Path], tmp_path: Path
) -> None:
    page = visit(written_briefs["en"]).page
    page.pdf(path=tmp_path / "brief.pdf", prefer_css_page_size=True)
    assert page.locator(".plot:not(.js-plotly-plot)").count() == 0
    assert (tmp_path / "brief.pdf").stat().st_size > 100_000


def test_a_table_is_downloaded_as_the_spreadsheet_of_its_language_reads_it(
    visit: type[Visit], hostile_edition: Edition, tmp_path: Path
) -> None:
    page = visit(write_brief(hostile_edition, tmp_path / "brief.html", "nl")).all_drawn()
    with page.expect_download() as waiting:
        page.locator("button[data-table=i2-list-t]").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert text.startswith("\ufeffGS-code;Product;")
    fields = [line.split(";") for line in text.splitlines()[1:]]
    assert all(len(row) >= 10 for row in fields)
    assert not [row for row in fields if row[1].lstrip('"').startswith(("=", "+", "@", "-"))]
    assert "," in fields[0][3]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_hostile_names_do_not_run(
    visit: type[Visit], hostile_edition: Edition, tmp_path: Path, language: str
) -> None:
    opened = visit(write_brief(hostile_edition, tmp_path / "brief.html", language))
    page = opened.all_drawn()
    assert page.title() != "run"
    assert opened.complaints == []
    assert page.locator("h1").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_without_dependent_products_nothing_breaks(
    visit: type[Visit], nothing_dependent: Edition, tmp_path: Path
) -> None:
    opened = visit(write_brief(nothing_dependent, tmp_path / "brief.html"))
    page = opened.all_drawn()
    assert opened.complaints == []
    assert page.locator(".plot.js-plotly-plot").count() == page.locator(".plot").count()
