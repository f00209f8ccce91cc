"""What follows when papers came in: links and states, the counts of dossiers, and the index kept in step."""

from __future__ import annotations

import datetime

from django.db import connection, transaction

from geomonitor.archive.deriving import DeriveOutcome, derive_states
from geomonitor.archive.dossiers import refresh_dossiers
from geomonitor.archive.loading import BATCH, Progress, one_writer
from geomonitor.archive.models import Paper
from geomonitor.archive.search_index import index_papers
from geomonitor.dossier.states import DUE_WITHIN_DAYS

__all__ = ["derive_all", "index_moved_papers"]

_MOVED = """
SELECT p.id FROM archive_paper p
JOIN archive_searchentry e ON e.paper_id = p.id
JOIN archive_searchgroup g ON g."group" = e."group"
WHERE g.dossier <> p.dossier ORDER BY p.id
"""


def derive_all(
    *,
    today: datetime.date,
    due_within_days: int = DUE_WITHIN_DAYS,
    progress: Progress | None = None,
) -> DeriveOutcome:
    """Derive links and states of the whole archive, and bring dossiers and the index in line with them.

    Parameters
    ----------
    today : datetime.date
        The day for which commitments are due or overdue.
    due_within_days : int
        A commitment is due when its last day is at most so many days away.
    progress : callable, optional

    Returns
    -------
    DeriveOutcome
    """
    outcome = derive_states(today=today, due_within_days=due_within_days, progress=progress)
    with transaction.atomic():
        one_writer()
        refresh_dossiers()
    index_moved_papers(progress)
    return outcome


def index_moved_papers(progress: Progress | None = None) -> int:
    """Index papers anew whose dossier became known, or another, after they were indexed.

    Returns
    -------
    int
        How many.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MOVED)
        keys = [int(row[0]) for row in cursor.fetchall()]
    for start in range(0, len(keys), BATCH):
        if progress is not None:
            progress("Indexing papers", start, len(keys))
        with transaction.atomic():
            one_writer()
            index_papers(list(Paper.objects.filter(pk__in=keys[start : start + BATCH])))
    return len(keys)
