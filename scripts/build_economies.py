"""Build the tables of economies in geomonitor.codes from pycountry and the overrides below.

Run it after a change of ISO 3166 or of the overrides: ``python scripts/build_economies.py``.
pycountry carries the ISO 3166-1 codes and the names in English and Dutch; the overrides give the everyday
name where the formal one differs. The result is committed, so that the package
needs no pycountry at run time.
"""

from __future__ import annotations

import csv
import gettext
from pathlib import Path

import pycountry

TABLES = Path(__file__).resolve().parents[1] / "src" / "geomonitor" / "codes" / "tables"

# Everyday names where ISO 3166 has a formal one: code -> (English, Dutch).
EVERYDAY_NAMES = {
    "BRN": ("Brunei", "Brunei"),
    "CCK": ("Cocos Islands", "Cocoseilanden"),
    "COD": ("DR Congo", "DR Congo"),
    "COG": ("Congo", "Congo"),
    "CPV": ("Cape Verde", "Kaapverdië"),
    "FLK": ("Falkland Islands", "Falklandeilanden"),
    "FSM": ("Micronesia", "Micronesia"),
    "KOR": ("South Korea", "Zuid-Korea"),
    "MAF": ("Saint Martin (French part)", "Sint-Maarten (Frans deel)"),
    "NFK": ("Norfolk Island", "Norfolk"),
    "PCN": ("Pitcairn Islands", "Pitcairneilanden"),
    "PRK": ("North Korea", "Noord-Korea"),
    "PSE": ("Palestine", "Palestina"),
    "RUS": ("Russia", "Rusland"),
    "SHN": ("Saint Helena", "Sint-Helena"),
    "SXM": ("Sint Maarten", "Sint Maarten"),
    "SYR": ("Syria", "Syrië"),
    "TUR": ("Turkey", "Turkije"),
    "TWN": ("Taiwan", "Taiwan"),
    "VAT": ("Vatican City", "Vaticaanstad"),
    "VGB": ("British Virgin Islands", "Britse Maagdeneilanden"),
    "VIR": ("US Virgin Islands", "Amerikaanse Maagdeneilanden"),
}

# Codes that ISO 3166-1 does not have: code, English, Dutch, historical, unallocated.
# R20 and ZA1 are BACI's own; XKX is the user-assigned code in general use; XXX is ours.
ADDITIONS = (
    ("ANT", "Netherlands Antilles (until 2010)", "Nederlandse Antillen (tot 2010)", True, False),
    ("CSK", "Czechoslovakia (until 1992)", "Tsjecho-Slowakije (tot 1992)", True, False),
    ("DDR", "East Germany (until 1990)", "DDR (tot 1990)", True, False),
    (
        "PUS",
        "US Miscellaneous Pacific Islands",
        "Overige Amerikaanse eilanden in de Stille Oceaan",
        True,
        False,
    ),
    ("SCG", "Serbia and Montenegro (until 2005)", "Servië en Montenegro (tot 2005)", True, False),
    ("SUN", "Soviet Union (until 1991)", "Sovjet-Unie (tot 1991)", True, False),
    ("YUG", "Yugoslavia (until 1992)", "Joegoslavië (tot 1992)", True, False),
    ("XKX", "Kosovo", "Kosovo", False, False),
    (
        "ZA1",
        "Southern African Customs Union (until 1999)",
        "Zuidelijk-Afrikaanse Douane-unie (tot 1999)",
        True,
        True,
    ),
    ("R20", "Europe EFTA, not elsewhere specified", "Overig Europa (EVA), niet gespecificeerd", False, True),
    ("XXX", "Not allocated to an economy", "Niet aan een economie toegewezen", False, True),
)
COLUMNS = ("code", "name_en", "name_nl", "historical", "unallocated")


def economy_rows() -> list[tuple[str, str, str, int, int]]:
    """Return the rows of the table of economies, sorted by code."""
    dutch = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["nl"])
    rows = []
    for country in pycountry.countries:
        formal = getattr(country, "common_name", country.name)
        english, translated = EVERYDAY_NAMES.get(country.alpha_3, (formal, dutch.gettext(formal)))
        rows.append((country.alpha_3, english, translated, 0, 0))
    rows += [
        (code, en, nl, int(historical), int(unallocated))
        for code, en, nl, historical, unallocated in ADDITIONS
    ]
    return sorted(rows)


def write(path: Path, columns: tuple[str, ...], rows: list[tuple[str, str, str, int, int]]) -> None:
    """Write a table with a header, in UTF-8 and with line feeds."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


if __name__ == "__main__":
    table = economy_rows()
    write(TABLES / "economies.csv", COLUMNS, table)
    print(f"{len(table)} economies written to {TABLES / 'economies.csv'}")
