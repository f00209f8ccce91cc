"""Pages on instruments, the coverage of risks and events of coercion; loading of the catalogues."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from geomonitor.register.models import User

pytestmark = pytest.mark.django_db

CASE = "china_japan_rare_earths_2010"


INSTRUMENTS = frozenset(
    {
        "anti_coercion_instrument",
        "fdi_screening_regulation",
        "forced_labour_ban",
        "taskforce_strategic_dependencies",
        "trade_and_technology_council",
        "vifo_act",
        "wto_dispute_settlement",
    }
)
CASES = frozenset(
    {
        CASE,
        "china_korea_thaad_2016",
        "china_lithuania_2021",
        "china_norway_salmon_2010",
        "china_rare_earths_2025",
        "russia_ukraine_2013",
        "us_chip_controls_2022",
    }
)


@pytest.fixture
def everything(db: None) -> None:
    """The whole of the catalogues; slow, so for the few tests that need it."""
    from geomonitor.register.services.catalogues import load_catalogues

    load_catalogues()


@pytest.fixture
def loaded(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some entries of the catalogues."""
    from geomonitor.register import facts
    from geomonitor.register.services.catalogues import load_catalogues

    some = tuple(each for each in facts.instruments() if each.code in INSTRUMENTS)
    events = tuple(each for each in facts.coercion_cases() if each.code in CASES)
    monkeypatch.setattr(facts, "instruments", lambda: some)
    monkeypatch.setattr(facts, "coercion_cases", lambda: events)
    load_catalogues()


def text_of(response: HttpResponse) -> str:
    return response.content.decode()


def new_instrument(**changes: str) -> dict[str, str]:
    return {
        "code": "stock_law",
        "name_en": "Law on stocks",
        "name_nl": "Voorraadwet",
        "level": "national",
        "kind": "law",
        "state": "planned",
        "summary_en": "Asks for stocks.",
        "summary_nl": "Vraagt voorraden.",
        "limits_en": "Costs money.",
        "limits_nl": "Kost geld.",
        "risks-TOTAL_FORMS": "2",
        "risks-INITIAL_FORMS": "0",
        "risks-0-risk": "price_shock",
        "risks-0-strength": "direct",
        "risks-0-argument_en": "Made for it.",
        "risks-0-argument_nl": "Ervoor gemaakt.",
        "risks-1-risk": "",
        **changes,
    }


def new_case(**changes: str) -> dict[str, str]:
    return {
        "code": "made_up",
        "title_en": "Made up",
        "title_nl": "Verzonnen",
        "sender": "RUS",
        "targets": "NLD, EU27_2020",
        "judgement": "disputed",
        "measure_kind": "tariff",
        "measure_en": "A duty.",
        "direction": "imports",
        "products": "2701, 260400",
        "hs_revision": "HS92",
        "started_on": "2015-03",
        "ended_on": "2016",
        "motive_confidence": "low",
        "motive_argument_en": "No reason was given.",
        "sources": "A newspaper\r\nAnother newspaper",
        **changes,
    }


