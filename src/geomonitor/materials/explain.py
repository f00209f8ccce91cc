"""Why a raw material is critical, or is not: both stages step by step, with numbers and who said them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import polars as pl

from geomonitor.chains import Chain
from geomonitor.codes import MATERIAL_STAGES, Material, material
from geomonitor.data.raw_materials import published_assessments, published_main_suppliers
from geomonitor.errors import UnknownCodeError
from geomonitor.materials.evaluate import MaterialsEvaluation
from geomonitor.materials.explain_stages import MaterialStep, StageView, stage_steps
from geomonitor.materials.explain_texts import LANGUAGES, TEXTS
from geomonitor.materials.explain_whole import WholeView
from geomonitor.trade import Importer

__all__ = ["MaterialExplanation", "MaterialStep", "explain_material", "require_material"]


@dataclass(frozen=True, slots=True)
class MaterialExplanation:
    """Why a raw material is critical, or is not.

    Attributes
    ----------
    material : Material
    importer : str
        Label of the importer, with its home where that differs.
    basis : str
        'trade' or 'production'.
    method : str
        Name and version.
    years : str
    stage : str
        The one that counts.
    supply_risk, supply_risk_low, supply_risk_high : float or None
    economic_importance : float or None
    critical : bool or None
        None where the verdict is open.
    steps : tuple of MaterialStep
        In the order of the reasoning: every stage, then both together.
    suppliers : polars.DataFrame
        `stage`, `scope` ("world" or "importer"), `supplier`, `share`, `governance`, `restriction`, `term`.
    factors : polars.DataFrame
        `stage`, `factor`, `value`, `supply_risk`, `supply_risk_if_neutral`, `contribution`.
    """

    material: Material
    importer: str
    basis: str
    method: str
    years: str
    stage: str
    supply_risk: float | None
    supply_risk_low: float | None
    supply_risk_high: float | None
    economic_importance: float | None
    critical: bool | None
    steps: tuple[MaterialStep, ...]
    suppliers: pl.DataFrame
    factors: pl.DataFrame

    def as_text(self, language: str = "en") -> str:
        """Write the explanation as plain text.

        Parameters
        ----------
        language : {'en', 'nl'}

        Raises
        ------
        UnknownCodeError
            If the language is not spoken.
        """
        _refuse_other(language)
        texts = TEXTS[language]
        named = self.material.name_nl if language == "nl" else self.material.name_en
        symbol = f" ({self.material.symbol})" if self.material.symbol else ""
        basis = texts[f"basis_{self.basis}"].format(years=self.years)
        lines = [f"{named}{symbol}", f"{self.importer}; {basis}; {self.method}"]
        for place, step in enumerate(self.steps, start=1):
            lines += ["", f"{place}. {step.title[language]}", f"   {step.formula[language]}"]
            lines += [f"   {line}" for line in step.numbers[language].splitlines()]
            if step.verdict is not None:
                lines.append(f"   -> {texts['yes'] if step.verdict else texts['no']}")
        return "\n".join(lines) + "\n"

    def as_table(self, language: str = "en") -> pl.DataFrame:
        """Give one row a step: `step`, `key`, `stage`, `title`, `formula`, `numbers`, `result`, `verdict`.

        Parameters
        ----------
        language : {'en', 'nl'}

        Raises
        ------
        UnknownCodeError
            If the language is not spoken.
        """
        _refuse_other(language)
        return pl.DataFrame(
            {
                "step": range(1, len(self.steps) + 1),
                "key": [each.key for each in self.steps],
                "stage": [each.stage for each in self.steps],
                "title": [each.title[language] for each in self.steps],
                "formula": [each.formula[language] for each in self.steps],
                "numbers": [each.numbers[language] for each in self.steps],
                "result": [each.result for each in self.steps],
                "verdict": [each.verdict for each in self.steps],
            },
            schema_overrides={
                "step": pl.Int64,
                "stage": pl.String,
                "result": pl.Float64,
                "verdict": pl.Boolean,
            },
        )


def explain_material(
    evaluation: MaterialsEvaluation,
    name: str,
    importer: Importer,
    *,
    years: str,
    source: str,
    governance_source: str = "World Bank, Worldwide Governance Indicators",
    stage: str | None = None,
    chains: Sequence[Chain] = (),
    published: pl.DataFrame | None = None,
    main_suppliers: pl.DataFrame | None = None,
) -> MaterialExplanation:
    """Explain the assessment of one raw material.

    Parameters
    ----------
    evaluation : MaterialsEvaluation
    name : str
        Code or any name of the material.
    importer : Importer
        One of those that were evaluated.
    years : str
        What the shares are of, in short, such as "2022-2024".
    source : str
        Where they come from: name of the dataset or of the tables.
    governance_source : str
        Where governance comes from.
    stage : str, optional
        Explain this stage only; both where left out.
    chains : sequence of Chain
        In which the material is looked for.
    published, main_suppliers : polars.DataFrame, optional
        As `published_assessments` and `published_main_suppliers` give them, which are taken where left out.

    Returns
    -------
    MaterialExplanation

    Raises
    ------
    UnknownCodeError
        If the material or the stage is not known, or the evaluation does not have it; with near ones.

    Examples
    --------
    >>> from geomonitor.data import embedded_dataset, governance, open_flows
    >>> from geomonitor.materials import materials_from_trade
    >>> from geomonitor.trade import importer
    >>> union = importer("EU27_2020")
    >>> found = materials_from_trade(open_flows(embedded_dataset(), years=[2023]), "HS92", [union], [2023],
    ...                              governance(2023))
    >>> explained = explain_material(found, "niobium", union, years="2023", source="baci-hs92-raw-materials")
    >>> explained.stage, explained.critical
    ('processing', True)
    """
    asked = material(name)
    mine = pl.col("importer") == importer.code
    stages = evaluation.assessment.stages.filter(mine)
    require_material(stages, asked, importer.label, stage)
    row = evaluation.assessment.materials.filter(mine, pl.col("material") == asked.code).row(0, named=True)
    rows = {
        each["stage"]: each for each in stages.filter(pl.col("material") == asked.code).iter_rows(named=True)
    }
    views = tuple(
        StageView(evaluation, importer, asked.code, each, rows[each], source, governance_source)
        for each in MATERIAL_STAGES
        if each in rows and stage in (None, each)
    )
    whole = WholeView(
        evaluation=evaluation,
        material=asked,
        importer=importer,
        row=row,
        views=views,
        years=years,
        chains=chains,
        published=published_assessments() if published is None else published,
        main_suppliers=published_main_suppliers() if main_suppliers is None else main_suppliers,
    )
    return MaterialExplanation(
        material=asked,
        importer=importer.label,
        basis=evaluation.assessment.basis,
        method=evaluation.assessment.method.label,
        years=years,
        stage=row["stage"],
        supply_risk=row["supply_risk"],
        supply_risk_low=row["supply_risk_low"],
        supply_risk_high=row["supply_risk_high"],
        economic_importance=row["economic_importance"],
        critical=row["critical"],
        steps=tuple([step for view in views for step in stage_steps(view)] + whole.steps()),
        suppliers=_suppliers(views),
        factors=_factors(views),
    )


def _refuse_other(language: str) -> None:
    if language not in LANGUAGES:
        raise UnknownCodeError(
            f"The language {language!r} is not spoken here.",
            where="option language",
            expected=" or ".join(LANGUAGES),
        )


def require_material(stages: pl.DataFrame, asked: Material, importer: str, stage: str | None = None) -> None:
    """Refuse a material or a stage that an assessment does not have.

    Parameters
    ----------
    stages : polars.DataFrame
        `material`, `stage`: what was assessed for the importer.
    asked : Material
    importer : str
        Its label, for the message.
    stage : str, optional

    Raises
    ------
    UnknownCodeError
        With materials of the same family, or with the stages that there are.
    """
    if stage is not None and stage not in MATERIAL_STAGES:
        raise UnknownCodeError(
            f"The stage {stage!r} is not known.",
            where="option stage",
            expected=f"one of {', '.join(MATERIAL_STAGES)}",
        )
    present = stages.filter(pl.col("material") == asked.code)["stage"].unique().sort()
    if present.is_empty():
        known = stages["material"].unique().sort().to_list()
        family = {*asked.parents, asked.code}
        near = [code for code in known if family & {code, *material(code).parents}]
        near = near[:3] or get_close_matches(asked.code, known, n=3)
        raise UnknownCodeError(
            f"There are no data on {asked.code} for {importer}.",
            where="option material",
            expected=f"one of the {len(known)} materials in the data",
            next_step=f"Near ones: {', '.join(near)}." if near else None,
        )
    if stage is not None and stage not in present:
        raise UnknownCodeError(
            f"There are no data on {asked.code} at {stage}.",
            where="option stage",
            expected=f"one of {', '.join(present)}",
            next_step="Leave out the stage, or bring in a table of production that has it.",
        )


def _suppliers(views: Sequence[StageView]) -> pl.DataFrame:
    parts = [
        view.terms(shares).select(
            pl.lit(view.stage).alias("stage"),
            pl.lit(scope).alias("scope"),
            pl.col("economy").alias("supplier"),
            "share",
            pl.col("weight").alias("governance"),
            "restriction",
            "term",
        )
        for view in views
        for scope, shares in (("world", view.evaluation.world), ("importer", view.evaluation.sourcing))
    ]
    return pl.concat(parts)


def _factors(views: Sequence[StageView]) -> pl.DataFrame:
    return pl.concat(
        [view.of_market(view.evaluation.assessment.factors).drop("importer", "material") for view in views]
    )
