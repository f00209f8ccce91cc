"""What the register refuses, in the language of the reader: every key, both languages, the same English."""

from __future__ import annotations

import copy
import string
from collections.abc import Callable, Mapping

import pytest
from django.test import Client
from django.utils import translation

from geomonitor.errors import DataError
from geomonitor.register.access import ACTIONS
from geomonitor.register.errors import Codes, NotAllowedError, RuleError, Words
from geomonitor.register.exchange.problems import ImportRefusedError, Problem
from geomonitor.register.facts import risk_kinds
from geomonitor.register.models import STEPS, Case, CaseMember, Instrument, RiskJudgement, Role, User
from geomonitor.register.services.catalogues import load_catalogues
from geomonitor.web.language import texts
from geomonitor.web.words import in_language, said
from web.case_forms import send
from web.register_words import Raised, raised

SECTIONS = {"rule", "problem", "expected"}

pytestmark = pytest.mark.django_db


def _placeholders(wording: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(wording) if name}


def test_every_error_of_the_register_has_a_key() -> None:
    assert [each for each in raised() if not isinstance(each, Raised)] == []


def test_the_texts_are_the_words_of_the_register() -> None:
    found = [each for each in raised() if isinstance(each, Raised)]
    assert len(found) > 200
    own = {key: each["en"] for key, each in texts().items() if key.split(".")[0] in SECTIONS}
    assert {each.key for each in found} == set(own)
    assert [each for each in found if own[each.key] != each.english] == []


def test_every_value_in_a_text_is_given() -> None:
    """A text that names a value that is not there could not be said at all."""
    found = [each for each in raised() if isinstance(each, Raised)]
    assert [each for each in found if not _placeholders(each.english) <= each.values] == []


CODES: Mapping[str, Callable[[], list[str]]] = {
    "role": lambda: list(Role.values),
    "action": lambda: list(ACTIONS),
    "step": lambda: list(STEPS),
    "missing": lambda: ["interest", "interest_unclear", *RiskJudgement.Dimension.values, "do_nothing",
                        "second_option", "benefits", "approved_decision"],
    "access": lambda: list(CaseMember.Access.values),
    "risk": lambda: [each.code for each in risk_kinds()],
}  # fmt: skip


@pytest.mark.parametrize("kind", list(CODES))
def test_codes_are_shown_by_name(kind: str) -> None:
    codes = CODES[kind]()
    words = Words("{missing}", "rule.step_incomplete.where", {"missing": Codes(kind, codes)})
    shown = {}
    for language in ("en", "nl"):
        with translation.override(language):
            shown[language] = in_language(words)
    assert shown["en"] != shown["nl"]
    assert not any(code in shown["nl"].split(", ") for code in codes if "_" in code)


def test_a_code_that_nobody_knows_stands_for_itself() -> None:
    words = Words("{missing}", "rule.step_incomplete.where", {"missing": Codes("missing", ["<odd>"])})
    assert in_language(words) == "<odd>"


def test_an_error_in_dutch_and_in_english() -> None:
    error = RuleError(
        "Step {step} is not complete.",
        key="step_incomplete",
        values={"step": 3, "missing": Codes("missing", ["do_nothing"])},
        where="{missing}",
        expected="every part of the step, with its argument",
        next_step="Add what is named, and try again.",
    )
    assert str(error).splitlines()[:2] == ["Step 3 is not complete.", "  where: do nothing"]
    with translation.override("nl"):
        words = said(error)
    assert (words.what, words.where) == ("Stap 3 is niet volledig.", "weeg “niets doen” als optie")
    assert words.next_step == "Voeg toe wat is genoemd, en probeer het opnieuw."
    assert words.whole.startswith("Stap 3 is niet volledig. Elk onderdeel van de stap, met argument. Voeg")
    assert not words.english


