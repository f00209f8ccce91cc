"""Text from outside made clean: no control characters, composed letters (NFC).

What is taken out are characters that a reader cannot see and that a database, a page or a search index
trips over; markup stays what it is, text (``<b>`` in a title is shown as ``<b>``).
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["clean_line", "clean_text"]

# Controls (C0 except tab and line end, DEL, C1), the soft hyphen, marks that turn the direction of
# writing, the byte order mark, and what is not a character at all.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u00ad\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def clean_text(text: str) -> str:
    r"""Give text without control characters, in composed letters, with ``\n`` as the only line end.

    Half surrogates, which JSON can carry and no encoding can write, become U+FFFD.

    Examples
    --------
    >>> clean_text("Coo\u0308rdinatie\x00 van <b>beleid</b>\r\n")
    'Coördinatie van <b>beleid</b>\n'
    """
    if text.isascii() and text.isprintable():
        return text
    text = _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))
    text = _HALF_CHARACTER.sub("\ufffd", text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def clean_line(text: str) -> str:
    r"""Give clean text on one line, blanks made single.

    Examples
    --------
    >>> clean_line("  Brief over\n China\t")
    'Brief over China'
    """
    return " ".join(clean_text(text).split())
