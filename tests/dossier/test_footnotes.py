from __future__ import annotations

import datetime

import pytest

from geomonitor.dossier.reading.footnotes import footnotes_in
from geomonitor.dossier.reading.letter_head import head_of
from geomonitor.dossier.reading.page_repair import repair


def test_footnotes_stand_in_the_given_text() -> None:
    text = "Een brief¹ en een nota.²\n\n¹ Kamerstuk 35 207, nr. 1\n\n² Zie ook\nde site"

    first, second = footnotes_in(repair(text))

    assert (first.mark, first.text) == ("1", "Kamerstuk 35 207, nr. 1")
    assert text[first.start : first.end] == "¹ Kamerstuk 35 207, nr. 1"
    assert first.called_at == text.index("¹")
    assert (second.mark, second.text) == ("2", "Zie ook de site")
    assert text[second.start : second.end] == "² Zie ook\nde site"


def test_a_footnote_that_nothing_calls_says_so() -> None:
    (footnote,) = footnotes_in(repair("Een zin.\n\n³ Een noot"))

    assert footnote.called_at is None


def test_a_call_without_a_footnote_is_left_out_of_the_text() -> None:
    repaired = repair("publieke gezondheid,³ waar")

    assert footnotes_in(repaired) == ()
    assert repaired.text == "publieke gezondheid, waar"


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("BRIEF VAN DE MINISTER VAN BUITENLANDSE ZAKEN", "Brief regering"),
        ("## **BRIEF VAN DE STAATSSECRETARIS VAN DEFENSIE**", "Brief regering"),
        ("MOTIE VAN HET LID KOOPMANS", "Motie"),
        ("GEWIJZIGDE MOTIE VAN HET LID KOOPMANS", "Gewijzigde motie"),
        ("NADER GEWIJZIGDE MOTIE VAN HET LID KOOPMANS", "Gewijzigde motie"),
        ("AMENDEMENT VAN HET LID KOOPMANS", "Amendement"),
        ("VERSLAG VAN EEN SCHRIFTELIJK OVERLEG", "Verslag"),
        ("LIJST VAN VRAGEN EN ANTWOORDEN", "Lijst van vragen"),
        ("Brief van de minister", ""),
    ],
)
def test_the_head_of_a_paper_says_what_it_is(heading: str, kind: str) -> None:
    head = head_of(f"**35 207**\n\n**China**\n\n**Nr. 60**\n\n{heading}\n\nDen Haag, 11 mei 2022\n\nTekst.")

    assert (head.paper, head.dossier, head.kind) == ("kst-35207-60", "35207", kind)
    assert head.date == datetime.date(2022, 5, 11)


def test_a_letter_on_a_ministrys_paper_has_addressee_and_date() -> None:
    head = head_of(
        "Ministerie van Buitenlandse Zaken\n\nAan de Voorzitter van de\nTweede Kamer der Staten-Generaal\n\n"
        "Datum 13 januari 2023\n\nGeachte voorzitter,\n\nTekst."
    )

    assert head.paper == ""
    assert head.kind == "Brief regering"
    assert head.addressee == "Voorzitter van de Tweede Kamer der Staten-Generaal"
    assert head.date == datetime.date(2023, 1, 13)


def test_a_text_without_a_head_says_nothing_of_itself() -> None:
    head = head_of("Zomaar een tekst over de handel.")

    assert (head.paper, head.date, head.kind, head.dossier, head.addressee) == ("", None, "", "", "")
