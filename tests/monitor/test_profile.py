"""Profiles: what a good one gives, and that every wrong one is told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from geomonitor.errors import GeomonitorError, ProfileError
from geomonitor.monitor import load_profile, make_edition

SMALL = """
name = "small"
years = [2022, 2021]
methods = ["commission-2021"]

[[importers]]
code = "NLD"
home_group = "EU27_2020"
"""


@pytest.fixture
def written(tmp_path: Path):
    def write(text: str | bytes) -> Path:
        file = tmp_path / "profile.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write


def test_the_default_profile() -> None:
    profile = load_profile()
    assert profile.name == "raw-materials"
    assert profile.period == "2022-2024"
    assert [each.label for each in profile.importers] == ["EU27_2020", "NLD (home EU27_2020)"]
    assert profile.methods[0].id == "commission-2021"
    assert len(profile.methods) == 6


def test_a_small_profile_and_its_defaults(written) -> None:
    profile = load_profile(written(SMALL))
    assert profile.years == (2021, 2022)
    assert profile.dataset == "baci-hs92-raw-materials"
    assert (profile.engine, profile.languages) == ("polars", ("en",))
    assert profile.title == {"en": "small", "nl": "small"}
    assert profile.options.as_record()["intra_group"] == "excluded"


@pytest.mark.parametrize("text", [b"\xef\xbb\xbf" + SMALL.encode(), SMALL.replace("\n", "\r\n").encode()])
def test_a_byte_order_mark_and_windows_line_ends_are_read(written, text: bytes) -> None:
    assert load_profile(written(text)) == load_profile(written(SMALL))


def test_everything_that_a_profile_can_say(written) -> None:
    profile = load_profile(
        written(
            """
name = "all"
title = { en = "All", nl = "Alles" }
dataset = "other"
years = [2019, 2021]
methods = ["cbs-2021", "commission-2021", "cbs-2021"]
intra_group = "included"
minimum_import_value_kusd = 1000
partner_group = "FRIENDS"
counterparts = ["CHN"]
merge = { HKG = "CHN" }
languages = ["nl", "en"]
engine = "duckdb"
interests = "interests.toml"
importers = [{ code = "FRIENDS" }, { code = "NLD" }, { code = "NLD" }]

[groups]
FRIENDS = ["NLD", "USA"]

[thresholds.commission-2021]
import_concentration = 0.5

