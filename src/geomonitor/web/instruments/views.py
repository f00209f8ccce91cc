"""Pages on policy instruments and the coverage of risks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from geomonitor.register.access import may, require, visible_cases
from geomonitor.register.errors import ConflictError, RuleError
from geomonitor.register.facts import risk_kinds
from geomonitor.register.models import Instrument, InstrumentRisk
from geomonitor.register.services.instruments import (
    add_instrument,
    change_instrument,
    withdraw_instrument,
)
from geomonitor.web.downloads import page_download, wanted_download
from geomonitor.web.instruments.coverage import (
    covered_risks,
    families,
    gaps_table,
    matrix_rows,
    matrix_table,
)
from geomonitor.web.instruments.forms import (
    InstrumentForm,
    RiskFormSet,
    WithdrawForm,
    refuse_withdrawal,
    risk_form_set,
    show_refusal,
)
from geomonitor.web.instruments.listing import (
    chosen,
    conflict_rows,
    instruments_table,
    register_provenance,
    risks_table,
    signed_in,
    with_version,
)
from geomonitor.web.instruments.shown_codes import choices_of, in_language, named, named_risk, risk_choices
from geomonitor.web.language import say

__all__ = [
    "coverage",
    "instrument",
    "instrument_change",
    "instrument_list",
    "instrument_new",
    "instrument_withdraw",
]

_STATE_TAGS = {"in_force": "tag-good", "adopted": "tag-warm", "proposed": "tag-warm"}


def _with_risks() -> QuerySet[Instrument]:
    """Give instruments with the risks that were not withdrawn."""
    standing = InstrumentRisk.objects.filter(withdrawn_at__isnull=True)
    return Instrument.objects.prefetch_related(Prefetch("risks", queryset=standing))


def _row(each: Instrument) -> dict[str, Any]:
    today = timezone.localdate()
    waits = each.state == Instrument.State.IN_FORCE and each.applies_from and each.applies_from > today
    return {
        "record": each,
        "name": in_language(each, "name"),
        "summary": in_language(each, "summary"),
        "level": named(f"instrument_level.{each.level}"),
        "kind": named(f"instrument_kind.{each.kind}"),
        "state": named(f"instrument_state.{each.state}"),
        "state_tag": "tag-warm" if waits else _STATE_TAGS.get(each.state, "tag-plain"),
        "applies_later": each.applies_from if waits else None,
        "risks": [named_risk(one.risk) for one in each.risks.all()],
    }


@require_GET
def instrument_list(request: HttpRequest) -> HttpResponse:
    """List instruments, by level, state and risk."""
    require(request.user, "read_evidence")
    level = chosen(request, "level", Instrument.Level.values)
    state = chosen(request, "state", Instrument.State.values)
    risk = chosen(request, "risk", [each.code for each in risk_kinds()])
    everything = _with_risks().filter(withdrawn_at__isnull=True)
    found = everything
    if level:
        found = found.filter(level=level)
    if state:
        found = found.filter(state=state)
    if risk:
        found = found.filter(risks__risk=risk, risks__withdrawn_at__isnull=True)
    instruments = sorted(found, key=lambda each: in_language(each, "name").lower())
    wanted = wanted_download(request)
    if wanted:
        filters = [value for value in (level, state, risk) if value]
        return page_download(
            wanted,
            {"instruments": instruments_table(instruments)},
            name="geomonitor",
            title=say(None, "instrument.many"),
            provenance=register_provenance(request, filters),
        )
    context = {
        "rows": [_row(each) for each in instruments],
        "all_count": everything.count(),
        "levels": choices_of("instrument_level", Instrument.Level.values),
        "states": choices_of("instrument_state", Instrument.State.values),
        "risks": risk_choices(),
        "chosen": {"level": level, "state": state, "risk": risk},
        "query": _query(request),
        "may_change": may(request.user, "change_instruments"),
    }
    return render(request, "web/instruments/instruments.html", context)


def _query(request: HttpRequest) -> str:
    """Give the choices of the URL as the start of the query of a download."""
    query = request.GET.copy()
    for name in ("download", "table"):
        query.pop(name, None)
    return f"{query.urlencode()}&" if query else ""


@require_GET
def instrument(request: HttpRequest, code: str) -> HttpResponse:
    """Show one instrument: where it stands, what it addresses, what it cannot do."""
    require(request.user, "read_evidence")
    record = get_object_or_404(_with_risks(), code=code)
    wanted = wanted_download(request)
    if wanted:
        return page_download(
            wanted,
            {"risks": risks_table(record), "instrument": instruments_table([record])},
            name=f"geomonitor-{record.code}",
            title=in_language(record, "name"),
            provenance=register_provenance(request),
        )
    cases = (
        visible_cases(request.user)
        .filter(options__instruments=record, options__withdrawn_at__isnull=True)
        .distinct()
    )
    context = {
        **_row(record),
        "limits": in_language(record, "limits"),
        "dates": [
            (say(None, f"instrument.{name}"), value)
            for name in ("proposed_on", "adopted_on", "in_force_on", "applies_from", "ended_on")
            if (value := getattr(record, name))
        ],
        "risk_rows": [
            {
                "name": named_risk(each.risk),
                "code": each.risk,
                "strength": named(f"strength.{each.strength}"),
                "tag": "tag-good" if each.strength == InstrumentRisk.Strength.DIRECT else "tag-plain",
                "argument": in_language(each, "argument"),
            }
            for each in record.risks.all()
        ],
        "cases": [(each, reverse("case", kwargs={"reference": each.reference})) for each in cases],
        "may_change": may(request.user, "change_instruments") and not record.withdrawn,
        "withdraw_form": WithdrawForm(initial={"version": record.version}),
        "withdraw_url": reverse("instrument-withdraw", args=[record.code]),
        "changed_by": record.changed_by.shown_name
        if record.changed_by
        else say(None, "instrument.by_geomonitor"),
    }
    return render(request, "web/instruments/instrument.html", context)


@require_http_methods(["GET", "POST"])
def instrument_new(request: HttpRequest) -> HttpResponse:
    """Add an instrument."""
    require(request.user, "change_instruments")
    return _instrument_form(request, Instrument())


@require_http_methods(["GET", "POST"])
def instrument_change(request: HttpRequest, code: str) -> HttpResponse:
    """Change an instrument and the risks that it addresses."""
    require(request.user, "change_instruments")
    return _instrument_form(request, get_object_or_404(_with_risks(), code=code))


def _instrument_form(request: HttpRequest, record: Instrument) -> HttpResponse:
    adding = record._state.adding
    name = "" if adding else in_language(record, "name")
    there = [] if adding else [
        {field: getattr(each, field) for field in ("risk", "strength", "argument_en", "argument_nl")}
        for each in record.risks.all()
    ]  # fmt: skip
    data = request.POST if request.method == "POST" else None
    form = InstrumentForm(data, instance=record, initial={"version": record.version})
    risks = risk_form_set(data, there)
    status, conflict = 200, None
    if request.method == "POST":
        status = 400
        if form.is_valid() and risks.is_valid():
            try:
                saved = _saved(request, record, form, risks)
            except ConflictError as error:
                status, conflict = 409, error
            except RuleError as error:
                show_refusal(form, error)
            else:
                messages.success(request, say(None, "register_form.saved"))
                return redirect("instrument", code=saved.code)
    title = say(None, "register_form.change_instrument", name=name) if name else say(
        None, "register_form.new_instrument"
    )  # fmt: skip
    context = {
        "form": form,
        "risks": risks,
        "title": title,
        "cancel": reverse("instrument", args=[record.code]) if not adding else reverse("instruments"),
        **_conflict_context(form, conflict),
    }
    return render(request, "web/instruments/instrument_form.html", context, status=status)


def _saved(request: HttpRequest, record: Instrument, form: InstrumentForm, risks: RiskFormSet) -> Instrument:
    fields = {name: value for name, value in form.cleaned_data.items() if name != "version"}
    user, rows = signed_in(request), risks.rows()
    if record._state.adding:
        return add_instrument(user, rows, **fields)
    return change_instrument(user, record, form.cleaned_data.get("version") or 0, rows, **fields)


def _conflict_context(form: InstrumentForm, conflict: ConflictError | None) -> dict[str, Any]:
    if conflict is None:
        return {}
    who = conflict.record.changed_by
    # whoever saves once more has seen the other version
    form.data = with_version(form.data, conflict.record)
    return {
        "conflict": conflict_rows(conflict, form),
        "conflict_risks": True,
        "conflict_who": who.shown_name if who else say(None, "instrument.by_geomonitor"),
    }


@require_POST
def instrument_withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Withdraw an instrument, with a reason."""
    require(request.user, "change_instruments")
    record = get_object_or_404(Instrument, code=code)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        refuse_withdrawal(form)
    withdraw_instrument(signed_in(request), record, form.cleaned_data["version"], form.cleaned_data["reason"])
    messages.success(request, say(None, "register_form.was_withdrawn"))
    return redirect("instrument", code=code)


