from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomonitor.dossier.reading import page_furniture
from geomonitor.dossier.reading.page_repair import LARGEST_TEXT, repair
from geomonitor.errors import GeomonitorError

RUNNING_FOOT = "Tweede Kamer, vergaderjaar 2021–2022, 35 207, nr. 60"


def repaired(text: str) -> str:
    return repair(text).text


@pytest.mark.parametrize(
    ("furniture", "between"),
    [
        ("Onze Referentie\n\nBZDOC-1257119648-63", "\n\n"),
        ("Onze referentie\nBZDOC-1257119648-63", "\n\n"),
        ("Ons kenmerk: 2022-0000123456", "\n\n"),
        ("Kenmerk\nPDCIC-3494453", "\n"),
        ("Pagina 3 van 12", "\n\n"),
        ("Blad 3 van 12", "\n"),
        ("- 3 -", "\n\n"),
        (f"{RUNNING_FOOT} 1", "\n\n"),
        (f"{RUNNING_FOOT}     12", "\n"),
        ("kst-35207-60\nISSN 0921 - 7371\n’s-Gravenhage 2022", "\n"),
        (f"’s-Gravenhage 2022     {RUNNING_FOOT}   1", "\n"),
        ("---", "\n\n"),
        ("_____", "\n"),
        ("\f", "\n"),
        ("3\n\f", "\n"),
        ("\f\n3", "\n"),
        ("**Onze Referentie**\n\n**BZDOC-1257119648-63**", "\n\n"),
        ("Onze Referentie\r\n\r\nBZDOC-1257119648-63", "\r\n\r\n"),
    ],
)
def test_a_sentence_runs_on_over_the_furniture_of_a_page(furniture: str, between: str) -> None:
    text = f"Het kabinet zet in op samenwerking met{between}{furniture}{between}gelijkgezinde landen."

    assert repaired(text) == "Het kabinet zet in op samenwerking met gelijkgezinde landen."


def test_a_finished_sentence_stays_a_paragraph_of_its_own() -> None:
    text = "Dat is afgerond.\n\nOnze Referentie\n\nBZDOC-1257119648-63\n\nHet kabinet gaat door."

    assert repaired(text) == "Dat is afgerond.\n\nHet kabinet gaat door."


def test_a_heading_before_a_page_end_is_not_joined_to_what_follows() -> None:
    text = "Kennisveiligheid\n\nPagina 3 van 12\n\nHet kabinet gaat door."

    assert repaired(text) == "Kennisveiligheid\n\nHet kabinet gaat door."


def test_a_sentence_that_breaks_before_a_name_runs_on() -> None:
    text = "Zie de motie van de\n\nPagina 3\n\nTweede Kamer, en uit Kamerstuk\n\nPagina 4\n\n35 207, nr. 5."

    assert repaired(text) == "Zie de motie van de Tweede Kamer, en uit Kamerstuk 35 207, nr. 5."


def test_a_blank_line_alone_within_a_long_sentence_is_a_page_end() -> None:
    first = "De overheid zal de bevindingen uit het rapport inzetten bij bedrijven en"

    assert repaired(f"{first}\n\nkennisinstellingen.") == f"{first} kennisinstellingen."


@pytest.mark.parametrize(
    "item", ["- een punt", "a. een punt", "b) een punt", "1. een punt", "• een punt", "ii. punt"]
)
def test_a_list_is_not_a_broken_sentence(item: str) -> None:
    text = f"Het kabinet kijkt naar de volgende punten die van groot belang zijn voor\n\nPagina 2\n\n{item}"

    assert repaired(text).endswith(f"\n\n{item}")


def test_the_parts_of_a_motion_stay_apart() -> None:
    text = (
        "De Kamer,\n\ngehoord,\n\noverwegende dat er is;\n\nverzoekt de regering dat te doen,\n\n"
        "en gaat over tot de orde van de dag."
    )

    assert repaired(text) == text


def test_a_line_that_recurs_and_breaks_a_sentence_is_furniture() -> None:
    text = "\n\n".join(
        part
        for page in range(4)
        for part in (
            f"Hier staat zin {page} over de samenwerking met",
            "Nota Chinabeleid",
            f"andere landen in regio {page} van de wereld.",
        )
    )

    assert "Nota Chinabeleid" not in repaired(text)


def test_a_line_that_recurs_as_a_heading_is_kept() -> None:
    text = "\n\n".join(f"Vraag {place}\n\nKlopt dat?\n\nAntwoord\n\nJa." for place in range(1, 6))

    assert repaired(text) == text


def test_page_numbers_that_count_on_and_break_a_sentence_are_furniture() -> None:
    text = "".join(
        f"Dit is bladzijde {page} van een brief over\n\n{page}\n\nde handel met China.\n\n"
        for page in range(1, 5)
    )

    assert "\n\n2\n\n" not in repaired(text)
    assert "brief over de handel" in repaired(text)


