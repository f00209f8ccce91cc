"""The archive brought up to date from a server on this machine that plays parliament, and does wrong too."""

from __future__ import annotations

import contextlib
import datetime
import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from archive.test_loading_files import document, expanded
from dossier.played_parliament import PlayedParliament, faults, publication, running
from geomonitor.archive import graph
from geomonitor.archive.models import Commitment, Dossier, Paper, Reference, SyncPosition, Vote
from geomonitor.archive.sync import SyncOutcome, sync
from geomonitor.dossier.transport import Client, Politeness
from geomonitor.errors import DataError, FetchError, GeomonitorError

pytestmark = pytest.mark.django_db

DAY = datetime.date(2025, 3, 1)


@pytest.fixture
def parliament() -> Iterator[PlayedParliament]:
    with running() as server:
        server.rows["Zaak"] = [expanded(number) for number in range(1, 6)]
        server.rows["Document"] = [document(number) for number in range(11, 14)]
        server.rows["Toezegging"] = [commitment(1)]
        for number in range(1, 6):
            name = f"kst-36999-{number}"
            text = f"De bijen, zie Kamerstuk 36 999, nr. {number + 1}."
            server.publications[name] = publication(name, title=f"Motie {number}", body=text)
        yield server


def commitment(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "Id": f"c{number}", "Nummer": f"TZ202502-{number:03}", "Tekst": "De minister stuurt een brief.",
        "Functie": "Minister van LVVN", "Ministerie": None, "Status": "Openstaand",
        "Aanmaakdatum": "2025-02-18T00:00:00+01:00", "DatumNakoming": "2025-06-01T00:00:00Z",
        "ActiviteitNummer": None, "KamerbriefNakoming": [], "GewijzigdOp": None,
        "Verwijderd": False, **fields,
    }  # fmt: skip


Run = Callable[..., SyncOutcome]


@pytest.fixture
def run(parliament: PlayedParliament) -> Run:
    """Sync from the played parliament, without waiting."""
    waits: list[float] = []

    def call(scope: str = "36999", **options: Any) -> SyncOutcome:
        politeness = Politeness(requests_per_second=20, largest_bytes=2_000_000, read_timeout_s=2.0)
        with Client(politeness, sleep=waits.append, chance=lambda: 0.0) as client:
            return sync(scope, **{"client": client, "address": parliament.address, "today": DAY, **options})

    return call


def kept() -> list[tuple[Any, ...]]:
    """Everything that a sync may change, in order."""
    models = (Paper, Reference, Vote, Commitment, Dossier)
    return [row for model in models for row in model.objects.order_by("pk").values_list()]


def test_a_dossier_from_both_sources(run: Run, parliament: PlayedParliament) -> None:
    outcome = run()
    assert outcome.problems == []
    assert outcome.unreadable == []
    assert Paper.objects.filter(family="matter").count() == 5
    assert Paper.objects.filter(family="document").count() == 8
    assert outcome.votes.added == 5
    assert outcome.commitments.added == 1
    motion = Paper.objects.get(paper="kst-36999-3")
    assert (motion.source, motion.dossier, motion.number) == ("koop", "36999", "3")
    assert "De bijen" in motion.text
    assert Reference.objects.filter(paper=motion, target="kst-36999-4").exists()
    assert Dossier.objects.get(dossier="36999").papers >= 5
    asked = parliament.asked("/OData/v4/2.0/Zaak")[0]
    assert "Kamerstukdossier/any(k:k/Nummer%20eq%2036999)" in asked
    assert "$expand=Kamerstukdossier,Document(" in asked
    assert all(headers["User-Agent"].startswith("geomonitor/") for _, headers in parliament.seen)


def test_a_host_that_cannot_be_reached_is_asked_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    once = Client.get

    def get(self: Client, address: str, *arguments: Any, **options: Any) -> Any:
        asked.append(address)
        return once(self, address, *arguments, **options)

    monkeypatch.setattr(Client, "get", get)
    # nobody listens at the port for discarded data
    outcome = run(address="http://127.0.0.1:9")
    assert len(outcome.problems) == 4
    assert len(asked) == 1
    assert "No connection" in outcome.problems[-1][1].what


def test_the_second_sync_changes_nothing_and_asks_for_no_text_again(
    run: Run, parliament: PlayedParliament
) -> None:
    run()
    before = kept()
    parliament.seen.clear()
    outcome = run()
    assert not outcome.changed_anything
    assert outcome.pages == 0
    assert outcome.unchanged_pages > 0
    assert all("If-None-Match" in headers for _, headers in parliament.seen)
    assert parliament.asked("/frbr/") == []
    assert kept() == before


