"""``geomonitor materials``: raw materials by stage: supply risk, who supplies, what was published."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geomonitor.cli.material_asked import AskedMaterials, Basis, asked_materials
from geomonitor.cli.options import Language, OutputFormat

if TYPE_CHECKING:
    import polars as pl

    from geomonitor.monitor.material_sources import Evaluated

__all__ = ["materials_command"]

_GEOPOLRISK = "geopolrisk-2024"


class Stage(StrEnum):
    """Stages of a raw material."""

    extraction = "extraction"
    processing = "processing"


_STAND_IN = (
    "Note: exports of the world stand in for its production here, so these supply risks and verdicts are a "
    "reconstruction; published_critical is the verdict on the Commission's own values."
)
# What a screen has room for; other formats hold every column.
_SHOWN = {
    "materials": (
        *("material", "stage", "supply_risk", "supply_risk_low", "supply_risk_high"),
        *("economic_importance", "critical", "main_supplier", "main_supplier_share", "above_benchmark"),
        *("published_supply_risk", "published_critical", "reason"),
    ),
    "material_stages": (
        *("material", "stage", "governed_world", "governed_sourcing", "import_reliance"),
        *("supply_risk", "supply_risk_low", "supply_risk_high"),
        *("main_supplier", "main_supplier_share", "above_benchmark", "reason"),
    ),
    "material_factors": (
        *("material", "stage", "factor", "value", "supply_risk", "supply_risk_if_neutral"),
        *("contribution", "source"),
    ),
    "material_suppliers": ("material", "stage", "scope", "supplier", "value_kusd", "share", "governance"),
}


def materials_command(
    material: Annotated[
        str | None,
        typer.Argument(help="A raw material, such as tungsten, wolfraam or W; all where left out."),
    ] = None,
    importer: Annotated[
        str, typer.Option("--importer", help="An economy (NLD) or a group (EU27_2020).")
    ] = "EU27_2020",
    home_group: Annotated[
        str | None,
        typer.Option("--home-group", help="Count this group as home, such as EU27_2020 for NLD."),
    ] = None,
    years: Annotated[
        str | None,
        typer.Option(
            "--years",
            help="Years added up, such as 2022-2024; the last three of trade, or the "
            "last of production, by default.",
        ),
    ] = None,
    stage: Annotated[Stage | None, typer.Option("--stage", help="This stage only.")] = None,
    basis: Annotated[
        Basis | None,
        typer.Option("--basis", help="Shares in trade or in production; production where --tables has it."),
    ] = None,
    tables: Annotated[
        list[str] | None,
        typer.Option(
            "--tables",
            help="Production, supply shares or uses: data of the store (see "
            "`geomonitor material-tables list`) or FORMAT:FILE; may be repeated.",
        ),
    ] = None,
    inputs: Annotated[
        list[Path] | None,
        typer.Option("--inputs", help="A TOML file with what people know of a material; may be repeated."),
    ] = None,
    governance: Annotated[
        Path | None,
        typer.Option("--governance", help="A CSV file with the six World Bank indicators, for their mean."),
    ] = None,
    method: Annotated[
        str, typer.Option("--method", help="eu-crm-2017, or geopolrisk-2024, which needs production.")
    ] = "eu-crm-2017",
    threshold: Annotated[
        list[str] | None,
        typer.Option("--threshold", help="Change a number of the method, such as supply_risk=1.5; marks it."),
    ] = None,
    factors: Annotated[
        bool, typer.Option("--factors", help="What each factor does to the supply risk.")
    ] = False,
    compare_stages: Annotated[
        bool, typer.Option("--compare-stages", help="Is processing more concentrated than extraction?")
    ] = False,
    suppliers: Annotated[
        bool, typer.Option("--suppliers", help="Who supplies the world and the importer.")
    ] = False,
    history: Annotated[bool, typer.Option("--history", help="Concentration year by year.")] = False,
    published: Annotated[
        bool, typer.Option("--published", help="What the European Commission published.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="The assessment of one material step by step.")
    ] = False,
    language: Annotated[Language, typer.Option("--language", help="Of --explain: en or nl.")] = Language.en,
    dataset: Annotated[
        str | None,
        typer.Option("--dataset", help="See `geomonitor data list`; the embedded sample by default."),
    ] = None,
    merge: Annotated[
        str | None, typer.Option("--merge", help="Fold economies into others, such as HKG=CHN,MAC=CHN.")
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", help="polars, duckdb, pandas, pyarrow or pyspark.")
    ] = "polars",
    format: Annotated[  # noqa: A002
        OutputFormat | None, typer.Option("--format", help="How to print it; --explain gives text without.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file instead.")] = None,
) -> None:
    """Assess raw materials at extraction and at processing: supply risk, criticality, main suppliers.

    Without tables of production, shares in trade stand in for shares in supply. What is not known stays
    unknown; the bounds say what it could do.

    Examples, of all materials and of one:
    geomonitor materials --format json;
    geomonitor materials tungsten --explain;
    with your own production figures:
    geomonitor materials --tables world-mining-data:production_long.csv --compare-stages

    Example: geomonitor materials cobalt --importer NLD --home-group EU27_2020 --suppliers
    """
    from geomonitor.codes import material as known_material

    views = {"factors": factors, "compare-stages": compare_stages, "suppliers": suppliers,
             "history": history, "published": published, "explain": explain}  # fmt: skip
    view = _one_view(views)
    if view == "explain" and material is None:
        raise typer.BadParameter(
            "--explain needs a material, such as geomonitor materials tungsten --explain."
        )
    # before anything is read
    code = None if material is None else known_material(material, where="argument material").code
    asked = asked_materials(
        importer, home_group, years, dataset, engine, merge, basis, tables or [], inputs or [],
        governance, method, threshold or [],
    )  # fmt: skip
    for change in asked.sources.methods[0].modified:
        typer.echo(f"Modified: {change}", err=True)
    chosen = None if stage is None else stage.value
    if method == _GEOPOLRISK:
        if view is not None:
            raise typer.BadParameter(f"--{view} is not of {_GEOPOLRISK}.")
        from geomonitor.cli.geopolrisk import print_geopolrisk

        print_geopolrisk(asked, code, chosen, format or OutputFormat.table, out)
        return
    if view == "explain":
        _explained(asked, str(code), chosen, language, format, out)
        return
    _printed(asked, view, code, chosen, format or OutputFormat.table, out)


def _one_view(views: dict[str, bool]) -> str | None:
    wanted = [name for name, on in views.items() if on]
    if len(wanted) > 1:
        raise typer.BadParameter(f"{' and '.join(f'--{name}' for name in wanted)} exclude each other.")
    return wanted[0] if wanted else None


def _printed(
    asked: AskedMaterials,
    view: str | None,
    code: str | None,
    stage: str | None,
    form: OutputFormat,
    out: Path | None,
) -> None:
    """Print one of the tables on raw materials."""
    from geomonitor.chains import load_chains
    from geomonitor.cli.output import emit, shortened
    from geomonitor.codes import material as known_material
    from geomonitor.materials.explain import require_material
    from geomonitor.monitor.material_tables import material_tables, published_table

    if view == "published":
        table = _chosen(published_table(), code, None, "published assessments")
        emit(_named(table), form, title="Published assessments of the European Commission", out=out)
        return
    evaluated, _ = asked.evaluated(every_year=view == "history")
    period = asked.period(evaluated)
    made = material_tables(
        asked.sources, [evaluated], dataset=asked.dataset, period=period, chains=load_chains()
    )
    name = {
        None: "materials" if code is None and stage is None else "material_stages",
        "factors": "material_factors",
        "compare-stages": "material_comparison",
        "suppliers": "material_suppliers",
        "history": "material_history",
    }[view]
    if code is not None and view != "compare-stages":
        require_material(made["material_stages"], known_material(code), asked.importer.label, stage)
    table = _chosen(made[name], code, stage, asked.importer.label)
    rule = asked.sources.methods[0]
    title = f"{asked.importer.label}, {rule.label}, {asked.basis.value} {period}"
    if view == "compare-stages":
        title = _counted(table)
    if form is OutputFormat.table:
        shown = _SHOWN.get(name, tuple(table.columns))
        table = table.select(shown)
        if "reason" in shown:
            table = table.with_columns(shortened("reason"))
        emit(table, form, title=title, out=out)
        if evaluated.basis == "trade" and {"supply_risk", "critical"} & set(shown):
            typer.echo(_STAND_IN, err=True)
        return
    emit(_with_context(_named(table), asked, evaluated, period), form, out=out)


def _chosen(table: pl.DataFrame, code: str | None, stage: str | None, where: str) -> pl.DataFrame:
    import polars as pl

    from geomonitor.errors import UnknownCodeError

    found = table if code is None else table.filter(pl.col("material") == code)
    if stage is not None and "stage" in table.columns:
        found = found.filter(pl.col("stage") == stage)
    if found.is_empty():
        raise UnknownCodeError(
            f"There is nothing on {code or 'raw materials'} here.",
            where=where,
            expected=f"one of {', '.join(table['material'].unique().sort())}",
        )
    return found


def _named(table: pl.DataFrame) -> pl.DataFrame:
    """Put names behind the codes of materials."""
    import polars as pl

    from geomonitor.codes import material

    if "name_en" in table.columns:
        return table
    found = {code: material(code) for code in table["material"].unique()}
    at = table.columns.index("material") + 1
    for place, language in enumerate(("name_en", "name_nl")):
        names = {code: getattr(each, language) for code, each in found.items()}
        column = table["material"].replace_strict(names, return_dtype=pl.String).alias(language)
        table = table.insert_column(at + place, column)
    return table


def _with_context(
    table: pl.DataFrame, asked: AskedMaterials, evaluated: Evaluated, period: str
) -> pl.DataFrame:
    """Add where the numbers come from, where the table does not say it itself."""
    import polars as pl

    rule = asked.sources.methods[0]
    context = {
        "method": rule.id,
        "method_version": rule.version + ("+modified" if rule.modified else ""),
        "period": period,
        "dataset": evaluated.source,
    }
    if evaluated.basis == "trade":
        context["dataset_sha256"] = asked.dataset.content_sha256
    if {"measure", "source"} <= set(table.columns) or ("scope" in table.columns and "year" in table.columns):
        # a comparison names its own source, a history its own years
        context = {name: value for name, value in context.items() if name.startswith("dataset")}
    return table.with_columns(pl.lit(value).alias(name) for name, value in context.items())


def _counted(table: pl.DataFrame) -> str:
    """Count for and against, by measure and source."""
    import polars as pl

    said = []
    for (measure, source, years), part in table.group_by("measure", "source", "years", maintain_order=True):
        counts = [
            f"{part.filter(pl.col('more_concentrated') == stage).height} {stage}"
            for stage in ("processing", "extraction", "equal")
        ]
        said.append(f"{measure}, {source} {years}: {', '.join(counts)}")
    return f"More concentrated stage. {'; '.join(said)}"


def _explained(
    asked: AskedMaterials,
    code: str,
    stage: str | None,
    language: Language,
    form: OutputFormat | None,
    out: Path | None,
) -> None:
    from geomonitor.chains import load_chains
    from geomonitor.cli.output import emit, write_text
    from geomonitor.materials.explain import explain_material

    evaluated, said = asked.evaluated()
    found = explain_material(
        evaluated.evaluation,
        code,
        asked.importer,
        years=asked.period(evaluated),
        source=evaluated.source,
        governance_source=said,
        stage=stage,
        chains=load_chains(),
    )
    if form is not None:
        emit(found.as_table(language.value), form, title=f"{code}, {asked.importer.label}", out=out)
        return
    write_text(f"{found.as_text(language.value)}\n{_citation(asked, language)}\n", out)


def _citation(asked: AskedMaterials, language: Language) -> str:
    if asked.basis is Basis.trade:
        dataset = asked.dataset
        text = f"{dataset.metadata['citation']} ({dataset.name}, sha256 {dataset.content_sha256[:12]})"
    else:
        text = "; ".join(f"{each.metadata['citation']} ({each.name})" for each in asked.sources.tables)
    return f"{'Bron' if language is Language.nl else 'Source'}: {text}"
