"""Groups of economies with dated memberships, and groups that users define themselves."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from geomonitor.codes.economies import ECONOMY_CODES, economy, near_matches
from geomonitor.errors import UnknownCodeError

__all__ = ["Group", "group", "group_codes", "group_members", "resolve_importer"]

_TABLE = Path(__file__).with_name("tables") / "groups.toml"

ExtraGroups = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of economies, or one economy as a group of itself.

    Parameters
    ----------
    code : str
        Code of the group, or of the economy.
    name_en, name_nl : str
        Name in English and in Dutch.
    members : tuple of str
        Codes of the economies, sorted.
    valid : str
        The date or period that the membership holds for, in words.
    source : str
        What the membership is taken from.
    """

    code: str
    name_en: str
    name_nl: str
    members: tuple[str, ...]
    valid: str
    source: str

    def __contains__(self, economy_code: object) -> bool:
        return economy_code in self.members


@dataclass(frozen=True, slots=True)
class _Membership:
    code: str
    since: datetime.date
    until: datetime.date

    def holds_on(self, date: datetime.date) -> bool:
        return self.since <= date <= self.until


@dataclass(frozen=True, slots=True)
class _Definition:
    code: str
    name_en: str
    name_nl: str
    source: str
    memberships: tuple[_Membership, ...]
    includes: tuple[str, ...]
    fixed_of: str | None
    fixed_on: datetime.date | None


@dataclass(frozen=True, slots=True)
class _Table:
    revised: datetime.date
    groups: Mapping[str, _Definition]


@cache
def _table() -> _Table:
    import tomllib  # here, for a quick import of the codes

    with _TABLE.open("rb") as handle:
        raw: dict[str, Any] = tomllib.load(handle)
    groups = {code: _definition(code, entry) for code, entry in raw["groups"].items()}
    return _Table(revised=raw["revised"], groups=MappingProxyType(groups))


def _definition(code: str, entry: Mapping[str, Any]) -> _Definition:
    return _Definition(
        code=code,
        name_en=entry["name_en"],
        name_nl=entry["name_nl"],
        source=entry["source"],
        memberships=tuple(
            _Membership(
                code=economy(member["code"], where=f"groups.toml, group {code}").code,
                since=member.get("from", datetime.date.min),
                until=member.get("until", datetime.date.max),
            )
            for member in entry.get("members", ())
        ),
        includes=tuple(entry.get("includes", ())),
        fixed_of=entry.get("of"),
        fixed_on=entry.get("fixed_on"),
    )


def group_codes() -> tuple[str, ...]:
    """Return the codes of the groups that Geomonitor knows itself, sorted.

    Examples
    --------
    >>> "EU27_2020" in group_codes()
    True
    """
    return tuple(sorted(_table().groups))


def group(code: str, on: datetime.date | None = None, extra: ExtraGroups | None = None) -> Group:
    """Look up a group of economies.

    Parameters
    ----------
    code : str
        Code of a group of Geomonitor's table or of `extra`.
    on : datetime.date, optional
        The members on this date; the newest members in the table when left out. Fixed compositions, such as
        EU27_2020, are the same at all dates.
    extra : mapping of str to sequence of str, optional
        Groups of the user: code of the group -> codes of economies and of other groups.

    Returns
    -------
    Group
        The group with its members on that date.

    Raises
    ------
    UnknownCodeError
        The group, or a member of a user's group, is not known; a user's group is empty, contains itself or
        takes a name that is in use; or the group had no members on that date.

    Examples
    --------
    >>> len(group("EU27_2020").members), "GBR" in group("EU28"), "GBR" in group("EU27_2020")
    (27, True, False)
    >>> import datetime
    >>> "HRV" in group("EU", on=datetime.date(2013, 6, 30))
    False
    >>> "HRV" in group("EU", on=datetime.date(2013, 7, 1))
    True
    """
    definitions = extra or {}
    if code in definitions:
        return _user_group(code, on, definitions)
    definition = _table().groups.get(code)
    if definition is None:
        raise _unknown_group(code, definitions)
    date = on if on is not None else _table().revised
    members = _members(definition, date)
    if not members:
        raise UnknownCodeError(
            f"The group {code} had no members on {date.isoformat()}.", next_step="Ask for a later date."
        )
    return Group(
        code=code,
        name_en=definition.name_en,
        name_nl=definition.name_nl,
        members=tuple(sorted(members)),
        valid=_valid(definition, date),
        source=definition.source,
    )


