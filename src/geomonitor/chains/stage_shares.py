"""Who supplies the stages of a chain: from trade, else an input-output table, else world supply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.chains.chain_files import Chain
from geomonitor.chains.stacking import ChainStacking, stack_chain
from geomonitor.chains.stage_sources import StageSource, SupplyFound, TableSource, TradeSource
from geomonitor.chains.world_source import WorldSource
from geomonitor.codes import ECONOMY_CODES, UNALLOCATED_CODES
from geomonitor.data import Dataset
from geomonitor.data.input_output import InputOutputTable
from geomonitor.errors import DataError
from geomonitor.trade import Importer

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
        `value`, `unit` ("thousand current USD" from trade, "million current USD" from a table,
        "share of world supply" from production), `share` (of the supply that counts) and `source`.
        Suppliers that are no single economy are in it, since they are part of the supply; so is home
        production in world supply.
    stages : polars.DataFrame
        One row a stage, in order: `chain`, `stage`, `kind`, `name_en`, `name_nl`, `evidence`
        ("trade", "input-output", "production" for world supply, or "unknown"), `source` (dataset and
        years, table and sectors, material and study, or why nothing is known), `materials` (codes of
        its raw materials, ';'-joined), `main_supplier` (from abroad, unless home counts),
        `main_supplier_share`, `unnamed_at_most` (the largest share that an economy can have which the
        source does not name: 0 where it names all, 1 where nothing is known), `note`.
    home_counts : bool
        Whether an economy that is home to the importer counts as a supplier to depend on.
    """

    chain: Chain
    importer: Importer
    table: pl.DataFrame
    stages: pl.DataFrame
    home_counts: bool = False

    @property
    def suppliers(self) -> tuple[str, ...]:
        """Single economies to depend on in a stage, by code."""
        return _single(self.table["supplier"], () if self.home_counts else self.importer.home)

    def dependencies(self) -> NDArray[np.float64]:
        """Give the shares as stages by `suppliers`; NaN where not known."""
        suppliers = {code: place for place, code in enumerate(self.suppliers)}
        unnamed = np.where(self.stages["unnamed_at_most"].to_numpy() > 0, np.nan, 0.0)
        values = np.repeat(unnamed[:, np.newaxis], len(suppliers), axis=1)
        rows = {code: place for place, code in enumerate(self.chain.stage_codes)}
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
            unknown_at_most=self.stages["unnamed_at_most"].to_numpy(),
        )

    def plot(self, top: int = 6) -> Any:
        """Draw every stage as a bar of its suppliers; stages known by world supply say so."""
        figure = self.stack().plot(top)
        world = {*self.stages.filter(pl.col("evidence") == "production")["stage"]}
        codes = self.chain.stage_codes
        labels = [f"{code}<br>(world supply)" if code in world else code for code in codes]
        return figure.update_xaxes(tickvals=list(codes), ticktext=labels)


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
    world_supply: pl.DataFrame | None = None,
) -> tuple[StageShares, ...]:
    r"""Find who supplies the stages of chains to an importer.

    A stage with products in the dataset gets the shares of its foreign suppliers in the value of
    those products, years added up. Any other stage that names sectors gets the shares of the
    suppliers in what the importer's industries buy from those sectors for current use,

    .. math:: \sum_j Z_{(c,s),(n,j)} / \sum_{c'} \sum_j Z_{(c',s),(n,j)},

    over foreign suppliers, so that both sources measure the same. Sectors are wider than stages:
    the source of every share says which of the two it is.

    A stage that neither tells of, and that yields raw materials, gets the shares of economies in the
    world supply of one of them: the material with the largest share of one economy abroad, since a
    chain is as strong as its weakest material. Shares of materials are never averaged. World supply
    is not supply to the importer: its evidence is called "production", and source and note name the
    material. Where only its largest supplier is given, the dependence on others is not known, but bounded.
    What no source holds is unknown.

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
        are then no longer comparable with those from trade, which has no domestic deliveries. Shares
        of world supply have home production in them either way; it is a dependency only if it counts.
    world_supply : polars.DataFrame, optional
        Shares of world supply for raw materials of which neither trade nor the table tells:
        `material`, `stage`, `economy` (null where it is none), `share` (between 0 and 1), `source`
        and `years` (text), see `world_supply_of` and `published_world_supply`. None where left out.

    Returns
    -------
    tuple of StageShares
        One a chain, in the given order.

    Raises
    ------
    DataError
        If there is no source at all, or `world_supply` is not what it should be.
    UnknownCodeError
        If the dataset does not cover the years.

    Examples
    --------
    >>> from geomonitor.chains import chain_named
    >>> from geomonitor.data import embedded_dataset
    >>> from geomonitor.trade import importer
    >>> (found,) = stage_shares([chain_named("magnets")], importer("EU27_2020"), dataset=embedded_dataset())
    >>> found.stages.select("stage", "evidence", "main_supplier").rows()[1:4:2]
    [('rare_earth_ores', 'unknown', None), ('rare_earths', 'trade', 'CHN')]
    """
    sources: list[StageSource] = []
    if dataset is not None:
        sources.append(TradeSource.of(chains, importer, dataset, years, flows, merge))
    if table is not None:
        sources.append(TableSource(table, importer, dict(merge or {}), include_home))
    if world_supply is not None:
        sources.append(WorldSource.of(world_supply, importer, dict(merge or {}), include_home=include_home))
    if not sources:
        raise DataError(
            "There is nothing to take the suppliers from.",
            expected="a trade dataset, a table, or shares of world supply",
        )
    return tuple(_of_chain(chain, importer, sources, home_counts=include_home) for chain in chains)


def _single(suppliers: Iterable[str], home: Iterable[str]) -> tuple[str, ...]:
    """Choose the single economies that are not home."""
    return tuple(sorted(({*suppliers} & {*ECONOMY_CODES}) - UNALLOCATED_CODES - {*home}))


def _of_chain(
    chain: Chain, importer: Importer, sources: Sequence[StageSource], *, home_counts: bool
) -> StageShares:
    rows: list[dict[str, Any]] = []
    stages: list[dict[str, Any]] = []
    for stage in chain.stages:
        found, reasons = None, []
        for source in sources:
            answer = source.supply_of(stage)
            if isinstance(answer, SupplyFound):
                found = answer
                break
            if answer:
                reasons.append(answer)
        if found is None:
            reason = "; ".join(reasons) or "no product or sector describes the stage"
            found = SupplyFound({}, "", "unknown", f"unknown: {reason}", unnamed_at_most=1.0)
        total = sum(found.value.values())
        ranked = sorted(found.value.items(), key=lambda item: (-item[1], item[0]))
        main = next((each for each in ranked if each[0] not in found.no_suppliers), None)
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
                "materials": ";".join(each.material for each in stage.materials),
                "main_supplier": main[0] if main else None,
                "main_supplier_share": main[1] / total if main else None,
                "unnamed_at_most": found.unnamed_at_most,
                "note": " ".join(text for text in (stage.note, found.note) if text),
            }
        )
    schema = {"main_supplier": pl.String, "main_supplier_share": pl.Float64}
    return StageShares(
        chain=chain,
        importer=importer,
        table=pl.DataFrame(rows, schema=_SCHEMA),
        stages=pl.DataFrame(stages, schema_overrides=schema),
        home_counts=home_counts,
    )
