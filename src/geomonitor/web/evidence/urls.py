"""Where the pages on the evidence are."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from geomonitor.web.evidence import dependencies, figures, overview, pairs, products, searching

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("search/", searching.search_page, name="search"),
    path("figures/world.json", figures.base_map_view, name="base-map"),
    path("editions/", overview.editions_page, name="editions"),
    path("editions/<str:edition>/", overview.edition_page, name="edition"),
    path("editions/<str:edition>/files/<str:name>/", overview.edition_file, name="edition-file"),
    path("editions/<str:edition>/dependencies/", dependencies.dependencies_page, name="dependencies"),
    path("editions/<str:edition>/products/<str:product>/", products.product_page, name="product"),
    path("editions/<str:edition>/pairs/", pairs.pairs_page, name="pairs"),
    path("editions/<str:edition>/pairs/<str:importer>/<str:counterpart>/", pairs.pair_page, name="pair"),
    path("editions/<str:edition>/figures/<slug:kind>/", figures.figure_data, name="figure-data"),
]
