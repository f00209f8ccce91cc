"""``geomonitor exposure`` and ``geomonitor chains``: how far one economy leans on another through chains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geomonitor.cli.options import OutputFormat

if TYPE_CHECKING:
    import polars as pl

    from geomonitor.chains import LeontiefSystem
    from geomonitor.data.input_output import InputOutputTable

__all__ = ["app", "exposure_command", "open_table"]

app = typer.Typer(
    name="chains",
    help="Value chains: position, paths, extraction, passing through, both ways, and the letter's claims.",
    epilog="Example: geomonitor chains paths --to NLD --from CHN --sectors C29",
    no_args_is_help=True,
)


class By(StrEnum):
    """What the rows of an exposure are."""

    sector = "sector"
    member = "member"


_To = Annotated[str, typer.Option("--to", help="Whose: an economy (NLD) or a group (EU27_2020).")]
_From = Annotated[str, typer.Option("--from", help="On whom: an economy or a group.")]
_Sectors = Annotated[
    str | None,
    typer.Option("--sectors", help="Codes or families of sectors, such as C26,C27 or manufacturing."),
]
_Table = Annotated[
    str | None, typer.Option("--table", help="A stored input-output table; the embedded one by default.")
]
_Group = Annotated[
    list[str] | None,
    typer.Option("--group", help="A group of your own, such as BENELUX_DE=BEL,NLD,LUX,DEU; repeatable."),
]
_NoCache = Annotated[
    bool,
    typer.Option("--no-cache", help="Factorise anew, and store nothing (128 MB for 4,000 nodes)."),
]
_Format = Annotated[OutputFormat, typer.Option("--format", help="How to print it.")]
_Out = Annotated[Path | None, typer.Option("--out", help="Write to this file instead.")]


def open_table(name: str | None) -> InputOutputTable:
    """Open an input-output table by name; the embedded one where left out.

    Parameters
    ----------
    name : str or None

    Raises
    ------
    UnknownCodeError
        If there is no table of that name.
    """
    from geomonitor.data.input_output import EMBEDDED_TABLE, input_output_table

    return input_output_table(name or EMBEDDED_TABLE)


def _system(table: str | None, *, no_cache: bool) -> LeontiefSystem:
    from geomonitor.chains import cached_system, leontief_system

    opened = open_table(table)
    if no_cache:
        return leontief_system(opened)
    return cached_system(opened, notify=lambda text: typer.echo(f"Note: {text}", err=True))


def _list(text: str | None) -> list[str] | None:
    found = [each.strip() for each in (text or "").split(",") if each.strip()]
    return found or None


def _groups(texts: Sequence[str] | None) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in texts or ():
        name, _, members = text.partition("=")
        listed = _list(members)
        if not name.strip() or listed is None:
            raise typer.BadParameter(f"{text!r} in --group is not of the form NAME=CODE,CODE.")
        found[name.strip()] = listed
    return found


def _with_table(frame: pl.DataFrame, system: LeontiefSystem) -> pl.DataFrame:
    """Add which table the numbers come from."""
    import polars as pl

    return frame.with_columns(
        pl.lit(system.table.name).alias("table"), pl.lit(system.table.year).alias("table_year")
    )


def _about(system: LeontiefSystem) -> str:
    return f"{system.table.name}, {system.table.year}"


def exposure_command(
    to: _To,
    origin: Annotated[
        str | None,
        typer.Option("--from", help="On whom; for --by member everything abroad where left out."),
    ] = None,
    sectors: _Sectors = None,
    by: Annotated[
        By, typer.Option("--by", help="One row a sector, or one a member of the group.")
    ] = By.sector,
    total: Annotated[
        bool, typer.Option("--total", help="All sectors together, weighted by gross output.")
    ] = False,
    group: _Group = None,
    table: _Table = None,
    no_cache: _NoCache = False,
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
) -> None:
    """Show how far an economy leans on another one, directly and through its suppliers.

    face_value_share: part of direct purchases; look_through_share: part of all purchases upstream,
    domestic ones included; value_added_share: part of the value added in the products;
    market_share: part of all sales downstream.

    Example: geomonitor exposure --to NLD --from CHN --sectors manufacturing --format json
    """
    import polars as pl

    from geomonitor.chains import exposure, rank_members
    from geomonitor.cli.output import emit
    from geomonitor.data.input_output import sector_name

    if by is By.member and total:
        raise typer.BadParameter("--total and --by member exclude each other.")
    if by is By.sector and origin is None:
        raise typer.BadParameter("--from is needed, such as --from CHN; only --by member can do without.")
    groups = _groups(group)
    system = _system(table, no_cache=no_cache)
    title = f"{to} on {origin or 'abroad'}, {_about(system)}"
    if by is By.member:
        found = rank_members(system, to, origin, sectors=_list(sectors), groups=groups)
        emit(_with_table(found, system), format, title=title, out=out)
        return
    measured = exposure(system, to, str(origin), sectors=_list(sectors), groups=groups)
    origin_column = pl.lit(origin).alias("origin")
    if total:
        row = {
            "economy": to,
            "origin": origin,
            "sectors": ",".join(measured.sectors),
            "output_musd": float(measured.table["output_musd"].sum()),
            **measured.total,
        }
        frame = pl.DataFrame([row]).with_columns(pl.col(pl.Float64).fill_nan(None))
        emit(_with_table(frame, system), format, title=title, out=out, single=True)
        return
    names = pl.Series("sector_name", [sector_name(code) for code in measured.table["sector"]])
    rest = pl.exclude("economy", "sector")
    frame = measured.table.select("economy", "sector", names, origin_column, rest)
    emit(_with_table(frame, system), format, title=title, out=out)


@app.command("list")
def list_command(
    folder: Annotated[
        Path | None, typer.Option("--chains", help="A folder with chain files of your own.")
    ] = None,
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
) -> None:
    """List the chains that stacking knows, with their stages.

    Example: geomonitor chains list
    """
    import polars as pl

    from geomonitor.chains import load_chains
    from geomonitor.cli.output import emit
    from geomonitor.dependency import load_interests

    rows = [
        {
            "chain": chain.code,
            "name": chain.name["en"],
            "stage": stage.code,
            "kind": stage.kind,
            "stage_name": stage.name["en"],
            "materials": ";".join(each.material for each in stage.materials),
            "sectors": ",".join(stage.sectors),
            "interests": ";".join(chain.interests),
            "note": stage.note,
        }
        for chain in load_chains(folder, known_interests=load_interests().codes)
        for stage in chain.stages
    ]
    frame = pl.DataFrame(rows)
    if format is OutputFormat.table:
        frame = frame.drop("note", "interests")
    emit(frame, format, title="Chains and their stages", out=out)


@app.command("measures")
def measures_command(format: _Format = OutputFormat.table, out: _Out = None) -> None:  # noqa: A002
    """List the measures of value chains: formula, status and source.

    Example: geomonitor chains measures
    """
    import polars as pl

    from geomonitor.chains import chain_measures
    from geomonitor.cli.output import emit

    rows = [
        {
            "measure": each.id,
            "version": each.version,
            "status": each.status,
            "unit": each.unit,
            "title": each.title["en"],
            "formula": each.formula,
            "source": each.citation,
        }
        for each in chain_measures().values()
    ]
    emit(pl.DataFrame(rows), format, title="Measures of value chains", out=out)


@app.command("position")
def position_command(
    to: Annotated[str | None, typer.Option("--to", help="Only this economy or group.")] = None,
    sectors: _Sectors = None,
    group: _Group = None,
    table: _Table = None,
    no_cache: _NoCache = False,
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
) -> None:
    """Show how far sectors stand from final demand (upstreamness) and how much lies behind them.

    Example: geomonitor chains position --to NLD --sectors manufacturing
    """
    import polars as pl

    from geomonitor.chains import economies_of, position_table, sectors_of
    from geomonitor.cli.output import emit

    system = _system(table, no_cache=no_cache)
    frame = position_table(system).filter(pl.col("sector").is_in(sectors_of(system.table, _list(sectors))))
    if to is not None:
        frame = frame.filter(pl.col("economy").is_in(economies_of(system.table, to, _groups(group))))
    emit(_with_table(frame, system), format, title=f"Position in chains, {_about(system)}", out=out)


@app.command("paths")
def paths_command(
    to: _To,
    origin: _From,
    sectors: _Sectors = None,
    top: Annotated[int, typer.Option("--top", help="How many paths.", min=1, max=1000)] = 20,
    group: _Group = None,
    table: _Table = None,
    no_cache: _NoCache = False,
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
) -> None:
    """Show the largest supply paths from an economy into sectors, and how much they explain.

    Example: geomonitor chains paths --to NLD --from CHN --sectors C29
    """
    from geomonitor.chains import supply_paths
    from geomonitor.cli.output import emit

    system = _system(table, no_cache=no_cache)
    found = supply_paths(system, to, origin, sectors=_list(sectors), top=top, groups=_groups(group))
    if not found.exact:
        typer.echo("Note: the search stopped at its limit; larger paths may exist.", err=True)
    title = (
        f"{origin} in {to}: {found.exposure:.2%} of the value, {found.coverage:.1%} of that in these paths"
    )
    emit(_with_table(found.table, system), format, title=f"{title}, {_about(system)}", out=out)


@app.command("extraction")
def extraction_command(
    to: _To,
    origin: _From,
    sectors: Annotated[
        str | None, typer.Option("--sectors", help="Sectors of the supplier whose deliveries stop.")
    ] = None,
    group: _Group = None,
    table: _Table = None,
    no_cache: _NoCache = False,
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
) -> None:
    """Show what hangs on a supplier's deliveries: an upper bound, without substitution.

    output_loss: what suppliers no longer sell; downstream_loss: output of users whose value came
    through the deliveries that stop.

    Example: geomonitor chains extraction --to EU27_2020 --from CHN --sectors C26
    """
    import polars as pl

    from geomonitor.chains import extract_supplier
    from geomonitor.cli.output import emit

    system = _system(table, no_cache=no_cache)
    found = extract_supplier(system, to, origin, sectors=_list(sectors), groups=_groups(group))
    frame = found.table.sort("downstream_loss_musd", "economy", descending=[True, False])
    emit(
        _with_table(frame.with_columns(pl.lit(found.label).alias("label")), system)
        if format is not OutputFormat.table
        else frame,
        format,
        title=f"{origin} no longer delivers to {to}; {found.label}; {_about(system)}",
        out=out,
    )


@app.command("pass-through")
def pass_through_command(
    to: _To,
    origin: Annotated[
        str | None, typer.Option("--from", help="Economies or groups, with commas; all by default.")
    ] = None,
    sectors: _Sectors = None,
    group: _Group = None,
    table: _Table = None,
    no_cache: _NoCache = False,
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
) -> None:
    """Show how often production passes through economies, beyond the value that they add.

    Example: geomonitor chains pass-through --to NLD --sectors manufacturing
    """
    from geomonitor.chains import pass_through_stacking
    from geomonitor.cli.output import emit

    system = _system(table, no_cache=no_cache)
    found = pass_through_stacking(system, to, _list(origin), sectors=_list(sectors), groups=_groups(group))
    emit(_with_table(found, system), format, title=f"Passing through, {to}, {_about(system)}", out=out)


@app.command("two-way")
def two_way_command(
    to: _To,
    origin: _From,
    sectors: _Sectors = None,
    group: _Group = None,
    table: _Table = None,
    no_cache: _NoCache = False,
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
) -> None:
    """Show how far two economies lean on each other.

    Example: geomonitor chains two-way --to EU27_2020 --from CHN
    """
    from geomonitor.chains import two_way
    from geomonitor.cli.output import emit

    system = _system(table, no_cache=no_cache)
    found = two_way(system, to, origin, sectors=_list(sectors), groups=_groups(group))
    emit(_with_table(found.table, system), format, title=f"Both ways, {_about(system)}", out=out)


@app.command("letter")
def letter_command(
    table: _Table = None,
    no_cache: _NoCache = False,
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
) -> None:
    """Put what the letter says about value chains beside what the table gives.

    Example: geomonitor chains letter
    """
    from geomonitor.chains import letter_claims
    from geomonitor.cli.output import emit

    system = _system(table, no_cache=no_cache)
    frame = letter_claims(system).table
    if format is OutputFormat.table:
        for quote, source in frame.select("letter", "source").unique(maintain_order=True).iter_rows():
            typer.echo(f'Letter: "{quote}" ({source})', err=True)
        frame = frame.drop("letter", "source")
    emit(_with_table(frame, system), format, title=f"Letter / ours, {_about(system)}", out=out)
