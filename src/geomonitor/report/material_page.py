"""A page of its own for one raw material: one HTML file that needs no network."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from geomonitor.codes import material
from geomonitor.errors import UnknownCodeError
from geomonitor.report.brief import css_text, replace_file, static_text, template
from geomonitor.report.content import Content, EditionLike
from geomonitor.report.datatable import NUMERIC_KINDS
from geomonitor.report.figures.world import base_map
from geomonitor.report.material_blocks import plane_block
from geomonitor.report.material_panels import material_panel
from geomonitor.report.material_part import material_notes, material_view
from geomonitor.report.material_supply_blocks import factor_block, history_block, supplier_block

__all__ = ["material_page_html", "write_material_page"]


def write_material_page(edition: EditionLike, path: Path, name: str, language: str = "en") -> Path:
    """Write the page of one raw material of an edition.

    Parameters
    ----------
    edition : EditionLike
        Such as `geomonitor.findings.Edition`.
    path : pathlib.Path
        Where the file goes; its folder exists.
    name : str
        Code or name of the material.
    language : {'en', 'nl'}

    Returns
    -------
    pathlib.Path
        `path`.

    Raises
    ------
    DataError
        If a table or the record of the edition lacks something.
    UnknownCodeError
        If the edition does not have that material, or there is no page in that language.
    GeomonitorError
        If the file cannot be written; an older one is then still whole.
    """
    return replace_file(path, material_page_html(Content.of(edition, language), name).encode("utf-8"))


def material_page_html(content: Content, name: str) -> str:
    """Make the page of one raw material as text.

    Parameters
    ----------
    content : Content
    name : str
        Code or name of the material.

    Raises
    ------
    UnknownCodeError
        If the edition does not have that material; the message names near ones.
    """
    code = _code(content, name)
    say = content.language
    view = material_view(content, (code,))
    panel = material_panel(view, code)
    found = (plane_block(view), supplier_block(view), history_block(view), factor_block(view))
    return template("material.html.j2").render(
        t=say.say,
        language=say,
        content=content,
        version=content.record.get("geomonitor_version", ""),
        numeric=NUMERIC_KINDS,
        foreign=Markup(' lang="en"') if say.code != "en" else "",
        decimal="," if say.code == "nl" else ".",
        separator=";" if say.code == "nl" else ",",
        page_title=Markup(css_text(f"{panel.name}, {content.period_text}")),
        panel=panel,
        unfolded=True,
        panel_level=3,
        blocks=[each for each in found if each is not None],
        notes=material_notes(view),
        css=Markup(static_text("brief.css")),
        script=Markup(static_text("brief.js")),
        plotly=Markup(get_plotlyjs()),
        base_map=Markup(base_map()),
    )


def _code(content: Content, name: str) -> str:
    """Find a material of the edition by code or name."""
    present = sorted(set(content.tables["materials"]["material"]))
    if name in present:
        return name
    code = material(name).code
    if code in present:
        return code
    near = get_close_matches(code, present, n=3)
    raise UnknownCodeError(
        f"The edition has no raw material {name!r}.",
        where="tables/materials.parquet",
        expected=f"one of {', '.join(present)}" if present else "an edition with raw materials",
        next_step=f"Did you mean {' or '.join(near)}?" if near else "Choose one of the edition.",
    )
