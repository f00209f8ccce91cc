"""The digest: what is new and what is due in what a user watches, in the forms in which people read it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.formats import date_format
from icalendar import Calendar, Event

from geomonitor._version import __version__
from geomonitor.archive.models import Commitment
from geomonitor.archive.watching import News, due_commitments, news_for
from geomonitor.dossier.reading.normal_forms import shown
from geomonitor.register.models import User
from geomonitor.web.language import say

__all__ = ["Digest", "DueLine", "NewsGroup", "NewsLine", "calendar", "digest_for", "feed", "html", "text"]

_LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True)
class NewsLine:
    """A piece of news in words, with the path of its page."""

    what: str
    title: str
    text: str
    date: datetime.date | None
    at: datetime.datetime
    path: str
    key: str


@dataclass(frozen=True, slots=True)
class NewsGroup:
    """The news about one thing that the user watches."""

    because: str
    lines: tuple[NewsLine, ...]


@dataclass(frozen=True, slots=True)
class DueLine:
    """A commitment that is due, with how late it is."""

    key: str
    title: str
    actor: str
    source: str
    due_text: str
    due_from: datetime.date | None
    due_until: datetime.date
    state: str
    days: int
    path: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What is new since a moment, and what is due, for one user.

    Parameters
    ----------
    language : str
    since, until : datetime.datetime
    groups : tuple of NewsGroup
    due : tuple of DueLine
        Earliest due date first.
    """

    language: str
    since: datetime.datetime | None
    until: datetime.datetime
    groups: tuple[NewsGroup, ...]
    due: tuple[DueLine, ...]

    @property
    def news(self) -> int:
        """How many pieces of news there are."""
        return sum(len(group.lines) for group in self.groups)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to say."""
        return not self.groups and not self.due


def digest_for(user: User, language: str, since: datetime.datetime | None = None) -> Digest:
    """Gather what is new and what is due for a user.

    Parameters
    ----------
    user : User
    language : str
        en or nl.
    since : datetime.datetime, optional
        News after this moment; by default after the user last marked it as seen.
    """
    until = timezone.now()
    with translation.override(language):
        groups = _groups(news_for(user, since))
        today = timezone.localdate()
        due = tuple(_due_line(each, today) for each in due_commitments(user))
    return Digest(language, since, until, groups, due)


def _groups(news: Sequence[News]) -> tuple[NewsGroup, ...]:
    order = sorted(news, key=lambda each: each.because)
    found = [
        NewsGroup(_because(because), tuple(_line(each) for each in _once(members)))
        for because, members in groupby(order, key=lambda each: each.because)
    ]
    # the watch with the latest news stands first
    return tuple(sorted(found, key=lambda group: max(line.at for line in group.lines), reverse=True))


def _once(news: Iterable[News]) -> list[News]:
    """Leave out the matter and the document of a paper that is told already: same title, same day."""
    told: dict[tuple[str, str, datetime.date | None] | tuple[str, str], News] = {}
    for each in sorted(news, key=lambda one: (one.at, one.key.startswith("kst-"), one.key), reverse=True):
        title = " ".join(each.title.split()).casefold()
        same = (each.kind, title, each.date) if each.kind == "paper" and title else (each.kind, each.key)
        if same not in told or not told[same].key.startswith("kst-"):
            told[same] = each
    return list(told.values())


def _because(because: str) -> str:
    kind, _, key = because.partition(":")
    name = shown(key) if kind in {"paper", "motion"} else key
    return say(None, f"following.because_{kind}", name=name)


def _line(news: News) -> NewsLine:
    if news.kind == "reference":
        what = say(None, f"following.news_reference_{news.state}")
        text, page = news.text, "paper"
    elif news.kind == "motion":
        what = say(None, "following.news_motion", state=say(None, f"motion_state.{news.state}"))
        settled = say(None, "following.settled_by", paper=shown(news.text)) if news.text else ""
        text, page = settled, "motion"
    elif news.kind == "commitment":
        what = say(None, "following.news_commitment", state=say(None, f"commitment_state.{news.state}"))
        text, page = news.text, "commitment"
    else:
        what, text, page = say(None, "following.news_paper"), "", "paper"
    title = " ".join(news.title.split())[:_LONGEST_TITLE] or shown(news.key)
    return NewsLine(what, title, text, news.date, news.at, _path(page, news.key), news.key)


def _path(page: str, key: str) -> str:
    return reverse(page, args=[key])


def _due_line(commitment: Commitment, today: datetime.date) -> DueLine:
    assert commitment.due_until is not None
    return DueLine(
        commitment.commitment,
        " ".join((commitment.subject or commitment.text).split())[:_LONGEST_TITLE],
        commitment.actor,
        shown(commitment.paper.paper) if commitment.paper else commitment.commitment,
        commitment.due_text,
        commitment.due_from,
        commitment.due_until,
        commitment.current_state,
        (commitment.due_until - today).days,
        _path("commitment", commitment.commitment),
    )


def _context(digest: Digest, address: str, *, mailed: bool) -> dict[str, object]:
    with translation.override(digest.language):
        if digest.since is None:
            title = say(None, "following.digest_title")
        else:
            day = date_format(timezone.localtime(digest.since), "j F Y")
            title = say(None, "following.digest_since", date=day)
    return {"digest": digest, "title": title, "address": address.rstrip("/"), "mailed": mailed}


def html(digest: Digest, address: str, *, mailed: bool = False) -> str:
    """Write the digest as a page of its own, for mail.

    Parameters
    ----------
    digest : Digest
    address : str
        Of the application, such as https://monitor.example.org; empty for no links.
    mailed : bool
        Whether it says in the end why it was sent.
    """
    with translation.override(digest.language):
        return render_to_string("web/following/digest.html", _context(digest, address, mailed=mailed))


def text(digest: Digest, address: str, *, mailed: bool = False) -> str:
    """Write the digest as plain text; the parameters are those of `html`."""
    context = _context(digest, address, mailed=mailed)
    lines = [str(context["title"]), ""]
    with translation.override(digest.language):
        if digest.empty:
            lines += [say(None, "following.nothing_new"), ""]
        if digest.due:
            lines += [say(None, "following.due"), ""]
        for due in digest.due:
            when = date_format(due.due_until, "j F Y")
            lines.append(f"- {when} ({days_in_words(due.days)}): {due.title} [{due.source}]")
            lines += [f"  {context['address']}{due.path}"] * bool(address)
        for group in digest.groups:
            lines += ["", group.because, ""]
            for line in group.lines:
                day = f", {date_format(line.date, 'j F Y')}" if line.date else ""
                lines.append(f"- {line.what}: {line.title}{day}")
                lines += [f"  {line.text}"] * bool(line.text)
                lines += [f"  {context['address']}{line.path}"] * bool(address)
        lines += ["", say(None, "following.digest_end")] * mailed
    return "\n".join(lines) + "\n"


def days_in_words(days: int) -> str:
    """Say how far away a due date is, in the active language."""
    if days < 0:
        key = "following.late_one" if days == -1 else "following.late"
        return say(None, key, number=-days)
    if days == 0:
        return say(None, "following.due_today")
    return say(None, "following.due_in_one" if days == 1 else "following.due_in", number=days)


def feed(digest: Digest, address: str, self_url: str) -> str:
    """Write the news as RSS 2.0; the address of the application is needed, as items are links."""
    with translation.override(digest.language):
        made = Rss201rev2Feed(
            title=say(None, "following.feed_title"),
            link=address + reverse("following"),
            description=say(None, "following.feed_description"),
            language=digest.language,
            feed_url=self_url,
        )
        for group in digest.groups:
            for line in group.lines:
                made.add_item(
                    title=_printable(f"{line.what}: {line.title}"),
                    link=address + line.path,
                    description=_printable(f"{group.because}. {line.text}".strip()),
                    pubdate=line.at,
                    unique_id=f"{line.path}#{int(line.at.timestamp())}",
                    unique_id_is_permalink=False,
                )
        return made.writeString("utf-8")


def _printable(words: str) -> str:
    """Leave out control characters, which XML 1.0 does not know."""
    return "".join(sign for sign in words if sign.isprintable() or sign in "\n\t")


def calendar(digest: Digest, address: str) -> bytes:
    """Write the due dates as iCalendar: one whole day a commitment."""
    with translation.override(digest.language):
        made = Calendar()
        made.add("prodid", f"-//Geomonitor//{__version__}//{digest.language.upper()}")
        made.add("version", "2.0")
        made.add("method", "PUBLISH")
        made.add("x-wr-calname", say(None, "following.calendar_title"))
        for due in digest.due:
            event = Event()
            event.add("uid", f"{quote(due.key, safe='')}@geomonitor")
            event.add("dtstamp", digest.until)
            event.add("dtstart", due.due_until)
            event.add("dtend", due.due_until + datetime.timedelta(days=1))
            event.add("summary", say(None, "following.calendar_event", title=due.title))
            told = [due.actor, due.due_text, due.source]
            event.add("description", "\n".join(each for each in told if each))
            if address:
                event.add("url", address + due.path)
            event.add("transp", "TRANSPARENT")
            made.add_component(event)
        return bytes(made.to_ical())
