"""A server on this machine that plays the open data of parliament, with faults to be switched on.

It answers OData, SyncFeed, SRU search and repository XML from rows that the test gives.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape, quoteattr

__all__ = ["Fault", "PlayedParliament", "faults", "publication", "running"]

Fault = Callable[["Handler"], None]
"""Takes the place of an answer."""


class Handler(BaseHTTPRequestHandler):
    """Answers a request, or does wrong on purpose."""

    server: PlayedParliament
    protocol_version = "HTTP/1.1"
    # otherwise each body waits for the receipt of its head
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers.items())))
        fault = self.server.next_fault(self.path)
        if fault is not None:
            fault(self)
            return
        answer = self.server.answer(self.path)
        if answer is None:
            self.send(404, b"nothing here", "text/plain")
            return
        body, content_type = answer
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.send_header("ETag", etag)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send(200, body, content_type, {"ETag": etag})

    def send(
        self,
        status: int,
        body: bytes = b"",
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        announced: int | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body) if announced is None else announced))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class PlayedParliament(ThreadingHTTPServer):
    """A server in a thread, on a free port of 127.0.0.1.

    Attributes
    ----------
    rows : dict of str to list of dict
        Rows of OData, by entity.
    feed : dict of str to list of str
        Content of the entries of the SyncFeed, oldest first, by category.
    publications : dict of str to bytes
        Official publications, by identifier.
    modified : dict of str to str
        Day of their last change, where it is another than the usual.
    plain : dict of str to (bytes, str)
        Other answers with their content type, by path.
    page_size : int
        Rows, entries or records on a page.
    seen : list of (str, dict)
        What was asked: path with query, and headers.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.feed: dict[str, list[str]] = {}
        self.publications: dict[str, bytes] = {}
        self.modified: dict[str, str] = {}
        self.plain: dict[str, tuple[bytes, str]] = {}
        self.page_size = 2
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()
        self._faults: list[tuple[str, Fault, int]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        # a client that hangs up early is part of the tests
        pass

    def fault(self, part: str, fault: Fault, times: int = 1) -> None:
        """Do wrong the next times that a path holds this."""
        self._faults.append((part, fault, times))

    def next_fault(self, path: str) -> Fault | None:
        for index, (part, fault, times) in enumerate(self._faults):
            if part in path:
                if times == 1:
                    del self._faults[index]
                else:
                    self._faults[index] = (part, fault, times - 1)
                return fault
        return None

    def asked(self, part: str) -> list[str]:
        """List the paths that were asked and hold this."""
        return [path for path, _ in self.seen if part in path]

    def answer(self, path: str) -> tuple[bytes, str] | None:
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if path in self.plain:
            return self.plain[path]
        if parts.path.startswith("/OData/v4/2.0/"):
            return self._odata(parts.path.rpartition("/")[2], query)
        if parts.path == "/SyncFeed/2.0/Feed":
            return self._feed(query)
        if parts.path == "/sru":
            return self._search(query)
        if parts.path.startswith("/frbr/"):
            name = parts.path.rpartition("/")[2].removesuffix(".xml")
            found = self.publications.get(name)
            return (found, "application/xml") if found is not None else None
        return None

    def _odata(self, entity: str, query: dict[str, str]) -> tuple[bytes, str] | None:
        if entity not in self.rows:
            return None
        start = int(query.get("$skip", "0"))
        rows = self.rows[entity][start : start + self.page_size]
        page: dict[str, Any] = {"@odata.context": f"{self.address}/OData/v4/2.0/$metadata#{entity}"}
        page["value"] = rows
        if start + self.page_size < len(self.rows[entity]):
            page["@odata.nextLink"] = f"{self.address}/OData/v4/2.0/{entity}?$skip={start + self.page_size}"
        return json.dumps(page).encode(), "application/json; odata.metadata=minimal"

    def _feed(self, query: dict[str, str]) -> tuple[bytes, str]:
        category = query.get("category", "")
        entries = self.feed.get(category, [])
        start = int(query.get("skiptoken", "0"))
        shown = []
        for number, content in enumerate(entries[start : start + self.page_size], start=start + 1):
            link = f"{self.address}/SyncFeed/2.0/Feed?category={category}&skiptoken={number}"
            shown.append(
                f"<entry><id>{self.address}/{category}/{number}</id><title>{category}-{number}</title>"
                f"<updated>2025-01-0{min(number, 9)}T12:00:00Z</updated>"
                f"<link rel='next' href={quoteattr(link)}/><category term='{category.lower()}'/>"
                f"<content type='application/xml'>{content}</content></entry>"
            )
        here = f"{self.address}/SyncFeed/2.0/Feed?category={category}&skiptoken={start}"
        further = start + self.page_size < len(entries)
        after = f"{self.address}/SyncFeed/2.0/Feed?category={category}&skiptoken={start + len(shown)}"
        link = f"<link rel='{'next' if further else 'resume'}' href={quoteattr(after)}/>"
        body = (
            "<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'>"
            f"<title>Tweede Kamer</title><id>{escape(here)}</id><updated>2025-01-01T12:00:00Z</updated>"
            f"{link}{''.join(shown)}</feed>"
        )
        return body.encode(), "application/atom+xml; charset=utf-8"

    def _search(self, query: dict[str, str]) -> tuple[bytes, str]:
        start = int(query.get("startRecord", "1"))
        names = sorted(self.publications)
        shown = "".join(
            f"<record><recordData><gzd><originalData><meta><owmskern><identifier>{escape(name)}</identifier>"
            f"<modified>{self.modified.get(name, '2025-02-19')}</modified></owmskern></meta></originalData>"
            f"<enrichedData><itemUrl manifestation='xml'>"
            f"{escape(self.publication_address(name))}</itemUrl></enrichedData></gzd></recordData></record>"
            for name in names[start - 1 : start - 1 + self.page_size]
        )
        after = start + self.page_size
        further = f"<nextRecordPosition>{after}</nextRecordPosition>" if after <= len(names) else ""
        body = (
            "<searchRetrieveResponse xmlns='http://docs.oasis-open.org/ns/search-ws/sruResponse'>"
            f"<version>2.0</version><numberOfRecords>{len(names)}</numberOfRecords>"
            f"<records>{shown}</records>{further}</searchRetrieveResponse>"
        )
        return body.encode(), "application/xml"

    def publication_address(self, name: str) -> str:
        return f"{self.address}/frbr/officielepublicaties/kst/{name}/1/xml/{name}.xml"


@contextmanager
def running() -> Iterator[PlayedParliament]:
    """Run the server while the block runs."""
    server = PlayedParliament()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


class faults:  # noqa: N801
    """What a source can do wrong."""

    @staticmethod
    def status(code: int, **headers: str) -> Fault:
        """Answer with a status: 429, 500."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return lambda handler: handler.send(code, b"later", "text/plain", named)

    @staticmethod
    def redirect(target: str) -> Fault:
        return lambda handler: handler.send(302, b"", "text/plain", {"Location": target})

    @staticmethod
    def body(content: bytes, content_type: str = "application/json", **headers: str) -> Fault:
        """Answer with something else."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return lambda handler: handler.send(200, content, content_type, named)

    @staticmethod
    def packed(content: bytes, content_type: str = "application/json") -> Fault:
        return lambda handler: handler.send(
            200, gzip.compress(content), content_type, {"Content-Encoding": "gzip"}
        )

    @staticmethod
    def truncated(content: bytes, content_type: str = "application/json") -> Fault:
        """Announce more than is sent, and hang up."""

        def play(handler: Handler) -> None:
            handler.send(200, content, content_type, announced=len(content) + 100)
            handler.close_connection = True

        return play

    @staticmethod
    def hang_up(handler: Handler) -> None:
        """Close the connection without an answer."""
        handler.close_connection = True

    @staticmethod
    def endless(handler: Handler) -> None:
        """Send a body that does not end."""
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.end_headers()
        handler.close_connection = True
        while not handler.server.closing.is_set():
            try:
                handler.wfile.write(b" " * 65_536)
            except OSError:
                return

    @staticmethod
    def drip(pieces: int) -> Fault:
        """Send a body in small pieces."""

        def play(handler: Handler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            for _ in range(pieces):
                handler.wfile.write(b"1\r\n \r\n")
                handler.wfile.flush()
            handler.wfile.write(b"0\r\n\r\n")

        return play


def publication(identifier: str, *, title: str, body: str, date: str = "2025-02-18") -> bytes:
    """Make an official publication, as small as KOOP's can be."""
    dossier, _, number = identifier.removeprefix("kst-").rpartition("-")
    metadata = {
        "DC.identifier": identifier,
        "OVERHEIDop.dossiernummer": dossier,
        "OVERHEIDop.ondernummer": number,
        "OVERHEIDop.documenttitel": title,
        "OVERHEIDop.dossiertitel": "Made up for a test",
        "OVERHEIDop.vergaderjaar": "2024-2025",
        "DCTERMS.issued": date,
        "DC.type": "Motie",
    }
    lines = "".join(
        f"<meta name={quoteattr(name)} content={quoteattr(text)}/>" for name, text in metadata.items()
    )
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><officiele-publicatie><metadata>{lines}</metadata><kamerstuk>"
        f"<dossier><dossiernummer><dossiernr>{escape(dossier)}</dossiernr></dossiernummer>"
        f"<titel>Made up for a test</titel></dossier><stuk><stuknr>Nr. <ondernummer>{escape(number)}"
        f"</ondernummer></stuknr><titel>{escape(title)}</titel><algemene-tekst><tekst>"
        f"<al>{escape(body)}</al></tekst></algemene-tekst></stuk></kamerstuk></officiele-publicatie>"
    ).encode()
