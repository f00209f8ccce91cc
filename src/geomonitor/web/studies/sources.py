"""Where data come from: the registry of sources, what is in the store, and what an edition used."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from geomonitor.data import Source, Store
from geomonitor.data import sources as registered
from geomonitor.data.input_output import input_output_about, input_output_tables
from geomonitor.data.raw_materials import material_data, material_data_list
from geomonitor.monitor.chain_tables import table_sha256
from geomonitor.report.content import Content
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.language import Language
from geomonitor.web.evidence.contents import content_of
from geomonitor.web.evidence.kept import Kept
from geomonitor.web.evidence.shelf import shelf
from geomonitor.web.language import active_language, say
from geomonitor.web.studies.pages import answer
from geomonitor.web.studies.parameters import Asked

__all__ = ["registry_table", "sources", "store_table", "used_table"]

_NAMES = ("edition", "kind")
_KINDS = ("embedded", "redistributable", "restricted")
_STORED: Kept[tuple[tuple[str, ...], ...]] = Kept(4, alone=True)


def registry_table(found: tuple[Source, ...], language: Language) -> DataTable:
    """List sources with licence and vintage.

    Examples
    --------
    >>> registry_table(registered(), Language("en")).columns[0].heading
    'Source'
    """
    heads = ("source", "producer", "vintage", "licence", "passed_on", "ships", "citation")
    kinds = {"passed_on": "yesno", "ships": "yesno"}
    return DataTable.of(
        say(language, "sources.registry_table"),
        [Column(say(language, f"sources.{name}"), kinds.get(name, "text")) for name in heads],  # type: ignore[arg-type]  # kinds of columns
        [
            (
                each.title, each.producer, each.vintage, each.licence, each.redistribution, each.embedded,
                each.citation,
            )
            for each in found
        ],
    )  # fmt: skip


def store_table(language: Language) -> DataTable:
    """List what is in the store: data sets of trade, input-output tables, data on raw materials."""
    trade, tables, materials = Store().datasets(), input_output_tables(), material_data_list()
    key = (tuple(f"{each.name} {each.content_sha256}" for each in trade), tables, materials)
    rows = _STORED.get(key, lambda: _stored(trade, tables, materials))
    heads = ("name", "of", "called", "years", "licence", "added", "content")
    return DataTable.of(
        say(language, "sources.store_table"),
        [Column(say(language, f"sources.{name}"), "hash" if name == "content" else "text") for name in heads],
        [(row[0], say(language, f"sources.of_{row[1]}"), *row[2:]) for row in rows],
    )


def _stored(
    trade: tuple[Any, ...], tables: tuple[str, ...], materials: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    rows = []
    for each in trade:
        known = each.metadata
        years = f"{min(each.years)}–{max(each.years)}" if each.years else "–"
        rows.append(
            (
                each.name, "trade", str(known["title"]), years, str(known["licence"]),
                str(known["added"])[:10], each.content_sha256,
            )
        )  # fmt: skip
    for name in tables:
        known = input_output_about(name)
        rows.append(
            (
                name, "table", str(known.get("title", name)), str(known["year"]),
                str(known.get("licence", "–")),
                str(known.get("added", "–"))[:10], table_sha256(name, None),
            )
        )  # fmt: skip
    for name in materials:
        known = material_data(name).metadata
        rows.append(
            (
                name, "materials", str(known.get("title", name)), str(known.get("years", "–")),
                str(known.get("licence", "–")), str(known.get("added", "–"))[:10],
                str(known.get("sha256", "–")),
            )
        )  # fmt: skip
    return tuple(rows)


def used_table(content: Content) -> DataTable:
    """List what an edition was made of, with hashes.

    Parameters
    ----------
    content : Content
    """
    record, language = content.record, content.language
    rows: list[tuple[Any, ...]] = []

    def add(kind: str, about: Mapping[str, Any], years: object = "–", sha256: object = None) -> None:
        rows.append(
            (
                say(language, f"sources.of_{kind}"),
                str(about.get("title") or about.get("name") or about.get("indicator") or "–"),
                str(years), str(about.get("licence") or "–"), str(about.get("citation") or "–"),
                str(sha256 or about.get("sha256") or about.get("content_sha256") or "–"),
            )
        )  # fmt: skip

    add("trade", record["dataset"], content.period_text, record["dataset"].get("content_sha256"))
    if record.get("governance"):
        add("governance", record["governance"])
    if record.get("input_output"):
        add("table", record["input_output"], record["input_output"].get("year"))
    shocks = record.get("shocks") or {}
    if shocks.get("calibration"):
        add("calibration", shocks["calibration"], shocks["calibration"].get("year"))
    if (shocks.get("elasticities") or {}).get("citation"):
        add("elasticities", shocks["elasticities"])
    supply = (record.get("chains") or {}).get("world_supply") or {}
    for each in supply.get("sources", ()):
        add("world_supply", each, sha256=supply.get("sha256"))
    about = record.get("materials") or {}
    for each in (*about.get("tables", ()), *about.get("facts", ())):
        add("materials", each)
    heads = ("of", "called", "years", "licence", "citation", "sha256")
    return DataTable.of(
        say(language, "sources.used_table", edition=record["id"]),
        [Column(say(language, f"sources.{name}"), "hash" if name == "sha256" else "text") for name in heads],
        rows,
    )


def _of_kind(found: tuple[Source, ...], kind: str) -> tuple[Source, ...]:
    if kind == "embedded":
        return tuple(each for each in found if each.embedded)
    if kind:
        wanted = kind == "redistributable"
        return tuple(each for each in found if each.redistribution is wanted)
    return found


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """Show the sources of data, with licence and vintage."""
    asked = Asked(request.GET, _NAMES)
    language = active_language()
    entries = shelf().editions()
    kind = asked.choice("kind", _KINDS)
    edition = asked.choice("edition", [each.id for each in entries], entries[0].id if entries else "")
    found = _of_kind(registered(), kind)
    registry, store = registry_table(found, language), store_table(language)
    used = used_table(content_of(edition)) if edition else None
    tables = {"sources": registry, "store": store, **({"used": used} if used is not None else {})}
    context = {
        "found": found,
        "store": store,
        "registry": registry,
        "used": used,
        "edition": edition,
        "kinds": [(each, say(None, f"sources.kind_{each}")) for each in _KINDS],
        "editions": [(each.id, f"{each.title(language.code)} ({each.id})") for each in entries],
    }
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    return answer(
        request,
        "sources.html",
        context,
        asked=asked,
        tables=tables,
        title=say(None, "sources.title"),
        provenance=[
            (say(None, "provenance.source"), say(None, "sources.of_registry")),
            (say(None, "studies.on"), today),
            *([(say(None, "provenance.edition"), edition)] if edition else []),
        ],
    )
