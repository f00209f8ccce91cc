"""Where the pages on instruments and coercion are."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from geomonitor.web.instruments import event_views, views

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("instruments/", views.instrument_list, name="instruments"),
    # "new" and "coverage" come before the code of an instrument
    path("instruments/new/", views.instrument_new, name="instrument-new"),
    path("instruments/coverage/", views.coverage, name="coverage"),
    path("instruments/<slug:code>/", views.instrument, name="instrument"),
    path("instruments/<slug:code>/change/", views.instrument_change, name="instrument-change"),
    path("instruments/<slug:code>/withdraw/", views.instrument_withdraw, name="instrument-withdraw"),
    path("coercion/", event_views.coercion_case_list, name="coercion-cases"),
    path("coercion/new/", event_views.coercion_case_new, name="coercion-case-new"),
    path("coercion/<slug:code>/", event_views.coercion_case, name="coercion-case"),
    path("coercion/<slug:code>/change/", event_views.coercion_case_change, name="coercion-case-change"),
    path("coercion/<slug:code>/withdraw/", event_views.coercion_case_withdraw, name="coercion-case-withdraw"),
]
