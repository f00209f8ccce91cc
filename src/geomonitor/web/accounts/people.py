"""Users, for administrators: made, changed, let in again, shut out; never deleted."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from geomonitor.register import access
from geomonitor.register.errors import RuleError
from geomonitor.register.models import Role, User
from geomonitor.register.services import people
from geomonitor.web.accounts.forms import UserForm
from geomonitor.web.accounts.lockout import locked_out_names, unlock
from geomonitor.web.accounts.sessions import log_out_everywhere
from geomonitor.web.accounts.views import signed_in
from geomonitor.web.language import say
from geomonitor.web.words import PageError, said

__all__ = ["change_user", "new_user", "users"]


@never_cache
@require_safe
def users(request: HttpRequest) -> HttpResponse:
    """List the users, and what each role may do."""
    access.require(request.user, "manage_users")
    everybody = User.objects.annotate(
        open_cases=Count(
            "assigned_cases",
            filter=Q(assigned_cases__closed_at__isnull=True, assigned_cases__withdrawn_at__isnull=True),
        )
    ).order_by("-is_active", "username")
    locked = locked_out_names()
    context = {
        "people": [{"user": each, "locked_out": each.username in locked} for each in everybody],
        "roles": list(Role),
        "actions": [
            {"action": action, "allowed": [role in roles for role in Role]}
            for action, roles in access.ACTIONS.items()
        ],
    }
    return render(request, "web/accounts/users.html", context)


@never_cache
def new_user(request: HttpRequest) -> HttpResponse:
    """Make a user, and show his password once."""
    access.require(request.user, "manage_users")
    form = UserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = people.create_user(signed_in(request), **form.cleaned_data)
        except RuleError as error:
            _show(form, error)
        else:
            return _password_once(request, made, "accounts.user_made")
    return render(request, "web/accounts/user_form.html", {"form": form, "person": None})


@never_cache
def change_user(request: HttpRequest, user: int) -> HttpResponse:
    """Change a user, or do one of: deactivate, activate, reset the password, unlock."""
    access.require(request.user, "manage_users")
    person = get_object_or_404(User, pk=user)
    action = request.POST.get("action", "")
    if request.method == "POST" and action:
        return _do(request, person, action)
    form = UserForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        # only what was changed here, so that a change by somebody else to another field stays
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        try:
            people.change_user(signed_in(request), person, **changes)
        except RuleError as error:
            _show(form, error)
        else:
            messages.success(request, say(request, "accounts.user_saved", name=person.shown_name))
            return redirect("users")
    # the form writes into its instance what was typed; the page shows the user as he is
    person = User.objects.get(pk=user)
    context = {
        "form": form,
        "person": person,
        "locked_out": person.username in locked_out_names(),
        "own_account": person.pk == request.user.pk,
    }
    return render(request, "web/accounts/user_form.html", context)


def _do(request: HttpRequest, person: User, action: str) -> HttpResponse:
    administrator = signed_in(request)
    if action == "reset_password":
        answer = people.reset_password(administrator, person)
        unlock(person)
        return _password_once(request, answer, "accounts.password_reset")
    if action == "unlock":
        unlock(person)
        people.note_event(person, "unlocked", by=administrator)
    elif action in {"activate", "deactivate"}:
        people.change_user(administrator, person, is_active=action == "activate")
        if action == "deactivate":
            log_out_everywhere(person)
    else:
        raise PageError(
            say(request, "accounts.no_such_action"),
            where=f"action: {action[:40]}",
            expected="activate, deactivate, reset_password, unlock",
        )
    messages.success(request, say(request, f"accounts.done_{action}", name=person.shown_name))
    return redirect("user-change", user=person.pk)


def _password_once(request: HttpRequest, made: people.NewPassword, heading: str) -> HttpResponse:
    context = {"made": made, "heading": say(request, heading, name=made.user.shown_name)}
    return render(request, "web/accounts/password_once.html", context)


def _show(form: UserForm, error: RuleError) -> None:
    """Put what the service refused beside the fields of the form."""
    words = said(error)
    if not words.fields:
        form.add_error(None, words.whole)
    for name, texts in words.fields.items():
        for text in texts:
            form.add_error(name if name in form.fields else None, text)
