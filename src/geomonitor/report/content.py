"""What a report shows of an edition: checked tables, chosen importers, names and colours."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from geomonitor.codes import resolve_importer
from geomonitor.data import embedded_dataset
from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.report.language import Language, texts

__all__ = ["SUPPLIER_COLOURS", "Content", "EditionLike", "ShownImporter"]

# Paul Tol's "muted" scheme, told apart by colour-blind readers, and three more that suit it; the rest
# of the suppliers is grey
SUPPLIER_COLOURS = (
    "#332288", "#CC6677", "#44AA99", "#DDCC77", "#882255", "#88CCEE", "#117733", "#999933", "#AA4499",
    "#661100", "#6699CC", "#E08E45",
)  # fmt: skip

# importers with sections of their own; the others are in the summary table and the workbook
IMPORTERS_IN_FULL = 4

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "products": (
        "importer", "home", "method", "product", "product_name", "dependent", "main_supplier",
        "main_supplier_share", "extra_import_value_kusd",
    ),
    "history": ("importer", "home", "method", "year", "product", "dependent", "main_supplier"),
    "suppliers": ("importer", "home", "year", "product", "supplier", "value_kusd", "share"),
    "robustness": ("importer", "home", "method", "product", "variant", "kind", "dependent"),
    "churn": ("importer", "home", "method", "year", "dependent_count", "came", "went"),
    "common": ("importer", "method", "product", "member", "dependent"),
    "relations": ("importer", "counterpart", "method", "direction", "product", "value_kusd"),
    "relations_summary": (
        "importer", "counterpart", "direction", "products", "value_kusd", "bilateral_value_kusd",
    ),
    "exposure": (
        "economy", "origin", "sectors", "face_value_share", "look_through_share", "value_added_share",
    ),
    "exposure_sectors": (
        "importer", "home", "origin", "sector", "output_musd", "face_value_share", "look_through_share",
        "value_added_share",
    ),
    "paths": (
        "importer", "home", "origin", "rank", "path", "steps", "exposure_share", "cumulative_share",
        "coverage", "exact",
    ),
    "path_links": ("importer", "home", "origin", "source", "target", "step", "product_value_share"),
    "chain_stages": (
        "importer", "home", "chain", "place", "stage", "supplier", "share", "source", "known",
    ),
    "chain_stacking": (
        "importer", "home", "chain", "economy", "stages", "known_stages", "stages_above", "longest_run",
    ),
    "stacking_across": (
        "importer", "home", "economy", "weighted_exposure", "weighted_exposure_high", "chains_hit",
        "stages_above", "main_supplier_stages", "interests", "dependent_count", "stage_concentration",
    ),
    "materials": (
        "importer", "label", "material", "name_en", "name_nl", "strategic", "basis", "stage", "supply_risk",
        "supply_risk_low", "supply_risk_high", "economic_importance", "critical", "reason", "main_supplier",
        "main_supplier_share", "above_benchmark", "published_year", "published_supply_risk",
        "published_economic_importance", "published_critical", "chains",
    ),
    "material_stages": (
        "importer", "label", "material", "stage", "basis", "products", "mixed", "world_concentration",
        "sourcing_concentration", "import_reliance", "import_reliance_low", "import_reliance_high",
        "recycling_rate", "substitution_risk", "supply_risk", "supply_risk_low", "supply_risk_high",
        "main_supplier", "main_supplier_share", "above_benchmark", "reason",
    ),
    "material_factors": (
        "importer", "label", "material", "stage", "factor", "value", "supply_risk", "supply_risk_if_neutral",
    ),
    "material_suppliers": (
        "importer", "label", "material", "stage", "scope", "supplier", "share", "governance",
    ),
    "material_history": (
        "material", "stage", "scope", "year", "concentration", "main_supplier", "main_supplier_share",
    ),
    "material_published": (
        "material", "year", "supply_risk", "economic_importance", "critical", "listed",
    ),
    "material_comparison": (
        "material", "measure", "source", "years", "extraction_supplier", "extraction",
        "processing_supplier", "processing", "difference",
    ),
    "shocks": (
        "scenario", "name_en", "name_nl", "calibration", "economy", "in_scenario", "real_income_change",
        "direct_price_change", "total_price_change", "price_change", "income_musd", "ratio_total_to_direct",
    ),
    "shock_groups": (
        "scenario", "economy", "in_scenario", "real_income_change", "direct_price_change",
        "total_price_change", "price_change", "income_musd", "ratio_total_to_direct",
    ),
    "shock_links": ("scenario", "links", "economy", "real_income_change"),
    "shock_sectors": (
        "scenario", "economy", "sector", "sector_name_en", "sector_name_nl", "output_musd", "output_change",
        "direct_price_change", "total_price_change", "price_change",
    ),
    "shock_trade": ("scenario", "buyer", "seller", "before_musd", "after_musd"),
    "shock_curve": ("family", "points", "economy", "real_income_change"),
    "shock_fan": ("scenario", "economy", "variants", "failed", "q05", "q25", "q50", "q75", "q95"),
    "shock_grid": ("scenario", "elasticity_factor", "economy", "real_income_change"),
    "shock_assumptions": ("scenario", "number", "text"),
}  # fmt: skip

_RECORD_KEYS = ("id", "title", "created", "period", "dataset", "methods", "importers", "main_method")


class EditionLike(Protocol):
    """What a report needs of an edition."""

    @property
    def record(self) -> Mapping[str, Any]:
        """Everything that went in."""

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """Tables by name."""

    @property
    def findings(self) -> pl.DataFrame:
        """The findings."""


@dataclass(frozen=True, slots=True)
class ShownImporter:
    """An importer of the edition.

    Attributes
    ----------
    code, home_code, label, name : str
    anchor : str
        Safe as an identifier in a page.
    members : tuple of str
        Empty where the group is not known here.
    home : tuple of str
        Members and those of the home group.
    """

    code: str
    home_code: str
    label: str
    name: str
    anchor: str
    members: tuple[str, ...]
    home: tuple[str, ...]


@dataclass(frozen=True)
class Content:
    """An edition as a report sees it.

    Attributes
    ----------
    record : mapping
    tables : mapping of str to polars.DataFrame
        Every table of the contract; empty ones for those that the edition does not have.
    findings : polars.DataFrame
    language : Language
    """

    record: Mapping[str, Any]
    tables: Mapping[str, pl.DataFrame]
    findings: pl.DataFrame
    language: Language

    @classmethod
    def of(cls, edition: EditionLike, language: str) -> Content:
        """Check an edition and take what the report needs.

        Raises
        ------
        DataError
            If the record lacks a key or a table lacks a column.
        UnknownCodeError
            If there is no report in that language.
        """
        record = edition.record
        missing = [key for key in _RECORD_KEYS if key not in record]
        if missing:
            raise DataError(
                f"The record of the edition lacks: {', '.join(missing)}.",
                where="edition.json",
                next_step="Run the profile again.",
            )
        tables = dict(edition.tables)
        for name, columns in _NEEDED.items():
            table = tables.get(name)
            if table is None:
                if name == "products":
                    raise DataError("The edition has no table of products.", where="tables/products.parquet")
                tables[name] = pl.DataFrame(schema=_schema(columns))
                continue
            lacking = [column for column in columns if column not in table.columns]
            if lacking:
                raise DataError(
                    f"The table {name} lacks columns: {', '.join(lacking)}.",
                    where=f"tables/{name}.parquet",
                    expected=", ".join(columns),
                    next_step="Run the profile again with this version of Geomonitor.",
                )
        groups = record.get("profile", {}).get("groups") or None
        return cls(record, tables, edition.findings, Language(language, groups))

    def interest(self, code: str) -> str:
        """Name a public interest: in our words, or in those of the user's own file."""
        if f"interest.{code}" in texts():
            return self.language.interest(code)
        own = self.record.get("interests", {}).get("names", {}).get(code, {})
        return str(own.get(self.language.code) or self.language.interest(code))

    @functools.cached_property
    def main_method(self) -> Mapping[str, Any]:
        """The record of the main method."""
        for each in self.record["methods"]:
            if each["id"] == self.record["main_method"]:
                return dict(each)
        raise DataError(
            f"The main method {self.record['main_method']!r} is not among the methods of the edition.",
            where="edition.json, main_method",
        )

    @property
    def methods(self) -> Sequence[Mapping[str, Any]]:
        """The records of the methods, the main one first."""
        rest = [each for each in self.record["methods"] if each["id"] != self.main_method["id"]]
        return (self.main_method, *rest)

    @property
    def period(self) -> tuple[int, int]:
        """First and last year."""
        return int(self.record["period"][0]), int(self.record["period"][-1])

    @property
    def period_text(self) -> str:
        """The period in writing."""
        written = self.record.get("period_text")
        if written:
            return str(written).replace("-", "–")
        first, last = self.period
        return str(first) if first == last else f"{first}–{last}"

    @property
    def years_in_period(self) -> int:
        """Number of years that were measured."""
        years = self.record.get("profile", {}).get("years")
        return len(set(years)) if years else self.period[1] - self.period[0] + 1

    @property
    def title(self) -> str:
        """The title of the edition."""
        title = self.record["title"]
        if isinstance(title, str):
            return title
        return str(title.get(self.language.code) or next(iter(title.values()), self.record["id"]))

    @functools.cached_property
    def importers(self) -> tuple[ShownImporter, ...]:
        """Every importer of the edition."""
        found = []
        for number, each in enumerate(self.record["importers"]):
            code, home = each["code"], each.get("home_code") or each["code"]
            members = tuple(each.get("members") or self._members(code))
            found.append(
                ShownImporter(
                    code=code,
                    home_code=home,
                    label=each.get("label") or code,
                    name=self.language.importer(code, home),
                    anchor=f"i{number + 1}",
                    members=members,
                    home=tuple(sorted({*members, *(self._members(home) if home != code else ())})),
                )
            )
        return tuple(found)

    @property
    def in_full(self) -> tuple[ShownImporter, ...]:
        """The importers with sections of their own."""
        return self.importers[:IMPORTERS_IN_FULL]

    def _members(self, code: str) -> tuple[str, ...]:
        try:
            return resolve_importer(code, extra=self.language.groups).members
        except UnknownCodeError:
            # a group of a later table: it is shown by its code, and no home is drawn on the map
            return ()

    def of_importer(self, name: str, importer: ShownImporter, *, main: bool = True) -> pl.DataFrame:
        """Take one importer's rows of a table, of the main method where the table has several methods."""
        table = self.tables[name].filter(pl.col("importer") == importer.code)
        if "home" in table.columns:
            table = table.filter(pl.col("home") == importer.home_code)
        elif "label" in table.columns:
            table = table.filter(pl.col("label") == importer.label)
        if main and "method" in table.columns and table["method"].n_unique() > 1:
            table = table.filter(pl.col("method") == self.main_method["id"])
        return table

    def dependent(self, importer: ShownImporter) -> pl.DataFrame:
        """Take one importer's dependent products under the main method: strategic first, then by value."""
        table = self.of_importer("products", importer).filter(pl.col("dependent").fill_null(value=False))
        if "strategic" not in table.columns:
            table = table.with_columns(strategic=pl.lit(value=False))
        return table.sort(["strategic", "extra_import_value_kusd", "product"], descending=[True, True, False])

    @functools.cached_property
    def names(self) -> Mapping[str, str]:
        """Product names by code; of products that are only in the history, those of the embedded table."""
        known: dict[str, str] = {}
        embedded = embedded_dataset()
        if embedded.hs_revision == self.record["dataset"].get("hs_revision"):
            known.update(embedded.product_names())
        for name in ("history", "products"):
            if "product_name" in self.tables[name].columns:
                table = self.tables[name].select("product", "product_name").unique("product")
                known.update({code: text for code, text in table.iter_rows() if text})
        return known

    def product_name(self, code: str) -> str:
        """Name a product; its code where it has no name."""
        return self.names.get(code, code)

    @functools.cached_property
    def colours(self) -> Mapping[str, str]:
        """Colours of suppliers, the same in every figure: those that matter most have one of their own."""
        counted: dict[str, float] = {}
        for importer in self.in_full:
            current = self.dependent(importer)["main_supplier"].drop_nulls().to_list()
            past = self.of_importer("history", importer).filter(pl.col("dependent").fill_null(value=False))
            for weight, codes in ((10.0, current), (1.0, past["main_supplier"].drop_nulls().to_list())):
                for code in codes:
                    counted[code] = counted.get(code, 0.0) + weight
        ranked = sorted(counted, key=lambda code: (-counted[code], code))
        return dict(zip(ranked, SUPPLIER_COLOURS, strict=False))


