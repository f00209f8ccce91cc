"""Linking a paper to a case of the register."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from geomonitor.dossier.reading.normal_forms import official_address, shown
from geomonitor.register.access import require
from geomonitor.register.models import PaperLink, User
from geomonitor.register.services import content
from geomonitor.web.cases.saving import posted_form
from geomonitor.web.parliament.paper import found_paper, paper_response
from geomonitor.web.parliament.paper_links import LinkForm

__all__ = ["link_paper"]

_LONGEST_TITLE = 300


@require_POST
def link_paper(request: HttpRequest, paper: str) -> HttpResponse:
    """Link a paper to a case."""
    require(request.user, "change_cases")
    user = request.user
    assert isinstance(user, User)
    around = found_paper(paper)
    form = LinkForm(request.POST, user=user, names=around.identities)

    def save(values: dict[str, Any]) -> str:
        own = around.paper
        content.add(
            user,
            values["reference"],
            PaperLink,
            paper=own.paper,
            title=(own.title or shown(own.paper))[:_LONGEST_TITLE],
            # nobody published a paper of the example
            url="" if own.example else official_address(own.paper),
            relation=values["relation"],
        )
        return f"{reverse('paper', kwargs={'paper': own.paper})}#cases"

    done = posted_form(request, form, save)
    return done if done is not None else paper_response(request, paper, form, 400)
