"""Settings for the tests: SQLite in memory, or the PostgreSQL named by GEOMONITOR_TEST_DATABASE_URL."""

import os
import tempfile

_home = os.environ.setdefault("GEOMONITOR_HOME", tempfile.mkdtemp(prefix="geomonitor-test-home-"))
os.environ.setdefault("GEOMONITOR_SECRET_KEY", "only-for-tests-" * 5)
if os.environ.get("GEOMONITOR_TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["GEOMONITOR_TEST_DATABASE_URL"]
else:
    os.environ["DATABASE_URL"] = "sqlite:///:memory:"

from geomonitor.web.settings import *  # noqa: E402, F403  # after the environment is set

# whitenoise warns where nothing was collected yet
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# quick hashing: tests log in hundreds of times
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
