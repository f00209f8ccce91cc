"""Which motion a title carries out, and which dossier a title stands for."""

from __future__ import annotations

import csv
import datetime
import random
from collections import Counter
from pathlib import Path

import pytest

from geomonitor.dossier.dossier_titles import TitleLearned, TitleSaid, learn_titles, title_key
from geomonitor.dossier.execution import (
    LINK_RULES,
    ExecutedMotion,
    KnownMotion,
    MotionsKnown,
    movers_agree,
    names_execution,
    progress_only,
    subject_of,
)
from geomonitor.dossier.paper_kinds import is_motion, of_government

BOATS = KnownMotion(
    motion="kst-31482-60",
    papers=("kst-31482-60", "2014Z00001"),
    title="Motie van het lid Vos over behoud van varend erfgoed",
    movers=("Vos",),
    number="60",
    date=datetime.date(2014, 3, 1),
    dossier_title="cultuursubsidies",
)
BRIDGES = KnownMotion(
    motion="kst-31482-61",
    papers=("kst-31482-61",),
    title="Motie van de leden Vos en Agnes Mulder over onderhoud van houten bruggen",
    movers=("Vos", "Agnes Mulder"),
    date=datetime.date(2014, 3, 1),
    dossier_title="cultuursubsidies",
)
KNOWN = MotionsKnown([BOATS, BRIDGES])
MAY = datetime.date(2014, 5, 1)


@pytest.mark.parametrize(
    ("title", "names", "progress"),
    [
        ("Uitvoering motie-Vos over varend erfgoed", True, False),
        ("Uitvoering van de gewijzigde motie van het lid Vos c.s. over varend erfgoed", True, False),
        ("uitvoering moties (32500 XIII, nrs. 80 en 99)", True, False),
        ("Uitvoering van twee moties van het lid Vos", True, False),
        ("Uitvoering aan motie-Vos", True, False),
        ("Stand van zaken uitvoering motie-Vos", True, True),
        ("Voortgang uitvoering motie-Vos", True, True),
        ("Antwoorden op vragen commissie over de uitvoering van de motie-Vos", True, True),
        ("Uitvoering motie-Vos over de voortgang van het project", True, False),
        ("Reactie op de motie-Vos", False, True),
        ("Uitvoering van de wet; motie-Vos", False, False),
    ],
)
def test_titles_that_name_execution(title: str, names: bool, progress: bool) -> None:
    assert names_execution(title) is names
    assert progress_only(title) is progress


@pytest.mark.parametrize(
    ("target", "movers", "subject", "motion", "rule"),
    [
        ("kst-31482-60", ("Vos",), "over varend erfgoed", "kst-31482-60", "named_paper_agrees"),
        ("kst-31482-60", ("Vos",), "", "kst-31482-60", "named_paper_agrees"),
        ("2014Z00001", ("Vos",), "", "kst-31482-60", "named_paper_agrees"),
        (
            "kst-31482-60",
            ("Jansen",),
            "over behoud van varend erfgoed",
            "kst-31482-60",
            "named_paper_subject",
        ),
        ("kst-31482-60", ("Jansen",), "over de wolf", "kst-31482-60", "named_paper_differs"),
        ("kst-31482-60", (), "varend erfgoed", "kst-31482-60", "named_paper_subject"),
        ("kst-31482-60", (), "over de wolf", "kst-31482-60", "named_paper_alone"),
        ("kst-31482-60", (), "", "kst-31482-60", "named_paper_alone"),
        # the number and the rest agree, the dossier is misprinted
        ("kst-31428-60", ("Vos",), "behoud van varend erfgoed", "kst-31482-60", "number_movers_subject"),
        ("", ("Vos",), "over het behoud van varend erfgoed", "kst-31482-60", "movers_and_subject"),
        ("", ("Vos", "Mulder"), "over houten bruggen", "kst-31482-61", "movers_and_subject"),
    ],
)
def test_the_motion_that_is_meant(
    target: str, movers: tuple[str, ...], subject: str, motion: str, rule: str
) -> None:
    link = KNOWN.link(ExecutedMotion(target=target, movers=movers, subject=subject, date=MAY))
    assert link is not None
    assert (link.motion, link.rule, link.confidence) == (motion, rule, LINK_RULES[rule])


def test_the_same_dossier_makes_it_surer() -> None:
    named = ExecutedMotion(
        movers=("Vos",), subject="behoud van varend erfgoed", date=MAY, dossier_title="cultuursubsidies"
    )
    link = KNOWN.link(named)
    assert link is not None
    assert link.rule == "movers_subject_dossier"


@pytest.mark.parametrize(
    ("target", "movers", "subject", "date"),
    [
        ("kst-31482-99", ("Vos",), "over behoud van varend erfgoed", MAY),  # names another paper
        ("", ("Jansen",), "over behoud van varend erfgoed", MAY),
        ("", ("Vos",), "over de wolf", MAY),
        ("", ("Vos",), "erfgoed", MAY),  # one word says too little
        ("", (), "over behoud van varend erfgoed", MAY),
        ("", ("Vos",), "over behoud van varend erfgoed", datetime.date(2014, 2, 1)),  # before the motion
        ("", ("Vos",), "over behoud van varend erfgoed", datetime.date(2024, 2, 1)),  # ten years later
    ],
)
def test_no_motion_is_guessed(
    target: str, movers: tuple[str, ...], subject: str, date: datetime.date
) -> None:
    assert KNOWN.link(ExecutedMotion(target=target, movers=movers, subject=subject, date=date)) is None


