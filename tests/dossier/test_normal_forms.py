from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomonitor.dossier.reading.dossier_numbers import (
    BUDGET_DOSSIERS,
    CHAPTERS,
    ROMAN_CHAPTERS,
    SUFFIXED_DOSSIERS,
    is_chapter,
)
from geomonitor.dossier.reading.normal_forms import (
    identify,
    kind_of,
    normal_dossier,
    normal_paper,
    official_address,
    session_digits,
    shown,
    split_paper,
)
from geomonitor.dossier.reading.union_forms import celex_of_numbers
from geomonitor.errors import GeomonitorError

FORMS = [
    # papers
    ("35207-60", "kst-35207-60"),
    ("35 207, nr. 60", "kst-35207-60"),
    ("35.207 nr 60", "kst-35207-60"),
    ("35207 nr.60", "kst-35207-60"),
    ("35207/60", "kst-35207-60"),
    ("(35925-45)", "kst-35925-45"),
    ("kst-35207-60", "kst-35207-60"),
    ("KST-35207-60", "kst-35207-60"),
    ("Kamerstuk 35 207, nr. 60", "kst-35207-60"),
    ("Kamerstuk 35\u00a0207, nr.\u00a060", "kst-35207-60"),
    ("Kamerstuk 35\n207,\nnr. 60", "kst-35207-60"),
    ("Kamerstuk 35 207\u201360", "kst-35207-60"),
    ("kamerstuk: 32703-2", "kst-32703-2"),
    ("Kamerstuknummer 31 288, nr. 894", "kst-31288-894"),
    ("Kamerstuknr 31 288, nr. 894", "kst-31288-894"),
    ("Kamerstukken II 2021/22, 35 207, nr. 60", "kst-35207-60"),
    ("Kamerstukken II 2022\u20132023, 36 200, nr. 41", "kst-36200-41"),
    ("Kamerstukken II, vergaderjaar 2021-2022, 35 207, nr. 60", "kst-35207-60"),
    ("TK 28750 nr. 35", "kst-28750-35"),
    ("TK 2021-2022, 35 207, nr. 60", "kst-35207-60"),
    ("30 545, nr 60", "kst-30545-60"),
    ("t.v.v. 32 123 VII, nr. 20", "kst-32123-VII-20"),
    ("35207, nr. 060", "kst-35207-60"),
    ("36200-X-25", "kst-36200-X-25"),
    ("36 200 X, nr. 25", "kst-36200-X-25"),
    ("36 200-X, nr. 25", "kst-36200-X-25"),
    ("kst-36200-X-25", "kst-36200-X-25"),
    ("35570-XVII, nr. 18", "kst-35570-XVII-18"),
    ("Kamerstuk 34725-VII-9", "kst-34725-VII-9"),
    ("Kamerstuk 36 410 XIV, nr. 71", "kst-36410-XIV-71"),
    ("31200 IXB nr. 33", "kst-31200-IXB-33"),
    ("34 000 A, nr. 67", "kst-34000-A-67"),
    ("36 410 L, nr. 4", "kst-36410-L-4"),
    ("21501-20-1847", "kst-21501-20-1847"),
    ("21 501-20 nr. 1847", "kst-21501-20-1847"),
    ("21501-02, nr. 2383", "kst-21501-02-2383"),
    ("Kamerstuk 21 501-30, nr. 246", "kst-21501-30-246"),
    ("kst-21501-20-1847", "kst-21501-20-1847"),
    ("22112-2709", "kst-22112-2709"),
    ("22 112, nr. 3000", "kst-22112-3000"),
    ("36 027 (R2160), nr. 12", "kst-36027-12"),
    ("33183-(R1975), nr. 7", "kst-33183-7"),
    ("36027 (R 2160), nr. 12", "kst-36027-12"),
    ("35 207, nr. 60 (herdruk)", "kst-35207-60"),
    ("35 207, nr. 60H", "kst-35207-60"),
    ("Kamerstuk 35526, L", "kst-35526-L"),
    ("EK 35526, AB", "kst-35526-AB"),
    ("35092-G", "kst-35092-G"),
    # dossiers
    ("35 207", "dossier-35207"),
    ("dossier 35207", "dossier-35207"),
    ("36 200 X", "dossier-36200-X"),
    ("36410-L", "dossier-36410-L"),
    ("21501-20", "dossier-21501-20"),
    ("36 027 (R2160)", "dossier-36027"),
    # parliament's own administration
    ("2022Z24775", "2022Z24775"),
    ("2022z24775", "2022Z24775"),
    ("Kamerstuknr 2022Z24775", "2022Z24775"),
    ("2022D12345", "2022D12345"),
    ("TZ202211-190", "TZ202211-190"),
    ("TZ202504\u2013026", "TZ202504-026"),
    ("tz202211-7", "TZ202211-007"),
    ("blg-1234567", "blg-1234567"),
    ("ah-tk-20222023-123", "ah-tk-20222023-123"),
    ("Aanhangsel van de Handelingen, vergaderjaar 2021\u20132022, nr. 123", "ah-tk-20212022-123"),
    ("Aanhangsel Handelingen II 2021/22, nr. 123", "ah-tk-20212022-123"),
    ("h-tk-20222023-12-3", "h-tk-20222023-12-3"),
    ("Handelingen II 2021/22, nr. 34, item 5", "h-tk-20212022-34-5"),
    ("Handelingen I 2021/22, nr. 3", "h-ek-20212022-3"),
    # the Union
    ("COM(2020) 474 final", "COM(2020)474"),
    ("COM (2023)160", "COM(2023)160"),
    ("COM 2015 116 final", "COM(2015)116"),
    ("COM(96) 12", "COM(1996)12"),
    ("COM (2015) 614/2", "COM(2015)614"),
    ("SWD (2021) 352 final", "SWD(2021)352"),
    ("JOIN(2023) 20", "JOIN(2023)20"),
    ("C(2023) 1234", "C(2023)1234"),
    ("32021R0821", "32021R0821"),
    ("Verordening (EU) 2021/821", "32021R0821"),
    ("Verordening (EG) nr. 428/2009", "32009R0428"),
    ("Verordening (EU) nr. 1286/2014", "32014R1286"),
    ("Verordening (EU) nr. 2016/679", "32016R0679"),
    ("Verordening (EEG) nr. 1408/71", "31971R1408"),
    ("Richtlijn (EU) 2022/2555", "32022L2555"),
    ("Richtlijn 2009/28/EG", "32009L0028"),
    ("Richtlijn 95/46/EG", "31995L0046"),
    ("Besluit (EU) 2017/1521", "32017D1521"),
    ("Kaderbesluit 2002/584/JBZ", "32002F0584"),
    # addresses
    ("https://zoek.officielebekendmakingen.nl/kst-35207-60.html", "kst-35207-60"),
    ("https://zoek.officielebekendmakingen.nl/kst-36200-X-25.pdf", "kst-36200-X-25"),
    ("https://zoek.officielebekendmakingen.nl/blg-1066201.pdf", "blg-1066201"),
    ("https://zoek.officielebekendmakingen.nl/ah-tk-20222023-123.html", "ah-tk-20222023-123"),
    ("https://zoek.officielebekendmakingen.nl/dossier/36200-X", "dossier-36200-X"),
    ("https://www.tweedekamer.nl/kamerstukken/detail?id=2022Z24775", "2022Z24775"),
    (
        "https://www.tweedekamer.nl/kamerstukken/brieven_regering/detail?id=2022Z24775&did=2022D12345",
        "2022D12345",
    ),
    ("http://data.europa.eu/eli/reg/2021/821/oj", "32021R0821"),
    ("https://eur-lex.europa.eu/eli/dir/2022/2555/oj", "32022L2555"),
    ("https://eur-lex.europa.eu/legal-content/NL/TXT/?uri=CELEX:32021R0821", "32021R0821"),
    ("https://eur-lex.europa.eu/legal-content/NL/TXT/?uri=COM:2020:474:FIN", "COM(2020)474"),
]

