"""``geomonitor material-tables``: statistics of raw materials: bring them in, see them, check them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geomonitor.cli.options import OutputFormat

__all__ = ["app"]

app = typer.Typer(
    help="Statistics of raw materials: bring them in, see them, check them.", no_args_is_help=True
)

_Name = Annotated[str, typer.Argument(help="The name of data; see `geomonitor material-tables list`.")]
_Format = Annotated[OutputFormat, typer.Option("--format", help="How to print it.")]
_Out = Annotated[Path | None, typer.Option("--out", help="Write to this file instead.")]


@app.command("list")
def list_material_tables(format: _Format = OutputFormat.table, out: _Out = None) -> None:  # noqa: A002
    """List the data that were added.

    Example: geomonitor material-tables list
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.data.raw_materials import material_data, material_data_list

    schema = {
        "name": pl.String,
        "format": pl.String,
        "measures": pl.String,
        "materials": pl.Int64,
        "rows": pl.Int64,
        "years": pl.String,
        "errors_accepted": pl.Int64,
        "warnings": pl.Int64,
        "producer": pl.String,
        "licence": pl.String,
    }
    rows = []
    for name in material_data_list():
        found = material_data(name)
        years = found.table["year"].drop_nulls().unique().sort().to_list()
        rows.append(
            {
                "name": name,
                "format": found.metadata["reader"],
                "measures": ", ".join(found.table["measure"].unique().sort()),
                "materials": found.table["material"].n_unique(),
                "rows": found.table.height,
                "years": "-".join(dict.fromkeys((str(years[0]), str(years[-1])))) if years else "",
                "errors_accepted": sum(check.count for check in found.failed_checks),
                "warnings": sum(check.count for check in found.checks if check.severity == "warning"),
                "producer": found.metadata["producer"],
                "licence": found.metadata["licence"],
            }
        )
    emit(pl.DataFrame(rows, schema=schema), format, title="Raw-material data", out=out)


@app.command("add")
def add_material_table(
    path: Annotated[Path, typer.Argument(help="The file as published.")],
    data_format: Annotated[
        str,
        typer.Option(
            "--format",
            help="eu-crm-world-supply, eu-crm-sourcing, eu-crm-use, world-mining-data, usgs-mcs, bgs-wms or "
            "iea-cmde.",
        ),
    ],
    name: Annotated[str, typer.Option("--name", help="The name to keep it under.")],
    years: Annotated[
        str | None, typer.Option("--years", help="For the EU studies: the years of the shares.")
    ] = None,
    importer: Annotated[
        str | None, typer.Option("--importer", help="For sourcing and use: whose they are.")
    ] = None,
    material: Annotated[
        str | None, typer.Option("--material", help="For usgs-mcs: the material of a file that names none.")
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", help="Keep it although this check failed, and record so; may be repeated."),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of the same name.")] = False,
) -> None:
    """Read a published file, check it, and keep it.

    Example: geomonitor material-tables add shares.csv --format eu-crm-sourcing --name eu-sourcing
    """
    from geomonitor.data.raw_materials import add_material_data

    found = add_material_data(
        path,
        data_format,
        name=name,
        years=years,
        importer=importer,
        material=material,
        accept=accept or (),
        replace=replace,
    )
    for check in found.checks:
        if check.count and check.severity != "note":
            said = check.severity.capitalize()
            typer.echo(f"{said}: {check.count} {check.name}. {check.explanation}", err=True)
    for note in found.metadata["notes"]:
        typer.echo(f"Note: {note}", err=True)
    typer.echo(
        f"{name}: {found.table.height} rows on {found.table['material'].n_unique()} materials; "
        f"see geomonitor material-tables check {name}"
    )


@app.command("check")
def check_material_table(
    name: _Name,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="This check only; may be repeated.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also checks that found nothing.")] = False,
    rows: Annotated[bool, typer.Option("--rows", help="Print every row that was found.")] = False,
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
) -> None:
    """Show what the checks found, by name; exit with 1 when one failed that was not accepted.

    Example: geomonitor material-tables check eu-sourcing --only share_sum --rows
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.data.raw_materials import material_data

    found = material_data(name)
    wanted = [found.check(each) for each in dict.fromkeys(only)] if only else list(found.checks)
    shown = [check for check in wanted if check.count or every or only]
    if rows:
        table = pl.concat(
            [
                check.rows.select(
                    pl.lit(check.name).alias("check"), pl.lit(check.severity).alias("severity"), pl.all()
                )
                for check in shown
            ]
            or [pl.DataFrame({"check": []}, schema={"check": pl.String})]
        )
    else:
        table = pl.DataFrame(
            [
                {
                    "check": check.name,
                    "severity": check.severity,
                    "count": check.count,
                    "explanation": check.explanation,
                }
                for check in shown
            ],
            schema={"check": pl.String, "severity": pl.String, "count": pl.Int64, "explanation": pl.String},
        )
    emit(table, format, title=f"Checks of {name}", out=out)
    if any(check.failed for check in wanted if check.name not in found.metadata["accepted"]):
        raise typer.Exit(1)


@app.command("show")
def show_material_table(
    name: _Name,
    material: Annotated[str | None, typer.Option("--material", help="This material only.")] = None,
    stage: Annotated[str | None, typer.Option("--stage", help="extraction or processing only.")] = None,
    sums: Annotated[bool, typer.Option("--sums", help="The sums of shares instead of the rows.")] = False,
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
) -> None:
    """Show the rows of data, or the sums of their shares.

    Example: geomonitor material-tables show eu-sourcing --material tungsten
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.codes import MATERIAL_STAGES
    from geomonitor.codes import material as known_material
    from geomonitor.data.raw_materials import material_data, share_sums
    from geomonitor.errors import UnknownCodeError

    table = material_data(name).table
    if material is not None:
        table = table.filter(pl.col("material") == known_material(material).code)
    if stage is not None:
        if stage not in MATERIAL_STAGES:
            raise UnknownCodeError(
                f"There is no stage {stage!r}.", expected=f"one of {', '.join(MATERIAL_STAGES)}"
            )
        table = table.filter(pl.col("stage") == stage)
    if sums:
        table = share_sums(table)
    if format is OutputFormat.table:
        # columns without a value say nothing to a reader
        table = table.select(column.name for column in table if column.null_count() < max(table.height, 1))
    emit(table, format, title=f"{name}: {'sums of shares' if sums else 'rows'}", out=out)


@app.command("remove")
def remove_material_table(
    name: _Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove data from the store.

    Example: geomonitor material-tables remove eu-sourcing --yes
    """
    from geomonitor.data.raw_materials import material_data, remove_material_data

    material_data(name)
    if not yes:
        typer.confirm(f"Remove {name}?", abort=True)
    remove_material_data(name)
    typer.echo(f"Removed {name}.")
