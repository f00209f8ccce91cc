"""Forms for instruments, the risks they address, and reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from django import forms
from django.core.exceptions import ValidationError

from geomonitor.register.errors import RuleError
from geomonitor.register.facts import INSTRUMENT_KINDS, STRENGTHS, risk_kinds
from geomonitor.register.models import Instrument
from geomonitor.register.services.writing import required_reason
from geomonitor.web.instruments.shown_codes import choices_of, named_risk, risk_choices, risk_kind
from geomonitor.web.language import say, say_lazy
from geomonitor.web.words import said

__all__ = [
    "InstrumentForm",
    "RiskForm",
    "RiskFormSet",
    "WithdrawForm",
    "check_code",
    "label_of",
    "refuse_withdrawal",
    "risk_form_set",
    "show_refusal",
    "with_empty",
]

# the classes of Django take a parameter for the checker of types only
if TYPE_CHECKING:
    _InstrumentForm = forms.ModelForm[Instrument]
    _FormSet = forms.BaseFormSet["RiskForm"]
else:
    _InstrumentForm, _FormSet = forms.ModelForm, forms.BaseFormSet

_CODE = re.compile(r"[a-z][a-z0-9_]*")
_DATES = ("proposed_on", "adopted_on", "in_force_on", "applies_from", "ended_on")


def with_empty(choices: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Put an empty choice first."""
    return [("", say(None, "register_form.choose")), *choices]


def label_of(section: str, field: str) -> str:
    """Give the label of a field; those in two languages say which."""
    for ending, key in (("_en", "in_english"), ("_nl", "in_dutch")):
        if field.endswith(ending):
            label = say(None, f"{section}.{field.removesuffix(ending)}")
            return say(None, f"register_form.{key}", label=label)
    return say(None, f"{section}.{field}")


def check_code(code: str) -> str:
    """Refuse what cannot be a code, or is the address of another page.

    Raises
    ------
    ValidationError
    """
    if not _CODE.fullmatch(code) or code in {"new", "coverage"}:
        raise ValidationError(say(None, "register_form.code_wrong"))
    return code


class InstrumentForm(_InstrumentForm):
    """An instrument; its version travels along, so that no change of somebody else is lost."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Instrument
        # pairs of two stand side by side on the page
        fields = [
            "name_en",
            "name_nl",
            "level",
            "kind",
            "state",
            "responsible",
            "legal_basis",
            "reference",
            *_DATES,
            "letter_reference",
            "summary_en",
            "summary_nl",
            "limits_en",
            "limits_nl",
            "source",
            "to_check_note",
            "to_check",
            "code",
        ]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.instance._state.adding:
            # a field for slugs would say so in words of its own
            self.fields["code"] = forms.CharField(max_length=60)
        else:
            del self.fields["code"]
        for name, field in self.fields.items():
            if name != "version":
                field.label = label_of("instrument", "letter" if name == "letter_reference" else name)
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs["rows"] = 4
        for name in _DATES:
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            self.fields[name].error_messages["out_of_order"] = say(None, "register_form.dates_wrong")
        self.fields["letter_reference"].help_text = say(None, "instrument.letter_help")
        if "code" in self.fields:
            self.fields["code"].help_text = say(None, "register_form.code_help")
        for name, section, codes in (
            ("level", "instrument_level", Instrument.Level.values),
            ("state", "instrument_state", Instrument.State.values),
            ("kind", "instrument_kind", _kinds(self.instance)),
        ):
            self.fields[name] = forms.ChoiceField(
                label=self.fields[name].label, choices=with_empty(choices_of(section, codes))
            )

    def clean_code(self) -> str:
        """Refuse what cannot be a code."""
        return check_code(self.cleaned_data["code"])

    def clean(self) -> dict[str, Any]:
        """Look at what is to be checked; the model looks at the order of the dates."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("to_check") and not cleaned.get("to_check_note", "").strip():
            self.add_error("to_check_note", say(None, "register_form.check_wrong"))
        return cleaned


