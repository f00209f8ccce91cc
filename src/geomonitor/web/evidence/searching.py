"""The page of the search: products, economies, materials, methods, and the cases that one may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from geomonitor.codes import ECONOMY_CODES, economy, materials
from geomonitor.register.access import visible_cases
from geomonitor.register.models import Case
from geomonitor.report import LANGUAGES, Language
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.web.downloads import page_download, wanted_download
from geomonitor.web.evidence.contents import content_of, importer_key, page_url
from geomonitor.web.evidence.folding import folded
from geomonitor.web.evidence.kept import Kept
from geomonitor.web.evidence.mutual import counterparts_of, possible_counterparts
from geomonitor.web.evidence.shelf import LATEST, shelf
from geomonitor.web.language import active_language, say

__all__ = ["Hit", "found_in_edition", "search_page"]

_LONGEST = 100
_MOST = 30

# what people type that is neither of the names in the tables of codes
_OTHER_NAMES = {
    "ARE": "UAE VAE",
    "CHN": "PRC",
    "COD": "DRC Congo-Kinshasa Zaire",
    "CIV": "Ivory Coast Ivoorkust",
    "CZE": "Czech Republic Czechia",
    "GBR": "UK Great Britain England VK Groot-Brittannië Engeland",
    "KOR": "Republic of Korea",
    "MMR": "Burma Birma",
    "NLD": "Holland",
    "RUS": "Russian Federation",
    "TUR": "Türkiye",
    "TWN": "Chinese Taipei",
    "USA": "US USA America VS Amerika",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found.

    Attributes
    ----------
    kind : str
        product, economy, material, method or case.
    code, name, note, url : str
    text : str
        Folded text that is searched.
    """

    kind: str
    code: str
    name: str
    note: str
    url: str
    text: str


_INDEXES: Kept[tuple[Hit, ...]] = Kept(8)
_KINDS = ("case", "product", "material", "economy", "method")


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """Search, and group what is found."""
    asked = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:_LONGEST]
    edition = request.GET.get("edition", "") or LATEST
    content = None
    if edition != LATEST or shelf().newest() is not None:
        content = content_of(edition)
    hits = [*_cases(visible_cases(request.user), asked), *found_in_edition(content, asked)] if asked else []
    language = active_language()
    if (wanted := wanted_download(request)) is not None:
        return page_download(
            wanted,
            {"search": _table(hits)},
            name="search",
            title=say(language, "search.title"),
            provenance=[(say(language, "search.asked"), asked)],
        )
    groups = []
    for kind in _KINDS:
        found = [each for each in hits if each.kind == kind]
        if found:
            groups.append(
                {
                    "kind": kind,
                    "title": say(language, f"search.{kind}"),
                    "hits": found[:_MOST],
                    "more": max(0, len(found) - _MOST),
                }
            )
    return render(
        request,
        "web/evidence/search.html",
        {"asked": asked, "groups": groups, "content": content, "number": len(hits)},
    )


def _table(hits: list[Hit]) -> DataTable:
    language = active_language()
    return DataTable.of(
        say(language, "search.title"),
        [Column(say(language, f"search.column_{name}")) for name in ("kind", "code", "name", "note")],
        [(say(language, f"search.{each.kind}"), each.code, each.name, each.note) for each in hits],
    )


def found_in_edition(content: Content | None, asked: str) -> list[Hit]:
    """Find what has every word that is asked for, best first: codes, then names that begin so.

    Parameters
    ----------
    content : Content or None
        None where there is no edition: then nothing is found.
    asked : str
    """
    words = folded(asked).split()
    if content is None or not words:
        return []
    key = (content.record["id"], content.language.code)
    index = _INDEXES.get(key, lambda: tuple(_index(content)))
    whole = " ".join(words)
    found = [hit for hit in index if all(word in hit.text for word in words)]

    def rank(hit: Hit) -> tuple[int, str]:
        code, name = folded(hit.code), folded(hit.name)
        if whole in (code, name):
            return 0, name
        if code.startswith(whole) or name.startswith(whole):
            return 1, name
        return (2 if f" {whole}" in f" {hit.text}" else 3), name

    return sorted(found, key=rank)


