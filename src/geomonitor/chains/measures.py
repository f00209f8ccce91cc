"""The measures of value chains as specifications: version, status, formula and source."""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import yaml

__all__ = ["MeasureSpecification", "chain_measures"]


@dataclass(frozen=True, slots=True)
class MeasureSpecification:
    """What a measure of value chains is.

    Attributes
    ----------
    id, version : str
    status : {'exact', 'reconstruction'}
        Whether a published formula is followed to the letter, or filled in or not compared.
    function : str
        Name of the function in `geomonitor.chains`.
    unit : str
    title : dict of str to str
        By language.
    formula, citation : str
    parameters : dict of str to float
        Numbers that the measure uses, such as the threshold of a count.
    """

    id: str
    version: str
    status: Literal["exact", "reconstruction"]
    function: str
    unit: str
    title: Mapping[str, str]
    formula: str
    citation: str
    parameters: Mapping[str, float] = field(default_factory=dict)


@functools.cache
def chain_measures() -> Mapping[str, MeasureSpecification]:
    """Read the specification of every measure.

    Returns
    -------
    mapping of str to MeasureSpecification

    Examples
    --------
    >>> chain_measures()["value_added_share"].status
    'exact'
    """
    text = (importlib.resources.files("geomonitor.chains") / "measures.yaml").read_text(encoding="utf-8")
    return {raw["id"]: MeasureSpecification(**raw) for raw in yaml.safe_load(text)}
