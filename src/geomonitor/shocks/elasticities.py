"""Trade elasticities: published sets by sector, and product-level ones from a file."""

from __future__ import annotations

import csv
import functools
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from geomonitor.codes import near_matches
from geomonitor.errors import DataError, UnknownCodeError

__all__ = [
    "CLASSIFICATIONS",
    "DEFAULT_ELASTICITIES",
    "DIVISIONS",
    "ElasticitySet",
    "SectorElasticity",
    "TradeSector",
    "elasticities",
    "elasticity_set",
    "elasticity_sets",
    "trade_sectors",
]

Floats = NDArray[np.float64]
Value = TypeVar("Value")

DEFAULT_ELASTICITIES = "fontagne-guimbard-orefice-2022"
"""The set that is used where none is named."""

DIVISIONS = "isic-rev4-divisions"
"""Classification in which every set gives its elasticities."""

_FOLDER = Path(__file__).with_name("published_elasticities")


@dataclass(frozen=True, slots=True)
class TradeSector:
    """A sector of a published table, and where its elasticity is found.

    Attributes
    ----------
    code, name : str
    divisions : tuple of str
        Groups of divisions of ISIC Rev. 4; the elasticity is the mean of theirs.
    family : str
        Such as "manufacturing" or "services".
    """

    code: str
    name: str
    divisions: tuple[str, ...]
    family: str


@dataclass(frozen=True, slots=True)
class SectorElasticity:
    """One published elasticity.

    Attributes
    ----------
    sector : str
    elasticity : float
        Positive: the percentage by which trade falls when its cost rises by 1 %.
    basis : {'paper', 'mean', 'filled'}
        An estimate of the paper; the mean of several of its sectors; or what stands in for an estimate.
    sectors_of_paper : str
        Which sectors of the paper they are.
    """

    sector: str
    elasticity: float
    basis: str
    sectors_of_paper: str


@dataclass(frozen=True, slots=True)
class ElasticitySet:
    """A published set of trade elasticities by sector.

    Attributes
    ----------
    name, title, citation : str
    read_from : str
        Where the figures were read.
    filled : str
        What stands in where the paper has no estimate; empty where nothing does.
    values : Mapping of str to Mapping of str to SectorElasticity
        By classification and sector.
    """

    name: str
    title: str
    citation: str
    read_from: str
    filled: str
    values: Mapping[str, Mapping[str, SectorElasticity]]

    def of(self, sectors: Sequence[str], classification: str) -> tuple[SectorElasticity, ...]:
        """Give the elasticity of each sector, with its basis.

        Parameters
        ----------
        sectors : sequence of str
        classification : str
            One of `CLASSIFICATIONS`.

        Raises
        ------
        UnknownCodeError
            If there is no such classification.
        DataError
            If a sector has none.
        """
        own = self.values.get(classification)
        if own is not None:
            return tuple(_found(own, sector, self.name, classification) for sector in sectors)
        known = trade_sectors(classification)
        divisions = self.values[DIVISIONS]
        found = []
        for sector in sectors:
            place = _found(known, sector, self.name, classification)
            parts = [_found(divisions, each, self.name, DIVISIONS) for each in place.divisions]
            found.append(_mean(sector, parts))
        return tuple(found)


def elasticities(name: str, sectors: Sequence[str], classification: str = "oecd-icio-2025") -> Floats:
    """Give the trade elasticities of a published set in the order of the sectors.

    Parameters
    ----------
    name : str
        One of `elasticity_sets`.
    sectors : sequence of str
        Codes of the classification.
    classification : str
        One of `CLASSIFICATIONS`.

    Returns
    -------
    numpy.ndarray
        Positive numbers, one a sector.

    Raises
    ------
    UnknownCodeError
        If there is no such set or classification.
    DataError
        If a sector has no elasticity; the message names it.

    Examples
    --------
    >>> elasticities("caliendo-parro-2015", ["C10T12", "C26", "G"]).round(2).tolist()
    [2.62, 8.54, 8.22]
    """
    found = elasticity_set(name).of(sectors, classification)
    return np.array([each.elasticity for each in found], dtype=np.float64)


