"""Levels, percentage points and percent are different things."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomonitor.errors import DataError
from geomonitor.shocks.rates import Percent, PercentagePoints, Rate, parse_rate

rates = st.floats(0.0, 3.0)


def test_points_and_percent_on_three_percent() -> None:
    assert Rate(0.03).plus(PercentagePoints(25)) == Rate(0.28)
    assert Rate(0.03).plus(Percent(25)) == Rate(0.0375)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+25 pp", PercentagePoints(25.0)),
        ("25pp", PercentagePoints(25.0)),
        ("-2.5 ppt", PercentagePoints(-2.5)),
        ("+1 percentage point", PercentagePoints(1.0)),
        ("10 procentpunten", PercentagePoints(10.0)),
        ("25 %", Percent(25.0)),
        ("+25%", Percent(25.0)),
        ("-2,5 %", Percent(-2.5)),
        ("\u22125 %", Percent(-5.0)),
        (" .5 percent ", Percent(0.5)),
    ],
)
def test_texts(text: str, expected: PercentagePoints | Percent) -> None:
    assert parse_rate(text) == expected


@pytest.mark.parametrize(
    "text", ["25", "", "pp", "%", "25 basis points", "2 5 %", "1e3 %", "nan %", "inf pp"]
)
def test_texts_that_say_nothing(text: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_rate(text, "scenario, key add")
    assert caught.value.where == "scenario, key add"
    assert caught.value.expected is not None
    assert "pp" in caught.value.expected


def test_a_number_needs_a_unit() -> None:
    with pytest.raises(DataError, match="no unit") as caught:
        parse_rate("+25")
    assert caught.value.next_step is not None
    assert '"+25 pp"' in caught.value.next_step
    with pytest.raises(DataError, match="without a unit"):
        parse_rate(0.25)  # type: ignore[arg-type]


def test_a_comma_before_three_digits_is_not_guessed() -> None:
    with pytest.raises(DataError, match="two ways"):
        parse_rate("1,000 %")


@pytest.mark.parametrize("fraction", [-1.0, -2.0, 25.0, float("nan"), float("inf")])
def test_levels_that_cannot_be(fraction: float) -> None:
    with pytest.raises(DataError):
        Rate(fraction)


def test_a_percentage_for_a_fraction_says_what_to_write() -> None:
    with pytest.raises(DataError) as caught:
        Rate(25.0)
    assert caught.value.next_step == "Rate.of_percent(25) if 25 % is meant."


@pytest.mark.parametrize("change", [PercentagePoints(-103.0), Percent(-4000.0)])
def test_no_tariff_falls_to_minus_everything(change: PercentagePoints | Percent) -> None:
    with pytest.raises(DataError, match="would be"):
        Rate(0.03).plus(change)
    with pytest.raises(DataError):
        change.added_to(np.array([0.03, 0.5]))


@pytest.mark.parametrize("kind", [PercentagePoints, Percent])
def test_changes_are_finite(kind: type[PercentagePoints]) -> None:
    with pytest.raises(DataError, match="nan is no"):
        kind(float("nan"))


@given(rates, st.floats(0.0, 100.0))
def test_arrays_and_numbers_agree(rate: float, amount: float) -> None:
    for change in (PercentagePoints(amount), Percent(amount)):
        assert change.added_to(np.array([rate]))[0] == change.added_to(rate)


@given(st.floats(-99.0, 900.0))
def test_what_is_written_is_read_back(amount: float) -> None:
    amount = float(f"{amount:.2f}")
    points, percent = PercentagePoints(amount), Percent(amount)
    assert parse_rate(f"{amount:+.2f} pp") == points
    assert parse_rate(f"{amount:.2f} %") == percent
    assert percent.as_rate() == Rate.of_percent(amount)


def test_points_and_percent_do_not_mix() -> None:
    with pytest.raises(TypeError):
        PercentagePoints(25.0) + Percent(25.0)  # type: ignore[operator]
