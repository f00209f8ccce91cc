"""Made tables on shocks, small but with every case that the report has to show."""

from __future__ import annotations

from typing import Any

import polars as pl

from geomonitor.codes import resolve_importer

__all__ = ["SHOCK_TABLES", "shock_record", "shock_tables"]

SHOCK_TABLES = (
    "shocks", "shock_groups", "shock_links", "shock_sectors", "shock_trade", "shock_curve", "shock_fan",
    "shock_grid", "shock_assumptions",
)  # fmt: skip

MEMBERS = resolve_importer("EU27_2020").members
_OUTSIDE = ("CHN", "USA", "VNM")

# scenario, names, size of the shock; the main one is not the first in the table
_SCENARIOS: tuple[tuple[str, str, str, float], ...] = (
    ("eu-china-50pp", "Tariffs between the EU and China up by 50 percentage points",
     "Tarieven tussen de EU en China 50 procentpunt hoger", 2.0),
    ("eu-china-25pp", "Tariffs between the EU and China up by 25 percentage points",
     "Tarieven tussen de EU en China 25 procentpunt hoger", 1.0),
    ("china-denies-electronics", "China denies the EU computers, electronics and chips",
     "China ontzegt de EU computers, elektronica en chips", 0.4),
    ("eu-china-decoupling", "The EU and China no longer trade", "De EU en China handelen niet meer", 5.0),
)  # fmt: skip
_KINDS = {"china-denies-electronics": "denial", "eu-china-decoupling": "denial"}

# sector, names, output of the Netherlands, direct and total effect on prices, change of output
_SECTORS: tuple[tuple[Any, ...], ...] = (
    ("C27", "Electrical equipment", "Elektrische apparatuur", 16_000.0, 0.044, 0.052, 0.087),
    ("C26", "Computers and electronics", "Computers en elektronica", 11_000.0, 0.018, 0.023, 0.059),
    ("C28", "Machinery", "Machines", 38_000.0, 0.011, 0.016, -0.024),
    ("C10T12", "Food, beverages and tobacco", "Voeding, dranken en tabak", 94_000.0, 0.002, 0.005, -0.026),
    ("F", "Construction", "Bouw", 150_000.0, 0.0, 0.006, -0.003),
    ("B07", "Metal ore mining", "Winning van metaalertsen", 0.0, 0.026, 0.027, None),
)  # fmt: skip


def _income(economy: str, size: float) -> float:
    own = {"NLD": -0.00076, "CHN": -0.0013, "USA": 0.000012, "VNM": 0.0004, "SVK": -0.0045}
    return own.get(economy, -0.0015) * size


def _change(economy: str, size: float) -> dict[str, Any]:
    hit = economy in MEMBERS or economy == "CHN"
    direct = 0.0016 * size if hit else 0.0
    return {
        "economy": economy,
        "in_scenario": hit,
        "real_income_change": _income(economy, size),
        "direct_price_change": direct,
        "total_price_change": direct * 2.4 + 0.0001 * size,
        "price_change": 0.0022 * size,
        "wage_change": 0.001 * size,
        "real_wage_change": -0.0012 * size,
        "imports_change": -0.02 * size,
        "exports_change": -0.02 * size,
        "terms_of_trade": 0.0001,
        "volume_of_trade": 0.0,
        "income_musd": 17e6 if economy == "CHN" else 9e5,
        "ratio_total_to_direct": 2.4 + 0.0001 / 0.0016 if hit else None,
    }


