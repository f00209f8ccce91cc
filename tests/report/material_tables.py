"""Made tables on raw materials, small but with every case that the report has to show."""

from __future__ import annotations

from typing import Any

import polars as pl

__all__ = ["MATERIAL_TABLES", "material_tables"]

MATERIAL_TABLES = (
    "materials",
    "material_stages",
    "material_factors",
    "material_suppliers",
    "material_history",
    "material_published",
    "material_comparison",
)

_NAMES = {
    "cobalt": ("Cobalt", "Kobalt", True, "batteries"),
    "copper": ("Copper", "Koper", True, "batteries;chips"),
    "gallium": ("Gallium", "Gallium", True, "chips"),
    "lithium": ("Lithium", "Lithium", True, "batteries"),
    "magnesium": ("Magnesium", "Magnesium", True, ""),
    "natural_graphite": ("Natural graphite", "Natuurlijk grafiet", True, "batteries"),
    "niobium": ("Niobium", "Niobium", False, ""),
    "tungsten": ("Tungsten", "Wolfraam", True, "robotics"),
}

# material, stage, products, mixed, world suppliers, suppliers of the EU, recycling, substitution, reason
_STAGES: tuple[tuple[Any, ...], ...] = (
    ("cobalt", "extraction", "260500", False, {"COD": 0.71, "RUS": 0.06, "AUS": 0.05, "PHL": 0.04},
     {"COD": 0.66, "MAR": 0.2, "RUS": 0.08}, 0.22, 0.92, None),
    ("cobalt", "processing", "810510;282200", False, {"CHN": 0.49, "COD": 0.17, "FIN": 0.1, "CAN": 0.05},
     {"COD": 0.44, "CHN": 0.2, "GBR": 0.15, "USA": 0.1}, 0.22, 0.92, None),
    ("copper", "extraction", "260300", False, {"CHL": 0.3, "PER": 0.24, "AUS": 0.08},
     {"CHL": 0.24, "PER": 0.22, "BRA": 0.16}, 0.55, 0.97, None),
    ("copper", "processing", "740311", False, {"CHL": 0.29, "COD": 0.12, "JPN": 0.08},
     {"CHL": 0.33, "RUS": 0.2, "COD": 0.15}, 0.55, 0.97, None),
    ("gallium", "processing", "811291", True, {"CHN": 0.88, "KOR": 0.05, "TWN": 0.04},
     {"CHN": 0.71, "TWN": 0.12, "USA": 0.08}, 0.0, None, None),
    ("lithium", "extraction", "253090", True, {"AUS": 0.62, "BRA": 0.1}, {"TUR": 0.35, "AUS": 0.2},
     0.0, 0.93, None),
    ("lithium", "processing", "283691", False, {"CHL": 0.66, "ARG": 0.14, "CHN": 0.12},
     {"CHL": 0.74, "USA": 0.09, "ARG": 0.06}, 0.0, 0.93, None),
    ("magnesium", "processing", "810411;810419", False, {"CHN": 0.89, "ISR": 0.04, "TUR": 0.03},
     {"CHN": 0.93, "ISR": 0.03, "TUR": 0.02}, 0.13, 0.9, None),
    ("natural_graphite", "extraction", "250410;250490", False, {"CHN": 0.55, "MDG": 0.12, "MOZ": 0.11},
     {"CHN": 0.42, "MOZ": 0.16, "BRA": 0.13}, 0.03, 0.97, None),
    ("niobium", "extraction", "261590", True, {}, {}, None, None, "world supply: no supplier is known"),
    ("niobium", "processing", "720293", False, {"BRA": 0.9, "CAN": 0.08}, {"BRA": 0.84, "CAN": 0.14},
     0.0, 0.95, None),
    ("tungsten", "extraction", "261100", False, {"CHN": 0.2, "RUS": 0.17, "VNM": 0.14, "BOL": 0.12},
     {"RUS": 0.25, "BOL": 0.2, "PRK": 0.15}, 0.42, 0.94, None),
    ("tungsten", "processing", "810110;284180", False, {"CHN": 0.67, "VNM": 0.14, "USA": 0.05},
     {"CHN": 0.46, "VNM": 0.21, "USA": 0.1}, 0.42, 0.94, None),
)  # fmt: skip

