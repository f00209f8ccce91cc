"""The figures of the brief on who supplies a raw material: map, concentration over the years, factors."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from geomonitor.report.blocks import Block
from geomonitor.report.choices import Choice, chosen_keys
from geomonitor.report.content import Content
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures.materials import (
    narrow_factors,
    plain_concentration_history_figure,
    plain_factor_contributions_figure,
)
from geomonitor.report.figures.world import narrow_map, not_on_the_map, plain_supplier_share_map_figure
from geomonitor.report.material_names import WORLD_EXPORTS, WORLD_PRODUCTION
from geomonitor.report.material_view import STAGES, MaterialView, capital, chosen_block, with_bounds

__all__ = ["factor_block", "history_block", "history_text", "supplier_block"]

# smaller suppliers are not drawn on the map; the workbook has them all
_SMALLEST_DRAWN = 0.01
_SUPPLIERS_DRAWN = 10
_YEARS_LISTED = 10


def supplier_block(view: MaterialView) -> Block | None:
    """Draw the suppliers of a chosen material and stage on a map, of the world or of an importer."""
    content = view.content
    say = content.language
    table = content.tables["material_suppliers"].filter(pl.col("share").is_not_null())
    pairs = [pair for pair in view.pairs() if pair in set(table.select("material", "stage").iter_rows())]
    if not pairs:
        return None
    scopes = [
        ("world", say.say(f"materials.world_suppliers_{view.basis}")),
        *_scopes(view, f"materials.suppliers_of_{view.basis}"),
    ]
    choices = (
        Choice(say.say("materials.choose_stage"), tuple(_pair_options(view, pairs))),
        Choice(say.say("materials.choose_whose"), tuple(scopes)),
    )
    parts = table.partition_by("label", "material", "stage", "scope", as_dict=True)
    homes = {each.label: each.home for each in content.in_full}
    # world shares are the same for every importer
    world = {key[1:3]: part for key, part in parts.items() if key[3] == "world"}
    concentration = _concentrations(content)
    figures, readings, rows = {}, {}, []
    for key, (pair, scope) in chosen_keys(choices):
        material, stage = pair.split(" ")
        found = (
            world.get((material, stage))
            if scope == "world"
            else parts.get((scope, material, stage, "importer"))
        )
        part = (table.clear() if found is None else found).sort(
            ["share", "supplier"], descending=[True, False]
        )
        drawn = part.filter(pl.col("share") >= _SMALLEST_DRAWN).head(_SUPPLIERS_DRAWN)
        figures[key] = plain_supplier_share_map_figure(drawn, home=homes.get(scope, ()), language=say)
        listed = _suppliers_text(content, drawn)
        whose = dict(scopes)[scope]
        readings[key] = say.say(
            "materials.map_reading",
            material=view.names.name(material),
            stage=say.say(f"stage.{stage}"),
            whose=whose[:1].lower() + whose[1:],
            suppliers=listed,
        )
        unseen = not_on_the_map(drawn["supplier"])
        if unseen:
            readings[key] += f" {say.say('word.not_on_map', economies=say.listing(map(say.economy, unseen)))}"
        if part.height:
            rows.append(
                (
                    view.names.with_symbol(material), say.say(f"stage.{stage}"), whose,
                    concentration.get((scope, material, stage)), listed,
                )
            )  # fmt: skip
    title = say.say("materials.map_title")
    return chosen_block(
        view,
        "materials-map",
        title,
        say.say(f"materials.map_note_{view.basis}", share=say.share(_SMALLEST_DRAWN)),
        choices,
        figures,
        readings,
        DataTable.of(
            title,
            (
                Column(say.say("column.material")),
                Column(say.say("column.stage_of")),
                Column(say.say("column.whose")),
                Column(say.say("column.concentration"), "index"),
                Column(say.say("column.suppliers")),
            ),
            rows,
        ),
        narrow=narrow_map(next(iter(figures.values()))),
    )


def _concentrations(content: Content) -> dict[tuple[str, str, str], float | None]:
    """Take the concentration of world supply and of what each importer uses, by material and stage."""
    found: dict[tuple[str, str, str], float | None] = {}
    for label, material, stage, world, sourcing in (
        content.tables["material_stages"]
        .select("label", "material", "stage", "world_concentration", "sourcing_concentration")
        .iter_rows()
    ):
        found["world", material, stage] = world
        found[label, material, stage] = sourcing
    return found


def _scopes(view: MaterialView, key: str) -> list[tuple[str, str]]:
    """Name the supply of every importer in full, by its label."""
    say = view.content.language
    known = set(view.content.tables["materials"]["label"])
    shown = [each for each in view.content.in_full if each.label in known]
    return [(each.label, say.say(key, importer=view.importer_name(each))) for each in shown]


def _pair_options(view: MaterialView, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    say = view.content.language
    return [
        (f"{code} {stage}", f"{view.names.name(code)}: {say.say(f'stage.{stage}')}") for code, stage in pairs
    ]


def _suppliers_text(content: Content, suppliers: pl.DataFrame) -> str:
    say = content.language
    return ", ".join(
        f"{say.economy(code)} {say.share(share)}"
        for code, share in suppliers.select("supplier", "share").iter_rows()
    ) or say.say("word.unknown")


def history_block(view: MaterialView) -> Block | None:
    """Draw how concentrated the supply of a chosen material was over the years."""
    content = view.content
    say = content.language
    history = content.tables["material_history"].filter(pl.col("concentration").is_not_null())
    present = set(history["material"])
    options = [(code, view.names.name(code)) for code in view.chosen if code in present]
    if not options:
        return None
    scopes = _history_scopes(view)
    years = (int(history["year"].min()), int(history["year"].max()))  # type: ignore[arg-type]
    figures, readings, rows = {}, {}, []
    listed = [*range(years[0], years[1], _YEARS_LISTED), years[1]]
    for code, name in options:
        mine = history.filter(pl.col("material") == code)
        figures[code] = plain_concentration_history_figure(mine, scopes, years=years, language=say)
        readings[code] = f"{name}. {history_text(view, mine)}"
        for (stage, scope), part in mine.group_by("stage", "scope", maintain_order=True):
            if scope not in scopes:
                continue
            by_year = dict(part.select("year", "concentration").iter_rows())
            last = part.sort("year").row(-1, named=True)
            rows.append(
                (
                    view.names.with_symbol(code), say.say(f"stage.{stage}"), scopes[str(scope)],
                    *(by_year.get(year) for year in listed), say.economy(last["main_supplier"]),
                    last["main_supplier_share"],
                )
            )  # fmt: skip
    title = say.say("materials.history_title", first=years[0], last=years[1])
    return chosen_block(
        view,
        "materials-history",
        title,
        say.say("materials.history_note"),
        (Choice(say.say("materials.choose_material"), tuple(options)),),
        figures,
        readings,
        DataTable.of(
            title,
            (
                Column(say.say("column.material")),
                Column(say.say("column.stage_of")),
                Column(say.say("column.whose")),
                *(Column(str(year), "ratio") for year in listed),
                Column(say.say("column.last_main_supplier")),
                Column(say.say("column.share"), "share"),
            ),
            rows,
        ),
    )


def _history_scopes(view: MaterialView) -> dict[str, str]:
    """Name every scope of the history: world markets, and importers by code, or by label the second time."""
    say = view.content.language
    named = {
        WORLD_EXPORTS: say.say("materials.world_exports"),
        WORLD_PRODUCTION: say.say("materials.world_production"),
    }
    seen: set[str] = set()
    for each in view.content.in_full:
        scope = each.label if each.code in seen else each.code
        seen.add(each.code)
        named[scope] = say.say("materials.imports_of", importer=view.importer_name(each))
    present = set(view.content.tables["material_history"]["scope"])
    return {scope: wording for scope, wording in named.items() if scope in present}


def history_text(view: MaterialView, history: pl.DataFrame) -> str:
    """Say how the concentration of world exports of one material changed, stage by stage."""
    say = view.content.language
    texts = []
    for stage in STAGES:
        part = history.filter(
            pl.col("stage") == stage, pl.col("scope") == WORLD_EXPORTS, pl.col("concentration").is_not_null()
        ).sort("year")
        if part.height < 2:
            continue
        first, last = part.row(0, named=True), part.row(-1, named=True)
        texts.append(
            say.say(
                "materials.history_text",
                stage=capital(say.say(f"stage.{stage}")),
                first=first["year"],
                was=say.number(first["concentration"], 2),
                before=say.economy(first["main_supplier"]),
                last=last["year"],
                now=say.number(last["concentration"], 2),
                after=say.economy(last["main_supplier"]),
                share=say.share(last["main_supplier_share"]),
            )
        )
    return " ".join(texts)


def factor_block(view: MaterialView) -> Block | None:
    """Draw what each factor does to the supply risk of a chosen material and stage."""
    content = view.content
    say = content.language
    factors = content.tables["material_factors"].filter(pl.col("supply_risk").is_not_null())
    present = set(factors.select("material", "stage").iter_rows())
    pairs = [pair for pair in view.pairs() if pair in present]
    importers = [each for each in content.in_full if each.label in set(factors["label"])]
    if not pairs or not importers:
        return None
    choices = (
        Choice(say.say("materials.choose_stage"), tuple(_pair_options(view, pairs))),
        Choice(
            say.say("materials.choose_importer"),
            tuple((each.label, capital(view.importer_name(each))) for each in importers),
        ),
    )
    parts = factors.partition_by("label", "material", "stage", as_dict=True)
    stages = {
        (row["label"], row["material"], row["stage"]): row
        for row in content.tables["material_stages"].iter_rows(named=True)
    }
    kinds = factors["factor"].unique(maintain_order=True).to_list()
    unknown = pl.DataFrame({"factor": kinds, "supply_risk_if_neutral": [None] * len(kinds)})
    figures, readings, rows = {}, {}, []
    for key, (pair, importer) in chosen_keys(choices):
        material, stage = pair.split(" ")
        part = parts.get((importer, material, stage))
        what = f"{dict(choices[0].options)[pair]}, {dict(choices[1].options)[importer]}"
        row = stages.get((importer, material, stage), {})
        figures[key] = plain_factor_contributions_figure(
            part if part is not None else unknown,
            float(part["supply_risk"][0]) if part is not None else None,
            low=row.get("supply_risk_low"),
            high=row.get("supply_risk_high"),
            threshold=view.rules.supply_risk,
            language=say,
        )
        risk = with_bounds(view, row) if row else say.say("word.unknown")
        readings[key] = f"{what}: {say.say('materials.factor_reading', risk=risk)}"
        if part is None:
            continue
        neutral = dict(part.select("factor", "supply_risk_if_neutral").iter_rows())
        rows.append(
            (
                view.names.with_symbol(material), say.say(f"stage.{stage}"),
                dict(choices[1].options)[importer], row["supply_risk"], row["supply_risk_low"],
                row["supply_risk_high"], *(neutral.get(kind) for kind in kinds),
            )
        )  # fmt: skip
    title = say.say("materials.factor_title")
    return chosen_block(
        view,
        "materials-factors",
        title,
        say.say("materials.factor_note"),
        choices,
        figures,
        readings,
        DataTable.of(
            title,
            (
                Column(say.say("column.material")),
                Column(say.say("column.stage_of")),
                Column(say.say("column.importer")),
                Column(say.say("column.supply_risk"), "ratio"),
                Column(say.say("column.supply_risk_low"), "ratio"),
                Column(say.say("column.supply_risk_high"), "ratio"),
                *(
                    Column(say.say("column.if_neutral", factor=say.say(f"factor.{kind}")), "ratio")
                    for kind in kinds
                ),
            ),
            rows,
        ),
        narrow=narrow_factors(next(iter(figures.values()))),
    )
