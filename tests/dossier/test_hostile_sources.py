"""Hostile input: a clear error or clean text, within bounds of time and memory.

Memory is bounded by limits of the process itself, so that a bound that does not hold fails the test.
"""

from __future__ import annotations

import gzip
import io
import resource
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.dossier.records import PaperRecord
from geomonitor.dossier.sources.koop import publications_in, read_publication
from geomonitor.dossier.sources.safe_xml import parse_xml
from geomonitor.errors import DataError, GeomonitorError

# measured, on a 2-core machine: none of them takes more than 0.3 seconds, all of them together 235 MB
_MOST_SECONDS = 20
_MOST_BYTES = 1 << 30

_LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
HOSTILE = {
    "billion laughs": f'<!DOCTYPE t [<!ENTITY l0 "lol">{_LAUGHS}]><t>&l9;</t>'.encode(),
    "laughs in an attribute": f'<!DOCTYPE t [<!ENTITY l0 "lol">{_LAUGHS}]><t a="&l9;"/>'.encode(),
    "quadratic blow-up": b'<!DOCTYPE t [<!ENTITY a "'
    + b"x" * 100_000
    + b'">]><t>'
    + b"&a;" * 100_000
    + b"</t>",
    "external file": b'<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/hostname">]><t>&x;</t>',
    "external address": b'<!DOCTYPE t [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]><t>&x;</t>',
    "external dtd": b'<!DOCTYPE t SYSTEM "http://127.0.0.1:9/t.dtd"><t>&x;</t>',
    "100,000 deep": b"<a>" * 100_000 + b"</a>" * 100_000,
    "100,000 deep, unclosed": b"<a>" * 100_000,
    "50 MB of text": b"<officiele-publicatie>" + b"x " * 25_000_000 + b"</officiele-publicatie>",
    "15 MB of text in one element": b"<t>" + b"x " * 7_500_000 + b"</t>",
    "millions of tags": b"<t>" + b"<a/>" * 3_000_000 + b"</t>",
    "a million attributes": b"<t>" + b'<a b="" c="" d=""/>' * 400_000 + b"</t>",
    "a tag without end": b"<t " + b"a" * 15_000_000,
    "a comment without end": b"<!--" + b"-" * 15_000_000,
    "comments without end": b"<!--x" * 3_000_000,
    "a head without end": b"<!DOCTYPE t " + b"'x' " * 4_000_000,
    "a declaration without end": b"<?xml " + b" " * 15_000_000,
    "truncated": b"<officiele-publicatie><kamerstuk><dossier>",
    "no xml": b"GIF89a" + bytes(range(256)),
    "empty": b"",
    "half utf-16": "<t>één".encode("utf-16")[:-1],
    "latin-1 as utf-8": b'<?xml version="1.0" encoding="UTF-8"?><t>caf\xe9</t>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_refused_in_words(name: str) -> None:
    with pytest.raises(DataError) as caught:
        read_publication(HOSTILE[name], "paper.xml")
    error = caught.value
    assert str(error.where).startswith("paper.xml")
    assert len(str(error)) < 1_000
    assert "hostname" not in error.what


def test_megabytes_in_one_paper_are_clean_text() -> None:
    paragraphs = "<al>Zie 35 207, nr. 60 en &lt;b&gt;vet&lt;/b&gt;.</al>" * 60_000
    record = read_publication(_paper(paragraphs), "paper.xml")
    assert record.text.count("\n\n") == 59_999
    assert record.text.endswith("Zie 35 207, nr. 60 en <b>vet</b>.")


def _paper(text: str, title: str = "BRIEF") -> bytes:
    return (
        "<officiele-publicatie><kamerstuk><dossier><dossiernummer>35 207</dossiernummer>"
        f"<titel>{title}</titel></dossier><stuk><stuknr><ondernummer>60</ondernummer></stuknr>"
        f"<titel>{title}</titel><algemeen><vrije-tekst><tekst>{text}</tekst></vrije-tekst></algemeen></stuk>"
        "</kamerstuk></officiele-publicatie>"
    ).encode()


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
        ("Brief <b>vet</b> en <script>x</script>", "Brief vet en x"),
        ("a\u202etxt.exe\u2066", "atxt.exe"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("regel 1\r\nregel 2\t3", "regel 1 regel 2 3"),
    ],
)
def test_markup_in_titles_is_plain_text(written: str, title: str) -> None:
    record = read_publication(_paper("<al>x</al>", written), "paper.xml")
    assert (record.title, record.dossier_title) == (title, title)


