"""``geomonitor data fetch`` and ``geomonitor data sources``: what can be brought in, and bringing it in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from geomonitor.cli.options import OutputFormat
from geomonitor.errors import FetchError

__all__ = ["fetch_command", "sources_command"]


def fetch_command(
    source_id: Annotated[
        str, typer.Argument(metavar="SOURCE", help="Id of a source: see `geomonitor data sources`.")
    ],
    destination: Annotated[
        Path | None,
        typer.Option(
            "--to", metavar="FOLDER", help="Folder for the file; by default `downloads` in the store."
        ),
    ] = None,
    add: Annotated[
        bool, typer.Option("--add/--no-add", help="Add the file to the store, or keep it as it is.")
    ] = True,
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the dataset; by default the source and its vintage.")
    ] = None,
    refresh: Annotated[
        bool,
        typer.Option(
            "--refresh",
            help="Download again, accept a changed file where the producer publishes no checksum, and put it "
            "in the place of the dataset of the same name.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before downloading.")] = False,
) -> None:
    """Download a source, check it, and add it to the store.

    The licence and the citation are shown first. An interrupted download goes on where it stopped.
    Proxies come from HTTP_PROXY, HTTPS_PROXY and NO_PROXY.

    Example: geomonitor data fetch cepii-baci-hs92
    """
    from geomonitor.data.fetch import add_command, dataset_name, describe_terms, fetch
    from geomonitor.data.registry import source
    from geomonitor.data.store import Store

    entry = source(source_id)
    reader = entry.reader if add else None
    if add and entry.url is not None and reader is None:
        raise FetchError(
            f"There is no reader that adds {entry.id} to the store.",
            expected="a source with a reader, or --no-add",
            next_step="Fetch it with --no-add, bring it to the canonical columns, and run: "
            + add_command(entry, "FILE", name),
        )
    store = Store()
    folder = destination if destination is not None else store.root / "downloads"
    if entry.url is not None and not yes and sys.stdin.isatty():
        typer.echo(describe_terms(entry), err=True)
        typer.confirm(f"Download it into {folder}?", default=True, abort=True, err=True)
    result = fetch(entry, folder, refresh=refresh)
    state = (
        "already here" if result.already_present else "resumed and complete" if result.resumed else "complete"
    )
    typer.echo(f"{result.path} ({result.size_bytes:,} bytes, {state})", err=True)
    typer.echo(f"sha256 {result.sha256}", err=True)
    if reader is None:
        typer.echo(str(result.path))
        return
    added = store.add(
        result.path,
        name=name or dataset_name(entry),
        format=reader,
        revision=entry.hs_revision,
        title=entry.title,
        source=entry.id,
        replace=refresh,
        progress=sys.stderr.isatty(),
    )
    typer.echo(str(added.dataset.path))


def sources_command(
    format: Annotated[OutputFormat, typer.Option("--format", help="How to print it.")] = OutputFormat.table,  # noqa: A002
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write to a file instead of the screen.")
    ] = None,
) -> None:
    """List the sources that Geomonitor knows, with their licence.

    Example: geomonitor data sources --format json
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.data.registry import sources

    columns = ("id", "title", "licence", "vintage", "redistribution", "embedded")
    frame = pl.DataFrame({column: [getattr(entry, column) for entry in sources()] for column in columns})
    emit(frame, format, title="Sources", out=out)
