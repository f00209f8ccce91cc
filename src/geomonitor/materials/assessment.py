"""Supply risk of many materials at every stage, with bounds, contributions and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.materials.criticality import is_critical
from geomonitor.materials.shares import governed_shares
from geomonitor.materials.specification import MaterialMethod, material_method
from geomonitor.materials.supply_risk import (
    SUPPLY_RISK_FACTORS,
    sourcing_with_home,
    supply_risk,
    supply_risk_bounds,
)
from geomonitor.trade import Importer, one_a_code

__all__ = ["ASSESSMENT_PARAMETERS", "NO_SUPPLY_KNOWN", "Assessment", "assess"]

Floats = NDArray[np.float64]
Basis = Literal["production", "trade"]

ASSESSMENT_PARAMETERS: Mapping[str, tuple[float, float]] = {
    "import_reliance": (0.0, 1.0),
    "recycling_rate": (0.0, 1.0),
    "substitution_risk": (0.8, 1.0),
}
"""What an assessment needs beside shares and governance, and between what it lies where it is not known."""

NO_SUPPLY_KNOWN = "no supply of it is known here"
"""Why a material that was studied elsewhere has no value here."""

_SIDES = ("abroad", "home")
_INNER = (
    *("world_reason", "sourcing_reason", "governed_world_plain", "governed_sourcing_plain"),
    *(f"{what}_{side}" for side in _SIDES for what in ("concentration", "governed", "plain", "low", "high")),
)
_KEYS = ("importer", "material", "stage")


@dataclass(frozen=True, slots=True)
class Assessment:
    """Supply risk of materials for importers.

    Attributes
    ----------
    stages : polars.DataFrame
        One row an importer, material and stage: `importer`, `material`, `stage`, `basis`,
        `world_concentration`, `sourcing_concentration` (plain indices), `governed_world`,
        `governed_sourcing` with `_low` and `_high`, `import_reliance`, `recycling_rate`,
        `substitution_risk` with `_low` and `_high`, `supply_risk`, `supply_risk_low`,
        `supply_risk_high`, `main_world_supplier`, `main_world_share`, `main_supplier`,
        `main_supplier_share` (of the supply that is used, from outside home; at most so much where import
        reliance is not known, at least `main_supplier_share_low`), `above_benchmark` (null where open),
        `mixed` and `reason` (why there is no value).
    materials : polars.DataFrame
        One row an importer and material: the stage with the highest risk, `economic_importance` with
        bounds, and `critical` (null where the verdict hangs on what is not known).
    factors : polars.DataFrame
        One row an importer, material, stage and factor: `value`, `supply_risk`,
        `supply_risk_if_neutral` (with the factor at 1) and `contribution`, the difference.
    basis : {'production', 'trade'}
        What the shares are shares of.
    method, benchmark : MaterialMethod
    """

    stages: pl.DataFrame
    materials: pl.DataFrame
    factors: pl.DataFrame
    basis: Basis
    method: MaterialMethod
    benchmark: MaterialMethod

    def plot(self, importer: str | None = None) -> Any:
        """Draw the supply risk of every material with its bounds.

        Parameters
        ----------
        importer : str, optional
            The first where left out.
        """
        import plotly.graph_objects as go

        chosen = importer or self.materials["importer"][0]
        rows = (
            self.materials.filter(pl.col("importer") == chosen)
            .filter(pl.col("supply_risk_high").is_not_null())
            .sort(pl.coalesce("supply_risk", "supply_risk_high"), "material")
        )
        known, between = (
            rows.filter(each)
            for each in (pl.col("supply_risk").is_not_null(), pl.col("supply_risk").is_null())
        )
        figure = go.Figure()
        shown, low, high = (known[f"supply_risk{end}"].to_numpy() for end in ("", "_low", "_high"))
        figure.add_scatter(
            x=shown,
            y=known["material"].to_list(),
            mode="markers",
            name="value",
            error_x={"array": high - shown, "arrayminus": shown - low, "type": "data"},
        )
        # no mark on the line: nothing between the bounds is known
        ends = between.select(
            "material", pl.concat_list("supply_risk_low", "supply_risk_high", pl.lit(None, pl.Float64))
        ).explode("supply_risk_low")
        figure.add_scatter(
            x=ends["supply_risk_low"].to_list(),
            y=ends["material"].to_list(),
            mode="lines",
            name="between bounds",
            line={"width": 4},
        )
        figure.update_yaxes(categoryorder="array", categoryarray=rows["material"].to_list())
        figure.add_vline(x=self.method.thresholds["supply_risk"], line_dash="dash")
        figure.update_layout(xaxis_title=f"supply risk ({self.method.label}, basis {self.basis})")
        return figure


def assess(
    world: pl.DataFrame,
    sourcing: pl.DataFrame,
    weights: pl.DataFrame,
    parameters: pl.DataFrame,
    importers: Sequence[Importer],
    *,
    basis: Basis,
    home: pl.DataFrame | None = None,
    importance: pl.DataFrame | None = None,
    mixed: pl.DataFrame | None = None,
    method: MaterialMethod | None = None,
    benchmark: MaterialMethod | None = None,
) -> Assessment:
    """Assess every material at every stage for every importer.

    Parameters
    ----------
    world : polars.DataFrame
        Shares in world supply: `material`, `stage`, `economy`, `share`, and where known `share_max`,
        `restriction`.
    sourcing : polars.DataFrame
        Shares in the supply that an importer uses, home production included: the same with `importer` (its
        code). With `home`, shares in what it imports only.
    weights : polars.DataFrame
        `economy`, `weight` (governance, 0 best to 10 worst; see `weighted_governance`).
    parameters : polars.DataFrame
        `importer`, `material`, `stage` and any of `import_reliance`, `recycling_rate`,
        `substitution_risk`, each with `_low` and `_high` where it is known between bounds only. What is
        missing is not known.
    importers : sequence of Importer
        Whose members, with those of the group that counts as home, are at home.
    basis : {'production', 'trade'}
    home : polars.DataFrame, optional
        Shares of the economies at home in what is produced at home: the same with `importer`. Import
        reliance then says how much comes from either side.
    importance : polars.DataFrame, optional
        `importer`, `material`, `economic_importance`, and where known its `_low` and `_high` and
        `economic_importance_source`.
    mixed : polars.DataFrame, optional
        `material`, `stage` of supply that is not of the material alone: a value, but no verdict.
    method, benchmark : MaterialMethod, optional
        ``eu-crm-2017`` and ``crma-2024`` where left out.

    Returns
    -------
    Assessment

    Raises
    ------
    DataError
        If an importer is asked for with two homes: one code holds one answer.
    """
    rule = method or material_method("eu-crm-2017")
    goals = benchmark or material_method("crma-2024")
    parts = [_of_importer(each, world, sourcing, home, weights, rule) for each in one_a_code(importers)]
    measured = pl.concat(parts) if parts else _of_nobody(world, sourcing, home, weights, rule)
    rows = _with_sourcing(_with_parameters(measured, parameters, rule))
    values = _risk(rows)
    low, high = _bounds(rows)
    limit = goals.thresholds["largest_third_country_share"]
    stages = rows.with_columns(
        basis=pl.lit(basis),
        supply_risk=_series(values),
        supply_risk_low=_series(low),
        supply_risk_high=_series(high),
        above_benchmark=pl.when(pl.col("main_supplier_share") <= limit)
        .then(False)
        .when(pl.col("main_supplier_share_low") > limit)
        .then(True),
    ).with_columns(reason=pl.when(pl.col("supply_risk").is_null()).then(_reason()))
    of_others = pl.DataFrame(schema={"material": pl.String, "stage": pl.String}) if mixed is None else mixed
    marked = of_others.select("material", "stage", mixed=pl.lit(True)).unique()
    stages = (
        stages.join(marked, on=["material", "stage"], how="left")
        .with_columns(pl.col("mixed").fill_null(False))
        .sort(_KEYS)
    )
    return Assessment(
        stages=stages.drop(_INNER, strict=False),
        materials=_materials(stages, importance, rule),
        factors=_factors(stages),
        basis=basis,
        method=rule,
        benchmark=goals,
    )


def _series(values: Floats) -> pl.Series:
    return pl.Series(values).fill_nan(None)


def _of_importer(
    importer: Importer,
    world: pl.DataFrame,
    sourcing: pl.DataFrame,
    home: pl.DataFrame | None,
    weights: pl.DataFrame,
    rule: MaterialMethod,
) -> pl.DataFrame:
    inside, market = set(importer.home), ["material", "stage"]

    def measured(shares: pl.DataFrame) -> pl.DataFrame:
        own = shares.filter(pl.col("importer") == importer.code).drop("importer")
        return governed_shares(own, weights, market, home=inside, method=rule)

    of_world = governed_shares(world, weights, market, home=inside, method=rule)
    of_used = measured(sourcing)
    rows = (
        of_world.select(
            "material",
            "stage",
            world_concentration="concentration",
            governed_world="governed",
            governed_world_low="governed_low",
            governed_world_high="governed_high",
            governed_world_plain="governed_without_restrictions",
            world_share_sum="share_sum",
            main_world_supplier="main_supplier",
            main_world_share="main_supplier_share",
            world_unknown_governance="unknown_governance",
            world_reason="reason",
        )
        .join(
            of_used.select(
                "material",
                "stage",
                sourcing_concentration="concentration",
                governed_sourcing="governed",
                governed_sourcing_low="governed_low",
                governed_sourcing_high="governed_high",
                governed_sourcing_plain="governed_without_restrictions",
                sourcing_share_sum="share_sum",
                main_supplier="main_foreign_supplier",
                main_supplier_share="main_foreign_share",
                sourcing_unknown_governance="unknown_governance",
                sourcing_reason="reason",
            ),
            on=["material", "stage"],
            how="full",
            coalesce=True,
        )
        .select(pl.lit(importer.code).alias("importer"), pl.all())
    )
    if home is None:
        return rows
    for side, found in zip(_SIDES, (of_used, measured(home)), strict=True):
        of_side = found.select(
            *market,
            pl.col("concentration").alias(f"concentration_{side}"),
            pl.col("governed").alias(f"governed_{side}"),
            pl.col("governed_without_restrictions").alias(f"plain_{side}"),
            pl.col("governed_low").alias(f"low_{side}"),
            pl.col("governed_high").alias(f"high_{side}"),
        )
        rows = rows.join(of_side, on=market, how="left", maintain_order="left")
    # who exports nothing may still produce: anything from nothing to one producer, the worst governed at home
    governed_at_home = weights.filter(pl.col("economy").is_in(list(inside)))
    worst = rule.parameters["governance_scale"]
    if governed_at_home.height == len(inside):
        worst = float(governed_at_home["weight"].to_numpy().max(initial=0.0))
    return rows.with_columns(
        pl.col("low_home").fill_null(0.0),
        pl.col("high_home").fill_null(worst * rule.parameters["restriction_inside_home_group"]),
    )


def _of_nobody(
    world: pl.DataFrame,
    sourcing: pl.DataFrame,
    home: pl.DataFrame | None,
    weights: pl.DataFrame,
    rule: MaterialMethod,
) -> pl.DataFrame:
    nobody = Importer("", (), (), "")
    nothing = None if home is None else home.clear()
    return _of_importer(nobody, world.clear(), sourcing.clear(), nothing, weights, rule)


def _with_parameters(rows: pl.DataFrame, parameters: pl.DataFrame, rule: MaterialMethod) -> pl.DataFrame:
    wanted: list[pl.Expr] = []
    for name, (lowest, highest) in ASSESSMENT_PARAMETERS.items():
        least = rule.parameters["substitution_lowest"] if name == "substitution_risk" else lowest
        value = pl.col(name) if name in parameters.columns else pl.lit(None, dtype=pl.Float64)
        given = {
            side: pl.col(f"{name}_{side}") if f"{name}_{side}" in parameters.columns else pl.lit(None)
            for side in ("low", "high")
        }
        wanted += [
            value.cast(pl.Float64).alias(name),
            pl.coalesce(given["low"], value, pl.lit(least)).cast(pl.Float64).alias(f"{name}_low"),
            pl.coalesce(given["high"], value, pl.lit(highest)).cast(pl.Float64).alias(f"{name}_high"),
        ]
    joined = rows.join(parameters, on=_KEYS, how="left", maintain_order="left")
    return joined.select(*rows.columns, *wanted)


def _column(rows: pl.DataFrame, name: str) -> Floats:
    return rows[name].cast(pl.Float64).fill_null(float("nan")).to_numpy().astype(np.float64)


def _has_home(rows: pl.DataFrame) -> bool:
    return "governed_home" in rows.columns


def _sides(rows: pl.DataFrame, what: str) -> tuple[Floats, Floats]:
    """Give supply from abroad and from home."""
    abroad, home = (_column(rows, f"{what}_{side}") for side in _SIDES)
    return abroad, home


def _together(rows: pl.DataFrame, what: str, reliance: Floats) -> Floats:
    """Put supply from abroad and from home together."""
    return sourcing_with_home(*_sides(rows, what), reliance)


def _with_sourcing(rows: pl.DataFrame) -> pl.DataFrame:
    """Replace the concentration of imports by that of all supply that is used."""
    if not _has_home(rows):
        return rows.with_columns(main_supplier_share_low="main_supplier_share")
    reliance = _column(rows, "import_reliance")
    grid = _reliance_grid(rows)
    lowest, highest = _sides(rows, "low"), _sides(rows, "high")
    low = np.fmin.reduce([sourcing_with_home(*lowest, each) for each in grid])
    high = np.fmax.reduce([sourcing_with_home(*highest, each) for each in grid])
    return rows.with_columns(
        sourcing_concentration=_series(_together(rows, "concentration", reliance)),
        governed_sourcing=_series(_together(rows, "governed", reliance)),
        governed_sourcing_plain=_series(_together(rows, "plain", reliance)),
        governed_sourcing_low=_series(low),
        governed_sourcing_high=_series(high),
        main_supplier_share=pl.col("main_supplier_share") * pl.col("import_reliance_high"),
        main_supplier_share_low=pl.col("main_supplier_share") * pl.col("import_reliance_low"),
    )


def _reliance_grid(rows: pl.DataFrame, steps: int = 101) -> list[Floats]:
    """Give values of import reliance between its bounds: supply risk has no straight line in it here."""
    low, high = _column(rows, "import_reliance_low"), _column(rows, "import_reliance_high")
    return [low + part * (high - low) for part in np.linspace(0.0, 1.0, steps)]


def _risk(rows: pl.DataFrame, **changed: Floats | float) -> Floats:
    reliance, recycling, substitution = (
        np.broadcast_to(np.asarray(changed.get(name, _column(rows, name))), (rows.height,))
        for name in ASSESSMENT_PARAMETERS
    )
    world = changed.get("governed_world", _column(rows, "governed_world"))
    if "governed_sourcing" in changed:
        sourcing = changed["governed_sourcing"]
    elif _has_home(rows):
        sourcing = _together(rows, "governed", np.asarray(reliance, dtype=np.float64))
    else:
        sourcing = _column(rows, "governed_sourcing")
    values = supply_risk(world, sourcing, reliance, recycling, substitution)
    # the other concentration counts alone only where there is no supply at all, not where it is not known
    for side, used in (("world", world), ("sourcing", sourcing)):
        there = rows[f"{side}_share_sum"].is_not_null().to_numpy()
        values = np.where(there & np.isnan(used), np.nan, values)
    return values


def _bounds(rows: pl.DataFrame) -> tuple[Floats, Floats]:
    pairs = [
        (_column(rows, f"{name}_low"), _column(rows, f"{name}_high"))
        for name in ("governed_world", "governed_sourcing", *ASSESSMENT_PARAMETERS)
    ]
    low, high = supply_risk_bounds(pairs[0], pairs[1], pairs[2], pairs[3], pairs[4])
    if _has_home(rows):
        # both concentrations hang on import reliance together: narrower than each by itself
        ends: list[list[Floats]] = [[], []]
        sides = _sides(rows, "low"), _sides(rows, "high")
        for reliance in _reliance_grid(rows):
            for end in (0, 1):
                ends[end].append(
                    supply_risk(
                        pairs[0][end],
                        sourcing_with_home(*sides[end], reliance),
                        reliance,
                        pairs[3][1 - end],
                        pairs[4][end],
                    )
                )
        low, high = np.min(np.stack(ends[0]), axis=0), np.max(np.stack(ends[1]), axis=0)
    for side in ("world", "sourcing"):
        there = rows[f"{side}_share_sum"].is_not_null().to_numpy()
        unbounded = rows[f"governed_{side}_high"].is_null().to_numpy()
        low, high = (np.where(there & unbounded, np.nan, each) for each in (low, high))
    return low, high


def _reason() -> pl.Expr:
    # with home production apart, what is used is not known for want of import reliance
    both = pl.col("world_share_sum").is_not_null() & pl.col("sourcing_share_sum").is_not_null()
    return (
        pl.when(pl.col("world_reason").is_not_null())
        .then(pl.format("world supply: {}", "world_reason"))
        .when(pl.col("sourcing_reason").is_not_null())
        .then(pl.format("supply that is used: {}", "sourcing_reason"))
        .when(both & pl.col("import_reliance").is_null())
        .then(pl.lit("import reliance is not known"))
        .when(both & pl.col("governed_sourcing").is_null())
        .then(pl.lit("production at home is not known"))
        .when(pl.col("recycling_rate").is_null())
        .then(pl.lit("recycling is not known"))
        .when(pl.col("substitution_risk").is_null())
        .then(pl.lit("substitutes are not known"))
    )


def _factors(stages: pl.DataFrame) -> pl.DataFrame:
    """Put every factor at 1 in turn, the others as they are."""
    actual = _column(stages, "supply_risk")

    def governed(side: str, what: str) -> Floats:
        return _column(stages, f"governed_{side}{what}")

    def part(amount: Floats, whole: Floats) -> Floats:
        return np.asarray(np.divide(amount, whole, out=np.full(whole.shape, np.nan), where=whole > 0))

    neutral: dict[str, tuple[Floats, Floats]] = {
        "concentration": (
            _column(stages, "world_concentration"),
            _risk(
                stages,
                governed_world=part(governed("world", ""), _column(stages, "world_concentration")),
                governed_sourcing=part(governed("sourcing", ""), _column(stages, "sourcing_concentration")),
            ),
        ),
        "governance": (
            part(governed("world", "_plain"), _column(stages, "world_concentration")),
            _risk(
                stages,
                governed_world=_column(stages, "world_concentration"),
                governed_sourcing=_column(stages, "sourcing_concentration"),
            ),
        ),
        "restrictions": (
            part(governed("world", ""), governed("world", "_plain")),
            _risk(
                stages,
                governed_world=governed("world", "_plain"),
                governed_sourcing=governed("sourcing", "_plain"),
            ),
        ),
        "import_reliance": (_column(stages, "import_reliance"), _risk(stages, import_reliance=1.0)),
        "recycling": (1 - _column(stages, "recycling_rate"), _risk(stages, recycling_rate=0.0)),
        "substitution": (_column(stages, "substitution_risk"), _risk(stages, substitution_risk=1.0)),
    }
    frames = []
    for order, name in enumerate(SUPPLY_RISK_FACTORS):
        value, without = neutral[name]
        frames.append(
            stages.select(
                *_KEYS,
                factor=pl.lit(name),
                order=pl.lit(order),
                value=_series(value),
                supply_risk=_series(actual),
                supply_risk_if_neutral=_series(without),
                contribution=_series(actual - without),
            )
        )
    return pl.concat(frames).sort(*_KEYS, "order").drop("order")


def _materials(stages: pl.DataFrame, importance: pl.DataFrame | None, rule: MaterialMethod) -> pl.DataFrame:
    """Take the stage with the highest risk, and give the verdict."""
    # a stage whose bounds reach higher than every known value may be the bottleneck: then none is named
    rank = pl.coalesce("supply_risk", "supply_risk_high").fill_null(float("inf"))
    overall = (
        stages.sort(*_KEYS[:2], rank, "stage", descending=[False, False, True, False])
        .group_by("importer", "material", maintain_order=True)
        .agg(
            pl.first(
                "basis",
                "stage",
                "mixed",
                "supply_risk",
                "main_world_supplier",
                "main_world_share",
                "main_supplier",
                "main_supplier_share",
                "main_supplier_share_low",
                "reason",
            ),
            supply_risk_low=pl.col("supply_risk_low").max(),
            supply_risk_high=pl.when(pl.col("supply_risk_high").null_count() == 0).then(
                pl.col("supply_risk_high").max()
            ),
            above_benchmark=pl.col("above_benchmark").any(ignore_nulls=False),
            stages=pl.col("stage").sort().str.join(";"),
        )
    )
    names = ("economic_importance", "economic_importance_low", "economic_importance_high")
    if importance is None:
        importance = pl.DataFrame(schema={"importer": pl.String, "material": pl.String})
    absent = [name for name in names if name not in importance.columns]
    importance = importance.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in absent)
    if "economic_importance_source" not in importance.columns:
        importance = importance.with_columns(economic_importance_source=pl.lit("computed"))
    joined = overall.join(
        importance.select("importer", "material", *names, "economic_importance_source"),
        on=["importer", "material"],
        how="left",
        maintain_order="left",
    ).with_columns(
        economic_importance_low=pl.coalesce("economic_importance_low", "economic_importance"),
        economic_importance_high=pl.coalesce("economic_importance_high", "economic_importance"),
    )
    surely = is_critical(_column(joined, "supply_risk_low"), _column(joined, "economic_importance_low"), rule)
    # unknown is at most 10 on both scales, so a part that is not known cannot rule a material out
    highest = rule.parameters["economic_importance_scale"]
    possibly = is_critical(
        np.nan_to_num(_column(joined, "supply_risk_high"), nan=highest),
        np.nan_to_num(_column(joined, "economic_importance_high"), nan=highest),
        rule,
    )
    return joined.with_columns(
        critical=pl.when(pl.col("mixed"))
        .then(None)
        .when(pl.Series(surely))
        .then(True)
        .when(pl.Series(~possibly))
        .then(False),
    ).with_columns(
        reason=pl.when(pl.col("critical").is_not_null())
        .then(None)
        .when(pl.col("mixed"))
        .then(pl.lit("its codes hold other materials too"))
        .when(pl.col("economic_importance_high").is_null())
        .then(pl.lit("economic importance is not known"))
        .when(pl.col("reason").is_null())
        .then(pl.lit("the bounds lie on both sides of a threshold"))
        .otherwise("reason")
    )
