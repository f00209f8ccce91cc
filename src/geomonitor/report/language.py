"""Texts, numbers and names of a report in its language."""

from __future__ import annotations

import functools
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geomonitor.codes import economy_name, resolve_importer
from geomonitor.dependency import INDICATORS
from geomonitor.errors import UnknownCodeError

__all__ = ["LANGUAGES", "OTHER", "Language", "short_name", "texts"]

LANGUAGES = ("en", "nl")

# how the tables name the suppliers that are not shown one by one
OTHER = "OTHER"

_MARKS = {"en": (",", "."), "nl": (".", ",")}


@functools.cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Read every text of the reports: key, then language.

    Examples
    --------
    >>> sorted(texts()["verdict.open"])
    ['en', 'nl']
    """
    found: dict[str, Mapping[str, str]] = {}
    for file in ("texts.toml", "texts_materials.toml", "texts_shocks.toml"):
        with Path(__file__).with_name(file).open("rb") as handle:
            for section, entries in tomllib.load(handle).items():
                for name, wording in entries.items():
                    found[f"{section}.{name}"] = wording
    return found


def short_name(name: str, length: int = 46) -> str:
    """Shorten a product name at a word.

    Parameters
    ----------
    name : str
    length : int
        Largest number of characters.

    Examples
    --------
    >>> short_name("Bismuth: articles thereof, including waste and scrap", 30)
    'Bismuth: articles thereof…'
    """
    tidy = " ".join(name.split())
    if len(tidy) <= length:
        return tidy
    cut = tidy[: length - 1]
    if " " in cut[length // 2 :]:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip(" ,;:(") + "…"


@dataclass(frozen=True, slots=True)
class Language:
    """The language of a report: its texts, its marks in numbers, its names.

    Attributes
    ----------
    code : {'en', 'nl'}
    groups : mapping of str to sequence of str
        Groups that the user defined, so that they can be named.

    Examples
    --------
    >>> Language("nl").number(1234.5, 1)
    '1.234,5'
    """

    code: str
    groups: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.code not in LANGUAGES:
            raise UnknownCodeError(
                f"There is no report in the language {self.code!r}.",
                where="option language",
                expected=f"one of {', '.join(LANGUAGES)}",
            )

    def say(self, key: str, **values: object) -> str:
        """Give a text, with values filled in.

        Parameters
        ----------
        key : str
            Such as ``verdict.open``.
        **values
            What stands between braces in the text.
        """
        wording = texts()[key][self.code]
        return wording.format(**values) if values else wording

    def count(self, key: str, number: int, **values: object) -> str:
        """Give a text in the singular (``key_one``) or the plural (``key_many``) with its number."""
        form = "one" if number == 1 else "many"
        return self.say(f"{key}_{form}", number=self.number(number), **values)

    def number(self, value: float | None, decimals: int = 0) -> str:
        """Write a number with the language's marks; a dash where it is not known."""
        if value is None or math.isnan(value):
            return "–"
        if math.isinf(value):
            return "∞"
        thousands, decimal = _MARKS[self.code]
        plain = f"{value:,.{decimals}f}"
        if plain.strip("-0.,") == "":
            plain = plain.lstrip("-")
        return plain.replace(",", "\0").replace(".", decimal).replace("\0", thousands).replace("-", "−")

    def share(self, value: float | None, decimals: int = 0) -> str:
        """Write a share between 0 and 1 as a percentage."""
        if value is None or math.isnan(value):
            return "–"
        return f"{self.number(value * 100, decimals)}%"

    def money(self, value_kusd: float | None) -> str:
        """Write an amount of thousand dollars in words.

        Examples
        --------
        >>> Language("en").money(1_260_000), Language("nl").money(1_260_000)
        ('USD 1.3 billion', '1,3 miljard dollar')
        """
        if value_kusd is None or math.isnan(value_kusd):
            return "–"
        for size, unit in ((1e6, "billion"), (1e3, "million")):
            if value_kusd >= size * 0.9995:
                scaled = value_kusd / size
                decimals = 1 if scaled < 100 else 0
                return self.say(f"money.{unit}", amount=self.number(scaled, decimals))
        return self.say("money.thousand", amount=self.number(value_kusd))

    def economy(self, code: str | None) -> str:
        """Name an economy, the rest of the suppliers, or nobody."""
        if code is None:
            return "–"
        if code == OTHER:
            return self.say("word.other")
        # what an input-output table has in place of the economies that it lacks
        region = texts().get(f"region.{code}")
        if region is not None:
            return region[self.code]
        return economy_name(code, self.code)

    def importer(self, code: str, home_code: str | None = None) -> str:
        """Name an importer: an economy or a group, with its home group where it has another."""
        name = self._party(code)
        if home_code is None or home_code == code:
            return name
        return self.say("word.importer_home", name=name, home=self._party(home_code))

    def _party(self, code: str) -> str:
        wording = texts().get(f"party.{code}")
        if wording is not None:
            return wording[self.code]
        if self.groups and code in self.groups:
            return code
        group = resolve_importer(code, extra=self.groups)
        return group.name_nl if self.code == "nl" else group.name_en

    def indicator(self, name: str) -> str:
        """Name an indicator."""
        known = INDICATORS.get(name)
        if known is None:
            return name.replace("_", " ")
        return known[2 if self.code == "nl" else 1]

    def short_indicator(self, name: str) -> str:
        """Name an indicator in the few signs of a heading."""
        wording = texts().get(f"short.{name}")
        return wording[self.code] if wording is not None else self.indicator(name)

    def interest(self, code: str) -> str:
        """Name a public interest; a user's own goes by its code."""
        wording = texts().get(f"interest.{code}")
        return wording[self.code] if wording is not None else code.replace("_", " ")

    def verdict(self, dependent: bool | None) -> str:
        """Say a verdict; none means that it is open."""
        if dependent is None:
            return self.say("verdict.open")
        return self.say("verdict.dependent" if dependent else "verdict.not")

    def variant(self, text: str) -> str:
        """Say a variant of a robustness check.

        Examples
        --------
        >>> Language("nl").variant("import_concentration -10 %")
        'concentratie buitenlandse aanvoer −10%'
        """
        if found := re.fullmatch(r"without (\d+)", text):
            return self.say("variant.without", year=found[1])
        if found := re.fullmatch(r"(\d+) alone", text):
            return self.say("variant.alone", year=found[1])
        if found := re.fullmatch(r"(\w[\w ]*?) ([+-])(\d+) ?%", text):
            name = self.say("variant.all") if found[1] == "all thresholds" else self.indicator(found[1])
            return f"{name} {'−' if found[2] == '-' else '+'}{found[3]}%"
        return self.say("variant.quantity") if text == "quantity instead of value" else text

    def listing(self, words: Iterable[str]) -> str:
        """Join words as a sentence does.

        Examples
        --------
        >>> Language("en").listing(["China", "Chile", "Peru"])
        'China, Chile and Peru'
        """
        found = list(words)
        if len(found) < 2:
            return "".join(found)
        return f"{', '.join(found[:-1])} {self.say('word.and')} {found[-1]}"

    def years(self, years: Iterable[int]) -> str:
        """Write years as runs.

        Examples
        --------
        >>> Language("en").years([1999, 2000, 2001, 2005])
        '1999–2001, 2005'
        """
        runs: list[list[int]] = []
        for year in sorted(years):
            if runs and year == runs[-1][1] + 1:
                runs[-1][1] = year
            else:
                runs.append([year, year])
        return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs)
