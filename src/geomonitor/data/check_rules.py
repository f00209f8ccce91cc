"""The rules behind the named checks: each gives a count and the worst rows of a dataset.

Every rule works a year at a time or on grouped sums, so that memory stays bounded on whole releases.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from geomonitor.codes import HS_REVISIONS, UNALLOCATED_CODES
from geomonitor.data.dataset import Dataset
from geomonitor.data.readers.base import ECONOMY
from geomonitor.data.readers.members import sha256_of_file
from geomonitor.data.verify import flow_keys, missing_years

__all__ = [
    "BREAK_FACTOR",
    "BREAK_FLOOR_KUSD",
    "OUTLIER_LIMIT",
    "OUTLIER_MINIMUM_ROWS",
    "Finding",
    "changed_files",
    "duplicate_keys",
    "exporter_equals_importer",
    "lacking_years",
    "missing_quantities",
    "mixed_hs_revisions",
    "sudden_breaks",
    "unallocated_partners",
    "unit_value_outliers",
    "zero_values",
]

BREAK_FACTOR = 10.0
BREAK_FLOOR_KUSD = 10_000.0
OUTLIER_LIMIT = 3.0
OUTLIER_MINIMUM_ROWS = 10
MAD_TO_STANDARD_DEVIATION = 1.4826
_REVISION_MINIMUM_PRODUCTS = 3
_REVISION_MINIMUM_SHARE = 0.01
_FLOW = ("year", "exporter", "importer", "product", "value_kusd", "quantity_t")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: how many, and the worst rows."""

    count: int
    worst: pl.DataFrame


def changed_files(dataset: Dataset, worst: int) -> Finding:
    """Compare every flow file with the SHA-256 in the metadata."""
    rows = []
    for entry in dataset.metadata["files"]:
        file = dataset.path / entry["name"]
        found = sha256_of_file(file) if file.is_file() else None
        if found != entry["sha256"]:
            rows.append((entry["name"], entry["sha256"], found))
    schema = {"file": pl.String, "sha256_added": pl.String, "sha256_found": pl.String}
    return Finding(len(rows), pl.DataFrame(rows, schema=schema, orient="row").head(worst))


def mixed_hs_revisions(dataset: Dataset, worst: int) -> Finding:
    """Find codes outside the product table, and codes that change over in a year of a new revision."""
    known = list(dataset.product_names())
    spans = (
        dataset.scan()
        .group_by(pl.col("product").cast(pl.String))
        .agg(
            pl.col("year").min().alias("first_year"),
            pl.col("year").max().alias("last_year"),
            pl.len().alias("rows"),
        )
        .collect(engine="streaming")
    )
    parts = [
        spans.filter(~pl.col("product").is_in(known)).with_columns(reason=pl.lit("not in the product table")),
    ]
    minimum = max(_REVISION_MINIMUM_PRODUCTS, _REVISION_MINIMUM_SHARE * spans.height)
    first, last = min(dataset.years), max(dataset.years)
    for revision, year in HS_REVISIONS.items():
        if not first < year <= last:
            continue
        ended = spans.filter(pl.col("last_year") == year - 1)
        began = spans.filter(pl.col("first_year") == year)
        if min(ended.height, began.height) >= minimum:
            parts.append(ended.with_columns(reason=pl.lit(f"ends where {revision} came in")))
            parts.append(began.with_columns(reason=pl.lit(f"begins where {revision} came in")))
    found = pl.concat(parts).unique(subset="product", keep="first")
    return Finding(found.height, found.sort("rows", "product", descending=[True, False]).head(worst))


def duplicate_keys(dataset: Dataset, worst: int) -> Finding:
    """Find rows that repeat the key of another."""
    count = 0
    rows: list[pl.DataFrame] = []
    for year in dataset.years:
        frame = dataset.scan([year]).select("year", "exporter", "importer", "product").collect()
        codes = frame["product"].cast(pl.String)
        keyed = frame.with_columns(
            codes.cast(pl.Enum(codes.unique().sort())),
            pl.col("exporter").cast(ECONOMY),
            pl.col("importer").cast(ECONOMY),
        )
        keys = flow_keys(keyed)
        if not keys.is_sorted():
            order = keys.arg_sort()
            keyed, keys = keyed[order], keys.gather(order)
        repeats = keys[1:] == keys[:-1] if keys.len() > 1 else pl.Series([], dtype=pl.Boolean)
        found = int(repeats.sum())
        if found:
            count += found
            repeated = keyed[1:].filter(repeats).select(pl.col("year"), pl.exclude("year").cast(pl.String))
            rows.append(repeated.group_by(repeated.columns, maintain_order=True).len("repeats"))
    schema = {
        "year": pl.Int16,
        "exporter": pl.String,
        "importer": pl.String,
        "product": pl.String,
        "repeats": pl.UInt32,
    }
    every = pl.concat(rows) if rows else pl.DataFrame(schema=schema)
    return Finding(count, every.sort("repeats", descending=True, maintain_order=True).head(worst))


