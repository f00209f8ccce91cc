"""Pages on parliamentary papers: what each shows, finds and refuses, and to whom."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from geomonitor.archive.models import Commitment, Dossier, Motion, Paper, Reference, StateJudgement
from geomonitor.archive.search import index_papers
from geomonitor.register.models import CaseMember, PaperLink, User
from geomonitor.register.services import cases, content
from geomonitor.web.parliament.graph import LARGEST_GRAPH
from web.case_forms import page, send, shown
from web.page_content import HOSTILE, faults_of_page, parsed, text_of, with_class
from web.whole_archive import LETTER, MATTER, MOTION, PROMISE, REGISTERED, Archive, paper, whole_archive

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from geomonitor.register.models import Case

pytestmark = pytest.mark.django_db

TEXT = "De minister onderzoekt de invoer van zeldzame aardmetalen."
OPEN_CASE = Callable[..., "Case"]


@pytest.fixture
def parliament(users: dict[str, User]) -> Archive:
    return whole_archive(users["analyst"], TEXT)


@pytest.fixture
def in_dutch(users: dict[str, User]) -> None:
    for user in users.values():
        user.language = "nl"
        user.save()


def rows_of(answer: HttpResponse) -> list[list[str]]:
    text = answer.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";" if text.count(";") > text.count(",") else ","))


def motion(number: int, **fields: object) -> Motion:
    key = f"kst-36000-{number}"
    return Motion.objects.create(
        motion=key, paper=key, dossier="36000", number=str(number), title=f"Motie nummer {number}",
        request_text=f"verzoekt de regering plan {number} te maken",
        date=datetime.date(2023, 1, number % 28 + 1), **fields,
    )  # fmt: skip


class TestSearch:
    def test_words_that_were_found_are_marked(self, parliament: Archive, as_reader: Client) -> None:
        text = page(as_reader, "/papers/?q=zeldzame+aardmetalen")
        assert "<mark>zeldzame</mark>" in text
        assert "/papers/kst-35207-60/" in text
        assert "2 papers found" in shown(text)

    def test_a_motion_that_is_a_matter_and_a_paper_is_shown_once(
        self, parliament: Archive, as_reader: Client
    ) -> None:
        index_papers(list(Paper.objects.filter(paper=MATTER)))
        text = page(as_reader, "/papers/?q=zeldzame+aardmetalen")
        assert text.count('class="hit-title"') == 2
        assert "3 papers found" in shown(text)
        assert f'also as <a href="/papers/{MATTER}/">{MATTER}</a>' in text

    def test_html_in_a_title_stays_text(self, users: dict[str, User], as_reader: Client) -> None:
        whole_archive(users["analyst"], HOSTILE)
        answer = as_reader.get("/papers/", {"q": "script"})
        assert faults_of_page(answer) == []
        assert "&lt;<mark>script</mark>&gt;" in answer.content.decode()

    @pytest.mark.parametrize(
        ("typed", "leads_to"),
        [
            ("35 207, nr. 60", "/papers/kst-35207-60/"),
            ("Kamerstukken II 2021/22, 35 207, nr. 46", "/papers/kst-35207-46/"),
            ("https://zoek.officielebekendmakingen.nl/kst-35207-60.html", "/papers/kst-35207-60/"),
            ("2021Z10001", "/papers/2021Z10001/"),
            ("35 207", "/dossiers/35207/"),
            ("TZ202211-190", "/commitments/TZ202211-190/"),
        ],
    )
    def test_a_number_in_any_form_leads_there(
        self, typed: str, leads_to: str, parliament: Archive, as_reader: Client
    ) -> None:
        assert as_reader.get("/papers/", {"q": typed, "kind": "", "order": "newest"})["Location"] == leads_to

    def test_a_number_that_is_not_here_leads_to_the_official_page(
        self, parliament: Archive, as_reader: Client
    ) -> None:
        text = page(as_reader, "/papers/?q=36+200+X,+nr.+25")
        assert "https://zoek.officielebekendmakingen.nl/kst-36200-X-25.html" in text
        assert "Kamerstuk 36 200 X, nr. 25: not in the archive." in shown(text)

    def test_facets_narrow_the_search_down_and_are_taken_off(
        self, parliament: Archive, as_reader: Client
    ) -> None:
        main = parsed(as_reader.get("/papers/?q=minister"))
        links = {
            text_of(each): each.get("href", "") for each in main.iter("a") if "since=" in each.get("href", "")
        }
        assert links == {
            "2022 1": "?q=minister&since=2022-01-01&until=2022-12-31",
            "2021 1": "?q=minister&since=2021-01-01&until=2021-12-31",
        }
        narrowed = as_reader.get(f"/papers/{links['2022 1']}")
        assert "1 paper found" in shown(narrowed)
        chosen = [each for each in parsed(narrowed).iter("a") if each.get("aria-current") == "true"]
        assert "?q=minister" in [each.get("href") for each in chosen]

    def test_many_hits_are_at_least_so_many(
        self, parliament: Archive, as_reader: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from geomonitor.archive import search

        monkeypatch.setattr(search, "MOST_FACETED", 1)
        monkeypatch.setattr(search, "MOST_COUNTED", 1)
        assert "At least 1 papers found" in shown(page(as_reader, "/papers/?q=minister"))

    def test_nothing_found_says_what_to_do(
        self, parliament: Archive, as_reader: Client, in_dutch: None
    ) -> None:
        text = shown(page(as_reader, "/papers/?q=xyzzy&kind=Motie"))
        assert "Geen stuk voldoet aan deze zoekvraag." in text
        assert "Haal een filter weg" in text

    def test_an_empty_archive_says_how_it_is_filled(self, as_reader: Client) -> None:
        for url in ("/papers/", "/motions/", "/commitments/"):
            assert "geomonitor dossier sync" in shown(page(as_reader, url))
        assert "Ask an analyst" in shown(page(as_reader, "/dossiers/"))

    def test_hits_as_a_file(self, users: dict[str, User], as_reader: Client) -> None:
        whole_archive(users["analyst"], f"=1+1 {TEXT}")
        rows = rows_of(as_reader.get("/papers/?q=minister&download=csv"))
        assert [row[0] for row in rows] == ["Paper", LETTER, MOTION]
        assert rows[1][5].startswith("'=1+1")

    @pytest.mark.parametrize(
        ("query", "status", "words"),
        [
            ("since=gisteren", 400, "gisteren is geen dag."),
            ("dossier=twaalf", 400, "‘twaalf’ is geen Kamerdossier."),
            ("family=book", 404, "De keuze book bestaat niet."),
        ],
    )
    def test_a_wrong_filter_is_refused_in_words(
        self, query: str, status: int, words: str, parliament: Archive, as_reader: Client, in_dutch: None
    ) -> None:
        answer = as_reader.get(f"/papers/?{query}")
        assert answer.status_code == status
        assert words in shown(answer)


class TestPaper:
    def test_text_and_title_have_their_marks(self, parliament: Archive, as_reader: Client) -> None:
        text = page(as_reader, f"/papers/{LETTER}/")
        # a motion of the archive leads to its paper; a paper that is not here to the official page
        assert '<a href="/papers/kst-35207-46/">' in text
        assert '<a href="https://zoek.officielebekendmakingen.nl/kst-21501-20-1847.html">' in text
        assert 'class="mark-reference mark-commitment mark-motion"' in text
        assert "not in the archive" in shown(text)
        # what was marked is still the text
        body = next(
            each
            for each in parsed(as_reader.get(f"/papers/{LETTER}/")).iter("div")
            if each.get("class") == "paper-text"
        )
        for hidden in list(with_class(body, "visually-hidden", "mark-note")):
            tail = hidden.tail
            hidden.clear()
            hidden.tail = tail
        assert text_of(body).replace(" ", "") == f"{TEXT}{TEXT}".replace(" ", "")

    def test_references_both_ways(self, parliament: Archive, as_reader: Client) -> None:
        letter = shown(page(as_reader, f"/papers/{LETTER}/"))
        assert "Kamerstuk 21 501-20, nr. 1847 not in the archive" in letter
        assert "https://zoek.officielebekendmakingen.nl/kst-21501-20-1847.html" in letter
        assert "A motion that is named without its number" in letter
        back = shown(page(as_reader, f"/papers/{MOTION}/"))
        assert "says that it carries this out" in back
        assert "Kamerstuk 35 207, nr. 60" in back

    def test_the_matter_leads_to_the_same_references(self, parliament: Archive, as_reader: Client) -> None:
        assert "Kamerstuk 35 207, nr. 60" in shown(page(as_reader, "/papers/2021Z10001/"))

    def test_one_that_is_not_here(self, as_reader: Client) -> None:
        answer = as_reader.get("/papers/kst-36200-X-25/")
        assert answer.status_code == 404
        assert "https://zoek.officielebekendmakingen.nl/kst-36200-X-25.html" in shown(answer)

    def test_one_that_the_source_withdrew(
        self, parliament: Archive, as_reader: Client, in_dutch: None
    ) -> None:
        Paper.objects.filter(paper=LETTER).update(withdrawn_at=timezone.now())
        answer = as_reader.get(f"/papers/{LETTER}/")
        assert answer.status_code == 404
        assert "De bron heeft Kamerstuk 35 207, nr. 60 ingetrokken" in shown(answer)
        assert LETTER not in page(as_reader, "/dossiers/35207/")

    def test_a_long_text_with_many_references(self, parliament: Archive, as_reader: Client) -> None:
        long = (TEXT + "\n\n") * 17_000
        Paper.objects.filter(paper=LETTER).update(text=long)
        Reference.objects.bulk_create(
            Reference(paper=parliament.letter, target=MOTION, kind="paper", field="text", start=each * 60,
                      end=each * 60 + 90, quoted="x", confidence=1.0, rule="made")
            for each in range(3, 1_500)
        )  # fmt: skip
        assert len(long) > 1_000_000
        text = page(as_reader, f"/papers/{LETTER}/")
        assert text.count('href="/papers/kst-35207-46/"') > 1_000
        assert text.count("<p>") > 17_000

    def test_tables_as_files(self, users: dict[str, User], as_reader: Client) -> None:
        whole_archive(users["analyst"], f"@SUM(1) {TEXT}")
        out = rows_of(as_reader.get(f"/papers/{LETTER}/?download=csv&table=refers-to"))
        assert {row[0] for row in out} == {
            "Refers to",
            MOTION,
            "kst-21501-20-1847",
            "COM(2020)474",
            "dossier-35207",
            "",
        }
        assert all(not row[5].startswith("@") for row in out)
        back = rows_of(as_reader.get(f"/papers/{MOTION}/?download=csv&table=referred-to-by"))
        assert [row[0] for row in back[1:]] == [LETTER]

    def test_queries_do_not_grow_with_what_it_refers_to(self, parliament: Archive, as_reader: Client) -> None:
        url = f"/papers/{LETTER}/"
        page(as_reader, url)
        with CaptureQueriesContext(connection) as few:
            page(as_reader, url)
        for number in range(30):
            motion(number + 1)
            paper(f"kst-36000-{number + 1}", number=100 + number, date=datetime.date(2023, 1, 1), text="")
            Reference.objects.create(
                paper=parliament.letter, target=f"kst-36000-{number + 1}", kind="paper", field="text",
                relation="carries_out", start=0, end=4, quoted="x", confidence=1.0, rule="made",
                motion=f"kst-36000-{number + 1}",
            )  # fmt: skip
        with CaptureQueriesContext(connection) as many:
            page(as_reader, url)
        assert len(many) <= len(few) + 2


class TestCases:
    def test_only_cases_that_one_may_read_are_shown(
        self,
        parliament: Archive,
        as_reader: Client,
        as_analyst: Client,
        users: dict[str, User],
        open_case: OPEN_CASE,
    ) -> None:
        for title, visibility in (("Everybody reads this", "everyone"), ("Sealed-4711", "members")):
            case = open_case(title=title, visibility=visibility)
            content.add(users["analyst"], case, PaperLink, paper="35 207, nr. 60", title="The letter")
        assert "Sealed-4711" in page(as_analyst, f"/papers/{LETTER}/")
        text = page(as_reader, f"/papers/{LETTER}/")
        assert "Everybody reads this" in text
        assert "Sealed-4711" not in text

    def test_linking_a_paper_both_ways(
        self, parliament: Archive, as_analyst: Client, open_case: OPEN_CASE
    ) -> None:
        case = open_case()
        answer = send(
            as_analyst, f"/papers/{LETTER}/link/", on=f"/papers/{LETTER}/", reference=case.reference,
            relation="It names the stock.",
        )  # fmt: skip
        assert answer["Location"] == f"/papers/{LETTER}/#cases"
        assert f"{case.reference} {case.title}" in page(as_analyst, f"/papers/{LETTER}/")
        there = page(as_analyst, f"/cases/{case.reference}/follow-up/")
        assert f'<a href="/papers/{LETTER}/">in the archive of papers' in there
        assert "It names the stock." in there

    def test_what_cannot_be_linked_is_refused_in_words(
        self,
        parliament: Archive,
        as_analyst: Client,
        users: dict[str, User],
        open_case: OPEN_CASE,
        in_dutch: None,
    ) -> None:
        mine = open_case()
        content.add(users["analyst"], mine, PaperLink, paper="Kamerstuk 35207-60", title="The letter")
        others = open_case(by=users["administrator"], visibility="members")
        read_only = open_case(by=users["administrator"], visibility="members")
        cases.give_access(users["administrator"], read_only, users["analyst"], CaseMember.Access.READ)
        url = f"/papers/{LETTER}/"
        for reference, words in (
            (mine.reference, f"Het stuk is al aan dossier {mine.reference} gekoppeld."),
            ("2020-999", "Er is geen open dossier 2020-999"),
            # a case that is hidden is as one that is not there
            (others.reference, f"Er is geen open dossier {others.reference}"),
            (read_only.reference, f"Er is geen open dossier {read_only.reference}"),
        ):
            answer = send(as_analyst, f"{url}link/", on=url, reference=reference)
            assert answer.status_code == 400
            assert words in shown(answer)
        assert PaperLink.objects.count() == 1

    def test_a_reader_has_no_form(self, parliament: Archive, as_reader: Client) -> None:
        assert 'method="post" action="/papers' not in page(as_reader, f"/papers/{LETTER}/")


class TestMotions:
    def test_filters(self, parliament: Archive, as_reader: Client) -> None:
        motion(1, state="adopted")
        motion(2, state="adopted", judged_state="settled")
        motion(3, state="rejected")
        for query, found in (
            ("state=adopted", {"kst-36000-1"}),
            # what a person judged counts before what was derived
            ("state=settled", {"kst-36000-2"}),
            ("dossier=36+000", {"kst-36000-1", "kst-36000-2", "kst-36000-3"}),
            ("words=plan+3", {"kst-36000-3"}),
            ("words=%25", set()),
            ("dossier=36000&state=rejected", {"kst-36000-3"}),
        ):
            rows = rows_of(as_reader.get(f"/motions/?{query}&download=csv"))
            assert {row[0] for row in rows[1:]} == found, query
            text = page(as_reader, f"/motions/?{query}")
            assert all(f"/motions/{key}/" in text for key in found), query

    def test_the_page_of_a_motion(self, parliament: Archive, as_reader: Client) -> None:
        text = shown(page(as_reader, f"/motions/{MOTION}/"))
        assert "A paper of the government says that it carries the motion out" in text
        assert f"“{TEXT}”" in text
        assert "90 for, 60 against" in text
        assert "Partij B against 60" in text
        # by its matter it is the same motion
        assert shown(page(as_reader, "/motions/2021Z10001/")) == text

    def test_queries_do_not_grow_with_the_list(self, parliament: Archive, as_reader: Client) -> None:
        page(as_reader, "/motions/")
        with CaptureQueriesContext(connection) as few:
            page(as_reader, "/motions/")
        for number in range(40):
            motion(number + 1, settled_by=LETTER)
        with CaptureQueriesContext(connection) as many:
            page(as_reader, "/motions/")
        assert len(many) <= len(few)

    def test_nobody_has_a_page_or_a_filter(self, parliament: Archive, as_reader: Client) -> None:
        main = parsed(as_reader.get(f"/motions/{MOTION}/")).find(".//main")
        assert main is not None
        assert [each for each in main.iter("a") if "mover" in each.get("href", "")] == []


class TestCommitments:
    def test_overdue_ones_stand_first(self, parliament: Archive, as_reader: Client) -> None:
        for key, state, due in (
            ("TZ202301-1", "open", datetime.date(2040, 1, 1)),
            ("TZ202301-2", "due", datetime.date(2023, 2, 1)),
            ("TZ202301-3", "overdue", datetime.date(2023, 3, 1)),
            ("TZ202301-4", "open", None),
        ):
            Commitment.objects.create(
                commitment=key,
                official=True,
                dossier="36000",
                text=f"Belofte {key}",
                state=state,
                due_until=due,
            )
        rows = rows_of(as_reader.get("/commitments/?download=csv"))
        assert [row[0] for row in rows[1:]] == [
            REGISTERED, "TZ202301-3", "TZ202301-2", "TZ202301-1", "TZ202301-4", PROMISE
        ]  # fmt: skip
        rows = rows_of(as_reader.get("/commitments/?state=overdue&dossier=36000&download=csv"))
        assert [row[0] for row in rows[1:]] == ["TZ202301-3"]
        User.objects.update(tour_seen_at=timezone.now())
        text = shown(page(as_reader, "/"))
        assert "2 overdue, 1 due soon" in text
        assert "Belofte TZ202301-3" in text

    def test_its_page_leads_to_the_sentence(self, parliament: Archive, as_reader: Client) -> None:
        text = page(as_reader, "/commitments/kst-35207-60~0/")
        assert 'href="/papers/kst-35207-60/#c-0"' in text
        assert 'id="c-0"' in page(as_reader, "/papers/kst-35207-60/")
        assert "between 1 January 2023 and 31 March 2023" in shown(text)
        assert "Its last day has passed" in shown(text)

    def test_queries_do_not_grow_with_the_list(self, parliament: Archive, as_reader: Client) -> None:
        page(as_reader, "/commitments/")
        with CaptureQueriesContext(connection) as few:
            page(as_reader, "/commitments/")
        Commitment.objects.bulk_create(
            Commitment(commitment=f"{LETTER}@{each}", paper=parliament.letter, text="x", met_by=MOTION)
            for each in range(1, 40)
        )
        with CaptureQueriesContext(connection) as many:
            page(as_reader, "/commitments/")
        assert len(many) <= len(few) + 1


class TestJudging:
    URL = f"/motions/{MOTION}/"

    def judged(self, client: Client, **fields: object) -> HttpResponse:
        return send(client, "/judgements/", on=self.URL, **fields)

    def test_a_judgement_counts_and_is_ended(self, parliament: Archive, as_analyst: Client) -> None:
        answer = self.judged(as_analyst, state="adopted", reason="The letter does not carry it out.")
        assert answer["Location"] == self.URL
        text = shown(page(as_analyst, self.URL))
        assert "adopted judged" in text
        assert "Derived from the papers it would be: carried out." in text
        standing = StateJudgement.objects.get(judged="motion", ended_at__isnull=True)
        end = f"/judgements/{standing.pk}/end/"
        assert "Say why" not in text
        refused = send(as_analyst, end, on=self.URL, reason=" ")
        assert refused.status_code == 400
        assert send(as_analyst, end, on=self.URL, reason="A second letter does.")["Location"] == self.URL
        text = shown(page(as_analyst, self.URL))
        assert "Judge otherwise" in text
        assert "A second letter does." in text
        assert Motion.objects.get(motion=MOTION).current_state == "carried_out"

    def test_what_somebody_else_judged_meanwhile_is_shown(
        self, parliament: Archive, as_analyst: Client, as_administrator: Client
    ) -> None:
        from web.case_forms import hidden_fields

        mine = hidden_fields(page(as_analyst, self.URL), "/judgements/")
        self.judged(as_administrator, state="settled", reason="Settled in a debate.")
        sent = {**mine, "state": "adopted", "reason": "Not yet."}
        answer = as_analyst.post("/judgements/", sent)
        assert answer.status_code == 400
        assert "administrator judged this since you opened the page: settled." in shown(answer)
        assert "Settled in a debate." in shown(answer)
        assert Motion.objects.get(motion=MOTION).current_state == "settled"
        # what was typed is still there, and counts when it is sent once more
        text = answer.content.decode()
        assert ">\nNot yet.</textarea>" in text
        again = {**hidden_fields(text, "/judgements/"), "state": "adopted", "reason": "Not yet."}
        assert as_analyst.post("/judgements/", again).status_code == 302
        assert Motion.objects.get(motion=MOTION).current_state == "adopted"

    def test_errors_in_words(self, parliament: Archive, as_analyst: Client, in_dutch: None) -> None:
        answer = self.judged(as_analyst, state="", reason="")
        assert answer.status_code == 400
        assert "Er is niets opgeslagen." in shown(answer)
        answer = self.judged(as_analyst, state="carried_out", reason="Zo is het.")
        assert "Dit is al de status die geldt." in shown(answer)
        answer = as_analyst.post("/judgements/", {"judged": "motion", "key": "kst-1-1"})
        assert answer.status_code == 404
        assert StateJudgement.objects.filter(judged="motion", ended_at__isnull=True).count() == 0

    def test_a_commitment_too(self, parliament: Archive, as_analyst: Client) -> None:
        url = f"/commitments/{REGISTERED}/"
        answer = send(as_analyst, "/judgements/", on=url, state="met", reason="Met in a debate.")
        assert answer["Location"] == url
        assert Commitment.objects.get(commitment=REGISTERED).current_state == "met"

    def test_nonsense_is_refused_in_words(self, parliament: Archive, as_analyst: Client) -> None:
        forms = {
            "/judgements/": ("judged", "key", "state", "reason", "seen", "form_token"),
            f"/judgements/{parliament.judgement.pk}/end/": ("reason", "form_token"),
            f"/papers/{LETTER}/link/": ("reference", "relation", "form_token"),
            "/dossiers/sync/": ("dossier",),
        }
        for url, fields in forms.items():
            for value in (HOSTILE, "\x00", "9" * 400, "é" * 30_000):
                for fixed in ({}, {"judged": "motion", "key": MOTION}):
                    answer = as_analyst.post(url, {**dict.fromkeys(fields, value), **fixed})
                    assert answer.status_code in {400, 404}, f"{value[:20]!r} in the form at {url}"
                    assert faults_of_page(answer) == [], f"{value[:20]!r} in the form at {url}"

    def test_who_reads_only_has_no_form(self, parliament: Archive, as_reader: Client) -> None:
        assert 'action="/judgements/' not in page(as_reader, self.URL)


class TestDossiers:
    def test_a_dossier_in_time(self, parliament: Archive, as_reader: Client) -> None:
        Commitment.objects.filter(commitment=REGISTERED).update(
            due_until=datetime.date(2090, 5, 1), state="open"
        )
        answer = as_reader.get("/dossiers/35207/")
        headings = [text_of(each) for each in parsed(answer).iter("h3")]
        assert headings == ["Ahead: what was promised", "2022", "2021"], "nothing is overdue"
        text = shown(answer)
        assert "1 May 2090 open" in text
        assert "11 May Brief regering · Kamerstuk 35 207, nr. 60" in text
        assert "1 paper refers to it" in text
        assert "carried out" in text
        assert "Last read from tweede-kamer" in text
        # the matter that became the motion stands there once, as the paper
        assert "2021Z10001" not in text

    def test_a_kind_and_a_file(self, parliament: Archive, as_reader: Client) -> None:
        text = shown(page(as_reader, "/dossiers/35207/?kind=Brief+regering"))
        assert "nr. 60" in text
        assert "nr. 46" not in text
        rows = rows_of(as_reader.get("/dossiers/35207/?kind=Brief+regering&download=csv"))
        assert [row[0] for row in rows[1:]] == [LETTER]
        assert "no papers of this kind" in shown(page(as_reader, "/dossiers/35207/?kind=Boek"))

    def test_the_list_is_found_by_number_and_words(self, parliament: Archive, as_reader: Client) -> None:
        Dossier.objects.create(dossier="36200-X", title="Begroting Defensie", papers=3)
        for words, found in (
            ("36 200 X", ["36200-X"]),
            ("defensie", ["36200-X"]),
            ("35207", ["35207"]),
            ("nergens", []),
        ):
            rows = rows_of(as_reader.get("/dossiers/", {"words": words, "download": "csv"}))
            assert [row[0] for row in rows[1:]] == found, words

    def test_asking_for_a_dossier(self, parliament: Archive, as_analyst: Client, in_dutch: None) -> None:
        from geomonitor.web.models import Job

        answer = as_analyst.post("/dossiers/sync/", {"dossier": "36 200 X"})
        job = Job.objects.get()
        assert answer["Location"] == f"/jobs/{job.pk}/"
        assert (job.kind, job.parameters) == ("dossier-sync", {"dossier": "36200-X"})
        assert job.title == "Dossier 36 200 X ophalen"
        Job.objects.update(state=Job.State.DONE, ended_at=timezone.now())
        assert 'href="/dossiers/36200-X/"' in page(as_analyst, f"/jobs/{job.pk}/")
        answer = as_analyst.post("/dossiers/sync/", {"dossier": "De Chinabrief"})
        assert answer.status_code == 400
        assert "‘De Chinabrief’ is geen Kamerdossier." in shown(answer)

    def test_queries_do_not_grow_with_the_timeline(self, parliament: Archive, as_reader: Client) -> None:
        page(as_reader, "/dossiers/35207/")
        with CaptureQueriesContext(connection) as few:
            page(as_reader, "/dossiers/35207/")
        for number in range(100, 130):
            paper(f"kst-35207-{number}", number=number, date=datetime.date(2023, 1, 1), kind="Brief regering")
        with CaptureQueriesContext(connection) as many:
            page(as_reader, "/dossiers/35207/")
        assert len(many) <= len(few)


class TestGraph:
    def test_the_figure_and_its_table(self, parliament: Archive, as_reader: Client) -> None:
        answer = as_reader.get(f"/papers/{MOTION}/references/")
        assert faults_of_page(answer) == []
        data = next(
            each.text or ""
            for each in parsed(answer).iter("script")
            if each.get("type") == "application/json"
        )
        assert "35 207, nr. 60" in data
        assert "2022-05-11" in data
        text = shown(answer)
        assert "it refers to this paper says that it carries this out" in text

    def test_at_most_so_many_are_drawn_and_it_says_so(self, parliament: Archive, as_reader: Client) -> None:
        for number in range(1, 80):
            made = paper(f"kst-36000-{number}", number=1_000 + number, date=datetime.date(2023, 1, 1))
            Reference.objects.create(
                paper=made, target=LETTER, kind="paper", field="title", start=0, end=1, quoted="x",
                confidence=1.0, rule="made",
            )  # fmt: skip
        text = shown(page(as_reader, f"/papers/{LETTER}/references/"))
        assert f"at most {LARGEST_GRAPH} are drawn" in text
        rows = rows_of(as_reader.get(f"/papers/{LETTER}/references/?download=csv"))
        assert len(rows) == LARGEST_GRAPH

    def test_a_paper_that_stands_alone(self, parliament: Archive, as_reader: Client) -> None:
        paper("kst-36000-1", number=7, date=None)
        assert "refers to nothing" in shown(page(as_reader, "/papers/kst-36000-1/references/"))
