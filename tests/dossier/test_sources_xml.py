"""Reading XML without trust: encodings, entities, bounds. All documents here are made up."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from geomonitor.dossier.sources.clean_text import clean_line, clean_text
from geomonitor.dossier.sources.safe_xml import DEEPEST, parse_xml, plain_line
from geomonitor.errors import DataError, GeomonitorError


def refusal(data: bytes, **bounds: int) -> DataError:
    with pytest.raises(DataError) as caught:
        parse_xml(data, where="brief.xml", **bounds)
    return caught.value


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<t>één</t>".encode(), "één"),
        ("<t>één</t>".encode("utf-8-sig"), "één"),
        ('<?xml version="1.0" encoding="UTF-16"?><t>één</t>'.encode("utf-16"), "één"),
        ("<t>één</t>".encode("utf-16-le"), "één"),
        ("<t>één</t>".encode("utf-16-be"), "één"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><t>één</t>'.encode("latin-1"), "één"),
        # what declares Latin-1 and holds the euro sign is Windows-1252
        ('<?xml version="1.0" encoding="ISO-8859-1"?><t>€ 5</t>'.encode("cp1252"), "€ 5"),
        ('<?xml version="1.0" encoding="windows-1252"?><t>«é»</t>'.encode("cp1252"), "«é»"),
        ("<t>e\u0301e\u0301n</t>".encode(), "één"),
        ("<t>a\u202eb\u0085c\u00add</t>".encode(), "ab cd"),
        (b"<t>&lt;script&gt; &amp; &#233;</t>", "<script> & é"),
        (b"<t>Brief <b>vet</b> en <i>schuin</i></t>", "Brief vet en schuin"),
        (b"<t><![CDATA[<b>]]></t>", "<b>"),
        (
            b"<?a b?><!-- c --><!DOCTYPE t SYSTEM 'https://example.nl/t.dtd'><t>x<?y z?>w<!-- v -->u</t>",
            "xwu",
        ),
    ],
)
def test_the_text_of_a_document_is_clean_whatever_its_encoding(data: bytes, text: str) -> None:
    assert plain_line(parse_xml(data, where="brief.xml")) == text


@pytest.mark.parametrize(
    ("data", "byte"),
    [
        (b'<?xml version="1.0" encoding="UTF-8"?><t>\xe9</t>', 41),
        (b"<t>ok \xff</t>", 6),
        (b"\xef\xbb\xbf<t>\xe9</t>", 6),
        (b'<?xml version="1.0" encoding="US-ASCII"?><t>\xc3\xa9</t>', 44),
    ],
)
def test_a_wrong_encoding_names_the_byte(data: bytes, byte: int) -> None:
    error = refusal(data)
    assert "not in its encoding" in error.what
    assert f"byte {byte} (hexadecimal {data[byte]:02x})" in str(error.where)


@pytest.mark.parametrize("name", ["EBCDIC-CP-NL", "utf-7", "base64", "rot13", "nonsense"])
def test_an_encoding_that_is_not_read_here_is_named(name: str) -> None:
    error = refusal(f'<?xml version="1.0" encoding="{name}"?><t/>'.encode())
    assert name in error.what
    assert "UTF-8" in str(error.expected)


def test_one_byte_a_character_cannot_be_utf_16() -> None:
    assert "one byte a character" in refusal(b'<?xml version="1.0" encoding="UTF-16"?><t/>').what


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE t [<!ENTITY a "b">]>',
        '<!DOCTYPE t SYSTEM "file:///etc/hostname" [<!ENTITY a "b">]>',
        # a bracket that looks as if it closed the head, and a comment that seems to end at once
        '<!DOCTYPE t SYSTEM ">" [<!ENTITY a "b">]>',
        "<!DOCTYPE t PUBLIC '>' \">\" [<!ENTITY a 'b'>]>",
        '<!--> <x> --><!DOCTYPE t [<!ENTITY a "b">]>',
        '<?p ><x?><!DOCTYPE t [<!ENTITY a "b">]>',
        '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE t [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]>',
        '<!DOCTYPE t [<!ATTLIST t long CDATA "xxxxxxxx">]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_that_brings_its_own_dtd_is_refused(head: str, encoding: str) -> None:
    error = refusal(f"{head}<t>&a;</t>".encode(encoding))
    assert "DTD of its own" in error.what
    assert "official source" in str(error.next_step)


def test_an_entity_that_is_defined_elsewhere_is_refused_not_left_out() -> None:
    assert "entity" in refusal(b"<!DOCTYPE t SYSTEM 'x.dtd'><t>a&eacute;b</t>").what


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n\x00", "empty"),
        (b"hello", "not well-formed XML"),
        (b"%PDF-1.7", "not well-formed XML"),
        (b"<t><u></t>", "not well-formed XML"),
        (b"<t>half", "not well-formed XML"),
        (b"<t>\x01</t>", "not well-formed XML"),
        (b"<t>&#0;</t>", "not well-formed XML"),
        (b"<t>&#xD800;</t>", "not well-formed XML"),
        (b"<t a='1' a='2'/>", "not well-formed XML"),
    ],
)
def test_what_is_no_xml_is_said_to_be_none(data: bytes, words: str) -> None:
    error = refusal(data)
    assert words in error.what
    assert str(error.where).startswith("brief.xml")
    assert error.next_step


def test_the_line_of_a_fault_counts_the_declaration() -> None:
    assert "line 3," in str(refusal(b'<?xml version="1.0"?>\n<t>\n<u></t>').where)


def test_depth_is_bounded() -> None:
    deep = DEEPEST - 1
    assert parse_xml(b"<a>" * deep + b"</a>" * deep, where="x").tag == "a"
    assert f"{DEEPEST} levels" in refusal(b"<a>" * (deep + 2) + b"</a>" * (deep + 2)).what


def test_size_is_bounded_and_the_bound_is_said() -> None:
    error = refusal(b"<t>" + b"x" * 100 + b"</t>", largest_bytes=50)
    assert error.expected == "at most 50 bytes"


def test_a_parser_that_refused_reads_the_next_document() -> None:
    refusal(b"<a><b>")
    assert parse_xml(b"<a/>", where="x").tag == "a"


@settings(deadline=None)
@given(st.text())
def test_clean_text_is_clean_and_stays_so(text: str) -> None:
    clean = clean_text(text)
    assert clean_text(clean) == clean
    assert not any(ord(each) < 32 and each not in "\n\t" for each in clean)
    clean.encode("utf-8")
    assert clean_line(clean_line(text)) == clean_line(text)


def test_half_a_character_from_json_can_be_written() -> None:
    assert clean_text("a\ud83db").encode() == b"a\xef\xbf\xbdb"


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_raise_nothing_but_errors_in_words(data: bytes) -> None:
    for document in (data, b"<t>" + data + b"</t>", b'<?xml version="1.0"?>' + data):
        try:
            root = parse_xml(document, where="x")
        except GeomonitorError as error:
            assert error.where  # noqa: PT017
        else:
            assert isinstance(root, etree._Element)
