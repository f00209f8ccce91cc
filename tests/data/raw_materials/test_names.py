"""The name table of economies."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from geomonitor.codes import ECONOMY_CODES, economy_name
from geomonitor.data import raw_materials
from geomonitor.data.raw_materials import spoken_economy
from geomonitor.data.raw_materials.names import NAME_KINDS, near_names

TABLE = Path(str(raw_materials.__file__)).with_name("economy_names.toml")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Korea, South", "KOR"),
        ("Korea, Republic of", "KOR"),
        ("Korea, North", "PRK"),
        ("Congo", "COG"),
        ("Congo, D.R.", "COD"),
        ("Congo (Kinshasa)", "COD"),
        ("Democratic Republic of Congo", "COD"),
        ("Congo, Rep.", "COG"),
        ("Türkiye", "TUR"),
        ("Turkyie", "TUR"),
        ("Turkey", "TUR"),
        ("Brasilia", "BRA"),
        ("Brasil", "BRA"),
        ("Libanon", "LBN"),
        ("Cote d'Ivoire", "CIV"),
        ("Côte d’Ivoire", "CIV"),
        ("COTE D'IVOIRE", "CIV"),
        ("Surinam", "SUR"),
        ("Burma", "MMR"),
        ("Taiwan", "TWN"),
        ("Kosovo", "XKX"),
        ("French Guiana", "GUF"),
        ("  Viet   Nam ", "VNM"),
    ],
)
def test_names_of_the_sources(name: str, code: str) -> None:
    found = spoken_economy(name)
    assert found is not None
    assert (found.kind, found.code) == ("economy", code)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Total", "total"),
        ("World total (rounded)", "total"),
        ("World", "total"),
        ("Other countries", "other"),
        ("Rest of world", "other"),
        ("EU-27", "group"),
        ("European Union", "group"),
    ],
)
def test_names_that_are_no_economy(name: str, kind: str) -> None:
    found = spoken_economy(name)
    assert found is not None
    assert (found.kind, found.code) == (kind, None)


@pytest.mark.parametrize("name", ["", "Atlantis", "Chin", "Republic", "Korea", "Guinea-", "Niger ia", "C"])
def test_a_name_that_is_nearly_known_is_not_known(name: str) -> None:
    assert spoken_economy(name) is None


def test_every_name_of_geomonitor_is_known() -> None:
    for code in ECONOMY_CODES:
        found = spoken_economy(economy_name(code))
        assert found is not None
        assert found.code == code


def test_no_name_stands_for_two() -> None:
    content = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    spoken = [(code, name) for code, names in content["economies"].items() for name in names]
    spoken += [(kind, name) for kind, names in content["others"].items() for name in names]
    assert set(content["others"]) == set(NAME_KINDS) - {"economy"}
    assert set(content["economies"]) <= set(ECONOMY_CODES)
    by_name: dict[str, set[str]] = {}
    for code, name in spoken:
        by_name.setdefault(name.casefold(), set()).add(code)
    assert {name: codes for name, codes in by_name.items() if len(codes) > 1} == {}
    for code, name in spoken:
        found = spoken_economy(name)
        assert found is not None
        assert code in (found.code, found.kind), name


def test_near_names_help() -> None:
    assert near_names("Brazzil")[0] == "Brazil"
    assert near_names("xyzxyz") == ()
