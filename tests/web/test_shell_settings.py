"""The settings of a ministry: HTTPS, a name of its own, and nothing that Django warns of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from geomonitor.web.environment import debug_wanted, whole_number

_ASK = """
import json, sys
import django
from django.core.management import call_command
from django.test import Client, override_settings

django.setup()
call_command("check", deploy=True, fail_level="WARNING", stdout=sys.stderr)
plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
with override_settings(STORAGES=plain):
    client = Client(headers={"host": "geomonitor.example.org"})
    page = client.get("/log-in/", secure=True)
    forwarded = client.get("/log-in/", headers={"x-forwarded-proto": "https"})
    bare = client.get("/log-in/")
    other = Client(headers={"host": "localhost"}).get("/log-in/", secure=True)
    language = client.post("/language/", {"language": "nl"}, secure=True)
    theme = client.post("/theme/", {"theme": "dark"}, secure=True)
from django.conf import settings
print(json.dumps({
    "status": page.status_code,
    "forwarded": forwarded.status_code,
    "headers": dict(page.headers),
    "bare": [bare.status_code, bare.headers.get("Location")],
    "other": other.status_code,
    "secure": {
        name: bool(answer.cookies[name]["secure"])
        for answer, name in [
            (page, "csrftoken"), (language, "geomonitor_language"), (theme, "geomonitor_theme")
        ]
    },
    "session": settings.SESSION_COOKIE_SECURE and settings.SESSION_COOKIE_HTTPONLY,
    "debug": settings.DEBUG,
}))
"""


def asked(tmp_path: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GEOMONITOR_")}
    environment = {
        **kept,
        "DJANGO_SETTINGS_MODULE": "geomonitor.web.settings",
        "DATABASE_URL": "sqlite:///:memory:",
        "GEOMONITOR_HOME": str(tmp_path),
        "GEOMONITOR_HTTPS": "1",
        "GEOMONITOR_ALLOWED_HOSTS": "geomonitor.example.org",
        "GEOMONITOR_SECRET_KEY": "Vq3rX8mZ0pLw7TjKd5YbHs2NcGf9RaUe4WiMoQx6CvBzDnEtFyJkPuSgAhL1",
        **changes,
    }
    command = [sys.executable, "-c", _ASK]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_settings_of_a_ministry_are_safe(tmp_path: Path) -> None:
    done = asked(tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["status"], found["forwarded"], found["debug"]) == (200, 200, False)
    headers = found["headers"]
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert found["bare"] == [301, "https://geomonitor.example.org/log-in/"]
    assert found["other"] == 400, "only the names that were set are answered"
    assert found["secure"] == {"csrftoken": True, "geomonitor_language": True, "geomonitor_theme": True}
    assert found["session"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"GEOMONITOR_HTTPS": "perhaps"}, "GEOMONITOR_HTTPS is 'perhaps'; expected 1 or 0."),
        ({"GEOMONITOR_DEBUG": "1"}, "GEOMONITOR_DEBUG and GEOMONITOR_HTTPS exclude each other."),
    ],
)
def test_settings_that_cannot_be_are_refused(
    changes: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"GEOMONITOR_HTTPS": "1", **changes}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GEOMONITOR_DEBUG", "1")
    with pytest.raises(ImproperlyConfigured) as refused:
        debug_wanted()
    assert str(refused.value) == message


def test_a_number_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOMONITOR_PROXIES", "two")
    with pytest.raises(ImproperlyConfigured, match="GEOMONITOR_PROXIES is 'two'; expected a whole number"):
        whole_number("GEOMONITOR_PROXIES", 0)
