"""What every reader of an input-output table shares: options, labels of economies, and the last checks."""

from __future__ import annotations

import csv
import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geomonitor.codes import ECONOMY_CODES, economy
from geomonitor.data.input_output.checks import require_balance, require_unit
from geomonitor.data.input_output.sectors import SECTOR_SCHEMES
from geomonitor.data.input_output.table import InputOutputTable
from geomonitor.data.readers import Notes
from geomonitor.errors import DataError, UnknownCodeError

__all__ = [
    "RESIDUAL_REGIONS",
    "ReadOptions",
    "economy_code",
    "finish",
    "require_same_labels",
    "require_scheme",
    "require_unique",
    "split_blocks",
]

RESIDUAL_REGIONS: Mapping[str, str] = MappingProxyType(
    {
        "ROW": "Rest of the world",
        "WA": "Rest of Asia and Pacific",
        "WE": "Rest of Europe",
        "WF": "Rest of Africa",
        "WL": "Rest of America",
        "WM": "Rest of the Middle East",
    }
)
"""Regions of published tables that are no single economy (W. are EXIOBASE's)."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the caller says beyond the file itself.

    Parameters
    ----------
    year : int or None
        Calendar year, where the file does not name it.
    name : str or None
        Short name of the table; format and year when None.
    usd_per_eur : float or None
        US dollars a euro in that year, for tables in euro.
    economies : Mapping of str to str
        Codes for labels of economies that are neither ISO 3166 nor the format's own.
    world_output_musd : float or None
        World gross output to compare with, in million USD; None for no comparison.
    check : bool
        Whether a table that does not balance is refused.
    """

    year: int | None = None
    name: str | None = None
    usd_per_eur: float | None = None
    economies: Mapping[str, str] = field(default_factory=dict)
    world_output_musd: float | None = None
    check: bool = True

    def required_year(self, where: str) -> int:
        """Give the year, or refuse where nobody said it."""
        if self.year is None:
            raise DataError(
                "The year of the table is not known.",
                where=where,
                expected="a year in the file or its name, or the option year",
                next_step="Give the year.",
            )
        return self.year

    def required_rate(self, where: str) -> float:
        """Give the exchange rate, or refuse where nobody said it."""
        if self.usd_per_eur is None:
            raise DataError(
                "This table is in million euro and no exchange rate is given.",
                where=where,
                expected="US dollars a euro, as the average of the year (1.0530 in 2022, for example)",
                next_step="Give usd_per_eur, and cite where it comes from.",
            )
        if not 0.2 < self.usd_per_eur < 5.0:
            raise DataError(
                f"An exchange rate of {self.usd_per_eur:g} US dollars a euro cannot be right.",
                where="option usd_per_eur",
                expected="US dollars for one euro, between 0.2 and 5",
            )
        return self.usd_per_eur


@functools.cache
def _labels() -> Mapping[str, str]:
    path = Path(__file__).resolve().parents[1] / "economy_labels.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        return MappingProxyType({row["label"]: row["code"] for row in csv.DictReader(handle)})


def economy_code(label: str, options: ReadOptions, where: str) -> str:
    """Give the code of an economy for a label of a published table.

    Parameters
    ----------
    label : str
        Such as ``NLD``, ``NL`` or ``RoW``.
    options : ReadOptions
        With further labels.
    where : str
        Its place, for the message.

    Returns
    -------
    str
        A code of `geomonitor.codes.ECONOMY_CODES`, or one of `RESIDUAL_REGIONS`.

    Raises
    ------
    UnknownCodeError
        If the label is not known.

    Examples
    --------
    >>> economy_code("RoW", ReadOptions(), "made"), economy_code("EL", ReadOptions(), "made")
    ('ROW', 'GRC')
    """
    label = label.strip()
    if label in options.economies:
        given = options.economies[label]
        return given if given in RESIDUAL_REGIONS else economy(given, where=f"option economies, {label}").code
    if label in ECONOMY_CODES or label in RESIDUAL_REGIONS:
        return label
    if label in _labels():
        return _labels()[label]
    try:
        return economy(label, where=where).code
    except UnknownCodeError as error:
        hint = error.next_step or ""
        raise UnknownCodeError(
            error.what,
            where=where,
            expected=error.expected,
            next_step=f"{hint} Map it with the option economies where it is a label of your own.".strip(),
        ) from error


