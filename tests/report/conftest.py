"""An edition of real trade, made from the embedded sample without the monitor room."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from geomonitor.codes import group
from geomonitor.data import embedded_dataset, governance
from geomonitor.dependency import ScreeningOptions, measure, method, screen
from geomonitor.dependency.specification import MethodSpecification
from geomonitor.trade import Importer, importer, supply_tables

PERIOD = (2021, 2022, 2023)
METHODS = ("commission-2021", "cepii-geodep-2024")
INTERESTS = {"25": "transitions", "26": "transitions;national_security", "81": "national_security;earning_capacity"}


@dataclass(frozen=True)
class MadeEdition:
    """What the report room needs of an edition."""

    record: dict[str, Any]
    tables: dict[str, pl.DataFrame]
    findings: pl.DataFrame


def _keyed(each: Importer, specification: MethodSpecification) -> list[pl.Expr]:
    return [pl.lit(each.label).alias("label"), pl.lit(specification.id).alias("method")]


def _record(importers: list[Importer], products: int) -> dict[str, Any]:
    dataset = embedded_dataset()
    return {
        "id": "2026-11-21-raw-materials-0123abcd",
        "title": "Raw materials and energy: the Netherlands and the European Union",
        "created": "2026-11-21T20:00:00+00:00",
        "geomonitor_version": "0.1.0",
        "profile": {"name": "raw-materials", "years": [2021, 2023], "importers": ["EU27_2020", "NLD"]},
        "period": [PERIOD[0], PERIOD[-1]],
        "dataset": {
            key: dataset.metadata[key]
            for key in (
                "name", "title", "producer", "citation", "licence", "licence_url",
                "content_sha256", "hs_revision", "years", "rows", "notes",
            )
        },
        "governance": {
            "indicator": "Political Stability and Absence of Violence/Terrorism: Estimate",
            "citation": "Kaufmann and Kraay, Worldwide Governance Indicators, World Bank",
            "licence": "CC BY 4.0",
        },
        "methods": [
            {
                **method(name).as_record(),
                "title": dict(method(name).title),
                "summary": dict(method(name).summary),
                "known_differences": list(method(name).known_differences),
            }
            for name in METHODS
        ],
        "importers": [
            {"code": each.code, "home_code": each.home_code, "label": each.label} for each in importers
        ],
        "engine": "polars",
        "environment": {"python": "3.11", "polars": "2.1.0", "numpy": "2.4"},
        "tables": {"products": {"rows": products, "sha256": "0" * 64}},
        "interests": {"version": "2026-11", "source": "Letters to Parliament on strategic dependencies"},
        "main_method": METHODS[0],
    }


def make_edition() -> MadeEdition:
    """Screen the sample for the European Union and the Netherlands and fill the edition's tables."""
    dataset = embedded_dataset()
    flows = pl.concat([pl.read_parquet(file) for file in dataset.flow_files()])
    main = method(METHODS[0])
    importers = [importer("EU27_2020"), importer("NLD", home_group="EU27_2020")]
    members = [importer(code, home_group="EU27_2020") for code in group("EU27_2020").members if code != "NLD"]
    counterparts = [importer(code) for code in ("CHN", "USA", "GBR", "ZAF", "TUR", "NOR")]
    supply = supply_tables(flows, importers, dataset.years)
    wide = supply_tables(flows, [*importers, *members, *counterparts], PERIOD)
    names = dataset.product_names()
    wgi = governance(PERIOD[-1]).select(
        pl.col("economy").alias("main_supplier"), "governance", "governance_year"
    )

    products, history, suppliers, robustness, common, relations = [], [], [], [], [], []
    for measured in measure(supply, importers, years=PERIOD, options=ScreeningOptions(partner_group="OECD")):
        each = measured.importer
        for name in METHODS:
            products.append(screen(measured, method(name)).table.with_columns(_keyed(each, method(name))))
        base = screen(measured, main).table.select("product", "dependent")
        variants: list[tuple[str, str, pl.DataFrame]] = []
        for condition in main.conditions:
            for factor, sign in ((0.9, "-10 %"), (1.1, "+10 %")):
                changed = main.with_thresholds({condition.indicator: condition.threshold * factor})
                variants.append((f"{condition.indicator} {sign}", "threshold", screen(measured, changed).table))
        for kind, choices in (
            ("single year", [(str(year), [year]) for year in PERIOD]),
            ("leave one out", [(f"without {gone}", [y for y in PERIOD if y != gone]) for gone in PERIOD]),
        ):
            for variant, years in choices:
                again = next(measure(supply, [each], years=years))
                variants.append((variant, kind, screen(again, main).table))
        for variant, kind, table in variants:
            robustness.append(
                base.select("product").join(table.select("product", "dependent"), on="product", how="left")
                .select(
                    pl.lit(each.code).alias("importer"), pl.lit(each.home_code).alias("home"),
                    pl.lit(main.id).alias("method"), "product", pl.lit(variant).alias("variant"),
                    pl.lit(kind).alias("kind"), pl.col("dependent").fill_null(False),
                )
            )
        columns = [
            "importer", "home", "product", "dependent", "import_concentration", "extra_import_share",
            "imports_to_exports", "world_export_concentration", "main_supplier", "main_supplier_share",
            "extra_import_value_kusd",
        ]
        for year in dataset.years:
            table = screen(next(measure(supply, [each], years=[year])), main).table
            history.append(
                table.select(columns).with_columns(
                    method=pl.lit(main.id), year=pl.lit(year, pl.Int16)
                )
            )
        flagged = {row["product"] for part in products[-2:] for row in part.filter("dependent").to_dicts()}
        flows_in = (
            supply.table(each.code)
            .filter(~pl.col("exporter").is_in(each.home), pl.col("product").is_in(sorted(flagged)))
            .with_columns(pl.col("value_kusd").sum().over("product", "exporter").alias("all_years"))
            .with_columns(pl.col("all_years").rank("dense", descending=True).over("product").alias("rank"))
            .with_columns(
                supplier=pl.when(pl.col("rank") <= 8).then("exporter").otherwise(pl.lit("OTHER"))
            )
            .group_by("year", "product", "supplier").agg(pl.col("value_kusd").sum())
            .with_columns(share=pl.col("value_kusd") / pl.col("value_kusd").sum().over("year", "product"))
        )
        suppliers.append(
            flows_in.select(
                pl.lit(each.code).alias("importer"), pl.lit(each.home_code).alias("home"),
                pl.col("year").cast(pl.Int16), "product", "supplier", "value_kusd", "share",
            )
        )
    screened = {
        each.importer.code: screen(each, main).table for each in measure(wide, [*importers, *members])
    }
    own = screened["EU27_2020"].filter("dependent")["product"].to_list()
    for code, table in screened.items():
        if code != "EU27_2020":
            common.append(
                table.filter(pl.col("product").is_in(own)).select(
                    pl.lit("EU27_2020").alias("importer"), pl.lit(main.id).alias("method"), "product",
                    pl.lit(code).alias("member"), "dependent", "main_supplier", "main_supplier_share",
                )
            )
    for each in importers:
        relations.append(
            screened[each.code].filter("dependent").select(
                pl.lit(each.code).alias("importer"), pl.col("main_supplier").alias("counterpart"),
                pl.lit(main.id).alias("method"), pl.lit("on counterpart").alias("direction"), "product",
                (pl.col("extra_import_value_kusd") * pl.col("main_supplier_share")).alias("value_kusd"),
                pl.col("main_supplier_share").alias("share"), pl.lit(True).alias("strategic"),
            )
        )
        options = ScreeningOptions(supplier_groups=("EU27_2020",) if each.is_group else ())
        for measured in measure(wide, counterparts, options=options):
            table = screen(measured, main).table
            relations.append(
                table.filter("dependent", pl.col("main_supplier").is_in(each.members)).select(
                    pl.lit(each.code).alias("importer"),
                    pl.lit(measured.importer.code).alias("counterpart"), pl.lit(main.id).alias("method"),
                    pl.lit("of counterpart").alias("direction"), "product",
                    (pl.col("extra_import_value_kusd") * pl.col("main_supplier_share")).alias("value_kusd"),
                    pl.col("main_supplier_share").alias("share"), pl.lit(False).alias("strategic"),
                )
            )

    all_robust = pl.concat(robustness)
    all_products = pl.concat(products, how="diagonal_relaxed")
    stability = (
        all_robust.join(
            all_products.select("importer", "home", "method", "product", pl.col("dependent").alias("base")),
            on=["importer", "home", "method", "product"],
        )
        .group_by("importer", "home", "method", "product")
        .agg((pl.col("dependent") == pl.col("base")).mean().alias("stability"))
    )
    interests = pl.col("product").str.slice(0, 2).replace_strict(INTERESTS, default="")
    all_products = (
        all_products.join(stability, on=["importer", "home", "method", "product"], how="left")
        .join(wgi, on="main_supplier", how="left")
        .with_columns(
            product_name=pl.col("product").replace_strict(names, default=pl.col("product")),
            interests=interests,
            substitutable=pl.lit(None, pl.Boolean),
        )
        .with_columns(strategic=pl.col("dependent").fill_null(False) & (pl.col("interests") != ""))
        .sort("importer", "method", "product")
    )
    all_history = pl.concat(history)
    return MadeEdition(
        record=_record(importers, all_products.height),
        tables={
            "products": all_products,
            "history": all_history,
            "suppliers": pl.concat(suppliers).sort("importer", "product", "year", "supplier"),
            "robustness": all_robust,
            "churn": _churn(all_history),
            "common": pl.concat(common),
            "relations": pl.concat(relations),
        },
        findings=pl.DataFrame(
            {"subject": ["EU27_2020"], "product": [own[0]], "measure": ["import_concentration"], "value": [0.5]}
        ),
    )


