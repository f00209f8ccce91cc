"""Send the digest by mail to those who asked for it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone, translation

from geomonitor.archive.models import Visit
from geomonitor.register.access import may
from geomonitor.register.models import User
from geomonitor.web.following import digest
from geomonitor.web.language import say

__all__ = ["SentDigests", "send_digests"]

# somebody who has just asked for it gets what is new of the last day
_FIRST_TIME = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SentDigests:
    """How many mails were sent, and which failed: the user's name and the words of the mail server."""

    sent: int
    failed: tuple[str, ...]


def send_digests() -> SentDigests:
    """Mail every user who asked for it what is new since the last digest; nothing new, no mail.

    To be run once a day or more often. A mail that cannot be sent is tried again the next time.
    """
    sent, failed = 0, []
    wanted = Visit.objects.filter(digest_by_mail=True, user__is_active=True).exclude(user__email="")
    for pk in list(wanted.order_by("pk").values_list("pk", flat=True)):
        try:
            sent += _send(pk)
        except (SMTPException, OSError) as error:
            failed.append(f"{User.objects.get(pk=pk).username}: {error}")
    return SentDigests(sent, tuple(failed))


@transaction.atomic
def _send(pk: int) -> int:
    """Send one; whoever runs this at the same moment waits, and finds nothing left to send."""
    visit = Visit.objects.select_for_update().select_related("user").get(pk=pk)
    user = visit.user
    assert isinstance(user, User)
    if not may(user, "read_evidence"):
        return 0
    since = visit.digest_sent_at or timezone.now() - _FIRST_TIME
    made = digest.digest_for(user, user.language or settings.LANGUAGE_CODE, since)
    if not made.groups:
        return 0
    # marked first: if the mail cannot be sent, the mark is undone with the transaction
    visit.digest_sent_at = made.until
    visit.save(update_fields=["digest_sent_at"])
    with translation.override(made.language):
        subject = say(None, "following.digest_subject", number=made.news)
    address = settings.PUBLIC_ADDRESS
    mail = EmailMultiAlternatives(subject, digest.text(made, address, mailed=True), None, [user.email])
    mail.attach_alternative(digest.html(made, address, mailed=True), "text/html")
    mail.send()
    return 1
