"""``geomonitor dossier``: parliamentary papers, what they refer to, ask and promise."""

from __future__ import annotations

import typer

from geomonitor.cli.dossier_archive import incomplete_command, load_command, sync_command
from geomonitor.cli.dossier_digest import digest_command
from geomonitor.cli.dossier_example import withdraw_example_command
from geomonitor.cli.dossier_graph import commitments_command, derive_command, motions_command
from geomonitor.cli.dossier_read import read_command
from geomonitor.cli.dossier_search import index_command, search_command
from geomonitor.cli.dossier_show import show_command

__all__ = ["app"]

app = typer.Typer(
    help="Keep a parliamentary dossier: sync papers, read them, search, follow motions and commitments.",
    no_args_is_help=True,
)
app.command("sync")(sync_command)
app.command("load")(load_command)
app.command("incomplete")(incomplete_command)
app.command("show")(show_command)
app.command("motions")(motions_command)
app.command("commitments")(commitments_command)
app.command("derive")(derive_command)
app.command("read")(read_command)
app.command("search")(search_command)
app.command("index")(index_command)
app.command("withdraw-example")(withdraw_example_command)
app.command("digest")(digest_command)
