r"""Text in the cells of a workbook, and back, without loss.

A cell holds 32,767 signs and no control characters, and some programs run a text that looks like a formula.
So: what a workbook cannot hold is written as ``\u{HEX}``; a text that begins like a formula, or with an
apostrophe, gets an apostrophe in front; a long text goes on in columns to the right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["PART_SIGNS", "join_parts", "text_parts"]

PART_SIGNS = 16_000
"""Signs a cell, of text that is written out: a sign can be two of the 32,767 units that Excel counts."""

_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n", "'")

# control characters, what XML does not hold, CR (which XML turns into LF), and our own mark
_UNFIT = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
    # programs that read workbooks take _x0041_ to be the letter A
    r"|_(?=[xX][0-9A-Fa-f]{4}_)"
    r"|\\(?=u\{)"
)
_WRITTEN_OUT = re.compile(r"\\u\{([0-9A-F]{1,6})\}")


def text_parts(text: str) -> list[str]:
    r"""Give a text as it stands in a cell, or in a cell and those that continue it.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str
        At least one.

    Examples
    --------
    >>> text_parts("=1+1"), text_parts("'quoted'"), text_parts("plain")
    (["'=1+1"], ["''quoted'"], ['plain'])
    >>> text_parts("a\x07b")
    ['a\\u{7}b']
    >>> [len(part) for part in text_parts("x" * 20_000)]
    [16000, 4000]
    """
    fit = _UNFIT.sub(lambda found: f"\\u{{{ord(found[0]):X}}}", text)
    parts = [fit[start : start + PART_SIGNS] for start in range(0, len(fit), PART_SIGNS)] or [""]
    return [f"'{part}" if part.startswith(_FORMULA_START) else part for part in parts]


def join_parts(parts: Sequence[str]) -> str:
    r"""Give the text that cells hold.

    Parameters
    ----------
    parts : sequence of str
        The cell, and those that continue it.

    Examples
    --------
    >>> join_parts(["'=1+1"])
    '=1+1'
    >>> text = "= \\u{41} _x0041_ \x00\r\n" * 3_000
    >>> join_parts(text_parts(text)) == text
    True
    """
    whole = "".join(part.removeprefix("'") for part in parts)
    return _WRITTEN_OUT.sub(lambda found: _sign(found[1]), whole)


def _sign(hexadecimal: str) -> str:
    number = int(hexadecimal, 16)
    # beyond the last sign there is: somebody typed it
    return chr(number) if number <= 0x10FFFF else f"\\u{{{hexadecimal}}}"
