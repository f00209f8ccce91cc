"""An import that is killed leaves nothing half: a process of its own, on a database of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

PREPARE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from geomonitor.register.models import Role, User
from geomonitor.register.services import cases
from geomonitor.register.exchange.export import collect
from geomonitor.register.exchange.files import export_file
import json, pathlib, sys, uuid
user = User.objects.create_user("analyst", role=Role.ANALYST)
cases.open_case(user, title="One", subject_kind="other", subject_name="x")
document = json.loads(export_file(user, "json"))
first = document["tables"]["cases"][0]
document["tables"]["cases"] += [
    {**first, "uid": str(uuid.uuid4()), "reference": f"2030-{number:03d}"} for number in range(1, 6)
]
first["title"] = "Changed"
pathlib.Path(sys.argv[1]).write_text(json.dumps(document))
"""

IMPORT = """
import django
django.setup()
import os, pathlib, signal, sys
from geomonitor.register.exchange import importing, merging
from geomonitor.register.exchange.files import read_file
from geomonitor.register.models import Case, User

def killed(self):
    # everything is written, and not committed
    assert Case.objects.count() == 6 and Case.objects.filter(title="Changed").count() == 1
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[2] == "kill":
    merging.Merge._check_restored_cases = killed
user = User.objects.get()
document = read_file(pathlib.Path(sys.argv[1]).read_bytes())
importing.apply_import(user, document, sha256="ab")
"""

COUNT = """
import django
django.setup()
from auditlog.models import LogEntry
from geomonitor.register.models import Case
changed = Case.objects.filter(title="Changed").count()
noted = LogEntry.objects.filter(additional_data__event="import").count()
made = LogEntry.objects.filter(content_type__model="case").count()
print(Case.objects.count(), changed, noted, made)
"""


def test_a_killed_import_leaves_nothing_half(tmp_path: Path) -> None:
    file = tmp_path / "register.json"
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "DJANGO_SETTINGS_MODULE": "geomonitor.web.settings",
        "GEOMONITOR_HOME": str(tmp_path),
        "GEOMONITOR_SECRET_KEY": "only-for-tests-" * 5,
    }

    def run(code: str, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code, str(file), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        return done.returncode, done.stdout.strip()

    run(PREPARE)
    assert run(COUNT) == (0, "1 0 0 1")
    assert run(IMPORT, "kill")[0] == -signal.SIGKILL
    assert run(COUNT) == (0, "1 0 0 1")
    assert run(IMPORT, "whole")[0] == 0
    assert run(COUNT) == (0, "6 1 1 7")
