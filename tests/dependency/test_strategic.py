"""Public interests, experts' judgements and what is strategic."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import polars as pl
import pytest

from geomonitor.data import embedded_dataset
from geomonitor.dependency import Judgements, load_interests, load_substitutability, strategic
from geomonitor.errors import DataError

FILE = """version = "1"
date = 2026-01-31
source = "us"

[[interest]]
code = "food_security"
name = { en = "Food security", nl = "Voedselzekerheid" }
source = "a letter"

[[product]]
name = "Wheat"
prefixes = ["1001"]
except = ["100110"]
hs_revisions = "HS92-HS07"
interests = ["food_security"]
date = 2026-01-31
source = "a note"
reason = "Bread."
"""
JUDGEMENT = """[[judgement]]
product = "2941"
importer = "*"
substitutable = true
author = "panel"
date = 2026-01-31
reason = "New factory."
"""


@pytest.fixture
def written(tmp_path: Path):  # type: ignore[no-untyped-def]
    def write(text: str, name: str = "own.toml") -> Path:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return write


@pytest.mark.parametrize(
    ("product", "interests"),
    [
        ("660110", ()),  # umbrellas
        ("660199", ()),
        ("960810", ()),  # pens
        ("960899", ()),
        ("252400", ()),  # asbestos
        ("710812", ()),  # gold
        ("294110", ("public_health",)),
        ("294190", ("public_health",)),
        ("300420", ("public_health",)),
        ("293361", ()),  # melamine, in a heading of active ingredients
        ("810600", ("public_health", "transitions", "earning_capacity")),
        ("280530", ("national_security", "transitions", "earning_capacity")),
        ("850511", ("national_security", "transitions")),
        ("854231", ("national_security", "transitions", "earning_capacity")),
        ("850760", ("transitions",)),
        ("850710", ()),  # lead-acid starter batteries
        ("711011", ("national_security", "transitions", "earning_capacity")),  # a union of two entries
    ],
)
def test_interests_of_products(product: str, interests: tuple[str, ...]) -> None:
    assert load_interests().of(product) == interests


def test_no_heading_of_umbrellas_and_pens_has_an_interest() -> None:
    found = load_interests()
    assert not [
        code for code in embedded_dataset().product_names() if code[:4] in ("6601", "9608") and found.of(code)
    ]


def test_every_shipped_entry_is_dated_sourced_and_means_products_that_exist() -> None:
    found = load_interests()
    known = embedded_dataset().product_names()
    for each in found.entries:
        assert each.date >= datetime.date(2022, 5, 11)
        assert len(each.source) > 5
        assert len(each.reason) > 5
        if "HS92" in each.hs_revisions:
            assert any(each.matches(code, "HS92") for code in known), each.name
    assert {code for each in found.entries for code in each.interests} == set(found.codes) - {
        "fundamental_values"
    }
    assert all(set(each.name) == {"en", "nl"} and "letter" in each.source for each in found.interests)


def test_the_sample_is_mapped_where_there_is_an_argument() -> None:
    found = load_interests()
    sample = pl.scan_parquet(embedded_dataset().flow_files()).select(pl.col("product").unique()).collect()
    without = sorted(code for code in sample["product"].cast(pl.String) if not found.of(code, "HS92"))
    assert without == [
        *("250310", "250390", "250700", "250810", "250830", "250840", "251200", "251910", "252010", "252400"),
        *("260111", "260112", "260700", "260800", "260900", "261390", "261510", "261610", "270210", "270220"),
        *("280490", "280540", "283030", "710812", "711290", "810710"),
    ]


def test_a_revision_narrows_the_entries() -> None:
    found = load_interests()
    # 8112.40 was vanadium up to HS 2002
    assert found.of("811240", "HS96")
    assert not found.of("811240", "HS22")
    assert found.of("811240")


def test_a_file_replaces_or_extends(written) -> None:  # type: ignore[no-untyped-def]
    file = written(FILE)
    own = load_interests(file)
    assert own.codes == ("food_security",)
    assert (own.of("100190"), own.of("100110"), own.of("294110")) == (("food_security",), (), ())
    assert own.of("100190", "HS12") == ()
    both = load_interests(extend=file)
    assert both.of("100190") == ("food_security",)
    assert both.of("294110") == ("public_health",)
    assert both.codes[-1] == "food_security"
    assert both.as_record()["version"] == "1.0 + 1"
    more = written(
        FILE.split("[[interest]]")[0]
        + "[[product]]"
        + FILE.split("[[product]]")[1].replace("food_security", "public_health"),
        "more.toml",
    )
    assert load_interests(extend=[file, more]).of("100190") == ("public_health", "food_security")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('prefixes = ["1001"]', 'prefixes = ["100"]', r"'100' is not a product prefix"),
        ('prefixes = ["1001"]', "prefixes = [1001]", r"1001 is not a product prefix"),
        ('prefixes = ["1001"]', "prefixes = []", r"list is empty"),
        ('except = ["100110"]', 'except = ["2001"]', r"2001 is not under a prefix"),
        ('reason = "Bread."', "", r"'reason' is missing"),
        ('reason = "Bread."', 'reason = " "', r"text is empty"),
        ('reason = "Bread."', 'reasons = "Bread."', r"no key 'reasons'"),
        ('interests = ["food_security"]', 'interests = ["food"]', r"no interest 'food'"),
        ('interests = ["food_security"]', "interests = []", r"list is empty"),
        ('hs_revisions = "HS92-HS07"', 'hs_revisions = "HS07-HS92"', r"not a range of HS revisions"),
        ('date = 2026-01-31\nsource = "a note"', 'date = "2026"\nsource = "a note"', r"'2026' is not a date"),
        (
            'date = 2026-01-31\nsource = "a note"',
            'date = 2026-01-31T10:00:00\nsource = "a note"',
            r"is not a date",
        ),
    ],
)
def test_a_wrong_entry_is_refused_by_file_entry_and_key(written, old: str, new: str, says: str) -> None:  # type: ignore[no-untyped-def]
    assert old in FILE
    with pytest.raises(DataError, match=says) as caught:
        load_interests(written(FILE.replace(old, new, 1)))
    assert re.search(r"own\.toml, product 1 \(Wheat\), key \w+", str(caught.value))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version = 1", "'?1'? is not a text"),
        ("this is no TOML", "no TOML"),
        (FILE.replace('nl = "Voedselzekerheid"', 'de = "Ernaehrung"'), "no key 'de'"),
        (FILE.replace('code = "food_security"', 'code = "Food!"'), "cannot be a code"),
        (FILE + FILE[FILE.index("[[interest]]") : FILE.index("[[product]]")], "defined twice"),
        ('version = "1"\ndate = 2026-01-31\nsource = "us"\nproduct = [1]', "A table is missing"),
    ],
)
def test_a_wrong_file_is_refused(written, text: str, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError, match=says) as caught:
        load_interests(written(text))
    assert "own.toml" in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        load_interests(tmp_path / "nothing.toml")
    (tmp_path / "latin.toml").write_bytes("version = 'é'".encode("latin-1"))
    with pytest.raises(DataError, match="cannot be read"):
        load_interests(extend=tmp_path / "latin.toml")


def test_an_interest_of_the_base_cannot_be_redefined(written) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError, match="public_health is defined twice"):
        load_interests(extend=written(FILE.replace("food_security", "public_health")))


def test_strategic_is_dependent_and_of_interest_and_not_substitutable(written) -> None:  # type: ignore[no-untyped-def]
    judgements = load_substitutability(
        written(JUDGEMENT + JUDGEMENT.replace('"2941"', '"810600"').replace("= true", "= false"))
    )
    table = pl.DataFrame(
        {
            "importer": ["NLD"] * 8,
            "product": ["294110", "810600", "280530", "960810", "280530", "280530", "960810", "294110"],
            "dependent": [True, True, True, True, False, None, None, None],
        }
    )
    found = strategic(table, load_interests(), judgements)
    assert found.select("substitutable", "strategic", "strategic_basis").rows() == [
        (True, False, "judged substitutable"),
        (False, True, "judged not substitutable"),
        (None, True, "not judged"),
        (None, False, "not judged"),
        (None, False, "not judged"),
        # open, and would decide
        (None, None, "not judged"),
        # open, and would not
        (None, False, "not judged"),
        (True, False, "judged substitutable"),
    ]
    assert found["interests"][3] == ""
    assert found["interests"][1] == "public_health;transitions;earning_capacity"
    assert strategic(table.head(0), load_interests()).height == 0


def test_the_newest_judgement_counts(written) -> None:  # type: ignore[no-untyped-def]
    newer = JUDGEMENT.replace("= true", "= false").replace("2026-01-31", "2026-02-28").replace('"*"', '"NLD"')
    found = load_substitutability(written(newer + JUDGEMENT.replace('"2941"', '"294110"')))
    assert [each.date.month for each in found.judgements] == [1, 2]
    for product, importer, expected in (
        ("294110", "NLD", False),
        ("294110", "DEU", True),
        ("294190", "NLD", False),
    ):
        judgement = found.of(product, importer)
        assert judgement is not None
        assert judgement.substitutable is expected
    assert found.of("294190", "DEU") is None


@pytest.mark.parametrize("change", [('"2941"', '"294110"'), ('"*"', '"NLD"'), ('"panel"', '"another panel"')])
def test_contradictions_on_one_date_are_refused(written, change: tuple[str, str]) -> None:  # type: ignore[no-untyped-def]
    other = JUDGEMENT.replace("= true", "= false").replace(*change)
    with pytest.raises(DataError, match="contradict") as caught:
        load_substitutability(written(JUDGEMENT + other))
    assert "judgements 1 and 2" in str(caught.value)


def test_judgements_that_do_not_meet_do_not_contradict(written) -> None:  # type: ignore[no-untyped-def]
    no = JUDGEMENT.replace("= true", "= false")
    text = JUDGEMENT.replace('"*"', '"NLD"') + no.replace('"*"', '"DEU"') + no.replace('"2941"', '"2942"')
    assert len(load_substitutability(written(text)).judgements) == 3


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('author = "panel"', "", "'author' is missing"),
        ("date = 2026-01-31", "", "'date' is missing"),
        ("substitutable = true", 'substitutable = "yes"', "'yes' is not true or false"),
        ('product = "2941"', 'product = "29.41"', "not a product prefix"),
        ('importer = "*"', 'importer = ""', "text is empty"),
    ],
)
def test_a_wrong_judgement_is_refused(written, old: str, new: str, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError, match=says) as caught:
        load_substitutability(written(JUDGEMENT.replace(old, new)))
    assert "own.toml, judgement 1, key" in str(caught.value)


def test_no_judgements_and_missing_columns(written) -> None:  # type: ignore[no-untyped-def]
    assert load_substitutability(written("# nothing yet\n")).judgements == Judgements().judgements == ()
    with pytest.raises(DataError, match="lacks importer"):
        strategic(pl.DataFrame({"product": ["1"], "dependent": [True]}), load_interests())
