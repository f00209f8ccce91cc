"""Uploads of a bounded size."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

__all__ = ["BoundedUploadHandler"]


class BoundedUploadHandler(FileUploadHandler):
    """Stop an upload at the limit of the settings, before it fills memory or disk.

    The page finds no file then, and `request.upload_too_large` says why.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  # Django passes it by this name
        content_length: Any,
        boundary: Any,
        encoding: Any = None,
    ) -> Any:
        """Note whether the announced size is too large already.

        The upload is stopped at its first chunk: what is raised here is not expected by Django.
        """
        self.received = 0
        announced = int(content_length) if content_length is not None else 0
        self.too_large = announced > settings.UPLOAD_LIMIT_BYTES + 65536
        return None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count what comes in and pass it on."""
        self.received += len(raw_data)
        if self.too_large or self.received > settings.UPLOAD_LIMIT_BYTES:
            self._refuse()
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""

    def _refuse(self) -> None:
        if self.request is not None:
            self.request.upload_too_large = True  # type: ignore[attr-defined]  # read by the page
        raise StopUpload(connection_reset=False)
