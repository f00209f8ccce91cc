from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.chains import (
    any_stage_exposure,
    bottleneck,
    longest_run,
    mean_dependency,
    portfolio_concentration,
    stack_across_chains,
    stack_chain,
    stages_above,
)
from geomonitor.errors import DataError

shares = st.floats(0.0, 1.0)
chains = st.lists(shares, min_size=1, max_size=8)
with_unknown = st.lists(st.one_of(shares, st.just(math.nan)), min_size=1, max_size=8)
modest = settings(max_examples=60, deadline=None)


def one(values: object) -> float:
    return float(np.asarray(values)[0])


@modest
@given(chains, st.data())
def test_monotone_in_every_stage(values: list[float], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(values) - 1))
    more = list(values)
    more[place] = data.draw(st.floats(values[place], 1.0))
    for measure in (any_stage_exposure, bottleneck, mean_dependency):
        assert one(measure(more)) >= one(measure(values)) - 1e-12
    assert one(stages_above(more, 0.3)) >= one(stages_above(values, 0.3))
    assert one(longest_run(more, 0.3)) >= one(longest_run(values, 0.3))


@modest
@given(chains, st.data())
def test_a_stage_without_dependency_changes_nothing(values: list[float], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(values)))
    longer = [*values[:place], 0.0, *values[place:]]
    assert one(any_stage_exposure(longer)) == pytest.approx(one(any_stage_exposure(values)), abs=1e-12)
    assert one(bottleneck(longer)) == one(bottleneck(values))
    assert one(stages_above(longer, 0.3)) == one(stages_above(values, 0.3))


@given(shares)
@modest
def test_one_stage_gives_its_dependency(share: float) -> None:
    assert one(any_stage_exposure([share])) == pytest.approx(share, abs=1e-12)
    assert one(bottleneck([share])) == one(mean_dependency([share])) == share
    assert one(stages_above([share], 0.3)) == one(longest_run([share], 0.3)) == (share > 0.3)


@modest
@given(with_unknown, st.randoms(use_true_random=False))
def test_the_order_of_stages_matters_for_the_run_only(values: list[float], random: object) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for measure in (any_stage_exposure, bottleneck, mean_dependency):
        assert one(measure(shuffled)) == pytest.approx(one(measure(values)), abs=1e-12, nan_ok=True)
    assert one(stages_above(shuffled, 0.3)) == one(stages_above(values, 0.3))
    assert one(longest_run([0.9, 0.9, 0.1], 0.3)) != one(longest_run([0.9, 0.1, 0.9], 0.3))


@modest
@given(chains, st.floats(0.01, 0.99), st.data())
def test_splitting_a_stage_raises_the_exposure(
    values: list[float], share: float, data: st.DataObject
) -> None:
    """The documented pitfall: finer stages stack higher."""
    values = [min(each, 0.9) for each in values]
    place = data.draw(st.integers(0, len(values) - 1))
    values[place] = share
    split = [*values[:place], share, *values[place:]]
    assert one(any_stage_exposure(split)) > one(any_stage_exposure(values))


@modest
@given(chains)
def test_bounds_of_the_exposure(values: list[float]) -> None:
    found = one(any_stage_exposure(values))
    assert max(values) - 1e-12 <= found <= min(1.0, sum(values)) + 1e-12


@modest
@given(with_unknown, st.data())
def test_bounds_hold_whatever_the_unknown_stages_are(values: list[float], data: st.DataObject) -> None:
    found = stack_chain(np.array(values)[:, np.newaxis], ["CHN"], [str(k) for k in range(len(values))])
    row = found.table.row(0, named=True)
    truth = [data.draw(shares) if math.isnan(each) else each for each in values]
    real = stack_chain(np.array(truth)[:, np.newaxis], ["CHN"], found.stages).table.row(0, named=True)
    for name in ("stages_above", "longest_run", "any_stage_exposure", "bottleneck"):
        low = row[name] if row["known_stages"] else 0.0
        assert low - 1e-12 <= real[name] <= row[f"{name}_high"] + 1e-12
    assert (
        row["mean_dependency_low"] - 1e-12 <= real["mean_dependency"] <= row["mean_dependency_high"] + 1e-12
    )


def test_the_threshold_is_strict() -> None:
    assert stages_above([0.3, 0.30000001], 0.3).tolist() == [1]


