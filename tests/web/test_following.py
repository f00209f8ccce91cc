"""Following: the page, its forms, the feed, the calendar, the digest by mail."""

from __future__ import annotations

import datetime
import re
from email.message import EmailMessage
from smtplib import SMTPException
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from geomonitor.archive import watching
from geomonitor.archive.models import Commitment, Dossier, Motion, Paper, SavedSearch, Visit, Watch
from geomonitor.web.following import digest
from geomonitor.web.following.mailing import send_digests
from web.whole_archive import whole_archive

if TYPE_CHECKING:
    from django.test import Client

    from geomonitor.register.models import User

pytestmark = pytest.mark.django_db

TITLE = 'Brief over <b>gallium</b> & "dwang"'
BEFORE = datetime.timedelta(hours=2)


@pytest.fixture
def dossier(users: dict[str, User]) -> Dossier:
    """A dossier that the analyst follows, with a paper and a promise that came an hour later."""
    made = Dossier.objects.create(dossier="99901", title="Voorbeeld")
    watching.watch(users["analyst"], "dossier", "99901")
    Watch.objects.update(seen_at=timezone.now() - BEFORE, made_at=timezone.now() - BEFORE)
    letter = Paper.objects.create(
        paper="kst-99901-1", family="paper", source="example", dossier="99901", number="1",
        date=datetime.date(2026, 5, 1), kind="Brief regering", title=TITLE, fingerprint="1", search_row=1,
    )  # fmt: skip
    Commitment.objects.create(
        commitment="kst-99901-1@40", dossier="99901", text="Ik informeer uw Kamer.", paper=letter,
        subject="<script>alert(1)</script> voorraden", actor="de minister van Handel",
        due_text="voor de zomer", state="overdue",
        due_until=timezone.localdate() - datetime.timedelta(days=3),
    )  # fmt: skip
    Motion.objects.create(
        motion="kst-99901-2", dossier="99901", title="Motie over voorraden", state="carried_out",
        settled_by="kst-99901-1",
    )  # fmt: skip
    return made


def _page(client: Client, language: str = "en") -> str:
    client.cookies["geomonitor_language"] = language
    return client.get(reverse("following")).content.decode()


def test_the_page_says_what_is_new_and_due_in_both_languages(
    as_analyst: Client, users: dict[str, User], dossier: Dossier
) -> None:
    page = _page(as_analyst)
    assert "Brief over &lt;b&gt;gallium" in page
    assert "<script>alert" not in page
    assert "Motion: " in page
    assert "3 days late" in page
    users["analyst"].language = "nl"
    users["analyst"].save()
    page = _page(as_analyst, "nl")
    assert "3 dagen te laat" in page
    assert "Kamerdossier 99901" in page


def test_who_follows_nothing_is_told_how(as_reader: Client, dossier: Dossier) -> None:
    page = _page(as_reader)
    assert "You do not follow anything yet." in page
    assert reverse("dossiers") in page


def test_follow_and_stop_from_another_page(
    as_reader: Client, users: dict[str, User], dossier: Dossier
) -> None:
    sent = {"kind": "dossier", "key": "99901", "next": "/dossiers/99901/"}
    assert as_reader.post(reverse("follow"), sent).url == "/dossiers/99901/"
    assert watching.watched_keys(users["reader"], "dossier") == {"99901"}
    away = as_reader.post(reverse("unfollow"), {**sent, "next": "https://elsewhere.example/"})
    assert away.url == reverse("following")
    assert watching.watched_keys(users["reader"], "dossier") == frozenset()
    refused = as_reader.post(reverse("follow"), {"kind": "dossier", "key": "<b>"})
    assert refused.status_code == 400
    assert "&lt;b&gt;" in refused.content.decode()


