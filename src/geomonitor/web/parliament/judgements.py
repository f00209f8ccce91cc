"""A person's judgement on the state of a motion or commitment: given with a reason, and ended with one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from geomonitor.archive import judging
from geomonitor.archive.models import Commitment, Judged, Motion, StateJudgement
from geomonitor.archive.queries import find_commitment, find_motion
from geomonitor.register.access import require
from geomonitor.register.errors import ConflictError, RuleError
from geomonitor.register.models import User
from geomonitor.web.cases.saving import posted_form
from geomonitor.web.language import say
from geomonitor.web.parliament.commitments import commitment_response
from geomonitor.web.parliament.judgement_forms import JUDGES, STATES, EndForm, JudgementForm, state_name
from geomonitor.web.parliament.motions import motion_response
from geomonitor.web.words import NotThereError, WrongRequestError, said

__all__ = ["end_judgement", "judge_state"]


@require_POST
def judge_state(request: HttpRequest) -> HttpResponse:
    """Judge that a motion or commitment has another state than was derived."""
    require(request.user, JUDGES)
    user = request.user
    assert isinstance(user, User)
    judged = str(request.POST.get("judged", ""))
    key = str(request.POST.get("key", ""))[:100].replace("\x00", "")
    if judged not in STATES:
        raise WrongRequestError(
            say(None, "judged_state.nothing_judged"),
            expected=say(None, "judged_state.expected"),
            next_step=say(None, "judged_state.from_page"),
        )
    record = _record(judged, key)
    form = JudgementForm(request.POST, judged=judged)

    def save(values: dict[str, Any]) -> str:
        standing = judging.judgement_in_force(record)
        if _number(standing) != (values["seen"] or 0):
            raise RuleError(_meanwhile(judged, standing))
        try:
            judging.judge(user, judged, key, values["state"], values["reason"])
        except ConflictError as error:
            raise RuleError(said(error).whole) from error
        return reverse(judged, kwargs={judged: key})

    done = posted_form(request, form, save)
    if done is not None:
        return done
    # whoever sends it once more has seen what is there now
    form.data = {**request.POST.dict(), "seen": str(_number(judging.judgement_in_force(record)))}
    shown = motion_response if judged == Judged.MOTION else commitment_response
    return shown(request, key, form, 400)


def _number(judgement: StateJudgement | None) -> int:
    return judgement.pk if judgement is not None else 0


def _record(judged: str, key: str) -> Motion | Commitment:
    found = find_motion(key) if judged == Judged.MOTION else find_commitment(key)
    if found is None:
        raise NotThereError(
            say(None, "judged_state.not_there"), where=key, next_step=say(None, "judged_state.from_page")
        )
    return found


def _meanwhile(judged: str, standing: StateJudgement | None) -> str:
    """Say what somebody else judged since the page was read."""
    if standing is None:
        return say(None, "judged_state.ended_meanwhile")
    return say(
        None,
        "judged_state.judged_meanwhile",
        who=standing.made_by.shown_name,
        state=state_name(judged, standing.state),
        reason=standing.reason,
    )


@require_POST
def end_judgement(request: HttpRequest, judgement: int) -> HttpResponse:
    """End a judgement: the state that is derived counts again."""
    require(request.user, JUDGES)
    user = request.user
    assert isinstance(user, User)
    record = StateJudgement.objects.filter(pk=judgement).first()
    if record is None:
        raise NotThereError(say(None, "judged_state.no_judgement"))
    form = EndForm(request.POST)

    def save(values: dict[str, Any]) -> str:
        judging.end_judgement(user, record, values["reason"])
        return reverse(record.judged, kwargs={record.judged: record.key})

    done = posted_form(request, form, save)
    if done is not None:
        return done
    wrong = " ".join(str(each) for errors in form.errors.values() for each in errors)
    raise WrongRequestError(wrong, next_step=say(None, "judged_state.end_next"))
