"""Feed and calendar at addresses that hold a secret, for programs that cannot log in."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from geomonitor.archive.models import Visit
from geomonitor.register.access import may
from geomonitor.register.models import User
from geomonitor.web.following import digest

__all__ = ["calendar_view", "feed_view"]

# a reader that asks once a month misses nothing, whatever was marked as seen on the page
_DAYS_IN_FEED = datetime.timedelta(days=30)


def _user_of(key: str) -> User:
    """Give the user whose address this is; whoever may no longer read is not told from nobody."""
    visit = Visit.objects.select_related("user").filter(feed_key=key).first()
    if visit is None or not constant_time_compare(visit.feed_key or "", key):
        raise Http404
    user = visit.user
    if not isinstance(user, User) or not may(user, "read_evidence"):
        raise Http404
    return user


def _language(user: User) -> str:
    return user.language or settings.LANGUAGE_CODE


def _private(answer: HttpResponse) -> HttpResponse:
    answer["X-Robots-Tag"] = "noindex"
    return answer


@login_not_required
@require_safe
def feed_view(request: HttpRequest, key: str) -> HttpResponse:
    """Give the news of a user as RSS."""
    user = _user_of(key)
    made = digest.digest_for(user, _language(user), timezone.now() - _DAYS_IN_FEED)
    address = request.build_absolute_uri("/").rstrip("/")
    content = digest.feed(made, address, request.build_absolute_uri())
    return _private(HttpResponse(content, content_type="application/rss+xml; charset=utf-8"))


@login_not_required
@require_safe
def calendar_view(request: HttpRequest, key: str) -> HttpResponse:
    """Give the due dates of a user as iCalendar."""
    user = _user_of(key)
    made = digest.digest_for(user, _language(user))
    content = digest.calendar(made, request.build_absolute_uri("/").rstrip("/"))
    return _private(HttpResponse(content, content_type="text/calendar; charset=utf-8"))
