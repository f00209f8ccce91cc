"""One raw material: supply risk by stage and its parts, suppliers, chains, and what was published."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from geomonitor.codes import material as known_material
from geomonitor.errors import UnknownCodeError
from geomonitor.report.blocks import Block
from geomonitor.report.content import Content
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.material_blocks import plane_block
from geomonitor.report.material_panels import MaterialPanel, material_panel
from geomonitor.report.material_part import material_notes, material_view
from geomonitor.report.material_supply_blocks import factor_block, history_block, supplier_block
from geomonitor.report.material_view import MaterialView
from geomonitor.web.evidence.contents import of_edition
from geomonitor.web.evidence.shown import provenance
from geomonitor.web.language import say
from geomonitor.web.studies.chains import chain_title
from geomonitor.web.studies.pages import answer, capital, case_address, figure, kept, tables_of
from geomonitor.web.studies.parameters import Asked
from geomonitor.web.words import NotThereError

__all__ = ["MaterialPage", "material", "material_page"]

_NUMBERED = ("supply_risk", "supply_risk_low", "supply_risk_high", "import_reliance", "import_reliance_low",
             "import_reliance_high", "recycling_rate", "substitution_risk", "governed_world",
             "governed_sourcing", "world_concentration", "sourcing_concentration")  # fmt: skip


@dataclass(frozen=True, slots=True)
class MaterialPage:
    """What the page shows.

    Attributes
    ----------
    panel : MaterialPanel
    figures : tuple of (Block, str)
        Each with the key of its unit.
    stages : DataTable
        Supply risk and its parts, a row an importer and stage, with bounds.
    beside : DataTable
        Published beside ours.
    chains : DataTable
        Stages of chains that it feeds.
    chain_codes : tuple of str
        Of the rows of `chains`.
    notes : tuple of str
    """

    panel: MaterialPanel
    figures: tuple[tuple[Block, str], ...]
    stages: DataTable
    beside: DataTable
    chains: DataTable
    chain_codes: tuple[str, ...]
    notes: tuple[str, ...]


def material_page(content: Content, code: str) -> MaterialPage:
    """Prepare the page of one material.

    Parameters
    ----------
    content : Content
    code : str
    """
    view = material_view(content, (code,))
    made = (
        (factor_block(view), "supply_risk"),
        (supplier_block(view), "share_of_supply"),
        (history_block(view), "concentration"),
        (plane_block(view), "index"),
    )
    chains, chain_codes = _chains(view, code)
    return MaterialPage(
        panel=material_panel(view, code),
        figures=tuple((block, unit) for block, unit in made if block is not None),
        stages=_stages(view, code),
        beside=_beside(view, code),
        chains=chains,
        chain_codes=chain_codes,
        notes=tuple(material_notes(view)),
    )


def _stages(view: MaterialView, code: str) -> DataTable:
    """List supply risk and its parts by importer and stage, each with its bounds."""
    content = view.content
    language, said = content.language, content.language.say
    table = content.tables["material_stages"].filter(pl.col("material") == code)
    rows = []
    for importer in content.importers:
        part = table.filter(pl.col("importer") == importer.code, pl.col("label") == importer.label)
        for row in part.sort("stage").iter_rows(named=True):
            values = {name: row.get(name) for name in _NUMBERED}
            rows.append(
                (
                    capital(view.importer_name(importer)), said(f"stage.{row['stage']}"),
                    values["supply_risk"],
                    values["supply_risk_low"], values["supply_risk_high"], values["world_concentration"],
                    values["governed_world"], values["sourcing_concentration"], values["governed_sourcing"],
                    values["import_reliance"], values["import_reliance_low"], values["import_reliance_high"],
                    values["recycling_rate"], values["substitution_risk"],
                    language.economy(row["main_supplier"]), row["main_supplier_share"], row["reason"] or "–",
                )
            )  # fmt: skip
    part_names = (
        ("world_concentration", "index"), ("governed_world", "ratio"), ("sourcing_concentration", "index"),
        ("governed_sourcing", "ratio"), ("import_reliance", "share"), ("import_reliance_low", "share"),
        ("import_reliance_high", "share"), ("recycling_rate", "share"), ("substitution_risk", "ratio"),
    )  # fmt: skip
    return DataTable.of(
        say(language, "material_page.stages_table", material=view.names.name(code)),
        (
            Column(said("column.importer")),
            Column(said("column.stage_of")),
            Column(said("column.supply_risk"), "ratio"),
            Column(said("column.supply_risk_low"), "ratio"),
            Column(said("column.supply_risk_high"), "ratio"),
            *(Column(say(language, f"material_part.{name}"), kind) for name, kind in part_names),  # type: ignore[arg-type]  # kinds of columns
            Column(said("column.main_supplier")),
            Column(said("column.share"), "share"),
            Column(say(language, "material_page.reason")),
        ),
        rows,
    )


def _beside(view: MaterialView, code: str) -> DataTable:
    """Set every published assessment beside what is computed here for each importer."""
    content = view.content
    language, said = content.language, content.language.say
    published = content.tables["material_published"].filter(pl.col("material") == code).sort("year")
    rows: list[tuple[Any, ...]] = [
        (
            say(language, "material_page.commission", year=row["year"]), row["supply_risk"], None, None,
            row["economic_importance"], row["critical"], row["listed"],
        )
        for row in published.iter_rows(named=True)
    ]  # fmt: skip
    for importer in content.importers:
        mine = content.of_importer("materials", importer).filter(pl.col("material") == code)
        for row in mine.iter_rows(named=True):
            own = not str(row.get("economic_importance_source") or "").startswith("published")
            rows.append(
                (
                    say(
                        language, "material_page.here", importer=view.importer_name(importer),
                        basis=said(f"basis.{row['basis']}"),
                    ),
                    row["supply_risk"], row["supply_risk_low"], row["supply_risk_high"],
                    row["economic_importance"] if own else None, row["critical"], None,
                )
            )  # fmt: skip
    return DataTable.of(
        say(language, "material_page.beside_table", material=view.names.name(code)),
        (
            Column(said("column.study")),
            Column(said("column.supply_risk"), "ratio"),
            Column(said("column.supply_risk_low"), "ratio"),
            Column(said("column.supply_risk_high"), "ratio"),
            Column(said("column.economic_importance"), "ratio"),
            Column(said("column.critical_by_rule"), "yesno"),
            Column(said("column.on_the_list"), "yesno"),
        ),
        rows,
    )


def _chains(view: MaterialView, code: str) -> tuple[DataTable, tuple[str, ...]]:
    """List the stages of value chains that need the material, with who supplies them."""
    content = view.content
    language, said = content.language, content.language.say
    rows, codes = [], []
    for described in (content.record.get("chains") or {}).get("described", ()):
        for stage in described["stages"]:
            if code not in {each["material"] for each in stage.get("materials", ())}:
                continue
            for importer in content.importers:
                part = content.of_importer("chain_stages", importer).filter(
                    pl.col("chain") == described["code"], pl.col("stage") == stage["code"]
                )
                known = part.filter("known").sort(["share", "supplier"], descending=[True, False])
                top = known.row(0, named=True) if known.height else None
                rows.append(
                    (
                        chain_title(content, described["code"]),
                        str(stage["name"].get(language.code) or stage["code"]),
                        said(f"stage_kind.{stage['kind']}"), capital(view.importer_name(importer)),
                        said("word.unknown") if top is None else language.economy(top["supplier"]),
                        None if top is None else top["share"],
                    )
                )  # fmt: skip
                codes.append(described["code"])
    table = DataTable.of(
        say(language, "material_page.chains_table", material=view.names.name(code)),
        (
            Column(say(language, "chains.chain")),
            Column(said("column.stage")),
            Column(said("column.stage_kind")),
            Column(said("column.importer")),
            Column(said("column.supplier")),
            Column(said("column.share_of_supply"), "share"),
        ),
        rows,
    )
    return table, tuple(codes)


def _code(content: Content, name: str) -> str:
    """Find a material of the edition by its code, or by another name of it."""
    present = sorted(set(content.tables["materials"]["material"]))
    if name in present:
        return name
    try:
        code = known_material(name).code
    except UnknownCodeError:
        code = name
    if code in present:
        return code
    near = get_close_matches(code, present, n=3)
    raise NotThereError(
        say(None, "material_page.not_there", name=name[:60]),
        where=content.record["id"],
        expected=", ".join(present) or say(None, "material_page.edition_with_materials"),
        next_step=say(None, "studies.did_you_mean", near=", ".join(near)) if near else None,
    )


@require_safe
@of_edition
def material(request: HttpRequest, content: Content, material: str) -> HttpResponse:
    """Show one raw material."""
    asked = Asked(request.GET, ())
    code = _code(content, material)
    page = kept(material_page, content, code)
    edition = content.record["id"]
    figures = [figure(content, block, asked, unit=unit) for block, unit in page.figures]
    chain_page = reverse("chains", kwargs={"edition": edition})
    tables = {
        "stages": page.stages,
        "published": page.beside,
        "chains": page.chains,
        **{f"factors-{number}": table for number, (_, table) in enumerate(page.panel.factors, start=1)},
        **{f"suppliers-{number}": table for number, (_, table) in enumerate(page.panel.suppliers, start=1)},
    }
    context = {
        "content": content,
        "page": page,
        "figures": figures,
        "chain_links": {0: [f"{chain_page}?chain={each}" for each in page.chain_codes]},
        "suppliers": [
            (f"suppliers-{number}", name, table)
            for number, (name, table) in enumerate(page.panel.suppliers, start=1)
        ],
        "new_case": case_address(
            content, "material", code, page.panel.name, importer=content.importers[0].code
        ),
    }
    return answer(
        request,
        "material.html",
        context,
        asked=asked,
        tables={**tables, **tables_of(*figures)},
        title=page.panel.name,
        provenance=provenance(content),
    )
