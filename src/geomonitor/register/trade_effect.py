"""Trade around a measure: what the flows show for its target, and for trade that it did not hit."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from geomonitor.codes import resolve_importer
from geomonitor.data import Dataset, open_flows
from geomonitor.errors import DataError, UnknownCodeError

__all__ = ["DIRECTIONS", "EFFECT_COLUMNS", "REASONS", "SERIES", "SeriesChange", "TradeEffect", "trade_effect"]

DIRECTIONS = ("imports", "exports")
"""Which trade of the sender is looked at: its imports from the target, or its exports to it."""

SERIES = ("hit", "sender_others", "target_others", "rest")
"""What is measured in the same products: the sender with the target; the sender with all others; the
target with all others; and trade in which neither takes part."""

REASONS = (
    "direction_not_trade",
    "no_products",
    "other_hs_revision",
    "products_not_in_dataset",
    "years_not_in_dataset",
    "no_trade_before",
)
"""Why an effect is not measured."""

EFFECT_COLUMNS = (
    "year",
    "period",
    *(
        f"{series}_{what}"
        for series in SERIES
        for what in ("value_kusd", "quantity_t", "quantity_known_share")
    ),
    "sender_share",
)


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """How much one series changed, as yearly means.

    Attributes
    ----------
    series : str
        One of `SERIES`.
    before_value_kusd, during_value_kusd, afterwards_value_kusd : float or None
        Yearly mean; None where the window has no such year.
    change_during, change_afterwards : float or None
        Against before, as a fraction: -0.5 is a half less.
    change_during_to_control, change_afterwards_to_control : float or None
        The change next to that of the sender's trade with all others: -0.5 where the series came to a half
        of what it would have been, had it gone as that trade did. None for that trade itself.
    """

    series: str
    before_value_kusd: float | None
    during_value_kusd: float | None
    afterwards_value_kusd: float | None
    change_during: float | None
    change_afterwards: float | None
    change_during_to_control: float | None
    change_afterwards_to_control: float | None


@dataclass(frozen=True, slots=True)
class TradeEffect:
    """What the flows show around a measure. It is no proof that the measure did it.

    Attributes
    ----------
    dataset, hs_revision : str
    sender : str
    targets : tuple of str
    direction : str
    started_year : int
    ended_year : int or None
    products : tuple of str
        HS6 codes that were measured.
    missing_products : tuple of str
        Codes of the measure of which the dataset holds no flow in any year.
    missing_years : tuple of int
        Years of the window that the dataset does not hold.
    table : polars.DataFrame
        One row a year, see `EFFECT_COLUMNS`: `period` is 'before', 'during' or 'afterwards'; quantities
        are sums of those that are known, and `quantity_known_share` says for which share of the value;
        `sender_share` is the sender's share in all trade of the target in these products, trade among
        targets left out. Empty where there is a reason that kept it from being measured.
    changes : tuple of SeriesChange
    reason : str or None
        One of `REASONS`.
    """

    dataset: str
    hs_revision: str
    sender: str
    targets: tuple[str, ...]
    direction: str
    started_year: int
    ended_year: int | None
    products: tuple[str, ...]
    missing_products: tuple[str, ...]
    missing_years: tuple[int, ...]
    table: pl.DataFrame
    changes: tuple[SeriesChange, ...]
    reason: str | None

    def change(self, series: str) -> SeriesChange | None:
        """Give the change of a series, where it was measured."""
        return next((each for each in self.changes if each.series == series), None)


def trade_effect(
    dataset: Dataset,
    sender: str,
    targets: Sequence[str],
    products: Sequence[str],
    started_year: int,
    *,
    direction: str,
    ended_year: int | None = None,
    hs_revision: str | None = None,
    years_around: int = 3,
) -> TradeEffect:
    """Measure trade in the goods of a measure, in the years around it.

    The year in which a measure starts counts as 'during', although it holds months before it. Nothing is
    filled in: where products or years are not in the dataset, the answer says so.

    Parameters
    ----------
    dataset : Dataset
    sender : str
        Code of the economy (or group) that took the measure.
    targets : sequence of str
        Codes of economies or groups; groups as they were in the year of the start.
    products : sequence of str
        2, 4 or 6 digits of the Harmonized System.
    started_year : int
    direction : {'imports', 'exports', 'other'}
        Which trade of the sender the measure hit; nothing is measured for 'other'.
    ended_year : int, optional
        Last year of the measure; without it, it lasts.
    hs_revision : str, optional
        Revision of the product codes; nothing is measured in a dataset of another one.
    years_around : int
        Years before the start, and after the end (or after the start where it lasts).

    Returns
    -------
    TradeEffect

    Raises
    ------
    UnknownCodeError
        If an economy, a group or a direction is not known.
    DataError
        If the window is empty or the end comes before the start.

    Examples
    --------
    >>> from geomonitor.data import embedded_dataset
    >>> effect = trade_effect(
    ...     embedded_dataset(), "CHN", ["JPN"], ["280530", "284690"], 2010, direction="exports",
    ...     ended_year=2010, hs_revision="HS92",
    ... )
    >>> effect.reason, effect.table["year"].to_list()
    (None, [2007, 2008, 2009, 2010, 2011, 2012, 2013])
    """
    if direction not in (*DIRECTIONS, "other"):
        raise UnknownCodeError(
            f"There is no direction {direction!r}.",
            where="option direction",
            expected=f"one of {', '.join(DIRECTIONS)}, other",
        )
    if years_around < 1 or (ended_year is not None and ended_year < started_year):
        raise DataError(
            f"There are no years to compare around {started_year}.",
            where="years_around and ended_year",
            expected="at least one year around, and an end not before the start",
        )
    on = datetime.date(started_year, 1, 1)
    senders = _members([sender], on)
    hit = tuple(each for each in _members(targets, on) if each not in senders)
    named = tuple(
        each for each in sorted(dataset.product_names()) if products and each.startswith(tuple(products))
    )
    found = _held_products(dataset, named)
    years = range(started_year - years_around, (ended_year or started_year) + years_around + 1)
    held = [year for year in years if year in dataset.years]
    reason = _reason(dataset, direction, products, found, hs_revision, held, started_year)
    table = (
        _table(dataset, senders, hit, found, held, direction, started_year, ended_year)
        if reason is None
        else _empty()
    )
    changes = () if reason else _changes(table)
    if changes and not changes[0].before_value_kusd:
        reason = "no_trade_before"
    return TradeEffect(
        dataset=dataset.name,
        hs_revision=dataset.hs_revision,
        sender=sender,
        targets=tuple(targets),
        direction=direction,
        started_year=started_year,
        ended_year=ended_year,
        products=found,
        missing_products=tuple(each for each in named if each not in found)
        + tuple(each for each in products if not any(one.startswith(each) for one in named)),
        missing_years=tuple(year for year in years if year not in dataset.years),
        table=table,
        changes=changes,
        reason=reason,
    )


def _held_products(dataset: Dataset, products: Sequence[str]) -> tuple[str, ...]:
    """Give the products of which the dataset holds flows: its table may name more, as in a sample."""
    if not products:
        return ()
    held = (
        open_flows(dataset, columns=("product",))
        .filter(pl.col("product").is_in(list(products)))
        .select(pl.col("product").unique().cast(pl.String))
        .collect()
    )
    return tuple(sorted(held["product"].to_list()))


def _members(codes: Sequence[str], on: datetime.date) -> tuple[str, ...]:
    return tuple(dict.fromkeys(member for code in codes for member in resolve_importer(code, on=on).members))


def _reason(
    dataset: Dataset,
    direction: str,
    products: Sequence[str],
    found: Sequence[str],
    hs_revision: str | None,
    held: Sequence[int],
    started_year: int,
) -> str | None:
    if direction == "other":
        return "direction_not_trade"
    if not products:
        return "no_products"
    if hs_revision is not None and hs_revision != dataset.hs_revision:
        return "other_hs_revision"
    if not found:
        return "products_not_in_dataset"
    if started_year not in held or started_year - 1 not in held:
        return "years_not_in_dataset"
    return None


def _table(
    dataset: Dataset,
    senders: Sequence[str],
    hit: Sequence[str],
    products: Sequence[str],
    years: Sequence[int],
    direction: str,
    started_year: int,
    ended_year: int | None,
) -> pl.DataFrame:
    sender_side, target_side = (
        ("exporter", "importer") if direction == "exports" else ("importer", "exporter")
    )
    of_sender, of_target = pl.col(sender_side).is_in(senders), pl.col(target_side).is_in(hit)
    parties = (*senders, *hit)
    # trade within the sender or among the targets, and trade the other way, is no trade of this kind
    other_way = pl.col(target_side).is_in(senders) | pl.col(sender_side).is_in(hit)
    apart = ~pl.col("exporter").is_in(parties) & ~pl.col("importer").is_in(parties)
    flows = open_flows(
        dataset,
        years=years,
        columns=("year", "exporter", "importer", "product", "value_kusd", "quantity_t"),
    )
    sums = (
        flows.filter(pl.col("year").is_in(list(years)), pl.col("product").is_in(list(products)))
        .with_columns(
            pl.when(of_sender & of_target)
            .then(pl.lit("hit"))
            .when(of_sender & ~other_way)
            .then(pl.lit("sender_others"))
            .when(of_target & ~other_way)
            .then(pl.lit("target_others"))
            .when(apart)
            .then(pl.lit("rest"))
            .alias("series")
        )
        .filter(pl.col("series").is_not_null())
        .group_by("year", "series")
        .agg(
            pl.col("value_kusd").sum(),
            pl.when(pl.col("quantity_t").count() > 0).then(pl.col("quantity_t").sum()).alias("quantity_t"),
            (
                pl.col("value_kusd").filter(pl.col("quantity_t").is_not_null()).sum()
                / pl.col("value_kusd").sum()
            ).alias("quantity_known_share"),
        )
        .collect()
    )
    table = pl.DataFrame({"year": list(years)}, schema={"year": pl.Int16})
    for series in SERIES:
        one = sums.filter(pl.col("series") == series).drop("series")
        table = table.join(
            one.rename({name: f"{series}_{name}" for name in one.columns if name != "year"}),
            on="year",
            how="left",
        ).with_columns(pl.col(f"{series}_value_kusd").fill_null(0.0))
    total = pl.col("hit_value_kusd") + pl.col("target_others_value_kusd")
    last = max(years) if ended_year is None else ended_year
    return (
        table.with_columns(
            pl.when(pl.col("year") < started_year)
            .then(pl.lit("before"))
            .when(pl.col("year") <= last)
            .then(pl.lit("during"))
            .otherwise(pl.lit("afterwards"))
            .alias("period"),
            pl.when(total > 0).then(pl.col("hit_value_kusd") / total).alias("sender_share"),
        )
        .select(EFFECT_COLUMNS)
        .sort("year")
    )


def _empty() -> pl.DataFrame:
    kinds = {"year": pl.Int16, "period": pl.String}
    return pl.DataFrame(schema={name: kinds.get(name, pl.Float64) for name in EFFECT_COLUMNS})


def _changes(table: pl.DataFrame) -> tuple[SeriesChange, ...]:
    means = {
        (series, period): _mean(table, series, period)
        for series in SERIES
        for period in ("before", "during", "afterwards")
    }
    changes = {
        (series, period): _change(means[series, "before"], means[series, period])
        for series in SERIES
        for period in ("during", "afterwards")
    }
    return tuple(
        SeriesChange(
            series=series,
            before_value_kusd=means[series, "before"],
            during_value_kusd=means[series, "during"],
            afterwards_value_kusd=means[series, "afterwards"],
            change_during=changes[series, "during"],
            change_afterwards=changes[series, "afterwards"],
            change_during_to_control=_to_control(changes, series, "during"),
            change_afterwards_to_control=_to_control(changes, series, "afterwards"),
        )
        for series in SERIES
    )


def _mean(table: pl.DataFrame, series: str, period: str) -> float | None:
    values = table.filter(pl.col("period") == period)[f"{series}_value_kusd"].to_list()
    return sum(values) / len(values) if values else None


def _change(before: float | None, later: float | None) -> float | None:
    return None if not before or later is None else later / before - 1.0


def _to_control(changes: dict[tuple[str, str], float | None], series: str, period: str) -> float | None:
    change, control = changes[series, period], changes["sender_others", period]
    if series == "sender_others" or change is None or control is None or control <= -1.0:
        return None
    return (1.0 + change) / (1.0 + control) - 1.0
