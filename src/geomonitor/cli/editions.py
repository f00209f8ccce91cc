"""``geomonitor run``, ``compare`` and ``profile``: make editions, and tell them apart."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geomonitor.cli.options import Language, OutputFormat
from geomonitor.cli.output import shortened

if TYPE_CHECKING:
    import polars as pl

    from geomonitor.findings import Edition

__all__ = ["compare_command", "profile_command", "run_command"]


def run_command(
    profile: Annotated[
        Path | None,
        typer.Option("--profile", help="A TOML file; the profile that ships with Geomonitor by default."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder of editions.")] = Path("out"),
    engine: Annotated[
        str | None,
        typer.Option("--engine", help="polars, duckdb, pandas, pyarrow or pyspark: the same numbers."),
    ] = None,
    language: Annotated[
        Language, typer.Option("--language", help="Language of the terminal table.")
    ] = Language.en,
    again: Annotated[
        bool, typer.Option("--again", help="Make the edition again, even if it is there.")
    ] = False,
) -> None:
    """Run the main job: screen, test, look back, and leave an edition that can be passed on.

    Example: geomonitor run --profile my-profile.toml --out out
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from geomonitor.findings import Edition, write_edition
    from geomonitor.monitor import load_profile, make_edition, planned_edition_id
    from geomonitor.report import write_brief, write_workbook

    wanted = load_profile(profile)
    planned = out / planned_edition_id(wanted)
    if planned.is_dir() and not again:
        _print_edition(Edition.open(planned), language.value)
        typer.echo(f"\nThis edition was there already: the same profile, data and program. See {planned}")
        return
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
    with bar:
        task = bar.add_task("Starting", total=10)

        def tell(text: str, step: int, steps: int) -> None:
            bar.update(task, description=text, completed=step - 1, total=steps + 2 * len(wanted.languages))

        made = make_edition(wanted, engine=engine, progress=tell)

        def report(edition: Edition, folder: Path) -> None:
            for each in wanted.languages:
                bar.update(task, description=f"Writing the brief ({each})", advance=1)
                write_brief(edition, folder / f"brief.{each}.html", language=each)
                bar.update(task, description=f"Writing the workbook ({each})", advance=1)
                write_workbook(edition, folder / f"workbook.{each}.xlsx", language=each)

        written = write_edition(made, out, finish=report)
    _print_edition(written, language.value)
    if written.path is not None:
        typer.echo(f"\nEdition: {written.path}")
        for each in wanted.languages:
            typer.echo(f"  brief ({each}):    {written.path / f'brief.{each}.html'}")
            typer.echo(f"  workbook ({each}): {written.path / f'workbook.{each}.xlsx'}")
        typer.echo(f"  findings:      {written.path / 'findings.parquet'}")
        typer.echo(f"  record:        {written.path / 'edition.json'}")


_HEADINGS = {
    "en": (
        "importer",
        "product",
        "name",
        "main supplier",
        "share",
        "concentration",
        "stability",
        "methods",
        "interests",
    ),
    "nl": (
        "importeur",
        "product",
        "naam",
        "leverancier",
        "aandeel",
        "concentratie",
        "stabiliteit",
        "methoden",
        "belangen",
    ),
}


def _print_edition(edition: Edition, language: str) -> None:
    """Print the dependent products of the main method, with how many methods agree."""
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.codes import economy_name
    from geomonitor.dependency import load_interests

    products = edition.tables["products"]
    main = edition.record["main_method"]
    agree = products.group_by("label", "product").agg(
        pl.col("dependent").fill_null(False).sum().alias("agreeing")
    )
    number = len(edition.record["methods"])
    shown = (
        products.filter((pl.col("method") == main) & pl.col("dependent"))
        .join(agree, on=["label", "product"], how="left")
        .sort("label", "margin", descending=[False, True])
    )
    headings = _HEADINGS[language]
    names = {each.code: each.name[language] for each in load_interests().interests}
    table = shown.select(
        pl.col("label").alias(headings[0]),
        pl.col("product").alias(headings[1]),
        shortened("product_name").alias(headings[2]),
        pl.col("main_supplier")
        .map_elements(lambda code: economy_name(code, language), return_dtype=pl.String)
        .alias(headings[3]),
        _percent("main_supplier_share").alias(headings[4]),
        _decimals("import_concentration", language).alias(headings[5]),
        _percent("stability").alias(headings[6]),
        (pl.col("agreeing").cast(pl.String) + pl.lit(f"/{number}")).alias(headings[7]),
        pl.col("interests")
        .map_elements(lambda codes: _interest_names(codes, names), return_dtype=pl.String)
        .alias(headings[8]),
    )
    title = f"{edition.record['title'][language]}, {edition.record['period_text']}, {main}"
    emit(table, "table", title=title)


def _interest_names(codes: str, names: Mapping[str, str]) -> str:
    """Name interests; those of a profile's own file by their code."""
    return ", ".join(names.get(code, code.replace("_", " ")) for code in codes.split(";") if code) or "-"


def _decimals(name: str, language: str) -> pl.Expr:
    import polars as pl

    def text(value: float) -> str:
        return f"{value:.2f}".replace(".", "," if language == "nl" else ".")

    return pl.col(name).map_elements(text, return_dtype=pl.String)


def _percent(name: str) -> pl.Expr:
    import polars as pl

    return (pl.col(name) * 100).round(0).cast(pl.Int64, strict=False).cast(pl.String) + pl.lit(" %")


def compare_command(
    before: Annotated[Path, typer.Argument(help="Folder of the earlier edition.")],
    after: Annotated[Path, typer.Argument(help="Folder of the later edition.")],
    format: Annotated[OutputFormat, typer.Option("--format", help="How to print it.")] = OutputFormat.table,  # noqa: A002
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file instead.")] = None,
    summary: Annotated[bool, typer.Option("--summary", help="Only the number of changes.")] = False,
) -> None:
    """Say which dependencies came, went and changed between two editions, and why.

    Example: geomonitor compare out/raw-materials-0123456789ab out/raw-materials-ba9876543210
    """
    from geomonitor.cli.output import emit
    from geomonitor.findings import Edition, compare

    found = compare(Edition.open(before), Edition.open(after))
    table = found.summary if summary else found.table
    if format is OutputFormat.table and not summary:
        table = table.drop("product_name", "main_supplier_before")
        emit(found.inputs, "table", title="What went in differently")
    emit(table, format, title="What changed", out=out)


def profile_command() -> None:
    """Print the profile that ships with Geomonitor, to start your own from.

    Example: geomonitor profile > my-profile.toml
    """
    import importlib.resources

    text = (importlib.resources.files("geomonitor.monitor") / "profiles" / "default.toml").read_text("utf-8")
    typer.echo(text, nl=False)
