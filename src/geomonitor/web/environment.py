"""What the settings read: environment variables, and the home folder of the application."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

__all__ = [
    "application_home",
    "debug_wanted",
    "hosts",
    "https_wanted",
    "oidc_settings",
    "secret_key",
    "whole_number",
]

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


def application_home() -> Path:
    """Give the folder with database, editions and secret key: `GEOMONITOR_HOME`, or the user's own.

    Examples
    --------
    >>> application_home().is_absolute()
    True
    """
    named = os.environ.get("GEOMONITOR_HOME")
    if named:
        return Path(named).expanduser().absolute()
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "geomonitor" / "application"


def secret_key(home: Path) -> str:
    """Read the secret key: `GEOMONITOR_SECRET_KEY`, or the file that `geomonitor serve` made.

    Raises
    ------
    ImproperlyConfigured
        If there is neither.
    """
    named = os.environ.get("GEOMONITOR_SECRET_KEY")
    if named:
        return named
    file = home / "secret_key"
    try:
        found = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"There is no secret key: GEOMONITOR_SECRET_KEY is not set and {file} cannot be read. "
            "`geomonitor serve` makes one on its first start."
        ) from error
    if len(found) < 50:
        raise ImproperlyConfigured(f"The secret key in {file} has fewer than 50 signs. Make a new one.")
    return found


def hosts() -> list[str]:
    """Read the host names that the application answers to, `GEOMONITOR_ALLOWED_HOSTS`, by comma."""
    named = os.environ.get("GEOMONITOR_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
    return [each.strip() for each in named.split(",") if each.strip()]


def https_wanted() -> bool:
    """Say whether the application stands behind HTTPS (`GEOMONITOR_HTTPS`)."""
    return _yes_or_no("GEOMONITOR_HTTPS")


def debug_wanted() -> bool:
    """Say whether errors are shown with their code (`GEOMONITOR_DEBUG`); never with HTTPS."""
    wanted = _yes_or_no("GEOMONITOR_DEBUG")
    if wanted and https_wanted():
        raise ImproperlyConfigured("GEOMONITOR_DEBUG and GEOMONITOR_HTTPS exclude each other.")
    return wanted


def whole_number(name: str, default: int) -> int:
    """Read a whole number from the environment.

    Raises
    ------
    ImproperlyConfigured
        If it is none.

    Examples
    --------
    >>> whole_number("GEOMONITOR_NOT_SET", 5)
    5
    """
    text = os.environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal():
        raise ImproperlyConfigured(f"{name} is {text!r}; expected a whole number.")
    return int(text)


def oidc_settings() -> dict[str, Any]:
    """Read the settings of the organisation's log-in (OpenID Connect); empty where it is not set up."""
    client = os.environ.get("GEOMONITOR_OIDC_CLIENT_ID")
    if not client:
        return {}
    names = {
        "OIDC_RP_CLIENT_SECRET": "GEOMONITOR_OIDC_CLIENT_SECRET",
        "OIDC_OP_AUTHORIZATION_ENDPOINT": "GEOMONITOR_OIDC_AUTHORIZATION_ENDPOINT",
        "OIDC_OP_TOKEN_ENDPOINT": "GEOMONITOR_OIDC_TOKEN_ENDPOINT",
        "OIDC_OP_USER_ENDPOINT": "GEOMONITOR_OIDC_USER_ENDPOINT",
        "OIDC_OP_JWKS_ENDPOINT": "GEOMONITOR_OIDC_JWKS_ENDPOINT",
    }
    missing = [variable for variable in names.values() if not os.environ.get(variable)]
    if missing:
        raise ImproperlyConfigured(
            f"GEOMONITOR_OIDC_CLIENT_ID is set, but these are not: {', '.join(missing)}."
        )
    return {
        "OIDC_RP_CLIENT_ID": client,
        "OIDC_RP_SIGN_ALGO": os.environ.get("GEOMONITOR_OIDC_SIGN_ALGORITHM", "RS256"),
        "OIDC_RP_SCOPES": "openid email profile",
        "OIDC_USE_PKCE": True,
        # a server that does not answer must not hold a worker
        "OIDC_TIMEOUT": 10,
        **{setting: os.environ[variable] for setting, variable in names.items()},
    }


def _yes_or_no(name: str) -> bool:
    text = os.environ.get(name, "").strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {text!r}; expected 1 or 0.")
