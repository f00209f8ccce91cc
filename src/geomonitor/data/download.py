"""Bring one file in over HTTP: resumed after an interruption, retried with patience, never trusted.

Pooch, which Geomonitor uses for checksums, starts every download from zero; a BACI release is larger
than two gigabytes, so the transfer itself is written here on requests, with ranges.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from geomonitor._version import __version__
from geomonitor.data.asking import RETRIED_STATUSES, InterruptedTransferError, ask, retry_after_s
from geomonitor.errors import FetchError

if TYPE_CHECKING:
    import requests

__all__ = ["Download", "Transport", "discard", "disk_errors", "download"]

Progress = Callable[[int, int | None], None]
Tell = Callable[[str], None]

_CONTENT_RANGE = re.compile(r"bytes (?P<first>\d+)-\d+/(?P<total>\d+|\*)")
_UNSATISFIED_RANGE = re.compile(r"bytes \*/(?P<total>\d+)")


@dataclass(frozen=True, slots=True)
class Transport:
    """How patient a download is.

    Parameters
    ----------
    connect_timeout_s, read_timeout_s : float
        Longest wait for a connection, and between two pieces of the body, in seconds.
    attempts : int
        Attempts without progress before giving up; an attempt that brings new bytes starts the count anew.
    unreachable_attempts : int
        The same where no connection can be made at all, so that a machine without a network hears soon.
    redirects : int
        Redirects to follow.
    backoff_s : float
        Wait before the second attempt, in seconds; it doubles with every further one.
    longest_wait_s : float
        Longest single wait, in seconds; a server that asks for more ends the download.
    chunk_bytes : int
        Bytes read at a time; fewer than these are lost when a connection breaks.
    sleep : callable
        What waits, given seconds.

    Examples
    --------
    >>> Transport().attempts
    5
    """

    connect_timeout_s: float = 15.0
    read_timeout_s: float = 60.0
    attempts: int = 5
    unreachable_attempts: int = 2
    redirects: int = 5
    backoff_s: float = 1.0
    longest_wait_s: float = 120.0
    chunk_bytes: int = 1 << 16
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Download:
    """A complete body, as yet unchecked, in its ``.part`` file.

    Parameters
    ----------
    part : pathlib.Path
        The file.
    size_bytes : int
        Its size in bytes.
    resumed : bool
        Whether bytes of an earlier attempt were kept.
    etag, last_modified : str or None
        What the server calls this version of the file.
    """

    part: Path
    size_bytes: int
    resumed: bool
    etag: str | None
    last_modified: str | None


def download(
    url: str,
    part: Path,
    *,
    by_hand: str,
    elsewhere: str,
    transport: Transport | None = None,
    session: requests.Session | None = None,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> Download:
    """Download a file into a ``.part`` file, continuing one that an earlier run left.

    Proxies come from ``HTTP_PROXY``, ``HTTPS_PROXY`` and ``NO_PROXY``. What there is of the file is kept
    only when the server confirms, by ETag or Last-Modified, that it is still the same file.

    Parameters
    ----------
    url : str
        Address of the file.
    part : pathlib.Path
        Where the body goes; what is known of it goes into the same name with ``.json`` added.
    by_hand : str
        What the user can do without a network.
    elsewhere : str
        What the user can do when the file is no longer, or not for everyone, at its address.
    transport : Transport, optional
        Timeouts and retries.
    session : requests.Session, optional
        A session to use; one is opened and closed when left out.
    progress : callable, optional
        Called with the bytes received and the bytes expected (None when the server does not say).
    tell : callable, optional
        Called with a sentence before each wait.

    Returns
    -------
    Download
        The complete file, not yet compared with any checksum.

    Raises
    ------
    FetchError
        The file could not be brought in; the message says what to do. A partial file stays for next time.
    """
    import requests

    transport = transport or Transport()
    opened: contextlib.AbstractContextManager[requests.Session] = (
        contextlib.nullcontext(session) if session is not None else requests.Session()
    )
    report = progress or (lambda received, total: None)
    with opened as ready:
        failures, furthest = 0, _size(part)
        while True:
            try:
                return _attempt(ready, url, part, elsewhere, transport, report)
            except InterruptedTransferError as interruption:
                if _size(part) > furthest:
                    failures, furthest = 0, _size(part)
                failures += 1
                limit = transport.unreachable_attempts if interruption.unreachable else transport.attempts
                wait_s = interruption.wait_s
                if wait_s is None:
                    wait_s = min(transport.backoff_s * 2 ** (failures - 1), transport.longest_wait_s)
                if failures >= limit or wait_s > transport.longest_wait_s:
                    raise _gave_up(interruption, url, part, failures, wait_s, by_hand) from interruption
                if tell is not None:
                    tell(f"{interruption} Trying again in {wait_s:.0f} s.")
                transport.sleep(wait_s)


def discard(part: Path) -> None:
    """Remove a partial file and what is known of it.

    Parameters
    ----------
    part : pathlib.Path
        The partial file; it need not exist.
    """
    part.unlink(missing_ok=True)
    _notes_path(part).unlink(missing_ok=True)


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn a full disk or a folder that cannot be written into a plain message.

    Parameters
    ----------
    path : pathlib.Path
        What is being written.

    Raises
    ------
    FetchError
        The operating system refused the write.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full(path) from error
        raise FetchError(
            f"The file could not be written: {error.strerror or error}.",
            where=str(path),
            expected="a folder that you may write to",
            next_step="Choose another folder with --to, or mend its permissions.",
        ) from error


def _attempt(
    session: requests.Session, url: str, part: Path, elsewhere: str, transport: Transport, report: Progress
) -> Download:
    offset, notes = _resume_point(part, url)
    headers = {"Accept-Encoding": "identity", "User-Agent": f"geomonitor/{__version__}"}
    if offset:
        headers |= {"Range": f"bytes={offset}-", "If-Range": str(notes["validator"])}
    with _open(session, url, headers, transport) as response:
        status = response.status_code
        if offset and status in (206, 416):
            total = _confirmed_total(response, offset, notes)
            if total is None:
                discard(part)
        elif status == 200:
            total, offset = _content_length(response), 0
        else:
            raise _refusal(response, url, elsewhere)
        if total is not None and status == 416:
            report(offset, total)
            return Download(part, offset, True, notes["etag"], notes["last_modified"])
        if total is not None or status == 200:
            encoding = response.headers.get("Content-Encoding", "identity")
            if encoding != "identity":
                raise FetchError(
                    f"The server sends the file in the encoding {encoding!r}, which was not asked for.",
                    where=url,
                    expected="the file as it is",
                    next_step="Check whether a proxy on the way changes downloads.",
                )
            _require_room(part, total, offset)
            if not offset:
                _write_notes(part, url, response)
            received = _receive(response, part, offset, total, transport, report)
            etag, last_modified = response.headers.get("ETag"), response.headers.get("Last-Modified")
            return Download(part, received, offset > 0, etag, last_modified)
    # What was kept belongs to another version of the file: from zero, without a range.
    return _attempt(session, url, part, elsewhere, transport, report)


def _open(
    session: requests.Session, url: str, headers: dict[str, str], transport: Transport
) -> requests.Response:
    """Ask for the file, following redirects one by one so that each can be judged."""
    address = url
    for _ in range(transport.redirects + 1):
        timeouts = (transport.connect_timeout_s, transport.read_timeout_s)
        response = ask(session, address, headers, timeouts)
        location = session.get_redirect_target(response)
        if location is None:
            return response
        response.close()
        target = urljoin(address, location)
        old, new = urlsplit(address), urlsplit(target)
        if new.scheme not in ("http", "https") or (old.scheme, new.scheme) == ("https", "http"):
            raise FetchError(
                f"The server redirects to an address that is not safe: {new.scheme}://{new.hostname or ''}.",
                where=address,
                expected="a redirect that stays on https",
                next_step="Check the address on the producer's page.",
            )
        address = target
    raise FetchError(
        f"The server redirects more than {transport.redirects} times.",
        where=url,
        expected="the file after a few redirects at most",
        next_step="Check the address on the producer's page.",
    )


def _receive(
    response: requests.Response,
    part: Path,
    offset: int,
    total: int | None,
    transport: Transport,
    report: Progress,
) -> int:
    """Write the body to the end of the kept bytes; a body that ends early is an interruption."""
    import requests

    host = urlsplit(response.url).netloc
    received = offset
    with disk_errors(part):
        file = part.open("ab" if offset else "wb")
    # Closing flushes, and may be the moment at which the disk turns out to be full.
    with disk_errors(part), file:
        report(received, total)
        chunks = response.iter_content(transport.chunk_bytes)
        while True:
            try:
                chunk = next(chunks, None)
            except requests.exceptions.RequestException as error:
                file.flush()
                of_total = f" of {total:,}" if total is not None else ""
                raise InterruptedTransferError(
                    f"{host} broke off after {received:,}{of_total} bytes."
                ) from error
            if chunk is None:
                break
            file.write(chunk)
            received += len(chunk)
            report(received, total)
        file.flush()
        os.fsync(file.fileno())
    if total is not None and received != total:
        if received > total:
            discard(part)
        raise InterruptedTransferError(f"{host} sent {received:,} bytes where it announced {total:,}.")
    return received


def _confirmed_total(response: requests.Response, offset: int, notes: dict[str, Any]) -> int | None:
    """Give the size of the whole file if the server goes on with the same one, else None."""
    for header, key in (("ETag", "etag"), ("Last-Modified", "last_modified")):
        if header in response.headers and response.headers[header] != notes[key]:
            return None
    found = response.headers.get("Content-Range", "")
    if response.status_code == 416:
        unsatisfied = _UNSATISFIED_RANGE.fullmatch(found)
        return offset if unsatisfied and int(unsatisfied["total"]) == offset else None
    match = _CONTENT_RANGE.fullmatch(found)
    if match is None or int(match["first"]) != offset:
        return None
    if match["total"] != "*":
        return int(match["total"])
    length = _content_length(response)
    return None if length is None else offset + length


def _content_length(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() else None


def _refusal(response: requests.Response, url: str, elsewhere: str) -> Exception:
    """Say what an answer without the file means."""
    status, host = response.status_code, urlsplit(response.url).netloc
    if status in RETRIED_STATUSES:
        return InterruptedTransferError(
            f"{host} answers {status} ({response.reason}).",
            wait_s=retry_after_s(response.headers.get("Retry-After")),
        )
    if status in (404, 410):
        return FetchError(
            f"{host} has no such file ({status}).",
            where=url,
            expected="the file at this address",
            next_step=f"The producer may have brought out a newer release and moved this one. {elsewhere}",
        )
    if status in (401, 403, 407):
        return FetchError(
            f"{host} refuses access ({status}).",
            where=url,
            expected="a file that is open to everyone",
            next_step=f"Check the proxy settings, or download it in a browser. {elsewhere}",
        )
    return FetchError(
        f"{host} answers {status} ({response.reason}) instead of sending the file.",
        where=url,
        expected="status 200",
        next_step="Try again later, or check the address on the producer's page.",
    )


def _gave_up(
    interruption: InterruptedTransferError, url: str, part: Path, failures: int, wait_s: float, by_hand: str
) -> FetchError:
    kept = _size(part)
    if interruption.unreachable:
        return FetchError(
            str(interruption),
            where=url,
            expected="a network connection, or a proxy named by HTTPS_PROXY",
            next_step=by_hand,
        )
    asked = interruption.wait_s is not None and wait_s > 0
    advice = f"Try again in {wait_s:.0f} s or more" if asked else "Try again later"
    if kept:
        advice += f"; the {kept:,} bytes received are kept and the download goes on from there"
    return FetchError(
        f"{interruption} Gave up after {failures} attempt{'s' if failures > 1 else ''} without progress.",
        where=url,
        expected="the complete file",
        next_step=f"{advice}. Or: {by_hand}",
    )


def _require_room(part: Path, total: int | None, offset: int) -> None:
    if total is None:
        return
    replaced = 0 if offset else _size(part)
    if shutil.disk_usage(part.parent).free + replaced < total - offset:
        raise _disk_full(part, total - offset)


def _disk_full(path: Path, needed: int | None = None) -> FetchError:
    return FetchError(
        "There is not enough room on the disk for the download.",
        where=str(path),
        expected=f"{needed:,} bytes free" if needed is not None else "room for the whole file",
        next_step="Make room and run the same command again: it goes on where it stopped. Or choose another "
        "folder with --to.",
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _notes_path(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _write_notes(part: Path, url: str, response: requests.Response) -> None:
    etag, last_modified = response.headers.get("ETag"), response.headers.get("Last-Modified")
    # A weak ETag does not promise the same bytes, so it cannot carry a range.
    strong = etag if etag is not None and not etag.startswith("W/") else None
    notes = {"url": url, "etag": etag, "last_modified": last_modified, "validator": strong or last_modified}
    with disk_errors(part):
        # The old bytes go first: new notes must never describe them.
        part.unlink(missing_ok=True)
        _notes_path(part).write_text(json.dumps(notes, indent=1), encoding="utf-8")


def _resume_point(part: Path, url: str) -> tuple[int, dict[str, Any]]:
    """Give the bytes to keep and what is known of them; zero when it is not certain what they are."""
    offset, path = _size(part), _notes_path(part)
    if not offset or not path.exists():
        return 0, {}
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return 0, {}
    keys = {"url", "etag", "last_modified", "validator"}
    if (
        not isinstance(notes, dict)
        or not keys <= notes.keys()
        or notes["url"] != url
        or not notes["validator"]
    ):
        return 0, {}
    return offset, notes
