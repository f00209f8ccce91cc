"""People who work with the register, and what their role lets them do."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

__all__ = ["Role", "User"]


class Role(models.TextChoices):
    """What a user may do; see `geomonitor.register.access`."""

    READER = "reader"
    ANALYST = "analyst"
    DECISION_MAKER = "decision_maker"
    ADMINISTRATOR = "administrator"


class User(AbstractUser):
    """A user with one role.

    Attributes
    ----------
    role : Role
    language : str
        'en', 'nl', or empty for that of the browser.
    must_change_password : bool
        Somebody else knows it: it was given out.
    tour_seen_at : datetime or None
    """

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.READER)
    language = models.CharField(max_length=2, blank=True, choices=[("en", "English"), ("nl", "Nederlands")])
    must_change_password = models.BooleanField(default=False)
    tour_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_known"),
        ]

    @property
    def shown_name(self) -> str:
        """The name that others see."""
        return self.get_full_name() or self.username
