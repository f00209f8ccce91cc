"""Rows of the Tweede Kamer, from the OData service and from files; all of them made up here."""

from __future__ import annotations

import datetime
import gzip
import json
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.dossier.records import CommitmentRecord, Family, PaperRecord, PartyVote
from geomonitor.dossier.sources import odata
from geomonitor.dossier.sources.odata import Unreadable
from geomonitor.errors import DataError, GeomonitorError

MATTER: dict[str, Any] = {
    "Id": "z1",
    "Nummer": "2023Z00001",
    "Soort": "Motie",
    "Titel": "Beleid over China",
    "Onderwerp": "Motie van het lid Bos over <b>kennis</b>\n",
    "GestartOp": "2023-01-12T00:00:00+01:00",
    "Vergaderjaar": "2022-2023",
    "Volgnummer": 61,
    "Afgedaan": False,
    "Kabinetsappreciatie": "Oordeel Kamer",
    "GewijzigdOp": "2023-01-13T10:00:00.1234567+01:00",
    "Verwijderd": False,
}
DOCUMENT: dict[str, Any] = {
    "Id": "d1",
    "DocumentNummer": "2023D00002",
    "Soort": "Motie",
    "Titel": None,
    "Onderwerp": "Motie",
    "Datum": "2023-01-12T15:10:00+01:00",
    "Vergaderjaar": "2022-2023",
    "Volgnummer": -1,
    "Aanhangselnummer": None,
    "GewijzigdOp": None,
    "Verwijderd": False,
}
VERSION = {"Id": "v1", "ExterneIdentifier": "kst-35207-61", "GewijzigdOp": None, "Verwijderd": False}


def withdrawn(row: dict[str, Any]) -> dict[str, Any]:
    kept = ("Id", "GewijzigdOp")
    return {name: value if name in kept else None for name, value in row.items()} | {"Verwijderd": True}


# Pages


def test_a_page_has_rows_and_a_next_page() -> None:
    page = odata.read_page(
        json.dumps({"value": [MATTER], "@odata.nextLink": "https://e.nl/2"}).encode(), "page"
    )
    assert (len(page.rows), page.next_link) == (1, "https://e.nl/2")
    assert odata.read_page(b'{"value": []}', "page").next_link == ""


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b'{"value": [', "not JSON"),
        (b"<html>", "not JSON"),
        (b"\xff{}", "not in UTF-8"),
        (b'{"value": [NaN]}', "not JSON"),
        (b'{"value": [' + b"9" * 5000 + b"]}", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "it is list, not an object"),
        (b'{"rows": []}', "no list named value"),
        (b'{"value": [1]}', "a row is no object"),
        (b'{"value": [], "@odata.nextLink": 1}', "nextLink is no text"),
        (
            b'{"error": {"code": "429", "message": "Too many\\u0000 requests"}}',
            "Too many requests. Code: 429.",
        ),
        (b'{"error": {"code": "", "message": {"lang": "nl", "value": "Kapot."}}}', "Kapot."),
        (b'{"error": 5}', "gives no reason"),
    ],
)
def test_an_answer_that_is_no_page_says_so(data: bytes, words: str) -> None:
    with pytest.raises(DataError) as caught:
        odata.read_page(data, "page 3")
    assert words in caught.value.what
    assert str(caught.value.where).startswith("page 3")
    assert caught.value.next_step


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_in_words(data: bytes) -> None:
    for each in (data, b'{"value": ' + data + b"}"):
        try:
            odata.read_page(each, "page")
        except GeomonitorError as error:
            assert error.where  # noqa: PT017


# Matters and documents


