"""Searching: what is found, how it is counted, ordered and shown. On either database the same."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.search_papers import answers, keep, made
from geomonitor.archive import search as search_module
from geomonitor.archive.models import Paper, SearchEntry, StemOfWord
from geomonitor.archive.search import Facet, Order, SearchAnswer, SearchRequest, forget_papers, search
from geomonitor.dossier.search_query import parse_query

pytestmark = pytest.mark.django_db

DAY = datetime.date


@pytest.fixture
def papers(db: None) -> list[Paper]:
    return keep(
        made("kst-35207-60", "Brief over strategische afhankelijkheden", "Wij zijn afhankelijk van chips.",
             dossier="35207", number="60", kind="Brief regering", date=DAY(2023, 1, 13)),
        made("kst-35207-61", "Motie van het lid X over grondstoffen",
             "De Kamer,\n\nverzoekt de regering, open strategische autonomie te bevorderen.",
             dossier="35207", number="61", kind="Motie", date=DAY(2023, 2, 1)),
        made("kst-36200-X-25", "Begroting van Defensie",
             "Het anti-dwanginstrument en EU-China-beleid, coördinatie.",
             dossier="36200-X", number="25", kind="Motie", date=DAY(2022, 10, 5)),
        made("2022Z24775", "Kabinetsreactie <b>grondstof</b> & co", family="matter", kind="Brief regering",
             date=DAY(2022, 12, 1), same_as="kst-35207-60"),
        made("2021D12345", "Autonomie, open en strategisch", family="document", kind="Position paper",
             date=None),
    )  # fmt: skip


def found(query: str = "", **about: object) -> list[str]:
    return [hit.paper for hit in search(SearchRequest(query=query, **about)).hits]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("afhankelijkheid", ["kst-35207-60"]),
        ("GRONDSTOFFEN", ["kst-35207-61", "2022Z24775"]),
        ("strategisch", ["kst-35207-61", "kst-35207-60", "2021D12345"]),
        ("open strategische autonomie", ["kst-35207-61", "2021D12345"]),
        ('"open strategische autonomie"', ["kst-35207-61"]),
        ('"autonomie open"', ["2021D12345"]),
        # no phrase from the title on into the text
        ('"afhankelijkheden wij"', []),
        ("coordinatie", ["kst-36200-X-25"]),
        ("coördinatie", ["kst-36200-X-25"]),
        ("anti-dwanginstrument", ["kst-36200-X-25"]),
        ("antidwanginstrument", ["kst-36200-X-25"]),
        ("eu-china", ["kst-36200-X-25"]),
        ("china", ["kst-36200-X-25"]),
        ("chips OR defensie", ["kst-35207-60", "kst-36200-X-25"]),
        ("chips OF defensie", ["kst-35207-60", "kst-36200-X-25"]),
        ("strategisch -chips", ["kst-35207-61", "2021D12345"]),
        ("-strategisch", ["2022Z24775", "kst-36200-X-25"]),
        ('strategisch -"open strategische"', ["kst-35207-60", "2021D12345"]),
        ("grondst*", ["kst-35207-61", "2022Z24775"]),
        ("afhankelijkhe*", ["kst-35207-60"]),
        ("all*", []),
        ("kin*", []),
        ("title:autonomie", ["2021D12345"]),
        ("titel:strat*", ["kst-35207-60", "2021D12345"]),
        ('title:"strategische afhankelijkheid"', ["kst-35207-60"]),
        ("-title:autonomie autonomie", ["kst-35207-61"]),
        ("dossier:35207", ["kst-35207-61", "kst-35207-60"]),
        ('dossier:"36 200 X"', ["kst-36200-X-25"]),
        ("dossier:36200", []),
        ("dossier:36200*", ["kst-36200-X-25"]),
        ("kind:motie", ["kst-35207-61", "kst-36200-X-25"]),
        ('soort:"brief regering"', ["kst-35207-60", "2022Z24775"]),
        ("family:matter", ["2022Z24775"]),
        # words that would be stop words elsewhere
        ("van het lid", ["kst-35207-61"]),
        ("b", ["2022Z24775"]),
        ("", ["kst-35207-61", "kst-35207-60", "2022Z24775", "kst-36200-X-25", "2021D12345"]),
        ("zzz", []),
    ],
)  # fmt: skip
def test_what_is_found(papers: list[Paper], query: str, expected: list[str]) -> None:
    assert found(query) == expected


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({"dossier": "35207"}, ["kst-35207-61", "kst-35207-60"]),
        ({"dossier": "36 200 X"}, ["kst-36200-X-25"]),
        ({"kind": "motie", "query": "de"}, ["kst-35207-61"]),
        ({"family": "document"}, ["2021D12345"]),
        ({"since": DAY(2023, 1, 13)}, ["kst-35207-61", "kst-35207-60"]),
        ({"until": DAY(2022, 12, 1)}, ["2022Z24775", "kst-36200-X-25"]),
        ({"since": DAY(2022, 12, 1), "until": DAY(2023, 1, 13)}, ["kst-35207-60", "2022Z24775"]),
        ({"until": DAY.max}, ["kst-35207-61", "kst-35207-60", "2022Z24775", "kst-36200-X-25"]),
        ({"since": DAY(2023, 1, 1), "until": DAY(2022, 1, 1)}, []),
        ({"dossier": "%' OR 1=1 --"}, []),
    ],
)
def test_filters(papers: list[Paper], about: dict[str, object], expected: list[str]) -> None:
    assert found(**about) == expected


@pytest.mark.parametrize(
    "query", ["kst-35207-60", "35207-60", "35 207, nr. 60", "Kamerstuk 35 207, nr. 60", "KST-35207-60"]
)
def test_an_identifier_in_any_form_is_shown_first(papers: list[Paper], query: str) -> None:
    keep(made("kst-35207-70", "Verzamelbrief", "Zie Kamerstuk 35 207, nr. 60.", date=DAY(2024, 1, 1)))
    answer = search(SearchRequest(query=query))
    assert [hit.paper for hit in answer.hits] == ["kst-35207-60", "kst-35207-70", "2022Z24775"]
    assert [hit.identified for hit in answer.hits] == [True, False, False]
    assert answer.identifier == ("paper", "kst-35207-60")
    assert found("title:strategische 35207-60") == ["kst-35207-60"]


def test_an_identifier_of_parliament(papers: list[Paper]) -> None:
    assert found("2022z24775") == ["2022Z24775"]
    answer = search(SearchRequest(query="2022Z99999"))
    assert answer.hits == ()
    assert [(note.key, note.value) for note in answer.notes] == [("identifier_not_here", "2022Z99999")]
    assert found("35 207") == ["kst-35207-61", "kst-35207-60"]


def test_marks_are_on_inflected_words_and_html_is_text(papers: list[Paper]) -> None:
    (hit,) = search(SearchRequest(query="grondstoffen -motie")).hits
    assert hit.title.text == "Kabinetsreactie <b>grondstof</b> & co"
    assert hit.title.parts()[1] == ("grondstof", True)
    assert hit.snippet is None
    (hit,) = search(SearchRequest(query="afhankelijkheid")).hits
    assert [text for text, marked in hit.title.parts() if marked] == ["afhankelijkheden"]
    assert hit.snippet is not None
    assert [text for text, marked in hit.snippet.parts() if marked] == ["afhankelijk"]
    (hit,) = search(SearchRequest(query="afhankelijkhe*")).hits
    assert [text for text, marked in hit.title.parts() if marked] == ["afhankelijkheden"]


def test_facets(papers: list[Paper]) -> None:
    answer = search(SearchRequest())
    assert answer.total == 5
    assert answer.total_is_exact
    assert answer.facets_are_exact
    assert answer.facets["dossier"] == (Facet("35207", 2), Facet("36200-X", 1))
    assert answer.facets["kind"] == (
        Facet("Brief regering", 2),
        Facet("Motie", 2),
        Facet("Position paper", 1),
    )
    assert answer.facets["year"] == (Facet("2023", 2), Facet("2022", 2))
    assert answer.facets["family"][0] == Facet("paper", 3)


def test_counts_beyond_the_bounds(papers: list[Paper], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "MOST_FACETED", 2)
    monkeypatch.setattr(search_module, "MOST_COUNTED", 4)
    answer = search(SearchRequest(page_size=1, page=9))
    assert (answer.total, answer.total_is_exact, answer.facets_are_exact) == (4, False, False)
    assert {note.key: note.value for note in answer.notes} == {"facets_of_newest": "2", "total_at_least": "4"}
    # pages go as far as the hits that were counted
    assert (answer.page, answer.pages, answer.hits[0].paper) == (2, 2, "kst-35207-60")
    answer = search(SearchRequest(query="strategisch"))
    assert (answer.total, answer.total_is_exact, answer.facets_are_exact) == (3, True, False)


def test_pages(papers: list[Paper]) -> None:
    pages = [search(SearchRequest(page_size=2, page=page)) for page in (1, 2, 3)]
    assert [hit.paper for page in pages for hit in page.hits] == found()
    assert {page.pages for page in pages} == {3}
    assert search(SearchRequest(page=-1, page_size=0)).page == 1


def test_relevance(papers: list[Paper], monkeypatch: pytest.MonkeyPatch) -> None:
    by_date = search(SearchRequest(query="strategisch autonomie OR afhankelijk"))
    assert [hit.paper for hit in by_date.hits] == ["kst-35207-61", "kst-35207-60", "2021D12345"]
    assert {hit.score for hit in by_date.hits} == {None}
    answer = search(SearchRequest(query="strategisch autonomie OR afhankelijk", order="relevance"))
    # short titles with the words in them before a word in a text
    assert answer.order is Order.RELEVANCE
    assert [hit.paper for hit in answer.hits] == ["kst-35207-60", "2021D12345", "kst-35207-61"]
    scores = [hit.score for hit in answer.hits]
    assert all(score is not None and score > 0 for score in scores)
    assert scores == sorted(scores, reverse=True)  # type: ignore[type-var]
    monkeypatch.setattr("geomonitor.archive.search_rank.MOST_RANKED", 2)
    answer = search(SearchRequest(query="strategisch", order=Order.RELEVANCE))
    assert [(note.key, note.value) for note in answer.notes] == [("ranked_newest", "2")]
    assert answer.hits[2].paper == "2021D12345"
    assert answer.hits[2].score is None


def test_a_rare_word_weighs_more_than_a_common_one(db: None) -> None:
    keep(*(made(f"kst-30000-{number}", "Brief over invoer") for number in range(1, 20)))
    keep(made("kst-30000-20", "Brief", "brief brief gallium"), made("kst-30000-21", "Gallium", "brief"))
    answer = search(SearchRequest(query="brief gallium", order="relevance"))
    assert [hit.paper for hit in answer.hits] == ["kst-30000-21", "kst-30000-20"]


@pytest.mark.parametrize(
    ("query", "notes"),
    [
        ("!!! --", ["no_words"]),
        ("a*", ["prefix_too_short"]),
        ("woord " * 100, ["query_cut", "query_cut"]),
        ("dossier:allemaal", ["dossier_unknown_form"]),
        ("strategisch", []),
    ],
)
def test_notes(papers: list[Paper], query: str, notes: list[str]) -> None:
    assert [note.key for note in search(SearchRequest(query=query)).notes] == notes


def test_an_index_that_was_never_made_is_told(db: None) -> None:
    paper = made("kst-35207-60", "Brief")
    paper.search_row = 1
    paper.save()
    assert [note.key for note in search(SearchRequest(query="brief")).notes] == ["index_empty"]


def test_papers_loaded_after_a_moment(papers: list[Paper]) -> None:
    moment = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    Paper.objects.filter(paper="2021D12345").update(loaded_at=moment + datetime.timedelta(seconds=1))
    assert found("strategisch", loaded_after=moment) == ["2021D12345"]
    assert search(SearchRequest(loaded_after=moment)).total == 1


def test_withdrawn_papers_are_not_found(papers: list[Paper]) -> None:
    papers[0].withdrawn_at = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    papers[0].save()
    # even where nobody told the index
    assert "kst-35207-60" not in found("strategisch")
    forget_papers([papers[0]])
    assert search(SearchRequest(query="strategisch")).total == 2


def test_a_text_that_is_too_long_says_so(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geomonitor.dossier.search_words.MOST_WORDS", 5)
    keep(
        made("kst-35207-1", "Kort", "een twee drie"),
        made("kst-35207-2", "Lang", "een twee drie vier vijf zes"),
    )
    answer = search(SearchRequest(query="drie"))
    assert {hit.paper: hit.cut for hit in answer.hits} == {"kst-35207-1": False, "kst-35207-2": True}
    assert found("zes") == []


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=60) | st.text(alphabet="abc\"-:*() OR\x00\ud800'é½title", max_size=40))
def test_any_text_is_a_query(papers: list[Paper], query: str) -> None:
    answer = search(SearchRequest(query=query, order="relevance"))
    assert isinstance(answer, SearchAnswer)
    for hit in answer.hits:
        assert "".join(text for text, _ in hit.title.parts()) == hit.title.text


WORDS = [
    "strategische",
    "autonomie",
    "open",
    "chips",
    "chip",
    "eu-china",
    "van",
    "het",
    "anti-dwang",
]
ITEMS = (
    st.sampled_from(WORDS)
    | st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(lambda words: f'"{" ".join(words)}"')
    | st.sampled_from(
        ["str*", "chips*", "aut*", "kind:motie", "dossier:35207", "title:het", 'title:"open van"']
    )
)
QUERIES = st.lists(
    st.tuples(st.sampled_from(["", "", "-"]), ITEMS).map("".join) | st.just("OR"), min_size=1, max_size=6
).map(" ".join)
TEXTS = st.lists(st.sampled_from([*WORDS, ".", "\n\n"]), max_size=8).map(" ".join)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    contents=st.lists(st.tuples(TEXTS, TEXTS, st.sampled_from(["Motie", "Brief"])), min_size=1, max_size=6),
    queries=st.lists(QUERIES, min_size=1, max_size=6),
)
def test_the_index_finds_what_reading_finds(
    db: None, rolled_back: Callable[[], None], contents: list[tuple[str, str, str]], queries: list[str]
) -> None:
    """Both databases are held to the same plain search, and so to each other."""
    rolled_back()
    papers = keep(
        *(
            made(f"kst-35207-{number}", title, text, kind=kind, dossier="35207" if number % 2 else "36000")
            for number, (title, text, kind) in enumerate(contents, 1)
        )
    )
    for query in queries:
        read = parse_query(query)
        if read.wordless:
            continue
        expected = [each.paper for each in reversed(papers) if answers(each, read)]
        assert found(query) == expected, query


@pytest.fixture
def rolled_back(db: None) -> Callable[[], None]:
    """Empty papers and index between the examples of one test."""

    def empty() -> None:
        forget_papers(list(Paper.objects.all()))
        Paper.objects.all().delete()
        # words stay known until the index is made anew
        StemOfWord.objects.all().delete()
        assert not SearchEntry.objects.exists()

    return empty


def test_the_number_of_statements_does_not_grow_with_the_hits(papers: list[Paper]) -> None:
    keep(*(made(f"kst-30000-{number}", "Brief over chips", "Chips. " * 5) for number in range(1, 60)))
    counters = [_Counter(), _Counter()]
    for counter, size in zip(counters, (1, 50), strict=True):
        with connection.execute_wrapper(counter):
            search(SearchRequest(query="chips", page_size=size))
    assert counters[0].number == counters[1].number <= 6


class _Counter:
    number = 0

    def __call__(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        self.number += 1
        return execute(sql, params, many, context)