@require_GET
def coverage(request: HttpRequest) -> HttpResponse:
    """Show risks against instruments, and the gaps."""
    require(request.user, "read_evidence")
    today = timezone.localdate()
    rows = InstrumentRisk.objects.filter(
        withdrawn_at__isnull=True, instrument__withdrawn_at__isnull=True
    ).select_related("instrument")
    covered = covered_risks(rows, today)
    instruments = sorted(
        _with_risks().filter(withdrawn_at__isnull=True),
        key=lambda each: (Instrument.Level.values.index(each.level), in_language(each, "name")),
    )
    wanted = wanted_download(request)
    if wanted:
        return page_download(
            wanted,
            {"gaps": gaps_table(covered), "matrix": matrix_table(instruments, covered)},
            name="geomonitor-coverage",
            title=say(None, "coverage.title"),
            provenance=register_provenance(request),
        )
    kinds = families()
    if any(each.family == "other" for each in covered):
        kinds.append(("other", say(None, "coverage.other_risk")))
    family = chosen(request, "family", [code for code, _ in kinds]) or kinds[0][0]
    columns = [each for each in covered if each.family == family]
    context = {
        "covered": covered,
        "gap_counts": [
            (named(f"coverage_gap.{gap}"), sum(1 for each in covered if each.gap == gap))
            for gap in ("none", "planned_only", "partly_only")
        ],
        "families": kinds,
        "family": family,
        "family_name": dict(kinds)[family],
        "columns": columns,
        "matrix": matrix_rows(instruments, columns),
        "today": today,
    }
    return render(request, "web/instruments/coverage.html", context)
