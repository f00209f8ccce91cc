from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomonitor.dossier.reading.dates import MONTHS, date_of, dates_in
from geomonitor.dossier.reading.page_repair import repair

WRITTEN = datetime.date(2023, 1, 13)


def days(text: str, written: datetime.date | None = WRITTEN) -> list[tuple[str, str, str]]:
    return [
        (mention.quoted, mention.first.isoformat(), mention.date.isoformat())
        for mention in dates_in(repair(text), written)
    ]


@pytest.mark.parametrize(
    ("text", "quoted", "first", "last"),
    [
        ("op 13 januari 2023 is", "13 januari 2023", "2023-01-13", "2023-01-13"),
        ("Datum 4 juni 2021", "4 juni 2021", "2021-06-04", "2021-06-04"),
        ("op 31 januari jl. is", "31 januari jl.", "2022-01-31", "2022-01-31"),
        ("op 10 augustus jl.", "10 augustus jl.", "2022-08-10", "2022-08-10"),
        ("op 6 januari jongstleden", "6 januari jongstleden", "2023-01-06", "2023-01-06"),
        ("op 18 maart a.s. is", "18 maart a.s.", "2023-03-18", "2023-03-18"),
        ("op 4 januari a.s. is", "4 januari a.s.", "2024-01-04", "2024-01-04"),
        ("op 14 november vond", "14 november", "2022-11-14", "2022-11-14"),
        ("in mei 2019 is", "mei 2019", "2019-05-01", "2019-05-31"),
        ("(juni, 2022)", "juni, 2022", "2022-06-01", "2022-06-30"),
        ("in februari 2024", "februari 2024", "2024-02-01", "2024-02-29"),
        ("Bali (7-8 juli 2022)", "7-8 juli 2022", "2022-07-07", "2022-07-08"),
        ("op 7 en 8 juli 2022", "7 en 8 juli 2022", "2022-07-07", "2022-07-08"),
        ("28 juni - 1 juli 2022", "28 juni - 1 juli 2022", "2022-06-28", "2022-07-01"),
        (
            "28 december 2021 t/m 2 januari 2022",
            "28 december 2021 t/m 2 januari 2022",
            "2021-12-28",
            "2022-01-02",
        ),
        ("Begin juli hield", "Begin juli", "2022-07-01", "2022-07-10"),
        ("medio maart 2022", "medio maart 2022", "2022-03-11", "2022-03-20"),
        ("eind 2022 volgt", "eind 2022", "2022-10-01", "2022-12-31"),
        ("in het eerste kwartaal van 2023", "eerste kwartaal van 2023", "2023-01-01", "2023-03-31"),
        ("in de tweede helft van 2022", "tweede helft van 2022", "2022-07-01", "2022-12-31"),
        ("in Q4 2022", "Q4 2022", "2022-10-01", "2022-12-31"),
        ("in het voorjaar van 2022", "voorjaar van 2022", "2022-03-01", "2022-06-30"),
        ("in maart vorig jaar", "maart vorig jaar", "2022-03-01", "2022-03-31"),
        ("in juni van dit jaar", "juni van dit jaar", "2023-06-01", "2023-06-30"),
        ("op 2022-05-11 gedrukt", "2022-05-11", "2022-05-11", "2022-05-11"),
        ("op 11-05-2022 gedrukt", "11-05-2022", "2022-05-11", "2022-05-11"),
        ("13\u00a0januari\n2023", "13 januari 2023", "2023-01-13", "2023-01-13"),
    ],
)
def test_a_date_is_its_first_and_last_day(text: str, quoted: str, first: str, last: str) -> None:
    assert days(text) == [(quoted, first, last)]


@pytest.mark.parametrize(
    "text",
    [
        "31 februari 2023",
        "in 2035",
        "2021-2022",
        "Kamerstuk 35 207, nr. 60",
        "mei was hij er",
        "de maart van de dwazen",
        "22-08-31-final",
        "45 december 2022",
        "15 11 2022",
        "een halve maand",
    ],
)
def test_what_is_no_date_is_left(text: str) -> None:
    assert days(text) == []


def test_a_date_without_a_year_needs_the_day_of_the_paper() -> None:
    assert days("op 10 augustus jl. en begin juli", None) == []


def test_dates_stand_where_they_are_given_and_in_footnotes_too() -> None:
    text = "Sinds **4 juni\n\nPagina 2\n\n2021**¹ is er\n\n¹ Brief, 15 mei 2019"

    mentions = dates_in(repair(text), WRITTEN)

    assert [mention.quoted for mention in mentions] == ["4 juni 2021", "15 mei 2019"]
    assert text[mentions[0].start : mentions[0].end] == "4 juni\n\nPagina 2\n\n2021"
    assert text[mentions[1].start : mentions[1].end] == "15 mei 2019"


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)))
def test_every_day_reads_back(day: datetime.date) -> None:
    month = next(name for name, number in MONTHS.items() if number == day.month)

    assert days(f"op {day.day} {month} {day.year}.")[0][1:] == (
        day.isoformat(),
        day.isoformat(),
    )


@given(st.text(alphabet="0123456789 -/.januarimeiQ", max_size=80))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for mention in dates_in(repair(text), WRITTEN):
        assert mention.first <= mention.date


def test_the_calendar_decides() -> None:
    assert date_of(29, 2, 2024) == datetime.date(2024, 2, 29)
    assert date_of(29, 2, 2023) is None
    assert date_of(1, 13, 2023) is None
