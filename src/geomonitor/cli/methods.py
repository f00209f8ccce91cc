"""``geomonitor methods``: which methods there are, and what each of them says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geomonitor.cli.options import OutputFormat

if TYPE_CHECKING:
    from geomonitor.dependency import MethodSpecification
    from geomonitor.materials import MaterialMethod

__all__ = ["app"]

app = typer.Typer(help="See which methods there are, and what each of them says.", no_args_is_help=True)

_Format = Annotated[OutputFormat, typer.Option("--format", help="How to print it.")]
_Out = Annotated[Path | None, typer.Option("--out", help="Write to this file instead.")]


@app.command("list")
def list_methods(format: _Format = OutputFormat.table, out: _Out = None) -> None:  # noqa: A002
    """List the methods.

    Example: geomonitor methods list
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.dependency import methods
    from geomonitor.materials import material_methods

    rows = [
        {
            "method": each.id,
            "of": "products",
            "version": each.version,
            "status": each.status,
            "title": each.title["en"],
            "tests": "; ".join(condition.text() for condition in (*each.conditions, *each.severe_conditions)),
            "years": "added up"
            if each.period_rule == "pooled"
            else f"met in {each.required_years} of {each.out_of_years}",
        }
        for each in methods().values()
    ]
    rows += [
        {
            "method": each.id,
            "of": "raw materials",
            "version": each.version,
            "status": each.status,
            "title": each.title["en"],
            "tests": "; ".join(f"{name} {value:g}" for name, value in each.thresholds.items()),
            "years": "as asked",
        }
        for each in material_methods().values()
    ]
    emit(pl.DataFrame(rows), format, title="Methods", out=out)


@app.command("show")
def show_method(
    name: Annotated[str, typer.Argument(help="Such as commission-2021.")],
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
) -> None:
    """Show the specification of a method: tests, thresholds, sources, known differences.

    Example: geomonitor methods show commission-2021
    """
    import polars as pl

    from geomonitor.cli.output import emit

    emit(
        pl.DataFrame(_specification(name), schema=["what", "text"], orient="row"), format, title=name, out=out
    )


def _specification(name: str) -> list[tuple[str, str]]:
    """Give a specification in rows: what, and the text."""
    from difflib import get_close_matches

    from geomonitor.dependency import methods
    from geomonitor.errors import UnknownCodeError
    from geomonitor.materials import material_methods

    of_products, of_materials = methods(), material_methods()
    if name in of_products:
        found = of_products[name]
        rows = _head(found)
        rows.append(("years", found.period_rule))
        for kind, conditions in (("test", found.conditions), (found.severe_name, found.severe_conditions)):
            rows += [(kind, f"{each.text()}: {each.meaning['en']} ({each.source})") for each in conditions]
        return rows + [("known difference", text) for text in found.known_differences]
    if name not in of_materials:
        known = [*of_products, *of_materials]
        near = get_close_matches(name, known, n=3)
        raise UnknownCodeError(
            f"There is no method {name!r}.",
            where="argument name",
            expected=f"one of {', '.join(known)}",
            next_step=f"Did you mean {' or '.join(near)}?" if near else None,
        )
    scored = of_materials[name]
    rows = _head(scored)
    for kind, numbers in (("test", scored.thresholds), ("parameter", scored.parameters)):
        for number, value in numbers.items():
            source = scored.sources.get(number)
            rows.append((kind, f"{number} {value:g}{f' ({source})' if source else ''}"))
    return rows + [("known difference", text) for text in scored.known_differences]


def _head(found: MethodSpecification | MaterialMethod) -> list[tuple[str, str]]:
    return [
        ("title", found.title["en"]),
        ("version", found.version),
        ("status", found.status),
        ("summary", found.summary["en"]),
        ("citation", found.citation),
    ]
