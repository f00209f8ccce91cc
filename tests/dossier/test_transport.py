"""Asking the sources of papers, against a server on this machine that does wrong on purpose."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dossier.played_parliament import PlayedParliament, faults, running
from geomonitor.dossier.transport import Client, Politeness
from geomonitor.errors import FetchError, GeomonitorError

WHOLE = b'{"value": []}'


@pytest.fixture
def parliament() -> Iterator[PlayedParliament]:
    with running() as server:
        server.plain["/rows"] = (WHOLE, "application/json")
        server.plain["/feed"] = (b"<feed/>", "application/atom+xml")
        yield server


class Clock:
    """Time that passes only where somebody waits, or looks."""

    def __init__(self, *, by_looking: float = 0.0) -> None:
        self.now = 1_000.0
        self.by_looking = by_looking
        self.waits: list[float] = []

    def __call__(self) -> float:
        self.now += self.by_looking
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Iterator[Callable[..., Client]]:
    opened = []

    def make(**settings: Any) -> Client:
        told: list[str] = settings.pop("told", [])
        used: Clock = settings.pop("clock", clock)
        made = Client(
            Politeness(**{"requests_per_second": 20.0, **settings}),
            tell=told.append,
            sleep=used.sleep,
            clock=used,
            chance=lambda: 0.0,
        )
        opened.append(made)
        return made

    yield make
    for each in opened:
        each.close()


def test_a_whole_answer_and_who_asked(parliament: PlayedParliament, client: Callable[..., Client]) -> None:
    answer = client(contact="dossiers@ministry.example").json(f"{parliament.address}/rows")
    assert (answer.body, answer.changed) == (WHOLE, True)
    headers = parliament.seen[0][1]
    assert headers["User-Agent"].startswith("geomonitor/")
    assert "dossiers@ministry.example" in headers["User-Agent"]
    assert "Cookie" not in headers


def test_what_did_not_change_is_not_sent_again(
    parliament: PlayedParliament, client: Callable[..., Client]
) -> None:
    asking = client()
    first = asking.json(f"{parliament.address}/rows")
    again = asking.json(f"{parliament.address}/rows", etag=first.etag)
    assert (again.changed, again.body) == (False, b"")
    assert again.etag == first.etag


def test_a_304_that_was_not_asked_for_is_no_answer(
    parliament: PlayedParliament, client: Callable[..., Client]
) -> None:
    parliament.fault("/rows", faults.status(304))
    with pytest.raises(FetchError, match="304"):
        client().json(f"{parliament.address}/rows")


def test_no_more_requests_than_agreed(
    parliament: PlayedParliament, client: Callable[..., Client], clock: Clock
) -> None:
    asking = client(requests_per_second=2.0)
    for _ in range(5):
        asking.json(f"{parliament.address}/rows")
    assert clock.waits == pytest.approx([0.5] * 4)


def test_redirects_and_retries_are_requests_too(
    parliament: PlayedParliament, client: Callable[..., Client], clock: Clock
) -> None:
    parliament.fault("/rows", faults.redirect("/rows"))
    asking = client(requests_per_second=2.0)
    asking.json(f"{parliament.address}/rows")
    assert asking.requests == 2
    assert clock.waits == pytest.approx([0.5])


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_passing_trouble_is_waited_out(
    parliament: PlayedParliament, client: Callable[..., Client], clock: Clock, code: int
) -> None:
    parliament.fault("/rows", faults.status(code), times=2)
    told: list[str] = []
    answer = client(told=told).json(f"{parliament.address}/rows")
    assert answer.body == WHOLE
    assert clock.waits == [1.0, 2.0]
    assert len(told) == 2
    assert str(code) in told[0]


def test_retry_after_in_seconds_is_honoured(
    parliament: PlayedParliament, client: Callable[..., Client], clock: Clock
) -> None:
    parliament.fault("/rows", faults.status(429, Retry_After="17"))
    client().json(f"{parliament.address}/rows")
    assert clock.waits == [17.0]


def test_retry_after_as_a_date_is_honoured(
    parliament: PlayedParliament, client: Callable[..., Client], clock: Clock
) -> None:
    moment = email.utils.formatdate(time.time() + 100, usegmt=True)
    parliament.fault("/rows", faults.status(503, Retry_After=moment))
    client().json(f"{parliament.address}/rows")
    assert 90 < clock.waits[0] <= 100


def test_a_server_that_wants_hours_ends_it_at_once(
    parliament: PlayedParliament, client: Callable[..., Client], clock: Clock
) -> None:
    parliament.fault("/rows", faults.status(429, Retry_After="7200"))
    with pytest.raises(FetchError, match="asks to wait 7200 s") as error:
        client().json(f"{parliament.address}/rows")
    assert clock.waits == []
    assert "goes on where it stopped" in (error.value.next_step or "")


def test_jitter_comes_on_top_of_what_was_asked(parliament: PlayedParliament, clock: Clock) -> None:
    parliament.fault("/rows", faults.status(429, Retry_After="8"))
    with Client(Politeness(jitter=0.25), sleep=clock.sleep, clock=clock, chance=lambda: 1.0) as asking:
        asking.json(f"{parliament.address}/rows")
    assert clock.waits[0] == 10.0


def test_it_gives_up_in_the_end(
    parliament: PlayedParliament, client: Callable[..., Client], clock: Clock
) -> None:
    parliament.fault("/rows", faults.status(500), times=9)
    with pytest.raises(FetchError, match=r"500.*Gave up after 5 attempts"):
        client().json(f"{parliament.address}/rows")
    assert clock.waits == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize(
    "fault",
    [
        faults.hang_up,
        faults.truncated(WHOLE),
        faults.body(b'{"value": ['),
        faults.body(b"[" * 100_000),
    ],
    ids=["connection closed", "fewer bytes than announced", "cut off", "nested without end"],
)
def test_a_broken_answer_is_asked_for_again(
    parliament: PlayedParliament, client: Callable[..., Client], clock: Clock, fault: Any
) -> None:
    parliament.fault("/rows", fault)
    assert client().json(f"{parliament.address}/rows").body == WHOLE
    assert clock.waits == [1.0]


def test_broken_xml_is_asked_for_again(
    parliament: PlayedParliament, client: Callable[..., Client], clock: Clock
) -> None:
    parliament.fault("/feed", faults.body(b"<feed><entry>", "application/atom+xml"))
    assert client().xml(f"{parliament.address}/feed").body == b"<feed/>"
    assert clock.waits == [1.0]


def test_a_body_without_end_is_cut(parliament: PlayedParliament, client: Callable[..., Client]) -> None:
    parliament.fault("/rows", faults.endless)
    with pytest.raises(FetchError, match="more than 1,000,000 bytes"):
        client(largest_bytes=1_000_000).json(f"{parliament.address}/rows")


def test_what_grows_when_unpacked_is_cut(parliament: PlayedParliament, client: Callable[..., Client]) -> None:
    parliament.fault("/rows", faults.packed(b" " * 5_000_000))
    with pytest.raises(FetchError, match="more than 1,000,000 bytes"):
        client(largest_bytes=1_000_000).json(f"{parliament.address}/rows")


def test_packed_answers_are_read(parliament: PlayedParliament, client: Callable[..., Client]) -> None:
    parliament.fault("/rows", faults.packed(b'{"value": [1]}'))
    assert client().json(f"{parliament.address}/rows").body == b'{"value": [1]}'


def test_an_answer_that_drips_is_given_up(
    parliament: PlayedParliament, client: Callable[..., Client]
) -> None:
    parliament.fault("/rows", faults.drip(50), times=9)
    with pytest.raises(FetchError, match="had not sent its answer after 5 s"):
        client(longest_answer_s=5.0, clock=Clock(by_looking=10.0)).json(f"{parliament.address}/rows")


def test_a_silent_server_is_given_up(parliament: PlayedParliament, client: Callable[..., Client]) -> None:
    parliament.fault("/rows", lambda handler: handler.server.closing.wait(2) and None, times=9)
    with pytest.raises(FetchError, match="No answer"):
        client(read_timeout_s=0.05, attempts=2).json(f"{parliament.address}/rows")


def test_another_host_is_not_followed(parliament: PlayedParliament, client: Callable[..., Client]) -> None:
    with running() as other:
        other.plain["/rows"] = (WHOLE, "application/json")
        parliament.fault("/rows", faults.redirect(f"{other.address}/rows"))
        with pytest.raises(FetchError, match="redirects to another place"):
            client().json(f"{parliament.address}/rows")
        assert other.seen == []


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://repository.overheid.nl/x"]
)
def test_what_is_no_https_is_not_followed(
    parliament: PlayedParliament, client: Callable[..., Client], target: str
) -> None:
    parliament.fault("/rows", faults.redirect(target))
    with pytest.raises(FetchError, match="redirects to another place"):
        client().json(f"{parliament.address}/rows")


def test_redirects_do_not_go_on(parliament: PlayedParliament, client: Callable[..., Client]) -> None:
    parliament.fault("/rows", faults.redirect("/rows"), times=9)
    with pytest.raises(FetchError, match="more than 3 times"):
        client().json(f"{parliament.address}/rows")


def test_a_page_for_people_is_refused(parliament: PlayedParliament, client: Callable[..., Client]) -> None:
    parliament.fault("/rows", faults.body(b"<html>", "text/html"))
    with pytest.raises(FetchError, match="sends text/html") as error:
        client().json(f"{parliament.address}/rows")
    assert "application/json" in (error.value.expected or "")


@pytest.mark.parametrize(("code", "said"), [(404, "has nothing"), (403, "refuses"), (400, "answers 400")])
def test_what_no_waiting_mends_is_told_at_once(
    parliament: PlayedParliament, client: Callable[..., Client], clock: Clock, code: int, said: str
) -> None:
    parliament.fault("/rows", faults.status(code))
    with pytest.raises(FetchError, match=said):
        client().json(f"{parliament.address}/rows")
    assert clock.waits == []


@pytest.mark.parametrize("contact", ["line\r\nX-Other: 1", "naïef", "tab\there"])
def test_a_contact_that_cannot_be_sent(contact: str) -> None:
    with pytest.raises(GeomonitorError, match="contact"):
        Politeness(contact=contact)


@pytest.mark.parametrize("rate", [0, -1, 21, float("nan"), float("inf")])
def test_a_rate_that_is_not_possible(rate: float) -> None:
    with pytest.raises(GeomonitorError, match="rate"):
        Politeness(requests_per_second=rate)
