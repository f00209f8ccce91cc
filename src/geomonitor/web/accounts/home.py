"""The start page, the tour of the first log-in, and the help."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from geomonitor.errors import DataError
from geomonitor.register.access import may, visible_cases
from geomonitor.register.models import User
from geomonitor.register.services import people
from geomonitor.web.accounts import dashboard
from geomonitor.web.accounts.views import signed_in
from geomonitor.web.evidence.contents import method_title
from geomonitor.web.evidence.shown import source_text
from geomonitor.web.language import active_language
from geomonitor.web.parliament.commitments import urgent_commitments

__all__ = ["TOUR_STEPS", "glossary", "help_page", "start", "tour"]

TOUR_STEPS = ("welcome", "evidence", "thresholds", "case", "decision")
"""The stops of the tour; their texts are in texts/tour.toml."""


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Show the start page; at the first log-in, the tour."""
    user = signed_in(request)
    if user.tour_seen_at is None:
        return redirect("tour")
    context = {
        **_newest_edition(),
        "work": dashboard.work_of(user),
        "recent": dashboard.recent_cases(user),
        "may_open_case": may(user, "change_cases"),
        **urgent_commitments(),
        "may_run_jobs": may(user, "run_jobs"),
    }
    return render(request, "web/accounts/home.html", context)


def tour(request: HttpRequest) -> HttpResponse:
    """Show a stop of the tour, or end it."""
    user = signed_in(request)
    if request.method == "POST":
        people.saw_tour(user)
        return redirect("home")
    step = request.GET.get("step", "1")
    if step not in {str(number) for number in range(1, len(TOUR_STEPS) + 1)}:
        raise Http404
    number = int(step)
    name = TOUR_STEPS[number - 1]
    context = {
        "steps": [
            {"number": each, "heading": f"tour.{stop}_heading"}
            for each, stop in enumerate(TOUR_STEPS, start=1)
        ],
        "number": number,
        "last": number == len(TOUR_STEPS),
        "previous": number - 1,
        "next": number + 1,
        "stop": f"web/accounts/tour/{name}.html",
        "heading": f"tour.{name}_heading",
        **_shown_at(name, user),
    }
    return render(request, "web/accounts/tour.html", context)


def _newest_edition() -> dict[str, Any]:
    """Give the newest edition with its key numbers, or what is wrong with it."""
    try:
        content = dashboard.newest_content()
    except DataError as error:
        return {"edition": None, "edition_error": error}
    if content is None:
        return {"edition": None}
    numbers = dashboard.key_numbers(content)
    return {
        "edition": content,
        "edition_id": content.record["id"],
        "edition_made": datetime.fromisoformat(content.record["created"]),
        "edition_source": source_text(content),
        "method_title": method_title(content.main_method, content.language),
        "numbers": numbers,
        "first": numbers[0],
    }


def _shown_at(name: str, user: User) -> dict[str, Any]:
    """Give what a stop of the tour shows of the newest edition or the example case."""
    if name in ("evidence", "thresholds"):
        return _newest_edition()
    if name in ("case", "decision"):
        example = (
            visible_cases(user).filter(example=True, withdrawn_at__isnull=True).order_by("created_at").first()
        )
        return {"example": example}
    return {}


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Show the words of the field, the keys, and whom to ask."""
    language = active_language().code
    words = sorted(
        ({"word": entry["word"][language], "meaning": entry["meaning"][language]} for entry in glossary()),
        key=lambda entry: entry["word"].casefold(),
    )
    administrators = User.objects.filter(role="administrator", is_active=True).order_by("username")
    context = {
        "words": words,
        "administrators": administrators,
        "methods_url": reverse("methods"),
        "sources_url": reverse("sources"),
        "guide_url": reverse("api-guide"),
    }
    return render(request, "web/accounts/help.html", context)


@cache
def glossary() -> tuple[Mapping[str, Mapping[str, str]], ...]:
    """Read the words of the field with their meaning, in every language.

    Examples
    --------
    >>> sorted(glossary()[0])
    ['meaning', 'word']
    """
    with Path(__file__).with_name("glossary.toml").open("rb") as handle:
        return tuple(tomllib.load(handle)["entry"])
