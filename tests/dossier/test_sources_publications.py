"""Official publications: head, metadata, text, movers; all of them made up here."""

from __future__ import annotations

import datetime
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from geomonitor.dossier.records import Family, PaperRecord
from geomonitor.dossier.sources.koop import Unreadable, publications_in, read_publication
from geomonitor.dossier.sources.motion_heads import kind_of_title, movers_of, title_in_sentence_case
from geomonitor.errors import DataError

DOSSIER = "<dossiernummer><dossiernr>35 207</dossiernr></dossiernummer>"
DATE = '<datumtekst>Voorgesteld <datum isodatum="2023-01-13">13 januari 2023</datum></datumtekst>'


def publication(
    *,
    metadata: str = "",
    dossier: str = f"<dossier>{DOSSIER}<titel>Beleid over China</titel></dossier>",
    number: str = 'Nr. <ondernummer kamer="2">60</ondernummer>',
    title: str = "BRIEF VAN DE MINISTER",
    date: str = DATE,
    text: str = "<al>Tekst.</al>",
) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><officiele-publicatie>'
        f"<metadata>{metadata}</metadata><kamerstuk><kamerstukkop>"
        '<tekstregel inhoud="vergaderjaar">Vergaderjaar 2022–2023</tekstregel></kamerstukkop>'
        f"{dossier}<stuk><stuknr>{number}</stuknr><titel>{title}</titel>{date}"
        f"<algemeen><vrije-tekst><tekst>{text}</tekst></vrije-tekst></algemeen></stuk></kamerstuk>"
        "</officiele-publicatie>"
    ).encode()


def read(**parts: str) -> PaperRecord:
    return read_publication(publication(**parts), "paper.xml")


def meta(name: str, content: str, scheme: str = "") -> str:
    return f'<meta name="{name}" scheme="{scheme}" content="{content}"/>'


def test_the_head_of_a_paper_says_what_it_is() -> None:
    record = read()
    assert record.paper == "kst-35207-60"
    assert (record.family, record.source, record.dossier, record.number) == (
        Family.PAPER,
        "koop",
        "35207",
        "60",
    )
    assert record.date == datetime.date(2023, 1, 13)
    assert (record.kind, record.dossier_title, record.session_year) == (
        "Brief",
        "Beleid over China",
        "2022-2023",
    )
    assert record.url == "https://zoek.officielebekendmakingen.nl/kst-35207-60.html"
    assert (record.missing, record.movers, record.text) == ((), (), "Tekst.")


@pytest.mark.parametrize(
    ("written", "paper"),
    [
        ("<dossiernr>36 200</dossiernr> <begrotingshoofdstuk> X</begrotingshoofdstuk>", "kst-36200-X-60"),
        ("<dossiernr>21 501</dossiernr>-<raadnr>20 </raadnr>", "kst-21501-20-60"),
        ("<dossiernr>36 027</dossiernr> (<rijkswetnr>R 2160</rijkswetnr>)", "kst-36027-60"),
        ("36 410 XVI", "kst-36410-XVI-60"),
    ],
)
def test_dossiers_have_chapters_and_suffixes(written: str, paper: str) -> None:
    assert read(dossier=f"<dossier><dossiernummer>{written}</dossiernummer></dossier>").paper == paper


def test_a_paper_in_several_dossiers_belongs_to_the_first() -> None:
    chapters = "".join(
        "<dossier><dossiernummer><dossiernr>36 410</dossiernr> "
        f"<begrotingshoofdstuk>{chapter}</begrotingshoofdstuk></dossiernummer><titel>{chapter}</titel></dossier>"
        for chapter in ("XVI", "VI")
    )
    record = read(dossier=chapters)
    assert (record.paper, record.dossier, record.other_dossiers) == (
        "kst-36410-XVI-60",
        "36410-XVI",
        ("36410-VI",),
    )
    assert record.dossier_title == "XVI"


