"""Take the pictures of the documentation: of the brief of a real edition, the terminal, and figures.

    python scripts/docs_pictures.py [--edition FOLDER] [--out docs/images]
        [--only-chains] [--only-materials] [--only-shocks]

Runs the profile that ships with Geomonitor where no edition is named, opens the English brief in Chromium
with the network cut off, and writes one PNG a picture. A picture that is missing or too large is an error.
"""

from __future__ import annotations

import argparse
import html
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import plotly.graph_objects as go
import polars as pl
from playwright.sync_api import Page, sync_playwright

from geomonitor.chains import chain_named, exposure, leontief_system, stage_shares, supply_paths
from geomonitor.codes import material_name
from geomonitor.data import embedded_dataset, governance, open_flows
from geomonitor.data.input_output import embedded_input_output
from geomonitor.data.raw_materials import published_main_suppliers
from geomonitor.findings import Edition, write_edition
from geomonitor.materials import compare_stages, materials_from_trade
from geomonitor.monitor import load_profile, make_edition
from geomonitor.monitor.shock_results import sector_names
from geomonitor.report import write_brief
from geomonitor.report.figures.shock_prices import price_effects_figure
from geomonitor.shocks import run_scenario, scenario, sectors_meant
from geomonitor.shocks.calibrate import embedded_calibration
from geomonitor.trade import importer

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "images"
LARGEST_BYTES = 200_000
WIDTH_PIXELS, HEIGHT_PIXELS = 1100, 760
MARGIN_PIXELS = 16
FIGURE_WIDTH_PIXELS, FIGURE_HEIGHT_PIXELS, SECTORS_HEIGHT_PIXELS = 900, 480, 600
ROW_PIXELS = 17
LARGEST_PRICES = 14
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# name of the picture: where in the brief
ELEMENTS: Mapping[str, str] = {
    "count-over-years": "section[aria-labelledby=trend] .figure >> nth=0",
    "world-map": "section[aria-labelledby=value] .figure:has([id$=map]) >> nth=0",
    "years": "section[aria-labelledby=years] .figure >> nth=0",
    "relations": "section[aria-labelledby=relations] .figure >> nth=0",
    "methods-compared": "section[aria-labelledby=compared] .scroll >> nth=0",
    "product-panel": "article.panel >> nth=0",
    "chain-batteries": "section[aria-labelledby=chains] .figure:has([id$=chain-batteries]) >> nth=0",
}

# name of the picture: command, and the number of lines that are shown
COMMANDS: Mapping[str, tuple[str, int]] = {
    "terminal-explain": ("geomonitor explain 810600 --importer EU27_2020 --years 2021-2023", 38),
}


def brief_of_default_profile(folder: Path) -> Path:
    """Make an edition of the profile that ships with Geomonitor, with its English brief."""

    def write(edition: Edition, place: Path) -> None:
        write_brief(edition, place / "brief.en.html", language="en")

    written = write_edition(make_edition(load_profile()), folder, finish=write)
    assert written.path is not None
    return written.path / "brief.en.html"


def take(page: Page, brief: Path, out: Path) -> list[Path]:
    """Take every picture of a brief.

    Parameters
    ----------
    page : playwright.sync_api.Page
    brief : pathlib.Path
    out : pathlib.Path
        Folder of the pictures.

    Returns
    -------
    list of pathlib.Path
    """
    page.goto(brief.resolve().as_uri())
    page.wait_for_selector("html[data-figures=drawn]", state="attached", timeout=120_000)
    # contents beside the text would lie over tall elements
    page.add_style_tag(content="nav.contents, button.download { visibility: hidden !important; }")
    taken = []
    for name, where in ELEMENTS.items():
        taken.append(out / f"{name}.png")
        box = page.locator(where).bounding_box()
        assert box is not None
        clip = {
            "x": box["x"] - MARGIN_PIXELS,
            "y": box["y"] - MARGIN_PIXELS,
            "width": box["width"] + 2 * MARGIN_PIXELS,
            "height": box["height"] + 2 * MARGIN_PIXELS,
        }
        page.screenshot(path=taken[-1], animations="disabled", full_page=True, clip=clip)
    page.add_style_tag(content="nav.contents { visibility: visible !important; }")
    page.evaluate("window.scrollTo(0, 0)")
    taken.append(out / "brief-top.png")
    page.screenshot(path=taken[-1], animations="disabled")
    return taken


