"""Published trade elasticities: by sector against the papers, by product from a file."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from geomonitor.data.input_output.sectors import SECTOR_SCHEMES
from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.shocks.elasticities import (
    CLASSIFICATIONS,
    DEFAULT_ELASTICITIES,
    DIVISIONS,
    elasticities,
    elasticity_set,
    elasticity_sets,
    trade_sectors,
)
from geomonitor.shocks.product_elasticities import read_product_elasticities

# column of the file of comparison -> set, and the divisions that its 16 groups hold
COLUMNS = {
    "CP": "caliendo-parro-2015",
    "FGO": "fontagne-guimbard-orefice-2022",
    "GYY": "giri-yi-yilmazkuday-2021",
    "LL": "lashkaripour-lugovskyy-2023",
    "Shap": "shapiro-2016",
    "BSY": "bagwell-staiger-yurukoglu-2021",
    "U4": "simonovska-waugh-2014",
}
GROUPS = (
    ("A01", "A02", "A03"),
    ("B",),
    ("C10T12",),
    ("C13T15",),
    ("C16", "C17_18"),
    ("C19",),
    ("C20",),
    ("C22", "C23"),
    ("C24",),
    ("C25",),
    ("C26",),
    ("C27",),
    ("C28",),
    ("C29", "C30"),
    ("C31T33",),
    ("services",),
)


def test_every_set_covers_every_sector_of_every_classification() -> None:
    for name in elasticity_sets():
        for classification in CLASSIFICATIONS:
            sectors = tuple(trade_sectors(classification))
            values = elasticities(name, sectors, classification)
            assert values.shape == (len(sectors),)
            assert (values > 0).all()


def test_classifications_hold_the_sectors_of_the_published_tables() -> None:
    for scheme in SECTOR_SCHEMES:
        assert tuple(trade_sectors(scheme)) == SECTOR_SCHEMES[scheme]
    assert [len(trade_sectors(name)) for name in CLASSIFICATIONS] == [50, 28, 64, 56, 35, 50, 40]


def test_every_set_has_a_citation_and_says_what_stands_in() -> None:
    assert next(iter(elasticity_sets())) == DEFAULT_ELASTICITIES
    for found in elasticity_sets().values():
        assert found.citation
        assert found.read_from
        filled = any(each.basis == "filled" for values in found.values.values() for each in values.values())
        assert filled == bool(found.filled)
        assert {each.basis for each in found.values[DIVISIONS].values()} <= {"paper", "mean", "filled"}


def test_caliendo_and_parro_by_their_own_sectors() -> None:
    found = elasticities(
        "caliendo-parro-2015", tuple(trade_sectors("caliendo-parro-2015")), "caliendo-parro-2015"
    )
    tradable = (
        "9.11 13.53 2.62 8.1 11.5 16.52 64.85 3.13 1.67 2.41 "
        "3.28 6.99 1.45 12.95 12.91 3.95 8.71 8.22 8.22 3.98"
    )
    np.testing.assert_array_equal(found, [*map(float, tradable.split()), *[8.22] * 20])


def test_a_combined_sector_has_the_mean() -> None:
    both = elasticities("fontagne-guimbard-orefice-2022", ["c12"], "wiod-2013")
    assert both[0] == pytest.approx((7.39 + 4.22) / 2)
    (found,) = elasticity_set("fontagne-guimbard-orefice-2022").of(["c12"], "wiod-2013")
    assert found.basis == "mean"


def test_order_is_that_of_the_sectors_asked_for() -> None:
    values = elasticities("fontagne-guimbard-orefice-2022", ["C28", "A01", "C28"])
    assert values.tolist() == [5.01, 2.91, 5.01]


def test_what_is_not_known_is_named() -> None:
    with pytest.raises(UnknownCodeError, match="no set of trade elasticities 'caliendo'"):
        elasticities("caliendo", ["C26"])
    with pytest.raises(DataError, match="'C99' has no trade elasticity"):
        elasticities("caliendo-parro-2015", ["C26", "C99"])
    with pytest.raises(UnknownCodeError, match="'isic'"):
        elasticities("caliendo-parro-2015", ["C26"], "isic")


@pytest.mark.reference
def test_sets_agree_with_the_file_that_averages_them(reference_data: Path) -> None:
    path = reference_data / "io" / "tariffwar_cubes" / "WIOD2014_elasticities.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(GROUPS)
    for column, name in COLUMNS.items():
        values = elasticity_set(name).values[DIVISIONS]
        for row, group in zip(rows, GROUPS, strict=True):
            if name == "caliendo-parro-2015" and group[0] in ("C26", "C29", "C31T33", "services"):
                # that file takes 1.84 and 0.39 for vehicles, medical twice, and 4 for services
                continue
            ours = np.mean([values[each].elasticity for each in group])
            assert ours == pytest.approx(float(row[column]), abs=2e-6), (name, group)


@pytest.mark.reference
def test_caliendo_and_parro_agree_with_the_authors_file(reference_data: Path) -> None:
    folder = reference_data / "models" / "caliendo_parro_2015" / "original_txt"
    theirs = np.loadtxt(folder / "T.txt")
    codes = tuple(trade_sectors("caliendo-parro-2015"))[:20]
    np.testing.assert_array_equal(elasticities("caliendo-parro-2015", codes, "caliendo-parro-2015"), theirs)


# by product -------------------------------------------------------------------------------------------------

HEADER = "HS6,zero,positive,sigma\n"


def _file(folder: Path, text: str) -> Path:
    path = folder / "elasticities.csv"
    path.write_text(HEADER + text, encoding="utf-8")
    return path


def test_product_elasticities_turn_the_sign_and_keep_flags(tmp_path: Path) -> None:
    text = "010110,1,0,\n010210,0,0,-12.11\n10290,1,0,-7.9\n854231,0,1,-60\n"
    found = read_product_elasticities(_file(tmp_path, text))
    assert found.table["product"].to_list() == ["010110", "010210", "010290", "854231"]
    assert found.table["elasticity"].to_list() == [None, 12.11, 7.9, 60.0]
    assert found.table["zero"].to_list() == [True, False, True, False]
    assert {check.name: check.count for check in found.checks} == {
        "missing": 1,
        "not_significant": 1,
        "wrong_sign": 1,
        "large": 1,
        "leading_zero": 1,
    }
    assert found.of(["854231", "010210"]).tolist() == [60.0, 12.11]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (["010110"], "product 010110 is missing"),
        (["010210", "999999", "010110"], "999999 has no row, and 1 others"),
        (["020110"], "is -0.5"),
        (["020120"], "product 020120 is 0"),
    ],
)
def test_elasticities_that_cannot_be_used_are_refused_where_used(
    tmp_path: Path, wanted: list[str], message: str
) -> None:
    text = "010110,1,0,\n010210,0,0,-12.11\n020110,0,1,0.5\n020120,1,0,0\n"
    found = read_product_elasticities(_file(tmp_path, text))
    with pytest.raises(DataError, match=message):
        found.of(wanted)


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("0101,0,0,-5\n", "'0101'", "row 2"),
        ("010110,2,0,-5\n", "'2' is no flag", "row 2, column zero"),
        ("010110,0,0,-5\n010190,0,0,minus\n", "'minus' is no number", "row 3"),
        ("010110,0,0,inf\n", "'inf' is no number", "row 2"),
        ("010110,0,0,-5\n010110,0,0,-6\n", "010110 is there more than once", "elasticities.csv"),
        ("010110,0,0,5\n010190,0,0,6\n", "Most estimates are positive", "column sigma"),
        ("", "no rows", "elasticities.csv"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, text: str, message: str, where: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_product_elasticities(_file(tmp_path, text))
    assert where in str(caught.value.where)


def test_missing_columns_and_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("HS6,sigma\n010110,-5\n", encoding="utf-8")
    with pytest.raises(DataError, match="zero, positive"):
        read_product_elasticities(path)
    with pytest.raises(DataError, match="cannot be read"):
        read_product_elasticities(tmp_path / "nothing.csv")


@pytest.mark.reference
def test_the_published_product_file(reference_data: Path) -> None:
    found = read_product_elasticities(reference_data / "elasticities" / "ProTEE_0_1_andrebarbe.csv")
    assert found.table.height == 5050
    assert found.table["elasticity"].count() == 4566
    assert found.table["elasticity"].mean() == pytest.approx(10.92676, abs=1e-5)
    assert {check.name: check.count for check in found.checks}["missing"] == 484
    assert found.table["zero"].mean() == pytest.approx(0.372277, abs=1e-6)
