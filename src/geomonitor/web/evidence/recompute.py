"""Verdicts under other thresholds, by the same functions that made the edition's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from geomonitor.data import Dataset, Store, open_flows
from geomonitor.dependency import (
    Fragility,
    Measurement,
    MethodSpecification,
    ScreeningOptions,
    measure,
    methods,
    screen,
)
from geomonitor.errors import UnknownCodeError
from geomonitor.report.content import Content, ShownImporter
from geomonitor.trade import Importer, supply_tables
from geomonitor.trade import importer as importer_of
from geomonitor.web.evidence.kept import Kept
from geomonitor.web.language import say
from geomonitor.web.words import WrongRequestError

__all__ = [
    "NotRecomputableError",
    "Recomputed",
    "dataset_of",
    "edition_fragility",
    "edition_specification",
    "edition_table",
    "importer_and_options",
    "measured",
    "recomputed",
]

# a measurement of all products of world trade takes tens of megabytes
_MEASUREMENTS: Kept[Measurement] = Kept(4, alone=True)
_SCREENINGS: Kept[Recomputed] = Kept(64)

# what the verdict does not touch comes from the edition
_OF_EDITION = (
    "label",
    "method",
    "product_name",
    "governance",
    "governance_year",
    "interests",
    "substitutable",
    "strategic_basis",
)


class NotRecomputableError(WrongRequestError):
    """Why the verdicts of an edition cannot be worked out again here."""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Verdicts of one importer under thresholds of the reader's own.

    Attributes
    ----------
    table : polars.DataFrame
        As the edition's table of products, with `was_dependent`: the edition's own verdict.
    specification : MethodSpecification
        With the thresholds that were used; `modified` says how they differ from the published ones.
    """

    table: pl.DataFrame
    specification: MethodSpecification

    @property
    def came(self) -> pl.DataFrame:
        """Products that are dependent now, and are not in the edition."""
        return self.table.filter(_yes("dependent") & ~_yes("was_dependent"))

    @property
    def went(self) -> pl.DataFrame:
        """Products that are dependent in the edition, and no longer."""
        return self.table.filter(~_yes("dependent") & _yes("was_dependent"))


def _yes(column: str) -> pl.Expr:
    return pl.col(column).fill_null(value=False)


def edition_specification(content: Content, method: str) -> MethodSpecification:
    """Give the specification by which an edition judged, thresholds of its profile included.

    Parameters
    ----------
    content : Content
    method : str
        Id of one of the edition's methods.

    Raises
    ------
    NotRecomputableError
        If this version of Geomonitor has the method in another version, or not at all.
    """
    (record,) = (each for each in content.record["methods"] if each["id"] == method)
    known = methods().get(method)
    if known is None or known.version != record["version"]:
        raise NotRecomputableError(
            say(None, "recompute.other_method", method=method, version=record["version"])
        )
    conditions = [*record["conditions"], *(record.get("severe_conditions") or [])]
    own = {name: float(threshold) for name, _, threshold in conditions}
    found = known.with_thresholds(own) if own else known
    made = found.as_record()
    if any(made[key] != record.get(key) for key in ("conditions", "severe_conditions", "period_rule")):
        raise NotRecomputableError(
            say(None, "recompute.other_method", method=method, version=record["version"])
        )
    return found


def dataset_of(content: Content) -> Dataset:
    """Find the dataset of an edition in the store, the very same content.

    Raises
    ------
    NotRecomputableError
        If it is not there, or has other content by now.
    """
    about = content.record["dataset"]
    try:
        found = Store().dataset(about["name"])
    except UnknownCodeError as error:
        raise NotRecomputableError(
            say(None, "recompute.no_dataset", dataset=about["name"]), next_step=say(None, "recompute.add")
        ) from error
    if found.content_sha256 != about["content_sha256"]:
        raise NotRecomputableError(
            say(None, "recompute.other_dataset", dataset=about["name"]), next_step=say(None, "recompute.add")
        )
    return found


