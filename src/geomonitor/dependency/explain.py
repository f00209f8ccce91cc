"""A verdict on one product, step by step with its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import polars as pl

from geomonitor.codes import economy_name, group
from geomonitor.dependency.explain_texts import FORMULAS, TEXTS, amount, number, percent, variant_text
from geomonitor.dependency.fragility import Fragility
from geomonitor.dependency.indicators import INDICATORS
from geomonitor.dependency.robustness import Robustness
from geomonitor.dependency.screening import Measurement, screen
from geomonitor.dependency.specification import Condition, MethodSpecification
from geomonitor.errors import UnknownCodeError

__all__ = ["Explanation", "ExplanationStep", "explain"]

_LANGUAGES = ("en", "nl")
_SUPPLIERS_IN_TEXT = 10
_SQUARES_IN_TEXT = 5


@dataclass(frozen=True, slots=True)
class ExplanationStep:
    """One step of an explanation; texts by language ('en', 'nl').

    Attributes
    ----------
    key : str
        'suppliers', 'minimum_value', 'verdict', 'distance', 'robustness' or the indicator tested.
    title, formula, numbers : dict of str to str
    result : float or None
    verdict : bool or None
        Whether a test is met; None where a step tests nothing, or its answer is open.
    """

    key: str
    title: Mapping[str, str]
    formula: Mapping[str, str]
    numbers: Mapping[str, str]
    result: float | None
    verdict: bool | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a product is dependent, or is not.

    Attributes
    ----------
    product, product_name : str
    importer : str
        Label of the importer, with its home where that differs.
    method : str
        Name and version.
    years : tuple of int
    dependent : bool or None
        None where the verdict is open.
    steps : tuple of ExplanationStep
        In the order of the reasoning.
    suppliers : polars.DataFrame
        `supplier`, `value_kusd` (in the years together), `share`, `share_squared`; largest first.
    """

    product: str
    product_name: str
    importer: str
    method: str
    years: tuple[int, ...]
    dependent: bool | None
    steps: tuple[ExplanationStep, ...]
    suppliers: pl.DataFrame

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
        name = f" {self.product_name}" if self.product_name else ""
        lines = [
            f"{self.product}{name}",
            f"{self.importer}, {_period(self.years)}, {self.method}",
        ]
        for place, step in enumerate(self.steps, start=1):
            lines += ["", f"{place}. {step.title[language]}", f"   {step.formula[language]}"]
            lines += [f"   {line}" for line in step.numbers[language].splitlines()]
            if step.verdict is not None:
                lines.append(f"   -> {texts['yes'] if step.verdict else texts['no']}")
        return "\n".join(lines) + "\n"

    def as_table(self, language: str = "en") -> pl.DataFrame:
        """Give one row a step: `step`, `title`, `formula`, `numbers`, `result`, `verdict`.

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
                "title": [each.title[language] for each in self.steps],
                "formula": [each.formula[language] for each in self.steps],
                "numbers": [each.numbers[language] for each in self.steps],
                "result": [each.result for each in self.steps],
                "verdict": [each.verdict for each in self.steps],
            },
            schema_overrides={"step": pl.Int64, "result": pl.Float64, "verdict": pl.Boolean},
        )


def explain(
    measurement: Measurement,
    specification: MethodSpecification,
    product: str,
    *,
    fragility: Fragility | None = None,
    robustness: Robustness | None = None,
    names: Mapping[str, str] | None = None,
) -> Explanation:
    """Explain the verdict on one product step by step.

    Parameters
    ----------
    measurement : Measurement
        Of the importer.
    specification : MethodSpecification
    product : str
        HS6 code.
    fragility : Fragility, optional
        For the method that needs network scores.
    robustness : Robustness, optional
        Adds a step on what other choices would say.
    names : mapping of str to str, optional
        Names of products.

    Returns
    -------
    Explanation

    Raises
    ------
    UnknownCodeError
        If the product is not in the data, or not imported in these years; with near codes.
    DataError
        As `screen`.

    Examples
    --------
    >>> from geomonitor.dependency import measure, method
    >>> from geomonitor.trade import importer, supply_tables
    >>> flows = pl.DataFrame({"year": [2021] * 3, "exporter": ["CHN", "USA", "NLD"],
    ...     "importer": ["NLD", "NLD", "USA"], "product": ["810600"] * 3, "value_kusd": [8.0, 2.0, 4.0]})
    >>> supply = supply_tables(flows, [importer("NLD")], [2021], quantities=False)
    >>> found = explain(next(measure(supply, supply.importers)), method("commission-2021"), "810600")
    >>> [(each.key, round(each.result, 2)) for each in found.steps[1:4]]
    [('import_concentration', 0.68), ('extra_import_share', 1.0), ('imports_to_exports', 2.5)]
    """
    screening = screen(measurement, specification, fragility=fragility)
    rows = screening.table.filter(pl.col("product") == product).to_dicts()
    if not rows:
        raise _not_imported(measurement, product, screening.table["product"].to_list(), names or {})
    row = rows[0]
    place = measurement.supply.products.index(product)
    suppliers = _suppliers(measurement, place)
    steps = [_supply_step(suppliers)]
    steps += [
        _condition_step(each, measurement, specification, place, row, suppliers, fragility)
        for each in (*specification.conditions, *specification.severe_conditions)
    ]
    minimum = measurement.options.minimum_import_value_kusd
    if minimum > 0:
        steps.append(_minimum_step(row, minimum, len(measurement.years)))
    steps.append(_verdict_step(row, specification, len(measurement.years)))
    steps.append(_distance_step(row, specification))
    if robustness is not None:
        steps += _robustness_steps(robustness, product)
    return Explanation(
        product=product,
        product_name=(names or {}).get(product, ""),
        importer=measurement.importer.label,
        method=specification.label,
        years=measurement.years,
        dependent=row["dependent"],
        steps=tuple(steps),
        suppliers=suppliers,
    )


def _refuse_other(language: str) -> None:
    if language not in _LANGUAGES:
        raise UnknownCodeError(
            f"The language {language!r} is not spoken here.",
            where="option language",
            expected=" or ".join(_LANGUAGES),
        )


def _period(years: Sequence[int]) -> str:
    return str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"


def _not_imported(
    measurement: Measurement, product: str, imported: list[str], names: Mapping[str, str]
) -> UnknownCodeError:
    known = product in measurement.supply.products
    importer, years = measurement.importer.label, _period(measurement.years)
    near = [code for code in imported if code[:4] == product[:4]][:3] or get_close_matches(product, imported)
    spoken = ", ".join(f"{code} ({names[code]})" if code in names else code for code in near)
    return UnknownCodeError(
        f"{importer} did not import {product} in {years}."
        if known
        else f"There is no product {product} in the data of {years}.",
        where="option product",
        expected=f"one of the {len(imported)} products that {importer} imported",
        next_step=f"Near codes: {spoken}." if near else None,
    )


def _suppliers(measurement: Measurement, place: int) -> pl.DataFrame:
    """List whom the concentration counts, by their supplies in the years together."""
    supply, importer, options = measurement.supply, measurement.importer, measurement.options
    years = [supply.years.index(year) for year in measurement.years] if supply.by_year else [0]
    amounts = supply.imports[importer.code].pooled(years)
    home = importer.home if options.intra_group == "excluded" else importer.members
    own = set() if options.intra_group == "included" and importer.is_group else set(supply.positions(home))
    values: dict[str, float] = {}
    merged = {
        member: code
        for code in options.supplier_groups
        for member in supply.positions(set(group(code, extra=options.groups).members) - set(importer.home))
    }
    for row in np.flatnonzero(amounts.segment == place):
        economy = amounts.economy[row]
        if economy not in own:
            name = merged.get(economy, supply.economies[economy])
            values[name] = values.get(name, 0.0) + float(amounts.value_kusd[row])
    table = pl.DataFrame(
        {"supplier": list(values), "value_kusd": list(values.values())},
        schema={"supplier": pl.String, "value_kusd": pl.Float64},
    )
    return (
        table.with_columns(share=pl.col("value_kusd") / pl.col("value_kusd").sum())
        .with_columns(share_squared=pl.col("share") ** 2)
        .sort("value_kusd", "supplier", descending=[True, False])
    )


def _in_languages(key: str, **values: Any) -> dict[str, str]:
    """Fill a text in every language; values that depend on it are functions of the language."""
    return {
        language: TEXTS[language][key].format(
            **{name: value(language) if callable(value) else value for name, value in values.items()}
        )
        for language in _LANGUAGES
    }


def _supply_step(suppliers: pl.DataFrame) -> ExplanationStep:
    total = float(suppliers["value_kusd"].sum())
    rest = suppliers.slice(_SUPPLIERS_IN_TEXT)

    def lines(language: str) -> str:
        shown = [
            f"{_spoken_economy(supplier, language)}: {amount(value, language)} ({percent(share, language)})"
            for supplier, value, share, _ in suppliers.head(_SUPPLIERS_IN_TEXT).iter_rows()
        ]
        if len(rest):
            others = TEXTS[language]["others"].format(count=len(rest))
            share = percent(float(rest["share"].sum()), language)
            shown.append(f"{others}: {amount(float(rest['value_kusd'].sum()), language)} ({share})")
        shown.append(f"{TEXTS[language]['total']}: {amount(total, language)}")
        return "\n".join(shown)

    return ExplanationStep(
        key="suppliers",
        title=_in_languages("suppliers_title"),
        formula=_in_languages("suppliers_formula"),
        numbers={language: lines(language) for language in _LANGUAGES},
        result=total,
        verdict=None,
    )


def _spoken_economy(code: str, language: str) -> str:
    try:
        return f"{economy_name(code, language)} ({code})"
    except UnknownCodeError:
        # a group that is measured as one supplier
        return code


def _value(condition: Condition, row: Mapping[str, Any]) -> float | None:
    if condition.indicator == "domestic_use_kusd":
        found: float | None = row["domestic_use_lower_kusd"]
    else:
        found = row.get(condition.indicator)
    return found


def _condition_step(
    condition: Condition,
    measurement: Measurement,
    specification: MethodSpecification,
    place: int,
    row: Mapping[str, Any],
    suppliers: pl.DataFrame,
    fragility: Fragility | None,
) -> ExplanationStep:
    name = condition.indicator
    value = _value(condition, row)
    persistent = specification.period_rule == "persistence" and measurement.yearly is not None
    yearly: dict[int, float] = {}
    if persistent and measurement.yearly is not None:
        column = "domestic_use_lower_kusd" if name == "domestic_use_kusd" else name
        if name == "supply_fragility" and fragility is not None:
            score = fragility.score_of([measurement.supply.products[place]])[0]
            yearly = dict.fromkeys(measurement.years, float(score))
        else:
            found = measurement.yearly.columns[column][:, place]
            yearly = dict(zip(measurement.years, map(float, found), strict=True))
    met = None if value is None and not yearly else bool(condition.met(np.array([_or_nan(value)]))[0])
    if name == "domestic_use_kusd" and not met:
        upper = np.array([_or_nan(row["domestic_use_upper_kusd"])])
        met = None if bool(condition.met(upper)[0]) else False
    if persistent:
        passed = {year: bool(condition.met(np.array([each]))[0]) for year, each in yearly.items()}
        met = sum(passed.values()) >= specification.years_needed(len(measurement.years))

    def lines(language: str) -> str:
        texts = TEXTS[language]
        parts = [_worked(name, row, value, suppliers, language)]
        operator = f"{condition.operator} {number(condition.threshold, language)}"
        if persistent:
            parts += [
                f"{year}: {number(each, language)} {operator}: {texts['yes' if passed[year] else 'no']}"
                for year, each in yearly.items()
            ]
        else:
            parts.append(f"{texts['test']}: {number(_or_nan(value), language)} {operator}")
        if condition in specification.severe_conditions:
            parts.append(texts["severe"].format(name=specification.severe_name))
        return "\n".join(part for part in parts if part)

    return ExplanationStep(
        key=name,
        title={
            language: f"{INDICATORS[name][1 + _LANGUAGES.index(language)]}: {condition.meaning[language]}?"
            for language in _LANGUAGES
        },
        formula={language: FORMULAS[name][language] for language in _LANGUAGES},
        numbers={language: lines(language) for language in _LANGUAGES},
        result=value,
        verdict=met,
    )


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _worked(
    name: str, row: Mapping[str, Any], value: float | None, suppliers: pl.DataFrame, language: str
) -> str:
    """Put the numbers into the formula, where they are amounts that an analyst can check."""
    extra = row["extra_import_value_kusd"]
    shown = number(_or_nan(value), language)
    if value is None:
        return TEXTS[language]["undefined"]
    if name == "import_concentration":
        squares = [f"{number(share, language)}²" for share in suppliers["share"].head(_SQUARES_IN_TEXT)]
        more = " + …" if len(suppliers) > _SQUARES_IN_TEXT else ""
        return f"{' + '.join(squares)}{more} = {shown}"
    if name == "extra_import_share":
        return f"{amount(extra, language)} / {amount(row['import_value_kusd'], language)} = {shown}"
    if name == "imports_to_exports":
        return f"{amount(extra, language)} / {amount(row['export_value_kusd'], language)} = {shown}"
    if name == "imports_to_extra_exports":
        exports = 0.0 if np.isinf(value) else extra / value if value > 0 else float("nan")
        return f"{amount(extra, language)} / {amount(exports, language)} = {shown}"
    if name == "domestic_use_kusd":
        upper = row["domestic_use_upper_kusd"]
        if upper == value:
            return f"= {amount(value, language)}"
        return TEXTS[language]["bounds"].format(lower=amount(value, language), upper=amount(upper, language))
    return f"= {shown}"


def _minimum_step(row: Mapping[str, Any], minimum: float, years: int) -> ExplanationStep:
    yearly = row["extra_import_value_kusd"] / years
    return ExplanationStep(
        key="minimum_value",
        title=_in_languages("minimum_title"),
        formula=_in_languages("minimum_formula"),
        numbers={
            language: f"{amount(yearly, language)} >= {amount(minimum, language)}" for language in _LANGUAGES
        },
        result=yearly,
        verdict=row["above_minimum_value"],
    )


def _verdict_step(row: Mapping[str, Any], specification: MethodSpecification, years: int) -> ExplanationStep:
    dependent = row["dependent"]
    key = "open" if dependent is None else "dependent" if dependent else "not_dependent"
    numbers = _in_languages(key)
    if specification.period_rule == "persistence":
        persistence = _in_languages(
            "persistence", met=row["years_met"], years=years, needed=specification.years_needed(years)
        )
        numbers = {language: f"{persistence[language]}\n{numbers[language]}" for language in _LANGUAGES}
    return ExplanationStep(
        key="verdict",
        title=_in_languages("verdict_title"),
        formula={
            language: f" {TEXTS[language]['and']} ".join(each.text() for each in specification.conditions)
            for language in _LANGUAGES
        },
        numbers=numbers,
        result=None,
        verdict=dependent,
    )


def _distance_step(row: Mapping[str, Any], specification: MethodSpecification) -> ExplanationStep:
    """Say how far each indicator is from its threshold, and what would turn the verdict."""
    distances = [(each, row.get(f"{each.indicator}_distance")) for each in specification.conditions]
    failing = [each for each, distance in distances if not _passes(each, distance)]
    known = [(each, distance) for each, distance in distances if distance is not None]
    nearest, closest = min(known, key=lambda pair: pair[1], default=(None, 0.0))

    def lines(language: str) -> str:
        texts = TEXTS[language]
        shown = [f"{each.indicator}: {_spoken_distance(distance, language)}" for each, distance in distances]
        if row["dependent"] and nearest is not None:
            shown.append(
                texts["flip_from_dependent"].format(
                    name=nearest.indicator,
                    distance=_spoken_distance(-closest / (1.0 + closest), language),
                    edge=texts[f"edge_{nearest.operator}"],
                    threshold=number(nearest.threshold, language),
                )
            )
        elif failing:
            needed = ", ".join(each.text() for each in failing)
            shown.append(texts["flip_to_dependent"].format(needed=needed))
        return "\n".join(shown)

    margin = row["margin"]
    return ExplanationStep(
        key="distance",
        title=_in_languages("distance_title"),
        formula=_in_languages("distance_formula"),
        numbers={language: lines(language) for language in _LANGUAGES},
        result=margin,
        verdict=None,
    )


def _passes(condition: Condition, distance: float | None) -> bool:
    return bool(condition.met(np.array([condition.threshold * (1.0 + _or_nan(distance))]))[0])


def _spoken_distance(distance: float | None, language: str) -> str:
    if distance is None:
        return TEXTS[language]["undefined"]
    # a ratio without exports is beyond every threshold
    if not np.isfinite(distance) or abs(distance) > 1e9:
        return TEXTS[language]["beyond"]
    return percent(distance, language, sign=True)


def _robustness_steps(robustness: Robustness, product: str) -> list[ExplanationStep]:
    rows = robustness.stability.filter(pl.col("product") == product).to_dicts()
    if not rows:
        return []
    found = rows[0]
    variants = robustness.table.filter((pl.col("product") == product) & pl.col("measured"))
    other = variants.filter(~pl.col("dependent").eq_missing(pl.lit(found["dependent"], dtype=pl.Boolean)))
    names = other["variant"].to_list()
    step = ExplanationStep(
        key="robustness",
        title=_in_languages("robustness_title"),
        formula=_in_languages("robustness_formula"),
        numbers=_in_languages(
            "robustness_numbers" if names else "robustness_all",
            same=found["same"],
            variants=found["variants"],
            other=lambda language: ", ".join(variant_text(name, language) for name in names),
        ),
        result=found["stability"],
        verdict=None,
    )
    return [step]
