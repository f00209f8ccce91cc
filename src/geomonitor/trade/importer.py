"""Whose dependence is measured: an economy or a group, and which origins count as home."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from geomonitor.codes import resolve_importer
from geomonitor.errors import DataError

__all__ = ["Importer", "importer", "one_a_code"]


@dataclass(frozen=True, slots=True)
class Importer:
    """One economy or group whose dependence is measured.

    Attributes
    ----------
    code : str
        Code of the economy or group.
    members : tuple of str
        The economies whose imports are added up.
    home : tuple of str
        Origins that do not count as foreign: the members, and those of the home group where one is
        named. A member state of a customs union measured with the union as home is measured on
        its dependence on third countries.
    home_code : str
        Code of the home group; equal to `code` where none is named.
    """

    code: str
    members: tuple[str, ...]
    home: tuple[str, ...]
    home_code: str

    @property
    def is_group(self) -> bool:
        """Whether several economies are added up."""
        return len(self.members) > 1

    @property
    def label(self) -> str:
        """The code, with the home group where it differs."""
        return self.code if self.home_code == self.code else f"{self.code} (home {self.home_code})"


def importer(
    code: str,
    *,
    home_group: str | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    on: datetime.date | None = None,
) -> Importer:
    """Name the economy or group whose dependence is measured.

    Parameters
    ----------
    code : str
        ISO 3166 alpha-3 code of an economy, or code of a group.
    home_group : str, optional
        Group whose other members count as home too, so that only third countries are foreign.
        By default only the importer itself is home.
    groups : mapping of str to sequence of str, optional
        User-defined groups.
    on : datetime.date, optional
        Date on which membership of a dated group is taken.

    Returns
    -------
    Importer

    Raises
    ------
    UnknownCodeError
        If a code is not known.

    Examples
    --------
    >>> importer("NLD").home
    ('NLD',)
    >>> nld = importer("NLD", home_group="EU27_2020")
    >>> len(nld.home), nld.label
    (27, 'NLD (home EU27_2020)')
    """
    group = resolve_importer(code, extra=groups, on=on)
    members = tuple(sorted(group.members))
    if home_group is None or home_group == code:
        return Importer(code=group.code, members=members, home=members, home_code=group.code)
    home = resolve_importer(home_group, extra=groups, on=on)
    return Importer(
        code=group.code,
        members=members,
        home=tuple(sorted({*members, *home.members})),
        home_code=home.code,
    )


def one_a_code(importers: Iterable[Importer]) -> tuple[Importer, ...]:
    """Give every importer once, in order.

    Parameters
    ----------
    importers : iterable of Importer

    Raises
    ------
    DataError
        If two have one code and different homes: tables by code would mix them up.

    Examples
    --------
    >>> [each.code for each in one_a_code([importer("NLD"), importer("DEU"), importer("NLD")])]
    ['NLD', 'DEU']
    """
    found: dict[str, Importer] = {}
    for each in importers:
        if found.setdefault(each.code, each) != each:
            homes = f"{found[each.code].home_code} and {each.home_code}"
            raise DataError(
                f"{each.code} is asked for with two homes, {homes}.",
                where="importers",
                expected="one home for every importer",
                next_step="Ask for them one after the other.",
            )
    return tuple(found.values())
