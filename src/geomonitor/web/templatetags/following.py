"""Whether the reader of a page follows something."""

from __future__ import annotations

from typing import Any

from django import template

from geomonitor.archive.models import Watch
from geomonitor.register.models import User

__all__ = ["is_followed", "register"]

register = template.Library()


@register.simple_tag(takes_context=True)
def is_followed(context: dict[str, Any], kind: str, key: str) -> bool:
    """Say whether the user of this request follows it."""
    user = context["request"].user
    return isinstance(user, User) and Watch.objects.filter(user=user, kind=kind, key=key).exists()
