"""The main navigation: which pages there are for this reader, and on which one they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from geomonitor.register.access import may
from geomonitor.web.evidence.shelf import LATEST, shelf
from geomonitor.web.language import active_language, say

__all__ = [
    "EditionLink",
    "EditionSwitch",
    "Navigation",
    "NavigationEntry",
    "NavigationGroup",
    "edition_switch",
    "navigation",
]


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of the navigation: its URL name, the pages beneath it, and who may open it."""

    name: str
    beneath: tuple[str, ...] = ()
    of_edition: bool = False
    action: str = "read_evidence"


_EVIDENCE = (
    _Page("edition", of_edition=True),
    _Page("dependencies", ("product",), of_edition=True),
    _Page("pairs", ("pair",), of_edition=True),
    _Page("chains", ("stacking",), of_edition=True),
    _Page("materials", ("material",), of_edition=True),
    _Page("shocks", of_edition=True),
    _Page("scenarios", ("scenario-result", "scenario-compare")),
    _Page("compare-editions"),
    _Page("search"),
)
_REGISTER = (
    _Page("my-work", action="read_cases"),
    _Page(
        "cases",
        (
            "case",
            "case-new",
            "case-interests",
            "case-risk",
            "case-options",
            "case-decision",
            "case-follow-up",
            "case-history",
            "case-access",
            "case-dossier",
        ),
        action="read_cases",
    ),
    _Page("instruments", ("instrument", "instrument-new", "instrument-change")),
    _Page("coverage"),
    _Page("coercion-cases", ("coercion-case", "coercion-case-new", "coercion-case-change")),
)
_PARLIAMENT = (
    _Page("papers", ("paper", "paper-graph")),
    _Page("dossiers", ("dossier",)),
    _Page("motions", ("motion",)),
    _Page("commitments", ("commitment",)),
    _Page("following"),
)
_BACKGROUND = (
    _Page("sources"),
    _Page("methods", ("method",)),
    _Page("api-guide", action="use_api"),
    _Page("help", ("tour",)),
)
_TOOLS = (
    _Page("users", ("user-new", "user-change"), action="manage_users"),
    _Page("audit-trail", action="read_audit_trail"),
    _Page("jobs", ("job", "job-new-edition"), action="run_jobs"),
    _Page("exchange", ("import",), action="export"),
)


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A link; `current` is "page", "true" for a page beneath it, or empty."""

    title: str
    url: str
    current: str


@dataclass(frozen=True, slots=True)
class NavigationGroup:
    """Links that belong together, under a heading."""

    key: str
    title: str
    entries: tuple[NavigationEntry, ...]


@dataclass(frozen=True, slots=True)
class Navigation:
    """The groups of the navigation, and where the search box leads."""

    groups: tuple[NavigationGroup, ...]
    search_url: str


@dataclass(frozen=True, slots=True)
class EditionLink:
    """An edition, and where the page that is open now is in it."""

    title: str
    subtitle: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class EditionSwitch:
    """The editions to choose from, newest first, and the one that the page shows."""

    entries: tuple[EditionLink, ...]
    current: EditionLink | None
    all_url: str


def navigation(request: HttpRequest) -> Navigation:
    """Give the pages that the reader of this request may open, in the edition that is open now."""
    edition = _edition_of(request) or LATEST
    tools = "administration" if may(request.user, "manage_users") else "tools"
    groups = (
        ("evidence", _EVIDENCE),
        ("register", _REGISTER),
        ("parliament", _PARLIAMENT),
        ("background", _BACKGROUND),
        (tools, _TOOLS),
    )
    made = (
        NavigationGroup(key, say(request, f"navigation.{key}"), _entries(request, pages, edition))
        for key, pages in groups
    )
    return Navigation(tuple(group for group in made if group.entries), reverse("search"))


def _entries(request: HttpRequest, pages: tuple[_Page, ...], edition: str) -> tuple[NavigationEntry, ...]:
    match = request.resolver_match
    here = match.url_name if match is not None else None
    found = []
    for page in pages:
        if not may(request.user, page.action):
            continue
        url = reverse(page.name, kwargs={"edition": edition} if page.of_edition else None)
        current = "page" if here == page.name else "true" if here in page.beneath else ""
        title = say(request, f"navigation.{page.name.replace('-', '_')}")
        found.append(NavigationEntry(title, url, current))
    return tuple(found)


def edition_switch(request: HttpRequest) -> EditionSwitch:
    """Give the page that is open now in every edition; from other pages, the editions themselves."""
    match, here = request.resolver_match, _edition_of(request)
    shown = shelf().editions()
    opened = shown[0].id if here == LATEST and shown else here
    links = []
    for entry in shown:
        if match is not None and here is not None and match.url_name is not None:
            url = reverse(match.url_name, kwargs={**match.kwargs, "edition": entry.id})
            query = request.META.get("QUERY_STRING", "")
            url = f"{url}?{query}" if query and request.method == "GET" else url
        else:
            url = reverse("edition", kwargs={"edition": entry.id})
        made = date_format(timezone.localtime(entry.created), "j F Y")
        subtitle = f"{entry.period} · {say(request, 'site.edition_made', date=made)}"
        title = entry.title(active_language().code)
        links.append(EditionLink(title, subtitle, url, current=entry.id == opened))
    current = next((link for link in links if link.current), None)
    return EditionSwitch(tuple(links), current, reverse("editions"))


def _edition_of(request: HttpRequest) -> str | None:
    match = request.resolver_match
    return match.kwargs.get("edition") if match is not None else None
