"""The files of a release, whether they lie in a folder or in a zip that may be hostile."""

from __future__ import annotations

import hashlib
import lzma
import os
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar

from geomonitor.errors import DataError

__all__ = ["Member", "list_members", "sha256_of_file"]

LARGEST_MEMBER_BYTES = 32 * 2**30
LARGEST_RATIO = 200
RATIO_APPLIES_FROM_BYTES = 16 * 2**20
LARGEST_MEMBER_COUNT = 10_000
_CHUNK = 4 * 2**20
_SPARE_BYTES = 64 * 2**20

_T = TypeVar("_T")

# What the standard library raises on a damaged, encrypted or exotic archive.
_ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    ValueError,
    OverflowError,
    IndexError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a release.

    Parameters
    ----------
    label : str
        Its name for people: relative to the folder, or inside the zip.
    size_bytes : int
        Its size, uncompressed.
    container : pathlib.Path
        The file itself, or the zip that holds it.
    zipped : bool
        Whether `container` is a zip.
    """

    label: str
    size_bytes: int
    container: Path
    zipped: bool = False

    @property
    def basename(self) -> str:
        """The last part of the label."""
        return PurePosixPath(self.label).name

    def read_bytes(self, limit: int = 64 * 2**20) -> bytes:
        """Read a small file, such as a code table, whole.

        Raises
        ------
        DataError
            If it is larger than `limit` bytes or cannot be read.
        """
        if self.size_bytes > limit:
            raise DataError(
                f"A code table of {self.size_bytes:,} bytes is too large to be one.",
                where=self.label,
                expected=f"at most {limit:,} bytes",
                next_step="Check whether the file is what its name says.",
            )
        if not self.zipped:
            return _from_disk(self.container, self.container.read_bytes)
        with _archive(self.container) as archive, archive.open(self.label) as stream:
            return stream.read(limit + 1)

    def head(self, size_bytes: int = 64 * 2**10) -> bytes:
        """Read the first bytes.

        Raises
        ------
        DataError
            If they cannot be read.
        """

        def first() -> bytes:
            with self.container.open("rb") as stream:
                return stream.read(size_bytes)

        if not self.zipped:
            return _from_disk(self.container, first)
        with _archive(self.container) as archive, archive.open(self.label) as stream:
            return stream.read(size_bytes)

    @contextmanager
    def local(self, folder: Path) -> Iterator[tuple[Path, str | None]]:
        """Give a path at which the file can be read, and its SHA-256 when it was unpacked for that.

        A zipped file is unpacked into `folder` under a name of our own, and removed afterwards.

        Raises
        ------
        DataError
            If the archive is damaged, or the disk has no room.
        """
        if not self.zipped:
            yield self.container, None
            return
        free_bytes = shutil.disk_usage(folder).free
        if self.size_bytes + _SPARE_BYTES > free_bytes:
            raise DataError(
                f"The disk has no room to unpack {self.label}.",
                where=str(folder),
                expected=f"{self.size_bytes + _SPARE_BYTES:,} bytes free; there are {free_bytes:,}",
                next_step="Free some space, or set GEOMONITOR_DATA to a folder on a larger disk.",
            )
        target = folder / f"unpacked-{hashlib.sha256(self.label.encode()).hexdigest()[:16]}"
        try:
            yield target, self._unpack(target)
        finally:
            target.unlink(missing_ok=True)

    def _unpack(self, target: Path) -> str:
        digest = hashlib.sha256()
        written_bytes = 0
        with (
            _archive(self.container) as archive,
            archive.open(self.label) as stream,
            target.open("wb") as out,
        ):
            while chunk := stream.read(_CHUNK):
                written_bytes += len(chunk)
                if written_bytes > self.size_bytes:
                    raise zipfile.BadZipFile("an entry is larger than it declares")
                digest.update(chunk)
                out.write(chunk)
        if written_bytes != self.size_bytes:
            raise DataError(
                f"An entry of the zip ends after {written_bytes:,} of {self.size_bytes:,} bytes.",
                where=f"{self.container}: {self.label}",
                expected="a complete zip",
                next_step="Download the zip again.",
            )
        return digest.hexdigest()


def list_members(path: Path) -> tuple[Member, ...]:
    """List the files of a release: those in a folder, those in a zip, or the one file itself.

    Parameters
    ----------
    path : pathlib.Path
        A folder, a ``.zip``, or a file.

    Returns
    -------
    tuple of Member
        In order of their labels.

    Raises
    ------
    DataError
        If the path does not exist, or the zip is damaged, encrypted, or not safe to unpack.
    """
    if path.is_dir():
        found = [
            Member(file.relative_to(path).as_posix(), file.stat().st_size, file)
            for file in path.rglob("*")
            if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts)
        ]
        return tuple(sorted(found, key=lambda member: member.label))
    if not path.is_file():
        raise DataError(
            "There is no such file or folder.",
            where=str(path),
            expected="the zip, folder or file as published",
            next_step="Check the path.",
        )
    if path.suffix.lower() == ".zip":
        return _list_archive(path)
    return (Member(path.name, path.stat().st_size, path),)


def sha256_of_file(path: Path, advance: Callable[[int], None] | None = None) -> str:
    """Give the SHA-256 of a file; `advance` is told of the bytes read.

    Raises
    ------
    DataError
        If the file cannot be read.
    """

    def digest() -> str:
        found = hashlib.sha256()
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                found.update(chunk)
                if advance is not None:
                    advance(len(chunk))
        return found.hexdigest()

    return _from_disk(path, digest)


def _from_disk(path: Path, action: Callable[[], _T]) -> _T:
    try:
        return action()
    except OSError as error:
        raise DataError(
            f"The file cannot be read: {os.strerror(error.errno or 0)}.",
            where=str(path),
            expected="a readable file",
            next_step="Check that it exists and that you may read it.",
        ) from error


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _ARCHIVE_ERRORS as error:
        raise DataError(
            f"The zip is damaged or cannot be unpacked: {error}.",
            where=str(path),
            expected="a complete zip without a password",
            next_step="Download it again and compare its size and checksum with what the producer states.",
        ) from error


def _list_archive(path: Path) -> tuple[Member, ...]:
    with _archive(path) as archive:
        entries = archive.infolist()
    if len(entries) > LARGEST_MEMBER_COUNT:
        raise _unsafe(path, f"it has {len(entries):,} entries", f"at most {LARGEST_MEMBER_COUNT:,} entries")
    names: set[str] = set()
    found: list[Member] = []
    for entry in entries:
        where = f"{path}: {entry.filename}"
        pure = PurePosixPath(entry.filename)
        if not entry.filename:
            raise _unsafe(where, "an entry has no name", "a name for every entry")
        if pure.is_absolute() or ".." in pure.parts or "\\" in entry.filename or ":" in entry.filename:
            raise _unsafe(
                where, "an entry has a path outside the archive", "relative names below the archive"
            )
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise _unsafe(where, "an entry is a symbolic link", "plain files")
        if entry.is_dir():
            continue
        if entry.filename in names:
            raise _unsafe(where, "two entries have the same name", "each name once")
        names.add(entry.filename)
        if entry.flag_bits & 0x1:
            raise DataError(
                "The zip is encrypted.",
                where=where,
                expected="a zip without a password",
                next_step="Unpack it yourself and add the folder.",
            )
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > LARGEST_MEMBER_BYTES or (
            entry.file_size > RATIO_APPLIES_FROM_BYTES and ratio > LARGEST_RATIO
        ):
            raise _unsafe(
                where,
                f"an entry would unpack to {entry.file_size:,} bytes, {ratio:,.0f} times its compressed size",
                f"at most {LARGEST_MEMBER_BYTES:,} bytes and {LARGEST_RATIO} times",
            )
        found.append(Member(entry.filename, entry.file_size, path, zipped=True))
    return tuple(sorted(found, key=lambda member: member.label))


def _unsafe(where: Path | str, what: str, expected: str) -> DataError:
    return DataError(
        f"The zip is not safe to unpack: {what}.",
        where=str(where),
        expected=expected,
        next_step="Do not trust this file; download the release again from its producer.",
    )
