"""XML from outside, read without trust: no entities, no network, no DTD, bounded size and depth.

Bounds: 20 million bytes a document, 1 million tags, half a million attributes, and the 256 levels of
nesting and 10 million bytes a text that libxml2 itself allows. Within them the worst document takes
half a second and 250 MB.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from lxml import etree

from geomonitor.dossier.sources.clean_text import clean_line
from geomonitor.errors import DataError

__all__ = ["DEEPEST", "LARGEST_BYTES", "children_named", "local_name", "parse_xml", "plain_line"]

LARGEST_BYTES = 20_000_000
DEEPEST = 256
# how often a character may occur that begins a node: each takes a hundred bytes of memory or more
_MOST = {"<": (1_000_000, "tags"), "=": (500_000, "attributes")}

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]{0,200}?\?>")
_ENCODING = re.compile(rb"""^\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
# The encodings that a declaration may name: what official publications use, and their older kin.
_ENCODINGS = {
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "ascii", "iso8859-1", "iso8859-15", "cp1252",
}  # fmt: skip
# up to the bracket behind which the document defines things of its own
_DOCUMENT_TYPE = re.compile(r"""<!DOCTYPE(?:[^\[>"']++|"[^"]*+"|'[^']*+')*+""")
# With the encoding settled first, and the declaration cut off, which would be believed otherwise.
# One parser serves all: lxml has each thread wait its turn.
_PARSER = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
_LINE = re.compile(r",? ?line \d+, column \d+.*$", re.DOTALL)


