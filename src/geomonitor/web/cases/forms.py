"""What all forms of the register share: labels, messages that name the field, the version that was read."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from geomonitor.register.errors import RuleError
from geomonitor.register.models import Record
from geomonitor.web.language import say, say_lazy
from geomonitor.web.words import said

__all__ = ["ReasonForm", "RegisterForm", "date_field", "economy_code", "long_text", "shown_choice", "text"]

_HIDDEN = frozenset({"version", "form_token"})


def text(label: str, length: int, *, required: bool = True, help_key: str = "") -> forms.CharField:
    """Make a field of one line."""
    return forms.CharField(
        label=say_lazy(label),
        max_length=length,
        required=required,
        help_text=say_lazy(help_key) if help_key else "",
    )


def long_text(
    label: str, length: int, *, required: bool = True, help_key: str = "", rows: int = 5
) -> forms.CharField:
    """Make a field of several lines of plain text."""
    return forms.CharField(
        label=say_lazy(label),
        max_length=length,
        required=required,
        help_text=say_lazy(help_key) if help_key else "",
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def date_field(label: str) -> forms.DateField:
    """Make a field for a day."""
    return forms.DateField(
        label=say_lazy(label),
        input_formats=["%Y-%m-%d", "%d-%m-%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class RegisterForm(forms.Form):
    """A form that carries the version that was read, and a token that makes it count once."""

    form_token = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    relations: ClassVar[tuple[str, ...]] = ()

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={"form_token": uuid.uuid4(), **(initial or {})}, label_suffix="")
        for field in self.fields.values():
            _say_what_is_wrong(field)

    @classmethod
    def values_of(cls, record: Record) -> dict[str, Any]:
        """Give what the form shows of a record: field by field, as initial values."""
        values: dict[str, Any] = {}
        for name in cls.base_fields:
            if name in cls.relations:
                values[name] = [str(each.pk) for each in getattr(record, name).all()]
            elif name == "version":
                values[name] = record.version
            elif name not in _HIDDEN and hasattr(record, name):
                values[name] = getattr(record, name)
        return values

    def refuse(self, error: RuleError) -> None:
        """Take up what the register did not accept, at the field where it belongs."""
        words = said(error)
        placed = False
        for name, messages in words.fields.items():
            if name in self.fields and name not in _HIDDEN:
                self.add_error(name, [f"{self.fields[name].label}: {each}" for each in messages])
                placed = True
        if not placed:
            self.add_error(None, words.whole)

    def shown(self, name: str, value: Any) -> str:
        """Write a value of a field as a reader sees it."""
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            return str(value) if value else ""
        if isinstance(field, forms.MultipleChoiceField):
            return "\n".join(sorted(shown_choice(field, each) for each in value or ()))
        if isinstance(field, forms.ChoiceField):
            return shown_choice(field, value)
        if isinstance(value, bool):
            return say(None, f"case_list.{'yes' if value else 'no'}")
        return "" if value is None else str(value)


def shown_choice(field: forms.ChoiceField, value: Any) -> str:
    """Give the label of a choice; a value that is not offered stands for itself."""
    offered: Any = field.choices
    labels = {str(code): str(label) for code, label in offered}
    return labels.get(str(value), "" if value is None else str(value))


class ReasonForm(RegisterForm):
    """A form that asks for a reason only."""

    reason = long_text("case_form.reason", 5_000, help_key="case_form.reason_help")


def economy_code(form: RegisterForm, name: str, code: str, before: str = "") -> str:
    """Check the code of an economy or group; one that was there before may stay.

    Raises
    ------
    django.core.exceptions.ValidationError
    """
    from geomonitor.codes import resolve_importer
    from geomonitor.errors import UnknownCodeError

    code = code.strip()
    if not code or code == before:
        return code
    try:
        return resolve_importer(code).code
    except UnknownCodeError as error:
        label = str(form.fields[name].label)
        raise ValidationError(say(None, "case_form.unknown_economy", field=label, code=code)) from error


_MESSAGES = {
    forms.DateField: {"invalid": "not_a_date"},
    forms.IntegerField: {"invalid": "not_a_number"},
    forms.DecimalField: {"invalid": "not_a_number"},
    forms.URLField: {"invalid": "not_a_url"},
}


def _say_what_is_wrong(field: forms.Field) -> None:
    chosen = isinstance(field, forms.ChoiceField)
    keys = {
        "required": "choose_one" if chosen else "required",
        "max_length": "too_long",
        "invalid": "invalid",
        "invalid_choice": "not_offered",
        "invalid_list": "not_offered",
        "min_value": "too_small",
        "max_value": "too_large",
        "max_digits": "not_a_number",
        "max_decimal_places": "not_a_number",
        "max_whole_digits": "not_a_number",
        "null_characters_not_allowed": "null_sign",
    }
    for kind, more in _MESSAGES.items():
        if isinstance(field, kind):
            keys.update(more)
    label = field.label or ""
    field.error_messages.update(
        {code: say_lazy(f"case_form.{key}", field=label) for code, key in keys.items()}
    )