def _index(content: Content) -> list[Hit]:
    return [*_products(content), *_materials(content), *_economies(content), *_methods(content)]


def _products(content: Content) -> list[Hit]:
    table = content.tables["products"].unique("product").sort("product")
    return [
        Hit(
            "product",
            code,
            name or code,
            "",
            page_url("product", content, product=code),
            folded(f"{code} {code[:4]} {name or ''}"),
        )
        for code, name in table.select("product", "product_name").iter_rows()
    ]


def _economies(content: Content) -> list[Hit]:
    """Take the importers of the edition, and every economy by its names in both languages.

    An importer leads to its overview; an economy to the pair with the first importer, where that can be
    shown.
    """
    language, first = content.language, content.importers[0]
    hits = [
        Hit(
            "economy",
            each.code,
            capfirst(each.name),
            say(language, "search.importer"),
            page_url("edition", content, {"importer": importer_key(content, each)}),
            folded(f"{each.label} {' '.join(_names(content, each))} {_OTHER_NAMES.get(each.code, '')}"),
        )
        for each in content.importers
    ]
    shown = {*possible_counterparts(content, first), *counterparts_of(content, first)}
    for code in ECONOMY_CODES:
        about = economy(code)
        if about.unallocated:
            continue
        note, url = "", ""
        if code in shown:
            note = say(language, "search.both_ways", importer=first.name)
            url = page_url("pair", content, importer=importer_key(content, first), counterpart=code)
        text = f"{code} {about.name_en} {about.name_nl} {_OTHER_NAMES.get(code, '')}"
        hits.append(Hit("economy", code, language.economy(code), note, url, folded(text)))
    return hits


def _names(content: Content, importer: ShownImporter) -> list[str]:
    """Name an importer in both languages."""
    return [
        Language(code, content.language.groups).importer(importer.code, importer.home_code)
        for code in LANGUAGES
    ]


def _materials(content: Content) -> list[Hit]:
    language = content.language.code
    assessed = set(content.tables["materials"]["material"].to_list())
    hits = []
    for each in materials():
        url = ""
        if each.code in assessed:
            url = _address("material", edition=content.record["id"], material=each.code)
        names = " ".join((each.name_en, each.name_nl, each.symbol or "", *each.synonyms))
        name = each.name_nl if language == "nl" else each.name_en
        hits.append(Hit("material", each.symbol or each.code, name, "", url, folded(f"{each.code} {names}")))
    return hits


def _methods(content: Content) -> list[Hit]:
    language = content.language
    hits = []
    for record in content.methods:
        titles = record.get("title") or {}
        hits.append(
            Hit(
                "method",
                str(record["id"]),
                str(titles.get(language.code) or record["id"]),
                "",
                _address("method", method=str(record["id"])),
                folded(f"{record['id']} {' '.join(titles.values())} {record.get('citation', '')}"),
            )
        )
    return hits


def _address(name: str, **parts: Any) -> str:
    try:
        return reverse(name, kwargs=parts)
    except NoReverseMatch:
        # an application without that page: the name stands without a link
        return ""


def _cases(cases: QuerySet[Case], asked: str) -> list[Hit]:
    """Find cases; folded here, for databases differ in what they take for the same letter."""
    words = folded(asked).split()
    hits = []
    fields = ("reference", "title", "subject_name", "subject_code", "importer", "counterpart")
    for values in cases.filter(withdrawn_at__isnull=True).values_list(*fields):
        text = folded(" ".join(values))
        if all(word in text for word in words):
            reference, title, subject = values[:3]
            url = _address("case", reference=reference)
            hits.append(Hit("case", reference, title, subject, url, text))
    return hits