def group_members(
    code: str, on: datetime.date | None = None, extra: ExtraGroups | None = None
) -> frozenset[str]:
    """Return the codes of the members of a group or of a single economy.

    Parameters
    ----------
    code : str
        Code of a group or an economy.
    on, extra
        As for `group`.

    Raises
    ------
    UnknownCodeError
        As for `group`.

    Examples
    --------
    >>> sorted(group_members("BENELUX"))
    ['BEL', 'LUX', 'NLD']
    """
    return frozenset(resolve_importer(code, extra=extra, on=on).members)


def resolve_importer(code: str, extra: ExtraGroups | None = None, on: datetime.date | None = None) -> Group:
    """Turn the code of an economy or a group into a group; an economy becomes a group of one.

    Parameters
    ----------
    code : str
        Code of an economy or a group.
    extra : mapping of str to sequence of str, optional
        Groups of the user, as for `group`.
    on : datetime.date, optional
        The date of the membership, as for `group`.

    Returns
    -------
    Group
        The group.

    Raises
    ------
    UnknownCodeError
        Neither an economy nor a group has this code.

    Examples
    --------
    >>> resolve_importer("NLD").members
    ('NLD',)
    >>> resolve_importer("BENELUX").members
    ('BEL', 'LUX', 'NLD')
    """
    definitions = extra or {}
    if code in definitions or code in _table().groups:
        return group(code, on=on, extra=definitions)
    if code in ECONOMY_CODES:
        found = economy(code)
        return Group(
            code=code,
            name_en=found.name_en,
            name_nl=found.name_nl,
            members=(code,),
            valid="one economy",
            source="ISO 3166-1 and the code table of CEPII BACI",
        )
    raise _unknown_importer(code, definitions)


def _members(definition: _Definition, date: datetime.date) -> set[str]:
    groups = _table().groups
    if definition.fixed_of is not None and definition.fixed_on is not None:
        return _members(groups[definition.fixed_of], definition.fixed_on)
    members = {membership.code for membership in definition.memberships if membership.holds_on(date)}
    for included in definition.includes:
        members |= _members(groups[included], date)
    return members


def _valid(definition: _Definition, date: datetime.date) -> str:
    if definition.fixed_on is not None:
        return f"the composition of {definition.fixed_on.isoformat()}, at all dates"
    return f"the members on {date.isoformat()}"


def _user_group(code: str, on: datetime.date | None, extra: ExtraGroups) -> Group:
    return Group(
        code=code,
        name_en=code,
        name_nl=code,
        members=tuple(sorted(_user_members(code, on, extra, path=()))),
        valid="as the user defined it" if on is None else f"as the user defined it, on {on.isoformat()}",
        source="defined by the user",
    )


def _user_members(code: str, on: datetime.date | None, extra: ExtraGroups, path: tuple[str, ...]) -> set[str]:
    where = f"group {code}"
    if code in path:
        chain = " -> ".join((*path[path.index(code) :], code))
        raise UnknownCodeError(f"The group {code!r} contains itself: {chain}.", where=where)
    if code in ECONOMY_CODES or code in _table().groups:
        raise UnknownCodeError(
            f"The group {code!r} cannot be defined: that code is in use.",
            where=where,
            next_step="Choose another name for the group.",
        )
    entries = extra[code]
    if isinstance(entries, str) or not entries:
        raise UnknownCodeError(
            f"The group {code!r} has no list of members.",
            where=where,
            expected='a list of codes, such as ["NLD", "BENELUX"]',
        )
    members: set[str] = set()
    for entry in entries:
        if entry in extra:
            members |= _user_members(entry, on, extra, (*path, code))
        elif entry in _table().groups:
            members |= set(group(entry, on=on).members)
        elif entry in ECONOMY_CODES:
            members.add(entry)
        else:
            raise _unknown_importer(entry, extra, where=where)
    return members


def _unknown_group(code: str, extra: ExtraGroups) -> UnknownCodeError:
    known = (*extra, *group_codes())
    near = near_matches(code, known)
    return UnknownCodeError(
        f"The group {code!r} is not known.",
        expected=f"one of {', '.join(known)}",
        next_step=f"Perhaps {' or '.join(near)} was meant." if near else None,
    )


def _unknown_importer(code: str, extra: ExtraGroups, where: str | None = None) -> UnknownCodeError:
    near = near_matches(code, (*extra, *group_codes(), *ECONOMY_CODES))
    return UnknownCodeError(
        f"{code!r} is neither an economy nor a group.",
        where=where,
        expected="an ISO 3166-1 alpha-3 code such as NLD, or the code of a group such as EU27_2020",
        next_step=f"Perhaps {' or '.join(near)} was meant." if near else None,
    )
