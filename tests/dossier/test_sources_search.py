"""The search service of official publications, and the text of a letter from a file; all made up here."""

from __future__ import annotations

import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.dossier.sources import plain_text
from geomonitor.dossier.sources.plain_text import decode_text, read_text
from geomonitor.dossier.sources.sru import SearchPage, read_search_page, search_address
from geomonitor.errors import DataError, GeomonitorError

NAMES = (
    'xmlns:sru="http://docs.oasis-open.org/ns/search-ws/sruResponse" '
    'xmlns:gzd="http://standaarden.overheid.nl/sru" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:w="http://standaarden.overheid.nl/wetgeving/"'
)
RECORD = """<sru:record><sru:recordSchema>gzd</sru:recordSchema><sru:recordData><gzd:gzd><gzd:originalData>
<dcterms:identifier>kst-36200-X-25</dcterms:identifier>
<dcterms:title>Begroting; Motie; Motie over iets</dcterms:title>
<dcterms:type>Kamerstuk</dcterms:type><dcterms:issued>2022-12-01</dcterms:issued>
<dcterms:modified>2022-12-02</dcterms:modified><w:documenttitel>Motie over &lt;i&gt;iets</w:documenttitel>
<w:dossiernummer>36200-X;35207</w:dossiernummer><w:subrubriek>Motie</w:subrubriek></gzd:originalData>
<gzd:enrichedData><gzd:itemUrl manifestation="pdf">https://e.nl/a.pdf</gzd:itemUrl>
<gzd:itemUrl manifestation="xml">https://e.nl/a.xml</gzd:itemUrl></gzd:enrichedData></gzd:gzd>
</sru:recordData></sru:record>"""


def answer(records: str = RECORD, total: str = "214", rest: str = "") -> bytes:
    number = f"<sru:numberOfRecords>{total}</sru:numberOfRecords>" if total else ""
    return (
        f"<sru:searchRetrieveResponse {NAMES}>{number}<sru:records>{records}</sru:records>{rest}"
        "</sru:searchRetrieveResponse>"
    ).encode()


def diagnostic(message: str, details: str = "") -> str:
    return (
        '<sru:diagnostics><d:diagnostic xmlns:d="http://docs.oasis-open.org/ns/search-ws/diagnostic">'
        f"<d:uri>info:srw/diagnostic/1/10</d:uri><d:details>{details}</d:details><d:message>{message}</d:message>"
        "</d:diagnostic></sru:diagnostics>"
    )


def page(data: bytes) -> SearchPage:
    return read_search_page(data, "page 1")


