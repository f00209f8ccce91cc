"""``geomonitor dossier read``: what one paper refers to, names, promises and settles."""

from __future__ import annotations

import datetime
import enum
from bisect import bisect_right
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geomonitor.cli.dossier_asked import day_asked, paper_asked
from geomonitor.cli.dossier_tables import table_of
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
# the columns of each table, and the width at which long texts are broken
_TABLE_COLUMNS: dict[Part, dict[str, int]] = {
    Part.references: {"line": 0, "quoted": 26, "target": 0, "relation": 0, "footnote": 0, "confidence": 0},
    Part.motions: {"line": 0, "quoted": 22, "movers": 18, "target": 0, "relation": 0, "confidence": 0},
    Part.commitments: {"line": 0, "kind": 0, "actor": 14, "subject": 24, "due": 18, "confidence": 0},
    Part.dates: {"line": 0, "quoted": 40, "first": 0, "date": 0},
    Part.bodies: {"line": 0, "quoted": 40, "body": 40},
    Part.footnotes: {"line": 0, "mark": 0, "text": 76},
    Part.settled: {"paper": 0, "in_list": 0, "in_text": 0},
}


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
    from geomonitor.dossier.reading import read_paper
    from geomonitor.dossier.sources.plain_text import read_text

    written = day_asked(date, "--date")
    own = paper_asked(paper, "--paper", only_printed=True) if paper else ""
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
    rows = _rows(reading, starts, part)
    if part == Part.settled and not reading.settled.listed:
        return "Settled: the paper has no list of motions that it settles.\n"
    if not rows:
        return f"{part.value.capitalize()}: none.\n"
    for row in rows:
        if part == Part.motions:
            row["movers"] = ", ".join(row["movers"]) + (" c.s." if row["and_others"] else "")
        if part == Part.commitments:
            day = f"until {row['due_until'].isoformat()}" if row["due_until"] else ""
            row["due"] = "\n".join(each for each in (row["due_text"], day) if each)
    title = f"{part.value.capitalize()} ({len(rows)})"
    if part == Part.settled:
        settled = reading.settled
        differing = len(settled.only_listed) + len(settled.only_in_text)
        title += (
            ": list and running text agree"
            if not differing
            else f": list and running text differ in {differing}"
        )
    return table_of(rows, title, _TABLE_COLUMNS[part], out)
