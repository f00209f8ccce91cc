"""Where the pages on parliamentary papers are."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from geomonitor.web.parliament import (
    asking,
    commitments,
    dossiers,
    graph,
    judgements,
    linking,
    motions,
    paper,
    papers,
    syncing,
)

__all__ = ["urlpatterns"]

# the parts of addresses are of the kinds that `asking` registers
_KINDS = (asking.Key, asking.CommitmentKey)

urlpatterns: list[URLPattern | URLResolver] = [
    path("papers/", papers.papers_page, name="papers"),
    path("papers/<key:paper>/", paper.paper_page, name="paper"),
    path("papers/<key:paper>/references/", graph.paper_graph, name="paper-graph"),
    path("papers/<key:paper>/link/", linking.link_paper, name="link-paper"),
    path("dossiers/", dossiers.dossiers_page, name="dossiers"),
    # before the key of a dossier
    path("dossiers/sync/", syncing.sync_dossier, name="sync-dossier"),
    path("dossiers/<key:dossier>/", dossiers.dossier_page, name="dossier"),
    path("motions/", motions.motions_page, name="motions"),
    path("motions/<key:motion>/", motions.motion_page, name="motion"),
    path("commitments/", commitments.commitments_page, name="commitments"),
    path("commitments/<commitment:commitment>/", commitments.commitment_page, name="commitment"),
    path("judgements/", judgements.judge_state, name="judge-state"),
    path("judgements/<int:judgement>/end/", judgements.end_judgement, name="end-judgement"),
]
