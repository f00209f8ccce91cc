"""Two editions beside each other: which dependencies came, went and changed, and why."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from geomonitor.errors import DataError
from geomonitor.findings import Comparison, compare
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.language import Language
from geomonitor.web.evidence.contents import unknown_value
from geomonitor.web.evidence.kept import Kept
from geomonitor.web.evidence.shelf import shelf
from geomonitor.web.language import active_language, has_text, say
from geomonitor.web.studies.pages import answer, capital
from geomonitor.web.studies.parameters import Asked
from geomonitor.web.words import said

__all__ = ["CHANGES", "REASONS", "change_table", "compare_editions", "input_table", "summary_table"]

CHANGES = ("came", "went", "opened", "closed", "supplier changed", "moved")
REASONS = ("data", "method", "threshold", "trade", "trade or data", "unknown")
_NAMES = ("before", "after", "change", "reason", "method", "importer")
_COMPARED: Kept[Comparison] = Kept(6, alone=True)
_SHOWN = 400
_HASH = re.compile(r"[0-9a-f]{64}")
_LABEL = re.compile(r"(\w+)(?: \(home (\w+)\))?")


def summary_table(found: Comparison, language: Language) -> DataTable:
    """Count what changed, by importer, method, change and reason."""
    return DataTable.of(
        say(language, "comparison.summary_table"),
        (
            Column(say(language, "comparison.importer")),
            Column(say(language, "comparison.method")),
            Column(say(language, "comparison.change")),
            Column(say(language, "comparison.reason")),
            Column(say(language, "comparison.products"), "count"),
        ),
        [
            (
                _party(label, language), method, _word("comparison_change", change, language),
                _word("comparison_reason", reason, language), products,
            )
            for label, method, change, reason, products in found.summary.select(
                "label", "method", "change", "reason", "products"
            ).iter_rows()
        ],
    )  # fmt: skip


def change_table(table: pl.DataFrame, language: Language) -> DataTable:
    """List changes product by product, each with its reason.

    Parameters
    ----------
    table : polars.DataFrame
        Rows of `Comparison.table`.
    language : Language
    """
    rows = [
        (
            row["product"], row["product_name"], _party(row["label"], language), row["method"],
            _word("comparison_change", row["change"], language),
            _word("comparison_verdict", row["before"], language),
            _word("comparison_verdict", row["after"], language),
            language.economy(row["main_supplier_before"]), language.economy(row["main_supplier_after"]),
            _word("comparison_reason", row["reason"], language), row["detail"] or "–",
        )
        for row in table.iter_rows(named=True)
    ]  # fmt: skip
    said = language.say
    return DataTable.of(
        say(language, "comparison.table"),
        (
            Column(said("column.product"), "code"),
            Column(said("column.name"), "name"),
            Column(say(language, "comparison.importer")),
            Column(say(language, "comparison.method")),
            Column(say(language, "comparison.change")),
            Column(say(language, "comparison.verdict_before")),
            Column(say(language, "comparison.verdict_after")),
            Column(say(language, "comparison.supplier_before")),
            Column(say(language, "comparison.supplier_after")),
            Column(say(language, "comparison.reason")),
            Column(say(language, "comparison.detail")),
        ),
        rows,
    )


def input_table(found: Comparison, language: Language) -> DataTable:
    """List what went in that differs."""
    return DataTable.of(
        say(language, "comparison.inputs_table"),
        [Column(say(language, f"comparison.{name}")) for name in ("input", "input_before", "input_after")],
        [(name, *(_short(value) for value in values)) for name, *values in found.inputs.rows()],
    )


def _short(value: str) -> str:
    """Cut a hash to as much as tells two apart.

    Examples
    --------
    >>> _short("0" * 64), _short("2022-2024")
    ('000000000000…', '2022-2024')
    """
    return f"{value[:12]}…" if _HASH.fullmatch(value) else value


def _party(label: str, language: Language) -> str:
    """Name an importer by its label.

    Examples
    --------
    >>> _party("NLD (home EU27_2020)", Language("en"))
    'The Netherlands (supply from outside the European Union)'
    """
    found = _LABEL.fullmatch(label)
    return capital(language.importer(found[1], found[2])) if found else label


def _word(section: str, code: str, language: Language) -> str:
    key = f"{section}.{code.replace(' ', '_')}"
    return say(language, key) if has_text(key) else code


@require_safe
def compare_editions(request: HttpRequest) -> HttpResponse:
    """Set two editions side by side."""
    asked = Asked(request.GET, _NAMES)
    language = active_language()
    entries = shelf().editions()
    title = say(None, "comparison.title")
    codes = [each.id for each in entries]
    options = [(each.id, f"{each.title(language.code)}, {each.period} ({each.id})") for each in entries]
    context: dict[str, Any] = {"editions": options, "found": None, "failure": None}
    before = asked.choice("before", codes, codes[1] if len(codes) > 1 else "")
    after = asked.choice("after", codes, codes[0] if codes else "")
    if len(entries) < 2 or not before or not after:
        return answer(request, "comparison.html", context, asked=asked, tables={}, title=title, provenance=[])
    if before == after:
        raise unknown_value("after", after, [code for code in codes if code != before])
    first, second = (shelf().entry(each) for each in (before, after))
    try:
        found = _COMPARED.get(
            (str(first.path), str(second.path)),
            lambda: compare(shelf().open(before), shelf().open(after)),
        )
    except DataError as error:
        # nothing in common: said on the page, beside the choice of other editions
        return answer(
            request, "comparison.html", {**context, "failure": said(error)}, asked=asked, tables={},
            title=title, provenance=[], status=400,
        )  # fmt: skip
    labels = found.table["label"].unique().sort().to_list()
    used = found.table["method"].unique().sort().to_list()
    table = found.table
    for name, column, possible in (
        ("change", "change", CHANGES), ("reason", "reason", REASONS), ("method", "method", used),
        ("importer", "label", labels),
    ):  # fmt: skip
        chosen = asked.choice(name, possible)
        if chosen:
            table = table.filter(pl.col(column) == chosen)
    shown = change_table(table.head(_SHOWN), language)
    context |= {
        "found": found,
        "summary": summary_table(found, language),
        "inputs": input_table(found, language),
        "changes": shown,
        "total": table.height,
        "more": table.height > _SHOWN,
        "links": {
            0: [
                reverse("product", kwargs={"edition": after, "product": product})
                for product in table["product"].head(_SHOWN)
            ]
        },
        "selects": [
            (name, say(None, f"comparison.{name}"), possible)
            for name, possible in (
                ("importer", [(each, _party(each, language)) for each in labels]),
                ("method", [(each, each) for each in used]),
                ("change", [(each, _word("comparison_change", each, language)) for each in CHANGES]),
                ("reason", [(each, _word("comparison_reason", each, language)) for each in REASONS]),
            )
        ],
    }
    return answer(
        request,
        "comparison.html",
        context,
        asked=asked,
        tables={
            "changes": change_table(table, language),
            "summary": context["summary"],
            "inputs": context["inputs"],
        },
        title=title,
        provenance=[
            (say(None, "comparison.before"), before),
            (say(None, "comparison.after"), after),
        ],
    )
