"""Ask a server over HTTP, and tell what a later attempt may mend from what it will not."""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from geomonitor.errors import FetchError

if TYPE_CHECKING:
    import requests

__all__ = ["RETRIED_STATUSES", "InterruptedTransferError", "ask", "retry_after_s"]

RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
"""Answers after which asking again later makes sense."""


class InterruptedTransferError(Exception):
    """An attempt failed in a way that a later attempt may mend.

    Parameters
    ----------
    what : str
        What happened, in one sentence.
    wait_s : float, optional
        How long the server asks to wait, in seconds.
    unreachable : bool
        Whether no connection could be made at all.
    """

    def __init__(self, what: str, *, wait_s: float | None = None, unreachable: bool = False) -> None:
        super().__init__(what)
        self.wait_s = wait_s
        self.unreachable = unreachable


def ask(
    session: requests.Session, url: str, headers: Mapping[str, str], timeouts: tuple[float, float]
) -> requests.Response:
    """Ask a server, without following a redirect; the body is still to be read.

    Parameters
    ----------
    session : requests.Session
    url : str
    headers : mapping of str to str
    timeouts : tuple of float
        Longest wait for a connection, and between two pieces of the answer, in seconds.

    Returns
    -------
    requests.Response

    Raises
    ------
    InterruptedTransferError
        If asking again may help.
    FetchError
        If it will not.
    """
    import requests
    from urllib3.exceptions import NewConnectionError

    host = urlsplit(url).netloc
    connect_timeout_s, read_timeout_s = timeouts
    try:
        return session.get(url, headers=dict(headers), stream=True, allow_redirects=False, timeout=timeouts)
    except requests.exceptions.ProxyError as error:
        raise FetchError(
            f"The proxy on the way to {host} cannot be used.",
            where=url,
            expected="a proxy that answers and lets the request through",
            next_step="Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.",
        ) from error
    except requests.exceptions.SSLError as error:
        raise FetchError(
            f"The certificate of {host} is not trusted, so nothing was downloaded.",
            where=url,
            expected="a certificate that this computer trusts",
            next_step="If your organisation inspects traffic, name its certificates in REQUESTS_CA_BUNDLE.",
        ) from error
    except requests.exceptions.ConnectTimeout as error:
        what = f"No connection to {host} within {connect_timeout_s:g} s."
        raise InterruptedTransferError(what, unreachable=True) from error
    except requests.exceptions.Timeout as error:
        raise InterruptedTransferError(f"No answer from {host} within {read_timeout_s:g} s.") from error
    except requests.exceptions.ConnectionError as error:
        reason = getattr(error.args[0] if error.args else None, "reason", None)
        if isinstance(reason, NewConnectionError):
            raise InterruptedTransferError(
                f"No connection to {host} can be made.", unreachable=True
            ) from error
        raise InterruptedTransferError(f"The connection to {host} broke.") from error
    except requests.exceptions.RequestException as error:
        raise FetchError(
            f"The address cannot be asked for: {error}.",
            where=url,
            expected="an http or https address",
            next_step="Check the address, and the proxy settings if there are any.",
        ) from error


def retry_after_s(text: str | None) -> float | None:
    """Read a Retry-After header, which holds seconds or a date; None when it holds neither.

    Examples
    --------
    >>> retry_after_s("120"), retry_after_s("soon")
    (120.0, None)
    """
    if text is None:
        return None
    digits = text.strip()
    if digits.isascii() and digits.isdigit():
        return float(digits)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
