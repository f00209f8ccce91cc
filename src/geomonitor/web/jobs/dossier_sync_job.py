"""Bringing a dossier of parliament up to date, as a job."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geomonitor.archive.sync import SOURCES, SyncOutcome, sync
from geomonitor.dossier.transport import Client, Politeness
from geomonitor.errors import GeomonitorError
from geomonitor.web.jobs.kinds import Progress

__all__ = ["run_dossier_sync_job"]


def run_dossier_sync_job(
    parameters: Mapping[str, Any], progress: Progress, folder: Path
) -> Mapping[str, Any]:
    """Do the work of the kind "dossier-sync".

    Parameters
    ----------
    parameters : mapping
        `dossier`: a dossier, or "all"; and where they are not the usual ones: `source` (tweede-kamer, koop
        or both), `since` (YYYY-MM-DD) and `contact`. Where the services are is not the user's to say, but
        the administrator's: the setting DOSSIER_ADDRESS.
    progress : callable
    folder : pathlib.Path
        Nothing is left here: papers go to the archive.

    Returns
    -------
    mapping
        What was added, changed, withdrawn and left as it was.

    Raises
    ------
    GeomonitorError
        If a source could not be read to its end; what was read is kept, and the next sync goes on.
    """
    from django.conf import settings

    source = str(parameters.get("source") or "both")
    if source not in (*SOURCES, "both"):
        raise GeomonitorError(
            f"There is no source {source!r}.", where="source", expected=", ".join((*SOURCES, "both"))
        )
    since = str(parameters.get("since") or "")
    with Client(Politeness(contact=str(parameters.get("contact") or settings.DOSSIER_CONTACT))) as client:
        outcome = sync(
            str(parameters["dossier"]),
            client=client,
            sources=SOURCES if source == "both" else (source,),
            since=_day(since) if since else None,
            address=settings.DOSSIER_ADDRESS,
            progress=progress,
        )
    if outcome.problems:
        name, error = outcome.problems[0]
        raise GeomonitorError(
            f"{name}: {error.what}",
            where=error.where,
            expected=error.expected,
            next_step=f"{_told(outcome)} were kept. {error.next_step or 'Sync again later.'}",
        )
    papers = outcome.papers
    return {
        "dossier": str(parameters["dossier"]),
        "added": papers.added,
        "changed": papers.changed,
        "withdrawn": papers.withdrawn,
        "unchanged": papers.unchanged,
        "unreadable": len(outcome.unreadable),
    }


def _told(outcome: SyncOutcome) -> str:
    return f"{outcome.papers.added:,} new and {outcome.papers.changed:,} changed papers"


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise GeomonitorError(f"{text!r} is no day.", where="since", expected="YYYY-MM-DD") from error