def test_a_chapter_is_asked_for_by_its_own_name(run: Run, parliament: PlayedParliament) -> None:
    run("36 200 X", sources=("tweede-kamer",))
    asked = parliament.asked("/OData/v4/2.0/Zaak")[0]
    assert "k/Nummer%20eq%2036200%20and%20k/Toevoeging%20eq%20'X'" in asked


def test_what_changed_is_read_again(run: Run, parliament: PlayedParliament) -> None:
    run()
    parliament.rows["Zaak"][2]["Onderwerp"] = "Brief over hommels"
    parliament.rows["Zaak"][2]["GewijzigdOp"] = "2025-02-25T08:00:00+01:00"
    parliament.publications["kst-36999-2"] = publication("kst-36999-2", title="Nieuw", body="Hommels.")
    parliament.modified["kst-36999-2"] = "2025-02-25"
    parliament.seen.clear()
    outcome = run()
    assert outcome.papers.changed == 2
    assert Paper.objects.get(paper="2025Z00003").title == "Brief over hommels"
    assert Paper.objects.get(paper="kst-36999-2").text.strip().endswith("Hommels.")
    assert len(parliament.asked("/frbr/")) == 1


def test_only_what_changed_since_a_day(run: Run, parliament: PlayedParliament) -> None:
    run(since=datetime.date(2025, 2, 1))
    assert "ApiGewijzigdOp%20ge%202025-02-01T00:00:00Z" in parliament.asked("/OData/v4/2.0/Zaak")[0]
    assert "dt.modified%3E%3D2025-02-01" in parliament.asked("/sru")[0]
    # it leaves the position of the whole dossier alone
    assert not SyncPosition.objects.filter(scope="36999").exists()


def test_one_source_alone(run: Run, parliament: PlayedParliament) -> None:
    run(sources=("koop",))
    assert parliament.asked("/OData") == []
    assert set(Paper.objects.values_list("source", flat=True)) == {"koop"}


# faults


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(429, Retry_After="2"),
        faults.status(500),
        faults.hang_up,
        faults.truncated(b'{"value": []}'),
        faults.body(b'{"value": ['),
    ],
    ids=["429", "500", "connection closed", "truncated", "cut off"],
)
def test_a_passing_trouble_is_no_trouble(run: Run, parliament: PlayedParliament, fault: Any) -> None:
    parliament.fault("/OData/v4/2.0/Zaak", fault)
    outcome = run()
    assert outcome.problems == []
    assert Paper.objects.filter(family="matter").count() == 5


def second_page_of_matters(parliament: PlayedParliament) -> str:
    return "/OData/v4/2.0/Zaak?$skip=2"


@pytest.mark.parametrize(
    ("fault", "said", "times"),
    [
        (faults.status(500), "500", 9),
        (faults.status(429, Retry_After="9999"), "asks to wait 9999 s", 1),
        (faults.endless, "more than 2,000,000 bytes", 1),
        (faults.redirect("https://elsewhere.example/OData"), "redirects to another place", 1),
        (faults.body(b"<html>", "text/html"), "text/html", 1),
        (faults.body(b'{"rows": []}'), "no list named value", 1),
        (faults.body(b'{"error": {"message": "No."}}'), "could not answer", 1),
        (faults.body(b'{"value": [], "@odata.nextLink": "https://elsewhere.example/x"}'), "another place", 1),
        (faults.body(b'{"value": [], "@odata.nextLink": "?$skip=2"}'), "circle", 9),
    ],
    ids=[
        "500",
        "wait long",
        "endless",
        "redirect",
        "html",
        "schema",
        "error",
        "next page elsewhere",
        "circle",
    ],
)
def test_what_does_not_pass_is_told_and_the_next_sync_goes_on(
    run: Run, parliament: PlayedParliament, fault: Any, said: str, times: int
) -> None:
    parliament.fault(second_page_of_matters(parliament), fault, times)
    outcome = run()
    [(stream, error)] = outcome.problems
    assert stream == "tweede-kamer/Zaak"
    assert isinstance(error, (FetchError, DataError, GeomonitorError))
    assert said in str(error)
    # the first page is kept, and the other sources were read
    assert Paper.objects.filter(family="matter").count() == 2
    assert Paper.objects.filter(source="koop").count() == 5
    position = SyncPosition.objects.get(source="tweede-kamer/Zaak")
    assert not position.complete
    while parliament.next_fault(second_page_of_matters(parliament)) is not None:
        pass
    parliament.seen.clear()
    again = run()
    assert again.problems == []
    assert again.went_on == ["tweede-kamer/Zaak"]
    assert "skip=2" in parliament.asked("/OData/v4/2.0/Zaak")[0]
    assert Paper.objects.filter(family="matter").count() == 5
    assert SyncPosition.objects.get(source="tweede-kamer/Zaak").complete


