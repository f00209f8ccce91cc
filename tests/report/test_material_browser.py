"""The part on raw materials in a real browser: choices by keyboard, on paper, narrow, without barriers."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from geomonitor.findings import Edition
from geomonitor.report import write_material_page

from .conftest import Visit

pytestmark = pytest.mark.browser

PART = "section[aria-labelledby=materials]"


def drawn_text(page: object, plot: str) -> str:
    return page.evaluate(f"document.getElementById('{plot}-r').textContent")  # type: ignore[attr-defined]


def test_a_choice_by_keyboard_redraws_and_is_read_out(
    visit: type[Visit], material_briefs: dict[str, Path]
) -> None:
    opened = visit(material_briefs["en"])
    page = opened.all_drawn()
    material = page.locator("select[data-plot=materials-map]").first
    assert drawn_text(page, "materials-map").startswith("Cobalt, extraction, world exports: DR Congo 71%")
    shape = "#materials-map .choroplethlayer path"
    before = page.locator(shape).count()
    material.focus()
    # a closed select moves on by letter or arrow
    page.keyboard.type("Gallium")
    page.keyboard.press("Enter")
    page.wait_for_function("document.getElementById('materials-map-r').textContent.startsWith('Gallium')")
    assert drawn_text(page, "materials-map") == (
        "Gallium, processing, world exports: China 88%, South Korea 5%, Taiwan 4%."
    )
    assert page.locator("#materials-map").get_attribute("aria-label") == drawn_text(page, "materials-map")
    page.locator("select[data-plot=materials-map]").nth(1).select_option("EU27_2020")
    page.wait_for_function(f"document.querySelectorAll('{shape}').length > {before} + 20")
    assert "imports of the European Union: China 71%" in drawn_text(page, "materials-map")
    assert opened.complaints == []


def test_every_choice_can_be_drawn(visit: type[Visit], material_briefs: dict[str, Path]) -> None:
    opened = visit(material_briefs["nl"])
    page = opened.all_drawn()
    failed = page.evaluate(
        """async () => {
            const failed = [];
            for (const select of document.querySelectorAll('select[data-plot]')) {
                const plot = document.getElementById(select.dataset.plot);
                for (const option of select.options) {
                    select.value = option.value;
                    select.dispatchEvent(new Event('change', { bubbles: true }));
                    await new Promise(done => setTimeout(done, 15));
                    const text = document.getElementById(plot.id + '-r').textContent;
                    if (!text || text === 'undefined' || !plot.querySelector('svg')) {
                        failed.push(plot.id + ' ' + option.value);
                    }
                }
            }
            return failed;
        }"""
    )
    assert failed == []
    # the heading says how many for what was chosen
    heading = page.locator("#materials-stages-h").text_content()
    assert heading == (
        "Verwerking is bij 2 van de 4 grondstoffen meer geconcentreerd dan winning, "
        "winning meer dan verwerking bij 1, en 1 is gelijk"
    )
    assert opened.complaints == []
    assert [url for url in opened.asked if not url.startswith("file:")] == []


def test_no_barrier_in_the_part(visit: type[Visit], material_briefs: dict[str, Path]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page = visit(material_briefs["en"], width=360, bypass_csp=True).all_drawn()
    page.evaluate(
        f"[...document.querySelectorAll('{PART} details')].slice(0, 12).forEach(e => {{ e.open = true; }})"
    )
    found = axe.Axe().run(page, context=PART).response["violations"]
    grave = [
        (each["id"], each["impact"], each["nodes"][0]["html"][:200])
        for each in found
        if each["impact"] in {"moderate", "serious", "critical"}
    ]
    assert grave == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_every_material_is_open_on_paper(
    visit: type[Visit], material_briefs: dict[str, Path], tmp_path: Path
) -> None:
    page = visit(material_briefs["en"]).all_drawn()
    folded = page.locator("details.panel:not([open])")
    assert folded.count() == 8
    page.evaluate(
        "window.addEventListener('beforeprint', () => { window.opened = "
        "document.querySelectorAll('details.panel[open]').length; })"
    )
    page.pdf(path=tmp_path / "brief.pdf", prefer_css_page_size=True)
    assert page.evaluate("window.opened") == 8
    # and folded again after it
    assert folded.count() == 8


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_page_of_a_material_needs_no_network(
    visit: type[Visit], materials_edition: Edition, tmp_path: Path, language: str
) -> None:
    opened = visit(write_material_page(materials_edition, tmp_path / "page.html", "gallium", language))
    page = opened.all_drawn()
    assert page.locator(".plot.js-plotly-plot").count() == 4
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5')].map(e => +e.tagName[1])")
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert opened.complaints == []
    assert len(opened.asked) == 1
