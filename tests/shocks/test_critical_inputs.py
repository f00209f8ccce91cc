"""Critical inputs: chains by hand, the largest fixed point, and the extraction beside it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.chains import extract_supplier, leontief_system
from geomonitor.data.input_output import InputOutputTable
from geomonitor.errors import DataError, UnknownCodeError
from geomonitor.shocks import input_propagation
from geomonitor.shocks.critical_inputs import critical_input_loss
from geomonitor.shocks.input_propagation import InputPropagation, Rationing, output_left

ECONOMIES = ("CHN", "NLD", "DEU")
SECTORS = ("C26", "C29")


def table_of(flows: list[list[float]], output: list[float]) -> InputOutputTable:
    matrix, made = np.asarray(flows, dtype=np.float64), np.asarray(output, dtype=np.float64)
    economies = ECONOMIES[: len(made) // len(SECTORS)]
    demand = (made - matrix.sum(axis=1))[:, None]
    return InputOutputTable(
        "made", 2022, economies, SECTORS, matrix, demand, (("*", "total"),), made,
        metadata={"sector_scheme": "oecd-icio-2025"},
    )  # fmt: skip


def random_table(seed: int, economies: int = 3) -> InputOutputTable:
    generator = np.random.default_rng(seed)
    size = economies * len(SECTORS)
    flows = generator.random((size, size)) ** 2 * (generator.random((size, size)) > 0.2)
    flows[0, 2] += 0.1
    output = np.maximum(1.2 * flows.sum(axis=0), 1.2 * flows.sum(axis=1)) + 0.1
    return table_of(flows.tolist(), output.tolist())


# CHN C26 sells to NLD C26, which sells to NLD C29; CHN C29 to nobody
CHAIN = table_of([[0, 0, 40, 0], [0, 0, 0, 0], [0, 0, 0, 30], [0, 0, 0, 0]], [100.0, 50.0, 100.0, 100.0])
EVERY = np.ones((2, 2), dtype=bool)
NONE = np.zeros((2, 2), dtype=bool)


def denied(table: InputOutputTable, share: float = 1.0) -> np.ndarray:
    found = np.zeros((table.size, len(table.countries)))
    found[0, 1] = share
    return found


class TestByHand:
    def test_a_chain_in_proportion(self) -> None:
        left, _, gap = output_left(CHAIN, denied(CHAIN, 0.5), EVERY, rationing="proportional")
        assert left.tolist() == pytest.approx([1.0, 1.0, 0.5, 0.5])
        assert gap == 0.0

    def test_industries_come_first(self) -> None:
        # 50 of 100 are left, and industries took 30: only final users go short
        left, _, _ = output_left(CHAIN, denied(CHAIN, 0.5), EVERY)
        assert left.tolist() == pytest.approx([1.0, 1.0, 0.5, 1.0])
        # 20 of 100 are left: two thirds of what industries took
        left, _, _ = output_left(CHAIN, denied(CHAIN, 0.8), EVERY)
        assert left.tolist() == pytest.approx([1.0, 1.0, 0.2, 2 / 3])

    def test_inputs_that_are_not_critical_cost_their_value(self) -> None:
        left, _, _ = output_left(CHAIN, denied(CHAIN), NONE, rationing="proportional")
        assert left.tolist() == pytest.approx([1.0, 1.0, 0.6, 1 - 0.3 * 0.4])

    def test_half_goes_on_without_an_important_input(self) -> None:
        left, _, _ = output_left(CHAIN, denied(CHAIN), NONE, EVERY, rationing="proportional")
        assert left.tolist() == pytest.approx([1.0, 1.0, 0.5, 0.75])

    def test_other_suppliers_of_the_same_input_count(self) -> None:
        table = table_of([[0, 0, 30, 0], [0] * 4, [0, 0, 10, 0], [0] * 4], [100.0, 10.0, 100.0, 10.0])
        left, _, _ = output_left(table, denied(table), EVERY)
        assert left[2] == pytest.approx(0.25)

    def test_own_product_in_proportion_amplifies(self) -> None:
        # denied d, own share h: d / (1 - h)
        third = table_of(
            [[0, 0, 10, 0, 0, 0], [0] * 6, [0, 0, 60, 0, 0, 0], [0] * 6, [0, 0, 30, 0, 0, 0], [0] * 6],
            [100.0, 1.0, 200.0, 1.0, 100.0, 1.0],
        )
        left, _, _ = output_left(third, denied(third), EVERY, rationing="proportional")
        assert 1 - left[2] == pytest.approx(0.1 / (1 - 0.6), abs=1e-7)
        left, _, _ = output_left(third, denied(third), EVERY)
        assert 1 - left[2] == pytest.approx(0.1)

    def test_a_sector_that_lives_on_itself_dries_up(self) -> None:
        table = table_of([[0, 0, 10, 0], [0] * 4, [0, 0, 60, 0], [0] * 4], [100.0, 1.0, 100.0, 1.0])
        left, _, _ = output_left(table, denied(table), EVERY, rationing="proportional")
        assert left[2] == pytest.approx(0.0, abs=1e-7)


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 10**6),
    st.floats(0.05, 1.0),
    st.sampled_from(["inputs_first", "proportional"]),
    st.integers(0, 15),
)
def test_the_result_is_a_fixed_point_and_the_largest(
    seed: int, share: float, rationing: str, bits: int
) -> None:
    table = random_table(seed)
    critical = np.array([[bits & 1, bits & 2], [bits & 4, bits & 8]], dtype=bool)
    left, _, _ = output_left(table, denied(table, share), critical, rationing=rationing)  # type: ignore[arg-type]
    assert ((left >= 0) & (left <= 1)).all()
    step = InputPropagation(table, denied(table, share), critical, None, rationing)  # type: ignore[arg-type]
    _, again = step.binding(left)
    assert again == pytest.approx(left, abs=1e-8)
    # rounds from the top fall towards the largest solution, and never below it
    falling = np.ones(table.size)
    for _ in range(200):
        new = np.minimum(falling, step.binding(falling)[1])
        change, falling = np.max(falling - new), new
        assert (falling >= left - 1e-8).all()
    if change < 1e-12:
        assert falling == pytest.approx(left, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.0, 0.9), st.sampled_from(["inputs_first", "proportional"]))
def test_more_denied_and_more_critical_lose_more(seed: int, share: float, rationing: str) -> None:
    table = random_table(seed)

    def left(part: float, critical: np.ndarray) -> np.ndarray:
        return output_left(table, denied(table, part), critical, rationing=rationing)[0]  # type: ignore[arg-type]

    assert (left(share + 0.1, EVERY) <= left(share, EVERY) + 1e-7).all()
    one = np.array([[True, False], [False, False]])
    # a critical input stops at least its value's worth, so marking more never helps
    assert (left(1.0, EVERY) <= left(1.0, one) + 1e-7).all()
    assert left(0.0, EVERY).tolist() == [1.0] * table.size


@pytest.mark.parametrize("rationing", ["inputs_first", "proportional"])
def test_large_systems_are_iterated_to_the_same(
    rationing: Rationing, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = random_table(12)
    direct = output_left(table, denied(table), EVERY, rationing=rationing)[0]
    monkeypatch.setattr(input_propagation, "_LARGE", 1)
    iterated = output_left(table, denied(table), EVERY, rationing=rationing)[0]
    assert (direct < 1).sum() > 1
    assert iterated == pytest.approx(direct, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_without_critical_inputs_in_proportion_it_is_hypothetical_extraction(seed: int) -> None:
    system = leontief_system(random_table(seed))
    found = critical_input_loss(
        system, "NLD", "CHN", critical="none", sectors=["C26"], rationing="proportional"
    )
    bound = extract_supplier(system, "NLD", "CHN", sectors=["C26"]).table
    assert found.economies["output_loss_share"].to_numpy() == pytest.approx(
        bound["downstream_loss_share"].to_numpy(), abs=1e-7
    )
    assert found.economies["extraction_loss_share"].equals(bound["downstream_loss_share"])


class TestResult:
    def test_tables(self) -> None:
        found = critical_input_loss(leontief_system(CHAIN), "NLD", "CHN", critical={"C26": ["C26"]})
        row = found.table.filter(economy="NLD", sector="C26").row(0, named=True)
        assert row["output_loss_share"] == 1.0
        assert row["output_loss_musd"] == 100.0
        assert row["binding_input"] == "C26"
        economy = found.economies.filter(economy="NLD").row(0, named=True)
        assert economy["output_loss_musd"] == pytest.approx(100.0 + 30.0)
        assert economy["value_added_loss_musd"] == pytest.approx(60.0 + 0.7 * 30.0)
        assert found.table.filter(economy="CHN")["output_loss_share"].to_list() == [0.0, 0.0]
        assert any("no substitution" in each for each in found.provenance["assumptions"])

    def test_who_is_hit_by_value_has_no_single_binding_input(self) -> None:
        found = critical_input_loss(leontief_system(CHAIN), "NLD", "CHN", critical="none")
        assert found.table["binding_input"].null_count() == 4

    def test_families_and_everyone(self) -> None:
        everyone = critical_input_loss(
            leontief_system(CHAIN), "NLD", "CHN", critical={"*": ["manufacturing"]}
        )
        named = critical_input_loss(leontief_system(CHAIN), "NLD", "CHN", critical="all")
        assert everyone.table.equals(named.table)
        softer = critical_input_loss(
            leontief_system(CHAIN), "NLD", "CHN", critical="none", important={"*": ["C26"]}
        )
        assert 0 < softer.table["output_loss_musd"].sum() < named.table["output_loss_musd"].sum()

    @pytest.mark.parametrize("share", [0.0, -0.1, 1.5, 50.0])
    def test_parts_that_cannot_be_denied(self, share: float) -> None:
        with pytest.raises(DataError, match="cannot be denied"):
            critical_input_loss(leontief_system(CHAIN), "NLD", "CHN", critical="all", denied_share=share)

    def test_nothing_delivered(self) -> None:
        with pytest.raises(DataError, match="delivers no such inputs"):
            critical_input_loss(leontief_system(CHAIN), "NLD", "CHN", critical="all", sectors=["C29"])

    def test_bad_names(self) -> None:
        system = leontief_system(CHAIN)
        with pytest.raises(DataError, match="some"):
            critical_input_loss(system, "NLD", "CHN", critical="some")  # type: ignore[arg-type]
        with pytest.raises(UnknownCodeError):
            critical_input_loss(system, "NLD", "CHN", critical={"C26": ["C99"]})
        with pytest.raises(DataError, match="cut off from itself"):
            critical_input_loss(system, "NLD", "NLD", critical="all")

    def test_figure(self) -> None:
        figure = critical_input_loss(leontief_system(CHAIN), "NLD", "CHN", critical="all").plot()
        assert list(figure.data[0].y) == ["NLD C29", "NLD C26"]
