"""From which address a request comes, where the application stands behind a proxy."""

from __future__ import annotations

import ipaddress

__all__ = ["client_address"]


def client_address(remote: str, forwarded: str, proxies: int) -> str | None:
    """Give the address of whoever asks; none where it cannot be known.

    Parameters
    ----------
    remote : str
        The other end of the connection.
    forwarded : str
        The header X-Forwarded-For: each proxy adds, at the end, who asked it.
    proxies : int
        How many proxies of our own stand before the application. With none the header is not
        believed: anybody can send one.

    Examples
    --------
    >>> client_address("10.0.0.1", "203.0.113.9, 198.51.100.7", 1)
    '198.51.100.7'
    >>> client_address("198.51.100.7", "203.0.113.9", 0)
    '198.51.100.7'
    >>> client_address("", "nonsense", 1) is None
    True
    """
    found = remote
    if proxies:
        passed = [each.strip() for each in forwarded.split(",")]
        found = passed[-proxies] if len(passed) >= proxies else ""
    try:
        return str(ipaddress.ip_address(found))
    except ValueError:
        return None
