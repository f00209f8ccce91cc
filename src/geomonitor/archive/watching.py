"""What people watch: dossiers, papers, motions, commitments and searches, and what is new in them."""

from __future__ import annotations

import datetime
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from geomonitor.archive.models import (
    Commitment,
    CommitmentState,
    Dossier,
    Motion,
    Paper,
    Reference,
    SavedSearch,
    Visit,
    Watch,
    WatchKind,
)
from geomonitor.archive.search import SearchRequest, search
from geomonitor.register.errors import RuleError
from geomonitor.register.models import User

__all__ = [
    "LARGEST_SEARCHES",
    "LARGEST_WATCHES",
    "News",
    "due_commitments",
    "feed_key",
    "forget_search",
    "mark_seen",
    "new_feed_key",
    "news_for",
    "save_search",
    "unwatch",
    "visit_of",
    "watch",
    "watched_keys",
]

LARGEST_WATCHES = 500
LARGEST_SEARCHES = 50
_LARGEST_NEWS = 500
# so many papers of a search are looked through for new ones
_PAPERS_OF_A_SEARCH = 100


@dataclass(frozen=True, slots=True)
class News:
    """Something that is new to a user.

    Parameters
    ----------
    kind : str
        paper, motion, commitment or reference.
    key : str
        Identifier of what it is about.
    title, text : str
        In the words of the source; `text` is the passage where a paper refers to what is watched.
    date : datetime.date or None
        Day of the paper, or on which the state was reached.
    at : datetime.datetime
        When the archive learned of it.
    state : str
        Of a motion or commitment.
    because : str
        What the user watches: "dossier:35207", "motion:kst-35207-46", "search:Rare earths".
    dossier : str
    """

    kind: str
    key: str
    title: str
    text: str
    date: datetime.date | None
    at: datetime.datetime
    state: str
    because: str
    dossier: str


def visit_of(user: User) -> Visit:
    """Give when the user last looked; one who never did starts now."""
    visit, _ = Visit.objects.get_or_create(user=user)
    return visit


def watch(user: User, kind: str, key: str) -> Watch:
    """Watch something; what is watched already stays as it is.

    Raises
    ------
    RuleError
        If there is nothing of that kind by that key, or the user watches very much already.
    """
    known: Mapping[str, Any] = {
        WatchKind.DOSSIER: Dossier.objects.filter(dossier=key),
        WatchKind.PAPER: Paper.objects.filter(paper=key, withdrawn_at__isnull=True),
        WatchKind.MOTION: Motion.objects.filter(motion=key),
        WatchKind.COMMITMENT: Commitment.objects.filter(commitment=key),
    }
    if kind not in known or not known[kind].exists():
        raise RuleError(
            "There is nothing in the archive with the key {found}.",
            key="nothing_to_watch",
            values={"found": key},
            next_step="Choose it from a page of the archive.",
        )
    if Watch.objects.filter(user=user).exclude(kind=kind, key=key).count() >= LARGEST_WATCHES:
        raise RuleError(
            "You watch {number} things already, which is as many as can be.",
            key="watches_too_many",
            values={"number": LARGEST_WATCHES},
            next_step="Stop watching what no longer matters.",
        )
    visit_of(user)
    made, _ = Watch.objects.get_or_create(user=user, kind=kind, key=key)
    return made


def unwatch(user: User, kind: str, key: str) -> bool:
    """Stop watching something; gives whether it was watched."""
    removed, _ = Watch.objects.filter(user=user, kind=kind, key=key).delete()
    return removed > 0


def watched_keys(user: User, kind: str) -> frozenset[str]:
    """Give the keys of one kind that a user watches."""
    return frozenset(Watch.objects.filter(user=user, kind=kind).values_list("key", flat=True))


