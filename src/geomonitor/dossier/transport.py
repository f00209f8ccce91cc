"""Ask the sources of parliamentary papers politely: slowly, one request at a time, trusting no answer."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import CookiePolicy, DefaultCookiePolicy
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urljoin, urlsplit

from geomonitor._version import __version__
from geomonitor.data.asking import RETRIED_STATUSES, InterruptedTransferError, ask, retry_after_s
from geomonitor.errors import DataError, FetchError, GeomonitorError

if TYPE_CHECKING:
    import requests

__all__ = ["KNOWN_HOSTS", "Answer", "Client", "Politeness", "same_place", "user_agent"]

KNOWN_HOSTS = frozenset(
    {
        "gegevensmagazijn.tweedekamer.nl",
        "repository.overheid.nl",
        "repository.officiele-overheidspublicaties.nl",
        "zoek.officielebekendmakingen.nl",
    }
)
"""Hosts that an answer may send on to, over https."""

_JSON = frozenset({"application/json", "text/json"})
_XML = frozenset({"application/xml", "text/xml", "application/atom+xml", "application/sru+xml"})
_CHUNK_BYTES = 1 << 16

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Politeness:
    """How a source is asked.

    Parameters
    ----------
    requests_per_second : float
        At most so many requests start in a second.
    attempts : int
        Attempts for one address before giving up.
    backoff_s : float
        Wait before the second attempt, in seconds; it doubles with every further one.
    jitter : float
        Share of a wait that is added by chance, so that many clients do not come back at once.
    longest_wait_s : float
        Longest single wait, in seconds; a server that asks for more ends the sync.
    connect_timeout_s, read_timeout_s : float
        Longest wait for a connection, and between two pieces of an answer, in seconds.
    longest_answer_s : float
        Longest time for a whole answer, in seconds.
    largest_bytes : int
        Largest answer, unpacked.
    redirects : int
        Redirects to follow.
    contact : str
        Whom the source can write to, such as an e-mail address; told with every request.

    Raises
    ------
    GeomonitorError
        If the rate or the contact cannot be used.

    Examples
    --------
    >>> Politeness().requests_per_second
    2.0
    >>> Politeness(requests_per_second=0)
    Traceback (most recent call last):
    geomonitor.errors.GeomonitorError: The rate 0 is not possible.
      where: --rate
      expected: requests a second, above 0 and at most 20
    """

    requests_per_second: float = 2.0
    attempts: int = 5
    backoff_s: float = 1.0
    jitter: float = 0.25
    longest_wait_s: float = 300.0
    connect_timeout_s: float = 15.0
    read_timeout_s: float = 60.0
    longest_answer_s: float = 300.0
    largest_bytes: int = 50_000_000
    redirects: int = 3
    contact: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.requests_per_second <= 20:
            raise GeomonitorError(
                f"The rate {self.requests_per_second:g} is not possible.",
                where="--rate",
                expected="requests a second, above 0 and at most 20",
            )
        if not self.contact.isascii() or not self.contact.replace(" ", "a").isprintable():
            raise GeomonitorError(
                f"The contact {self.contact!r} cannot be sent.",
                where="--contact",
                expected="plain signs on one line, such as an e-mail address",
            )


def user_agent(contact: str = "") -> str:
    """Say who asks.

    Examples
    --------
    >>> user_agent("dossiers@ministry.example").partition(" ")[2]
    '(contact: dossiers@ministry.example)'
    """
    return f"geomonitor/{__version__} (contact: {contact or 'not given'})"


def same_place(page: str, link: str) -> str:
    """Give the address of a link to a next page, which must stay where the page was.

    Raises
    ------
    FetchError
        If the link goes to another host.

    Examples
    --------
    >>> same_place("https://data.example/feed?category=Zaak", "?skiptoken=7")
    'https://data.example/feed?skiptoken=7'
    """
    target = urljoin(page, link)
    old, new = urlsplit(page), urlsplit(target)
    if (old.scheme, old.netloc) != (new.scheme, new.netloc):
        raise FetchError(
            f"The next page is said to be at another place: {new.scheme}://{new.netloc}.",
            where=page,
            expected=f"a next page at {old.scheme}://{old.netloc}",
            next_step="Check --address. What was read is kept; the next sync goes on from there.",
        )
    return target


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source answered.

    Parameters
    ----------
    address : str
        Where the body came from, after redirects.
    body : bytes
        Empty where nothing changed.
    etag, last_modified : str
        What the source calls this version; empty where it does not say.
    changed : bool
        False where the source says that it is still the version that was named.
    """

    address: str
    body: bytes
    etag: str
    last_modified: str
    changed: bool = True


