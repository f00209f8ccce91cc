"""The brief in a real browser with the network cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .conftest import Visit, WrittenBriefs

pytestmark = pytest.mark.browser


class _Drawn(dict[str, Visit]):
    """Briefs by language, opened and drawn when they are first asked for."""

    def __init__(self, browser: Browser, briefs: WrittenBriefs) -> None:
        self._browser, self._briefs = browser, briefs

    def __missing__(self, language: str) -> Visit:
        self[language] = opened = Visit(self._browser, self._briefs[language])
        opened.all_drawn()
        return opened


@pytest.fixture(scope="module")
def drawn_hostile_briefs(browser: Browser, hostile_briefs: WrittenBriefs) -> Iterator[_Drawn]:
    """The hostile briefs, which no test may change."""
    drawn = _Drawn(browser, hostile_briefs)
    yield drawn
    for opened in drawn.values():
        opened.context.close()


# on a screen that is narrow too, where nothing may stand outside it
@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("nl", 360)])
def test_every_figure_is_drawn_and_no_host_is_asked(
    visit: type[Visit], written_briefs: dict[str, Path], language: str, width: int
) -> None:
    opened = visit(written_briefs[language], width=width)
    page = opened.all_drawn()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
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


def test_no_serious_barrier(visit: type[Visit], few_briefs: dict[str, Path]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    # a few of all: every kind of element is there, and axe reads them in seconds
    page = visit(few_briefs["nl"], bypass_csp=True).all_drawn()
    # a table of every kind opened; all of them would take axe three times as long
    page.evaluate("[...document.querySelectorAll('details')].slice(0, 8).forEach(e => { e.open = true; })")
    found = axe.Axe().run(page).response["violations"]
    grave = [
        (each["id"], each["nodes"][0]["html"][:200])
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]
    assert grave == []


def test_print_draws_what_was_not_seen(
    visit: type[Visit], few_briefs: dict[str, Path], tmp_path: Path
) -> None:
    page = visit(few_briefs["en"], idle=False).page
    assert page.locator(".plot:not(.js-plotly-plot)").count() > 20
    page.pdf(path=tmp_path / "brief.pdf", prefer_css_page_size=True)
    assert page.locator(".plot:not(.js-plotly-plot)").count() == 0
    assert (tmp_path / "brief.pdf").stat().st_size > 100_000


def test_a_table_is_downloaded_as_the_spreadsheet_of_its_language_reads_it(
    drawn_hostile_briefs: dict[str, Visit],
) -> None:
    page = drawn_hostile_briefs["nl"].page
    with page.expect_download() as waiting:
        page.locator("button[data-table=i2-list-t]").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert text.startswith("\ufeffGS-code;Product;")
    fields = [line.split(";") for line in text.splitlines()[1:]]
    assert all(len(row) >= 10 for row in fields)
    assert not [row for row in fields if row[1].lstrip('"').startswith(("=", "+", "@", "-"))]
    assert "," in fields[0][3]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_hostile_names_do_not_run(drawn_hostile_briefs: dict[str, Visit], language: str) -> None:
    opened = drawn_hostile_briefs[language]
    page = opened.page
    assert page.title() != "run"
    assert opened.complaints == []
    assert page.locator("h1").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_without_dependent_products_nothing_breaks(visit: type[Visit], empty_briefs: dict[str, Path]) -> None:
    opened = visit(empty_briefs["en"])
    page = opened.all_drawn()
    assert opened.complaints == []
    assert page.locator(".plot.js-plotly-plot").count() == page.locator(".plot").count()