def measured(content: Content, importer: ShownImporter) -> Measurement:
    """Measure the indicators of an importer as the edition did; kept, for it takes long.

    Raises
    ------
    NotRecomputableError
        If the dataset is not in the store.
    """
    # not only the first time: what is no longer in the store is no longer offered
    dataset = dataset_of(content)
    key = (content.record["id"], importer.label)
    return _MEASUREMENTS.get(key, lambda: _measurement(content, importer, dataset))


def importer_and_options(content: Content, importer: ShownImporter) -> tuple[Importer, ScreeningOptions]:
    """Give the importer and the choices around the methods as the profile of the edition had them."""
    profile = content.record["profile"]
    groups = {name: tuple(members) for name, members in (profile.get("groups") or {}).items()}
    home = importer.home_code if importer.home_code != importer.code else None
    whose = importer_of(importer.code, home_group=home, groups=groups)
    options = ScreeningOptions(
        intra_group=profile.get("intra_group", "excluded"),
        minimum_import_value_kusd=float(profile.get("minimum_import_value_kusd", 0.0)),
        re_export_shares=dict(profile.get("re_export_shares") or {}),
        partner_group=profile.get("partner_group"),
        groups=groups,
    )
    return whose, options


def _measurement(content: Content, importer: ShownImporter, dataset: Dataset) -> Measurement:
    profile = content.record["profile"]
    whose, options = importer_and_options(content, importer)
    years = [int(year) for year in profile["years"]]
    supply = supply_tables(
        open_flows(dataset, "polars", years),
        [whose],
        years,
        merge=dict(profile.get("merge") or {}),
        whole_dollars=dataset.whole_dollars,
        verified=True,
    )
    return next(measure(supply, [whose], options=options))


def edition_fragility(content: Content) -> Fragility | None:
    """Give the network scores that the edition holds; none where it has no such method."""
    table = content.tables.get("fragility")
    if table is None or table.is_empty():
        return None
    years = tuple(int(year) for year in content.record["profile"]["years"])
    return Fragility(table, years, "binary")


def recomputed(
    content: Content, importer: ShownImporter, method: str, thresholds: Mapping[str, float]
) -> Recomputed:
    """Judge every product of an importer under other thresholds.

    Parameters
    ----------
    content : Content
    importer : ShownImporter
    method : str
        Id of one of the edition's methods.
    thresholds : mapping of str to float
        By indicator; those that are left out stay those of the edition.

    Raises
    ------
    NotRecomputableError
        If the dataset is no longer in the store, or the method has changed.
    GeomonitorError
        If a threshold is not one of the method, or is no number above 0.
    """
    specification = edition_specification(content, method)
    whole = {each.indicator: each.threshold for each in specification.conditions}
    whole |= {each.indicator: each.threshold for each in specification.severe_conditions}
    changed = specification.with_thresholds({**whole, **thresholds})
    measurement = measured(content, importer)
    key = (content.record["id"], importer.label, method, tuple(sorted({**whole, **thresholds}.items())))
    return _SCREENINGS.get(key, lambda: _recomputed(content, importer, changed, measurement))


def _recomputed(
    content: Content, importer: ShownImporter, specification: MethodSpecification, measurement: Measurement
) -> Recomputed:
    found = screen(measurement, specification, fragility=edition_fragility(content)).table
    own = content.of_importer("products", importer, main=False).filter(pl.col("method") == specification.id)
    kept = [name for name in _OF_EDITION if name in own.columns]
    known = own.select("product", *kept, pl.col("dependent").alias("was_dependent"))
    table = found.join(known, on="product", how="left", maintain_order="left").with_columns(
        # step 1 of the letter, as `geomonitor.dependency.strategic` takes it
        strategic=pl.col("dependent")
        & (pl.col("interests").fill_null("") != "")
        & ~pl.col("substitutable").fill_null(value=False),
    )
    return Recomputed(table, specification)


def edition_table(content: Content, importer: ShownImporter, method: str) -> pl.DataFrame:
    """Give the edition's own verdicts on an importer by a method."""
    table = content.of_importer("products", importer, main=False).filter(pl.col("method") == method)
    return table.with_columns(was_dependent=pl.col("dependent"))