def test_a_matter_says_what_parliament_deals_with() -> None:
    record = odata.matter_record(MATTER, "line 1")
    assert (record.paper, record.family, record.source) == ("2023Z00001", Family.MATTER, "tweede-kamer")
    assert record.title == "Motie van het lid Bos over <b>kennis</b>"
    assert (record.dossier_title, record.number, record.dossier) == ("Beleid over China", "61", "")
    assert (record.settled, record.cabinet_view, record.kind) == (False, "Oordeel Kamer", "Motie")
    assert record.date == datetime.date(2023, 1, 12)
    assert (record.missing, record.source_id, record.movers) == ((), "z1", ())
    assert record.changed_at is not None
    assert record.changed_at.isoformat() == "2023-01-13T10:00:00.123456+01:00"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2022-12-14T23:30:00Z", datetime.date(2022, 12, 15)),
        ("2022-12-14T00:00:00", datetime.date(2022, 12, 14)),
        # written in summer time, in a year that had none
        ("1966-10-14T00:00:00+02:00", datetime.date(1966, 10, 14)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00", None),
    ],
)
def test_days_are_those_of_amsterdam(written: str, day: datetime.date | None) -> None:
    assert odata.matter_record(MATTER | {"GestartOp": written}, "line 1").date == day


def test_what_a_matter_lacks_is_named() -> None:
    record = odata.matter_record(MATTER | {"GestartOp": None, "Onderwerp": None, "Volgnummer": -1}, "line 1")
    assert [field for field, _ in record.missing] == ["date", "title"]
    assert record.number == ""


def test_a_withdrawn_row_has_its_own_identifier_only() -> None:
    for record in (
        odata.matter_record(withdrawn(MATTER), "line 1"),
        odata.document_record(withdrawn(DOCUMENT), "line 1"),
    ):
        assert record.deleted
        assert (record.paper, record.missing) == ("", ())
        assert record.source_id in ("z1", "d1")
    assert odata.expanded_matter_records(withdrawn(MATTER), "line 1")[0].deleted


@pytest.mark.parametrize(
    "field", ["Nummer", "Onderwerp", "GestartOp", "Volgnummer", "Afgedaan", "Verwijderd"]
)
def test_a_field_that_was_renamed_is_named(field: str) -> None:
    row = {("New" + name if name == field else name): value for name, value in MATTER.items()}
    with pytest.raises(DataError, match=f"field {field} of Zaak is not there") as caught:
        odata.matter_record(row, "zaak.jsonl, line 7")
    assert caught.value.where == "zaak.jsonl, line 7"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Nummer", 20230001),
        ("Onderwerp", ["a"]),
        ("GestartOp", "yesterday"),
        ("GestartOp", 5),
        ("GestartOp", "9999-12-31T23:59:59-23:00"),
        ("Volgnummer", "61"),
        ("Volgnummer", True),
        ("Afgedaan", "false"),
        ("Verwijderd", 0),
        ("Document", 5),
        ("Document", ["a"]),
        ("Kamerstukdossier", {"Nummer": 1, "Toevoeging": None}),
    ],
)
def test_a_field_of_another_type_is_named(field: str, value: object) -> None:
    with pytest.raises(DataError) as caught:
        odata.matter_record(MATTER | {field: value}, "zaak.jsonl, line 7")
    assert caught.value.where == "zaak.jsonl, line 7"
    assert (field if field != "Kamerstukdossier" else "Nummer") in caught.value.what


def test_a_matter_that_is_not_withdrawn_has_a_number() -> None:
    with pytest.raises(DataError, match="Nummer of Zaak is empty"):
        odata.matter_record(MATTER | {"Nummer": None}, "line 1")


def test_a_matter_may_name_its_dossiers() -> None:
    dossiers = [{"Nummer": 36200, "Toevoeging": "X"}, {"Nummer": 35207, "Toevoeging": None}]
    record = odata.matter_record(MATTER | {"Kamerstukdossier": dossiers}, "line 1")
    assert (record.dossier, record.other_dossiers) == ("36200-X", ("35207",))


def test_a_document_belongs_to_matters_and_becomes_a_paper() -> None:
    record = odata.document_record(
        DOCUMENT | {"Zaak": [{"Nummer": "2023Z00001"}], "HuidigeDocumentVersie": VERSION}, "line 1"
    )
    assert (record.paper, record.same_as, record.matters) == ("2023D00002", "kst-35207-61", ("2023Z00001",))
    assert (record.dossier, record.number) == ("35207", "61")