def require_scheme(found: Iterable[str], scheme: str, where: str) -> tuple[str, ...]:
    """Give the sectors of an edition in its order, or refuse a file with others.

    Parameters
    ----------
    found : iterable of str
        Codes in the file.
    scheme : str
        Key of `SECTOR_SCHEMES`.
    where : str
        The file, for the message.

    Returns
    -------
    tuple of str

    Raises
    ------
    DataError
        If the sectors are those of another edition.
    """
    wanted = SECTOR_SCHEMES[scheme]
    have = set(found)
    if have == set(wanted):
        return wanted
    unknown, missing = sorted(have - set(wanted)), sorted(set(wanted) - have)
    said = [
        f"{what}: {', '.join(codes[:_SHOWN])}{f' and {len(codes) - _SHOWN} more' * (len(codes) > _SHOWN)}"
        for what, codes in (("unknown", unknown), ("missing", missing))
        if codes
    ]
    raise DataError(
        f"The sectors are not those of {scheme}: {'; '.join(said)}.",
        where=where,
        expected=f"the {len(wanted)} sectors {wanted[0]} to {wanted[-1]}",
        next_step="Take the edition that is meant, or read the table as labelled."
        if unknown
        else "The file looks truncated: download it again.",
    )


def require_unique(labels: Sequence[str], what: str, where: str) -> None:
    """Refuse labels that repeat.

    Raises
    ------
    DataError
        Naming the labels.
    """
    twice = sorted(label for label, count in Counter(labels).items() if count > 1)
    if twice:
        raise DataError(
            f"{what} are named more than once: {', '.join(twice[:_SHOWN])}.",
            where=where,
            expected="each label once",
            next_step="Download the file again, or correct the labels.",
        )


def require_same_labels(rows: Sequence[str], columns: Sequence[str], where: str) -> None:
    """Refuse labels that repeat, or that stand in rows and not in columns, or the other way round.

    Raises
    ------
    DataError
        Naming the labels.
    """
    require_unique(rows, "Rows", where)
    require_unique(columns, "Columns", where)
    only_rows, only_columns = sorted(set(rows) - set(columns)), sorted(set(columns) - set(rows))
    for labels, has, lacks in ((only_rows, "row", "column"), (only_columns, "column", "row")):
        if labels:
            raise DataError(
                f"{len(labels):,} labels have a {has} and no {lacks}: {', '.join(labels[:_SHOWN])}.",
                where=where,
                expected="a row and a column for every economy and sector",
                next_step="The file looks truncated: download it again.",
            )


def split_blocks(pairs: Sequence[tuple[str, str]], where: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give economies and sectors of node labels, in order of appearance, refusing gaps.

    Parameters
    ----------
    pairs : sequence of (str, str)
        Economy and sector of each node.
    where : str
        The file, for the message.

    Returns
    -------
    tuple of (tuple of str, tuple of str)

    Raises
    ------
    DataError
        If an economy lacks a sector that another one has.
    """
    countries = tuple(dict.fromkeys(country for country, _ in pairs))
    sectors = tuple(dict.fromkeys(sector for _, sector in pairs))
    have = set(pairs)
    missing = [f"{c} {s}" for c in countries for s in sectors if (c, s) not in have]
    if missing:
        raise DataError(
            f"{len(missing):,} economies and sectors are missing: {', '.join(missing[:_SHOWN])}.",
            where=where,
            expected="the same sectors in every economy",
            next_step="Download the file again, or add rows and columns of zeros.",
        )
    return countries, sectors


def finish(
    *,
    format_name: str,
    year: int,
    countries: tuple[str, ...],
    sectors: tuple[str, ...],
    flows: NDArray[np.floating[Any]],
    final_demand: NDArray[np.floating[Any]],
    final_demand_labels: Sequence[tuple[str, str]],
    output: NDArray[np.floating[Any]],
    value_added: NDArray[np.floating[Any]] | None,
    taxes: NDArray[np.floating[Any]] | None,
    options: ReadOptions,
    notes: Notes,
    where: str,
    musd_per_unit: float = 1.0,
    metadata: Mapping[str, Any] | None = None,
    default_world_output_musd: float | None = None,
) -> InputOutputTable:
    """Make the table from what a reader found: convert to million USD, then check unit and balance.

    Raises
    ------
    DataError
        If the table cannot be right; the message names the worst cells.
    """
    if musd_per_unit != 1.0:
        # in place: a second copy of a table of 10,000 nodes would take 800 MB
        for part in (flows, final_demand, output, value_added, taxes):
            if part is not None:
                part *= musd_per_unit
    said = {"format": format_name, "file": where, **(metadata or {})}
    said["notes"] = [*said.get("notes", ()), *notes.texts()]
    left_out = {"value_added_musd": value_added, "taxes_musd": taxes}
    table = InputOutputTable(
        name=options.name or f"{format_name}-{year}",
        year=year,
        countries=countries,
        sectors=sectors,
        flows_musd=flows,
        final_demand_musd=final_demand,
        final_demand_labels=tuple(final_demand_labels),
        output_musd=output,
        metadata=said,
        **{key: amounts for key, amounts in left_out.items() if amounts is not None},
    )
    yardstick = options.world_output_musd or default_world_output_musd
    if yardstick is not None:
        require_unit(table, yardstick, where)
    if options.check:
        require_balance(table, where)
    return table
