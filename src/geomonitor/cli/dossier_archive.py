"""``geomonitor dossier sync``, ``load`` and ``incomplete``: papers brought into the archive."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geomonitor.cli.dossier_asked import counted, day_asked, dossier_asked, paper_asked
from geomonitor.cli.dossier_tables import emit_rows, note_unknown_dossier
from geomonitor.cli.home import Home, open_home
from geomonitor.cli.options import OutputFormat
from geomonitor.errors import GeomonitorError

if TYPE_CHECKING:
    from geomonitor.dossier.sources.unreadable import Unreadable

__all__ = ["incomplete_command", "load_command", "sync_command"]

_SHOWN = 20


class Source(StrEnum):
    """Which sources are asked."""

    both = "both"
    tweede_kamer = "tweede-kamer"
    koop = "koop"


def sync_command(
    dossier: Annotated[
        str | None,
        typer.Argument(metavar="DOSSIER", help="A dossier: 35207, 36200-X, 21501-20.", show_default=False),
    ] = None,
    all_dossiers: Annotated[bool, typer.Option("--all", help="All dossiers.")] = False,
    source: Annotated[Source, typer.Option("--source", help="Which source.")] = Source.both,
    since: Annotated[
        str | None, typer.Option("--since", help="Only what changed on or after this day: YYYY-MM-DD.")
    ] = None,
    address: Annotated[
        str,
        typer.Option(
            "--address",
            envvar="GEOMONITOR_DOSSIER_ADDRESS",
            help="Where the services are, instead of at parliament and KOOP.",
        ),
    ] = "",
    rate: Annotated[float, typer.Option("--rate", help="At most so many requests a second.")] = 2.0,
    contact: Annotated[
        str,
        typer.Option(
            "--contact",
            envvar="GEOMONITOR_CONTACT",
            help="Whom the sources can write to; told with requests.",
        ),
    ] = "",
    home: Home = None,
) -> None:
    """Bring a dossier, or all, up to date from the open data of parliament and the official publications.

    Exits with 5 when a source could not be read to its end: the same command goes on where it stopped.

    Example: geomonitor dossier sync 35207
    """
    if (dossier is None) is not all_dossiers:
        raise GeomonitorError(
            "It is not clear what to sync.",
            where="DOSSIER",
            expected="a dossier such as 35207, or --all",
            next_step="Name one of them.",
        )
    scope = dossier_asked(dossier, "DOSSIER") if dossier is not None else "all"
    if not scope:
        raise GeomonitorError(
            "The dossier is empty.", where="DOSSIER", expected="such as 35207", next_step="Name it, or --all."
        )
    day = day_asked(since, "--since")
    _require_address(address)
    from geomonitor.dossier.transport import Client, Politeness

    politeness = Politeness(requests_per_second=rate, contact=contact)
    open_home(home)
    from geomonitor.archive.sync import SOURCES, sync

    sources = SOURCES if source is Source.both else (source.value,)
    with _shown() as (tell, say), Client(politeness, tell=say) as client:
        outcome = sync(scope, client=client, sources=sources, since=day, address=address, progress=tell)
    for name in outcome.went_on:
        typer.echo(f"{name}: went on where it was stopped.")
    papers = outcome.papers
    typer.echo(
        f"{counted(papers.added, 'paper', 'papers')} added, {papers.changed:,} changed, "
        f"{papers.withdrawn:,} withdrawn, {papers.unchanged:,} as they were; "
        f"{counted(outcome.pages, 'page', 'pages')} read, {outcome.unchanged_pages:,} not changed."
    )
    if outcome.left_out:
        typer.echo(f"{outcome.left_out:,} annexes and the like without a number of their own were left out.")
    _print_decisions(outcome.votes.added + outcome.votes.changed, "votes")
    _print_decisions(
        outcome.commitments.added + outcome.commitments.changed + outcome.commitments.withdrawn, "commitments"
    )
    _print_unreadable(outcome.unreadable)
    for name, error in outcome.problems:
        typer.echo(f"Error: {name}: {error}", err=True)
    if outcome.problems:
        if not outcome.pages + outcome.unchanged_pages:
            typer.echo(
                "Nothing could be read from any source. Behind a proxy, set HTTPS_PROXY; without a network, "
                "bring files here and use geomonitor dossier load.",
                err=True,
            )
        raise typer.Exit(outcome.problems[0][1].exit_status)
    if not all_dossiers and since is None:
        _note_nothing_found(scope)


def load_command(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="Official publications (folder, .xml, .zip, .tar.gz), rows of open data (.jsonl, "
            ".jsonl.gz), totals of votes (.json), or a letter (.txt, .md).",
        ),
    ],
    paper: Annotated[
        str, typer.Option("--paper", help="Which paper a letter is, where it does not say so: kst-35207-60.")
    ] = "",
    home: Home = None,
) -> None:
    """Load papers from files; what is in the archive already and did not change is left as it is.

    A load that was ended goes on where it stopped. Exits with 4 when something could not be read.

    Example: geomonitor dossier load kamerstukken.zip zaak.jsonl.gz
    """
    named = paper_asked(paper, "--paper", only_printed=True) if paper else ""
    open_home(home)
    from django.utils import timezone

    from geomonitor.archive.after_loading import derive_all
    from geomonitor.archive.load_files import load_file, recognise
    from geomonitor.dossier.sources.unreadable import Unreadable

    # all of them first: a wrong one among them is told before anything is loaded
    for path in paths:
        recognise(path)
    unreadable: list[Unreadable] = []
    changed = False
    with _shown() as (tell, _):
        for path in paths:
            outcome = load_file(path, paper=named, progress=tell)
            changed = changed or outcome.changed_anything
            unreadable += outcome.unreadable
            papers, went_on = outcome.papers, outcome.went_on_from
            if not (went_on or papers.read or outcome.votes.read or outcome.commitments.read):
                unreadable.append(Unreadable(str(path), "There are no papers, votes or commitments in it."))
            start = f" (went on from {went_on:,})" if went_on else ""
            typer.echo(
                f"{path.name}{start}: {counted(papers.added, 'paper', 'papers')} added, "
                f"{papers.changed:,} changed, "
                f"{papers.withdrawn:,} withdrawn, {papers.unchanged:,} as they were; {papers.incomplete:,} "
                f"incomplete."
            )
            _print_decisions(outcome.votes.added + outcome.votes.changed, "votes")
            _print_decisions(outcome.commitments.added + outcome.commitments.changed, "commitments")
        if changed:
            derive_all(today=timezone.localdate(), progress=tell)
    _print_unreadable(unreadable)
    if unreadable:
        raise typer.Exit(4)


def incomplete_command(
    dossier: Annotated[str, typer.Option("--dossier", help="Only papers of this dossier.")] = "",
    format: Annotated[OutputFormat, typer.Option("--format", help="How to print.")] = OutputFormat.table,  # noqa: A002
    out: Annotated[Path | None, typer.Option("--out", help="A file instead of the screen.")] = None,
    home: Home = None,
) -> None:
    """List papers that lack a field that they should have, with the reason.

    Example: geomonitor dossier incomplete --format csv
    """
    key = dossier_asked(dossier, "--dossier")
    open_home(home)
    import polars as pl

    from geomonitor.archive.models import Paper

    papers = Paper.objects.exclude(missing=[]).filter(withdrawn_at=None).order_by("paper")
    if key:
        papers = papers.filter(dossier=key)
    rows = [
        {"paper": paper, "source": source, "field": field, "reason": reason}
        for paper, source, missing in papers.values_list("paper", "source", "missing").iterator()
        for field, reason in missing
    ]
    schema = dict.fromkeys(("paper", "source", "field", "reason"), pl.String)
    title = f"Papers that lack something: {len({row['paper'] for row in rows}):,}"
    emit_rows(rows, schema, title, format.value, out, {"paper": 0, "source": 0, "field": 0, "reason": 40})
    if not rows:
        note_unknown_dossier(key)


def _require_address(address: str) -> None:
    """Refuse what is no address before anything is asked of it."""
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise GeomonitorError(
            f"{address!r} is no address of a server.",
            where="--address",
            expected="http:// or https:// and a name, such as https://mirror.example",
            next_step="Correct it, or leave it out for parliament and KOOP themselves.",
        )


def _note_nothing_found(dossier: str) -> None:
    from django.db.models import Q

    from geomonitor.archive.models import Paper

    if not Paper.objects.filter(Q(dossier=dossier) | Q(dossier__startswith=f"{dossier}-")).exists():
        typer.echo(f"No source has papers of dossier {dossier}. Check its number.", err=True)


def _print_decisions(number: int, name: str) -> None:
    if number:
        typer.echo(f"  {number:,} {name} added or changed.")


def _print_unreadable(unreadable: Sequence[Unreadable]) -> None:
    for each in unreadable[:_SHOWN]:
        typer.echo(f"Not loaded: {each.where}: {each.reason}", err=True)
    if len(unreadable) > _SHOWN:
        typer.echo(f"Not loaded: {len(unreadable) - _SHOWN:,} more.", err=True)


@contextlib.contextmanager
def _shown() -> Iterator[tuple[Callable[[str, int, int], None], Callable[[str], None]]]:
    """Show what is being done on standard error, and what is waited for."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.fields[done]}"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Starting", total=None, done="")

        def tell(text: str, done: int, total: int) -> None:
            counted = f"{done:,} of {total:,}" if total else f"{done:,}" if done else ""
            bar.update(task, description=text, done=counted)

        yield tell, lambda text: bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
