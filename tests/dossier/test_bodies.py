from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomonitor.dossier.reading.bodies import bodies_in, body_names
from geomonitor.dossier.reading.page_repair import repair


def bodies(text: str) -> list[tuple[str, str]]:
    return [(mention.body, mention.quoted) for mention in bodies_in(repair(text))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("het Ministerie van Buitenlandse Zaken", [("BZ", "Buitenlandse Zaken")]),
        ("de minister van Economische Zaken en Klimaat", [("EZK", "Economische Zaken en Klimaat")]),
        ("de minister van Economische Zaken", [("EZ", "Economische Zaken")]),
        ("Onderwijs, Cultuur en Wetenschap", [("OCW", "Onderwijs, Cultuur en Wetenschap")]),
        ("de minister van OCW zal", [("OCW", "OCW")]),
        ("het ministerie van Defensie", [("Defensie", "Defensie")]),
        ("de staatssecretaris van Financiën", [("Financiën", "Financiën")]),
        ("Instituut Clingendael meldt", [("Clingendael", "Instituut Clingendael")]),
        (
            "het Centraal Planbureau (CPB) en CBS",
            [("CPB", "Centraal Planbureau"), ("CPB", "CPB"), ("CBS", "CBS")],
        ),
        ("de AIVD rapporteert", [("AIVD", "AIVD")]),
        ("Rijksdienst voor ondernemend Nederland", [("RVO", "Rijksdienst voor ondernemend Nederland")]),
        ("de Europese Commissie", [("Europese Commissie", "Europese Commissie")]),
        ("de Wereldhandelsorganisatie (WTO)", [("WTO", "Wereldhandelsorganisatie"), ("WTO", "WTO")]),
        ("NAVO / OVSE", [("NAVO", "NAVO"), ("OVSE", "OVSE")]),
        ("de VN-Veiligheidsraad", [("VN-Veiligheidsraad", "VN-Veiligheidsraad")]),
        ("het OHCHR-rapport", [("OHCHR", "OHCHR")]),
        ("Ministerie van Buitenlandse\nZaken", [("BZ", "Buitenlandse Zaken")]),
        ("de **Raad van State**", [("Raad van State", "Raad van State")]),
    ],
)
def test_a_body_has_its_usual_short_name(text: str, found: list[tuple[str, str]]) -> None:
    assert bodies(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "de defensie van het land",
        "Defensie-uitgaven stijgen",
        "financiën op orde",
        "eu en navo",
        "economische zaken doen",
        "de Wereld. Bank en geld",
        "tnof",
        "gebuitenlandse zaken",
    ],
)
def test_words_that_are_no_body_are_left(text: str) -> None:
    assert bodies(text) == []


def test_the_list_has_the_bodies_that_letters_name() -> None:
    names = body_names()

    assert len(names) >= 120
    assert {"BZ", "EZK", "OCW", "CPB", "CBS", "AIVD", "RVO", "TNO", "WTO", "OHCHR", "ILO", "NAVO"} <= set(
        names
    )


@given(
    st.lists(st.sampled_from([*body_names(), "de", "van", "en", "Zaken", "Economische", "."]), max_size=20)
)
def test_mentions_stand_where_their_words_stand(words: list[str]) -> None:
    text = " ".join(words)

    last = 0
    for mention in bodies_in(repair(text)):
        assert mention.start >= last
        assert text[mention.start : mention.end] == mention.quoted
        last = mention.end
