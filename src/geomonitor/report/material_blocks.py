"""The figures of the brief on raw materials, with their select boxes and tables."""

from __future__ import annotations

import polars as pl

from geomonitor.report.blocks import Block
from geomonitor.report.choices import Choice, chosen_json, plain_data
from geomonitor.report.content import ShownImporter
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.figures.criticality import plain_criticality_figure
from geomonitor.report.figures.stages import (
    benchmark_figure,
    narrow_dumbbells,
    stage_comparison_figure,
)
from geomonitor.report.figures.style import PlainFigure
from geomonitor.report.material_sentences import SHARE_MEASURE, stage_counts, stage_verdict
from geomonitor.report.material_view import MaterialView, chosen_block, source_title, with_bounds

__all__ = ["benchmark_block", "comparison_block", "plane_block"]

# pixels of a telephone
_NARROW = 340
# rows that fit on a page of print
_ROWS_DRAWN = 44
# before it the Commission's method was another one
_FIRST_COMPARABLE_YEAR = 2017


def plane_block(view: MaterialView) -> Block | None:
    """Draw economic importance against supply risk, as published and as computed here."""
    content, names, rules = view.content, view.names, view.rules
    say = content.language
    published = content.tables["material_published"]
    assessed = published.filter(
        pl.col("supply_risk").is_not_null(), pl.col("economic_importance").is_not_null()
    )
    if assessed.is_empty():
        return None
    importer = content.importers[0]
    own = content.of_importer("materials", importer)
    own_name = say.say("materials.computed_here", importer=say.importer(importer.code))
    options = [("", say.say("materials.published_only"))]
    if own["supply_risk_high"].drop_nulls().len():
        options.append(("*", say.say("materials.published_and_computed")))
    drawn = set(assessed.filter(pl.col("year") >= _FIRST_COMPARABLE_YEAR)["material"])
    followed = [(code, names.name(code)) for code in view.chosen if code in drawn]
    # the page of one material follows it at first
    options = [*followed, *options] if len(view.chosen) == 1 else [*options, *followed]

    def figure(value: str, width: int = 850) -> PlainFigure:
        highlight = value if value not in {"", "*"} else None
        return plain_criticality_figure(
            assessed, names.names, computed=own if value else None, computed_name=own_name,
            highlight=highlight, supply_risk_threshold=rules.supply_risk,
            economic_importance_threshold=rules.economic_importance, width=width, language=say,
        )  # fmt: skip

    readings = {value: _plane_reading(view, assessed, own, value) for value, _ in options}
    years = sorted(assessed["year"].unique().to_list())
    title = say.say("materials.plane_title")
    return chosen_block(
        view,
        "materials-plane",
        title,
        say.say("materials.plane_note", importer=say.importer(importer.code)),
        (Choice(say.say("materials.choose_shown"), tuple(options)),),
        {value: figure(value) for value, _ in options},
        readings,
        _plane_table(view, assessed, own, years, title),
        narrow=figure(options[0][0], _NARROW),
    )


def _plane_reading(view: MaterialView, assessed: pl.DataFrame, own: pl.DataFrame, value: str) -> str:
    say, names = view.content.language, view.names
    if value in {"", "*"}:
        latest = assessed.filter(pl.col("year") == pl.col("year").max())
        return say.say(
            "materials.plane_reading",
            number=say.number(latest.filter("critical").height),
            total=say.number(latest.height),
            year=latest["year"][0],
        )
    moves = "; ".join(
        f"{year}: {say.number(risk, 1)} / {say.number(importance, 1)}"
        for year, risk, importance in assessed.filter(
            pl.col("material") == value, pl.col("year") >= _FIRST_COMPARABLE_YEAR
        )
        .sort("year")
        .select("year", "supply_risk", "economic_importance")
        .iter_rows()
    )
    text = say.say("materials.plane_moves", material=names.name(value), moves=moves)
    mine = own.filter(pl.col("material") == value)
    if mine.height:
        importer = say.importer(view.content.importers[0].code)
        risk = with_bounds(view, mine.row(0, named=True))
        text += " " + say.say("materials.plane_computed", importer=importer, risk=risk)
    return text


def _plane_table(
    view: MaterialView, assessed: pl.DataFrame, own: pl.DataFrame, years: list[int], title: str
) -> DataTable:
    say = view.content.language
    values = {row[:2]: row[2:] for row in assessed.select(
        "material", "year", "supply_risk", "economic_importance", "critical").iter_rows()}  # fmt: skip
    listed = {
        code: value
        for code, year, value in view.content.tables["material_published"]
        .select("material", "year", "listed")
        .iter_rows()
        if year == years[-1]
    }
    computed = {row["material"]: row for row in own.iter_rows(named=True)}
    rows = []
    for code in sorted(set(assessed["material"]), key=view.names.name):
        mine = computed.get(code, {})
        published = [value for year in years for value in values.get((code, year), (None, None))[:2]]
        rows.append(
            (
                view.names.with_symbol(code), *published, values.get((code, years[-1]), (None,) * 3)[2],
                listed.get(code), mine.get("supply_risk"), mine.get("supply_risk_low"),
                mine.get("supply_risk_high"),
            )
        )  # fmt: skip
    short = {"SR": "column.supply_risk_short", "EI": "column.economic_importance_short"}
    return DataTable.of(
        title,
        (
            Column(say.say("column.material")),
            *(Column(f"{say.say(key)} {year}", "tenth") for year in years for key in short.values()),
            Column(say.say("column.critical_in", year=years[-1]), "yesno"),
            Column(say.say("column.listed_in", year=years[-1]), "yesno"),
            Column(say.say("column.supply_risk_here"), "ratio"),
            Column(say.say("column.supply_risk_low"), "ratio"),
            Column(say.say("column.supply_risk_high"), "ratio"),
        ),
        rows,
    )


