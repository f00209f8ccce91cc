"""What is not known of a raw material, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from geomonitor.materials.explain_texts import spoken_reason
from geomonitor.report.language import OTHER
from geomonitor.report.material_view import STAGES, MaterialView, capital

__all__ = ["unknowns"]

# suppliers whose governance matters to the result
_SMALLEST_NAMED = 0.02
# said with its bounds, for all importers and stages at once
_RELIANCE = "import reliance is not known"


def unknowns(view: MaterialView, code: str) -> list[str]:
    """Say what is not known of a material, and why; what holds for all importers is said once.

    Parameters
    ----------
    view : MaterialView
    code : str
        Of the material.
    """
    content = view.content
    say = content.language
    rows = [
        {**row, "shown": view.importer_name(importer)}
        for importer in content.in_full
        for row in content.of_importer("materials", importer)
        .filter(pl.col("material") == code)
        .iter_rows(named=True)
    ]
    labels = [importer.label for importer in content.in_full]
    stages = content.tables["material_stages"].filter(
        pl.col("material") == code, pl.col("label").is_in(labels)
    )
    found: dict[str, None] = {}
    found |= dict.fromkeys(_verdicts(view, rows))
    if rows and all(row["economic_importance"] is None for row in rows):
        found[say.say("reason.no_use_data")] = None
    present = set(stages["stage"])
    for stage in STAGES:
        if stage not in present:
            found[say.say("materials.unknown_stage", stage=say.say(f"stage.{stage}"))] = None
    for row in stages.iter_rows(named=True):
        found |= dict.fromkeys(_of_stage(view, row))
    found |= dict.fromkeys([*_reliances(view, stages), *_ungoverned(view, code)])
    return list(found)


def _verdicts(view: MaterialView, rows: list[dict[str, Any]]) -> list[str]:
    """Say for whom the verdict is open, reason by reason."""
    say = view.content.language
    open_for: dict[str, list[str]] = {}
    for row in rows:
        if row["critical"] is None and row["reason"]:
            open_for.setdefault(spoken_reason(row["reason"], say.code), []).append(row["shown"])
    return [
        say.say("materials.unknown_verdict", importers=say.listing(who), reason=reason)
        for reason, who in open_for.items()
    ]


def _of_stage(view: MaterialView, row: Mapping[str, Any]) -> list[str]:
    say = view.content.language
    name = capital(say.say(f"stage.{row['stage']}"))
    found = []
    if row["reason"] and row["reason"] != _RELIANCE:
        found.append(f"{name}: {spoken_reason(row['reason'], say.code)}.")
    if row["mixed"]:
        found.append(f"{name}: {_lower(say.say('reason.mixed_products'))}")
    if row.get("products_missing"):
        products = say.listing(row["products_missing"].split(";"))
        found.append(say.say("materials.unknown_products", stage=name, products=products))
    found += [
        f"{name}: {_lower(say.say(f'reason.{key}'))}"
        for column, key in (
            ("recycling_rate", "recycling"),
            ("substitution_risk", "substitution"),
            ("import_reliance", "import_reliance"),
        )
        if row[column] is None and row.get(f"{column}_low") is None
    ]
    return found


def _reliances(view: MaterialView, stages: pl.DataFrame) -> list[str]:
    """Say between which bounds import reliance is known, for all stages and importers at once."""
    say = view.content.language
    bounded = stages.filter(pl.col("import_reliance_high") - pl.col("import_reliance_low") > 0.005)
    named: dict[tuple[str, str], list[str]] = {}
    for importer, stage, low, high in bounded.select(
        "importer", "stage", "import_reliance_low", "import_reliance_high"
    ).iter_rows():
        interval = f"{say.share(low)}–{say.share(high)}"
        named.setdefault((say.importer(importer), interval), []).append(say.say(f"stage.{stage}"))
    if not named:
        return []
    ranges = "; ".join(
        f"{importer}: {interval} ({say.listing(which)})" for (importer, interval), which in named.items()
    )
    return [say.say("materials.unknown_reliance", ranges=ranges)]


def _ungoverned(view: MaterialView, code: str) -> list[str]:
    """Name larger suppliers without an estimate of governance."""
    say = view.content.language
    table = view.content.tables["material_suppliers"].filter(
        pl.col("material") == code, pl.col("governance").is_null(), pl.col("share") >= _SMALLEST_NAMED,
        pl.col("supplier") != OTHER,
    )  # fmt: skip
    if table.is_empty():
        return []
    most = (
        table.group_by("supplier")
        .agg(pl.col("share").max())
        .sort(["share", "supplier"], descending=[True, False])
    )
    named = say.listing(f"{say.economy(each)} ({say.share(share)})" for each, share in most.iter_rows())
    return [say.say("materials.unknown_governance", suppliers=named)]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
