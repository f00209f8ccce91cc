"""Physical shortage of a product or raw material, from the trade store and what people know of its use.

The path by month is in `geomonitor.shocks.shortage_path`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from geomonitor.codes import UNALLOCATED_CODES, material, material_products, resolve_importer
from geomonitor.errors import DataError
from geomonitor.materials import MaterialInputs
from geomonitor.shocks.methods import provenance_of
from geomonitor.shocks.shortage_inputs import (
    Estimate,
    GivenEstimate,
    ShortageInputs,
    material_inputs_of,
    shortage_inputs,
)
from geomonitor.shocks.shortage_path import (
    CASES,
    joined_paths,
    months_of_cover,
    over_cases,
    redirectable_share,
    shortage_cases,
    shortage_path,
)
from geomonitor.trade import Importer, Supply, supply_tables

__all__ = ["Shortage", "material_shortage", "physical_shortage"]

Unit = Literal["value", "quantity"]


@dataclass(frozen=True, slots=True)
class Shortage:
    """What is missing when suppliers are denied.

    Attributes
    ----------
    table : polars.DataFrame
        By month, as parts of a month's use: `substituted`, `redirected`, `gap`, `drawn_from_stock`,
        `stock_left`, `shortage`, each expected (null where an input is not known) and with ``_best`` and
        ``_worst``.
    suppliers : polars.DataFrame
        `supplier`, `imports`, `share` (of imports), `denied` (null for no single economy), `third_markets`
        (what it sells elsewhere), `redirectable` (upper bound, before the cap).
    shortage : Estimate
        Part of the use of the whole period that is missing.
    denied_share, redirectable_share : Estimate
        Parts of imports.
    months_of_cover : Estimate
        How long stocks last without substitution, once redirected supply has come; infinite where nothing
        is missing.
    imports_lost : float
        A year, in `unit`.
    unit : str
    inputs : ShortageInputs
    provenance : dict
    """

    table: pl.DataFrame
    suppliers: pl.DataFrame
    shortage: Estimate
    denied_share: Estimate
    redirectable_share: Estimate
    months_of_cover: Estimate
    imports_lost: float
    unit: str
    inputs: ShortageInputs
    provenance: dict[str, Any]

    def plot(self) -> Any:
        """Draw the shortage by month with its bounds."""
        import plotly.graph_objects as go

        months = self.table["month"].to_list()
        figure = go.Figure()
        for column, name, fill in (
            ("shortage_best", "best case", None),
            ("shortage_worst", "worst case", "tonexty"),
            ("shortage", "expected", None),
        ):
            if self.table[column].null_count() == 0:
                values = (self.table[column] * 100).to_list()
                figure.add_scatter(x=months, y=values, name=name, fill=fill)
        figure.update_layout(xaxis_title="month", yaxis_title="part of use that is missing, percent")
        return figure


def physical_shortage(
    flows: Any,
    importer: Importer,
    products: Sequence[str],
    denied: Sequence[str],
    years: Sequence[int],
    *,
    inputs: ShortageInputs | None = None,
    horizon_months: int = 12,
    unit: Unit = "value",
    groups: Mapping[str, Sequence[str]] | None = None,
    merge: Mapping[str, str] | None = None,
    whole_dollars: bool = False,
    verified: bool = False,
    noted: Mapping[str, Any] | None = None,
) -> Shortage:
    """Measure what an importer misses of a product when suppliers are denied.

    Parameters
    ----------
    flows : frame
        Canonical flows in any engine.
    importer : Importer
        Its home economies are neither foreign suppliers nor third markets.
    products : sequence of str
        HS6 codes, added up.
    denied : sequence of str
        Economies or groups that no longer deliver.
    years : sequence of int
        Averaged.
    inputs : ShortageInputs, optional
        What the flows do not tell; nothing is known where left out.
    horizon_months : int
    unit : {'value', 'quantity'}
        Thousand USD or tonnes; by tonnes, the part of trade whose quantity is known counts.
    groups : mapping of str to sequence of str, optional
        User-defined groups.
    merge : mapping of str to str, optional
        Economies to fold into another one.
    whole_dollars, verified : bool
        See `geomonitor.trade.supply_tables`.
    noted : mapping, optional
        What else to keep in the provenance.

    Returns
    -------
    Shortage

    Raises
    ------
    DataError
        If nothing is imported, or none of it comes from the denied suppliers, or one of them is at home.
    UnknownCodeError
        If a code is not known.

    Examples
    --------
    >>> from geomonitor.trade import importer
    >>> flows = pl.DataFrame({"year": [2021] * 3, "exporter": ["CHN", "USA", "USA"],
    ...     "importer": ["NLD", "NLD", "JPN"], "product": ["810110"] * 3, "value_kusd": [60.0, 40.0, 100.0]})
    >>> known = shortage_inputs(import_share=1.0, stock_cover_months=0.0, substitutable_share=0.0,
    ...     months_to_substitute=0.0, divertible_share=0.2, months_to_redirect=0.0)
    >>> found = physical_shortage(flows, importer("NLD"), ["810110"], ["CHN"], [2021], inputs=known)
    >>> round(found.shortage.value, 4)
    0.4
    """
    known = inputs or shortage_inputs()
    if horizon_months < 1:
        raise DataError(
            f"A horizon of {horizon_months} months has no path.", where="horizon_months", expected="1 or more"
        )
    home = Importer(importer.home_code, importer.home, importer.home, importer.home_code)
    apart = () if set(importer.home) == set(importer.members) else (home,)
    supply = supply_tables(
        flows,
        [importer, *apart],
        years,
        quantities=unit == "quantity",
        merge=merge,
        products=products,
        whole_dollars=whole_dollars,
        verified=verified,
        by_year=False,
    )
    banned = _banned(denied, importer, groups, merge or {})
    suppliers, covered = _suppliers(supply, importer, home if apart else importer, banned, unit)
    imports = float(suppliers["imports"].sum())
    if not imports > 0:
        raise DataError(
            f"{importer.label} imports none of the products by {unit}.",
            where=f"products {', '.join(products)}, years {', '.join(map(str, supply.years))}",
            expected="imports from outside home",
        )
    share = _denied_share(suppliers, denied)
    ratio = float(suppliers["third_markets"].sum()) / imports
    suppliers = suppliers.with_columns(redirectable=pl.col("third_markets") * known.divertible_share.high)
    cases = shortage_cases(known, share, ratio)
    paths = {case: shortage_path(numbers, horizon_months) for case, numbers in cases.items()}
    missing = {case: float(path["shortage"].sum()) / horizon_months for case, path in paths.items()}
    assumptions = [
        "what is denied to this importer does not free supply elsewhere; prices do not ration use",
        "stocks are drawn before anybody goes short; substitutes and redirected supply grow evenly",
    ]
    if unit == "quantity":
        assumptions.append(f"quantities are known for {100 * covered:.1f} % of the value of imports")
    return Shortage(
        table=joined_paths(paths),
        suppliers=suppliers,
        shortage=over_cases(missing),
        denied_share=share,
        redirectable_share=over_cases(
            {case: redirectable_share(known, case, ratio) for case in CASES}, most_is_worst=False
        ),
        months_of_cover=over_cases(
            {case: months_of_cover(known, case, share, ratio) for case in CASES}, most_is_worst=False
        ),
        imports_lost=float(suppliers.filter(pl.col("denied"))["imports"].sum()),
        unit="thousand USD a year" if unit == "value" else "tonnes a year",
        inputs=known,
        provenance=provenance_of(
            "physical-shortage",
            assumptions=assumptions,
            importer=importer.label,
            products=tuple(products),
            denied=tuple(denied),
            years=supply.years,
            horizon_months=horizon_months,
            **(noted or {}),
        ),
    )


def material_shortage(
    flows: Any,
    importer: Importer,
    name: str,
    stage: str,
    denied: Sequence[str],
    years: Sequence[int],
    *,
    hs_revision: str,
    inputs: MaterialInputs | None = None,
    divertible_share: GivenEstimate = None,
    redirect_cap: GivenEstimate = math.inf,
    months_to_redirect: GivenEstimate = None,
    import_share: GivenEstimate = None,
    stock_cover_months: GivenEstimate = None,
    substitutable_share: GivenEstimate = None,
    months_to_substitute: GivenEstimate = None,
    **options: Any,
) -> Shortage:
    """Measure what an importer misses of a raw material when suppliers are denied.

    Parameters
    ----------
    flows : frame
        Canonical flows in any engine.
    importer : Importer
    name : str
        Material: its code or any name.
    stage : {'extraction', 'processing'}
    denied : sequence of str
        Economies or groups.
    years : sequence of int
    hs_revision : str
        Of the flows, such as "HS92".
    inputs : MaterialInputs, optional
        Cover, substitutes, recycling and import reliance that people gave.
    divertible_share, redirect_cap, months_to_redirect, import_share, stock_cover_months, \
