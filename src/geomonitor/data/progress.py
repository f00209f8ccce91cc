"""A progress bar on standard error: bytes done, rows so far, the file at hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

__all__ = ["ShownProgress", "shown_progress"]


class ShownProgress:
    """Progress that people see.

    Parameters
    ----------
    bar : rich.progress.Progress
        The bar to draw on.
    """

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task: TaskID | None = None

    def begin(self, step: str, total_bytes: int) -> None:
        """Start a step over so many bytes."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(step, total=total_bytes, detail="")

    def advance(self, done_bytes: int) -> None:
        """So many more bytes are done."""
        if self._task is not None:
            self._bar.advance(self._task, done_bytes)

    def rows(self, rows: int, label: str) -> None:
        """So many rows are done in all, and this file is next."""
        if self._task is not None:
            self._bar.update(self._task, detail=f"{rows:,} rows, {label}")


@contextmanager
def shown_progress() -> Iterator[ShownProgress]:
    """Show a progress bar while the block runs."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[detail]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield ShownProgress(bar)
