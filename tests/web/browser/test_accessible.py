"""Every page with axe, in both languages; by keyboard alone, on narrow screens and enlarged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from web.browser.visiting import Visit
from web.page_table import ARGUMENTS

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from web.conftest_server import Application

pytestmark = pytest.mark.browser

# what is no page to look at: data, files, and addresses that only take a form
NO_PAGES = frozenset(
    {
        "api-token-revoke", "audit-export", "base-map", "case-access-end", "case-access-give", "case-assign",
        "case-decision-judge", "case-dossier-style", "case-json", "case-schema", "case-step-complete",
        "case-visibility", "coercion-case-withdraw", "edition-file", "end-judgement", "end-sessions",
        "exchange-schema", "follow", "follow-addresses", "follow-mail", "follow-search", "following-calendar",
        "following-feed", "forget-search", "judge-state", "link-paper", "mark-seen", "sync-dossier",
        "unfollow",
        "export", "figure-data", "health", "health-live", "import", "import-apply", "instrument-withdraw",
        "job-cancel", "log-out", "openapi", "scenario-result", "set-language", "set-theme",
    }
)  # fmt: skip
ADMINISTRATORS = frozenset({"users", "user-new", "user-change", "audit-trail"})
DARK = (
    "home", "dependencies", "product", "case", "case-risk", "case-options", "instruments", "chains", "paper",
    "dossier",
)  # fmt: skip

# what the register of the running application is filled with, and the address of each page in it
_FILL = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import django
django.setup()
from django.conf import settings
from geomonitor.findings import Edition
from geomonitor.register.models import User
from web.page_table import ARGUMENTS, address
from web.whole_register import whole_register
names = ("reader", "analyst", "decision_maker", "administrator", "second_analyst")
folder = next(each for each in Path(settings.EDITIONS).iterdir() if (each / "edition.json").exists())
text = "China delivers nearly all of it; firms hold stocks for two months, and a second source takes years."
users = {name: User.objects.get(username=name) for name in names}
register = whole_register(users, Edition.open(folder), text)
pages = {name: address(name, register) for name in ARGUMENTS}
pages["closed case"] = f"/cases/{register.followed.reference}/decision/"
pages["failed job"] = f"/jobs/{register.jobs['failed'].pk}/"
pages["found"] = "/search/?q=tungsten"
pages["papers found"] = "/papers/?q=China+delivers"
pages["nothing found"] = "/search/?q=qqqqqq"
pages["not there"] = "/no/such/page/"
pages["form with errors"] = pages["case-new"]
print(json.dumps(pages))
"""

_OPTIONS = {
    "resultTypes": ["violations"],
    "preload": False,
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
}
_OVERFLOW = """
[document.documentElement.scrollWidth - document.documentElement.clientWidth,
 [...document.querySelectorAll("main *")]
   .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
   .filter((each) => !each.closest(".table-scroll, .plot, pre"))
   .slice(0, 3).map((each) => each.outerHTML.slice(0, 90))]
"""

# Of rows, entries and marks in figures that are alike but for their words and numbers, axe reads two in
# English: contrast takes it a second a page. In Dutch it reads every one, for all that is not contrast.
_PUT_APART = """
() => {
  const told = /^(class|style|role|type|scope|lang|hidden|disabled|fill|stroke|aria-(hidden|current|sort))$/;
  const value = (text, name) => told.test(name) ? "=" + text : text.trim() ? "" : "=nothing";
  const kind = (node) => node.nodeType === Node.TEXT_NODE ? (node.data.trim() ? "text" : "")
    : node.nodeType !== Node.ELEMENT_NODE ? ""
    : "<" + node.nodeName
      + node.getAttributeNames().sort().map((name) => " " + name + value(node.getAttribute(name), name))
      + ">" + [...node.childNodes].map(kind).join("") + "</>";
  window.putApart = [];
  for (const around of document.querySelectorAll("tbody, ul, ol, datalist, select, svg, svg *")) {
    if (!around.isConnected) continue;
    const seen = new Map();
    for (const each of [...around.children]) {
      const alike = kind(each), times = (seen.get(alike) || 0) + 1;
      seen.set(alike, times);
      if (times > 2) {
        const place = document.createComment("alike");
        each.replaceWith(place);
        window.putApart.push([place, each]);
      }
    }
  }
  return window.putApart.length;
}
"""
_PUT_BACK = "() => window.putApart.reverse().forEach(([place, each]) => place.replaceWith(each))"


@pytest.fixture(scope="module")
def pages(running_application: Application, pytestconfig: pytest.Config) -> Mapping[str, str]:
    """The address of every page that people look at, by name."""
    said = running_application.run(_FILL, str(pytestconfig.rootpath / "tests"))
    every: dict[str, str] = json.loads(said.strip().splitlines()[-1])
    return {name: url for name, url in every.items() if name not in NO_PAGES and name != "log-in"}


@pytest.fixture(scope="module")
def visits(
    browser: Browser, running_application: Application, pages: object
) -> Iterator[Mapping[str, Visit]]:
    """A window of an analyst and one of an administrator."""
    made = {name: Visit(browser, running_application.url) for name in ("analyst", "administrator")}
    for name, visit in made.items():
        visit.log_in(name, running_application.users[name])
    yield made
    for visit in made.values():
        visit.context.close()


def _of(visits: Mapping[str, Visit], name: str) -> Visit:
    return visits["administrator" if name in ADMINISTRATORS else "analyst"]


def _barriers(page: Page, *, contrast: bool = True) -> list[str]:
    """Give what axe calls serious or critical, with the first element."""
    rules = {"color-contrast": {"enabled": contrast}}
    found = Axe().run(page, options={**_OPTIONS, "rules": rules}).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]}"
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]


