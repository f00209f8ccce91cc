"""``geomonitor dossier motions``, ``commitments`` and ``derive``: how far each has come."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from geomonitor.cli.dossier_asked import counted, day_asked, dossier_asked, paper_asked
from geomonitor.cli.dossier_tables import emit_rows, note_unknown_dossier, subject_of_motion
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

    The table shows a choice of columns; csv, json and parquet have all of them.

    Example: geomonitor dossier motions --dossier 35207 --state adopted
    """
    key = dossier_asked(dossier, "--dossier")
    settling = paper_asked(settled_by, "--settled-by") if settled_by.strip() else ""
    open_home(home)
    import polars as pl

    from geomonitor.archive.queries import MotionFilters, motions_of

    found = motions_of(MotionFilters(dossier=key, state=state.value if state else "", settled_by=settling))
    rows = [
        {
            "motion": each.motion,
            "matter": each.matter,
            "dossier": each.dossier,
            "date": each.date,
            "movers": ", ".join(each.movers),
            "title": each.title,
            "subject": subject_of_motion(each.title),
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
    shown = {"motion": 0, "date": 0, "subject": 38, "state": 0, "settled_by": 0}
    emit_rows(rows, schema, _titled("Motions", len(rows), found.count()), format.value, out, shown)
    if not rows:
        note_unknown_dossier(key)


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

    The table shows a choice of columns; csv, json and parquet have all of them.

    Example: geomonitor dossier commitments --dossier 35207 --state overdue
    """
    key, before = dossier_asked(dossier, "--dossier"), day_asked(due_before, "--due-before")
    open_home(home)
    import polars as pl

    from geomonitor.archive.queries import CommitmentFilters, commitments_of

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
    shown = {"commitment": 0, "text": 36, "due_until": 0, "state": 0, "met_by": 0}
    emit_rows(rows, schema, _titled("Commitments", len(rows), found.count()), format.value, out, shown)
    if not rows:
        note_unknown_dossier(key)


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

    The counts of dossiers and the search index follow.

    Example: geomonitor dossier derive --due-within 14
    """
    asked = day_asked(day, "--day")
    open_home(home)
    from django.utils import timezone

    from geomonitor.archive.after_loading import derive_all

    outcome = derive_all(
        today=asked or timezone.localdate(),
        due_within_days=due_within,
        progress=lambda text, done, total: typer.echo(f"[{done}/{total}] {text}", err=True),
    )
    changed = (
        counted(outcome.titles, "title of a dossier", "titles of dossiers"),
        counted(outcome.matters, "dossier of a matter", "dossiers of matters"),
        counted(outcome.links, "link", "links"),
        counted(outcome.motions, "motion", "motions"),
        counted(outcome.commitments, "commitment", "commitments"),
    )
    typer.echo(f"Changed: {', '.join(changed)}.")


def _rule(evidence: list[dict[str, object]], state: str) -> str:
    """Give the rule of the first evidence that speaks for the state."""
    return next((str(each["rule"]) for each in evidence if each["state"] == state), "")


def _titled(what: str, shown: int, total: int) -> str:
    return f"{what}: {total:,}" if shown == total else f"{what}: the first {shown:,} of {total:,}"
