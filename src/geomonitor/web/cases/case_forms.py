"""Forms of a case itself: opening and changing it, its people, its decision, the filters of the list."""

from __future__ import annotations

from typing import Any

from django import forms

from geomonitor.register.models import Case, CaseMember, Decision, User
from geomonitor.web.cases.common import users_who_read
from geomonitor.web.cases.forms import RegisterForm, date_field, economy_code, long_text, text
from geomonitor.web.cases.record_forms import UserChoice, option_name
from geomonitor.web.language import say, say_lazy

__all__ = [
    "AccessForm",
    "AssignForm",
    "CaseForm",
    "JudgeForm",
    "OpenCaseForm",
    "ProposeForm",
    "VisibilityForm",
]


class CaseForm(RegisterForm):
    """The head of a case."""

    title = text("case.title", 200)
    subject_kind = forms.ChoiceField(
        label=say_lazy("case_form.subject_kind"), help_text=say_lazy("case_form.subject_kind_help")
    )
    subject_name = text("case_form.subject_name", 300)
    subject_code = text("case_form.subject_code", 40, required=False, help_key="case_form.subject_code_help")
    importer = text("case.importer", 40, required=False, help_key="case_form.importer_help")
    counterpart = text("case.counterpart", 40, required=False, help_key="case_form.importer_help")
    summary = long_text("case.summary", 20_000, required=False, help_key="case_form.plain")
    benefits = long_text("case.benefits", 20_000, required=False, help_key="case.benefits_why")

    def __init__(
        self, data: Any = None, *, case: Case | None = None, initial: dict[str, Any] | None = None
    ) -> None:
        values = self.values_of(case) if case is not None else {}
        super().__init__(data, initial={**values, **(initial or {})})
        self.case = case
        if case is not None:
            self.fields["version"].required = True
        self.fields["subject_kind"].choices = [  # type: ignore[attr-defined]
            (code, say(None, f"case_subject.{code}")) for code in Case.SubjectKind.values
        ]

    def clean_importer(self) -> str:
        """See that the economy or group is known."""
        return self._economy("importer")

    def clean_counterpart(self) -> str:
        """See that the economy or group is known."""
        return self._economy("counterpart")

    def _economy(self, name: str) -> str:
        before = getattr(self.case, name) if self.case is not None else ""
        return economy_code(self, name, str(self.cleaned_data[name]), before)


class OpenCaseForm(CaseForm):
    """A new case, with the findings that go with it."""

    visibility = forms.ChoiceField(
        label=say_lazy("case_people.visibility"), widget=forms.RadioSelect, initial="everyone"
    )

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["visibility"].choices = [  # type: ignore[attr-defined]
            ("everyone", say(None, "case_visibility.everyone")),
            ("members", say(None, "case_visibility.members_long")),
        ]


class AssignForm(RegisterForm):
    """Who works on a case."""

    assigned_to = UserChoice(
        label=say_lazy("case.assigned"),
        queryset=User.objects.none(),
        required=False,
        empty_label=say_lazy("case.nobody"),
    )

    def __init__(self, data: Any = None, *, case: Case) -> None:
        super().__init__(data, initial=self.values_of(case))
        self.fields["version"].required = True
        self.fields["assigned_to"].queryset = users_who_read(case)  # type: ignore[attr-defined]


class VisibilityForm(RegisterForm):
    """Who may read a case."""

    visibility = forms.ChoiceField(widget=forms.HiddenInput, choices=Case.Visibility.choices)


class AccessForm(RegisterForm):
    """Access for one user."""

    user = UserChoice(label=say_lazy("case_people.user"), queryset=User.objects.none())
    access = forms.ChoiceField(
        label=say_lazy("case_people.access"), widget=forms.RadioSelect, initial=CaseMember.Access.READ.value
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        users = User.objects.filter(is_active=True).order_by("username")
        self.fields["user"].queryset = users  # type: ignore[attr-defined]
        self.fields["access"].choices = [  # type: ignore[attr-defined]
            (code, say(None, f"case_people.{code}")) for code in CaseMember.Access.values
        ]


class ProposeForm(RegisterForm):
    """A decision that was taken, for somebody else to approve."""

    outcome = long_text("case_decision.outcome", 10_000, help_key="case_form.plain")
    chosen = forms.MultipleChoiceField(
        label=say_lazy("case_decision.chosen"), required=False, widget=forms.CheckboxSelectMultiple
    )
    decided_by = text("case_decision.decided_by", 200, help_key="case_decision.decided_by_help")
    decided_on = date_field("case_decision.decided_on")
    reason = long_text("case_decision.reason", 10_000, help_key="case_form.plain")
    review_on = date_field("case_decision.review_on")

    def __init__(self, data: Any = None, *, case: Case) -> None:
        super().__init__(data, initial={"version": case.version})
        self.fields["version"].required = True
        self.fields["chosen"].choices = [  # type: ignore[attr-defined]
            (str(each.pk), f"{each.title} ({option_name(each.kind)})") for each in case.options.current()
        ]

    def clean(self) -> dict[str, Any]:
        """See that the review comes after the decision."""
        clean = super().clean() or self.cleaned_data
        decided, review = clean.get("decided_on"), clean.get("review_on")
        if decided and review and review <= decided:
            self.add_error("review_on", say(None, "case_decision.review_after"))
        return clean


class JudgeForm(RegisterForm):
    """Approval or rejection of a decision."""

    verdict = forms.ChoiceField(label=say_lazy("case_decision.verdict"), widget=forms.RadioSelect)
    reason = long_text(
        "case_form.reason", 5_000, required=False, help_key="case_decision.judge_reason_help", rows=3
    )

    def __init__(self, data: Any = None, *, decision: Decision) -> None:
        super().__init__(data, initial={"version": decision.version})
        self.fields["version"].required = True
        self.fields["verdict"].choices = [  # type: ignore[attr-defined]
            (code, say(None, f"case_decision.{code}")) for code in ("approve", "reject")
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for a reason with a rejection."""
        clean = super().clean() or self.cleaned_data
        if clean.get("verdict") == "reject" and not clean.get("reason"):
            self.add_error("reason", say(None, "case_decision.judge_reason_missing"))
        return clean