def test_metadata_of_its_own_are_believed() -> None:
    record = read(
        metadata=meta("DC.identifier", "kst-36600-X-7")
        + meta("OVERHEIDop.dossiernummer", "36600-X")
        + meta("OVERHEIDop.dossiernummer", "36600-XV")
        + meta("OVERHEIDop.ondernummer", "7")
        + meta("DC.type", "Motie", "OVERHEIDop.KamerstukTypen")
        + meta("OVERHEIDop.documenttitel", "Brief over &lt;b&gt;defensie&lt;/b&gt;")
        + meta("OVERHEIDop.vergaderjaar", "2024-2025")
        + meta("DCTERMS.issued", "2024-11-05"),
        date="",
    )
    assert (record.paper, record.dossier, record.other_dossiers) == (
        "kst-36600-X-7",
        "36600-X",
        ("36600-XV",),
    )
    assert record.title == "Brief over <b>defensie</b>"
    assert (record.date, record.session_year) == (datetime.date(2024, 11, 5), "2024-2025")


def test_the_address_of_metadata_kept_elsewhere_names_the_paper() -> None:
    record = read(
        metadata=meta("OVERHEIDop.externMetadataRecord", "https://example.nl/kst-36410-XVI-9/metadata.xml"),
        dossier="",
        number="",
    )
    assert (record.paper, record.dossier, record.number) == ("kst-36410-XVI-9", "36410-XVI", "9")


@pytest.mark.parametrize(
    ("date", "day"),
    [
        ("<datumtekst>Voorgesteld 3december 2024</datumtekst>", datetime.date(2024, 12, 3)),
        ("<datumtekst>Voorgesteld 21 MEI 2025</datumtekst>", datetime.date(2025, 5, 21)),
        (
            '<datumtekst><datum isodatum="2025-02-30">28 februari 2025</datum></datumtekst>',
            datetime.date(2025, 2, 28),
        ),
        ("", None),
        ("<datumtekst>Voorgesteld 31 november 2024</datumtekst>", None),
    ],
)
def test_the_date_is_read_as_marked_or_as_written(date: str, day: datetime.date | None) -> None:
    record = read(date=date)
    assert record.date == day
    assert [field for field, _ in record.missing] == ([] if day else ["date"])
    if "november" in date:
        assert "31 november" in record.missing[0][1]


def test_a_letter_is_dated_in_its_first_lines() -> None:
    record = read(
        date="", text="<al>Aan de Voorzitter</al><al>Den Haag, 13 januari 2023</al><al>Geachte,</al>"
    )
    assert record.date == datetime.date(2023, 1, 13)


def test_the_text_keeps_lists_tables_and_notes_in_their_place() -> None:
    record = read(
        text="<al>De brief<noot><noot.nr>1</noot.nr><noot.al>35 207,\n nr. 46</noot.al></noot> noemt "
        "<nadruk>CO<inf>2</inf></nadruk><?xpp ep?> en:</al>"
        "<lijst><li><li.nr>–</li.nr><al>een;</al></li><li><li.nr>b.</li.nr><al>twee.</al><al>Meer.</al></li></lijst>"
        "<table><tgroup><tbody><row><entry><al>a</al></entry><entry>b</entry></row>"
        "<row><entry>c</entry><entry/></row></tbody></tgroup></table>"
        "<al-groep><al>Met een <onbekend>vreemd</onbekend> woord</al></al-groep>"
        "<nieuw>Zonder naam</nieuw>"
        "<divisie><kop><label>Hoofdstuk</label><nr>1</nr><titel>Inzet</titel></kop><al>x</al></divisie>"
        "<ondertekening><functie>De Minister,</functie><naam><voornaam>A.</voornaam> "
        "<achternaam>Bos</achternaam></naam></ondertekening>"
    )
    assert record.text.split("\n\n") == [
        "De brief [noot 1: 35 207, nr. 46] noemt CO2 en:",
        "– een;",
        "b. twee.",
        "Meer.",
        "a | b",
        "c |",
        "Met een vreemd woord",
        "Zonder naam",
        "Hoofdstuk 1 Inzet",
        "x",
        "De Minister,",
        "A. Bos",
    ]


