from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.chains import (
    EXPOSURE_MEASURES,
    economies_of,
    exposure,
    exposure_matrix,
    face_value_shares,
    indicator,
    leontief_system,
    look_through_shares,
    market_shares,
    rank_members,
    sectors_of,
    two_way,
    value_added_shares,
)
from geomonitor.data.input_output import aggregate, check_accounts
from geomonitor.errors import DataError, UnknownCodeError

from .conftest import plain, random_table, table_of

seeds = st.integers(0, 10_000)
modest = settings(max_examples=25, deadline=None)


@modest
@given(seeds)
def test_shares_over_all_origins_sum_to_one(seed: int) -> None:
    table = random_table(seed, empty=0.6)
    system = leontief_system(table)
    marks = indicator(table, [(code,) for code in table.countries])
    added = value_added_shares(system, marks).sum(axis=0)
    np.testing.assert_allclose(added, 1.0, atol=1e-9)
    for measure in (face_value_shares, look_through_shares, market_shares):
        summed = measure(system, marks).sum(axis=0)
        np.testing.assert_allclose(summed[~np.isnan(summed)], 1.0, atol=1e-9)


@modest
@given(seeds)
def test_measures_are_the_formulas(seed: int) -> None:
    table = random_table(seed)
    coefficients, inverse = plain(table)
    system = leontief_system(table)
    marks = indicator(table, [("CHN",)])
    china = marks[:, 0] > 0
    beyond = inverse - np.eye(table.size)
    ghosh = inverse * table.output_musd[np.newaxis, :] / table.output_musd[:, np.newaxis] - np.eye(table.size)
    share = 1 - coefficients.sum(axis=0)
    with np.errstate(invalid="ignore"):
        expected = {
            face_value_shares: coefficients[china].sum(axis=0) / coefficients.sum(axis=0),
            look_through_shares: beyond[china].sum(axis=0) / beyond.sum(axis=0),
            value_added_shares: (share[:, np.newaxis] * inverse)[china].sum(axis=0),
            market_shares: ghosh[:, china].sum(axis=1) / ghosh.sum(axis=1),
        }
    for measure, values in expected.items():
        np.testing.assert_allclose(measure(system, marks)[0], values, rtol=1e-8, atol=1e-12)


@modest
@given(seeds)
def test_a_group_is_its_members_weighted_by_output(seed: int) -> None:
    table = random_table(seed, economies=4)
    system = leontief_system(table)
    group = exposure(system, "EU27_2020", "CHN")
    parts = {code: exposure(system, code, "CHN") for code in ("NLD", "DEU")}
    for measure in EXPOSURE_MEASURES:
        rows = pl.concat([each.table for each in parts.values()]).drop_nulls(measure)
        weighted = (rows[measure] * rows["output_musd"]).sum() / rows["output_musd"].sum()
        assert group.total[measure] == pytest.approx(weighted, rel=1e-12)
    matrix = exposure_matrix(system, ["EU27_2020"], ["CHN"], measures=tuple(EXPOSURE_MEASURES)).table
    for measure in EXPOSURE_MEASURES:
        assert matrix[measure][0] == pytest.approx(group.total[measure], rel=1e-9)


