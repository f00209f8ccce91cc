"""Rules for passwords that Django lacks, or lacks the words for."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator

from geomonitor.web.language import say

__all__ = ["LengthValidator"]


class LengthValidator(MinimumLengthValidator):
    """Ask for a smallest length; Django says so in English only."""

    def get_error_message(self) -> str:
        """Say it in the language of the reader."""
        return say(None, "accounts.password_too_short", length=self.min_length)
