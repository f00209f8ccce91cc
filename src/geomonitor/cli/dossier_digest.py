"""``geomonitor dossier digest``: what is new and due in what a user follows."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["digest_command"]


class DigestFormat(enum.StrEnum):
    """Forms of a digest."""

    text = "text"
    html = "html"
    rss = "rss"
    ics = "ics"


def digest_command(
    username: Annotated[
        str, typer.Option("--as", help="Whose digest; needed unless it is sent to all who asked for it.")
    ] = "",
    days: Annotated[
        int | None,
        typer.Option(
            "--days", min=1, max=3_650, help="News of so many days; else what the user has not seen."
        ),
    ] = None,
    format: Annotated[DigestFormat, typer.Option("--format", help="How to write it.")] = DigestFormat.text,  # noqa: A002
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file instead.")] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Mail it to every user who asked for it, as far as there is news.")
    ] = False,
    home: Annotated[
        Path | None,
        typer.Option("--home", help="Folder of the application; GEOMONITOR_HOME, or your own, by default."),
    ] = None,
) -> None:
    """Write what is new and what is due in what a user follows, or mail it to all who asked for it.

    Example: geomonitor dossier digest --as admin --format ics --out due.ics
    """
    from geomonitor.cli.home import open_home
    from geomonitor.errors import GeomonitorError

    open_home(home)
    if send:
        _send()
        return
    if not username:
        raise GeomonitorError(
            "It is not said whose digest is wanted.", where="--as", next_step="Name a user, or choose --send."
        )
    content = _written(username, days, format)
    if out is None:
        typer.echo(content.decode("utf-8"), nl=False)
        return
    half = out.with_name(f".{out.name}.half")
    try:
        half.write_bytes(content)
        half.replace(out)
    except OSError as error:
        raise GeomonitorError(
            f"{out} cannot be written: {error.strerror}.", where="--out", next_step="Choose another place."
        ) from error


def _written(username: str, days: int | None, wanted: DigestFormat) -> bytes:
    from datetime import timedelta

    from django.conf import settings
    from django.utils import timezone

    from geomonitor.errors import UnknownCodeError
    from geomonitor.register.models import User
    from geomonitor.web.following import digest

    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise UnknownCodeError(
            f"There is no active user {username!r}.", where="--as", next_step="Choose one that can log in."
        )
    since = timezone.now() - timedelta(days=days) if days else None
    made = digest.digest_for(user, user.language or settings.LANGUAGE_CODE, since)
    address = settings.PUBLIC_ADDRESS
    if wanted is DigestFormat.html:
        return digest.html(made, address).encode()
    if wanted is DigestFormat.rss:
        return digest.feed(made, address, address).encode()
    if wanted is DigestFormat.ics:
        return digest.calendar(made, address)
    return digest.text(made, address).encode()


def _send() -> None:
    from geomonitor.errors import GeomonitorError
    from geomonitor.web.following.mailing import send_digests

    outcome = send_digests()
    typer.echo(f"{outcome.sent} digests sent.")
    if outcome.failed:
        raise GeomonitorError(
            f"{len(outcome.failed)} digests could not be sent: {'; '.join(outcome.failed)}",
            next_step="Look at the settings of mail; they are tried again next time.",
        )
