"""Economies by ISO 3166-1 alpha-3 code, with the historical and unallocated ones of trade statistics."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from geomonitor.errors import UnknownCodeError

__all__ = [
    "BACI_ECONOMIES",
    "COMTRADE_ECONOMIES",
    "ECONOMY_CODES",
    "LANGUAGES",
    "UNALLOCATED_CODES",
    "Economy",
    "economy",
    "economy_from_baci",
    "economy_from_comtrade",
    "economy_name",
    "near_matches",
]

LANGUAGES: tuple[str, ...] = ("en", "nl")

_TABLES = Path(__file__).with_name("tables")


@dataclass(frozen=True, slots=True)
class Economy:
    """One economy of the trade statistics.

    Parameters
    ----------
    code : str
        ISO 3166-1 alpha-3 code, or the code that trade statistics use where ISO has none.
    name_en, name_nl : str
        Everyday name in English and in Dutch.
    historical : bool
        The economy no longer exists under this code.
    unallocated : bool
        The code is no single economy (a remainder, or a customs union).
    """

    code: str
    name_en: str
    name_nl: str
    historical: bool
    unallocated: bool


class Named(Protocol):
    """Anything with a name in both languages."""

    @property
    def name_en(self) -> str:
        """Name in English."""

    @property
    def name_nl(self) -> str:
        """Name in Dutch."""


def _read_table(name: str) -> list[list[str]]:
    with (_TABLES / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))[1:]


def _read_numeric_codes(name: str) -> Mapping[int, str]:
    return MappingProxyType({int(number): code for number, code, _ in _read_table(name)})


_ECONOMIES: Mapping[str, Economy] = MappingProxyType(
    {
        code: Economy(code, name_en, name_nl, historical == "1", unallocated == "1")
        for code, name_en, name_nl, historical, unallocated in _read_table("economies.csv")
    }
)

ECONOMY_CODES: tuple[str, ...] = tuple(sorted(_ECONOMIES))

UNALLOCATED_CODES: frozenset[str] = frozenset(code for code, found in _ECONOMIES.items() if found.unallocated)

BACI_ECONOMIES: Mapping[int, str] = _read_numeric_codes("baci_economies.csv")

COMTRADE_ECONOMIES: Mapping[int, str] = _read_numeric_codes("comtrade_economies.csv")


def near_matches(text: str, known: Iterable[str], *, limit: int = 3) -> tuple[str, ...]:
    """Find the known codes and names of economies that come nearest to a text.

    Parameters
    ----------
    text : str
        What was asked for.
    known : iterable of str
        Codes that would have been right.
    limit : int
        Largest number of matches.

    Returns
    -------
    tuple of str
        Codes of ``known``, best first. A code also matches by the name of its economy.

    Examples
    --------
    >>> near_matches("Nederland", ECONOMY_CODES)[0]
    'NLD'
    """
    from difflib import get_close_matches

    spoken: dict[str, str] = {}
    for code in known:
        spoken.setdefault(code.casefold(), code)
        if code in _ECONOMIES:
            spoken.setdefault(_ECONOMIES[code].name_en.casefold(), code)
            spoken.setdefault(_ECONOMIES[code].name_nl.casefold(), code)
    asked = text.strip().casefold()
    found = [name for name in spoken if asked and name.startswith(asked)] if len(asked) > 1 else []
    found += get_close_matches(asked, spoken, n=limit * 2, cutoff=0.5)
    return tuple(dict.fromkeys(spoken[match] for match in sorted(found, key=lambda name: name != asked)))[
        :limit
    ]


def economy(code: str, *, where: str | None = None) -> Economy:
    """Look up an economy by its code.

    Parameters
    ----------
    code : str
        ISO 3166-1 alpha-3 code in capitals, or one of the other codes in `ECONOMY_CODES`.
    where : str, optional
        File and row, option or key that the code comes from, for the error message.

    Returns
    -------
    Economy
        The economy.

    Raises
    ------
    UnknownCodeError
        The code is not known; the message names it and the nearest known codes.

    Examples
    --------
    >>> economy("TWN").name_nl
    'Taiwan'
    """
    found = _ECONOMIES.get(code)
    if found is not None:
        return found
    near = near_matches(code, ECONOMY_CODES)
    hint = " or ".join(f"{match} ({_ECONOMIES[match].name_en})" for match in near)
    raise UnknownCodeError(
        f"The economy {code!r} is not known.",
        where=where,
        expected="an ISO 3166-1 alpha-3 code in capitals, such as NLD",
        next_step=f"Perhaps {hint} was meant." if hint else None,
    )


def economy_name(code: str, language: str = "en") -> str:
    """Return the everyday name of an economy.

    Parameters
    ----------
    code : str
        Code of the economy.
    language : str
        "en" (English) or "nl" (Dutch).

    Returns
    -------
    str
        The name.

    Raises
    ------
    UnknownCodeError
        The economy or the language is not known.

    Examples
    --------
    >>> economy_name("KOR"), economy_name("KOR", "nl")
    ('South Korea', 'Zuid-Korea')
    """
    return in_language(economy(code), language)


def in_language(named: Named, language: str) -> str:
    """Return the name in a language of anything that has `name_en` and `name_nl`."""
    if language == "en":
        return named.name_en
    if language == "nl":
        return named.name_nl
    raise UnknownCodeError(
        f"The language {language!r} is not known.", expected=f"one of {', '.join(LANGUAGES)}"
    )


def economy_from_baci(numeric_code: int, *, where: str | None = None) -> str:
    """Translate a country code of CEPII BACI into the code of an economy.

    BACI's own table decides: 490 ("Other Asia, not elsewhere specified") is Taiwan, 58 (Belgium-Luxembourg
    until 1998) is counted as Belgium, 280 as Germany and 736 as Sudan.

    Parameters
    ----------
    numeric_code : int
        Code in the columns `i` and `j` of BACI.
    where : str, optional
        File and row, for the error message.

    Returns
    -------
    str
        Code of the economy.

    Raises
    ------
    UnknownCodeError
        BACI's table has no such code.

    Examples
    --------
    >>> economy_from_baci(490), economy_from_baci(842)
    ('TWN', 'USA')
    """
    return _from_numeric(numeric_code, BACI_ECONOMIES, "BACI", where)


def economy_from_comtrade(numeric_code: int, *, where: str | None = None) -> str:
    """Translate an area code of UN Comtrade (M49 and its own codes) into the code of an economy.

    Areas that are no single economy (bunkers, free zones, "Areas, not elsewhere specified") become XXX, which
    is unallocated. Totals that would count trade twice (0, World; 97, European Union) are an error.

    Parameters
    ----------
    numeric_code : int
        Reporter or partner code.
    where : str, optional
        File and row, for the error message.

    Returns
    -------
    str
        Code of the economy.

    Raises
    ------
    UnknownCodeError
        The code is unknown or a total.

    Examples
    --------
    >>> economy_from_comtrade(699), economy_from_comtrade(356), economy_from_comtrade(899)
    ('IND', 'IND', 'XXX')
    """
    return _from_numeric(numeric_code, COMTRADE_ECONOMIES, "UN Comtrade", where)


def _from_numeric(numeric_code: int, table: Mapping[int, str], producer: str, where: str | None) -> str:
    try:
        return table[numeric_code]
    except KeyError:
        raise UnknownCodeError(
            f"{producer}'s country code {numeric_code!r} is not known.",
            where=where,
            expected=f"a whole number of {producer}'s table of country codes, such as 528 (Netherlands)",
            next_step="Correct the code; a total such as World is not an economy.",
        ) from None
