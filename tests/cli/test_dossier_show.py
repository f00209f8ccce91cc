"""`geomonitor dossier show`, and how the commands of the dossier take what people type."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from archive.graph_papers import TODAY, derive, load, make, small_dossier
from geomonitor.archive.models import Commitment, Motion, Paper
from geomonitor.cli import main
from geomonitor.cli.dossier_asked import day_asked, dossier_asked, paper_asked
from geomonitor.cli.dossier_tables import cell, subject_of_motion
from geomonitor.cli.home import open_home
from geomonitor.errors import GeomonitorError

Run = Callable[..., tuple[int, str, str]]
WIDEST = 100


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command of the dossier in this process: exit status, standard output, standard error."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["dossier", *map(str, arguments)])
        sys.stdout.flush()
        out, error = capfd.readouterr()
        return int(ended.value.code or 0), out, error

    return call


@pytest.fixture
def dossier(db: None) -> None:
    load(small_dossier())
    Commitment.objects.create(
        commitment="TZ202405-007", official=True, text="De minister stuurt een plan.", dossier="39999",
        source_status="Voldaan", source_met_by="kst-39999-21",
    )  # fmt: skip
    derive()


def test_a_letter_shows_what_it_settles_and_promises(dossier: None, run: Run) -> None:
    status, out, error = run("show", "39 999, nr. 21", "--format", "json")
    assert (status, error) == (0, "")
    shown = json.loads(out)
    assert (shown["paper"], shown["name"]) == ("kst-39999-21", "Kamerstuk 39 999, nr. 21")
    assert (shown["date"], shown["session_year"]) == ("2024-05-02", None)
    assert shown["address"] == "https://zoek.officielebekendmakingen.nl/kst-39999-21.html"
    assert {"kst-39999-10"} == {each["target"] for each in shown["refers_to"] if each["kind"] == "paper"}
    (motion,) = shown["motions"]
    assert (motion["motion"], motion["relation"], motion["state"]) == ("kst-39999-10", "settles", "settled")
    assert motion["movers"] == ["Vos"]
    settling = [each for each in motion["evidence"] if each["state"] == "settled"]
    assert settling[0]["paper"] == "kst-39999-21"
    promised = {each["commitment"]: each for each in shown["commitments"]}
    (made,) = (each for each in promised.values() if each["relation"] == "makes")
    assert (made["due_until"], made["state"]) == ("2024-06-30", "overdue")
    assert promised["TZ202405-007"]["relation"] == "meets"
    assert promised["TZ202405-007"]["state"] == "met"


@pytest.mark.parametrize("typed", ["kst-39999-10", "39999 nr 10", "Kamerstuk 39 999, nr. 10", "2024z00010"])
def test_a_motion_shows_what_refers_to_it(dossier: None, run: Run, typed: str) -> None:
    status, out, _ = run("show", typed, "--format", "json")
    assert status == 0
    shown = json.loads(out)
    assert set(shown["identities"]) == {"kst-39999-10", "2024Z00010"}
    assert {each["paper"] for each in shown["referred_by"]} == {"kst-39999-21", "2024Z00022"}
    assert [each["relation"] for each in shown["motions"]] == ["itself"]


def test_the_table_can_be_read_on_a_narrow_screen(dossier: None, run: Run) -> None:
    for arguments in (("show", "39999-21"), ("motions",), ("commitments",)):
        status, out, error = run(*arguments)
        assert (status, error) == (0, "")
        assert max(map(len, out.splitlines())) <= WIDEST
    _, out, _ = run("show", "39999-21")
    assert "Referred to by: none" in out
    assert "kst-39999-10: settled, by said_settled, kst-39999-21, 2024-05-02" in " ".join(out.split())
    assert "https://zoek.officielebekendmakingen.nl/kst-39999-21.html" in out


@pytest.mark.parametrize("part", ["facts", "refers-to", "referred-by", "motions", "commitments"])
def test_each_part_is_a_table_of_its_own(dossier: None, run: Run, tmp_path: Path, part: str) -> None:
    status, out, _ = run("show", "39999-10", "--what", part, "--format", "csv")
    assert status == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    file = tmp_path / "part.parquet"
    assert run("show", "39999-10", "--what", part, "--format", "parquet", "--out", file)[0] == 0
    frame = pl.read_parquet(file)
    assert (frame.height, frame.columns) == (len(rows), list(rows[0]) if rows else frame.columns)
    status, out, _ = run("show", "39999-10", "--what", part, "--format", "json")
    assert (status, len(json.loads(out))) == (0, len(rows))
    assert len(rows) == {"facts": 1, "refers-to": 2, "referred-by": 4, "motions": 1, "commitments": 0}[part]


def test_a_file_of_several_parts_is_refused(dossier: None, run: Run) -> None:
    status, out, error = run("show", "39999-10", "--format", "csv")
    assert (status, out) == (1, "")
    assert "--what refers-to" in error


def test_a_paper_that_is_not_there_is_told_with_its_address(dossier: None, run: Run) -> None:
    status, out, error = run("show", "35 207, nr. 60")
    assert (status, out) == (3, "")
    assert "Kamerstuk 35 207, nr. 60 is not in the archive." in error
    assert "geomonitor dossier sync 35207;" in error
    assert "https://zoek.officielebekendmakingen.nl/kst-35207-60.html" in error
    Paper.objects.filter(paper="kst-39999-21").update(withdrawn_at="2024-08-01T12:00:00Z")
    status, _, error = run("show", "39999-21")
    assert status == 3
    assert "was withdrawn by its source on 2024-08-01" in error
    Paper.objects.filter(paper="kst-39999-21").update(example=True)
    status, _, error = run("show", "39999-21")
    assert (status, "made up by the project" in error, "https://" in error) == (3, True, False)


def test_derive_takes_a_day_and_brings_the_index_along(dossier: None, run: Run) -> None:
    status, out, _ = run("derive", "--day", "2024-06-20", "--due-within", "5")
    assert (status, "1 commitment." in out) == (0, True)
    assert Commitment.objects.get(official=False).state == "open"
    assert run("derive", "--day", TODAY.isoformat())[0] == 0
    assert Commitment.objects.get(official=False).state == "overdue"
    from geomonitor.archive.models import Dossier

    assert Dossier.objects.get(dossier="39999").papers > 0


def test_motions_by_the_paper_that_settles_them_in_any_form(dossier: None, run: Run) -> None:
    status, out, _ = run("motions", "--settled-by", "39 999 nr 21", "--format", "csv")
    assert status == 0
    assert [row["motion"] for row in csv.DictReader(io.StringIO(out))] == ["kst-39999-10"]


@pytest.mark.parametrize("command", [("motions",), ("commitments",), ("incomplete",), ("search",)])
def test_a_dossier_that_is_not_there_is_told(dossier: None, run: Run, command: tuple[str, ...]) -> None:
    status, _, error = run(*command, "--dossier", "35207")
    assert status == 0
    assert error == "Dossier 35207 is not in the archive. Bring it in with: geomonitor dossier sync 35207\n"
    status, _, error = run(*command, "--dossier", "35207-60")
    assert status == 1
    assert "is a paper, not a dossier" in error
    assert "geomonitor dossier show kst-35207-60" in error


def test_a_search_in_all_chapters_of_a_dossier(run: Run, db: None) -> None:
    load([make("kst-36200-X-25", kind="Motie", title="Motie van het lid Vos over vlaggen")])
    assert run("index")[0] == 0
    for asked, found in (("36200", 0), ("36200*", 1), ("36 200 X", 1)):
        status, out, _ = run("search", "vlag", "--dossier", asked, "--format", "json")
        assert (status, len(json.loads(out))) == (0, found)
    status, out, error = run("search", "vlag", "--page", "9")
    assert out.startswith("1 paper in ")
    assert "The answer has 1 page; page 1 is shown." in error
    assert run("search", "schip", "--page", "9")[2] == ""


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: paper_asked("bijen", "PAPER"), "'bijen' is no paper."),
        (lambda: paper_asked("35207", "PAPER"), "'35207' is a dossier, not a paper."),
        (lambda: paper_asked("TZ202211-190", "PAPER"), "is a commitment, not a paper."),
        (lambda: paper_asked("2022Z24775", "--paper", only_printed=True), "is a matter, not a paper."),
        (lambda: dossier_asked("2022Z24775", "--dossier"), "is a matter, not a dossier."),
        (lambda: dossier_asked("bijen", "--dossier"), "'bijen' is no dossier."),
        (lambda: day_asked("20230113", "--since"), "'20230113' is no day."),
    ],
)
def test_what_is_none_says_where_and_what_next(asked: Callable[[], object], said: str) -> None:
    with pytest.raises(GeomonitorError) as refused:
        asked()
    error = refused.value
    assert said in error.what
    assert all((error.where, error.expected, error.next_step))


def test_a_folder_without_an_application_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "geomonitor.web.settings")
    monkeypatch.delenv("GEOMONITOR_SECRET_KEY", raising=False)
    monkeypatch.setenv("GEOMONITOR_HOME", "elsewhere")
    with pytest.raises(GeomonitorError, match="no application here") as refused:
        open_home(tmp_path / "nothing")
    assert refused.value.where == str(tmp_path / "nothing")
    assert "geomonitor serve" in str(refused.value.next_step)


@pytest.mark.parametrize("others", [("--as", "admin"), ("--days", "3"), ("--out", "news.txt")])
def test_a_digest_is_written_or_sent(run: Run, db: None, others: tuple[str, ...]) -> None:
    status, out, error = run("digest", "--send", *others)
    assert (status, out) == (1, "")
    assert "Leave --send out" in error


def test_cells_are_broken_and_cut_at_words() -> None:
    assert cell("een twee drie vier", 8) == "een twee\ndrie\nvier"
    assert cell("een twee drie vier", 20, 10) == "een twee…"
    assert cell("titel\nwoorden", 20) == "titel\nwoorden"
    assert cell("", 20) == "-"
    assert subject_of_motion("Gewijzigde motie van het lid Vos") == "Gewijzigde motie van het lid Vos"


def test_a_motion_without_its_row_is_not_shown(dossier: None, run: Run) -> None:
    Motion.objects.filter(motion="kst-39999-10").delete()
    status, out, _ = run("show", "39999-21", "--what", "motions")
    assert (status, out) == (0, "Motions that it is, carries out or settles: none\n")
