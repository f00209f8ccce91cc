"""Pages on events of economic coercion."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from geomonitor.register.access import may, require
from geomonitor.register.errors import ConflictError, RuleError
from geomonitor.register.models import CoercionCase
from geomonitor.register.services.instruments import (
    add_coercion_case,
    change_coercion_case,
    withdraw_coercion_case,
)
from geomonitor.web.downloads import page_download, wanted_download
from geomonitor.web.instruments.effects import datasets, measured, shown_effect
from geomonitor.web.instruments.event_forms import CoercionForm
from geomonitor.web.instruments.events import events_table, timeline
from geomonitor.web.instruments.forms import WithdrawForm, refuse_withdrawal, show_refusal
from geomonitor.web.instruments.listing import (
    chosen,
    conflict_rows,
    register_provenance,
    signed_in,
    with_version,
)
from geomonitor.web.instruments.shown_codes import (
    choices_of,
    in_language,
    named,
    named_economies,
    named_economy,
    partial_date_text,
)
from geomonitor.web.language import say

__all__ = [
    "coercion_case",
    "coercion_case_change",
    "coercion_case_list",
    "coercion_case_new",
    "coercion_case_withdraw",
]

_TAGS = {"coercion": "tag-danger", "disputed": "tag-warm"}


def _row(each: CoercionCase) -> dict[str, Any]:
    return {
        "record": each,
        "title": in_language(each, "title"),
        "sender": named_economy(each.sender),
        "targets": named_economies(each.targets),
        "judgement": named(f"coercion_judgement.{each.judgement}"),
        "judgement_tag": _TAGS.get(each.judgement, "tag-plain"),
        "measure_kind": named(f"coercion_measure.{each.measure_kind}"),
        "started": partial_date_text(each.started_on),
        "ended": partial_date_text(each.ended_on) if each.ended_on else say(None, "coercion.lasts"),
        "period": _period(each),
        "confidence": named(f"coercion_confidence.{each.motive_confidence}"),
    }


def _period(each: CoercionCase) -> str:
    start = partial_date_text(each.started_on)
    if not each.ended_on:
        return f"{start} – ({say(None, 'coercion.lasts')})"
    end = partial_date_text(each.ended_on)
    return start if start == end else f"{start} – {end}"


@require_GET
def coercion_case_list(request: HttpRequest) -> HttpResponse:
    """List events over time, by sender, target and what they are taken to be."""
    require(request.user, "read_evidence")
    everything = list(CoercionCase.objects.filter(withdrawn_at__isnull=True))
    senders = sorted({each.sender for each in everything}, key=named_economy)
    targets = sorted({str(code) for each in everything for code in each.targets}, key=named_economy)
    sender, target = chosen(request, "sender", senders), chosen(request, "target", targets)
    judgement = chosen(request, "judgement", CoercionCase.Judgement.values)
    found = [
        each
        for each in everything
        if sender in ("", each.sender)
        and (not target or target in each.targets)
        and judgement in ("", each.judgement)
    ]
    wanted = wanted_download(request)
    if wanted:
        return page_download(
            wanted,
            {"cases": events_table(found)},
            name="geomonitor-coercion",
            title=say(None, "coercion.many"),
            provenance=register_provenance(request, [each for each in (sender, target, judgement) if each]),
        )
    today = timezone.localdate()
    about = say(
        None,
        "coercion.timeline_about",
        source=say(None, "instrument.register_source"),
        date=today.isoformat(),
    )
    query = request.GET.copy()
    context = {
        "rows": [_row(each) for each in found],
        "all_count": len(everything),
        "senders": [(code, named_economy(code)) for code in senders],
        "targets": [(code, named_economy(code)) for code in targets],
        "judgements": choices_of("coercion_judgement", CoercionCase.Judgement.values),
        "chosen": {"sender": sender, "target": target, "judgement": judgement},
        "timeline": timeline(found, today, about),
        "query": f"{query.urlencode()}&" if query else "",
        "may_change": may(request.user, "change_coercion_cases"),
    }
    return render(request, "web/instruments/coercion_cases.html", context)


@require_GET
def coercion_case(request: HttpRequest, code: str) -> HttpResponse:
    """Show one event, with the trade around it and what the data cannot say."""
    require(request.user, "read_evidence")
    record = get_object_or_404(CoercionCase, code=code)
    held = datasets()
    wanted_dataset = chosen(request, "dataset", [each.name for each in held])
    dataset, effect = measured(record, wanted_dataset)
    downloads = f"dataset={dataset.name}&" if wanted_dataset else ""
    shown = shown_effect(record, dataset, effect, downloads)
    wanted = wanted_download(request)
    if wanted:
        tables = {"case": events_table([record])}
        if shown.figure is not None:
            tables["effect"] = shown.figure.block.table
        if shown.changes is not None:
            tables["changes"] = shown.changes
        about = [*register_provenance(request)]
        if shown.figure is not None:
            about += [
                (say(None, "effect.title"), shown.figure.about),
                (say(None, "provenance.citation"), str(dataset.metadata["citation"])),
                (say(None, "provenance.licence"), str(dataset.metadata["licence"])),
            ]
        return page_download(
            wanted, tables, name=f"geomonitor-{record.code}", title=in_language(record, "title"),
            provenance=about,
        )  # fmt: skip
    context = {
        **_row(record),
        "texts": {
            field: in_language(record, field)
            for field in (
                "measure",
                "goods",
                "trigger",
                "motive",
                "motive_argument",
                "outcome",
            )
        },
        "direction": named(f"coercion_direction.{record.direction}"),
        "shown": shown,
        "downloads": downloads,
        "dataset": dataset,
        "datasets": held,
        "may_change": may(request.user, "change_coercion_cases") and not record.withdrawn,
        "withdraw_form": WithdrawForm(initial={"version": record.version}),
        "withdraw_url": reverse("coercion-case-withdraw", args=[record.code]),
        "changed_by": record.changed_by.shown_name
        if record.changed_by
        else say(None, "instrument.by_geomonitor"),
    }
    return render(request, "web/instruments/coercion_case.html", context)


@require_http_methods(["GET", "POST"])
def coercion_case_new(request: HttpRequest) -> HttpResponse:
    """Add an event."""
    require(request.user, "change_coercion_cases")
    return _form_page(request, CoercionCase())


@require_http_methods(["GET", "POST"])
def coercion_case_change(request: HttpRequest, code: str) -> HttpResponse:
    """Change an event."""
    require(request.user, "change_coercion_cases")
    return _form_page(request, get_object_or_404(CoercionCase, code=code))


def _form_page(request: HttpRequest, record: CoercionCase) -> HttpResponse:
    adding = record._state.adding
    title = (
        say(None, "register_form.new_case")
        if adding
        else say(None, "register_form.change_instrument", name=in_language(record, "title"))
    )
    cancel = reverse("coercion-cases") if adding else reverse("coercion-case", args=[record.code])
    data = request.POST if request.method == "POST" else None
    form = CoercionForm(data, instance=record, initial={"version": record.version})
    status, conflict = 200, {}
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                saved = _saved(request, record, form)
            except ConflictError as error:
                status, conflict = 409, _conflict(form, error)
            except RuleError as error:
                show_refusal(form, error)
            else:
                messages.success(request, say(None, "register_form.saved"))
                return redirect("coercion-case", code=saved.code)
    context = {"form": form, "title": title, "cancel": cancel, **conflict}
    return render(request, "web/instruments/coercion_form.html", context, status=status)


def _saved(request: HttpRequest, record: CoercionCase, form: CoercionForm) -> CoercionCase:
    fields = {name: value for name, value in form.cleaned_data.items() if name != "version"}
    if record._state.adding:
        return add_coercion_case(signed_in(request), **fields)
    version = form.cleaned_data.get("version") or 0
    return change_coercion_case(signed_in(request), record, version, **fields)


def _conflict(form: CoercionForm, error: ConflictError) -> dict[str, Any]:
    who = error.record.changed_by
    # whoever saves once more has seen the other version
    form.data = with_version(form.data, error.record)
    return {
        "conflict": conflict_rows(error, form),
        "conflict_who": who.shown_name if who else say(None, "instrument.by_geomonitor"),
    }


@require_POST
def coercion_case_withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Withdraw an event, with a reason."""
    require(request.user, "change_coercion_cases")
    record = get_object_or_404(CoercionCase, code=code)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        refuse_withdrawal(form)
    withdraw_coercion_case(
        signed_in(request), record, form.cleaned_data["version"], form.cleaned_data["reason"]
    )
    messages.success(request, say(None, "register_form.was_withdrawn"))
    return redirect("coercion-case", code=code)
