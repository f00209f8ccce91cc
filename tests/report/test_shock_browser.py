"""The part on shocks in a real browser: choices by keyboard, on paper, narrow, without barriers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Page

from geomonitor.findings import Edition

from .conftest import Visit, WrittenBriefs
from .shock_tables import shock_record, shock_tables

pytestmark = pytest.mark.browser

PART = "section[aria-labelledby=shocks]"


@pytest.fixture(scope="module")
def shock_briefs(real_edition: Edition, briefs_of: Callable[..., WrittenBriefs]) -> WrittenBriefs:
    """A brief in both languages with little else than made shocks, so that it is soon drawn."""
    never = pl.lit(value=False)
    products = real_edition.tables["products"].with_columns(dependent=never, strategic=never)
    tables = {"products": products, **shock_tables()}
    edition = Edition({**real_edition.record, **shock_record()}, tables, real_edition.findings.clear())
    return briefs_of(edition, "shocks")


def said(page: Page, plot: str) -> str:
    return str(page.evaluate(f"document.getElementById('{plot}-r').textContent"))


def test_a_choice_by_keyboard_redraws_and_is_read_out(
    visit: type[Visit], shock_briefs: dict[str, Path]
) -> None:
    opened = visit(shock_briefs["en"])
    page = opened.all_drawn()
    assert said(page, "shocks-map").startswith("Tariffs between the EU and China up by 25 percentage points:")
    page.locator("select[data-plot=shocks-map]").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("document.getElementById('shocks-map-r').textContent.startsWith('China denies')")
    assert page.locator("#shocks-map").get_attribute("aria-label") == said(page, "shocks-map")
    scenario, trade = page.locator("select[data-plot=shocks-trade]").all()
    scenario.select_option("eu-china-decoupling")
    trade.select_option("seller CHN")
    page.wait_for_function(
        "document.getElementById('shocks-trade-r').textContent.includes('Exports of China by buyer')"
    )
    assert page.locator("#shocks-trade .sankey-link").count() > 3
    assert opened.complaints == []
    assert [url for url in opened.asked if not url.startswith("file:")] == []


def test_every_choice_is_drawn_without_a_complaint(visit: type[Visit], shock_briefs: dict[str, Path]) -> None:
    opened = visit(shock_briefs["nl"])
    page = opened.all_drawn()
    assert page.locator(f"{PART} .plot").count() == 10
    empty = page.evaluate(
        """async () => {
            const empty = [];
            for (const select of document.querySelectorAll('section[aria-labelledby=shocks] select')) {
                const plot = document.getElementById(select.dataset.plot);
                for (const option of select.options) {
                    select.value = option.value;
                    select.dispatchEvent(new Event('change', { bubbles: true }));
                    await new Promise(done => setTimeout(done, 15));
                    const text = document.getElementById(plot.id + '-r').textContent;
                    if (!text || text.includes('undefined') || !plot.querySelector('svg path')) {
                        empty.push(plot.id + ' ' + option.value);
                    }
                }
            }
            return empty;
        }"""
    )
    assert empty == []
    assert opened.complaints == []


@pytest.mark.parametrize("language", ["en", "nl"])
def test_no_serious_barrier(visit: type[Visit], shock_briefs: dict[str, Path], language: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page = visit(shock_briefs[language], bypass_csp=True).all_drawn()
    page.evaluate(f"document.querySelectorAll('{PART} details').forEach(each => {{ each.open = true; }})")
    # colours are those of English, and reading them takes the longest
    options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": language == "en"}}}
    found = axe.Axe().run(page, context=PART, options=options).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []


def test_a_narrow_screen_does_not_scroll_sideways(visit: type[Visit], shock_briefs: dict[str, Path]) -> None:
    page = visit(shock_briefs["nl"], width=360).all_drawn()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    # names of axes and legends stay inside the figure
    outside = page.evaluate(
        """() => [...document.querySelectorAll('section[aria-labelledby=shocks] .plot')].filter(plot => {
            const edge = plot.getBoundingClientRect();
            return [...plot.querySelectorAll('.xtitle, .legendtext, .gtitle, .ytick text')].some(each => {
                const box = each.getBoundingClientRect();
                return box.width && (box.left < edge.left - 1 || box.right > edge.right + 1);
            });
        }).map(plot => plot.id)"""
    )
    assert outside == []
