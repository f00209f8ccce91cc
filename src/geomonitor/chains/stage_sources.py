"""Sources of who supplies a stage: trade, and what industries buy according to an input-output table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import polars as pl

from geomonitor.chains.chain_files import Chain, ChainStage
from geomonitor.chains.selection import nodes_of
from geomonitor.data import Dataset
from geomonitor.data.input_output import InputOutputTable
from geomonitor.trade import Importer, Supply, supply_tables

__all__ = ["StageSource", "SupplyFound", "TableSource", "TradeSource"]


@dataclass(frozen=True, slots=True)
class SupplyFound:
    """Supply of one stage by supplier.

    Attributes
    ----------
    value : dict of str to float
        By economy, in `unit`.
    unit, evidence, source : str
        As in the tables of `geomonitor.chains.StageShares`.
    note : str
        What else to know of the shares; empty where nothing.
    no_suppliers : frozenset of str
        Parts of `value` that are no supplier to depend on, such as home production in world supply.
    unnamed_at_most : float
        The largest part that an economy can have which is not in `value`; 0 where all are.
    """

    value: dict[str, float]
    unit: str
    evidence: str
    source: str
    note: str = ""
    no_suppliers: frozenset[str] = frozenset()
    unnamed_at_most: float = 0.0


class StageSource(Protocol):
    """What can tell who supplies a stage."""

    def supply_of(self, stage: ChainStage) -> SupplyFound | str:
        """Give the supply of a stage, or why it does not know; an empty text where it was not asked."""


@dataclass(frozen=True, slots=True)
class TradeSource:
    """Foreign supply to the importer by product and exporter, in thousand dollars."""

    label: str
    hs_revision: str
    products: tuple[str, ...]
    foreign: pl.DataFrame

    @classmethod
    def of(
        cls,
        chains: Sequence[Chain],
        importer: Importer,
        dataset: Dataset,
        years: Sequence[int] | None,
        flows: Any,
        merge: Mapping[str, str] | None,
    ) -> TradeSource:
        """Add up the flows of the products of all chains; for the parameters see `stage_shares`."""
        period = tuple(years or dataset.years[-3:])
        revision = dataset.hs_revision
        named = tuple(dataset.product_names())
        wanted = sorted({code for chain in chains for code in chain.products(revision, named)})
        supply: Supply = supply_tables(
            dataset.scan(period) if flows is None else flows,
            [importer],
            period,
            # world exports tell a product that nobody sells to the importer from one that is not there
            quantities=False,
            merge=merge,
            products=wanted,
            whole_dollars=dataset.whole_dollars,
            verified=True,
            by_year=False,
        )
        foreign = supply.table(importer.code).filter(~pl.col("exporter").is_in(list(importer.home)))
        span = f"{period[0]}-{period[-1]}" if len(period) > 1 else str(period[0])
        if len(period) != period[-1] - period[0] + 1:
            span = ", ".join(map(str, period))
        return cls(f"{dataset.name}, {span}", revision, supply.products, foreign)

    def supply_of(self, stage: ChainStage) -> SupplyFound | str:
        """Give the foreign supply of a stage, or why there is none."""
        prefixes = stage.prefixes(self.hs_revision)
        if not prefixes:
            return f"no code in {self.hs_revision}" if stage.products else ""
        absent = [each for each in prefixes if not any(code.startswith(each) for code in self.products)]
        if len(absent) == len(prefixes):
            return f"{', '.join(prefixes)} not in the dataset"
        chosen = [code for code in self.products if code.startswith(prefixes)]
        summed = (
            self.foreign.filter(pl.col("product").is_in(chosen))
            .group_by("exporter")
            .agg(pl.col("value_kusd").sum())
            .filter(pl.col("value_kusd") > 0)
        )
        if summed.is_empty():
            return "no imports from abroad"
        lacking = f", lacks {', '.join(absent)}" if absent else ""
        return SupplyFound(
            dict(summed.iter_rows()),
            "thousand current USD",
            "trade",
            f"trade: {self.label}, {', '.join(chosen)}{lacking}",
        )


@dataclass(frozen=True, slots=True)
class TableSource:
    """What the importer's industries buy from sectors, by economy."""

    table: InputOutputTable
    importer: Importer
    merge: Mapping[str, str]
    include_home: bool

    def supply_of(self, stage: ChainStage) -> SupplyFound | str:
        """Give the purchases from the sectors of a stage in million dollars, or why there are none."""
        if not stage.sectors:
            return ""
        table = self.table
        members = [code for code in self.importer.members if code in table.countries]
        sectors = [code for code in stage.sectors if code in table.sectors]
        buyers = [code for code in stage.buyers if code in table.sectors]
        lost = sorted({*stage.sectors, *stage.buyers} - {*sectors, *buyers})
        if lost:
            return f"sector {', '.join(lost)} not in {table.name}"
        if not members:
            return f"{self.importer.code} not in {table.name}"
        users = nodes_of(table, members, buyers or None)
        bought: dict[str, float] = {}
        for economy in table.countries:
            supplier = self.merge.get(economy, economy)
            if supplier in self.importer.home and not self.include_home:
                continue
            rows = nodes_of(table, [economy], sectors)
            value = float(table.flows_musd[np.ix_(rows, users)].sum(dtype=np.float64))
            if value > 0:
                bought[supplier] = bought.get(supplier, 0.0) + value
        if not bought:
            return f"no purchases from {', '.join(sectors)} in {table.name}"
        named = f"sector {', '.join(sectors)}" + (f", bought by {', '.join(buyers)}" if buyers else "")
        home = ", home included" if self.include_home else ""
        source = f"input-output: {table.name}, {table.year}, {named}{home}"
        return SupplyFound(bought, "million current USD", "input-output", source)