def test_braces_that_somebody_typed_stay() -> None:
    error = RuleError("{user} cannot work on this case.", key="cannot_work", values={"user": "{case} {0}"})
    assert error.what == "{case} {0} cannot work on this case."
    with translation.override("nl"):
        assert said(error).what == "{case} {0} kan niet aan dit dossier werken."


def test_a_message_about_a_field_is_said_there() -> None:
    error = RuleError("The review comes after the decision.", key="review_before", field="review_on")
    assert error.fields == {"review_on": ["The review comes after the decision."]}
    with translation.override("nl"):
        assert said(error).fields == {"review_on": ("De herziening komt na het besluit.",)}


def test_what_is_not_of_the_register_stays_english_and_is_marked() -> None:
    with translation.override("nl"):
        assert said(DataError("The table is damaged.")).english
        own = said(NotAllowedError("Goedkeuren vraagt de rol van beslisser."))
    assert own.what == "Goedkeuren vraagt de rol van beslisser."
    assert not own.english


def test_a_problem_with_an_import_keeps_its_key() -> None:
    """An outcome is copied for its fingerprint; several problems become one message."""
    missing = Words("A value is missing.", "problem.missing_value")
    problem = Problem(missing, Words("text", "expected.text"), "cases", 4, "title")
    error = ImportRefusedError([copy.deepcopy(problem), problem])
    assert error.what == "The file has 2 errors; the first: A value is missing."
    assert error.where == "cases, row 4, column title"
    with translation.override("nl"):
        words = said(error)
    assert words.what == "Het bestand heeft 2 fouten; de eerste: Er ontbreekt een waarde."
    assert (words.where, words.expected) == ("cases, rij 4, kolom title", "tekst")
    assert words.next_step == "Verbeter het bestand en probeer het opnieuw; er is niets geschreven."


@pytest.fixture
def in_dutch(users: dict[str, User]) -> None:
    """Let every user read Dutch."""
    User.objects.update(language="nl")


def _english_in(page: str) -> bool:
    return 'lang="en"' in page.split("<main", 1)[1].split("</main>", 1)[0]


def test_a_role_that_does_not_allow_it_in_dutch(in_dutch: None, as_reader: Client) -> None:
    answer = as_reader.get("/users/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Met uw rol mag u dit niet." in page
    assert "een van deze rollen: Beheerder" in page
    assert "Gebruikers maken en wijzigen" in page
    assert not _english_in(page)


def test_the_form_of_a_case_in_dutch(
    in_dutch: None, as_analyst: Client, users: dict[str, User], open_case: Callable[..., Case]
) -> None:
    case = open_case()
    root = f"/cases/{case.reference}/"
    answer = send(as_analyst, f"{root}access/assign/", on=f"{root}access/", assigned_to=users["reader"].pk)
    assert f"{users['reader'].shown_name} kan niet aan dit dossier werken." in answer.content.decode()


def test_the_last_administrator_in_dutch(
    in_dutch: None, as_administrator: Client, users: dict[str, User]
) -> None:
    answer = as_administrator.post(f"/users/{users['administrator'].pk}/", {"action": "deactivate"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Dit is de laatste actieve beheerder." in page
    assert "Maak eerst iemand anders beheerder." in page
    assert not _english_in(page)


def test_an_instrument_without_a_reason_in_dutch(in_dutch: None, as_analyst: Client) -> None:
    load_catalogues()
    code = Instrument.objects.values_list("code", flat=True)[0]
    answer = as_analyst.post(f"/instruments/{code}/withdraw/", {"reason": " ", "version": "1"})
    assert "Er ontbreekt een reden." in answer.content.decode()
    answer = as_analyst.post(f"/instruments/{code}/withdraw/", {"reason": "Dubbel.", "version": "x"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Voer een geheel getal in." in page
    assert not _english_in(page)


def test_words_of_a_page_are_not_marked_as_english(in_dutch: None, as_analyst: Client) -> None:
    answer = as_analyst.get("/cases/?status=odd")
    assert answer.status_code == 404
    assert not _english_in(answer.content.decode())