@pytest.mark.parametrize(
    ("number", "paper"),
    [("242502605", "ah-tk-20242025-2605"), ("990000012", "ah-tk-19992000-12"), ("242602605", ""), ("x", "")],
)
def test_answers_to_written_questions_are_printed_by_number(number: str, paper: str) -> None:
    assert odata.document_record(DOCUMENT | {"Aanhangselnummer": number}, "line 1").same_as == paper


def test_a_matter_with_its_documents_gives_matter_document_and_paper() -> None:
    letter = DOCUMENT | {"Id": "d0", "DocumentNummer": "2023D00001", "Soort": "Brief"}
    documents = [
        letter | {"HuidigeDocumentVersie": VERSION | {"ExterneIdentifier": "kst-35207-59"}},
        DOCUMENT | {"HuidigeDocumentVersie": VERSION},
        DOCUMENT
        | {"DocumentNummer": "2023D00003", "HuidigeDocumentVersie": VERSION | {"ExterneIdentifier": None}},
        withdrawn(DOCUMENT),
    ]
    records = odata.expanded_matter_records(MATTER | {"Document": documents}, "line 1")
    assert [each.paper for each in records] == [
        "2023Z00001",
        "2023D00001",
        "kst-35207-59",
        "2023D00002",
        "kst-35207-61",
        "2023D00003",
    ]
    matter, paper = records[0], records[4]
    # its own paper is that of its own kind
    assert (matter.same_as, matter.dossier, matter.number) == ("kst-35207-61", "35207", "61")
    assert (paper.family, paper.matters, paper.date) == (
        Family.PAPER,
        ("2023Z00001",),
        datetime.date(2023, 1, 12),
    )
    assert (paper.text, paper.cabinet_view) == ("", "Oordeel Kamer")


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(DOCUMENT)), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(
    st.sampled_from(
        sorted(MATTER) + sorted(DOCUMENT) + ["Document", "HuidigeDocumentVersie", "Kamerstukdossier"]
    ),
    _VALUES,
)
def test_any_value_in_any_field_is_read_or_refused_in_words(field: str, value: object) -> None:
    for read, row in (
        (odata.matter_record, MATTER),
        (odata.document_record, DOCUMENT),
        (odata.expanded_matter_records, MATTER | {"Document": [DOCUMENT | {field: value}]}),
    ):
        try:
            read(row | {field: value}, "line 1")
        except GeomonitorError as error:
            assert error.where == "line 1"  # noqa: PT017


# Decisions, commitments, meetings, parties


def decision(*votes: tuple[str, str, int, str | None], manner: str = "Met handopsteken") -> dict[str, Any]:
    return {
        "Id": "b1",
        "BesluitSoort": "Stemmen - aangenomen",
        "StemmingsSoort": manner,
        "Verwijderd": False,
        "Zaak": [{"Nummer": "2023Z00001"}],
        "Agendapunt": {"Activiteit": {"Datum": "2023-01-17T15:00:00+01:00"}},
        "Stemming": [
            {"Soort": kind, "ActorFractie": party, "FractieGrootte": seats, "Persoon_Id": person}
            for party, kind, seats, person in votes
        ],
    }


def test_votes_are_counted_in_seats() -> None:
    (record,) = odata.vote_records(
        decision(("A", "Voor", 20, None), ("B", "Tegen", 5, None), ("C", "Niet deelgenomen", 2, None)),
        "line 1",
    )
    assert (record.decision, record.matter, record.date) == ("b1", "2023Z00001", datetime.date(2023, 1, 17))
    assert (record.votes_for, record.votes_against) == (20, 5)
    assert record.parties[0] == PartyVote("A", "Voor", 20)


def test_a_roll_call_counts_members_and_keeps_no_names() -> None:
    row = decision(
        ("A", "Voor", 20, "p1"), ("A", "Tegen", 20, "p2"), ("A", "Voor", 20, "p3"), manner="Hoofdelijk"
    )
    row["Stemming"][0]["ActorNaam"] = "Bos, A."
    (record,) = odata.vote_records(row, "line 1")
    assert record.parties == (PartyVote("A", "Tegen", 1), PartyVote("A", "Voor", 2))
    assert "Bos" not in repr(record)