def _speak(visits: Mapping[str, Visit], language: str) -> None:
    for visit in visits.values():
        visit.open("/help/")
        wanted = visit.page.locator(f".language-switch button[value={language}]")
        if wanted.count():
            wanted.click()
        expect(visit.page.locator("html")).to_have_attribute("lang", language)


def _looked_at(
    visits: Mapping[str, Visit], pages: Mapping[str, str], names: Any, look: Any
) -> dict[str, list[str]]:
    faults = {}
    for name in names:
        page = _of(visits, name).open(pages[name])
        if name == "form with errors":
            page.get_by_role("button", name="Open the case").or_(
                page.get_by_role("button", name="Dossier openen")
            ).click()
        found = look(page)
        if found:
            faults[name] = found
    return faults


def test_every_page_is_looked_at(pages: Mapping[str, str]) -> None:
    assert set(ARGUMENTS) > NO_PAGES
    assert set(ARGUMENTS) - NO_PAGES - {"log-in"} <= set(pages)


def test_axe_does_find_what_is_wrong(visits: Mapping[str, Visit], pages: Mapping[str, str]) -> None:
    page = visits["analyst"].open(pages["help"])
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert [each.partition(":")[0] for each in _barriers(page)] == ["button-name"]


def test_a_row_that_differs_is_read(browser: Browser) -> None:
    rows = [f"<tr><td>{number}</td></tr>" for number in range(40)]
    rows[30] = '<tr><td style="color: #cccccc">30</td></tr>'
    page = browser.new_page()
    page.set_content(f"<html lang='en'><title>Rows</title><main><table>{''.join(rows)}</table></main></html>")
    whole = page.content()
    assert page.evaluate(_PUT_APART) == 37
    assert [each.partition(":")[0] for each in _barriers(page)] == ["color-contrast"]
    page.evaluate(_PUT_BACK)
    assert page.content() == whole
    page.close()


def _overflow(page: Page, widths: tuple[int, ...]) -> list[str]:
    """Give what stands outside a narrow page: 320 pixels, and 640, which 1,280 enlarged to 200 % leave."""
    faults = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 700})
        over, elements = page.evaluate(_OVERFLOW)
        if over > 0 and page.locator(".js-plotly-plot").count():
            # figures follow the width a moment later
            for _ in range(20):
                page.wait_for_timeout(100)
                over, elements = page.evaluate(_OVERFLOW)
                if over <= 0:
                    break
        if over > 0:
            faults += [f"{over} pixels over {width}", *elements]
    page.set_viewport_size({"width": 1280, "height": 900})
    return faults


@pytest.mark.parametrize("language", ["en", "nl"])
def test_nothing_stands_in_the_way(
    language: str, visits: Mapping[str, Visit], pages: Mapping[str, str]
) -> None:
    _speak(visits, language)
    first = language == "en"
    if not first:
        # the second time without figures, whose Dutch stands in their descriptions and tables, and colours
        for visit in visits.values():
            visit.page.route("**/plotly*.js", lambda route: route.abort())

    def look(page: Page) -> list[str]:
        if not first:
            return _barriers(page, contrast=False) + _overflow(page, (320,))
        page.evaluate(_PUT_APART)
        found = _barriers(page)
        page.evaluate(_PUT_BACK)
        return found + _overflow(page, (640, 320))

    try:
        assert _looked_at(visits, pages, sorted(pages), look) == {}
    finally:
        for visit in visits.values():
            visit.page.unroute("**/plotly*.js")
        _speak(visits, "en")


def test_nor_in_the_dark(visits: Mapping[str, Visit], pages: Mapping[str, str]) -> None:
    visits["analyst"].page.emulate_media(color_scheme="dark")
    try:
        assert _looked_at(visits, pages, DARK, _barriers) == {}
    finally:
        visits["analyst"].page.emulate_media(color_scheme="light")


def test_the_page_to_log_in(browser: Browser, running_application: Application) -> None:
    visit = Visit(browser, running_application.url)
    for language in ("en", "nl"):
        page = visit.open("/log-in/")
        if page.locator("html").get_attribute("lang") != language:
            page.locator(".language-switch button").click()
        assert page.locator("html").get_attribute("lang") == language
        assert _barriers(page) == []
    visit.context.close()


def test_by_keyboard_alone(visits: Mapping[str, Visit], pages: Mapping[str, str]) -> None:
    visit = visits["analyst"]
    page = visit.open(pages["dependencies"])
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    # whatever has the focus shows it, and is seen
    unseen = []
    for _ in range(25):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            """() => { const here = document.activeElement, box = here.getBoundingClientRect(),
                 style = getComputedStyle(here);
               return [here.outerHTML.slice(0, 100),
                 (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)
                   || style.boxShadow !== "none",
                 box.width > 0 && box.bottom > 0 && box.top < innerHeight]; }"""
        )
        if not (shown[1] and shown[2]):
            unseen.append(shown)
    assert unseen == []
    slider = page.get_by_role("slider").first
    slider.focus()
    before = slider.input_value()
    page.keyboard.press("ArrowLeft")
    assert slider.input_value() != before
    page.wait_for_url("**t_**")


def test_the_menu_of_a_narrow_screen_opens_by_keyboard(
    visits: Mapping[str, Visit], pages: Mapping[str, str]
) -> None:
    visit = visits["analyst"]
    visit.page.set_viewport_size({"width": 360, "height": 700})
    try:
        page = visit.open(pages["home"])
        menu = page.locator(".narrow-menu > summary")
        menu.focus()
        page.keyboard.press("Enter")
        entry = page.locator(".narrow-menu").get_by_role("link", name="Cases")
        expect(entry).to_be_visible()
        entry.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/cases/")
    finally:
        visit.page.set_viewport_size({"width": 1280, "height": 900})