NONE_OF_THESE = [
    "",
    " ",
    "-",
    "China",
    "60",
    "nr. 60",
    "€ 35 207",
    "2023-2030",
    "7-8 juli 2022",
    "13 januari 2023",
    "22,4%",
    "2515 XP",
    "06-12345678",
    "070-3486486",
    "020 624 1111",
    "+31 70 348 64 86",
    "BZDOC-1257119648-63",
    "3494453-1042117-PDCIC",
    "nr. 3494453-1042117-PDCIC",
    "Kamerstuk 1239418757, nr. 71",
    "99999-12",
    "05207-60",
    "35207-0",
    "35 207, nr. 0",
    "kst-1239418757",
    "2022Z247",
    "2022X24775",
    "Min-BuZa.2022.261",
    "Verordening 12/34",
    "artikel 35/207",
    "Handelingen II 2021/25, nr. 3",
    "https://www.rijksoverheid.nl/documenten/rapporten/2022/11/28/rapport",
    "https://www.ohchr.org/documents/2022-08-31/22-08-31-final-assesment.pdf",
    "21502-20-1627",
    "35 207 000",
    "4" * 500,
]


@pytest.mark.parametrize(("written", "normal"), FORMS)
def test_every_form_has_one_normal_form(written: str, normal: str) -> None:
    found = identify(written)

    assert found == (kind_of(normal), normal)


