"""The SyncFeed of the Tweede Kamer: entries, withdrawals, where to go on; all of it made up here."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.dossier.records import CommitmentRecord, PaperRecord
from geomonitor.dossier.sources import odata
from geomonitor.dossier.sources.syncfeed import FeedPage, read_feed
from geomonitor.dossier.sources.tweede_kamer_decisions import ActivityRecord, PartyRecord
from geomonitor.dossier.sources.tweede_kamer_papers import VersionRecord
from geomonitor.dossier.sources.unreadable import Unreadable
from geomonitor.errors import DataError, GeomonitorError

TK = "http://www.tweedekamer.nl/xsd/tkData/v1-0"
NEXT = '<link rel="next" href="https://e.nl/Feed?skiptoken=9&amp;category=Zaak"/>'

# the row of the OData service that the entry below is of
MATTER = {
    "Id": "i1",
    "Nummer": "2023Z00001",
    "Soort": "Motie",
    "Titel": "Beleid over China",
    "Onderwerp": "Motie van het lid Bos over <b>kennis</b>",
    "GestartOp": "2023-01-12T00:00:00+01:00",
    "Vergaderjaar": "2022-2023",
    "Volgnummer": 61,
    "Afgedaan": False,
    "Kabinetsappreciatie": "Oordeel Kamer",
    "GewijzigdOp": "2023-01-13T10:00:00+01:00",
    "Verwijderd": False,
}
MATTER_FIELDS = (
    "<nummer>2023Z00001</nummer><soort>Motie</soort><titel>Beleid over China</titel>"
    "<onderwerp>Motie van het lid Bos over &lt;b&gt;kennis&lt;/b&gt;</onderwerp>"
    "<gestartOp>2023-01-12T00:00:00</gestartOp><vergaderjaar>2022-2023</vergaderjaar>"
    "<volgnummer>61</volgnummer><afgedaan>false</afgedaan>"
    '<kabinetsappreciatie>Oordeel Kamer</kabinetsappreciatie><alias xsi:nil="true"/>'
    '<kamerstukdossier ref="k1"/>'
)


def feed(*entities: str, link: str = NEXT) -> FeedPage:
    entries = "".join(
        f'<entry><title>x</title><link rel="next" href="https://e.nl/Feed?skiptoken={place}"/>'
        f'<link rel="enclosure" href="https://e.nl/file"/><content>{entity}</content></entry>'
        for place, entity in enumerate(entities, start=1)
    )
    return read_feed(
        f'<feed xmlns="http://www.w3.org/2005/Atom">{link}{entries}</feed>'.encode(), "feed page"
    )


def entity(name: str, fields: str = "", deleted: str = "false") -> str:
    return (
        f'<ns1:{name} xmlns:ns1="{TK}" xmlns="{TK}" xmlns:xsi="urn:xsi" id="i1" '
        f'ns1:bijgewerkt="2023-01-13T10:00:00" ns1:verwijderd="{deleted}">{fields}</ns1:{name}>'
    )


def test_an_entry_of_the_feed_gives_the_same_record_as_the_row() -> None:
    page = feed(entity("zaak", MATTER_FIELDS))
    (entry,) = page.entries
    assert entry.record == odata.matter_record(MATTER, "line 1")
    assert (entry.entity, entry.source_id, entry.relations) == ("Zaak", "i1", (("Kamerstukdossier", "k1"),))
    assert (entry.next_link, entry.enclosure) == ("https://e.nl/Feed?skiptoken=1", "https://e.nl/file")
    assert page.next_link == "https://e.nl/Feed?skiptoken=9&category=Zaak"


def test_every_entity_that_has_a_record_gives_it() -> None:
    version, document, meeting, party, commitment = (
        each.record
        for each in feed(
            entity(
                "documentVersie", '<document ref="d1"/><externeIdentifier>kst-35207-61</externeIdentifier>'
            ),
            entity("document", "<documentNummer>2023D00002</documentNummer><datum>2023-01-12</datum>"),
            entity("activiteit", "<nummer>2023A1</nummer><datum>2023-01-12T00:00:00</datum>"),
            entity(
                "fractie", "<naamNl>Partij</naamNl><afkorting>P</afkorting><aantalZetels>5</aantalZetels>"
            ),
            entity(
                "toezegging",
                "<nummer>TZ202211-190</nummer><naam>Bos</naam><kamerbriefNakoming>2023Z1</kamerbriefNakoming>"
                "<kamerbriefNakoming>2023Z00009</kamerbriefNakoming><toegezegdAan/>",
            ),
        ).entries
    )
    assert isinstance(version, VersionRecord)
    assert (version.document_id, version.paper) == ("d1", "kst-35207-61")
    assert isinstance(document, PaperRecord)
    assert (document.paper, document.date) == ("2023D00002", datetime.date(2023, 1, 12))
    assert isinstance(meeting, ActivityRecord)
    assert (meeting.activity, meeting.date) == ("2023A1", datetime.date(2023, 1, 12))
    assert isinstance(party, PartyRecord)
    assert (party.name_dutch, party.seats) == ("Partij", 5)
    assert isinstance(commitment, CommitmentRecord)
    assert commitment.met_by == "2023Z00009"
    assert "Bos" not in repr(commitment)


@pytest.mark.parametrize("word", ["true", "True"])
def test_a_withdrawal_has_no_fields(word: str) -> None:
    (entry,) = feed(entity("zaak", "<nummer>2023Z00001</nummer>", deleted=word)).entries
    assert entry.deleted
    assert isinstance(entry.record, PaperRecord)
    assert (entry.record.paper, entry.record.deleted, entry.record.source_id) == ("", True, "i1")


def test_entities_without_a_record_keep_their_values() -> None:
    fields = '<soort>Voor</soort><fractieGrootte>5</fractieGrootte><besluit ref="b1"/>'
    (entry,) = feed(entity("stemming", fields)).entries
    assert entry.record is None
    assert (entry.values["FractieGrootte"], entry.values["Besluit_Id"]) == (5, "b1")


def test_a_changed_schema_is_listed_in_its_entry() -> None:
    page = feed(
        entity("zaak", MATTER_FIELDS.replace("61", "eenenzestig")), entity("zaak", "<nieuw>1</nieuw>")
    )
    for entry, words in zip(page.entries, ("Volgnummer of Zaak", "Nummer of Zaak is empty"), strict=True):
        assert isinstance(entry.record, Unreadable)
        assert words in entry.record.reason
        assert "entry" in entry.record.where


def test_the_end_of_the_feed_says_where_to_go_on() -> None:
    page = feed(link='<link rel="resume" href="https://e.nl/Feed?skiptoken=10"/>')
    assert (page.entries, page.next_link, page.resume_link) == ((), "", "https://e.nl/Feed?skiptoken=10")
    assert feed(entity("zaak", MATTER_FIELDS), link="").next_link == "https://e.nl/Feed?skiptoken=1"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<html/>", "no feed"),
        (b"<feed><entry/></feed>", "no entity"),
        (b"<feed><entry><content>text</content></entry></feed>", "no entity"),
        (b"<feed><entry><content><zaak/></content></entry></feed>", "no identifier"),
        (b'{"error": 1}', "not well-formed"),
    ],
)
def test_what_is_no_feed_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_feed(data, "feed page")


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["", "zaak", "toezegging", "documentVersie"]))
def test_random_bytes_are_refused_in_words(data: bytes, name: str) -> None:
    inner = b"<%s id='a'>%s</%s>" % (name.encode(), data, name.encode()) if name else data
    for each in (data, b"<feed><entry><content>" + inner + b"</content></entry></feed>"):
        try:
            read_feed(each, "page")
        except GeomonitorError as error:
            assert error.where  # noqa: PT017