def _schema(columns: Sequence[str]) -> dict[str, pl.DataType | type[pl.DataType]]:
    kinds: dict[str, pl.DataType | type[pl.DataType]] = {
        "dependent": pl.Boolean, "year": pl.Int64, "dependent_count": pl.Int64, "came": pl.Int64,
        "went": pl.Int64, "value_kusd": pl.Float64, "share": pl.Float64, "products": pl.Int64,
        "bilateral_value_kusd": pl.Float64, "look_through_share": pl.Float64, "output_musd": pl.Float64,
        "known": pl.Boolean, "strategic": pl.Boolean, "mixed": pl.Boolean, "critical": pl.Boolean,
        "listed": pl.Boolean, "above_benchmark": pl.Boolean, "supply_risk": pl.Float64,
        "economic_importance": pl.Float64, "main_supplier_share": pl.Float64, "concentration": pl.Float64,
        "import_reliance_low": pl.Float64, "import_reliance_high": pl.Float64,
        "in_scenario": pl.Boolean, "real_income_change": pl.Float64, "q50": pl.Float64,
        "extraction": pl.Float64, "processing": pl.Float64, "difference": pl.Float64, "value": pl.Float64,
    }  # fmt: skip
    return {name: kinds.get(name, pl.String) for name in columns}
