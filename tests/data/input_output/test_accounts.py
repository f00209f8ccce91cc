from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.data.input_output import (
    ACCOUNT_CHECKS,
    REPAIRS,
    InputOutputTable,
    aggregate,
    check_accounts,
    disaggregate,
    read_mapping,
    repair,
)
from geomonitor.errors import DataError, UnknownCodeError

MakeTable = Callable[..., InputOutputTable]


def found(table: InputOutputTable) -> dict[str, int]:
    return {check.name: check.count for check in check_accounts(table) if check.count}


def with_cell(table: InputOutputTable, row: int, column: int, amount: float) -> InputOutputTable:
    flows = table.flows_musd.copy()
    flows[row, column] = amount
    return replace(table, flows_musd=flows)


def test_a_table_that_balances_passes_every_check(table: InputOutputTable) -> None:
    assert found(table) == {}
    assert [check.name for check in check_accounts(table)] == list(ACCOUNT_CHECKS)


def test_a_wrong_cell_shows_in_its_row_and_column(table: InputOutputTable) -> None:
    wrong = with_cell(table, 1, 4, float(table.flows_musd[1, 4]) + 1e6)
    assert found(wrong) == {"rows": 1, "columns": 1}
    rows, columns = check_accounts(wrong, ["rows", "columns"])
    assert rows.failed
    assert rows.worst.row(0)[:1] == ("NLD_C",)
    assert rows.worst["amount_musd"][0] == pytest.approx(1e6)
    assert columns.worst["node"].to_list() == ["CHN_C"]


def test_worst_come_first_and_are_as_many_as_asked(table: InputOutputTable) -> None:
    output = table.output_musd * np.array([1.1, 1.0, 1.5, 1.2, 1.0, 1.3])
    (rows,) = check_accounts(replace(table, output_musd=output), ["rows"], worst=2)
    assert rows.count == 4
    assert len(rows.worst) == 2
    assert rows.worst["amount_musd"].abs().is_sorted(descending=True)


def test_stated_rounding_widens_what_is_accepted(table: InputOutputTable) -> None:
    small = replace(
        table,
        flows_musd=table.flows_musd / 1e6,
        final_demand_musd=table.final_demand_musd / 1e6 + 1.0,
        output_musd=table.output_musd / 1e6,
        value_added_musd=table.value_added_musd / 1e6,
        taxes_musd=table.taxes_musd / 1e6,
    )
    assert found(small)["rows"] == 6  # four cells of 1 million each
    assert "rows" not in found(replace(small, metadata={"rounding_musd": 0.5}))  # ten cells of 0.5


def test_negative_and_idle_nodes_are_found(table: InputOutputTable) -> None:
    negative = with_cell(table, 0, 5, -7.0)
    (cells,) = check_accounts(negative, ["negative_cells"])
    assert cells.worst.row(0)[:3] == ("NLD_A", "CHN_G", -7.0)
    value_added = table.value_added_musd.copy()
    value_added[2] = -1e6
    (lost,) = check_accounts(replace(table, value_added_musd=value_added), ["value_added"])
    assert lost.worst["node"].to_list() == ["NLD_G"]
    assert lost.severity == "warning"
    output = table.output_musd.copy()
    output[0] = 0.0
    idle = replace(table, output_musd=output)
    assert {"trade_without_output", "inactive_nodes", "inputs_exceed_output"} <= set(found(idle))
    demand = table.final_demand_musd.copy()
    demand[0, 1] = -5.0
    (drawn,) = check_accounts(replace(table, final_demand_musd=demand), ["negative_final_demand"])
    assert drawn.worst.row(0)[:3] == ("NLD_A", "NLD_INVNT", -5.0)


def test_another_unit_shows(make_table: MakeTable) -> None:
    assert "units" in found(make_table(world_musd=1e11))
    assert "units" in found(make_table(world_musd=1e5))