def test_a_row_whose_schema_changed_is_listed(run: Run, parliament: PlayedParliament) -> None:
    del parliament.rows["Document"][1]["Onderwerp"]
    outcome = run()
    [lost] = outcome.unreadable
    assert "Onderwerp" in lost.reason
    assert "/Document" in lost.where
    assert Paper.objects.filter(paper="2025D00013").exists()


def test_a_text_that_is_no_publication_is_listed(run: Run, parliament: PlayedParliament) -> None:
    parliament.publications["kst-36999-2"] = b"<other/>"
    outcome = run()
    assert next(each.where for each in outcome.unreadable).startswith(("kst-36999-2", "http"))
    assert Paper.objects.filter(source="koop").count() == 4


def test_a_text_at_another_host_is_not_asked_for(
    run: Run, parliament: PlayedParliament, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running() as other:
        monkeypatch.setattr(parliament, "publication_address", lambda name: f"{other.address}/{name}.xml")
        outcome = run(sources=("koop",))
        assert other.seen == []
    assert len(outcome.unreadable) == 5
    assert "another place" in outcome.unreadable[0].reason


class StoppedError(Exception):
    """Stands for what ends a sync at any moment."""


def test_a_sync_that_was_ended_goes_on_where_it_was(
    run: Run, parliament: PlayedParliament, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, pages = graph.read_papers, iter(range(99))

    def stop_at_second(papers: Any) -> None:
        read(papers)
        if next(pages) == 1:
            raise StoppedError

    monkeypatch.setattr(graph, "read_papers", stop_at_second)
    with pytest.raises(StoppedError):
        run()
    monkeypatch.undo()
    assert Paper.objects.filter(family="matter").count() == 2
    parliament.seen.clear()
    outcome = run()
    assert outcome.went_on == ["tweede-kamer/Zaak"]
    assert parliament.asked("/OData/v4/2.0/Zaak")[0].endswith("skip=2")
    assert Paper.objects.filter(family="matter").count() == 5


def test_another_address_starts_from_the_beginning(run: Run, parliament: PlayedParliament) -> None:
    run(sources=("tweede-kamer",))
    SyncPosition.objects.update(complete=False)
    with running() as mirror:
        mirror.rows = parliament.rows
        outcome = run(sources=("tweede-kamer",), address=mirror.address)
        assert len(mirror.asked("/OData/v4/2.0/Zaak")) == 3
    assert outcome.went_on == []
    assert not outcome.changed_anything


@contextlib.contextmanager
def another_sync() -> Iterator[None]:
    """Hold the lock as another process would."""
    if connection.vendor == "postgresql":
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(6472022)")
            yield
            cursor.execute("SELECT pg_advisory_unlock(6472022)")
        other.close()
        return
    with Path(settings.HOME, "dossier-sync.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_only_one_sync_at_a_time(run: Run, parliament: PlayedParliament) -> None:
    with another_sync(), pytest.raises(GeomonitorError, match="Another sync"):
        run()
    assert parliament.seen == []
    assert run().problems == []


# all


def zaak(number: int, **fields: str) -> str:
    told = {
        "nummer": f"2025Z{number:05}", "soort": "Brief regering", "titel": "Bijen",
        "onderwerp": f"Brief {number} over bijen", "gestartOp": "2025-02-18T00:00:00",
        "vergaderjaar": "2024-2025", "volgnummer": str(number), "afgedaan": "true", **fields,
    }  # fmt: skip
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in told.items())
    return entry("zaak", f"matter-{number}", f"{inside}<kamerstukdossier ref='dossier-1'/>")


def entry(entity: str, source_id: str, inside: str) -> str:
    head = f"<{entity} xmlns='urn:tk' id='{source_id}' bijgewerkt='2025-02-19T08:00:00' verwijderd='false'>"
    return f"{head}{inside}</{entity}>"


def gone(entity: str, source_id: str) -> str:
    return f"<{entity} xmlns='urn:tk' id='{source_id}' bijgewerkt='2025-02-20T08:00:00' verwijderd='true'/>"


@pytest.fixture
def feed(parliament: PlayedParliament) -> PlayedParliament:
    parliament.rows["Besluit"] = [
        {
            "Id": "b1", "BesluitSoort": "Stemmen - aangenomen", "BesluitTekst": "", "Verwijderd": False,
            "StemmingsSoort": "Met handopsteken", "Zaak": [{"Nummer": "2025Z00002"}],
            "Stemming": [
                {"Soort": "Voor", "ActorFractie": "Eerste", "FractieGrootte": 90, "Persoon_Id": None}
            ],
        }
    ]  # fmt: skip
    parliament.feed = {
        "Kamerstukdossier": [
            entry("kamerstukdossier", "dossier-1", "<nummer>36999</nummer><titel>Insecten</titel>")
        ],
        "Zaak": [zaak(number, titel="") for number in range(1, 6)],
        "Document": [
            entry(
                "document",
                "document-2",
                "<soort>Brief regering</soort><documentNummer>2025D00002</documentNummer>"
                "<onderwerp>Brief 2 over bijen</onderwerp><datum>2025-02-18T00:00:00</datum>"
                "<vergaderjaar>2024-2025</vergaderjaar><volgnummer>2</volgnummer>"
                "<kamerstukdossier ref='dossier-1'/><zaak ref='matter-2'/>",
            )
        ],
        "DocumentVersie": [
            entry(
                "documentVersie",
                "version-2",
                "<externeIdentifier>kst-36999-2</externeIdentifier><document ref='document-2'/>",
            )
        ],
    }
    return parliament


def test_all_from_the_feed(run: Run, feed: PlayedParliament) -> None:
    outcome = run("all", sources=("tweede-kamer",))
    assert outcome.problems == []
    assert outcome.unreadable == []
    one = Paper.objects.get(paper="2025Z00002")
    assert (one.dossier, one.same_as, one.number) == ("36999", "kst-36999-2", "2")
    assert Paper.objects.get(paper="2025D00002").matters == ["2025Z00002"]
    assert Paper.objects.get(paper="kst-36999-2").title == "Brief 2 over bijen"
    assert Dossier.objects.get().title == "Insecten"
    assert Vote.objects.get().motion == "kst-36999-2"


def test_the_next_sync_of_all_goes_on_behind_the_last_entry(run: Run, feed: PlayedParliament) -> None:
    run("all", sources=("tweede-kamer",))
    before = kept()
    feed.seen.clear()
    outcome = run("all", sources=("tweede-kamer",))
    assert not outcome.changed_anything
    assert kept() == before
    assert feed.asked("category=Zaak") == ["/SyncFeed/2.0/Feed?category=Zaak&skiptoken=5"]
    feed.feed["Zaak"] += [zaak(6), gone("zaak", "matter-1")]
    outcome = run("all", sources=("tweede-kamer",))
    assert (outcome.papers.added, outcome.papers.withdrawn) == (1, 1)
    assert Paper.objects.get(paper="2025Z00001").withdrawn_at is not None


def test_a_feed_that_breaks_off_goes_on_behind_its_last_page(run: Run, feed: PlayedParliament) -> None:
    feed.fault("category=Zaak&skiptoken=2", faults.status(503), times=9)
    outcome = run("all", sources=("tweede-kamer",))
    assert [name for name, _ in outcome.problems] == ["tweede-kamer/feed/Zaak"]
    assert Paper.objects.filter(family="matter").count() == 2
    while feed.next_fault("category=Zaak&skiptoken=2") is not None:
        pass
    feed.seen.clear()
    again = run("all", sources=("tweede-kamer",))
    assert again.went_on == ["tweede-kamer/feed/Zaak"]
    assert feed.asked("category=Zaak")[0].endswith("skiptoken=2")
    assert Paper.objects.filter(family="matter").count() == 5


def test_all_publications_need_a_day_to_begin_with(run: Run, parliament: PlayedParliament) -> None:
    outcome = run("all", sources=("koop",))
    [(stream, error)] = outcome.problems
    assert stream == "koop"
    assert "--since" in (error.next_step or "")


def test_all_publications_come_day_by_day(run: Run, parliament: PlayedParliament) -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    outcome = run("all", sources=("koop",), since=today - datetime.timedelta(days=1))
    assert outcome.problems == []
    days = [today - datetime.timedelta(days=1), today]
    pages = parliament.asked("/sru")
    assert all(any(f"%3E%3D{day}" in page for page in pages) for day in days)
    assert outcome.papers.added == 5


def test_what_is_no_dossier_is_told(run: Run, parliament: PlayedParliament) -> None:
    with pytest.raises(GeomonitorError):
        run("bees")
    assert parliament.seen == []
