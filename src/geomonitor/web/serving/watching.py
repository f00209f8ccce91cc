"""Processes that end together: what a killed parent started does not live on."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable

__all__ = ["end_group", "end_with_parent"]


def end_with_parent(end: Callable[[], None]) -> None:
    """Call something when the process that started this one is gone, however it went.

    The parent holds the other side of standard input; the operating system closes it, even when
    the parent was killed.

    Parameters
    ----------
    end : callable
    """
    handle = sys.stdin.fileno()

    def watch() -> None:
        while os.read(handle, 4096):
            pass
        end()

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def end_group() -> None:
    """End this process and all that it started, at once."""
    os.killpg(os.getpgrp(), signal.SIGKILL)
