"""Where the pages on accounts, the start page, the tour and the help are."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, path

from geomonitor.web.accounts import home, people, views

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.start, name="home"),
    path("tour/", home.tour, name="tour"),
    path("help/", home.help_page, name="help"),
    path("log-in/", views.LogInView.as_view(), name="log-in"),
    path("log-out/", views.LogOutView.as_view(), name="log-out"),
    path("account/", views.account, name="account"),
    path("account/password/", views.ChangePasswordView.as_view(), name="change-password"),
    path("account/sessions/", views.end_sessions, name="end-sessions"),
    path("language/", views.set_language, name="set-language"),
    path("theme/", views.set_theme, name="set-theme"),
    path("users/", people.users, name="users"),
    path("users/new/", people.new_user, name="user-new"),
    path("users/<int:user>/", people.change_user, name="user-change"),
]

if settings.OIDC:
    from geomonitor.web.accounts import oidc

    urlpatterns += oidc.urlpatterns