@pytest.mark.parametrize("written", NONE_OF_THESE)
def test_what_is_no_identifier_is_not_made_one(written: str) -> None:
    assert identify(written) is None


DOSSIERS = st.integers(10_000, 44_999).map(str).filter(lambda digits: digits not in SUFFIXED_DOSSIERS)
PAPERS = st.one_of(
    st.builds(lambda dossier, number: f"kst-{dossier}-{number}", DOSSIERS, st.integers(1, 9999)),
    st.builds(
        lambda dossier, chapter, number: f"kst-{dossier}-{chapter}-{number}",
        DOSSIERS,
        st.sampled_from(sorted(CHAPTERS)),
        st.integers(1, 9999),
    ),
    st.builds(
        lambda suffix, number: f"kst-21501-{suffix:02d}-{number}", st.integers(1, 34), st.integers(1, 9999)
    ),
)
DOSSIER_KEYS = st.one_of(
    DOSSIERS.map(lambda digits: f"dossier-{digits}"),
    st.builds(
        lambda dossier, chapter: f"dossier-{dossier}-{chapter}",
        st.sampled_from(sorted(BUDGET_DOSSIERS)),
        st.sampled_from(sorted(ROMAN_CHAPTERS)),
    ),
)
LAWS = st.builds(
    lambda year, letter, number: f"3{year}{letter}{number:04d}",
    st.integers(1958, 2030),
    st.sampled_from("RL"),
    st.integers(1, 1900),
)
OTHERS = st.one_of(
    st.builds(lambda year, number: f"{year}Z{number:05d}", st.integers(2008, 2030), st.integers(0, 99999)),
    st.builds(lambda year, number: f"COM({year}){number}", st.integers(1990, 2030), st.integers(1, 999)),
    st.builds(
        lambda year, number: f"ah-tk-{year}{year + 1}-{number}", st.integers(1995, 2030), st.integers(1, 4999)
    ),
    st.builds(
        lambda year, number, item: f"h-ek-{year}{year + 1}-{number}-{item}",
        st.integers(1995, 2030),
        st.integers(1, 120),
        st.integers(1, 50),
    ),
)


