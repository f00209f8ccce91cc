"""``geomonitor dossier read``: what one paper refers to, names, promises and settles."""

from __future__ import annotations

import datetime
import enum
from bisect import bisect_right
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geomonitor.cli.options import OutputFormat
from geomonitor.errors import DataError, GeomonitorError

if TYPE_CHECKING:
    import polars as pl

    from geomonitor.dossier.reading import PaperReading

__all__ = ["Part", "read_command"]


class Part(enum.StrEnum):
    """A part of what was recognised."""

    references = "references"
    motions = "motions"
    commitments = "commitments"
    dates = "dates"
    bodies = "bodies"
    footnotes = "footnotes"
    settled = "settled"


# what a policy analyst looks at first
_SHOWN_FIRST = (Part.motions, Part.commitments, Part.references, Part.settled)
_TABLE_COLUMNS = {
    Part.references: ("line", "quoted", "kind", "target", "relation", "footnote", "confidence"),
    Part.motions: (
        "line",
        "quoted",
        "movers",
        "target",
        "relation",
        "relation_quoted",
        "in_list",
        "confidence",
    ),
    Part.commitments: (
        "line",
        "kind",
        "actor",
        "subject",
        "due_text",
        "due_from",
        "due_until",
        "motion",
        "confidence",
    ),
    Part.dates: ("line", "quoted", "first", "date"),
    Part.bodies: ("line", "quoted", "body"),
    Part.footnotes: ("line", "mark", "text"),
    Part.settled: ("paper", "in_list", "in_text"),
}
_LONG_COLUMNS = ("subject", "text", "quoted", "relation_quoted")
_LONGEST_CELL = 70


def read_command(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A text, or an official publication as XML (.xml).", show_default=False
        ),
    ],
    what: Annotated[
        list[Part] | None, typer.Option("--what", help="Only this part; can be given again.")
    ] = None,
    format: Annotated[OutputFormat, typer.Option("--format", help="How to print.")] = OutputFormat.table,  # noqa: A002
    out: Annotated[Path | None, typer.Option("--out", help="A file instead of the screen.")] = None,
    paper: Annotated[
        str,
        typer.Option("--paper", help="What paper it is, such as 35207-60, where its head does not say so."),
    ] = "",
    date: Annotated[
        str, typer.Option("--date", help="Its date, such as 2023-01-13, where its head does not say so.")
    ] = "",
    names: Annotated[
        Path | None,
        typer.Option("--names", help="Surnames of members, one a line: they decide what a hyphen joins."),
    ] = None,
) -> None:
    """Read a paper: references, motions, commitments, dates, bodies, footnotes and the motions it settles.

    Positions count the characters of the text, from 0; of an XML file, of its body. JSON gives everything.

    Example: geomonitor dossier read letter.txt --format json
    """
    from geomonitor.cli.output import emit, emit_document, write_text

    text, reading = _reading(file, paper, date, names)
    starts = _line_starts(text)
    parts = tuple(what) if what else tuple(Part)
    if format == OutputFormat.json and (what is None or len(parts) > 1):
        emit_document(_document(reading, starts, parts, file), out)
        return
    if format == OutputFormat.table:
        shown = parts if what else _SHOWN_FIRST
        write_text(
            "\n".join([_head(reading, file), *(_table(reading, starts, part, out) for part in shown)]), out
        )
        return
    if len(parts) != 1:
        raise GeomonitorError(
            f"{format.value} holds one table, and {'no' if what is None else len(parts)} parts were "
            f"asked for.",
            expected="one part of the reading",
            next_step="Add --what references, or another part; or use --format json for all of them.",
        )
    emit(_frame(_rows(reading, starts, parts[0]), parts[0]), format.value, out=out)


def _reading(file: Path, paper: str, date: str, names: Path | None) -> tuple[str, PaperReading]:
    from geomonitor.dossier.reading import identify, read_paper
    from geomonitor.dossier.sources.plain_text import read_text

    written = _date(date)
    own = ""
    if paper:
        known = identify(paper)
        if known is None or known[0] != "paper":
            raise GeomonitorError(
                f"{paper!r} is no paper.",
                where="--paper",
                expected="dossier and number, such as 35207-60 or kst-35207-60",
                next_step="Leave it out, or write it as on the paper.",
            )
        own = known[1]
    surnames = (
        frozenset(line.strip() for line in read_text(names).splitlines() if line.strip())
        if names
        else frozenset()
    )
    if file.suffix.casefold() == ".xml":
        record = _publication(file)
        text, own, written = record[0], own or record[1], written or record[2]
    else:
        text = read_text(file)
    try:
        return text, read_paper(text, paper=own, date=written, names=surnames)
    except DataError as error:
        raise DataError(
            error.what, where=str(file), expected=error.expected, next_step=error.next_step
        ) from error


