"""``geomonitor shock short-run`` and ``critical-inputs``: what is lost at once when access is denied."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from geomonitor.cli.chains import open_table
from geomonitor.cli.options import OutputFormat, parse_pairs
from geomonitor.cli.shock_asked import (
    Form,
    Out,
    in_percent,
    parse_fractions,
    parse_list,
    parse_numbers,
    say_assumptions,
)

__all__ = ["critical_inputs_command", "short_run_command"]


class ShowLoss(StrEnum):
    """Tables of production lost."""

    economies = "economies"
    sectors = "sectors"


class Rationing(StrEnum):
    """Who goes short first where output falls."""

    inputs_first = "inputs-first"
    proportional = "proportional"


def short_run_command(
    elasticity: Annotated[
        str, typer.Option("--elasticity", help="Elasticities with commas; inf for perfect substitutes.")
    ],
    input_share: Annotated[
        str | None, typer.Option("--input-share", help="Cost share of the scarce input, such as 0.04 or 4%.")
    ] = None,
    loss: Annotated[
        str | None, typer.Option("--loss", help="With --input-share: part of the input that is lost.")
    ] = None,
    denied_share: Annotated[
        str | None, typer.Option("--denied-share", help="Instead: share of the suppliers that are denied.")
    ] = None,
    home_share: Annotated[
        float | None, typer.Option("--home-share", help="Instead: share of home goods in spending before.")
    ] = None,
    home_share_after: Annotated[
        str | None, typer.Option("--home-share-after", help="With --home-share: the share afterwards.")
    ] = None,
    value_added_share: Annotated[
        str, typer.Option("--value-added-share", help="With --home-share: part of value added in output.")
    ] = "1",
    format: Form = OutputFormat.table,  # noqa: A002
    out: Out = None,
) -> None:
    """Show the short run in closed form over a grid of elasticities: one scarce input, one lost supplier.

    --input-share and --loss: output lost when an input becomes scarce (CES, as in Bachmann et al. 2022),
    with the second-order bound and whether it can be relied on. --denied-share: the price of a product
    without some suppliers. --home-share: real income from the share of home goods.

    Example: geomonitor shock short-run --input-share 4% --loss 10% --elasticity 0,0.04,0.1,1
    """
    import polars as pl

    from geomonitor.cli.output import emit
    from geomonitor.shocks.elasticity_grids import armington_grid, denied_share_grid, short_run_grid

    asked = [each is not None for each in (input_share, denied_share, home_share)]
    if sum(asked) != 1:
        raise typer.BadParameter("One of --input-share, --denied-share and --home-share is needed.")
    if (loss is None) != (input_share is None):
        raise typer.BadParameter("--input-share and --loss go together.")
    if (home_share_after is None) != (home_share is None):
        raise typer.BadParameter("--home-share and --home-share-after go together.")
    values = parse_numbers(elasticity, "--elasticity")
    if input_share is not None and loss is not None:
        factors = [1 - each for each in _losses(loss)]
        grid = short_run_grid(parse_fractions(input_share, "--input-share"), factors, values)
    elif denied_share is not None:
        grid = denied_share_grid(parse_fractions(denied_share, "--denied-share"), values)
    else:
        assert home_share is not None
        assert home_share_after is not None
        after = parse_fractions(home_share_after, "--home-share-after")
        grid = armington_grid(
            home_share, after, values, parse_fractions(value_added_share, "--value-added-share")
        )
    frame = grid.table
    provenance = grid.provenance
    if format is not OutputFormat.table:
        frame = frame.with_columns(
            pl.lit(provenance["method"]).alias("method"),
            pl.lit(provenance["method_version"]).alias("method_version"),
        )
    shown = in_percent(frame) if format is OutputFormat.table else frame
    emit(shown, format, title=f"{provenance['method']}; {provenance['citation']}", out=out)
    if format is OutputFormat.table:
        say_assumptions([provenance["limits"], *provenance["assumptions"]], out)


def _losses(text: str) -> list[float]:
    found = parse_fractions(text, "--loss")
    for each in found:
        if not 0 <= each <= 1:
            raise typer.BadParameter(f"{each:g} in --loss is not a part: 0.1 or 10% of the input is lost.")
    return found


def critical_inputs_command(
    to: Annotated[str, typer.Option("--to", help="Whose industries no longer receive: NLD or EU27_2020.")],
    origin: Annotated[str, typer.Option("--from", help="Who no longer delivers.")],
    sectors: Annotated[
        str | None,
        typer.Option("--sectors", help="Sectors of the supplier that stop, such as C26; or all."),
    ] = None,
    critical: Annotated[
        list[str] | None,
        typer.Option(
            "--critical",
            help="Inputs that a user cannot do without: all (the default), none, or USER=INPUT,INPUT such as "
            "C29=C26,C27; repeatable.",
        ),
    ] = None,
    important: Annotated[
        list[str] | None,
        typer.Option("--important", help="USER=INPUT,INPUT: half of production goes on without; repeatable."),
    ] = None,
    denied_share: Annotated[
        str, typer.Option("--denied-share", help="Part of the deliveries that stops: 1, 0.5 or 50%.")
    ] = "1",
    rationing: Annotated[
        Rationing, typer.Option("--rationing", help="Whether industries are served before final users.")
    ] = Rationing.inputs_first,
    show: Annotated[
        ShowLoss, typer.Option("--show", help="Economies, or sectors of the receiver.")
    ] = ShowLoss.economies,
    table: Annotated[
        str | None, typer.Option("--table", help="A stored input-output table; the embedded one by default.")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Factorise anew, and store nothing.")] = False,
    format: Form = OutputFormat.table,  # noqa: A002
    out: Out = None,
) -> None:
    """Show production lost at once, everywhere, when deliveries stop and critical inputs bind.

    No stocks, no other suppliers: the first weeks, or an upper bound for later. The hypothetical
    extraction of the same deliveries stands beside it.

    Example: geomonitor shock critical-inputs --to EU27_2020 --from CHN --sectors C26 --critical C29=C26
    """
    import polars as pl

    from geomonitor.chains import cached_system, economies_of, leontief_system
    from geomonitor.cli.output import emit
    from geomonitor.data.input_output import sector_name
    from geomonitor.shocks.critical_inputs import critical_input_loss

    (share,) = parse_fractions(denied_share, "--denied-share")[:1]
    chosen = _critical(critical or ["all"])
    opened = open_table(table)
    system = (
        leontief_system(opened)
        if no_cache
        else cached_system(opened, notify=lambda text: typer.echo(f"Note: {text}", err=True))
    )
    found = critical_input_loss(
        system,
        to,
        origin,
        critical=chosen,
        sectors=parse_list(sectors, "--sectors") if sectors else None,
        important=_mapping(important, "--important") if important else None,
        denied_share=share,
        rationing="inputs_first" if rationing is Rationing.inputs_first else "proportional",
    )
    if show is ShowLoss.economies:
        frame = found.economies.sort("output_loss_share", "economy", descending=[True, False])
        if format is OutputFormat.table:
            frame = frame.filter(pl.col("output_loss_share") > 0)
    else:
        mine = pl.col("economy").is_in(list(economies_of(opened, to)))
        frame = found.table.filter(mine, pl.col("output_musd") > 0).sort(
            "output_loss_musd", "economy", "sector", descending=[True, False, False]
        )
        names = pl.Series("sector_name", [sector_name(each) for each in frame["sector"]])
        frame = frame.insert_column(2, names)
    if format is not OutputFormat.table:
        provenance = found.provenance
        frame = frame.with_columns(
            pl.lit(provenance["method"]).alias("method"),
            pl.lit(provenance["method_version"]).alias("method_version"),
            pl.lit(opened.name).alias("table"),
        )
    emit(frame, format, title=f"{origin} no longer delivers to {to}, {opened.name}, {opened.year}", out=out)
    if format is OutputFormat.table:
        say_assumptions(found.provenance["assumptions"], out)


def _critical(texts: Sequence[str]) -> Any:
    if len(texts) == 1 and texts[0] in ("all", "none"):
        return texts[0]
    return _mapping(texts, "--critical")


def _mapping(texts: Sequence[str], option: str) -> dict[str, list[str]]:
    return {user: parse_list(inputs, option) for user, inputs in parse_pairs(texts, option).items()}
