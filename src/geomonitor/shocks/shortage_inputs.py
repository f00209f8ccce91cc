"""What the flows do not tell about a shortage: use from abroad, stocks, substitutes, other suppliers.

Every number may be unknown; it then stays a pair of bounds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

import polars as pl

from geomonitor.errors import DataError
from geomonitor.materials import MaterialInput, MaterialInputs

__all__ = [
    "SHORTAGE_INPUTS",
    "Estimate",
    "GivenEstimate",
    "ShortageInputs",
    "material_inputs_of",
    "shortage_inputs",
]

_UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number that may be known in part.

    Attributes
    ----------
    value : float or None
        None where only bounds are known.
    low, high : float
    source : str
        Who says so.
    """

    value: float | None
    low: float
    high: float
    source: str


@dataclass(frozen=True, slots=True)
class ShortageInputs:
    """What the flows do not tell; every number may be unknown.

    Attributes
    ----------
    import_share : Estimate
        Part of use that comes from abroad; home production and recycling cover the rest.
    stock_cover_months : Estimate
        Months of use that stocks cover.
    substitutable_share : Estimate
        Part of use that can move to a substitute.
    months_to_substitute : Estimate
        Months until it has moved.
    divertible_share : Estimate
        Part of what other suppliers sell in third markets that can be redirected.
    redirect_cap : Estimate
        Most that can be redirected, as a part of what is imported now; infinite for no cap.
    months_to_redirect : Estimate
        Months until it arrives.
    """

    import_share: Estimate
    stock_cover_months: Estimate
    substitutable_share: Estimate
    months_to_substitute: Estimate
    divertible_share: Estimate
    redirect_cap: Estimate
    months_to_redirect: Estimate

    def table(self) -> pl.DataFrame:
        """Give the inputs as a table: `input`, `value`, `low`, `high`, `source`."""
        rows = []
        for each in fields(self):
            found: Estimate = getattr(self, each.name)
            rows.append((each.name, found.value, found.low, found.high, found.source))
        schema = {"input": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
        return pl.DataFrame(rows, schema={**schema, "source": pl.String}, orient="row")


SHORTAGE_INPUTS: Mapping[str, tuple[float, float, bool]] = {
    "import_share": (0.0, 1.0, False),
    "stock_cover_months": (0.0, math.inf, True),
    "substitutable_share": (0.0, 1.0, True),
    "months_to_substitute": (0.0, math.inf, False),
    "divertible_share": (0.0, 1.0, True),
    "redirect_cap": (0.0, math.inf, True),
    "months_to_redirect": (0.0, math.inf, False),
}
"""Least and largest value of each input, and whether much of it is good for the importer."""

GivenEstimate = Estimate | float | tuple[float, float] | None


def shortage_inputs(
    *,
    import_share: GivenEstimate = None,
    stock_cover_months: GivenEstimate = None,
    substitutable_share: GivenEstimate = None,
    months_to_substitute: GivenEstimate = None,
    divertible_share: GivenEstimate = None,
    redirect_cap: GivenEstimate = math.inf,
    months_to_redirect: GivenEstimate = None,
) -> ShortageInputs:
    """Gather what is known about use, stocks, substitutes and other suppliers.

    Parameters
    ----------
    import_share, stock_cover_months, substitutable_share, months_to_substitute, divertible_share, \
redirect_cap, months_to_redirect : Estimate or float or tuple of float, optional
        See `ShortageInputs`; a pair is a lower and an upper bound, and what is left out is not known (the cap
        is none).

    Returns
    -------
    ShortageInputs

    Raises
    ------
    DataError
        If a number lies outside what it can be, or bounds are the wrong way round.

    Examples
    --------
    >>> given = shortage_inputs(import_share=0.9, stock_cover_months=(1.0, 3.0))
    >>> given.stock_cover_months.value is None, given.substitutable_share.high
    (True, 1.0)
    """
    return ShortageInputs(
        import_share=_estimate("import_share", import_share),
        stock_cover_months=_estimate("stock_cover_months", stock_cover_months),
        substitutable_share=_estimate("substitutable_share", substitutable_share),
        months_to_substitute=_estimate("months_to_substitute", months_to_substitute),
        divertible_share=_estimate("divertible_share", divertible_share),
        redirect_cap=_estimate("redirect_cap", redirect_cap),
        months_to_redirect=_estimate("months_to_redirect", months_to_redirect),
    )


def _estimate(name: str, given: GivenEstimate) -> Estimate:
    least, largest, _ = SHORTAGE_INPUTS[name]
    if given is None:
        return Estimate(None, least, largest, _UNKNOWN)
    if isinstance(given, Estimate):
        found = given
    elif isinstance(given, tuple):
        found = Estimate(None, float(given[0]), float(given[1]), "given")
    else:
        found = Estimate(float(given), float(given), float(given), "given")
    middle = found.low if found.value is None else found.value
    if not least <= found.low <= middle <= found.high <= largest:
        raise DataError(
            f"{name} cannot be {found.low:g} to {found.high:g}.",
            where=f"input {name}, {found.source}",
            expected=f"{least:g} to {largest:g}, the lower bound first",
        )
    return found


def material_inputs_of(
    inputs: MaterialInputs, name: str, stage: str, importer: str, **given: GivenEstimate
) -> ShortageInputs:
    """Take what people gave for a material; what nobody gave stays unknown.

    Parameters
    ----------
    inputs : MaterialInputs
        Cover, substitutes, recycling and import reliance, each with author and date.
    name, stage, importer : str
    **given
        Numbers that come before those of the inputs; see `shortage_inputs`.

    Returns
    -------
    ShortageInputs

    Examples
    --------
    >>> material_inputs_of(MaterialInputs(), "tungsten", "processing", "EU27_2020").import_share.low
    0.0
    """

    def find(measure: str) -> Estimate | None:
        entry = inputs.find(name, measure, stage=stage, importer=importer)
        return None if entry is None else _of_entry(entry)

    found: dict[str, GivenEstimate] = {
        measure: find(measure)
        for measure in ("stock_cover_months", "substitutable_share", "months_to_substitute")
    }
    reliance, recycled = find("import_reliance"), find("secondary_supply_share")
    if reliance is not None:
        found["import_share"] = reliance
    elif recycled is not None:
        # what is recycled does not come from abroad; how much of the rest does is not known
        found["import_share"] = Estimate(None, 0.0, 1 - recycled.low, f"{_UNKNOWN}; {recycled.source}")
    return shortage_inputs(**{**found, **given})


def _of_entry(entry: MaterialInput) -> Estimate:
    return Estimate(entry.value, entry.low, entry.high, f"{entry.author}, {entry.date}: {entry.source}")
