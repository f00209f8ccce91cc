"""Scenarios: choose one that ships or fill in one's own, have it run, see and compare results."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from geomonitor.codes import group_codes
from geomonitor.data.input_output import input_output_tables
from geomonitor.register.access import may, require
from geomonitor.report.blocks import Block
from geomonitor.report.content import Content
from geomonitor.report.shock_part import ShockPart, shock_part
from geomonitor.report.shock_view import ShockView
from geomonitor.shocks import SECTOR_FAMILIES, elasticity_sets
from geomonitor.shocks import scenarios as shipped
from geomonitor.web.evidence.kept import Kept
from geomonitor.web.evidence.shown import Shown
from geomonitor.web.jobs.queue import ask, visible_jobs
from geomonitor.web.language import active_language, say
from geomonitor.web.models import Job
from geomonitor.web.studies.pages import answer, tables_of
from geomonitor.web.studies.parameters import Asked
from geomonitor.web.studies.scenario_form import (
    DRAWS,
    KINDS,
    MOST_CHANGES,
    AskedScenario,
    ChangeRow,
    form_of,
    read_form,
)
from geomonitor.web.studies.scenario_results import ScenarioRun, contents_of, read_run, spoken_changes
from geomonitor.web.studies.shocks import shock_unit_of, side_by_side
from geomonitor.web.words import NotThereError

__all__ = ["compare_scenarios", "scenario_result", "scenarios"]

_MOST_COMPARED = 6
_LISTED = 50
_RUNS: Kept[ScenarioRun] = Kept(24)
_PARTS: Kept[tuple[Content, ShockPart]] = Kept(24)


def _jobs(request: HttpRequest) -> list[Job]:
    return list(visible_jobs(request.user).filter(kind="scenario")[:_LISTED])


def _run(uid: str) -> ScenarioRun:
    folder = Path(settings.HOME) / "results" / uid
    return _RUNS.get(str(folder), lambda: read_run(folder))


def _part(runs: Sequence[ScenarioRun]) -> tuple[Content, ShockPart]:
    language = active_language().code

    def make() -> tuple[Content, ShockPart]:
        content = contents_of(runs, language)
        part = shock_part(content)
        if part is None:
            raise NotThereError(say(None, "scenarios.result_gone"))
        return content, part

    return _PARTS.get((tuple(run.uid for run in runs), language), make)


@require_http_methods(["GET", "HEAD", "POST"])
def scenarios(request: HttpRequest) -> HttpResponse:
    """Choose a scenario or fill in one; a filled-in one becomes a job."""
    language = active_language()
    if request.method == "POST":
        require(request.user, "run_jobs")
        today = datetime.datetime.now(tz=datetime.UTC).date()
        if "add" in request.POST:
            return _form(request, _with_row(_filled(request, today)))
        asked = read_form(request.POST, language.code, today=today)
        if asked.faults:
            return _form(request, asked, status=422)
        job = ask(request.user, "scenario", asked.name, asked.parameters)  # type: ignore[arg-type]  # require() refused who is not logged in
        return redirect("job", job.pk)
    query = Asked(request.GET, ("scenario",))
    code = query.choice("scenario", tuple(shipped()))
    return _form(request, form_of(code, language.code))


def _filled(request: HttpRequest, today: datetime.date) -> AskedScenario:
    """Take a form as it stands, without complaint."""
    return replace(read_form(request.POST, active_language().code, today=today), faults=(), parameters={})


def _with_row(asked: AskedScenario) -> AskedScenario:
    rows = asked.changes
    if len(rows) < MOST_CHANGES:
        rows = (*rows, ChangeRow(len(rows) + 1))
    return replace(asked, changes=rows)


def _form(request: HttpRequest, asked: AskedScenario, *, status: int = 200) -> HttpResponse:
    language = active_language()
    code = language.code
    known = shipped()
    context = {
        "title": say(None, "scenarios.title"),
        "shipped": [
            {
                "code": each.code,
                "name": each.name[code],
                "about": each.about[code],
                "source": each.source,
                "chosen": each.code == asked.based_on,
            }
            for each in known.values()
        ],
        "form": asked,
        "rows": [
            {
                "row": row,
                "faults": {
                    name: asked.fault_of(f"{name}-{row.number}")
                    for name in ("kind", "buyers", "sellers", "sectors", "size")
                },
            }
            for row in asked.changes
        ],
        "more_rows": len(asked.changes) < MOST_CHANGES,
        "faults": {
            name: asked.fault_of(name)
            for name in ("name", "focus", "calibration", "elasticities", "deficits", "draws")
        },
        "kinds": [(each, say(None, f"scenarios.kind_{each}")) for each in KINDS],
        "calibrations": input_output_tables(),
        "elasticity_sets": [(name, each.title) for name, each in elasticity_sets().items()],
        "deficits": [
            (each, say(None, f"scenarios.deficits_{each}")) for each in ("zero", "kept", "proportional")
        ],
        "draws": [(each, say(None, f"scenarios.draws_{each}")) for each in DRAWS],
        "groups": [(each, language.importer(each)) for each in group_codes()],
        "families": SECTOR_FAMILIES,
        "may_run": may(request.user, "run_jobs"),
        "jobs": _jobs(request),
    }
    return render(request, "web/studies/scenarios.html", context, status=status)


def _found(request: HttpRequest, uid: UUID) -> Job:
    job = visible_jobs(request.user).filter(kind="scenario", pk=uid).first()
    if job is None:
        raise NotThereError(
            say(None, "scenarios.no_run"), where=str(uid), next_step=say(None, "scenarios.no_run_next")
        )
    return job


@require_safe
def scenario_result(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Show what a scenario that was run does."""
    asked = Asked(request.GET, ())
    job = _found(request, uid)
    if job.state != Job.State.DONE:
        return redirect("job", job.pk)
    run = _run(str(job.pk))
    content, part = _part((run,))
    view = ShockView.of(content)
    assert view is not None  # _part refused a run without results
    figures = [_figure(block, (run,), asked.downloads) for block in part.blocks]
    table = side_by_side(view, (run.code,))
    context = {
        "content": content,
        "job": job,
        "run": run,
        "part": part,
        "figures": figures,
        "changes": [
            text for each in run.about["scenarios"] for text in spoken_changes(each, active_language())
        ],
        "economies": table,
        "others": [each for each in _jobs(request) if each.state == Job.State.DONE and each.pk != job.pk],
        "again": reverse("scenarios"),
    }
    return answer(
        request,
        "scenario.html",
        context,
        asked=asked,
        tables={**tables_of(*figures), "economies": table},
        title=run.name(active_language().code),
        provenance=_provenance((run,)),
    )


