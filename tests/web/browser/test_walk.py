"""The whole path in a real browser, from the first log-in to the printed dossier."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from web.browser.visiting import Visit

if TYPE_CHECKING:
    from web.conftest_server import Application

pytestmark = pytest.mark.browser

OWN_PASSWORD = "seven rivers cross the old bridge"
TITLE = "Tungsten from one country, for the walk"
ARGUMENT = "Firms hold stocks for two months; a second source takes years to open."
INTERESTS = re.compile("^Judge this interest")


@pytest.fixture
def visits(browser: Browser, running_application: Application, tmp_path: Path) -> Iterator[dict[str, Visit]]:
    """A window for each of three people."""
    made = {
        name: Visit(browser, running_application.url, shots=tmp_path / name)
        for name in ("admin", "analyst", "decision maker")
    }
    yield made
    for each in made.values():
        each.context.close()


def test_from_the_first_log_in_to_the_printed_dossier(
    visits: dict[str, Visit], running_application: Application, tmp_path: Path
) -> None:
    handed_out = _administrator_makes_users(visits["admin"], running_application)
    analyst, judge = visits["analyst"], visits["decision maker"]
    _log_in_first(analyst, "walking_analyst", handed_out["walking_analyst"])
    _filter_and_move_a_threshold(analyst)
    case = _open_a_case(analyst)
    _work_the_steps(analyst, case)
    _propose(analyst, case)
    _log_in_first(judge, "walking_judge", handed_out["walking_judge"])
    _approve(judge, case)
    _see_the_trail(visits["admin"], case)
    _print_the_dossier(analyst, case, tmp_path)
    _switch_to_dutch(analyst, case)
    for visit in visits.values():
        visit.assert_clean()


def _administrator_makes_users(visit: Visit, application: Application) -> dict[str, str]:
    """Log in with the password that was printed, change it, and make two users."""
    page = visit.log_in("admin", application.users["admin"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Change password")
    _choose_password(page, application.users["admin"], OWN_PASSWORD)
    application.users["admin"] = OWN_PASSWORD
    _skip_the_tour(page)
    handed_out = {}
    for name, role in (("walking_analyst", "Analyst"), ("walking_judge", "Decision maker")):
        visit.open("/users/new/")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Role").select_option(label=role)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("This password is shown once")).to_be_visible()
        handed_out[name] = page.locator("code.secret").inner_text()
    visit.shot("password-once")
    return handed_out


def _choose_password(page: Page, old: str, new: str) -> None:
    page.get_by_label("Present password").fill(old)
    page.get_by_label("New password", exact=True).fill(new)
    page.get_by_label("New password, once more").fill(new)
    page.get_by_role("main").get_by_role("button", name="Change password").click()
    page.wait_for_url(lambda url: "/account/password/" not in url)


def _skip_the_tour(page: Page) -> None:
    page.wait_for_url("**/tour/")
    page.get_by_role("button", name="Skip the tour").click()
    page.wait_for_url(lambda url: "/tour/" not in url)


def _log_in_first(visit: Visit, name: str, handed_out: str) -> None:
    """Log in with a password that was handed out; the tour follows the change of it."""
    page = visit.log_in(name, handed_out)
    _choose_password(page, handed_out, OWN_PASSWORD)
    page.wait_for_url("**/tour/")
    visit.shot("tour")
    while page.get_by_role("link", name="Next").count():
        page.get_by_role("main").get_by_role("link", name="Next").click()
    page.get_by_role("main").get_by_role("button").last.click()
    page.wait_for_url(f"{visit.url}/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def _filter_and_move_a_threshold(visit: Visit) -> None:
    page = visit.open("/editions/latest/dependencies/")
    results = page.locator("#results")
    before = results.inner_text()
    page.get_by_label("Main supplier", exact=True).select_option("CHN")
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get("supplier") == ["CHN"])
    expect(results).not_to_have_text(before)
    filtered = results.inner_text()
    slider = page.get_by_role("slider").first
    slider.focus()
    start = slider.input_value()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    assert slider.input_value() != start
    page.wait_for_url(lambda url: any(name.startswith("t_") for name in parse_qs(urlsplit(url).query)))
    expect(results).not_to_have_text(filtered)
    moved, value = results.inner_text(), slider.input_value()
    visit.shot("threshold-moved")
    # the address holds the whole state
    page.reload()
    expect(page.get_by_role("slider").first).to_have_value(value)
    assert page.locator("#results").inner_text() == moved


def _open_a_case(visit: Visit) -> str:
    """Open a product from the table, and a case on it; give its reference."""
    page = visit.open("/editions/latest/dependencies/?supplier=CHN")
    page.locator("#results table a[href*='/products/']").first.click()
    page.wait_for_url("**/products/**")
    # a figure is drawn once it is seen
    page.locator(".plot").first.scroll_into_view_if_needed()
    expect(page.locator(".plot.js-plotly-plot").first).to_be_visible(timeout=30_000)
    visit.shot("product")
    page.get_by_role("link", name="Open a case").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Open a case")
    assert page.get_by_role("checkbox", checked=True).count() > 0, "the findings are ticked"
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("Benefits of the relation").fill("Cheap and dependable supply for thirty years.")
    visit.shot("case-new")
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(page.get_by_role("heading", name="Evidence")).to_be_visible()
    return page.url.rstrip("/").rpartition("/")[2]


def _work_the_steps(visit: Visit, case: str) -> None:
    page = visit.open(f"/cases/{case}/interests/")
    page.get_by_role("link", name=INTERESTS).first.click()
    page.get_by_role("radio", name=re.compile("^yes", re.I)).check()
    _argue_and_save(page)
    _complete(page, 1)
    for _ in range(5):
        page.goto(f"{visit.url}/cases/{case}/risk/")
        page.get_by_role("main").get_by_role("link", name=re.compile(r"^Judge\s*:")).first.click()
        page.get_by_role("radio").nth(3).check()
        _argue_and_save(page)
    visit.shot("risk")
    expect(page.get_by_text("The case stands at probability 4 and impact 4.")).to_be_visible()
    _complete(page, 2)
    for kind in ("do_nothing", "stockpile"):
        page.goto(f"{visit.url}/cases/{case}/records/option/new/?about={kind}")
        page.get_by_label("Title").fill(f"Option {kind.replace('_', ' ')}")
        page.get_by_role("radio", name=re.compile("EU|European")).check()
        page.get_by_label("Costs", exact=True).fill("Storage and capital.")
        page.get_by_label("Benefits", exact=True).fill("Bridges half a year.")
        page.get_by_role("main").get_by_role("button", name="Save").click()
        page.wait_for_url("**/options/**")
    visit.shot("options")
    _complete(page, 3)


def _argue_and_save(page: Page) -> None:
    page.get_by_label("Argument").fill(ARGUMENT)
    page.get_by_role("main").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def _complete(page: Page, step: int) -> None:
    page.get_by_role("button", name=f"Complete step {step}").click()
    page.wait_for_load_state()
    expect(page.get_by_text("Saved.")).to_be_visible()


def _propose(visit: Visit, case: str) -> None:
    page = visit.open(f"/cases/{case}/decision/")
    page.get_by_role("link", name="Record a decision").click()
    page.get_by_label("Decision", exact=True).fill("Hold a stock of six months.")
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Decided by").fill("Council of Ministers")
    page.get_by_label("Decided on").fill("2026-11-20")
    page.get_by_label("Reason").fill("The benefits outweigh the costs.")
    page.get_by_label("To be reviewed on").fill("2027-11-20")
    page.get_by_role("button", name="Record the decision for approval").click()
    expect(page.get_by_text("This decision waits for a second person.")).to_be_visible()
    # four eyes: who recorded it is not offered to approve it
    assert page.get_by_role("radio", name="Approve").count() == 0
    visit.shot("decision-waits")


def _approve(visit: Visit, case: str) -> None:
    page = visit.open("/my-work/")
    page.get_by_role("link", name=re.compile(re.escape(TITLE))).first.click()
    visit.open(f"/cases/{case}/decision/")
    page.get_by_role("radio", name="Approve").check()
    page.get_by_role("button", name="Save the judgement").click()
    expect(page.get_by_role("main").get_by_text("approved", exact=True).first).to_be_visible()
    visit.shot("decision-approved")


def _see_the_trail(visit: Visit, case: str) -> None:
    page = visit.open(f"/audit/?case={case}")
    table = page.get_by_role("table").first
    for name in ("walking_analyst", "walking_judge"):
        expect(table.get_by_text(name).first).to_be_visible()
    visit.shot("trail")


def _print_the_dossier(visit: Visit, case: str, folder: Path) -> None:
    page = visit.open(f"/cases/{case}/dossier/")
    expect(page.get_by_text("Hold a stock of six months.").first).to_be_visible()
    expect(page.get_by_text(ARGUMENT).first).to_be_visible()
    visit.shot("dossier")
    paper = page.pdf(path=folder / "dossier.pdf", prefer_css_page_size=True)
    assert paper.startswith(b"%PDF-")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 30
    page.emulate_media(media="print")
    assert not page.locator(".site-head").is_visible()
    page.emulate_media(media="screen")


def _switch_to_dutch(visit: Visit, case: str) -> None:
    page = visit.open(f"/cases/{case}/decision/")
    page.get_by_role("button", name="Nederlands").click()
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    expect(page.get_by_role("heading", name="Stap 4: wat is besloten?")).to_be_visible()
    assert page.url.endswith(f"/cases/{case}/decision/")
    visit.shot("in-dutch")


def test_the_core_of_the_path_goes_without_scripts(
    browser: Browser, running_application: Application, tmp_path: Path
) -> None:
    visit = Visit(browser, running_application.url, shots=tmp_path, java_script_enabled=False)
    page = visit.log_in("analyst", running_application.users["analyst"])
    visit.open("/editions/latest/dependencies/")
    page.get_by_label("Main supplier", exact=True).select_option("CHN")
    page.get_by_role("main").get_by_role("button", name="Show").click()
    assert "supplier=CHN" in page.url
    visit.open("/editions/latest/products/810110/")
    page.get_by_role("link", name="Open a case").first.click()
    page.get_by_label("Title").fill("Without scripts")
    page.get_by_role("button", name="Open the case").click()
    case = page.url.rstrip("/").rpartition("/")[2]
    visit.open(f"/cases/{case}/interests/")
    page.get_by_role("link", name=INTERESTS).first.click()
    page.get_by_role("radio").first.check()
    _argue_and_save(page)
    _complete(page, 1)
    expect(page.get_by_role("heading", name="Step 2: how large is the risk?")).to_be_visible()
    visit.assert_clean()
    visit.context.close()
