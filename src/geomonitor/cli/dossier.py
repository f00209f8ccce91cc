"""``geomonitor dossier``: parliamentary papers, what they refer to, ask and promise."""

from __future__ import annotations

import typer

__all__ = ["app"]

app = typer.Typer(
    help="Keep a parliamentary dossier: sync papers, read them, search, follow motions and commitments.",
    no_args_is_help=True,
)
