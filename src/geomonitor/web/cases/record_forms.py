"""Forms of what a case holds: interests, judgements, options, actions, papers, comments, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from geomonitor.register.facts import option_kinds, public_interests
from geomonitor.register.models import (
    Action,
    Case,
    Comment,
    Evidence,
    Instrument,
    InterestTouched,
    Level,
    Record,
    RiskJudgement,
    User,
)
from geomonitor.web.cases.common import users_who_read
from geomonitor.web.cases.evidence_view import evidence_label
from geomonitor.web.cases.forms import RegisterForm, date_field, long_text, text
from geomonitor.web.language import active_language, say, say_lazy

__all__ = [
    "ActionForm",
    "CommentForm",
    "EvidenceNoteForm",
    "InterestForm",
    "JudgementForm",
    "OptionForm",
    "PaperForm",
    "RecordForm",
    "UserChoice",
    "interest_name",
    "option_name",
]

if TYPE_CHECKING:
    _UserField = forms.ModelChoiceField[User]
else:
    # the class takes no type when the program runs
    _UserField = forms.ModelChoiceField

_LEVELS = range(1, 6)


def interest_name(code: str) -> str:
    """Name a public interest.

    Examples
    --------
    >>> interest_name("public_health")
    'Public health'
    """
    names = {each.code: each.name[active_language().code] for each in public_interests()}
    return names.get(code, code.replace("_", " "))


def option_name(code: str) -> str:
    """Name a kind of policy option.

    Examples
    --------
    >>> option_name("do_nothing")
    'Do nothing'
    """
    names = {each.code: each.name[active_language().code] for each in option_kinds()}
    return names.get(code, code.replace("_", " "))


class UserChoice(_UserField):
    """A choice of a user, by the name that others see."""

    def label_from_instance(self, obj: Any) -> str:
        """Give the name."""
        return f"{obj.shown_name} ({obj.username})" if obj.shown_name != obj.username else str(obj.username)


class RecordForm(RegisterForm):
    """A form of a record of a case.

    Attributes
    ----------
    about : str or None
        Field that says what a new record is about; it comes with the address and does not change.
    """

    about: ClassVar[str | None] = None

    def __init__(
        self,
        data: Any = None,
        *,
        case: Case,
        record: Any = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        values = self.values_of(record) if record is not None else {}
        super().__init__(data, initial={**values, **(initial or {})})
        self.case = case
        self.record = record
        if record is not None:
            self.fields["version"].required = True
            if self.about is not None:
                del self.fields[self.about]
        for name in self.relations:
            self.fields[name].choices = self.related_choices(name)  # type: ignore[attr-defined]

    def related_choices(self, name: str) -> list[tuple[str, str]]:
        """Give what can be ticked; what was ticked and then withdrawn stays, so that nothing is lost."""
        ticked = set(self.initial.get(name, ()))
        choices = []
        for each in self.case.evidence.all():
            if not each.withdrawn or str(each.pk) in ticked:
                mark = f" ({say(None, 'case.withdrawn').lower()})" if each.withdrawn else ""
                choices.append((str(each.pk), evidence_label(each.finding) + mark))
        return choices

    def values(self) -> tuple[dict[str, list[Any]], dict[str, Any]]:
        """Give what was typed as relations and fields of the record."""
        clean = dict(self.cleaned_data)
        relations = {}
        for name in self.relations:
            model: type[Record] = Evidence if name == "evidence" else Instrument
            relations[name] = list(model._default_manager.filter(pk__in=clean.pop(name)))
        fields = {name: value for name, value in clean.items() if name not in {"version", "form_token"}}
        return relations, fields


def _ticks(label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=say_lazy(label), required=False, widget=forms.CheckboxSelectMultiple
    )


class InterestForm(RecordForm):
    """Step 1: whether one public interest is touched, and why."""

    about = "interest"
    relations = ("evidence",)

    interest = forms.ChoiceField(widget=forms.HiddenInput)
    touched = forms.ChoiceField(label=say_lazy("case_interest.question"), widget=forms.RadioSelect)
    argument = long_text("case_form.argument", 10_000, help_key="case_form.plain")
    evidence = _ticks("case_evidence.choose")

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        if "interest" in self.fields:
            self.fields["interest"].choices = [  # type: ignore[attr-defined]
                (each.code, interest_name(each.code)) for each in public_interests()
            ]
        self.fields["touched"].choices = [  # type: ignore[attr-defined]
            (code, say(None, f"case_interest.{code}")) for code in InterestTouched.Touched.values
        ]

    def clean_interest(self) -> str:
        """Refuse an interest that was judged already."""
        code = str(self.cleaned_data["interest"])
        if self.case.interests.current().filter(interest=code).exists():
            raise ValidationError(say(None, "case_interest.judged_already"))
        return code


class JudgementForm(RecordForm):
    """Step 2: one dimension of the risk, on a scale in words."""

    about = "dimension"
    relations = ("evidence",)

    dimension = forms.ChoiceField(widget=forms.HiddenInput, choices=RiskJudgement.Dimension.choices)
    level = forms.TypedChoiceField(label=say_lazy("case_risk.level"), coerce=int, widget=forms.RadioSelect)
    argument = long_text("case_form.argument", 10_000, help_key="case_form.plain")
    evidence = _ticks("case_evidence.choose")

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        dimension = self.record.dimension if self.record is not None else self._asked_dimension()
        self.fields["level"].choices = [  # type: ignore[attr-defined]
            (level, f"{level}. {say(None, f'case_anchor.{dimension}_{level}')}") for level in _LEVELS
        ]

    def _asked_dimension(self) -> str:
        asked = self.data.get("dimension") or self.initial.get("dimension")
        known = RiskJudgement.Dimension.values
        return str(asked) if asked in known else str(known[0])

    def clean_dimension(self) -> str:
        """Refuse a dimension that was judged already."""
        code = str(self.cleaned_data["dimension"])
        if self.case.judgements.current().filter(dimension=code).exists():
            raise ValidationError(say(None, "case_risk.judged_already"))
        return code


class OptionForm(RecordForm):
    """Step 3: one policy option with its costs and benefits."""

    about = "kind"
    relations = ("instruments",)

    kind = forms.ChoiceField(widget=forms.HiddenInput)
    title = text("case.title", 200)
    description = long_text("case_option.description", 10_000, required=False, rows=3)
    level = forms.ChoiceField(label=say_lazy("case_option.level"), widget=forms.RadioSelect)
    cost = long_text("case_option.cost", 10_000, help_key="case_form.plain")
    cost_minimum_meur = forms.DecimalField(
        label=say_lazy("case_form.cost_minimum"), required=False, min_value=0, max_digits=14,
        decimal_places=3, localize=True,
    )  # fmt: skip
    cost_maximum_meur = forms.DecimalField(
        label=say_lazy("case_form.cost_maximum"), required=False, min_value=0, max_digits=14,
        decimal_places=3, localize=True,
    )  # fmt: skip
    benefit = long_text("case_option.benefit", 10_000, help_key="case_form.plain")
    borne_by = long_text("case_option.borne_by", 5_000, required=False, rows=3)
    side_effects = long_text("case_option.side_effects", 10_000, required=False, rows=3)
    lead_time_minimum_months = forms.IntegerField(
        label=say_lazy("case_form.lead_minimum"), required=False, min_value=0, max_value=1_200
    )
    lead_time_maximum_months = forms.IntegerField(
        label=say_lazy("case_form.lead_maximum"), required=False, min_value=0, max_value=1_200
    )
    instruments = _ticks("case_option.instruments")

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        if "kind" in self.fields:
            self.fields["kind"].choices = [  # type: ignore[attr-defined]
                (each.code, option_name(each.code)) for each in option_kinds()
            ]
        self.fields["level"].choices = [  # type: ignore[attr-defined]
            (code, say(None, f"case_option.level_{code}")) for code in Level.values
        ]

    def related_choices(self, name: str) -> list[tuple[str, str]]:
        """Give the instruments of the inventory."""
        language = active_language().code
        ticked = set(self.initial.get(name, ()))
        return sorted(
            (
                (str(each.pk), str(getattr(each, f"name_{language}")))
                for each in Instrument.objects.all()
                if not each.withdrawn or str(each.pk) in ticked
            ),
            key=lambda choice: choice[1].casefold(),
        )

    def clean(self) -> dict[str, Any]:
        """See that the largest is not smaller than the smallest."""
        clean = super().clean() or self.cleaned_data
        for low, high in (
            ("cost_minimum_meur", "cost_maximum_meur"),
            ("lead_time_minimum_months", "lead_time_maximum_months"),
        ):
            if None not in (clean.get(low), clean.get(high)) and clean[high] < clean[low]:
                self.add_error(high, say(None, "case_form.range", field=self.fields[high].label))
        return clean


class ActionForm(RecordForm):
    """Follow-up: what somebody does by when."""

    title = text("case_follow_up.action", 300)
    owner = UserChoice(
        label=say_lazy("case_follow_up.owner_user"),
        queryset=User.objects.none(),
        required=False,
        help_text=say_lazy("case_follow_up.owner_help"),
    )
    owner_text = text("case_follow_up.owner_text", 200, required=False)
    due_on = date_field("case_follow_up.due_on")
    remind_days_before = forms.IntegerField(
        label=say_lazy("case_follow_up.remind"), min_value=0, max_value=365, initial=14
    )
    state = forms.ChoiceField(label=say_lazy("case_follow_up.state"), initial=Action.State.OPEN.value)
    result = long_text("case_follow_up.result", 10_000, required=False, rows=3)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["owner"].queryset = users_who_read(self.case)  # type: ignore[attr-defined]
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            (code, say(None, f"case_follow_up.state_{code}")) for code in Action.State.values
        ]

    def clean(self) -> dict[str, Any]:
        """See that somebody owns it, and that what is over says how it ended."""
        clean = super().clean() or self.cleaned_data
        if "owner" not in self.errors and not clean.get("owner") and not clean.get("owner_text"):
            self.add_error("owner", say(None, "case_follow_up.owner_missing"))
        if clean.get("state", "open") != "open" and not clean.get("result"):
            self.add_error("result", say(None, "case_follow_up.result_missing"))
        return clean


class PaperForm(RecordForm):
    """A parliamentary or other paper that the case has to do with."""

    paper = text("case_follow_up.paper", 60, required=False, help_key="case_follow_up.paper_help")
    title = text("case_follow_up.paper_title", 300)
    url = forms.URLField(
        label=say_lazy("case_follow_up.url"),
        max_length=500,
        required=False,
        help_text=say_lazy("case_follow_up.url_help"),
        assume_scheme="https",
    )
    relation = long_text("case_follow_up.relation", 2_000, required=False, rows=3)

    def clean_url(self) -> str:
        """Take web addresses only: the page makes a link of it."""
        url = str(self.cleaned_data["url"])
        if url and not url.startswith(("https://", "http://")):
            raise ValidationError(say(None, "case_form.not_a_url", field=self.fields["url"].label))
        return url


class CommentForm(RecordForm):
    """What a user says about a case, or about a part of it."""

    about_part = forms.ChoiceField(label=say_lazy("case_comment.about"), required=False)
    text = long_text("case_comment.text", 10_000, help_key="case_form.plain", rows=3)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        if isinstance(self.record, Comment):
            self.initial["about_part"] = self.record.about
        steps = ("interest", "risk", "options", "decision")
        self.fields["about_part"].choices = [  # type: ignore[attr-defined]
            ("", say(None, "case_comment.about_case")),
            *((each, say(None, f"case_step.{each}")) for each in steps),
            ("follow_up", say(None, "case.page_follow_up")),
        ]

    def values(self) -> tuple[dict[str, list[Any]], dict[str, Any]]:
        """Give the fields by the names of the record: `about` is taken in the form."""
        relations, fields = super().values()
        fields["about"] = fields.pop("about_part")
        return relations, fields

    @classmethod
    def values_of(cls, record: Any) -> dict[str, Any]:
        """Give the values by the names of the form."""
        return {**super().values_of(record), "about_part": record.about}


class EvidenceNoteForm(RecordForm):
    """Why a piece of evidence matters here: all of it that can be changed."""

    note = long_text("case_evidence.note", 5_000, required=False, help_key="case_form.plain", rows=3)