_GOVERNANCE = {
    "ARG": 5.3, "AUS": 1.9, "BOL": 6.1, "BRA": 5.4, "CAN": 1.9, "CHL": 3.2, "CHN": 5.6, "COD": 8.1,
    "FIN": 1.2, "GBR": 2.3, "ISR": 3.7, "JPN": 2.1, "KOR": 3.1, "MAR": 5.5, "MDG": 6.4, "MOZ": 6.7,
    "PER": 5.3, "PHL": 5.5, "PRK": None, "RUS": 6.7, "TUR": 5.8, "TWN": 2.5, "USA": 2.8, "VNM": 5.3,
}  # fmt: skip

_PUBLISHED = {
    "cobalt": {2011: (1.1, 7.2), 2014: (1.6, 6.7), 2017: (1.6, 5.7), 2020: (2.5, 5.9), 2023: (2.8, 6.8)},
    "copper": {2014: (0.2, 5.8), 2017: (0.2, 4.7), 2020: (0.3, 5.3), 2023: (0.1, 4.0)},
    "gallium": {2017: (1.4, 3.2), 2020: (1.3, 3.5), 2023: (3.9, 3.9)},
    "heavy_rare_earths": {2017: (4.9, 3.7), 2020: (5.6, 3.9), 2023: (5.1, 4.2)},
    "indium": {2017: (2.4, 3.1), 2020: (1.8, 3.3), 2023: (0.6, 3.3)},
    "lithium": {2017: (1.0, 2.4), 2020: (1.6, 3.1), 2023: (1.9, 3.9)},
    "magnesium": {2017: (4.0, 7.1), 2020: (3.9, 6.6), 2023: (4.1, 7.4)},
    "natural_graphite": {2017: (2.9, 2.9), 2020: (2.3, 3.2), 2023: (1.8, 3.4)},
    "niobium": {2017: (3.1, 4.8), 2020: (3.9, 6.0), 2023: (4.4, 6.5)},
    "phosphate_rock": {2017: (1.0, 5.1), 2020: (1.1, 5.6), 2023: (1.0, 6.4)},
    "scandium": {2017: (2.9, 3.7), 2020: (3.1, 4.4), 2023: (2.4, 3.7)},
    "tungsten": {2017: (1.8, 7.3), 2020: (1.6, 8.1), 2023: (1.2, 8.7)},
}

_SOURCES = {
    "world_concentration": "baci-hs92-raw-materials",
    "governance": "worldbank-wgi",
    "restrictions": "eu-crm-2017",
    "import_reliance": "published 2023",
    "recycling": "published 2023",
    "substitution": None,
}
# known between bounds only
_BOUNDED = ("cobalt", "natural_graphite")

_FACTORS = (
    "world_concentration",
    "governance",
    "restrictions",
    "import_reliance",
    "recycling",
    "substitution",
)


def material_tables() -> dict[str, pl.DataFrame]:
    """The seven tables, for the European Union and the Netherlands."""
    stages = [
        _stage_row(importer, row)
        for importer in ("EU27_2020", "NLD")
        for row in _STAGES
        # the Netherlands buys no natural graphite in this made world
        if (importer, row[0]) != ("NLD", "natural_graphite")
    ]
    frame = pl.DataFrame(stages, infer_schema_length=None)
    return {
        "materials": _materials(frame),
        "material_stages": frame,
        "material_factors": _factors(frame),
        "material_suppliers": _suppliers(),
        "material_history": _history(),
        "material_published": _published(),
        "material_comparison": _comparison(),
    }


def _label(importer: str) -> str:
    return importer if importer == "EU27_2020" else "NLD (home EU27_2020)"


def _shares(importer: str, sourcing: dict[str, float]) -> dict[str, float]:
    if importer == "EU27_2020":
        return sourcing
    # a smaller buyer with a little more from its first supplier
    return {
        code: round(share * (1.05 if place == 0 else 0.9), 4)
        for place, (code, share) in enumerate(sourcing.items())
    }


def _hhi(shares: dict[str, float]) -> float | None:
    return sum(share**2 for share in shares.values()) if shares else None


def _governed(shares: dict[str, float]) -> float | None:
    if not shares:
        return None
    return sum(share**2 * (_GOVERNANCE[code] or 5.0) for code, share in shares.items())


