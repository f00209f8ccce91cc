from __future__ import annotations

import inspect

import pytest

import geomonitor.chains as room
from geomonitor.chains import EXPOSURE_MEASURES, chain_measures, stack_chain

MEASURES = chain_measures()


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_is_a_specification_and_a_function(name: str) -> None:
    found = MEASURES[name]
    assert found.id == name
    assert found.function in room.__all__
    assert callable(getattr(room, found.function))
    assert found.status in {"exact", "reconstruction"}
    assert found.version
    assert found.citation
    assert set(found.title) == {"en", "nl"}


def test_the_measures_of_exposure_are_among_them() -> None:
    assert set(EXPOSURE_MEASURES) <= set(MEASURES)
    for name, (english, dutch, _) in EXPOSURE_MEASURES.items():
        assert (english, dutch) == (MEASURES[name].title["en"], MEASURES[name].title["nl"])


def test_the_threshold_of_stacking_is_that_of_its_specification() -> None:
    default = inspect.signature(stack_chain).parameters["threshold"].default
    assert default == MEASURES["stacking"].parameters["threshold"]
