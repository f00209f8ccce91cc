"""``geomonitor dossier search`` and ``index``: full text over the papers of the archive."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geomonitor.cli.dossier_asked import counted, day_asked, dossier_asked
from geomonitor.cli.dossier_tables import emit_rows, note_unknown_dossier
from geomonitor.cli.home import Home, open_home
from geomonitor.cli.options import OutputFormat

if TYPE_CHECKING:
    from geomonitor.archive.search import SearchAnswer
    from geomonitor.dossier.search_snippets import MarkedText

__all__ = ["index_command", "search_command"]

_NOTES = {
    "query_cut": "Only the beginning of the question was read, up to {value} characters or words.",
    "prefix_too_short": "{value} is too short for a search by beginning; it was taken as a word.",
    "no_words": "The question has no words to search for.",
    "dossier_unknown_form": "{value} is no dossier as they are numbered: 35207, 36200-X, 21501-20.",
    "until_before_since": "The last day lies before the first, so nothing can be found.",
    "identifier_not_here": "{value} is not in the archive; what names it is shown.",
    "total_at_least": "There are more than {value} papers; they were not counted further.",
    "facets_of_newest": "Dossiers, kinds and years are counted over the newest {value} papers.",
    "ranked_newest": "The newest {value} papers are ranked; the others follow, newest first.",
    "index_empty": "Nothing is indexed yet: run geomonitor dossier index.",
}


class FamilyChoice(StrEnum):
    """What a row of the archive is."""

    paper = "paper"
    matter = "matter"
    document = "document"


class SearchOrder(StrEnum):
    """In which order papers are shown."""

    newest = "newest"
    relevance = "relevance"


def search_command(
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY",
            help='Words, "a phrase", OR, -not, begin*, title:word. One that begins with - comes after --.',
            show_default=False,
        ),
    ] = "",
    dossier: Annotated[
        str, typer.Option("--dossier", help="Only this dossier: 35207, 36200-X; 36200* with its chapters.")
    ] = "",
    kind: Annotated[str, typer.Option("--kind", help='Only this kind: motie, "brief regering".')] = "",
    family: Annotated[
        FamilyChoice | None, typer.Option("--family", help="Only papers, matters or documents.")
    ] = None,
    since: Annotated[str, typer.Option("--since", help="First day.", metavar="YYYY-MM-DD")] = "",
    until: Annotated[str, typer.Option("--until", help="Last day.", metavar="YYYY-MM-DD")] = "",
    order: Annotated[SearchOrder, typer.Option("--order", help="What comes first.")] = SearchOrder.newest,
    page: Annotated[int, typer.Option("--page", min=1, help="Which page.")] = 1,
    page_size: Annotated[int, typer.Option("--page-size", min=1, max=200, help="Papers on a page.")] = 20,
    format: Annotated[OutputFormat, typer.Option("--format", help="How to print.")] = OutputFormat.table,  # noqa: A002
    out: Annotated[Path | None, typer.Option("--out", help="A file instead of the screen.")] = None,
    home: Home = None,
) -> None:
    """Search titles and texts of papers, in any inflection of the words.

    All words must occur: "a phrase", china OR rusland, -not, grondsto*, title:word, kind:motie.

    "35 207, nr. 60" shows that paper first, then what names it. ** stands around what was found.

    Example: geomonitor dossier search "strategische afhankelijkheid" --since 2023-01-01
    """
    first, last = day_asked(since, "--since"), day_asked(until, "--until")
    chapters = dossier.strip().endswith("*")
    key = dossier_asked(dossier.strip().rstrip("*"), "--dossier")
    open_home(home)
    from geomonitor.archive.search import SearchRequest, search

    answer = search(
        SearchRequest(
            query=f"dossier:{key}* {query}" if chapters and key else query,
            dossier="" if chapters else key,
            kind=kind,
            family=family.value if family else "",
            since=first,
            until=last,
            order=order.value,
            page=page,
            page_size=page_size,
        )
    )
    _print(answer, format, out)
    if answer.total and page > answer.pages:
        counted_pages = counted(answer.pages, "page", "pages")
        print(f"The answer has {counted_pages}; page {answer.page} is shown.", file=sys.stderr)
    if not answer.total:
        note_unknown_dossier(key)


def _print(answer: SearchAnswer, output_format: OutputFormat, out: Path | None) -> None:
    import polars as pl

    marks = ("**", "**")
    rows: list[dict[str, Any]] = [
        {
            "paper": hit.paper,
            "date": hit.date,
            "kind": hit.kind,
            "dossier": hit.dossier,
            "title": _shown(hit.title, marks),
            "snippet": _shown(hit.snippet, marks) if hit.snippet else None,
            "score": hit.score,
        }
        for hit in answer.hits
    ]
    for row in rows:
        row["found"] = f"{row['title']}\n{row['snippet'] or ''}"
    schema: dict[str, Any] = {
        "paper": pl.String,
        "date": pl.Date,
        "kind": pl.String,
        "dossier": pl.String,
        "title": pl.String,
        "snippet": pl.String,
        "score": pl.Float64,
    }
    if not any(hit.score is not None for hit in answer.hits):
        del schema["score"]
    least = "" if answer.total_is_exact else "at least "
    title = f"{least}{counted(answer.total, 'paper', 'papers')} in {1000 * answer.elapsed:,.0f} ms"
    if answer.pages > 1:
        title += f"; page {answer.page} of {answer.pages:,}"
    shown = {"paper": 0, "date": 0, "kind": 14, "found": 48}
    emit_rows(rows, schema, title, output_format.value, out, shown)
    for note in answer.notes:
        print(_NOTES[note.key].format(value=note.value), file=sys.stderr)


def _shown(marked: MarkedText, marks: tuple[str, str]) -> str:
    before, after = marks
    return "".join(f"{before}{text}{after}" if is_marked else text for text, is_marked in marked.parts())


def index_command(
    everything: Annotated[
        bool,
        typer.Option(
            "--everything", help="Empty the index first: where it is damaged. Searches miss papers meanwhile."
        ),
    ] = False,
    home: Home = None,
) -> None:
    """Bring the search index up to date with the papers; what is as it was is not touched.

    People can search and save meanwhile. A run that was ended goes on where it was.

    Example: geomonitor dossier index
    """
    import time

    open_home(home)
    from geomonitor.archive.search import rebuild

    begin = time.monotonic()

    def tell(text: str, done: int, total: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{text}: {done:,} of {total:,}", end="", file=sys.stderr, flush=True)

    outcome = rebuild(tell, everything=everything)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    seconds = time.monotonic() - begin
    typer.echo(
        f"{counted(outcome.papers, 'paper', 'papers')}: {outcome.indexed:,} indexed, "
        f"{outcome.forgotten:,} taken out, in {seconds:,.1f} s."
    )
