"""Where the pages on import, export and the audit trail are."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from geomonitor.web.api.urls import page_patterns
from geomonitor.web.exchange import pages, trail_pages

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("exchange/", pages.exchange, name="exchange"),
    path("exchange/schema.json", pages.exchange_schema, name="exchange-schema"),
    path("exchange/export/<str:file_format>/", pages.export, name="export"),
    path("exchange/import/", pages.import_file, name="import"),
    path("exchange/import/apply/", pages.import_apply, name="import-apply"),
    path("audit/", trail_pages.audit_trail, name="audit-trail"),
    path("audit/export/<str:file_format>/", trail_pages.audit_export, name="audit-export"),
    *page_patterns,
]
