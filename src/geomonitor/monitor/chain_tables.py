"""The part of an edition on value chains: exposure through suppliers' suppliers, and paths."""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.chains import (
    Chain,
    LeontiefSystem,
    face_value_shares,
    indicator,
    leontief_system,
    load_chains,
    look_through_shares,
    nodes_of,
    sectors_of,
    supply_paths,
    value_added_shares,
)
from geomonitor.data import Dataset
from geomonitor.data.input_output import EMBEDDED_TABLE, InputOutputTable, input_output_table
from geomonitor.data.input_output.store import input_output_folder
from geomonitor.dependency import Interests
from geomonitor.monitor.profile import Profile
from geomonitor.monitor.stacking_tables import (
    STACKING_THRESHOLD,
    described_chains,
    stacking_tables,
    world_supply_record,
)
from geomonitor.trade import Importer

__all__ = ["CHAIN_TABLES", "ChainInputs", "chain_inputs", "chain_tables", "table_sha256"]

Floats = NDArray[np.float64]

CHAIN_TABLES: tuple[str, ...] = (
    "exposure",
    "exposure_sectors",
    "paths",
    "path_links",
    "chain_stages",
    "chain_stacking",
    "stacking_across",
)
"""Names of the tables that this part adds to an edition."""

_SECTORS: Mapping[str, tuple[str, ...] | None] = {"manufacturing": ("manufacturing",), "all": None}
_LARGEST_ORIGINS = 10
_COUNTERPARTS_WITH_PATHS = 2
_PATHS = 15
# Libraries for linear algebra differ in the last bits; the tables of an edition should not.
_DECIMALS = 12


@dataclass(frozen=True, slots=True)
class ChainInputs:
    """What the part on value chains is made of.

    Attributes
    ----------
    table_name : str
        Of the input-output table.
    table_sha256 : str
        Hash of its file.
    chains : tuple of Chain
    """

    table_name: str
    table_sha256: str
    chains: tuple[Chain, ...]

    def as_record(self) -> dict[str, Any]:
        """Give what decides the content of this part as plain data."""
        return {
            "table": {"name": self.table_name, "sha256": self.table_sha256},
            "chains": {
                "codes": [each.code for each in self.chains],
                "sha256": _chains_sha256(self.chains),
                "threshold": STACKING_THRESHOLD,
                "world_supply": world_supply_record(),
            },
        }


def _chains_sha256(chains: Sequence[Chain]) -> str:
    plain = [asdict(each) for each in chains]
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()


def chain_inputs(profile: Profile, root: Path | None = None) -> ChainInputs | None:
    """Find the table and the chains of a profile, without reading the table.

    Parameters
    ----------
    profile : Profile
    root : pathlib.Path, optional
        Of the store.

    Returns
    -------
    ChainInputs or None
        None where the profile wants no part on value chains.

    Raises
    ------
    UnknownCodeError
        If there is no such table.

    Examples
    --------
    >>> from geomonitor.monitor import load_profile
    >>> found = chain_inputs(load_profile())
    >>> found.table_name, len(found.chains)
    ('oecd-icio-2022', 7)
    """
    if profile.table is None:
        return None
    chosen = tuple(each for each in load_chains() if each.code in profile.chains)
    return ChainInputs(profile.table, table_sha256(profile.table, root), chosen)


def table_sha256(name: str, root: Path | None) -> str:
    """Hash the file of an input-output table, without reading the table.

    Raises
    ------
    UnknownCodeError
        If there is no such table.
    """
    if name == EMBEDDED_TABLE:
        folder = importlib.resources.files("geomonitor.data") / "sample" / EMBEDDED_TABLE
        # the file is checked against this hash when it is read
        return str(json.loads((folder / "metadata.json").read_text("utf-8"))["file_sha256"])
    file = input_output_folder(root) / f"{name}.npz"
    if not file.is_file():
        # raises, and names the tables that there are
        input_output_table(name, root)
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@functools.lru_cache(maxsize=1)
def _system(name: str, sha256: str, root: Path | None) -> LeontiefSystem:
    """Factorise a table once in the life of the program; its hash tells tables of one name apart."""
    del sha256
    return leontief_system(input_output_table(name, root))


