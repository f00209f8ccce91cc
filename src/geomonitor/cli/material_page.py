"""``geomonitor material-page``: one raw material of an edition on a page of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geomonitor.cli.options import Language

__all__ = ["material_page_command"]


def material_page_command(
    edition: Annotated[Path, typer.Argument(help="The folder of an edition, as `geomonitor run` leaves it.")],
    material: Annotated[str, typer.Argument(help="A raw material, such as tungsten or wolfraam.")],
    language: Annotated[Language, typer.Option("--language", help="Language of the page.")] = Language.en,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where it goes; MATERIAL.LANGUAGE.html here by default.")
    ] = None,
) -> None:
    """Write the page of one raw material: stages, factors, suppliers, the published lists, what is not known.

    One HTML file that needs no network.

    Example: geomonitor material-page editions/raw-materials-0123456789ab tungsten --language nl
    """
    from geomonitor.codes import material as known_material
    from geomonitor.findings import Edition
    from geomonitor.report import write_material_page

    code = known_material(material).code
    path = out or Path(f"{code}.{language.value}.html")
    write_material_page(Edition.open(edition), path, code, language.value)
    typer.echo(f"Page: {path}")
