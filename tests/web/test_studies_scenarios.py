"""Scenarios: the form and its faults, the run, its result, and runs side by side."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from geomonitor.errors import DataError
from geomonitor.shocks import run_scenario, scenario_from
from geomonitor.web.models import Job
from geomonitor.web.studies.scenario_form import form_of, read_form
from geomonitor.web.studies.scenario_job import run_scenario_job
from geomonitor.web.studies.scenario_results import read_run

if TYPE_CHECKING:
    from django.test import Client

    from geomonitor.register.models import User

pytestmark = pytest.mark.django_db

_TODAY = datetime.date(2026, 11, 22)
_FORM = {
    "name": "Chips denied",
    "kind-1": "denial",
    "buyers-1": "nld",
    "sellers-1": "CHN",
    "sectors-1": "c26",
    "kind-2": "",
    "focus": "NLD",
    "calibration": "oecd-icio-2022",
    "elasticities": "",
    "deficits": "zero",
    "draws": "0",
}


def _faults(**changed: str) -> dict[str, str]:
    return {each.field: each.text for each in read_form({**_FORM, **changed}, "en", today=_TODAY).faults}


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"name": " "}, "name", "name"),
        ({"buyers-1": "NLX"}, "buyers-1", "NLD"),
        ({"sellers-1": ""}, "sellers-1", "at least one"),
        ({"sectors-1": "C99"}, "sectors-1", "C99"),
        ({"kind-1": "gift"}, "kind-1", "trade_cost"),
        ({"kind-1": "tariff_add"}, "size-1", "25 pp"),
        ({"kind-1": "tariff_add", "size-1": "much"}, "size-1", "25 pp"),
        ({"kind-1": "trade_cost", "size-1": "much"}, "size-1", "factor"),
        ({"kind-1": "trade_cost", "size-1": "0"}, "size-1", "above 0"),
        ({"kind-1": "", "buyers-1": "", "sellers-1": ""}, "kind-1", "at least one change"),
        ({"calibration": "/etc/passwd"}, "calibration", "oecd-icio-2022"),
        ({"calibration": "bilateral-cubes:/tmp"}, "calibration", "oecd-icio-2022"),
        ({"elasticities": "mine"}, "elasticities", "shapiro-2016"),
        ({"focus": "QQQ"}, "focus", "QQQ"),
        ({"draws": "100000"}, "draws", "50"),
    ],
)
def test_a_fault_is_named_at_its_field(changed: dict[str, str], field: str, said: str) -> None:
    faults = _faults(**changed)
    assert said in faults[field]


def test_all_faults_are_named_at_once() -> None:
    faults = _faults(**{"name": "", "sectors-1": "C99", "kind-2": "denial", "buyers-2": "NLD"})
    assert set(faults) == {"name", "sectors-1", "sellers-2"}


def test_a_scenario_that_ships_fills_the_form_and_keeps_its_source() -> None:
    form = form_of("eu-china-25pp", "nl")
    row = form.changes[0]
    data = {
        **_FORM,
        "name": form.name,
        "based_on": "eu-china-25pp",
        "kind-1": row.kind,
        "size-1": row.size,
        "buyers-1": row.buyers,
        "sellers-1": row.sellers,
        "sectors-1": row.sectors,
        "both-ways-1": "yes",
        "deficits": form.deficits,
    }
    asked = read_form(data, "en", today=_TODAY)
    assert asked.parameters["scenario"]["source"].startswith("letter to parliament")
    other = read_form({**data, "size-1": "26 pp"}, "en", today=_TODAY)
    assert other.parameters["scenario"]["source"] == "filled in by a user"


def test_a_filled_in_scenario_becomes_a_job(as_analyst: Client, users: dict[str, User]) -> None:
    answer = as_analyst.post("/scenarios/", _FORM)
    job = Job.objects.get(kind="scenario")
    assert answer.headers["Location"] == f"/jobs/{job.pk}/"
    assert job.asked_by == users["analyst"]
    assert job.parameters["scenario"]["change"][0]["sectors"] == ["C26"]


def test_a_wrong_form_comes_back_as_it_was(as_analyst: Client) -> None:
    answer = as_analyst.post("/scenarios/", {**_FORM, "name": "<b>mine</b>", "sectors-1": "C99"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "&lt;b&gt;mine&lt;/b&gt;" in text
    assert 'id="sectors-1-fault"' in text
    assert not Job.objects.exists()
    more = as_analyst.post("/scenarios/", {**_FORM, "add": "yes"}).content.decode()
    assert 'name="kind-3"' in more
    assert 'role="alert" tabindex="-1"' not in more


def test_a_reader_runs_nothing(as_reader: Client) -> None:
    assert as_reader.post("/scenarios/", _FORM).status_code == 403
    assert "Analysts and administrators can run scenarios" in as_reader.get("/scenarios/").content.decode()


@pytest.fixture(scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], list[str]]:
    """A scenario that was run, as the worker would."""
    folder = tmp_path_factory.mktemp("staging") / "first"
    raw = {
        "code": "own",
        "name": {"en": "Chips denied", "nl": "Chips denied"},
        "source": "own",
        "date": "2026-11-22",
        "deficits": "zero",
        "change": [{"kind": "denial", "buyers": ["NLD"], "sellers": ["CHN"], "sectors": ["C26"]}],
    }
    parameters = {
        "scenario": raw,
        "calibration": "oecd-icio-2022",
        "elasticities": "",
        "focus": ["NLD"],
        "draws": 0,
    }
    told: list[str] = []
    run_scenario_job(parameters, lambda text, step, steps: told.append(f"{step}/{steps}"), folder)
    return folder, parameters, told


def _done(user: User, home: Path, made: tuple[Path, dict[str, Any], list[str]]) -> Job:
    job = Job.objects.create(
        kind="scenario", title="Chips denied", parameters=made[1], asked_by=user, state=Job.State.DONE
    )
    place = home / "results" / str(job.pk)
    place.mkdir(parents=True)
    for file in made[0].iterdir():
        (place / file.name).write_bytes(file.read_bytes())
    return job


def test_the_result_is_that_of_the_model(
    run_once: tuple[Path, dict[str, Any], list[str]], tmp_path: Path
) -> None:
    from geomonitor.shocks import load_calibration

    folder, parameters, told = run_once
    assert told == ["1/3", "2/3", "3/3"]
    run = read_run(folder)
    raw = {**parameters["scenario"], "date": _TODAY}
    found = run_scenario(load_calibration("oecd-icio-2022"), scenario_from(raw, "here"))
    ours = dict(run.tables["shocks"].select("economy", "real_income_change").iter_rows())
    for economy, change in found.economies.select("economy", "real_income_change").iter_rows():
        assert ours[economy] == pytest.approx(change, abs=2e-8)
    assert ours["NLD"] < 0
    with pytest.raises(DataError):
        read_run(tmp_path / "nothing")


def test_a_result_is_shown_downloaded_and_compared_by_who_asked(
    as_analyst: Client,
    as_reader: Client,
    users: dict[str, User],
    run_once: tuple[Path, dict[str, Any], list[str]],
    settings: object,
    tmp_path: Path,
) -> None:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    jobs = [_done(users["analyst"], tmp_path, run_once) for _ in range(2)]
    address = f"/scenarios/{jobs[0].pk}/"
    text = as_analyst.get(address).content.decode()
    assert "the Netherlands no longer gets anything from China (C26)." in text
    assert "OECD Inter-Country Input-Output" in text
    lines = as_analyst.get(f"{address}?download=csv&table=economies").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 81
    both = as_analyst.get(f"/scenarios/compare/?run={jobs[0].pk}&run={jobs[1].pk}")
    assert "Difference in real income" in both.content.decode()
    assert as_reader.get(address).status_code == 404
    assert as_reader.get(f"/scenarios/compare/?run={jobs[0].pk}").status_code == 404
    assert "not yet two runs" in as_reader.get("/scenarios/compare/").content.decode()


def test_a_run_that_is_not_done_leads_to_its_progress(as_analyst: Client, users: dict[str, User]) -> None:
    job = Job.objects.create(kind="scenario", title="Later", asked_by=users["analyst"])
    assert as_analyst.get(f"/scenarios/{job.pk}/").headers["Location"] == f"/jobs/{job.pk}/"
