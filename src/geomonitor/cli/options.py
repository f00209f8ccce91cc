"""Options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

import typer

__all__ = ["OutputFormat", "parse_years", "years_text"]

_SPAN = re.compile(r"(\d{4})(?:-(\d{4}))?")
_LONGEST_SPAN_YEARS = 200


class OutputFormat(StrEnum):
    """How a command prints data."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


def parse_years(text: str | None) -> tuple[int, ...] | None:
    """Read years such as ``2021-2023`` or ``2019,2021-2023``.

    Parameters
    ----------
    text : str or None
        Years and spans, with commas between.

    Returns
    -------
    tuple of int or None
        The years in order, each once; None for None.

    Raises
    ------
    typer.BadParameter
        If the text is no such list.

    Examples
    --------
    >>> parse_years("2019,2021-2023")
    (2019, 2021, 2022, 2023)
    """
    if text is None:
        return None
    years: set[int] = set()
    for part in text.split(","):
        match = _SPAN.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not first <= last < first + _LONGEST_SPAN_YEARS:
            raise typer.BadParameter(f"{part.strip()!r} is not a year or a span of years such as 2021-2023.")
        years.update(range(first, last + 1))
    return tuple(sorted(years))


def years_text(years: Sequence[int]) -> str:
    """Write years in short, naming no year that is not among them.

    Parameters
    ----------
    years : sequence of int
        In order.

    Returns
    -------
    str

    Examples
    --------
    >>> years_text((2021, 2022, 2023)), years_text((2019, 2021, 2022)), years_text((2021,))
    ('2021-2023', '2019,2021-2022', '2021')
    """
    spans: list[list[int]] = []
    for year in years:
        if spans and year == spans[-1][-1] + 1:
            spans[-1][1:] = [year]
        else:
            spans.append([year])
    return ",".join("-".join(map(str, span)) for span in spans)