def _kinds(instrument: Instrument) -> list[str]:
    """Give the kinds to choose from, with that of an imported instrument if it is another one."""
    return list(dict.fromkeys([*INSTRUMENT_KINDS, *([instrument.kind] if instrument.kind else [])]))


class RiskForm(forms.Form):
    """A risk that an instrument addresses."""

    risk = forms.ChoiceField(label=say_lazy("instrument.risk"), required=False)
    strength = forms.ChoiceField(label=say_lazy("instrument.strength"), required=False)
    argument_en = forms.CharField(max_length=5_000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    argument_nl = forms.CharField(max_length=5_000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        choices: list[tuple[str, Any]] = list(risk_choices())
        there = str(self.initial.get("risk", ""))
        if there and risk_kind(there) is None:
            choices.append((there, there))
        _field(self, "risk").choices = with_empty(choices)
        _field(self, "strength").choices = with_empty(choices_of("strength", STRENGTHS))
        for name in ("argument_en", "argument_nl"):
            self.fields[name].label = label_of("instrument", name)

    def clean(self) -> dict[str, Any]:
        """Refuse half a row."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("risk") and not (cleaned.get("strength") and cleaned.get("argument_en")):
            raise ValidationError(say(None, "register_form.risk_incomplete"))
        return cleaned


def _field(form: forms.Form, name: str) -> forms.ChoiceField:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    return field


class RiskFormSet(_FormSet):
    """The risks of an instrument."""

    def clean(self) -> None:
        """Refuse a risk that is there twice."""
        if any(self.errors):
            return
        named_risks = [row["risk"] for row in self.rows()]
        twice = [each for each in named_risks if named_risks.count(each) > 1]
        if twice:
            raise ValidationError(f"{say(None, 'register_form.risk_twice')} ({named_risk(twice[0])})")

    def rows(self) -> list[dict[str, str]]:
        """Give the rows that count."""
        return [
            {name: form.cleaned_data[name] for name in ("risk", "strength", "argument_en", "argument_nl")}
            for form in self.forms
            if form.cleaned_data.get("risk") and not form.cleaned_data.get("DELETE")
        ]

    def add_fields(self, form: RiskForm, index: int | None) -> None:
        """Name the box that takes a row off the list."""
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = say(None, "register_form.remove")


def risk_form_set(data: Mapping[str, Any] | None, initial: Sequence[Mapping[str, str]]) -> RiskFormSet:
    """Make the forms of the risks: those that are there, and two empty ones."""
    kind = forms.formset_factory(
        RiskForm,
        formset=RiskFormSet,
        extra=2,
        can_delete=True,
        max_num=2 * len(risk_kinds()),
        # by default Django makes as many as 1,000 more where a request says so, which takes half a minute
        absolute_max=2 * len(risk_kinds()),
        validate_max=True,
    )
    made = kind(data, initial=list(initial), prefix="risks")
    assert isinstance(made, RiskFormSet)
    return made


class WithdrawForm(forms.Form):
    """Why something is withdrawn."""

    reason = forms.CharField(
        label=say_lazy("register_form.reason"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


def show_refusal(form: forms.BaseForm, error: RuleError) -> None:
    """Put what the register refused beside the fields of the form that it is about, or above all."""
    words = said(error)
    placed = [name for name in words.fields if name in form.fields]
    for name in placed:
        form.add_error(name, list(words.fields[name]))
    if not placed:
        form.add_error(None, " ".join(part for part in (words.what, words.where, words.next_step) if part))


def refuse_withdrawal(form: WithdrawForm) -> NoReturn:
    """Say why something is not withdrawn: the reason is missing, or something else is not right.

    Raises
    ------
    RuleError
    """
    required_reason(str(form.data.get("reason", "")))
    wrong = [f"{form[name].label}: {' '.join(map(str, texts))}" for name, texts in form.errors.items()]
    raise RuleError(" ".join(wrong))
