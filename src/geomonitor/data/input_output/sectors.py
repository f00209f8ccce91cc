"""Sectors of the published tables: which codes an edition has, their names and their groups."""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from geomonitor.data.input_output.table import InputOutputTable
from geomonitor.errors import UnknownCodeError

__all__ = ["SECTOR_GROUPS", "SECTOR_SCHEMES", "Sector", "oecd_sectors", "sector_group", "sector_name"]

SECTOR_GROUPS: tuple[str, ...] = (
    "agriculture",
    "mining",
    "manufacturing",
    "energy",
    "construction",
    "services",
)
"""Groups of sectors that every scheme knows."""

_FOLDER = Path(__file__).parent
# Sections of ISIC Rev. 4 and NACE Rev. 2; every other letter is a service.
_GROUP_OF_SECTION = {
    "A": "agriculture",
    "B": "mining",
    "C": "manufacturing",
    "D": "energy",
    "F": "construction",
}


@dataclass(frozen=True, slots=True)
class Sector:
    """A sector of a scheme.

    Parameters
    ----------
    code : str
        Code in the table.
    name_en, name_nl : str
        Short names in English and Dutch.
    group : str
        One of `SECTOR_GROUPS`.
    """

    code: str
    name_en: str
    name_nl: str
    group: str


@functools.cache
def oecd_sectors() -> Mapping[str, Sector]:
    """Give the 50 industries of the OECD's tables, 2025 release.

    Returns
    -------
    Mapping of str to Sector
        By code, in the order of the tables.

    Examples
    --------
    >>> oecd_sectors()["C26"].name_en
    'Computers and electronics'
    """
    with (_FOLDER / "oecd_sectors.csv").open(encoding="utf-8", newline="") as handle:
        found = [Sector(**row) for row in csv.DictReader(handle)]
    return MappingProxyType({sector.code: sector for sector in found})


_NACE_64 = (
    "A01 A02 A03 B C10T12 C13T15 C16 C17 C18 C19 C20 C21 C22 C23 C24 C25 C26 C27 C28 C29 C30 C31_32 C33 D35 "
    "E36 E37T39 F G45 G46 G47 H49 H50 H51 H52 H53 I J58 J59_60 J61 J62_63 K64 K65 K66 L68 M69_70 M71 M72 M73 "
    "M74_75 N77 N78 N79 N80T82 O84 P85 Q86 Q87_88 R90T92 R93 S94 S95 S96 T U"
)
_WIOD_56 = (
    "A01 A02 A03 B C10-C12 C13-C15 C16 C17 C18 C19 C20 C21 C22 C23 C24 C25 C26 C27 C28 C29 C30 C31_C32 C33 "
    "D35 E36 E37-E39 F G45 G46 G47 H49 H50 H51 H52 H53 I J58 J59_J60 J61 J62_J63 K64 K65 K66 L68 M69_M70 M71 "
    "M72 M73 M74_M75 N O84 P85 Q R_S T U"
)

SECTOR_SCHEMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "oecd-icio-2025": tuple(oecd_sectors()),
        "figaro-64": tuple(_NACE_64.split()),
        "wiod-2016": tuple(_WIOD_56.split()),
        "wiod-2013": tuple(f"c{number}" for number in range(1, 36)),
    }
)
"""Codes of the sectors of each edition, in the order of its tables."""

_WIOD_2013_GROUPS = {
    "c1": "agriculture",
    "c2": "mining",
    **{f"c{number}": "manufacturing" for number in range(3, 17)},
    "c17": "energy",
    "c18": "construction",
}


def sector_name(code: str, language: str = "en") -> str:
    """Give the short name of a sector of the OECD's tables; any other code names itself.

    Parameters
    ----------
    code : str
        Code of the sector.
    language : str
        "en" (English) or "nl" (Dutch).

    Returns
    -------
    str

    Raises
    ------
    UnknownCodeError
        If the language is not known.

    Examples
    --------
    >>> sector_name("C29", "nl")
    "Auto's en aanhangwagens"
    """
    if language not in ("en", "nl"):
        raise UnknownCodeError(f"The language {language!r} is not known.", expected="en or nl")
    found = oecd_sectors().get(code)
    if found is None:
        return code
    return found.name_en if language == "en" else found.name_nl


def sector_group(table: InputOutputTable, group: str) -> tuple[str, ...]:
    """Give the sectors of a table that belong to a group.

    Parameters
    ----------
    table : InputOutputTable
        Its metadata names the scheme of its sectors (``sector_scheme``).
    group : str
        One of `SECTOR_GROUPS`.

    Returns
    -------
    tuple of str
        Codes, in the order of the table.

    Raises
    ------
    UnknownCodeError
        If there is no such group, or the scheme of the table has no groups.

    Examples
    --------
    >>> from geomonitor.data.input_output import embedded_input_output
    >>> sector_group(embedded_input_output(), "mining")
    ('B05', 'B06', 'B07', 'B08', 'B09')
    """
    if group not in SECTOR_GROUPS:
        raise UnknownCodeError(
            f"There is no group of sectors {group!r}.", expected=f"one of {', '.join(SECTOR_GROUPS)}"
        )
    scheme = table.metadata.get("sector_scheme")
    if scheme not in SECTOR_SCHEMES:
        raise UnknownCodeError(
            f"The sectors of this table have no groups: their scheme is {scheme!r}.",
            where=f"table {table.name}",
            expected=f"a table with one of the schemes {', '.join(SECTOR_SCHEMES)}",
            next_step=f"Name the sectors themselves, such as {table.sectors[0]}.",
        )
    return tuple(_in_group(table.sectors, str(scheme), group))


def _in_group(sectors: Iterable[str], scheme: str, group: str) -> Iterable[str]:
    for code in sectors:
        if scheme == "wiod-2013":
            found = _WIOD_2013_GROUPS.get(code, "services")
        else:
            found = _GROUP_OF_SECTION.get(code[:1], "services")
        if found == group:
            yield code
