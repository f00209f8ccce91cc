"""The models of shocks as specifications: version, status, formula, source, and where each fails."""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from geomonitor.errors import UnknownCodeError

__all__ = ["ShockMethod", "provenance_of", "shock_methods"]


@dataclass(frozen=True, slots=True)
class ShockMethod:
    """What a model of shocks is.

    Attributes
    ----------
    id, version : str
    status : {'exact', 'reconstruction'}
        Whether a published formula is followed to the letter, or filled in or not compared.
    function : str
        Module and name of the function in `geomonitor.shocks`, such as ``short_run.ces_output``.
    unit : str
        Of its main result.
    title : dict of str to str
        By language.
    formula, citation : str
    limits : str
        What it leaves out, and where it is known to fail.
    parameters : dict of str to float
        Numbers that the method itself uses.
    """

    id: str
    version: str
    status: Literal["exact", "reconstruction"]
    function: str
    unit: str
    title: Mapping[str, str]
    formula: str
    citation: str
    limits: str
    parameters: Mapping[str, float] = field(default_factory=dict)


@functools.cache
def shock_methods() -> Mapping[str, ShockMethod]:
    """Read the specification of every model.

    Returns
    -------
    mapping of str to ShockMethod

    Examples
    --------
    >>> shock_methods()["caliendo-parro-2015"].status
    'exact'
    """
    text = (importlib.resources.files("geomonitor.shocks") / "methods.yaml").read_text(encoding="utf-8")
    return {raw["id"]: ShockMethod(**raw) for raw in yaml.safe_load(text)}


def provenance_of(method: str, *, assumptions: Sequence[str] = (), **inputs: Any) -> dict[str, Any]:
    """Say how a result came about: the method, and what was put into it.

    Parameters
    ----------
    method : str
        Of `shock_methods`.
    assumptions : sequence of str
        Said with the result.
    **inputs
        Names and values of what the caller chose.

    Returns
    -------
    dict

    Raises
    ------
    UnknownCodeError
        If there is no such method.

    Examples
    --------
    >>> provenance_of("ces-short-run-2022", elasticity=0.04)["method_version"]
    '1.0'
    """
    known = shock_methods()
    if method not in known:
        raise UnknownCodeError(
            f"There is no model of shocks {method!r}.", where="method", expected=f"one of {', '.join(known)}"
        )
    found = known[method]
    return {
        "method": found.id,
        "method_version": found.version,
        "status": found.status,
        "formula": found.formula,
        "citation": found.citation,
        "limits": found.limits,
        **inputs,
        "assumptions": tuple(assumptions),
    }
