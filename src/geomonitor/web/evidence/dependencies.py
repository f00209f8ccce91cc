"""The page of dependencies: filters, thresholds that are moved, and what that does to the verdicts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from geomonitor.errors import GeomonitorError
from geomonitor.report.content import Content
from geomonitor.report.datatable import Column, DataTable
from geomonitor.web.downloads import page_download, wanted_download
from geomonitor.web.evidence.contents import importer_key, method_title, of_edition, page_url
from geomonitor.web.evidence.fragments import fragment
from geomonitor.web.evidence.screened import VERDICTS, Asked, Found, asked_of, found_for, options_of, refusal
from geomonitor.web.evidence.shown import provenance, shown
from geomonitor.web.evidence.treemap import treemap_block
from geomonitor.web.language import say
from geomonitor.web.words import said

__all__ = ["dependencies_page"]

# products named one by one when a threshold is moved
_NAMED = 30


@require_safe
@of_edition
def dependencies_page(request: HttpRequest, content: Content) -> HttpResponse:
    """Show the products that the query asks for; only the results to htmx."""
    partial = request.headers.get("HX-Request") == "true" and not request.headers.get(
        "HX-History-Restore-Request"
    )
    try:
        response = _answer(request, content, partial=partial)
    except GeomonitorError as error:
        if not partial:
            raise
        # while a number is being typed it may be none yet: said in place of the results
        response = render(request, "web/evidence/refused.html", {"error": said(error)})
    patch_vary_headers(response, ["HX-Request"])
    return response


def _answer(request: HttpRequest, content: Content, *, partial: bool) -> HttpResponse:
    asked = asked_of(content, request.GET)
    query = asked.query(content)
    if (wanted := wanted_download(request)) is not None:
        found = found_for(content, asked)
        return page_download(
            wanted,
            {"dependencies": _table(content, asked, found.table)},
            name=f"{content.record['id']}-{asked.importer_key}-{asked.method}",
            title=_title(content, asked),
            provenance=provenance(
                content,
                importer=asked.importer.name,
                method=asked.method,
                filters=urlencode(query),
                modified="; ".join(found.modified),
            ),
        )
    # whether thresholds can be moved hangs on the store, which is no part of the edition
    key = {**query, "~refused": refusal(content, asked)}
    shown_now = (request.GET.get("shown_importer"), request.GET.get("shown_method"))
    stale = all(shown_now) and shown_now != (asked.importer_key, asked.method)

    def context() -> dict[str, Any]:
        return _context(content, asked, found_for(content, asked))

    results = fragment(content, "web/evidence/_results.html", key, context)
    if partial:
        fields = fragment(content, "web/evidence/_fields.html", key, context) if stale else ""
        response = render(request, "web/evidence/results.html", {"results": results, "fields": fields})
        address = reverse("dependencies", kwargs={"edition": content.record["id"]})
        response["HX-Push-Url"] = f"{address}?{urlencode(query)}" if query else address
        return response
    form = fragment(content, "web/evidence/_filters.html", key, context)
    title = say(content.language, "dependencies.title")
    return render(
        request,
        "web/evidence/dependencies.html",
        {"content": content, "form": form, "results": results, "title": title},
    )


def _title(content: Content, asked: Asked) -> str:
    return say(
        content.language,
        "dependencies.table",
        importer=asked.importer.name,
        method=_method(content, asked.method),
        period=content.period_text,
    )


def _method(content: Content, method: str) -> str:
    (record,) = (each for each in content.methods if each["id"] == method)
    return method_title(record, content.language)


def _context(content: Content, asked: Asked, found: Found) -> dict[str, Any]:
    language = content.language
    number = min(asked.page, found.pages)
    shown_rows = found.page(number)
    table = _table(content, asked, shown_rows)
    query = asked.query(content)
    links = [
        page_url("product", content, {"importer": query.get("importer", "")}, product=code)
        for code in shown_rows["product"]
    ]
    return {
        "asked": asked,
        "found": found,
        "importers": [(importer_key(content, each), each.name) for each in content.importers],
        "methods": [(str(each["id"]), method_title(each, language)) for each in content.methods],
        "verdicts": [(each, say(language, f"dependencies.verdict_{each}")) for each in VERDICTS],
        "options": options_of(content, asked.importer, asked.method),
        "part": "dependencies",
        "address": reverse("dependencies", kwargs={"edition": content.record["id"]}),
        "summary": _summary(content, asked, found),
        "changes": [
            (key, table.height, _named(content, query, table))
            for key, table in (("came", found.came), ("went", found.went))
        ]
        if asked.thresholds
        else [],
        "more_changes": _NAMED,
        "table": table,
        "links": {0: links},
        "sorts": _sorts(content, asked, found, table),
        "downloads": _start(urlencode({key: value for key, value in query.items() if key != "page"})),
        "page": number,
        "previous": _page_link(content, asked, number - 1) if number > 1 else "",
        "next": _page_link(content, asked, number + 1) if number < found.pages else "",
        "reset": _page_link(content, asked, 1, thresholds={}),
        "clear": page_url("dependencies", content, {"importer": query.get("importer", "")}),
        "everything": _page_link(content, asked, 1, verdict="all"),
        "treemap": shown(
            content,
            treemap_block(
                content,
                asked.importer,
                found.table.filter(pl.col("dependent").fill_null(value=False)),
                anchor="found-treemap",
            ),
            unit=say(language, "overview.unit_treemap"),
            downloads=None,
        ),
        "about": say(
            language,
            "figure.about",
            unit=say(language, "dependencies.unit"),
            source=f"{content.record['dataset']['title']}",
            date=content.period_text,
            edition=content.record["id"],
            made=str(content.record["created"])[:10],
        ),
    }


def _start(query: str) -> str:
    return f"{query}&" if query else ""


def _page_link(content: Content, asked: Asked, page: int, **changes: Any) -> str:
    return page_url("dependencies", content, asked.query(content, page=page, **changes))


def _summary(content: Content, asked: Asked, found: Found) -> str:
    language = content.language
    dependent = int(found.whole["dependent"].fill_null(value=False).sum())
    return say(
        language,
        "dependencies.summary",
        shown=language.number(found.table.height),
        total=language.number(found.whole.height),
        dependent=language.number(dependent),
        value=language.money(float(found.table["extra_import_value_kusd"].sum()) / content.years_in_period),
    )


def _named(content: Content, query: dict[str, str], table: pl.DataFrame) -> list[tuple[str, str, str]]:
    """Give code, name and address of the products whose verdict turned."""
    return [
        (
            code,
            content.product_name(code),
            page_url("product", content, {"importer": query.get("importer", "")}, product=code),
        )
        for code in table.sort("extra_import_value_kusd", descending=True)["product"].head(_NAMED)
    ]


def _columns(content: Content, found: pl.DataFrame, asked: Asked) -> list[tuple[str, Column, str]]:
    """Give sort key, heading and column of the table."""
    language = content.language
    (record,) = (each for each in content.methods if each["id"] == asked.method)
    indicators: list[tuple[str, Column, str]] = []
    for name, _, _ in (*record["conditions"], *(record.get("severe_conditions") or [])):
        column = "domestic_use_lower_kusd" if name == "domestic_use_kusd" else name
        if column in found.columns and name not in [key for key, _, _ in indicators]:
            heading = Column(language.short_indicator(name), "ratio")
            if column.endswith("_kusd"):
                # the indicator is an average a year already
                heading = Column(
                    say(language, "dependencies.musd", name=language.short_indicator(name)), "musd"
                )
            indicators.append((name, heading, column))
    return [
        ("product", Column(language.say("column.product"), "code"), "product"),
        ("name", Column(language.say("column.name"), "name"), "product_name"),
        ("verdict", Column(language.say("column.verdict"), "verdict"), "dependent"),
        ("strategic", Column(language.say("column.strategic"), "yesno"), "strategic"),
        ("supplier", Column(language.say("column.main_supplier")), "main_supplier_name"),
        ("share", Column(language.say("column.share"), "share"), "main_supplier_share"),
        ("value", Column(language.say("column.value_list"), "musd"), "extra_import_value_kusd"),
        *indicators,
        ("distance", Column(language.say("column.distance"), "share"), "margin"),
        ("", Column(language.say("column.interests")), "interests"),
    ]


def _table(content: Content, asked: Asked, found: pl.DataFrame) -> DataTable:
    columns = _columns(content, found, asked)
    rows = []
    for row in found.iter_rows(named=True):
        cells = []
        for _, _, column in columns:
            value = row[column]
            if column == "extra_import_value_kusd":
                value = value / content.years_in_period
            elif column == "interests":
                value = ", ".join(content.interest(code) for code in (value or "").split(";") if code)
            cells.append(value)
        rows.append(cells)
    return DataTable.of(_title(content, asked), [column for _, column, _ in columns], rows)


def _sorts(content: Content, asked: Asked, products: Found, table: DataTable) -> list[tuple[str, str]]:
    """Give, for each column, the address that sorts by it and how it is sorted now."""
    found = []
    keys = [key for key, _, _ in _columns(content, products.table, asked)]
    for key, column in zip(keys, table.columns, strict=True):
        if not key:
            found.append(("", ""))
            continue
        now = "ascending" if asked.sort == key else "descending" if asked.sort == f"-{key}" else ""
        largest_first = column.kind not in {"code", "name", "text"}
        wanted = f"-{key}" if (now == "ascending" or (not now and largest_first)) else key
        found.append((_page_link(content, asked, 1, sort=wanted), now))
    return found
