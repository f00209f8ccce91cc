"""Compressed files, read within bounds: what grows without measure is a bomb, not a file of papers."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import BinaryIO

from geomonitor.errors import DataError

__all__ = ["MOST_GROWTH", "BoundedGzip"]

# Papers and rows of parliament grow six to fifteen times; gzip can a thousand.
MOST_GROWTH = 200
_FREE_BYTES = 50_000_000


class BoundedGzip(io.RawIOBase):
    """A gzip file that refuses to grow more than 200 times (beyond its first 50 million bytes).

    Parameters
    ----------
    path : Path
        The compressed file.

    Raises
    ------
    DataError
        While reading: if it is not a whole gzip file, or grows beyond the bound.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "row.gz"
    ...     _ = file.write_bytes(gzip.compress(b"one row"))
    ...     with BoundedGzip(file) as opened:
    ...         opened.read()
    b'one row'
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._compressed: BinaryIO = path.open("rb")
        self._grown = gzip.GzipFile(fileobj=self._compressed)
        self._given = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read into a buffer, as the layers above ask."""
        try:
            got = self._grown.read1(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(
                "The compressed file is damaged or was cut off.",
                where=f"{self._path}, about byte {self._compressed.tell():,}",
                expected="a whole gzip file",
                next_step="Fetch it again; what stands before that place has been read.",
            ) from error
        self._given += len(got)
        if self._given > max(_FREE_BYTES, MOST_GROWTH * self._compressed.tell()):
            raise DataError(
                f"The compressed file grows more than {MOST_GROWTH} times.",
                where=str(self._path),
                expected="papers or rows, which grow six to fifteen times",
                next_step="Do not trust this file; fetch it from its source.",
            )
        buffer[: len(got)] = got
        return len(got)

    def close(self) -> None:
        """Close both files."""
        if not self.closed:
            self._grown.close()
            self._compressed.close()
        super().close()