def save_search(user: User, name: str, query: str, filters: Mapping[str, str]) -> SavedSearch:
    """Keep a search under a name; the same name again changes it.

    Parameters
    ----------
    user : User
    name, query : str
    filters : mapping of str to str
        dossier, kind, family, since, until, as the page of the search has them.

    Raises
    ------
    RuleError
        If it has no name or asks for nothing, or the user has very many already.
    """
    name, query = name.strip()[:120], query.strip()[:500]
    kept = {key: value for key, value in filters.items() if value}
    if not name:
        raise RuleError(
            "The search has no name.",
            key="search_unnamed",
            field="name",
            next_step="Give it a name by which you know it again.",
        )
    if not query and not kept:
        raise RuleError(
            "This search asks for nothing.", key="search_empty", next_step="Give words or choose a filter."
        )
    _request(query, kept)
    visit_of(user)
    with transaction.atomic():
        others = SavedSearch.objects.select_for_update().filter(user=user)
        if others.exclude(name=name).count() >= LARGEST_SEARCHES:
            raise RuleError(
                "You keep {number} searches already, which is as many as can be.",
                key="searches_too_many",
                values={"number": LARGEST_SEARCHES},
                next_step="Forget one that no longer matters.",
            )
        made, _ = SavedSearch.objects.update_or_create(
            user=user, name=name, defaults={"query": query, "filters": kept}
        )
    return made


def forget_search(user: User, pk: int) -> bool:
    """Forget a search of the user's own; gives whether it was there."""
    removed, _ = SavedSearch.objects.filter(user=user, pk=pk).delete()
    return removed > 0


def news_for(user: User, since: datetime.datetime | None = None) -> tuple[News, ...]:
    """Give what is new in what a user watches, newest first.

    Parameters
    ----------
    user : User
    since : datetime.datetime, optional
        News after this moment; by default after the user last marked each watch as seen.

    Returns
    -------
    tuple of News
        Each thing once, for the first reason that it is news; at most 500.
    """
    found: dict[tuple[str, str], News] = {}
    watches: dict[str, dict[str, datetime.datetime]] = defaultdict(dict)
    for each in Watch.objects.filter(user=user):
        watches[each.kind][each.key] = max(since, each.made_at) if since else each.seen_at
    for news in _news_of_watches(watches):
        found.setdefault((news.kind, news.key), news)
    for kept in SavedSearch.objects.filter(user=user).order_by("name"):
        after = max(since, kept.made_at) if since else kept.seen_at
        for news in _news_of_search(kept, after):
            found.setdefault((news.kind, news.key), news)
    return tuple(sorted(found.values(), key=lambda news: (news.at, news.key), reverse=True)[:_LARGEST_NEWS])


def mark_seen(user: User, at: datetime.datetime) -> None:
    """Count everything until a moment as seen: that on which the page was made, not of the click."""
    Watch.objects.filter(user=user, seen_at__lt=at).update(seen_at=at)
    SavedSearch.objects.filter(user=user, seen_at__lt=at).update(seen_at=at)
    Visit.objects.filter(user=user, seen_at__lt=at).update(seen_at=at)


def due_commitments(user: User) -> QuerySet[Commitment]:
    """Give the commitments with a due date, not met, in what the user watches; earliest first."""
    in_dossiers = Q(dossier__in=watched_keys(user, WatchKind.DOSSIER))
    of_papers = Q(paper__paper__in=watched_keys(user, WatchKind.PAPER))
    themselves = Q(commitment__in=watched_keys(user, WatchKind.COMMITMENT))
    open_ones = Commitment.objects.filter(due_until__isnull=False).exclude(
        Q(judged_state=CommitmentState.MET) | Q(judged_state="", state=CommitmentState.MET)
    )
    return (
        open_ones.filter(in_dossiers | of_papers | themselves)
        .select_related("paper")
        .order_by("due_until", "commitment")
    )


def feed_key(user: User) -> str:
    """Give the secret part of the addresses of a user's feed and calendar."""
    visit = visit_of(user)
    return visit.feed_key or new_feed_key(user)


def new_feed_key(user: User) -> str:
    """Make a new secret: the addresses that were given out end."""
    visit_of(user)
    for _ in range(3):
        made = secrets.token_urlsafe(32)
        try:
            with transaction.atomic():
                Visit.objects.filter(user=user).update(feed_key=made)
        except IntegrityError:
            continue
        return made
    raise RuleError("No secret could be made that is not in use.", key="feed_key_taken")


