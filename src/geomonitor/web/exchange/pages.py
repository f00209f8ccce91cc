"""Export, and import: look at what would change, then do it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from geomonitor.errors import UnknownCodeError
from geomonitor.register.access import may, require
from geomonitor.register.exchange.document import Document
from geomonitor.register.exchange.files import FORMATS, export_file, read_file
from geomonitor.register.exchange.importing import RegisterChangedError, apply_import, dry_run
from geomonitor.register.exchange.json_format import json_schema
from geomonitor.register.exchange.outcome import STATUSES, ImportOutcome
from geomonitor.register.exchange.problems import ImportRefusedError, Problem
from geomonitor.register.exchange.tables import tables
from geomonitor.register.models import Role, User
from geomonitor.web.exchange import waiting
from geomonitor.web.language import say

__all__ = ["exchange", "exchange_schema", "export", "import_apply", "import_file"]

_SHOWN_ROWS = 200
_SESSION = "waiting_import"


@require_safe
def exchange(request: HttpRequest) -> HttpResponse:
    """Show what can be taken out and brought in."""
    return _exchange(request)


@require_safe
@never_cache
def export(request: HttpRequest, file_format: str) -> HttpResponse:
    """Give all that the user may see as a file."""
    require(request.user, "export")
    if file_format not in FORMATS:
        raise UnknownCodeError(
            f"There is no format {file_format!r}.", where="format", expected=" or ".join(FORMATS)
        )
    content = export_file(_user(request), file_format)
    response = HttpResponse(content, content_type=FORMATS[file_format])
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="geomonitor-register-{day}.{file_format}"'
    return response


@require_safe
def exchange_schema(request: HttpRequest) -> JsonResponse:
    """Give the JSON schema of an export."""
    return JsonResponse(
        json_schema(), json_dumps_params={"indent": 1}, content_type="application/schema+json"
    )


@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: HttpRequest) -> HttpResponse:
    """Take a file in and show what an import of it would change; nothing is written."""
    require(request.user, "import")
    if request.method != "POST":
        return redirect("exchange")
    upload = request.FILES.get("file")
    if getattr(request, "upload_too_large", False):
        limit = settings.UPLOAD_LIMIT_BYTES // 1024 // 1024
        what = say(request, "exchange.too_large", limit=limit)
        return _exchange(request, (Problem(what, say(request, "exchange.too_large_next")),), status=413)
    if upload is None:
        return _exchange(request, (Problem(say(request, "exchange.no_file")),), status=400)
    content = upload.read()
    history = request.POST.get("history") == "yes"
    try:
        document = read_file(content)
    except ImportRefusedError as error:
        return _exchange(request, error.problems, status=400)
    outcome = dry_run(_user(request), document, history=history)
    return _show(request, outcome, content, history, str(upload.name))


@require_POST
def import_apply(request: HttpRequest) -> HttpResponse:
    """Import the file that the dry run looked at, unless the register changed meanwhile."""
    require(request.user, "import")
    noted = request.session.get(_SESSION) or {}
    sha256 = request.POST.get("sha256", "")
    content = _kept(request, sha256) if sha256 and noted.get("sha256") == sha256 else None
    if content is None:
        return _exchange(request, (Problem(say(request, "exchange.gone")),), status=400)
    document: Document = read_file(content)
    try:
        outcome = apply_import(
            _user(request), document, sha256=sha256, history=noted["history"], seen=noted["seen"]
        )
    except RegisterChangedError as error:
        messages.warning(request, say(request, "exchange.changed_meanwhile"))
        return _show(request, error.outcome, content, noted["history"], noted["name"], status=409)
    waiting.drop(_session_key(request), sha256)
    del request.session[_SESSION]
    counts = {each: len(outcome.of(each)) for each in ("new", "changed")}
    messages.success(request, say(request, "exchange.imported", **counts))
    return redirect("exchange")


def _exchange(request: HttpRequest, problems: tuple[Problem, ...] = (), status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "may_import": may(request.user, "import"),
        "may_bring_history": _may_bring_history(request),
        "limit_mb": settings.UPLOAD_LIMIT_BYTES // 1024 // 1024,
        "problems": problems,
        "formats": [(each, each.upper()) for each in FORMATS],
    }
    return render(request, "web/exchange/exchange.html", context, status=status)


def _show(
    request: HttpRequest,
    outcome: ImportOutcome,
    content: bytes,
    history: bool,
    name: str,
    status: int = 200,
) -> HttpResponse:
    """Keep the file where it can be imported, and show what would change."""
    sha256 = ""
    if outcome.can_be_applied:
        sha256 = waiting.keep(_session_key(request), content)
        request.session[_SESSION] = {
            "sha256": sha256,
            "seen": outcome.fingerprint,
            "history": history,
            "name": name[:200],
        }
    counts = outcome.counts
    listed = outcome.of("conflict", "new", "changed", "left_out")
    context = {
        "outcome": outcome,
        "sha256": sha256,
        "history": history,
        "file_name": name,
        "statuses": STATUSES,
        "table_counts": [
            (each.name, [counts[each.name][status] for status in STATUSES])
            for each in tables()
            if each.name in counts
        ],
        "rows": listed[:_SHOWN_ROWS],
        "row_count": len(listed),
    }
    return render(request, "web/exchange/dry_run.html", context, status=status)


def _kept(request: HttpRequest, sha256: str) -> bytes | None:
    return waiting.kept(_session_key(request), sha256)


def _session_key(request: HttpRequest) -> str:
    key = request.session.session_key
    assert key is not None
    return key


def _may_bring_history(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.role == Role.ADMINISTRATOR


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
