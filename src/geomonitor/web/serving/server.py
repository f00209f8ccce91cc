"""The web server, as a process of its own: ``python -m geomonitor.web.serving.server HANDLE WORKERS``."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from geomonitor.web.environment import whole_number
from geomonitor.web.serving.watching import end_with_parent

__all__ = ["Server", "main"]


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn with the settings of Geomonitor.

    Parameters
    ----------
    listening : int
        Handle of the socket that listens already.
    workers : int
    """

    def __init__(self, listening: int, workers: int) -> None:
        self.listening = listening
        self.workers = workers
        super().__init__(prog="geomonitor")

    def load_config(self) -> None:
        """Choose the settings."""
        chosen: dict[str, Any] = {
            "bind": f"fd://{self.listening}",
            "workers": self.workers,
            "worker_class": "gthread",
            "threads": whole_number("GEOMONITOR_THREADS", 4),
            # each worker loads the application after the fork: the threads of Polars survive none
            "preload_app": False,
            "timeout": 120,
            "graceful_timeout": 10,
            "keepalive": 5,
            "loglevel": "warning",
            "accesslog": "-" if whole_number("GEOMONITOR_ACCESS_LOG", 0) else None,
            "proc_name": "geomonitor",
            "default_proc_name": "geomonitor",
            "control_socket_disable": True,
        }
        memory = Path("/dev/shm")  # a file that says "alive" each second belongs in memory
        if os.access(memory, os.W_OK | os.X_OK):
            chosen["worker_tmp_dir"] = str(memory)
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Load the application, in a worker."""
        from geomonitor.web.wsgi import application

        return application


def main() -> None:
    """Serve until told to stop, or until the process that started this one is gone."""
    listening, workers = (int(each) for each in sys.argv[1:3])
    arbiter = os.getpid()
    end_with_parent(lambda: os.kill(arbiter, signal.SIGQUIT))
    Server(listening, workers).run()


if __name__ == "__main__":
    main()
