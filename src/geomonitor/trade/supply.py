"""The one pass over the flows: who supplies whom, and who supplies the world.

Everything that a product-level method needs follows from two kinds of table: what each exporter
sells to the world, and what each exporter sells to one importer, by year and product. The flows
are read once or twice by the engine that the caller chose, through Narwhals:

* one pass with one grouped sum, for world exports and for every group of importers together;
* one filtered pass, only where several single economies are asked for.

What comes back is kept sorted by year, product and exporter, and later sums run in that order, so
that a result is the same to the last bit whatever the engine and the number of processors.

Cost: time grows with the flows; memory with the number of (year, product, exporter) combinations
plus the number of flows into the single economies asked for, 16 bytes each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.codes import ECONOMY_CODES, economy
from geomonitor.errors import UnknownCodeError
from geomonitor.trade.amounts import Amounts, amounts_at
from geomonitor.trade.frames import FLOW_COLUMNS, collected, flows_frame, merged, only_codes, verify_flows
from geomonitor.trade.importer import Importer

__all__ = ["Supply", "supply_tables"]

_AMOUNTS = ("value_kusd", "quantity_t", "value_with_quantity_kusd")


@dataclass(frozen=True, slots=True)
class Supply:
    """Who supplies the importers, and who supplies the world.

    Attributes
    ----------
    years : tuple of int
        First axis of the amounts.
    products : tuple of str
        Second axis: HS6 codes, sorted.
    economies : tuple of str
        Third axis: exporters.
    importers : tuple of Importer
        Whose supplies were added up.
    world : bool
        Whether exports of every exporter were added up, or only those of the importers' members.
    quantities : bool
        Whether quantities were added up too.
    by_year : bool
        Whether years are kept apart; if not, the amounts have one year, the sum of all.
    folded : dict of str to str
        Economies folded into another one.
    exports : Amounts
        What each exporter sells to the world.
    imports : dict of str to Amounts
        What each exporter sells to the importer of that code; trade inside a group is in it.
    """

    years: tuple[int, ...]
    products: tuple[str, ...]
    economies: tuple[str, ...]
    importers: tuple[Importer, ...]
    world: bool
    quantities: bool
    by_year: bool
    folded: dict[str, str]
    exports: Amounts
    imports: dict[str, Amounts]

    def positions(self, codes: Iterable[str]) -> NDArray[np.intp]:
        """Find where economies lie on the third axis, folded ones at the one they were folded into."""
        index = {code: place for place, code in enumerate(self.economies)}
        return np.array(sorted({index[self.folded.get(code, code)] for code in codes}), dtype=np.intp)

    def table(self, code: str | None = None) -> pl.DataFrame:
        """Give the supplies to one importer, or the exports to the world, as a table.

        Parameters
        ----------
        code : str, optional
            Code of one of `importers`; exports to the world where left out.

        Returns
        -------
        polars.DataFrame
            `year` (unless years were added up), `product`, `exporter`, `value_kusd` and, with
            quantities, `quantity_t` and `value_with_quantity_kusd`.

        Raises
        ------
        UnknownCodeError
            If the supply was not made for the importer.
        """
        if code is not None and code not in self.imports:
            raise UnknownCodeError(
                f"The supply was not made for {code}.",
                where="Supply.table",
                expected=f"one of {', '.join(self.imports)}",
            )
        amounts = self.exports if code is None else self.imports[code]
        year, product, economy = np.unravel_index(amounts.places, amounts.shape)
        columns: dict[str, Any] = {
            **({"year": np.asarray(self.years, dtype=np.int32)[year]} if self.by_year else {}),
            "product": np.asarray(self.products)[product] if self.products else [],
            "exporter": np.asarray(self.economies)[economy],
            "value_kusd": amounts.value_kusd,
        }
        if amounts.quantity_t is not None and amounts.value_with_quantity_kusd is not None:
            columns |= {
                "quantity_t": amounts.quantity_t,
                "value_with_quantity_kusd": amounts.value_with_quantity_kusd,
            }
        return pl.DataFrame(columns)


def supply_tables(
    flows: Any,
    importers: Sequence[Importer],
    years: Sequence[int],
    *,
    world: bool = True,
    quantities: bool = True,
    merge: Mapping[str, str] | None = None,
    products: Sequence[str] | None = None,
    whole_dollars: bool = False,
    verified: bool = False,
    by_year: bool = True,
) -> Supply:
    """Add up the flows: supplies to each importer, and exports of each exporter.

    Parameters
    ----------
    flows : frame
        Canonical flows in any engine; values in thousand current USD.
    importers : sequence of Importer
        Whose supplies are wanted.
    years : sequence of int
        Years to take.
    world : bool
        Whether exports of every exporter are wanted (for world concentration), or only those of
        the importers.
    quantities : bool
        Whether to add up quantities too (tonnes).
    merge : mapping of str to str, optional
        Economies to fold into another one, such as ``{"HKG": "CHN", "MAC": "CHN"}``; trade between
        folded economies disappears, as trade inside one economy does.
    products : sequence of str, optional
        Only these HS6 codes.
    whole_dollars : bool
        Whether every value is a whole number of dollars, as in BACI. Sums are then exact, so that
        results do not depend on the order in which an engine adds, to the last bit.
    verified : bool
        Whether the values are known to be finite and not negative, as those of a dataset in the
        store are; otherwise one more pass checks them, and the codes.
    by_year : bool
        Whether years are kept apart; if not, they are added up in the pass itself, which is
        enough for a method that pools years, and faster.

    Returns
    -------
    Supply

    Raises
    ------
    DataError
        If a column is missing or of the wrong kind, or a code or value is missing, or a value is
        negative or not finite.
    UnknownCodeError
        If the flows or the merge option hold an economy that is not known, or an economy of an
        importer is folded into one outside it.

    Examples
    --------
    >>> import polars as pl
    >>> from geomonitor.trade import importer
    >>> flows = pl.DataFrame({"year": [2021, 2021], "exporter": ["CHN", "NLD"],
    ...     "importer": ["NLD", "DEU"], "product": ["810600", "810600"], "value_kusd": [3.0, 2.0]})
    >>> supply = supply_tables(flows, [importer("NLD")], [2021], quantities=False)
    >>> supply.table("NLD").select("exporter", "value_kusd").rows()
    [('CHN', 3.0)]
    """
    needed = list(FLOW_COLUMNS if quantities else FLOW_COLUMNS[:5])
    frame = flows_frame(flows, needed=needed).select(*needed)
    wanted = tuple(dict.fromkeys(importers))
    period = tuple(sorted(set(years)))
    if not wanted or not period:
        raise ValueError("at least one importer and one year are needed")
    folded = dict(merge or {})
    _refuse_wrong_merge(wanted, folded)
    if not verified:
        # before the filter by year, which would drop a row without one
        verify_flows(frame, quantities=quantities)
    frame = frame.filter(nw.col("year").is_in(list(period)))
    if products is not None:
        frame = frame.filter(only_codes(frame, "product", products))
    if folded:
        frame = merged(frame, folded)
    amounts = _amounts(frame, quantities=quantities, whole_dollars=whole_dollars)
    names = _AMOUNTS if quantities else _AMOUNTS[:1]

    by_code = {each.code: each for each in wanted}
    wide = (
        [each for each in by_code.values() if each.is_group] if len(by_code) > 1 else list(by_code.values())
    )
    members = sorted({folded.get(code, code) for each in wanted for code in each.members})
    summed = _exports_pass(amounts, wide, members, names, world=world, by_year=by_year)
    single = sorted(set(by_code) - {each.code for each in wide})
    flowing = _single_pass(amounts, single, names) if single else None
    if flowing is not None and not by_year:
        flowing = flowing.with_columns(pl.lit(period[0], dtype=pl.Int16).alias("year"))

    if not by_year:
        # one place on the axis of years holds them all
        summed = summed.with_columns(pl.lit(period[0], dtype=pl.Int16).alias("year"))
    axis = _product_axis([summed] if flowing is None else [summed, flowing])
    axis_years = period if by_year else period[:1]
    shape = (len(axis_years), len(axis), len(ECONOMY_CODES))
    scale = 1000.0 if whole_dollars else 1.0
    places = _places(summed, axis_years, axis)
    exports = amounts_at(places, {name: summed[name].to_numpy() for name in names}, shape, scale)
    if not world:
        # of the other exporters the filter saw only a part
        exports = exports.only_economies(np.isin(np.asarray(ECONOMY_CODES), members))
    imports = {
        each.code: amounts_at(
            places, {name: summed[f"to_{number}_{name}"].to_numpy() for name in names}, shape, scale
        )
        for number, each in enumerate(wide)
    }
    if flowing is not None:
        imports |= _by_importer(flowing, _places(flowing, axis_years, axis), single, names, shape, scale)
    return Supply(
        years=period,
        products=axis,
        economies=ECONOMY_CODES,
        importers=wanted,
        world=world,
        quantities=quantities,
        by_year=by_year,
        folded=folded,
        exports=exports,
        imports=imports,
    )


def _refuse_wrong_merge(importers: Sequence[Importer], folded: Mapping[str, str]) -> None:
    where = "option merge"
    for source, target in folded.items():
        economy(source, where=where)
        economy(target, where=where)
        if target in folded:
            raise UnknownCodeError(
                f"{source} cannot be folded into {target}, which is folded itself.",
                where=where,
                expected="economies folded into one that stays",
                next_step=f"Fold {source} into {folded[target]}.",
            )
    for each in importers:
        for code in sorted({*each.members, *each.home} & set(folded)):
            target = folded[code]
            if code in each.members and target not in each.members:
                lost = "measured"
            elif target not in each.home:
                lost = "taken as home"
            else:
                continue
            raise UnknownCodeError(
                f"{code} cannot be {lost}: it is folded into {target}.",
                where=f"{where}, importer {each.label}",
                expected="an importer whose economies are not folded into others",
                next_step=f"Ask for {target}, or leave {code} out of the merge option.",
            )


def _amounts(frame: nw.LazyFrame[Any], *, quantities: bool, whole_dollars: bool) -> nw.LazyFrame[Any]:
    columns = []
    value = nw.col("value_kusd")
    if whole_dollars:
        value = (value * 1000).round()
        columns.append(value.alias("value_kusd"))
    if quantities:
        known = ~nw.col("quantity_t").is_null()
        columns.append(nw.when(known).then(value).otherwise(nw.lit(0.0)).alias("value_with_quantity_kusd"))
        quantity = nw.col("quantity_t").fill_null(0.0)
        # BACI gives tonnes with three decimals: whole kilograms add up exactly
        columns.append(((quantity * 1000).round() if whole_dollars else quantity).alias("quantity_t"))
    return frame.with_columns(*columns) if columns else frame


def _exports_pass(
    frame: nw.LazyFrame[Any],
    wide: Sequence[Importer],
    members: Sequence[str],
    names: Sequence[str],
    *,
    world: bool,
    by_year: bool,
) -> pl.DataFrame:
    """Add up exports by exporter and, in the same pass, what goes to each of the wide importers."""
    if not world:
        touched = only_codes(frame, "exporter", members)
        if wide:
            touched = touched | only_codes(
                frame, "importer", {code for each in wide for code in each.members}
            )
        frame = frame.filter(touched)
    extra = [
        nw.when(only_codes(frame, "importer", each.members))
        .then(nw.col(name))
        .otherwise(nw.lit(0.0))
        .alias(f"to_{number}_{name}")
        for number, each in enumerate(wide)
        for name in names
    ]
    if extra:
        frame = frame.with_columns(*extra)
    summed = (*names, *(f"to_{number}_{name}" for number in range(len(wide)) for name in names))
    keys = ("year", "product", "exporter") if by_year else ("product", "exporter")
    return collected(frame.group_by(*keys).agg(*(nw.col(name).sum() for name in summed)))


def _single_pass(frame: nw.LazyFrame[Any], single: Sequence[str], names: Sequence[str]) -> pl.DataFrame:
    """Take the flows into many single economies; the cubes add up what has the same key."""
    chosen = frame.filter(only_codes(frame, "importer", single))
    return collected(chosen.select("importer", "year", "product", "exporter", *names))


def _codes(column: pl.Series) -> tuple[NDArray[np.int64], list[str]]:
    """Give a column of codes as integers with the codes that they stand for."""
    kind = column.dtype
    if not isinstance(kind, pl.Enum):
        text = column.cast(pl.String)
        kind = pl.Enum(text.unique().drop_nulls().sort())
        column = text.cast(kind)
    return column.to_physical().to_numpy(), kind.categories.to_list()


def _product_axis(frames: Sequence[pl.DataFrame]) -> tuple[str, ...]:
    found: set[str] = set()
    for frame in frames:
        numbers, codes = _codes(frame["product"])
        found |= {codes[number] for number in np.flatnonzero(np.bincount(numbers, minlength=len(codes)))}
    return tuple(sorted(found))


def _places(frame: pl.DataFrame, years: Sequence[int], products: Sequence[str]) -> NDArray[np.int64]:
    """Place every row in the flattened cube (years, products, economies)."""
    economies = {code: place for place, code in enumerate(ECONOMY_CODES)}
    exporters, exporter_codes = _codes(frame["exporter"])
    present = np.flatnonzero(np.bincount(exporters, minlength=len(exporter_codes)))
    unknown = sorted(exporter_codes[number] for number in present if exporter_codes[number] not in economies)
    if unknown:
        raise UnknownCodeError(
            f"The flows hold economies that Geomonitor does not know: {', '.join(unknown)}.",
            where="column exporter",
            expected="ISO 3166 alpha-3 codes",
            next_step="Correct the codes, or load the file with `geomonitor data add`: it maps numbers.",
        )
    numbers, product_codes = _codes(frame["product"])
    product_place = {code: place for place, code in enumerate(products)}
    lookup_exporter = np.array([economies.get(code, -1) for code in exporter_codes], dtype=np.int64)
    lookup_product = np.array([product_place.get(code, -1) for code in product_codes], dtype=np.int64)
    first = min(years)
    lookup_year = np.full(max(years) - first + 1, -1, dtype=np.int64)
    lookup_year[np.asarray(years) - first] = np.arange(len(years))
    # the products of the axes are folded into the lookups: one addition a row and axis
    places = (lookup_product * len(ECONOMY_CODES))[numbers]
    places += lookup_exporter[exporters]
    places += (lookup_year * (len(products) * len(ECONOMY_CODES)))[frame["year"].to_numpy() - first]
    return places


def _by_importer(
    flowing: pl.DataFrame,
    places: NDArray[np.int64],
    single: Sequence[str],
    names: Sequence[str],
    shape: tuple[int, int, int],
    scale: float,
) -> dict[str, Amounts]:
    """Split the flows into single economies by importer."""
    numbers, codes = _codes(flowing["importer"])
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], np.arange(len(codes) + 1))
    columns = {name: flowing[name].to_numpy() for name in names}
    rows_of = {code: order[starts[place] : starts[place + 1]] for place, code in enumerate(codes)}
    nothing = np.empty(0, dtype=np.int64)
    imports = {}
    for code in single:
        rows = rows_of.get(code, nothing)
        part = {name: column[rows] for name, column in columns.items()}
        imports[code] = amounts_at(places[rows], part, shape, scale)
    return imports
