"""Public interests: which ones there are, and which products serve them."""

from __future__ import annotations

import datetime
import importlib.resources
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geomonitor.data.described_files import DescribedFiles

__all__ = [
    "InterestEntry",
    "Interests",
    "PublicInterest",
    "load_interests",
]

_CODE = re.compile(r"[a-z][a-z0-9_]*")
_FILES = DescribedFiles("See docs/strategic.md for the format.")


@dataclass(frozen=True, slots=True)
class PublicInterest:
    """A public interest that a dependency can put at risk.

    Attributes
    ----------
    code : str
    name : dict of str to str
        By language ('en', 'nl').
    source : str
        Where the interest is named.
    """

    code: str
    name: Mapping[str, str]
    source: str


@dataclass(frozen=True, slots=True)
class InterestEntry:
    """Why some products serve public interests.

    Attributes
    ----------
    name : str
    prefixes : tuple of str
        2, 4 or 6 digits of the Harmonized System.
    excluded : tuple of str
        Longer prefixes that are left out.
    hs_revisions : tuple of str
        Revisions in which the prefixes mean what the entry says.
    interests : tuple of str
        Codes of public interests.
    date : datetime.date
        When the entry was made or last looked at.
    source, reason : str
    file : str
        Name of the file that holds the entry.
    """

    name: str
    prefixes: tuple[str, ...]
    excluded: tuple[str, ...]
    hs_revisions: tuple[str, ...]
    interests: tuple[str, ...]
    date: datetime.date
    source: str
    reason: str
    file: str

    def matches(self, product: str, hs_revision: str | None = None) -> bool:
        """Say whether a product falls under the entry.

        Parameters
        ----------
        product : str
            HS6 code.
        hs_revision : str, optional
            Revision of the code; where left out, the entry's range is not looked at.
        """
        return (
            product.startswith(self.prefixes)
            and not (self.excluded and product.startswith(self.excluded))
            and (hs_revision is None or hs_revision in self.hs_revisions)
        )


