"""Options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

import typer

__all__ = ["Language", "OutputFormat", "parse_number", "parse_pairs", "parse_years", "years_text"]

_SPAN = re.compile(r"(\d{4})(?:-(\d{4}))?")
_LONGEST_SPAN_YEARS = 200


class OutputFormat(StrEnum):
    """How a command prints data."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


class Language(StrEnum):
    """Language of texts."""

    en = "en"
    nl = "nl"


def parse_pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """Read values of the form NAME=VALUE.

    Parameters
    ----------
    texts : sequence of str
    option : str
        For the message.

    Returns
    -------
    dict of str to str

    Raises
    ------
    typer.BadParameter
        If a text has another form.

    Examples
    --------
    >>> parse_pairs(["HKG=CHN", "MAC = CHN"], "--merge")
    {'HKG': 'CHN', 'MAC': 'CHN'}
    """
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise typer.BadParameter(f"{text!r} in {option} is not of the form NAME=VALUE.")
        found[name.strip()] = value.strip()
    return found


def parse_number(text: str, option: str) -> float:
    """Read a number.

    Parameters
    ----------
    text : str
    option : str
        For the message.

    Raises
    ------
    typer.BadParameter
        If the text is no number.

    Examples
    --------
    >>> parse_number("0.5", "--threshold supply_risk")
    0.5
    """
    try:
        return float(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} in {option} is not a number.") from error


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
