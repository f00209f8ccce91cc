"""What the part of an edition on shocks is made of: scenarios, calibration, elasticities and models."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from geomonitor.errors import DataError
from geomonitor.monitor.chain_tables import table_sha256
from geomonitor.monitor.profile import Profile, ShocksPart
from geomonitor.shocks import Scenario
from geomonitor.shocks.elasticities import DEFAULT_ELASTICITIES, elasticity_sets
from geomonitor.shocks.methods import shock_methods

__all__ = [
    "CURVE_POINTS",
    "DRAWS_SPREAD",
    "FAN_TOLERANCE",
    "GRID_FACTORS",
    "TOLERANCE",
    "ShockSources",
    "elasticities_record",
    "scenario_record",
    "shock_sources",
]

CURVE_POINTS: tuple[float, ...] = (5.0, 10.0, 15.0, 20.0, 25.0, 35.0, 50.0, 75.0, 100.0)
"""Sizes of a change of tariffs, in percentage points, of the response curve."""

GRID_FACTORS: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0)
"""Factors on all elasticities: short horizons have small ones."""

DRAWS_SPREAD = 0.25
"""Standard deviation of the logarithm of drawn elasticities."""

TOLERANCE = 1e-11
"""On the excess of value added: far below what the tables keep."""

FAN_TOLERANCE = 1e-9
"""The same for many runs, where every step counts."""

_METHODS = ("caliendo-parro-2015", "leontief-price")


@dataclass(frozen=True, slots=True)
class ShockSources:
    """What the part on shocks is made of.

    Attributes
    ----------
    part : ShocksPart
    focus : tuple of str
        Economies and groups.
    groups : mapping of str to tuple of str
        User-defined groups.
    calibration_sha256 : str
        Of the file, or the files, of the calibration.
    """

    part: ShocksPart
    focus: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    calibration_sha256: str

    @property
    def elasticities(self) -> str | None:
        """Name of the set of elasticities; None for those that come with a published calibration."""
        part = self.part
        return part.elasticities or (None if ":" in part.calibration else DEFAULT_ELASTICITIES)

    def as_record(self) -> dict[str, Any]:
        """Give what decides the content of this part as plain data."""
        part = self.part
        form, colon, path = part.calibration.partition(":")
        return {
            "calibration": {
                # a file goes by its name and content, wherever it lies
                "name": f"{form}:{Path(path).name}" if colon else form,
                "year": part.year,
                "sha256": self.calibration_sha256,
            },
            "elasticities": elasticities_record(self.elasticities),
            "scenarios": [scenario_record(each) for each in part.scenarios],
            "focus": list(self.focus),
            "uncertainty": {
                "draws": part.draws,
                "seed": part.seed,
                "distribution": "lognormal",
                "spread": DRAWS_SPREAD,
                "grid_factors": list(GRID_FACTORS),
            },
            "curve_points": list(CURVE_POINTS),
            "tolerance": TOLERANCE,
            "fan_tolerance": FAN_TOLERANCE,
            "methods": [asdict(shock_methods()[name]) for name in _METHODS],
        }


def elasticities_record(name: str | None) -> dict[str, str | None]:
    """Give a published set of elasticities as plain data; those of a calibration where it is none.

    Examples
    --------
    >>> elasticities_record("shapiro-2016")["title"]
    'Shapiro (2016)'
    """
    chosen = None if name is None else elasticity_sets().get(name)
    if chosen is None:
        return {"set": None, "title": "those of the calibration", "citation": None, "filled": None}
    return {
        "set": chosen.name,
        "title": chosen.title,
        "citation": chosen.citation,
        "filled": chosen.filled,
    }


def scenario_record(scenario: Scenario) -> dict[str, Any]:
    """Give a scenario as plain data.

    Examples
    --------
    >>> from geomonitor.shocks import scenario
    >>> scenario_record(scenario("eu-china-25pp"))["changes"][0]["add"]
    '+25 percentage points'
    """
    return {
        "code": scenario.code,
        "name": dict(scenario.name),
        "about": dict(scenario.about),
        "source": scenario.source,
        "date": scenario.date.isoformat(),
        "deficits": scenario.deficits,
        "changes": [
            {
                "kind": each.kind,
                "buyers": list(each.buyers),
                "sellers": list(each.sellers),
                "both_ways": each.both_ways,
                "sectors": list(each.sectors),
                "add": None if each.add is None else str(each.add),
                "set": None if each.replace is None else str(each.replace),
                "factor": each.factor,
            }
            for each in scenario.changes
        ],
    }


def shock_sources(profile: Profile, root: Path | None = None) -> ShockSources | None:
    """Find what a profile wants of shocks, without reading the calibration.

    Parameters
    ----------
    profile : Profile
    root : pathlib.Path, optional
        Of the store.

    Returns
    -------
    ShockSources or None
        None where the profile wants no part on shocks.

    Raises
    ------
    GeomonitorError
        If the table or file of the calibration is not there.

    Examples
    --------
    >>> from geomonitor.monitor import load_profile
    >>> shock_sources(load_profile()).focus
    ('EU27_2020', 'NLD')
    """
    part = profile.shocks
    if part is None:
        return None
    form, colon, path = part.calibration.partition(":")
    return ShockSources(
        part=part,
        focus=part.focus or tuple(dict.fromkeys(each.code for each in profile.importers)),
        groups=profile.groups,
        calibration_sha256=_path_sha256(Path(path)) if colon else table_sha256(form, root),
    )


def _path_sha256(path: Path) -> str:
    """Hash a file, or the files of a folder with their names."""
    try:
        if path.is_file():
            with path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        found = {
            each.name: hashlib.sha256(each.read_bytes()).hexdigest()
            for each in sorted(path.iterdir())
            if each.is_file()
        }
    except OSError as error:
        raise DataError(
            f"The calibration cannot be read: {error.strerror}.",
            where=str(path),
            expected="a file or folder of the format that the profile names",
        ) from error
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()
