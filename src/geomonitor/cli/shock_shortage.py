"""``geomonitor shock shortage``: what is missing, month by month, when suppliers no longer deliver."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geomonitor.cli.options import OutputFormat, parse_number, parse_pairs, parse_years, years_text
from geomonitor.cli.shock_asked import Form, Out, parse_fractions, parse_list, say_assumptions

if TYPE_CHECKING:
    from geomonitor.shocks.shortage import Shortage
    from geomonitor.shocks.shortage_inputs import Estimate

__all__ = ["shortage_command"]

# What a screen has room for; other formats hold every column.
_SHOWN = (
    *("month", "gap", "gap_best", "gap_worst", "stock_left_worst"),
    *("shortage", "shortage_best", "shortage_worst"),
)


class Unit(StrEnum):
    """What trade is added up in."""

    value = "value"
    quantity = "quantity"


class Stage(StrEnum):
    """Stages of a raw material."""

    extraction = "extraction"
    processing = "processing"


class ShowShortage(StrEnum):
    """Tables of a shortage."""

    months = "months"
    suppliers = "suppliers"
    inputs = "inputs"


def shortage_command(
    material: Annotated[
        str | None, typer.Argument(help="A raw material, such as tungsten; or name --products.")
    ] = None,
    importer: Annotated[
        str, typer.Option("--importer", help="An economy (NLD) or a group (EU27_2020).")
    ] = "EU27_2020",
    denied: Annotated[
        str | None, typer.Option("--from", help="Who no longer delivers: economies or groups with commas.")
    ] = None,
    stage: Annotated[Stage, typer.Option("--stage", help="Of the material.")] = Stage.processing,
    products: Annotated[
        str | None, typer.Option("--products", help="Instead of a material: HS6 codes, added up.")
    ] = None,
    import_share: Annotated[
        str | None, typer.Option("--import-share", help="Part of use that comes from abroad: 0.9 or 0.8..1.")
    ] = None,
    stock_months: Annotated[
        str | None, typer.Option("--stock-months", help="Months of use in stock: 2 or 1..3.")
    ] = None,
    substitutable_share: Annotated[
        str | None, typer.Option("--substitutable-share", help="Part of use that can move to a substitute.")
    ] = None,
    months_to_substitute: Annotated[
        str | None, typer.Option("--months-to-substitute", help="Until it has moved.")
    ] = None,
    divertible_share: Annotated[
        str | None,
        typer.Option("--divertible-share", help="Part of others' sales elsewhere that can be redirected."),
    ] = None,
    redirect_cap: Annotated[
        str | None,
        typer.Option("--redirect-cap", help="Most of it, as a part of imports; none by default."),
    ] = None,
    months_to_redirect: Annotated[
        str | None, typer.Option("--months-to-redirect", help="Until it arrives.")
    ] = None,
    inputs: Annotated[
        list[Path] | None,
        typer.Option("--inputs", help="A TOML file with what people know of a material; may be repeated."),
    ] = None,
    months: Annotated[int, typer.Option("--months", help="How many months to follow.", min=1, max=240)] = 12,
    unit: Annotated[Unit, typer.Option("--unit", help="Trade by value, or in tonnes.")] = Unit.value,
    home_group: Annotated[
        str | None, typer.Option("--home-group", help="Supplies from this group are home.")
    ] = None,
    years: Annotated[
        str | None, typer.Option("--years", help="Years of trade, averaged; the last three by default.")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option("--dataset", help="See `geomonitor data list`; the sample by default.")
    ] = None,
    merge: Annotated[
        str | None, typer.Option("--merge", help="Fold economies into others, such as HKG=CHN,MAC=CHN.")
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", help="polars, duckdb, pandas, pyarrow or pyspark.")
    ] = "polars",
    show: Annotated[
        ShowShortage, typer.Option("--show", help="By month, by supplier, or what is known.")
    ] = ShowShortage.months,
    format: Form = OutputFormat.table,  # noqa: A002
    out: Out = None,
) -> None:
    """Show what is missing, month by month, when suppliers no longer deliver: stocks, substitutes, others.

    What is not given is not known, and the best and the worst case say what it could do.

    Example: geomonitor shock shortage tungsten --importer EU27_2020 --from CHN --stock-months 2
    """
    from geomonitor.codes import product_code
    from geomonitor.data import EMBEDDED_NAME, Store, open_flows
    from geomonitor.materials import load_material_inputs
    from geomonitor.shocks.shortage import material_shortage, physical_shortage
    from geomonitor.shocks.shortage_inputs import shortage_inputs
    from geomonitor.trade import importer as importer_of

    if (material is None) == (products is None):
        raise typer.BadParameter("Name a raw material, or --products; one of both.")
    if denied is None:
        raise typer.BadParameter("--from is needed, such as --from CHN.")
    given = {
        "import_share": _bounds(import_share, "--import-share"),
        "stock_cover_months": _bounds(stock_months, "--stock-months"),
        "substitutable_share": _bounds(substitutable_share, "--substitutable-share"),
        "months_to_substitute": _bounds(months_to_substitute, "--months-to-substitute"),
        "divertible_share": _bounds(divertible_share, "--divertible-share"),
        "redirect_cap": _bounds(redirect_cap, "--redirect-cap"),
        "months_to_redirect": _bounds(months_to_redirect, "--months-to-redirect"),
    }
    known: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    wanted = importer_of(importer, home_group=home_group)
    trade = Store().dataset(dataset or EMBEDDED_NAME)
    period = parse_years(years) or trade.years[-3:]
    options: dict[str, Any] = {
        "horizon_months": months,
        "unit": unit.value,
        "merge": parse_pairs(merge.split(","), "--merge") if merge else None,
        "whole_dollars": trade.whole_dollars,
        "verified": True,
    }
    banned = parse_list(denied, "--from")
    if material is None:
        if inputs:
            raise typer.BadParameter("--inputs is about materials; name one instead of --products.")
        codes = [product_code(each) for each in parse_list(products, "--products")]
        found = physical_shortage(
            open_flows(trade, engine, period), wanted, codes, banned, period,
            inputs=shortage_inputs(**known), **options,
        )  # fmt: skip
    else:
        found = material_shortage(
            open_flows(trade, engine, period), wanted, material, stage.value, banned, period,
            hs_revision=trade.hs_revision,
            inputs=load_material_inputs(*(inputs or ())),
            **known, **options,
        )  # fmt: skip
    what = products if material is None else f"{material}, {stage.value}"
    title = f"{what}: {denied} no longer delivers to {wanted.label}, {years_text(period)}"
    _print_shortage(
        found, show, title, {"dataset": trade.name, "dataset_sha256": trade.content_sha256}, format, out
    )


def _bounds(text: str | None, option: str) -> float | tuple[float, float] | None:
    """Read a number, or a lower and an upper bound with two points between."""
    if text is None:
        return None
    low, dots, high = text.partition("..")
    if not dots:
        return parse_fractions(text, option)[0] if text.endswith("%") else parse_number(text, option)
    return parse_number(low, option), parse_number(high, option)


def _print_shortage(
    found: Shortage,
    show: ShowShortage,
    title: str,
    context: Mapping[str, str],
    form: OutputFormat,
    out: Path | None,
) -> None:
    from dataclasses import asdict

    import polars as pl

    from geomonitor.cli.output import emit, emit_document

    tables = {
        ShowShortage.months: found.table,
        ShowShortage.suppliers: found.suppliers,
        ShowShortage.inputs: found.inputs.table(),
    }
    estimates = {
        name: getattr(found, name)
        for name in ("shortage", "denied_share", "redirectable_share", "months_of_cover")
    }
    if form is OutputFormat.json:
        emit_document(
            {
                **{name: asdict(each) for name, each in estimates.items()},
                "imports_lost": found.imports_lost,
                "unit": found.unit,
                **{name.value: frame.to_dicts() for name, frame in tables.items()},
                "provenance": found.provenance,
                **context,
            },
            out,
        )
        return
    frame = tables[show]
    if form is OutputFormat.table and show is ShowShortage.months:
        frame = frame.select(_SHOWN)
    elif form is not OutputFormat.table:
        frame = frame.with_columns(pl.lit(value).alias(name) for name, value in context.items())
    said = "; ".join(f"{name.replace('_', ' ')} {_spoken(each)}" for name, each in estimates.items())
    emit(frame, form, title=f"{title}. {said}", out=out)
    if form is OutputFormat.table:
        say_assumptions(found.provenance["assumptions"], out)


def _spoken(estimate: Estimate) -> str:
    bounds = f"{estimate.low:.3g} to {estimate.high:.3g}"
    if estimate.value is None:
        return bounds
    return f"{estimate.value:.3g}" if estimate.low == estimate.high else f"{estimate.value:.3g} ({bounds})"