def test_unknown_checks_and_repairs_are_named(table: InputOutputTable) -> None:
    with pytest.raises(UnknownCodeError, match="balance"):
        check_accounts(table, ["balance"])
    with pytest.raises(UnknownCodeError, match="everything"):
        repair(table, ["everything"])


@pytest.mark.parametrize("name", list(REPAIRS))
def test_repairs_change_nothing_that_is_right_and_say_so(table: InputOutputTable, name: str) -> None:
    mended = repair(table, [name])
    np.testing.assert_allclose(mended.flows_musd, table.flows_musd)
    np.testing.assert_allclose(mended.final_demand_musd, table.final_demand_musd, rtol=1e-9)
    assert mended.metadata["notes"][-1].startswith(f"Repair {name}:")
    assert "notes" not in table.metadata


def test_repairs_mend_what_the_checks_find(table: InputOutputTable) -> None:
    flows = table.flows_musd.copy()
    flows[0, 5] = -1e6
    flows[:, 4] *= 40.0
    output = table.output_musd.copy()
    output[3] = 0.0
    broken = replace(table, flows_musd=flows, output_musd=output)
    assert {"rows", "columns", "negative_cells", "trade_without_output", "inputs_exceed_output"} <= set(
        found(broken)
    )
    mended = repair(broken, REPAIRS)
    assert set(found(mended)) <= {"inactive_nodes", "negative_final_demand"}
    assert len(mended.metadata["notes"]) == len(REPAIRS)
    active = [0, 1, 2, 4, 5]
    np.testing.assert_allclose(mended.output_musd[active], output[active])


@pytest.mark.parametrize("name", ["negative_cells", "inputs_exceed_output"])
def test_repairs_keep_rows_and_columns(table: InputOutputTable, name: str) -> None:
    flows = table.flows_musd.copy()
    flows[0, 1], flows[:, 4] = -1e6, flows[:, 4] * 40.0
    output = table.output_musd
    demand = table.final_demand_musd.copy()
    demand[:, 0] += output - flows.sum(axis=1) - demand.sum(axis=1)
    broken = replace(
        table,
        flows_musd=flows,
        final_demand_musd=demand,
        value_added_musd=output - flows.sum(axis=0) - table.taxes_musd,
    )
    assert not {"rows", "columns"} & set(found(broken))
    mended = repair(broken, [name])
    assert not {"rows", "columns", name} & set(found(mended))


CODES = ("NLD", "CHN", "DEU", "FRA", "ITA")
SECTORS = ("A", "B", "C", "D", "E")


SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(0, 1000))


def of_shape(make_table: MakeTable, shape: tuple[int, int, int]) -> InputOutputTable:
    countries, sectors, seed = shape
    return make_table(CODES[:countries], SECTORS[:sectors], seed=seed)


@settings(max_examples=30, deadline=None)
@given(shape=SHAPES, data=st.data())
def test_aggregation_commutes_with_the_accounts(
    make_table: MakeTable, shape: tuple[int, int, int], data: st.DataObject
) -> None:
    table = of_shape(make_table, shape)
    groups = st.sampled_from(["X", "Y", "Z"])
    countries = {code: data.draw(groups) for code in table.countries if data.draw(st.booleans())}
    sectors = {code: data.draw(groups) for code in table.sectors if data.draw(st.booleans())}
    small = aggregate(table, countries=countries, sectors=sectors)
    assert found(small) == {}
    for of_country in set(small.countries):
        mine = [code for code in table.countries if countries.get(code, code) == of_country]
        whole = sum(float(table.output_musd[table.country_nodes(code)].sum()) for code in mine)
        assert float(small.output_musd[small.country_nodes(of_country)].sum()) == pytest.approx(whole)
        bought = sum(float(table.final_demand_of(code).sum()) for code in mine)
        assert float(small.final_demand_of(of_country).sum()) == pytest.approx(bought)
    # accounts of the sum are the sum of the accounts, whichever is done first
    both = aggregate(aggregate(table, countries=countries), sectors=sectors)
    np.testing.assert_allclose(both.flows_musd, small.flows_musd, rtol=1e-12)
    np.testing.assert_allclose(small.flows_musd.sum(), table.flows_musd.sum())
    np.testing.assert_allclose(
        small.value_added_musd, small.output_musd - small.flows_musd.sum(axis=0) - small.taxes_musd, atol=1e-3
    )


