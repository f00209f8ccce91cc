"""The form that asks for a new edition."""

from __future__ import annotations

from typing import Any

from django import forms

from geomonitor.errors import GeomonitorError
from geomonitor.monitor import Profile
from geomonitor.web.jobs.edition_job import checked_profile
from geomonitor.web.language import say, say_lazy

__all__ = ["NewEditionForm"]

PROFILE_LIMIT_KB = 200


class NewEditionForm(forms.Form):
    """Choose the shipped profile, or give one.

    Attributes
    ----------
    profile : Profile
        The profile that was given, checked; there after `is_valid`.
    """

    which = forms.ChoiceField(
        label=say_lazy("new_edition.which"),
        choices=[("shipped", say_lazy("new_edition.shipped")), ("own", say_lazy("new_edition.own"))],
        initial="shipped",
        widget=forms.RadioSelect,
    )
    file = forms.FileField(label=say_lazy("new_edition.file"), required=False, allow_empty_file=True)
    text = forms.CharField(
        label=say_lazy("new_edition.text"),
        help_text=say_lazy("new_edition.text_help"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )

    profile: Profile

    def clean(self) -> dict[str, Any]:
        """Take the profile from where it was given, and check it as the work itself would."""
        cleaned = super().clean() or {}
        text = "" if cleaned.get("which") == "shipped" else self._given(cleaned)
        if self.errors:
            return cleaned
        try:
            self.profile = checked_profile(text)
        except GeomonitorError as error:
            raise forms.ValidationError(str(error)) from error
        return {**cleaned, "profile": text}

    def _given(self, cleaned: dict[str, Any]) -> str:
        file, text = cleaned.get("file"), str(cleaned.get("text") or "")
        if file and text.strip():
            raise forms.ValidationError(say(None, "new_edition.both"))
        if file:
            if file.size > PROFILE_LIMIT_KB * 1024:
                raise forms.ValidationError(say(None, "new_edition.too_large", limit=PROFILE_LIMIT_KB))
            try:
                text = file.read().decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise forms.ValidationError(say(None, "new_edition.not_text")) from error
        if len(text) > PROFILE_LIMIT_KB * 1024:
            raise forms.ValidationError(say(None, "new_edition.too_large", limit=PROFILE_LIMIT_KB))
        if not text.strip():
            raise forms.ValidationError(say(None, "new_edition.neither"))
        return text
