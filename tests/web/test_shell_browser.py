"""The frame of the pages in a real browser: keyboard, colours, narrow, without scripts, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

if TYPE_CHECKING:
    from .conftest_server import Application

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/tour/?step=2",
    "/help/",
    "/account/",
    "/account/password/",
    "/users/",
    "/users/new/",
    "/no/such/page/",
)
DARK = "rgb(20, 25, 31)"
LIGHT = "rgb(255, 255, 255)"

# targets of less than 24 by 24 pixels that are seen; links within a sentence may be smaller
_SMALL_TARGETS = """
[...document.querySelectorAll("header a, nav a, button, summary, input")]
  .filter((each) => each.checkVisibility() && each.type !== "hidden")
  .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.width < 24 || box.height < 24))
  .map(([html]) => html)
"""


class Visit:
    """A window of a browser, and what it complained of or asked elsewhere."""

    def __init__(self, context: BrowserContext, application: Application) -> None:
        self.url = application.url
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", lambda request: self._asked(request.url))

    def _heard(self, message: object) -> None:
        text = message.text  # type: ignore[attr-defined]
        if "Content Security Policy" in text:
            self.complaints.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:")):
            self.elsewhere.append(url)

    def log_in(self, name: str, password: str) -> Page:
        self.page.goto(f"{self.url}/log-in/")
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/log-in/" not in url)
        if self.page.url.endswith("/tour/"):
            self.page.get_by_role("button", name="Skip the tour").click()
            self.page.wait_for_url(f"{self.url}/")
        return self.page

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.url}{path}")
        return self.page

    def overflows(self) -> bool:
        return bool(
            self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        )

    def barriers(self) -> list[tuple[str, str]]:
        found = Axe().run(self.page).response["violations"]
        return [(each["id"], each["nodes"][0]["html"]) for each in found]


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_by_keyboard(browser: Browser, running_application: Application) -> None:
    with browser.new_context() as context:
        visit = Visit(context, running_application)
        page = visit.log_in("administrator", running_application.users["administrator"])
        visit.open("/help/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.locator(".skip").bounding_box()["x"] >= 0, "the link is seen once it has the focus"  # type: ignore[index]
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"

        menu = page.locator(".user-menu > summary")
        menu.focus()
        page.keyboard.press("Enter")
        assert page.locator(".user-menu .menu-panel").is_visible()
        page.keyboard.press("Escape")
        assert not page.locator(".user-menu .menu-panel").is_visible()
        assert page.evaluate("document.activeElement.parentElement.className").split() == [
            "menu",
            "user-menu",
        ]
        page.keyboard.press("Enter")
        page.locator(".site-search input").focus()
        assert not page.locator(".user-menu .menu-panel").is_visible(), "it closes when the focus leaves"
        assert visit.complaints == []
        assert visit.elsewhere == []


def test_colours_change_at_once_and_stay(browser: Browser, running_application: Application) -> None:
    with browser.new_context(color_scheme="light") as context:
        visit = Visit(context, running_application)
        page = visit.log_in("administrator", running_application.users["administrator"])
        visit.open("/users/new/")
        page.get_by_label("Username").fill("half a form")
        assert background(page) == LIGHT
        page.locator(".user-menu > summary").click()
        page.get_by_role("button", name="Dark").click()
        page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
        assert background(page) == DARK
        assert page.get_by_label("Username").input_value() == "half a form", "nothing that was typed is lost"
        assert page.get_by_role("button", name="Dark").get_attribute("aria-pressed") == "true"
        visit.open("/help/")
        assert background(page) == DARK
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.querySelector('.site-head')).display") == "none"
        assert page.evaluate("getComputedStyle(document.querySelector('.side-nav')).display") == "none"
        assert background(page) == LIGHT, "paper is white"
        assert visit.complaints == []


def test_without_scripts_and_narrow(browser: Browser, running_application: Application) -> None:
    viewport = {"width": 320, "height": 640}
    with browser.new_context(java_script_enabled=False, viewport=viewport) as context:
        visit = Visit(context, running_application)
        page = visit.log_in("administrator", running_application.users["administrator"])
        link = page.get_by_role("link", name="Users", exact=True)
        assert link.count() == 0
        page.locator(".narrow-menu > summary").click()
        link.click()
        assert page.url.endswith("/users/")
        page.locator(".user-menu > summary").click()
        page.locator(".user-menu").get_by_role("button", name="Dark").click()
        assert page.url.endswith("/users/")
        assert page.locator("html[data-theme=dark]").count() == 1
        page.locator(".user-menu > summary").click()
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/log-in/")


@pytest.mark.parametrize(
    ("scheme", "width", "paths"), [("light", 1280, PAGES), ("dark", 320, ("/", "/account/", "/users/"))]
)
def test_pages_have_no_barriers(
    browser: Browser, running_application: Application, scheme: str, width: int, paths: tuple[str, ...]
) -> None:
    with browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}) as context:
        visit = Visit(context, running_application)
        visit.open("/log-in/")
        assert visit.barriers() == []
        page = visit.log_in("administrator", running_application.users["administrator"])
        for path in paths:
            visit.open(path)
            assert visit.barriers() == [], path
            assert not visit.overflows(), path
        for summary in page.locator("summary:visible").all():
            summary.press("Enter")
            assert not visit.overflows()
        assert visit.barriers() == []
        small = page.evaluate(_SMALL_TARGETS)
        assert small == []
        assert visit.elsewhere == []
        assert visit.complaints == []
