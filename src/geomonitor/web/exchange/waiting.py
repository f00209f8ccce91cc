"""Uploads that wait between the dry run and the import: each for one session, and for an hour."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from pathlib import Path

from django.conf import settings

__all__ = ["KEPT_SECONDS", "drop", "keep", "kept"]

KEPT_SECONDS = 60 * 60


def keep(session_key: str, content: bytes) -> str:
    """Keep an upload.

    Parameters
    ----------
    session_key : str
        Of the session that sent it; another one does not find it.
    content : bytes

    Returns
    -------
    str
        SHA-256 of the content.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(folder)
    handle, half = tempfile.mkstemp(dir=folder, prefix=".")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(half).replace(_file(session_key, sha256))
    return sha256


def kept(session_key: str, sha256: str) -> bytes | None:
    """Give an upload back; None where it is gone, or is another session's."""
    try:
        content = _file(session_key, sha256).read_bytes()
    except FileNotFoundError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def drop(session_key: str, sha256: str) -> None:
    """Let an upload go."""
    _file(session_key, sha256).unlink(missing_ok=True)


def _folder() -> Path:
    return Path(settings.HOME) / "waiting-imports"


def _file(session_key: str, sha256: str) -> Path:
    # both from outside: only their hash names a file
    return _folder() / hashlib.sha256(f"{session_key}/{sha256}".encode()).hexdigest()


def _sweep(folder: Path) -> None:
    """Remove what nobody came back for."""
    limit = time.time() - KEPT_SECONDS
    for file in folder.iterdir():
        try:
            if file.stat().st_mtime < limit:
                file.unlink()
        except FileNotFoundError:
            # another process was quicker
            continue
