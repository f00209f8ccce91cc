"""What people watch: what is news to whom, once, and until when it counts as seen."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from geomonitor.archive import watching
from geomonitor.archive.models import Commitment, Dossier, Motion, Paper, Reference, SavedSearch, Watch
from geomonitor.register.errors import RuleError
from geomonitor.register.models import User

pytestmark = pytest.mark.django_db

EARLIER = datetime.timedelta(hours=1)


@pytest.fixture
def add_paper() -> Callable[..., Paper]:
    """Put a paper in the archive and its index, as a load does."""
    from geomonitor.archive.search import index_papers, rows_for

    def add(paper: str, dossier: str = "99901", **more: Any) -> Paper:
        date = more.pop("date", datetime.date(2026, 3, 1))
        Dossier.objects.get_or_create(dossier=dossier)
        made = Paper.objects.create(
            paper=paper,
            family="paper",
            source="example",
            dossier=dossier,
            date=date,
            title=more.pop("title", f"Brief over {paper}"),
            fingerprint=paper,
            search_row=rows_for([date])[0],
            **more,
        )
        index_papers([made])
        return made

    return add


@pytest.fixture
def analyst(users: dict[str, User]) -> User:
    return users["analyst"]


def _earlier() -> None:
    """Have everything that is watched be seen an hour ago."""
    before = timezone.now() - EARLIER
    Watch.objects.update(seen_at=before, made_at=before)
    SavedSearch.objects.update(seen_at=before, made_at=before)


def test_a_dossier_tells_of_new_papers_motions_and_commitments(
    analyst: User, users: dict[str, User], add_paper: Callable[..., Paper]
) -> None:
    old = add_paper("kst-99901-1", loaded_at=timezone.now() - 2 * EARLIER)
    watching.watch(analyst, "dossier", "99901")
    _earlier()
    add_paper("kst-99901-2")
    add_paper("kst-99902-1", "99902")
    Motion.objects.create(motion="kst-99901-3", dossier="99901", title="Motie", state="adopted")
    Commitment.objects.create(commitment="kst-99901-1@10", dossier="99901", text="zal", paper=old)
    found = {(each.kind, each.key) for each in watching.news_for(analyst)}
    assert found == {("paper", "kst-99901-2"), ("motion", "kst-99901-3"), ("commitment", "kst-99901-1@10")}
    assert {each.because for each in watching.news_for(analyst)} == {"dossier:99901"}
    assert watching.news_for(users["reader"]) == ()


def test_what_is_seen_is_no_news_and_what_comes_meanwhile_is(
    analyst: User, add_paper: Callable[..., Paper]
) -> None:
    add_paper("kst-99901-1", loaded_at=timezone.now() - 2 * EARLIER)
    watching.watch(analyst, "dossier", "99901")
    _earlier()
    add_paper("kst-99901-2")
    shown_at = timezone.now()
    add_paper("kst-99901-3")
    watching.mark_seen(analyst, shown_at)
    assert [each.key for each in watching.news_for(analyst)] == ["kst-99901-3"]
    watching.mark_seen(analyst, shown_at - EARLIER)
    assert [each.key for each in watching.news_for(analyst)] == ["kst-99901-3"]


def test_a_motion_tells_who_refers_to_it_and_when_its_state_changes(
    analyst: User, add_paper: Callable[..., Paper]
) -> None:
    motion = Motion.objects.create(motion="kst-99901-4", paper="kst-99901-4", dossier="99901", title="Motie")
    watching.watch(analyst, "motion", "kst-99901-4")
    _earlier()
    Motion.objects.update(changed_at=timezone.now() - 2 * EARLIER)
    assert watching.news_for(analyst) == ()
    letter = add_paper("kst-99901-9")
    Reference.objects.create(
        paper=letter, target="kst-99901-4", kind="paper", relation="carries_out", field="text",
        start=5, end=20, quoted="motie (99901, nr. 4)", confidence=0.9, rule="bracket",
    )  # fmt: skip
    (news,) = watching.news_for(analyst)
    assert (news.kind, news.key, news.state, news.text) == (
        "reference",
        "kst-99901-9",
        "carries_out",
        "motie (99901, nr. 4)",
    )
    motion.state, motion.changed_at = "carried_out", timezone.now()
    motion.save()
    assert {each.kind for each in watching.news_for(analyst)} == {"reference", "motion"}


def test_a_kept_search_tells_of_new_hits_only(analyst: User, add_paper: Callable[..., Paper]) -> None:
    add_paper("kst-99901-1", title="Afhankelijkheid van gallium", loaded_at=timezone.now() - 2 * EARLIER)
    kept = watching.save_search(analyst, "Gallium", "gallium", {"dossier": "", "kind": ""})
    _earlier()
    assert watching.news_for(analyst) == ()
    add_paper("kst-99902-7", "99902", title="Gallium en germanium", date=datetime.date(2019, 1, 1))
    add_paper("kst-99902-8", "99902", title="Iets anders")
    (news,) = watching.news_for(analyst)
    assert (news.key, news.because) == ("kst-99902-7", "search:Gallium")
    assert watching.save_search(analyst, "Gallium", "germanium", {}).pk == kept.pk
    assert watching.forget_search(analyst, kept.pk)
    assert not watching.forget_search(analyst, kept.pk)


def test_news_is_told_once_though_it_is_watched_twice(analyst: User, add_paper: Callable[..., Paper]) -> None:
    add_paper("kst-99901-1", loaded_at=timezone.now() - 2 * EARLIER)
    watching.watch(analyst, "dossier", "99901")
    watching.save_search(analyst, "Brieven", "brief", {})
    _earlier()
    add_paper("kst-99901-2")
    assert [each.because for each in watching.news_for(analyst)] == ["dossier:99901"]


def test_what_is_not_there_cannot_be_watched(analyst: User) -> None:
    with pytest.raises(RuleError, match="nothing in the archive"):
        watching.watch(analyst, "dossier", "12345")
    with pytest.raises(RuleError, match="nothing in the archive"):
        watching.watch(analyst, "person", "somebody")
    with pytest.raises(RuleError, match="no name"):
        watching.save_search(analyst, "  ", "gallium", {})
    with pytest.raises(RuleError, match="asks for nothing"):
        watching.save_search(analyst, "Everything", " ", {"kind": ""})


def test_nobody_watches_without_end(analyst: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LARGEST_WATCHES", 2)
    monkeypatch.setattr(watching, "LARGEST_SEARCHES", 1)
    for dossier in ("1", "2", "3"):
        Dossier.objects.create(dossier=dossier)
    watching.watch(analyst, "dossier", "1")
    watching.watch(analyst, "dossier", "2")
    watching.watch(analyst, "dossier", "2")
    with pytest.raises(RuleError, match="2 things already"):
        watching.watch(analyst, "dossier", "3")
    watching.save_search(analyst, "One", "gallium", {})
    watching.save_search(analyst, "One", "germanium", {})
    with pytest.raises(RuleError, match="1 searches already"):
        watching.save_search(analyst, "Two", "gallium", {})


def test_due_dates_leave_out_what_is_met_and_what_has_no_date(
    analyst: User, add_paper: Callable[..., Paper]
) -> None:
    letter = add_paper("kst-99901-1")
    watching.watch(analyst, "dossier", "99901")

    def promise(key: str, until: datetime.date | None, **more: Any) -> None:
        Commitment.objects.create(
            commitment=key, dossier="99901", text="zal", paper=letter, due_until=until, **more
        )

    promise("late", datetime.date(2026, 1, 1))
    promise("early", datetime.date(2025, 1, 1))
    promise("met", datetime.date(2026, 1, 1), state="met")
    promise("judged", datetime.date(2026, 1, 1), state="overdue", judged_state="met")
    promise("not met after all", datetime.date(2027, 1, 1), state="met", judged_state="open")
    promise("no date", None)
    assert [each.commitment for each in watching.due_commitments(analyst)] == [
        "early",
        "late",
        "not met after all",
    ]


def test_a_new_secret_ends_the_old_one(analyst: User, users: dict[str, User]) -> None:
    first = watching.feed_key(analyst)
    assert watching.feed_key(analyst) == first
    assert len(first) > 40
    assert watching.new_feed_key(analyst) != first
    assert watching.feed_key(users["reader"]) != watching.feed_key(analyst)
