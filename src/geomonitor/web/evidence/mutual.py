"""Dependence both ways between an importer of an edition and a counterpart."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from geomonitor.codes import ECONOMY_CODES, economy
from geomonitor.data import open_flows
from geomonitor.dependency import mutual
from geomonitor.report.content import Content, ShownImporter
from geomonitor.trade import importer as importer_of
from geomonitor.trade import supply_tables
from geomonitor.web.evidence.contents import unknown_value
from geomonitor.web.evidence.kept import Kept
from geomonitor.web.evidence.recompute import (
    NotRecomputableError,
    dataset_of,
    edition_fragility,
    edition_specification,
    edition_table,
    importer_and_options,
)

__all__ = ["OF", "ON", "Pair", "counterparts_of", "pair_of", "possible_counterparts"]

ON = "on counterpart"
OF = "of counterpart"

_PAIRS: Kept[Pair] = Kept(32, alone=True)


@dataclass(frozen=True, slots=True)
class Pair:
    """Dependence both ways; values are sums over the period.

    Attributes
    ----------
    counterpart : str
    on : polars.DataFrame
        Products of which the counterpart is the importer's main supplier: `product`, `value_kusd`,
        `share`, `strategic`, `interests`; largest first.
    of : polars.DataFrame
        The other way: `product`, `value_kusd`, `share`.
    summary : polars.DataFrame
        As the edition's `relations_summary`, a row a direction.
    computed : bool
        Whether it was worked out now, from the dataset, and is no part of the edition.
    """

    counterpart: str
    on: pl.DataFrame
    of: pl.DataFrame
    summary: pl.DataFrame
    computed: bool


def counterparts_of(content: Content, importer: ShownImporter) -> tuple[str, ...]:
    """Name the counterparts that the edition itself looks at."""
    table = content.of_importer("relations_summary", importer)
    return tuple(table["counterpart"].unique(maintain_order=True).to_list())


def possible_counterparts(content: Content, importer: ShownImporter) -> tuple[str, ...]:
    """Name every counterpart that can be shown: any economy, while the dataset is in the store."""
    own = counterparts_of(content, importer)
    try:
        dataset_of(content)
        edition_specification(content, str(content.main_method["id"]))
    except NotRecomputableError:
        return own
    folded = content.record["profile"].get("merge") or {}
    others = (
        code
        for code in ECONOMY_CODES
        if code not in importer.home
        and code not in folded
        and not economy(code).unallocated
        and not economy(code).historical
    )
    return tuple(dict.fromkeys((*own, *others)))


def pair_of(content: Content, importer: ShownImporter, counterpart: str) -> Pair:
    """Give dependence both ways: from the edition, or worked out by the same function.

    Raises
    ------
    UnknownCodeError
        If the counterpart cannot be shown; the message names those that can.
    """
    if counterpart not in possible_counterparts(content, importer):
        raise unknown_value("counterpart", counterpart, possible_counterparts(content, importer))
    key = (content.record["id"], importer.label, counterpart)
    if counterpart in counterparts_of(content, importer):
        return _of_edition(content, importer, counterpart)
    return _PAIRS.get(key, lambda: _computed(content, importer, counterpart))


def _of_edition(content: Content, importer: ShownImporter, counterpart: str) -> Pair:
    rows = content.of_importer("relations", importer).filter(pl.col("counterpart") == counterpart)
    sums = content.of_importer("relations_summary", importer).filter(pl.col("counterpart") == counterpart)
    return _pair(content, importer, counterpart, rows, sums, computed=False)


def _computed(content: Content, importer: ShownImporter, counterpart: str) -> Pair:
    """Work out a pair as the run of a profile does."""
    dataset = dataset_of(content)
    specification = edition_specification(content, str(content.main_method["id"]))
    whose, options = importer_and_options(content, importer)
    other = importer_of(counterpart)
    years = [int(year) for year in content.record["profile"]["years"]]
    supply = supply_tables(
        open_flows(dataset, "polars", years),
        [whose, other],
        years,
        merge=dict(content.record["profile"].get("merge") or {}),
        whole_dollars=dataset.whole_dollars,
        verified=True,
    )
    found = mutual(supply, whose, other, specification, options=options, fragility=edition_fragility(content))
    return _pair(content, importer, counterpart, found.table, found.summary, computed=True)


def _pair(
    content: Content,
    importer: ShownImporter,
    counterpart: str,
    rows: pl.DataFrame,
    sums: pl.DataFrame,
    *,
    computed: bool,
) -> Pair:
    known = edition_table(content, importer, str(content.main_method["id"])).select(
        "product", "strategic", "interests"
    )
    ordered = rows.sort(["value_kusd", "product"], descending=[True, False])
    columns = ("product", "value_kusd", "share")
    on = ordered.filter(pl.col("direction") == ON).select(columns)
    return Pair(
        counterpart=counterpart,
        on=on.join(known, on="product", how="left", maintain_order="left"),
        of=ordered.filter(pl.col("direction") == OF).select(columns),
        summary=sums,
        computed=computed,
    )
