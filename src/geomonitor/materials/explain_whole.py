"""The part of an explanation of a raw material on both stages: verdict, goals, what was published, gaps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from geomonitor.chains import Chain
from geomonitor.codes import MATERIAL_STAGES, Material, material
from geomonitor.data.raw_materials import on_published_list, published_list_years
from geomonitor.materials.criticality import at_one_decimal
from geomonitor.materials.evaluate import MaterialsEvaluation
from geomonitor.materials.explain_stages import MaterialStep, StageView, spoken_economy, spoken_range
from geomonitor.materials.explain_texts import (
    LANGUAGES,
    TEXTS,
    in_languages,
    number,
    percent,
    spoken_reason,
    spoken_scope,
    spoken_source,
)
from geomonitor.materials.parameters import STUDY_IMPORTER
from geomonitor.trade import Importer

__all__ = ["WholeView"]

_GOALS = {
    "goal_extraction": "extraction_share",
    "goal_processing": "processing_share",
    "goal_recycling": "recycling_share",
}
_INPUTS = ("governed_world", "governed_sourcing", "import_reliance", "recycling_rate", "substitution_risk")
_YEAR_WITH_INPUTS = 2017


@dataclass(frozen=True, slots=True)
class WholeView:
    """One material for one importer, both stages together.

    Attributes
    ----------
    evaluation : MaterialsEvaluation
    material : Material
    importer : Importer
    row : dict
        The row of the assessment.
    views : tuple of StageView
        The stages that are explained.
    years : str
    chains : sequence of Chain
    published, main_suppliers : polars.DataFrame
        What was published.
    """

    evaluation: MaterialsEvaluation
    material: Material
    importer: Importer
    row: Mapping[str, Any]
    views: tuple[StageView, ...]
    years: str
    chains: Sequence[Chain]
    published: pl.DataFrame
    main_suppliers: pl.DataFrame

    def steps(self) -> list[MaterialStep]:
        """Explain what holds for both stages.

        Returns
        -------
        list of MaterialStep
        """
        return [
            self._stages(),
            self._importance(),
            self._verdict(),
            self._goals(),
            self._beside_published(),
            self._main_suppliers(),
            self._in_chains(),
            self._unknown(),
        ]

    def _step(
        self,
        key: str,
        lines: Callable[[str], Sequence[str]],
        result: float | None = None,
        verdict: bool | None = None,
        **values: Any,
    ) -> MaterialStep:
        word = {"economic_importance": "importance", "main_suppliers": "main"}.get(key, key)
        return MaterialStep(
            key=key,
            stage=None,
            title=in_languages(f"{word}_title"),
            formula=in_languages(f"{word}_formula", **values),
            numbers={language: "\n".join(lines(language)) for language in LANGUAGES},
            result=result,
            verdict=verdict,
        )

    def _known_stages(self) -> pl.DataFrame:
        return self.evaluation.assessment.stages.filter(
            pl.col("importer") == self.importer.code, pl.col("material") == self.material.code
        )

    def _stages(self) -> MaterialStep:
        rows = {row["stage"]: row for row in self._known_stages().iter_rows(named=True)}

        def lines(language: str) -> list[str]:
            texts = TEXTS[language]
            said = []
            for stage in MATERIAL_STAGES:
                if stage not in rows:
                    said.append(texts["stage_absent"].format(stage=texts[stage]))
                    continue
                row = rows[stage]
                share = percent(row["main_supplier_share"], language)
                said.append(
                    texts["stage_line"].format(
                        stage=texts[stage],
                        risk=spoken_range(
                            row["supply_risk"], row["supply_risk_low"], row["supply_risk_high"], language
                        ),
                        supplier=f"{spoken_economy(row['main_supplier'], language)}, {share}",
                    )
                )
            return [*said, texts["bottleneck"].format(stage=texts[self.row["stage"]])]

        return self._step("stages", lines, self.row["supply_risk"])

    def _source_of_importance(self) -> str | None:
        found = self.evaluation.parameters.sources.filter(
            pl.col("importer") == self.importer.code,
            pl.col("material") == self.material.code,
            pl.col("measure") == "economic_importance",
        )["source"]
        return None if found.is_empty() else str(found[0])

    def _importance(self) -> MaterialStep:
        source = self._source_of_importance()

        def lines(language: str) -> list[str]:
            name = "economic_importance"
            ends = (self.row[name], self.row[f"{name}_low"], self.row[f"{name}_high"])
            said = [spoken_range(*ends, language)]
            if source is not None:
                said.append(TEXTS[language]["source"].format(source=spoken_source(source, language)))
            return said

        return self._step("economic_importance", lines, self.row["economic_importance"])

    def _verdict(self) -> MaterialStep:
        rule = self.evaluation.assessment.method
        critical = self.row["critical"]

        def lines(language: str) -> list[str]:
            texts = TEXTS[language]
            said = [self._rounded(name, language) for name in ("supply_risk", "economic_importance")]
            if critical is None:
                reason = spoken_reason(self.row["reason"] or "", language)
                return [*said, texts["open"].format(reason=reason)]
            return [*said, texts["critical" if critical else "not_critical"]]

        return self._step(
            "verdict",
            lines,
            None,
            critical,
            risk=lambda language: number(rule.thresholds["supply_risk"], language),
            importance=lambda language: number(rule.thresholds["economic_importance"], language),
        )

    def _rounded(self, name: str, language: str) -> str:
        """Test one value against its threshold, the rounding shown."""
        rule, texts = self.evaluation.assessment.method, TEXTS[language]
        threshold, decimals = rule.thresholds[name], int(rule.parameters["decimals"])
        value, low, high = self.row[name], self.row[f"{name}_low"], self.row[f"{name}_high"]

        def rounded(one: float) -> float:
            return float(at_one_decimal(one, decimals))

        def met(one: float) -> bool:
            return rounded(one) >= threshold - 1e-9

        limit = number(threshold, language)
        if value is not None:
            return texts["rounded"].format(
                name=texts[name],
                value=number(value, language, 4),
                rounded=number(rounded(value), language, decimals),
                threshold=limit,
                answer=texts["yes" if met(value) else "no"],
            )
        if low is None or high is None:
            return texts["parameter"].format(
                name=texts[name], value=texts["not_known"], source=f">= {limit}: {texts['open_answer']}"
            )
        answer = "open_answer" if met(low) != met(high) else "yes" if met(low) else "no"
        return texts["rounded_between"].format(
            name=texts[name],
            low=number(low, language, 4),
            rounded_low=number(rounded(low), language, decimals),
            high=number(high, language, 4),
            rounded_high=number(rounded(high), language, decimals),
            threshold=limit,
            answer=texts[answer],
        )

    def _goals(self) -> MaterialStep:
        rows = {row["stage"]: row for row in self._known_stages().iter_rows(named=True)}
        goals = self.evaluation.assessment.benchmark.thresholds
        at_home = {
            stage: None if row["import_reliance"] is None else 1 - row["import_reliance"]
            for stage, row in rows.items()
        }
        # recycling is of use, the same at every stage
        recycled = next((row["recycling_rate"] for row in rows.values()), None)
        values = {
            "goal_extraction": at_home.get("extraction"),
            "goal_processing": at_home.get("processing"),
            "goal_recycling": recycled,
        }

        def lines(language: str) -> list[str]:
            texts = TEXTS[language]
            scope = spoken_scope(self.material.strategic_scope, language)
            kind = "goals_strategic" if self.material.strategic else "goals_not_strategic"
            said = [texts[kind].format(scope=scope)]
            for key, value in values.items():
                goal = goals[_GOALS[key]]
                answer = "not_known" if value is None else "yes" if value >= goal - 1e-9 else "no"
                said.append(
                    texts["goal"].format(
                        what=texts[key],
                        value=percent(value, language),
                        goal=percent(goal, language),
                        answer=texts[answer],
                    )
                )
            return said

        return self._step("goals", lines)

    def _beside_published(self) -> MaterialStep:
        rows = self.published.filter(pl.col("material") == self.material.code).sort("year").to_dicts()
        scored = [row for row in rows if row["supply_risk"] is not None]
        last = scored[-1] if scored else None
        ours = self.row["supply_risk"]
        difference = None if last is None or ours is None else ours - last["supply_risk"]

        def lines(language: str) -> list[str]:
            texts = TEXTS[language]
            if last is None:
                return [texts["published_none"]]
            said = [self._published_line(row, language) for row in rows]
            printed = {"published": number(last["supply_risk"], language), "year": last["year"]}
            if ours is not None:
                shown = number(difference, language)
                said.append(
                    texts["published_difference"].format(
                        ours=number(ours, language), difference=shown, **printed
                    )
                )
            else:
                between = spoken_range(
                    None, self.row["supply_risk_low"], self.row["supply_risk_high"], language
                )
                said.append(texts["published_between"].format(ours=between, **printed))
            return [*said, *self._inputs_of_study(rows, language), *self._why(rows, language)]

        return self._step("published", lines, difference)

    def _published_line(self, row: Mapping[str, Any], language: str) -> str:
        texts = TEXTS[language]
        listed = ""
        if row["year"] in published_list_years():
            listed = texts["listed" if on_published_list(self.material.code, row["year"]) else "not_listed"]
        return texts["published_line"].format(
            year=row["year"],
            risk=number(row["supply_risk"], language),
            importance=number(row["economic_importance"], language),
            listed=listed,
        )

    def _study_with_inputs(self, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        return next((row for row in rows if row["year"] == _YEAR_WITH_INPUTS and row.get("stage")), None)

    def _inputs_of_study(self, rows: Sequence[Mapping[str, Any]], language: str) -> list[str]:
        """Set the inputs that the study of 2017 printed beside ours, at the stage that it looked at."""
        study = self._study_with_inputs(rows)
        if study is None:
            return []
        texts = TEXTS[language]
        mine = next((view.row for view in self.views if view.stage == study["stage"]), None)
        if mine is None:
            return []
        stage = texts[study["stage"]]
        names = {
            "governed_world": texts["world_title"].format(stage=stage),
            "governed_sourcing": texts["used_title"].format(stage=stage),
        }
        return [
            texts["published_input"].format(
                name=names.get(key, texts.get(key, key)),
                ours=number(mine[key], language),
                year=study["year"],
                published=number(study[key], language),
            )
            for key in _INPUTS
            if study[key] is not None
        ]

    def _why(self, rows: Sequence[Mapping[str, Any]], language: str) -> list[str]:
        texts = TEXTS[language]
        said = [texts["why_title"]]
        if self.importer.code != STUDY_IMPORTER:
            said.append(texts["why_importer"].format(importer=self.importer.label))
        if self.evaluation.trade is not None:
            said.append(texts["why_trade"].format(years=self.years))
        if self.views:
            said.append(texts["why_governance"].format(source=self.views[0].governance_source))
        given = self.evaluation.parameters.sources.filter(
            pl.col("importer") == self.importer.code,
            pl.col("material") == self.material.code,
            pl.col("measure").is_in(["import_reliance", "substitution_risk"]),
        )["source"]
        if given.len():
            sources = "; ".join(spoken_source(each, language) for each in given.unique().sort())
            said.append(texts["why_reliance"].format(sources=sources))
        study = self._study_with_inputs(rows)
        if study is not None:
            said.append(texts["why_stage"].format(stage=texts[study["stage"]]))
        if any(view.row["mixed"] for view in self.views):
            said.append(texts["why_mixed"])
        return [said[0], *(f"  {line}" for line in said[1:])]

    def _main_suppliers(self) -> MaterialStep:
        printed = self.main_suppliers.filter(
            pl.col("material") == self.material.code, pl.col("scope") == "world"
        )
        rows = {row["stage"]: row for row in printed.iter_rows(named=True)}
        ours = {row["stage"]: row for row in self._known_stages().iter_rows(named=True)}
        shares = [rows[stage]["share"] for stage in MATERIAL_STAGES if stage in rows]
        difference = shares[1] - shares[0] if len(shares) == len(MATERIAL_STAGES) else None

        def lines(language: str) -> list[str]:
            texts = TEXTS[language]
            if not rows:
                return [texts["published_none"]]
            said = []
            for stage in (each for each in MATERIAL_STAGES if each in rows):
                row, own = rows[stage], ours.get(stage, {})
                said.append(
                    texts["main_line" if own else "main_line_alone"].format(
                        stage=texts[stage],
                        economy=spoken_economy(row["economy"], language),
                        share=percent(row["share"], language),
                        years=row["years"],
                        source=row["source"],
                        own_economy=spoken_economy(own.get("main_world_supplier"), language),
                        own_share=percent(own.get("main_world_share"), language),
                    )
                )
            if difference is not None:
                more = "processing" if difference > 0 else "extraction" if difference < 0 else "equal"
                said.append(texts["main_more"].format(stage=texts[more]))
            return said

        return self._step("main_suppliers", lines, difference)

    def _in_chains(self) -> MaterialStep:
        above = set(self.material.parents)
        found = [
            (chain, stage)
            for chain in self.chains
            for stage in chain.stages
            if any(
                one.material == self.material.code
                or one.material in above
                or self.material.code in material(one.material).parents
                for one in stage.materials
            )
        ]

        def lines(language: str) -> list[str]:
            if not found:
                return [TEXTS[language]["chains_none"]]
            return [
                f"{chain.name[language]} ({chain.code}): {stage.name[language]}" for chain, stage in found
            ]

        return self._step("chains", lines)

    def _unknown(self) -> MaterialStep:
        known = set(self._known_stages()["stage"])

        def lines(language: str) -> list[str]:
            texts = TEXTS[language]
            said = [
                texts["unknown_stage"].format(stage=texts[stage])
                for stage in MATERIAL_STAGES
                if stage not in known
            ]
            for view in self.views:
                said += [
                    texts["unknown_parameter"].format(stage=texts[view.stage], name=texts[name])
                    for name in ("import_reliance", "recycling_rate", "substitution_risk")
                    if view.row[name] is None
                ]
            without = {
                code
                for view in self.views
                for side in ("world", "sourcing")
                for code in (view.row[f"{side}_unknown_governance"] or "").split(";")
                if code
            }
            if without:
                economies = ", ".join(spoken_economy(code, language) for code in sorted(without))
                said.append(texts["unknown_governance"].format(economies=economies))
            if self.row["economic_importance_high"] is None:
                said.append(texts["economic_importance"])
            return said or [texts["unknown_none"]]

        return self._step("unknown", lines)
