"""What is listed instead of loaded: a file, a member of an archive or a row that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass

from geomonitor.errors import GeomonitorError

__all__ = ["Unreadable"]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file, member or row that could not be read, and why; the rest is read on.

    Examples
    --------
    >>> Unreadable("papers.zip: kst-1-1.xml", "The XML document is empty.").reason
    'The XML document is empty.'
    """

    where: str
    reason: str

    @classmethod
    def of(cls, error: GeomonitorError, where: str) -> Unreadable:
        """Give the listing of an error; its own place is kept where it says more than `where`.

        Examples
        --------
        >>> Unreadable.of(GeomonitorError("It is empty.", where="a.xml, byte 0"), "a.xml")
        Unreadable(where='a.xml, byte 0', reason='It is empty.')
        """
        return cls(error.where or where, error.what)