def lacking_years(dataset: Dataset, worst: int) -> Finding:
    """Find years missing between the first and the last."""
    absent = list(missing_years(dataset.years))
    return Finding(len(absent), pl.DataFrame({"year": absent}, schema={"year": pl.Int16}).head(worst))


def exporter_equals_importer(dataset: Dataset, worst: int) -> Finding:
    """Find flows from an economy to itself."""
    same = pl.col("exporter").cast(pl.String) == pl.col("importer").cast(pl.String)
    return _rows(dataset, same, "value_kusd", worst)


def zero_values(dataset: Dataset, worst: int) -> Finding:
    """Find flows of value zero, those with the largest quantity first."""
    return _rows(dataset, pl.col("value_kusd") == 0, "quantity_t", worst)


def missing_quantities(dataset: Dataset, worst: int) -> Finding:
    """Find flows without a quantity, by the product and year that lack it for most of their value."""
    missing = pl.col("quantity_t").is_null()
    found = (
        dataset.scan()
        .group_by(pl.col("product").cast(pl.String), "year")
        .agg(
            missing.sum().alias("rows_without_quantity"),
            missing.mean().alias("share_of_rows"),
            pl.col("value_kusd").filter(missing).sum().alias("value_without_quantity_kusd"),
            pl.col("value_kusd").sum().alias("value_kusd"),
        )
        .filter(pl.col("rows_without_quantity") > 0)
        .with_columns(
            pl.when(pl.col("value_kusd") > 0)
            .then(pl.col("value_without_quantity_kusd") / pl.col("value_kusd"))
            .alias("share_of_value")
        )
        .collect(engine="streaming")
    )
    order = found.sort(
        "share_of_value",
        "value_without_quantity_kusd",
        "product",
        "year",
        descending=[True, True, False, False],
        nulls_last=True,
    )
    return Finding(int(found["rows_without_quantity"].sum()), order.head(worst))


def unallocated_partners(dataset: Dataset, worst: int) -> Finding:
    """Find flows with a partner that is no single economy, by partner and side."""
    codes = sorted(UNALLOCATED_CODES)
    total = dataset.scan().select(pl.col("value_kusd").sum()).collect(engine="streaming").item()
    sides = []
    count = 0
    exporter, importer = (pl.col(side).cast(pl.String).is_in(codes) for side in ("exporter", "importer"))
    count = dataset.scan().select((exporter | importer).sum()).collect(engine="streaming").item()
    for side in ("exporter", "importer"):
        sides.append(
            dataset.scan()
            .filter(pl.col(side).cast(pl.String).is_in(codes))
            .group_by(pl.col(side).cast(pl.String).alias("partner"))
            .agg(pl.len().alias("rows"), pl.col("value_kusd").sum())
            .with_columns(pl.lit(side).alias("side"))
            .collect(engine="streaming")
        )
    found = pl.concat(sides).select(
        "partner", "side", "rows", "value_kusd", (pl.col("value_kusd") / total).alias("share_of_value")
    )
    return Finding(int(count), found.sort("value_kusd", "partner", descending=[True, False]).head(worst))


def unit_value_outliers(dataset: Dataset, worst: int) -> Finding:
    """Find unit values far from the median of their product and year.

    Robust z-score of the logarithm: Iglewicz, B. and Hoaglin, D. (1993), How to Detect and Handle Outliers.
    """
    count = 0
    rows: list[pl.DataFrame] = []
    for year in dataset.years:
        measured = (
            dataset.scan([year])
            .filter((pl.col("quantity_t") > 0) & (pl.col("value_kusd") > 0))
            .with_columns((pl.col("value_kusd") / pl.col("quantity_t")).alias("unit_value_kusd_t"))
            .with_columns(pl.col("unit_value_kusd_t").log().alias("__log"))
            .collect()
        )
        centre = measured.group_by("product").agg(
            pl.col("__log").median().alias("__median"), pl.len().alias("__rows")
        )
        measured = measured.join(
            centre.filter(pl.col("__rows") >= OUTLIER_MINIMUM_ROWS), on="product"
        ).with_columns((pl.col("__log") - pl.col("__median")).alias("__deviation"))
        spread = measured.group_by("product").agg(pl.col("__deviation").abs().median().alias("__mad"))
        scored = (
            measured.join(spread.filter(pl.col("__mad") > 0), on="product")
            .with_columns(
                (pl.col("__deviation") / (MAD_TO_STANDARD_DEVIATION * pl.col("__mad"))).alias("robust_z"),
                pl.col("__median").exp().alias("median_unit_value_kusd_t"),
            )
            .filter(pl.col("robust_z").abs() > OUTLIER_LIMIT)
        )
        count += scored.height
        top = scored.select(*_FLOW, "unit_value_kusd_t", "median_unit_value_kusd_t", "robust_z")
        rows.append(_as_text(top.sort(pl.col("robust_z").abs(), descending=True).head(worst)))
    every = pl.concat(rows)
    return Finding(count, every.sort(pl.col("robust_z").abs(), descending=True).head(worst))