def asked(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_the_address_asks_for_papers_of_a_dossier() -> None:
    address = search_address(
        dossier="36 200 X",
        modified_since=datetime.date(2023, 1, 1),
        modified_until=datetime.date(2023, 1, 31),
        start_record=101,
        base="http://localhost:1/sru",
    )
    told = asked(address)
    assert address.startswith("http://localhost:1/sru?")
    assert told["query"] == (
        "c.product-area==officielepublicaties AND w.publicatienaam==Kamerstuk AND "
        'w.dossiernummer=="36200-X" AND dt.modified>=2023-01-01 AND dt.modified<=2023-01-31'
    )
    assert (told["version"], told["startRecord"], told["maximumRecords"]) == ("2.0", "101", "100")
    assert "dossiernummer" not in asked(search_address())["query"]


@pytest.mark.parametrize("wrong", ['35207" OR "1"=="1', "china", "35207&x=1"])
def test_only_a_dossier_gets_into_the_question(wrong: str) -> None:
    with pytest.raises(GeomonitorError):
        search_address(dossier=wrong)


@pytest.mark.parametrize(("start_record", "records"), [(1, 0), (1, 1001), (0, 100), (10_001, 100)])
def test_pages_that_the_service_does_not_give(start_record: int, records: int) -> None:
    with pytest.raises(DataError, match="gives no page"):
        search_address(start_record=start_record, records=records)


def test_a_page_of_the_answer() -> None:
    found = page(answer(rest="<sru:nextRecordPosition>2</sru:nextRecordPosition>"))
    (result,) = found.results
    assert (found.total, found.next_record, found.warnings) == (214, 2, ())
    assert (result.paper, result.title, result.kind) == ("kst-36200-X-25", "Motie over <i>iets", "Motie")
    assert (result.date, result.modified) == (datetime.date(2022, 12, 1), datetime.date(2022, 12, 2))
    assert (result.dossiers, result.xml_address) == (("36200-X", "35207"), "https://e.nl/a.xml")


def test_an_answer_without_records_and_the_last_page() -> None:
    assert page(answer(records="", total="0")) == SearchPage(total=0, results=())
    assert page(answer()).next_record is None


def test_a_part_of_the_question_that_was_left_out_is_a_warning() -> None:
    found = page(answer(rest=diagnostic("SEARCH-IGNOREDQTEXT", "not a date")))
    assert len(found.results) == 1
    assert found.warnings == ("SEARCH-IGNOREDQTEXT (not a date, info:srw/diagnostic/1/10)",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (answer(rest=diagnostic("Query syntax error", "w.dossier")), "Query syntax error"),
        (answer(records="", total="0", rest=diagnostic("SEARCH-IGNOREDQTEXT")), "IGNORED"),
        (
            f"<sru:diagnostics {NAMES}>{diagnostic('Unsupported version')}</sru:diagnostics>".encode(),
            "Unsupported",
        ),
        (answer(total=""), "does not say how many"),
        (answer(total="many"), "no whole number"),
        (answer(records="", total="5"), "gives none of them"),
        (answer(records="<sru:record><sru:recordData/></sru:record>"), "no identifier"),
        (b"<html><body>Storing</body></html>", "root is <html>"),
        (b'{"searchRetrieveResponse": {}}', "not well-formed"),
    ],
)
def test_what_the_service_cannot_answer_is_told_in_words(data: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        page(data)
    assert str(caught.value.where).startswith("page 1")
    assert caught.value.next_step


# Text


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        ("één\n".encode(), "één\n", "utf-8"),
        ("één".encode("utf-8-sig"), "één", "utf-8"),
        ("één".encode("utf-16"), "één", "utf-16-le"),
        (b"\xfe\xff" + "één".encode("utf-16-be"), "één", "utf-16-be"),
        ("«één» € 5".encode("cp1252"), "«één» € 5", "cp1252"),
        (b"a\r\nb\rc\n", "a\nb\nc\n", "utf-8"),
        # what stands in a text stays in its place
        ("be\u00adleid \ufb01nancieel\f2".encode(), "be\u00adleid \ufb01nancieel\f2", "utf-8"),
        ("e\u0301".encode(), "e\u0301", "utf-8"),
    ],
)
def test_text_is_decoded_by_rule(data: bytes, text: str, encoding: str) -> None:
    decoded = decode_text(data, "brief.txt")
    assert (decoded.text, decoded.encoding) == (text, encoding)


@pytest.mark.parametrize(
    ("data", "words", "advice"),
    [
        (b"%PDF-1.7 x", "a PDF", "pdftotext"),
        (b"PK\x03\x04x", "a Word or OpenDocument file", "plain text"),
        (b"\xd0\xcf\x11\xe0x", "an old Word file", "plain text"),
        (b"{\\rtf1 x}", "an RTF file", "plain text"),
        (b"\x1f\x8bx", "a gzip file", "Unpack"),
        (b"text\x00text", "NUL", "UTF-8"),
        ("één".encode("utf-16-le"), "NUL|neither", "UTF-8"),
        (b"\xff\xfea", "not in utf-16-le", "UTF-8"),
        (b"caf\xe9 \x81", "neither in UTF-8 nor in Windows-1252", "UTF-8"),
        (b"", "holds no text", "scanned"),
        (b" \f\n", "holds no text", "scanned"),
    ],
)
def test_what_is_no_text_is_refused_with_advice(tmp_path: Path, data: bytes, words: str, advice: str) -> None:
    file = tmp_path / "brief.txt"
    file.write_bytes(data)
    with pytest.raises(DataError, match=words) as caught:
        read_text(file)
    assert str(file) in str(caught.value.where)
    assert advice in str(caught.value.next_step)


def test_the_bytes_that_are_no_text_are_named() -> None:
    with pytest.raises(DataError) as caught:
        decode_text(b"caf\xe9 \x81", "brief.txt")
    assert caught.value.where == "brief.txt, byte 3 (UTF-8), byte 5 (Windows-1252)"


def test_files_that_are_not_there_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(DataError, match="cannot be read"):
            read_text(path)
    monkeypatch.setattr(plain_text, "LARGEST_BYTES", 10)
    (tmp_path / "long.txt").write_bytes(b"x" * 11)
    with pytest.raises(DataError, match="11 bytes"):
        read_text(tmp_path / "long.txt")
    with pytest.raises(DataError, match="11 bytes"):
        decode_text(b"x" * 11, "x")


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        decoded = decode_text(data, "x")
    except GeomonitorError as error:
        assert error.where  # noqa: PT017
    else:
        assert "\r" not in decoded.text
