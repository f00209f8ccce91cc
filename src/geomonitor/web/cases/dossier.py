"""A case on paper and as a file: the printable dossier, the JSON, and the schema of the JSON."""

from __future__ import annotations

import importlib.resources
import json
import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from geomonitor.register.models import Case, Decision
from geomonitor.register.services.decisions import snapshot
from geomonitor.register.trail import saw
from geomonitor.web.cases.common import economy_name, step_views, the_case
from geomonitor.web.cases.contents import (
    action_views,
    dimension_views,
    interest_views,
    judged_levels,
    option_views,
)
from geomonitor.web.cases.evidence_view import evidence_views
from geomonitor.web.cases.history import history_entries
from geomonitor.web.cases.matrix import risk_matrix
from geomonitor.web.language import say

__all__ = ["case_dossier", "case_dossier_style", "case_json", "case_schema", "css_text", "schema_text"]


@require_safe
def case_dossier(request: HttpRequest, reference: str) -> HttpResponse:
    """Show all of a case on pages that print cleanly."""
    case = the_case(request, reference)
    saw(case)
    evidence = evidence_views(case.evidence.select_related("created_by", "withdrawn_by"))
    standing = [each for each in evidence if not each.record.withdrawn]
    dimensions = dimension_views(case)
    levels = judged_levels(dimensions)
    decisions = case.decisions.select_related("created_by", "judged_by", "withdrawn_by")
    origins = {(each.record.edition, each.record.source): each.edition_created for each in standing}
    context = {
        "case": case,
        "now": timezone.now(),
        "mark": _mark(case),
        "importer_name": economy_name(case.importer),
        "counterpart_name": economy_name(case.counterpart),
        "steps": step_views(case),
        "evidence": standing,
        "interests": interest_views(case),
        "dimensions": dimensions,
        "matrix": risk_matrix(levels),
        "levels": levels,
        "placed": {"probability", "impact"} <= set(levels),
        "options": option_views(case),
        "decisions": decisions.prefetch_related("chosen"),
        "approved_state": Decision.State.APPROVED.value,
        "actions": action_views(case.actions.select_related("owner", "withdrawn_by")),
        "papers": case.papers.current(),
        "comments": case.comments.current().select_related("created_by"),
        "origins": [(*origin, made) for origin, made in sorted(origins.items())],
        "history": history_entries(case)[::-1],
    }
    return render(request, "web/cases/dossier.html", context)


def _mark(case: Case) -> str:
    restricted = case.visibility == Case.Visibility.MEMBERS
    return say(None, f"case_dossier.mark_{'restricted' if restricted else 'open'}")


def css_text(text: str) -> str:
    r"""Write a text as a CSS string; every sign that could mean something to CSS is escaped.

    Examples
    --------
    >>> print(css_text('2026-014 "x"; }'))
    "2026\2d 014 \22 x\22 \3b  \7d "
    """
    return '"' + re.sub(r"[^A-Za-z0-9 ]", lambda found: f"\\{ord(found[0]):x} ", text) + '"'


@require_safe
@cache_control(private=True, no_store=True)
def case_dossier_style(request: HttpRequest, reference: str) -> HttpResponse:
    """Give the running heads and feet of the dossier's pages, which only a style sheet can hold."""
    case = the_case(request, reference)
    printed = date_format(timezone.localtime(), "j F Y H:i")
    title = case.title if len(case.title) <= 70 else case.title[:69].rstrip() + "…"
    boxes = {
        "@top-left": css_text(f"{case.reference}  {title}"),
        "@top-right": css_text(_mark(case)),
        "@bottom-left": css_text(say(None, "case_dossier.printed", when=printed)),
        "@bottom-right": f'{css_text(say(None, "case_dossier.page"))} " " counter(page) " / " counter(pages)',
    }
    style = "font: 8pt system-ui, 'Segoe UI', Calibri, sans-serif; color: #52606d; white-space: nowrap;"
    rules = " ".join(f"{box} {{ content: {content}; {style} }}" for box, content in boxes.items())
    return HttpResponse(f"@page {{ {rules} }}\n", content_type="text/css; charset=utf-8")


@require_safe
def case_json(request: HttpRequest, reference: str) -> HttpResponse:
    """Give all of a case as JSON; the header Link says where its schema is."""
    case = the_case(request, reference)
    saw(case)
    content = json.dumps(snapshot(case), ensure_ascii=False, indent=2, allow_nan=False)
    answer = HttpResponse(content + "\n", content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="case-{case.reference}.json"'
    answer["Link"] = f'<{reverse("case-schema")}>; rel="describedby"; type="application/schema+json"'
    return answer


def schema_text() -> str:
    """Read the JSON Schema of a case.

    Examples
    --------
    >>> json.loads(schema_text())["$schema"]
    'https://json-schema.org/draft/2020-12/schema'
    """
    file = importlib.resources.files("geomonitor.register") / "schema" / "case.schema.json"
    return file.read_text(encoding="utf-8")


@require_safe
def case_schema(request: HttpRequest) -> HttpResponse:
    """Give the schema of a case as JSON."""
    return HttpResponse(schema_text(), content_type="application/schema+json; charset=utf-8")
