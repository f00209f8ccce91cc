"""``geomonitor dependencies`` and ``geomonitor explain``: one importer, one method, now."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geomonitor.cli.asked import Asked, asked_for, read_re_export_shares
from geomonitor.cli.options import Language, OutputFormat, parse_years, years_text

if TYPE_CHECKING:
    import polars as pl


__all__ = ["dependencies_command", "explain_command", "relations_command"]


class Only(StrEnum):
    """Which products to print."""

    dependent = "dependent"
    open = "open"


_Importer = Annotated[
    str, typer.Option("--importer", help="An economy (NLD) or a group (EU27_2020).", show_default=False)
]
_Home = Annotated[
    str | None,
    typer.Option("--home-group", help="Count supplies from this group as home, such as EU27_2020 for NLD."),
]
_Method = Annotated[str, typer.Option("--method", help="See `geomonitor methods list`.")]
_Years = Annotated[
    str | None, typer.Option("--years", help="Such as 2021-2023; the last three of the dataset by default.")
]
_DatasetName = Annotated[
    str | None, typer.Option("--dataset", help="See `geomonitor data list`; the embedded sample by default.")
]
_Engine = Annotated[str, typer.Option("--engine", help="polars, duckdb, pandas, pyarrow or pyspark.")]
_Merge = Annotated[
    str | None, typer.Option("--merge", help="Fold economies into others, such as HKG=CHN,MAC=CHN.")
]
_Threshold = Annotated[
    list[str] | None,
    typer.Option("--threshold", help="Change one, such as import_concentration=0.5; marks the result."),
]
_Intra = Annotated[
    bool, typer.Option("--include-intra-group", help="Count suppliers at home in the concentration too.")
]
_Minimum = Annotated[
    float, typer.Option("--minimum-value", help="Least foreign imports a year, thousand US dollars.", min=0.0)
]
_ReExports = Annotated[
    Path | None,
    typer.Option("--re-export-shares", help="CSV with the columns product and share (0 to 1)."),
]
_Partner = Annotated[
    str | None, typer.Option("--partner-group", help="Mark main suppliers inside this group, such as OECD.")
]
_Format = Annotated[OutputFormat, typer.Option("--format", help="How to print it.")]
_Out = Annotated[Path | None, typer.Option("--out", help="Write to this file instead.")]


_TABLE_COLUMNS = (
    "product",
    "product_name",
    "dependent",
    "import_concentration",
    "extra_import_share",
    "imports_to_exports",
    "world_export_concentration",
    "supply_fragility",
    "single_point_of_failure",
    "years_met",
    "main_supplier",
    "main_supplier_share",
    "extra_import_value_kusd",
    "stability",
)


def dependencies_command(
    importer: _Importer,
    method: _Method = "commission-2021",
    years: _Years = None,
    home_group: _Home = None,
    dataset: _DatasetName = None,
    only: Annotated[Only | None, typer.Option("--only", help="Keep only these products.")] = None,
    robust: Annotated[bool, typer.Option("--robustness", help="Add how firm every verdict is.")] = False,
    merge: _Merge = None,
    threshold: _Threshold = None,
    include_intra_group: _Intra = False,
    minimum_value: _Minimum = 0.0,
    re_export_shares: _ReExports = None,
    partner_group: _Partner = None,
    engine: _Engine = "polars",
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
) -> None:
    """Screen every product of an importer: indicators, verdict, distance, main supplier.

    Example: geomonitor dependencies --importer EU27_2020 --method commission-2021 --years 2021-2023
    --only dependent --format json
    """
    import polars as pl

    from geomonitor.cli.output import emit, shortened
    from geomonitor.dependency import screen_flows

    asked = asked_for(
        importer,
        home_group,
        method,
        years,
        dataset,
        engine,
        merge,
        threshold,
        {
            "intra_group": "included" if include_intra_group else "excluded",
            "minimum_import_value_kusd": minimum_value,
            "re_export_shares": read_re_export_shares(re_export_shares),
            "partner_group": partner_group,
        },
    )
    (found,) = screen_flows(
        asked.flows,
        [asked.importer],
        asked.specification,
        asked.years,
        options=asked.options,
        merge=asked.merge,
        whole_dollars=asked.dataset.whole_dollars,
        verified=True,
    )
    table = _with_context(found.table, asked)
    if robust:
        table = table.join(_stability(asked), on="product", how="left")
    if only is Only.dependent:
        table = table.filter(pl.col("dependent"))
    elif only is Only.open:
        table = table.filter(pl.col("dependent").is_null())
    title = f"{asked.importer.label}, {asked.specification.label}, {asked.period}"
    if format is OutputFormat.table:
        shown = [name for name in _TABLE_COLUMNS if name in table.columns]
        table = table.select(shown).with_columns(shortened("product_name"))
    for change in asked.specification.modified:
        typer.echo(f"Modified: {change}", err=True)
    emit(table, format, title=title, out=out)


def _with_context(table: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Add names, governance of the main supplier, and provenance."""
    import polars as pl

    from geomonitor.data import governance

    known = governance(asked.years[-1]).select(
        pl.col("economy").alias("main_supplier"), "governance", "governance_year"
    )
    names = asked.dataset.product_names()
    return table.join(known, on="main_supplier", how="left", maintain_order="left").with_columns(
        pl.col("product").replace_strict(names, default="", return_dtype=pl.String).alias("product_name"),
        pl.lit(asked.specification.id).alias("method"),
        pl.lit(asked.specification.version + ("+modified" if asked.specification.modified else "")).alias(
            "method_version"
        ),
        pl.lit(asked.period).alias("period"),
        pl.lit(asked.dataset.name).alias("dataset"),
        pl.lit(asked.dataset.content_sha256).alias("dataset_sha256"),
    )


