"""Dossiers: what the papers in them add up to."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db import connection
from django.db.models import Count, Max, Min, Q

from geomonitor.archive.models import Dossier, Paper
from geomonitor.archive.writing import update_rows
from geomonitor.dossier.records import Family

__all__ = ["refresh_dossiers"]

_AT_ONCE = 500


def refresh_dossiers(keys: Collection[str] | None = None) -> int:
    """Bring the rows of dossiers in line with their papers: number, first and last day, title.

    What is printed as a paper and is a matter or document too, counts once. Papers that were withdrawn
    do not count; a dossier without papers stays, with none. The title is that of the newest paper that
    gives one.

    Parameters
    ----------
    keys : collection of str or None
        Dossiers; None for all.

    Returns
    -------
    int
        How many dossiers were added or changed.
    """
    wanted = (
        set(Paper.objects.exclude(dossier="").values_list("dossier", flat=True).distinct())
        | set(Dossier.objects.values_list("dossier", flat=True))
        if keys is None
        else {key for key in keys if key}
    )
    written = 0
    for some in _parts(sorted(wanted)):
        written += _refresh(some)
    return written


def _refresh(keys: list[str]) -> int:
    papers = Paper.objects.filter(dossier__in=keys, withdrawn_at=None)
    once = papers.filter(Q(family=Family.PAPER) | Q(same_as=""))
    found = {
        key: (number, first, last, example)
        for key, number, first, last, example in once.order_by()
        .values("dossier")
        .annotate(
            number=Count("pk"),
            first=Min("date"),
            last=Max("date"),
            owned=Count("pk", filter=Q(example=False)),
        )
        .values_list("dossier", "number", "first", "last", "owned")
    }
    there = Dossier.objects.in_bulk(keys)
    titles = _titles(keys)
    new, changed = [], []
    for key in keys:
        number, first, last, owned = found.get(key, (0, None, None, 0))
        dossier = there.get(key) or Dossier(dossier=key)
        values = {
            "papers": number,
            "first_date": first,
            "last_date": last,
            "title": titles.get(key, dossier.title),
            "example": bool(number) and not owned,
        }
        if key not in there:
            new.append(dossier)
        elif any(getattr(dossier, name) != value for name, value in values.items()):
            changed.append(dossier)
        for name, value in values.items():
            setattr(dossier, name, value)
    Dossier.objects.bulk_create(new)
    update_rows(changed, ("papers", "first_date", "last_date", "title", "example"))
    return len(new) + len(changed)


def _titles(keys: list[str]) -> dict[str, str]:
    """Give by dossier the title that its newest paper with one gives."""
    # one step in the index of dossier and date for each; all titles at once would be far more
    given = " UNION ALL ".join(["SELECT %s AS dossier"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT given.dossier, (SELECT p.dossier_title FROM archive_paper p "
            "WHERE p.dossier = given.dossier AND p.withdrawn_at IS NULL AND p.dossier_title <> '' "
            f"ORDER BY p.date DESC NULLS LAST, p.id LIMIT 1) FROM ({given}) AS given",
            keys,
        )
        return {dossier: title for dossier, title in cursor.fetchall() if title is not None}


def _parts(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]
