r"""GeoPolRisk: geopolitical supply risk of raw materials, all materials, economies and years in one run.

.. math:: S_{mcy} = H_{my} \frac{\sum_i g_{iy} f_{imcy}}{p_{mcy} + \sum_i f_{imcy}}, \quad
          C_{mcy} = S_{mcy} \, P_{mcy} / 0.409412948

with `H` the concentration of world production, `f` imports of material `m` by economy `c` from economy `i`
in tonnes, `g` the political instability of `i` from 0 to 1 (0 inside a group), `p` production at home and `P`
the price of imports.

Cost: the pass over the flows of `geomonitor.trade.supply_tables`, then one sum over the flows that are left
and products of arrays over importers, years, products and materials.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from geomonitor.codes import ECONOMY_CODES
from geomonitor.errors import DataError
from geomonitor.materials.geopolrisk_cells import Cells, cell_table
from geomonitor.materials.geopolrisk_inputs import governance_array, material_shares, production_arrays
from geomonitor.materials.geopolrisk_options import GEOPOLRISK, GeoPolRiskOptions, geopolrisk_reproduction
from geomonitor.materials.specification import MaterialMethod, material_method
from geomonitor.trade import Importer, importer, supply_tables

__all__ = [
    "GeoPolRisk",
    "GeoPolRiskOptions",
    "geopolrisk_reproduction",
    "geopolrisk_scores",
    "governance_risk",
]


@dataclass(frozen=True, slots=True)
class GeoPolRisk:
    """Scores of every importer, material and year.

    Attributes
    ----------
    table : polars.DataFrame
        Sorted by importer, material and year:

        * `importer`, `home` (codes), `material`, `year`;
        * `production_concentration` (0 to 1), `import_risk` (0 to 1), `score` (their product), null where
          not known, with `reason`; `score_low` and `score_high` lie around it whatever the unknown is;
        * `price_kusd_t` (thousand dollars a tonne, or dollars a kilogram) and `characterisation_factor`
          (kilogram of copper a kilogram);
        * `imports_t` and `production_t` (at home); `imports_without_governance_t`;
        * `import_value_kusd` and `value_share_without_quantity`, the part of it that has no quantity and so
          is not in the score;
        * `producers_without_quantity`, in the world.
    specification : MaterialMethod
        With the options that differ from the defaults under `modified`.
    options : GeoPolRiskOptions
    """

    table: pl.DataFrame
    specification: MaterialMethod
    options: GeoPolRiskOptions


def governance_risk(governance: pl.DataFrame, specification: MaterialMethod | None = None) -> pl.DataFrame:
    """Turn governance estimates into political instability from 0 (stable) to 1.

    Parameters
    ----------
    governance : polars.DataFrame
        `economy`, `year`, `governance` (estimate, about -2.5 to 2.5), as `geomonitor.data.governance` gives.
    specification : MaterialMethod, optional
        ``geopolrisk-2024`` where left out.

    Returns
    -------
    polars.DataFrame
        `economy`, `year`, `governance_risk`; estimates outside the scale become 0 or 1.

    Examples
    --------
    >>> governance_risk(pl.DataFrame({"economy": ["NLD"], "year": [2022], "governance": [0.5]})).row(0)
    ('NLD', 2022, 0.4)
    """
    numbers = (specification or material_method(GEOPOLRISK)).parameters
    lowest, highest = numbers["governance_lowest"], numbers["governance_highest"]
    risk = (highest - pl.col("governance")) / (highest - lowest)
    known = pl.col("governance").is_not_null()
    return governance.filter(known).select("economy", "year", governance_risk=risk.clip(0.0, 1.0))


def geopolrisk_scores(
    flows: Any,
    production: pl.DataFrame,
    governance: pl.DataFrame,
    material_products: pl.DataFrame,
    importers: Sequence[Importer] | None = None,
    years: Sequence[int] | None = None,
    *,
    specification: MaterialMethod | None = None,
    options: GeoPolRiskOptions | None = None,
    verified: bool = False,
    whole_dollars: bool = False,
) -> GeoPolRisk:
    """Score every material for every importer and year.

    Parameters
    ----------
    flows : frame
        Canonical flows in any engine: values in thousand current USD, quantities in tonnes.
    production : polars.DataFrame
        `material`, `year`, `economy`, and `quantity` with `unit`, or `quantity_t` in tonnes: see
        `geopolrisk_inputs.production_arrays`. One stage a material.
    governance : polars.DataFrame
        `economy`, `year`, `governance_risk` (0 stable to 1), as `governance_risk` gives it.
    material_products : polars.DataFrame
        `material`, `product` (HS6 of the flows' revision) and, where a product is only in part the material,
        `share`. Every material in it is scored.
    importers : sequence of Importer, optional
        Economies and groups; every economy that imports or produces something where left out.
    years : sequence of int, optional
        Years with production where left out.
    specification : MaterialMethod, optional
        ``geopolrisk-2024`` where left out.
    options : GeoPolRiskOptions, optional
    verified : bool
        Whether the flows are known to be sound, as those of a dataset in the store are.
    whole_dollars : bool
        Whether values are whole dollars and quantities whole kilograms, as in BACI; sums are then exact.

    Returns
    -------
    GeoPolRisk

    Raises
    ------
    DataError
        If a table lacks a column or holds values that cannot be used, or a year has no flows.
    UnknownCodeError
        If an economy is not known.

    Notes
    -----
    Gemechu et al. (2016), Journal of Industrial Ecology 20(1); Koyamparambath et al. (2024), Resources,
    Conservation and Recycling 209. Trade inside a group is imported without risk but counts as imports.

    Examples
    --------
    >>> from geomonitor.trade import importer
    >>> flows = pl.DataFrame({"year": 2022, "exporter": ["COD", "FIN"], "importer": "NLD",
    ...     "product": "810510", "value_kusd": [300.0, 100.0], "quantity_t": [6.0, 2.0]})
    >>> production = pl.DataFrame({"material": "cobalt", "year": 2022, "economy": ["COD", "FIN"],
    ...     "quantity_t": [80.0, 20.0]})
    >>> governance = pl.DataFrame({"economy": ["COD", "FIN"], "year": 2022, "governance_risk": [0.9, 0.3]})
    >>> products = pl.DataFrame({"material": ["cobalt"], "product": ["810510"]})
    >>> found = geopolrisk_scores(flows, production, governance, products, [importer("NLD")])
    >>> found.table.select(pl.col("production_concentration", "import_risk", "score").round(4)).row(0)
    (0.68, 0.75, 0.51)
    """
    method = specification or material_method(GEOPOLRISK)
    chosen = options or GeoPolRiskOptions()
    for name in ("material", "product"):
        if name not in material_products.columns:
            raise DataError(
                f"The map from materials to products lacks the column {name}.",
                where=f"columns found: {', '.join(material_products.columns)}",
                expected="material, product",
            )
    materials = sorted(material_products["material"].cast(pl.String).unique())
    period = _years(production, materials, years)
    who = list(importers) if importers is not None else [importer(code) for code in ECONOMY_CODES]
    made = production_arrays(
        production,
        materials,
        period,
        tonnes_per_million_m3=method.parameters["tonnes_per_million_m3"],
        whole=chosen.whole_production,
    )
    risk = governance_array(governance, period)
    supply = supply_tables(
        flows,
        who,
        period,
        products=material_products["product"].cast(pl.String).unique().to_list(),
        verified=verified,
        whole_dollars=whole_dollars,
    )
    shares = material_shares(material_products, materials, supply.products)
    table = cell_table(Cells(supply, who, materials, shares, risk, made), method, chosen)
    if importers is None:
        something = (pl.col("import_value_kusd") > 0) | (pl.col("production_t") != 0)
        table = table.filter(something.fill_null(value=True).any().over("importer"))
    return GeoPolRisk(
        table=table,
        specification=replace(method, modified=(*method.modified, *chosen.changes())),
        options=chosen,
    )


def _years(
    production: pl.DataFrame, materials: Sequence[str], years: Sequence[int] | None
) -> tuple[int, ...]:
    if years is not None:
        period = tuple(sorted({int(year) for year in years}))
    else:
        missing = {"material", "year"} - set(production.columns)
        if missing:
            raise DataError(
                f"The table of production lacks the column {', '.join(sorted(missing))}.",
                where=f"columns found: {', '.join(production.columns)}",
                expected="material, year, economy, quantity_t",
            )
        of_these = production.filter(pl.col("material").is_in(list(materials)))
        period = tuple(sorted({int(year) for year in of_these["year"].drop_nulls()}))
    if not period:
        raise DataError(
            "There is no year to score.",
            where="table of production" if years is None else "option years",
            expected="a year with production of a material in the map",
        )
    return period