class TestCatalogues:
    def test_loading_twice_changes_nothing(self, db: None) -> None:
        from geomonitor.register.facts import coercion_cases, instruments
        from geomonitor.register.models import CoercionCase, Instrument
        from geomonitor.register.services.catalogues import LoadedCatalogues, load_catalogues

        first = load_catalogues()
        assert first.added == len(instruments()) + len(coercion_cases())
        versions = dict(Instrument.objects.values_list("code", "version"))
        assert load_catalogues() == LoadedCatalogues(0, 0, 0)
        assert dict(Instrument.objects.values_list("code", "version")) == versions
        assert CoercionCase.objects.get(code=CASE).judgement == "disputed"

    def test_what_people_changed_stays_and_the_rest_follows(
        self, loaded: None, users: dict[str, User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import dataclasses

        from geomonitor.register import facts
        from geomonitor.register.models import CoercionCase, Instrument
        from geomonitor.register.services.catalogues import load_catalogues
        from geomonitor.register.services.instruments import (
            change_instrument,
            withdraw_coercion_case,
        )

        ours, theirs, *_ = facts.instruments()
        changed = Instrument.objects.get(code=ours.code)
        risks = list(changed.risks.values("risk", "strength", "argument_en", "argument_nl"))
        change_instrument(users["analyst"], changed, changed.version, risks, summary_en="As we see it.")
        event = CoercionCase.objects.get(code=CASE)
        withdraw_coercion_case(users["analyst"], event, event.version, "Not needed here.")
        newer = tuple(
            dataclasses.replace(each, summary={"en": "Newer.", "nl": "Nieuwer."}, risks=each.risks[:1])
            for each in (ours, theirs)
        )
        newer_event = dataclasses.replace(facts.coercion_cases()[0], notes="Newer.")
        monkeypatch.setattr(facts, "instruments", lambda: newer)
        monkeypatch.setattr(facts, "coercion_cases", lambda: (newer_event,))
        done = load_catalogues()
        assert (done.added, done.updated, done.kept) == (0, 1, 2)
        assert Instrument.objects.get(code=ours.code).summary_en == "As we see it."
        follows = Instrument.objects.get(code=theirs.code)
        assert follows.summary_nl == "Nieuwer."
        assert follows.risks.filter(withdrawn_at__isnull=True).count() == 1
        assert load_catalogues().updated == 0


class TestInstruments:
    def test_the_list_shows_every_instrument_and_filters(self, loaded: None, as_reader: Client) -> None:
        from geomonitor.register.models import Instrument

        everything = text_of(as_reader.get("/instruments/"))
        assert "Anti-Coercion Instrument" in everything
        assert "Add an instrument" not in everything
        filtered = as_reader.get(
            "/instruments/", {"level": "eu", "state": "in_force", "risk": "economic_coercion"}
        )
        shown = {row["record"].code for row in filtered.context["rows"]}
        assert "anti_coercion_instrument" in shown
        assert "wto_dispute_settlement" not in shown
        wanted = Instrument.objects.filter(level="eu", state="in_force", risks__risk="economic_coercion")
        assert len(shown) == wanted.count()

    def test_an_unknown_choice_is_said_and_an_empty_one_leads_on(
        self, loaded: None, as_reader: Client
    ) -> None:
        assert as_reader.get("/instruments/", {"level": "moon"}).status_code == 404
        empty = text_of(as_reader.get("/instruments/", {"state": "ended"}))
        assert "No instrument fits this choice" in empty

    def test_the_list_is_downloaded_as_filtered(self, loaded: None, as_reader: Client) -> None:
        answer = as_reader.get("/instruments/", {"level": "international", "download": "csv"})
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert rows[0][0] == "Name"
        assert {row[1] for row in rows[1:]} == {"International"}
        assert as_reader.get("/instruments/", {"download": "xlsx"}).content[:2] == b"PK"

    def test_a_page_says_limits_risks_and_what_to_check(self, loaded: None, as_reader: Client) -> None:
        page = text_of(as_reader.get("/instruments/fdi_screening_regulation/"))
        assert "The Commission cannot forbid" in page
        assert "To be checked" in page
        assert "32019R0452" in page
        assert "11 October 2020" in page
        later = text_of(as_reader.get("/instruments/"))
        assert "applies from 14 December 2027" in later

    def test_in_dutch(self, loaded: None, as_reader: Client, users: dict[str, User]) -> None:
        users["reader"].language = "nl"
        users["reader"].save()
        page = text_of(as_reader.get("/instruments/anti_coercion_instrument/"))
        assert "Wat het niet kan" in page
        assert "Kost maanden" in page
        assert "Beleidsinstrumenten" in text_of(as_reader.get("/instruments/"))
        assert "Alleen deels" in text_of(as_reader.get("/instruments/coverage/"))
        case = text_of(as_reader.get(f"/coercion/{CASE}/"))
        assert "Wat de data niet kunnen zeggen" in case
        assert "september 2010" in case

    def test_an_analyst_adds_changes_and_withdraws(self, loaded: None, as_analyst: Client) -> None:
        from geomonitor.register.models import Instrument

        answer = as_analyst.post("/instruments/new/", new_instrument(name_en="<b>=1+1</b>"))
        assert answer.status_code == 302, text_of(answer)
        again = as_analyst.post("/instruments/new/", new_instrument())
        assert again.status_code == 400
        assert "already exists" in text_of(again)
        made = Instrument.objects.get(code="stock_law")
        assert made.created_by is not None
        assert [each.risk for each in made.risks.all()] == ["price_shock"]
        page = text_of(as_analyst.get("/instruments/stock_law/"))
        assert "&lt;b&gt;=1+1&lt;/b&gt;" in page
        assert "<b>=1+1" not in page
        changed = new_instrument(
            **{
                "version": str(made.version),
                "risks-INITIAL_FORMS": "1",
                "risks-0-DELETE": "on",
                "risks-1-risk": "denial_of_supply",
                "risks-1-strength": "partly",
                "risks-1-argument_en": "Bridges a gap.",
            }
        )
        answer = as_analyst.post("/instruments/stock_law/change/", changed)
        assert answer.status_code == 302, text_of(answer)
        made.refresh_from_db()
        assert made.name_en == "Law on stocks"
        standing = made.risks.filter(withdrawn_at__isnull=True)
        assert [each.risk for each in standing] == ["denial_of_supply"]
        assert made.risks.count() == 2
        withdrawn = as_analyst.post(
            "/instruments/stock_law/withdraw/", {"reason": "Twice.", "version": str(made.version)}
        )
        assert withdrawn.status_code == 302
        assert "stock_law" not in text_of(as_analyst.get("/instruments/"))
        assert "Twice." in text_of(as_analyst.get("/instruments/stock_law/"))

    def test_a_change_of_somebody_else_is_shown_and_not_overwritten(
        self, loaded: None, as_analyst: Client, users: dict[str, User]
    ) -> None:
        from geomonitor.register.models import Instrument
        from geomonitor.register.services.instruments import change_instrument

        as_analyst.post("/instruments/new/", new_instrument())
        made = Instrument.objects.get(code="stock_law")
        risks = list(made.risks.values("risk", "strength", "argument_en", "argument_nl"))
        change_instrument(users["second_analyst"], made, made.version, risks, name_en="Theirs")
        answer = as_analyst.post(
            "/instruments/stock_law/change/", new_instrument(name_en="Mine", version=str(made.version))
        )
        assert answer.status_code == 409
        page = text_of(answer)
        assert "Theirs" in page
        assert "Mine" in page
        made.refresh_from_db()
        assert made.name_en == "Theirs"
        # having seen it, saving once more replaces it
        again = new_instrument(name_en="Mine", version=str(made.version))
        assert as_analyst.post("/instruments/stock_law/change/", again).status_code == 302

    def test_what_is_not_right_is_said_and_nothing_saved(self, as_analyst: Client) -> None:
        from geomonitor.register.models import Instrument

        wrong: list[tuple[dict[str, str], str]] = [
            ({"code": "No Code"}, "lower-case letters"),
            ({"code": "new"}, "lower-case letters"),
            ({"name_nl": ""}, "Some fields are not right"),
            ({"level": "moon"}, "Some fields are not right"),
            ({"adopted_on": "2020-01-01", "in_force_on": "2019-01-01"}, "This date is before"),
            ({"adopted_on": "soon"}, "Some fields are not right"),
            ({"to_check": "on"}, "Say what to check"),
            ({"risks-0-strength": ""}, "Choose how far the instrument reaches"),
            (
                {
                    "risks-1-risk": "price_shock",
                    "risks-1-strength": "partly",
                    "risks-1-argument_en": "Twice.",
                },
                "in the list twice",
            ),
            ({"summary_en": "x" * 5_001}, "Some fields are not right"),
            ({"name_en": "a\x00b"}, "Some fields are not right"),
        ]
        for changes, says in wrong:
            answer = as_analyst.post("/instruments/new/", new_instrument(**changes))
            assert answer.status_code == 400, changes
            assert says in text_of(answer), changes
        assert not Instrument.objects.exists()

    def test_a_reader_changes_nothing(self, loaded: None, as_reader: Client) -> None:
        for path in ("new/", "vifo_act/change/", "vifo_act/withdraw/"):
            assert as_reader.post(f"/instruments/{path}", new_instrument()).status_code == 403

    def test_withdrawing_asks_for_a_reason(self, loaded: None, as_analyst: Client) -> None:
        from geomonitor.register.models import Instrument

        answer = as_analyst.post("/instruments/vifo_act/withdraw/", {"reason": " ", "version": "1"})
        assert answer.status_code == 400
        assert not Instrument.objects.get(code="vifo_act").withdrawn


class TestCoverage:
    def test_gaps_are_marked_in_words(self, loaded: None, as_reader: Client) -> None:
        answer = as_reader.get("/instruments/coverage/")
        gaps = {each.risk: each.gap for each in answer.context["covered"]}
        assert gaps["price_shock"] == "none"
        assert gaps["dependency_stacking"] == "partly_only"
        assert gaps["economic_coercion"] is None
        page = text_of(answer)
        assert "No instrument in the register addresses this risk." in page
        assert "does not address it" in page

    def test_a_law_that_is_planned_is_another_gap_than_none(self, loaded: None, as_analyst: Client) -> None:
        as_analyst.post("/instruments/new/", new_instrument())
        answer = as_analyst.get("/instruments/coverage/", {"family": "pressure"})
        gaps = {each.risk: each.gap for each in answer.context["covered"]}
        assert gaps["price_shock"] == "planned_only"
        assert "Direct, not yet" in text_of(answer)
        assert as_analyst.get("/instruments/coverage/", {"family": "x"}).status_code == 404

    def test_a_withdrawn_or_ended_instrument_covers_nothing(self, loaded: None, as_analyst: Client) -> None:
        from geomonitor.register.models import Instrument

        as_analyst.post("/instruments/new/", new_instrument(state="in_force"))
        url = "/instruments/coverage/"
        assert {each.risk: each.gap for each in as_analyst.get(url).context["covered"]}["price_shock"] is None
        made = Instrument.objects.get(code="stock_law")
        ended = new_instrument(**{"state": "ended", "version": str(made.version), "risks-INITIAL_FORMS": "1"})
        assert as_analyst.post("/instruments/stock_law/change/", ended).status_code == 302
        covered = {each.risk: each.gap for each in as_analyst.get(url).context["covered"]}
        assert covered["price_shock"] == "none"

    def test_the_whole_matrix_is_downloaded(self, everything: None, as_reader: Client) -> None:
        from geomonitor.register.facts import instruments, risk_kinds

        answer = as_reader.get("/instruments/coverage/", {"download": "csv", "table": "matrix"})
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(rows) == len(instruments()) + 1
        assert len(rows[0]) == len(risk_kinds()) + 1
        assert as_reader.get("/instruments/coverage/", {"download": "xlsx"}).status_code == 200


class TestCoercion:
    def test_the_list_filters_and_draws_a_time_line(self, loaded: None, as_reader: Client) -> None:
        answer = as_reader.get("/coercion/", {"sender": "RUS", "target": "UKR"})
        assert [row["record"].code for row in answer.context["rows"]] == ["russia_ukraine_2013"]
        page = text_of(as_reader.get("/coercion/"))
        assert 'id="timeline"' in page
        assert "time line of" in page.lower()
        assert as_reader.get("/coercion/", {"sender": "MOON"}).status_code == 404
        answer = as_reader.get("/coercion/", {"judgement": "other_measure", "download": "csv"})
        assert "us_chip_controls_2022" in answer.content.decode("utf-8-sig")
        assert "china_lithuania_2021" not in answer.content.decode("utf-8-sig")

    def test_a_case_shows_the_measured_trade_and_what_it_cannot_say(
        self, loaded: None, as_reader: Client
    ) -> None:
        answer = as_reader.get(f"/coercion/{CASE}/")
        page = text_of(answer)
        assert "Trade by year" in page
        assert "What the data cannot say" in page
        assert "King and S. Armstrong" in page
        shown = answer.context["shown"]
        assert shown.effect.reason is None
        assert "280530" in shown.figure.about
        years = [row[0] for row in shown.figure.block.table.rows]
        assert years == list(range(2007, 2014))
        sheet = as_reader.get(f"/coercion/{CASE}/", {"download": "csv", "table": "effect"})
        assert len(sheet.content.decode("utf-8-sig").splitlines()) == 8

    def test_what_cannot_be_measured_is_said(self, loaded: None, as_reader: Client) -> None:
        not_measured = [
            ("china_lithuania_2021", "names no product codes"),
            ("china_korea_thaad_2016", "did not hit trade in goods"),
            ("us_chip_controls_2022", "are of HS17"),
            ("china_norway_salmon_2010", "has no trade in these products"),
            ("china_rare_earths_2025", "does not hold the year of the start"),
        ]
        for code, says in not_measured:
            page = text_of(as_reader.get(f"/coercion/{code}/"))
            assert "Not measured" in page
            assert says in page
            assert "data-figure" not in page

    def test_every_case_and_instrument_has_a_page(self, everything: None, as_reader: Client) -> None:
        from geomonitor.register.models import CoercionCase, Instrument

        for code in CoercionCase.objects.values_list("code", flat=True):
            assert as_reader.get(f"/coercion/{code}/").status_code == 200, code
        for code in Instrument.objects.values_list("code", flat=True):
            assert as_reader.get(f"/instruments/{code}/").status_code == 200, code

    def test_an_analyst_adds_changes_and_withdraws(self, loaded: None, as_analyst: Client) -> None:
        from geomonitor.register.models import CoercionCase

        answer = as_analyst.post("/coercion/new/", new_case())
        assert answer.status_code == 302, text_of(answer)
        made = CoercionCase.objects.get(code="made_up")
        assert made.targets == ["NLD", "EU27_2020"]
        assert made.sources == ["A newspaper", "Another newspaper"]
        assert made.products == ["2701", "260400"]
        form = text_of(as_analyst.get("/coercion/made_up/change/"))
        assert "NLD, EU27_2020" in form
        stale = made.version
        as_analyst.post("/coercion/made_up/change/", new_case(title_en="New", version=str(stale)))
        conflict = as_analyst.post(
            "/coercion/made_up/change/", new_case(title_en="Newer", version=str(stale))
        )
        assert conflict.status_code == 409
        assert ">New<" in text_of(conflict)
        made.refresh_from_db()
        assert made.title_en == "New"
        withdrawn = as_analyst.post(
            "/coercion/made_up/withdraw/", {"reason": "Made up.", "version": str(made.version)}
        )
        assert withdrawn.status_code == 302
        assert "Made up." in text_of(as_analyst.get("/coercion/made_up/"))
        late = as_analyst.post(
            "/coercion/made_up/change/", new_case(title_en="x", version=str(made.version + 1))
        )
        assert late.status_code == 400

    def test_what_is_not_right_is_said_and_nothing_saved(self, as_analyst: Client) -> None:
        from geomonitor.register.models import CoercionCase

        wrong: list[tuple[dict[str, str], str]] = [
            ({"targets": "NLD, MOON"}, "no economy or group with the code MOON"),
            ({"targets": "RUS"}, "its own target"),
            ({"targets": ""}, "Give at least one"),
            ({"targets": "NLD NLD"}, "is there twice"),
            ({"products": "27a"}, "not a product code"),
            ({"hs_revision": ""}, "need the revision"),
            ({"started_on": "last year"}, "This is not a date"),
            ({"ended_on": "2014"}, "cannot end before it starts"),
            ({"motive_argument_en": ""}, "Some fields are not right"),
            ({"sources": "  \n "}, "Give at least one"),
            ({"sources": "a\x00b"}, "Some fields are not right"),
            ({"sender": "MOON"}, "Some fields are not right"),
        ]
        for changes, says in wrong:
            answer = as_analyst.post("/coercion/new/", new_case(**changes))
            assert answer.status_code == 400, changes
            assert text_of(answer).count(says) in (1, 2), changes
        assert not CoercionCase.objects.exists()

    def test_a_decision_maker_changes_nothing(self, loaded: None, as_decision_maker: Client) -> None:
        for path in ("new/", f"{CASE}/change/", f"{CASE}/withdraw/"):
            assert as_decision_maker.post(f"/coercion/{path}", new_case()).status_code == 403

    def test_a_code_that_is_not_there_is_no_page(self, loaded: None, as_reader: Client) -> None:
        assert as_reader.get("/coercion/nothing/").status_code == 404
        assert as_reader.get("/instruments/nothing/").status_code == 404
        assert as_reader.get(f"/coercion/{CASE}/", {"dataset": "nothing"}).status_code == 404
        assert as_reader.get(f"/coercion/{CASE}/", {"download": "pdf"}).status_code == 404


def test_titles_of_users_cannot_break_out_of_a_figure(loaded: None, as_analyst: Client) -> None:
    as_analyst.post("/coercion/new/", new_case(title_en="</script><script>alert(1)</script>"))
    page = text_of(as_analyst.get("/coercion/"))
    assert "<script>alert(1)" not in page


def test_what_is_imported_is_held_to_the_same_rules(users: dict[str, User]) -> None:
    from geomonitor.register.errors import RuleError
    from geomonitor.register.facts import coercion_cases
    from geomonitor.register.models import CoercionCase
    from geomonitor.register.services.catalogues import case_fields
    from geomonitor.register.services.instruments import add_coercion_case, add_instrument

    good = case_fields(coercion_cases()[0])
    wrong = (
        {"sender": "MOON"},
        {"targets": ["MOON"]},
        {"targets": "JPN"},
        {"targets": ["CHN"]},
        {"products": ["28a"]},
        {"products": {"a": 1}},
        {"hs_revision": ""},
        {"hs_revision": "HS99"},
        {"sources": []},
        {"started_on": "soon"},
        {"ended_on": "2009"},
    )
    for changes in wrong:
        with pytest.raises(RuleError):
            add_coercion_case(users["analyst"], **{**good, **changes})
    assert not CoercionCase.objects.exists()
    fields = {"code": "a", "name_en": "a", "name_nl": "a", "kind": "law", "level": "eu", "state": "planned"}
    with pytest.raises(RuleError):
        add_instrument(users["analyst"], [], **fields, adopted_on="2020-01-01", in_force_on="2019-01-01")
