"""``geomonitor stacking``: where dependencies on one economy stack, in a chain and across chains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geomonitor.cli.chains import open_table
from geomonitor.cli.options import OutputFormat, parse_years, years_text
from geomonitor.cli.world_supply import PUBLISHED, open_world_supply

if TYPE_CHECKING:
    import polars as pl

    from geomonitor.data import Dataset
    from geomonitor.trade import Importer

__all__ = ["stacking_command"]

# What a screen has room for; other formats hold every economy and column.
_SHOWN_ECONOMIES = 5
_SHOWN_COLUMNS = (
    "chain",
    "economy",
    "stages",
    "known_stages",
    "stages_above",
    "longest_run",
    "any_stage_exposure",
    "bottleneck",
    "bottleneck_stage",
    "mean_dependency",
)


def stacking_command(
    importer: Annotated[
        str, typer.Option("--importer", help="An economy (NLD) or a group (EU27_2020).", show_default=False)
    ],
    chain: Annotated[
        str | None, typer.Argument(help="A chain, such as magnets; all where left out. See `chains list`.")
    ] = None,
    home_group: Annotated[
        str | None, typer.Option("--home-group", help="Count supplies from this group as home.")
    ] = None,
    years: Annotated[
        str | None, typer.Option("--years", help="Years of trade, added up; the last three by default.")
    ] = None,
    threshold: Annotated[
        float, typer.Option("--threshold", help="A stage counts when its share is above this.")
    ] = 0.3,
    across: Annotated[
        bool, typer.Option("--across", help="Across chains, with dependent products and interests.")
    ] = False,
    stages: Annotated[
        bool, typer.Option("--stages", help="The stages, with the shares of suppliers.")
    ] = False,
    method: Annotated[
        str, typer.Option("--method", help="For the dependent products of --across.")
    ] = "commission-2021",
    chains: Annotated[
        Path | None, typer.Option("--chains", help="A folder with chain files of your own.")
    ] = None,
    merge: Annotated[
        str | None, typer.Option("--merge", help="Fold economies into others, such as HKG=CHN,MAC=CHN.")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option("--dataset", help="See `geomonitor data list`; the sample by default.")
    ] = None,
    table: Annotated[
        str | None, typer.Option("--table", help="A stored input-output table; the embedded one by default.")
    ] = None,
    trade_only: Annotated[
        bool, typer.Option("--trade-only", help="Leave stages without trade unknown.")
    ] = False,
    world_supply: Annotated[
        str,
        typer.Option(
            "--world-supply",
            help="For raw materials without trade: published (largest suppliers, with Geomonitor), none, "
            "data of the store, FORMAT:FILE, or a CSV file of your own.",
        ),
    ] = PUBLISHED,
    engine: Annotated[
        str, typer.Option("--engine", help="polars, duckdb, pandas, pyarrow or pyspark.")
    ] = "polars",
    format: Annotated[OutputFormat, typer.Option("--format", help="How to print it.")] = OutputFormat.table,  # noqa: A002
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file instead.")] = None,
) -> None:
    """Show where dependencies on one economy stack along a chain, or across chains.

    Stages come from trade where the dataset has their products, else from the input-output table
    where a sector holds them, else from world supply of their raw materials, which is not supply to the
    importer; what none has is unknown, and the bounds say what it could do.

    Example: geomonitor stacking magnets --importer NLD --home-group EU27_2020 --years 2022-2024
    """
    import polars as pl

    from geomonitor.chains import chain_named, load_chains, stack_across_chains, stage_shares
    from geomonitor.cli.output import emit
    from geomonitor.data import EMBEDDED_NAME, Store, open_flows
    from geomonitor.dependency import load_interests
    from geomonitor.trade import importer as importer_of

    if across and stages:
        raise typer.BadParameter("--across and --stages exclude each other.")
    if across and chain is not None:
        raise typer.BadParameter("--across takes all chains: leave out the chain.")
    known = load_chains(chains, known_interests=load_interests().codes)
    chosen = known if chain is None else (chain_named(chain, known),)
    wanted = importer_of(importer, home_group=home_group)
    trade = Store().dataset(dataset or EMBEDDED_NAME)
    period = parse_years(years) or trade.years[-3:]
    flows = open_flows(trade, engine, period)
    folded = _folded(merge)
    found = stage_shares(
        chosen,
        wanted,
        dataset=trade,
        years=period,
        flows=flows,
        merge=folded,
        table=None if trade_only else open_table(table),
        world_supply=None if trade_only else open_world_supply(world_supply),
    )
    of_world = {
        each.chain.code: each.stages.filter(pl.col("evidence") == "production").height for each in found
    }
    title = f"{wanted.label}, {years_text(period)}, {trade.name}"
    if format is OutputFormat.table and any(of_world.values()):
        title += f"; {sum(of_world.values())} stages by world supply, not supply to the importer"
    if stages:
        emit(_stages(found, format), format, title=f"Stages: {title}", out=out)
        return
    stacked = [each.stack(threshold) for each in found]
    if across:
        result = stack_across_chains(stacked, interests={each.code: each.interests for each in chosen})
        frame, concentration = _with_products(result.table, trade, flows, wanted, period, method, folded)
        frame = frame.with_columns(
            pl.lit(result.stage_concentration).alias("stage_concentration"),
            pl.lit(concentration).alias("product_concentration"),
            pl.lit(sum(of_world.values())).alias("world_supply_stages"),
        )
        if format is OutputFormat.table:
            frame = frame.head(3 * _SHOWN_ECONOMIES).drop(
                "stage_concentration", "product_concentration", "world_supply_stages"
            )
            title += f"; concentration of stages {result.stage_concentration:.2f}"
            title += f", of products {concentration:.2f}"
        emit(frame, format, title=f"Across chains: {title}", out=out)
        return
    frame = pl.concat([each.table for each in stacked])
    if format is OutputFormat.table:
        frame = pl.concat([each.table.head(_SHOWN_ECONOMIES) for each in stacked]).select(_SHOWN_COLUMNS)
    else:
        frame = frame.with_columns(
            pl.lit(wanted.label).alias("importer"),
            pl.lit(threshold).alias("threshold"),
            pl.lit(years_text(period)).alias("period"),
            pl.lit(trade.name).alias("dataset"),
            pl.col("chain").replace_strict(of_world, return_dtype=pl.Int64).alias("world_supply_stages"),
        )
    emit(frame, format, title=f"Stacking above {threshold:g}: {title}", out=out)


def _folded(merge: str | None) -> dict[str, str]:
    found = {}
    for text in (merge or "").split(",") if merge else ():
        source, sign, target = text.partition("=")
        if not sign or not source.strip() or not target.strip():
            raise typer.BadParameter(f"{text!r} in --merge is not of the form CODE=CODE.")
        found[source.strip()] = target.strip()
    return found


def _stages(found: Sequence[Any], format: OutputFormat) -> pl.DataFrame:  # noqa: A002
    """Give the stages; for people one row a stage, else one a stage and supplier."""
    import polars as pl

    parts: list[pl.DataFrame] = []
    for each in found:
        if format is OutputFormat.table:
            columns = ("chain", "stage", "kind", "main_supplier", "main_supplier_share", "source")
            parts.append(each.stages.select(columns))
            continue
        context = each.stages.select("stage", "evidence", "source", "materials", "note", "name_en", "name_nl")
        supplied = each.table.drop("source")
        kinds = each.stages.select("chain", "stage", "kind")
        parts.append(
            kinds.join(supplied.drop("chain", "kind"), on="stage", how="left", maintain_order="left").join(
                context, on="stage", how="left", maintain_order="left"
            )
        )
    return pl.concat(parts)


def _with_products(
    table: pl.DataFrame,
    dataset: Dataset,
    flows: Any,
    importer: Importer,
    years: Sequence[int],
    method: str,
    merge: dict[str, str],
) -> tuple[pl.DataFrame, float]:
    """Add on how many products, and public interests, the importer depends on each economy."""
    import polars as pl

    from geomonitor.chains import portfolio_concentration
    from geomonitor.dependency import load_interests, screen_flows
    from geomonitor.dependency import method as specification_of

    (screened,) = screen_flows(
        flows,
        [importer],
        specification_of(method),
        years,
        merge=merge,
        whole_dollars=dataset.whole_dollars,
        verified=True,
    )
    dependent = screened.table.filter(pl.col("dependent"), pl.col("main_supplier").is_not_null())
    interests = load_interests()
    served: dict[str, set[str]] = {}
    suppliers = dependent["main_supplier"].cast(pl.String).to_list()
    for product, supplier in zip(dependent["product"].cast(pl.String), suppliers, strict=True):
        served.setdefault(supplier, set()).update(interests.of(product, dataset.hs_revision))
    counts = Counter(suppliers)
    added = pl.DataFrame(
        {
            "economy": list(counts),
            "dependent_products": list(counts.values()),
            "product_interests_hit": [len(served[code]) for code in counts],
        },
        schema={"economy": pl.String, "dependent_products": pl.Int64, "product_interests_hit": pl.Int64},
    )
    joined = table.join(added, on="economy", how="full", coalesce=True, maintain_order="left_right")
    numbers = [name for name, kind in joined.schema.items() if kind.is_numeric()]
    frame = joined.with_columns(pl.col(numbers).fill_null(0), pl.col("interests").fill_null(""))
    return frame, portfolio_concentration(suppliers)
