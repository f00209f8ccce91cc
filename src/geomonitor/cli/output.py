"""Print a frame as a table, CSV, JSON or Parquet."""

from __future__ import annotations

import datetime
import io
import json
import math
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from geomonitor.errors import GeomonitorError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["emit", "emit_document", "shortened", "table_text", "write_text"]

# Wide enough that nothing is cut when the output goes to a file or a pipe.
_WIDTH_WITHOUT_TERMINAL = 240


def emit(
    frame: pl.DataFrame,
    format: str,  # noqa: A002
    title: str | None = None,
    out: Path | None = None,
    *,
    single: bool = False,
) -> None:
    """Print a frame, or write it to a file whole or not at all.

    Parameters
    ----------
    frame : polars.DataFrame
        What to print.
    format : str
        ``table`` for people; ``csv``; ``json``, an array with one object a row, in which a missing value is
        null and an infinite one the text "Infinity" or "-Infinity", since JSON has no number for it;
        ``parquet``.
    title : str, optional
        The title of the table; other formats leave it out.
    out : pathlib.Path, optional
        A file to write instead of standard output.
    single : bool
        Write the only row as one JSON object instead of an array.

    Raises
    ------
    GeomonitorError
        If the format is not known, Parquet would go to a terminal, or the file cannot be written.

    Examples
    --------
    >>> import polars as pl
    >>> emit(pl.DataFrame({"product": ["810600"], "share": [0.5]}), "csv")
    product,share
    810600,0.5
    """
    if format == "table":
        content = table_text(frame, title, out).encode()
    elif format == "csv":
        content = frame.write_csv().encode()
    elif format == "json":
        content = _json(frame, single=single).encode()
    elif format == "parquet":
        if out is None and sys.stdout.isatty():
            raise GeomonitorError(
                "Parquet is not for reading on a screen.",
                expected="a file",
                next_step="Add --out FILE, or send the output to a file with >.",
            )
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        content = buffer.getvalue()
    else:
        raise GeomonitorError(
            f"The output format {format!r} is not known.",
            expected="table, csv, json or parquet",
            next_step="Choose one with --format.",
        )
    if out is not None:
        _write(out, content)
    elif format == "parquet":
        sys.stdout.buffer.write(content)
    else:
        sys.stdout.write(content.decode())


def emit_document(document: Mapping[str, object], out: Path | None = None) -> None:
    """Print one JSON object, or write it to a file whole or not at all.

    Parameters
    ----------
    document : mapping of str to object
        Missing values become null, infinite ones the text "Infinity" or "-Infinity".
    out : pathlib.Path, optional
        A file to write instead of standard output.

    Raises
    ------
    GeomonitorError
        If the file cannot be written.

    Examples
    --------
    >>> emit_document({"share": float("nan")})
    {
      "share": null
    }
    """
    plain = _json_value(dict(document))
    write_text(json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False) + "\n", out)


def write_text(text: str, out: Path | None = None) -> None:
    """Print a text, or write it to a file whole or not at all.

    Parameters
    ----------
    text : str
    out : pathlib.Path, optional
        A file to write instead of standard output.

    Raises
    ------
    GeomonitorError
        If the file cannot be written.

    Examples
    --------
    >>> write_text("as it is")
    as it is
    """
    if out is None:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    else:
        _write(out, text.encode())


def shortened(name: str, length: int = 44) -> pl.Expr:
    """Cut a long text at the end of a word, and show that it goes on.

    Examples
    --------
    >>> import polars as pl
    >>> pl.select(pl.lit("Antimony ores and concentrates").alias("name")).select(shortened("name", 20)).item()
    'Antimony ores and…'
    """
    import polars as pl

    text = pl.col(name)
    cut = text.str.slice(0, length).str.replace(r"[\s,;:(]*\S*$", "") + "…"
    return pl.when(text.str.len_chars() > length).then(cut).otherwise(text).alias(name)


def _write(out: Path, content: bytes) -> None:
    part = out.with_name(f".{out.name}.part-{os.getpid()}")
    try:
        try:
            with part.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise GeomonitorError(
            f"The file cannot be written: {error.strerror}.",
            where=str(out),
            expected="a place that can be written, with room",
            next_step="Choose another --out.",
        ) from error


def _json(frame: pl.DataFrame, *, single: bool) -> str:
    rows = [{name: _json_value(value) for name, value in row.items()} for row in frame.iter_rows(named=True)]
    return json.dumps(rows[0] if single else rows, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _json_value(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_json_value(item) for item in value]
    if isinstance(value, dict):
        return {name: _json_value(item) for name, item in value.items()}
    return value


def table_text(frame: pl.DataFrame, title: str | None = None, out: Path | None = None) -> str:
    """Draw a table for people.

    Parameters
    ----------
    frame : polars.DataFrame
    title : str, optional
    out : pathlib.Path, optional
        Where it goes, if not to the screen: then it is not fitted to its width.

    Examples
    --------
    >>> import polars as pl
    >>> print(table_text(pl.DataFrame({"product": ["810600"]}), "Products").splitlines()[0])
    Products
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    on_screen = out is None and sys.stdout.isatty()
    buffer = io.StringIO()
    console = Console(
        file=buffer, force_terminal=on_screen, width=None if on_screen else _WIDTH_WITHOUT_TERMINAL
    )
    table = Table(box=SIMPLE_HEAD)
    for name, kind in frame.schema.items():
        table.add_column(name, justify="right" if kind.is_numeric() else "left", overflow="fold")
    for row in frame.iter_rows():
        # Text, not str: a product name with brackets is not markup.
        table.add_row(*(Text(_cell(name, value)) for name, value in zip(frame.columns, row, strict=True)))
    if title is not None:
        # not as the title of the table, which would wrap it to the width of the table
        console.print(Text(title, style="italic"), soft_wrap=True)
    console.print(table)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _cell(name: str, value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.4f}"
    if isinstance(value, int):
        return str(value) if name.endswith("year") else f"{value:,}"
    return str(value)
