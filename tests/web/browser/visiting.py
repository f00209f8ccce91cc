"""A window of a browser on the running application, which hears every request and complaint."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

__all__ = ["Visit"]


class Visit:
    """A browser of one user.

    Attributes
    ----------
    elsewhere : list of str
        Requests to another host.
    complaints : list of str
        Errors in scripts, what the policy on content stopped, answers that failed.
    """

    def __init__(self, browser: Browser, url: str, *, shots: Path | None = None, **options: Any) -> None:
        self.url = url
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        self.context.set_default_timeout(20_000)
        self.page: Page = self.context.new_page()
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        kept = os.environ.get("GEOMONITOR_SCREENSHOTS")
        own = shots or Path("screenshots")
        self._shots = Path(kept) / own.name if kept else own
        self._shot = 0
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:", "blob:")):
            self.elsewhere.append(request.url)

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.request.method} {response.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def open(self, path: str) -> Page:
        """Open a page."""
        self.page.goto(self.url + path)
        return self.page

    def log_in(self, name: str, password: str) -> Page:
        """Log in with the form."""
        self.open("/log-in/")
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_url(lambda url: "/log-in/" not in url)
        return self.page

    def shot(self, name: str) -> None:
        """Leave a screenshot."""
        self._shot += 1
        self._shots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self._shots / f"{self._shot:02d}-{name}.png", full_page=True)

    def assert_clean(self) -> None:
        """See that no other host was asked and nothing complained."""
        assert self.elsewhere == []
        assert self.complaints == []
