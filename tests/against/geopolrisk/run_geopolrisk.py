"""Run geopolrisk-py and write its scores; see README.md. Runs with the package's own Python, not ours.

    python run_geopolrisk.py FOLDER [--year 2022] [--all-years-of-trade] [--countries NAME ...]

The package reads its tables at import and writes logs, a workbook and a database to the home
folder, so a temporary one is named before the import.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
from pathlib import Path

COPPER = 0.409412948


def run(year: int, countries: list[str] | None, *, cut: bool) -> list[dict[str, object]]:
    """Give the package's own result, row by row."""
    from geopolrisk.assessment import database, main, utils  # type: ignore[import-not-found]

    tables = database.databases
    if cut:
        # a cell reads one year only; this saves the package a query over all thirty
        trade = tables.baci_trade
        tables.baci_trade = trade[trade["period"].astype(int) == year].reset_index(drop=True)
    places = countries or [*tables.production["Country_ISO"]["Country"].tolist(), "EU"]
    materials = utils.default_rmlist()
    found = main.gprs_calc([year], places, materials)
    if len(found) != len(places) * len(materials):
        # the package stops without an error at the first cell that fails
        raise SystemExit(f"{len(found)} cells came back, not {len(places)} x {len(materials)}")
    names = {
        "Country [Economic Entity]": "economy",
        "Raw Material": "material",
        "GeoPolRisk Score": "score",
        "GeoPolRisk Characterization Factor [eq. Kg-Cu/Kg]": "factor",
        "HHI": "hhi",
        "Import Risk": "import_risk",
        "Price": "price",
    }
    codes = tables.production["Country_ISO"].set_index("Country")["ISO"].to_dict()
    rows: list[dict[str, object]] = found.rename(columns=names)[list(names.values())].to_dict("records")
    for row in rows:
        row["economy"] = codes.get(row["economy"], row["economy"])
    return rows


def write(rows: list[dict[str, object]], folder: Path, year: int) -> None:
    """Write what cannot be computed from the rest, after checking that the rest can."""
    hhi: dict[str, float] = {}
    kept = []
    for row in rows:
        score, risk, price = (float(str(row[name])) for name in ("score", "import_risk", "price"))
        material = str(row["material"])
        concentration = hhi.setdefault(material, float(str(row["hhi"])))
        products = {"hhi": concentration, "score": concentration * risk, "factor": score * price / COPPER}
        # some scores are NaN; as text they are equal
        if any(repr(float(str(row[name]))) != repr(value) for name, value in products.items()):
            raise SystemExit(f"not the product of its parts: {row}")
        if score or price:
            kept.append((material, str(row["economy"]), repr(risk), repr(price)))
    with (folder / f"concentration-{year}.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["material", "hhi"])
        writer.writerows((material, repr(value)) for material, value in sorted(hhi.items()))
    with (folder / f"cells-{year}.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["material", "economy", "import_risk", "price"])
        writer.writerows(sorted(kept))


def main() -> None:
    """Read the arguments, run, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--year", type=int, default=2022)
    parser.add_argument("--countries", nargs="*")
    parser.add_argument("--all-years-of-trade", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        rows = run(arguments.year, arguments.countries, cut=not arguments.all_years_of_trade)
    write(rows, arguments.folder, arguments.year)
    print(f"{len(rows)} cells", file=sys.stderr)


if __name__ == "__main__":
    main()
