"""Scripts, styles and pictures, collected where the web server sends them from."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from geomonitor._version import __version__
from geomonitor.data.staging import swap_in

__all__ = ["collect_static_files"]

_STAMP = "collected-from.sha256"


def collect_static_files() -> bool:
    """Collect what is sent as it is, whole, when any of it changed.

    Returns
    -------
    bool
        Whether there was something to do.
    """
    target = Path(settings.STATIC_ROOT)
    for left in target.parent.glob(".static-incoming-*"):
        shutil.rmtree(left)
    wanted = _fingerprint()
    stamp = target / _STAMP
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    incoming = target.with_name(f".static-incoming-{os.getpid()}")
    incoming.mkdir(parents=True)
    # this process only collects: the web server reads the setting itself
    settings.STATIC_ROOT = incoming
    try:
        call_command("collectstatic", interactive=False, verbosity=0)
    finally:
        settings.STATIC_ROOT = target
    (incoming / _STAMP).write_text(wanted)
    swap_in(incoming, target)
    return True


def _fingerprint() -> str:
    digest = hashlib.sha256(__version__.encode())
    for finder in get_finders():
        for name, storage in finder.list(None):
            about = Path(storage.path(name)).stat()
            digest.update(f"{name} {about.st_size} {about.st_mtime_ns}\n".encode())
    return digest.hexdigest()
