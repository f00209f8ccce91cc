"""Importing a file: what would change, and then all of it or nothing.

A dry run does everything that the import does and takes it back, so it meets every rule that the import
meets.
"""

from __future__ import annotations

from auditlog.context import set_actor
from django.db import transaction

from geomonitor.register.access import require
from geomonitor.register.errors import NotAllowedError, RegisterError, Words
from geomonitor.register.exchange.document import Document
from geomonitor.register.exchange.merging import Merge
from geomonitor.register.exchange.outcome import ImportOutcome
from geomonitor.register.exchange.problems import ImportRefusedError, Problem
from geomonitor.register.models import Role, User
from geomonitor.register.trail_events import note_event

__all__ = ["RegisterChangedError", "apply_import", "dry_run", "import_as"]

import_as = set_actor
"""Has the trail name a user where there is no request: on the command line."""


class RegisterChangedError(RegisterError):
    """The register changed since the dry run, so that the import would do something else.

    Attributes
    ----------
    outcome : ImportOutcome
        What it would do now.
    """

    exit_status = 12

    def __init__(self, outcome: ImportOutcome) -> None:
        super().__init__(
            "The register changed since the dry run; nothing was imported.",
            key="register_changed",
            next_step="Look at what would change now, and import again.",
        )
        self.outcome = outcome


def dry_run(user: User, document: Document, *, history: bool = False) -> ImportOutcome:
    """Say what an import would do, without doing it.

    Parameters
    ----------
    user : User
    document : Document
    history : bool
        Take over who did what when, for records that the register does not have: administrators only.

    Raises
    ------
    NotAllowedError
    """
    _require(user, history)
    with transaction.atomic():
        outcome = Merge(user, document, history=history).run()
        transaction.set_rollback(True)
    return outcome


def apply_import(
    user: User, document: Document, *, sha256: str, history: bool = False, seen: str | None = None
) -> ImportOutcome:
    """Import a file, in one transaction.

    Parameters
    ----------
    user : User
    document : Document
    sha256 : str
        Of the file, for the trail.
    history : bool
        As for `dry_run`.
    seen : str, optional
        Fingerprint of the dry run that the user saw.

    Raises
    ------
    NotAllowedError
    RegisterChangedError
        If it would now do something else than the user saw.
    ImportRefusedError
        If there is a problem or a conflict.
    """
    _require(user, history)
    with transaction.atomic():
        outcome = Merge(user, document, history=history).run()
        if seen is not None and outcome.fingerprint != seen:
            raise RegisterChangedError(outcome)
        problems = list(outcome.problems) + [
            Problem(
                Words("The record has a newer version in the register.", "problem.newer"),
                each.note,
                each.table,
                each.row,
                "version",
            )
            for each in outcome.of("conflict")
        ]
        if problems:
            raise ImportRefusedError(problems)
        counts = {name: dict(sorted(found.items())) for name, found in outcome.counts.items()}
        note_event("import", user, sha256=sha256, history=history, rows=counts)
    return outcome


def _require(user: User, history: bool) -> None:
    require(user, "import")
    if history and user.role != Role.ADMINISTRATOR:
        raise NotAllowedError(
            "Only an administrator brings history back: it says in other people's names what they did.",
            key="history",
            expected="an import of contents, in your own name",
            next_step="Import without history, or ask an administrator.",
        )
