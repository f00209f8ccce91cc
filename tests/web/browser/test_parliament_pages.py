"""Parliamentary papers in a browser: from a search to a judgement, with scripts and without."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect

from web.browser.visiting import Visit

if TYPE_CHECKING:
    from web.conftest_server import Application

pytestmark = pytest.mark.browser

# the example dossier, which a new application has
LETTER = "/papers/kst-44999-7/"
MOTION = "/motions/kst-44999-5/"


def test_from_a_search_to_the_references_over_time(
    browser: Browser, running_application: Application, tmp_path: Path
) -> None:
    visit = Visit(browser, running_application.url, shots=tmp_path)
    page = visit.log_in("analyst", running_application.users["analyst"])
    visit.open("/papers/")
    page.get_by_label("Words or number").fill("grondstoffen")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    expect(page.locator(".hits mark").first).to_be_visible()
    visit.shot("found")
    # a number leads to the paper itself
    page.get_by_label("Words or number").fill("44 999, nr. 7")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    page.wait_for_url(f"**{LETTER}")
    marked = page.locator(".paper-text mark.mark-motion a").first
    expect(marked).to_be_visible()
    visit.shot("paper")
    page.get_by_role("link", name="References over time").click()
    page.locator(".plot").scroll_into_view_if_needed()
    expect(page.locator(".plot.js-plotly-plot")).to_be_visible(timeout=30_000)
    visit.shot("references")
    page.get_by_role("region", name="Papers around").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    visit.assert_clean()
    visit.context.close()


def test_a_judgement_without_scripts(
    browser: Browser, running_application: Application, tmp_path: Path
) -> None:
    visit = Visit(browser, running_application.url, shots=tmp_path, java_script_enabled=False)
    page = visit.log_in("second_analyst", running_application.users["second_analyst"])
    visit.open("/motions/?state=adopted")
    page.get_by_role("main").get_by_role("link", name="44 999, nr. 5").first.click()
    page.wait_for_url(f"**{MOTION}")
    page.get_by_role("combobox", name="State").select_option("carried_out")
    page.get_by_role("textbox", name="Reason (required)").fill("The trial began in March.")
    page.get_by_role("button", name="Save the judgement").click()
    expect(page.get_by_text("The trial began in March.").first).to_be_visible()
    expect(page.locator("#state .tag").first).to_have_text("carried out")
    visit.shot("judged")
    page.locator("details", has_text="End the judgement").locator("summary").click()
    page.get_by_role("textbox", name="Reason for ending it").fill("The trial was put off.")
    page.get_by_role("button", name="End the judgement").click()
    expect(page.locator("#state .tag").first).to_have_text("adopted")
    visit.assert_clean()
    visit.context.close()
