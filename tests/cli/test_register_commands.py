"""`geomonitor register`: out, a dry run, and in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geomonitor.cli import main
from geomonitor.register.models import Case, User
from geomonitor.register.services import cases
from tests_of_the_application import *  # noqa: F403

pytestmark = pytest.mark.django_db

Capture = pytest.CaptureFixture[str]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


@pytest.fixture
def case(users: dict[str, User]) -> Case:
    return cases.open_case(
        users["analyst"], title="Tungsten", subject_kind="product", subject_name="Tungsten powders"
    )


@pytest.mark.parametrize("name", ["register.xlsx", "register.json"])
def test_out_and_in(case: Case, tmp_path: Path, capsys: Capture, name: str) -> None:
    file = tmp_path / name
    assert run("register", "export", str(file), "--as", "analyst") == 0
    assert run("register", "import", str(file), "--as", "analyst") == 0
    assert "cases: 1 unchanged" in capsys.readouterr().out
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_dry_run_writes_nothing_until_it_is_applied(case: Case, tmp_path: Path, capsys: Capture) -> None:
    from auditlog.models import LogEntry

    file = tmp_path / "register.json"
    run("register", "export", str(file), "--as", "analyst")
    document = json.loads(file.read_bytes())
    document["tables"]["cases"][0]["title"] = "Better"
    file.write_text(json.dumps(document))
    assert run("register", "import", str(file), "--as", "analyst") == 0
    told = capsys.readouterr().out
    assert "changed: cases, row 1" in told
    assert "title: 'Tungsten' -> 'Better'" in told
    assert "Nothing was written" in told
    case.refresh_from_db()
    assert case.title == "Tungsten"
    assert run("register", "import", str(file), "--as", "analyst", "--apply") == 0
    case.refresh_from_db()
    assert (case.title, case.version) == ("Better", 2)
    changed = LogEntry.objects.filter(action=LogEntry.Action.UPDATE).latest()
    assert changed.actor.username == "analyst"
    # the file is older than the register now
    document["tables"]["cases"][0]["title"] = "Best"
    file.write_text(json.dumps(document))
    assert run("register", "import", str(file), "--as", "analyst", "--apply") == 11
    assert "version 2, not 1" in capsys.readouterr().err


def test_errors_have_a_place_and_a_status(case: Case, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "register.json"
    run("register", "export", str(file), "--as", "analyst")
    document = json.loads(file.read_bytes())
    document["tables"]["cases"][0]["subject_kind"] = "x"
    file.write_text(json.dumps(document))
    assert run("register", "import", str(file), "--as", "analyst") == 11
    assert "cases, row 1, column subject_kind" in capsys.readouterr().err
    file.write_text("x")
    assert run("register", "import", str(file), "--as", "analyst") == 11
    assert run("register", "import", str(tmp_path / "none.xlsx"), "--as", "analyst") == 1
    assert run("register", "import", str(file), "--as", "nobody") == 3
    assert run("register", "export", str(tmp_path / "register.pdf"), "--as", "analyst") == 1
    assert run("register", "export", str(tmp_path / "none" / "register.json"), "--as", "analyst") == 1
    assert run("register", "import", str(file), "--as", "reader") in (8, 11)