substitutable_share, months_to_substitute : Estimate or float or tuple, optional
        See `ShortageInputs`; they come before the inputs.
    **options
        Of `physical_shortage`.

    Returns
    -------
    Shortage

    Raises
    ------
    DataError
        If no product of the revision holds the material at the stage; and as `physical_shortage`.
    UnknownCodeError
        If a code is not known.
    """
    code = material(name).code
    held = [each for each in material_products(hs_revision, code, stage) if each.principal]
    products = sorted({product for each in held for product in each.products})
    if not products:
        raise DataError(
            f"No product of {hs_revision} holds {code} at the stage {stage}.",
            where="material and stage",
            expected="a material and stage with codes of their own",
            next_step="See the map of materials to products, or name the products.",
        )
    given: dict[str, GivenEstimate] = {
        "divertible_share": divertible_share,
        "redirect_cap": redirect_cap,
        "months_to_redirect": months_to_redirect,
    }
    over: dict[str, GivenEstimate] = {
        "import_share": import_share,
        "stock_cover_months": stock_cover_months,
        "substitutable_share": substitutable_share,
        "months_to_substitute": months_to_substitute,
    }
    given |= {measure: value for measure, value in over.items() if value is not None}
    mixed = sorted({each.mixed_with for each in held if each.share is None and each.mixed_with})
    return physical_shortage(
        flows,
        importer,
        products,
        denied,
        years,
        inputs=material_inputs_of(inputs or MaterialInputs(), code, stage, importer.code, **given),
        noted={"material": code, "stage": stage, "mixed_with": tuple(mixed)},
        **options,
    )


def _banned(
    denied: Sequence[str],
    importer: Importer,
    groups: Mapping[str, Sequence[str]] | None,
    merge: Mapping[str, str],
) -> frozenset[str]:
    banned = {
        merge.get(member, member)
        for code in denied
        for member in resolve_importer(code, extra=groups).members
    }
    own = sorted(banned & set(importer.home))
    if own:
        raise DataError(
            f"{', '.join(own)} is at home for {importer.label}, so it cannot be denied.",
            where="denied",
            expected="suppliers from outside home",
        )
    return frozenset(banned)


def _suppliers(
    supply: Supply, importer: Importer, home: Importer, banned: frozenset[str], unit: Unit
) -> tuple[pl.DataFrame, float]:
    """Give imports and sales in third markets a year by supplier, and the part of value that they cover."""
    column = "value_kusd" if unit == "value" else "quantity_t"

    def by_supplier(code: str | None, name: str) -> pl.DataFrame:
        return supply.table(code).group_by("exporter").agg(pl.col(column).sort().sum().alias(name))

    foreign = ~pl.col("exporter").is_in(list(importer.home))
    unallocated = pl.col("exporter").is_in(list(UNALLOCATED_CODES))
    found = (
        by_supplier(None, "sold")
        .join(by_supplier(importer.code, "imports"), on="exporter", how="left")
        .join(by_supplier(home.code, "at_home"), on="exporter", how="left")
        .filter(foreign)
        .with_columns(pl.col("imports", "at_home").fill_null(0.0))
        .with_columns(
            denied=pl.when(unallocated).then(None).otherwise(pl.col("exporter").is_in(list(banned)))
        )
        .with_columns(
            imports=pl.col("imports") / len(supply.years),
            third_markets=pl.when(pl.col("denied") | unallocated)
            .then(0.0)
            .otherwise((pl.col("sold") - pl.col("at_home")).clip(lower_bound=0.0))
            / len(supply.years),
        )
        .filter((pl.col("imports") > 0) | (pl.col("third_markets") > 0))
        .with_columns(share=pl.col("imports") / pl.col("imports").sum())
        .sort("imports", "exporter", descending=[True, False])
        .select("exporter", "imports", "share", "denied", "third_markets")
        .rename({"exporter": "supplier"})
    )
    covered = 1.0
    if unit == "quantity":
        bought = supply.table(importer.code).filter(foreign)
        value = float(bought["value_kusd"].sum())
        covered = float(bought["value_with_quantity_kusd"].sum()) / value if value > 0 else 0.0
    return found, covered


def _denied_share(suppliers: pl.DataFrame, denied: Sequence[str]) -> Estimate:
    known = float(suppliers.filter(pl.col("denied"))["share"].sum())
    nowhere = float(suppliers.filter(pl.col("denied").is_null())["share"].sum())
    if known == 0:
        raise DataError(
            f"Nothing is imported from {', '.join(denied)}.",
            where="denied",
            expected="suppliers that deliver now",
            next_step=f"The largest supplier is {suppliers['supplier'][0]}.",
        )
    source = "trade flows" if not nowhere else f"trade flows; {100 * nowhere:.2g} % has no single origin"
    return Estimate(known / (1 - nowhere), known, min(known + nowhere, 1.0), source)
