"""Where the pages on cases are."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from geomonitor.web.cases import (
    decision,
    dossier,
    history,
    listing,
    opening,
    pages,
    people,
    records,
    steps,
    work,
)

__all__ = ["urlpatterns"]

_CASE = "cases/<slug:reference>/"
_RECORD = _CASE + "records/<slug:kind>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("my-work/", work.my_work, name="my-work"),
    path("cases/", listing.case_list, name="cases"),
    path("cases/new/", opening.case_new, name="case-new"),
    path("cases/case.schema.json", dossier.case_schema, name="case-schema"),
    path(_CASE, pages.case_page, name="case"),
    path(_CASE + "change/", pages.case_change, name="case-change"),
    path(_CASE + "attach/", opening.case_attach, name="case-attach"),
    path(_CASE + "interests/", pages.case_interests, name="case-interests"),
    path(_CASE + "risk/", pages.case_risk, name="case-risk"),
    path(_CASE + "options/", pages.case_options, name="case-options"),
    path(_CASE + "decision/", decision.case_decision, name="case-decision"),
    path(_CASE + "decision/propose/", decision.decision_propose, name="case-decision-propose"),
    path(_CASE + "decision/<uuid:uid>/judge/", decision.decision_judge, name="case-decision-judge"),
    path(_CASE + "follow-up/", pages.case_follow_up, name="case-follow-up"),
    path(_CASE + "history/", history.case_history, name="case-history"),
    path(_CASE + "access/", people.case_access, name="case-access"),
    path(_CASE + "access/assign/", people.case_assign, name="case-assign"),
    path(_CASE + "access/visibility/", people.case_visibility, name="case-visibility"),
    path(_CASE + "access/give/", people.access_give, name="case-access-give"),
    path(_CASE + "access/<int:member>/end/", people.access_end, name="case-access-end"),
    path(_CASE + "steps/<int:step>/complete/", steps.step_complete, name="case-step-complete"),
    path(_CASE + "steps/<int:step>/reopen/", steps.step_reopen, name="case-step-reopen"),
    path(_CASE + "close/", steps.case_close, name="case-close"),
    path(_CASE + "open-again/", steps.case_open_again, name="case-open-again"),
    path(_CASE + "withdraw/", steps.case_withdraw, name="case-withdraw"),
    path(_CASE + "dossier/", dossier.case_dossier, name="case-dossier"),
    path(_CASE + "dossier/page.css", dossier.case_dossier_style, name="case-dossier-style"),
    path(_CASE + "case.json", dossier.case_json, name="case-json"),
    path(_RECORD + "new/", records.record_new, name="case-record-new"),
    path(_RECORD + "<uuid:uid>/", records.record_change, name="case-record-change"),
    path(_RECORD + "<uuid:uid>/withdraw/", records.record_withdraw, name="case-record-withdraw"),
]
