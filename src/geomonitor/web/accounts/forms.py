"""Forms on accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import get_default_password_validators
from django.core.exceptions import ImproperlyConfigured

from geomonitor.register.models import Role, User
from geomonitor.register.services import people
from geomonitor.web.accounts.passwords import LengthValidator
from geomonitor.web.language import say_lazy

__all__ = ["ChangeOwnPasswordForm", "LanguageForm", "LogInForm", "UserForm", "role_choices"]


def role_choices() -> list[tuple[str, Any]]:
    """Give the roles with their names, in the language of the page."""
    return [(role.value, say_lazy(f"role.{role.value}")) for role in Role]


def _language_choices() -> list[tuple[str, Any]]:
    return [("", say_lazy("accounts.language_browser")), *settings.LANGUAGES]


def _smallest_length() -> int:
    for validator in get_default_password_validators():
        if isinstance(validator, LengthValidator):
            return validator.min_length
    raise ImproperlyConfigured(
        "AUTH_PASSWORD_VALIDATORS lacks geomonitor.web.accounts.passwords.LengthValidator."
    )


class LogInForm(AuthenticationForm):
    """Username and password; what is wrong is not said of which of the two."""

    error_messages = {
        "invalid_login": say_lazy("accounts.log_in_failed"),
        "inactive": say_lazy("accounts.log_in_failed"),
    }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.label_suffix = ""
        self.fields["username"].label = say_lazy("accounts.username")
        self.fields["password"].label = say_lazy("accounts.password")


class ChangeOwnPasswordForm(PasswordChangeForm):
    """The old password, and the new one twice."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.label_suffix = ""
        self.fields["old_password"].label = say_lazy("accounts.old_password")
        self.fields["new_password1"].label = say_lazy("accounts.new_password")
        self.fields["new_password1"].help_text = say_lazy(
            "accounts.password_rules", length=_smallest_length()
        )
        self.fields["new_password2"].label = say_lazy("accounts.new_password_again")

    def save(self, commit: bool = True) -> User:
        """Set the password through the service, so that it stands in the trail."""
        return people.set_own_password(self.user, self.cleaned_data["new_password1"])


class LanguageForm(forms.Form):
    """The language of the pages, kept with the user."""

    language = forms.ChoiceField(
        label=say_lazy("accounts.language"), choices=_language_choices, required=False
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"label_suffix": "", **options})


class UserForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A user, as an administrator sees him."""

    role = forms.ChoiceField(label=say_lazy("accounts.role"), choices=role_choices)
    language = forms.ChoiceField(
        label=say_lazy("accounts.language"), choices=_language_choices, required=False
    )

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "role", "language")
        labels = {
            "username": say_lazy("accounts.username"),
            "first_name": say_lazy("accounts.first_name"),
            "last_name": say_lazy("accounts.last_name"),
            "email": say_lazy("accounts.email"),
        }
        help_texts = {"username": say_lazy("accounts.username_help")}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"label_suffix": "", **options})
