"""The process that does one job: ``python -m geomonitor.web.jobs.child KIND FOLDER``.

It reads the parameters from the first line of standard input and writes lines of JSON: progress, then
a result or an error. It has no database: its worker has. When its worker is gone, it ends, with all
that it started.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from geomonitor.errors import GeomonitorError
from geomonitor.web.serving.watching import end_group, end_with_parent

__all__ = ["main"]


def main() -> None:
    """Do the work and say how it went."""
    kind, folder = sys.argv[1], Path(sys.argv[2])
    line = bytearray()
    # read by the byte: what comes after the line, the end of the file, is watched for
    while not line.endswith(b"\n"):
        found = os.read(0, 1)
        if not found:
            return
        line += found
    end_with_parent(end_group)
    # what the work prints goes to the log, never between our lines
    told = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)

    def tell(**content: Any) -> None:
        told.write(json.dumps(content, default=str) + "\n")

    try:
        import django

        django.setup()
        from geomonitor.web.jobs.kinds import work_of

        result = work_of(kind)(
            json.loads(line), lambda text, step, steps: tell(progress=[text, step, steps]), folder
        )
    except GeomonitorError as error:
        tell(error=str(error))
    else:
        tell(result=dict(result))


if __name__ == "__main__":
    main()