def test_two_that_fit_alike_are_not_told_apart_and_one_that_is_out_does_not_count() -> None:
    named = ExecutedMotion(movers=("Vos",), subject="over behoud van varend erfgoed", date=MAY)
    again = KnownMotion(motion="kst-31482-70", papers=("kst-31482-70",), title=BOATS.title, movers=("Vos",))
    assert MotionsKnown([BOATS, again]).link(named) is None
    replaced = KnownMotion(
        motion="kst-31482-60", papers=("kst-31482-60",), title=BOATS.title, movers=("Vos",), out=True
    )
    link = MotionsKnown([replaced, again]).link(named)
    assert link is not None
    assert link.motion == "kst-31482-70"
    # but a title that names its paper means it
    by_paper = MotionsKnown([replaced, again]).link(ExecutedMotion(target="kst-31482-60"))
    assert by_paper is not None
    assert by_paper.motion == "kst-31482-60"


@pytest.mark.parametrize(
    ("named", "known", "agree"),
    [
        (["Vos"], ["Vos"], True),
        (["Mulder"], ["Agnes Mulder"], True),
        (["De Vries"], ["Vries"], True),
        (["Cörüz"], ["Coruz"], True),
        (["Van Meenen"], ["Van Meenen", "Westerveld"], True),
        (["Vos", "Smaling"], ["Vos", "Mulder"], False),
        (["Vosman"], ["Vos"], False),
        ([], ["Vos"], False),
    ],
)
def test_movers(named: list[str], known: list[str], agree: bool) -> None:
    assert movers_agree(named, known) is agree
    assert movers_agree(known, named) is agree


def test_the_subject_ends_where_the_next_mention_starts() -> None:
    title = "Uitvoering motie-Vos over varend erfgoed (31482, nr. 60) en motie-Mulder over bruggen"
    start = title.index("over varend")
    assert subject_of(title, start, title.index("motie-Mulder")) == "over varend erfgoed en"


def test_kinds() -> None:
    assert is_motion("Motie (gewijzigd/nader)")
    assert is_motion("", "Gewijzigde motie van het lid Vos")
    assert not is_motion("Brief regering", "Uitvoering motie-Vos")
    assert of_government("Brief regering")
    assert not of_government("Brief van lid/fractie/commissie")
    assert not of_government("Schriftelijke vragen")


A, B = "cultuursubsidies", "toekomst cultuurbeleid"


def test_titles_are_learned_where_papers_agree() -> None:
    said = [
        TitleSaid(A, "31482", "source"),
        *[TitleSaid(B, "32820", "named_motion")] * 4,
        TitleSaid(B, "31482", "named_motion"),
        *[TitleSaid("begroting", "33000", "replaced_motion")] * 2,
        *[TitleSaid("wet", "33001", "replaced_motion"), TitleSaid("wet", "33002", "replaced_motion")],
        TitleSaid("", "33003", "source"),
        TitleSaid("nota", "33004", "source"),  # one a year
    ]
    random.Random(1).shuffle(said)
    assert learn_titles(said, several={"nota"}) == {
        A: TitleLearned("31482", "source", 1, 0),
        B: TitleLearned("32820", "named_motion", 4, 1),
        "begroting": TitleLearned("33000", "replaced_motion", 2, 0),
    }


def test_sources_that_contradict_each_other_are_not_overruled_by_titles() -> None:
    said = [TitleSaid(A, "31482", "source"), TitleSaid(A, "31483", "source")]
    assert learn_titles([*said, *[TitleSaid(A, "31482", "named_motion")] * 5]) == {}


def test_a_budget_has_the_number_of_its_year() -> None:
    def budget(ministry: str, year: int) -> str:
        return title_key(
            f"Vaststelling van de begrotingsstaten van het Ministerie van {ministry} voor het jaar {year}"
        )

    known, same, other = (
        budget("Defensie (X)", 2023),
        budget("Onderwijs (VIII)", 2023),
        budget("Defensie (X)", 2024),
    )
    learned = learn_titles([TitleSaid(known, "36200-X", "source")], [same, other, "cultuur"])
    assert {title: found.dossier for title, found in learned.items()} == {
        known: "36200-X",
        same: "36200-VIII",
    }


SAMPLE = Path(__file__).parents[1] / "published" / "uitvoering_moties" / "sample.csv"
PAGE = Path(__file__).parents[2] / "docs" / "dossier-graph.md"


def test_the_sample_that_was_read_by_hand_is_what_the_page_says() -> None:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({(row["matter"], row["target"]) for row in rows}) == 200
    assert {row["verdict"] for row in rows} <= {"right", "wrong", "unclear"}
    assert {row["rule"] for row in rows} <= set(LINK_RULES)
    assert all(len(row["note"]) < 120 for row in rows), "notes, no titles"
    counted = Counter(row["verdict"] for row in rows)
    told = f"| all | 200 | {counted['wrong']} | {counted['unclear']} |"
    assert told in PAGE.read_text(encoding="utf-8")