def parse_xml(data: bytes, *, where: str, largest_bytes: int = LARGEST_BYTES) -> etree._Element:
    """Read a document and give its root.

    Parameters
    ----------
    data : bytes
    where : str
        File or address, for messages.
    largest_bytes : int
        Documents above this size are refused unread.

    Raises
    ------
    DataError
        If it is empty, too large or too deep, not well formed, not in the encoding that it declares,
        or if it brings a DTD of its own (with which entities could be defined).

    Examples
    --------
    >>> parse_xml(b"<titel>Brief</titel>", where="brief.xml").text
    'Brief'
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise DataError("The XML document is empty.", where=where, next_step="Fetch it again.")
    if len(data) > largest_bytes:
        raise DataError(
            f"The XML document has {len(data):,} bytes.",
            where=where,
            expected=f"at most {largest_bytes:,} bytes",
            next_step="Check what it is; a single paper is never that large.",
        )
    text, start = _decoded(data, where)
    _refuse_own_dtd(text, where)
    for mark, (most, name) in _MOST.items():
        if text.count(mark) > most:
            raise DataError(
                f"The XML document has more than {most:,} {name}.",
                where=where,
                next_step="Check what it is; a single paper never has that many.",
            )
    try:
        root = etree.fromstring(text[start:].encode("utf-8"), _PARSER)
    except UnicodeEncodeError as error:
        raise DataError(
            "The XML document holds half a character.",
            where=f"{where}, character {start + error.start:,}",
            next_step="Fetch it again.",
        ) from error
    except etree.XMLSyntaxError as error:
        raise _not_well_formed(error, text, start, where) from error
    if root is None:
        raise DataError("The XML document has no content.", where=where, next_step="Fetch it again.")
    if "<!DOCTYPE" in text:
        dtd = root.getroottree().docinfo.internalDTD
        if dtd is not None and any(True for _ in dtd.iterentities()):  # type: ignore[union-attr]
            raise _own_dtd(where)
    if "&" in text and next(root.iter(etree.Entity), None) is not None:
        raise DataError(
            "The XML document uses an entity that is not one of XML's own five.",
            where=where,
            expected="text, with &amp; &lt; &gt; &quot; &apos; as the only entities",
            next_step="Fetch it again, or report it to the publisher.",
        )
    return root


def _decoded(data: bytes, where: str) -> tuple[str, int]:
    """Give the text, and where it begins behind its declaration."""
    marked = next((each for each in _BYTE_ORDER_MARKS if data.startswith(each[0])), None)
    if marked:
        skipped, encoding = len(marked[0]), marked[1]
    else:
        skipped = 0
        if data.startswith(b"<\x00"):
            encoding = "utf-16-le"
        elif data.startswith(b"\x00<"):
            encoding = "utf-16-be"
        else:
            encoding = _declared(data, where)
    try:
        text = data[skipped:].decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(
            f"The XML document is not in its encoding, {encoding}.",
            where=f"{where}, byte {skipped + error.start:,} (hexadecimal {data[skipped + error.start]:02x})",
            expected=f"text in {encoding}",
            next_step="Fetch it again, or correct the encoding that it declares.",
        ) from error
    declaration = _DECLARATION.match(text)
    return text, declaration.end() if declaration else 0


def _declared(data: bytes, where: str) -> str:
    declared = _ENCODING.match(data)
    if declared is None:
        return "utf-8"
    name = declared[1].decode("ascii")
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = ""
    if encoding not in _ENCODINGS:
        raise DataError(
            f"The XML document declares the encoding {name}, which is not read here.",
            where=where,
            expected="one of UTF-8, UTF-16, ISO-8859-1, ISO-8859-15, Windows-1252, US-ASCII",
            next_step="Save it as UTF-8.",
        )
    if encoding.startswith("utf-16"):
        raise DataError(
            f"The XML document declares {name}, but is written with one byte a character.",
            where=f"{where}, byte 0",
            next_step="Correct the encoding that it declares.",
        )
    # Documents that declare ISO-8859-1 and hold bytes 80 to 9f mean Windows-1252: those are no letters
    # in the first, and quotation marks and the euro sign in the second.
    return "cp1252" if encoding == "iso8859-1" and re.search(rb"[\x80-\x9f]", data) else encoding


def _refuse_own_dtd(text: str, where: str) -> None:
    """Refuse a document type that defines things: entities grow without end, or name files."""
    at = 0
    while True:
        at = _next_mark(text, at)
        if text.startswith("<?", at):
            end = text.find("?>", at + 2)
        elif text.startswith("<!--", at):
            end = text.find("-->", at + 4)
        else:
            break
        if end < 0:
            return
        at = end + 2
    document_type = _DOCUMENT_TYPE.match(text, at)
    if document_type and text[document_type.end() : document_type.end() + 1] == "[":
        raise _own_dtd(f"{where}, character {at:,}")


def _own_dtd(where: str) -> DataError:
    return DataError(
        "The XML document brings a DTD of its own, in which entities can be defined.",
        where=where,
        expected="a document without <!DOCTYPE … [ … ]>",
        next_step="Do not trust this file; fetch the paper from its official source.",
    )


def _next_mark(text: str, at: int) -> int:
    found = text.find("<", at)
    return len(text) if found < 0 else found


def _not_well_formed(error: etree.XMLSyntaxError, text: str, start: int, where: str) -> DataError:
    said = _LINE.sub("", error.msg or "")
    if "xcessive depth" in said:
        return DataError(
            f"The XML document is nested more than {DEEPEST} levels deep.",
            where=where,
            expected=f"at most {DEEPEST} levels",
            next_step="Do not trust this file; fetch the paper from its official source.",
        )
    if "XML_PARSE_HUGE" in said:
        return DataError(
            "The XML document holds a text or a tag of more than 10 million bytes.",
            where=where,
            next_step="Check what it is; a single paper is never that large.",
        )
    line = (error.lineno or 1) + text.count("\n", 0, start)
    return DataError(
        f"The file is not well-formed XML: {clean_line(said)[:200] or 'the end is missing'}.",
        where=f"{where}, line {line}, column {error.offset or 0}",
        expected="a whole XML document",
        next_step="Fetch it again: it may have been cut off, or be an error page.",
    )


def local_name(element: etree._Element) -> str:
    """Give the name of an element without its namespace.

    Examples
    --------
    >>> local_name(parse_xml(b'<a:titel xmlns:a="urn:x"/>', where="x.xml"))
    'titel'
    """
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children_named(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Give the children with this local name, whatever their namespace.

    Examples
    --------
    >>> root = parse_xml(b'<a xmlns:b="urn:b"><b:c/><c/><d/></a>', where="x.xml")
    >>> len(list(children_named(root, "c")))
    2
    """
    return (child for child in element if local_name(child) == name)


def plain_line(element: etree._Element | None) -> str:
    """Give all text of an element, clean and on one line; empty for none.

    Examples
    --------
    >>> plain_line(parse_xml(b"<t>CO<inf>2</inf> &lt;b&gt;</t>", where="x.xml"))
    'CO2 <b>'
    """
    return "" if element is None else clean_line("".join(map(str, element.itertext())))
