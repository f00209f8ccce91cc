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
    from geomonitor.cli.output import write_text
    from geomonitor.errors import GeomonitorError

    if send and (username or days is not None or out is not None):
        raise GeomonitorError(
            "A digest is either written for one user or sent to all who asked for it.",
            where="--send",
            expected="--send alone, or --as with --days, --format and --out",
            next_step="Leave --send out, or leave out the others.",
        )
    if not send and not username:
        raise GeomonitorError(
            "It is not said whose digest is wanted.",
            where="--as",
            expected="the name of a user, such as admin",
            next_step="Name a user with --as, or choose --send.",
        )
    open_home(home)
    if send:
        _send()
        return
    content = _written(username, days, format)
    if out is None:
        typer.echo(content.decode("utf-8"), nl=False)
        return
    write_text(content.decode("utf-8"), out)


def _written(username: str, days: int | None, wanted: DigestFormat) -> bytes:
    from datetime import timedelta

    from django.conf import settings
    from django.utils import timezone

    from geomonitor.errors import GeomonitorError, UnknownCodeError
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
    if not address and wanted is DigestFormat.rss:
        raise GeomonitorError(
            "A feed is made of links, and it is not known where people find the application.",
            where="GEOMONITOR_ADDRESS",
            expected="an address such as https://geomonitor.ministry.example",
            next_step="Set it, or choose another format.",
        )
    if not address:
        typer.echo(
            "GEOMONITOR_ADDRESS is not set, so that the digest has no links.",
            err=True,
        )
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