def sudden_breaks(dataset: Dataset, worst: int) -> Finding:
    """Find years in which a value jumps against, or vanishes between, both its neighbours."""
    by_exporter = (
        dataset.scan()
        .group_by(pl.col("product").cast(pl.String), pl.col("exporter").cast(pl.String), "year")
        .agg(pl.col("value_kusd").sum())
        .collect(engine="streaming")
    )
    by_product = (
        by_exporter.group_by("product", "year")
        .agg(pl.col("value_kusd").sum())
        .select("product", pl.lit(None, dtype=pl.String).alias("exporter"), "year", "value_kusd")
    )
    found = pl.concat(_breaks(frame, dataset.years) for frame in (by_product, by_exporter))
    order = found.sort(
        pl.col("exporter").is_not_null(),
        "size_kusd",
        "product",
        "year",
        descending=[False, True, False, False],
    )
    return Finding(found.height, order.drop("size_kusd").head(worst))


def _breaks(values: pl.DataFrame, years: tuple[int, ...]) -> pl.DataFrame:
    subject = ["product", "exporter"]
    # Neighbours are the neighbouring years of the dataset, so that a gap in the data is no break.
    positions = pl.DataFrame(
        {"year": years, "at": range(len(years))}, schema={"year": pl.Int16, "at": pl.Int32}
    )
    frame = values.join(positions, on="year").sort(*subject, "at")
    value, at = pl.col("value_kusd"), pl.col("at")
    frame = frame.with_columns(
        value.shift(1).over(subject).alias("__previous"),
        at.shift(1).over(subject).alias("__previous_at"),
        value.shift(-1).over(subject).alias("__next"),
        at.shift(-1).over(subject).alias("__next_at"),
    )
    before = pl.when(pl.col("__previous_at") == at - 1).then(pl.col("__previous")).otherwise(0.0)
    after = pl.when(pl.col("__next_at") == at + 1).then(pl.col("__next")).otherwise(0.0)
    inner = frame.filter(at.is_between(1, len(years) - 2)).select(
        *subject,
        "year",
        before.alias("value_year_before_kusd"),
        "value_kusd",
        after.alias("value_year_after_kusd"),
    )
    low, high = pl.min_horizontal, pl.max_horizontal
    neighbours = ("value_year_before_kusd", "value_year_after_kusd")
    jumped = inner.filter(
        (value > BREAK_FACTOR * high(neighbours)) | (value * BREAK_FACTOR < low(neighbours))
    )
    names = pl.Series("year", years, dtype=pl.Int16)
    vanished = frame.filter(pl.col("__next_at") == at + 2)
    vanished = vanished.select(
        *subject,
        names.gather(vanished["at"].cast(pl.UInt32) + 1),
        value.alias("value_year_before_kusd"),
        pl.lit(0.0).alias("value_kusd"),
        pl.col("__next").alias("value_year_after_kusd"),
    ).filter(low(neighbours) > 0)
    both = pl.concat([jumped, vanished]).with_columns(high("value_kusd", *neighbours).alias("size_kusd"))
    return both.filter(pl.col("size_kusd") >= BREAK_FLOOR_KUSD)


def _rows(dataset: Dataset, wrong: pl.Expr, order: str, worst: int) -> Finding:
    """Count the rows that are wrong, and take those with most of `order`."""
    lazy = dataset.scan().filter(wrong)
    count = lazy.select(pl.len()).collect(engine="streaming").item()
    top = (
        lazy.sort(order, descending=True, nulls_last=True).head(worst).collect()
        if count
        else lazy.head(0).collect()
    )
    return Finding(int(count), _as_text(top))


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn codes into plain text, so that frames of different datasets and years stack."""
    return frame.with_columns(pl.col("exporter", "importer", "product").cast(pl.String))
