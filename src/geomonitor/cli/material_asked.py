"""What the options of ``geomonitor materials`` ask for: read, checked, and opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from geomonitor.cli.options import parse_number, parse_pairs, parse_years, years_text

if TYPE_CHECKING:
    import polars as pl

    from geomonitor.data import Dataset
    from geomonitor.data.raw_materials import MaterialData
    from geomonitor.monitor.material_sources import Evaluated, MaterialSources
    from geomonitor.trade import Importer

__all__ = ["AskedMaterials", "Basis", "asked_materials"]


class Basis(StrEnum):
    """What the shares of suppliers are shares of."""

    trade = "trade"
    production = "production"


@dataclass(frozen=True, slots=True)
class AskedMaterials:
    """What the options ask for, checked.

    Attributes
    ----------
    importer : Importer
    sources : MaterialSources
    dataset : Dataset
    engine : str
    years : tuple of int
        Years of trade that are added up.
    production_years : tuple of int or None
        Years of production; the last of each material where None.
    merge : dict of str to str
    basis : Basis
    governance_file : pathlib.Path or None
    """

    importer: Importer
    sources: MaterialSources
    dataset: Dataset
    engine: str
    years: tuple[int, ...]
    production_years: tuple[int, ...] | None
    merge: dict[str, str]
    basis: Basis
    governance_file: Path | None

    def flows(self, years: Sequence[int] | None = None) -> Any:
        """Open the flows of some years; of those asked for where left out."""
        from geomonitor.data import open_flows

        return open_flows(self.dataset, self.engine, list(years or self.years))

    def evaluated(self, *, every_year: bool = False) -> tuple[Evaluated, str]:
        """Assess, and say where governance comes from.

        Parameters
        ----------
        every_year : bool
            Whether all years of the dataset are read, for a history.
        """
        from geomonitor.monitor.material_sources import evaluated_by_production, evaluated_by_trade
        from geomonitor.trade import supply_tables

        if self.basis is Basis.production:
            estimates, said = self._estimates(self._years_of_tables())
            found = evaluated_by_production(
                self.sources, [self.importer], estimates, years=self.production_years
            )
            return found[0], said
        read = self.dataset.years if every_year else self.years
        supply = supply_tables(
            self.flows(read),
            [self.importer],
            read,
            quantities=False,
            merge=self.merge,
            products=material_codes(self.dataset.hs_revision),
            whole_dollars=self.dataset.whole_dollars,
            verified=True,
        )
        estimates, said = self._estimates(self.years)
        found = evaluated_by_trade(
            self.sources,
            [self.importer],
            estimates,
            supply=supply,
            dataset=self.dataset,
            years=self.years,
        )
        return found[0], said

    def period(self, evaluated: Evaluated) -> str:
        """Give the years that the shares are of, in short."""
        if self.basis is Basis.trade:
            return years_text(self.years)
        return ";".join(evaluated.evaluation.world["years"].drop_nulls().unique().sort())

    def _years_of_tables(self) -> tuple[int, ...]:
        if self.production_years is not None:
            return self.production_years
        spoken = [
            parse_years(text) or ()
            for each in self.sources.tables
            for text in each.table.filter(each.table["measure"] != "use")["years"].drop_nulls().unique()
        ]
        return tuple(sorted({year for years in spoken for year in years})) or self.years

    def _estimates(self, years: Sequence[int]) -> tuple[pl.DataFrame, str]:
        from geomonitor.data import governance

        if self.governance_file is None:
            known = governance(max(years))
            year = max(known["governance_year"].to_list())
            return known, f"World Bank, Worldwide Governance Indicators, political stability, {year}"
        from geomonitor.data.raw_materials import governance_mean, read_governance

        found = governance_mean(read_governance(self.governance_file), years)
        dimensions = max(found["dimensions"].to_list())
        said = f"mean of {dimensions} indicators in {self.governance_file.name}, {years_text(sorted(years))}"
        return found, said


def material_codes(hs_revision: str) -> list[str]:
    """Give every code of the Harmonized System that holds a raw material.

    Parameters
    ----------
    hs_revision : str

    Examples
    --------
    >>> "261100" in material_codes("HS92")
    True
    """
    from geomonitor.codes import material_products

    return sorted({product for each in material_products(hs_revision) for product in each.products})


def asked_materials(
    importer: str,
    home_group: str | None,
    years: str | None,
    dataset: str | None,
    engine: str,
    merge: str | None,
    basis: Basis | None,
    tables: Sequence[str],
    inputs: Sequence[Path],
    governance_file: Path | None,
    method: str,
    threshold: Sequence[str],
) -> AskedMaterials:
    """Check the options and open what they name.

    Raises
    ------
    typer.BadParameter
        If options do not go together.
    GeomonitorError
        If a code, file, table or year is not known or not right.
    """
    from geomonitor.data import EMBEDDED_NAME, Store
    from geomonitor.materials import load_material_inputs, material_method
    from geomonitor.monitor.material_sources import MaterialSources
    from geomonitor.trade import importer as importer_of

    rule = material_method(method)
    if threshold:
        changed = parse_pairs(threshold, "--threshold")
        rule = rule.with_values(
            {name: parse_number(value, f"--threshold {name}") for name, value in changed.items()}
        )
    sources = MaterialSources(
        methods=(rule, material_method("crma-2024")),
        inputs=load_material_inputs(*inputs),
        input_files=(),
        tables=tuple(_table(text) for text in tables),
        only=(),
    )
    if basis is Basis.production and not sources.has_supply:
        raise typer.BadParameter("--basis production needs --tables with production or supply shares.")
    found = Store().dataset(dataset or EMBEDDED_NAME)
    given = parse_years(years)
    return AskedMaterials(
        importer=importer_of(importer, home_group=home_group),
        sources=sources,
        dataset=found,
        engine=engine,
        years=given or found.years[-3:],
        production_years=given,
        merge=parse_pairs(merge.split(","), "--merge") if merge else {},
        basis=basis or (Basis.production if sources.has_supply else Basis.trade),
        governance_file=governance_file,
    )


def _table(text: str) -> MaterialData:
    """Open data of the store, or read FORMAT:FILE; what is doubtful in a file is told."""
    from geomonitor.data.raw_materials import (
        MATERIAL_FORMATS,
        material_data,
        read_material_data,
        require_sound,
    )

    known, sign, file = text.partition(":")
    if not sign or known not in MATERIAL_FORMATS:
        return material_data(text)
    read = read_material_data(file, known, name=Path(file).name)
    require_sound(read.checks, file)
    for check in read.checks:
        if check.count and check.severity == "warning":
            typer.echo(f"Warning: {check.count} {check.name} in {file}. {check.explanation}", err=True)
    return read