@given(st.one_of(PAPERS, DOSSIER_KEYS, LAWS, OTHERS))
def test_what_is_shown_reads_back_as_the_same(normal: str) -> None:
    assert identify(shown(normal)) == (kind_of(normal), normal)


@given(st.one_of(PAPERS, DOSSIER_KEYS, LAWS, OTHERS))
def test_an_official_address_reads_back_as_the_same(normal: str) -> None:
    assert identify(official_address(normal)) == (kind_of(normal), normal)


@given(PAPERS)
def test_a_paper_is_its_dossier_and_number(normal: str) -> None:
    dossier, number = split_paper(normal)

    assert normal_paper(dossier, number) == normal


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    found = identify(text)

    assert found is None or kind_of(found[1]) == found[0]


def test_a_number_after_a_hyphen_is_a_suffix_in_the_councils_dossier_only() -> None:
    assert identify("21501-20") == ("dossier", "dossier-21501-20")
    assert identify("35925-45") == ("paper", "kst-35925-45")
    assert split_paper("kst-21501-20-1847") == ("21501-20", "1847")


def test_a_letter_is_a_chapter_in_a_budget_and_a_senate_paper_elsewhere() -> None:
    assert identify("36410-L") == ("dossier", "dossier-36410-L")
    assert identify("35526-L") == ("paper", "kst-35526-L")
    assert is_chapter("35526", "L", number_follows=True)


@pytest.mark.parametrize(
    ("dossier", "number", "chapter", "normal"),
    [
        ("35 207", "60", "", "kst-35207-60"),
        ("36 600 XVI", "5", "", "kst-36600-XVI-5"),
        ("36 410 XVI-", "5", "", "kst-36410-XVI-5"),
        ("31 066-", "5", "", "kst-31066-5"),
        ("36 321 (R 2181)", "7", "", "kst-36321-7"),
        ("36200", "025", "X", "kst-36200-X-25"),
        ("21 501-02", "2383", "", "kst-21501-02-2383"),
        ("35 207", "60 (herdruk)", "", "kst-35207-60"),
        ("35 207", "H", "", "kst-35207-H"),
        ("35 207", "ab", "", "kst-35207-AB"),
    ],
)
def test_a_paper_of_a_source_gets_its_normal_form(
    dossier: str, number: str, chapter: str, normal: str
) -> None:
    assert normal_paper(dossier, number, chapter) == normal


@pytest.mark.parametrize(
    ("dossier", "number"),
    [("352", "60"), ("35 207", ""), ("35 207", "0"), ("35207", "60-61"), ("", "1"), ("China", "1")],
)
def test_what_cannot_be_a_paper_is_refused_in_words(dossier: str, number: str) -> None:
    with pytest.raises(GeomonitorError) as refused:
        normal_paper(dossier, number)

    assert refused.value.expected
    assert refused.value.next_step


def test_a_dossier_is_one_key_however_it_is_written() -> None:
    assert {normal_dossier(each) for each in ("35207", "35 207", "35.207", "dossier-35207")} == {"35207"}
    with pytest.raises(GeomonitorError, match="no dossier"):
        normal_dossier("1239418757")


def test_split_paper_refuses_what_is_no_paper() -> None:
    with pytest.raises(GeomonitorError):
        split_paper("2022Z24775")


@pytest.mark.parametrize(
    ("first", "second", "digits"),
    [("2022", "23", "20222023"), ("1999", "00", "19992000"), ("2022", "2030", None), ("2022", "22", None)],
)
def test_a_parliamentary_year_ends_in_the_next(first: str, second: str, digits: str | None) -> None:
    assert session_digits(first, second) == digits


def test_two_numbers_without_a_year_are_no_law() -> None:
    assert celex_of_numbers("verordening", "1234", "5678") is None
    assert celex_of_numbers("richtlijn", "123", "45") is None


def test_what_is_no_identifier_has_no_address() -> None:
    assert official_address("China") == ""
    assert shown("China") == "China"
