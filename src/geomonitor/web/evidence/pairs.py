"""Pages of pairs: what an importer and a counterpart depend on each other for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from geomonitor.codes import economy
from geomonitor.report.blocks import Block, figure_json, relation_block
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures import two_way_figure
from geomonitor.web.downloads import page_download, wanted_download
from geomonitor.web.evidence.contents import (
    chosen_importer,
    importer_key,
    method_title,
    of_edition,
    page_url,
    unknown_value,
)
from geomonitor.web.evidence.figures import figure_maker, figure_url, made_block
from geomonitor.web.evidence.folding import folded
from geomonitor.web.evidence.fragments import fragment
from geomonitor.web.evidence.mutual import OF, ON, Pair, counterparts_of, pair_of, possible_counterparts
from geomonitor.web.evidence.shown import provenance, shown
from geomonitor.web.language import say

__all__ = ["pair_page", "pairs_page"]


@figure_maker("pairs")
def _pairs(content: Content, query: Mapping[str, str]) -> Block:
    return relation_block(content, chosen_importer(content, query))


@figure_maker("pair")
def _pair(content: Content, query: Mapping[str, str]) -> Block:
    importer = chosen_importer(content, query)
    return _pair_block(content, importer, pair_of(content, importer, query.get("counterpart", "")))


def _pair_block(content: Content, importer: ShownImporter, pair: Pair) -> Block:
    language, years = content.language, content.years_in_period
    name = language.economy(pair.counterpart)
    sums = {row["direction"]: row for row in pair.summary.iter_rows(named=True)}
    drawn = pl.DataFrame(
        {
            "counterpart": [pair.counterpart],
            **{
                f"{prefix}{column}_kusd": [float(sums[direction][source] or 0.0) / years]
                for prefix, direction in (("on", ON), ("of", OF))
                for column, source in (("", "value_kusd"), ("_total", "bilateral_value_kusd"))
            },
        }
    )
    figure = two_way_figure(drawn, language=language)
    title = say(language, "pair.both_ways", importer=importer.name, counterpart=name)
    return Block(
        anchor="pair-figure",
        title=title,
        note=say(language, "pair.note"),
        description=f"{title}. {' '.join(_sentences(content, importer, pair))}",
        figure=figure_json(figure),
        table=DataTable.of(
            title,
            (
                Column(say(language, "pair.direction")),
                Column(say(language, "pair.all_trade"), "musd"),
                Column(say(language, "pair.dependent_products"), "count"),
                Column(say(language, "pair.their_value"), "musd"),
                Column(say(language, "pair.share_of_trade"), "share"),
                Column(say(language, "pair.share_of_dependent"), "share"),
            ),
            [
                (
                    capfirst(say(language, key, importer=importer.name, counterpart=name)),
                    sums[direction]["bilateral_value_kusd"] / years,
                    sums[direction]["products"],
                    sums[direction]["value_kusd"] / years,
                    sums[direction]["share_of_bilateral_value"],
                    sums[direction]["share_of_dependent_products"],
                )
                for direction, key in ((ON, "pair.on"), (OF, "pair.of"))
            ],
        ),
        height=int(figure.layout.height),
    )


def _sentences(content: Content, importer: ShownImporter, pair: Pair) -> list[str]:
    language, years = content.language, content.years_in_period
    name = language.economy(pair.counterpart)
    sums = {row["direction"]: row for row in pair.summary.iter_rows(named=True)}
    strategic = int(pair.on["strategic"].fill_null(value=False).sum())
    return [
        say(
            language,
            f"pair.sentence_on_{_form(sums[ON]['products'])}",
            importer=importer.name,
            counterpart=name,
            number=language.number(sums[ON]["products"]),
            value=language.money(sums[ON]["value_kusd"] / years),
            strategic=language.number(strategic),
        ),
        say(
            language,
            f"pair.sentence_of_{_form(sums[OF]['products'])}",
            importer=importer.name,
            counterpart=name,
            number=language.number(sums[OF]["products"]),
            value=language.money(sums[OF]["value_kusd"] / years),
        ),
        say(language, "pair.sentence_benefit", counterpart=name,
            imports=language.money(sums[ON]["bilateral_value_kusd"] / years),
            exports=language.money(sums[OF]["bilateral_value_kusd"] / years)),
    ]  # fmt: skip


def _form(number: int) -> str:
    """Choose the wording for none, one or many."""
    return {0: "none", 1: "one"}.get(number, "many")


def _product_table(content: Content, importer: ShownImporter, pair: Pair, direction: str) -> DataTable:
    language, years = content.language, content.years_in_period
    on = direction == ON
    key = "pair.products_on" if on else "pair.products_of"
    name = language.economy(pair.counterpart)
    table = pair.on if on else pair.of
    columns = [
        Column(language.say("column.product"), "code"),
        Column(language.say("column.name"), "name"),
        Column(language.say("column.value_list"), "musd"),
        Column(say(language, "pair.share_on" if on else "pair.share_of"), "share"),
    ]
    if on:
        columns += [
            Column(language.say("column.strategic"), "yesno"),
            Column(language.say("column.interests")),
        ]
    rows = []
    for row in table.iter_rows(named=True):
        cells = [
            row["product"],
            content.product_name(row["product"]),
            row["value_kusd"] / years,
            row["share"],
        ]
        if on:
            served = ", ".join(content.interest(code) for code in (row["interests"] or "").split(";") if code)
            cells += [row["strategic"], served]
        rows.append(cells)
    return DataTable.of(say(language, key, importer=importer.name, counterpart=name), columns, rows)


@require_safe
@of_edition
def pairs_page(request: HttpRequest, content: Content) -> HttpResponse:
    """Set the counterparts of an importer side by side, and lead to any other pair."""
    importer = chosen_importer(content, request.GET)
    key = importer_key(content, importer)
    if request.GET.get("counterpart"):
        counterpart = request.GET["counterpart"]
        if counterpart not in possible_counterparts(content, importer):
            raise unknown_value("counterpart", counterpart, possible_counterparts(content, importer))
        return HttpResponseRedirect(page_url("pair", content, importer=key, counterpart=counterpart))
    if (wanted := wanted_download(request)) is not None:
        return page_download(
            wanted,
            {"pairs": relation_block(content, importer).table},
            name=f"{content.record['id']}-{key}-pairs",
            title=f"{content.title}, {importer.name}",
            provenance=provenance(content, importer=importer.name, method=content.main_method["id"]),
        )
    body = fragment(
        content, "web/evidence/_pairs.html", {"importer": key}, lambda: _pairs_context(content, importer, key)
    )
    return render(
        request,
        "web/evidence/pairs.html",
        {"content": content, "body": body, "title": say(content.language, "pair.title_all")},
    )


def _chooser(content: Content, importer: ShownImporter, key: str, counterpart: str = "") -> dict[str, Any]:
    names = {code: content.language.economy(code) for code in possible_counterparts(content, importer)}
    return {
        "importers": [(importer_key(content, each), each.name) for each in content.importers],
        "importer_key": key,
        "importer": importer,
        "counterparts": sorted(names.items(), key=lambda item: folded(item[1])),
        "counterpart": counterpart,
        "chooser": page_url("pairs", content),
    }


def _pairs_context(content: Content, importer: ShownImporter, key: str) -> dict[str, Any]:
    block = made_block(content, "pairs", {"importer": key})
    assert block is not None
    return {
        "part": "pairs",
        **_chooser(content, importer, key),
        "figure": shown(
            content,
            block,
            unit=say(content.language, "pair.unit"),
            name="pairs",
            url=figure_url(content, "pairs", {"importer": key}),
            downloads=f"importer={key}&",
        ),
        "method": method_title(content.main_method, content.language),
        "pairs": [
            (content.language.economy(code), page_url("pair", content, importer=key, counterpart=code))
            for code in counterparts_of(content, importer)
        ],
    }


@require_safe
@of_edition
def pair_page(request: HttpRequest, content: Content, importer: str, counterpart: str) -> HttpResponse:
    """Show dependence both ways between an importer and a counterpart."""
    whose = chosen_importer(content, {"importer": importer})
    key = importer_key(content, whose)
    if counterpart not in possible_counterparts(content, whose):
        # a code that is none at all is named with its near matches
        economy(counterpart, where="counterpart")
        raise unknown_value("counterpart", counterpart, possible_counterparts(content, whose))
    if (wanted := wanted_download(request)) is not None:
        pair = pair_of(content, whose, counterpart)
        return page_download(
            wanted,
            {
                "sums": _pair_block(content, whose, pair).table,
                "on": _product_table(content, whose, pair, ON),
                "of": _product_table(content, whose, pair, OF),
            },
            name=f"{content.record['id']}-{key}-{counterpart}",
            title=f"{whose.name}, {content.language.economy(counterpart)}",
            provenance=provenance(content, importer=whose.name, method=content.main_method["id"]),
        )
    body = fragment(
        content,
        "web/evidence/_pair.html",
        {"importer": key, "counterpart": counterpart},
        lambda: _pair_context(content, whose, key, counterpart),
    )
    return render(
        request,
        "web/evidence/pair.html",
        {
            "content": content,
            "body": body,
            "title": f"{capfirst(whose.name)}, {content.language.economy(counterpart)}",
        },
    )


def _pair_context(content: Content, importer: ShownImporter, key: str, counterpart: str) -> dict[str, Any]:
    pair = pair_of(content, importer, counterpart)
    query = {"importer": key, "counterpart": counterpart}
    other = content.language.economy(counterpart)
    tables = [
        {
            "direction": name,
            "title": say(
                content.language, f"pair.{name}", importer=capfirst(importer.name), counterpart=other
            ),
            "table": table,
            "links": {
                0: [page_url("product", content, {"importer": key}, product=row[0]) for row in table.rows]
            }
            if name == "on"
            else {},
        }
        for name, table in (
            ("on", _product_table(content, importer, pair, ON)),
            ("of", _product_table(content, importer, pair, OF)),
        )
    ]
    return {
        "part": "pairs",
        **_chooser(content, importer, key, counterpart),
        "name": other,
        "importer_title": capfirst(importer.name),
        "pair": pair,
        "method": method_title(content.main_method, content.language),
        "sentences": [capfirst(each) for each in _sentences(content, importer, pair)],
        "figure": shown(
            content,
            _pair_block(content, importer, pair),
            unit=say(content.language, "pair.unit"),
            name="sums",
            url=figure_url(content, "pair", query),
        ),
        "tables": tables,
        "supplies": page_url(
            "dependencies", content, {"importer": key, "supplier": counterpart, "verdict": "all"}
        ),
    }
