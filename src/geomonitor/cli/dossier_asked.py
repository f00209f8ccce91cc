"""What is asked of ``geomonitor dossier``: dossiers, papers and days, as people type them."""

from __future__ import annotations

import datetime

from geomonitor.errors import GeomonitorError

__all__ = ["counted", "day_asked", "dossier_asked", "paper_asked"]

_KINDS = {
    "matter": "a matter",
    "document": "a document",
    "commitment": "a commitment",
    "dossier": "a dossier",
    "question": "a written question",
    "proceedings": "a part of the proceedings",
    "annex": "an annex",
    "eu_document": "a document of the Union",
    "eu_law": "a law of the Union",
}


def dossier_asked(text: str, where: str) -> str:
    """Give the key of the dossier that a person typed; empty where nothing was typed.

    Raises
    ------
    GeomonitorError
        If it is no dossier; a paper is told with its dossier.

    Examples
    --------
    >>> dossier_asked("36 200 X", "--dossier"), dossier_asked("21501-20", "--dossier")
    ('36200-X', '21501-20')
    """
    from geomonitor.dossier.reading.normal_forms import identify, normal_dossier, split_paper

    if not text.strip():
        return ""
    found = identify(text)
    if found is not None and found[0] == "dossier":
        return found[1].removeprefix("dossier-")
    if found is not None:
        kind, normal = found
        if kind == "paper":
            dossier = split_paper(normal)[0]
            raise GeomonitorError(
                f"{text!r} is a paper, not a dossier.",
                where=where,
                expected="a dossier: 35207, 36200-X, 21501-20",
                next_step=f"Name its dossier, {dossier}; "
                f"the paper itself is shown by: geomonitor dossier show {normal}",
            )
        raise GeomonitorError(
            f"{text!r} is {_KINDS[kind]}, not a dossier.",
            where=where,
            expected="a dossier: 35207, 36200-X, 21501-20",
            next_step="Name the dossier.",
        )
    try:
        return normal_dossier(text)
    except GeomonitorError as error:
        raise GeomonitorError(
            error.what,
            where=where,
            expected=error.expected,
            next_step="Write it as on its papers, without the number of a paper.",
        ) from error


def paper_asked(text: str, where: str, *, only_printed: bool = False) -> str:
    """Give the normal form of the paper, matter or document that a person typed.

    Parameters
    ----------
    text : str
    where : str
        The option or argument.
    only_printed : bool
        Refuse matters and documents, which are no papers of a dossier.

    Raises
    ------
    GeomonitorError
        If it is none; something else is told by what it is.

    Examples
    --------
    >>> paper_asked("35207 nr 60", "PAPER"), paper_asked("2022z24775", "PAPER")
    ('kst-35207-60', '2022Z24775')
    """
    from geomonitor.dossier.reading.normal_forms import identify

    expected = "dossier and number, such as 35207-60"
    if not only_printed:
        expected += ", or a matter or document, such as 2022Z24775"
    found = identify(text)
    if found is None:
        raise GeomonitorError(
            f"{text!r} is no paper.", where=where, expected=expected, next_step="Write it as on the paper."
        )
    kind, normal = found
    if kind == "paper" or (kind in ("matter", "document") and not only_printed):
        return normal
    next_step = {
        "dossier": f'Add the number of the paper. All papers of it: geomonitor dossier search "" '
        f"--dossier {normal.removeprefix('dossier-')}",
        "commitment": f"Commitments are listed by: geomonitor dossier commitments; "
        f"papers that name it by: geomonitor dossier search {normal}",
    }.get(kind, f'Papers that name it are found by: geomonitor dossier search "{normal}"')
    raise GeomonitorError(
        f"{text!r} is {_KINDS[kind]}, not a paper.", where=where, expected=expected, next_step=next_step
    )


def day_asked(text: str | None, where: str) -> datetime.date | None:
    """Give the day that a person typed; None where nothing was typed.

    Raises
    ------
    GeomonitorError
        If it is no day.

    Examples
    --------
    >>> day_asked("2023-01-13", "--date")
    datetime.date(2023, 1, 13)
    """
    if text is None or not text.strip():
        return None
    try:
        return datetime.datetime.strptime(text.strip(), "%Y-%m-%d").date()
    except ValueError as error:
        raise GeomonitorError(
            f"{text!r} is no day.",
            where=where,
            expected="year, month and day: 2023-01-13",
            next_step="Write it in that order, with hyphens.",
        ) from error


def counted(number: int, one: str, many: str) -> str:
    """Write a number with its noun.

    Examples
    --------
    >>> counted(1, "paper", "papers"), counted(2_000, "paper", "papers")
    ('1 paper', '2,000 papers')
    """
    return f"{number:,} {one if number == 1 else many}"
