"""Forms with which people judge the state of a motion or commitment, and what a page shows of judgements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest

from geomonitor.archive.models import Commitment, CommitmentState, Judged, Motion, MotionState
from geomonitor.archive.queries import judgements_of
from geomonitor.register.access import may
from geomonitor.web.cases.forms import RegisterForm, long_text
from geomonitor.web.language import say, say_lazy

__all__ = ["JUDGES", "STATES", "EndForm", "JudgementForm", "judgement_context", "state_name"]

JUDGES = "judge_states"
"""The action of the roles that judge a state."""

STATES: dict[str, Sequence[str]] = {
    Judged.MOTION: MotionState.values,
    Judged.COMMITMENT: CommitmentState.values,
}
"""The states that each can have."""

_REASON = 5_000


class JudgementForm(RegisterForm):
    """Which state it has, and why; with the judgement that stood there when the page was read."""

    judged = forms.CharField(widget=forms.HiddenInput, max_length=12)
    key = forms.CharField(widget=forms.HiddenInput, max_length=100)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    state = forms.ChoiceField(label=say_lazy("judged_state.state"))
    reason = long_text("judged_state.reason", _REASON, help_key="judged_state.reason_help", rows=3)

    def __init__(self, data: Any = None, *, judged: str, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={"judged": judged, **(initial or {})})
        states = [(each, say(None, f"{judged}_state.{each}")) for each in STATES[judged]]
        self.fields["state"].choices = [("", say(None, "judged_state.choose")), *states]  # type: ignore[attr-defined]


class EndForm(RegisterForm):
    """Why a judgement ends."""

    reason = long_text("judged_state.end_reason", _REASON, rows=2)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        # the page has another form with a reason
        self.auto_id = "end_%s"


def judgement_context(
    request: HttpRequest,
    judged: str,
    key: str,
    record: Motion | Commitment,
    form: JudgementForm | None,
) -> dict[str, Any]:
    """Give what a page shows of judgements: the one in force, those before it, and the forms.

    Parameters
    ----------
    request : HttpRequest
    judged : str
        motion or commitment.
    key : str
    record : Motion or Commitment
    form : JudgementForm or None
        As it was sent, where it was refused.
    """
    every = list(judgements_of(record))
    standing = next((each for each in every if each.ended_at is None), None)
    seen = standing.pk if standing is not None else 0
    own = form or JudgementForm(judged=judged, initial={"key": key, "seen": seen})
    return {
        "judgement": standing,
        "judgements": [
            (each, state_name(judged, each.state), state_name(judged, each.derived_state)) for each in every
        ],
        "may_judge": may(request.user, JUDGES),
        "form": own,
        "end_form": EndForm(),
        "state_section": f"{judged}_state",
    }


def state_name(judged: str, state: str) -> str:
    """Say a state in the language of the reader; one that is no longer known as it was written."""
    return say(None, f"{judged}_state.{state}") if state in STATES[judged] else state
