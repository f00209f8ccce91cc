"""Readers of published formats: each maps one format to canonical columns."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geomonitor.data.readers.baci import BaciReader
from geomonitor.data.readers.base import ECONOMY, ROW, Notes, Reader, ReadOptions, Survey
from geomonitor.data.readers.canonical import CanonicalReader
from geomonitor.data.readers.comtrade import ComtradeReader
from geomonitor.data.readers.members import Member, list_members, sha256_of_file
from geomonitor.errors import UnknownCodeError

__all__ = [
    "ECONOMY",
    "READERS",
    "ROW",
    "Member",
    "Notes",
    "ReadOptions",
    "Reader",
    "Survey",
    "list_members",
    "reader",
    "sha256_of_file",
]

READERS: Mapping[str, Reader] = MappingProxyType(
    {found.format: found for found in (BaciReader(), ComtradeReader(), CanonicalReader())}
)
"""Every format that ``--format`` takes, with its reader."""


def reader(format: str) -> Reader:  # noqa: A002 - the word of the command line
    """Give the reader of a format.

    Parameters
    ----------
    format : str
        ``baci``, ``comtrade`` or ``canonical``.

    Returns
    -------
    Reader

    Raises
    ------
    UnknownCodeError
        If there is no such format.

    Examples
    --------
    >>> reader("baci").format
    'baci'
    """
    if format not in READERS:
        raise UnknownCodeError(
            f"The format {format!r} is not known.",
            expected=f"one of {', '.join(READERS)}",
            next_step="Choose one with --format.",
        )
    return READERS[format]