def _churn(history: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for (code, home), part in history.group_by(["importer", "home"], maintain_order=True):
        sets = {
            year: set(table.filter("dependent")["product"].to_list())
            for (year,), table in part.group_by(["year"])
        }
        for year in sorted(sets):
            now, before, long_ago = sets[year], sets.get(year - 1), sets.get(year - 5)
            rows.append(
                {
                    "importer": code, "home": home, "method": METHODS[0], "year": year,
                    "dependent_count": len(now),
                    "came": len(now - before) if before is not None else None,
                    "went": len(before - now) if before is not None else None,
                    "gone_share": len(before - now) / len(before) if before else None,
                    "gone_share_5y": len(long_ago - now) / len(long_ago) if long_ago else None,
                }
            )
    return pl.DataFrame(rows)


@pytest.fixture(scope="session")
def real_edition() -> MadeEdition:
    """Real trade of 74 raw materials; shared, so never changed by a test."""
    return make_edition()


@pytest.fixture
def changed_edition(real_edition: MadeEdition) -> Callable[..., MadeEdition]:
    """Make a copy of the real edition with other tables or record entries."""

    def change(tables: dict[str, pl.DataFrame] | None = None, **record: Any) -> MadeEdition:
        return MadeEdition(
            record={**copy.deepcopy(real_edition.record), **record},
            tables={**real_edition.tables, **(tables or {})},
            findings=real_edition.findings,
        )

    return change


@pytest.fixture(scope="session")
def written_briefs(real_edition: MadeEdition, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The brief of the real edition in both languages."""
    from geomonitor.report import write_brief

    folder = tmp_path_factory.mktemp("briefs")
    return {
        language: write_brief(real_edition, folder / f"brief.{language}.html", language)
        for language in ("en", "nl")
    }
