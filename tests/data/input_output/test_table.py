from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geomonitor.data.input_output import InputOutputTable, sector_group, sector_name
from geomonitor.errors import DataError, UnknownCodeError


def test_nodes_run_through_the_sectors_of_each_economy(table: InputOutputTable) -> None:
    assert table.nodes == ("NLD_A", "NLD_C", "NLD_G", "CHN_A", "CHN_C", "CHN_G")
    assert table.node_index("CHN", "C") == 4
    assert table.country_nodes("CHN") == slice(3, 6)
    assert table.sector_nodes("C").tolist() == [1, 4]
    assert table.sector_nodes(("G", "A")).tolist() == [0, 2, 3, 5]
    assert table.size == 6
    assert table.has_destinations


def test_value_added_is_what_inputs_and_taxes_leave(table: InputOutputTable) -> None:
    total = table.flows_musd.sum(axis=0) + table.taxes_musd + table.value_added_musd
    np.testing.assert_allclose(total, table.output_musd, rtol=1e-12)


def test_the_arrays_cannot_be_written(table: InputOutputTable) -> None:
    with pytest.raises(ValueError, match="read-only"):
        table.flows_musd[0, 0] = 1.0


def test_single_precision_of_deliveries_is_kept(table: InputOutputTable) -> None:
    single = replace(table, flows_musd=table.flows_musd.astype(np.float32))
    assert single.flows_musd.dtype == np.float32
    assert single.output_musd.dtype == np.float64


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_named(table: InputOutputTable, number: float) -> None:
    flows = table.flows_musd.copy()
    flows[1, 5] = number
    with pytest.raises(DataError, match="NLD_C to CHN_G"):
        replace(table, flows_musd=flows)
    demand = table.final_demand_musd.copy()
    demand[0, 3] = number
    with pytest.raises(DataError, match="NLD_A to CHN_INVNT"):
        replace(table, final_demand_musd=demand)
    output = table.output_musd.copy()
    output[2] = number
    with pytest.raises(DataError, match="NLD_G"):
        replace(table, output_musd=output)


def test_infinities_that_cancel_are_found(table: InputOutputTable) -> None:
    flows = table.flows_musd.copy()
    flows[0, 0], flows[5, 5] = np.inf, -np.inf
    with pytest.raises(DataError, match="2 numbers"):
        replace(table, flows_musd=flows)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"countries": ("NLD", "NLD")}, "named more than once: NLD"),
        ({"sectors": ("A", "C", "A")}, "named more than once: A"),
        ({"sectors": ("A", "C")}, "shape 6 x 6"),
        ({"sectors": ("A", " C", "G")}, "no usable label"),
        ({"countries": ()}, "no economies"),
        ({"final_demand_labels": (("NLD", "x"),) * 4}, "named more than once"),
        ({"final_demand_labels": (("NLD", "x"), ("DEU", "x"), ("CHN", "x"), ("CHN", "y"))}, "DEU"),
        ({"final_demand_labels": (("NLD", "x"), ("*", "x"), ("CHN", "x"), ("CHN", "y"))}, "not in others"),
        ({"output_musd": np.ones(5)}, "output_musd has the shape 5"),
        ({"flows_musd": np.array([["a"]])}, "not the numbers of a table"),
    ],
)
def test_what_cannot_be_right_is_refused(
    table: InputOutputTable, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(DataError, match=said):
        replace(table, **changed)  # type: ignore[arg-type]


def test_unknown_codes_name_near_ones(table: InputOutputTable) -> None:
    with pytest.raises(UnknownCodeError, match="CHE") as caught:
        table.country_nodes("CHE")
    assert "CHN" in str(caught.value)
    with pytest.raises(UnknownCodeError, match="C26"):
        table.node_index("NLD", "C26")


def test_final_demand_of_an_economy_needs_destinations(table: InputOutputTable) -> None:
    np.testing.assert_allclose(
        table.final_demand_of("NLD") + table.final_demand_of("CHN"), table.final_demand_musd.sum(axis=1)
    )
    closed = replace(
        table,
        final_demand_musd=table.final_demand_musd.sum(axis=1, keepdims=True),
        final_demand_labels=(("*", "total"),),
    )
    assert not closed.has_destinations
    with pytest.raises(DataError, match="which economy uses"):
        closed.final_demand_of("NLD")


def test_nodes_without_output_are_inactive(table: InputOutputTable) -> None:
    output = table.output_musd.copy()
    output[3] = 0.0
    assert replace(table, output_musd=output).active.tolist() == [True, True, True, False, True, True]


def test_groups_and_names_of_sectors(table: InputOutputTable) -> None:
    known = replace(table, sectors=("A01", "C26", "K64"), metadata={"sector_scheme": "figaro-64"})
    assert sector_group(known, "manufacturing") == ("C26",)
    assert sector_group(known, "services") == ("K64",)
    older = replace(table, sectors=("c1", "c14", "c35"), metadata={"sector_scheme": "wiod-2013"})
    assert sector_group(older, "manufacturing") == ("c14",)
    with pytest.raises(UnknownCodeError, match="no groups"):
        sector_group(table, "services")
    with pytest.raises(UnknownCodeError, match="no group of sectors"):
        sector_group(known, "industry")
    assert sector_name("C26", "nl") == "Computers en elektronica"
    assert sector_name("c14") == "c14"
    with pytest.raises(UnknownCodeError, match="language"):
        sector_name("C26", "fr")
