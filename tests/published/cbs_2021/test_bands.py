"""Bands, threshold and published cells of Statistics Netherlands; see README.md beside this file."""

from __future__ import annotations

import math

import polars as pl
import pytest

from geomonitor.dependency import ScreeningOptions, method, screen_flows
from geomonitor.trade import concentration_band, herfindahl, importer

DOLLARS_A_EURO = 1.1195
OTHERS = ("FRA", "DEU", "BRA", "USA", "CAN", "ROU", "POL", "ARG")
HALF_A_POINT = 0.005


def share_for(index: float, others: int) -> float:
    """Solve s**2 + (1 - s)**2 / others = index for the larger s."""
    a, b, c = 1 + 1 / others, -2 / others, 1 / others - index
    return (-b + math.sqrt(b * b - 4 * a * c)) / (2 * a)


def judged(
    index: float, euro_million: float, supplier: str, product: str, world_others: int
) -> dict[str, object]:
    value_kusd = euro_million * 1000 * DOLLARS_A_EURO
    share = share_for(index, len(OTHERS))
    rows = [(2019, supplier, "NLD", product, value_kusd * share)]
    rows += [(2019, code, "NLD", product, value_kusd * (1 - share) / len(OTHERS)) for code in OTHERS]
    # a world market with so many large exporters that its index is near one over their number
    exporters = ("UKR", "RUS", "AUS", "IDN", "ZAF", "COL", "KAZ", "MNG")[:world_others]
    rows += [(2019, code, "JPN", product, value_kusd * 1000) for code in exporters]
    flows = pl.DataFrame(rows, schema=["year", "exporter", "importer", "product", "value_kusd"], orient="row")
    (found,) = screen_flows(
        flows, [importer("NLD")], method("cbs-2021"), [2019], quantities=False,
        options=ScreeningOptions(re_export_shares={product: 0.0}),
    )  # fmt: skip
    return found.table.row(0, named=True)


@pytest.mark.parametrize(
    ("product", "index", "euro_million", "supplier"),
    [("100590", 0.44, 973, "UKR"), ("270112", 0.27, 1071, "RUS")],
    ids=["maize", "coal"],
)
def test_the_published_cells_are_dependent(
    product: str, index: float, euro_million: float, supplier: str
) -> None:
    row = judged(index, euro_million, supplier, product, world_others=5)
    assert row["import_concentration"] == pytest.approx(index, rel=1e-6)
    assert row["domestic_use_upper_kusd"] == pytest.approx(euro_million * 1000 * DOLLARS_A_EURO, rel=1e-6)
    assert row["main_supplier"] == supplier
    world = float(str(row["world_economies_concentration"]))
    assert concentration_band(world) == "slight"
    assert row["dependent"] is True


@pytest.mark.parametrize(
    ("index", "euro_million", "world_others", "dependent"),
    [
        (0.44, 973, 5, True),
        (0.24, 973, 5, False),
        (0.44, 249.9, 5, False),
        (0.44, 250.1, 5, True),
        (0.44, 973, 8, False),
    ],
)
def test_each_condition_can_fail(
    index: float, euro_million: float, world_others: int, dependent: bool
) -> None:
    assert judged(index, euro_million, "UKR", "100590", world_others)["dependent"] is dependent


@pytest.mark.parametrize(
    ("suppliers", "band"),
    [
        ([1.0] * 10, "none"),
        ([1.0] * 7, "none"),
        ([1.0] * 6, "slight"),
        ([1.0] * 5, "slight"),
        ([1.0] * 4, "high"),
    ],
)
def test_bands(suppliers: list[float], band: str) -> None:
    assert concentration_band(herfindahl(suppliers)) == band
    parameters = method("cbs-2021").parameters
    assert (parameters["slight_concentration"], parameters["high_concentration"]) == (0.15, 0.25)


@pytest.mark.parametrize(
    ("part", "whole", "printed"), [(135, 3449, 0.04), (61, 135, 0.45), (26.3, 39.2, 0.67)]
)
def test_published_figures_agree_with_each_other(part: float, whole: float, printed: float) -> None:
    assert part / whole == pytest.approx(printed, abs=HALF_A_POINT)


def test_the_re_export_share_leaves_the_published_use_at_home() -> None:
    rows = [(2018, "CHN", "NLD", "851712", 39.2), (2018, "NLD", "DEU", "851712", 26.3)]
    flows = pl.DataFrame(rows, schema=["year", "exporter", "importer", "product", "value_kusd"], orient="row")

    def bounds(shares: dict[str, float]) -> tuple[float, float]:
        (found,) = screen_flows(
            flows, [importer("NLD")], method("cbs-2021"), [2018], quantities=False,
            options=ScreeningOptions(re_export_shares=shares),
        )  # fmt: skip
        row = found.table.row(0, named=True)
        return row["domestic_use_lower_kusd"], row["domestic_use_upper_kusd"]

    # 12.9 billion for use at home, inside the bounds that hold without the share
    assert bounds({"851712": 26.3 / 39.2}) == pytest.approx((12.9, 12.9))
    assert bounds({}) == pytest.approx((12.9, 39.2))
