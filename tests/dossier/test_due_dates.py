"""Dutch words for a time ahead, as days."""

from __future__ import annotations

import datetime
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomonitor.dossier.reading.due_dates import due_dates_in, recess_of

WRITTEN = datetime.date(2023, 1, 13)


def _iso(day: datetime.date | None) -> str | None:
    return None if day is None else day.isoformat()


def only(text: str, written: datetime.date | None = WRITTEN) -> tuple[str, str | None, str | None]:
    (due,) = due_dates_in(text, written)
    return due.quoted, _iso(due.first), _iso(due.last)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("in het eerste kwartaal van 2023", "2023-01-01", "2023-03-31"),
        ("in het derde kwartaal", "2023-07-01", "2023-09-30"),
        ("in Q2 2024", "2024-04-01", "2024-06-30"),
        ("eind Q3", "2023-09-01", "2023-09-30"),
        ("in de eerste helft van 2024", "2024-01-01", "2024-06-30"),
        ("in de tweede helft van dit jaar", "2023-07-01", "2023-12-31"),
        ("in maart", "2023-03-01", "2023-03-31"),
        ("in de maand mei", "2023-05-01", "2023-05-31"),
        ("begin maart", "2023-03-01", "2023-03-10"),
        ("medio maart", "2023-03-11", "2023-03-20"),
        ("voor eind maart", "2023-01-13", "2023-03-31"),
        ("begin 2024", "2024-01-01", "2024-03-31"),
        ("medio 2023", "2023-05-01", "2023-08-31"),
        ("eind 2023", "2023-10-01", "2023-12-31"),
        ("begin volgend jaar", "2024-01-01", "2024-03-31"),
        ("voor het einde van het jaar", "2023-01-13", "2023-12-31"),
        ("in de loop van 2023", "2023-01-01", "2023-12-31"),
        ("later dit jaar", "2023-01-01", "2023-12-31"),
        ("dit najaar", "2023-09-01", "2023-12-20"),
        ("in het voorjaar van 2024", "2024-03-01", "2024-06-20"),
        ("in de zomer van 2023", "2023-06-21", "2023-09-20"),
        ("voor de zomer", "2023-01-13", "2023-07-06"),
        ("vóór het zomerreces", "2023-01-13", "2023-07-06"),
        ("na het zomerreces", "2023-09-04", "2023-12-31"),
        ("na de zomer", "2023-09-04", "2023-12-31"),
        ("voor het kerstreces", "2023-01-13", "2023-12-21"),
        ("voor de kerst", "2023-01-13", "2023-12-21"),
        ("op Prinsjesdag", "2023-09-19", "2023-09-19"),
        ("uiterlijk 1 mei", "2023-01-13", "2023-05-01"),
        ("voor 1 mei 2023", "2023-01-13", "2023-04-30"),
        ("per 1 juli 2023", "2023-07-01", "2023-07-01"),
        ("vanaf 2024", "2024-01-01", None),
        ("binnen vier weken", "2023-01-13", "2023-02-10"),
        ("binnen tien werkdagen", "2023-01-13", "2023-01-27"),
        ("binnen een halfjaar", "2023-01-13", "2023-07-13"),
        ("binnen 6 maanden", "2023-01-13", "2023-07-13"),
        ("binnen twee jaar", "2023-01-13", "2025-01-13"),
        ("volgende week", "2023-01-16", "2023-01-22"),
        ("volgende maand", "2023-02-01", "2023-02-28"),
        ("volgend kwartaal", "2023-04-01", "2023-06-30"),
    ],
)
def test_words_give_days(words: str, first: str, last: str | None) -> None:
    assert only(f"Uw Kamer ontvangt {words} een brief.") == (words, first, last)


@pytest.mark.parametrize(
    "words",
    [
        "op korte termijn",
        "binnen afzienbare tijd",
        "zo spoedig mogelijk",
        "binnenkort",
        "te zijner tijd",
        "voor de begrotingsbehandeling",
        "voor het commissiedebat",
        "de komende maanden",
        "binnen enkele weken",
        "in de volgende voortgangsrapportage",
        "jaarlijks",
    ],
)
def test_these_words_give_no_days(words: str) -> None:
    assert only(f"Uw Kamer ontvangt {words} een brief.") == (words, None, None)


