"""What docs/shocks-published.md sets side by side: shocks on several calibrations, and published results.

Used by scripts/docs_shocks.py, which writes the page, and by tests under tests/published. Functions that take
`reference` read the folder of reference data; nothing of it ships.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geomonitor.codes import ECONOMY_CODES, economy_name, group
from geomonitor.monitor.shock_results import partner_trade, shock_unit, unit_changes
from geomonitor.shocks import (
    Base,
    Calibration,
    Shock,
    ShockResult,
    chained_parts,
    first_order_parts,
    real_income,
    real_wage,
    rebase,
    run_scenario,
    scenario,
    solve_equilibrium,
)
from geomonitor.shocks.bilateral_cubes import read_bilateral_cubes
from geomonitor.shocks.calibrate import embedded_calibration
from geomonitor.shocks.calibration_files import read_caliendo_parro, read_fgh_2014
from geomonitor.shocks.curve import ResponseCurve, response_curve
from geomonitor.shocks.elasticities import elasticities

CUBES = "io/tariffwar_cubes/icio28_bilateral_2011_2022.parquet"
CALIBRATION_2014 = "io/wiod2014_fgh_44x50/calibration_2014_44x50.npz"
NAFTA_DATA = "models/caliendo_parro_2015/original_txt"
DECOUPLING_TABLE = "models/felbermayr_mahlkow_sandkamp_2023/appendix_EU-CHN_retail.tex"

LETTER = "eu-china-25pp"
UNION, CHINA, MEMBER = "EU27_2020", "CHN", "NLD"
SIZES = (10.0, 25.0, 50.0, 75.0, 100.0)
YEARS = tuple(range(2011, 2023))
FACTORS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
TOLERANCE = 1e-10
LINKS = ("none", "materials", "full")
# classification of sectors, by the name of a calibration
CLASSIFICATIONS = {"embedded": "oecd-icio-2025", "reference": "oecd-icio-28"}

NAFTA = ("MEX", "CAN", "USA")
# printed with two decimals: terms of trade, volume of trade, welfare, real wage, percent
NAFTA_PRINTED: Mapping[str, tuple[float, float, float, float]] = {
    "MEX": (-0.41, 1.72, 1.31, 1.72),
    "CAN": (-0.11, 0.04, -0.06, 0.32),
    "USA": (0.04, 0.04, 0.08, 0.11),
}
CHAINS = (1, 2, 5, 20, 100)

Floats = NDArray[np.float64]


def calibrations(reference: Path) -> dict[str, Calibration]:
    """Give the two calibrations of 2022: the one that ships, and the complete matrix with applied tariffs."""
    return {"embedded": embedded_calibration(), "reference": read_bilateral_cubes(reference / CUBES)}


def union_members() -> tuple[str, ...]:
    """Name the members of the Union."""
    return group(UNION).members


def changes(result: ShockResult, codes: Sequence[str]) -> pl.DataFrame:
    """Give the changes of economies and groups, in the order of the codes."""
    return unit_changes(result, [shock_unit(result.base.calibration, code) for code in codes])


def with_china(result: ShockResult, codes: Sequence[str]) -> pl.DataFrame:
    """Give the trade of economies or groups with China, before and after."""
    calibration = result.base.calibration
    china = shock_unit(calibration, CHINA)
    return pl.concat(partner_trade(result, shock_unit(calibration, code), [china]) for code in codes)


def letter_results(known: Mapping[str, Calibration]) -> dict[tuple[str, str], ShockResult]:
    """Run the letter's tariffs on every calibration, with each kind of links."""
    return {
        (name, links): run_scenario(
            calibration,
            scenario(LETTER),
            (MEMBER, UNION),
            links=links,  # type: ignore[arg-type]
            tolerance=TOLERANCE,
        )
        for name, calibration in known.items()
        for links in LINKS
    }


def deficit_results(known: Mapping[str, Calibration]) -> dict[tuple[str, str], ShockResult]:
    """Run the letter's tariffs under every rule for trade deficits."""
    found = {}
    for name, calibration in known.items():
        for rule in ("zero", "kept", "proportional"):
            asked = replace(scenario(LETTER), deficits=rule)
            found[name, rule] = run_scenario(calibration, asked, (UNION,), tolerance=TOLERANCE)
    return found


def curves(known: Mapping[str, Calibration]) -> dict[str, ResponseCurve]:
    """Run tariffs of several sizes."""
    asked = scenario(LETTER)
    return {
        name: response_curve(rebase(calibration, asked.deficits), asked, SIZES, tolerance=TOLERANCE)
        for name, calibration in known.items()
    }


def union_curve(curve: ResponseCurve, calibration: Calibration, base: Base) -> dict[float, float]:
    """Weight the real income of members by income: by size, as fractions."""
    income = dict(zip(calibration.economies, base.equilibrium.income_musd, strict=True))
    members = [code for code in union_members() if code in income]
    inside = curve.table.filter(pl.col("economy").is_in(members)).with_columns(
        weight=pl.col("economy").replace_strict(income, return_dtype=pl.Float64)
    )
    rows = inside.group_by("points").agg(
        change=(pl.col("real_income_change") * pl.col("weight")).sum() / pl.col("weight").sum()
    )
    return dict(rows.iter_rows())