def _stability(asked: Asked) -> pl.DataFrame:
    from geomonitor.dependency import robustness
    from geomonitor.trade import supply_tables

    supply = supply_tables(
        asked.flows,
        [asked.importer],
        asked.years,
        merge=asked.merge,
        whole_dollars=asked.dataset.whole_dollars,
        verified=True,
    )
    scores = asked.scores()
    found = robustness(supply, asked.importer, asked.specification, options=asked.options, fragility=scores)
    return found.stability.select("product", "stability")


def explain_command(
    product: Annotated[str, typer.Argument(help="HS6 code, such as 810600.")],
    importer: _Importer,
    method: _Method = "commission-2021",
    years: _Years = None,
    home_group: _Home = None,
    dataset: _DatasetName = None,
    merge: _Merge = None,
    threshold: _Threshold = None,
    include_intra_group: _Intra = False,
    minimum_value: _Minimum = 0.0,
    re_export_shares: _ReExports = None,
    engine: _Engine = "polars",
    language: Annotated[Language, typer.Option("--language", help="en or nl.")] = Language.en,
    format: Annotated[  # noqa: A002
        OutputFormat | None, typer.Option("--format", help="Print the steps as data instead of as text.")
    ] = None,
    out: _Out = None,
) -> None:
    """Show a verdict step by step, with its numbers.

    Example: geomonitor explain 810600 --importer EU27_2020 --years 2021-2023
    """
    from geomonitor.cli.output import emit, write_text
    from geomonitor.codes import product_code
    from geomonitor.dependency import explain, measure, robustness
    from geomonitor.trade import supply_tables

    asked = asked_for(
        importer,
        home_group,
        method,
        years,
        dataset,
        engine,
        merge,
        threshold,
        {
            "intra_group": "included" if include_intra_group else "excluded",
            "minimum_import_value_kusd": minimum_value,
            "re_export_shares": read_re_export_shares(re_export_shares),
        },
    )
    code = product_code(product)
    scores = asked.scores()
    supply = supply_tables(
        asked.flows,
        [asked.importer],
        asked.years,
        merge=asked.merge,
        whole_dollars=asked.dataset.whole_dollars,
        verified=True,
    )
    (measurement,) = measure(supply, [asked.importer], options=asked.options)
    tested = robustness(supply, asked.importer, asked.specification, options=asked.options, fragility=scores)
    found = explain(
        measurement,
        asked.specification,
        code,
        fragility=scores,
        robustness=tested,
        names=asked.dataset.product_names(),
    )
    if format is not None:
        emit(found.as_table(), format, title=f"{code}, {asked.importer.label}", out=out)
        return
    text = found.as_text(language.value)
    sha256 = asked.dataset.content_sha256[:12]
    source = f"{asked.dataset.metadata['citation']} ({asked.dataset.name}, sha256 {sha256})"
    write_text(f"{text}\n\n{'Bron' if language is Language.nl else 'Source'}: {source}\n", out)


