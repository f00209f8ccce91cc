"""Files with what people know about a material: read strictly, faults named."""

from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl
import pytest

from geomonitor.errors import DataError
from geomonitor.materials import INPUT_MEASURES, MaterialInputs, load_material_inputs
from geomonitor.materials.inputs import with_restrictions

GOOD = """
[[input]]
material = "tungsten"
measure = "stock_cover_months"
value = 6
author = "Stock unit"
date = 2026-03-01
source = "Survey of users"

[[input]]
material = "Wolfram"
measure = "stock_cover_months"
importer = "NLD"
stage = "processing"
low = 2
high = 4.5
author = "Trade association"
date = 2025-11-15
source = "Members"
note = "Two firms did not answer."
"""

ENTRY = {
    "material": '"tungsten"',
    "measure": '"import_reliance"',
    "value": "0.5",
    "author": '"Somebody"',
    "date": "2026-01-31",
    "source": '"Own reckoning"',
}


def written(folder: Path, text: str, name: str = "inputs.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def entry(*, without: str = "", **changed: str) -> str:
    keys = {key: value for key, value in {**ENTRY, **changed}.items() if key != without}
    return "[[input]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())


class TestGood:
    def test_every_key(self, tmp_path: Path) -> None:
        first, second = load_material_inputs(written(tmp_path, GOOD)).entries
        assert (first.material, first.value, first.low, first.high) == ("tungsten", 6.0, 6.0, 6.0)
        assert (first.stage, first.importer, first.supplier, first.note) == (None, None, None, "")
        assert (second.material, second.importer, second.stage) == ("tungsten", "NLD", "processing")
        assert (second.value, second.low, second.high) == (None, 2.0, 4.5)
        assert second.date == datetime.date(2025, 11, 15)

    def test_as_a_table(self, tmp_path: Path) -> None:
        table = load_material_inputs(written(tmp_path, GOOD)).table()
        assert table.select("material", "value", "high").rows() == [
            ("tungsten", 6.0, 6.0),
            ("tungsten", None, 4.5),
        ]
        assert table.schema["date"] == pl.Date

    def test_a_group_is_an_importer(self, tmp_path: Path) -> None:
        (found,) = load_material_inputs(written(tmp_path, entry(importer='"EU27_2020"'))).entries
        assert found.importer == "EU27_2020"

    @pytest.mark.parametrize("measure", [each for each in INPUT_MEASURES if each != "restriction"])
    def test_every_measure_takes_its_ends(self, tmp_path: Path, measure: str) -> None:
        _, least, largest = INPUT_MEASURES[measure]
        text = entry(without="value", measure=f'"{measure}"', low=f"{least}", high=f"{largest}")
        (found,) = load_material_inputs(written(tmp_path, text)).entries
        assert (found.low, found.high) == (least, largest)

    def test_none_and_several_files(self, tmp_path: Path) -> None:
        assert load_material_inputs() == MaterialInputs()
        paths = [written(tmp_path, entry(material=f'"{name}"'), f"{name}.toml") for name in ("tin", "zinc")]
        assert [each.material for each in load_material_inputs(*paths).entries] == ["tin", "zinc"]


class TestFind:
    def found(self, folder: Path, *entries: str, **where: str) -> float | None:
        inputs = load_material_inputs(written(folder, "\n".join(entries)))
        hit = inputs.find("tungsten", "import_reliance", **where)
        return None if hit is None else hit.value

    def test_the_more_specific_comes_before_the_younger(self, tmp_path: Path) -> None:
        general = entry(value="0.1", date="2026-06-01")
        specific = entry(value="0.2", importer='"NLD"', date="2020-01-01")
        assert self.found(tmp_path, general, specific, importer="NLD") == 0.2
        assert self.found(tmp_path, general, specific, importer="BEL") == 0.1
        both = entry(value="0.3", importer='"NLD"', stage='"extraction"', date="2019-01-01")
        assert self.found(tmp_path, general, specific, both, importer="NLD", stage="extraction") == 0.3
        assert self.found(tmp_path, general, specific, both, importer="NLD", stage="processing") == 0.2

    def test_the_younger_comes_first_among_alike(self, tmp_path: Path) -> None:
        entries = [entry(value="0.1", date="2026-06-01"), entry(value="0.2", date="2020-01-01")]
        assert self.found(tmp_path, *entries) == 0.1
        assert self.found(tmp_path, *reversed(entries)) == 0.1

    def test_another_material_is_not_meant(self, tmp_path: Path) -> None:
        assert self.found(tmp_path, entry(material='"tin"')) is None


BAD = {
    "unknown key": (entry(values="1"), "values", "There is no key 'values'"),
    "missing author": (entry(without="author"), "author", "'author' is missing"),
    "missing date": (entry(without="date"), "date", "'date' is missing"),
    "missing source": (entry(without="source"), "source", "'source' is missing"),
    "empty author": (entry(author='" "'), "author", "empty"),
    "date as text": (entry(date='"2026-01-31"'), "date", "not a date"),
    "moment": (entry(date="2026-01-31T10:00:00"), "date", "not a date"),
    "number as text": (entry(value='"0.5"'), "value", "'0.5' is not"),
    "true as a number": (entry(value="true"), "value", "True is not"),
    "unknown material": (entry(material='"tungstn"'), "material", "'tungstn' is not known"),
    "unknown measure": (entry(measure='"stock"'), "measure", "no measure 'stock'"),
    "unknown stage": (entry(stage='"smelting"'), "stage", "no stage 'smelting'"),
    "unknown importer": (entry(importer='"NDL"'), "importer", "'NDL'"),
    "below the least": (entry(value="-0.1"), "value", "-0.1 cannot be part of use"),
    "above the largest": (entry(value="65"), "value", "65 cannot be part of use"),
    "not a number": (entry(value="nan"), "value", "nan cannot be"),
    "infinite": (entry(without="value", low="0", high="inf"), "high", "inf cannot be"),
    "no number": (entry(without="value"), "value", "no number"),
    "one bound": (entry(without="value", low="0.1"), "value", "no number"),
    "bounds the wrong way round": (entry(without="value", low="0.9", high="0.1"), "low, high", "do not hold"),
    "value outside its bounds": (entry(low="0.6", high="0.9"), "low, high", "do not hold"),
    "supplier of another measure": (entry(supplier='"CHN"'), "supplier", "says nothing about"),
    "restriction of nobody": (entry(measure='"restriction"'), "supplier", "no supplier"),
    "restriction of a group": (
        entry(measure='"restriction"', supplier='"EU27_2020"'),
        "supplier",
        "'EU27_2020' is not known",
    ),
    "restriction without a value": (
        entry(without="value", measure='"restriction"', supplier='"CHN"', low="1", high="2"),
        "value",
        "no value",
    ),
    "restriction for one importer": (
        entry(measure='"restriction"', supplier='"CHN"', importer='"NLD"'),
        "importer",
        "all importers",
    ),
}


class TestBad:
    @pytest.mark.parametrize(("text", "key", "what"), BAD.values(), ids=BAD)
    def test_names_file_entry_and_key(self, tmp_path: Path, text: str, key: str, what: str) -> None:
        # the faulty entry is the second one
        path = written(tmp_path, entry(material='"tin"') + "\n" + text)
        with pytest.raises(DataError) as caught:
            load_material_inputs(path)
        assert what in caught.value.what
        assert caught.value.where == f"{path}, input 2, key {key}"
        assert caught.value.expected
        assert "docs/materials.md" in (caught.value.next_step or "")

    def test_the_same_entry_twice(self, tmp_path: Path) -> None:
        first = written(tmp_path, entry(), "first.toml")
        second = written(tmp_path, entry(material='"Wolfram"', value="0.7"), "second.toml")
        with pytest.raises(DataError, match="of tungsten of 2026-01-31 is given twice") as caught:
            load_material_inputs(first, second)
        assert "first.toml" in (caught.value.where or "")
        assert "second.toml" in (caught.value.where or "")

    def test_no_toml(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="no TOML"):
            load_material_inputs(written(tmp_path, "material: tungsten"))

    def test_no_entries(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="'input' is missing"):
            load_material_inputs(written(tmp_path, ""))

    def test_entries_that_are_no_tables(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="A table is missing"):
            load_material_inputs(written(tmp_path, "input = [1]"))

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="cannot be read"):
            load_material_inputs(tmp_path / "nowhere.toml")

    def test_near_names_are_told(self, tmp_path: Path) -> None:
        with pytest.raises(DataError) as caught:
            load_material_inputs(written(tmp_path, entry(material='"tungstn"')))
        assert "tungsten" in (caught.value.expected or "")


