"""My work: what is assigned to me, what waits for my approval, what I have to do by when."""

from __future__ import annotations

import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from geomonitor.register.access import may, visible_cases
from geomonitor.register.models import Action, Decision
from geomonitor.web.cases.common import the_user
from geomonitor.web.cases.contents import action_views
from geomonitor.web.cases.listing import case_rows

__all__ = ["my_work"]

_REVIEW_DAYS = 60


@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """Show what the user has to do."""
    user = the_user(request)
    standing = visible_cases(user).filter(closed_at__isnull=True, withdrawn_at__isnull=True)
    assigned = standing.filter(assigned_to=user).select_related("assigned_to").prefetch_related("interests")
    waiting = Decision.objects.none()
    if may(user, "judge_decision"):
        waiting = (
            Decision.objects.current()
            .filter(state=Decision.State.PROPOSED, case__in=standing)
            .exclude(created_by=user)
            .select_related("case", "created_by")
        )
    actions = Action.objects.current().filter(owner=user, state=Action.State.OPEN, case__in=standing)
    until = timezone.localdate() + datetime.timedelta(days=_REVIEW_DAYS)
    reviews = Decision.objects.current().filter(
        state=Decision.State.APPROVED, case__in=standing, case__assigned_to=user, review_on__lte=until
    )
    context = {
        "assigned": case_rows(assigned),
        "waiting": waiting,
        "judges": may(user, "judge_decision"),
        "actions": action_views(actions.select_related("case", "owner")),
        "reviews": reviews.select_related("case").order_by("review_on"),
        "review_days": _REVIEW_DAYS,
        "today": timezone.localdate(),
    }
    return render(request, "web/cases/work.html", context)
