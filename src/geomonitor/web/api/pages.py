"""Pages on the API: a user's tokens, and how to use it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from geomonitor.register.access import require
from geomonitor.register.models import User
from geomonitor.web.api.application import api_schema
from geomonitor.web.api.tokens import LONGEST_DAYS, make_token, revoke_token
from geomonitor.web.language import say, say_lazy

__all__ = ["api_guide", "api_token_revoke", "api_tokens"]


class TokenForm(forms.Form):
    """A new token."""

    name = forms.CharField(max_length=100, label=say_lazy("token.name"))
    days = forms.IntegerField(min_value=1, max_value=LONGEST_DAYS, initial=90, label=say_lazy("token.days"))
    writes = forms.BooleanField(required=False, label=say_lazy("token.writes"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def api_tokens(request: HttpRequest) -> HttpResponse:
    """Show a user's tokens, and make one; it is shown in the answer to that, and never again."""
    user = _user(request)
    form = TokenForm(request.POST if request.method == "POST" else None)
    made = ""
    status = 200
    if request.method == "POST":
        if form.is_valid():
            wanted = form.cleaned_data
            _, made = make_token(user, wanted["name"], days=wanted["days"], writes=wanted["writes"])
            form = TokenForm()
        else:
            status = 400
    context = {"form": form, "made": made, "tokens": user.api_tokens.all(), "now": timezone.now()}
    return render(request, "web/exchange/tokens.html", context, status=status)


@require_POST
def api_token_revoke(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Revoke one of the user's own tokens."""
    user = _user(request)
    token = user.api_tokens.filter(pk=uid).first()
    if token is None:
        raise Http404
    revoke_token(user, token)
    messages.success(request, say(request, "token.revoked"))
    return redirect("api-tokens")


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the API, for people."""

    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[tuple[str, str], ...]
    example: str
    writes: bool


@require_safe
def api_guide(request: HttpRequest) -> HttpResponse:
    """Show the calls, each with an example."""
    require(request.user, "use_api")
    base = f"{request.scheme}://{request.get_host()}"
    calls = [
        _call(base, method, path, about)
        for path, methods in api_schema()["paths"].items()
        for method, about in methods.items()
    ]
    return render(request, "web/exchange/api_guide.html", {"calls": calls, "base": base})


_EXAMPLES = {
    "edition": "latest",
    "product": "810110",
    "reference": "2026-001",
    "code": "anti_coercion_instrument",
    "uid": "8c9f0d5e-5f0b-4c55-9f64-0a1d6f0f7a10",
}


def _call(base: str, method: str, path: str, about: dict[str, Any]) -> Call:
    found = tuple((each["name"], _in_words(each)) for each in about.get("parameters", ()))
    address = base + path
    for name, value in _EXAMPLES.items():
        address = address.replace(f"{{{name}}}", value)
    lines = [f"curl -H 'Authorization: Bearer TOKEN' {address}"]
    body = about.get("requestBody")
    if body:
        schema = _resolved(body["content"]["application/json"]["schema"])
        names = list(schema.get("required", ()))
        if names == ["version"]:
            # a change that changes something
            names += [name for name in schema["properties"] if name != "version"][:1]
        sent = {name: _example(_resolved(schema["properties"][name])) for name in names}
        lines = [
            f"curl -X {method.upper()} -H 'Authorization: Bearer TOKEN' \\",
            f"  -H 'Content-Type: application/json' -d '{json.dumps(sent)}' {address}",
        ]
    return Call(
        method=method.upper(),
        path=path,
        summary=about.get("summary", ""),
        description=about.get("description", ""),
        parameters=found,
        example="\n".join(lines),
        writes=bool(body),
    )


def _in_words(parameter: dict[str, Any]) -> str:
    schema = parameter.get("schema", {})
    return str(parameter.get("description") or schema.get("description") or parameter["in"])


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref", "")
    if not reference:
        return schema
    found: dict[str, Any] = api_schema()["components"]["schemas"][reference.rpartition("/")[2]]
    return found


def _example(schema: dict[str, Any]) -> Any:
    """Give a value that fits a field."""
    one = next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)
    if "enum" in one:
        return one["enum"][0]
    if one.get("format") == "date":
        return "2027-01-01"
    return {"integer": one.get("minimum", 1), "array": [], "boolean": True}.get(one.get("type", ""), "Text")


def _user(request: HttpRequest) -> User:
    require(request.user, "use_api")
    assert isinstance(request.user, User)
    return request.user
