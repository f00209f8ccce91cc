"""Opening a case from a finding, and attaching more findings later; each is frozen as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from geomonitor.codes import material
from geomonitor.errors import UnknownCodeError
from geomonitor.findings import Edition
from geomonitor.register.access import require
from geomonitor.register.errors import RuleError
from geomonitor.register.models import Case
from geomonitor.register.services import cases
from geomonitor.register.services.evidence import attach, finding_sha256, frozen_finding
from geomonitor.report.language import short_name
from geomonitor.web.cases.case_forms import OpenCaseForm
from geomonitor.web.cases.common import economy_name, render_case, the_case, the_user
from geomonitor.web.cases.evidence_view import evidence_label
from geomonitor.web.cases.forms import RegisterForm
from geomonitor.web.cases.saving import posted_form
from geomonitor.web.evidence.shelf import shelf
from geomonitor.web.language import active_language, say

__all__ = ["FindingChoice", "WantedFindings", "case_attach", "case_new", "findings_on"]


@dataclass(frozen=True, slots=True)
class WantedFindings:
    """What findings somebody looks for.

    Attributes
    ----------
    edition : str
        Id; empty where no edition is asked.
    importer, counterpart : str
    kind : str
        Kind of subject, one of `Case.SubjectKind`.
    code : str
        HS6 code, material or scenario.
    name : str
        What the page that leads here calls the subject.
    """

    edition: str = ""
    importer: str = ""
    counterpart: str = ""
    kind: str = ""
    code: str = ""
    name: str = ""

    @classmethod
    def of(cls, sent: Mapping[str, Any]) -> WantedFindings:
        """Read the address of the page."""
        product = str(sent.get("product", ""))
        code = product or str(sent.get("code", "")) or str(sent.get("subject_code", ""))
        kind = str(sent.get("subject_kind", "")) or ("product" if product else "")
        return cls(
            edition=str(sent.get("edition", "")),
            importer=str(sent.get("importer", "")).split(" ")[0],
            counterpart=str(sent.get("counterpart", "")),
            kind=kind if kind in Case.SubjectKind.values else "",
            code=code,
            name=str(sent.get("subject_name", ""))[:300],
        )


@dataclass(frozen=True, slots=True)
class FindingChoice:
    """A finding that can be ticked.

    Attributes
    ----------
    sha256 : str
        Of the finding; what the form sends.
    """

    sha256: str
    label: str
    finding: Mapping[str, Any] = field(repr=False)
    ticked: bool = False
    attached: bool = False


def findings_on(
    edition: Edition, wanted: WantedFindings, *, attached: Iterable[str] = ()
) -> tuple[FindingChoice, ...]:
    """Give the findings of an edition on a subject; those of the main method are ticked.

    A pair gives the verdicts of the main method for the products that come mainly from the counterpart.
    """
    table = edition.findings
    conditions = []
    if wanted.importer:
        own = pl.col("subject").str.split(" ").list.first()
        conditions.append(own == wanted.importer)
    if wanted.code and wanted.kind != Case.SubjectKind.ECONOMY:
        conditions.append(pl.col("product") == wanted.code)
    elif wanted.counterpart:
        conditions.append(pl.col("counterpart") == wanted.counterpart)
        conditions.append((pl.col("measure") == "dependent") & (pl.col("verdict") == "dependent"))
        conditions.append(pl.col("method") == edition.record["main_method"])
    else:
        return ()
    known = set(attached)
    found = []
    methods = set(table.filter(conditions)["method"].unique())
    for row in table.filter(conditions).iter_rows(named=True):
        frozen = frozen_finding(row)
        digest = finding_sha256(frozen)
        main = row["method"] == edition.record["main_method"] or edition.record["main_method"] not in methods
        label = evidence_label(frozen)
        if not (wanted.code and wanted.kind != Case.SubjectKind.ECONOMY):
            label = f"{_product_name(edition, frozen['product'])}: {label}"
        found.append(
            FindingChoice(
                digest, label, frozen, ticked=main and digest not in known, attached=digest in known
            )
        )
    return tuple(sorted(found, key=lambda each: not (each.ticked or each.attached)))


def _product_name(edition: Edition, product: str) -> str:
    names = edition.tables["products"].filter(pl.col("product") == product)["product_name"]
    return str(names[0]) if len(names) else product


def _subject_name(edition: Edition | None, wanted: WantedFindings) -> str:
    if wanted.name:
        return wanted.name
    if not wanted.code:
        return economy_name(wanted.counterpart) if wanted.counterpart else ""
    if wanted.kind == Case.SubjectKind.ECONOMY:
        return economy_name(wanted.code)
    if wanted.kind == Case.SubjectKind.MATERIAL:
        try:
            found = material(wanted.code)
        except UnknownCodeError:
            return wanted.code
        return found.name_nl if active_language().code == "nl" else found.name_en
    if edition is not None and wanted.kind == Case.SubjectKind.PRODUCT:
        return _product_name(edition, wanted.code)
    return wanted.code.replace("-", " ").replace("_", " ")


def _edition(wanted: WantedFindings) -> Edition | None:
    return shelf().open(wanted.edition) if wanted.edition else None


def _first_values(
    edition: Edition | None, wanted: WantedFindings, choices: tuple[FindingChoice, ...]
) -> dict[str, Any]:
    counterpart = wanted.counterpart
    if not counterpart:
        ticked = [each.finding["counterpart"] for each in choices if each.ticked]
        counterpart = next((str(each) for each in ticked if each), "")
    pair = bool(wanted.counterpart) and (not wanted.code or wanted.kind == Case.SubjectKind.ECONOMY)
    name = _subject_name(edition, wanted)
    values = {
        "subject_kind": "economy" if pair else wanted.kind or "other",
        "subject_name": name,
        "subject_code": wanted.code or wanted.counterpart,
        "importer": wanted.importer,
        "counterpart": counterpart,
    }
    importer, other = economy_name(wanted.importer), economy_name(counterpart)
    if pair and wanted.importer:
        values["title"] = say(None, "case_new.pair_of", importer=importer, counterpart=other)
    elif name and wanted.importer:
        key = "case_new.title_of_counterpart" if counterpart else "case_new.title_of"
        short = short_name(name, 60)
        values["title"] = say(None, key, subject=short, importer=importer, counterpart=other)[:200]
    return values


@require_http_methods(["GET", "POST"])
def case_new(request: HttpRequest) -> HttpResponse:
    """Open a case: from a finding, from a material, pair, chain or scenario, or from nothing."""
    user = the_user(request)
    require(user, "change_cases")
    wanted = WantedFindings.of(request.GET)
    edition = _edition(wanted)
    choices = findings_on(edition, wanted) if edition is not None else ()
    first = _first_values(edition, wanted, choices)
    form = OpenCaseForm(request.POST if request.method == "POST" else None, initial=first)

    def save(values: dict[str, Any]) -> str:
        values.pop("version")
        case = cases.open_case(user, **values)
        if edition is not None:
            _attach(request, case, edition, choices)
        return reverse("case", args=[case.reference])

    if request.method == "POST":
        done = posted_form(request, form, save)
        if done is not None:
            return done
        sent = set(request.POST.getlist("finding"))
        choices = tuple(_with_tick(each, each.sha256 in sent) for each in choices)
    context = {
        "form": form,
        "wanted": wanted,
        "edition": edition,
        "choices": choices,
        "cancel": reverse("cases"),
    }
    return render(request, "web/cases/new.html", context)


def _with_tick(choice: FindingChoice, ticked: bool) -> FindingChoice:
    return FindingChoice(choice.sha256, choice.label, choice.finding, ticked, choice.attached)


def _attach(request: HttpRequest, case: Case, edition: Edition, choices: tuple[FindingChoice, ...]) -> int:
    """Attach what was ticked.

    Raises
    ------
    RuleError
        If something is ticked that the edition does not have.
    """
    by_hash = {each.sha256: each for each in choices}
    ticked = list(dict.fromkeys(request.POST.getlist("finding")))
    for digest in ticked:
        choice = by_hash.get(digest)
        if choice is None:
            raise RuleError(
                say(None, "case_new.unknown_finding", edition=edition.id),
                next_step=say(None, "case_new.unknown_finding_next"),
            )
        attach(the_user(request), case, edition, choice.finding)
    return len(ticked)


@require_http_methods(["GET", "POST"])
def case_attach(request: HttpRequest, reference: str) -> HttpResponse:
    """Attach more findings to a case."""
    case = the_case(request, reference)
    cases.require_change(the_user(request), case)
    entries = shelf().editions()
    if not entries:
        raise RuleError(say(None, "case_new.no_edition"), where=case.reference)
    defaults = {
        "edition": entries[0].id,
        "importer": case.importer,
        "counterpart": case.counterpart if case.subject_kind == Case.SubjectKind.ECONOMY else "",
        "subject_kind": case.subject_kind,
        "code": "" if case.subject_kind == Case.SubjectKind.ECONOMY else case.subject_code,
    }
    wanted = WantedFindings.of({**defaults, **request.GET.dict()})
    edition = shelf().open(wanted.edition)
    attached = case.evidence.current().values_list("finding_sha256", flat=True)
    choices = findings_on(edition, wanted, attached=attached)
    form = RegisterForm(request.POST if request.method == "POST" else None)
    page = reverse("case", args=[case.reference])

    def save(values: dict[str, Any]) -> str:
        if not _attach(request, case, edition, choices):
            raise RuleError(say(None, "case_new.none_ticked"))
        return f"{page}#evidence"

    if request.method == "POST":
        done = posted_form(request, form, save, stay=page)
        if done is not None:
            return done
    context = {
        "form": form,
        "wanted": wanted,
        "edition": edition,
        "entries": [(each.id, each.title(active_language().code)) for each in entries],
        "choices": choices,
        "cancel": page,
    }
    return render_case(request, case, "attach.html", context)
