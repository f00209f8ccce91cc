"""Typed facts: single published figures on raw materials, each with its source.

These ship with Geomonitor. The tables of shares that they were taken from do not: readers bring those in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import polars as pl

from geomonitor.codes import material, material_members
from geomonitor.errors import DataError, UnknownCodeError

__all__ = [
    "FactSource",
    "fact_sources",
    "on_published_list",
    "published_assessments",
    "published_list",
    "published_list_years",
    "published_main_suppliers",
    "recycling_rates",
]

_FACTS = Path(__file__).with_name("facts")

_SCHEMAS: Mapping[str, Mapping[str, type[pl.DataType]]] = MappingProxyType(
    {
        "published_assessments.csv": {
            "material": pl.String,
            "year": pl.Int16,
            "stage": pl.String,
            "supply_risk": pl.Float64,
            "economic_importance": pl.Float64,
            "import_reliance": pl.Float64,
            "recycling_rate": pl.Float64,
            "substitution_economic": pl.Float64,
            "substitution_risk": pl.Float64,
            "governed_world": pl.Float64,
            "governed_sourcing": pl.Float64,
            "supply_basis": pl.String,
            "source": pl.String,
        },
        "main_suppliers.csv": {
            "material": pl.String,
            "stage": pl.String,
            "scope": pl.String,
            "economy": pl.String,
            "share": pl.Float64,
            "years": pl.String,
            "source": pl.String,
        },
        "recycling_rates.csv": {
            "material": pl.String,
            "recycling_rate": pl.Float64,
            "year": pl.Int16,
            "source": pl.String,
        },
        "published_lists.csv": {
            "year": pl.Int16,
            "entry": pl.String,
            "material": pl.String,
            "also": pl.String,
            "source": pl.String,
        },
    }
)


@dataclass(frozen=True, slots=True)
class FactSource:
    """A publication that facts are taken from.

    Parameters
    ----------
    code : str
        Key in the column `source` of the facts.
    title, citation, producer : str
        What to name and to cite.
    licence, licence_url : str
        Terms of reuse.
    """

    code: str
    title: str
    citation: str
    producer: str
    licence: str
    licence_url: str


def fact_sources() -> Mapping[str, FactSource]:
    """Return the publications that the facts come from, by the key in the column `source`.

    Examples
    --------
    >>> fact_sources()["eu-crm-2023"].title
    'Study on the critical raw materials for the EU 2023: Final report'
    """
    return _sources()


def published_assessments() -> pl.DataFrame:
    """Return supply risk and economic importance as the Commission published them from 2011 to 2023.

    The studies of 2011 and 2014 used another method, with thresholds of 1 and 5; those from 2017 on are
    comparable (1 and 2.8). A material that a study did not assess has no row.

    Returns
    -------
    polars.DataFrame
        Columns `material`, `year`, `stage` (the stage assessed; 2017 only), `supply_risk`,
        `economic_importance`, and for 2017 the inputs `import_reliance` and `recycling_rate` (fractions),
        `substitution_economic`, `substitution_risk`, `governed_world` and `governed_sourcing`
        (concentration weighted by governance and trade restrictions, 0-10), and `supply_basis` ("world and
        sourcing", "world only" or "sourcing only": what the published supply risk rests on); `source`.
        Null is not published. Sorted by year and material.

    Raises
    ------
    DataError
        The facts are missing or damaged.

    Examples
    --------
    >>> table = published_assessments()
    >>> table.filter(material="magnesium", year=2017).select("supply_risk", "import_reliance").row(0)
    (4.0, 1.0)
    """
    return _table("published_assessments.csv")


def published_main_suppliers() -> pl.DataFrame:
    """Return the largest supplier of each material and stage in the Commission's study of 2023.

    Stages whose printed shares do not add up to 95-105 % are left out; the file names them. Suppliers that
    tie for the largest share have a row each. Sourcing of the EU includes its own production.

    Returns
    -------
    polars.DataFrame
        Columns `material`, `stage`, `scope` ("world" or "EU sourcing"), `economy`, `share` (fraction),
        `years` and `source`; sorted by material, stage and scope.

    Raises
    ------
    DataError
        The facts are missing or damaged.

    Examples
    --------
    >>> published_main_suppliers().filter(material="cobalt", scope="world").select("economy", "share").rows()
    [('COD', 0.628), ('CHN', 0.596)]
    """
    return _table("main_suppliers.csv")


def recycling_rates() -> pl.DataFrame:
    """Return published end-of-life recycling input rates.

    Returns
    -------
    polars.DataFrame
        Columns `material`, `recycling_rate` (fraction of the input), `year` (of the publication: 2017, 2023)
        and `source`; sorted by material and year. A material without a published rate has no row: not known
        is not zero.

    Raises
    ------
    DataError
        The facts are missing or damaged.

    Examples
    --------
    >>> recycling_rates().filter(material="tungsten")["recycling_rate"].to_list()
    [0.42, 0.42]
    """
    return _table("recycling_rates.csv")


def published_list_years() -> tuple[int, ...]:
    """Return the years of the EU's lists of critical raw materials.

    Examples
    --------
    >>> published_list_years()
    (2011, 2014, 2017, 2020, 2023)
    """
    return tuple(_lists()["year"].unique().sort())


def published_list(year: int) -> tuple[str, ...]:
    """Return the EU's list of critical raw materials of a year, one code for each entry.

    Groups are one entry, as in the list; `on_published_list` answers for their members. Bauxite, alumina and
    aluminium are one entry of 2023, with the code of aluminium. The list of 2023 is that of the Critical Raw
    Materials Act.

    Parameters
    ----------
    year : int
        Year of the list, one of `published_list_years`.

    Returns
    -------
    tuple of str
        Codes of materials, sorted.

    Raises
    ------
    UnknownCodeError
        There is no list of that year.

    Examples
    --------
    >>> len(published_list(2020)), len(published_list(2023))
    (30, 34)
    """
    return tuple(sorted(_entries(year)["material"]))


def on_published_list(material_name: str, year: int) -> bool:
    """Say whether the EU's list of a year covers a material.

    A material is covered if it is listed, if a group that it belongs to is listed, if an entry covers it too
    (bauxite in 2023), or, for a group, if all its members are covered.

    Parameters
    ----------
    material_name : str
        Code of a material or group, or any name that `geomonitor.codes.material` knows.
    year : int
        Year of the list, one of `published_list_years`.

    Raises
    ------
    UnknownCodeError
        The material is not known, or there is no list of that year.

    Examples
    --------
    >>> on_published_list("neodymium", 2020), on_published_list("aluminium", 2020)
    (True, False)
    >>> on_published_list("bauxite", 2023), on_published_list("rare_earths", 2023)
    (True, True)
    """
    entries = _entries(year)
    listed = {*entries["material"], *entries["also"].drop_nulls()}
    asked = material(material_name)
    if listed & {asked.code, *asked.parents}:
        return True
    members = material_members(asked.code)
    return members != (asked.code,) and all(
        listed & {member, *material(member).parents} for member in members
    )


def _entries(year: int) -> pl.DataFrame:
    entries = _lists().filter(pl.col("year") == year)
    if entries.is_empty():
        raise UnknownCodeError(
            f"The EU published no list of critical raw materials of {year}.",
            expected=f"one of {', '.join(map(str, published_list_years()))}",
        )
    return entries


def _lists() -> pl.DataFrame:
    return _table("published_lists.csv")


@cache
def _table(name: str) -> pl.DataFrame:
    try:
        table = pl.read_csv(_FACTS / name, schema=dict(_SCHEMAS[name]), comment_prefix="#")
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _damaged(name, str(error)) from error
    unknown = set(table["source"]) - set(_sources())
    if unknown:
        raise _damaged(name, f"the source {min(unknown, key=str)!r} is not in sources.toml")
    return table


@cache
def _sources() -> Mapping[str, FactSource]:
    import tomllib  # here, for a quick import

    try:
        with (_FACTS / "sources.toml").open("rb") as handle:
            raw = tomllib.load(handle)
        return MappingProxyType({code: FactSource(code=code, **entry) for code, entry in raw.items()})
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise _damaged("sources.toml", str(error)) from error


def _damaged(name: str, why: str) -> DataError:
    return DataError(
        f"The facts on raw materials cannot be read: {why}", where=name, next_step="Install Geomonitor again."
    )
