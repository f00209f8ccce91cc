"""What every run of a shock assumes, in the language of the reader, said in the open."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from geomonitor.report.language import Language, texts
from geomonitor.report.shock_view import ShockView

__all__ = ["Assumption", "assumption_text", "assumptions_of", "calibration_name"]

_FIELD = re.compile(r"\\?\{(\w+)\\?\}")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Assumption:
    """One assumption.

    Attributes
    ----------
    text : str
        A sentence.
    translated : bool
        Whether it is in the language of the report; what a calibration says of itself may be in English.
    """

    text: str
    translated: bool


@functools.cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = []
    for key, wording in texts().items():
        if key.startswith("assumption."):
            pattern = _FIELD.sub(r"(?P<\1>.+)", re.escape(wording["en"]))
            found.append((key, re.compile(pattern)))
    return tuple(found)


def _recognised(text: str) -> tuple[str, Mapping[str, str]] | None:
    for key, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return key, found.groupdict()
    return None


def assumption_text(text: str, language: Language) -> Assumption:
    """Say an assumption of a run in the language of the report, where it is one that Geomonitor states.

    Parameters
    ----------
    text : str
        As the run states it, in English.
    language : Language

    Examples
    --------
    >>> assumption_text("calibration oecd-icio-2022: 50 sectors, 80 economies", Language("nl")).text
    'Calibratie oecd-icio-2022: 50 bedrijfstakken, 80 economieën.'
    """
    known = None if language.code == "en" else _recognised(text)
    if known is not None:
        key, fields = known
        text = language.say(key, **{name: _number(value, language) for name, value in fields.items()})
    whole = text[:1].upper() + text[1:]
    return Assumption(
        whole if whole.endswith(".") else f"{whole}.", language.code == "en" or known is not None
    )


def _number(text: str, language: Language) -> str:
    if not _NUMBER.fullmatch(text):
        return text
    decimals = len(text.partition(".")[2])
    # a year is no amount
    if decimals == 0 and len(text) == 4:
        return text
    return language.number(float(text.replace(",", "")), decimals)


def assumptions_of(view: ShockView) -> tuple[list[Assumption], list[tuple[str, list[Assumption]]]]:
    """Give what all or most runs assume, and what others do.

    Parameters
    ----------
    view : ShockView

    Returns
    -------
    tuple
        Assumptions of all runs, or of most with the exceptions named; then, by the names of the scenarios,
        those of the others.
    """
    say = view.content.language
    table = view.content.tables["shock_assumptions"].sort("number")
    every = table["scenario"].unique(maintain_order=True).to_list()
    runs = len(every)
    by_text: dict[str, list[str]] = {}
    gaps = [
        float(gap) for each in view.record.get("solutions", ()) for gap in each.get("residuals", {}).values()
    ]
    for scenario, text in table.select("scenario", "text").iter_rows():
        by_text.setdefault(text, []).append(scenario)
    common = []
    for text, codes in by_text.items():
        if 2 * len(codes) <= runs:
            continue
        found = assumption_text(text, say)
        if len(codes) < runs:
            rest = say.listing(_name(view, code) for code in every if code not in codes)
            wording = f"{found.text} {say.say('shocks.assumptions_except', scenarios=rest)}"
            found = Assumption(wording, found.translated)
        common.append(found)
    if view.changes["direct_price_change"].drop_nulls().len():
        common.append(Assumption(say.say("shocks.assumptions_full_pass"), translated=True))
    if gaps:
        worst = say.say("shocks.assumptions_solved", gap=_power(max(gaps)))
        common.append(Assumption(worst, translated=True))
    grouped: dict[tuple[str, ...], list[Assumption]] = {}
    for text, codes in by_text.items():
        if 2 * len(codes) <= runs:
            grouped.setdefault(tuple(codes), []).append(assumption_text(text, say))
    some = [(say.listing(_name(view, code) for code in codes), found) for codes, found in grouped.items()]
    return common, some


def _power(value: float) -> str:
    """Write a tiny number so that it is not broken over two lines.

    Examples
    --------
    >>> _power(3.9e-12).split()
    ['4', '×', '10⁻¹²']
    """
    digits, _, power = f"{value:.0e}".partition("e")
    small = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits}\u00a0×\u00a010{small}"


def _name(view: ShockView, scenario: str) -> str:
    say = view.content.language
    return say.say("shocks.quoted", name=view.scenarios.get(scenario, scenario))


def calibration_name(view: ShockView) -> str:
    """Name the data that the model was set to."""
    described = view.record.get("calibration") or {}
    if described.get("title"):
        return str(described["title"])
    names = view.changes.filter(pl.col("scenario") == view.main)["calibration"].drop_nulls()
    return str(names[0]) if names.len() else "–"
