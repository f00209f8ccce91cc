"""The part of an explanation of a raw material on one stage: suppliers, concentration, risk, factors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from geomonitor.codes import economy_name
from geomonitor.materials.evaluate import MaterialsEvaluation
from geomonitor.materials.explain_texts import (
    LANGUAGES,
    TEXTS,
    amount,
    in_languages,
    number,
    percent,
    spoken_reason,
    spoken_source,
)
from geomonitor.materials.shares import governed_shares
from geomonitor.trade import Importer

__all__ = ["MaterialStep", "StageView", "spoken_economy", "spoken_range", "stage_steps"]

_SUPPLIERS_IN_TEXT = 6
_TERMS_IN_TEXT = 5
_PARAMETERS = ("import_reliance", "recycling_rate", "substitution_risk")


@dataclass(frozen=True, slots=True)
class MaterialStep:
    """One step of an explanation; texts by language ('en', 'nl').

    Attributes
    ----------
    key : str
        What the step is about: 'suppliers', 'world', 'used', 'parameters', 'supply_risk', 'factors',
        'benchmark', 'stages', 'economic_importance', 'verdict', 'goals', 'published', 'main_suppliers',
        'chains' or 'unknown'.
    stage : str or None
        'extraction', 'processing', or None for both together.
    title, formula, numbers : dict of str to str
    result : float or None
    verdict : bool or None
        Whether a test is met; None where a step tests nothing, or its answer is open.
    """

    key: str
    stage: str | None
    title: Mapping[str, str]
    formula: Mapping[str, str]
    numbers: Mapping[str, str]
    result: float | None
    verdict: bool | None


@dataclass(frozen=True, slots=True)
class StageView:
    """One material at one stage, for one importer.

    Attributes
    ----------
    evaluation : MaterialsEvaluation
    importer : Importer
    material, stage : str
    row : dict
        The row of the assessment.
    source, governance_source : str
        Where shares and governance come from.
    """

    evaluation: MaterialsEvaluation
    importer: Importer
    material: str
    stage: str
    row: Mapping[str, Any]
    source: str
    governance_source: str

    def of_market(self, table: pl.DataFrame) -> pl.DataFrame:
        """Take the rows of the material and stage, and of the importer where the table has several."""
        found = table.filter(pl.col("material") == self.material, pl.col("stage") == self.stage)
        return (
            found.filter(pl.col("importer") == self.importer.code) if "importer" in table.columns else found
        )

    def terms(self, shares: pl.DataFrame) -> pl.DataFrame:
        """Give what every supplier adds to the concentration, the largest first."""
        rule = self.evaluation.assessment.method.parameters
        usual = (
            pl.when(pl.col("economy").is_in(list(self.importer.home)))
            .then(rule["restriction_inside_home_group"])
            .otherwise(rule["restriction_without_measure"])
        )
        given = pl.col("restriction") if "restriction" in shares.columns else pl.lit(None, dtype=pl.Float64)
        return (
            self.of_market(shares)
            .filter(pl.col("share").is_not_null() & (pl.col("share") > 0))
            .join(self.evaluation.weights, on="economy", how="left")
            .with_columns(restriction=pl.coalesce(given, usual))
            .with_columns(term=pl.col("share") ** 2 * pl.col("weight") * pl.col("restriction"))
            .sort("share", "economy", descending=[True, False], nulls_last=True)
        )

    def governed(self, shares: pl.DataFrame) -> tuple[float | None, float | None]:
        """Measure the concentration of a market: plain, and weighted."""
        found = governed_shares(
            self.of_market(shares).drop("importer", strict=False),
            self.evaluation.weights,
            ["material", "stage"],
            home=self.importer.home,
            method=self.evaluation.assessment.method,
        )
        if found.is_empty():
            return None, None
        plain, weighted = found.select("concentration", "governed").row(0)
        return plain, weighted

    def spoken(self, language: str, *, title: bool = True) -> str:
        """Name the stage."""
        text = TEXTS[language][self.stage]
        return text[:1].upper() + text[1:] if title else text


def stage_steps(view: StageView) -> list[MaterialStep]:
    """Explain one stage.

    Parameters
    ----------
    view : StageView

    Returns
    -------
    list of MaterialStep
    """
    return [
        _suppliers(view),
        _world(view),
        _used(view),
        _parameters(view),
        _risk(view),
        _factors(view),
        _benchmark(view),
    ]


def spoken_economy(code: str | None, language: str) -> str:
    """Name an economy with its code.

    Examples
    --------
    >>> spoken_economy("CHN", "en")
    'China (CHN)'
    """
    return TEXTS[language]["not_known"] if code is None else f"{economy_name(code, language)} ({code})"


def spoken_range(
    value: float | None, low: float | None, high: float | None, language: str, *, shares: bool = False
) -> str:
    """Write a value, or the bounds between which it lies.

    Examples
    --------
    >>> spoken_range(None, 0.0, 1.0, "en"), spoken_range(0.44, 0.44, 0.44, "nl", shares=True)
    ('between 0 and 1', '44,0 %')
    """
    say: Callable[..., str] = percent if shares else number
    if value is not None:
        return say(value, language)
    if low is None or high is None:
        return TEXTS[language]["not_known"]
    return TEXTS[language]["between"].format(low=say(low, language), high=say(high, language))


def _by_language(lines: Callable[[str], Sequence[str]]) -> dict[str, str]:
    return {language: "\n".join(lines(language)) for language in LANGUAGES}


def _step(
    view: StageView,
    key: str,
    formula: Mapping[str, str],
    lines: Callable[[str], Sequence[str]],
    result: float | None = None,
    verdict: bool | None = None,
    **values: Any,
) -> MaterialStep:
    title = {"supply_risk": "risk"}.get(key, key)
    return MaterialStep(
        key=key,
        stage=view.stage,
        title=in_languages(f"{title}_title", stage=view.spoken, **values),
        formula=formula,
        numbers=_by_language(lines),
        result=result,
        verdict=verdict,
    )


def _suppliers(view: StageView) -> MaterialStep:
    evaluation = view.evaluation
    trade = evaluation.trade

    def codes(language: str) -> list[str]:
        if trade is None:
            return []
        counted = view.of_market(trade.products)
        said = [TEXTS[language]["products"].format(products=", ".join(sorted(set(counted["product"]))))]
        others = sorted({text for text in counted.filter("mixed")["mixed_with"] if text})
        if view.row["mixed"]:
            mixed = "; ".join(others) or TEXTS[language]["mixed_unknown"]
            said.append(TEXTS[language]["mixed"].format(mixed_with=mixed))
        return said

    def listed(shares: pl.DataFrame, language: str) -> list[str]:
        rows = view.terms(shares).filter(pl.col("economy").is_not_null())
        if rows.is_empty():
            return [f"  {TEXTS[language]['no_supply']}"]
        said = []
        for row in rows.head(_SUPPLIERS_IN_TEXT).iter_rows(named=True):
            value = row.get("value_kusd")
            said.append(
                "  "
                + TEXTS[language]["supplier" if value is None else "supplier_value"].format(
                    economy=spoken_economy(row["economy"], language),
                    share=percent(row["share"], language),
                    value="" if value is None else amount(value, language),
                    weight=number(row["weight"], language, 2),
                )
            )
        rest = rows.slice(_SUPPLIERS_IN_TEXT)
        if rest.height:
            share = percent(float(rest["share"].sum()), language)
            said.append(f"  {TEXTS[language]['others'].format(count=rest.height, share=share)}")
        return said

    def lines(language: str) -> list[str]:
        texts = TEXTS[language]
        return [
            *codes(language),
            texts["in_world"],
            *listed(evaluation.world, language),
            texts["in_use"].format(importer=view.importer.label),
            *listed(evaluation.sourcing, language),
            texts["source"].format(source=view.source),
        ]

    return _step(view, "suppliers", in_languages(f"suppliers_formula_{evaluation.assessment.basis}"), lines)


def _term_lines(view: StageView, shares: pl.DataFrame, language: str) -> list[str]:
    texts = TEXTS[language]
    rows = view.terms(shares).filter(pl.col("economy").is_not_null())
    said = [
        texts["term"].format(
            economy=spoken_economy(row["economy"], language),
            share=number(row["share"], language, 4),
            weight=number(row["weight"], language, 2),
            restriction=number(row["restriction"], language, 2),
            term=number(row["term"], language),
        )
        for row in rows.head(_TERMS_IN_TEXT).iter_rows(named=True)
    ]
    rest = rows.slice(_TERMS_IN_TEXT)
    if rest.height:
        term = number(float(rest["term"].sum()), language)
        said.append(texts["rest_of_terms"].format(count=rest.height, term=term))
    return said


def _total_line(row: Mapping[str, Any], side: str, language: str) -> str:
    name = f"governed_{side}"
    return f"= {spoken_range(row[name], row[f'{name}_low'], row[f'{name}_high'], language)}"


def _world(view: StageView) -> MaterialStep:
    row = view.row

    def lines(language: str) -> list[str]:
        texts = TEXTS[language]
        return [
            *_term_lines(view, view.evaluation.world, language),
            _total_line(row, "world", language),
            texts["plain"].format(value=number(row["world_concentration"], language)),
            texts["governance_source"].format(source=view.governance_source),
        ]

    return _step(view, "world", in_languages("concentration_formula"), lines, row["governed_world"])


def _used(view: StageView) -> MaterialStep:
    row, trade = view.row, view.evaluation.trade

    def lines(language: str) -> list[str]:
        texts = TEXTS[language]
        said = _term_lines(view, view.evaluation.sourcing, language)
        if trade is not None:
            _, abroad = view.governed(view.evaluation.sourcing)
            _, home = view.governed(trade.home)
            said.append(texts["of_imports"].format(value=number(abroad, language)))
            said.append(texts["at_home"].format(value=number(home, language)))
        return [
            *said,
            _total_line(row, "sourcing", language),
            texts["plain"].format(value=number(row["sourcing_concentration"], language)),
        ]

    formula = in_languages("concentration_formula")
    if trade is not None:
        formula = {
            language: f"{text}; {TEXTS[language]['used_formula_home']}" for language, text in formula.items()
        }
    return _step(view, "used", formula, lines, row["governed_sourcing"])


def _parameters(view: StageView) -> MaterialStep:
    sources = view.of_market(view.evaluation.parameters.sources)
    given = dict(sources.select("measure", "source").iter_rows())

    def lines(language: str) -> list[str]:
        texts = TEXTS[language]
        said = []
        for name in _PARAMETERS:
            low, high = view.row[f"{name}_low"], view.row[f"{name}_high"]
            source = given.get(name)
            said.append(
                texts["parameter"].format(
                    name=texts[name],
                    value=spoken_range(view.row[name], low, high, language),
                    source=texts["not_known"] if source is None else spoken_source(source, language),
                )
            )
        return said

    return _step(view, "parameters", in_languages("parameters_formula"), lines)


def _risk(view: StageView) -> MaterialStep:
    row = view.row
    world, used = row["governed_world"], row["governed_sourcing"]
    both = world is not None and used is not None
    rule = view.evaluation.assessment.method

    def lines(language: str) -> list[str]:
        texts = TEXTS[language]
        risk = row["supply_risk"]
        if risk is None:
            said = [f"= {spoken_range(None, row['supply_risk_low'], row['supply_risk_high'], language)}"]
            if row["reason"]:
                said.append(texts["why_unknown"].format(reason=spoken_reason(row["reason"], language)))
            return said
        reliance = row["import_reliance"]
        return [
            texts["risk_numbers" if both else "risk_numbers_alone"].format(
                world=number(world, language),
                used=number(used, language),
                known=number(world if used is None else used, language),
                half=number(None if reliance is None else reliance / 2, language),
                other_half=number(None if reliance is None else 1 - reliance / 2, language),
                not_recycled=number(1 - row["recycling_rate"], language),
                substitution=number(row["substitution_risk"], language),
                risk=number(risk, language),
            ),
            rule.label,
        ]

    formula = in_languages("risk_formula" if both or row["supply_risk"] is None else "risk_formula_alone")
    return _step(view, "supply_risk", formula, lines, row["supply_risk"])


def _factors(view: StageView) -> MaterialStep:
    rows = view.of_market(view.evaluation.assessment.factors).to_dicts()

    def lines(language: str) -> list[str]:
        texts = TEXTS[language]
        return [
            texts["factor_unknown" if row["contribution"] is None else "factor_line"].format(
                factor=texts[row["factor"]],
                value=number(row["value"], language),
                risk=number(row["supply_risk"], language),
                neutral=number(row["supply_risk_if_neutral"], language),
                contribution=number(row["contribution"], language),
            )
            for row in rows
        ]

    return _step(view, "factors", in_languages("factors_formula"), lines)


def _benchmark(view: StageView) -> MaterialStep:
    row = view.row
    limit = view.evaluation.assessment.benchmark.thresholds["largest_third_country_share"]

    def spoken_limit(language: str) -> str:
        return percent(limit, language)

    def lines(language: str) -> list[str]:
        low, share = row["main_supplier_share_low"], row["main_supplier_share"]
        certain = share if low is None or low == share else None
        return [
            TEXTS[language]["benchmark_numbers"].format(
                economy=spoken_economy(row["main_supplier"], language),
                share=spoken_range(certain, low, share, language, shares=True),
            )
        ]

    return _step(
        view,
        "benchmark",
        in_languages("benchmark_formula", limit=spoken_limit),
        lines,
        row["main_supplier_share"],
        row["above_benchmark"],
        limit=spoken_limit,
    )