@modest
@given(seeds)
def test_aggregation_commutes_with_the_accounts(seed: int) -> None:
    """Adding up economies and then measuring direct purchases is measuring and then adding up."""
    table = random_table(seed, economies=4)
    groups = {code: ("EUR" if code in ("NLD", "DEU") else code) for code in table.countries}
    coarse = aggregate(table, countries=groups)
    assert not [each for each in check_accounts(coarse) if each.severity == "error" and each.count]
    assert coarse.flows_musd.sum() == pytest.approx(table.flows_musd.sum())
    assert coarse.value_added_musd.sum() == pytest.approx(table.value_added_musd.sum())
    bought = table.flows_musd[np.ix_(table.sector_nodes(table.sectors), table.sector_nodes("C26"))]
    users = table.sector_nodes("C26")
    ours = [place for place, node in enumerate(users) if table.countries[node // 2] in ("NLD", "DEU")]
    china = table.country_nodes("CHN")
    expected = bought[china][:, ours].sum() / bought[:, ours].sum()
    marks = indicator(coarse, [("CHN",)])
    found = face_value_shares(leontief_system(coarse), marks)[0][coarse.node_index("EUR", "C26")]
    assert found == pytest.approx(expected)


def test_rounding_does_not_pass_for_purchases_or_sales() -> None:
    # found by chance: a node that buys nothing, whose L - I is not exactly zero
    table = random_table(6295, empty=0.6)
    system = leontief_system(table)
    marks = indicator(table, [(code,) for code in table.countries])
    bought, sold = table.flows_musd.sum(axis=0), table.flows_musd.sum(axis=1)
    assert (bought == 0).any() or (sold == 0).any()
    assert np.isnan(look_through_shares(system, marks)[0]).tolist() == (bought == 0).tolist()
    assert np.isnan(market_shares(system, marks)[0]).tolist() == (sold == 0).tolist()


def test_a_node_that_buys_nothing_has_no_share(made) -> None:
    flows = np.array(made.flows_musd)
    flows[:, 0] = 0.0
    table = table_of(flows, made.output_musd, made.countries, made.sectors)
    row = exposure(leontief_system(table), "NLD", "CHN").table.row(0, named=True)
    assert (row["face_value_share"], row["look_through_share"], row["value_added_share"]) == (None, None, 0.0)


def test_the_members_are_ranked_and_their_main_origin_lies_outside() -> None:
    table = random_table(11, economies=4)
    system = leontief_system(table)
    found = rank_members(system, "EU27_2020", "CHN")
    totals = {code: exposure(system, code, "CHN").total["look_through_share"] for code in ("NLD", "DEU")}
    assert found["economy"].to_list() == sorted(totals, key=lambda code: -totals[code])
    assert found["look_through_share"].to_list() == pytest.approx(sorted(totals.values(), reverse=True))
    assert set(found["main_origin"]) <= {"CHN", "USA"}
    abroad = rank_members(system, "EU27_2020")
    for row in abroad.iter_rows(named=True):
        parts = [
            exposure(system, row["economy"], code).total["look_through_share"] for code in ("CHN", "USA")
        ]
        assert row["look_through_share"] == pytest.approx(sum(parts))
        assert row["main_origin_share"] == pytest.approx(max(parts))


def test_both_ways() -> None:
    system = leontief_system(random_table(5))
    found = two_way(system, "NLD", "CHN")
    there, back = (found.table["look_through_share"][place] for place in (0, 1))
    assert there == pytest.approx(exposure(system, "NLD", "CHN").total["look_through_share"])
    assert back == pytest.approx(exposure(system, "CHN", "NLD").total["look_through_share"])
    assert found.balance["look_through_share"] == pytest.approx((there - back) / (there + back))
    assert found.plot().data
    with pytest.raises(DataError, match="overlap"):
        two_way(system, "EU27_2020", "NLD")


def test_selections() -> None:
    table = random_table(1, economies=4, sectors=4)
    assert sectors_of(table, ["manufacturing"]) == ("C26", "C29")
    assert sectors_of(table, ["G", "manufacturing", "C26"]) == ("G", "C26", "C29")
    assert set(economies_of(table, "EU27_2020")) == {"NLD", "DEU"}
    assert set(economies_of(table, "MINE", {"MINE": ["NLD", "CHN"]})) == {"NLD", "CHN"}
    with pytest.raises(UnknownCodeError, match="no sector or family 'manufactur'") as raised:
        sectors_of(table, ["manufactur"])
    assert "manufacturing" in raised.value.next_step
    with pytest.raises(UnknownCodeError, match="no economy JPN"):
        economies_of(table, "JPN")
    with pytest.raises(UnknownCodeError, match="neither an economy nor a group"):
        economies_of(table, "QQQ")


def test_plots_draw_what_the_tables_hold(made) -> None:
    system = leontief_system(made)
    figure = exposure(system, "NLD", "CHN").plot()
    assert [each.name for each in figure.data] == [
        EXPOSURE_MEASURES[name][0] for name in ("face_value_share", "look_through_share", "value_added_share")
    ]
    assert len(exposure_matrix(system).plot().data[0].y) == 3
