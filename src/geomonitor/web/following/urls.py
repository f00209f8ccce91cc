"""Where the pages on what a user follows are."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from geomonitor.web.following import feeds, views

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("following/", views.following, name="following"),
    path("following/follow/", views.follow, name="follow"),
    path("following/unfollow/", views.unfollow, name="unfollow"),
    path("following/search/", views.follow_search, name="follow-search"),
    path("following/search/<int:pk>/forget/", views.forget_search, name="forget-search"),
    path("following/seen/", views.mark_seen, name="mark-seen"),
    path("following/mail/", views.follow_mail, name="follow-mail"),
    path("following/addresses/", views.follow_addresses, name="follow-addresses"),
    path("feeds/<str:key>/news.rss", feeds.feed_view, name="following-feed"),
    path("feeds/<str:key>/due.ics", feeds.calendar_view, name="following-calendar"),
]
