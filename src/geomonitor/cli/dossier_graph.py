"""``geomonitor dossier motions``, ``commitments`` and ``derive``: how far each has come."""

from __future__ import annotations

import datetime
import enum
from pathlib import Path
from typing import Annotated

import typer

from geomonitor.cli.home import Home, open_home
from geomonitor.cli.options import OutputFormat

__all__ = ["commitments_command", "derive_command", "motions_command"]


class MotionStateChoice(enum.StrEnum):
    """How far a motion has come."""

    SUBMITTED = "submitted"
    HELD_OVER = "held_over"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    REJECTED = "rejected"
    ADOPTED = "adopted"
    CARRIED_OUT = "carried_out"
    SETTLED = "settled"


class CommitmentStateChoice(enum.StrEnum):
    """How far a commitment has come."""

    OPEN = "open"
    DUE = "due"
    OVERDUE = "overdue"
    MET = "met"


_Dossier = Annotated[str, typer.Option("--dossier", help="Only this dossier: 35207, 36200-X, 21501-20.")]
_Format = Annotated[OutputFormat, typer.Option("--format", help="How to print.")]
_Out = Annotated[Path | None, typer.Option("--out", help="A file instead of the screen.")]
_Limit = Annotated[int, typer.Option("--limit", min=1, help="How many rows at most.")]


def motions_command(
    dossier: _Dossier = "",
    state: Annotated[
        MotionStateChoice | None, typer.Option("--state", help="Only motions that have come so far.")
    ] = None,
    settled_by: Annotated[
        str, typer.Option("--settled-by", help="Only motions that this paper settles or carries out.")
    ] = "",
    limit: _Limit = 1_000,
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
    home: Home = None,
) -> None:
    """List motions with their state, and the paper that settles them or carries them out.

    Example: geomonitor dossier motions --dossier 35207 --state adopted
    """
    key = _dossier_key(dossier)
    open_home(home)
    import polars as pl

    from geomonitor.archive.queries import MotionFilters, motions_of
    from geomonitor.cli.output import emit

    found = motions_of(
        MotionFilters(dossier=key, state=state.value if state else "", settled_by=settled_by.strip())
    )
    rows = [
        {
            "motion": each.motion,
            "matter": each.matter,
            "dossier": each.dossier,
            "date": each.date,
            "movers": ", ".join(each.movers),
            "title": each.title,
            "state": each.current_state,
            "judged": bool(each.judged_state),
            "rule": _rule(each.state_evidence, each.state),
            "settled_by": each.settled_by,
            "settled_on": each.settled_on,
        }
        for each in found[:limit]
    ]
    schema = {
        "motion": pl.String,
        "matter": pl.String,
        "dossier": pl.String,
        "date": pl.Date,
        "movers": pl.String,
        "title": pl.String,
        "state": pl.String,
        "judged": pl.Boolean,
        "rule": pl.String,
        "settled_by": pl.String,
        "settled_on": pl.Date,
    }
    emit(pl.DataFrame(rows, schema=schema), format.value, _titled("Motions", len(rows), found.count()), out)


def commitments_command(
    dossier: _Dossier = "",
    state: Annotated[
        CommitmentStateChoice | None, typer.Option("--state", help="Only commitments that have come so far.")
    ] = None,
    due_before: Annotated[
        str, typer.Option("--due-before", help="Only those with their last day before this one: 2023-04-01.")
    ] = "",
    limit: _Limit = 1_000,
    format: _Format = OutputFormat.table,  # noqa: A002
    out: _Out = None,
    home: Home = None,
) -> None:
    """List commitments with their last day and state, the nearest day first.

    Example: geomonitor dossier commitments --dossier 35207 --state overdue
    """
    key, before = _dossier_key(dossier), _day(due_before, "--due-before")
    open_home(home)
    import polars as pl

    from geomonitor.archive.queries import CommitmentFilters, commitments_of
    from geomonitor.cli.output import emit

    found = commitments_of(
        CommitmentFilters(dossier=key, state=state.value if state else "", due_before=before)
    )
    rows = [
        {
            "commitment": each.commitment,
            "official": each.official,
            "kind": each.kind,
            "dossier": each.dossier,
            "made_on": each.made_on,
            "actor": each.actor,
            "text": each.text,
            "due_text": each.due_text,
            "due_until": each.due_until,
            "state": each.current_state,
            "judged": bool(each.judged_state),
            "rule": _rule(each.state_evidence, each.state),
            "met_by": each.met_by,
        }
        for each in found[:limit]
    ]
    schema = {
        "commitment": pl.String,
        "official": pl.Boolean,
        "kind": pl.String,
        "dossier": pl.String,
        "made_on": pl.Date,
        "actor": pl.String,
        "text": pl.String,
        "due_text": pl.String,
        "due_until": pl.Date,
        "state": pl.String,
        "judged": pl.Boolean,
        "rule": pl.String,
        "met_by": pl.String,
    }
    emit(
        pl.DataFrame(rows, schema=schema), format.value, _titled("Commitments", len(rows), found.count()), out
    )


def derive_command(
    day: Annotated[
        str, typer.Option("--day", help="The day for which commitments are due or overdue; today by default.")
    ] = "",
    due_within: Annotated[
        int, typer.Option("--due-within", min=0, max=3_650, help="Days before the last day that it is due.")
    ] = 30,
    home: Home = None,
) -> None:
    """Derive the states of all motions and commitments anew, with the evidence; judgements stay.

    Example: geomonitor dossier derive --due-within 14
    """
    today = _day(day, "--day") or datetime.date.today()
    open_home(home)
    from geomonitor.archive.deriving import derive_states

    outcome = derive_states(
        today=today,
        due_within_days=due_within,
        progress=lambda text, done, total: typer.echo(f"[{done}/{total}] {text}", err=True),
    )
    typer.echo(
        f"Changed: {outcome.titles:,} titles of dossiers, {outcome.matters:,} dossiers of matters, "
        f"{outcome.links:,} links, {outcome.motions:,} motions, {outcome.commitments:,} commitments."
    )


def _rule(evidence: list[dict[str, object]], state: str) -> str:
    """Give the rule of the first evidence that speaks for the state."""
    return next((str(each["rule"]) for each in evidence if each["state"] == state), "")


def _titled(what: str, shown: int, total: int) -> str:
    return f"{what}: {total:,}" if shown == total else f"{what}: the first {shown:,} of {total:,}"


def _dossier_key(text: str) -> str:
    from geomonitor.dossier.reading.normal_forms import normal_dossier

    return normal_dossier(text) if text.strip() else ""


def _day(text: str, option: str) -> datetime.date | None:
    from geomonitor.errors import GeomonitorError

    if not text.strip():
        return None
    try:
        return datetime.date.fromisoformat(text.strip())
    except ValueError as error:
        raise GeomonitorError(
            f"{text!r} is no day.",
            where=option,
            expected="year, month and day: 2023-04-01",
            next_step="Write it like that.",
        ) from error