MOTION = "<al>De Kamer,</al><al>en gaat over tot de orde van de dag.</al>"


def test_a_motion_names_its_movers_as_they_sign() -> None:
    record = read(
        title="GEWIJZIGDE MOTIE VAN HET LID VAN DER BERG C.S. TER VERVANGING VAN DIE GEDRUKT ONDER NR. 5",
        text=f"{MOTION}<al-groep><al>Van der Berg</al><al>De Vries-Çelik</al></al-groep>",
    )
    assert record.movers == ("Van der Berg", "De Vries-Çelik")
    assert record.kind == "Motie (gewijzigd)"
    assert (
        record.title
        == "Gewijzigde motie van het lid Van der Berg c.s. ter vervanging van die gedrukt onder nr. 5"
    )


@pytest.mark.parametrize(
    ("title", "paragraphs", "movers"),
    [
        ("MOTIE VAN DE LEDEN BOS EN VAN DAM", ["verzoekt de regering iets;"], ("Bos", "Van Dam")),
        ("MOTIE VAN HET LID BOS C.S.", ["verzoekt iets.", "Bos", "Van Dam"], ("Bos", "Van Dam")),
        (
            "MOTIE VAN HET LID BOS",
            ["en gaat over tot de orde van de dag.", "Bos,", "D, van Dam"],
            ("Bos", "D, van Dam"),
        ),
        ("MOTIE VAN ", ["verzoekt iets;"], ()),
        ("BRIEF VAN DE MINISTER", ["en gaat over tot de orde van de dag.", "Bos"], ()),
        ("MOTIE VAN HET LID BOS", [], ("Bos",)),
    ],
)
def test_movers_by_signature_or_title(title: str, paragraphs: list[str], movers: tuple[str, ...]) -> None:
    assert movers_of(title, paragraphs) == movers


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("MOTIE VAN HET LID BOS", "Motie"),
        ("TWEEDE NADER GEWIJZIGDE MOTIE VAN HET LID BOS", "Motie (tweede nader gewijzigd)"),
        ("GEWIJZGIDE MOTIE VAN HET LID BOS", "Motie (gewijzigd)"),
        ("AMENDEMENT VAN HET LID BOS", "Amendement"),
        ("VERSLAG VAN EEN COMMISSIEDEBAT", "Verslag"),
        ("IETS ANDERS", ""),
        ("BRIEF OVER EEN MOTIE", "Brief"),
    ],
)
def test_kinds_of_papers(title: str, kind: str) -> None:
    assert kind_of_title(title) == kind


def test_a_title_that_leaves_accents_out_still_gets_its_names() -> None:
    assert title_in_sentence_case("MOTIE VAN HET LID CELIK", ("Çelik",)) == "Motie van het lid Çelik"
    assert title_in_sentence_case("MOTIE VAN HET LID ANDERS", ("Çelik",)) == "MOTIE VAN HET LID ANDERS"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<html><body/></html>", "no official publication"),
        (b"<metadata_gegevens/>", "no official publication"),
        (b"<officiele-publicatie><metadata/></officiele-publicatie>", "no content"),
        (publication(dossier=""), "neither its identifier"),
        (publication(number=""), "neither its identifier"),
        (publication(number="Nr. ?"), "is no number of a paper"),
    ],
)
def test_what_is_no_paper_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        read_publication(data, "paper.xml")
    assert caught.value.where == "paper.xml"
    assert caught.value.next_step


# Files, folders and archives


def papers(path: Path) -> list[str]:
    return [each.paper if isinstance(each, PaperRecord) else each.reason for each in publications_in(path)]