def chain_tables(
    profile: Profile,
    inputs: ChainInputs,
    products: pl.DataFrame,
    *,
    dataset: Dataset,
    flows: Any,
    interests: Interests,
    root: Path | None = None,
) -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    """Make the tables on value chains, and what the record says of them.

    Parameters
    ----------
    profile : Profile
    inputs : ChainInputs
        From `chain_inputs`.
    products : polars.DataFrame
        The table of products of the edition, for the dependent products by main supplier.
    dataset : Dataset
    flows : frame
        The flows of the profile's years, of any engine.
    interests : Interests
        Which products serve which public interests.
    root : pathlib.Path, optional
        Of the store.

    Returns
    -------
    tuple of (dict of str to polars.DataFrame, dict)
        Tables by name (`CHAIN_TABLES`; those without a row are left out), and the entries
        `input_output` and `chains` of the record.
    """
    system = _system(inputs.table_name, inputs.table_sha256, root)
    table = system.table
    parties = _Parties(table, dict(profile.merge))
    present = [each for each in profile.importers if parties.of(each.members)]
    counterparts = [code for code in profile.counterparts if code not in profile.merge and parties.of([code])]
    tables: dict[str, pl.DataFrame] = {}
    if present:
        tables |= _exposures(system, parties, present, counterparts)
        tables |= _paths(system, parties, present, counterparts)
    if inputs.chains:
        tables |= stacking_tables(
            profile, inputs.chains, products, table, dataset=dataset, flows=flows, interests=interests
        )
    absent = [each.code for each in profile.importers if each not in present]
    absent += [
        code for code in profile.counterparts if code not in counterparts and code not in profile.merge
    ]
    described = {**inputs.as_record()["chains"], "described": described_chains(inputs.chains)}
    rounded = {name: tables[name] for name in CHAIN_TABLES if name in tables and tables[name].height}
    return (
        {name: frame.with_columns(pl.col(pl.Float64).round(_DECIMALS)) for name, frame in rounded.items()},
        {"input_output": _about(table, inputs, absent), "chains": described},
    )


@dataclass(frozen=True, slots=True)
class _Parties:
    """Economies of the table, with those that the profile folds into another one."""

    table: InputOutputTable
    merge: Mapping[str, str]

    def of(self, codes: Sequence[str]) -> tuple[str, ...]:
        wanted = set(codes)
        return tuple(code for code in self.table.countries if self.merge.get(code, code) in wanted)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.merge.get(code, code) for code in self.table.countries))


