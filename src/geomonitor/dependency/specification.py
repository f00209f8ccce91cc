"""What a method is: a frozen, versioned specification with thresholds, citation and status."""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Literal

import numpy as np
import yaml
from numpy.typing import NDArray

from geomonitor.errors import DataError, UnknownCodeError

__all__ = ["Condition", "MethodSpecification", "method", "method_ids", "methods"]

# Differences below this part of the threshold are rounding noise of floating-point sums: a value
# that is the threshold on paper must not pass a strict test because of the last bit.
RELATIVE_NOISE = 1e-12

Operator = Literal[">", ">="]


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of a method: an indicator against a threshold, on unrounded values.

    Attributes
    ----------
    indicator : str
        Column of the indicator table.
    operator : {'>', '>='}
    threshold : float
    meaning : dict of str to str
        What passing the test says, by language.
    source : str
        Where the threshold was published.
    """

    indicator: str
    operator: Operator
    threshold: float
    meaning: Mapping[str, str]
    source: str

    def met(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Test values; unknown (NaN) values do not pass."""
        edge = self.threshold * RELATIVE_NOISE
        with np.errstate(invalid="ignore"):
            if self.operator == ">":
                return np.asarray(values > self.threshold + edge)
            return np.asarray(values >= self.threshold - edge)

    def distance(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the distance to the threshold as a part of the threshold; above 0 is beyond it."""
        with np.errstate(invalid="ignore"):
            return np.asarray((values - self.threshold) / self.threshold)

    def text(self) -> str:
        """Say the test in short."""
        return f"{self.indicator} {self.operator} {self.threshold:g}"


@dataclass(frozen=True, slots=True)
class MethodSpecification:
    """A published way to call a product dependent.

    Attributes
    ----------
    id, version : str
        Name and version of the specification; results carry both.
    status : {'exact', 'reconstruction'}
        Whether the published formulas are followed, or filled in where they are not public.
    title, summary : dict of str to str
        By language.
    citation : str
    period_rule : {'pooled', 'persistence'}
        Whether values of all years are added up before shares are taken, or the test is made each
        year and must be met in enough of them.
    required_years, out_of_years : int
        For persistence: met in this many years out of so many; other numbers of years are scaled
        and rounded up.
    conditions : tuple of Condition
        All must be met.
    severe_name : str
        Name of the stricter verdict, empty where there is none.
    severe_conditions : tuple of Condition
        Must be met on top.
    parameters : dict of str to float
        Other numbers that the method uses.
    network : bool
        Whether the method needs the network of every product's trade.
    known_differences : tuple of str
        Where results can differ from the published ones, and why.
    modified : tuple of str
        What was changed from the published specification; empty for the specification itself.
    """

    id: str
    version: str
    status: Literal["exact", "reconstruction"]
    title: Mapping[str, str]
    summary: Mapping[str, str]
    citation: str
    period_rule: Literal["pooled", "persistence"]
    required_years: int
    out_of_years: int
    conditions: tuple[Condition, ...]
    severe_name: str
    severe_conditions: tuple[Condition, ...]
    parameters: Mapping[str, float]
    network: bool
    known_differences: tuple[str, ...]
    modified: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Name and version, marked where modified."""
        return f"{self.id} {self.version}{' (modified)' if self.modified else ''}"

    def years_needed(self, years: int) -> int:
        """Give the number of years in which the test must be met."""
        if self.period_rule == "pooled":
            return 1
        return -(-years * self.required_years // self.out_of_years)

    def indicators(self) -> tuple[str, ...]:
        """Name the indicators that the method tests."""
        return tuple(dict.fromkeys(each.indicator for each in (*self.conditions, *self.severe_conditions)))

    def with_thresholds(self, thresholds: Mapping[str, float]) -> MethodSpecification:
        """Change thresholds; the result is marked as modified.

        Parameters
        ----------
        thresholds : mapping of str to float
            New threshold by indicator.

        Raises
        ------
        UnknownCodeError
            If the method does not test an indicator.

        Examples
        --------
        >>> method("commission-2021").with_thresholds({"import_concentration": 0.5}).modified
        ('import_concentration > 0.5 (published: 0.4)',)
        """
        tested = self.indicators()
        for name, value in thresholds.items():
            if name not in tested:
                raise UnknownCodeError(
                    f"{self.id} has no threshold for {name!r}.",
                    where="option threshold",
                    expected=f"one of {', '.join(tested)}",
                    next_step=f"See `geomonitor methods show {self.id}`.",
                )
            if not np.isfinite(value) or value <= 0:
                raise DataError(
                    f"{value} cannot be a threshold.",
                    where=f"threshold of {name}",
                    expected="a number above 0",
                )

        def moved(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
            return tuple(
                replace(each, threshold=float(thresholds.get(each.indicator, each.threshold)))
                for each in conditions
            )

        published = methods().get(self.id, self)
        conditions, severe = moved(self.conditions), moved(self.severe_conditions)
        changed = tuple(
            f"{now.text()} (published: {was.threshold:g})"
            for now, was in zip(
                (*conditions, *severe), (*published.conditions, *published.severe_conditions), strict=True
            )
            if now.threshold != was.threshold
        )
        return replace(self, conditions=conditions, severe_conditions=severe, modified=changed)

    def as_record(self) -> dict[str, Any]:
        """Give the specification as plain data, for the record of an edition."""
        return {
            "id": self.id,
            "version": self.version,
            "status": self.status,
            "citation": self.citation,
            "period_rule": self.period_rule,
            "required_years": self.required_years,
            "out_of_years": self.out_of_years,
            "conditions": [[each.indicator, each.operator, each.threshold] for each in self.conditions],
            "severe_name": self.severe_name,
            "severe_conditions": [
                [each.indicator, each.operator, each.threshold] for each in self.severe_conditions
            ],
            "parameters": dict(self.parameters),
            "modified": list(self.modified),
        }


def _condition(raw: Mapping[str, Any]) -> Condition:
    return Condition(
        indicator=raw["indicator"],
        operator=raw["operator"],
        threshold=float(raw["threshold"]),
        meaning=raw["meaning"],
        source=raw["source"],
    )


@functools.cache
def methods() -> Mapping[str, MethodSpecification]:
    """Read every specification that ships with Geomonitor.

    Returns
    -------
    mapping of str to MethodSpecification

    Examples
    --------
    >>> methods()["commission-2021"].status
    'exact'
    """
    found = {}
    folder = importlib.resources.files("geomonitor.dependency") / "specifications"
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".yaml"):
            continue
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
        period = raw["period"]
        severe = raw.get("severe", {})
        found[raw["id"]] = MethodSpecification(
            id=raw["id"],
            version=str(raw["version"]),
            status=raw["status"],
            title=raw["title"],
            summary=raw["summary"],
            citation=raw["citation"],
            period_rule=period["rule"],
            required_years=period.get("required_years", 1),
            out_of_years=period.get("out_of_years", 1),
            conditions=tuple(_condition(each) for each in raw["conditions"]),
            severe_name=severe.get("name", ""),
            severe_conditions=tuple(_condition(each) for each in severe.get("conditions", [])),
            parameters=raw.get("parameters", {}),
            network=raw.get("network", False),
            known_differences=tuple(raw["known_differences"]),
        )
    return found


def method_ids() -> tuple[str, ...]:
    """Name every method.

    Examples
    --------
    >>> "cepii-geodep-2024" in method_ids()
    True
    """
    return tuple(methods())


def method(name: str) -> MethodSpecification:
    """Give a method's specification.

    Parameters
    ----------
    name : str
        Such as ``commission-2021``.

    Raises
    ------
    UnknownCodeError
        If there is no such method; the message names near ones.

    Examples
    --------
    >>> [each.text() for each in method("commission-2021").conditions]
    ['import_concentration > 0.4', 'extra_import_share > 0.5', 'imports_to_exports > 1']
    """
    known = methods()
    if name not in known:
        near = get_close_matches(name, known, n=3)
        raise UnknownCodeError(
            f"There is no method {name!r}.",
            where="option method",
            expected=f"one of {', '.join(known)}",
            next_step=f"Did you mean {' or '.join(near)}?" if near else "See `geomonitor methods list`.",
        )
    return known[name]