def elasticity_set(name: str) -> ElasticitySet:
    """Give a published set by its name.

    Parameters
    ----------
    name : str

    Raises
    ------
    UnknownCodeError
        If there is none; the message names near matches.

    Examples
    --------
    >>> elasticity_set("caliendo-parro-2015").values["caliendo-parro-2015"]["23"].elasticity
    64.85
    """
    known = elasticity_sets()
    if name not in known:
        near = near_matches(name, tuple(known))
        raise UnknownCodeError(
            f"There is no set of trade elasticities {name!r}.",
            expected=f"one of {', '.join(known)}",
            next_step=f"Did you mean {' or '.join(near)}?" if near else None,
        )
    return known[name]


@functools.cache
def elasticity_sets() -> Mapping[str, ElasticitySet]:
    """Give the published sets that ship with Geomonitor, each with its citation.

    Returns
    -------
    Mapping of str to ElasticitySet

    Examples
    --------
    >>> next(iter(elasticity_sets()))
    'fontagne-guimbard-orefice-2022'
    """
    about = tomllib.loads((_FOLDER / "sets.toml").read_text(encoding="utf-8"))
    found = {}
    for name, entry in about.items():
        values: dict[str, dict[str, SectorElasticity]] = {}
        for row in _rows(f"{name}.csv"):
            values.setdefault(row["classification"], {})[row["sector"]] = SectorElasticity(
                row["sector"], float(row["elasticity"]), row["basis"], row["sectors_of_paper"]
            )
        frozen = MappingProxyType({key: MappingProxyType(each) for key, each in values.items()})
        found[name] = ElasticitySet(name=name, values=frozen, **entry)
    return MappingProxyType(found)


def trade_sectors(classification: str) -> Mapping[str, TradeSector]:
    """Give the sectors of a classification, in the order of its tables.

    Parameters
    ----------
    classification : str
        One of `CLASSIFICATIONS`.

    Raises
    ------
    UnknownCodeError
        If there is none.

    Examples
    --------
    >>> trade_sectors("wiod-2013")["c12"].divisions
    ('C24', 'C25')
    """
    known = _classifications()
    if classification not in known:
        raise UnknownCodeError(
            f"Sectors of the classification {classification!r} have no published elasticities.",
            expected=f"one of {', '.join(known)}",
            next_step="Give the elasticity of every sector yourself.",
        )
    return known[classification]


@functools.cache
def _classifications() -> Mapping[str, Mapping[str, TradeSector]]:
    found: dict[str, dict[str, TradeSector]] = {}
    for row in _rows("sectors.csv"):
        found.setdefault(row["classification"], {})[row["sector"]] = TradeSector(
            row["sector"],
            row["name"] or row["sector"],
            tuple(row["divisions"].split(";")),
            row["family"],
        )
    return MappingProxyType({key: MappingProxyType(each) for key, each in found.items()})


CLASSIFICATIONS: tuple[str, ...] = (
    "oecd-icio-2025",
    "oecd-icio-28",
    "figaro-64",
    "wiod-2016",
    "wiod-2013",
    "fgh-2014",
    "caliendo-parro-2015",
)
"""Classifications of sectors that the sets cover."""


def _rows(name: str) -> Iterable[dict[str, str]]:
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    return csv.DictReader(line for line in lines if not line.startswith("#"))


def _found(values: Mapping[str, Value], sector: str, name: str, classification: str) -> Value:
    if sector in values:
        return values[sector]
    near = near_matches(sector, tuple(values))
    raise DataError(
        f"The sector {sector!r} has no trade elasticity.",
        where=f"set {name}, classification {classification}",
        expected=f"one of {', '.join(values)}",
        next_step=f"Did you mean {' or '.join(near)}?" if near else "Give its elasticity yourself.",
    )


def _mean(sector: str, parts: Sequence[SectorElasticity]) -> SectorElasticity:
    if len(parts) == 1:
        (only,) = parts
        return SectorElasticity(sector, only.elasticity, only.basis, only.sectors_of_paper)
    names = "; ".join(dict.fromkeys(part.sectors_of_paper for part in parts))
    values = [part.elasticity for part in parts]
    bases = {part.basis for part in parts}
    basis = "filled" if "filled" in bases else "mean" if len(set(values)) > 1 else parts[0].basis
    return SectorElasticity(sector, float(np.mean(values)), basis, names)
