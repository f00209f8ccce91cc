"""The part of an edition on stacking: suppliers of the stages of chains, and on whom they stack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import polars as pl

from geomonitor.chains import (
    Chain,
    portfolio_concentration,
    published_world_supply,
    stack_across_chains,
    stage_shares,
)
from geomonitor.data import Dataset
from geomonitor.data.input_output import InputOutputTable
from geomonitor.data.raw_materials import fact_sources
from geomonitor.dependency import Interests
from geomonitor.findings import frame_sha256
from geomonitor.monitor.profile import Profile
from geomonitor.trade import Importer

__all__ = ["STACKING_THRESHOLD", "described_chains", "stacking_tables", "world_supply_record"]

STACKING_THRESHOLD = 0.3
"""A stage counts for an economy that supplies more than this part of it."""


def stacking_tables(
    profile: Profile,
    chains: Sequence[Chain],
    products: pl.DataFrame,
    table: InputOutputTable,
    *,
    dataset: Dataset,
    flows: Any,
    interests: Interests,
) -> dict[str, pl.DataFrame]:
    """Give the suppliers of every stage, and where they stack in a chain and across chains.

    Parameters
    ----------
    profile : Profile
    chains : sequence of Chain
    products : polars.DataFrame
        The table of products of the edition.
    table : InputOutputTable
    dataset : Dataset
    flows : frame
        The flows of the profile's years, of any engine.
    interests : Interests

    Returns
    -------
    dict of str to polars.DataFrame
        Tables `chain_stages`, `chain_stacking` and `stacking_across`.
    """
    order = pl.DataFrame(
        [
            {"chain": chain.code, "stage": stage.code, "place": place}
            for chain in chains
            for place, stage in enumerate(chain.stages, start=1)
        ]
    )
    world = published_world_supply()
    stages, stacking, across = [], [], []
    for each in profile.importers:
        found = stage_shares(
            chains,
            each,
            dataset=dataset,
            years=profile.years,
            flows=flows,
            merge=profile.merge,
            table=table,
            world_supply=world,
        )
        key = [pl.lit(each.code).alias("importer"), pl.lit(each.home_code).alias("home")]
        for part in found:
            about = part.stages.select("chain", "stage", "kind", "materials", "evidence", "source")
            joined = about.join(
                part.table.select("stage", "supplier", "share", "value", "unit"),
                on="stage",
                how="left",
                maintain_order="left_right",
            )
            stages.append(
                joined.join(order, on=["chain", "stage"], how="left", maintain_order="left").select(
                    *key,
                    "chain",
                    "place",
                    "stage",
                    pl.col("kind").alias("stage_kind"),
                    "materials",
                    "supplier",
                    pl.col("share"),
                    "value",
                    "unit",
                    "evidence",
                    "source",
                    (pl.col("evidence") != "unknown").alias("known"),
                )
            )
        stacked = [part.stack(STACKING_THRESHOLD) for part in found]
        stacking += [
            part.table.select(*key, pl.all(), pl.lit(STACKING_THRESHOLD).alias("stage_threshold"))
            for part in stacked
        ]
        across.append(
            _across(each, stacked, chains, products, profile, dataset, interests).select(*key, pl.all())
        )
    return {
        "chain_stages": pl.concat(stages),
        "chain_stacking": pl.concat(stacking),
        "stacking_across": pl.concat(across),
    }


def _across(
    importer: Importer,
    stacked: Sequence[Any],
    chains: Sequence[Chain],
    products: pl.DataFrame,
    profile: Profile,
    dataset: Dataset,
    interests: Interests,
) -> pl.DataFrame:
    """Add up over the chains, with the dependent products of the main method beside it."""
    result = stack_across_chains(stacked, interests={each.code: each.interests for each in chains})
    dependent = products.filter(
        (pl.col("label") == importer.label)
        & (pl.col("method") == profile.methods[0].id)
        & pl.col("dependent")
        & pl.col("main_supplier").is_not_null()
    )
    suppliers = dependent["main_supplier"].cast(pl.String).to_list()
    served: dict[str, set[str]] = {}
    for product, supplier in zip(dependent["product"].cast(pl.String), suppliers, strict=True):
        served.setdefault(supplier, set()).update(interests.of(product, dataset.hs_revision))
    counts = Counter(suppliers)
    added = pl.DataFrame(
        {
            "economy": list(counts),
            "dependent_count": list(counts.values()),
            "product_interests_hit": [len(served[code]) for code in counts],
        },
        schema={"economy": pl.String, "dependent_count": pl.Int64, "product_interests_hit": pl.Int64},
    )
    joined = result.table.join(added, on="economy", how="full", coalesce=True)
    # nothing bounds the exposure to an economy that supplies no known stage
    numbers = [
        name for name, kind in joined.schema.items() if kind.is_numeric() and name != "weighted_exposure_high"
    ]
    return (
        joined.with_columns(pl.col(numbers).fill_null(0), pl.col("interests").fill_null(""))
        .with_columns(
            pl.lit(result.stage_concentration).fill_nan(None).alias("stage_concentration"),
            pl.lit(portfolio_concentration(suppliers)).fill_nan(None).alias("product_concentration"),
        )
        .sort("weighted_exposure", "dependent_count", "economy", descending=[True, True, False])
    )


def world_supply_record() -> dict[str, Any]:
    """Give what the shares of world supply are taken from, for the record of an edition.

    Returns
    -------
    dict
        `sha256` of the shares, and `sources`: their publications.

    Examples
    --------
    >>> [each["code"] for each in world_supply_record()["sources"]]
    ['eu-crm-2023']
    """
    world = published_world_supply()
    known = fact_sources()
    return {
        "sha256": frame_sha256(world),
        "sources": [
            {
                "code": code,
                "title": known[code].title,
                "citation": known[code].citation,
                "licence": known[code].licence,
                "licence_url": known[code].licence_url,
            }
            for code in sorted(world["source"].unique())
        ],
    }


def described_chains(chains: Sequence[Chain]) -> list[dict[str, Any]]:
    """Describe chains for the record of an edition: names, interests, and stages with their materials.

    Parameters
    ----------
    chains : sequence of Chain

    Returns
    -------
    list of dict

    Examples
    --------
    >>> from geomonitor.chains import chain_named
    >>> (found,) = described_chains([chain_named("solar")])
    >>> found["stages"][1]["kind"], found["stages"][1]["materials"]
    ('processing', [{'material': 'silicon_metal', 'stage': 'processing'}])
    """
    return [
        {
            "code": chain.code,
            "name": dict(chain.name),
            "interests": list(chain.interests),
            "stages": [
                {
                    "code": stage.code,
                    "kind": stage.kind,
                    "name": dict(stage.name),
                    "note": stage.note,
                    "materials": [
                        {"material": each.material, "stage": each.stage} for each in stage.materials
                    ],
                }
                for stage in chain.stages
            ],
        }
        for chain in chains
    ]
