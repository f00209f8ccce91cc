"""``geomonitor data``: bring data in, see what is there, and check it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geomonitor.cli.fetch import fetch_command, sources_command
from geomonitor.cli.options import OutputFormat, parse_years

__all__ = ["app"]

app = typer.Typer(help="Bring data in, see what is there, and check it.", no_args_is_help=True)
app.command("fetch")(fetch_command)
app.command("sources")(sources_command)

_Format = Annotated[OutputFormat, typer.Option("--format", help="How to print it.")]
_Out = Annotated[Path | None, typer.Option("--out", help="Write to this file instead.")]
_Name = Annotated[str, typer.Argument(help="The name of a dataset; see `geomonitor data list`.")]


@app.command("list")
def list_datasets(format: _Format = OutputFormat.table, out: _Out = None) -> None:  # noqa: A002
    """List the datasets: the sample that ships with Geomonitor, and those that were added.

    Example: geomonitor data list --format json
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.data.store import Store

    rows = [
        {
            "name": found.name,
            "title": found.metadata["title"],
            "hs_revision": found.hs_revision,
            "first_year": min(found.years),
            "last_year": max(found.years),
            "rows": found.metadata["rows"],
            "products": found.metadata["products"],
            "economies": found.metadata["economies"],
            "licence": found.metadata["licence"],
        }
        for found in Store().datasets()
    ]
    emit(pl.DataFrame(rows, infer_schema_length=None), format, title="Datasets", out=out)


@app.command("show")
def show_dataset(name: _Name, format: _Format = OutputFormat.table, out: _Out = None) -> None:  # noqa: A002
    """Show where a dataset comes from, what it covers, and the repairs that were applied to it.

    Example: geomonitor data show baci-hs92-raw-materials
    """
    import json

    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.data.store import Store

    found = Store().dataset(name)
    rows: list[dict[str, str]] = [{"key": "path", "value": str(found.path)}]
    for key, value in found.metadata.items():
        if key == "years":
            rows.append({"key": key, "value": f"{min(value)}-{max(value)} ({len(value)} years)"})
        elif key in ("files", "inputs"):
            rows.extend(
                {"key": key, "value": f"{file['name']}: {file['rows']:,} rows, sha256 {file['sha256']}"}
                for file in value
            )
        elif isinstance(value, list):
            rows.extend({"key": key, "value": str(item)} for item in value)
        elif isinstance(value, dict):
            rows.append({"key": key, "value": json.dumps(value)})
        else:
            rows.append({"key": key, "value": "-" if value is None else str(value)})
    emit(pl.DataFrame(rows), format, title=name, out=out)


@app.command("add")
def add_dataset(
    path: Annotated[Path, typer.Argument(help="The zip, folder or file as published.")],
    name: Annotated[str, typer.Option(help="The name to keep it under, such as baci-hs17.")],
    format: Annotated[str, typer.Option("--format", help="baci, comtrade or canonical.")],  # noqa: A002
    revision: Annotated[
        str | None, typer.Option(help="The HS revision, such as HS17, where the files do not name it.")
    ] = None,
    years: Annotated[str | None, typer.Option(help="Keep these years only, such as 2015-2023.")] = None,
    flow: Annotated[str, typer.Option(help="Comtrade: whose reports to read, import or export.")] = "import",
    title: Annotated[str | None, typer.Option(help="A title for people.")] = None,
    source: Annotated[
        str | None, typer.Option(help="The source it is from: `geomonitor data sources`.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of a dataset of this name.")
    ] = False,
    allow_missing_years: Annotated[
        bool, typer.Option("--allow-missing-years", help="Accept years missing in the middle.")
    ] = False,
) -> None:
    """Read, verify and keep a published release.

    Nothing is kept unless all of it is sound; adding the same bytes again does nothing.

    Example: geomonitor data add BACI_HS17_V202501.zip --format baci --name baci-hs17
    """
    import sys

    from geomonitor.data.store import Store

    added = Store().add(
        path,
        name=name,
        format=format,
        revision=revision,
        years=parse_years(years),
        flow=flow,
        title=title,
        source=source,
        replace=replace,
        allow_missing_years=allow_missing_years,
        progress=sys.stderr.isatty(),
    )
    known = added.dataset.metadata
    if added.outcome == "unchanged":
        typer.echo(f"{name} has these bytes already: nothing to do.")
        return
    typer.echo(
        f"{added.outcome.capitalize()} {name}: {known['rows']:,} rows, {known['products']:,} products, "
        f"{known['economies']:,} economies, {min(known['years'])}-{max(known['years'])}, "
        f"{known['hs_revision']}."
    )
    for note in known["notes"]:
        typer.echo(f"  note: {note}")


@app.command("check")
def check_dataset(
    name: _Name,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Run this check only; may be repeated.")
    ] = None,
    worst: Annotated[
        int, typer.Option("--worst", min=0, help="Print so many of the worst rows of each check.")
    ] = 0,
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
) -> None:
    """Run the named consistency checks; exit with 1 when figures from the dataset would be wrong.

    Example: geomonitor data check baci-hs92-raw-materials --only unit_value_outliers --worst 5
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.data.checks import run_checks
    from geomonitor.data.store import Store

    results = run_checks(Store().dataset(name), only or None, worst=worst)
    if format is OutputFormat.table:
        summary = pl.DataFrame(
            [(found.name, found.severity, found.count, found.title) for found in results],
            schema={"check": pl.String, "severity": pl.String, "count": pl.Int64, "title": pl.String},
            orient="row",
        )
        emit(summary, format, title=f"Checks of {name}", out=out)
        if out is None:
            for found in results:
                if found.worst.height:
                    emit(found.worst, format, title=f"Worst of {found.name}")
                    typer.echo(f"  {found.explanation}\n")
    else:
        import json

        # One row a check; its worst rows travel as JSON text, since their columns differ.
        rows = [
            {
                "check": found.name,
                "severity": found.severity,
                "count": found.count,
                "title": found.title,
                "worst": json.dumps(found.worst.to_dicts()),
            }
            for found in results
        ]
        emit(pl.DataFrame(rows), format, out=out)
    if any(found.failed for found in results):
        raise typer.Exit(1)


@app.command("path")
def dataset_path(name: _Name) -> None:
    """Print the folder of a dataset.

    Example: ls $(geomonitor data path baci-hs92-raw-materials)
    """
    from geomonitor.data.store import Store

    typer.echo(str(Store().dataset(name).path))


@app.command("remove")
def remove_dataset(
    name: _Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a dataset from the store.

    Example: geomonitor data remove baci-hs17 --yes
    """
    from geomonitor.data.store import Store

    store = Store()
    folder = store.dataset(name).path
    if not yes:
        typer.confirm(f"Remove {name} from {folder.parent}?", abort=True)
    store.remove(name)
    typer.echo(f"Removed {name}.")
