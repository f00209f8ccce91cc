"""Every model is specified, and every specification names a model."""

from __future__ import annotations

import importlib

import pytest

from geomonitor.errors import UnknownCodeError
from geomonitor.shocks.methods import provenance_of, shock_methods

METHODS = shock_methods()


@pytest.mark.parametrize("name", METHODS)
def test_every_model_is_a_specification_and_a_function(name: str) -> None:
    found = METHODS[name]
    module, function = found.function.split(".")
    room = importlib.import_module(f"geomonitor.shocks.{module}")
    assert found.id == name
    assert function in room.__all__
    assert callable(getattr(room, function))
    assert found.status in {"exact", "reconstruction"}
    assert found.version
    assert found.formula
    assert found.citation
    assert found.limits
    assert set(found.title) == {"en", "nl"}


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(UnknownCodeError, match="magic"):
        provenance_of("magic")


def test_assumptions_and_inputs_are_kept() -> None:
    found = provenance_of("smart-2005", assumptions=["one"], years=(2021,))
    assert found["assumptions"] == ("one",)
    assert found["years"] == (2021,)
    assert found["status"] == "reconstruction"
