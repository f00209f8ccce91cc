"""Tags and filters of the pages on cases."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import template

from geomonitor.web.cases.evidence_view import evidence_label
from geomonitor.web.language import say

__all__ = ["register"]

register = template.Library()

_FILTER_LABELS: Mapping[str, str] = {
    "status": "case.status",
    "step": "case_list.step",
    "counterpart": "case.counterpart",
    "interest": "case_list.interest",
    "assigned": "case.assigned",
    "restricted": "case_list.restricted",
    "sort": "case_list.sort",
}


@register.simple_tag
def new_token() -> str:
    """Give a token that makes a form count once."""
    return str(uuid.uuid4())


@register.filter
def finding_text(finding: Mapping[str, Any]) -> str:
    """Name a frozen finding in one line."""
    return evidence_label(finding)


@register.filter
def anchor(level: Any, dimension: str) -> str:
    """Say what a level of a dimension means."""
    return say(None, f"case_anchor.{dimension}_{level}")


@register.filter
def part_name(part: str) -> str:
    """Name the part of a case that a comment is about."""
    return say(None, "case.page_follow_up" if part == "follow_up" else f"case_step.{part}")


@register.filter
def action_state(state: str) -> str:
    """Name the state of an action."""
    return say(None, f"case_follow_up.state_{state}")


@register.filter
def filter_label(name: str) -> str:
    """Name a filter of the list."""
    return say(None, _FILTER_LABELS[name])