[re_export_shares]
810600 = 0.67
"""
        )
    )
    assert profile.period == "2019, 2021"
    assert [each.id for each in profile.methods] == ["cbs-2021", "commission-2021"]
    assert profile.methods[1].modified
    assert [each.label for each in profile.importers] == ["FRIENDS", "NLD"]
    assert profile.importers[0].members == ("NLD", "USA")
    assert profile.options.minimum_import_value_kusd == 1000.0
    assert profile.options.re_export_shares == {"810600": 0.67}
    assert profile.title["nl"] == "Alles"
    assert profile.interests is not None
    assert profile.interests.is_absolute()


def test_an_unknown_key_names_the_near_one(written) -> None:
    with pytest.raises(ProfileError, match="'yaers'") as caught:
        load_profile(written(SMALL.replace("years", "yaers")))
    assert caught.value.next_step == "Did you mean years?"
    assert "profile.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('years = "2021"', "years holds str"),
        ('years = ["2021"]', "years holds"),
        ("years = [true]", "years holds"),
        ("years = [2021.5]", "years holds"),
        ('methods = "commission-2021"', "methods holds str"),
        ("methods = [3]", "methods holds"),
        ("name = 3", "name holds int"),
        ('name = "Raw Materials"', "cannot be the name"),
        ('name = "../out"', "cannot be the name"),
        ('name = "-x"', "cannot be the name"),
        ("replace_interests = 1", "replace_interests holds int"),
        ("minimum_import_value_kusd = true", "minimum_import_value_kusd holds bool"),
        ('minimum_import_value_kusd = "1"', "minimum_import_value_kusd holds str"),
        ("minimum_import_value_kusd = -1", "cannot be a minimum value"),
        ("minimum_import_value_kusd = nan", "cannot be a minimum value"),
        ("minimum_import_value_kusd = inf", "cannot be a minimum value"),
        ('intra_group = "maybe"', "'maybe' is not known"),
        ('languages = ["de"]', "'de' is not known"),
        ('engine = "excel"', "'excel' is not known"),
        ('partner_group = "OECDD"', "OECDD"),
        ('counterparts = ["CHI"]', "CHI"),
        ('counterparts = "CHN"', "counterparts holds str"),
        ('merge = { XYZ = "CHN" }', "XYZ"),
        ('merge = { HKG = "XYZ" }', "XYZ"),
        ("merge = { HKG = 3 }", "HKG holds int"),
        ("merge = 3", "merge holds int"),
        ("groups = { MINE = 3 }", "MINE holds"),
        ('groups = { MINE = "NLD" }', "MINE holds"),
        ('title = { de = "x" }', "'de'"),
        ("title = { en = 3 }", "en holds int"),
        ("thresholds = { commission-2021 = 0.5 }", "table is expected"),
        ("thresholds = { cbs-2021 = { import_concentration = 0.5 } }", "does not run"),
        ("thresholds = { commission-2021 = { import_consentration = 0.5 } }", "import_consentration"),
        ('thresholds = { commission-2021 = { import_concentration = "x" } }', "holds str"),
        ("thresholds = { commission-2021 = { import_concentration = -1 } }", "cannot be a threshold"),
        ('re_export_shares = { 810600 = "x" }', "810600 holds str"),
        ("re_export_shares = { 810600 = 67 }", "between 0 and 1"),
        ("re_export_shares = { bismuth = 0.5 }", "bismuth"),
        ('importers = ["NLD"]', "An importer is 'NLD'"),
        ("importers = [{}]", "lacks its code"),
        ('importers = [{ home_group = "EU27_2020" }]', "lacks its code"),
        ("importers = [{ code = 3 }]", "code holds int"),
        ('importers = [{ code = "NLD", home = "EU27_2020" }]', "'home'"),
        ('importers = [{ code = "NDL" }]', "NDL"),
        ('importers = [{ code = "NLD", home_group = "EU_27" }]', "EU_27"),
        ('methods = ["comission-2021"]', "comission-2021"),
    ],
)
def test_what_is_wrong_is_named(written, line: str, said: str) -> None:
    key = line.partition(" ")[0]
    kept = [each for each in SMALL.splitlines() if not each.startswith(f"{key} ")]
    if key == "importers":
        kept = [each for each in kept if not each.startswith(("[[", "code", "home_group"))]
    file = written("\n".join([line, *kept]))
    with pytest.raises(ProfileError) as caught:
        load_profile(file)
    assert said in str(caught.value)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("key", ["name", "years", "methods", "importers"])
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_what_is_missing_is_named(written, key: str, how: str) -> None:
    kept = [each for each in SMALL.splitlines() if not each.startswith(f"{key} ")]
    if key == "importers":
        kept = [each for each in kept if not each.startswith(("[[", "code", "home_group"))]
    if how == "empty":
        kept.insert(0, f'{key} = ""' if key == "name" else f"{key} = []")
    with pytest.raises(ProfileError, match=f"lacks {key}"):
        load_profile(written("\n".join(kept)))


@pytest.mark.parametrize(
    "text", [b"name = ", b"\xff\xfe", b"name = 'a'\nname = 'b'", b"{}", b"years = 2021, 2022"]
)
def test_a_file_that_is_no_toml(written, text: bytes) -> None:
    with pytest.raises(ProfileError, match=r"not valid TOML|cannot be read"):
        load_profile(written(text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="no such profile"):
        load_profile(tmp_path / "absent.toml")
    with pytest.raises(ProfileError, match="cannot be read"):
        load_profile(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[2022, 2021]", "[2021, 2031]"), "2031"),
        (('name = "small"', 'name = "small"\ndataset = "absent"'), "absent"),
        (('name = "small"', 'name = "small"\ninterests = "absent.toml"'), "absent.toml"),
        (('name = "small"', 'name = "small"\njudgements = "absent.toml"'), "absent.toml"),
        (('name = "small"', 'name = "small"\nmerge = { NLD = "BEL" }'), "NLD"),
    ],
)
def test_what_only_the_data_can_tell_is_an_error_of_the_run(
    written, change: tuple[str, str], said: str
) -> None:
    profile = load_profile(written(SMALL.replace(*change)))
    with pytest.raises(GeomonitorError, match=said):
        make_edition(profile)


def test_an_unknown_engine_is_an_error_of_the_run(written) -> None:
    with pytest.raises(GeomonitorError, match="excel"):
        make_edition(load_profile(written(SMALL)), engine="excel")
