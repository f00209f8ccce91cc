"""Fetching, against a server on this machine that misbehaves on purpose."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import shutil
import socket
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomonitor.data import download as transfer
from geomonitor.data import registry
from geomonitor.data.asking import retry_after_s
from geomonitor.data.download import Transport
from geomonitor.data.fetch import FetchResult
from geomonitor.errors import FetchError

from .conftest import (
    BODY,
    OTHER_BODY,
    SHA256,
    Handler,
    Harness,
    LocalServer,
    a_source,
    hang,
    hang_midway,
    names,
    redirect,
    serve,
    status,
    without_ranges,
)

COMPLETE = {"flows.csv", "flows.csv.source.json"}


def test_a_file_is_fetched_once_and_then_found(server: LocalServer, get: Harness) -> None:
    source = a_source(server.script("/flows.csv", serve()), sha256=SHA256, size_bytes=len(BODY))
    first = get(source)
    assert first == FetchResult(
        get.folder / "flows.csv", SHA256, len(BODY), resumed=False, already_present=False
    )
    assert first.path.read_bytes() == BODY
    assert get.files() == COMPLETE
    second = get(source)
    assert second.already_present
    assert second.sha256 == SHA256
    assert len(server.seen) == 1


def test_the_terms_are_shown_before_anything_is_asked_for(server: LocalServer, get: Harness) -> None:
    shown_first: list[bool] = []

    def look(handler: Handler) -> None:
        shown_first.append(bool(get.said))
        serve()(handler)

    get(a_source(server.script("/flows.csv", look), redistribution=False))
    assert shown_first == [True]
    for text in (
        "CC BY 4.0",
        "https://creativecommons.org/licenses/by/4.0/",
        "Someone (2026)",
        "do not pass it on",
    ):
        assert text in get.said[0]


def test_the_record_keeps_licence_and_checksum_beside_the_file(server: LocalServer, get: Harness) -> None:
    get(a_source(server.script("/flows.csv", serve())))
    record = json.loads((get.folder / "flows.csv.source.json").read_text(encoding="utf-8"))
    assert record["sha256"] == SHA256
    assert record["checksum"] == "recorded on first download"
    assert record["licence"] == "CC BY 4.0"
    assert record["citation"] == "Someone (2026), Flows."
    assert record["size_bytes"] == len(BODY)


def test_a_truncated_body_is_continued(server: LocalServer, get: Harness) -> None:
    url = server.script("/flows.csv", without_ranges(sent=5120), serve())
    result = get(a_source(url, sha256=SHA256))
    assert result.resumed
    assert result.path.read_bytes() == BODY
    assert server.seen[1][1]["Range"] == "bytes=5120-"
    assert server.seen[1][1]["If-Range"] == '"v1"'
    assert get.files() == COMPLETE


def test_a_truncated_body_is_continued_by_the_next_run(server: LocalServer, get: Harness) -> None:
    source = a_source(server.script("/flows.csv", without_ranges(sent=5120), status(503)), sha256=SHA256)
    with pytest.raises(FetchError, match="5,120 bytes received are kept"):
        get(source)
    assert get.files() == {"flows.csv.part", "flows.csv.part.json"}
    server.script("/flows.csv", serve())
    result = get(source)
    assert result.resumed
    assert result.path.read_bytes() == BODY
    assert server.seen[-1][1]["Range"] == "bytes=5120-"


def test_a_body_that_is_always_truncated_is_given_up(server: LocalServer, get: Harness) -> None:
    url = server.script("/flows.csv", without_ranges(sent=5120))
    with pytest.raises(FetchError, match=r"5,120 of 16,384 bytes.*Gave up after 4 attempts"):
        get(a_source(url))
    assert not (get.folder / "flows.csv").exists()


def test_progress_starts_the_count_of_attempts_anew(server: LocalServer, get: Harness) -> None:
    def a_little(handler: Handler) -> None:
        first = int(handler.headers.get("Range", "bytes=0-")[6:-1])
        headers = {"Content-Length": str(len(BODY) - first), "ETag": '"v1"'}
        if first:
            headers["Content-Range"] = f"bytes {first}-{len(BODY) - 1}/{len(BODY)}"
        handler.answer(206 if first else 200, headers, BODY[first : first + 2048])

    result = get(a_source(server.script("/flows.csv", a_little)), attempts=2)
    assert result.path.read_bytes() == BODY
    assert len(server.seen) == 8


def test_last_modified_serves_where_there_is_no_strong_etag(server: LocalServer, get: Harness) -> None:
    day = "Wed, 21 Jan 2026 07:28:00 GMT"

    def short(handler: Handler) -> None:
        handler.answer(200, {"Content-Length": str(len(BODY))} | names('W/"v1"', day), BODY[:3000])

    url = server.script("/flows.csv", short, serve(etag='W/"v1"', modified=day))
    assert get(a_source(url)).resumed
    assert server.seen[1][1]["If-Range"] == day


def test_a_part_without_a_validator_is_not_continued(server: LocalServer, get: Harness) -> None:
    url = server.script("/flows.csv", without_ranges(sent=5120, etag=None), serve())
    result = get(a_source(url, sha256=SHA256))
    assert not result.resumed
    assert "Range" not in server.seen[1][1]


def test_a_server_that_ignores_ranges_starts_over(server: LocalServer, get: Harness) -> None:
    url = server.script("/flows.csv", without_ranges(sent=5120), without_ranges())
    result = get(a_source(url, sha256=SHA256))
    assert not result.resumed
    assert result.path.read_bytes() == BODY


@pytest.mark.parametrize("honest", [True, False], ids=["if-range-honoured", "if-range-ignored"])
def test_a_file_that_changed_in_between_starts_over(server: LocalServer, get: Harness, honest: bool) -> None:
    def changed(handler: Handler) -> None:
        if not honest and "Range" in handler.headers:
            headers = {"Content-Range": f"bytes 5120-{len(BODY) - 1}/{len(BODY)}", "ETag": '"v2"'}
            handler.answer(206, headers | {"Content-Length": str(len(BODY) - 5120)}, OTHER_BODY[5120:])
        else:
            serve(OTHER_BODY, etag='"v2"')(handler)

    url = server.script("/flows.csv", without_ranges(sent=5120), changed)
    result = get(a_source(url))
    assert result.path.read_bytes() == OTHER_BODY
    assert not result.resumed


@pytest.mark.parametrize("content_range", ["bytes 4000-16383/16384", "nonsense", ""])
def test_a_range_that_was_not_asked_for_starts_over(
    server: LocalServer, get: Harness, content_range: str
) -> None:
    def shifted(handler: Handler) -> None:
        if "Range" in handler.headers:
            handler.answer(206, {"Content-Range": content_range, "ETag": '"v1"'}, BODY[4000:-1120])
        else:
            serve()(handler)

    url = server.script("/flows.csv", without_ranges(sent=5120), shifted)
    assert get(a_source(url)).path.read_bytes() == BODY


def test_a_body_that_is_too_long_starts_over(server: LocalServer, get: Harness) -> None:
    def excess(handler: Handler) -> None:
        content_range = f"bytes 5120-{len(BODY) - 1}/{len(BODY)}"
        handler.answer(206, {"Content-Range": content_range, "ETag": '"v1"'}, BODY[5120:] + b"more")

    url = server.script("/flows.csv", without_ranges(sent=5120), excess, serve())
    assert get(a_source(url)).path.read_bytes() == BODY
    assert "Range" not in server.seen[2][1]


def test_a_part_that_was_complete_is_recognised(server: LocalServer, get: Harness) -> None:
    source = a_source(server.script("/flows.csv", serve()), sha256=SHA256)
    get.folder.mkdir()
    (get.folder / "flows.csv.part").write_bytes(BODY)
    notes = {"url": source.url, "etag": '"v1"', "last_modified": None, "validator": '"v1"'}
    (get.folder / "flows.csv.part.json").write_text(json.dumps(notes), encoding="utf-8")
    assert get(source).resumed
    assert get.files() == COMPLETE


def test_a_part_that_is_too_long_starts_over(server: LocalServer, get: Harness) -> None:
    source = a_source(server.script("/flows.csv", serve()), sha256=SHA256)
    get.folder.mkdir()
    (get.folder / "flows.csv.part").write_bytes(BODY + b"more")
    notes = {"url": source.url, "etag": '"v1"', "last_modified": None, "validator": '"v1"'}
    (get.folder / "flows.csv.part.json").write_text(json.dumps(notes), encoding="utf-8")
    assert get(source).path.read_bytes() == BODY


ELSEWHERE = {
    "url": "https://elsewhere.example/flows.csv",
    "etag": '"v1"',
    "last_modified": None,
    "validator": '"v1"',
}


@pytest.mark.parametrize("notes", ["", "[]", "{}", json.dumps(ELSEWHERE)])
def test_a_part_of_unknown_origin_starts_over(server: LocalServer, get: Harness, notes: str) -> None:
    source = a_source(server.script("/flows.csv", serve()), sha256=SHA256)
    get.folder.mkdir()
    (get.folder / "flows.csv.part").write_bytes(OTHER_BODY[:5000])
    (get.folder / "flows.csv.part.json").write_text(notes, encoding="utf-8")
    assert get(source).path.read_bytes() == BODY
    assert "Range" not in server.seen[0][1]


def test_a_wrong_checksum_leaves_nothing_and_shows_both(server: LocalServer, get: Harness) -> None:
    url = server.script("/flows.csv", serve(OTHER_BODY))
    with pytest.raises(FetchError, match="checksum") as caught:
        get(a_source(url, sha256=SHA256))
    assert SHA256 in str(caught.value)
    assert hashlib.sha256(OTHER_BODY).hexdigest() in str(caught.value)
    assert get.files() == set()


def test_a_wrong_size_leaves_nothing(server: LocalServer, get: Harness) -> None:
    url = server.script("/flows.csv", serve())
    with pytest.raises(FetchError, match="wrong size"):
        get(a_source(url, size_bytes=len(BODY) + 1))
    assert get.files() == set()


def test_a_damaged_file_is_downloaded_again(server: LocalServer, get: Harness) -> None:
    source = a_source(server.script("/flows.csv", serve()))
    path = get(source).path
    path.write_bytes(b"damaged")
    result = get(source)
    assert not result.already_present
    assert path.read_bytes() == BODY


def test_without_a_published_checksum_the_first_download_is_trusted(
    server: LocalServer, get: Harness
) -> None:
    source = a_source(server.script("/flows.csv", serve(), serve(OTHER_BODY, etag='"v2"')))
    path = get(source).path
    path.unlink()
    with pytest.raises(FetchError, match="not the one that was downloaded before") as caught:
        get(source)
    assert SHA256 in str(caught.value)
    assert "--refresh" in str(caught.value)
    assert not path.exists()
    assert get(source, refresh=True).path.read_bytes() == OTHER_BODY
    assert get(source).already_present


def test_refresh_does_not_override_a_published_checksum(server: LocalServer, get: Harness) -> None:
    source = a_source(server.script("/flows.csv", serve(), serve(OTHER_BODY)), sha256=SHA256)
    get(source)
    with pytest.raises(FetchError, match="checksum of the download is wrong"):
        get(source, refresh=True)
    assert (get.folder / "flows.csv").read_bytes() == BODY


def test_a_file_of_unknown_origin_is_left_alone(server: LocalServer, get: Harness) -> None:
    source = a_source(server.script("/flows.csv", serve()))
    get.folder.mkdir()
    (get.folder / "flows.csv").write_bytes(b"mine")
    with pytest.raises(FetchError, match="no record") as caught:
        get(source)
    assert "geomonitor data add" in str(caught.value)
    assert (get.folder / "flows.csv").read_bytes() == b"mine"
    assert server.seen == []


def test_a_file_of_another_address_is_left_alone(server: LocalServer, get: Harness) -> None:
    path = get(a_source(server.script("/old/flows.csv", serve()))).path
    with pytest.raises(FetchError, match="no record that it came from this source"):
        get(a_source(server.script("/new/flows.csv", serve(OTHER_BODY))))
    assert path.read_bytes() == BODY


@pytest.mark.parametrize("text", ["", "[]", '{"sha256": 1}'])
def test_a_damaged_record_is_an_error(server: LocalServer, get: Harness, text: str) -> None:
    source = a_source(server.script("/flows.csv", serve()))
    get(source)
    (get.folder / "flows.csv.source.json").write_text(text, encoding="utf-8")
    with pytest.raises(FetchError, match=r"flows\.csv\.source\.json"):
        get(source)


def test_a_page_in_the_place_of_a_zip_is_refused(server: LocalServer, get: Harness) -> None:
    url = server.script("/flows.zip", serve(b"<html>This page has moved</html>"))
    with pytest.raises(FetchError, match="not a zip"):
        get(a_source(url))
    assert get.files() == set()


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_followed(server: LocalServer, get: Harness, code: int) -> None:
    url = server.script("/flows.csv", redirect("/moved/elsewhere", code))
    server.script("/moved/elsewhere", serve())
    result = get(a_source(url, sha256=SHA256))
    assert result.path.name == "flows.csv"


def test_a_redirect_loop_ends(server: LocalServer, get: Harness) -> None:
    url = server.script("/flows.csv", redirect("/other"))
    server.script("/other", redirect("/flows.csv"))
    with pytest.raises(FetchError, match="more than 5 times"):
        get(a_source(url))
    assert len(server.seen) == 6


@pytest.mark.parametrize("location", ["ftp://data.example/flows.csv", "file:///etc/hostname"])
def test_a_redirect_away_from_http_is_refused(server: LocalServer, get: Harness, location: str) -> None:
    with pytest.raises(FetchError, match="not safe"):
        get(a_source(server.script("/flows.csv", redirect(location))))


def test_a_redirect_from_https_to_http_is_refused() -> None:
    class Response:
        def close(self) -> None:
            pass

    class Session:
        asked: list[str] = []  # noqa: RUF012 - one instance

        def get(self, url: str, **options: Any) -> Response:
            self.asked.append(url)
            return Response()

        def get_redirect_target(self, response: Response) -> str:
            return "http://data.example/flows.csv"

    session = Session()
    with pytest.raises(FetchError, match="not safe"):
        transfer._open(session, "https://data.example/flows.csv", {}, Transport())  # type: ignore[arg-type]
    assert session.asked == ["https://data.example/flows.csv"]


def test_404_says_what_to_do(server: LocalServer, get: Harness) -> None:
    url = server.script("/flows.csv", status(404))
    with pytest.raises(FetchError, match="no such file") as caught:
        get(a_source(url))
    assert "Look at the producer's page." in str(caught.value.next_step)
    assert "geomonitor data add FILE --format canonical" in str(caught.value.next_step)
    assert caught.value.where == url
    assert len(server.seen) == 1
    assert get.files() == set()


@pytest.mark.parametrize(
    ("code", "words"), [(403, "refuses access"), (410, "no such file"), (400, "answers 400")]
)
def test_other_refusals_are_not_repeated(server: LocalServer, get: Harness, code: int, words: str) -> None:
    with pytest.raises(FetchError, match=words):
        get(a_source(server.script("/flows.csv", status(code))))
    assert len(server.seen) == 1


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_busy_server_is_asked_again(server: LocalServer, get: Harness, code: int) -> None:
    url = server.script("/flows.csv", status(code), status(code), serve())
    assert get(a_source(url)).sha256 == SHA256
    assert get.waits == [1.0, 2.0]


def test_retry_after_is_honoured(server: LocalServer, get: Harness) -> None:
    past = "Wed, 21 Oct 2015 07:28:00 GMT"
    url = server.script(
        "/flows.csv",
        status(503, {"Retry-After": "7"}),
        status(429, {"Retry-After": past}),
        status(429, {"Retry-After": "soon"}),
        serve(),
    )
    get(a_source(url))
    assert get.waits == [7.0, 0.0, 4.0]


@pytest.mark.parametrize("asked", ["3600", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_a_server_that_asks_for_too_long_a_wait_ends_it(
    server: LocalServer, get: Harness, asked: str
) -> None:
    url = server.script("/flows.csv", status(429, {"Retry-After": asked}))
    with pytest.raises(FetchError, match=r"Try again in \d+ s or more"):
        get(a_source(url))
    assert get.waits == []


def test_a_server_that_stays_busy_is_given_up(server: LocalServer, get: Harness) -> None:
    url = server.script("/flows.csv", status(503))
    with pytest.raises(FetchError, match=r"503 .*Gave up after 4 attempts"):
        get(a_source(url))
    assert get.waits == [1.0, 2.0, 4.0]
    assert get.files() == set()


def test_a_silent_server_times_out(server: LocalServer, get: Harness) -> None:
    with pytest.raises(FetchError, match="No answer"):
        get(a_source(server.script("/flows.csv", hang)), read_timeout_s=0.05, attempts=2)


def test_a_body_that_stalls_is_continued(server: LocalServer, get: Harness) -> None:
    url = server.script("/flows.csv", hang_midway, serve())
    result = get(a_source(url, sha256=SHA256), read_timeout_s=0.3)
    assert result.path.read_bytes() == BODY


@pytest.mark.parametrize("complete", [True, False])
def test_a_body_in_chunks_is_checked_for_its_end(server: LocalServer, get: Harness, complete: bool) -> None:
    def chunked(handler: Handler) -> None:
        piece = b"".join(
            b"400\r\n" + BODY[start : start + 1024] + b"\r\n" for start in range(0, len(BODY), 1024)
        )
        handler.answer(200, {"Transfer-Encoding": "chunked"}, piece + (b"0\r\n\r\n" if complete else b""))

    source = a_source(server.script("/flows.csv", chunked))
    if complete:
        assert get(source).sha256 == SHA256
    else:
        with pytest.raises(FetchError, match="broke off"):
            get(source)
        assert not (get.folder / "flows.csv").exists()


def test_an_encoded_body_is_refused(server: LocalServer, get: Harness) -> None:
    url = server.script("/flows.csv", lambda handler: handler.answer(200, {"Content-Encoding": "gzip"}, BODY))
    with pytest.raises(FetchError, match="encoding 'gzip'"):
        get(a_source(url))
    assert server.seen[0][1]["Accept-Encoding"] == "identity"


def test_without_a_network_the_way_round_is_shown(get: Harness) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/flows.csv"
        with pytest.raises(FetchError, match="No connection") as caught:
            get(a_source(url))
    assert caught.value.next_step is not None
    assert url in caught.value.next_step
    assert "geomonitor data add flows.csv --format canonical --name example-v1" in caught.value.next_step
    assert get.waits == [1.0]
    assert get.files() == set()


def test_without_a_name_server_the_way_round_is_shown(get: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    def unresolved(*args: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unresolved)
    with pytest.raises(FetchError, match=r"No connection to data\.example") as caught:
        get(a_source("http://data.example/flows.csv", reader=None))
    assert str(get.folder) in str(caught.value.next_step)


def test_the_proxy_is_used(
    server: LocalServer, proxy: LocalServer, get: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.server_address[1]}")
    proxy.script("http://data.example/flows.csv", serve())
    assert get(a_source("http://data.example/flows.csv")).sha256 == SHA256
    assert [path for path, _ in proxy.seen] == ["http://data.example/flows.csv"]


def test_the_proxy_for_https_is_used(
    proxy: LocalServer, get: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.server_address[1]}")
    with pytest.raises(FetchError, match="proxy"):
        get(a_source("https://data.example/flows.csv"))
    assert [path for path, _ in proxy.seen] == ["data.example:443"]


def test_no_proxy_is_honoured(
    server: LocalServer, proxy: LocalServer, get: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.server_address[1]}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    get(a_source(server.script("/flows.csv", serve())))
    assert proxy.seen == []
    assert len(server.seen) == 1


def test_a_proxy_that_is_not_there_is_named(get: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTP_PROXY", f"http://someone:secret@127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(FetchError, match="proxy") as caught:
            get(a_source("http://data.example/flows.csv"))
    assert "secret" not in str(caught.value)


def test_a_full_disk_is_said_before_the_body(
    server: LocalServer, get: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(100, 100, 0))
    with pytest.raises(FetchError, match=r"(?s)not enough room.*16,384 bytes free"):
        get(a_source(server.script("/flows.csv", serve())))
    assert get.files() == set()


def test_a_disk_that_fills_up_keeps_what_there_is(
    server: LocalServer, get: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_open = Path.open

    class Full(io.FileIO):
        def write(self, data: Any) -> int:
            if self.tell() >= 4096:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)

    def limited(path: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
        if path.name == "flows.csv.part" and "b" in mode:
            return Full(path, mode.replace("b", ""))
        return real_open(path, mode, *args, **options)

    source = a_source(server.script("/flows.csv", serve()), sha256=SHA256)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", limited)
        with pytest.raises(FetchError, match="not enough room"):
            get(source)
    assert get.files() == {"flows.csv.part", "flows.csv.part.json"}
    assert get(source).resumed


def test_a_folder_that_cannot_be_made_is_an_error(server: LocalServer, get: Harness) -> None:
    get.folder.write_text("a file")
    with pytest.raises(FetchError, match="could not be written"):
        get(a_source(server.script("/flows.csv", serve())))


def test_an_interrupted_run_goes_on_next_time(server: LocalServer, get: Harness) -> None:
    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    source = a_source(server.script("/flows.csv", without_ranges(sent=5120), serve()), sha256=SHA256)
    with pytest.raises(KeyboardInterrupt):
        get(source, sleep=stop)
    assert get(source).resumed


def test_two_fetches_of_one_source_do_not_clash(server: LocalServer, get: Harness) -> None:
    refused: list[FetchError] = []

    def second_run(handler: Handler) -> None:
        try:
            get(source)
        except FetchError as error:
            refused.append(error)
        serve()(handler)

    source = a_source(server.script("/flows.csv", second_run))
    assert get(source).sha256 == SHA256
    assert "Another run" in str(refused[0])
    assert get(source).already_present


def test_sources_without_an_address_say_how_to_get_them(get: Harness) -> None:
    with pytest.raises(FetchError, match="ships with Geomonitor"):
        get(registry.source("worldbank-wgi"))
    with pytest.raises(FetchError, match="no direct download") as caught:
        get(registry.source("un-comtrade"))
    assert "your own account" in str(caught.value.next_step)
    assert not get.folder.exists()


DATES = r"(Mon|Fri), \d{1,2} (Jan|Feb|Dec) \d{1,8} \d\d:\d\d:\d\d (GMT|-0000|[+-]\d{4})"


@given(text=st.one_of(st.text(), st.from_regex(DATES, fullmatch=True)))
def test_any_retry_after_gives_a_wait_or_nothing(text: str) -> None:
    wait_s = retry_after_s(text)
    assert wait_s is None or wait_s >= 0
