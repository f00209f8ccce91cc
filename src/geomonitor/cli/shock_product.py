"""``geomonitor shock product``: a tariff in the market of single products, on the trade of the store."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geomonitor.cli.options import OutputFormat, parse_pairs, parse_years, years_text
from geomonitor.cli.shock_asked import Form, Out, in_percent, parse_list, say_assumptions

if TYPE_CHECKING:
    import polars as pl

    from geomonitor.data import Dataset
    from geomonitor.shocks.gsim import GsimResult
    from geomonitor.shocks.rates import Rate
    from geomonitor.shocks.smart import SmartResult

__all__ = ["product_command"]


class Market(StrEnum):
    """Models of the market of a product."""

    smart = "smart"
    gsim = "gsim"


class ShowMarket(StrEnum):
    """Tables of the market of a product."""

    summary = "summary"
    flows = "flows"


class Formulas(StrEnum):
    """Constant elasticities, or first-order formulas."""

    exact = "exact"
    first_order = "first-order"


def product_command(
    products: Annotated[str, typer.Argument(help="Products: HS6 codes with commas, such as 280530,850511.")],
    importer: Annotated[str, typer.Option("--importer", help="An economy (NLD) or a group (EU27_2020).")],
    origins: Annotated[
        str | None, typer.Option("--from", help="Whose exports pay the new tariff, such as CHN.")
    ] = None,
    rise: Annotated[
        str | None,
        typer.Option("--rise", help='"25 pp" is added to the tariff; "25 %" makes it a quarter higher.'),
    ] = None,
    base: Annotated[
        str, typer.Option("--base", help='Tariff before, of all origins, such as "3.5 %".')
    ] = "0 %",
    tariffs: Annotated[
        Path | None,
        typer.Option(
            "--tariffs",
            help="Instead: a CSV file: importer, exporter, product, tariff_before, tariff_after (fractions).",
        ),
    ] = None,
    model: Annotated[
        Market, typer.Option("--model", help="smart: one importer; gsim: the world market of a product.")
    ] = Market.smart,
    economies: Annotated[
        str | None,
        typer.Option("--economies", help="For gsim: kept apart, such as EU27_2020,CHN,USA; others are ROW."),
    ] = None,
    import_demand: Annotated[
        float, typer.Option("--import-demand", help="Elasticity of import demand, without a sign.")
    ] = 1.25,
    substitution: Annotated[float, typer.Option("--substitution", help="Elasticity between origins.")] = 5.0,
    export_supply: Annotated[
        float | None,
        typer.Option(
            "--export-supply", help="Elasticity of supply; by default infinite (smart) or 1.5 (gsim)."
        ),
    ] = None,
    elasticities: Annotated[
        Path | None,
        typer.Option(
            "--elasticities",
            help="A CSV file by product: product and import_demand_elasticity, substitution_elasticity or "
            "export_supply_elasticity; or CEPII's ProTEE file.",
        ),
    ] = None,
    formulas: Annotated[
        Formulas,
        typer.Option("--formulas", help="Constant elasticities, or first-order forms as published."),
    ] = Formulas.exact,
    home_group: Annotated[
        str | None, typer.Option("--home-group", help="For smart: supplies from this group are home.")
    ] = None,
    years: Annotated[
        str | None, typer.Option("--years", help="Years of trade, averaged; the last three by default.")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option("--dataset", help="See `geomonitor data list`; the sample by default.")
    ] = None,
    merge: Annotated[
        str | None, typer.Option("--merge", help="For smart: fold economies into others, such as HKG=CHN.")
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", help="polars, duckdb, pandas, pyarrow or pyspark.")
    ] = "polars",
    show: Annotated[
        ShowMarket, typer.Option("--show", help="Products (gsim: economies), or flows by origin.")
    ] = ShowMarket.summary,
    format: Form = OutputFormat.table,  # noqa: A002
    out: Out = None,
) -> None:
    """Simulate a tariff in the market of single products: trade created, diverted, prices, welfare.

    Example: geomonitor shock product 280530 --importer EU27_2020 --from CHN --rise "25 pp"
    """
    import polars as pl

    from geomonitor.cli.output import emit, emit_document
    from geomonitor.codes import product_code
    from geomonitor.data import EMBEDDED_NAME, Store, open_flows
    from geomonitor.shocks.gsim import gsim
    from geomonitor.shocks.partial_equilibrium import Elasticities
    from geomonitor.shocks.smart import smart
    from geomonitor.trade import importer as importer_of

    codes = [product_code(each) for each in parse_list(products, "argument products")]
    wanted = importer_of(importer, home_group=home_group)
    before, rates = _rates(tariffs, importer, origins, rise, base)
    supply = export_supply if export_supply is not None else (math.inf if model is Market.smart else 1.5)
    default = Elasticities(import_demand, substitution, supply)
    trade = Store().dataset(dataset or EMBEDDED_NAME)
    table = None if elasticities is None else _product_elasticities(elasticities, trade)
    period = parse_years(years) or trade.years[-3:]
    flows = open_flows(trade, engine, period)
    found: SmartResult | GsimResult
    if model is Market.smart:
        found = smart(
            flows,
            wanted,
            period,
            rates,
            products=codes,
            elasticities=table,
            default=default,
            unlisted=before,
            form="exact" if formulas is Formulas.exact else "marginal",
            merge=parse_pairs(merge.split(","), "--merge") if merge else None,
            whole_dollars=trade.whole_dollars,
            verified=True,
        )
        names, frames = ("products", "origins"), (found.products, found.table)
    else:
        if merge or home_group:
            raise typer.BadParameter("--merge and --home-group are for --model smart.")
        apart = parse_list(economies, "--economies") if economies else [importer, *_origins(origins)]
        found = gsim(
            flows,
            period,
            codes,
            list(dict.fromkeys(apart)),
            rates,
            elasticities=table,
            default=default,
            unlisted=before,
            form="exact" if formulas is Formulas.exact else "linear",
            verified=True,
        )
        names, frames = ("economies", "trade"), (found.table, found.trade)
    if format is OutputFormat.json:
        emit_document(
            {
                "model": model.value,
                **{name: frame.to_dicts() for name, frame in zip(names, frames, strict=True)},
                "provenance": found.provenance,
                "dataset": trade.name,
                "dataset_sha256": trade.content_sha256,
            },
            out,
        )
        return
    frame = frames[0] if show is ShowMarket.summary else frames[1]
    if format is OutputFormat.table:
        frame = _for_a_screen(frame)
    else:
        context = {
            "model": found.provenance["method"],
            "dataset": trade.name,
            "dataset_sha256": trade.content_sha256,
        }
        frame = frame.with_columns(pl.lit(value).alias(name) for name, value in context.items())
    title = f"{wanted.label}, {found.provenance['method']}, {years_text(period)}, {trade.name}"
    emit(frame, format, title=title, out=out)
    if format is OutputFormat.table:
        say_assumptions(found.provenance["assumptions"], out)


def _for_a_screen(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out what is zero everywhere and elasticities, and write changes in percent."""
    import polars as pl

    shown = [
        name
        for name, kind in frame.schema.items()
        if not name.endswith("_elasticity")
        and (not kind.is_numeric() or frame.select((pl.col(name).fill_null(0.0) != 0).any()).item())
    ]
    return in_percent(frame.select(shown))