@settings(max_examples=30, deadline=None)
@given(shape=SHAPES, parts=st.integers(2, 4), seed=st.integers(0, 1000))
def test_a_split_by_shares_keeps_balances_and_adds_up_again(
    make_table: MakeTable, shape: tuple[int, int, int], parts: int, seed: int
) -> None:
    table = of_shape(make_table, shape)
    shares = np.random.default_rng(seed).dirichlet(np.ones(parts))
    country, sector = table.countries[-1], table.sectors[0]
    larger = disaggregate(
        table,
        countries={country: {f"{country}{i}": share for i, share in enumerate(shares.tolist())}},
        sectors={sector: {f"{sector}{i}": share for i, share in enumerate(shares.tolist())}},
    )
    assert larger.size == (len(table.countries) + parts - 1) * (len(table.sectors) + parts - 1)
    assert found(larger) == {}
    back = aggregate(
        larger,
        countries={f"{country}{i}": country for i in range(parts)},
        sectors={f"{sector}{i}": sector for i in range(parts)},
    )
    assert back.nodes == table.nodes
    np.testing.assert_allclose(back.flows_musd, table.flows_musd, rtol=1e-9)
    np.testing.assert_allclose(back.final_demand_musd, table.final_demand_musd, rtol=1e-9)
    np.testing.assert_allclose(back.value_added_musd, table.value_added_musd, rtol=1e-9)


def test_shares_that_do_not_add_up_are_refused(table: InputOutputTable) -> None:
    with pytest.raises(DataError, match="shares of C"):
        disaggregate(table, sectors={"C": {"C1": 0.5, "C2": 0.6}})
    with pytest.raises(DataError, match="shares of C"):
        disaggregate(table, sectors={"C": {"C1": 1.5, "C2": -0.5}})
    with pytest.raises(DataError, match="two things: A"):
        disaggregate(table, sectors={"C": {"A": 1.0}})
    with pytest.raises(UnknownCodeError, match="'Q'"):
        aggregate(table, sectors={"Q": "S"})


def test_aggregation_says_so_and_forgets_the_scheme(table: InputOutputTable) -> None:
    known = replace(table, metadata={"sector_scheme": "figaro-64", "notes": ["first"]})
    small = aggregate(known, sectors={"A": "goods", "C": "goods"})
    assert small.sectors == ("goods", "G")
    assert "sector_scheme" not in small.metadata
    assert small.metadata["notes"][0] == "first"
    assert len(small.metadata["notes"]) == 2
    assert "sector_scheme" in aggregate(known, countries={"CHN": "EAST"}).metadata


def test_a_mapping_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "mapping.csv"
    file.write_text("from,to,share\nC26,C261,0.25\nC26,C262,0.75\nA,A,\n")
    assert read_mapping(file) == {"C26": {"C261": 0.25, "C262": 0.75}, "A": {"A": 1.0}}
    for text, said in (
        ("from,to\nA,\n", "no label or no target"),
        ("from,to\nA,B\nA,B\n", "twice"),
        ("from,to,share\nA,B,much\n", "no number"),
        ("from,to\n", "no rows"),
        ("a,b\nx,y\n", "no label or no target"),
    ):
        file.write_text(text)
        with pytest.raises(DataError, match=said):
            read_mapping(file)
    with pytest.raises(DataError, match="cannot be read"):
        read_mapping(tmp_path / "none.csv")
