"""Words and their stems, queries, and the parts of a text that answer them."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.dossier import search_snippets, search_words
from geomonitor.dossier.search_query import (
    LONGEST_QUERY,
    MOST_ITEMS,
    Item,
    ItemKind,
    mark_of,
    parse_query,
)
from geomonitor.dossier.search_snippets import Wanted, mark_title, snippet
from geomonitor.dossier.search_words import positions, stem_of, stems_of, text_stems


@pytest.mark.parametrize(
    "words",
    [
        "afhankelijkheid afhankelijkheden afhankelijk afhankelijke",
        "motie moties MOTIE", "brief brieven", "bedrijf bedrijven", "huis huizen", "grens grenzen",
        "grondstof grondstoffen", "strategie strategieën strategieen", "idee ideeën",
        "toezegging toezeggingen", "investering investeringen investeren", "zaak zaken",
        "investeringstoets investeringstoetsen", "advies adviezen", "commissie commissies", "prijs prijzen",
        "verlies verliezen", "mens mensen", "stad steden", "foto foto's foto’s", "Coördinatie coordinatie",
        "financiën financien ﬁnanciën", "afhanke\u00adlijk afhankelijk", "cafe\u0301 café", "chip chips",
        "overheid overheden",
    ],
)  # fmt: skip
def test_inflections_have_one_stem(words: str) -> None:
    assert len(set(stems_of(words))) == 1


@pytest.mark.parametrize(
    "words",
    [
        # pairs that a harsher algorithm makes one
        "geweld wel", "gezondheid zon", "beleid begeleiding", "gebied bieden", "gemeente mening",
        "veilig veiling", "minister mini", "wet weten", "met meten", "zo'n zon", "eenheid een",
        "nieuws nieuw", "2022 2023", "kan kans", "overig over", "overheid over",
    ],
)  # fmt: skip
def test_words_with_another_meaning_keep_another_stem(words: str) -> None:
    first, second = stems_of(words)
    assert first != second


def test_no_word_is_left_out_and_numbers_stay() -> None:
    assert stems_of("De 2e brief van 13 januari 2023, € 1.500") == [
        "de", "2e", "brief", "van", "13", "januari", "2023", "1", "500",
    ]  # fmt: skip


def test_hyphenated_words_are_there_in_parts_and_in_one_piece() -> None:
    assert text_stems("anti-dwang EU-China COVID-19 2021-2022 state-of-the-art").stems == (
        "anti dwang eu china covid 19 2021 2022 stat of the art · antidwang euchina covid19 stateoftheart"
    )


@given(st.text(max_size=200))
def test_stems_need_no_escaping(text: str) -> None:
    for stem in stems_of(text):
        assert stem
        assert all(sign.isalnum() or sign == "_" for sign in stem)
        assert stem == stem.lower() or not stem.isascii()
        assert len(stem) <= 200


@given(st.text(alphabet="aé- ’'\u0301\u00ad\nZ9ß_", max_size=60))
def test_positions_are_those_of_the_stems(text: str) -> None:
    found = positions(text)
    assert [stem for _, _, stem in found] == stems_of(text)
    assert all(stem_of(text[start:end]) == stem for start, end, stem in found)


def test_a_part_of_a_text_has_the_positions_of_the_whole() -> None:
    text = "Een brief, twee brieven"
    assert positions(text, 11) == [(11, 15, "twee"), (16, 23, "brief")]


def test_threads_have_stemmers_of_their_own() -> None:
    words = [f"{'ab' * (number % 7)}stellingen{'x' * (number % 5)}" for number in range(3_000)]
    search_words._known.clear()
    expected = [search_words._stem(word) for word in words]
    found: list[list[str]] = []

    def stem() -> None:
        found.append([search_words._stem(word) for word in words])

    threads = [threading.Thread(target=stem) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == [expected] * 4


def test_the_stems_that_are_kept_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_words, "_KEPT_STEMS", 50)
    known = search_words._Stems()
    for number in range(500):
        assert known[f"brieven{number}x"]
    known["z" * 1_000]
    assert len(known) <= 50


def test_a_text_is_cut_at_its_bounds() -> None:
    long = text_stems("woord " * (search_words.MOST_WORDS + 5), "meer woorden")
    assert (long.words, long.cut) == (search_words.MOST_WORDS, True)
    exact = text_stems("woord " * search_words.MOST_WORDS)
    assert (exact.words, exact.cut) == (search_words.MOST_WORDS, False)
    different = text_stems(" ".join(f"{number:x}" + "q" * 40 for number in range(60_000)))
    assert different.cut
    assert len(" ".join(set(different.stems.split()))) < 900_000


# --- queries ------------------------------------------------------------------------------------------


def items(query: str) -> list[list[tuple[str, tuple[str, ...], bool, bool]]]:
    return [
        [(item.kind.value, item.stems, item.title, item.negative) for item in group]
        for group in parse_query(query).groups
    ]


def word(*stems: str, title: bool = False, negative: bool = False) -> tuple[str, tuple[str, ...], bool, bool]:
    return ("words", stems, title, negative)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("brieven chips", [[word("brief")], [word("chip")]]),
        ('"open brieven"', [[word("open", "brief")]]),
        ("“open", [[word("open")]]),
        ('"open brieven', [[word("open", "brief")]]),
        ("china OR rusland OF iran x", [[word("china"), word("rusland"), word("iran")], [word("x")]]),
        ("OR china OR", [[word("or")], [word("china")]]),
        ("china or rusland", [[word("china")], [word("or")], [word("rusland")]]),
        ("-chips --chips - x", [[word("chip", negative=True)], [word("chip", negative=True)], [word("x")]]),
        ('-"open brief"', [[word("open", "brief", negative=True)]]),
        ("title:chips", [[word("chip", title=True)]]),
        ('titel:"open brief"', [[word("open", "brief", title=True)]]),
        ("title:", [[word(stem_of("title"))]]),
        ("punt:chips", [[word("punt", "chip")]]),
        ("http://a.b/c?d=e", [[word("http", "a", "b", "c", "d", "e")]]),
        ("foto's", [[word("foto")]]),
        ("chip*", [[("prefix", ("chip",), False, False)]]),
        ("Coörd*", [[("prefix", ("coord",), False, False)]]),
        ("titel:in*", [[("prefix", ("in",), True, False)]]),
        ("c*", [[word("c")]]),
        ("*", []),
        ("**x**", [[word("x")]]),
        ("a*b", [[word("a", "b")]]),
        ("kind:Motie", [[("mark", (":kind:motie",), False, False)]]),
        ('soort:"Brief regering"', [[("mark", (":kind:brief_regering",), False, False)]]),
        ('-dossier:"36 200 X"', [[("mark", (":dossier:36200_x",), False, True)]]),
        ("dossier:36200*", [[("mark_prefix", (":dossier:36200",), False, False)]]),
        ("NEAR(a b) {x} ^y", [[word("near", "a")], [word("b")], [word("x")], [word("y")]]),
        ("", []),
    ],
)  # fmt: skip
def test_queries(query: str, expected: object) -> None:
    assert items(query) == expected


def test_a_hyphenated_word_is_asked_for_in_parts_or_in_one_piece() -> None:
    ((item,),) = parse_query("anti-dwang").groups
    assert item.kind is ItemKind.ANY
    assert {each.stems for each in item.any_of} == {("anti", "dwang"), ("antidwang",)}
    # years are no word in one piece
    assert items("2021-2022") == [[word("2021", "2022")]]


@pytest.mark.parametrize(
    ("query", "normal"),
    [("35207-60", "kst-35207-60"), ("36 200 X, nr. 25", "kst-36200-X-25"), ("2022z24775", "2022Z24775")],
)
def test_an_identifier(query: str, normal: str) -> None:
    read = parse_query(query)
    assert read.identifier is not None
    assert read.identifier[1] == normal
    # and within other words
    assert items(f"gallium {normal}")[1][0][0] == "any"
    assert parse_query(f"gallium {normal}").identifier is None


def test_what_is_left_out_is_told() -> None:
    assert [note.key for note in parse_query("woord " * (MOST_ITEMS + 1)).notes] == ["query_cut"]
    assert [note.key for note in parse_query("x" * (LONGEST_QUERY + 1)).notes] == ["query_cut"]
    assert [note.value for note in parse_query("a* b* a*").notes] == ["a*", "b*"]
    assert parse_query("?!").wordless
    assert not parse_query("  ").wordless


@settings(max_examples=300)
@given(st.text(max_size=600) | st.text(alphabet='ab"-:* ORtile\x00\ud800', max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    read = parse_query(text)
    for group in read.groups:
        assert group
        for item in group:
            for each in item.any_of or (item,):
                assert each.stems
                assert all(stem and not set(stem) & set("\"'\\ ()*\x00") for stem in each.stems)
                "".join(each.stems).encode()


@given(st.text(max_size=40))
def test_marks_are_plain(text: str) -> None:
    assert set(mark_of("kind", text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789_:")


# --- marked texts -------------------------------------------------------------------------------------


def wanted(query: str) -> Wanted:
    read = parse_query(query)
    return Wanted(read.positive(), enough=read.wanted_groups)


def marked(text: str, query: str, length: int = 80) -> list[str]:
    found = snippet(text, wanted(query), length)
    return [part for part, is_marked in found.parts() if is_marked]


def test_inflections_phrases_and_beginnings_are_marked() -> None:
    text = "De open brieven over grondstoffenstrategieën: een open brief, geen Brief."
    assert marked(text, "brief", 200) == ["brieven", "brief", "Brief"]
    assert marked(text, '"open brief"', 200) == ["open brieven", "open brief"]
    assert marked(text, "grondst*", 200) == ["grondstoffenstrategieën"]
    assert marked(text, "-brief open", 200) == ["open", "open"]
    assert mark_title(text, wanted("dossier:35207")).marks == ()


def test_the_part_with_most_words_is_shown() -> None:
    text = "chips. " + "Niets. " * 500 + "Chips uit China, chips. " + "Niets. " * 500
    assert marked(text, "china chips") == ["Chips", "China", "chips"]
    found = snippet(text, wanted("china chips"), 80)
    assert found.text.startswith("…")
    assert found.text.endswith("…")
    assert len(found.text) <= 90


def test_a_text_without_the_words_gives_its_beginning() -> None:
    found = snippet("Geachte voorzitter,\n\nhierbij de brief. " * 50, wanted("gallium"), 60)
    assert found.text.startswith("Geachte voorzitter,  hierbij")
    assert found.marks == ()
    assert snippet("", wanted("gallium")).text == ""


def test_far_into_a_long_text(monkeypatch: pytest.MonkeyPatch) -> None:
    read = [0]
    plain = positions

    def counted(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int, str]]:
        read[0] += (len(text) if end is None else end) - start
        return plain(text, start, end)

    monkeypatch.setattr(search_snippets, "positions", counted)
    text = "Een zin zonder veel. " * 250_000 + "Gallium komt uit China. " + "Nog een zin. " * 10_000
    assert len(text) > 5_000_000
    assert marked(text, "gallium china") == ["Gallium", "China"]
    assert read[0] < 100_000
    # words that begin like the one that is wanted, everywhere
    read[0] = 0
    snippet("Gallisch. " * 500_000, wanted("gallium"))
    assert read[0] < 1_500_000


@given(st.text(alphabet="ab \n.é\u0301x", max_size=300), st.integers(1, 60))
def test_marks_lie_within_the_text_in_order(text: str, length: int) -> None:
    found = snippet(text, wanted("a OR b OR aab"), length)
    at = 0
    for start, end in found.marks:
        assert at <= start < end <= len(found.text)
        assert stem_of(found.text[start:end]) in {"a", "b", "aab"}
        at = end
    assert "".join(part for part, _ in found.parts()) == found.text


def test_html_is_text() -> None:
    found = mark_title("<script>alert(1)</script> chips", wanted("script"))
    assert found.parts()[:3] == (("<", False), ("script", True), (">alert(1)</", False))


def test_words_of_a_beginning_whose_stem_begins_otherwise_are_marked() -> None:
    found = mark_title("Afhankelijkheden", Wanted([Item(ItemKind.PREFIX, ("afhankelijkhe",))], ["afhank"]))
    assert found.marks == ((0, 16),)