def test_titles_in_metadata_are_clean_too() -> None:
    meta = '<meta name="OVERHEIDop.documenttitel" content="a\u202eb &lt;script&gt;&#9;c"/>'
    data = _paper("<al>x</al>").replace(b"<kamerstuk>", f"<metadata>{meta}</metadata><kamerstuk>".encode())
    assert read_publication(data, "paper.xml").title == "ab <script> c"


@pytest.mark.parametrize(
    "title",
    [
        "MOTIE VAN HET LID " + "A EN " * 20_000,
        "MOTIE " + " " * 50_000 + "x",
        "MOTIE VAN DE LEDEN " + "C.S. " * 20_000,
        "x" * 100_000 + " MOTIE",
    ],
)
def test_titles_without_end_take_no_time_without_end(title: str) -> None:
    assert read_publication(
        _paper("<al>" + "A" * 50_000 + "</al>" + "<al>Bos</al>" * 2_000, title), "paper.xml"
    ).title


@settings(deadline=None)
@given(st.integers(0, 400), st.integers(0, 60), st.binary(max_size=40))
def test_a_paper_with_any_part_replaced_is_read_or_refused(start: int, length: int, other: bytes) -> None:
    whole = _paper("<al>Zie<noot><noot.nr>1</noot.nr><noot.al>x</noot.al></noot></al>")
    try:
        record = read_publication(whole[:start] + other + whole[start + length :], "paper.xml")
    except GeomonitorError as error:
        assert error.where  # noqa: PT017
    else:
        assert record.paper


def test_nested_notes_and_lists_stay_within_the_depth(tmp_path: Path) -> None:
    deep = 60
    text = "<al>a" + "<noot><noot.al>b" * deep + "</noot.al></noot>" * deep + "</al>"
    assert read_publication(_paper(text), "paper.xml").text.count("[noot: b") == deep


def test_a_bomb_of_gzip_is_left_after_its_bound(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.tar.gz"
    with gzip.open(bomb, "wb") as grown:
        head = tarfile.TarInfo("a.txt")
        head.size = 10**12
        grown.write(head.tobuf())
        for _ in range(60):
            grown.write(b"\0" * 1_000_000)
    (found,) = publications_in(bomb)
    assert not isinstance(found, PaperRecord)
    assert "grows more than 200 times" in found.reason


def test_names_in_an_archive_are_shown_clean(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "p.tar", "w") as archive:
        member = tarfile.TarInfo("../a\x1b[2J\u202e" + "b" * 500 + ".xml")
        archive.addfile(member, io.BytesIO())
    (found,) = publications_in(tmp_path / "p.tar")
    assert not isinstance(found, PaperRecord)
    assert "\x1b" not in found.where
    assert len(found.where) < 400


def test_hostile_xml_stays_within_bounds_of_time_and_memory() -> None:
    """All of it once more in a process that may not have more than 1 GiB, nor 20 seconds of computing."""
    program = (
        "import resource, runpy, sys;"
        f"resource.setrlimit(resource.RLIMIT_AS, ({_MOST_BYTES}, {_MOST_BYTES}));"
        f"resource.setrlimit(resource.RLIMIT_CPU, ({_MOST_SECONDS}, {_MOST_SECONDS}));"
        "sys.argv[1:] = ['within bounds']; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program.replace("sys.argv[0]", repr(__file__))],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().endswith(f"{len(HOSTILE)} refused")


def _refuse_all() -> None:
    refused = 0
    for data in HOSTILE.values():
        try:
            parse_xml(data, where="x")
        except DataError:
            refused += 1
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB, {refused} refused\n")


if __name__ == "__main__":
    _refuse_all()