def test_a_folder_is_read_by_name_and_the_broken_listed(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "b.xml").write_bytes(publication())
    (tmp_path / "a.xml").write_bytes(b"<half")
    (tmp_path / "metadata.xml").write_bytes(b"<metadata/>")
    (tmp_path / "notes.txt").write_bytes(b"x")
    broken, paper = papers(tmp_path)
    assert "not well-formed" in broken
    assert paper == "kst-35207-60"
    assert papers(tmp_path / "b" / "b.xml") == [paper]


def tar(path: Path, members: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


@pytest.mark.parametrize(("name", "mode"), [("p.tar.gz", "w:gz"), ("p.tgz", "w:gz"), ("p.tar", "w")])
def test_a_tar_is_read_without_unpacking_it(tmp_path: Path, name: str, mode: str) -> None:
    members = {"../../../outside.xml": publication(), "/root.xml": b"", "sub/x.txt": b"x", "._a.xml": b"x"}
    assert papers(tar(tmp_path / name, members, mode)) == ["kst-35207-60", "The XML document is empty."]
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_links_in_a_tar_are_not_followed(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "p.tar", "w") as archive:
        link = tarfile.TarInfo("link.xml")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)
    (reason,) = papers(tmp_path / "p.tar")
    assert "a link or a device" in reason


def test_a_tar_that_was_cut_off_gives_what_it_holds_and_says_so(tmp_path: Path) -> None:
    whole = tar(tmp_path / "whole.tar", {f"{n}.xml": publication() for n in range(3)}, "w")
    (tmp_path / "half.tar").write_bytes(whole.read_bytes()[:2500])
    found = papers(tmp_path / "half.tar")
    assert found[0] == "kst-35207-60"
    assert "cut off" in found[-1]
    assert "half.tar" in str(
        [each.where for each in publications_in(tmp_path / "half.tar") if isinstance(each, Unreadable)]
    )


def test_a_zip_is_read_and_its_bombs_listed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("..\\..\\a.xml", publication())
        archive.writestr("bomb.xml", b" " * 12_000_000)
        archive.writestr("large.xml", b" " * 20_000_001)
        archive.writestr("manifest.xml", b"x")
    paper, bomb, large = papers(tmp_path / "p.zip")
    assert paper == "kst-35207-60"
    assert "grows more than 200 times" in bomb
    assert "20,000,001 bytes" in large


@pytest.mark.parametrize("name", ["p.zip", "p.tar", "p.tar.gz"])
def test_what_is_no_archive_is_listed(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"this is no archive at all")
    (reason,) = papers(tmp_path / name)
    assert "damaged" in reason


@pytest.mark.parametrize("name", ["nothing.xml", "letter.pdf"])
def test_a_path_that_cannot_be_read_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "letter.pdf").write_bytes(b"%PDF")
    with pytest.raises(DataError) as caught:
        list(publications_in(tmp_path / name))
    assert caught.value.next_step


@pytest.mark.reference
def test_every_motion_of_the_reference_data_is_read(reference_data: Path) -> None:
    archive = reference_data / "policy" / "tk_kamerstukken" / "kamerstuk_moties_xml.tar.gz"
    found = list(publications_in(archive))
    read_papers = [each for each in found if isinstance(each, PaperRecord)]
    assert len(found) == len(read_papers) == 8041
    assert len({each.paper for each in read_papers}) == 8041
    assert all(each.dossier and each.number and each.text and each.title for each in read_papers)
    undated = [each for each in read_papers if each.date is None]
    # 8,024 have a date that is marked as one; three more write it, six more have it in their metadata
    assert len(undated) == 8
    assert all(each.missing[0][0] == "date" for each in undated)
    assert all(not each.missing for each in read_papers if each.date)
    assert sum(not each.kind.startswith("Motie") for each in read_papers) == 0
    assert sum(not each.movers for each in read_papers) == 0
    assert sum(bool(each.other_dossiers) for each in read_papers) == 16
    assert sum(each.title == each.title.upper() for each in read_papers) < 50
