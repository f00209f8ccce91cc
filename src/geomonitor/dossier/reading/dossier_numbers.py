"""What a number of a dossier looks like: five digits, with a suffix or a chapter of the budget in some.

The same hyphen stands before a suffix (21501-20), a chapter (36200-X), a paper (35925-45) and a letter of the
Senate (35526-L). Which one it is depends on the dossier; the facts for it are in `facts/dossiers.toml`.
"""

from __future__ import annotations

import importlib.resources
import re
import tomllib

__all__ = [
    "BUDGET_DOSSIERS",
    "CHAPTERS",
    "FUNDS",
    "HIGHEST_DOSSIER",
    "LOWEST_DOSSIER",
    "ROMAN_CHAPTERS",
    "SUFFIXED_DOSSIERS",
    "is_chapter",
    "is_dossier_number",
    "is_suffix",
    "spaced",
]

_FACTS = tomllib.loads(
    (importlib.resources.files("geomonitor.dossier.reading") / "facts" / "dossiers.toml").read_text("utf-8")
)

SUFFIXED_DOSSIERS = frozenset(_FACTS["suffixed"]["dossiers"])
BUDGET_DOSSIERS = frozenset(_FACTS["budget"]["dossiers"])
ROMAN_CHAPTERS = frozenset(_FACTS["chapters"]["roman"])
FUNDS = frozenset(_FACTS["chapters"]["funds"])
CHAPTERS = ROMAN_CHAPTERS | FUNDS

# Numbers run on since 1945, about 400 a year, and stood at 36 850 at the end of 2025. Five digits outside
# these bounds (a sum of money, a mark of a ministry) are no dossier; the upper one leaves room for some
# twenty years.
LOWEST_DOSSIER = 10_000
HIGHEST_DOSSIER = 44_999


def is_dossier_number(digits: str) -> bool:
    """Say whether five digits can be a dossier.

    Examples
    --------
    >>> is_dossier_number("35207"), is_dossier_number("90210"), is_dossier_number("1239418757")
    (True, False, False)
    """
    return len(digits) == 5 and digits.isdecimal() and LOWEST_DOSSIER <= int(digits) <= HIGHEST_DOSSIER


def is_suffix(dossier: str, digits: str) -> bool:
    """Say whether two digits after a hyphen belong to the dossier's own number.

    Examples
    --------
    >>> is_suffix("21501", "20"), is_suffix("35925", "45")
    (True, False)
    """
    return dossier in SUFFIXED_DOSSIERS and re.fullmatch(r"[0-3][0-9]", digits) is not None


def is_chapter(dossier: str, letters: str, *, number_follows: bool) -> bool:
    """Say whether letters after a dossier are a chapter of the budget, or else a paper of the Senate.

    Parameters
    ----------
    dossier : str
        Five digits.
    letters : str
        Capitals.
    number_follows : bool
        Whether the number of a paper stands after them: "36410-L-12".

    Examples
    --------
    >>> is_chapter("36200", "X", number_follows=True), is_chapter("35526", "L", number_follows=False)
    (True, False)
    """
    if letters not in CHAPTERS:
        return False
    if number_follows:
        return True
    return dossier in BUDGET_DOSSIERS or (len(letters) > 1 and letters in ROMAN_CHAPTERS)


def spaced(dossier: str) -> str:
    """Write a dossier as papers do.

    Examples
    --------
    >>> spaced("35207"), spaced("36200-X"), spaced("21501-20")
    ('35 207', '36 200 X', '21 501-20')
    """
    digits, _, tail = dossier.partition("-")
    shown = f"{digits[:2]} {digits[2:]}"
    if not tail:
        return shown
    return f"{shown}-{tail}" if tail.isdecimal() else f"{shown} {tail}"
