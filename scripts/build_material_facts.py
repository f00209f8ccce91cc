"""Build the typed facts on raw materials from the reference folder with the Commission's study data.

``python scripts/build_material_facts.py FOLDER`` reads ``FOLDER/eu_crm`` and, for recycling rates,
``FOLDER/world_mining_data_2018_2024``, and writes single published figures into the source tree; ``--check``
only compares them. The tables of shares themselves are not copied: of each material and stage the largest
supplier is kept. `published_lists.csv` and `sources.toml` are kept by hand.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from geomonitor.codes import ECONOMY_CODES, economy_name, material
from geomonitor.errors import DataError, GeomonitorError

FACTS = Path(__file__).resolve().parents[1] / "src" / "geomonitor" / "data" / "raw_materials" / "facts"
SHARE_SUM_PERCENT = (95, 105)
STAGES = {"E": "extraction", "P": "processing"}
SHARES = {"world": "fact_GlobalSupplyShares_t.csv", "EU sourcing": "fact_EUSupplyShares_t.csv"}
SHARE_YEARS = "2016-2020"
SUPPLY_BASIS = {"GS + EUS": "world and sourcing", "GS only": "world only", "EUS only": "sourcing only"}
# Names of suppliers that differ from the everyday English name.
ECONOMY_ALIASES = {"Türkiye": "TUR", "Congo, D.R.": "COD", "Brasil": "BRA"}

ASSESSMENT_COLUMNS = (
    "material",
    "year",
    "stage",
    "supply_risk",
    "economic_importance",
    "import_reliance",
    "recycling_rate",
    "substitution_economic",
    "substitution_risk",
    "governed_world",
    "governed_sourcing",
    "supply_basis",
    "source",
)
Row = dict[str, str]


def read_rows(path: Path, encoding: str) -> Iterator[tuple[str, Row]]:
    """Yield where a row is, for messages, and the row."""
    try:
        with path.open(encoding=encoding, newline="") as handle:
            reader = csv.DictReader(handle)
            for row in reader:
                yield f"{path.name}, line {reader.line_num}", row
    except FileNotFoundError as error:
        raise DataError("The reference folder lacks a file.", where=str(path)) from error


def fraction(percent: str) -> str:
    """Write a percentage as a fraction, with the digits that were printed."""
    return f"{Decimal(percent.strip().rstrip('%')) / 100:f}" if percent != "N/A" else ""


def number(text: str) -> str:
    """Leave out what was not available."""
    return "" if text in {"N/A", "-"} else text


def assessments(folder: Path) -> list[Row]:
    """Supply risk and economic importance of every study, with the inputs of the study of 2017."""
    rows: dict[tuple[int, str], Row] = {}
    for where, row in read_rows(folder / "dimension_CRMsOverTime.csv", "latin-1"):
        if row["SR"] == "-":  # not assessed in that year
            continue
        code, year = material(row["Material"], where=where).code, int(row["Year"])
        rows[year, code] = {
            "material": code,
            "year": str(year),
            "supply_risk": row["SR"],
            "economic_importance": row["EI"],
            "source": f"eu-crm-{year}",
        }
    for where, row in read_rows(folder / "eu_crm_2017_results.csv", "utf-8"):
        code = material(row["material"], where=where).code
        known = rows.setdefault((2017, code), {"material": code, "year": "2017", "source": "eu-crm-2017"})
        for column, printed in (("supply_risk", row["SR"]), ("economic_importance", row["EI"])):
            if Decimal(known.setdefault(column, printed)) != Decimal(printed):
                raise DataError(f"Two files give {known[column]} and {printed}.", where=f"{where}, {column}")
        known |= {
            "stage": row["stage"].lower(),
            "import_reliance": fraction(row["IR_pct"]),
            "recycling_rate": fraction(row["EoL_RIR_pct"]),
            "substitution_economic": number(row["SI_EI"]),
            "substitution_risk": number(row["SI_SR"]),
            "governed_world": number(row["HHI_WGI_t_GS"]),
            "governed_sourcing": number(row["HHI_WGI_t_EU28"]),
            "supply_basis": SUPPLY_BASIS[row["supply_data"]],
        }
    return [rows[key] for key in sorted(rows)]


def main_suppliers(folder: Path) -> tuple[list[Row], list[str]]:
    """Find the largest supplier of each material and stage, and what was left out for its sum of shares."""
    codes = {economy_name(code): code for code in ECONOMY_CODES} | ECONOMY_ALIASES
    rows: list[Row] = []
    left_out: list[str] = []
    for scope, name in SHARES.items():
        shares: dict[tuple[str, str], list[tuple[Decimal, str, str]]] = {}
        for where, row in read_rows(folder / name, "latin-1"):
            below = row["Share"].startswith("<")
            share = Decimal(0) if below else Decimal(row["Share"].strip().rstrip("%"))
            key = material(row["Material"], where=where).code, STAGES[row["Stage"]]
            shares.setdefault(key, []).append((share, row["Country"], where))
        for (code, stage), supply in sorted(shares.items()):
            total = sum(share for share, _, _ in supply)
            if not SHARE_SUM_PERCENT[0] <= total <= SHARE_SUM_PERCENT[1]:
                left_out.append(f"{code}, {stage}, {scope}: {total.normalize():f} %")
                continue
            largest = max(share for share, _, _ in supply)
            for share, country, where in supply:
                if share == largest:
                    if country not in codes:
                        raise DataError(f"The supplier {country!r} has no code.", where=where)
                    rows.append(
                        {
                            "material": code,
                            "stage": stage,
                            "scope": scope,
                            "economy": codes[country],
                            "share": f"{share / 100:f}",
                            "years": SHARE_YEARS,
                            "source": "eu-crm-2023",
                        }
                    )
    rows.sort(key=lambda row: (row["material"], row["stage"], row["scope"], row["economy"]))
    return rows, left_out


def recycling_rates(folder: Path, published: Iterable[Row]) -> list[Row]:
    """Collect the end-of-life recycling input rates of 2017 and 2023."""
    rows = [
        {
            "material": row["material"],
            "recycling_rate": row["recycling_rate"],
            "year": "2017",
            "source": "eu-crm-2017",
        }
        for row in published
        if row.get("recycling_rate")
    ]
    for where, row in read_rows(folder / "HS_Code_Map.csv", "utf-8-sig"):
        rate = Decimal(row["EoL-RIR (2023)"])
        # The table writes 0.0 where it knows nothing, too: a zero counts only with the factsheet it is from.
        if rate or row["Reference"].startswith("https://scrreen.eu"):
            rows.append(
                {
                    "material": material(row["Reference ID"], where=where).code,
                    "recycling_rate": f"{rate.normalize():f}",
                    "year": "2023",
                    "source": "jrc-rmis-2023",
                }
            )
    return sorted(rows, key=lambda row: (row["material"], row["year"]))


def as_text(comment: Sequence[str], columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """Write rows as CSV below lines of comment."""
    out = io.StringIO()
    out.writelines(f"# {line}\n" for line in comment)
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def build(reference: Path) -> dict[str, str]:
    """Make the text of each file of facts."""
    studies, mining = reference / "eu_crm", reference / "world_mining_data_2018_2024"
    published = assessments(studies)
    suppliers, left_out = main_suppliers(studies)
    made = "Made by scripts/build_material_facts.py; sources in sources.toml, explanation in SOURCE.md."
    return {
        "published_assessments.csv": as_text(
            (made, "Empty is not published."), ASSESSMENT_COLUMNS, published
        ),
        "main_suppliers.csv": as_text(
            (made, "Left out, because the printed shares do not add up to 95-105 %:", *left_out),
            ("material", "stage", "scope", "economy", "share", "years", "source"),
            suppliers,
        ),
        "recycling_rates.csv": as_text(
            (made, "End-of-life recycling input rate, as a fraction."),
            ("material", "recycling_rate", "year", "source"),
            recycling_rates(mining, published),
        ),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Build or check the facts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("reference", type=Path, help="folder with eu_crm and world_mining_data_2018_2024")
    parser.add_argument("--check", action="store_true", help="compare with the files, write nothing")
    options = parser.parse_args(arguments)
    try:
        files = build(options.reference)
    except GeomonitorError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    different = []
    for name, text in files.items():
        path = FACTS / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            different.append(name)
            if not options.check:
                path.write_text(text, encoding="utf-8")
    print(f"{'Differ' if options.check else 'Written'}: {', '.join(different) or 'none'}")
    return 1 if options.check and different else 0


if __name__ == "__main__":
    sys.exit(main())
