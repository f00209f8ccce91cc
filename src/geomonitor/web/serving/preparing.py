"""What is done before the application is served: ``python -m geomonitor.web.serving.preparing``.

In a process of its own, so that the one that keeps the application running stays small, and so that
no thread of Polars meets a fork.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from datetime import timedelta

from geomonitor.errors import DataError, GeomonitorError
from geomonitor.web.serving.watching import end_group, end_with_parent

__all__ = ["clear_what_is_over", "main", "prepare_all", "started_administrator"]

Tell = Callable[[str], None]

# nobody sends a form again after that
_FORMS_KEPT = timedelta(days=7)


def prepare_all(tell: Tell) -> None:
    """Bring the home folder to where the application can be served; what is there stays.

    Parameters
    ----------
    tell : callable
        Takes lines for the terminal.

    Raises
    ------
    GeomonitorError
        If the database cannot be used, or the embedded edition cannot be made.
    """
    from django.conf import settings

    from geomonitor.web.serving.database import bring_up_to_date
    from geomonitor.web.serving.restoring import finish_restore
    from geomonitor.web.serving.static_files import collect_static_files

    if finish_restore(settings.HOME):
        tell("A restore that was interrupted is finished now.")
    bring_up_to_date(tell)
    password = started_administrator()
    if password is not None:
        tell("The first administrator was made. This password is shown once; it is changed at first log-in.")
        tell("  user:     admin")
        tell(f"  password: {password}")
    if collect_static_files():
        tell("Scripts and styles are in place.")
    clear_what_is_over()
    _make_first_edition(tell)
    _load_catalogues(tell)
    _load_example(tell)
    _load_example_dossier(tell)


def started_administrator() -> str | None:
    """Make the user "admin" where there is no user yet.

    Returns
    -------
    str or None
        The password; None where nobody was made.
    """
    from django.db import transaction

    from geomonitor.register.models import Role, User

    with transaction.atomic():
        if User.objects.exists():
            return None
        password = secrets.token_urlsafe(15)
        User.objects.create_user(
            "admin", password=password, role=Role.ADMINISTRATOR, must_change_password=True
        )
    return password


def clear_what_is_over() -> None:
    """Forget sessions that have ended, and forms that were sent more than a week ago."""
    from importlib import import_module

    from django.conf import settings
    from django.utils import timezone

    from geomonitor.web.models import SubmittedForm

    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    SubmittedForm.objects.filter(at__lt=timezone.now() - _FORMS_KEPT).delete()


def _make_first_edition(tell: Tell) -> None:
    """Make the edition of the embedded sample where there is none."""
    from django.conf import settings

    settings.EDITIONS.mkdir(parents=True, exist_ok=True)
    if any(settings.EDITIONS.glob("*/edition.json")):
        return
    from geomonitor.monitor import load_profile
    from geomonitor.web.jobs.edition_job import make_and_write

    tell("Making the edition of the sample that ships with Geomonitor (once; about a minute).")
    made = make_and_write(load_profile(), settings.EDITIONS, lambda text, step, steps: tell(f"  {text}"))
    tell(f"Edition {made.id} is there.")


def _load_catalogues(tell: Tell) -> None:
    from geomonitor.register.services.catalogues import load_catalogues

    loaded = load_catalogues()
    if loaded.added or loaded.updated:
        tell(
            f"Instruments and cases of coercion: {loaded.added} added, {loaded.updated} updated; "
            f"{loaded.kept} that people changed are kept."
        )


def _load_example(tell: Tell) -> None:
    """Make the worked example case, once: where it was withdrawn it stays away."""
    from django.conf import settings

    from geomonitor.register.example import load_example_case
    from geomonitor.register.models import Case, Role, User
    from geomonitor.web.evidence.shelf import LATEST, Shelf

    user = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).order_by("pk").first()
    if user is None or Case.objects.filter(example=True).exists():
        return
    try:
        load_example_case(Shelf(settings.EDITIONS).open(LATEST), user, settings.LANGUAGE_CODE)
    except DataError as error:
        tell(f"There is no example case, as the newest edition does not bear it out. {error.what}")
    else:
        tell("The example case is there.")


def _load_example_dossier(tell: Tell) -> None:
    """Bring the example dossier in, once: where it was withdrawn it stays away."""
    from geomonitor.archive.example import load_example_dossier

    added = load_example_dossier()
    if added:
        tell(f"The example dossier of parliament is there: {added} papers.")


def main() -> None:
    """Prepare, and say in words what stands in the way."""
    end_with_parent(end_group)
    status = 0
    try:
        from geomonitor.web.serving.database import set_up_django, setting_errors

        with setting_errors():
            set_up_django()
            prepare_all(lambda text: print(text, flush=True))
    except GeomonitorError as error:
        print(f"Error: {error}", file=sys.stderr)
        status = error.exit_status
    sys.exit(status)


if __name__ == "__main__":
    main()