def test_numbers_on_lines_of_their_own_are_kept_where_nothing_says_page() -> None:
    text = "Aantallen per jaar:\n\n12\n\n7\n\n31\n\nEinde."

    assert repaired(text) == text


def test_the_date_of_a_paper_is_kept_and_its_repetition_left_out() -> None:
    text = "Datum\n8 december 2022\n\nEen zin.\n\nDatum\n8 december 2022\n\nNog een zin."

    assert repaired(text) == "Datum\n8 december 2022\n\nEen zin.\n\nNog een zin."


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("over kennis-\nveiligheid.", "over kennisveiligheid."),
        ("over kennis-\nen technologie.", "over kennis-\nen technologie."),
        ("in EU-\nverband.", "in EU-verband."),
        ("de motie-\nKoopmans.", "de motie-\nKoopmans."),
        ("niet-\ngouvernementeel.", "niet-gouvernementeel."),
        ("een dual-use goed is dual-\nuse.", "een dual-use goed is dual-use."),
        ("van 2021-\n2022.", "van 2021-\n2022."),
        ("over kennis-\n\nPagina 3\n\nveiligheid.", "over kennisveiligheid."),
        ("over kennis\u00adveiligheid.", "over kennisveiligheid."),
        ("over kennis- en technologie.", "over kennis- en technologie."),
    ],
)
def test_a_broken_word_is_made_whole_with_care(broken: str, whole: str) -> None:
    assert repaired(broken) == whole


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("de **motie-De Roon** (35 207)", "de motie-De Roon (35 207)"),
        ("de *Global Gateway* en *Hybrid Toolbox*", "de Global Gateway en Hybrid Toolbox"),
        ("## **Conclusie**", "Conclusie"),
        ("het 20^e Congres", "het 20e Congres"),
        ("het 20<sup>e</sup> Congres", "het 20e Congres"),
        ("zie [de site](http://www.loket.nl).", "zie de site."),
        ("[Explained \\(europa.eu\\)](#)", "Explained (europa.eu)"),
        ("2 * 3 * 4 = 24", "2 * 3 * 4 = 24"),
        ("* een punt\n* nog een", "* een punt\n* nog een"),
        ("12 m² en 3 km³", "12 m² en 3 km³"),
        ("[geen link] (maar haakjes)", "[geen link] (maar haakjes)"),
        ("artikel [3] lid 2", "artikel [3] lid 2"),
    ],
)
def test_marks_of_emphasis_and_links_are_read_through(marked: str, plain: str) -> None:
    assert repaired(marked) == plain


def test_the_address_of_a_link_is_kept_with_its_place() -> None:
    text = "zie [de brief](https://zoek.nl/kst-35207-51.html) nu"

    (link,) = repair(text).links

    assert text[link.given_at :].startswith("https://")
    assert repair(text).text[link.start : link.end] == "de brief"


@pytest.mark.parametrize("mark", ["¹²", "<sup>12</sup>", "[^12]", "[12]"])
def test_a_footnote_is_taken_out_and_knows_where_it_is_called(mark: str) -> None:
    text = f"Dat meldt de brief{mark} over China, en dat werd\n\n{mark} Kamerstuk 35 207, nr. 1\n\nbevestigd."

    result = repair(text)

    assert result.text == "Dat meldt de brief over China, en dat werd bevestigd."
    (footnote,) = result.footnotes
    assert (footnote.mark, footnote.body.text) == ("12", "Kamerstuk 35 207, nr. 1")
    assert footnote.called_at == len("Dat meldt de brief")
    assert footnote.called_at_given is not None
    assert text[footnote.called_at_given :].startswith(mark)
    assert text[footnote.start : footnote.end].startswith(mark)
    assert [call.mark for call in result.calls] == ["12"]


def test_a_footnote_of_several_lines_and_addresses_is_one() -> None:
    text = "Zin één.¹\n\n¹ Beeld\nActoren 2,\n\n<https://www.aivd.nl/a>\n\n<https://mivd.nl/b>\n\nZin twee."

    (footnote,) = repair(text).footnotes

    assert footnote.body.text == "Beeld Actoren 2, <https://www.aivd.nl/a> <https://mivd.nl/b>"
    assert repaired(text) == "Zin één.\n\nZin twee."


def test_an_address_that_breaks_a_sentence_is_a_footnote_without_a_mark() -> None:
    text = "China suggereert zelfs dat\n\n<https://www.aivd.nl/jaarverslag>\n\nde VS schuld heeft."

    result = repair(text)

    assert result.text == "China suggereert zelfs dat de VS schuld heeft."
    assert [footnote.mark for footnote in result.footnotes] == [""]


