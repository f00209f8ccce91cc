"""What the names of economies in raw-material statistics stand for."""

from __future__ import annotations

import difflib
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from geomonitor.codes import ECONOMY_CODES, economy_name

__all__ = ["NAME_KINDS", "SpokenEconomy", "near_names", "spoken_economy"]

NAME_KINDS = ("economy", "total", "other", "group")
"""What a name can be: one economy; the whole world; those not listed; a group such as the European Union."""

_TABLE = Path(__file__).with_name("economy_names.toml")


@dataclass(frozen=True, slots=True)
class SpokenEconomy:
    """What a name in a source stands for.

    Parameters
    ----------
    kind : str
        One of `NAME_KINDS`.
    code : str or None
        ISO 3166-1 alpha-3 code where the kind is ``economy``.
    """

    kind: str
    code: str | None


def spoken_economy(name: str) -> SpokenEconomy | None:
    """Look up a name that a source of raw-material statistics uses.

    The match is exact but for capitals, accents, dots and spaces: a name that is nearly known is not known.

    Parameters
    ----------
    name : str
        As printed.

    Returns
    -------
    SpokenEconomy or None
        None where the name is not in the table.

    Examples
    --------
    >>> spoken_economy("Congo, D.R."), spoken_economy("World total (rounded)").kind
    (SpokenEconomy(kind='economy', code='COD'), 'total')
    >>> spoken_economy("Turkiye").code, spoken_economy("Turkistan") is None
    ('TUR', True)
    """
    return _spoken().get(_plain(name))


def near_names(name: str, limit: int = 3) -> tuple[str, ...]:
    """Find known names that come nearest to one that is not known.

    Parameters
    ----------
    name : str
        As printed.
    limit : int
        Largest number of matches.

    Returns
    -------
    tuple of str
        Names as in the table, best first.

    Examples
    --------
    >>> near_names("Norwey")
    ('Norway',)
    """
    known = _printed()
    return tuple(
        known[match] for match in difflib.get_close_matches(_plain(name), known, n=limit, cutoff=0.7)
    )


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.replace("’", "'").replace("ı", "i"))
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(kept.replace(".", " ").replace(",", " , ").casefold().split())


@cache
def _printed() -> Mapping[str, str]:
    names = {_plain(economy_name(code)): economy_name(code) for code in ECONOMY_CODES}
    content = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    for spoken in (*content["economies"].values(), *content["others"].values()):
        names.update({_plain(name): name for name in spoken})
    return MappingProxyType(names)


@cache
def _spoken() -> Mapping[str, SpokenEconomy]:
    found = {_plain(economy_name(code)): SpokenEconomy("economy", code) for code in ECONOMY_CODES}
    content = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    for code, names in content["economies"].items():
        found.update({_plain(name): SpokenEconomy("economy", code) for name in names})
    for kind, names in content["others"].items():
        found.update({_plain(name): SpokenEconomy(kind, None) for name in names})
    return MappingProxyType(found)
