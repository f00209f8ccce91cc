"""What the options of ``geomonitor shock`` ask for: read, checked, and opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geomonitor.cli.options import OutputFormat, parse_number
from geomonitor.cli.shock_calibration import open_calibration

if TYPE_CHECKING:
    import polars as pl

    from geomonitor.monitor.shock_results import ShockUnit
    from geomonitor.shocks import Base, Calibration, Scenario

__all__ = [
    "AskedShock",
    "CalibrationName",
    "Deficits",
    "DeficitsRule",
    "ElasticitiesName",
    "Focus",
    "Form",
    "LinksKept",
    "LinksKeptOption",
    "Out",
    "ScenarioCode",
    "Year",
    "asked_shock",
    "in_percent",
    "named_in",
    "parse_fractions",
    "parse_list",
    "parse_numbers",
    "parse_points",
    "say_assumptions",
    "spoken_change",
    "with_deficits",
]


class LinksKept(StrEnum):
    """Which links between sectors a model has."""

    full = "full"
    materials = "materials"
    none = "none"


class DeficitsRule(StrEnum):
    """What happens to trade deficits."""

    kept = "kept"
    zero = "zero"
    proportional = "proportional"


ScenarioCode = Annotated[
    str,
    typer.Argument(help="Such as eu-china-25pp (see `geomonitor shock list`), or a TOML file of your own."),
]
Focus = Annotated[
    str | None,
    typer.Option(
        "--focus", help="Economies or groups, such as NLD,EU27_2020; those of the scenario by default."
    ),
]
CalibrationName = Annotated[
    str | None,
    typer.Option(
        "--calibration",
        help="The embedded table by default; an input-output table of the store (see `geomonitor tables "
        "list`); or FORMAT:PATH of a calibration (bilateral-cubes, fgh-2014, caliendo-parro-2015) or of a "
        "published table (see `geomonitor tables add --help`).",
    ),
]
Year = Annotated[int | None, typer.Option("--year", help="Of a calibration whose file holds several years.")]
ElasticitiesName = Annotated[
    str | None,
    typer.Option(
        "--elasticities",
        help="A published set (see `geomonitor shock elasticities`), or a CSV file: sector, elasticity.",
    ),
]
LinksKeptOption = Annotated[
    LinksKept,
    typer.Option("--links", help="Inputs from all sectors, from the sector itself only, or none."),
]
Deficits = Annotated[
    DeficitsRule | None,
    typer.Option("--deficits", help="Keep trade deficits, put them at zero, or let them move with income."),
]
Form = Annotated[OutputFormat, typer.Option("--format", help="How to print it.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write to this file instead.")]


@dataclass(frozen=True, slots=True)
class AskedShock:
    """What the options ask for, checked.

    Attributes
    ----------
    scenario : Scenario
    calibration : Calibration
    units : tuple of ShockUnit
        Economies and groups in focus.
    """

    scenario: Scenario
    calibration: Calibration
    units: tuple[ShockUnit, ...]

    @property
    def members(self) -> tuple[str, ...]:
        """Economies in focus."""
        return tuple(dict.fromkeys(each for unit in self.units for each in unit.members))

    def base(self, links: LinksKept = LinksKept.full) -> Base:
        """Find the equilibrium of the calibration."""
        from geomonitor.shocks import rebase

        return rebase(self.calibration, self.scenario.deficits, links=links.value)


def asked_shock(
    code: str,
    focus: str | None = None,
    calibration: str | None = None,
    year: int | None = None,
    elasticities: str | None = None,
    deficits: DeficitsRule | None = None,
) -> AskedShock:
    """Check the options of a shock and open what they name.

    Parameters
    ----------
    code : str
        Scenario.
    focus : str, optional
        Economies and groups with commas; those that the scenario names where left out.
    calibration, elasticities : str, optional
    year : int, optional
    deficits : DeficitsRule, optional
        In place of the rule of the scenario.

    Raises
    ------
    GeomonitorError
        If a scenario, economy, calibration or set of elasticities is not known or not sound.
    """
    from geomonitor.monitor.shock_results import shock_unit
    from geomonitor.shocks import scenario as scenario_of

    # before anything is read
    found = with_deficits(scenario_of(code), deficits)
    opened = open_calibration(calibration, year=year, elasticities=elasticities)
    codes = parse_list(focus, "--focus") if focus is not None else named_in(found)
    units = tuple(shock_unit(opened, each) for each in dict.fromkeys(codes))
    return AskedShock(found, opened, units)


def with_deficits(scenario: Scenario, deficits: DeficitsRule | None) -> Scenario:
    """Put another rule for deficits in place of that of a scenario, where one is asked for."""
    return scenario if deficits is None else replace(scenario, deficits=deficits.value)


def named_in(scenario: Scenario) -> tuple[str, ...]:
    """Name the economies and groups of a scenario as its file does, buyers first."""
    from geomonitor.monitor.shock_results import WORLD

    codes = [code for each in scenario.changes for code in (*each.buyers, *each.sellers)]
    return tuple(dict.fromkeys(each for each in codes if each != WORLD))


def parse_list(text: str | None, option: str) -> list[str]:
    """Read values with commas between.

    Raises
    ------
    typer.BadParameter
        If there is none.

    Examples
    --------
    >>> parse_list("NLD, DEU", "--focus")
    ['NLD', 'DEU']
    """
    found = [each.strip() for each in (text or "").split(",") if each.strip()]
    if not found:
        raise typer.BadParameter(f"{text!r} in {option} names nothing.")
    return found


def parse_numbers(text: str, option: str) -> list[float]:
    """Read numbers with commas between; ``inf`` stands for infinity.

    Examples
    --------
    >>> parse_numbers("0.25,0.5,inf", "--grid")
    [0.25, 0.5, inf]
    """
    return [parse_number(each, option) for each in parse_list(text, option)]


def parse_fractions(text: str, option: str) -> list[float]:
    """Read fractions, or percent with their sign.

    Examples
    --------
    >>> parse_fractions("0.04,4%", "--input-share")
    [0.04, 0.04]
    """
    found = []
    for each in parse_list(text, option):
        percent = each.removesuffix("%").strip() if each.endswith("%") else None
        found.append(parse_number(each, option) if percent is None else parse_number(percent, option) / 100)
    return found


def parse_points(text: str, option: str) -> list[float]:
    """Read percentage points with commas between; percent are refused, as they are something else.

    Examples
    --------
    >>> parse_points("10,25 pp", "--points")
    [10.0, 25.0]
    """
    from geomonitor.shocks.rates import PercentagePoints, parse_rate

    found = []
    for each in parse_list(text, option):
        bare = each.lstrip("+-").replace(".", "", 1).isdigit()
        rate = parse_rate(f"{each} pp" if bare else each, option)
        if not isinstance(rate, PercentagePoints):
            raise typer.BadParameter(
                f"{each!r} in {option} is in percent of the tariff; percentage points are meant, such as 25."
            )
        found.append(rate.points)
    return found


def spoken_change(change: object) -> str:
    """Say the size of one change of a scenario.

    Examples
    --------
    >>> from geomonitor.shocks.examples import small_scenario
    >>> spoken_change(small_scenario().changes[0])
    '+25 percentage points'
    """
    from geomonitor.shocks import Change
    from geomonitor.shocks.rates import Percent

    assert isinstance(change, Change)
    if change.kind == "denial":
        return "no trade"
    if change.factor is not None:
        return f"costs of trade times {change.factor:g}"
    if change.replace is not None:
        return f"tariffs become {change.replace}"
    return f"{change.add} of the tariff" if isinstance(change.add, Percent) else str(change.add)


def in_percent(frame: pl.DataFrame, names: Sequence[str] | None = None) -> pl.DataFrame:
    """Write changes in percent for a screen, where fractions would be all zeros.

    Parameters
    ----------
    frame : polars.DataFrame
    names : sequence of str, optional
        Columns to multiply, under their own names; those ending in ``_change`` where left out, with a sign
        for percent in the name.

    Examples
    --------
    >>> import polars as pl
    >>> in_percent(pl.DataFrame({"price_change": [0.012]})).to_dicts()
    [{'price_%': 1.2}]
    """
    import polars as pl

    from geomonitor.monitor.shock_results import unsigned_zeros

    frame = unsigned_zeros(frame)
    if names is not None:
        return frame.with_columns(pl.col(names) * 100)
    found = [name for name in frame.columns if name.endswith("_change")]
    renamed = {name: f"{name.removesuffix('_change')}_%" for name in found}
    return frame.with_columns(pl.col(found) * 100).rename(renamed)


def say_assumptions(assumptions: Sequence[str], out: Path | None) -> None:
    """Print assumptions below a table; on standard error where the table went to a file."""
    for each in assumptions:
        typer.echo(f"  {each}", err=out is not None)