def _origins(text: str | None) -> list[str]:
    return parse_list(text, "--from") if text else []


def _rates(
    file: Path | None, importer: str, origins: str | None, rise: str | None, base: str
) -> tuple[Rate, pl.DataFrame]:
    """Give the tariff of what no row names, and the tariffs before and after."""
    import polars as pl

    from geomonitor.shocks.partial_equilibrium import tariff_change_row
    from geomonitor.shocks.rates import Percent, parse_rate

    level = parse_rate(base, "option --base")
    if not isinstance(level, Percent):
        raise typer.BadParameter(f'{base!r} in --base is a change; a tariff is meant, such as "3.5 %".')
    before = level.as_rate()
    if file is not None:
        if origins or rise:
            raise typer.BadParameter("--tariffs says it all: leave out --from and --rise.")
        return before, _tariff_file(file)
    if not origins or not rise:
        raise typer.BadParameter('--from and --rise are needed, such as --from CHN --rise "25 pp".')
    change = parse_rate(rise, "option --rise")
    if isinstance(change, Percent) and before.fraction == 0:
        raise typer.BadParameter(
            f'{rise!r} of a tariff of 0 % is nothing. Write --rise "{change.percent:g} pp" for percentage '
            "points, or give the tariff with --base."
        )
    return before, pl.concat(
        [tariff_change_row(importer, each, before, change) for each in _origins(origins)]
    )


def _csv(path: Path) -> pl.DataFrame:
    """Read a CSV file as text, so that product codes keep their zeros."""
    import polars as pl

    from geomonitor.errors import DataError

    try:
        return pl.read_csv(path, infer_schema=False, encoding="utf8")
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"The file cannot be read: {error}.", where=str(path), expected="a CSV file in UTF-8"
        ) from error


def _numbers(frame: pl.DataFrame, names: Sequence[str], path: Path) -> pl.DataFrame:
    """Turn columns into numbers, naming the first cell that is none."""
    import polars as pl

    from geomonitor.errors import DataError

    for name in names:
        values = frame[name].str.strip_chars().replace("", None)
        found = values.cast(pl.Float64, strict=False)
        wrong = (values.is_not_null() & found.is_null()).arg_true()
        if len(wrong):
            raise DataError(
                f"{values[int(wrong[0])]!r} is not a number.",
                where=f"{path}, row {int(wrong[0]) + 2}, column {name}",
                expected="a number with a decimal point, or nothing",
            )
        frame = frame.with_columns(found.alias(name))
    return frame


def _tariff_file(path: Path) -> pl.DataFrame:
    frame = _csv(path)
    rates = [name for name in ("tariff_before", "tariff_after") if name in frame.columns]
    return _numbers(frame, rates, path)


def _product_elasticities(path: Path, trade: Dataset) -> pl.DataFrame:
    import polars as pl

    from geomonitor.codes import product_code
    from geomonitor.shocks.partial_equilibrium import ELASTICITY_COLUMNS
    from geomonitor.shocks.product_elasticities import read_product_elasticities

    frame = _csv(path)
    if {"hs6", "sigma"} <= {each.strip().lower() for each in frame.columns}:
        published = read_product_elasticities(path)
        if published.hs_revision != trade.hs_revision:
            typer.echo(
                f"Note: the elasticities are by {published.hs_revision}, the trade by {trade.hs_revision}; "
                "codes that mean something else in both are not told apart.",
                err=True,
            )
        usable = published.table.filter(pl.col("elasticity") > 0)
        return usable.select("product", substitution_elasticity="elasticity")
    given = [name for name in ELASTICITY_COLUMNS if name in frame.columns]
    if "product" in frame.columns:
        codes = [
            product_code(each or "", where=f"{path}, row {row}, column product")
            for row, each in enumerate(frame["product"], start=2)
        ]
        frame = frame.with_columns(pl.Series("product", codes))
    return _numbers(frame, given, path)
