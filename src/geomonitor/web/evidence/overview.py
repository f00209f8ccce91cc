"""The list of editions, and the overview of one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from geomonitor.report import Language
from geomonitor.report.blocks import Block, count_block, map_block
from geomonitor.report.brief import data_facts, importer_table
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.sentences import key_findings
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
from geomonitor.web.evidence.fragments import fragment
from geomonitor.web.evidence.recompute import edition_table
from geomonitor.web.evidence.shelf import EditionEntry, shelf
from geomonitor.web.evidence.shown import Shown, provenance, shown
from geomonitor.web.evidence.treemap import treemap_block
from geomonitor.web.language import active_language, say

__all__ = ["edition_file", "edition_page", "editions_page"]

_FIGURES = ("map", "treemap", "count")


@figure_maker("map")
def _map(content: Content, query: Mapping[str, str]) -> Block:
    return map_block(content, chosen_importer(content, query))


@figure_maker("count")
def _count(content: Content, query: Mapping[str, str]) -> Block:
    return count_block(content, chosen_importer(content, query))


@figure_maker("treemap")
def _treemap(content: Content, query: Mapping[str, str]) -> Block:
    importer = chosen_importer(content, query)
    table = edition_table(content, importer, str(content.main_method["id"]))
    dependent = table.filter(pl.col("dependent").fill_null(value=False))
    return treemap_block(content, importer, dependent, anchor=f"{importer.anchor}-treemap")


@require_safe
def editions_page(request: HttpRequest) -> HttpResponse:
    """List the editions, newest first."""
    language = active_language()
    entries = shelf().editions()
    if (wanted := wanted_download(request)) is not None:
        return page_download(
            wanted,
            {"editions": _editions_table(entries)},
            name="editions",
            title=say(language, "editions.title"),
            provenance=[(say(language, "provenance.url"), request.path)],
        )
    cards = [
        {
            "id": entry.id,
            "title": entry.title(language.code),
            "period": entry.period,
            "created": entry.created,
            "dataset": entry.record["dataset"]["title"],
            "importers": _importer_names(entry),
            "methods": len(entry.record["methods"]),
        }
        for entry in entries
    ]
    return render(request, "web/evidence/editions.html", {"cards": cards})


def _importer_names(entry: EditionEntry) -> list[str]:
    groups = entry.record.get("profile", {}).get("groups") or None
    language = Language(active_language().code, groups)
    return [
        capfirst(language.importer(each["code"], each.get("home_code"))) for each in entry.record["importers"]
    ]


def _editions_table(entries: tuple[EditionEntry, ...]) -> DataTable:
    language = active_language()
    columns = ("id", "heading", "period", "dataset", "made")
    return DataTable.of(
        say(language, "editions.title"),
        [Column(say(language, f"editions.{name}"), "text") for name in columns],
        [
            (
                entry.id,
                entry.title(language.code),
                entry.period,
                entry.record["dataset"]["title"],
                entry.created.isoformat(),
            )
            for entry in entries
        ],
    )


@require_safe
@of_edition
def edition_page(request: HttpRequest, content: Content) -> HttpResponse:
    """Show what an edition says of one importer, and lead to its parts."""
    importer = chosen_importer(content, request.GET)
    key = importer_key(content, importer)
    if (wanted := wanted_download(request)) is not None:
        tables: dict[str, Any] = {
            name: made_block(content, name, {"importer": key}).table  # type: ignore[union-attr]  # these three always are
            for name in _FIGURES
        }
        return page_download(
            wanted,
            {"importers": importer_table(content), **tables},
            name=f"{content.record['id']}-{key}",
            title=f"{content.title}, {importer.name}",
            provenance=provenance(content, importer=importer.name),
        )
    body = fragment(
        content, "web/evidence/_edition.html", {"importer": key}, lambda: _context(content, importer, key)
    )
    return render(request, "web/evidence/edition.html", {"content": content, "body": body})


@require_safe
@of_edition
def edition_file(request: HttpRequest, content: Content, name: str) -> FileResponse:
    """Send a file of an edition: a brief, a workbook, the findings or the record.

    A brief goes as a download: its own script may not run among these pages.
    """
    folder = _folder(content)
    file = {each.name: each for each in _files(folder)}.get(name)
    if file is None:
        raise unknown_value(say(None, "edition_file.name"), name, [each.name for each in _files(folder)])
    return FileResponse(file.open("rb"), as_attachment=True, filename=f"{content.record['id']}-{name}")


def _folder(content: Content) -> Path:
    return shelf().folder / str(content.record["id"])


def _files(folder: Path) -> list[Path]:
    """List what can be passed on, reports first."""
    found = [*sorted(folder.glob("brief.*.html")), *sorted(folder.glob("workbook.*.xlsx"))]
    return [
        *found,
        *(each for each in (folder / "findings.parquet", folder / "edition.json") if each.is_file()),
    ]


def _file_links(content: Content) -> list[dict[str, str]]:
    language = content.language
    links = []
    for file in _files(_folder(content)):
        kind, *rest = file.name.split(".")
        label = say(language, f"edition_file.{kind}")
        if len(rest) > 1:
            label = say(language, f"edition_file.in_{rest[0]}", what=label)
        url = reverse("edition-file", kwargs={"edition": str(content.record["id"]), "name": file.name})
        links.append({"url": url, "label": label, "size": filesizeformat(file.stat().st_size)})
    return links


def _context(content: Content, importer: ShownImporter, key: str) -> dict[str, Any]:
    language = content.language
    units = {"map": "overview.unit_map", "treemap": "overview.unit_treemap", "count": "overview.unit_count"}
    return {
        "part": "edition",
        "importer": importer,
        "importers": [(importer_key(content, each), each.name) for each in content.importers],
        "importer_key": key,
        "summary": key_findings(content, importer),
        "method": method_title(content.main_method, language),
        "figures": [_figure(content, name, key, say(language, units[name])) for name in _FIGURES],
        "table": importer_table(content),
        "facts": data_facts(content),
        "files": _file_links(content),
        "downloads": f"importer={key}&",
        "links": {
            "dependencies": page_url("dependencies", content, {"importer": key}),
            "strategic": page_url("dependencies", content, {"importer": key, "strategic": "yes"}),
            "pairs": page_url("pairs", content, {"importer": key}),
        },
    }


def _figure(content: Content, name: str, key: str, unit: str) -> Shown:
    block = made_block(content, name, {"importer": key})
    assert block is not None
    date = ""
    if name == "count":
        years = content.record["dataset"].get("years") or content.period
        date = f"{years[0]}–{years[-1]}"
    return shown(
        content,
        block,
        unit=unit,
        name=name,
        url=figure_url(content, name, {"importer": key}),
        downloads=f"importer={key}&",
        date=date,
    )
