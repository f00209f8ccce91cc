"""What the URL of a page asks for, read strictly: a wrong part is named, with what is possible."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlencode

from geomonitor.report.content import Content, ShownImporter
from geomonitor.web.evidence.contents import among, chosen_importer, importer_key, unknown_value
from geomonitor.web.language import say
from geomonitor.web.words import PageError

__all__ = ["Asked"]

# of every page with tables
_ALWAYS = ("download", "table")


class Asked:
    """The parameters of a page.

    Parameters
    ----------
    query : mapping
        Such as `request.GET`.
    names : collection of str
        What this page knows.

    Raises
    ------
    GeomonitorError
        If the query has a parameter that the page does not know.

    Examples
    --------
    >>> asked = Asked({"chain": "solar"}, ("chain", "economy"))
    >>> asked.choice("chain", ("chips", "solar"), "chips"), asked.choice("economy", ("CHN",), "CHN")
    ('solar', 'CHN')
    >>> asked.url(chain="chips")
    '?chain=chips&economy=CHN'
    """

    def __init__(self, query: Mapping[str, Any], names: Collection[str]) -> None:
        for name in query:
            if name not in names and name not in _ALWAYS:
                near = get_close_matches(name, names, n=1)
                raise PageError(
                    say(None, "studies.unknown_parameter", name=name[:60]),
                    where=say(None, "studies.in_the_address"),
                    expected=", ".join((*names, *_ALWAYS)),
                    next_step=say(None, "studies.did_you_mean", near=near[0]) if near else None,
                )
        self._query = query
        self._values: dict[str, str] = {}

    @property
    def values(self) -> Mapping[str, str]:
        """What was asked for, or taken by default."""
        return self._values

    def importer(self, content: Content) -> ShownImporter:
        """Read the importer; the first of the edition where none is named.

        Raises
        ------
        UnknownCodeError
            If the edition has no such importer.
        """
        found = chosen_importer(content, self._query)
        self._values["importer"] = importer_key(content, found)
        return found

    def choice(self, name: str, options: Sequence[str], default: str = "") -> str:
        """Read one of some codes.

        Raises
        ------
        UnknownCodeError
            If it is none of them.
        """
        self._values[name] = among(self._query, name, options, default)
        return self._values[name]

    def several(self, name: str, options: Sequence[str], *, most: int) -> tuple[str, ...]:
        """Read up to some number of codes, each given by a parameter of its own.

        Raises
        ------
        UnknownCodeError
            If one is not among the options.
        GeomonitorError
            If there are too many.
        """
        read = getattr(self._query, "getlist", None)
        given = read(name) if read is not None else [self._query[name]] if name in self._query else []
        chosen = tuple(dict.fromkeys(each.strip() for each in given if each.strip()))
        for each in chosen:
            if each not in options:
                raise unknown_value(name, each, options)
        if len(chosen) > most:
            raise PageError(
                say(None, "studies.too_many", name=name, number=len(chosen), most=most),
                where=say(None, "studies.in_the_address"),
            )
        return chosen

    def url(self, **changed: str) -> str:
        """Give the query that asks for the same with some parameters changed; empty ones are left out."""
        values = {**self._values, **changed}
        kept = {name: value for name, value in values.items() if value}
        return f"?{urlencode(kept)}" if kept else "?"

    @property
    def downloads(self) -> str:
        """What stands before ``download=`` in the address of a file."""
        query = self.url().removeprefix("?")
        return f"{query}&" if query else ""