class YearOfShock(NamedTuple):
    """The letter's tariffs on the matrix of one year.

    Attributes
    ----------
    year : int
    result : ShockResult
    set_to_zero : float
        Final purchases that inputs of 2022 would make negative, as a part of world spending.
    """

    year: int
    result: ShockResult
    set_to_zero: float


def year_of_shock(reference: Path, year: int) -> YearOfShock:
    """Run the letter's tariffs on the bilateral matrix of a year, inputs as in 2022."""
    calibration = read_bilateral_cubes(reference / CUBES, year=year)
    result = run_scenario(calibration, scenario(LETTER), (UNION,), tolerance=TOLERANCE)
    cut = [float(share) for note in calibration.metadata["notes"] for share in _CUT.findall(note)]
    return YearOfShock(year, result, set_to_zero=sum(cut) / 100)


def with_tariffs_of(reference: Path, year: int, tariffs_of: int) -> ShockResult:
    """Run the letter's tariffs on a year, with the tariffs of the Union on China of another year."""
    path = reference / CUBES
    calibration, other = (read_bilateral_cubes(path, year=each) for each in (year, tariffs_of))
    buyers = [calibration.economies.index(code) for code in union_members()]
    seller = calibration.economies.index(CHINA)
    rates = calibration.tariff_rates.copy()
    rates[:, buyers, seller] = other.tariff_rates[:, buyers, seller]
    # purchases before tariffs stay what they are
    shares = calibration.trade_shares * (1 + rates) / (1 + calibration.tariff_rates)
    sums = shares.sum(axis=2, keepdims=True)
    changed = replace(calibration, tariff_rates=rates, trade_shares=shares / np.where(sums > 0, sums, 1.0))
    return run_scenario(changed, scenario(LETTER), (UNION,), tolerance=TOLERANCE)


def imports_over_years(reference: Path) -> dict[int, dict[str, float]]:
    """Read what the matrices say on imports from China.

    Returns
    -------
    dict of int to dict
        By year: `imports_musd` of the Union; `tariff` of the Union on goods, weighted by trade;
        `electronics_musd`, what the Netherlands imports in sector C26.
    """
    value, buyer, sector = pl.col("value_musd").cast(pl.Float64), pl.col("importer"), pl.col("sector")
    goods = ~sector.str.starts_with("Services")
    rows = (
        pl.scan_parquet(reference / CUBES)
        .with_columns(pl.col("sector", "importer", "exporter").cast(pl.String))
        .filter(pl.col("exporter") == CHINA, buyer.is_in(union_members()))
        .group_by("year")
        .agg(
            imports_musd=value.sum(),
            tariff=(pl.col("tariff").cast(pl.Float64) * value).filter(goods).sum()
            / value.filter(goods).sum(),
            electronics_musd=value.filter(sector == "C26", buyer == MEMBER).sum(),
        )
        .collect()
    )
    return {int(row.pop("year")): row for row in rows.iter_rows(named=True)}


_CUT = re.compile(r"([\d.]+)% of world spending\); final purchases there were set to 0")


def of_set(name: str, calibration: Calibration, chosen: str) -> ShockResult:
    """Run the letter's tariffs with a published set of elasticities."""
    theta = elasticities(chosen, calibration.sectors, CLASSIFICATIONS[name])
    return run_scenario(calibration.with_elasticities(theta), scenario(LETTER), (UNION,), tolerance=TOLERANCE)


def of_factor(calibration: Calibration, asked: str, factor: float) -> ShockResult:
    """Run a scenario with all elasticities scaled."""
    return run_scenario(
        calibration.with_elasticities(factor * calibration.elasticities),
        scenario(asked),
        (UNION,),
        tolerance=TOLERANCE,
    )


def nafta_shock(base: Base, after: Floats, deficits: str = "zero") -> Shock:
    """Let Mexico, Canada and the United States give each other the tariffs of 2005."""
    tariffs = base.calibration.tariff_rates.copy()
    places = [base.calibration.economies.index(each) for each in NAFTA]
    for buyer in places:
        for seller in places:
            if buyer != seller:
                tariffs[:, buyer, seller] = after[:, buyer, seller]
    return Shock(tariffs, deficits=deficits)  # type: ignore[arg-type]


