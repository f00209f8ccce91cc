"""``geomonitor tables``: input-output tables: bring them in, see them, check their accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geomonitor.cli.options import OutputFormat

__all__ = ["app"]

app = typer.Typer(help="Input-output tables: bring them in, see them, check them.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(help="The name of a table; see `geomonitor tables list`.")]
_Format = Annotated[OutputFormat, typer.Option("--format", help="How to print it.")]
_Out = Annotated[Path | None, typer.Option("--out", help="Write to this file instead.")]


@app.command("list")
def list_tables(format: _Format = OutputFormat.table, out: _Out = None) -> None:  # noqa: A002
    """List the tables: the one that ships with Geomonitor, and those that were added.

    Example: geomonitor tables list
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.data.input_output import input_output_table, input_output_tables

    rows = []
    for name in input_output_tables():
        found = input_output_table(name)
        rows.append(
            {
                "name": name,
                "year": found.year,
                "economies": len(found.countries),
                "sectors": len(found.sectors),
                "final_demand_by_destination": found.has_destinations,
                "title": str(found.metadata.get("title", "")),
                "licence": str(found.metadata.get("licence", "")),
            }
        )
    emit(pl.DataFrame(rows), format, title="Input-output tables", out=out)


@app.command("add")
def add_table(
    path: Annotated[Path, typer.Argument(help="The file, zip or folder as published.")],
    table_format: Annotated[
        str,
        typer.Option("--format", help="oecd-icio, figaro, wiod-2013, wiod-2016, exiobase-3 or labelled."),
    ],
    name: Annotated[str, typer.Option("--name", help="The name to keep it under.")],
    year: Annotated[int | None, typer.Option("--year", help="Where the file does not name it.")] = None,
    usd_per_eur: Annotated[
        float | None,
        typer.Option("--usd-per-eur", help="Dollars a euro, for figaro and exiobase-3.", min=0.01),
    ] = None,
    repairs: Annotated[
        list[str] | None,
        typer.Option("--repair", help="Mend the accounts by name, recorded in the table; may be repeated."),
    ] = None,
) -> None:
    """Read a published table, check its accounts, and keep it.

    Example: geomonitor tables add 2022_SML.csv --format oecd-icio --name icio-2022
    """
    from geomonitor.data.input_output import read_input_output, repair, save_input_output

    found = read_input_output(path, table_format, year, name=name, usd_per_eur=usd_per_eur, check=not repairs)
    if repairs:
        found = repair(found, repairs)
    kept = save_input_output(found)
    for note in found.metadata.get("notes", ()):
        typer.echo(f"Note: {note}", err=True)
    typer.echo(
        f"{name}: {len(found.countries)} economies by {len(found.sectors)} sectors, {found.year}, in {kept}"
    )


@app.command("check")
def check_table(
    name: _Name,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Run this check only; may be repeated.")
    ] = None,
    worst: Annotated[
        int, typer.Option("--worst", min=0, help="Print so many of the worst cells of each check.")
    ] = 0,
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
) -> None:
    """Check the accounts of a table by name; exit with 1 when measures from it would be wrong.

    Example: geomonitor tables check oecd-icio-2022 --worst 3
    """
    import json

    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.data.input_output import check_accounts, input_output_table

    results = check_accounts(input_output_table(name), only or None, worst=worst)
    shown = [
        {
            "check": found.name,
            "severity": found.severity,
            "count": found.count,
            "explanation": found.explanation,
            # the worst cells travel as JSON text: one row a check
            **({} if format is OutputFormat.table else {"worst": json.dumps(found.worst.to_dicts())}),
        }
        for found in results
    ]
    emit(pl.DataFrame(shown), format, title=f"Accounts of {name}", out=out)
    if format is OutputFormat.table and out is None:
        for found in results:
            if found.worst.height:
                emit(found.worst, format, title=f"Worst of {found.name}")
    if any(found.failed for found in results):
        raise typer.Exit(1)
