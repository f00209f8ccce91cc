"""``geomonitor methods``: which methods there are, and what each of them says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geomonitor.cli.options import OutputFormat

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

    rows = [
        {
            "method": each.id,
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
    from geomonitor.dependency import method

    found = method(name)
    rows = [
        ("title", found.title["en"]),
        ("version", found.version),
        ("status", found.status),
        ("summary", found.summary["en"]),
        ("citation", found.citation),
        ("years", found.period_rule),
    ]
    for kind, conditions in (("test", found.conditions), (found.severe_name, found.severe_conditions)):
        rows += [(kind, f"{each.text()}: {each.meaning['en']} ({each.source})") for each in conditions]
    rows += [("known difference", text) for text in found.known_differences]
    emit(pl.DataFrame(rows, schema=["what", "text"], orient="row"), format, title=name, out=out)