def take_terminal(page: Page, out: Path) -> list[Path]:
    """Take a picture of what commands print.

    Parameters
    ----------
    page : playwright.sync_api.Page
    out : pathlib.Path
        Folder of the pictures.

    Returns
    -------
    list of pathlib.Path
    """
    taken = []
    for name, (command, lines) in COMMANDS.items():
        program = Path(sys.executable).with_name("geomonitor")
        printed = subprocess.run(
            [program, *command.split()[1:]], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        shown = [f"$ {command}", "", *printed[:lines], *(["..."] if len(printed) > lines else [])]
        page.set_content(
            "<pre style='font: 13px/1.45 monospace; margin: 0; padding: 16px; width: max-content;"
            f" background: #1b2a3d; color: #f3f6fa'>{html.escape(chr(10).join(shown))}</pre>"
        )
        taken.append(out / f"{name}.png")
        page.locator("pre").screenshot(path=taken[-1])
    return taken


def chain_figures() -> dict[str, go.Figure]:
    """Draw the figures of the pages on value chains and stacking, from the embedded data.

    Returns
    -------
    dict of str to plotly.graph_objects.Figure
        By name of the picture.
    """
    table = embedded_input_output()
    system = leontief_system(table)
    (robotics,) = stage_shares(
        [chain_named("robotics")],
        importer("EU27_2020"),
        dataset=embedded_dataset(),
        years=(2022, 2023, 2024),
        table=table,
    )
    return {
        "exposure-sectors": exposure(system, "NLD", "CHN", sectors=["manufacturing"]).plot(),
        "supply-paths": supply_paths(system, "NLD", "CHN", sectors=["C27"], top=12).plot(),
        "stacking-robotics": robotics.plot(),
    }


def material_figures() -> dict[str, go.Figure]:
    """Draw the figures of the pages on raw materials: published facts, and the embedded data.

    Returns
    -------
    dict of str to plotly.graph_objects.Figure
        By name of the picture.
    """
    suppliers = published_main_suppliers().filter(scope="world").unique(["material", "stage"], keep="first")
    compared = compare_stages(
        suppliers.select("material", "stage", supplier="economy", value="share"),
        measure="share of the largest supplier in world supply, 2016-2020 (study of 2023)",
    )
    dataset, years = embedded_dataset(), (2022, 2023, 2024)
    assessed = materials_from_trade(
        open_flows(dataset, years=years),
        dataset.hs_revision,
        [importer("EU27_2020")],
        years,
        governance(max(years)),
    ).assessment
    figures = {"materials-stages": compared.plot(), "materials-bounds": assessed.plot()}
    for figure in figures.values():
        for trace in figure.data:
            trace.y = [material_name(code) for code in trace.y]
        ordered = figure.layout.yaxis.categoryarray
        if ordered is not None:
            figure.update_yaxes(categoryarray=[material_name(code) for code in ordered])
        rows = len({name for trace in figure.data for name in trace.y})
        figure.update_layout(
            yaxis={"dtick": 1}, height=ROW_PIXELS * rows + 120, margin={"t": 30, "b": 60, "r": 30}
        )
    return figures


def shock_figures() -> dict[str, go.Figure]:
    """Draw the figure of the page on shocks: Dutch prices, from the embedded calibration.

    Returns
    -------
    dict of str to plotly.graph_objects.Figure
        By name of the picture.
    """
    calibration = embedded_calibration()
    result = run_scenario(calibration, scenario("eu-china-25pp"), ["NLD"])
    marks = sectors_meant(calibration, ["goods"])
    goods = [code for code, marked in zip(calibration.sectors, marks, strict=True) if marked]
    prices = (
        result.sectors.filter(pl.col("economy") == "NLD", pl.col("sector").is_in(goods))
        .join(sector_names(calibration), on="sector")
        .sort("total_price_change", "sector", descending=[True, False])
        .head(LARGEST_PRICES)
        .with_columns(label="sector_name_en")
    )
    return {"shock-prices": price_effects_figure(prices)}


def take_figures(page: Page, out: Path, figures: Mapping[str, go.Figure]) -> list[Path]:
    """Take a picture of every figure.

    Parameters
    ----------
    page : playwright.sync_api.Page
    out : pathlib.Path
        Folder of the pictures.
    figures : mapping of str to plotly.graph_objects.Figure
        Of `chain_figures`, `material_figures` or `shock_figures`.

    Returns
    -------
    list of pathlib.Path
    """
    taken = []
    for name, figure in figures.items():
        figure.update_layout(
            width=FIGURE_WIDTH_PIXELS,
            height=figure.layout.height or FIGURE_HEIGHT_PIXELS,
            template="plotly_white",
            font={"size": 13},
        )
        # every sector gets its name, and a note stands above the axis
        figure.update_annotations(yanchor="bottom")
        if name == "exposure-sectors":
            figure.update_layout(height=SECTORS_HEIGHT_PIXELS, yaxis={"dtick": 1})
        page.set_content(figure.to_html(include_plotlyjs=True, config={"staticPlot": True}))
        page.wait_for_selector(".plotly .main-svg", timeout=120_000)
        taken.append(out / f"{name}.png")
        page.locator(".plotly-graph-div").screenshot(path=taken[-1], animations="disabled")
    return taken


def main() -> None:
    """Read the arguments and take the pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--edition", type=Path, help="folder of an edition with brief.en.html")
    parser.add_argument("--out", type=Path, default=PICTURES)
    parser.add_argument("--only-chains", action="store_true", help="only the figures of value chains")
    parser.add_argument("--only-materials", action="store_true", help="only the figures of raw materials")
    parser.add_argument("--only-shocks", action="store_true", help="only the figure of shocks")
    arguments = parser.parse_args()
    browser_path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser_path is None:
        sys.exit(f"No browser: install one of {', '.join(BROWSERS)}.")
    arguments.out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": WIDTH_PIXELS, "height": HEIGHT_PIXELS}, offline=True, color_scheme="light"
        )
        page = context.new_page()
        kinds = {
            "chains": (arguments.only_chains, chain_figures),
            "materials": (arguments.only_materials, material_figures),
            "shocks": (arguments.only_shocks, shock_figures),
        }
        some = any(wanted for wanted, _ in kinds.values())
        taken = []
        for wanted, figures in kinds.values():
            if wanted or not some:
                taken += take_figures(page, arguments.out, figures())
        if not some:
            if arguments.edition is not None:
                brief = arguments.edition / "brief.en.html"
            else:
                brief = brief_of_default_profile(Path(stack.enter_context(tempfile.TemporaryDirectory())))
            taken += take(page, brief, arguments.out) + take_terminal(page, arguments.out)
        browser.close()
    too_large = [file for file in taken if file.stat().st_size > LARGEST_BYTES]
    for file in taken:
        print(f"{file.name}: {file.stat().st_size:,} bytes")
    if too_large:
        sys.exit(f"Larger than {LARGEST_BYTES:,} bytes: {', '.join(file.name for file in too_large)}")


if __name__ == "__main__":
    main()
