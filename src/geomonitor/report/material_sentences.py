"""What the brief says of raw materials in sentences; every number comes from a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from geomonitor.codes import material
from geomonitor.materials import at_one_decimal, material_method
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.material_names import MaterialNames

__all__ = [
    "SHARE_MEASURE",
    "MaterialRules",
    "importer_sentences",
    "latest_published",
    "material_finding",
    "published_sentences",
    "scored_materials",
    "stage_counts",
    "stage_verdict",
]

# how the table of comparisons names the measure that is a share
SHARE_MEASURE = "main supplier's share"
# names in a sentence; the figures and tables have them all
_NAMED = 6

_COUNTED_AS_ONE = ("light_rare_earths", "heavy_rare_earths")


@dataclass(frozen=True, slots=True)
class MaterialRules:
    """What values are tested against.

    Attributes
    ----------
    supply_risk, economic_importance : float
        A material is critical where both are reached, on values rounded to one decimal.
    benchmark : float
        Largest share of one third country at a stage, between 0 and 1.
    home_goals : tuple of float
        Parts of yearly use to be extracted, processed and recycled at home.
    """

    supply_risk: float
    economic_importance: float
    benchmark: float
    home_goals: tuple[float, float, float]

    @classmethod
    def of(cls, content: Content) -> MaterialRules:
        """Take the thresholds that the edition used, and those of the specifications where it names none."""
        used: dict[str, float] = {}
        for name in ("eu-crm-2017", "crma-2024"):
            used |= dict(material_method(name).thresholds)
        for each in (content.record.get("materials") or {}).get("methods", ()):
            used |= {name: float(value) for name, value in each.get("thresholds", {}).items()}
        return cls(
            used["supply_risk"],
            used["economic_importance"],
            used["largest_third_country_share"],
            (used["extraction_share"], used["processing_share"], used["recycling_share"]),
        )

    def at_risk(self, low: pl.Series, high: pl.Series) -> pl.Series:
        """Say whether supply risks reach the threshold: null where it lies between their bounds."""
        least, most = (
            at_one_decimal(each.cast(pl.Float64).fill_null(float("nan")).to_numpy()) for each in (low, high)
        )
        reached = pl.Series(least >= self.supply_risk - 1e-9)
        missed = pl.Series(most < self.supply_risk - 1e-9)
        return pl.select(pl.when(reached).then(True).when(missed).then(False)).to_series()


def scored_materials(content: Content, importer: ShownImporter, rules: MaterialRules) -> pl.DataFrame:
    """Take one importer's materials with a supply risk or bounds of it, the highest lower bound first.

    Returns
    -------
    polars.DataFrame
        With `least` and `most`, the bounds, and `at_risk`: whether the threshold is reached (null: open).
    """
    table = content.of_importer("materials", importer).with_columns(
        least=pl.coalesce("supply_risk_low", "supply_risk").cast(pl.Float64),
        most=pl.coalesce("supply_risk_high", "supply_risk").cast(pl.Float64),
    )
    scored = table.filter(pl.col("least").is_not_null(), pl.col("most").is_not_null()).sort(
        ["least", "most", "material"], descending=[True, True, False]
    )
    return scored.with_columns(at_risk=rules.at_risk(scored["least"], scored["most"]))


def latest_published(content: Content) -> pl.DataFrame:
    """Take the latest assessment that was published, of the materials that were assessed."""
    table = content.tables["material_published"].filter(
        pl.col("supply_risk").is_not_null(), pl.col("economic_importance").is_not_null()
    )
    return table.filter(pl.col("year") == pl.col("year").max())


def published_sentences(content: Content, names: MaterialNames, rules: MaterialRules) -> list[str]:
    """Say what the published lists are, how they changed, and what is listed on other grounds."""
    say = content.language
    latest = latest_published(content)
    if latest.is_empty():
        return []
    year = latest["year"][0]
    critical = set(latest.filter("critical")["material"])
    texts = [
        say.say(
            "materials.finding_published",
            number=say.number(len(critical)),
            total=say.number(latest.height),
            year=year,
            risk=say.number(rules.supply_risk, 1),
            importance=say.number(rules.economic_importance, 1),
        )
    ]
    table = content.tables["material_published"]
    listed = table.filter(pl.col("year") == year, "listed")
    other = sorted(set(listed["material"]) - critical, key=names.name)
    if other:
        texts[0] += " " + say.count(
            "materials.finding_listed_only", len(other), materials=_listed(content, names, other)
        )
    earlier = table.filter(pl.col("year") < year, pl.col("year") >= 2017, pl.col("critical").is_not_null())
    if earlier.height:
        before = earlier.filter(pl.col("year") == pl.col("year").max())
        both = set(before["material"]) & set(latest["material"])
        was = set(before.filter("critical")["material"])
        came = sorted((critical - was) & both, key=names.name)
        went = sorted((was - critical) & both, key=names.name)
        texts.append(
            say.say(
                "materials.finding_moves",
                year=before["year"][0],
                came=_listed(content, names, came) or say.say("materials.nobody"),
                went=_listed(content, names, went) or say.say("materials.nobody"),
            )
        )
    return texts


def _listed(content: Content, names: MaterialNames, codes: Iterable[str]) -> str:
    """Name materials in a sentence, the first few where there are many."""
    say, found = content.language, list(codes)
    words = [names.lower(code) for code in found[:_NAMED]]
    if len(found) > _NAMED:
        words.append(say.say("materials.and_more", number=say.number(len(found) - _NAMED)))
    return say.listing(words)


def stage_counts(comparison: pl.DataFrame) -> tuple[int, int, int]:
    """Count materials whose processing is more, less and equally concentrated than their extraction.

    Examples
    --------
    >>> stage_counts(pl.DataFrame({"difference": [0.2, -0.1, 0.0, None]}))
    (1, 1, 1)
    """
    known = comparison["difference"].drop_nulls()
    return int((known > 0).sum()), int((known < 0).sum()), int((known == 0).sum())


def stage_verdict(content: Content, comparison: pl.DataFrame) -> str:
    """Answer, for one measure of one source, whether processing is more concentrated than extraction."""
    say = content.language
    processing, extraction, equal = stage_counts(comparison)
    text = say.say(
        "materials.stage_verdict",
        processing=say.number(processing),
        extraction=say.number(extraction),
        total=say.number(processing + extraction + equal),
    )
    text = f"{text}, {say.count('materials.stage_equal', equal)}" if equal else text
    grouped = by_group(comparison)
    if grouped.height == comparison.height:
        return text
    # thirteen elements with the same printed shares are not thirteen answers
    processing, extraction, equal = stage_counts(grouped)
    counted = say.say(
        "materials.stage_verdict_groups",
        processing=say.number(processing),
        extraction=say.number(extraction),
        total=say.number(processing + extraction + equal),
    )
    return f"{text} ({counted})"


def by_group(comparison: pl.DataFrame) -> pl.DataFrame:
    """Put elements of one group (light or heavy rare earths) together, by the mean of their differences.

    Parameters
    ----------
    comparison : polars.DataFrame
        `material`, `difference`.

    Examples
    --------
    >>> frame = pl.DataFrame({"material": ["cerium", "lanthanum", "cobalt"], "difference": [0.2, 0.2, -0.1]})
    >>> by_group(frame)["material"].to_list()
    ['cobalt', 'light_rare_earths']
    """
    groups = {
        code: next((each for each in material(code).parents if each in _COUNTED_AS_ONE), code)
        for code in comparison["material"].unique()
    }
    return (
        comparison.drop_nulls("difference")
        .with_columns(pl.col("material").replace_strict(groups, return_dtype=pl.String))
        .group_by("material")
        .agg(pl.col("difference").mean().round(12))
        .sort("material")
    )


def importer_sentences(
    content: Content, importer: ShownImporter, names: MaterialNames, rules: MaterialRules
) -> list[str]:
    """Say what is at risk for one importer, and where one country supplies too much."""
    say = content.language
    table = content.of_importer("materials", importer)
    scored = scored_materials(content, importer, rules)
    if scored.is_empty():
        return [say.say("materials.finding_unknown", importer=importer.name)] if table.height else []
    risky = scored.filter("at_risk")
    texts = [
        _counted(
            content,
            "materials.finding_risk",
            risky.height,
            importer=importer.name,
            total=say.number(scored.height),
            risk=say.number(rules.supply_risk, 1),
            open=say.number(int(scored["at_risk"].null_count())),
        )
    ]
    if risky.height:
        top = say.listing(
            f"{names.lower(row['material'])} ({say.number(row['least'], 1)})"
            for row in risky.head(3).iter_rows(named=True)
        )
        texts[0] += " " + say.say("materials.finding_highest", materials=top)
    if table.height > scored.height:
        texts[0] += " " + say.count("materials.finding_unscored", table.height - scored.height)
    verdicts = scored["critical"].drop_nulls()
    if len(verdicts):
        texts.append(
            say.say(
                "materials.finding_critical",
                number=say.number(int(verdicts.sum())),
                no=say.number(int((~verdicts).sum())),
                open=say.number(scored.height - len(verdicts)),
            )
        )
    texts += _above(content, importer, rules)
    texts += _beside_published(content, importer, scored)
    return texts


def _counted(content: Content, key: str, number: int, **values: object) -> str:
    """Give a text with its number, or the one for none."""
    if number == 0:
        return content.language.say(f"{key}_none", **values)
    return content.language.count(key, number, **values)


def _above(content: Content, importer: ShownImporter, rules: MaterialRules) -> list[str]:
    """Say for which materials one country outside supplies more than the benchmark."""
    say = content.language
    stages = content.of_importer("material_stages", importer)
    known = stages.filter(pl.col("main_supplier_share").is_not_null())
    if known.is_empty():
        return []
    above = known.filter(pl.col("above_benchmark").fill_null(value=False))
    materials = set(above["material"])
    open_ones = set(known.filter(pl.col("above_benchmark").is_null())["material"]) - materials
    text = _counted(
        content,
        "materials.finding_above",
        len(materials),
        total=say.number(known["material"].n_unique()),
        share=say.share(rules.benchmark),
    )
    if materials:
        counted: Counter[Any] = Counter()
        for _, supplier in above.select("material", "main_supplier").unique().iter_rows():
            counted[supplier] += 1
        ranked = sorted(counted, key=lambda code: (-counted[code], say.economy(code)))
        text += " " + say.say(
            "materials.finding_above_suppliers",
            suppliers=say.listing(
                f"{say.economy(code)} ({say.number(counted[code])})" for code in ranked[:3]
            ),
        )
        strategic = content.of_importer("materials", importer).filter("strategic")
        held = materials & set(strategic["material"])
        text += " " + say.count("materials.finding_above_strategic", len(held))
    if open_ones:
        text += " " + say.count("materials.finding_above_open", len(open_ones))
    return [text]


def _beside_published(content: Content, importer: ShownImporter, scored: pl.DataFrame) -> list[str]:
    """Say how far our own values lie from those that were published for the same importer."""
    say = content.language
    both = scored.filter(pl.col("published_supply_risk").is_not_null())
    # the studies measure one importer: the first of the edition, where it is a group
    if importer != content.importers[0] or len(importer.members) < 2 or both.height < 3:
        return []
    year = both["published_year"].max()
    exact = both.filter(pl.col("supply_risk").is_not_null())
    texts = []
    if exact.height >= 3:
        distance = (exact["supply_risk"] - exact["published_supply_risk"]).abs().median()
        texts.append(
            say.say(
                "materials.finding_distance",
                distance=say.number(float(distance), 1),  # type: ignore[arg-type]
                total=say.number(exact.height),
                year=year,
            )
        )
    between = both.filter(pl.col("supply_risk").is_null())
    if between.height:
        inside = between.filter(pl.col("published_supply_risk").round(1).is_between("least", "most"))
        texts.append(
            say.say(
                "materials.finding_inside",
                number=say.number(inside.height),
                total=say.number(between.height),
            )
        )
    return [" ".join(texts)]


def material_finding(content: Content, importer: ShownImporter) -> str | None:
    """Say in one sentence what the part on raw materials finds for an importer."""
    say = content.language
    rules = MaterialRules.of(content)
    scored = scored_materials(content, importer, rules)
    if scored.is_empty():
        return None
    return _counted(
        content,
        "materials.finding",
        int(scored["at_risk"].sum()),
        open=say.number(int(scored["at_risk"].null_count())),
        total=say.number(scored.height),
        risk=say.number(rules.supply_risk, 1),
        above=say.number(int(scored["above_benchmark"].fill_null(value=False).sum())),
        share=say.share(rules.benchmark),
    )