def _date(text: str) -> datetime.date | None:
    if not text:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise GeomonitorError(
            f"{text!r} is no date.",
            where="--date",
            expected="year, month and day: 2023-01-13",
            next_step="Write it in that order, with hyphens.",
        ) from error


def _publication(file: Path) -> tuple[str, str, datetime.date | None]:
    """Give text, identifier and date of an official publication."""
    from geomonitor.dossier.records import PaperRecord
    from geomonitor.dossier.sources.koop import publications_in

    for each in publications_in(file):
        if isinstance(each, PaperRecord):
            return each.text, each.paper, each.date
        raise DataError(
            f"It is no official publication that can be read: {each.reason}",
            where=each.where,
            expected="XML with the root element officiele-publicatie",
            next_step="Check the file, or save the text of the paper as .txt and read that.",
        )
    raise DataError(
        "The file holds no publication.",
        where=str(file),
        expected="XML with the root element officiele-publicatie",
        next_step="Check the file.",
    )


def _line_starts(text: str) -> list[int]:
    starts = [0]
    position = text.find("\n")
    while position >= 0:
        starts.append(position + 1)
        position = text.find("\n", position + 1)
    return starts


def _rows(reading: PaperReading, starts: list[int], part: Part) -> list[dict[str, Any]]:
    if part == Part.settled:
        settled = reading.settled
        return [
            {"paper": paper, "in_list": paper in settled.listed, "in_text": paper in settled.in_text}
            for paper in dict.fromkeys((*settled.listed, *settled.in_text))
        ]
    rows = []
    for mention in getattr(reading, part.value):
        row = asdict(mention)
        place = {"start": row.pop("start"), "end": row.pop("end")}
        rows.append({"line": bisect_right(starts, place["start"]), **place, **row})
    return rows


def _document(
    reading: PaperReading, starts: list[int], parts: tuple[Part, ...], file: Path
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "file": file.name,
        "paper": reading.paper,
        "date": reading.date,
        "characters": reading.characters,
    }
    for part in parts:
        if part == Part.settled:
            document["settled"] = asdict(reading.settled) | {
                "line": bisect_right(starts, reading.settled.start)
            }
        else:
            document[part.value] = _rows(reading, starts, part)
    return document


def _frame(rows: list[dict[str, Any]], part: Part) -> pl.DataFrame:
    import polars as pl

    kinds: dict[str, Any] = {
        "line": pl.Int64, "start": pl.Int64, "end": pl.Int64, "called_at": pl.Int64, "confidence": pl.Float64,
        "and_others": pl.Boolean, "in_list": pl.Boolean, "in_text": pl.Boolean, "first": pl.Date,
        "date": pl.Date, "due_from": pl.Date, "due_until": pl.Date,
    }  # fmt: skip
    columns = _columns(part)
    plain = [
        {name: ", ".join(value) if isinstance(value, tuple) else value for name, value in row.items()}
        for row in rows
    ]
    return pl.DataFrame(plain, schema={name: kinds.get(name, pl.String) for name in columns})


def _columns(part: Part) -> list[str]:
    from dataclasses import fields

    from geomonitor.dossier import reading

    if part == Part.settled:
        return ["paper", "in_list", "in_text"]
    kind = {
        Part.references: reading.ReferenceMention,
        Part.motions: reading.MotionMention,
        Part.commitments: reading.CommitmentMention,
        Part.dates: reading.DateMention,
        Part.bodies: reading.BodyMention,
        Part.footnotes: reading.Footnote,
    }[part]
    return ["line", *(each.name for each in fields(kind))]


def _head(reading: PaperReading, file: Path) -> str:
    day = reading.date.isoformat() if reading.date else "no date found"
    return (
        f"{file.name}: {reading.paper or 'no identifier found'}, {day}, {reading.characters:,} characters\n"
    )


def _table(reading: PaperReading, starts: list[int], part: Part, out: Path | None) -> str:
    from geomonitor.cli.output import shortened, table_text

    rows = _rows(reading, starts, part)
    if part == Part.settled and not reading.settled.listed:
        return "Settled: the paper has no list of motions that it settles.\n"
    if not rows:
        return f"{part.value.capitalize()}: none.\n"
    frame = _frame(rows, part).select(_TABLE_COLUMNS[part])
    long = [name for name in _LONG_COLUMNS if name in frame.columns]
    title = f"{part.value.capitalize()} ({len(rows)})"
    if part == Part.settled:
        settled = reading.settled
        differing = len(settled.only_listed) + len(settled.only_in_text)
        title += (
            ": list and running text agree"
            if not differing
            else f": list and running text differ in {differing}"
        )
    return table_text(frame.with_columns(shortened(name, _LONGEST_CELL) for name in long), title, out)