def _exposures(
    system: LeontiefSystem, parties: _Parties, importers: Sequence[Importer], counterparts: Sequence[str]
) -> dict[str, pl.DataFrame]:
    """Measure importers and members of groups on the origins that matter most, and by sector."""
    table = system.table
    users: dict[str, tuple[str, ...]] = {}
    for each in importers:
        users.setdefault(each.code, parties.of(each.members))
        if each.is_group:
            for member in each.members:
                if parties.of([member]):
                    users.setdefault(member, parties.of([member]))
    places = {
        (code, family): nodes_of(table, economies, sectors_of(table, names))
        for code, economies in users.items()
        for family, names in _SECTORS.items()
    }
    output = np.asarray(table.output_musd, dtype=np.float64)
    # what is home to every importer is no origin
    home = set.intersection(*(set(each.home) for each in importers))
    candidates = [code for code in parties.names if code not in home]
    through = look_through_shares(system, indicator(table, [parties.of([code]) for code in candidates]))
    weight = dict.fromkeys(candidates, 0.0)
    for each in importers:
        nodes = places[each.code, "manufacturing"]
        for code, values in zip(candidates, through, strict=True):
            if code not in each.home:
                weight[code] += np.nan_to_num(_weighted(values[nodes], output[nodes]))
    ranked = sorted(candidates, key=lambda code: (-weight[code], code))
    origins = list(dict.fromkeys([*(c for c in counterparts if c not in home), *ranked[:_LARGEST_ORIGINS]]))
    marks = indicator(table, [parties.of([code]) for code in origins])
    measures = {
        "face_value_share": face_value_shares(system, marks),
        "look_through_share": through[[candidates.index(code) for code in origins]],
        "value_added_share": value_added_shares(system, marks),
    }
    rows = [
        {
            "economy": code,
            "origin": origin,
            "sectors": family,
            "output_musd": float(output[nodes].sum()),
            **{name: _weighted(part[place][nodes], output[nodes]) for name, part in measures.items()},
        }
        for (code, family), nodes in places.items()
        for place, origin in enumerate(origins)
    ]
    by_sector = []
    for each in importers:
        main = next((code for code in counterparts if code not in each.home), None)
        if main is None or main not in origins:
            continue
        place = origins.index(main)
        for sector in table.sectors:
            nodes = nodes_of(table, users[each.code], [sector])
            by_sector.append(
                {
                    "importer": each.code,
                    "home": each.home_code,
                    "origin": main,
                    "sector": sector,
                    "output_musd": float(output[nodes].sum()),
                    **{n: _weighted(part[place][nodes], output[nodes]) for n, part in measures.items()},
                }
            )
    return {"exposure": _frame(rows), "exposure_sectors": _frame(by_sector)}


def _frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col(pl.Float64).fill_nan(None))


def _weighted(values: Floats, output: Floats) -> float:
    """Average by gross output, over the nodes where the measure is defined."""
    known = ~np.isnan(values) & (output > 0)
    return float(np.average(values[known], weights=output[known])) if known.any() else float("nan")


def _paths(
    system: LeontiefSystem, parties: _Parties, importers: Sequence[Importer], counterparts: Sequence[str]
) -> dict[str, pl.DataFrame]:
    """Find the largest supply paths into manufacturing, from the first counterparts."""
    listed, links = [], []
    for each in importers:
        abroad = [code for code in counterparts if code not in each.home]
        for origin in abroad[:_COUNTERPARTS_WITH_PATHS]:
            found = supply_paths(
                system,
                "TO",
                "FROM",
                sectors=_SECTORS["manufacturing"],
                top=_PATHS,
                groups={"TO": parties.of(each.members), "FROM": parties.of([origin])},
            )
            key = [
                pl.lit(each.code).alias("importer"),
                pl.lit(each.home_code).alias("home"),
                pl.lit(origin).alias("origin"),
            ]
            value = pl.col("share").alias("product_value_share")
            listed.append(
                found.table.select(
                    *key,
                    "rank",
                    "path",
                    "steps",
                    value,
                    pl.col("share_of_exposure").alias("exposure_share"),
                    "cumulative_share",
                    pl.lit(found.exposure).alias("origin_value_added_share"),
                    pl.lit(found.coverage).alias("coverage"),
                    pl.lit(found.exact).alias("exact"),
                )
            )
            named = {"FROM: other paths": f"{origin}: other paths", "TO": each.code}
            links.append(
                found.links.select(
                    *key, pl.col("source").replace(named), pl.col("target").replace(named), "step", value
                )
            )
    if not listed:
        return {}
    return {"paths": pl.concat(listed), "path_links": pl.concat(links)}


def _about(table: InputOutputTable, inputs: ChainInputs, absent: Sequence[str]) -> dict[str, Any]:
    known = table.metadata
    return {
        "name": table.name,
        "title": known.get("title") or table.name,
        "year": table.year,
        "economies": len(table.countries),
        "sectors": len(table.sectors),
        **{key: known.get(key) for key in ("citation", "licence", "licence_url")},
        "sha256": inputs.table_sha256,
        "notes": list(known.get("notes") or ()),
        "losses": known.get("losses"),
        "not_in_table": list(dict.fromkeys(absent)),
    }
