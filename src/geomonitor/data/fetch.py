"""Fetch a registered source: its licence first, then the file, checked before it gets its name.

Beside every fetched file lies a record (``FILE.source.json``) with source, licence, citation, time and
checksum. Where the producer publishes no checksum, the record of the first download is what later
downloads are compared with.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from geomonitor._version import __version__
from geomonitor.data.download import Download, Progress, Tell, Transport, discard, disk_errors, download
from geomonitor.data.registry import Source
from geomonitor.errors import FetchError

if TYPE_CHECKING:
    import requests

__all__ = ["FetchResult", "add_command", "dataset_name", "describe_terms", "fetch", "file_name"]


@dataclass(frozen=True, slots=True)
class FetchResult:
    """A source file that is here and whose checksum is right.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    sha256 : str
        Its checksum.
    size_bytes : int
        Its size in bytes.
    resumed : bool
        Whether the download went on from what an earlier run had left.
    already_present : bool
        Whether the file was there already, so that nothing was downloaded.
    """

    path: Path
    sha256: str
    size_bytes: int
    resumed: bool
    already_present: bool


def fetch(
    source: Source,
    destination: Path,
    *,
    refresh: bool = False,
    transport: Transport | None = None,
    session: requests.Session | None = None,
    progress: bool = True,
    tell: Tell | None = None,
) -> FetchResult:
    """Bring the file of a source into a folder, or find that it is there already.

    Parameters
    ----------
    source : Source
        A source of the registry.
    destination : pathlib.Path
        Folder for the file; made when it does not exist.
    refresh : bool
        Download even when the file is present, and accept a changed file where the producer
        publishes no checksum.
    transport : Transport, optional
        Timeouts and retries.
    session : requests.Session, optional
        A session to use.
    progress : bool
        Show a progress bar on standard error, when that is a terminal.
    tell : callable, optional
        What shows the terms of the source and news of retries; standard error when left out.

    Returns
    -------
    FetchResult
        The file and its checksum.

    Raises
    ------
    FetchError
        There is no direct download, the file could not be brought in, its checksum is wrong, or
        another run is fetching it. What was at the destination stays as it was.

    Examples
    --------
    >>> from geomonitor.data.registry import source
    >>> fetch(source("un-comtrade"), Path("downloads"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    geomonitor.errors.FetchError: un-comtrade has no direct download.
      next: Needs your own account: register at ...
    """
    if source.url is None:
        raise FetchError(
            f"{source.id} ships with Geomonitor: there is nothing to fetch."
            if source.embedded
            else f"{source.id} has no direct download.",
            next_step=source.access,
        )
    say = tell or _to_standard_error
    target = destination / file_name(source)
    part, record_path = (
        target.with_name(target.name + ".part"),
        target.with_name(target.name + ".source.json"),
    )
    with disk_errors(destination):
        destination.mkdir(parents=True, exist_ok=True)
    with _only_one(target, source):
        known = None if refresh and source.sha256 is None else _known_sha256(source, record_path)
        if target.exists() and not refresh:
            found = _sha256(target)
            if known is None:
                raise _not_ours(source, target)
            if found == known:
                if not record_path.exists():
                    _write_record(record_path, source, found, target.stat().st_size, None)
                return FetchResult(target, found, target.stat().st_size, resumed=False, already_present=True)
            say(f"{target} is not the file that its checksum promises; downloading it again.")
        say(describe_terms(source))
        with _progress_bar(target.name, shown=progress) as report:
            brought = download(
                source.url,
                part,
                by_hand=_by_hand(source, target),
                elsewhere=f"Add what you download by hand with: {add_command(source, 'FILE')}\n"
                f"  how to get it: {source.access.strip()}",
                transport=transport,
                session=session,
                progress=report,
                tell=say,
            )
        found = _accept(brought, source, known, record_path)
        _write_record(record_path, source, found, brought.size_bytes, brought)
        with disk_errors(target):
            part.replace(target)
        discard(part)
    return FetchResult(target, found, brought.size_bytes, brought.resumed, already_present=False)


def describe_terms(source: Source) -> str:
    """Write what a user must know before using a source: licence, citation, redistribution.

    Parameters
    ----------
    source : Source
        A source of the registry.

    Returns
    -------
    str
        A few lines of text.

    Examples
    --------
    >>> from geomonitor.data.registry import source
    >>> print(describe_terms(source("cepii-baci-hs92")).splitlines()[2])
      licence: Etalab Open License 2.0 (https://www.etalab.gouv.fr/licence-ouverte-open-licence/)
    """
    redistribution = (
        "allowed under this licence, with the citation"
        if source.redistribution
        else "not allowed: use the data yourself, do not pass it on"
    )
    return "\n".join(
        (
            f"{source.id}: {source.title} ({source.vintage})",
            f"  producer: {source.producer}",
            f"  licence: {source.licence} ({source.licence_url})",
            f"  redistribution: {redistribution}",
            f"  cite as: {source.citation.strip()}",
            f"  from: {source.url or source.access.strip()}",
        )
    )


def file_name(source: Source) -> str:
    """Give the name that the file of a source gets: the last part of its address.

    Parameters
    ----------
    source : Source
        A source of the registry.

    Returns
    -------
    str
        The name; the id of the source when the address has no usable last part.

    Examples
    --------
    >>> from geomonitor.data.registry import source
    >>> file_name(source("cepii-baci-hs92"))
    'BACI_HS92_V202601.zip'
    """
    name = PurePosixPath(urlsplit(source.url or "").path).name
    usable = name and not name.startswith(".") and "\\" not in name and ":" not in name
    return name if usable else source.id


def dataset_name(source: Source) -> str:
    """Suggest the name under which the store keeps a source: its id and vintage.

    Parameters
    ----------
    source : Source
        A source of the registry.

    Returns
    -------
    str
        Lower case, without spaces.

    Examples
    --------
    >>> from geomonitor.data.registry import source
    >>> dataset_name(source("cepii-baci-hs92"))
    'cepii-baci-hs92-v202601'
    """
    return f"{source.id}-{source.vintage}".lower().replace(" ", "-")


def add_command(source: Source, file: str | Path, name: str | None = None) -> str:
    """Write the command that adds a file of this source to the store.

    Parameters
    ----------
    source : Source
        A source of the registry.
    file : str or pathlib.Path
        The file.
    name : str, optional
        Name of the dataset; `dataset_name` when left out.

    Returns
    -------
    str
        A command line.

    Examples
    --------
    >>> from geomonitor.data.registry import source
    >>> add_command(source("cepii-baci-hs92"), "BACI_HS92_V202601.zip")
    'geomonitor data add BACI_HS92_V202601.zip --format baci --name cepii-baci-hs92-v202601'
    """
    reader = source.reader or "canonical"
    return shlex.join(
        ["geomonitor", "data", "add", str(file), "--format", reader, "--name", name or dataset_name(source)]
    )


def _accept(brought: Download, source: Source, known: str | None, record_path: Path) -> str:
    """Check a complete download; one that fails is removed, so that it is never used or resumed."""
    found = _sha256(brought.part)
    wanted_bytes = source.size_bytes
    if known is not None and found != known:
        discard(brought.part)
        if source.sha256 is None:
            raise FetchError(
                "The file is not the one that was downloaded before, so it was not kept.",
                where=str(source.url),
                expected=f"sha256 {known} (recorded in {record_path.name}); found {found}",
                next_step="Look on the producer's page whether the file was replaced. If so, accept the "
                f"new one with: geomonitor data fetch {source.id} --refresh",
            )
        raise FetchError(
            "The checksum of the download is wrong, so it was not kept.",
            where=str(source.url),
            expected=f"sha256 {known}; found {found}",
            next_step="Try again. If it stays wrong, the file was replaced or changed on the way: do not use "
            "it, and look on the producer's page.",
        )
    if wanted_bytes is not None and brought.size_bytes != wanted_bytes:
        discard(brought.part)
        raise FetchError(
            "The download has the wrong size, so it was not kept.",
            where=str(source.url),
            expected=f"{wanted_bytes:,} bytes; found {brought.size_bytes:,}",
            next_step="Try again; if it stays so, look on the producer's page whether the file was replaced.",
        )
    # A page that says "not found" with status 200 must not become the trusted first download.
    if file_name(source).lower().endswith(".zip") and not zipfile.is_zipfile(brought.part):
        discard(brought.part)
        raise FetchError(
            "The server sent something that is not a zip file, so it was not kept.",
            where=str(source.url),
            expected="a complete zip file",
            next_step="Open the address in a browser: the producer may have moved the file, or a proxy may "
            "ask you to log in.",
        )
    return found


def _known_sha256(source: Source, record_path: Path) -> str | None:
    """Give the published checksum, else the one that the first download left."""
    if source.sha256 is not None:
        return source.sha256
    if not record_path.exists():
        return None
    try:
        record = json.loads(record_path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _bad_record(record_path) from error
    if not isinstance(record, dict) or not isinstance(record.get("sha256"), str):
        raise _bad_record(record_path)
    return record["sha256"] if record.get("url") == source.url else None


def _bad_record(path: Path) -> FetchError:
    return FetchError(
        "The record of an earlier download cannot be read.",
        where=str(path),
        expected="a JSON object with the key sha256",
        next_step="Move it away together with the file it belongs to, and fetch again.",
    )


def _not_ours(source: Source, target: Path) -> FetchError:
    return FetchError(
        "There is a file of this name already, and no record that it came from this source.",
        where=str(target),
        expected="no file, or one that geomonitor fetched",
        next_step=f"If you downloaded it yourself: {add_command(source, target)}. To download it again over "
        f"the present file: geomonitor data fetch {source.id} --refresh",
    )


def _by_hand(source: Source, target: Path) -> str:
    how = f"download {source.url} on a computer that has a network, bring {target.name} here, and "
    if source.reader is None:
        return how + f"put it in {target.parent}."
    return how + f"run: {add_command(source, target.name)}"


def _write_record(path: Path, source: Source, sha256: str, size_bytes: int, brought: Download | None) -> None:
    record: dict[str, Any] = {
        "source": source.id,
        "title": source.title,
        "producer": source.producer,
        "citation": source.citation.strip(),
        "licence": source.licence,
        "licence_url": source.licence_url,
        "redistribution": source.redistribution,
        "vintage": source.vintage,
        "url": source.url,
        "sha256": sha256,
        "checksum": "published" if source.sha256 else "recorded on first download",
        "size_bytes": size_bytes,
        "etag": brought.etag if brought else None,
        "last_modified": brought.last_modified if brought else None,
        "fetched": datetime.now(UTC).isoformat(timespec="seconds") if brought else None,
        "geomonitor_version": __version__,
    }
    partial = path.with_name(path.name + ".part")
    with disk_errors(path):
        with partial.open("w", encoding="utf-8") as file:
            json.dump(record, file, indent=1, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)


def _sha256(path: Path) -> str:
    import pooch

    return str(pooch.file_hash(str(path), alg="sha256"))


@contextlib.contextmanager
def _only_one(target: Path, source: Source) -> Iterator[None]:
    """Hold a lock on the file to be fetched; the system lets go of it when the process ends."""
    lock = target.with_name(f".{target.name}.lock")
    with disk_errors(lock):
        file = lock.open("a+b")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FetchError(
                f"Another run is fetching {source.id} into the same folder.",
                where=str(target),
                expected="one fetch of a source at a time",
                next_step="Wait until it has ended, and run the command again.",
            ) from error
        # The lock file stays: removing it would let a third run lock a file that no one sees.
        yield


@contextlib.contextmanager
def _progress_bar(name: str, *, shown: bool) -> Iterator[Progress]:
    if not shown or not sys.stderr.isatty():
        yield lambda received, total: None
        return
    from rich import progress as rich_progress
    from rich.console import Console

    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.DownloadColumn(),
        rich_progress.TransferSpeedColumn(),
        rich_progress.TimeRemainingColumn(),
    )
    with rich_progress.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=None)
        yield lambda received, total: bar.update(task, completed=received, total=total)


def _to_standard_error(text: str) -> None:
    print(text, file=sys.stderr)