@pytest.mark.parametrize(
    "text",
    [
        "Op 31 januari jl. is dit verstuurd.",
        "In 2022 is dit gedaan.",
        "De brief van 8 november 2022 noemt dit.",
        "Voor 31 april 2023 komt er niets.",
        "De zomer was warm en het najaar nat.",
        "Over de maanden is weinig bekend.",
        "Nummer 2023-12 is geen jaar.",
    ],
)
def test_these_are_no_time_ahead(text: str) -> None:
    assert due_dates_in(text, WRITTEN) == ()


def test_a_time_without_a_year_is_the_next_one_that_has_not_passed() -> None:
    late = datetime.date(2023, 11, 20)
    assert only("Dit volgt in maart.", late) == ("in maart", "2024-03-01", "2024-03-31")
    assert only("Dit volgt voor de zomer.", late) == ("voor de zomer", "2023-11-20", "2024-07-04")
    assert only("Dit volgt in november.", late) == ("in november", "2023-11-01", "2023-11-30")


def test_without_the_date_of_the_paper_only_words_with_a_year_give_days() -> None:
    assert only("Dit volgt in maart 2024.", None) == ("in maart 2024", "2024-03-01", "2024-03-31")
    assert only("Dit volgt voor de zomer.", None) == ("voor de zomer", None, None)
    assert only("Dit volgt binnen vier weken.", None) == ("binnen vier weken", None, None)
    # by then, but since when is not known
    assert only("Dit volgt uiterlijk 1 mei 2024.", None) == ("uiterlijk 1 mei 2024", None, "2024-05-01")


@pytest.mark.parametrize(
    ("word", "year", "first", "last"),
    [
        # as the House published them
        ("zomerreces", 2023, "2023-07-07", "2023-09-04"),
        ("zomerreces", 2024, "2024-07-05", "2024-09-02"),
        ("herfstreces", 2023, "2023-10-13", "2023-10-23"),
        ("kerstreces", 2023, "2023-12-22", "2024-01-15"),
        ("voorjaarsreces", 2024, "2024-02-16", "2024-02-26"),
        ("meireces", 2023, "2023-04-21", "2023-05-08"),
        ("meireces", 2024, "2024-04-26", "2024-05-13"),
    ],
)
def test_the_convention_gives_the_recesses_that_were(word: str, year: int, first: str, last: str) -> None:
    assert [day.isoformat() for day in recess_of(word, year)] == [first, last]


def test_the_facts_are_in_the_package() -> None:
    text = (resources.files("geomonitor.dossier.reading") / "facts" / "recesses.toml").read_text("utf-8")
    assert "zomerreces" in text


def test_the_longer_words_win_and_positions_are_those_of_the_text() -> None:
    text = "In het eerste kwartaal van 2023 en op korte termijn daarna."
    quarter, soon = due_dates_in(text, WRITTEN)
    assert text[quarter.start : quarter.end] == "In het eerste kwartaal van 2023"
    assert text[soon.start : soon.end] == "op korte termijn"


@given(
    st.dates(datetime.date(2000, 1, 1), datetime.date(2090, 1, 1)),
    st.sampled_from(
        [
            "voor de zomer",
            "na de zomer",
            "in het eerste kwartaal",
            "eind maart",
            "binnen zes weken",
            "dit najaar",
            "voor het kerstreces",
            "uiterlijk 1 mei",
            "in februari",
            "in de winter",
            "volgende maand",
        ]
    ),
)
def test_days_lie_in_order_and_not_wholly_before_the_paper(written: datetime.date, words: str) -> None:
    for due in due_dates_in(f"Dit volgt {words}.", written):
        assert due.first is not None
        assert due.last is not None
        assert due.first <= due.last
        assert due.last >= written


@given(st.text(alphabet="0123456789 voreindmatjulkw./-", max_size=80))
def test_any_text_is_read(text: str) -> None:
    for due in due_dates_in(text, WRITTEN):
        assert due.quoted == " ".join(text[due.start : due.end].split())
