"""Words and numbers of an explanation in English and Dutch."""

from __future__ import annotations

import math
from collections.abc import Mapping

from geomonitor.dependency.indicators import INDICATORS

__all__ = ["FORMULAS", "TEXTS", "amount", "number", "percent", "variant_text"]

FORMULAS: Mapping[str, Mapping[str, str]] = {
    "import_concentration": {
        "en": "sum over foreign suppliers of (supplies / all foreign supplies)²",
        "nl": "som over buitenlandse leveranciers van (levering / alle buitenlandse leveringen)²",
    },
    "extra_import_share": {
        "en": "foreign imports / all imports, those from home included",
        "nl": "invoer van buiten / alle invoer, die van thuis meegeteld",
    },
    "imports_to_exports": {
        "en": "foreign imports / all exports, those inside the group included",
        "nl": "invoer van buiten / alle uitvoer, die binnen de groep meegeteld",
    },
    "imports_to_extra_exports": {
        "en": "foreign imports / exports to outside the group",
        "nl": "invoer van buiten / uitvoer naar buiten de groep",
    },
    "world_export_concentration": {
        "en": "sum over exporters of (exports / world exports)², the importing group as one exporter",
        "nl": "som over exporteurs van (uitvoer / werelduitvoer)², de invoerende groep als één exporteur",
    },
    "world_economies_concentration": {
        "en": "sum over economies of (exports / world exports)²",
        "nl": "som over economieën van (uitvoer / werelduitvoer)²",
    },
    "world_main_exporter_share": {
        "en": "exports of the largest foreign exporter / world exports",
        "nl": "uitvoer van de grootste buitenlandse exporteur / werelduitvoer",
    },
    "domestic_use_kusd": {
        "en": "imports less re-exports, a year; between bounds where the re-export share is not known",
        "nl": "invoer min wederuitvoer, per jaar; tussen grenzen waar het aandeel wederuitvoer onbekend is",
    },
    "supply_fragility": {
        "en": "rank among products of the mean rank of export concentration, spread and clustering",
        "nl": "rang onder producten van de gemiddelde rang van uitvoerconcentratie, spreiding en clustering",
    },
}

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "yes": "yes",
        "no": "no",
        "and": "and",
        "test": "test",
        "total": "together",
        "others": "{count} others",
        "undefined": "undefined: there is nothing to divide by",
        "beyond": "beyond every threshold (there are no exports)",
        "unit": "thousand USD",
        "suppliers_title": "who supplies",
        "suppliers_formula": "imports from each supplier, all years added up",
        "severe": "(for the stricter verdict {name})",
        "bounds": "between {lower} and {upper} a year",
        "minimum_title": "is the value large enough?",
        "minimum_formula": "foreign imports a year >= minimum value",
        "verdict_title": "verdict",
        "persistence": "all tests met in the same year: {met} of {years} years; needed: {needed}",
        "dependent": "The product is dependent.",
        "not_dependent": "The product is not dependent.",
        "open": "The verdict is open: it hangs on re-exports that are not known.",
        "distance_title": "how far from the thresholds",
        "distance_formula": "(value - threshold) / threshold",
        "flip_from_dependent": (
            "The verdict turns first if {name} changes by {distance}, to {edge} {threshold}, all else equal."
        ),
        "edge_>": "at most",
        "edge_>=": "below",
        "flip_to_dependent": "The verdict turns only with: {needed}.",
        "robustness_title": "would other choices say the same?",
        "robustness_formula": "variants with the same verdict / variants measured",
        "robustness_numbers": "{same} of {variants}; another verdict with: {other}",
        "robustness_all": "{same} of {variants}",
    },
    "nl": {
        "yes": "ja",
        "no": "nee",
        "and": "en",
        "test": "toets",
        "total": "samen",
        "others": "{count} andere",
        "undefined": "onbepaald: er is niets om door te delen",
        "beyond": "voorbij elke drempel (er is geen uitvoer)",
        "unit": "duizend USD",
        "suppliers_title": "wie levert",
        "suppliers_formula": "invoer van elke leverancier, alle jaren opgeteld",
        "severe": "(voor het strengere oordeel {name})",
        "bounds": "tussen {lower} en {upper} per jaar",
        "minimum_title": "is de waarde groot genoeg?",
        "minimum_formula": "invoer van buiten per jaar >= minimumwaarde",
        "verdict_title": "oordeel",
        "persistence": "alle toetsen gehaald in hetzelfde jaar: {met} van {years} jaren; nodig: {needed}",
        "dependent": "Het product is afhankelijk.",
        "not_dependent": "Het product is niet afhankelijk.",
        "open": "Het oordeel is open: het hangt af van wederuitvoer die niet bekend is.",
        "distance_title": "hoe ver van de drempels",
        "distance_formula": "(waarde - drempel) / drempel",
        "flip_from_dependent": (
            "Het oordeel keert het eerst als {name} met {distance} verandert, tot {edge} {threshold}, "
            "bij gelijke andere waarden."
        ),
        "edge_>": "hoogstens",
        "edge_>=": "onder",
        "flip_to_dependent": "Het oordeel keert alleen met: {needed}.",
        "robustness_title": "zouden andere keuzes hetzelfde zeggen?",
        "robustness_formula": "varianten met hetzelfde oordeel / gemeten varianten",
        "robustness_numbers": "{same} van {variants}; een ander oordeel met: {other}",
        "robustness_all": "{same} van {variants}",
    },
}