def _stage_row(importer: str, row: tuple[Any, ...]) -> dict[str, Any]:
    material, stage, products, mixed, world, sourcing, recycling, substitution, reason = row
    used = _shares(importer, sourcing)
    risk = low = high = None
    reliance: float | None = 0.9 if world else None
    if world:
        mean = (_governed(world) or 0.0) * 0.45 + (_governed(used) or 0.0) * 0.55
        risk = low = high = mean * (1 - recycling) * (substitution if substitution is not None else 0.95)
        if material in _BOUNDED:
            risk, reliance, reason = None, None, "import reliance is not known"
        if reliance is None or substitution is None:
            low, high = low * 0.6, high * 1.4
    first = next(iter(used), None)
    world_first = next(iter(world), None)
    return {
        "importer": importer, "label": _label(importer), "material": material, "stage": stage,
        "basis": "trade", "products": products, "mixed": mixed,
        "import_value_kusd": 250_000.0 if world else None,
        "world_concentration": _hhi(world), "sourcing_concentration": _hhi(used),
        "governed_world": _governed(world), "governed_sourcing": _governed(used),
        "import_reliance": reliance,
        "import_reliance_low": 0.0 if world and reliance is None else reliance,
        "import_reliance_high": 1.0 if world and reliance is None else reliance, "recycling_rate": recycling,
        "substitution_risk": substitution, "supply_risk": risk, "supply_risk_low": low,
        "supply_risk_high": high, "main_world_supplier": world_first,
        "main_world_share": world.get(world_first), "main_supplier": first,
        "main_supplier_share": used.get(first),
        "main_supplier_share_low": 0.0 if first and reliance is None else used.get(first),
        "above_benchmark": _above(used.get(first), reliance),
        "products_missing": "282739" if material == "cobalt" else None, "reason": reason,
    }  # fmt: skip


def _above(share: float | None, reliance: float | None) -> bool | None:
    if share is None or share <= 0.65:
        return False if share is not None else None
    return None if reliance is None else True


def _critical(row: dict[str, Any], importance: float) -> bool | None:
    if importance < 2.8 or row["supply_risk_high"] < 0.95:
        return False
    return True if row["supply_risk_low"] >= 0.95 else None