@dataclass(frozen=True, slots=True)
class Interests:
    """Public interests and the products that serve them.

    Attributes
    ----------
    version : str
        Of the file, with those of the files that extend it.
    date : datetime.date
        Of the newest file.
    source : str
    interests : tuple of PublicInterest
        In the order in which they are listed.
    entries : tuple of InterestEntry
    """

    version: str
    date: datetime.date
    source: str
    interests: tuple[PublicInterest, ...]
    entries: tuple[InterestEntry, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the interests."""
        return tuple(each.code for each in self.interests)

    def entries_for(self, product: str, hs_revision: str | None = None) -> tuple[InterestEntry, ...]:
        """Give every entry under which a product falls.

        Parameters
        ----------
        product : str
            HS6 code.
        hs_revision : str, optional
            See `InterestEntry.matches`.

        Examples
        --------
        >>> [each.name for each in load_interests().entries_for("294110")]
        ['Antibiotics']
        """
        return tuple(each for each in self.entries if each.matches(product, hs_revision))

    def of(self, product: str, hs_revision: str | None = None) -> tuple[str, ...]:
        """Give the codes of the interests that a product serves: those of all entries that match.

        Parameters
        ----------
        product : str
            HS6 code.
        hs_revision : str, optional
            See `InterestEntry.matches`.

        Examples
        --------
        >>> load_interests().of("294110"), load_interests().of("660110")
        (('public_health',), ())
        """
        served = {code for each in self.entries_for(product, hs_revision) for code in each.interests}
        return tuple(code for code in self.codes if code in served)

    def as_record(self) -> dict[str, Any]:
        """Give what identifies the mapping, for the record of an edition."""
        return {"version": self.version, "date": self.date.isoformat(), "source": self.source}


def load_interests(
    path: str | Path | None = None, *, extend: str | Path | Sequence[str | Path] = ()
) -> Interests:
    """Read public interests and the products that serve them.

    Where several entries match a product, it has the interests of all of them: a more precise entry
    adds, and takes nothing away (an entry takes codes out of itself with `except`).

    Parameters
    ----------
    path : path, optional
        TOML file to use in place of the one that ships with Geomonitor.
    extend : path or sequence of path
        TOML files whose interests and entries are added.

    Returns
    -------
    Interests

    Raises
    ------
    DataError
        If a file cannot be read or an entry is not valid; the message names file, entry and key.

    Examples
    --------
    >>> load_interests().codes
    ('national_security', 'public_health', 'transitions', 'earning_capacity', 'fundamental_values')
    """
    shipped = importlib.resources.files("geomonitor.dependency") / "interests.toml"
    files = [extend] if isinstance(extend, str | Path) else list(extend)
    if path is None:
        first = _parsed(
            _FILES.parsed(shipped.read_text(encoding="utf-8"), "interests.toml"), "interests.toml", ()
        )
    else:
        first = _parsed(_FILES.read(path), str(path), ())
    for file in files:
        added = _parsed(_FILES.read(file), str(file), first.codes)
        first = Interests(
            version=f"{first.version} + {added.version}",
            date=max(first.date, added.date),
            source=f"{first.source}; {added.source}",
            interests=first.interests + added.interests,
            entries=first.entries + added.entries,
        )
    return first


def _parsed(raw: dict[str, Any], file: str, known: Sequence[str]) -> Interests:
    top = {"version": str, "date": datetime.date, "source": str, "interest": list, "product": list}
    _FILES.checked(raw, top, file, optional=("interest", "product"))
    interests = tuple(
        _interest(each, f"{file}, interest {number}")
        for number, each in enumerate(raw.get("interest", []), start=1)
    )
    codes = [*known, *(each.code for each in interests)]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise _FILES.wrong(
            f"{', '.join(twice)} is defined twice.", f"{file}, interest", "code", "one definition"
        )
    entries = tuple(
        _entry(each, _called(each, number, file), file, codes)
        for number, each in enumerate(raw.get("product", []), start=1)
    )
    return Interests(
        version=raw["version"], date=raw["date"], source=raw["source"], interests=interests, entries=entries
    )


def _called(raw: object, number: int, file: str) -> str:
    name = raw.get("name") if isinstance(raw, dict) else None
    return f"{file}, product {number}" + (f" ({name})" if isinstance(name, str) else "")


def _interest(raw: Any, where: str) -> PublicInterest:
    _FILES.checked(raw, {"code": str, "name": dict, "source": str}, where)
    if not _CODE.fullmatch(raw["code"]):
        raise _FILES.wrong(
            f"{raw['code']!r} cannot be a code.", where, "code", "lower-case letters, digits and underscores"
        )
    _FILES.checked(raw["name"], {"en": str, "nl": str}, f"{where}, key name")
    return PublicInterest(code=raw["code"], name=raw["name"], source=raw["source"])


def _entry(raw: Any, where: str, file: str, codes: Sequence[str]) -> InterestEntry:
    kinds = {
        "name": str,
        "prefixes": list,
        "except": list,
        "hs_revisions": str,
        "interests": list,
        "date": datetime.date,
        "source": str,
        "reason": str,
    }
    _FILES.checked(raw, kinds, where, optional=("except",))
    prefixes = _FILES.prefixes(raw["prefixes"], where, "prefixes")
    excluded = _FILES.prefixes(raw["except"], where, "except") if "except" in raw else ()
    stray = [each for each in excluded if not each.startswith(prefixes)]
    if stray:
        raise _FILES.wrong(f"{', '.join(stray)} is not under a prefix.", where, "except", "longer prefixes")
    unknown = [each for each in raw["interests"] if each not in codes]
    if unknown or not raw["interests"]:
        raise _FILES.wrong(
            f"There is no interest {unknown[0]!r}." if unknown else "The list is empty.",
            where,
            "interests",
            f"one or more of {', '.join(codes)}",
        )
    return InterestEntry(
        name=raw["name"],
        prefixes=prefixes,
        excluded=excluded,
        hs_revisions=_FILES.revisions(raw["hs_revisions"], where),
        interests=tuple(raw["interests"]),
        date=raw["date"],
        source=raw["source"],
        reason=raw["reason"],
        file=file,
    )
