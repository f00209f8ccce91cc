"""What can be asked of a worker."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

__all__ = ["KINDS", "Progress", "Work", "work_of"]

Progress = Callable[[str, int, int], None]
"""Takes what is done now, the step, and the number of steps."""

Work = Callable[[Mapping[str, Any], Progress, Path], Mapping[str, Any]]
"""Takes the parameters, the progress, and a folder for what it makes; gives the result, plain data.

The folder is kept only when the work succeeds. What the work leaves elsewhere it writes whole or not at
all, as it can be ended at any moment and started again.
"""

KINDS: Mapping[str, str] = {
    "dossier-sync": "geomonitor.web.jobs.dossier_sync_job:run_dossier_sync_job",
    "edition": "geomonitor.web.jobs.edition_job:run_edition_job",
    "scenario": "geomonitor.web.studies.scenario_job:run_scenario_job",
}
"""Where the function of each kind is; imported by the process that does the work only."""


def work_of(kind: str) -> Work:
    """Import the function that does a kind of work.

    Raises
    ------
    KeyError
        If there is no such kind.
    """
    module, _, name = KINDS[kind].partition(":")
    found: Work = getattr(importlib.import_module(module), name)
    return found
