"""Saving what somebody typed: once, never over somebody else's change, and with nothing lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from geomonitor.register.errors import ConflictError, RuleError
from geomonitor.register.models import Case, Record, User
from geomonitor.web.cases.common import the_user
from geomonitor.web.cases.forms import RegisterForm
from geomonitor.web.language import say
from geomonitor.web.models import SubmittedForm

__all__ = ["ConflictRow", "conflict_page", "posted_form", "save_once"]

Save = Callable[[dict[str, Any]], str]


def save_once(user: User, token: uuid.UUID, save: Callable[[], str]) -> str:
    """Save a form that may be sent twice: the second time gives the address of the first.

    Parameters
    ----------
    user : User
    token : uuid.UUID
        Of the form as it was shown.
    save : callable
        Does the work and gives the address of the page that follows.
    """
    with transaction.atomic():
        sent, first = SubmittedForm.objects.get_or_create(user=user, token=token)
        if not first:
            return sent.address
        address = save()
        sent.address = address
        sent.save()
    return address


def _sent_before(user: User, form: RegisterForm) -> str | None:
    """Give where a form led that was sent already; what it made would make it invalid now."""
    try:
        token = uuid.UUID(str(form.data.get("form_token", "")))
    except ValueError:
        return None
    sent = SubmittedForm.objects.filter(user=user, token=token).first()
    return sent.address if sent is not None else None


def posted_form(
    request: HttpRequest,
    form: RegisterForm,
    save: Save,
    *,
    theirs: Callable[[Record], dict[str, Any]] | None = None,
    stay: str = "",
) -> HttpResponse | None:
    """Save a form that was sent.

    Parameters
    ----------
    request : HttpRequest
    form : RegisterForm
        Bound to what was sent.
    save : callable
        Takes the clean values, saves, and gives the address that follows.
    theirs : callable, optional
        Gives the form's values of the record as it is now, to be shown in a conflict.
    stay : str
        Address of the page with what is there now; that of the form where left out.

    Returns
    -------
    HttpResponse or None
        None where the form has to be shown again, with its errors.
    """
    if request.POST.get("conflict") == "edit":
        # back from the conflict page to work on it further: with what was typed, and no errors yet
        form.errors.clear()
        return None
    sent_before = _sent_before(the_user(request), form)
    if sent_before is not None:
        return HttpResponseRedirect(sent_before)
    if not form.is_valid():
        return None
    values = {name: value for name, value in form.cleaned_data.items() if name != "form_token"}
    try:
        address = save_once(the_user(request), form.cleaned_data["form_token"], lambda: save(values))
    except ConflictError as conflict:
        return conflict_page(request, form, conflict, theirs, stay or request.path)
    except RuleError as error:
        form.refuse(error)
        return None
    messages.success(request, say(None, "case.saved"))
    return HttpResponseRedirect(address)


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One field of a conflict: what the user typed, and what is there now."""

    label: str
    mine: str
    theirs: str

    @property
    def differs(self) -> bool:
        """Whether there is something to choose."""
        return _tidy(self.mine) != _tidy(self.theirs)


def _tidy(value: str) -> str:
    return value.replace("\r\n", "\n").strip()


def conflict_page(
    request: HttpRequest,
    form: RegisterForm,
    conflict: ConflictError,
    theirs: Callable[[Record], dict[str, Any]] | None,
    stay: str,
) -> HttpResponse:
    """Show both versions, and who changed it when; nothing that was typed is lost.

    Whatever was sent stands in the page as hidden fields, with the version that is there now.
    """
    record = conflict.record
    now = theirs(record) if theirs is not None else {}
    rows = [
        ConflictRow(
            str(bound.label),
            form.shown(bound.name, form.cleaned_data.get(bound.name)),
            form.shown(bound.name, now[bound.name]) if bound.name in now else "",
        )
        for bound in form.visible_fields()
    ]
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in {"csrfmiddlewaretoken", "version", "form_token", "conflict"}
        for value in values
    ]
    context = {
        "error": conflict,
        "record": record,
        "rows": rows,
        "kept": kept,
        "form_token": uuid.uuid4(),
        "who": record.changed_by.shown_name if record.changed_by else say(None, "case.program"),
        "case": record if isinstance(record, Case) else record.case,
        "stay": stay,
    }
    return render(request, "web/cases/conflict.html", context, status=409)
