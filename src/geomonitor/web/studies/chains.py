"""Value chains of an edition: who supplies every stage, over which paths, and how far products lean on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from geomonitor.report.blocks import Block
from geomonitor.report.chain_blocks import ChainPart, chain_part
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures.chains import evidence_of
from geomonitor.web.evidence.contents import of_edition
from geomonitor.web.evidence.shown import provenance
from geomonitor.web.language import say
from geomonitor.web.studies.pages import (
    answer,
    case_address,
    content_for,
    figure,
    importer_options,
    kept,
    tables_of,
    two_sources,
)
from geomonitor.web.studies.parameters import Asked

__all__ = ["ChainPage", "chain_page", "chain_title", "chains", "table_source"]

_NAMES = ("importer", "chain", "origin")


@dataclass(frozen=True, slots=True)
class ChainPage:
    """What the page on chains shows of one importer.

    Attributes
    ----------
    notes, sentences : tuple of str
        How to read it, and what stands out.
    chains : mapping of str to Block
        By chain.
    paths : mapping of str to Block
        Supply paths, by origin.
    exposure : tuple of Block
        By origin, and by sector.
    across : Block or None
        On whom dependencies stack across chains.
    overview : DataTable
        One row a chain.
    """

    notes: tuple[str, ...]
    sentences: tuple[str, ...]
    chains: Mapping[str, Block]
    paths: Mapping[str, Block]
    exposure: tuple[Block, ...]
    across: Block | None
    overview: DataTable


def chain_page(content: Content, importer: ShownImporter) -> ChainPage | None:
    """Prepare the page of one importer; none where the edition has nothing on chains.

    Parameters
    ----------
    content : Content
    importer : ShownImporter
    """
    mine = content_for(content, importer)
    part: ChainPart | None = chain_part(mine)
    if part is None:
        return None
    (about,) = part.importers
    stages, paths, others = {}, {}, []
    for block in about.chains:
        name = block.anchor.removeprefix(f"{about.anchor}-chain-")
        if name != block.anchor:
            stages[name.replace("-", "_")] = block
    for block in about.exposure:
        name = block.anchor.removeprefix(f"{about.anchor}-paths-")
        if name != block.anchor:
            paths[name.upper()] = block
        else:
            others.append(block)
    return ChainPage(
        notes=part.notes,
        sentences=about.sentences,
        chains=stages,
        paths=paths,
        exposure=tuple(others),
        across=next((each for each in about.chains if each.anchor == f"{about.anchor}-stacking"), None),
        overview=_overview(mine, tuple(stages)),
    )


def chain_title(content: Content, chain: str) -> str:
    """Name a chain.

    Parameters
    ----------
    content : Content
    chain : str
        Code.
    """
    for each in (content.record.get("chains") or {}).get("described", ()):
        if each["code"] == chain:
            return str(each["name"].get(content.language.code) or chain)
    return chain.replace("_", " ")


def _overview(content: Content, codes: tuple[str, ...]) -> DataTable:
    """List the chains: how much is known of each, and on whom it leans most."""
    language = content.language
    (importer,) = content.importers
    stages = content.of_importer("chain_stages", importer)
    stacking = content.of_importer("chain_stacking", importer)
    rows: list[tuple[Any, ...]] = []
    for code in codes:
        each = stages.filter(pl.col("chain") == code).unique("place")
        kinds = [
            evidence_of(source, known=known) for known, source in each.select("known", "source").iter_rows()
        ]
        ranked = stacking.filter(pl.col("chain") == code).sort(
            ["stages_above", "longest_run", "any_stage_exposure", "economy"],
            descending=[True, True, True, False],
            nulls_last=True,
        )
        top: Mapping[str, Any] = ranked.row(0, named=True) if ranked.height else {}
        rows.append(
            (
                chain_title(content, code), each.height,
                sum(kind in {"trade", "input-output"} for kind in kinds), kinds.count("production"),
                kinds.count("unknown"), language.economy(top.get("economy")) if top else "–",
                top.get("stages_above"), top.get("longest_run"), top.get("any_stage_exposure"),
            )
        )  # fmt: skip
    heading = {
        name: say(language, f"chains.{name}")
        for name in ("chain", "stages", "measured", "of_world", "unknown", "leans_on", "above", "run", "any")
    }
    return DataTable.of(
        say(language, "chains.overview_table", importer=importer.name),
        (
            Column(heading["chain"]), Column(heading["stages"], "count"),
            Column(heading["measured"], "count"),
            Column(heading["of_world"], "count"), Column(heading["unknown"], "count"),
            Column(heading["leans_on"]), Column(heading["above"], "count"), Column(heading["run"], "count"),
            Column(heading["any"], "share"),
        ),
        rows,
    )  # fmt: skip


def table_source(content: Content) -> tuple[str, str]:
    """Name the input-output table of an edition, and its year."""
    about = content.record.get("input_output") or {}
    return str(about.get("citation", about.get("name", "–"))), str(about.get("year", "–"))


@require_safe
@of_edition
def chains(request: HttpRequest, content: Content) -> HttpResponse:
    """Show the chains of an importer, one of them in full."""
    asked = Asked(request.GET, _NAMES)
    importer = asked.importer(content)
    page = kept(chain_page, content, importer)
    title = say(None, "chains.title")
    context: dict[str, Any] = {"content": content, "importers": importer_options(content), "page": page}
    about = provenance(content)
    if page is None:
        return answer(request, "chains.html", context, asked=asked, tables={}, title=title, provenance=about)
    chain = asked.choice("chain", tuple(page.chains), next(iter(page.chains), ""))
    origin = asked.choice("origin", tuple(page.paths), next(iter(page.paths), ""))
    source, year = table_source(content)
    both, dates = two_sources(content)
    one = (
        figure(content, page.chains[chain], asked, unit="share_of_supply", source=both, date=dates)
        if chain
        else None
    )
    paths = (
        figure(content, page.paths[origin], asked, unit="share_of_exposure", source=source, date=year)
        if origin
        else None
    )
    exposure = [
        figure(content, block, asked, unit="share_of_purchases", source=source, date=year)
        for block in page.exposure
    ]
    name = chain_title(content, chain)
    context |= {
        "chain_options": [(code, chain_title(content, code)) for code in page.chains],
        "chain_links": {0: [asked.url(chain=code) for code in page.chains]},
        "origin_options": [(code, content.language.economy(code)) for code in page.paths],
        "one": one,
        "paths": paths,
        "exposure": exposure,
        "new_case": case_address(content, "chain", chain, name, importer=importer.code) if chain else "",
    }
    return answer(
        request,
        "chains.html",
        context,
        asked=asked,
        tables=tables_of(("overview", page.overview), one, paths, *exposure),
        title=title,
        provenance=about,
    )