def nafta_rows(reference: Path) -> pl.DataFrame:
    """Compute NAFTA in all its variants, in percent.

    Returns
    -------
    polars.DataFrame
        `deficits`, `links`, `re_exports`, `economy`, `terms_of_trade`, `volume_of_trade`, `welfare` (first
        order), `real_wage`, `exact` (real income).
    """
    rows = []
    variants = [(deficits, links, "kept") for deficits in ("zero", "kept") for links in reversed(LINKS)]
    for deficits, links, re_exports in [*variants, ("zero", "full", "stripped")]:
        calibration, _, after = read_caliendo_parro(
            reference / NAFTA_DATA,
            re_exports=re_exports,  # type: ignore[arg-type]
        )
        base = rebase(calibration, deficits, links=links)  # type: ignore[arg-type]
        found = solve_equilibrium(base.calibration, nafta_shock(base, after, deficits), tolerance=1e-11)
        parts = first_order_parts(base, found)
        values = {
            "terms_of_trade": parts.terms_of_trade,
            "volume_of_trade": parts.volume_of_trade,
            "welfare": parts.total,
            "real_wage": real_wage(base, found) - 1,
            "exact": real_income(base, found) - 1,
        }
        for economy in NAFTA:
            place = base.calibration.economies.index(economy)
            rows.append(
                {
                    "deficits": deficits,
                    "links": links,
                    "re_exports": re_exports,
                    "economy": economy,
                    **{name: 100 * float(each[place]) for name, each in values.items()},
                }
            )
    return pl.DataFrame(rows)


def nafta_chain(reference: Path, steps: Sequence[int] = CHAINS) -> pl.DataFrame:
    """Take NAFTA in steps, zero deficits: `steps`, `economy`, `welfare` (first order, added up), percent."""
    calibration, _, after = read_caliendo_parro(reference / NAFTA_DATA)
    base = rebase(calibration, "zero")
    shock = nafta_shock(base, after)
    rows = []
    for count in steps:
        total = chained_parts(base, shock, count, tolerance=1e-11).total
        rows += [
            {
                "steps": count,
                "economy": each,
                "welfare": 100 * float(total[base.calibration.economies.index(each)]),
            }
            for each in NAFTA
        ]
    return pl.DataFrame(rows)


_ROW = re.compile(r"^\s*([A-Z][A-Za-z ]*?)\s*&(.*)\\\\", re.MULTILINE)
_COLUMNS = (
    "real_income",
    "exports",
    "imports",
    "exports_to_china",
    "exports_to_others",
    "imports_from_china",
    "imports_from_others",
)


def published_decoupling(reference: Path) -> pl.DataFrame:
    """Read the published table of Felbermayr, Mahlkow and Sandkamp (2023), scenario 1C.

    Returns
    -------
    polars.DataFrame
        One row an economy: `economy`, and in percent `real_income` (their welfare), `exports`, `imports`,
        `exports_to_china`, `exports_to_others`, `imports_from_china`, `imports_from_others`.
    """
    codes = {economy_name(code): code for code in ECONOMY_CODES}
    text = (reference / DECOUPLING_TABLE).read_text(encoding="utf-8")
    rows = []
    for name, cells in _ROW.findall(text):
        if name == "Country":
            continue
        values = [float(cell) if cell.strip() else None for cell in cells.split("&")]
        rows.append(dict(zip(("economy", *_COLUMNS), (codes[name], *values), strict=True)))
    return pl.DataFrame(rows, infer_schema_length=None)


def our_decoupling(reference: Path) -> tuple[ShockResult, pl.DataFrame]:
    """Double costs of trade between the EU and China on the calibration of 2014, deficits at zero.

    Returns
    -------
    tuple of ShockResult and polars.DataFrame
        The columns of `published_decoupling`, in percent; trade in money, world value added as the unit.
    """
    calibration = read_fgh_2014(reference / CALIBRATION_2014)
    result = run_scenario(
        calibration, scenario("eu-china-trade-costs-doubled"), (UNION, CHINA), tolerance=TOLERANCE
    )
    trade = result.trade.group_by("buyer", "seller").agg(pl.col("before_musd", "after_musd").sum())
    income = dict(result.economies.select("economy", "real_income_change").iter_rows())
    rows = []
    for code in (*union_members(), CHINA):
        row: dict[str, object] = {"economy": code, "real_income": 100 * income[code]}
        for name, own, other in (("exports", "seller", "buyer"), ("imports", "buyer", "seller")):
            mine = trade.filter(pl.col(own) == code)
            link = "to" if name == "exports" else "from"
            row[name] = _growth(mine)
            partner = pl.col(other) == CHINA
            # for China, the others are those outside the Union
            others = ~pl.col(other).is_in(union_members()) if code == CHINA else ~partner
            row[f"{name}_{link}_china"] = None if code == CHINA else _growth(mine.filter(partner))
            row[f"{name}_{link}_others"] = _growth(mine.filter(others))
        rows.append(row)
    return result, pl.DataFrame(rows, infer_schema_length=None).select("economy", *_COLUMNS)


def _growth(trade: pl.DataFrame) -> float:
    return 100 * (float(trade["after_musd"].sum()) / float(trade["before_musd"].sum()) - 1)


def doubled(known: Mapping[str, Calibration]) -> dict[str, ShockResult]:
    """Double costs of trade between the EU and China on every calibration."""
    return {
        name: run_scenario(
            calibration, scenario("eu-china-trade-costs-doubled"), (UNION,), tolerance=TOLERANCE
        )
        for name, calibration in known.items()
    }
