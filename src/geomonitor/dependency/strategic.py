"""From dependent to strategic: a public interest is served, and nothing readily stands in."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from geomonitor.data.described_files import DescribedFiles
from geomonitor.dependency.interests import Interests
from geomonitor.errors import DataError

__all__ = ["Judgement", "Judgements", "load_substitutability", "strategic"]

_FILES = DescribedFiles("See docs/strategic.md for the format.")

_ALL = "*"
_BASIS = {True: "judged substitutable", False: "judged not substitutable", None: "not judged"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """An expert's judgement on whether products are readily substitutable.

    Attributes
    ----------
    prefix : str
        2, 4 or 6 digits of the Harmonized System.
    importer : str
        For whom; ``*`` for all.
    substitutable : bool
        Whether another product or supplier readily stands in.
    author : str
        Role or organisation of the expert.
    date : datetime.date
    reason : str
    """

    prefix: str
    importer: str
    substitutable: bool
    author: str
    date: datetime.date
    reason: str

    def matches(self, product: str, importer: str) -> bool:
        """Say whether the judgement is about a product of an importer."""
        return product.startswith(self.prefix) and self.importer in (_ALL, importer)


@dataclass(frozen=True, slots=True)
class Judgements:
    """Experts' judgements on substitutability.

    Attributes
    ----------
    judgements : tuple of Judgement
        Oldest first.
    source : str
        File that they came from; empty where there are none.
    """

    judgements: tuple[Judgement, ...] = ()
    source: str = ""

    def of(self, product: str, importer: str) -> Judgement | None:
        """Give the newest judgement on a product of an importer; None where nobody judged.

        Parameters
        ----------
        product : str
            HS6 code.
        importer : str
            Code of the importer.

        Examples
        --------
        >>> Judgements().of("294110", "NLD") is None
        True
        """
        found = [each for each in self.judgements if each.matches(product, importer)]
        return found[-1] if found else None


def load_substitutability(path: str | Path) -> Judgements:
    """Read experts' judgements on substitutability.

    The newest judgement on a product and importer counts, whether it is about a chapter, a heading
    or one product, and whether about one importer or all.

    Parameters
    ----------
    path : path
        TOML file with a table `[[judgement]]` each: `product` (2, 4 or 6 digits), `importer` (a code,
        or ``*`` for all), `substitutable` (true or false), `author`, `date` and `reason`.

    Returns
    -------
    Judgements

    Raises
    ------
    DataError
        If the file is not valid, or judgements of the same date on the same product and importer
        contradict each other; the message names file, entry and key.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "judgements.toml"
    ...     _ = file.write_text('''[[judgement]]
    ... product = "2941"
    ... importer = "*"
    ... substitutable = false
    ... author = "panel of pharmacists"
    ... date = 2026-01-31
    ... reason = "No licensed producer outside two economies."
    ... ''')
    ...     load_substitutability(file).of("294110", "NLD").substitutable
    False
    """
    raw = _FILES.read(path)
    _FILES.checked(raw, {"judgement": list}, str(path), optional=("judgement",))
    found = [
        _judgement(each, f"{path}, judgement {number}")
        for number, each in enumerate(raw.get("judgement", []), start=1)
    ]
    _refuse_contradictions(found, str(path))
    return Judgements(judgements=tuple(sorted(found, key=lambda each: each.date)), source=str(path))


def strategic(
    products: pl.DataFrame,
    interests: Interests,
    judgements: Judgements | None = None,
    *,
    importer: str | None = None,
    hs_revision: str | None = None,
) -> pl.DataFrame:
    """Tell strategic dependencies from others.

    A product is strategic when it is dependent, serves a public interest, and is not judged readily
    substitutable. A product on which no expert judged stays strategic: not knowing a way out is no
    way out; `strategic_basis` tells the two apart.

    Parameters
    ----------
    products : polars.DataFrame
        With columns `product` and `dependent`, and `importer` unless it is given apart.
    interests : Interests
    judgements : Judgements, optional
        None: nobody judged.
    importer : str, optional
        Code of the importer, where the table has no such column.
    hs_revision : str, optional
        Revision of the codes, to use only the entries made for it.

    Returns
    -------
    polars.DataFrame
        The same rows with `interests` (codes joined by semicolons; empty where none is served),
        `substitutable` (null where nobody judged), `strategic` (null where `dependent` is open and
        would decide) and `strategic_basis` ('judged not substitutable', 'judged substitutable' or
        'not judged').

    Raises
    ------
    DataError
        If a column is missing.

    Notes
    -----
    Step 1 of the three steps of the letter of 11 May 2022 (Kamerstuk 35 207, no. 60), as the
    geo-economic monitor of 2022 applied it: dependence, a public interest, and little room for
    substitution in the judgement of researchers.

    Examples
    --------
    >>> from geomonitor.dependency.interests import load_interests
    >>> table = pl.DataFrame({"product": ["294110", "660110"], "dependent": [True, True]})
    >>> found = strategic(table, load_interests(), importer="NLD")
    >>> found.select("product", "interests", "strategic", "strategic_basis").rows()
    [('294110', 'public_health', True, 'not judged'), ('660110', '', False, 'not judged')]
    """
    needed = ["product", "dependent", *(["importer"] if importer is None else [])]
    missing = [name for name in needed if name not in products.columns]
    if missing:
        raise DataError(
            f"The table lacks {', '.join(missing)}.",
            where=f"columns found: {', '.join(products.columns)}",
            expected=", ".join(needed),
        )
    judged = judgements or Judgements()
    codes = products["product"].cast(pl.String).to_list()
    whose = products["importer"].cast(pl.String).to_list() if importer is None else [importer] * len(codes)
    served = {code: ";".join(interests.of(code, hs_revision)) for code in set(codes)}
    judgement = {pair: judged.of(*pair) for pair in set(zip(codes, whose, strict=True))}
    verdicts = [judgement[pair] for pair in zip(codes, whose, strict=True)]
    substitutable = [None if each is None else each.substitutable for each in verdicts]
    return products.with_columns(
        pl.Series("interests", [served[code] for code in codes], dtype=pl.String),
        pl.Series("substitutable", substitutable, dtype=pl.Boolean),
        pl.Series("strategic_basis", [_BASIS[each] for each in substitutable], dtype=pl.String),
    ).with_columns(
        strategic=pl.col("dependent")
        & (pl.col("interests") != "")
        & ~pl.col("substitutable").fill_null(False)
    )


def _judgement(raw: Any, where: str) -> Judgement:
    kinds = {
        "product": str,
        "importer": str,
        "substitutable": bool,
        "author": str,
        "date": datetime.date,
        "reason": str,
    }
    _FILES.checked(raw, kinds, where)
    (prefix,) = _FILES.prefixes([raw["product"]], where, "product")
    return Judgement(
        prefix=prefix,
        importer=raw["importer"],
        substitutable=raw["substitutable"],
        author=raw["author"],
        date=raw["date"],
        reason=raw["reason"],
    )


def _refuse_contradictions(found: list[Judgement], file: str) -> None:
    for number, one in enumerate(found, start=1):
        for place, other in enumerate(found[:number], start=1):
            overlap = one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix)
            same = one.importer == other.importer or _ALL in (one.importer, other.importer)
            if overlap and same and one.date == other.date and one.substitutable != other.substitutable:
                raise DataError(
                    f"Two judgements of {one.date} contradict each other: {other.author} on {other.prefix} "
                    f"for {other.importer}, {one.author} on {one.prefix} for {one.importer}.",
                    where=f"{file}, judgements {place} and {number}, key substitutable",
                    expected="one judgement a date on the same product and importer",
                    next_step="Date the one that counts later, or take the other out.",
                )
