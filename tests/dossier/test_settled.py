"""The list of motions that a paper settles, against the motions of its running text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomonitor.dossier.reading import read_paper
from geomonitor.dossier.reading.settled import settled_span

RUNNING = (
    "Conform de motie-Kuzu (35 207, nr. 46) is dit gedaan. De motie Van Baarle c.s. "
    "(21501-20, nr. 1847) vroeg meer.\n\n"
    "Ook de motie-Valstar (36 200 X, nr. 25) is uitgevoerd."
)
LISTED = (
    "\n\nIn de brief worden de volgende moties afgedaan:\n\n"
    "- Motie Kuzu (35207-46)\n- Motie Van Baarle c.s. (21501-20, nr. 1847)\n- Motie Valstar "
    "c.s. (36 200 X, nr. 25)\n"
)
THREE = ("kst-35207-46", "kst-21501-20-1847", "kst-36200-X-25")


def test_list_and_running_text_agree() -> None:
    text = RUNNING + LISTED + "\nVerdere informatie volgt."
    reading = read_paper(text)
    settled = reading.settled
    assert settled.listed == settled.in_text == THREE
    assert settled.only_listed == settled.only_in_text == ()
    quoted = text[settled.start : settled.end]
    assert quoted.startswith("In de brief worden")
    assert quoted.endswith("(36 200 X, nr. 25)")
    assert [(each.in_list, each.relation) for each in reading.motions][3:] == [(True, "settles")] * 3
    assert not any(each.in_list for each in reading.motions[:3])


def test_where_they_differ() -> None:
    settled = read_paper(
        RUNNING
        + LISTED.replace("35207-46", "35207-51").replace(
            "- Motie Valstar", "- Motie Piri (35925-45)\n- Motie Valstar"
        )
    ).settled
    assert settled.listed == ("kst-35207-51", "kst-21501-20-1847", "kst-35925-45", "kst-36200-X-25")
    assert settled.in_text == THREE
    assert settled.only_listed == ("kst-35207-51", "kst-35925-45")
    assert settled.only_in_text == ("kst-35207-46",)


def test_a_paper_without_a_list_differs_in_nothing() -> None:
    settled = read_paper(RUNNING).settled
    assert (settled.start, settled.end, settled.listed) == (0, 0, ())
    assert settled.in_text == THREE
    assert settled.only_in_text == ()


@pytest.mark.parametrize(
    "heading",
    [
        "Met deze brief worden de volgende moties en toezeggingen afgedaan:",
        "Hiermee zijn onderstaande moties uitgevoerd:",
        "Tot slot. Ik beschouw de volgende moties als afgedaan:",
        "Afgedane moties",
        "## Moties die met deze brief worden afgedaan",
    ],
)
def test_headings_of_lists(heading: str) -> None:
    text = f"Tekst.\n\n{heading}\n\n• Motie Kuzu\n  (35207-46)\n• Motie Bos (35207-47)\n\nEinde van de brief."
    settled = read_paper(text).settled
    assert settled.listed == ("kst-35207-46", "kst-35207-47")
    assert text[settled.end :].strip() == "Einde van de brief."


@pytest.mark.parametrize(
    "text",
    [
        "De volgende moties zijn afgedaan in 2021. Dat was goed.",
        "De volgende moties worden besproken:\n\n- Motie Kuzu (35207-46)",
        "Wij spraken over moties.\n\n- punt een\n- punt twee",
        "",
    ],
)
def test_these_are_no_lists(text: str) -> None:
    assert settled_span(text) is None


@given(
    st.lists(
        st.sampled_from(["de volgende moties", "afgedaan:", "\n", "- ", "Motie A", "(35207-46)", " ", "."]),
        max_size=40,
    )
)
def test_a_span_lies_in_the_text(words: list[str]) -> None:
    text = "".join(words)
    span = settled_span(text)
    if span is not None:
        assert 0 <= span[0] < span[1] <= len(text)
        assert "\n" in text[span[0] : span[1]]
