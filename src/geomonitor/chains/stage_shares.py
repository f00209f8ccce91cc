"""Who supplies the stages of a chain: from trade, and from an input-output table where trade is silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.chains.chain_files import Chain, ChainStage
from geomonitor.chains.selection import nodes_of
from geomonitor.chains.stacking import ChainStacking, stack_chain
from geomonitor.codes import ECONOMY_CODES, UNALLOCATED_CODES
from geomonitor.data import Dataset
from geomonitor.data.input_output import InputOutputTable
from geomonitor.errors import DataError
from geomonitor.trade import Importer, Supply, supply_tables

__all__ = ["StageShares", "stage_shares"]

_SCHEMA = {
    "chain": pl.String,
    "stage": pl.String,
    "kind": pl.String,
    "supplier": pl.String,
    "value": pl.Float64,
    "unit": pl.String,
    "share": pl.Float64,
    "source": pl.String,
}


@dataclass(frozen=True, slots=True)
class StageShares:
    """Who supplies every stage of a chain to an importer.

    Attributes
    ----------
    chain : Chain
    importer : Importer
    table : polars.DataFrame
        One row a known stage and supplier, the largest first: `chain`, `stage`, `kind`, `supplier`,
        `value`, `unit` ("thousand current USD" from trade, "million current USD" from a table),
        `share` (of the supply that counts) and `source`. Suppliers that are no single economy are
        in it, since they are part of the supply.
    stages : polars.DataFrame
        One row a stage, in order: `chain`, `stage`, `kind`, `name_en`, `name_nl`, `evidence`
        ("trade", "input-output" or "unknown"), `source` (dataset and years, table and sectors, or
        why nothing is known), `main_supplier`, `main_supplier_share`, `note`.
    """

    chain: Chain
    importer: Importer
    table: pl.DataFrame
    stages: pl.DataFrame

    @property
    def suppliers(self) -> tuple[str, ...]:
        """Single economies that supply a stage, by code."""
        codes = set(self.table["supplier"]) & set(ECONOMY_CODES)
        return tuple(sorted(codes - UNALLOCATED_CODES))

    def dependencies(self) -> NDArray[np.float64]:
        """Give the shares as stages by `suppliers`; NaN in stages that are not known."""
        suppliers = {code: place for place, code in enumerate(self.suppliers)}
        values = np.full((len(self.chain.stages), len(suppliers)), np.nan)
        rows = {code: place for place, code in enumerate(self.chain.stage_codes)}
        for stage in self.stages.filter(pl.col("evidence") != "unknown")["stage"]:
            values[rows[stage]] = 0.0
        for stage, supplier, share in self.table.select("stage", "supplier", "share").iter_rows():
            if supplier in suppliers:
                values[rows[stage], suppliers[supplier]] = share
        return values

    def stack(self, threshold: float = 0.3) -> ChainStacking:
        """Measure how the dependencies stack along the chain.

        Parameters
        ----------
        threshold : float
            Above which (strictly) a stage counts.

        Returns
        -------
        ChainStacking
        """
        return stack_chain(
            self.dependencies(),
            self.suppliers,
            self.chain.stage_codes,
            threshold=threshold,
            chain=self.chain.code,
        )

    def plot(self, top: int = 6) -> Any:
        """Draw every stage as a bar of its suppliers."""
        return self.stack().plot(top)


def stage_shares(
    chains: Sequence[Chain],
    importer: Importer,
    *,
    dataset: Dataset | None = None,
    years: Sequence[int] | None = None,
    flows: Any = None,
    merge: Mapping[str, str] | None = None,
    table: InputOutputTable | None = None,
    include_home: bool = False,
) -> tuple[StageShares, ...]:
    r"""Find who supplies the stages of chains to an importer.

    A stage with products in the dataset gets the shares of its foreign suppliers in the value of
    those products, years added up. Any other stage that names sectors gets the shares of the
    suppliers in what the importer's industries buy from those sectors for current use,

    .. math:: \sum_j Z_{(c,s),(n,j)} / \sum_{c'} \sum_j Z_{(c',s),(n,j)},

    over foreign suppliers, so that both sources measure the same. Sectors are wider than stages:
    the source of every share says which of the two it is. What neither source holds is unknown.

    Parameters
    ----------
    chains : sequence of Chain
    importer : Importer
        Its `home` is not foreign.
    dataset : Dataset, optional
        Trade; no trade where left out.
    years : sequence of int, optional
        Years of the dataset to add up; the last three by default.
    flows : frame, optional
        The flows of the dataset in another engine.
    merge : mapping of str to str, optional
        Economies to fold into another one, in both sources.
    table : InputOutputTable, optional
        For stages without trade; none where left out.
    include_home : bool
        Count what the importer's own and home economies deliver in the shares from the table. They
        are then no longer comparable with those from trade, which has no domestic deliveries.

    Returns
    -------
    tuple of StageShares
        One a chain, in the given order.

    Raises
    ------
    DataError
        If neither trade nor a table is given.
    UnknownCodeError
        If the dataset does not cover the years.

    Examples
    --------
    >>> from geomonitor.chains import chain_named
    >>> from geomonitor.data import embedded_dataset
    >>> from geomonitor.trade import importer
    >>> (found,) = stage_shares([chain_named("magnets")], importer("EU27_2020"), dataset=embedded_dataset())
    >>> found.stages.select("stage", "evidence", "main_supplier").rows()[:3]
    [('borates', 'trade', 'TUR'), ('rare_earth_ores', 'unknown', None), ('rare_earths', 'trade', 'CHN')]
    """
    if dataset is None and table is None:
        raise DataError(
            "There is nothing to take the suppliers from.", expected="a trade dataset, a table, or both"
        )
    trade = None if dataset is None else _Trade.of(chains, importer, dataset, years, flows, merge)
    accounts = None if table is None else _Accounts(table, importer, dict(merge or {}), include_home)
    return tuple(_of_chain(chain, importer, trade, accounts) for chain in chains)


@dataclass(frozen=True, slots=True)
class _Found:
    """Supply of one stage by supplier."""

    value: dict[str, float]
    unit: str
    evidence: str
    source: str


def _of_chain(
    chain: Chain, importer: Importer, trade: _Trade | None, accounts: _Accounts | None
) -> StageShares:
    rows: list[dict[str, Any]] = []
    stages: list[dict[str, Any]] = []
    for stage in chain.stages:
        found, reasons = None, []
        for source in (trade, accounts):
            if source is not None and found is None:
                answer = source.supply_of(stage)
                if isinstance(answer, _Found):
                    found = answer
                elif answer:
                    reasons.append(answer)
        if found is None:
            reason = "; ".join(reasons) or "no product or sector describes the stage"
            found = _Found({}, "", "unknown", f"unknown: {reason}")
        total = sum(found.value.values())
        ranked = sorted(found.value.items(), key=lambda item: (-item[1], item[0]))
        rows += [
            {
                "chain": chain.code,
                "stage": stage.code,
                "kind": stage.kind,
                "supplier": supplier,
                "value": value,
                "unit": found.unit,
                "share": value / total,
                "source": found.source,
            }
            for supplier, value in ranked
        ]
        stages.append(
            {
                "chain": chain.code,
                "stage": stage.code,
                "kind": stage.kind,
                "name_en": stage.name["en"],
                "name_nl": stage.name["nl"],
                "evidence": found.evidence,
                "source": found.source,
                "main_supplier": ranked[0][0] if ranked else None,
                "main_supplier_share": ranked[0][1] / total if ranked else None,
                "note": stage.note,
            }
        )
    schema = {"main_supplier": pl.String, "main_supplier_share": pl.Float64}
    return StageShares(
        chain=chain,
        importer=importer,
        table=pl.DataFrame(rows, schema=_SCHEMA),
        stages=pl.DataFrame(stages, schema_overrides=schema),
    )


@dataclass(frozen=True, slots=True)
class _Trade:
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
    ) -> _Trade:
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

    def supply_of(self, stage: ChainStage) -> _Found | str:
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
        return _Found(
            dict(summed.iter_rows()),
            "thousand current USD",
            "trade",
            f"trade: {self.label}, {', '.join(chosen)}{lacking}",
        )


@dataclass(frozen=True, slots=True)
class _Accounts:
    """What the importer's industries buy from sectors, by economy."""

    table: InputOutputTable
    importer: Importer
    merge: Mapping[str, str]
    include_home: bool

    def supply_of(self, stage: ChainStage) -> _Found | str:
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
        return _Found(bought, "million current USD", "input-output", source)
