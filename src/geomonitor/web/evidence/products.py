"""The page of a product: what every method says of it, who supplies it, and what it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from geomonitor.codes import chapter_name, hs_chapter, product_code
from geomonitor.register.access import may, visible_cases
from geomonitor.report.blocks import Block
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import DataTable
from geomonitor.report.panels import Panel, product_panel
from geomonitor.web.downloads import page_download, wanted_download
from geomonitor.web.evidence.contents import (
    chosen_importer,
    importer_key,
    of_edition,
    page_url,
    unknown_value,
)
from geomonitor.web.evidence.figures import figure_maker, figure_url, made_block
from geomonitor.web.evidence.fragments import fragment
from geomonitor.web.evidence.kept import Kept
from geomonitor.web.evidence.product_parts import (
    belonging,
    explanation_steps,
    history_block,
    indicator_table,
    interest_reasons,
    period_suppliers,
    verdict_table,
    world_facts,
)
from geomonitor.web.evidence.recompute import NotRecomputableError, dataset_of
from geomonitor.web.evidence.shown import Shown, provenance, shown
from geomonitor.web.language import say
from geomonitor.web.words import NotThereError

__all__ = ["product_page"]

_PANELS: Kept[Panel] = Kept(256)
_CASES_SHOWN = 10


def product_rows(content: Content, importer: ShownImporter, product: str) -> list[dict[str, Any]]:
    """Give the rows of a product by method, the main one first.

    Raises
    ------
    UnknownCodeError
        If the importer does not import it, or it is no code of a product.
    """
    code = product_code(product)
    table = content.of_importer("products", importer, main=False)
    rows = {row["method"]: row for row in table.filter(pl.col("product") == code).iter_rows(named=True)}
    if not rows:
        near = [
            each for each in table["product"].unique().sort() if each[:4] == code[:4] or each[:2] == code[:2]
        ]
        error = unknown_value("product", code, near[:12])
        raise NotThereError(
            say(content.language, "product.not_imported", product=code, importer=capfirst(importer.name)),
            where=content.record["id"],
            expected=error.expected if near else None,
            next_step=say(content.language, "product.not_imported_next"),
        )
    return [rows[each["id"]] for each in content.methods if each["id"] in rows]


def _panel(content: Content, query: Mapping[str, str]) -> Panel:
    importer = chosen_importer(content, query)
    row = product_rows(content, importer, query.get("product", ""))[0]
    key = (content.record["id"], content.language.code, importer.label, row["product"])

    def make() -> Panel:
        known = content.of_importer("suppliers", importer).filter(pl.col("product") == row["product"])
        if known.height:
            return product_panel(content, importer, row)
        # the edition keeps suppliers of dependent products only
        more = period_suppliers(content, importer, row["product"])
        with_more = replace(content, tables={**content.tables, "suppliers": more})
        return product_panel(with_more, importer, row)

    return _PANELS.get(key, make)


@figure_maker("product-suppliers")
def _suppliers(content: Content, query: Mapping[str, str]) -> Block | None:
    return _panel(content, query).suppliers


@figure_maker("product-indicators")
def _indicators(content: Content, query: Mapping[str, str]) -> Block:
    return _panel(content, query).indicators


@figure_maker("product-history")
def _history(content: Content, query: Mapping[str, str]) -> Block | None:
    return history_block(content, product_code(query.get("product", "")))


@require_safe
@of_edition
def product_page(request: HttpRequest, content: Content, product: str) -> HttpResponse:
    """Show a product as one importer has it."""
    importer = chosen_importer(content, request.GET)
    key = importer_key(content, importer)
    rows = product_rows(content, importer, product)
    code, name = rows[0]["product"], rows[0]["product_name"] or rows[0]["product"]
    query = {"importer": key, "product": code}
    if (wanted := wanted_download(request)) is not None:
        return page_download(
            wanted,
            _tables(content, importer, rows, query),
            name=f"{content.record['id']}-{code}-{key}",
            title=f"{code} {name}, {importer.name}",
            provenance=provenance(content, importer=importer.name),
        )
    body = fragment(
        content,
        "web/evidence/_product.html",
        # the steps need the dataset, which the store may have lost or got since
        {**query, "~steps": "yes" if _in_store(content) else "no"},
        lambda: _context(content, importer, rows, query),
    )
    cases = visible_cases(request.user).filter(
        subject_kind="product", subject_code=code, withdrawn_at__isnull=True
    )
    return render(
        request,
        "web/evidence/product.html",
        {
            "content": content,
            "body": body,
            "code": code,
            "name": name,
            "importer": importer,
            "importers": [(importer_key(content, each), each.name) for each in content.importers],
            "importer_key": key,
            "cases": list(cases.values("reference", "title")[:_CASES_SHOWN]),
            "may_open": may(request.user, "change_cases"),
            "case_query": f"?edition={content.record['id']}&importer={importer.code}&product={code}",
        },
    )


def _in_store(content: Content) -> bool:
    try:
        dataset_of(content)
    except NotRecomputableError:
        return False
    return True


def _tables(
    content: Content, importer: ShownImporter, rows: list[dict[str, Any]], query: Mapping[str, str]
) -> dict[str, DataTable | pl.DataFrame]:
    panel = _panel(content, query)
    tables: dict[str, DataTable | pl.DataFrame] = {
        "verdicts": verdict_table(content, importer, rows),
        "indicators": indicator_table(content, importer, rows),
        "robustness": panel.robustness,
    }
    for kind in ("suppliers", "history"):
        block = made_block(content, f"product-{kind}", query)
        if block is not None:
            tables[kind] = block.table
    return tables


def _context(
    content: Content, importer: ShownImporter, rows: list[dict[str, Any]], query: Mapping[str, str]
) -> dict[str, Any]:
    language, main = content.language, rows[0]
    panel = _panel(content, query)
    tables = _tables(content, importer, rows, query)
    steps, why_not = explanation_steps(content, importer, main["product"])
    return {
        "row": main,
        "verdict": language.verdict(main["dependent"]),
        "facts": [
            (say(language, "product.chapter"), f"{hs_chapter(main['product'])} {_chapter(content, main)}"),
            # the table of methods below says what the others say
            *(fact for fact in panel.facts if fact[0] != language.say("column.other_methods")),
        ],
        "verdicts": tables["verdicts"],
        "indicators": tables["indicators"],
        "figures": [
            each
            for each in (
                _figure(content, "suppliers", query, "product.unit_suppliers"),
                _figure(content, "indicators", query, "product.unit_indicators"),
                _figure(content, "history", query, "product.unit_history"),
            )
            if each is not None
        ],
        "robust_text": panel.robust_text,
        "robustness": panel.robustness,
        "reasons": interest_reasons(content, main),
        "belonging": belonging(content, importer, main["product"]),
        "world": world_facts(content, main),
        "steps": steps,
        "why_not": why_not,
        "downloads": f"importer={query['importer']}&",
        "about": say(
            language,
            "figure.about",
            unit=say(language, "dependencies.unit"),
            source=content.record["dataset"]["title"],
            date=content.period_text,
            edition=content.record["id"],
            made=str(content.record["created"])[:10],
        ),
        "more": page_url(
            "dependencies", content, {"importer": query["importer"], "chapter": main["product"][:2]}
        ),
    }


def _chapter(content: Content, row: Mapping[str, Any]) -> str:
    return chapter_name(hs_chapter(row["product"]), content.language.code)


def _figure(content: Content, name: str, query: Mapping[str, str], unit: str) -> Shown | None:
    kind = f"product-{name}"
    block = made_block(content, kind, query)
    if block is None:
        return None
    years = content.record["dataset"].get("years") or content.period
    whole = f"{years[0]}–{years[-1]}"
    if name == "suppliers" and block.table.rows:
        whole = f"{block.table.rows[0][0]}–{block.table.rows[-1][0]}"
    return shown(
        content,
        block,
        unit=say(content.language, unit),
        name=name,
        url=figure_url(content, kind, query),
        # the table of indicators of every method is downloaded above
        downloads=None if name == "indicators" else f"importer={query['importer']}&",
        date="" if name == "indicators" else whole,
    )