def shock_tables() -> dict[str, pl.DataFrame]:
    """The tables of four scenarios, for the European Union and the Netherlands."""
    shocks, groups, links, sectors, trade, fan, grid, assumptions = ([] for _ in range(8))
    for code, english, dutch, size in _SCENARIOS:
        head = {"scenario": code, "name_en": english, "name_nl": dutch, "calibration": "oecd-icio-2022"}
        for economy in (*MEMBERS, *_OUTSIDE):
            shocks.append({**head, **_change(economy, size)})
        union = {**_change("EU27_2020", size), "in_scenario": True, "ratio_total_to_direct": 2.1}
        groups.append({**head, "members": len(MEMBERS), **union, "direct_price_change": 0.0024 * size})
        for economy in ("EU27_2020", *MEMBERS, *_OUTSIDE):
            for kept, part in (("none", 1 / 2.2), ("materials", 1 / 1.5), ("full", 1.0)):
                links.append(
                    {"scenario": code, "links": kept, "economy": economy,
                     "real_income_change": part * _income(economy, size)}
                )  # fmt: skip
        for economy in ("EU27_2020", "NLD"):
            for sector, name_en, name_nl, output, direct, total, output_change in _SECTORS:
                sectors.append(
                    {"scenario": code, "economy": economy, "sector": sector, "sector_name_en": name_en,
                     "sector_name_nl": name_nl, "trade_elasticity": 5.0, "spending_musd": output + 1.0,
                     "output_musd": output, "output_change": output_change,
                     "direct_price_change": direct * size, "total_price_change": total * size,
                     "price_change": (total - 0.003) * size}
                )  # fmt: skip
        trade += _trade(code, size)
        for economy in ("EU27_2020", *MEMBERS, "CHN"):
            middle = _income(economy, size)
            fan.append(
                {"scenario": code, "economy": economy, "variants": 25, "failed": 1 if size > 4 else 0,
                 "mean": middle, "q05": middle * 1.1, "q25": middle * 1.03, "q50": middle,
                 "q75": middle * 0.96, "q95": middle * 0.85}
            )  # fmt: skip
            for factor in (0.25, 0.5, 1.0, 2.0):
                strength = factor**-1 if code in _KINDS else factor**0.3
                grid.append(
                    {"scenario": code, "elasticity_factor": factor, "economy": economy,
                     "real_income_change": middle * strength}
                )  # fmt: skip
        said = [
            "calibration oecd-icio-2022: 50 sectors, 80 economies",
            "Base tariffs are 0.",
            "An assumption of somebody's own",
            "trade deficits are zero, before and after"
            if size != 5.0
            else "trade deficits stay what they are, in units of world value added",
        ]
        assumptions += [
            {"scenario": code, "number": number, "text": text} for number, text in enumerate(said, start=1)
        ]
    curve = [
        {"family": "eu-china-pp", "points": points, "economy": economy,
         "real_income_change": _income(economy, (points / 25) ** 0.7), "price_change": 0.0}
        for points in (5.0, 25.0, 50.0, 100.0)
        for economy in ("EU27_2020", "NLD", "CHN", "USA")
    ]  # fmt: skip
    made = (shocks, groups, links, sectors, trade, curve, fan, grid, assumptions)
    return {
        name: pl.DataFrame(rows, infer_schema_length=None)
        for name, rows in zip(SHOCK_TABLES, made, strict=True)
    }


def _trade(code: str, size: float) -> list[dict[str, Any]]:
    flows = {
        ("NLD", "CHN"): (22_000.0, 0.46), ("NLD", "DEU"): (69_000.0, 1.03), ("NLD", "USA"): (57_000.0, 1.01),
        ("NLD", "OTHER"): (158_000.0, 1.01), ("CHN", "NLD"): (15_000.0, 0.54),
        ("USA", "NLD"): (40_000.0, 1.02), ("OTHER", "NLD"): (300_000.0, 0.99),
        ("CHN", "USA"): (150_000.0, 1.02), ("USA", "CHN"): (500_000.0, 1.01),
    }  # fmt: skip
    for member in MEMBERS:
        for pair in ((member, "CHN"), ("CHN", member)):
            flows.setdefault(pair, (2_000.0, 0.5))
    return [
        {"scenario": code, "buyer": buyer, "seller": seller, "before_musd": before,
         "after_musd": 0.0 if size > 4 and part < 0.6 else before * part}
        for (buyer, seller), (before, part) in flows.items()
    ]  # fmt: skip


def shock_record() -> dict[str, Any]:
    """What the record says of these shocks."""
    return {
        "shocks": {
            "calibration": {"name": "oecd-icio-2022", "title": "OECD table 2022", "year": 2022},
            "focus": ["EU27_2020", "NLD"],
            "scenarios": [
                {
                    "code": code,
                    "name": {"en": english, "nl": dutch},
                    "about": {"en": f"What happens: {english}.", "nl": f"Wat er gebeurt: {dutch}."},
                    "source": "letter to parliament of 13 January 2023, section 2",
                    "changes": [{"kind": _KINDS.get(code, "tariff")}],
                }
                for code, english, dutch, _ in _SCENARIOS
            ],
            "counterparts": {
                code: {"EU27_2020": "CHN", "NLD": "CHN", "CHN": "EU27_2020"} for code, *_ in _SCENARIOS
            },
            "curves": [{"family": "eu-china-pp", "scenario": "eu-china-50pp"}],
            "solutions": [{"scenario": "eu-china-25pp", "residuals": {"prices": 4e-15, "trade": 3.6e-12}}],
        }
    }
