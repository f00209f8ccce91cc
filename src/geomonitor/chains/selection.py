"""Which nodes of a table are meant: economies, groups, sectors and families of sectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from geomonitor.codes import near_matches, resolve_importer
from geomonitor.data.input_output import SECTOR_GROUPS, InputOutputTable, sector_group
from geomonitor.errors import UnknownCodeError

__all__ = ["economies_of", "indicator", "nodes_of", "sectors_of"]

Places = NDArray[np.intp]


def economies_of(
    table: InputOutputTable, code: str, groups: Mapping[str, Sequence[str]] | None = None
) -> tuple[str, ...]:
    """Name the economies of a table that a code means.

    Parameters
    ----------
    table : InputOutputTable
    code : str
        An economy of the table, or a group; members that the table does not have apart are left
        out, as it holds them in its rest of the world.
    groups : mapping of str to sequence of str, optional
        User-defined groups.

    Raises
    ------
    UnknownCodeError
        If the code is not known, or the table has none of its economies.
    """
    if code in table.countries:
        return (code,)
    members = resolve_importer(code, extra=groups).members
    found = tuple(each for each in members if each in table.countries)
    if not found:
        raise UnknownCodeError(
            f"The table {table.name} has no economy {code}.",
            where="option to or from",
            expected=f"one of {', '.join(table.countries)}, or a group of them",
        )
    return found


def sectors_of(table: InputOutputTable, names: Sequence[str] | None) -> tuple[str, ...]:
    """Name the sectors of a table that codes or families mean.

    Parameters
    ----------
    table : InputOutputTable
    names : sequence of str, optional
        Codes of the table (``C26``) or families (``manufacturing``); all sectors where left out.

    Raises
    ------
    UnknownCodeError
        If a name is neither.
    """
    if not names:
        return table.sectors
    found: list[str] = []
    for name in names:
        if name in table.sectors:
            found.append(name)
            continue
        if name not in SECTOR_GROUPS:
            near = near_matches(name, (*table.sectors, *SECTOR_GROUPS))
            raise UnknownCodeError(
                f"The table {table.name} has no sector or family {name!r}.",
                where="option sectors",
                expected=f"a code such as {table.sectors[-1]}, or one of {', '.join(SECTOR_GROUPS)}",
                next_step=f"Did you mean {' or '.join(near)}?" if near else None,
            )
        found += sector_group(table, name)
    return tuple(dict.fromkeys(found))


def nodes_of(
    table: InputOutputTable, economies: Sequence[str], sectors: Sequence[str] | None = None
) -> Places:
    """Give the places of the nodes of some economies and sectors, in the order of the table."""
    country = np.isin(np.asarray(table.countries), list(economies))
    sector = (
        np.isin(np.asarray(table.sectors), list(sectors))
        if sectors is not None
        else np.ones(len(table.sectors), bool)
    )
    return np.flatnonzero(np.outer(country, sector).ravel())


def indicator(table: InputOutputTable, origins: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    """Mark the nodes of each origin: shape (nodes, origins)."""
    marks = np.zeros((table.size, len(origins)))
    for number, economies in enumerate(origins):
        marks[nodes_of(table, economies), number] = 1.0
    return marks
