"""Methods for raw materials: frozen, versioned specifications with thresholds, citation and status."""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Literal

import numpy as np
import yaml

from geomonitor.errors import DataError, UnknownCodeError

__all__ = ["MaterialMethod", "material_method", "material_methods"]


@dataclass(frozen=True, slots=True)
class MaterialMethod:
    """A published way to score raw materials.

    Attributes
    ----------
    id, version : str
        Name and version of the specification; results carry both.
    status : {'exact', 'reconstruction'}
        Whether the published formulas are followed, or filled in where they are not public.
    title, summary : dict of str to str
        By language.
    citation : str
    thresholds : dict of str to float
        What a value is tested against, by the name of the value.
    parameters : dict of str to float
        Other numbers that the method uses.
    sources : dict of str to str
        Where a threshold or parameter was published, by its name.
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
    thresholds: Mapping[str, float]
    parameters: Mapping[str, float]
    sources: Mapping[str, str]
    known_differences: tuple[str, ...]
    modified: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Name and version, marked where modified."""
        return f"{self.id} {self.version}{' (modified)' if self.modified else ''}"

    def with_values(self, values: Mapping[str, float]) -> MaterialMethod:
        """Change thresholds or parameters; the result is marked as modified.

        Parameters
        ----------
        values : mapping of str to float
            New value by name of the threshold or parameter.

        Raises
        ------
        UnknownCodeError
            If the method has no such number.
        DataError
            If a value is not a finite number of at least 0.

        Examples
        --------
        >>> material_method("eu-crm-2017").with_values({"supply_risk": 1.5}).modified
        ('supply_risk: 1.5 (published: 1)',)
        """
        known = {**self.thresholds, **self.parameters}
        for name, value in values.items():
            if name not in known:
                raise UnknownCodeError(
                    f"{self.id} has no number {name!r}.",
                    where="option threshold",
                    expected=f"one of {', '.join(known)}",
                )
            if not np.isfinite(value) or (value < 0 <= known[name]):
                raise DataError(
                    f"{value} cannot be {name}.", where=self.id, expected="a finite number, at least 0"
                )
        published = material_methods().get(self.id, self)
        was = {**published.thresholds, **published.parameters}
        now = {**known, **{name: float(value) for name, value in values.items()}}
        return replace(
            self,
            thresholds={name: now[name] for name in self.thresholds},
            parameters={name: now[name] for name in self.parameters},
            modified=tuple(
                f"{name}: {now[name]:g} (published: {was[name]:g})" for name in now if now[name] != was[name]
            ),
        )

    def as_record(self) -> dict[str, Any]:
        """Give the specification as plain data, for the record of an edition."""
        return {
            "id": self.id,
            "version": self.version,
            "status": self.status,
            "title": dict(self.title),
            "summary": dict(self.summary),
            "citation": self.citation,
            "thresholds": dict(self.thresholds),
            "parameters": dict(self.parameters),
            "known_differences": list(self.known_differences),
            "modified": list(self.modified),
        }


@functools.cache
def material_methods() -> Mapping[str, MaterialMethod]:
    """Read every specification that ships with Geomonitor.

    Examples
    --------
    >>> material_methods()["eu-crm-2017"].thresholds["supply_risk"]
    1.0
    """
    found = {}
    folder = importlib.resources.files("geomonitor.materials") / "specifications"
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".yaml"):
            raw = yaml.safe_load(file.read_text(encoding="utf-8"))
            found[raw["id"]] = MaterialMethod(
                id=raw["id"],
                version=str(raw["version"]),
                status=raw["status"],
                title=raw["title"],
                summary=raw["summary"],
                citation=raw["citation"],
                thresholds={name: float(value) for name, value in raw.get("thresholds", {}).items()},
                parameters={name: float(value) for name, value in raw.get("parameters", {}).items()},
                sources=raw.get("sources", {}),
                known_differences=tuple(raw["known_differences"]),
            )
    return found


def material_method(name: str) -> MaterialMethod:
    """Give a method's specification.

    Parameters
    ----------
    name : str
        Such as ``eu-crm-2017``.

    Raises
    ------
    UnknownCodeError
        If there is no such method; the message names near ones.

    Examples
    --------
    >>> material_method("eu-crm-2017").status
    'exact'
    """
    known = material_methods()
    if name not in known:
        near = get_close_matches(name, known, n=3)
        raise UnknownCodeError(
            f"There is no method {name!r} for raw materials.",
            where="option method",
            expected=f"one of {', '.join(known)}",
            next_step=f"Did you mean {' or '.join(near)}?" if near else None,
        )
    return known[name]