def test_an_address_on_a_line_of_its_own_elsewhere_is_text() -> None:
    text = "Zie ook:\n\nhttps://www.loket.nl/kennis\n\nDat is alles."

    assert repaired(text) == text


def test_footnotes_that_begin_anew_on_each_page_find_their_own_call() -> None:
    text = "Eerste.¹\n\n¹ Een\n\nTweede.¹\n\n¹ Twee"

    first, second = repair(text).footnotes

    assert first.called_at != second.called_at


def test_plain_digits_are_footnotes_where_call_and_text_are_both_found() -> None:
    text = (
        "Over de kennisveiligheid.1 De motie wordt uitgevoerd,2 en wel met de\n\n"
        "1 Kamerstuk 31 288, nr. 948.\n2 Kamerstuk 35 207, nr. 7\n\n"
        f"{RUNNING_FOOT} 1\npartners."
    )

    result = repair(text)

    assert result.text == "Over de kennisveiligheid. De motie wordt uitgevoerd, en wel met de partners."
    assert [(each.mark, each.body.text) for each in result.footnotes] == [
        ("1", "Kamerstuk 31 288, nr. 948."),
        ("2", "Kamerstuk 35 207, nr. 7"),
    ]


def test_a_numbered_list_is_no_footnote() -> None:
    text = "De punten zijn:\n\n1 Handel met China\n2 Kennis over China\n3 Veiligheid\n"

    assert repaired(text) == text


# properties -------------------------------------------------------------------------------------------------

WORDS = st.lists(
    st.sampled_from(
        [
            "de",
            "het",
            "kabinet",
            "motie",
            "China",
            "handel",
            "35",
            "207",
            "nr.",
            "60",
            "veilig-",
            "en",
            "(geo)politiek",
            "2023",
            "22,4%",
        ]
    ),
    min_size=3,
    max_size=12,
)
PLAIN_TEXTS = st.lists(
    WORDS.map(lambda words: "Zo " + " ".join(words) + " is het."), min_size=1, max_size=6
).flatmap(
    lambda sentences: st.sampled_from(["\n\n", "\n", "\r\n\r\n", " "]).map(
        lambda between: between.join(sentences)
    )
)
MARKED_TEXTS = st.lists(
    st.sampled_from(
        [
            "een zin over China en",
            "Dat is zo.",
            "handel.¹",
            "¹ Een noot",
            "**vet** en *schuin*",
            "Onze Referentie",
            "BZDOC-12-3",
            "kennis-",
            "veiligheid",
            "\f",
            "3",
            "---",
            "[a](b)",
            "<sup>1</sup> Noot",
            f"{RUNNING_FOOT} 1",
            "",
            "# Kop",
            "20^e",
        ]
    ),
    max_size=25,
).flatmap(lambda parts: st.sampled_from(["\n", "\n\n", "\r\n"]).map(lambda between: between.join(parts)))


@given(PLAIN_TEXTS)
def test_a_text_without_furniture_comes_back_as_it_is(text: str) -> None:
    result = repair(text)

    assert result.text == text
    assert [result.origin(position) for position in range(len(text))] == list(range(len(text)))
    assert result.footnotes == ()


@given(st.one_of(MARKED_TEXTS, st.text(max_size=200)))
def test_every_character_knows_its_place_in_the_given_text(text: str) -> None:
    result = repair(text)

    for made in (result, *(footnote.body for footnote in result.footnotes)):
        places = [made.origin(position) for position in range(len(made.text))]
        assert places == sorted(set(places))
        for character, place in zip(made.text, places, strict=True):
            assert text[place] == character or character in " \n"


@given(MARKED_TEXTS)
def test_a_running_foot_never_stays(text: str) -> None:
    assert RUNNING_FOOT not in repaired(text)


def test_a_text_longer_than_any_paper_is_refused() -> None:
    with pytest.raises(GeomonitorError, match="more than any paper"):
        repair(" " * (LARGEST_TEXT + 1))


def test_a_text_of_more_lines_than_any_paper_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_furniture, "MOST_LINES", 1_000)
    with pytest.raises(GeomonitorError, match="lines"):
        repair("a\n" * 1_002)


@pytest.mark.parametrize(
    "piece",
    [
        "*",
        "*a",
        "[",
        "[a](",
        "<sup>",
        "¹",
        "a¹",
        "-",
        "woord-\nwoord\n",
        "1 A\n",
        "#",
        "Antwoord\n\nja dat\n\nis\n\n",
    ],
)
def test_a_text_made_to_be_slow_ends(piece: str) -> None:
    text = piece * (60_000 // len(piece))

    assert len(repair(text).text) <= len(text)