def _news_of_watches(watches: Mapping[str, Mapping[str, datetime.datetime]]) -> Iterable[News]:
    dossiers, papers = watches.get(WatchKind.DOSSIER, {}), watches.get(WatchKind.PAPER, {})
    motions, commitments = watches.get(WatchKind.MOTION, {}), watches.get(WatchKind.COMMITMENT, {})
    for motion in _changed(Motion.objects.filter(motion__in=motions), motions):
        if motion.changed_at > motions[motion.motion]:
            yield _motion_news(motion, f"motion:{motion.motion}")
    for commitment in _changed(Commitment.objects.filter(commitment__in=commitments), commitments):
        if commitment.changed_at > commitments[commitment.commitment]:
            yield _commitment_news(commitment, f"commitment:{commitment.commitment}")
    yield from _new_references({**papers, **motions})
    for paper in _loaded(Paper.objects.filter(dossier__in=dossiers), dossiers):
        if paper.loaded_at > dossiers[paper.dossier]:
            yield _paper_news(paper, f"dossier:{paper.dossier}")
    for motion in _changed(Motion.objects.filter(dossier__in=dossiers), dossiers):
        if motion.changed_at > dossiers[motion.dossier]:
            yield _motion_news(motion, f"dossier:{motion.dossier}")
    for commitment in _changed(Commitment.objects.filter(dossier__in=dossiers), dossiers):
        if commitment.changed_at > dossiers[commitment.dossier]:
            yield _commitment_news(commitment, f"dossier:{commitment.dossier}")


def _changed(rows: QuerySet[Any], keys: Mapping[str, datetime.datetime]) -> QuerySet[Any]:
    """Give what changed since the earliest moment; who asks looks at the moment of each key."""
    if not keys:
        return rows.none()
    return rows.filter(changed_at__gt=min(keys.values())).order_by("-changed_at")[:_LARGEST_NEWS]


def _loaded(rows: QuerySet[Paper], keys: Mapping[str, datetime.datetime]) -> QuerySet[Paper]:
    if not keys:
        return rows.none()
    fresh = rows.filter(loaded_at__gt=min(keys.values()), withdrawn_at__isnull=True).defer("text")
    return fresh.order_by("-loaded_at")[:_LARGEST_NEWS]


def _new_references(keys: Mapping[str, datetime.datetime]) -> Iterable[News]:
    if not keys:
        return
    rows = (
        Reference.objects.filter(
            target__in=keys,
            paper__loaded_at__gt=min(keys.values()),
            paper__withdrawn_at__isnull=True,
        )
        .select_related("paper")
        .defer("paper__text")
        .order_by("-paper__loaded_at", "start")[:_LARGEST_NEWS]
    )
    for each in rows:
        if each.paper.loaded_at > keys[each.target] and each.paper.paper != each.target:
            yield News(
                "reference",
                each.paper.paper,
                each.paper.title,
                each.quoted,
                each.paper.date,
                each.paper.loaded_at,
                each.relation,
                f"paper:{each.target}",
                each.paper.dossier,
            )


def _paper_news(paper: Paper, because: str) -> News:
    return News(
        "paper", paper.paper, paper.title, "", paper.date, paper.loaded_at, "", because, paper.dossier
    )


def _motion_news(motion: Motion, because: str) -> News:
    return News(
        "motion",
        motion.motion,
        motion.title,
        motion.settled_by,
        motion.settled_on or motion.date,
        motion.changed_at,
        motion.current_state,
        because,
        motion.dossier,
    )


def _commitment_news(commitment: Commitment, because: str) -> News:
    return News(
        "commitment",
        commitment.commitment,
        commitment.subject or commitment.text,
        commitment.due_text,
        commitment.met_on or commitment.due_until,
        commitment.changed_at,
        commitment.current_state,
        because,
        commitment.dossier,
    )


def _news_of_search(kept: SavedSearch, after: datetime.datetime) -> Iterable[News]:
    answer = search(_request(kept.query, kept.filters, loaded_after=after))
    rows = {
        paper.paper: paper
        for paper in Paper.objects.filter(paper__in=[hit.paper for hit in answer.hits]).defer("text")
    }
    for hit in answer.hits:
        if (paper := rows.get(hit.paper)) is not None:
            yield _paper_news(paper, f"search:{kept.name}")


def _request(
    query: str, filters: Mapping[str, str], loaded_after: datetime.datetime | None = None
) -> SearchRequest:
    def day(name: str) -> datetime.date | None:
        return datetime.date.fromisoformat(filters[name]) if filters.get(name) else None

    return SearchRequest(
        query=query,
        dossier=filters.get("dossier", ""),
        kind=filters.get("kind", ""),
        family=filters.get("family", ""),
        since=day("since"),
        until=day("until"),
        loaded_after=loaded_after,
        page_size=_PAPERS_OF_A_SEARCH,
    )