def comparison_block(view: MaterialView) -> Block | None:
    """Set extraction and processing side by side, for every measure and source."""
    content = view.content
    say = content.language
    table = content.tables["material_comparison"].filter(
        pl.col("extraction").is_not_null(), pl.col("processing").is_not_null()
    )
    if table.is_empty():
        return None
    options: list[tuple[str, str]] = []
    figures, readings, titles, rows = {}, {}, {}, []
    drawn: dict[str, tuple[int, int]] = {}
    for (measure, source, years), part in table.group_by("measure", "source", "years", maintain_order=True):
        shares = measure == SHARE_MEASURE
        key = f"c{len(options)}"
        wording = say.say("materials.comparison_share" if shares else "materials.comparison_concentration")
        named = f"{wording}: {source_title(content, str(source))} ({str(years).replace('-', '–')})"
        options.append((key, named))
        shown = part
        if part.height > _ROWS_DRAWN:
            shown = part.filter(pl.col("material").is_in(list(view.chosen))).head(_ROWS_DRAWN)
        drawn[key] = (shown.height, part.height)
        figures[key] = plain_data(
            stage_comparison_figure(shown, view.names.names, shares=shares, language=say)
        )
        processing, extraction, equal = stage_counts(part)
        titles[key] = stage_verdict(content, part)
        readings[key] = say.say(
            "materials.comparison_reading",
            measure=named,
            processing=say.number(processing),
            extraction=say.number(extraction),
            equal=say.number(equal),
        )
        for row in part.sort(["difference", "material"], descending=[True, False]).iter_rows(named=True):
            rows.append(
                (
                    view.names.with_symbol(row["material"]), named, say.economy(row["extraction_supplier"]),
                    row["extraction"], say.economy(row["processing_supplier"]), row["processing"],
                    row["difference"], _more(view, row["difference"]),
                )
            )  # fmt: skip
    note = say.say("materials.comparison_note")
    if any(each < total for each, total in drawn.values()):
        most, total = max(drawn.values(), key=lambda each: each[1])
        note += " " + say.say("materials.first_drawn", number=say.number(most), total=say.number(total))
    return chosen_block(
        view,
        "materials-stages",
        next(iter(titles.values())),
        note,
        (Choice(say.say("materials.choose_measure"), tuple(options)),),
        figures,
        readings,
        DataTable.of(
            say.say("materials.comparison_table"),
            (
                Column(say.say("column.material")),
                Column(say.say("column.measure")),
                Column(say.say("column.extraction_supplier")),
                Column(say.say("stage.extraction_title"), "index"),
                Column(say.say("column.processing_supplier")),
                Column(say.say("stage.processing_title"), "index"),
                Column(say.say("column.difference"), "index"),
                Column(say.say("column.more_concentrated")),
            ),
            rows,
        ),
        narrow=narrow_dumbbells(next(iter(figures.values()))),
        titles=titles,
    )


def _more(view: MaterialView, difference: float) -> str:
    key = "processing" if difference > 0 else "extraction" if difference < 0 else "equal"
    return view.content.language.say(f"stage.{key}")


def benchmark_block(view: MaterialView, importer: ShownImporter) -> Block | None:
    """Draw the largest supplier of every material and stage against the benchmark."""
    content = view.content
    say = content.language
    stages = content.of_importer("material_stages", importer).filter(
        pl.col("main_supplier_share").is_not_null()
    )
    if stages.is_empty():
        return None
    drawn = stages.filter(pl.col("material").is_in(list(view.chosen)))
    plain = plain_data(
        benchmark_figure(
            drawn, view.names.names, benchmark=view.rules.benchmark, home=importer.home, language=say
        )
    )
    title = say.say("materials.benchmark_title", share=say.share(view.rules.benchmark))
    note = say.say(f"materials.benchmark_note_{view.basis}", share=say.share(view.rules.benchmark))
    if not drawn.filter(pl.col("main_supplier").is_in(list(importer.home))).is_empty():
        note += " " + say.say("materials.benchmark_home")
    materials = stages["material"].n_unique()
    if drawn["material"].n_unique() < materials:
        note += " " + say.say(
            "materials.first_drawn",
            number=say.number(drawn["material"].n_unique()),
            total=say.number(materials),
        )
    ranked = stages.sort(["main_supplier_share", "material"], descending=[True, False])
    rows = [
        (
            view.names.with_symbol(row["material"]), say.say(f"stage.{row['stage']}"),
            say.economy(row["main_supplier"]), row["main_supplier_share"], row["above_benchmark"],
        )
        for row in ranked.iter_rows(named=True)
    ]  # fmt: skip
    return Block(
        anchor=f"{importer.anchor}-benchmark",
        title=title,
        note=note,
        description=f"{title}. {importer.name}. {say.say('word.see_table')}",
        figure=chosen_json({"": plain}, {"": ""}, narrow=narrow_dumbbells(plain)),
        table=DataTable.of(
            f"{title}, {importer.name}",
            (
                Column(say.say("column.material")),
                Column(say.say("column.stage_of")),
                Column(say.say("column.main_supplier")),
                Column(say.say("column.share"), "bar"),
                Column(say.say("column.above_benchmark", share=say.share(view.rules.benchmark)), "yesno"),
            ),
            rows,
        ),
        height=int(plain["layout"]["height"]),
    )