class Client:
    """Asks sources, one request at a time.

    Parameters
    ----------
    politeness : Politeness
    known_hosts : frozenset of str
        Hosts, beside the one asked, that may be gone on to over https.
    tell : callable, optional
        Takes a sentence before each wait that a failure causes.
    sleep, clock, chance : callable
        What waits, what gives seconds, and what gives a number from 0 to 1.
    """

    def __init__(
        self,
        politeness: Politeness | None = None,
        *,
        known_hosts: frozenset[str] = KNOWN_HOSTS,
        tell: Tell | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        import requests

        self.politeness = politeness or Politeness()
        self._known_hosts = known_hosts
        self._tell = tell or (lambda text: None)
        self._sleep, self._clock, self._chance = sleep, clock, chance
        self._session = requests.Session()
        # cookies would tell the source more than who asks
        self._session.cookies.set_policy(_no_cookies())
        self._not_before: float | None = None
        self.requests = 0

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def json(self, address: str, *, etag: str = "", last_modified: str = "") -> Answer:
        """Ask for JSON; see `get`."""
        return self.get(address, _JSON, _require_json, etag=etag, last_modified=last_modified)

    def xml(self, address: str, *, etag: str = "", last_modified: str = "") -> Answer:
        """Ask for XML; see `get`."""
        return self.get(address, _XML, _require_xml, etag=etag, last_modified=last_modified)

    def get(
        self,
        address: str,
        types: frozenset[str],
        require_whole: Callable[[bytes, str], object],
        *,
        etag: str = "",
        last_modified: str = "",
    ) -> Answer:
        """Ask for a body, again and again where that may help.

        Parameters
        ----------
        address : str
        types : frozenset of str
            Content types that it may have.
        require_whole : callable
            Takes the body and its address, and raises DataError where it is cut off or broken.
        etag, last_modified : str
            The version that is known already.

        Returns
        -------
        Answer

        Raises
        ------
        FetchError
            If no whole answer came, or one that must not be used.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {
            "Accept": ", ".join(sorted(types)),
            "Accept-Encoding": "gzip, identity",
            "User-Agent": user_agent(self.politeness.contact),
        } | {name: value for name, value in conditions.items() if value}
        for attempt in range(1, self.politeness.attempts + 1):
            try:
                return self._attempt(address, headers, types, require_whole)
            except InterruptedTransferError as interruption:
                wait_s = self._wait_s(interruption, attempt)
                if attempt == self.politeness.attempts or wait_s > self.politeness.longest_wait_s:
                    self._give_up(interruption, address, attempt, wait_s)
                self._tell(f"{interruption} Trying again in {wait_s:.0f} s.")
                self._sleep(wait_s)
        raise AssertionError("an attempt returns or raises")

    def _wait_s(self, interruption: InterruptedTransferError, attempt: int) -> float:
        grown = self.politeness.backoff_s * 2.0 ** (attempt - 1)
        wait_s = min(grown, self.politeness.longest_wait_s / (1 + self.politeness.jitter))
        if interruption.wait_s is not None:
            # never sooner than the server asks
            wait_s = interruption.wait_s
            if wait_s > self.politeness.longest_wait_s:
                return wait_s
        added = wait_s * self.politeness.jitter * self._chance()
        return min(wait_s + added, max(wait_s, self.politeness.longest_wait_s))

    def _give_up(
        self, interruption: InterruptedTransferError, address: str, attempts: int, wait_s: float
    ) -> NoReturn:
        asked = f" It asks to wait {wait_s:.0f} s." if wait_s > self.politeness.longest_wait_s else ""
        raise FetchError(
            f"{interruption}{asked} Gave up after {attempts} attempt{'s' if attempts > 1 else ''}.",
            where=address,
            expected="a whole answer",
            next_step="Run the same command again later: it goes on where it stopped.",
        ) from interruption

    def _attempt(
        self,
        address: str,
        headers: Mapping[str, str],
        types: frozenset[str],
        require_whole: Callable[[bytes, str], object],
    ) -> Answer:
        started = self._clock()
        with self._open(address, headers) as response:
            host, status = urlsplit(address).netloc, response.status_code
            etag = response.headers.get("ETag", "")
            last_modified = response.headers.get("Last-Modified", "")
            conditional = "If-None-Match" in headers or "If-Modified-Since" in headers
            if status == 304 and conditional:
                return Answer(response.url, b"", etag, last_modified, changed=False)
            if status in RETRIED_STATUSES:
                raise InterruptedTransferError(
                    f"{host} answers {status} ({response.reason}).",
                    wait_s=retry_after_s(response.headers.get("Retry-After")),
                )
            if status != 200:
                raise _refused(response, address)
            found = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if found not in types:
                raise FetchError(
                    f"{host} sends {found or 'something without a content type'}.",
                    where=address,
                    expected=" or ".join(sorted(types)),
                    next_step="Look at the address in a browser: the source may have moved.",
                )
            body = self._receive(response, address, started)
        try:
            require_whole(body, address)
        except DataError as error:
            raise InterruptedTransferError(f"{host} sends a broken answer. {error.what}") from error
        return Answer(response.url, body, etag, last_modified)

    def _open(self, address: str, headers: Mapping[str, str]) -> requests.Response:
        politeness = self.politeness
        timeouts = (politeness.connect_timeout_s, politeness.read_timeout_s)
        at = address
        for _ in range(politeness.redirects + 1):
            self._wait_for_turn()
            self.requests += 1
            response = ask(self._session, at, headers, timeouts)
            location = self._session.get_redirect_target(response)
            if location is None:
                return response
            response.close()
            at = self._redirected(at, location)
        raise FetchError(
            f"The server redirects more than {politeness.redirects} times.",
            where=address,
            expected="an answer after a few redirects at most",
            next_step="Check --address.",
        )

    def _redirected(self, at: str, location: str) -> str:
        target = urljoin(at, location)
        old, new = urlsplit(at), urlsplit(target)
        stays = (old.scheme, old.netloc) == (new.scheme, new.netloc)
        to_https = new.scheme == "https" and new.hostname == old.hostname and old.scheme == "http"
        known = new.scheme == "https" and new.netloc in self._known_hosts
        if not (stays or to_https or known):
            raise FetchError(
                f"The server redirects to another place: {new.scheme}://{new.netloc}.",
                where=at,
                expected="the same host, or https on one of " + ", ".join(sorted(self._known_hosts)),
                next_step="Check --address. Nothing was read from the other place.",
            )
        return target

    def _wait_for_turn(self) -> None:
        now = self._clock()
        if self._not_before is not None and now < self._not_before:
            self._sleep(self._not_before - now)
            now = max(self._clock(), self._not_before)
        self._not_before = now + 1 / self.politeness.requests_per_second

    def _receive(self, response: requests.Response, address: str, started: float) -> bytes:
        import requests

        host = urlsplit(address).netloc
        largest = self.politeness.largest_bytes
        body = bytearray()
        try:
            for chunk in response.iter_content(_CHUNK_BYTES):
                body += chunk
                if len(body) > largest:
                    raise FetchError(
                        f"{host} sends more than {largest:,} bytes.",
                        where=address,
                        expected=f"an answer of at most {largest:,} bytes",
                        next_step="Check --address: this is not an answer of the source.",
                    )
                if self._clock() - started > self.politeness.longest_answer_s:
                    raise InterruptedTransferError(
                        f"{host} had not sent its answer after {self.politeness.longest_answer_s:g} s."
                    )
        except requests.exceptions.RequestException as error:
            raise InterruptedTransferError(f"{host} broke off after {len(body):,} bytes.") from error
        announced = response.headers.get("Content-Length", "")
        packed = response.headers.get("Content-Encoding", "identity") != "identity"
        if not packed and announced.isascii() and announced.isdigit() and int(announced) != len(body):
            raise InterruptedTransferError(f"{host} sent {len(body):,} bytes where it announced {announced}.")
        return bytes(body)


def _no_cookies() -> CookiePolicy:
    return DefaultCookiePolicy(allowed_domains=[])


def _require_json(body: bytes, address: str) -> None:
    try:
        json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DataError(f"It is no whole JSON: {error}.", where=address) from error


def _require_xml(body: bytes, address: str) -> None:
    from geomonitor.dossier.sources.safe_xml import parse_xml

    parse_xml(body, where=address)


def _refused(response: requests.Response, address: str) -> FetchError:
    status, host = response.status_code, urlsplit(address).netloc
    if status in (404, 410):
        return FetchError(
            f"{host} has nothing at this address ({status}).",
            where=address,
            expected="an address of the source",
            next_step="Check --address; the source may have changed its addresses.",
        )
    if status in (401, 403, 407):
        return FetchError(
            f"{host} refuses access ({status}).",
            where=address,
            expected="open data, for everyone",
            next_step="Check the proxy settings; if you asked much, wait a day and choose a lower --rate.",
        )
    return FetchError(
        f"{host} answers {status} ({response.reason}).",
        where=address,
        expected="status 200",
        next_step="Try again later. If it stays, the source may have changed what it understands.",
    )
