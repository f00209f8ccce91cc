"""Catalogues of the register: complete, consistent, and read strictly."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import pytest

from geomonitor.codes import ECONOMY_CODES, group_codes
from geomonitor.errors import DataError
from geomonitor.register.facts import (
    PartialDate,
    coercion_cases,
    coverage_gap,
    instruments,
    is_working,
    load_coercion_cases,
    load_instruments,
    load_option_kinds,
    load_risk_kinds,
    option_kinds,
    public_interests,
    risk_kinds,
)

LETTER = re.compile(r"[AB] ([A-Z][0-9]+|section [0-9.]+)")

INSTRUMENT = """
version = "1"
date = 2026-11-21
source = "made up"
[[instrument]]
code = "act"
name = { en = "Act", nl = "Wet" }
level = "eu"
kind = "regulation"
legal_basis = "Regulation 1"
state = "in_force"
adopted_on = 2020-01-01
in_force_on = 2021-01-01
date_confidence = "certain"
responsible = "Commission"
summary = { en = "Does.", nl = "Doet." }
limits = { en = "Not all.", nl = "Niet alles." }
risks = [{ risk = "economic_coercion", strength = "direct", en = "Made for it.", nl = "Ervoor gemaakt." }]
source = "made up"
"""

CASE = """
version = "1"
date = 2026-11-21
source = "made up"
[[case]]
code = "event"
title = { en = "Event", nl = "Gebeurtenis" }
sender = "CHN"
targets = ["JPN"]
measure_kind = "tariff"
measure = { en = "A duty.", nl = "Een heffing." }
direction = "imports"
goods = { products = ["2204"], hs_revision = "HS92", en = "Wine", nl = "Wijn" }
started_on = "2010-09"
ended_on = "2011"
trigger = { en = "A.", nl = "A." }
judgement = "coercion"
motive = { en = "B.", nl = "B." }
motive_confidence = "low"
motive_argument = { en = "C.", nl = "C." }
outcome = { en = "D.", nl = "D." }
sources = ["made up"]
"""


def texts(entry: Any, *names: str) -> list[str]:
    return [getattr(entry, name)[language] for name in names for language in ("en", "nl")]


@pytest.mark.parametrize(
    "entries",
    [instruments(), risk_kinds(), option_kinds(), coercion_cases(), public_interests()],
    ids=["instruments", "risks", "options", "cases", "interests"],
)
def test_codes_are_unique_and_names_differ(entries: tuple[Any, ...]) -> None:
    codes = [each.code for each in entries]
    assert len(set(codes)) == len(codes) > 4
    titles = [getattr(each, "name", None) or each.title for each in entries]
    for language in ("en", "nl"):
        assert len({each[language] for each in titles}) == len(titles)


def test_every_instrument_of_the_letters_is_there() -> None:
    named = {letter for each in instruments() for letter in each.letters}
    # section 11 of the list of claims, without the US rules (a case) and the repeated ones
    asked = {f"B I{number}" for number in (*range(1, 15), *range(16, 27), 28)}
    assert asked <= named
    assert {"A O8", "B O7", "B O9", "B E3", "A V2", "A V4", "A V6"} <= named
    assert all(LETTER.fullmatch(letter) for letter in named)


def test_instruments_say_what_they_cannot_do_and_why_they_help() -> None:
    kinds = {each.code for each in risk_kinds()}
    for each in instruments():
        assert each.risks, each.code
        assert {one.risk for one in each.risks} <= kinds
        assert all(text.strip() for text in texts(each, "summary", "limits", "name"))
        assert all(text.strip() for one in each.risks for text in texts(one, "argument"))
        assert bool(each.check_note) == each.to_check
        assert each.celex is None or re.fullmatch(r"[0-9]{5}[A-Z]{1,2}[0-9]{4}", each.celex)


def test_an_uncertain_date_is_marked_to_check() -> None:
    doubtful = [
        each.code
        for each in instruments()
        if each.date_confidence == "likely"
        and not each.to_check
        and any((each.proposed_on, each.adopted_on, each.in_force_on, each.applies_from))
    ]
    assert doubtful == []


def test_no_instrument_works_before_its_rules_apply() -> None:
    ban = next(each for each in instruments() if each.code == "forced_labour_ban")
    assert not is_working(ban.state, ban.applies_from, datetime.date(2026, 11, 21))
    assert is_working(ban.state, ban.applies_from, datetime.date(2027, 12, 14))


def test_the_coverage_matrix_has_gaps_of_three_kinds() -> None:
    on = datetime.date(2026, 11, 21)
    gaps: dict[str, str | None] = {}
    for risk in risk_kinds():
        working, coming = [], []
        for each in instruments():
            for one in each.risks:
                if one.risk == risk.code:
                    (working if is_working(each.state, each.applies_from, on) else coming).append(
                        one.strength
                    )
        gaps[risk.code] = coverage_gap(working, coming)
    assert gaps["price_shock"] == "none"
    assert gaps["dependency_stacking"] == "partly_only"
    # both acts against abuses in chains are in force, and apply later only
    assert gaps["human_rights_in_chain"] == "partly_only"
    assert gaps["economic_coercion"] is None
    assert coverage_gap([], ["direct"]) == "planned_only"


def test_the_cases_of_the_letters_are_there_and_judged() -> None:
    cases = {each.code: each for each in coercion_cases()}
    for code in (
        "china_japan_rare_earths_2010",
        "china_rare_earth_quotas_2010",
        "china_lithuania_2021",
        "us_chip_controls_2022",
    ):
        assert cases[code].letters
        assert len(cases[code].sources) >= 2
    assert cases["us_chip_controls_2022"].judgement == "other_measure"
    assert cases["china_japan_rare_earths_2010"].judgement == "disputed"
    assert {"CHN", "RUS", "USA", "JPN"} <= {each.sender for each in cases.values()}


def test_cases_name_known_economies_and_both_languages() -> None:
    for each in coercion_cases():
        assert each.sender in ECONOMY_CODES
        assert all(one in ECONOMY_CODES or one in group_codes() for one in each.targets)
        assert all(
            text.strip()
            for text in texts(each, "title", "measure", "trigger", "motive", "motive_argument", "outcome")
        )
        assert each.ended_on is None or each.started_on.earliest <= each.ended_on.latest
        assert all(LETTER.fullmatch(letter) for letter in each.letters)
        assert each.started_on.earliest <= datetime.date(2026, 11, 21)


def test_questions_are_asked_on_costs_and_benefits_in_both_languages() -> None:
    for each in option_kinds():
        assert each.cost_questions["en"]
        assert each.benefit_questions["nl"]
        assert len(each.cost_questions["en"]) == len(each.cost_questions["nl"])
        assert 0 <= each.lead_time_months[0] <= each.lead_time_months[1]


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "precision"),
    [
        ("2010", datetime.date(2010, 1, 1), datetime.date(2010, 12, 31), "year"),
        ("2012-02", datetime.date(2012, 2, 1), datetime.date(2012, 2, 29), "month"),
        ("2010-09-07", datetime.date(2010, 9, 7), datetime.date(2010, 9, 7), "day"),
    ],
)
def test_partial_dates(text: str, earliest: datetime.date, latest: datetime.date, precision: str) -> None:
    date = PartialDate(text)
    assert (date.earliest, date.latest, date.precision) == (earliest, latest, precision)


@pytest.mark.parametrize("text", ["", "10", "2010-13", "2010-02-30", "2010-9", "0000", "2010-09-07T00"])
def test_what_is_no_partial_date_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="is not a date"):
        PartialDate(text)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('risk = "economic_coercion"', 'risk = "weather"', "'weather' is not known here"),
        ('state = "in_force"', 'state = "proposed"', "the state is proposed"),
        ("in_force_on = 2021-01-01", "in_force_on = 2019-01-01", "is before adopted_on"),
        ("in_force_on = 2021-01-01", "in_force_on = 2030-01-01", "enters into force"),
        ('nl = "Doet."', 'nl = " "', "The text is empty"),
        (', nl = "Wet"', "", "'nl' is missing"),
        ('level = "eu"', 'level = "moon"', "'moon' is not known here"),
        ('source = "made up"\n[[', 'extra = 1\nsource = "made up"\n[[', "There is no key 'extra'"),
        ('code = "act"', 'code = "The Act"', "cannot be a code"),
        ('responsible = "Commission"', 'responsible = "Commission"\nto_check = true', "belong together"),
    ],
)
def test_a_faulty_instrument_is_refused_by_name(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in INSTRUMENT
    file = tmp_path / "instruments.toml"
    file.write_text(INSTRUMENT, encoding="utf-8")
    assert load_instruments(file)[0].code == "act"
    file.write_text(INSTRUMENT.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(says)) as caught:
        load_instruments(file)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('sender = "CHN"', 'sender = "CHI"', "'CHI' is not known here"),
        ('targets = ["JPN"]', 'targets = ["CHN"]', "is its own target"),
        ('targets = ["JPN"]', 'targets = ["MOON"]', "no economy or group"),
        ('"2204"', '"22a4"', "is no HS code"),
        ('hs_revision = "HS92", ', "", "belong together"),
        ('ended_on = "2011"', 'ended_on = "2009"', "before it starts"),
        ('ended_on = "2011"', 'ended_on = "soon"', "is not a date"),
        ('motive_confidence = "low"', 'motive_confidence = "some"', "'some' is not known here"),
    ],
)
def test_a_faulty_case_is_refused_by_name(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in CASE
    file = tmp_path / "cases.toml"
    file.write_text(CASE, encoding="utf-8")
    assert load_coercion_cases(file)[0].goods.products == ("2204",)
    file.write_text(CASE.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(says)):
        load_coercion_cases(file)


def test_options_and_risks_are_read_strictly(tmp_path: Path) -> None:
    option = tmp_path / "options.toml"
    option.write_text(
        'version = "1"\ndate = 2026-11-21\nsource = "x"\n[[option]]\ncode = "a"\n'
        'name = { en = "a", nl = "a" }\ndoes = { en = "a", nl = "a" }\nusual_level = "eu"\n'
        'lead_time_months = [9, 3]\ncost_questions = { en = ["a"], nl = ["a"] }\n'
        'benefit_questions = { en = ["a"], nl = ["a"] }\n',
        encoding="utf-8",
    )
    with pytest.raises(DataError, match="not a range of months"):
        load_option_kinds(option)
    risk = tmp_path / "risks.toml"
    risk.write_text(
        'version = "1"\ndate = 2026-11-21\nsource = "x"\n[[family]]\ncode = "f"\n'
        'name = { en = "f", nl = "f" }\n[[risk]]\ncode = "r"\nfamily = "g"\n'
        'name = { en = "r", nl = "r" }\nmeaning = { en = "r", nl = "r" }\nsource = "x"\n',
        encoding="utf-8",
    )
    with pytest.raises(DataError, match="'g' is not known here"):
        load_risk_kinds(risk)
