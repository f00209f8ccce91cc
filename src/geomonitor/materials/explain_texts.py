"""Words and numbers of an explanation of a raw material in English and Dutch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

__all__ = [
    "LANGUAGES",
    "TEXTS",
    "amount",
    "in_languages",
    "number",
    "percent",
    "spoken_reason",
    "spoken_scope",
    "spoken_source",
]

LANGUAGES = ("en", "nl")

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "yes": "yes",
        "no": "no",
        "not_known": "not known",
        "others": "{count} others: {share}",
        "between": "between {low} and {high}",
        "unit": "thousand USD",
        "extraction": "extraction",
        "processing": "processing",
        "basis_trade": "trade, {years}",
        "basis_production": "production, {years}",
        "suppliers_title": "{stage}: who supplies",
        "suppliers_formula_trade": "shares of world exports, and of imports from outside home",
        "suppliers_formula_production": "shares of world supply, and of the supply that is used",
        "products": "codes of the Harmonized System: {products}",
        "mixed": "these codes also hold {mixed_with}: the numbers are of all of it",
        "mixed_unknown": "other materials",
        "in_world": "world:",
        "in_use": "{importer}:",
        "supplier": "{economy}: {share}; governance {weight} of 10",
        "supplier_value": "{economy}: {share} ({value}); governance {weight} of 10",
        "no_supply": "no supplier is known",
        "source": "source: {source}",
        "world_title": "{stage}: concentration of world supply",
        "used_title": "{stage}: concentration of the supply that is used",
        "concentration_formula": "sum over suppliers of share² x governance x restrictions",
        "used_formula_home": (
            "import reliance² x concentration of imports + (1 - import reliance)² x concentration at home"
        ),
        "term": "{economy}: {share}² x {weight} x {restriction} = {term}",
        "rest_of_terms": "{count} other suppliers: {term}",
        "plain": "without governance and restrictions: {value}",
        "of_imports": "imports: {value}",
        "at_home": "at home: {value}",
        "governance_source": "governance: {source}; 0 is best, 10 worst",
        "why_unknown": "no value: {reason}",
        "parameters_title": "{stage}: import reliance, recycling, substitutes",
        "parameters_formula": "each from an input that a person gave, else from a published study",
        "parameter": "{name}: {value} ({source})",
        "import_reliance": "import reliance",
        "recycling_rate": "recycling, part of use",
        "substitution_risk": "index of substitutes",
        "economic_importance": "economic importance",
        "risk_title": "{stage}: supply risk",
        "risk_formula": (
            "(world x reliance / 2 + used x (1 - reliance / 2)) x (1 - recycling) x index of substitutes"
        ),
        "risk_formula_alone": "concentration x (1 - recycling) x index of substitutes",
        "risk_numbers": (
            "({world} x {half} + {used} x {other_half}) x {not_recycled} x {substitution} = {risk}"
        ),
        "risk_numbers_alone": "{known} x {not_recycled} x {substitution} = {risk}",
        "factors_title": "{stage}: what each factor does",
        "factors_formula": "supply risk less what it would be with the factor at 1",
        "factor_line": "{factor} ({value}): {risk} - {neutral} = {contribution}",
        "factor_unknown": "{factor} ({value}): not known",
        "concentration": "concentration",
        "governance": "governance",
        "restrictions": "restrictions on trade",
        "recycling": "recycling",
        "substitution": "substitutes",
        "benchmark_title": "{stage}: the largest supplier against the benchmark of {limit}",
        "benchmark_formula": "share of the largest third country > {limit} (Regulation (EU) 2024/1252)",
        "benchmark_numbers": "{economy}: {share}",
        "stages_title": "both stages side by side",
        "stages_formula": "the stage with the highest supply risk counts",
        "stage_line": "{stage}: supply risk {risk}; largest third country {supplier}",
        "stage_absent": "{stage}: there are no data",
        "bottleneck": "the stage that counts: {stage}",
        "importance_title": "economic importance",
        "importance_formula": (
            "sum over uses of share x value added of the sector, scaled to 10, x index of substitutes"
        ),
        "verdict_title": "verdict",
        "verdict_formula": (
            "supply risk >= {risk} and economic importance >= {importance}, both rounded to one decimal"
        ),
        "rounded": "{name} {value} -> {rounded} >= {threshold}: {answer}",
        "rounded_between": (
            "{name} {low} -> {rounded_low} to {high} -> {rounded_high} >= {threshold}: {answer}"
        ),
        "open_answer": "open",
        "supply_risk": "supply risk",
        "critical": "The material is critical.",
        "not_critical": "The material is not critical.",
        "open": "The verdict is open: {reason}.",
        "goals_title": "the goals of the Critical Raw Materials Act for 2030",
        "goals_formula": "part of yearly use that is extracted, processed and recycled at home",
        "goal": "{what}: {value}, goal {goal}: {answer}",
        "goal_extraction": "extracted at home (1 - import reliance)",
        "goal_processing": "processed at home (1 - import reliance)",
        "goal_recycling": "recycled",
        "goals_strategic": "a strategic raw material ({scope}); the Act adds all of them up",
        "goals_not_strategic": "not a strategic raw material of the Act: the goals do not hold for it",
        "published_title": "beside what was published",
        "published_formula": "ours - published, and the inputs that were published",
        "published_line": "{year}: supply risk {risk}, economic importance {importance}{listed}",
        "listed": "; on the list of the EU",
        "not_listed": "; not on the list of the EU",
        "published_difference": "ours {ours} - published {published} of {year} = {difference}",
        "published_between": "ours lies {ours}; published {published} of {year}",
        "published_input": "{name}: ours {ours}, study of {year} {published}",
        "published_none": "nothing was published on it",
        "why_title": "why they can differ:",
        "why_trade": (
            "ours takes shares in trade of {years} for shares in supply; the studies take tonnes produced"
        ),
        "why_governance": (
            "ours weighs by {source}; the studies by the mean of six indicators over five years"
        ),
        "why_reliance": "our import reliance and index of substitutes: {sources}",
        "why_importer": "the studies measure the European Union, ours {importer}",
        "why_stage": "the study of 2017 looked at {stage} only",
        "why_mixed": "our codes hold other materials too",
        "main_title": "largest suppliers in the world, as published",
        "main_formula": "share of world supply by stage",
        "main_line": "{stage}: {economy} {share} ({years}, {source}); in ours {own_economy} {own_share}",
        "main_line_alone": "{stage}: {economy} {share} ({years}, {source})",
        "main_more": "more concentrated as published: {stage}",
        "chains_title": "chains that it feeds",
        "chains_formula": "chain: stage",
        "chains_none": "no chain file names it",
        "unknown_title": "what is not known",
        "unknown_formula": "left unknown, never put at 0; the bounds say what it could do",
        "unknown_parameter": "{stage}: {name}",
        "unknown_governance": "governance of {economies}",
        "unknown_stage": "{stage}: no data",
        "unknown_none": "nothing",
        "equal": "equal",
    },
    "nl": {
        "yes": "ja",
        "no": "nee",
        "not_known": "niet bekend",
        "others": "{count} andere: {share}",
        "between": "tussen {low} en {high}",
        "unit": "duizend USD",
        "extraction": "winning",
        "processing": "verwerking",
        "basis_trade": "handel, {years}",
        "basis_production": "productie, {years}",
        "suppliers_title": "{stage}: wie levert",
        "suppliers_formula_trade": "aandelen in de werelduitvoer, en in de invoer van buiten",
        "suppliers_formula_production": "aandelen in het wereldaanbod, en in de aanvoer die wordt gebruikt",
        "products": "codes van het geharmoniseerd systeem: {products}",
        "mixed": "deze codes bevatten ook {mixed_with}: de getallen gaan over alles samen",
        "mixed_unknown": "andere grondstoffen",
        "in_world": "wereld:",
        "in_use": "{importer}:",
        "supplier": "{economy}: {share}; bestuur {weight} van 10",
        "supplier_value": "{economy}: {share} ({value}); bestuur {weight} van 10",
        "no_supply": "er is geen leverancier bekend",
        "source": "bron: {source}",
        "world_title": "{stage}: concentratie van het wereldaanbod",
        "used_title": "{stage}: concentratie van de aanvoer die wordt gebruikt",
        "concentration_formula": "som over leveranciers van aandeel² x bestuur x beperkingen",
        "used_formula_home": (
            "invoerafhankelijkheid² x concentratie van de invoer + (1 - invoerafhankelijkheid)² "
            "x concentratie thuis"
        ),
        "term": "{economy}: {share}² x {weight} x {restriction} = {term}",
        "rest_of_terms": "{count} andere leveranciers: {term}",
        "plain": "zonder bestuur en beperkingen: {value}",
        "of_imports": "invoer: {value}",
        "at_home": "thuis: {value}",
        "governance_source": "bestuur: {source}; 0 is het best, 10 het slechtst",
        "why_unknown": "geen waarde: {reason}",
        "parameters_title": "{stage}: invoerafhankelijkheid, recycling, substituten",
        "parameters_formula": "elk uit een invoer die iemand gaf, anders uit een gepubliceerde studie",
        "parameter": "{name}: {value} ({source})",
        "import_reliance": "invoerafhankelijkheid",
        "recycling_rate": "recycling, deel van het gebruik",
        "substitution_risk": "index van substituten",
        "economic_importance": "economisch belang",
        "risk_title": "{stage}: voorzieningsrisico",
        "risk_formula": (
            "(wereld x afhankelijkheid / 2 + gebruikt x (1 - afhankelijkheid / 2)) x (1 - recycling) "
            "x index van substituten"
        ),
        "risk_formula_alone": "concentratie x (1 - recycling) x index van substituten",
        "risk_numbers": (
            "({world} x {half} + {used} x {other_half}) x {not_recycled} x {substitution} = {risk}"
        ),
        "risk_numbers_alone": "{known} x {not_recycled} x {substitution} = {risk}",
        "factors_title": "{stage}: wat elke factor doet",
        "factors_formula": "voorzieningsrisico min wat het zou zijn met de factor op 1",
        "factor_line": "{factor} ({value}): {risk} - {neutral} = {contribution}",
        "factor_unknown": "{factor} ({value}): niet bekend",
        "concentration": "concentratie",
        "governance": "bestuur",
        "restrictions": "handelsbeperkingen",
        "recycling": "recycling",
        "substitution": "substituten",
        "benchmark_title": "{stage}: de grootste leverancier tegen de grens van {limit}",
        "benchmark_formula": (
            "aandeel van het grootste derde land in het gebruik > {limit} (Verordening (EU) 2024/1252)"
        ),
        "benchmark_numbers": "{economy}: {share}",
        "stages_title": "beide stadia naast elkaar",
        "stages_formula": "het stadium met het hoogste voorzieningsrisico telt",
        "stage_line": "{stage}: voorzieningsrisico {risk}; grootste derde land {supplier}",
        "stage_absent": "{stage}: er zijn geen gegevens",
        "bottleneck": "het stadium dat telt: {stage}",
        "importance_title": "economisch belang",
        "importance_formula": (
            "som over toepassingen van aandeel x toegevoegde waarde van de sector, geschaald tot 10, "
            "x index van substituten"
        ),
        "verdict_title": "oordeel",
        "verdict_formula": (
            "voorzieningsrisico >= {risk} en economisch belang >= {importance}, "
            "beide afgerond op een decimaal"
        ),
        "rounded": "{name} {value} -> {rounded} >= {threshold}: {answer}",
        "rounded_between": (
            "{name} {low} -> {rounded_low} tot {high} -> {rounded_high} >= {threshold}: {answer}"
        ),
        "open_answer": "open",
        "supply_risk": "voorzieningsrisico",
        "critical": "De grondstof is kritiek.",
        "not_critical": "De grondstof is niet kritiek.",
        "open": "Het oordeel is open: {reason}.",
        "goals_title": "de doelen van de verordening kritieke grondstoffen voor 2030",
        "goals_formula": "deel van het jaarlijkse gebruik dat thuis wordt gewonnen, verwerkt en gerecycled",
        "goal": "{what}: {value}, doel {goal}: {answer}",
        "goal_extraction": "thuis gewonnen (1 - invoerafhankelijkheid)",
        "goal_processing": "thuis verwerkt (1 - invoerafhankelijkheid)",
        "goal_recycling": "gerecycled",
        "goals_strategic": "een strategische grondstof ({scope}); de verordening telt ze alle samen op",
        "goals_not_strategic": (
            "geen strategische grondstof van de verordening: de doelen gelden er niet voor"
        ),
        "published_title": "naast wat is gepubliceerd",
        "published_formula": "de onze - gepubliceerd, en de gepubliceerde invoer",
        "published_line": "{year}: voorzieningsrisico {risk}, economisch belang {importance}{listed}",
        "listed": "; op de lijst van de EU",
        "not_listed": "; niet op de lijst van de EU",
        "published_difference": "de onze {ours} - gepubliceerd {published} van {year} = {difference}",
        "published_between": "de onze ligt {ours}; gepubliceerd {published} van {year}",
        "published_input": "{name}: de onze {ours}, studie van {year} {published}",
        "published_none": "er is niets over gepubliceerd",
        "why_title": "waarom ze kunnen verschillen:",
        "why_trade": (
            "de onze neemt aandelen in de handel van {years} voor aandelen in het aanbod; de studies nemen "
            "geproduceerde tonnen"
        ),
        "why_governance": (
            "de onze weegt met {source}; de studies met het gemiddelde van zes indicatoren over vijf jaar"
        ),
        "why_reliance": "onze invoerafhankelijkheid en index van substituten: {sources}",
        "why_importer": "de studies meten de Europese Unie, de onze {importer}",
        "why_stage": "de studie van 2017 keek alleen naar {stage}",
        "why_mixed": "onze codes bevatten ook andere grondstoffen",
        "main_title": "grootste leveranciers in de wereld, zoals gepubliceerd",
        "main_formula": "aandeel in het wereldaanbod per stadium",
        "main_line": "{stage}: {economy} {share} ({years}, {source}); bij ons {own_economy} {own_share}",
        "main_line_alone": "{stage}: {economy} {share} ({years}, {source})",
        "main_more": "meer geconcentreerd zoals gepubliceerd: {stage}",
        "chains_title": "ketens die zij voedt",
        "chains_formula": "keten: schakel",
        "chains_none": "geen ketenbestand noemt haar",
        "unknown_title": "wat niet bekend is",
        "unknown_formula": "onbekend gelaten, nooit op 0 gezet; de grenzen zeggen wat het kan uitmaken",
        "unknown_parameter": "{stage}: {name}",
        "unknown_governance": "bestuur van {economies}",
        "unknown_stage": "{stage}: geen gegevens",
        "unknown_none": "niets",
        "equal": "gelijk",
    },
}

_DUTCH_REASONS: Mapping[str, str] = {
    "no supplier is known": "er is geen leverancier bekend",
    "shares add up to more than the whole": "de aandelen zijn samen meer dan het geheel",
    "shares add up to less than the whole": "de aandelen zijn samen minder dan het geheel",
    "governance of a supplier is not known": "het bestuur van een leverancier is niet bekend",
    "part of the supply has no single origin": "een deel van het aanbod heeft niet één herkomst",
    "import reliance is not known": "de invoerafhankelijkheid is niet bekend",
    "production at home is not known": "de eigen productie is niet bekend",
    "no supply of it is known here": "er is hier geen aanbod van bekend",
    "recycling is not known": "de recycling is niet bekend",
    "substitutes are not known": "de substituten zijn niet bekend",
    "economic importance is not known": "het economisch belang is niet bekend",
    "its codes hold other materials too": "haar codes bevatten ook andere grondstoffen",
    "the bounds lie on both sides of a threshold": "de grenzen liggen aan weerszijden van een drempel",
}
_DUTCH_SIDES: Mapping[str, str] = {
    "world supply": "wereldaanbod",
    "supply that is used": "aanvoer die wordt gebruikt",
}

_DUTCH_SOURCES: Mapping[str, str] = {
    "published ": "gepubliceerd ",
    "computed from uses": "berekend uit toepassingen",
}
_DUTCH_SCOPES: Mapping[str, str] = {
    "all": "geheel",
    "as bauxite/alumina/aluminium": "als bauxiet/aluinaarde/aluminium",
    "battery grade": "batterijkwaliteit",
    "metallurgy grade": "metallurgische kwaliteit",
    "magnesium metal": "magnesiummetaal",
    "rare earth element for permanent magnets": "zeldzame aarde voor permanente magneten",
    "cerium, neodymium, praseodymium and samarium, for permanent magnets": (
        "cerium, neodymium, praseodymium en samarium, voor permanente magneten"
    ),
    "dysprosium, gadolinium and terbium, for permanent magnets": (
        "dysprosium, gadolinium en terbium, voor permanente magneten"
    ),
    "cerium, dysprosium, gadolinium, neodymium, praseodymium, samarium and terbium, for permanent magnets": (
        "cerium, dysprosium, gadolinium, neodymium, praseodymium, samarium en terbium, "
        "voor permanente magneten"
    ),
}


def spoken_reason(reason: str, language: str) -> str:
    """Say why there is no value.

    Parameters
    ----------
    reason : str
        As an assessment gives it.
    language : {'en', 'nl'}

    Examples
    --------
    >>> spoken_reason("world supply: governance of a supplier is not known", "nl")
    'wereldaanbod: het bestuur van een leverancier is niet bekend'
    """
    if language == "en":
        return reason
    side, mark, rest = reason.partition(": ")
    if mark and side in _DUTCH_SIDES:
        return f"{_DUTCH_SIDES[side]}: {_DUTCH_REASONS.get(rest, rest)}"
    return _DUTCH_REASONS.get(reason, reason)


def spoken_source(source: str, language: str) -> str:
    """Say where a number comes from.

    Examples
    --------
    >>> spoken_source("published 2023", "nl")
    'gepubliceerd 2023'
    """
    if language == "nl":
        for english, dutch in _DUTCH_SOURCES.items():
            if source.startswith(english):
                return source.replace(english, dutch, 1)
    return source


def spoken_scope(scope: str, language: str) -> str:
    """Say what of a material is strategic.

    Examples
    --------
    >>> spoken_scope("battery grade", "nl")
    'batterijkwaliteit'
    """
    return _DUTCH_SCOPES.get(scope, scope) if language == "nl" else scope


def in_languages(key: str, **values: Any) -> dict[str, str]:
    """Fill a text in every language; values that depend on it are functions of the language.

    Examples
    --------
    >>> in_languages("bottleneck", stage=lambda language: TEXTS[language]["processing"])["nl"]
    'het stadium dat telt: verwerking'
    """

    def filled(language: str) -> str:
        spoken: dict[str, Any] = {
            name: value(language) if callable(value) else value for name, value in values.items()
        }
        return TEXTS[language][key].format(**spoken)

    return {language: filled(language) for language in LANGUAGES}


def _localised(text: str, language: str) -> str:
    return text.translate(str.maketrans(",.", ".,")) if language == "nl" else text


def number(value: float | None, language: str, decimals: int = 3) -> str:
    """Write a number with a fixed number of decimals at most, or that it is not known.

    Examples
    --------
    >>> number(1.0303, "nl"), number(0.0, "en"), number(None, "en")
    ('1,03', '0', 'not known')
    """
    if value is None or math.isnan(value):
        return TEXTS[language]["not_known"]
    text = f"{value:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return _localised("0" if text == "-0" else text, language)


def percent(share: float | None, language: str) -> str:
    """Write a share as a percentage, or that it is not known.

    Examples
    --------
    >>> percent(0.7032, "nl"), percent(None, "nl")
    ('70,3 %', 'niet bekend')
    """
    if share is None or math.isnan(share):
        return TEXTS[language]["not_known"]
    return f"{_localised(f'{share * 100:,.1f}', language)} %"


def amount(value_kusd: float, language: str) -> str:
    """Write an amount of thousand dollars.

    Examples
    --------
    >>> amount(48044.648, "nl")
    '48.045 duizend USD'
    """
    return f"{_localised(f'{value_kusd:,.0f}', language)} {TEXTS[language]['unit']}"
