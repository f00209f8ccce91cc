"""The page of what a user follows, and the forms on it."""

from __future__ import annotations

import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from geomonitor.archive import watching
from geomonitor.archive.models import SavedSearch, Watch
from geomonitor.dossier.reading.normal_forms import shown
from geomonitor.register.access import require
from geomonitor.register.models import User
from geomonitor.web.cases.common import the_user
from geomonitor.web.following import digest
from geomonitor.web.language import active_language, say
from geomonitor.web.words import WrongRequestError

__all__ = [
    "follow",
    "follow_addresses",
    "follow_mail",
    "follow_search",
    "following",
    "forget_search",
    "mark_seen",
    "unfollow",
]

_FILTERS = ("dossier", "kind", "family", "since", "until")


def _user(request: HttpRequest) -> User:
    user = the_user(request)
    require(user, "read_evidence")
    return user


@require_safe
def following(request: HttpRequest) -> HttpResponseBase:
    """Show what is new and due in what the user follows; as plain text where that is asked."""
    user = _user(request)
    visit = watching.visit_of(user)
    made = digest.digest_for(user, active_language().code)
    if request.GET.get("as") == "text":
        answer = HttpResponse(digest.text(made, _address(request)), content_type="text/plain; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="geomonitor-digest.txt"'
        return answer
    watches = [
        {"record": each, "name": _name(each.kind, each.key), "path": reverse(each.kind, args=[each.key])}
        for each in Watch.objects.filter(user=user).order_by("kind", "key")
    ]
    searches = [
        {"record": each, "path": f"{reverse('papers')}?{_query(each)}"}
        for each in SavedSearch.objects.filter(user=user).order_by("name")
    ]
    context = {
        "digest": made,
        "due": [(each, digest.days_in_words(each.days)) for each in made.due],
        "visit": visit,
        "watches": watches,
        "searches": searches,
        "until": made.until.isoformat(),
        "feed_url": _secret(request, "following-feed", visit.feed_key),
        "calendar_url": _secret(request, "following-calendar", visit.feed_key),
    }
    return render(request, "web/following/following.html", context)


def _name(kind: str, key: str) -> str:
    return shown(key) if kind in {"paper", "motion"} else key


def _query(search: SavedSearch) -> str:
    return urlencode({"q": search.query, **search.filters})


def _address(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _secret(request: HttpRequest, name: str, key: str | None) -> str | None:
    return request.build_absolute_uri(reverse(name, args=[key])) if key else None


def _back(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return redirect(wanted)
    return redirect("following")


@require_POST
def follow(request: HttpRequest) -> HttpResponse:
    """Follow a dossier, paper, motion or commitment, and go back to where the button was."""
    kind, key = request.POST.get("kind", ""), request.POST.get("key", "")
    watching.watch(_user(request), kind, key)
    messages.success(request, say(request, "following.followed", name=_name(kind, key)))
    return _back(request)


@require_POST
def unfollow(request: HttpRequest) -> HttpResponse:
    """Stop following something; where it was not followed, nothing happens."""
    kind, key = request.POST.get("kind", ""), request.POST.get("key", "")
    if watching.unwatch(_user(request), kind, key):
        messages.success(request, say(request, "following.unfollowed", name=_name(kind, key)))
    return _back(request)


@require_POST
def follow_search(request: HttpRequest) -> HttpResponse:
    """Keep a search."""
    filters = {name: request.POST.get(name, "").strip() for name in _FILTERS}
    for name in ("since", "until"):
        _require_day(filters[name])
    kept = watching.save_search(
        _user(request), request.POST.get("name", ""), request.POST.get("q", ""), filters
    )
    messages.success(request, say(request, "following.search_kept", name=kept.name))
    return redirect("following")


def _require_day(written: str) -> None:
    if not written:
        return
    try:
        datetime.date.fromisoformat(written)
    except ValueError as error:
        raise WrongRequestError(
            say(None, "following.no_day", found=written[:40]), next_step=say(None, "following.no_day_next")
        ) from error


@require_POST
def forget_search(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a search of the user's own."""
    if watching.forget_search(_user(request), pk):
        messages.success(request, say(request, "following.search_forgotten"))
    return redirect("following")


@require_POST
def mark_seen(request: HttpRequest) -> HttpResponse:
    """Count as seen what the page showed, and nothing that came in meanwhile."""
    written = request.POST.get("until", "")
    try:
        at = datetime.datetime.fromisoformat(written)
    except ValueError as error:
        raise WrongRequestError(say(None, "following.no_moment", found=written[:40])) from error
    if at.tzinfo is None:
        at = at.replace(tzinfo=datetime.UTC)
    watching.mark_seen(_user(request), min(at, timezone.now()))
    messages.success(request, say(request, "following.marked_seen"))
    return redirect("following")


@require_POST
def follow_mail(request: HttpRequest) -> HttpResponse:
    """Turn the digest by mail on or off."""
    user = _user(request)
    wanted = request.POST.get("mail") == "on"
    if wanted and not user.email:
        raise WrongRequestError(say(None, "following.mail_no_address"))
    visit = watching.visit_of(user)
    visit.digest_by_mail = wanted
    visit.save(update_fields=["digest_by_mail"])
    messages.success(request, say(request, f"following.mail_turned_{'on' if wanted else 'off'}"))
    return redirect("following")


@require_POST
def follow_addresses(request: HttpRequest) -> HttpResponse:
    """Make new addresses of feed and calendar."""
    watching.new_feed_key(_user(request))
    messages.success(request, say(request, "following.addresses_made"))
    return redirect("following")
