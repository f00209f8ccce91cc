"""What pages and commands ask of the graph."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from archive.graph_papers import derive, load, make, small_dossier
from geomonitor.archive.models import Commitment
from geomonitor.archive.queries import (
    CommitmentFilters,
    MotionFilters,
    commitments_of,
    find_motion,
    find_paper,
    identities_of,
    motions_of,
    neighbourhood,
    references_from,
    references_to,
    timeline,
)
from geomonitor.cli.dossier import app

pytestmark = pytest.mark.django_db


@pytest.fixture
def dossier(db: None) -> None:
    load(small_dossier())
    derive()


def keys(found: Any) -> list[str]:
    return [each.motion for each in found]


def test_motions_by_what_they_are_asked_for(dossier: None) -> None:
    assert keys(motions_of(MotionFilters())) == ["kst-39999-10", "kst-39999-11", "kst-39999-12"]
    assert keys(motions_of(MotionFilters(dossier="39999", state="replaced"))) == ["kst-39999-11"]
    assert keys(motions_of(MotionFilters(words="houten ALLE"))) == ["kst-39999-12"]
    assert keys(motions_of(MotionFilters(settled_by="kst-39999-21"))) == ["kst-39999-10"]
    assert keys(motions_of(MotionFilters(dossier="3999"))) == []
    assert keys(motions_of(MotionFilters(judged=True))) == []
    assert keys(motions_of(MotionFilters(date_from=datetime.date(2024, 3, 2)))) == []


def test_a_dossier_takes_its_chapters_along() -> None:
    load([make("kst-36200-X-25", kind="Motie", title="Motie van het lid Vos over vlaggen")])
    assert keys(motions_of(MotionFilters(dossier="36200"))) == ["kst-36200-X-25"]
    assert keys(motions_of(MotionFilters(dossier="36200-V"))) == []


def test_commitments_by_what_they_are_asked_for(dossier: None) -> None:
    assert commitments_of(CommitmentFilters(dossier="39999", state="overdue")).count() == 1
    assert commitments_of(CommitmentFilters(due_before=datetime.date(2024, 1, 1))).count() == 0
    assert commitments_of(CommitmentFilters(official=True)).count() == 0
    assert commitments_of(CommitmentFilters(paper="kst-39999-21", words="onderhoud")).count() == 1
    Commitment.objects.update(judged_state="met")
    assert commitments_of(CommitmentFilters(state="met")).count() == 1
    assert commitments_of(CommitmentFilters(state="overdue")).count() == 0


def test_references_both_ways(dossier: None) -> None:
    letter = references_from("2024Z00020")
    assert {each.motion.motion for each in letter if each.motion} == {"kst-39999-12"}
    to = references_to("kst-39999-10")
    assert [each.paper.paper for each in to if each.paper] == [
        "2024Z00022",
        "2024Z00022",
        "kst-39999-21",
        "kst-39999-21",
    ]
    assert {each.reference.relation for each in to} >= {"settles"}


def test_a_matter_and_its_paper_are_one(dossier: None) -> None:
    assert identities_of("2024Z00010") == ("2024Z00010", "kst-39999-10")
    assert identities_of("kst-39999-10") == ("2024Z00010", "kst-39999-10")
    found = find_paper("2024Z00010")
    assert found is not None
    assert found.motion is not None
    assert found.motion == find_motion("kst-39999-10")
    assert find_paper("kst-39999-404") is None


def test_the_graph_around_a_paper(dossier: None) -> None:
    around = neighbourhood("2024Z00011")
    assert around.nodes[0].key == "kst-39999-11"
    assert {each.key for each in around.nodes} == {"kst-39999-11", "kst-39999-12"}
    [edge] = around.edges
    assert (edge.source, edge.target, edge.relation) == ("kst-39999-12", "kst-39999-11", "replaces")
    wider = neighbourhood("2024Z00011", depth=2)
    assert {each.key for each in wider.nodes} == {"kst-39999-11", "kst-39999-12", "2024Z00020"}
    assert {each.key: each.distance for each in wider.nodes}["2024Z00020"] == 2


def test_a_large_graph_is_cut_and_says_so() -> None:
    load(
        make(f"2024Z2{at:04}", kind="Brief regering", title="Reactie op het advies (Kamerstuk 39999-10)")
        for at in range(30)
    )
    around = neighbourhood("kst-39999-10", largest=11)
    assert (len(around.nodes), around.left_out) == (11, 20)
    assert all({each.source, each.target} <= {node.key for node in around.nodes} for each in around.edges)


def test_a_dossier_in_time(dossier: None) -> None:
    page = timeline("39999")
    shown = [each.paper.paper for each in page.entries]
    assert "2024Z00010" not in shown, "its paper is there"
    assert shown[0] == "kst-39999-21", "the newest first"
    assert page.entries[0].commitments == 1
    assert (page.total, page.pages) == (5, 1)
    assert dict(page.kinds) == {"Motie": 3, "Brief": 1, "Brief regering": 1}
    assert timeline("39999", page=9, page_size=2).page == 3
    assert timeline("39999", kind="Motie").total == 3
    assert timeline("12345").entries == ()


def test_the_number_of_queries_does_not_grow(dossier: None, django_assert_max_num_queries: Any) -> None:
    load(
        make(f"2024Z2{at:04}", kind="Brief regering", title="Reactie op de motie-Vos (Kamerstuk 39999-10)",
             dossier="39999", number=str(100 + at))
        for at in range(40)
    )  # fmt: skip
    derive()
    for ask, most in (
        (lambda: references_to("kst-39999-10"), 6),
        (lambda: references_from("kst-39999-21"), 8),
        (lambda: neighbourhood("kst-39999-10", depth=2), 16),
        (lambda: timeline("39999"), 6),
    ):
        with django_assert_max_num_queries(most):
            ask()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setattr("geomonitor.cli.dossier_graph.open_home", lambda home: None)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_the_commands(dossier: None, run: Callable[..., Any]) -> None:
    rows = json.loads(run("motions", "--dossier", "39 999", "--state", "settled", "--format", "json").stdout)
    assert [(each["motion"], each["settled_by"], each["rule"]) for each in rows] == [
        ("kst-39999-10", "kst-39999-21", "said_settled")
    ]
    [row] = json.loads(run("commitments", "--due-before", "2024-12-31", "--format", "json").stdout)
    assert (row["state"], row["rule"]) == ("overdue", "day_passed")
    assert "of 3" in run("motions", "--limit", "1").stdout
    assert "1 commitment." in run("derive", "--day", "2024-01-01").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("motions", "--dossier", "no dossier"),
        ("commitments", "--due-before", "soon"),
        ("derive", "--day", "2024-13-01"),
    ],
)
def test_what_the_commands_refuse(run: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    from geomonitor.errors import GeomonitorError

    assert isinstance(run(*arguments).exception, GeomonitorError)