class TestRestrictions:
    shares = pl.DataFrame(
        {
            "material": ["tungsten", "tungsten", "tungsten", "tin"],
            "stage": ["extraction", "processing", "processing", "processing"],
            "economy": ["CHN", "CHN", "VNM", "CHN"],
            "share": [0.8, 0.7, 0.3, 1.0],
        }
    )

    def after(self, folder: Path, *entries: str) -> list[float | None]:
        inputs = load_material_inputs(written(folder, "\n".join(entries)))
        table = with_restrictions(self.shares, inputs.entries)
        assert table.drop("restriction").equals(self.shares)
        return table["restriction"].to_list()

    def one(self, **keys: str) -> str:
        return entry(**{"measure": '"restriction"', "supplier": '"CHN"', "value": "1.1", **keys})

    def test_holds_for_the_supplier_and_the_material(self, tmp_path: Path) -> None:
        assert self.after(tmp_path, self.one()) == [1.1, 1.1, None, None]

    def test_a_stage_comes_before_all_stages(self, tmp_path: Path) -> None:
        staged = self.one(stage='"processing"', value="1.3", date="2020-01-01")
        for entries in ([self.one(), staged], [staged, self.one()]):
            assert self.after(tmp_path, *entries) == [1.1, 1.3, None, None]

    def test_the_younger_comes_before_the_older(self, tmp_path: Path) -> None:
        younger = self.one(value="1.4", date="2026-02-01")
        for entries in ([self.one(), younger], [younger, self.one()]):
            assert self.after(tmp_path, *entries) == [1.4, 1.4, None, None]

    def test_a_printed_factor_gives_way_to_a_given_one(self, tmp_path: Path) -> None:
        inputs = load_material_inputs(written(tmp_path, self.one()))
        printed = self.shares.with_columns(restriction=pl.Series([1.2, None, 1.2, 1.2]))
        assert with_restrictions(printed, inputs.entries)["restriction"].to_list() == [1.1, 1.1, 1.2, 1.2]