def _figure(block: Block, runs: Sequence[ScenarioRun], downloads: str) -> Shown:
    """Put a figure on the page, with its unit, and calibration and date of the runs."""
    calibrations = [run.about["calibration"] for run in runs]
    about = say(
        None,
        "scenarios.about",
        unit=say(None, f"study_unit.{shock_unit_of(block)}"),
        source="; ".join(dict.fromkeys(str(each.get("citation") or each["name"]) for each in calibrations)),
        date=", ".join(dict.fromkeys(str(each.get("year") or "–") for each in calibrations)),
        run=", ".join(run.code for run in runs),
        made=", ".join(dict.fromkeys(str(run.record["created"])[:10] for run in runs)),
    )
    return Shown(block, about, block.anchor, downloads=downloads)


def _provenance(runs: Sequence[ScenarioRun]) -> list[tuple[str, str]]:
    language = active_language()
    rows = []
    for run in runs:
        calibration, elasticities = run.about["calibration"], run.about["elasticities"]
        rows += [
            (say(None, "scenarios.run"), f"{run.name(language.code)} ({run.uid})"),
            (say(None, "provenance.created"), str(run.record["created"])[:10]),
            *(
                (say(None, "scenarios.change"), text)
                for each in run.about["scenarios"]
                for text in spoken_changes(each, language)
            ),
            (say(None, "scenarios.calibration"), f"{calibration['name']} ({calibration.get('year') or '–'})"),
            (say(None, "provenance.citation"), str(calibration.get("citation") or "–")),
            (say(None, "provenance.licence"), str(calibration.get("licence") or "–")),
            (say(None, "scenarios.elasticities"), str(elasticities.get("title"))),
            (say(None, "provenance.version"), str(run.record["geomonitor_version"])),
        ]
    return rows


@require_safe
def compare_scenarios(request: HttpRequest) -> HttpResponse:
    """Set the results of several runs side by side."""
    asked = Asked(request.GET, ("run",))
    done = [each for each in _jobs(request) if each.state == Job.State.DONE]
    chosen = asked.several("run", [str(each.pk) for each in done], most=_MOST_COMPARED)
    context: dict[str, Any] = {"done": done, "chosen": chosen, "figures": [], "beside": None}
    title = say(None, "scenarios.compare_title")
    if len(chosen) < 2:
        return answer(
            request, "scenario_compare.html", context, asked=asked, tables={}, title=title, provenance=[]
        )
    runs = [_run(each) for each in chosen]
    content, part = _part(runs)
    view = ShockView.of(content)
    assert view is not None  # _part refused runs without results
    names = sorted({str(run.about["calibration"]["name"]) for run in runs})
    found = [
        block for block in part.blocks if block.anchor in {"shocks-comparison", "shocks-map", "shocks-fan"}
    ]
    downloads = "".join(f"run={each}&" for each in chosen)
    figures = [_figure(block, runs, downloads) for block in found]
    beside = side_by_side(view, [run.code for run in runs])
    context |= {
        "runs": runs,
        "figures": figures,
        "beside": beside,
        "calibrations": names,
        "downloads": downloads,
    }
    return answer(
        request,
        "scenario_compare.html",
        context,
        asked=asked,
        tables={"beside": beside, **tables_of(*figures)},
        title=title,
        provenance=_provenance(runs),
    )
