"""Official publications in files: one, a folder, a zip or a tar archive, as KOOP gives them.

What cannot be read is listed (`Unreadable`) and the rest read on. Archives are read without unpacking them:
a member's name is only ever shown, so that one such as ``../../x`` is harmless; members above the bound of
`safe_xml`, links, encrypted members and archives that grow without measure are refused.
"""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from geomonitor.dossier.records import PaperRecord
from geomonitor.dossier.sources.bounded import MOST_GROWTH, BoundedGzip
from geomonitor.dossier.sources.clean_text import clean_line
from geomonitor.dossier.sources.publication import read_publication, written_date
from geomonitor.dossier.sources.safe_xml import LARGEST_BYTES
from geomonitor.dossier.sources.unreadable import Unreadable
from geomonitor.errors import DataError, GeomonitorError

__all__ = ["Unreadable", "publications_in", "read_publication", "written_date"]

# files that KOOP puts beside a publication, which hold no paper
_BESIDE = frozenset({"metadata.xml", "metadata_owms.xml", "manifest.xml"})
_ZIP_FREE_BYTES = 10_000_000
_TAR_BUFFER = 1 << 20


def publications_in(path: Path) -> Iterator[PaperRecord | Unreadable]:
    """Read every official publication of a file, a folder (with its folders), a zip or a tar archive.

    Parameters
    ----------
    path : Path
        ``.xml``, ``.zip``, ``.tar``, ``.tar.gz``, ``.tgz`` or a folder, in which all ``.xml`` files count.

    Yields
    ------
    PaperRecord or Unreadable
        In the order of the archive; in a folder by name.

    Raises
    ------
    DataError
        If there is nothing at that path, or it is no file of these kinds.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "broken.xml").write_text("<a>")
    ...     [type(each).__name__ for each in publications_in(Path(folder))]
    ['Unreadable']
    """
    name = path.name.lower()
    if path.is_dir():
        return _in_folder(path)
    if not path.is_file():
        raise DataError(
            "There is no such file or folder.", where=str(path), next_step="Check the path for typing errors."
        )
    if name.endswith(".xml"):
        return iter((_in_file(path),))
    if name.endswith(".zip"):
        return _in_zip(path)
    if name.endswith((".tar.gz", ".tgz", ".tar")):
        return _in_tar(path, compressed=not name.endswith(".tar"))
    raise DataError(
        f"Papers are not read from a file with this ending: {clean_line(path.suffix)[:20] or 'none'}.",
        where=str(path),
        expected="an .xml file, a folder, .zip, .tar, .tar.gz or .tgz",
        next_step="Give the XML of the papers; for the text of a letter use `geomonitor dossier read`.",
    )


def _is_paper(name: str) -> bool:
    last = PurePosixPath(name.replace("\\", "/")).name.lower()
    return last.endswith(".xml") and last not in _BESIDE and not last.startswith("._")


def _read(data: bytes, where: str) -> PaperRecord | Unreadable:
    try:
        return read_publication(data, where)
    except GeomonitorError as error:
        return Unreadable.of(error, where)


def _too_large(size: int, where: str) -> Unreadable:
    return Unreadable(where, f"It has {size:,} bytes; a publication is read up to {LARGEST_BYTES:,}.")


def _in_file(path: Path) -> PaperRecord | Unreadable:
    try:
        size = path.stat().st_size
        return _too_large(size, str(path)) if size > LARGEST_BYTES else _read(path.read_bytes(), str(path))
    except OSError as error:
        return Unreadable(str(path), f"The file cannot be read: {error.strerror}.")


def _in_folder(folder: Path) -> Iterator[PaperRecord | Unreadable]:
    for path in sorted(folder.rglob("*")):
        if _is_paper(path.name) and path.is_file():
            yield _in_file(path)


def _in_zip(path: Path) -> Iterator[PaperRecord | Unreadable]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if not member.is_dir() and _is_paper(member.filename):
                    yield _in_member(archive, member, f"{path}: {clean_line(member.filename)[:200]}")
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        yield Unreadable(str(path), f"The zip archive is damaged: {clean_line(str(error))[:200]}.")


def _in_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str) -> PaperRecord | Unreadable:
    if member.flag_bits & 1:
        return Unreadable(where, "The member of the archive is encrypted.")
    if member.file_size > LARGEST_BYTES:
        return _too_large(member.file_size, where)
    if member.file_size > max(_ZIP_FREE_BYTES, MOST_GROWTH * member.compress_size):
        return Unreadable(where, f"The member of the archive grows more than {MOST_GROWTH} times.")
    try:
        with archive.open(member) as opened:
            # what a member claims as its size need not be true
            return _bounded(opened, where)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        return Unreadable(where, f"The member of the archive is damaged: {clean_line(str(error))[:200]}.")


def _bounded(opened: IO[bytes], where: str) -> PaperRecord | Unreadable:
    data = opened.read(LARGEST_BYTES + 1)
    return _too_large(len(data), where) if len(data) > LARGEST_BYTES else _read(data, where)


def _in_tar(path: Path, *, compressed: bool) -> Iterator[PaperRecord | Unreadable]:
    last = "its first member"
    try:
        # read as a stream, so that each byte is unpacked once and counted
        with (
            BoundedGzip(path) if compressed else path.open("rb") as opened,
            tarfile.open(fileobj=opened, mode="r|", bufsize=_TAR_BUFFER) as archive,
        ):
            while (member := archive.next()) is not None:
                # it would keep the head of each member otherwise
                archive.members.clear()  # type: ignore[attr-defined]
                where = f"{path}: {clean_line(member.name)[:200]}"
                last = clean_line(member.name)[:200]
                if member.isdir() or not _is_paper(member.name):
                    continue
                if not member.isfile():
                    yield Unreadable(where, "The member of the archive is a link or a device, not a file.")
                elif member.size > LARGEST_BYTES:
                    yield _too_large(member.size, where)
                else:
                    content = archive.extractfile(member)
                    if content is not None:
                        yield _bounded(content, where)
    except DataError as error:
        yield Unreadable.of(error, str(path))
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        yield Unreadable(
            str(path), f"The tar archive is damaged or cut off after {last}: {clean_line(str(error))[:200]}."
        )
