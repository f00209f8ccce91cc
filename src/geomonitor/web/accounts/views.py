"""Logging in and out, and what users set themselves."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from geomonitor.register.models import User
from geomonitor.register.services import people
from geomonitor.web.accounts.forms import ChangeOwnPasswordForm, LanguageForm, LogInForm
from geomonitor.web.accounts.lockout import too_many_from_address
from geomonitor.web.accounts.sessions import count_sessions, log_out_everywhere
from geomonitor.web.context import THEME_COOKIE, THEMES
from geomonitor.web.failures import locked_out
from geomonitor.web.language import say
from geomonitor.web.words import PageError

__all__ = [
    "ChangePasswordView",
    "LogInView",
    "LogOutView",
    "account",
    "end_sessions",
    "set_language",
    "set_theme",
    "signed_in",
]

_YEAR_SECONDS = 365 * 24 * 60 * 60


def signed_in(request: HttpRequest) -> User:
    """Give the user of a page that is only there for users."""
    assert isinstance(request.user, User)
    return request.user


@method_decorator(login_not_required, name="dispatch")
class LogInView(LoginView):
    """Log in with username and password, or with the organisation's account."""

    template_name = "web/accounts/log_in.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *arguments: Any, **options: Any) -> Any:
        """Close the page to an address that tried too many passwords on whatever accounts."""
        if request.method == "POST" and too_many_from_address(request):
            return locked_out(request)
        return super().dispatch(request, *arguments, **options)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add where the organisation's log-in is."""
        found = super().get_context_data(**context)
        url = reverse("oidc_authentication_init") if settings.OIDC else ""
        return {**found, "organisation_url": url}


class LogOutView(LogoutView):
    """Log out, and show the page to log in."""

    http_method_names = ["post", "options"]


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class ChangePasswordView(PasswordChangeView):
    """Change the password; the first thing to do with one that was handed over."""

    template_name = "web/accounts/change_password.html"
    form_class = ChangeOwnPasswordForm
    success_url = reverse_lazy("home")

    def dispatch(self, request: HttpRequest, *arguments: Any, **options: Any) -> Any:
        """Refuse where there is no password to change."""
        user = signed_in(request)
        if not user.has_usable_password():
            raise PageError(
                say(request, "accounts.no_password_here"),
                next_step=say(request, "accounts.no_password_here_next"),
            )
        return super().dispatch(request, *arguments, **options)

    def form_valid(self, form: Any) -> HttpResponse:
        """Say that it is done: other sessions have ended, this one goes on."""
        answer = super().form_valid(form)
        messages.success(self.request, say(self.request, "accounts.password_changed"))
        return answer


@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Show what users set themselves: language, colours, sessions, tokens."""
    user = signed_in(request)
    form = LanguageForm(request.POST or None, initial={"language": user.language})
    if request.method == "POST" and form.is_valid():
        people.set_own_language(user, form.cleaned_data["language"])
        answer = redirect("account")
        _keep_language(answer, user.language)
        return answer
    context = {
        "form": form,
        "sessions": count_sessions(user),
        "tokens_url": reverse("api-tokens"),
        "has_password": user.has_usable_password(),
    }
    return render(request, "web/accounts/account.html", context)


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End the user's sessions in other browsers."""
    user = signed_in(request)
    ended = log_out_everywhere(user, keep=request.session.session_key)
    people.note_event(user, "sessions_ended", by=user)
    key = "accounts.sessions_ended_one" if ended == 1 else "accounts.sessions_ended_many"
    messages.success(request, say(request, key, number=ended))
    return redirect("account")


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language: in a cookie, and for a user in his account."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        raise Http404
    if request.user.is_authenticated:
        people.set_own_language(signed_in(request), language)
    answer = HttpResponseRedirect(_next_page(request))
    _keep_language(answer, language)
    return answer


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Switch the colours; kept in a cookie, for they go with the screen and not with the user."""
    theme = request.POST.get("theme", "")
    if theme and theme not in THEMES:
        raise Http404
    answer: HttpResponse
    if request.headers.get("X-Requested-With") == "fetch":
        answer = HttpResponse(status=204)
    else:
        answer = HttpResponseRedirect(_next_page(request))
    if theme:
        answer.set_cookie(
            THEME_COOKIE,
            theme,
            max_age=_YEAR_SECONDS,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
    else:
        answer.delete_cookie(THEME_COOKIE, samesite="Lax")
    return answer


def _keep_language(answer: HttpResponse, language: str) -> None:
    if not language:
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
        return
    translation.activate(language)
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=_YEAR_SECONDS,
        secure=settings.HTTPS,
        samesite="Lax",
    )


def _next_page(request: HttpRequest) -> str:
    """Give the page to go back to; the start page where it is not one of ours."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return reverse("home")