class Relation(StrEnum):
    """Which relation to show."""

    reverse = "reverse"
    mutual = "mutual"
    common = "common"
    churn = "churn"
    history = "history"
    robustness = "robustness"


def relations_command(
    relation: Annotated[
        Relation,
        typer.Argument(
            help="reverse: where the counterpart depends on the importer; mutual: both ways; "
            "common: which members of a group share a dependency; churn and history: year by year; "
            "robustness: how firm a verdict is."
        ),
    ],
    importer: _Importer,
    counterpart: Annotated[
        str | None, typer.Option("--counterpart", help="For reverse and mutual, such as CHN.")
    ] = None,
    method: _Method = "commission-2021",
    years: _Years = None,
    home_group: _Home = None,
    dataset: _DatasetName = None,
    merge: _Merge = None,
    threshold: _Threshold = None,
    include_intra_group: _Intra = False,
    minimum_value: _Minimum = 0.0,
    re_export_shares: _ReExports = None,
    engine: _Engine = "polars",
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
) -> None:
    """Look around a screening: the other way, both ways, in common, over the years, how firm.

    Example: geomonitor relations mutual --importer EU27_2020 --counterpart CHN --years 2021-2023
    """
    from geomonitor import dependency
    from geomonitor.cli.output import emit
    from geomonitor.data import open_flows
    from geomonitor.trade import importer as importer_of
    from geomonitor.trade import supply_tables

    options = {
        "intra_group": "included" if include_intra_group else "excluded",
        "minimum_import_value_kusd": minimum_value,
        "re_export_shares": read_re_export_shares(re_export_shares),
    }
    asked = asked_for(importer, home_group, method, years, dataset, engine, merge, threshold, options)
    over_years = relation in {Relation.churn, Relation.history}
    period = (parse_years(years) or asked.dataset.years) if over_years else asked.years
    flows = open_flows(asked.dataset, engine, period)
    needed = {asked.importer.code: asked.importer}
    other = None
    if relation in {Relation.reverse, Relation.mutual}:
        if counterpart is None:
            raise typer.BadParameter(f"{relation.value} needs --counterpart, such as --counterpart CHN.")
        other = importer_of(counterpart)
        needed[other.code] = other
    if relation is Relation.common:
        needed |= {code: importer_of(code) for code in asked.importer.members}
    supply = supply_tables(
        flows,
        list(needed.values()),
        period,
        merge=asked.merge,
        whole_dollars=asked.dataset.whole_dollars,
        verified=True,
    )
    scores = asked.scores(flows, period)
    arguments: dict[str, Any] = {"fragility": scores, "options": asked.options}
    if relation is Relation.reverse and other is not None:
        table = dependency.reverse(supply, asked.importer, other, asked.specification, **arguments).table
    elif relation is Relation.mutual and other is not None:
        found = dependency.mutual(supply, asked.importer, other, asked.specification, **arguments)
        table = found.summary if format is OutputFormat.table else found.table
    elif relation is Relation.common:
        shared = dependency.common(supply, asked.importer, asked.specification, **arguments)
        table = shared.counts if format is OutputFormat.table else shared.table
    elif relation is Relation.robustness:
        table = dependency.robustness(supply, asked.importer, asked.specification, **arguments).stability
    else:
        table = dependency.history(supply, [asked.importer], asked.specification, **arguments)
        if relation is Relation.churn:
            table = dependency.churn(table)
    title = f"{relation.value}: {asked.importer.label}, {asked.specification.label}, {years_text(period)}"
    emit(table, format, title=title, out=out)
