"""What the part of an edition on raw materials is made of, and its evaluation by trade and by production."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from geomonitor.codes import material_products
from geomonitor.data import Dataset, governance
from geomonitor.data.raw_materials import MaterialData, fact_sources, material_data
from geomonitor.findings import frame_sha256
from geomonitor.materials import (
    MaterialInputs,
    MaterialMethod,
    MaterialsEvaluation,
    load_material_inputs,
    material_method,
    materials_from_production,
    materials_from_trade,
)
from geomonitor.monitor.profile import Profile
from geomonitor.trade import Amounts, Importer, Supply

__all__ = [
    "Evaluated",
    "MaterialSources",
    "evaluated_by_production",
    "evaluated_by_trade",
    "evaluated_materials",
    "material_sources",
    "only_materials",
]

_METHODS = ("eu-crm-2017", "crma-2024")
_SUPPLY_MEASURES = ("production", "world_supply", "sourcing")


@dataclass(frozen=True, slots=True)
class MaterialSources:
    """What the part on raw materials is made of, besides the flows.

    Attributes
    ----------
    methods : tuple of MaterialMethod
        That of supply risk and criticality, and that of the benchmarks.
    inputs : MaterialInputs
        What people gave.
    input_files : tuple of (str, str)
        Name and SHA-256 of every file of inputs.
    tables : tuple of MaterialData
        Tables of production or of printed supply shares, and of uses.
    only : tuple of str
        Codes of the materials that are assessed; all where empty.
    """

    methods: tuple[MaterialMethod, MaterialMethod]
    inputs: MaterialInputs
    input_files: tuple[tuple[str, str], ...]
    tables: tuple[MaterialData, ...]
    only: tuple[str, ...]

    @property
    def has_supply(self) -> bool:
        """Whether a table says who produces, so that there is an assessment besides that by trade."""
        return self.table_names != ""

    @property
    def table_names(self) -> str:
        """Names of the tables that say who produces or supplies."""
        return ";".join(
            each.name for each in self.tables if each.table["measure"].is_in(list(_SUPPLY_MEASURES)).any()
        )

    def as_record(self) -> dict[str, Any]:
        """Give what decides the content of this part as plain data."""
        kept = ("title", "producer", "citation", "licence", "licence_url", "files", "notes")
        return {
            "methods": [each.as_record() for each in self.methods],
            "inputs": [{"name": name, "sha256": sha256} for name, sha256 in self.input_files],
            "tables": [
                {
                    "name": each.name,
                    **{key: each.metadata.get(key) for key in kept},
                    "table_sha256": frame_sha256(each.table),
                }
                for each in self.tables
            ],
            "only": list(self.only),
            "facts": [asdict(each) for each in fact_sources().values()],
        }


def material_sources(profile: Profile, root: Path | None = None) -> MaterialSources | None:
    """Read the files and tables of a profile's part on raw materials.

    Parameters
    ----------
    profile : Profile
    root : pathlib.Path, optional
        Of the store.

    Returns
    -------
    MaterialSources or None
        None where the profile wants no part on raw materials.

    Raises
    ------
    UnknownCodeError
        If the store has no such table.
    DataError
        If a file of inputs cannot be read or is not right.

    Examples
    --------
    >>> from geomonitor.monitor import load_profile
    >>> found = material_sources(load_profile())
    >>> [each.id for each in found.methods], found.tables
    (['eu-crm-2017', 'crma-2024'], ())
    """
    part = profile.materials
    if part is None:
        return None
    return MaterialSources(
        methods=(material_method(_METHODS[0]), material_method(_METHODS[1])),
        inputs=load_material_inputs(*part.inputs),
        # after they were read, so that a file that is not there is told well
        input_files=tuple((each.name, hashlib.sha256(each.read_bytes()).hexdigest()) for each in part.inputs),
        tables=tuple(material_data(name, root) for name in part.tables),
        only=part.only,
    )


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An evaluation of importers with different codes.

    Attributes
    ----------
    evaluation : MaterialsEvaluation
    importers : tuple of Importer
    source : str
        Where the shares come from: name of the dataset, or of the tables.
    """

    evaluation: MaterialsEvaluation
    importers: tuple[Importer, ...]
    source: str

    @property
    def basis(self) -> str:
        """Production or trade."""
        return str(self.evaluation.assessment.basis)


