"""Where the pages on chains, materials, shocks, sources, methods and comparisons are."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from geomonitor.web.studies.chains import chains
from geomonitor.web.studies.comparison import compare_editions
from geomonitor.web.studies.material import material
from geomonitor.web.studies.materials import materials
from geomonitor.web.studies.methods import method, methods
from geomonitor.web.studies.scenarios import compare_scenarios, scenario_result, scenarios
from geomonitor.web.studies.shocks import shocks
from geomonitor.web.studies.sources import sources
from geomonitor.web.studies.stacking import stacking

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("editions/<str:edition>/chains/", chains, name="chains"),
    path("editions/<str:edition>/stacking/", stacking, name="stacking"),
    path("editions/<str:edition>/materials/", materials, name="materials"),
    path("editions/<str:edition>/materials/<str:material>/", material, name="material"),
    path("editions/<str:edition>/shocks/", shocks, name="shocks"),
    path("scenarios/", scenarios, name="scenarios"),
    path("scenarios/compare/", compare_scenarios, name="scenario-compare"),
    path("scenarios/<uuid:uid>/", scenario_result, name="scenario-result"),
    path("sources/", sources, name="sources"),
    path("methods/", methods, name="methods"),
    path("methods/<str:method>/", method, name="method"),
    path("compare/", compare_editions, name="compare-editions"),
]