def test_a_stage_not_known_ends_a_run() -> None:
    assert longest_run([0.9, np.nan, 0.9], 0.3).tolist() == [1]
    assert longest_run([0.9, 0.9, np.nan, 0.9], 0.3).tolist() == [2]


def test_nothing_known_gives_no_number() -> None:
    row = stack_chain([[np.nan], [np.nan]], ["CHN"], ["ore", "metal"]).table.row(0, named=True)
    names = ("stages_above", "longest_run", "any_stage_exposure", "bottleneck", "mean_dependency")
    assert [row[name] for name in names] == [None] * 5
    assert (row["known_stages"], row["stages_above_high"], row["any_stage_exposure_high"]) == (0, 2, 1.0)


@pytest.mark.parametrize("value", [-0.1, 1.1, math.inf])
def test_what_is_no_share_is_refused(value: float) -> None:
    with pytest.raises(DataError, match="no dependency") as raised:
        any_stage_exposure([[0.2, 0.1], [0.3, value]])
    assert raised.value.where == "stage 2, economy 2"


def test_labels_must_fit() -> None:
    with pytest.raises(DataError, match="1 x 2"):
        stack_chain([[0.1, 0.2]], ["CHN"], ["ore"])
    with pytest.raises(DataError, match="CHN is there twice"):
        stack_chain([[0.1, 0.2]], ["CHN", "CHN"], ["ore"])
    with pytest.raises(DataError, match="no threshold"):
        stack_chain([[0.1]], ["CHN"], ["ore"], threshold=1.0)


@modest
@given(st.lists(st.sampled_from(["CHN", "USA", "TUR"]), min_size=1, max_size=20))
def test_portfolio_concentration(suppliers: list[str]) -> None:
    counts = [suppliers.count(code) for code in set(suppliers)]
    expected = sum((count / len(suppliers)) ** 2 for count in counts)
    assert portfolio_concentration(suppliers) == pytest.approx(expected)
    assert math.isnan(portfolio_concentration([]))


def test_across_chains() -> None:
    solar = stack_chain([[0.8, 0.1], [0.5, 0.2]], ["CHN", "USA"], ["wafer", "panel"], chain="solar")
    chips = stack_chain([[0.6, 0.2], [np.nan, np.nan]], ["TWN", "CHN"], ["chip", "tool"], chain="chips")
    found = stack_across_chains(
        [solar, chips],
        weights={"solar": 3.0, "chips": 1.0},
        interests={"solar": ["transitions"], "chips": ["transitions", "national_security"]},
    )
    rows = {row["economy"]: row for row in found.table.iter_rows(named=True)}
    assert rows["CHN"]["weighted_exposure"] == pytest.approx(0.75 * 0.9 + 0.25 * 0.2)
    assert rows["CHN"]["weighted_exposure_high"] == pytest.approx(0.75 * 0.9 + 0.25)
    assert (rows["CHN"]["chains_hit"], rows["CHN"]["stages_above"], rows["CHN"]["interests_hit"]) == (1, 2, 1)
    assert rows["TWN"]["interests"] == "national_security;transitions"
    assert rows["USA"]["interests_hit"] == 0
    assert found.stage_concentration == pytest.approx((2 / 3) ** 2 + (1 / 3) ** 2)
    assert found.plot().data


@pytest.mark.parametrize(
    "weights", [{"solar": 1.0}, {"solar": -1.0, "chips": 1.0}, {"solar": 0.0, "chips": 0.0}]
)
def test_weights_that_do_not_fit_are_refused(weights: dict[str, float]) -> None:
    parts = [stack_chain([[0.5]], ["CHN"], ["stage"], chain=code) for code in ("solar", "chips")]
    with pytest.raises(DataError, match="weights"):
        stack_across_chains(parts, weights=weights)


def test_chains_of_different_thresholds_are_not_added_up() -> None:
    parts = [stack_chain([[0.5]], ["CHN"], ["stage"], chain=str(high), threshold=high) for high in (0.3, 0.5)]
    with pytest.raises(DataError, match="cannot be taken together"):
        stack_across_chains(parts)


def test_the_plot_marks_the_stack_and_what_is_not_known() -> None:
    figure = stack_chain([[0.8], [np.nan]], ["CHN"], ["ore", "metal"], chain="made").plot()
    assert figure.data[0].y == (80.0, 0.0)
    assert figure.data[0].marker.line.width == (2, 0)
    assert [each.text for each in figure.layout.annotations] == ["not known"]
