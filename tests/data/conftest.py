"""Small releases to read, and stores to keep them in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from geomonitor.data import Store

BACI_ROWS = {
    2020: "2020,528,276,010121,10.5,       2.5\n2020,156,528,810600,99.125,          NA\n",
    2021: "2021,528,276,010121,11.5,2.75\n2021,842,528,810600,7,\n2021,156,528,810600,100,40\n",
}
PRODUCTS = 'code,description\n010121,"Horses: live, pure-bred"\n810600,Bismuth\n270900,Crude oil\n'
COUNTRIES = (
    "country_code,country_name,country_iso2,country_iso3\n"
    "156,China,CN,CHN\n276,Germany,DE,DEU\n490,Other Asia,S1,S19\n528,Netherlands,NL,NLD\n"
)

MakeBaci = Callable[..., Path]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


@pytest.fixture
def make_baci(tmp_path: Path) -> MakeBaci:
    """Write a release of BACI into a folder."""

    def make(
        rows: Mapping[int, str] | None = None,
        *,
        name: str = "BACI_HS17_V202501",
        revision: str = "17",
        tables: bool = True,
        header: str = "t,i,j,k,v,q\n",
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for year, text in (BACI_ROWS if rows is None else rows).items():
            file = folder / f"BACI_HS{revision}_Y{year}_V202501.csv"
            file.write_bytes((header + text).encode())
        if tables:
            (folder / f"product_codes_HS{revision}_V202501.csv").write_text(PRODUCTS)
            (folder / "country_codes_V202501.csv").write_text(COUNTRIES)
        return folder

    return make