def _localised(text: str, language: str) -> str:
    return text.translate(str.maketrans(",.", ".,")) if language == "nl" else text


def number(value: float, language: str) -> str:
    """Write a number with four significant decimals.

    Examples
    --------
    >>> number(0.50937829, "en"), number(1234.5, "nl"), number(float("inf"), "en")
    ('0.5094', '1.234,5', '∞')
    """
    if math.isnan(value):
        return "?"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    decimals = 4 if abs(value) < 10 else 1
    text = f"{value:,.{decimals}f}".rstrip("0").rstrip(".")
    return _localised(text, language)


def percent(share: float, language: str, *, sign: bool = False) -> str:
    """Write a share as a percentage.

    Examples
    --------
    >>> percent(0.7032, "nl"), percent(0.1488, "en", sign=True)
    ('70,3 %', '+14.9 %')
    """
    text = f"{share * 100:+,.1f}" if sign else f"{share * 100:,.1f}"
    return f"{_localised(text, language)} %"


def amount(value_kusd: float, language: str) -> str:
    """Write an amount of thousand dollars.

    Examples
    --------
    >>> amount(48044.648, "en"), amount(48044.648, "nl")
    ('48,045 thousand USD', '48.045 duizend USD')
    """
    decimals = 0 if abs(value_kusd) >= 10 else 3
    text = f"{value_kusd:,.{decimals}f}"
    if decimals:
        text = text.rstrip("0").rstrip(".")
    return f"{_localised(text, language)} {TEXTS[language]['unit']}"


_DUTCH_VARIANTS = (
    (" alone", "alleen {rest}"),
    ("without ", "zonder {rest}"),
    ("all thresholds ", "alle drempels {rest}"),
    ("quantity instead of value", "hoeveelheid in plaats van waarde"),
)


def variant_text(variant: str, language: str) -> str:
    """Say what was varied in a robustness check.

    Examples
    --------
    >>> variant_text("2022 alone", "nl"), variant_text("import_concentration -10 %", "en")
    ('alleen 2022', 'concentration of foreign supply -10 %')
    """
    name, _, change = variant.partition(" ")
    if name in INDICATORS:
        return f"{INDICATORS[name][2 if language == 'nl' else 1]} {change}"
    if language == "nl":
        for part, text in _DUTCH_VARIANTS:
            if part in variant:
                return text.format(rest=variant.replace(part, ""))
    return variant
