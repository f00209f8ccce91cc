"""Methods: what each tests or computes, where it comes from, and where it is known to differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from geomonitor._version import __version__
from geomonitor.chains.measures import chain_measures
from geomonitor.dependency import methods as product_methods
from geomonitor.materials import material_methods
from geomonitor.report.content import Content
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.language import Language
from geomonitor.report.material_names import material_names
from geomonitor.report.shock_letter import LetterRow, letter_rows
from geomonitor.report.shock_view import ShockView
from geomonitor.shocks import shock_methods
from geomonitor.web.evidence.contents import content_of
from geomonitor.web.evidence.shelf import shelf
from geomonitor.web.language import active_language, has_text, say
from geomonitor.web.studies.pages import answer, kept
from geomonitor.web.studies.parameters import Asked
from geomonitor.web.words import NotThereError

__all__ = ["AREAS", "ShownMethod", "method", "methods", "outcome_table", "shown_methods"]

AREAS = ("products", "materials", "chains", "shocks")
_LETTER_MODEL = "caliendo-parro-2015"
_CRITICALITY = "eu-crm-2017"


@dataclass(frozen=True, slots=True)
class ShownMethod:
    """A method as the pages show it, whichever area it is of.

    Attributes
    ----------
    id, version, area : str
    status : {'exact', 'reconstruction'}
    title, summary, citation : str
    numbers : tuple of (str, str, str)
        Thresholds and parameters: what is tested or used, its meaning, and where it was published.
    facts : tuple of (str, str)
        Such as formula, unit and rule for years.
    differences : tuple of str
        Known ones, in English as in the specification.
    """

    id: str
    version: str
    area: str
    status: str
    title: str
    summary: str
    citation: str
    numbers: tuple[tuple[str, str, str], ...]
    facts: tuple[tuple[str, str], ...]
    differences: tuple[str, ...]


def shown_methods(language: Language) -> tuple[ShownMethod, ...]:
    """Give every method, area by area.

    Examples
    --------
    >>> [each.id for each in shown_methods(Language("en"))][:1], len(shown_methods(Language("nl"))) > 20
    (['cae-2021'], True)
    """
    return (*_of_products(language), *_of_materials(language), *_of_chains(language), *_of_shocks(language))


def _of_products(language: Language) -> list[ShownMethod]:
    code, found = language.code, []
    for each in product_methods().values():
        numbers = [
            (f"{language.indicator(test.indicator)} {test.operator} {_plain(test.threshold, language)}",
             str(test.meaning.get(code, "")), test.source)
            for test in each.conditions
        ]  # fmt: skip
        numbers += [
            (f"{language.indicator(test.indicator)} {test.operator} {_plain(test.threshold, language)}",
             say(language, "methods.severe", name=each.severe_name), test.source)
            for test in each.severe_conditions
        ]  # fmt: skip
        numbers += [
            (f"{_words(name)}: {_plain(value, language)}", "", "") for name, value in each.parameters.items()
        ]
        rule = (
            say(language, "methods.pooled")
            if each.period_rule == "pooled"
            else say(language, "methods.persistence", needed=each.required_years, years=each.out_of_years)
        )
        found.append(
            ShownMethod(
                each.id, each.version, "products", each.status, each.title[code], each.summary[code],
                each.citation, tuple(numbers), ((say(language, "methods.years"), rule),),
                each.known_differences,
            )
        )  # fmt: skip
    return found


def _of_materials(language: Language) -> list[ShownMethod]:
    code, found = language.code, []
    for each in material_methods().values():
        numbers = [
            (
                f"{_words(name)}: {_plain(value, language)}",
                say(language, f"methods.{kind}"),
                each.sources.get(name, ""),
            )
            for kind, values in (("threshold", each.thresholds), ("parameter", each.parameters))
            for name, value in values.items()
        ]
        found.append(
            ShownMethod(
                each.id, each.version, "materials", each.status, each.title[code], each.summary[code],
                each.citation, tuple(numbers), (), each.known_differences,
            )
        )  # fmt: skip
    return found


def _of_chains(language: Language) -> list[ShownMethod]:
    return [
        ShownMethod(
            each.id, each.version, "chains", each.status, _capital(each.title[language.code]), "",
            each.citation, _parameters(each.parameters, language),
            _formula(each.formula, each.unit, language), (),
        )
        for each in chain_measures().values()
    ]  # fmt: skip


def _of_shocks(language: Language) -> list[ShownMethod]:
    return [
        ShownMethod(
            each.id, each.version, "shocks", each.status, _capital(each.title[language.code]), "",
            each.citation, _parameters(each.parameters, language),
            _formula(each.formula, each.unit, language),
            (each.limits,),
        )
        for each in shock_methods().values()
    ]  # fmt: skip


def _parameters(values: Mapping[str, float], language: Language) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (f"{_words(name)}: {_plain(value, language)}", say(language, "methods.parameter"), "")
        for name, value in values.items()
    )


def outcome_table(content: Content, shown: ShownMethod) -> DataTable | None:
    """Say what a method finds in an edition, beside what was published where that is about the same.

    Parameters
    ----------
    content : Content
    shown : ShownMethod
    """
    if shown.area == "products":
        return _dependent(content, shown)
    return _criticality(content) if shown.id == _CRITICALITY else None


def _dependent(content: Content, shown: ShownMethod) -> DataTable | None:
    language = content.language
    table = content.tables["products"].filter(pl.col("method") == shown.id)
    if table.is_empty():
        return None
    rows = []
    for importer in content.importers:
        mine = table.filter(pl.col("importer") == importer.code)
        if "label" in mine.columns:
            mine = mine.filter(pl.col("label") == importer.label)
        counts = mine["dependent"]
        rows.append(
            (
                _capital(importer.name), mine.height, int(counts.sum() or 0), int((~counts).sum() or 0),
                counts.null_count(),
            )
        )  # fmt: skip
    return DataTable.of(
        say(language, "methods.outcome_table", period=content.period_text, edition=content.record["id"]),
        (
            Column(say(language, "methods.importer")),
            Column(say(language, "methods.screened"), "count"),
            Column(language.say("column.dependent"), "count"),
            Column(say(language, "methods.not_dependent"), "count"),
            Column(language.say("verdict.open"), "count"),
        ),
        rows,
    )


def _criticality(content: Content) -> DataTable | None:
    """Set the published supply risk beside ours, for the materials that have both."""
    language, names = content.language, material_names(content)
    importer = content.importers[0]
    table = content.of_importer("materials", importer).filter(
        pl.col("published_supply_risk").is_not_null(), pl.col("supply_risk").is_not_null()
    )
    if table.is_empty():
        return None
    rows = [
        (
            names.with_symbol(row["material"]), row["published_year"], row["published_supply_risk"],
            row["supply_risk"], row["supply_risk_low"], row["supply_risk_high"],
            language.say(f"basis.{row['basis']}"),
        )
        for row in table.sort("published_supply_risk", descending=True).iter_rows(named=True)
    ]  # fmt: skip
    said = language.say
    return DataTable.of(
        say(language, "methods.published_table", importer=importer.name, edition=content.record["id"]),
        (
            Column(said("column.material")),
            Column(said("column.study"), "year"),
            Column(said("column.published_risk"), "tenth"),
            Column(said("column.supply_risk_here"), "ratio"),
            Column(said("column.supply_risk_low"), "ratio"),
            Column(said("column.supply_risk_high"), "ratio"),
            Column(say(language, "methods.basis")),
        ),
        rows,
    )


def _letter(content: Content) -> list[LetterRow]:
    view = ShockView.of(content)
    return [] if view is None else letter_rows(view)


@require_safe
def methods(request: HttpRequest) -> HttpResponse:
    """List the methods."""
    asked = Asked(request.GET, ("area", "status"))
    language = active_language()
    area = asked.choice("area", AREAS)
    status = asked.choice("status", ("exact", "reconstruction"))
    found = [
        each
        for each in shown_methods(language)
        if (not area or each.area == area) and (not status or each.status == status)
    ]
    heads = ("method", "called", "area", "version", "status", "citation")
    table = DataTable.of(
        say(None, "methods.list_table"),
        [Column(say(None, f"methods.{name}")) for name in heads],
        [
            (
                each.id, each.title, say(None, f"methods.area_{each.area}"), each.version,
                say(None, f"methods.{each.status}"), each.citation,
            )
            for each in found
        ],
    )  # fmt: skip
    context = {
        "table": table,
        "links": {0: [reverse("method", kwargs={"method": each.id}) for each in found]},
        "selects": [
            (
                "area",
                say(None, "methods.area"),
                [(each, say(None, f"methods.area_{each}")) for each in AREAS],
            ),
            (
                "status",
                say(None, "methods.status"),
                [(each, say(None, f"methods.{each}")) for each in ("exact", "reconstruction")],
            ),
        ],
    }
    return answer(
        request,
        "methods.html",
        context,
        asked=asked,
        tables={"methods": table},
        title=say(None, "methods.title"),
        provenance=[(say(None, "provenance.version"), __version__)],
    )


@require_safe
def method(request: HttpRequest, method: str) -> HttpResponse:
    """Show the specification of one method."""
    asked = Asked(request.GET, ("edition",))
    language = active_language()
    known = {each.id: each for each in shown_methods(language)}
    if method not in known:
        near = get_close_matches(method, known, n=3)
        raise NotThereError(
            say(None, "methods.not_there", name=method[:60]),
            expected=", ".join(known),
            next_step=say(None, "studies.did_you_mean", near=", ".join(near)) if near else None,
        )
    shown = known[method]
    entries = shelf().editions()
    edition = asked.choice("edition", [each.id for each in entries], entries[0].id if entries else "")
    content = content_of(edition) if edition else None
    outcome = kept(outcome_table, content, shown) if content is not None else None
    numbers = DataTable.of(
        say(None, "methods.numbers_table", method=shown.title),
        [Column(say(None, f"methods.{name}")) for name in ("number", "meaning", "published_in")],
        shown.numbers,
    )
    context: dict[str, Any] = {
        "shown": shown,
        "numbers": numbers,
        "outcome": outcome,
        "letter": kept(_letter, content) if content is not None and method == _LETTER_MODEL else [],
        "edition": edition,
        "editions": [(each.id, f"{each.title(language.code)} ({each.id})") for each in entries],
    }
    provenance = [
        (
            say(None, "provenance.method"),
            f"{shown.id} {shown.version} ({say(None, f'methods.{shown.status}')})",
        ),
        (say(None, "provenance.citation"), shown.citation),
        *([(say(None, "provenance.edition"), edition)] if edition else []),
        (say(None, "provenance.version"), __version__),
    ]
    tables = {"numbers": numbers, **({"outcome": outcome} if outcome is not None else {})}
    return answer(
        request,
        "method.html",
        context,
        asked=asked,
        tables=tables,
        title=shown.title,
        provenance=provenance,
    )


def _plain(value: float, language: Language) -> str:
    """Write a number of a specification with as many decimals as it has.

    Examples
    --------
    >>> _plain(0.4, Language("nl")), _plain(10.0, Language("en"))
    ('0,4', '10')
    """
    text = f"{value:.10g}"
    return text.replace(".", ",") if language.code == "nl" else text


def _formula(formula: str, unit: str, language: Language) -> tuple[tuple[str, str], ...]:
    key = f"methods_unit.{unit.lower().replace(' ', '_')}"
    spoken = say(language, key) if has_text(key) else unit
    return ((say(language, "methods.formula"), formula), (say(language, "methods.unit"), spoken))


def _words(name: str) -> str:
    return _capital(name.replace("_", " "))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