def test_decisions_without_votes_matters_or_life() -> None:
    assert odata.vote_records(decision(), "line 1")[0].votes_for is None
    assert odata.vote_records(decision() | {"Zaak": []}, "line 1") == ()
    assert odata.vote_records(decision() | {"Verwijderd": True}, "line 1") == ()
    both = odata.vote_records(decision() | {"Zaak": [{"Nummer": "2023Z1"}, {"Nummer": "2023Z2"}]}, "line 1")
    assert [each.decision for each in both] == ["b1:2023Z1", "b1:2023Z2"]
    with pytest.raises(DataError, match="ActorFractie of Stemming is empty"):
        odata.vote_records(decision(("", "Voor", 1, None)), "line 1")


def test_a_summary_of_votes() -> None:
    row = {"motion_id": "a", "motion_number": "2023Z00001", "final_status": "Stemmen - aangenomen"}
    rows = [row | {"vote_totals": {"Voor": 150}}, row | {"vote_totals": None}]
    first, second = odata.votes_of_summary(json.dumps(rows).encode(), "votes.json")
    assert (first.votes_for, first.votes_against, first.date) == (150, 0, None)
    assert (second.votes_for, second.votes_against) == (None, None)
    for wrong in (b"{}", b"[1]", b"[", b"[" * 100_000):
        with pytest.raises(DataError):
            list(odata.votes_of_summary(wrong, "votes.json"))
    with pytest.raises(DataError, match="final_status"):
        list(
            odata.votes_of_summary(
                b'[{"motion_id": "a", "motion_number": "b", "vote_totals": {}}]', "votes.json"
            )
        )


COMMITMENT: dict[str, Any] = {
    "Id": "t1",
    "Nummer": "TZ202211-190",
    "Tekst": "De Kamer krijgt een brief.",
    "Naam": "Bos, A.",
    "Functie": "Staatssecretaris van Defensie",
    "Ministerie": "Ministerie van Defensie",
    "Status": "Openstaand",
    "Aanmaakdatum": "2022-11-10T17:00:00+01:00",
    "DatumNakoming": "2023-03-31T00:00:00+02:00",
    "ActiviteitNummer": "2022A01894",
    "Verwijderd": False,
}


def test_a_commitment_is_kept_by_office_not_by_name() -> None:
    record = odata.commitment_record(COMMITMENT, "line 1")
    assert (record.commitment, record.actor, record.status) == (
        "TZ202211-190",
        "staatssecretaris van Defensie",
        "Openstaand",
    )
    assert (record.made_on, record.due_until) == (datetime.date(2022, 11, 10), datetime.date(2023, 3, 31))
    assert "Bos" not in repr(record)
    assert odata.commitment_record(COMMITMENT | {"Functie": None}, "x").actor == "ministerie van Defensie"
    assert odata.commitment_record(COMMITMENT | {"Nummer": "tz202211-9"}, "x").commitment == "TZ202211-009"


@pytest.mark.parametrize(
    ("letters", "paper"),
    [
        (None, ""),
        ([], ""),
        ("2023Z00009, 2023Z00010", "2023Z00009"),
        ("onbekend", ""),
        ([{"DocumentNummer": "2023D00002"}], "2023D00002"),
        ([{"DocumentNummer": "2023D00002", "HuidigeDocumentVersie": VERSION}], "kst-35207-61"),
    ],
)
def test_the_letter_that_met_a_commitment(letters: object, paper: str) -> None:
    assert odata.commitment_record(COMMITMENT | {"KamerbriefNakoming": letters}, "x").met_by == paper


