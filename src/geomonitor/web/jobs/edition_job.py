"""Making an edition, as a job: the profile that ships with Geomonitor, or one that a user gives."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from geomonitor.errors import ProfileError
from geomonitor.findings import Edition, write_edition
from geomonitor.monitor import Profile, load_profile, make_edition, planned_edition_id
from geomonitor.report import write_brief, write_workbook
from geomonitor.web.jobs.kinds import Progress

__all__ = ["checked_profile", "make_and_write", "run_edition_job"]


def checked_profile(text: str) -> Profile:
    """Read a profile that a user gives, and refuse one that names files.

    Files of the server are not the user's to read; a profile with files of its own is run with
    `geomonitor run`.

    Parameters
    ----------
    text : str
        TOML; empty for the profile that ships with Geomonitor.

    Raises
    ------
    ProfileError
        If it is not a valid profile, or names a file.

    Examples
    --------
    >>> checked_profile("").name
    'raw-materials'
    >>> checked_profile('interests = "/etc/passwd"')
    Traceback (most recent call last):
    geomonitor.errors.ProfileError: The profile names a file of its own: '/etc/passwd'.
      where: the profile, key interests
      expected: a profile without files of its own
      next: Run it on the command line: geomonitor run --profile FILE --out EDITIONS
    """
    if not text.strip():
        return load_profile()
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(
            f"The profile is not valid TOML: {error}.",
            where="the profile",
            expected="TOML, as `geomonitor profile` prints it",
        ) from error
    for key, value in _files(raw):
        raise ProfileError(
            f"The profile names a file of its own: {value!r}.",
            where=f"the profile, key {key}",
            expected="a profile without files of its own",
            next_step="Run it on the command line: geomonitor run --profile FILE --out EDITIONS",
        )
    with tempfile.TemporaryDirectory(prefix="geomonitor-profile-") as folder:
        file = Path(folder, "profile.toml")
        file.write_text(text, encoding="utf-8")
        try:
            return load_profile(file)
        except ProfileError as error:
            raise ProfileError(
                error.what,
                where=(error.where or "").replace(str(file), "the profile"),
                expected=error.expected,
                next_step=error.next_step,
            ) from error


def _files(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """List what a profile takes from files, by key."""
    for key in ("interests", "judgements"):
        if key in raw:
            yield key, str(raw[key])
    yield from _pathlike("", {key: raw[key] for key in ("methods", "dataset", "table") if key in raw})
    for part in ("materials", "shocks"):
        found = raw.get(part)
        if isinstance(found, Mapping):
            for each in found.get("inputs", ()):
                yield f"{part}.inputs", str(each)
            yield from _pathlike(f"{part}.", found)
            if ":" in str(found.get("calibration", "")):
                yield f"{part}.calibration", str(found["calibration"])


def _pathlike(above: str, found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """List the texts that are a path: no code has a slash, a backslash or an ending."""
    for key, value in found.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and (
                any(sign in each for sign in "/\\") or Path(each).suffix in {".toml", ".yaml", ".yml", ".csv"}
            ):
                yield f"{above}{key}", each


def make_and_write(profile: Profile, editions: Path, progress: Progress) -> Edition:
    """Make the edition of a profile with briefs and workbooks, and put it with the others, whole.

    Parameters
    ----------
    profile : Profile
    editions : pathlib.Path
        Folder of editions.
    progress : callable

    Returns
    -------
    Edition
        The one that is there, where the same profile, data and program made it before.
    """
    planned = editions / planned_edition_id(profile)
    if planned.is_dir():
        return Edition.open(planned)
    extra = 2 * len(profile.languages)
    counted = 0

    def tell(text: str, step: int, steps: int) -> None:
        nonlocal counted
        counted = steps
        progress(text, step, steps + extra)

    made = make_edition(profile, progress=tell)

    def report(edition: Edition, folder: Path) -> None:
        for number, each in enumerate(profile.languages):
            progress("Writing the brief", counted + 2 * number + 1, counted + extra)
            write_brief(edition, folder / f"brief.{each}.html", language=each)
            progress("Writing the workbook", counted + 2 * number + 2, counted + extra)
            write_workbook(edition, folder / f"workbook.{each}.xlsx", language=each)

    return write_edition(made, editions, finish=report)


def run_edition_job(parameters: Mapping[str, Any], progress: Progress, folder: Path) -> Mapping[str, Any]:
    """Do the work of the kind "edition".

    Parameters
    ----------
    parameters : mapping
        `profile`: TOML text, empty for the profile that ships with Geomonitor.
    progress : callable
    folder : pathlib.Path
        Nothing is left here: an edition goes to the editions.

    Returns
    -------
    mapping
        `edition`: its id.
    """
    from django.conf import settings

    made = make_and_write(checked_profile(str(parameters["profile"])), settings.EDITIONS, progress)
    return {"edition": made.id}