def only_materials(supply: Supply, hs_revision: str) -> Supply:
    """Keep the products that hold a raw material: of a whole dataset that is one in twenty.

    Parameters
    ----------
    supply : Supply
    hs_revision : str

    Returns
    -------
    Supply
    """
    wanted = {product for each in material_products(hs_revision) for product in each.products}
    kept = np.array([product in wanted for product in supply.products], dtype=bool)
    if kept.all():
        return supply
    new_place = np.cumsum(kept) - 1

    def narrowed(amounts: Amounts) -> Amounts:
        years, _, economies = amounts.shape
        year, product, economy = np.unravel_index(amounts.places, amounts.shape)
        rows = kept[product]
        shape = (years, int(kept.sum()), economies)
        places = np.ravel_multi_index((year[rows], new_place[product[rows]], economy[rows]), shape)
        return Amounts(
            places=np.asarray(places, dtype=np.int64),
            value_kusd=amounts.value_kusd[rows],
            quantity_t=None,
            value_with_quantity_kusd=None,
            shape=shape,
        )

    return replace(
        supply,
        products=tuple(product for product in supply.products if product in wanted),
        quantities=False,
        exports=narrowed(supply.exports),
        imports={code: narrowed(amounts) for code, amounts in supply.imports.items()},
    )


def evaluated_materials(
    sources: MaterialSources,
    importers: Sequence[Importer],
    *,
    supply: Supply,
    dataset: Dataset,
    years: Sequence[int],
) -> list[Evaluated]:
    """Assess raw materials by trade and, where tables say who produces, by production too.

    Parameters
    ----------
    sources : MaterialSources
    importers : sequence of Importer
        One code may occur more than once, with another home each time.
    supply : Supply
        Made for the importers, with exports to the world and years kept apart.
    dataset : Dataset
        That of the supply.
    years : sequence of int
        Added up; the history has every year of the supply.

    Returns
    -------
    list of Evaluated
        Trade first.
    """
    estimates = governance(max(years))
    found = evaluated_by_trade(sources, importers, estimates, supply=supply, dataset=dataset, years=years)
    return found + (evaluated_by_production(sources, importers, estimates) if sources.has_supply else [])


def evaluated_by_trade(
    sources: MaterialSources,
    importers: Sequence[Importer],
    estimates: pl.DataFrame,
    *,
    supply: Supply,
    dataset: Dataset,
    years: Sequence[int],
) -> list[Evaluated]:
    """Assess raw materials by trade.

    Parameters
    ----------
    sources : MaterialSources
    importers : sequence of Importer
    estimates : polars.DataFrame
        `economy`, `governance` (about -2.5 to 2.5).
    supply : Supply
    dataset : Dataset
    years : sequence of int

    Returns
    -------
    list of Evaluated
        One for each set of importers whose codes differ.
    """
    narrow = only_materials(supply, dataset.hs_revision)
    tables = [each.table for each in sources.tables]
    return [
        Evaluated(
            materials_from_trade(
                None,
                dataset.hs_revision,
                batch,
                years,
                estimates,
                supply=narrow,
                inputs=sources.inputs,
                tables=tables,
                method=sources.methods[0],
            ),
            tuple(batch),
            dataset.name,
        )
        for batch in _with_distinct_codes(importers)
    ]


def evaluated_by_production(
    sources: MaterialSources,
    importers: Sequence[Importer],
    estimates: pl.DataFrame,
    *,
    years: Sequence[int] | None = None,
) -> list[Evaluated]:
    """Assess raw materials by tables of production or of printed supply shares.

    Parameters
    ----------
    sources : MaterialSources
    importers : sequence of Importer
    estimates : polars.DataFrame
        `economy`, `governance` (about -2.5 to 2.5).
    years : sequence of int, optional
        Of production quantities; the last of each material where left out.

    Returns
    -------
    list of Evaluated
        One for each set of importers whose codes differ.

    Raises
    ------
    DataError
        If no table has production, world supply or sourcing.
    """
    tables = [each.table for each in sources.tables]
    return [
        Evaluated(
            materials_from_production(
                tables, batch, estimates, years=years, inputs=sources.inputs, method=sources.methods[0]
            ),
            tuple(batch),
            sources.table_names,
        )
        for batch in _with_distinct_codes(importers)
    ]


def _with_distinct_codes(importers: Sequence[Importer]) -> list[list[Importer]]:
    """Split importers so that no code occurs twice in one part."""
    parts: list[dict[str, Importer]] = []
    for each in dict.fromkeys(importers):
        part = next((one for one in parts if each.code not in one), None)
        if part is None:
            parts.append(part := {})
        part[each.code] = each
    return [list(part.values()) for part in parts]
