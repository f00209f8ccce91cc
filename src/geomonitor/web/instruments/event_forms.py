"""The form for an event of coercion."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from geomonitor.codes import ECONOMY_CODES, HS_REVISIONS, group_codes
from geomonitor.errors import GeomonitorError
from geomonitor.register.facts import MEASURE_KINDS, PartialDate
from geomonitor.register.models import CoercionCase
from geomonitor.web.instruments.forms import check_code, label_of, with_empty
from geomonitor.web.instruments.shown_codes import choices_of, named_economy
from geomonitor.web.language import say

__all__ = ["CoercionForm"]

# the class of Django takes a parameter for the checker of types only
if TYPE_CHECKING:
    _CoercionForm = forms.ModelForm[CoercionCase]
else:
    _CoercionForm = forms.ModelForm

_PRODUCT = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}")
_MOST = 200


class _ListField(forms.CharField):
    """A list that is written as text."""

    def __init__(self, *, by_line: bool = False, **options: Any) -> None:
        self.by_line = by_line
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return ("\n" if self.by_line else ", ").join(str(each) for each in value)
        return value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        # length and forbidden signs are checked on the text; run_validators gets a list
        for validator in self.validators:
            validator(text)
        parts = re.split(r"\n" if self.by_line else r"[,;\s]+", text)
        found = [part.strip() for part in parts if part.strip()]
        twice = next((each for each in found if found.count(each) > 1), None)
        if twice is not None:
            raise ValidationError(say(None, "register_form.twice", code=twice[:60]))
        if len(found) > _MOST:
            raise ValidationError(say(None, "register_form.errors"))
        return found

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(say(None, "register_form.empty_list"))

    def run_validators(self, value: Any) -> None:
        """Leave out what `to_python` did on the text."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


class CoercionForm(_CoercionForm):
    """An event of coercion; its version travels along."""

    targets = _ListField(max_length=400)
    products = _ListField(required=False, max_length=2_000)
    sources = _ListField(by_line=True, widget=forms.Textarea(attrs={"rows": 4}), max_length=10_000)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = CoercionCase
        # pairs of two stand side by side on the page
        fields = [
            "title_en",
            "title_nl",
            "sender",
            "targets",
            "judgement",
            "motive_confidence",
            "measure_kind",
            "direction",
            "measure_en",
            "measure_nl",
            "products",
            "hs_revision",
            "goods_en",
            "goods_nl",
            "started_on",
            "ended_on",
            "trigger_en",
            "trigger_nl",
            "motive_en",
            "motive_nl",
            "motive_argument_en",
            "motive_argument_nl",
            "outcome_en",
            "outcome_nl",
            "sources",
            "notes",
            "letter_reference",
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
            if name == "letter_reference":
                field.label = say(None, "instrument.letter")
            elif name == "code":
                field.label = say(None, "instrument.code")
            elif name != "version":
                field.label = label_of("coercion", name)
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs["rows"] = 3
        self._choose()
        # rules of the model, in the language of the page
        for name, code, key in (
            ("targets", "own_target", "target_is_sender"),
            ("hs_revision", "revision_needed", "revision_wrong"),
            ("ended_on", "end_before_start", "end_wrong"),
        ):
            self.fields[name].error_messages[code] = say(None, f"register_form.{key}")
        for name, key in (
            ("code", "code_help"),
            ("targets", "targets_help"),
            ("products", "products_help"),
            ("sources", "sources_help"),
            ("started_on", "date_help"),
            ("ended_on", "date_help"),
        ):
            if name in self.fields:
                self.fields[name].help_text = say(None, f"register_form.{key}")

    def _choose(self) -> None:
        codes = [*ECONOMY_CODES, *group_codes()]
        senders = sorted(((code, named_economy(code)) for code in codes), key=lambda each: each[1])
        kinds = list(dict.fromkeys([*MEASURE_KINDS, *filter(None, [self.instance.measure_kind])]))
        for name, choices, required in (
            ("sender", senders, True),
            ("judgement", choices_of("coercion_judgement", CoercionCase.Judgement.values), True),
            ("measure_kind", choices_of("coercion_measure", kinds), True),
            ("direction", choices_of("coercion_direction", CoercionCase.Direction.values), True),
            ("motive_confidence", choices_of("coercion_confidence", CoercionCase.Confidence.values), True),
            ("hs_revision", [(each, each) for each in HS_REVISIONS], False),
        ):
            self.fields[name] = forms.ChoiceField(
                label=self.fields[name].label, choices=with_empty(choices), required=required
            )

    def add_error(self, field: str | None, error: Any) -> None:
        """Say what is wrong with a field once: the model says it of a field that the form refused too."""
        if field is None and hasattr(error, "error_dict"):
            there = {name: each for name, each in error.error_dict.items() if name not in self.errors}
            if not there:
                return
            error = ValidationError(there)
        super().add_error(field, error)

    def clean_code(self) -> str:
        """Refuse what cannot be a code."""
        return check_code(self.cleaned_data["code"])

    def clean_targets(self) -> list[str]:
        """Refuse what is no economy and no group."""
        targets: list[str] = self.cleaned_data["targets"]
        for code in targets:
            if code not in ECONOMY_CODES and code not in group_codes():
                raise ValidationError(say(None, "register_form.economy_wrong", code=code[:20]))
        return targets

    def clean_products(self) -> list[str]:
        """Refuse what is no product code."""
        products: list[str] = self.cleaned_data["products"]
        for code in products:
            if not _PRODUCT.fullmatch(code):
                raise ValidationError(say(None, "register_form.product_wrong", code=code[:20]))
        return products

    def clean_started_on(self) -> str:
        """Refuse what is no date."""
        return _date(self.cleaned_data["started_on"])

    def clean_ended_on(self) -> str:
        """Refuse what is no date."""
        text = self.cleaned_data["ended_on"]
        return _date(text) if text else ""


def _date(text: str) -> str:
    try:
        return PartialDate(text.strip()).text
    except GeomonitorError as error:
        raise ValidationError(say(None, "register_form.date_wrong")) from error
