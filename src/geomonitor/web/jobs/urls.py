"""Where the pages on work in the background, and the health page, are."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from geomonitor.web.jobs.views import cancel_job, job_page, jobs_page, new_edition
from geomonitor.web.serving.health import health_view, live_view

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("jobs/", jobs_page, name="jobs"),
    path("jobs/new-edition/", new_edition, name="job-new-edition"),
    path("jobs/<uuid:uid>/", job_page, name="job"),
    path("jobs/<uuid:uid>/cancel/", cancel_job, name="job-cancel"),
    path("health/", health_view, name="health"),
    path("health/live/", live_view, name="health-live"),
]