def test_a_search_is_kept_and_forgotten_by_its_owner_only(
    as_reader: Client, as_analyst: Client, users: dict[str, User]
) -> None:
    sent = {"name": "Gallium", "q": "gallium", "since": "2024-01-01", "kind": ""}
    assert as_reader.post(reverse("follow-search"), sent).status_code == 302
    kept = SavedSearch.objects.get(user=users["reader"])
    assert kept.filters == {"since": "2024-01-01"}
    assert "since=2024-01-01" in _page(as_reader)
    as_analyst.post(reverse("forget-search", args=[kept.pk]))
    assert SavedSearch.objects.filter(pk=kept.pk).exists()
    as_reader.post(reverse("forget-search", args=[kept.pk]))
    assert not SavedSearch.objects.exists()
    wrong = as_reader.post(reverse("follow-search"), {**sent, "since": "someday"})
    assert wrong.status_code == 400
    assert "someday" in wrong.content.decode()


def test_seen_until_the_page_was_made(as_analyst: Client, users: dict[str, User], dossier: Dossier) -> None:
    assert as_analyst.post(reverse("mark-seen"), {"until": timezone.now().isoformat()}).status_code == 302
    assert watching.news_for(users["analyst"]) == ()
    assert as_analyst.post(reverse("mark-seen"), {"until": "yesterday"}).status_code == 400
    # a moment that is still to come does not hide what comes before it
    as_analyst.post(reverse("mark-seen"), {"until": "2999-01-01T00:00:00+00:00"})
    assert Visit.objects.get(user=users["analyst"]).seen_at <= timezone.now()


def test_the_feed_is_for_who_has_the_address(
    client: Client, as_analyst: Client, users: dict[str, User], dossier: Dossier
) -> None:
    as_analyst.post(reverse("follow-addresses"))
    key = Visit.objects.get(user=users["analyst"]).feed_key
    assert key is not None
    answer = client.get(reverse("following-feed", args=[key]))
    assert answer.headers["Content-Type"].startswith("application/rss+xml")
    tree = ElementTree.fromstring(answer.content)
    titles = [each.text or "" for each in tree.iter("title")]
    assert f"New paper: {TITLE}" in titles
    links = [each.text or "" for each in tree.iter("link")]
    assert all(link.startswith("http://testserver/") for link in links)
    watching.mark_seen(users["analyst"], timezone.now())
    assert client.get(reverse("following-feed", args=[key])).content.count(b"<item>") == 3
    as_analyst.post(reverse("follow-addresses"))
    assert client.get(reverse("following-feed", args=[key])).status_code == 404
    users["analyst"].is_active = False
    users["analyst"].save()
    new = Visit.objects.get(user=users["analyst"]).feed_key
    assert client.get(reverse("following-feed", args=[new])).status_code == 404


def test_the_calendar_has_a_day_for_each_due_date(
    client: Client, users: dict[str, User], dossier: Dossier
) -> None:
    key = watching.feed_key(users["analyst"])
    answer = client.get(reverse("following-calendar", args=[key]))
    assert answer.headers["Content-Type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["dtstart"].dt == timezone.localdate() - datetime.timedelta(days=3)
    assert "voorraden" in event["summary"]
    assert "de minister van Handel" in event["description"]
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))


def test_the_text_of_the_digest(as_analyst: Client, users: dict[str, User], dossier: Dossier) -> None:
    answer = as_analyst.get(reverse("following"), {"as": "text"})
    text = answer.content.decode()
    assert TITLE in text
    assert "http://testserver/papers/kst-99901-1/" in text
    nothing = digest.digest_for(users["reader"], "nl")
    assert nothing.empty
    assert "niets nieuws" in digest.text(nothing, "")
    assert "http" not in digest.html(digest.digest_for(users["analyst"], "en"), "")


def _ask_for_mail(user: User) -> None:
    watching.visit_of(user)
    Visit.objects.filter(user=user).update(digest_by_mail=True)


