"""The table beside a figure: typed columns, written by language, plain values for the download."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from geomonitor.report.changes import signed_percent
from geomonitor.report.language import Language, short_name

__all__ = ["NUMERIC_KINDS", "Cell", "Column", "DataTable"]

Kind = Literal[
    "text", "name", "code", "count", "year", "index", "ratio", "tenth", "share", "bar", "musd", "verdict",
    "yesno", "change", "income_change", "hash",
]  # fmt: skip

NUMERIC_KINDS = frozenset(
    {"count", "year", "index", "ratio", "tenth", "share", "bar", "musd", "change", "income_change"}
)


# enough to tell data apart; downloads have the whole
_HASH_SIGNS = 12


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading (with unit) and what its values are.

    Attributes
    ----------
    heading : str
    kind : str
        ``musd`` takes thousand dollars and shows million dollars; ``name`` is a product name; ``bar`` is
        a share with a bar behind it; ``tenth`` is a number printed with one decimal at its source;
        ``change`` is a percentage with its sign, ``income_change`` one with a digit more; ``hash`` shows the
        first signs of a hash.
    """

    heading: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it is shown, and as it is downloaded.

    Attributes
    ----------
    text, raw : str
    kind : str
    """

    text: str
    raw: str
    kind: Kind

    @property
    def numeric(self) -> bool:
        """Whether the cell holds a number."""
        return self.kind in NUMERIC_KINDS


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table with typed columns.

    Attributes
    ----------
    caption : str
    columns : tuple of Column
    rows : tuple of tuple
        Values; none where not known.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]

    def cells(self, language: Language) -> list[list[Cell]]:
        """Write every value in a language."""
        return [
            [_cell(value, column.kind, language) for value, column in zip(row, self.columns, strict=True)]
            for row in self.rows
        ]

    @classmethod
    def of(cls, caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> DataTable:
        """Make a table from any sequences."""
        return cls(caption, tuple(columns), tuple(tuple(row) for row in rows))


def _cell(value: Any, kind: Kind, language: Language) -> Cell:
    if kind == "verdict":
        text = language.verdict(value)
        return Cell(text, text, kind)
    if value is None and kind == "bar":
        # the end of a shorter list beside a longer one
        return Cell("", "", kind)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return Cell("–", "", kind)
    if kind == "yesno":
        text = language.say("word.yes" if value else "word.no")
        return Cell(text, text, kind)
    if kind == "name":
        return Cell(short_name(str(value), 64), str(value), kind)
    if kind == "hash" and len(str(value)) > _HASH_SIGNS:
        return Cell(f"{str(value)[:_HASH_SIGNS]}…", str(value), kind)
    if kind not in NUMERIC_KINDS:
        return Cell(str(value), str(value), kind)
    if kind == "year":
        return Cell(str(value), str(value), kind)
    number = float(value) / 1000 if kind == "musd" else float(value)
    if math.isinf(number):
        return Cell("∞", "inf", kind)
    raw = f"{number:.6g}" if kind != "count" else str(int(number))
    if kind in {"share", "bar"}:
        return Cell(language.share(number, 1), raw, kind)
    if kind in {"change", "income_change"}:
        return Cell(signed_percent(number, language, 2 if kind == "change" else 3), raw, kind)
    decimals = {"count": 0, "index": 3, "ratio": 2, "tenth": 1, "musd": 1}[kind]
    return Cell(language.number(number, decimals), raw, kind)