def test_withdrawn_commitments_meetings_and_parties() -> None:
    gone = {"Id": "t1", "Verwijderd": True, "GewijzigdOp": None}
    assert odata.commitment_record(gone, "x") == CommitmentRecord(commitment="", deleted=True, source_id="t1")
    assert odata.activity_record(gone, "x").deleted
    assert odata.party_record(gone, "x").deleted
    with pytest.raises(DataError, match="Nummer of Toezegging is empty"):
        odata.commitment_record(COMMITMENT | {"Nummer": None}, "x")


# Files of rows


def test_rows_of_a_file_are_read_and_the_broken_listed(tmp_path: Path) -> None:
    file = tmp_path / "zaak.jsonl"
    file.write_bytes(
        json.dumps(MATTER).encode() + b'\n\n{"half\n[1]\n' + json.dumps(MATTER | {"Nummer": 5}).encode()
    )
    assert [(line, type(row).__name__) for line, row in odata.rows_in(file)] == [
        (1, "dict"),
        (3, "Unreadable"),
        (4, "Unreadable"),
        (5, "dict"),
    ]
    found = list(odata.papers_in(file))
    assert isinstance(found[0], PaperRecord)
    assert [each.where for each in found if isinstance(each, Unreadable)] == [
        f"{file}, line {line}" for line in (3, 4, 5)
    ]
    with pytest.raises(DataError, match="no such file"):
        odata.rows_in(tmp_path / "none.jsonl")


def test_a_compressed_file_that_was_cut_off_says_so_at_its_end(tmp_path: Path) -> None:
    rows = [
        json.dumps(MATTER | {"Nummer": f"2023Z{number:05}", "Id": str(number**7)}) for number in range(5000)
    ]
    whole = gzip.compress("\n".join(rows).encode())
    file = tmp_path / "zaak.jsonl.gz"
    file.write_bytes(whole)
    assert Counter(type(each).__name__ for each in odata.papers_in(file)) == {"PaperRecord": 5000}
    file.write_bytes(whole[: len(whole) // 2])
    *read, last = odata.papers_in(file)
    assert len(read) > 1000
    assert isinstance(last, Unreadable)
    assert "cut off" in last.reason


def test_a_row_without_end_stops_the_reading(tmp_path: Path) -> None:
    file = tmp_path / "zaak.jsonl.gz"
    file.write_bytes(gzip.compress(b"x" * 6_000_000))
    ((_, row),) = odata.rows_in(file)
    assert isinstance(row, Unreadable)
    assert "longer than 5,000,000 bytes" in row.reason


@pytest.mark.reference
def test_the_reference_rows_are_read(reference_data: Path) -> None:
    folder = reference_data / "policy" / "tk_kamerstukken"
    found = Counter[str]()
    for each in odata.papers_in(folder / "odata_zaak_motie_expanded.jsonl.gz"):
        assert isinstance(each, PaperRecord)
        assert not each.missing
        found[each.family] += 1
        found["linked"] += bool(each.family is Family.MATTER and each.same_as)
    assert found == {"matter": 8065, "document": 8067, "paper": 8042, "linked": 8042 - 1}
    votes = list(odata.votes_of_summary((folder / "motion_votes_summary.json").read_bytes(), "votes"))
    assert len(votes) == 6743
    parties = [
        odata.party_record(row, f"line {line}")
        for line, row in odata.rows_in(folder / "odata_fractie.jsonl.gz")
        if isinstance(row, dict)
    ]
    assert sum(each.seats or 0 for each in parties if each.active_until is None) <= 150


@pytest.mark.reference
def test_matters_of_the_reference_data_are_read_or_withdrawn(reference_data: Path) -> None:
    # the first 40,000 of 262,250, from 2008 on: all of them take eight seconds
    rows = odata.papers_in(reference_data / "policy" / "tk_kamerstukken" / "odata_zaak.jsonl.gz")
    found = Counter[str]()
    for each in islice(rows, 40_000):
        assert isinstance(each, PaperRecord)
        found["withdrawn" if each.deleted else "incomplete" if each.missing else "read"] += 1
    assert found["read"] + found["withdrawn"] == 40_000
    assert 0 < found["withdrawn"] <= 581