def test_a_digest_is_mailed_once(users: dict[str, User], dossier: Dossier, settings: object) -> None:
    settings.PUBLIC_ADDRESS = "https://monitor.example.org"  # type: ignore[attr-defined]
    _ask_for_mail(users["analyst"])
    _ask_for_mail(users["reader"])
    assert send_digests().sent == 1
    (message,) = mail.outbox
    assert message.to == ["analyst@example.org"]
    assert message.subject == "Geomonitor: 3 new in what you follow"
    assert "https://monitor.example.org/papers/kst-99901-1/" in message.body
    html = str(message.alternatives[0][0])
    assert "&lt;b&gt;gallium" in html
    assert send_digests().sent == 0


def test_a_digest_that_could_not_be_mailed_is_tried_again(
    users: dict[str, User], dossier: Dossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ask_for_mail(users["analyst"])

    def refuse(self: EmailMessage) -> int:
        raise SMTPException("no route")

    with monkeypatch.context() as patched:
        patched.setattr("geomonitor.web.following.mailing.EmailMultiAlternatives.send", refuse)
        outcome = send_digests()
    assert outcome.sent == 0
    assert outcome.failed == ("analyst: no route",)
    assert send_digests().sent == 1


def test_mail_needs_an_address(as_analyst: Client, users: dict[str, User]) -> None:
    assert as_analyst.post(reverse("follow-mail"), {"mail": "on"}).status_code == 302
    assert Visit.objects.get(user=users["analyst"]).digest_by_mail
    as_analyst.post(reverse("follow-mail"), {"mail": "off"})
    assert not Visit.objects.get(user=users["analyst"]).digest_by_mail
    users["analyst"].email = ""
    users["analyst"].save()
    assert as_analyst.post(reverse("follow-mail"), {"mail": "on"}).status_code == 400


def test_every_page_of_the_archive_has_a_button_to_follow(as_reader: Client, users: dict[str, User]) -> None:
    archive = whole_archive(users["analyst"], "Zeldzame aardmetalen")
    addresses = {
        "dossier": reverse("dossier", args=[archive.dossier.dossier]),
        "paper": reverse("paper", args=[archive.letter.paper]),
        "motion": reverse("motion", args=[archive.motion.motion]),
        "commitment": reverse("commitment", args=[archive.promise.commitment]),
    }
    for kind, url in addresses.items():
        page = as_reader.get(url).content.decode()
        (key,) = re.findall(
            rf'name="kind" value="{kind}"><input type="hidden" name="key" value="([^"]+)"', page
        )
        answer = as_reader.post(reverse("follow"), {"kind": kind, "key": key, "next": url}, follow=True)
        assert answer.redirect_chain == [(url, 302)]
        assert "Stop following" in answer.content.decode()
    assert Watch.objects.count() == 4
    assert archive.promise.subject in as_reader.get(reverse("following")).content.decode()


def test_a_search_is_kept_from_its_page(as_reader: Client, users: dict[str, User]) -> None:
    whole_archive(users["analyst"], "Zeldzame aardmetalen")
    asked = {"q": "aardmetalen", "dossier": "35 207", "since": "2020-01-01", "order": "relevance"}
    page = as_reader.get(reverse("papers"), asked).content.decode()
    form = page[page.index('action="/following/search/"') :].partition("</form>")[0]
    sent = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    assert sent.pop("csrfmiddlewaretoken")
    as_reader.post(reverse("follow-search"), {**sent, "name": "Metalen"})
    kept = SavedSearch.objects.get()
    assert (kept.query, kept.filters) == ("aardmetalen", {"dossier": "35207", "since": "2020-01-01"})
    assert "/following/search/" not in as_reader.get(reverse("papers")).content.decode()


def test_the_matter_of_a_paper_is_no_news_beside_it(users: dict[str, User], dossier: Dossier) -> None:
    Paper.objects.create(
        paper="2026Z00001", family="matter", source="example", dossier="99901", title=TITLE,
        date=datetime.date(2026, 5, 1), fingerprint="2", search_row=2,
    )  # fmt: skip
    (group,) = digest.digest_for(users["analyst"], "en").groups
    assert [line.key for line in group.lines if line.what == "New paper"] == ["kst-99901-1"]
