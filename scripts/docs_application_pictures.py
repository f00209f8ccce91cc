"""Take the pictures of the application for the documentation.

    python scripts/docs_application_pictures.py [--out docs/images]

Starts the application with a home folder of its own, logs in as its first administrator and opens pages in
Chromium. A request to another host, a picture that is missing or one that is too large is an error.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from docs_pictures import BROWSERS, LARGEST_BYTES, PICTURES

WIDTH_PIXELS, HEIGHT_PIXELS = 1200, 800
PASSWORD = "only-for-the-pictures-1"
CASE = "/cases/{case}/"


@dataclass(frozen=True, slots=True)
class Picture:
    """Where a picture is taken.

    Attributes
    ----------
    path : str
        Of the page.
    place : str
        CSS of the element that is brought to the top; the head of the page where empty.
    height_pixels : int
    """

    path: str
    place: str = ""
    height_pixels: int = HEIGHT_PIXELS


PAGES: Mapping[str, Picture] = {
    "application-start": Picture("/"),
    "application-overview": Picture("/editions/latest/"),
    "application-dependencies": Picture("/editions/latest/dependencies/?importer=NLD", height_pixels=1000),
    "application-product": Picture("/editions/latest/products/810600/"),
    "application-chain": Picture("/editions/latest/chains/", ".figure", 900),
    "application-scenario": Picture("/editions/latest/shocks/", "main h2"),
    "application-case": Picture(CASE, height_pixels=1000),
    "application-risk": Picture(f"{CASE}risk/", height_pixels=1000),
    "application-coverage": Picture("/instruments/coverage/", height_pixels=900),
    "application-dossier": Picture(f"{CASE}dossier/", height_pixels=1000),
    "application-parliament": Picture("/dossiers/44999/", height_pixels=1000),
    "application-papers": Picture("/papers/?q=afhankelijkheid", height_pixels=1000),
    "application-motion": Picture("/motions/kst-44999-4/", height_pixels=1000),
    "application-paper": Picture("/papers/kst-44999-8/", height_pixels=1000),
    "application-following": Picture("/following/", height_pixels=1000),
    "application-audit": Picture("/audit/"),
    "application-import": Picture("/exchange/"),
}


@contextmanager
def application(home: Path) -> Iterator[tuple[str, str]]:
    """Serve the application, and give its address and the first password."""
    process = subprocess.Popen(
        [Path(sys.executable).with_name("geomonitor"), "serve", "--home", home, "--port", "8765"],
        stdout=subprocess.PIPE,
        text=True,
    )
    said = ""
    try:
        assert process.stdout is not None
        for line in process.stdout:
            said += line
            address = re.search(r"Geomonitor is at (http://[\d.:]+)/", said)
            if address:
                password = re.search(r"password: (\S+)", said)
                assert password is not None, said
                yield address[1], password[1]
                return
        sys.exit(f"The application did not start:\n{said}")
    finally:
        process.terminate()
        process.wait(60)


def log_in(page: Page, url: str, password: str) -> None:
    """Log in as the first administrator, whose password is changed on the way."""
    page.goto(f"{url}/log-in/")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/password/")
    page.fill("input[name=old_password]", password)
    page.fill("input[name=new_password1]", PASSWORD)
    page.fill("input[name=new_password2]", PASSWORD)
    page.press("input[name=new_password2]", "Enter")
    page.wait_for_url(lambda address: "password" not in address)


def take(page: Page, url: str, out: Path) -> list[Path]:
    """Take every picture; the case is the first one in the list."""
    # the first visit leads to the tour
    page.goto(url)
    page.goto(f"{url}/cases/")
    link = page.locator("main table a[href^='/cases/']").first.get_attribute("href")
    assert link is not None
    case = link.strip("/").split("/")[-1]
    # the page on what one follows would be empty
    page.goto(f"{url}/dossiers/44999/")
    page.locator("form.follow button").click()
    taken = []
    for name, picture in PAGES.items():
        page.set_viewport_size({"width": WIDTH_PIXELS, "height": picture.height_pixels})
        page.goto(url + picture.path.format(case=case))
        if picture.place:
            page.locator(picture.place).first.evaluate("element => element.scrollIntoView()")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1000)
        taken.append(out / f"{name}.png")
        page.screenshot(path=taken[-1], animations="disabled")
    return taken


def main() -> None:
    """Read the arguments and take the pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=PICTURES)
    arguments = parser.parse_args()
    browser_path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser_path is None:
        sys.exit(f"No browser: install one of {', '.join(BROWSERS)}.")
    with (
        tempfile.TemporaryDirectory() as folder,
        application(Path(folder) / "home") as (url, password),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(color_scheme="light", locale="en-GB")
        foreign: list[str] = []
        page.on(
            "request",
            lambda request: (
                foreign.append(request.url) if not request.url.startswith((url, "data:", "blob:")) else None
            ),
        )
        log_in(page, url, password)
        taken = take(page, url, arguments.out)
        browser.close()
    for file in taken:
        print(f"{file.name}: {file.stat().st_size:,} bytes")
    if foreign:
        sys.exit(f"Requests to other hosts: {', '.join(foreign)}")
    too_large = [file for file in taken if file.stat().st_size > LARGEST_BYTES]
    if too_large:
        sys.exit(f"Larger than {LARGEST_BYTES:,} bytes: {', '.join(file.name for file in too_large)}")


if __name__ == "__main__":
    main()
