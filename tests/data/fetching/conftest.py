"""A server on this machine that misbehaves on purpose, and a fetcher that does not wait."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from geomonitor.data.download import Transport
from geomonitor.data.fetch import FetchResult, fetch
from geomonitor.data.registry import Source

BODY = bytes(range(256)) * 64
OTHER_BODY = bytes(reversed(range(256))) * 64
SHA256 = hashlib.sha256(BODY).hexdigest()

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers with the next behaviour that is scripted for the path; the last one repeats."""

    server: LocalServer

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers.items())))
        script = self.server.scripts[self.path]
        (script.pop(0) if len(script) > 1 else script[0])(self)

    def do_CONNECT(self) -> None:
        self.server.seen.append((self.path, dict(self.headers.items())))
        self.answer(407, {"Content-Length": "0"})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)


class LocalServer(ThreadingHTTPServer):
    """A server in a thread, on a free port of 127.0.0.1."""

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts: dict[str, list[Behaviour]] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that hangs up early is part of the tests.
        pass

    def script(self, path: str, *behaviours: Behaviour) -> str:
        self.scripts[path] = list(behaviours)
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


@pytest.fixture
def server() -> Iterator[LocalServer]:
    yield from run_server()


@pytest.fixture
def proxy() -> Iterator[LocalServer]:
    yield from run_server()


def run_server() -> Iterator[LocalServer]:
    with LocalServer() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.closing.set()
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_ambient_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def serve(body: bytes = BODY, *, etag: str | None = '"v1"', modified: str | None = None) -> Behaviour:
    """Send the file, or the range of it that is asked for when the condition holds."""

    def behave(handler: Handler) -> None:
        headers = {"Content-Length": str(len(body))} | names(etag, modified)
        wanted, condition = handler.headers.get("Range"), handler.headers.get("If-Range")
        if wanted is None or condition not in (etag, modified):
            handler.answer(200, headers, body)
            return
        first = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if first >= len(body):
            handler.answer(416, {"Content-Range": f"bytes */{len(body)}", "Content-Length": "0"})
            return
        headers["Content-Length"] = str(len(body) - first)
        headers["Content-Range"] = f"bytes {first}-{len(body) - 1}/{len(body)}"
        handler.answer(206, headers, body[first:])

    return behave


def names(etag: str | None, modified: str | None) -> dict[str, str]:
    return ({"ETag": etag} if etag else {}) | ({"Last-Modified": modified} if modified else {})


def without_ranges(body: bytes = BODY, sent: int | None = None, etag: str | None = '"v1"') -> Behaviour:
    """Send from the beginning whatever is asked for, and close after `sent` bytes."""

    def behave(handler: Handler) -> None:
        handler.answer(200, {"Content-Length": str(len(body))} | names(etag, None), body[:sent])

    return behave


def status(code: int, headers: dict[str, str] | None = None) -> Behaviour:
    return lambda handler: handler.answer(code, {"Content-Length": "0"} | (headers or {}))


def redirect(location: str, code: int = 302) -> Behaviour:
    return status(code, {"Location": location})


def hang(handler: Handler) -> None:
    handler.server.closing.wait()


def hang_midway(handler: Handler) -> None:
    handler.answer(200, {"Content-Length": str(len(BODY)), "ETag": '"v1"'}, BODY[:1000])
    handler.wfile.flush()
    handler.server.closing.wait()


def a_source(url: str | None, **changes: Any) -> Source:
    fields: dict[str, Any] = {
        "id": "example",
        "title": "Example flows",
        "producer": "Someone",
        "citation": "Someone (2026), Flows.",
        "licence": "CC BY 4.0",
        "licence_url": "https://creativecommons.org/licenses/by/4.0/",
        "redistribution": True,
        "vintage": "V1",
        "url": url,
        "sha256": None,
        "size_bytes": None,
        "reader": "canonical",
        "hs_revision": "HS17",
        "embedded": False,
        "access": "Look at the producer's page.",
        "notes": "None.",
    }
    return Source(**(fields | changes))


class Harness:
    """Fetches into a folder, without waiting, and keeps what was waited for and said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.waits: list[float] = []
        self.said: list[str] = []
        self.transport = Transport(
            connect_timeout_s=5, read_timeout_s=5, attempts=4, chunk_bytes=512, sleep=self.waits.append
        )

    def __call__(self, source: Source, *, refresh: bool = False, **transport: Any) -> FetchResult:
        chosen = dataclasses.replace(self.transport, **transport)
        return fetch(
            source, self.folder, refresh=refresh, transport=chosen, progress=False, tell=self.said.append
        )

    def files(self) -> set[str]:
        return {path.name for path in self.folder.iterdir() if not path.name.endswith(".lock")}


@pytest.fixture
def get(tmp_path: Path) -> Harness:
    return Harness(tmp_path / "downloads")
