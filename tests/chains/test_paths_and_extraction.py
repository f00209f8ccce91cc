from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.chains import exposure, extract_supplier, leontief_system, supply_paths
from geomonitor.data.input_output import InputOutputTable
from geomonitor.errors import DataError

from .conftest import plain, random_table

seeds = st.integers(0, 10_000)
modest = settings(max_examples=15, deadline=None)
DEEPEST = 6


def every_path(table: InputOutputTable, user: str, origin: str) -> list[tuple[float, str]]:
    """Enumerate every supply path of at most `DEEPEST` deliveries, without any cleverness."""
    coefficients, _ = plain(table)
    share = 1 - coefficients.sum(axis=0)
    users = range(table.size)[table.country_nodes(user)]
    starts = set(range(table.size)[table.country_nodes(origin)])
    weights = {
        node: table.output_musd[node] / sum(table.output_musd[each] for each in users) for node in users
    }
    found = []
    for length in range(DEEPEST + 1):
        for path in itertools.product(range(table.size), repeat=length + 1):
            if path[0] not in weights or path[-1] not in starts:
                continue
            value = weights[path[0]] * share[path[-1]]
            for buyer, seller in itertools.pairwise(path):
                value *= coefficients[seller, buyer]
            if value > 0:
                found.append((float(value), " > ".join(table.nodes[node] for node in reversed(path))))
    return sorted(found, reverse=True)


@modest
@given(seeds)
def test_the_largest_paths_are_those_of_brute_force(seed: int) -> None:
    # columns take at most a quarter, so that no path beyond the deepest can be among the largest
    table = random_table(seed, economies=2, sectors=2, taken=0.25, empty=0.2)
    brute = every_path(table, "NLD", "CHN")[:5]
    if len(brute) < 5 or brute[-1][0] < 0.25**DEEPEST:
        return
    found = supply_paths(leontief_system(table), "NLD", "CHN", top=5)
    assert found.exact
    assert found.table["share"].to_list() == pytest.approx([value for value, _ in brute])
    assert set(found.table["path"]) == {path for _, path in brute}


@modest
@given(seeds)
def test_paths_explain_the_exposure(seed: int) -> None:
    table = random_table(seed, economies=2, sectors=2, taken=0.5)
    system = leontief_system(table)
    found = supply_paths(system, "NLD", "CHN", top=1000, smallest=1e-9)
    whole = exposure(system, "NLD", "CHN").total["value_added_share"]
    assert found.exposure == pytest.approx(whole)
    assert found.table["share"].is_sorted(descending=True)
    if whole > 0:
        assert found.coverage == pytest.approx(found.table["share"].sum() / whole)
        assert 0.9 < found.coverage <= 1.0 + 1e-9
        assert found.table["cumulative_share"][-1] == pytest.approx(found.coverage)


def test_a_search_that_stops_early_says_so(made) -> None:
    assert not supply_paths(leontief_system(made), "NLD", "CHN", top=50, limit=10).exact


def test_links_carry_the_paths_and_the_rest(made) -> None:
    found = supply_paths(leontief_system(made), "NLD", "CHN", top=3)
    rest = found.exposure * (1 - found.coverage)
    other = found.links.row(found.links["source"].to_list().index("CHN: other paths"), named=True)
    assert other["share"] == pytest.approx(rest)
    assert found.plot().data[0].link.value


@modest
@given(seeds)
def test_extraction_is_solving_the_changed_table_again(seed: int) -> None:
    table = random_table(seed)
    coefficients, _ = plain(table)
    china, home = table.country_nodes("CHN"), table.country_nodes("NLD")
    cut = coefficients.copy()
    cut[china, home] = 0.0
    again = np.linalg.inv(np.eye(table.size) - cut)
    left = again @ table.final_demand_musd[:, 0]
    loss = table.output_musd - left
    share = 1 - coefficients.sum(axis=0)
    missing = (1 - share @ again) * table.output_musd
    found = extract_supplier(leontief_system(table), "NLD", "CHN").table
    for place, code in enumerate(table.countries):
        nodes = table.country_nodes(code)
        row = found.row(place, named=True)
        close = {"rel": 1e-7, "abs": 1e-9 * table.output_musd.sum()}
        assert row["economy"] == code
        assert row["output_loss_musd"] == pytest.approx(loss[nodes].sum(), **close)
        assert row["value_added_loss_musd"] == pytest.approx((loss * share)[nodes].sum(), **close)
        assert row["downstream_loss_musd"] == pytest.approx(missing[nodes].sum(), **close)
        assert row["output_loss_share"] == pytest.approx(
            loss[nodes].sum() / table.output_musd[nodes].sum(), abs=1e-9
        )


def test_one_sector_is_less_than_all_and_the_label_says_what_it_is(made) -> None:
    system = leontief_system(made)
    one = extract_supplier(system, "NLD", "CHN", sectors=["C26"])
    everything = extract_supplier(system, "NLD", "CHN")
    for name in ("output_loss_musd", "downstream_loss_musd"):
        assert (one.table[name] <= everything.table[name] + 1e-9).all()
    assert "no substitution" in one.label


def test_nobody_is_cut_off_from_itself(made) -> None:
    with pytest.raises(DataError, match="cut off from itself"):
        extract_supplier(leontief_system(made), "EU27_2020", "NLD")
