"""Settings of the web application, from environment variables and a home folder.

Nothing has to be set on a laptop: `geomonitor serve` makes the home folder with a secret key and an
SQLite database. A ministry sets `DATABASE_URL`, `GEOMONITOR_ALLOWED_HOSTS` and `GEOMONITOR_HTTPS=1`;
docs/administration.md lists every variable.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dj_database_url
import plotly
from csp.constants import NONE, SELF

from geomonitor.web.environment import (
    application_home,
    debug_wanted,
    hosts,
    https_wanted,
    oidc_settings,
    secret_key,
    whole_number,
)

HOME = application_home()
EDITIONS = Path(os.environ.get("GEOMONITOR_EDITIONS", HOME / "editions"))
SECRET_KEY = secret_key(HOME)
DEBUG = debug_wanted()
HTTPS = https_wanted()
# how many proxies of our own stand before the application and add to X-Forwarded-For
PROXIES = whole_number("GEOMONITOR_PROXIES", 0)
ALLOWED_HOSTS = hosts()
CSRF_TRUSTED_ORIGINS = [f"https://{each}" for each in ALLOWED_HOSTS if each != "*"] if HTTPS else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "auditlog",
    "axes",
    "csp",
    "geomonitor.register",
    "geomonitor.archive",
    "geomonitor.web",
]

MIDDLEWARE = [
    "geomonitor.web.middleware.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "geomonitor.web.middleware.PrivatePagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "geomonitor.web.middleware.UserLanguageMiddleware",
    "geomonitor.web.middleware.LogInAgainMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "geomonitor.web.middleware.PasswordChangeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "geomonitor.web.middleware.MessagesForPeopleMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "geomonitor.web.urls"
WSGI_APPLICATION = "geomonitor.web.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "geomonitor.web.context.application",
            ],
        },
    }
]

# --- database ---------------------------------------------------------------------------------------
DATABASES: dict[str, Any] = {
    "default": dj_database_url.config(
        default=f"sqlite:///{HOME / 'geomonitor.sqlite3'}",
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # a writer waits its turn from the start, so that two never read the same version
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people -----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "register.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "geomonitor.web.accounts.passwords.LengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "log-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "log-in"
SESSION_COOKIE_AGE = 60 * 60 * whole_number("GEOMONITOR_SESSION_HOURS", 10)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = False
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "geomonitor.web.failures.csrf_failed"

# lock-out: by account and address, so that one person cannot lock out another from elsewhere
AXES_FAILURE_LIMIT = whole_number("GEOMONITOR_LOGIN_ATTEMPTS", 5)
AXES_COOLOFF_TIME = whole_number("GEOMONITOR_LOCK_OUT_MINUTES", 15) / 60
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "geomonitor.web.failures.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True

# --- language and time ------------------------------------------------------------------------------
LANGUAGE_CODE = os.environ.get("GEOMONITOR_LANGUAGE", "en")
LANGUAGES = [("en", "English"), ("nl", "Nederlands")]
LANGUAGE_COOKIE_NAME = "geomonitor_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("TZ", "Europe/Amsterdam").lstrip(":") or "UTC"
FORMAT_MODULE_PATH = ["geomonitor.web.formats"]

# --- files that are sent ----------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
# Plotly's script comes with its Python package
STATICFILES_DIRS = [("plotly", Path(plotly.__file__).parent / "package_data")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- limits -----------------------------------------------------------------------------------------
UPLOAD_LIMIT_BYTES = whole_number("GEOMONITOR_UPLOAD_LIMIT_MB", 10) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_LIMIT_BYTES
FILE_UPLOAD_HANDLERS = [
    "geomonitor.web.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- trust ------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src-elem": [SELF],
        # Plotly writes style attributes on the parts of a figure
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

AUDITLOG_INCLUDE_ALL_MODELS = False
AUDITLOG_DISABLE_REMOTE_ADDR = False
AUDITLOG_STORE_JSON_CHANGES = False

# --- mail, for reminders and digests ----------------------------------------------------------------
EMAIL_BACKEND = os.environ.get("GEOMONITOR_MAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = os.environ.get("GEOMONITOR_MAIL_HOST", "localhost")
EMAIL_PORT = whole_number("GEOMONITOR_MAIL_PORT", 25)
DEFAULT_FROM_EMAIL = os.environ.get("GEOMONITOR_MAIL_FROM", "geomonitor@localhost")
# where people find the application, for links in mail; without it a mail has no links
PUBLIC_ADDRESS = os.environ.get("GEOMONITOR_ADDRESS", "").rstrip("/")

# --- papers of parliament ---------------------------------------------------------------------------
# where the open data is asked for, instead of at parliament and KOOP; and whom they can write to
DOSSIER_ADDRESS = os.environ.get("GEOMONITOR_DOSSIER_ADDRESS", "")
DOSSIER_CONTACT = os.environ.get("GEOMONITOR_CONTACT", "")

# --- log-in by the organisation (extra "oidc") ------------------------------------------------------
OIDC = oidc_settings()
if OIDC:
    INSTALLED_APPS.insert(INSTALLED_APPS.index("geomonitor.register"), "mozilla_django_oidc")
    AUTHENTICATION_BACKENDS.append("geomonitor.web.accounts.oidc.OrganisationLogIn")
    globals().update(OIDC)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("GEOMONITOR_LOG_LEVEL", "WARNING")},
}
