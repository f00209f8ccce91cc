"""Send reminders of actions that are due: one mail to each owner. To be run once a day."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import groupby
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format

from geomonitor.register.models import Action, Case, User
from geomonitor.register.reminders import due_actions, mark_reminded
from geomonitor.web.language import say

__all__ = ["Command", "reminder_text"]


class Command(BaseCommand):
    """Remind owners of what is due; on a day on which they were reminded already, nothing is sent."""

    help = "Mail every owner the actions that are due soon or overdue. Run it once a day; twice does no harm."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take another day than today."""
        parser.add_argument(
            "--on",
            type=datetime.date.fromisoformat,
            default=None,
            help="a day, such as 2026-12-31; today by default",
        )

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Send the mails, and say how many."""
        on = options["on"] or timezone.localdate()
        sent, failed = 0, []
        owners = [owner for owner, _ in groupby(due_actions(on), key=lambda each: each.owner)]
        for owner in owners:
            assert owner is not None
            try:
                sent += _remind(owner, on)
            except (SMTPException, OSError) as error:
                failed.append(f"{owner.username}: {error}")
        self.stdout.write(f"{sent} reminders sent.")
        if failed:
            raise CommandError(
                f"{len(failed)} reminders could not be sent; they are tried again next time. "
                + "; ".join(failed)
            )


@transaction.atomic
def _remind(owner: User, on: datetime.date) -> int:
    """Send one mail; whoever runs the command at the same moment waits, and finds nothing left to send."""
    list(Action.objects.select_for_update().filter(owner=owner, state=Action.State.OPEN).values_list("pk"))
    actions = [each for each in due_actions(on) if each.owner_id == owner.pk]
    if not actions:
        return 0
    subject, body = reminder_text(owner, actions, on)
    # marked first: if the mail cannot be sent, the mark is undone with the transaction
    at = timezone.localtime()
    mark_reminded(actions, datetime.datetime.combine(on, at.timetz()))
    send_mail(subject, body, None, [owner.email])
    return 1


def reminder_text(owner: User, actions: Sequence[Action], on: datetime.date) -> tuple[str, str]:
    """Write the subject and the text of a reminder, in the language of the owner.

    Of a restricted case only the reference is named: mail goes over networks that others read.
    """
    language = owner.language or settings.LANGUAGE_CODE
    with translation.override(language):
        count = len(actions)
        subject = say(None, f"case_reminder.subject_{'one' if count == 1 else 'many'}", number=count)
        lines = [say(None, "case_reminder.greeting", name=owner.shown_name), ""]
        lines.append(say(None, "case_reminder.opening"))
        for each in actions:
            restricted = each.case.visibility == Case.Visibility.MEMBERS
            lines.append(
                say(
                    None,
                    f"case_reminder.line{'_restricted' if restricted else ''}",
                    due=date_format(each.due_on, "j F Y"),
                    late=say(None, "case_reminder.late") if each.due_on < on else "",
                    title=each.title,
                    reference=each.case.reference,
                )
            )
        lines += ["", say(None, "case_reminder.closing")]
    return subject, "\n".join(lines) + "\n"
