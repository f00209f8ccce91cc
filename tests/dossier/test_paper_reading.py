"""A whole paper, with the furniture of its pages, read in the positions of the text that was given."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomonitor.dossier.reading import read_paper, read_title
from geomonitor.dossier.reading.paper_head import read_head
from geomonitor.dossier.reading.paper_reading import LARGEST_CHARACTERS
from geomonitor.errors import DataError

LETTER = """Ministerie van Buitenlandse Zaken

Den Haag

Datum 13 januari 2023

Geachte voorzitter,

Conform de **motie-Kuzu** (35 207, nr. 46) is deze lijn uitgedragen. Hiermee beschouwt het kabinet deze motie
als uitgevoerd.¹ Daarnaast zal het kabinet in lijn met motie Bos c.s. (36 200 X, nr. 25) onderzoeken welke

Onze Referentie

BZDOC-1257119648-63

nodig zijn, en de Kamer hierover in het eerste kwartaal van 2023 informeren.
Het ministerie van Defensie werkt mee.

¹ Hiermee voldoet het kabinet aan de toezegging (TZ202211-190).

Onze Referentie

BZDOC-1257119648-63

Hiermee worden de volgende moties afgedaan:

- Motie Kuzu (35207-46)
- Motie Bos c.s. (36200-X, nr. 25)
"""


def test_a_letter_with_everything() -> None:
    reading = read_paper(LETTER)
    assert (reading.paper, reading.date, reading.characters) == ("", datetime.date(2023, 1, 13), len(LETTER))
    first, second, *listed = reading.motions
    assert (first.target, first.relation, first.relation_quoted) == (
        "kst-35207-46",
        "carries_out",
        "als uitgevoerd",
    )
    assert (second.target, second.relation) == ("kst-36200-X-25", "carries_out")
    assert second.rule.endswith("-announced")
    assert all(each.in_list and each.relation == "settles" for each in listed)
    research, informing = reading.commitments
    # over the end of a page: its furniture lies between start and end
    assert "Onze Referentie" in LETTER[research.start : research.end]
    assert "Onze Referentie" not in research.text
    assert (informing.kind, informing.due_until) == ("commitment", datetime.date(2023, 3, 31))
    assert informing.motion == "kst-36200-X-25"
    (met,) = (each for each in reading.references if each.kind == "commitment")
    assert (met.relation, met.footnote) == ("meets", "1")
    assert reading.settled.listed == reading.settled.in_text == ("kst-35207-46", "kst-36200-X-25")
    assert [each.mark for each in reading.footnotes] == ["1"]
    assert any(each.body for each in reading.bodies)
    assert any(each.date == datetime.date(2023, 1, 13) for each in reading.dates)


def test_every_mention_stands_where_it_says() -> None:
    reading = read_paper(LETTER)
    places = [(each.start, each.end, each.quoted) for each in reading.references]
    places += [(each.start, each.end, each.quoted) for each in reading.motions]
    places += [(each.start, each.end, each.quoted) for each in reading.dates]
    places += [(each.start, each.end, each.quoted) for each in reading.bodies]
    for start, end, quoted in places:
        assert " ".join(LETTER[start:end].replace("*", " ").split()) == quoted
    for starts in (
        [each.start for each in reading.references],
        [each.start for each in reading.motions],
        [each.start for each in reading.commitments],
    ):
        assert starts == sorted(starts)


def test_what_the_caller_knows_comes_before_the_head() -> None:
    reading = read_paper(LETTER, paper="kst-35207-60", date=datetime.date(2022, 5, 11))
    assert (reading.paper, reading.date) == ("kst-35207-60", datetime.date(2022, 5, 11))


@pytest.mark.parametrize(
    ("head", "paper", "day"),
    [
        (
            "**35 207**\n\n**China**\n\n**Nr. 60**\n\nDen Haag, 11 mei 2022\n\nTekst",
            "kst-35207-60",
            "2022-05-11",
        ),
        (
            "36 200 X\nVaststelling\nNr. 25 HERDRUK\nVoorgesteld 17 november 2022",
            "kst-36200-X-25",
            "2022-11-17",
        ),
        ("21501-20\nRaad\nNr. 1847\n's-Gravenhage, 1 juni 2021", "kst-21501-20-1847", "2021-06-01"),
        ("kst-35207-60\nDatum\n\n8 december 2022", "kst-35207-60", "2022-12-08"),
        ("Ministerie\n2515 XP Den Haag\nNr. 12\nDatum 31 april 2023", "", None),
        ("Tekst over 35 207, nr. 60 van 11 mei 2022.", "", None),
        ("", "", None),
    ],
)
def test_heads(head: str, paper: str, day: str | None) -> None:
    found, date = read_head(head)
    assert (found, date and date.isoformat()) == (paper, day)


def test_the_head_ends_somewhere() -> None:
    assert read_head("x\n" * 5_000 + "35 207\nNr. 60\nDen Haag, 11 mei 2022") == ("", None)


def test_a_text_that_no_paper_can_be_is_refused() -> None:
    with pytest.raises(DataError, match="characters") as refused:
        read_paper("a" * (LARGEST_CHARACTERS + 1))
    assert refused.value.expected
    assert refused.value.next_step


def test_names_of_the_caller_reach_titles_too() -> None:
    title = "Uitvoering motie Aalberts-Bergsma (35 207, nr. 46)"
    assert read_title(title).motions[0].movers == ("Aalberts", "Bergsma")
    assert read_title(title, names=["Aalberts-Bergsma"]).motions[0].movers == ("Aalberts-Bergsma",)


@given(st.text(max_size=300))
def test_any_text_is_read_within_itself(text: str) -> None:
    reading = read_paper(text)
    assert reading.characters == len(text)
    spans = [(each.start, each.end) for each in reading.references]
    spans += [(each.start, each.end) for each in reading.motions]
    spans += [(each.start, each.end) for each in reading.commitments]
    assert all(0 <= start <= end <= len(text) for start, end in spans)