def _materials(stages: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for (importer, material), part in stages.group_by("importer", "material", maintain_order=True):
        top = part.sort("supply_risk_high", descending=True, nulls_last=True).row(0, named=True)
        name_en, name_nl, strategic, chains = _NAMES[str(material)]
        risk, importance = _PUBLISHED[str(material)][2023]
        rows.append(
            {
                "importer": importer, "label": top["label"], "material": material, "name_en": name_en,
                "name_nl": name_nl, "strategic": strategic, "basis": "trade", "stage": top["stage"],
                "supply_risk": top["supply_risk"], "supply_risk_low": top["supply_risk_low"],
                "supply_risk_high": top["supply_risk_high"], "economic_importance": importance,
                "economic_importance_source": "published 2023", "critical": _critical(top, importance),
                "reason": top["reason"], "main_supplier": top["main_supplier"],
                "main_supplier_share": top["main_supplier_share"],
                "above_benchmark": part["above_benchmark"].any(ignore_nulls=False),
                "published_year": 2023, "published_supply_risk": risk,
                "published_economic_importance": importance,
                "published_critical": risk >= 1.0 and importance >= 2.8, "chains": chains,
            }
        )  # fmt: skip
    return pl.DataFrame(
        rows,
        infer_schema_length=None,
    )


def _factors(stages: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for row in stages.filter(pl.col("supply_risk").is_not_null()).iter_rows(named=True):
        risk = row["supply_risk"]
        values = (
            row["world_concentration"], 5.2, 1.0, row["import_reliance"], row["recycling_rate"],
            row["substitution_risk"],
        )  # fmt: skip
        for place, (factor, value) in enumerate(zip(_FACTORS, values, strict=True)):
            neutral = (
                None if value is None else risk * (1.5, 0.2, 1.0, 0.97, 1 / (1 - value * 0.9), 1.06)[place]
            )
            rows.append(
                {
                    "importer": row["importer"], "label": row["label"], "material": row["material"],
                    "stage": row["stage"], "source": _SOURCES[factor],
                    "factor": factor, "value": value, "supply_risk": risk,
                    "supply_risk_if_neutral": neutral,
                    "contribution": None if neutral is None else risk - neutral,
                }
            )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def _suppliers() -> pl.DataFrame:
    rows = []
    for material, stage, _, _, world, sourcing, *_ in _STAGES:
        for importer in ("EU27_2020", "NLD"):
            if (importer, material) == ("NLD", "natural_graphite"):
                continue
            for scope, shares in (("world", world), ("importer", _shares(importer, sourcing))):
                rows += [
                    {
                        "importer": importer, "label": _label(importer), "material": material,
                        "stage": stage, "scope": scope,
                        "supplier": code, "value_kusd": share * 1e6, "share": share,
                        "governance": _GOVERNANCE[code],
                    }
                    for code, share in shares.items()
                ]  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def _history() -> pl.DataFrame:
    rows = []
    for number, (material, stage, _, _, world, sourcing, *_) in enumerate(_STAGES):
        if not world:
            continue
        for scope, shares in (
            ("world exports", world),
            ("EU27_2020", sourcing),
            ("NLD", _shares("NLD", sourcing)),
        ):
            if (scope, material) == ("NLD", "natural_graphite"):
                continue
            code, share = next(iter(shares.items()))
            for year in range(1995, 2025):
                part = (year - 1995) / 29
                waver = 0.03 * ((year * 7 + number * 5) % 5 - 2)
                rows.append(
                    {
                        "material": material, "stage": stage, "scope": scope, "year": year,
                        "concentration": min(1.0, max(0.05, 0.15 + part * share**2 * 0.9 + waver)),
                        "main_supplier": code if part > 0.3 else "USA",
                        "main_supplier_share": max(0.2, share * part),
                    }
                )  # fmt: skip
    return pl.DataFrame(rows)


def _published() -> pl.DataFrame:
    rows = [
        {
            "material": material, "year": year, "supply_risk": risk, "economic_importance": importance,
            "critical": None if year < 2017 else risk >= 1.0 and importance >= 2.8,
            "listed": None if year < 2020 else (risk >= 1.0 and importance >= 2.8)
            or (material == "copper" and year == 2023),
        }
        for material, years in _PUBLISHED.items()
        for year, (risk, importance) in years.items()
    ]  # fmt: skip
    rows.append(
        {
            "material": "krypton", "year": 2023, "supply_risk": None, "economic_importance": None,
            "critical": None, "listed": False,
        }
    )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def _comparison() -> pl.DataFrame:
    rows = []
    by_stage = {(row[0], row[1]): row[4] for row in _STAGES}
    for measure in ("main supplier's share", "concentration"):
        for material in _NAMES:
            one, two = by_stage.get((material, "extraction")), by_stage.get((material, "processing"))
            if not one or not two:
                continue
            shares = measure == "main supplier's share"
            values = [next(iter(each.values())) if shares else _hhi(each) for each in (one, two)]
            rows.append(
                _compared(
                    material,
                    measure,
                    "baci-hs92-raw-materials",
                    "2022-2024",
                    values,
                    [next(iter(one)), next(iter(two))],
                )
            )
    for material, extraction, processing, suppliers in (
        ("cobalt", 0.63, 0.6, ("COD", "CHN")),
        ("lithium", 0.53, 0.56, ("AUS", "CHN")),
        ("niobium", 0.92, 0.92, ("BRA", "BRA")),
        ("tungsten", 0.69, 0.86, ("CHN", "CHN")),
    ):
        rows.append(
            _compared(
                material, "main supplier's share", "eu-crm-studies", "2016-2020", [extraction, processing],
                list(suppliers),
            )
        )  # fmt: skip
    return pl.DataFrame(rows)


def _compared(
    material: str, measure: str, source: str, years: str, values: list[Any], suppliers: list[str]
) -> dict[str, Any]:
    difference = values[1] - values[0]
    return {
        "material": material, "measure": measure, "source": source, "years": years,
        "extraction_supplier": suppliers[0], "extraction": values[0],
        "processing_supplier": suppliers[1], "processing": values[1], "difference": difference,
        "more_concentrated": "processing" if difference > 0 else "extraction" if difference < 0 else "equal",
    }  # fmt: skip
