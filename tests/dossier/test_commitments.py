"""What counts as a promise of the government, by whom, about what and when; and what does not."""

from __future__ import annotations

import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomonitor.dossier.reading.commitments import FoundCommitment, find_commitments
from geomonitor.dossier.reading.government import actor_after, actor_before
from geomonitor.dossier.reading.motions import flattened
from geomonitor.dossier.reading.sentences import sentence_around, sentences_in

WRITTEN = datetime.date(2023, 1, 13)


def promises(text: str) -> tuple[FoundCommitment, ...]:
    flat = flattened(text)
    return find_commitments(flat, list(sentences_in(flat)), WRITTEN)


# told to parliament


@pytest.mark.parametrize(
    ("sentence", "actor", "due"),
    [
        (
            "De minister van OCW zal uw Kamer informeren over de uitwerking van het kader.",
            "De minister van OCW",
            "",
        ),
        (
            "Het ministerie van Infrastructuur en Waterstaat zal op korte termijn uw Kamer een "
            "reactie doen toegaan.",
            "Het ministerie van Infrastructuur en Waterstaat",
            "op korte termijn",
        ),
        (
            "Over het beleid voor de havens zal het kabinet uw Kamer een aparte notitie doen toekomen.",
            "het kabinet",
            "",
        ),
        ("Voor de zomer ontvangt u de resultaten van het onderzoek.", "", "Voor de zomer"),
        ("Uw Kamer ontvangt hierover in het najaar een brief.", "", "in het najaar"),
        ("Ik zeg u toe dat ik dit met de provincies bespreek.", "ik", ""),
        ("Daarnaast zeg ik de Kamer toe hier in maart op terug te komen.", "ik", "in maart"),
        ("Ik zal uw Kamer daar voor het zomerreces over berichten.", "Ik", "voor het zomerreces"),
        ("Na de zomer informeer ik uw Kamer over de voortgang.", "ik", "Na de zomer"),
        ("Zodra het advies er is, stuur ik het naar uw Kamer.", "ik", ""),
        ("Ik streef ernaar uw Kamer de evaluatie voor de zomer te sturen.", "Ik", "voor de zomer"),
        (
            "Het kabinet is voornemens de Kamer hier eind maart nader over te informeren.",
            "Het kabinet",
            "eind maart",
        ),
        (
            "Uw Kamer zal in het tweede kwartaal van 2023 worden geïnformeerd over de keuzes.",
            "",
            "in het tweede kwartaal van 2023",
        ),
        ("Ik kom hier binnen zes weken bij uw Kamer op terug.", "Ik", "binnen zes weken"),
        ("Wij houden uw Kamer op de hoogte van de vervolgstappen.", "Wij", ""),
        (
            "De staatssecretaris van Financiën en ik zullen de Kamer eind 2023 een tussenrapportage sturen.",
            "De staatssecretaris van Financiën en ik",
            "eind 2023",
        ),
        ("Uw Kamer wordt hierover voor 1 mei geïnformeerd.", "", "voor 1 mei"),
        ("Een Kamerbrief hierover volgt begin 2024.", "", "begin 2024"),
        ("Het wetsvoorstel zal begin 2024 bij uw Kamer worden ingediend.", "", "begin 2024"),
        ("Ik spreek met de provincies en informeer uw Kamer in het najaar.", "Ik", "in het najaar"),
        ("Dit komt terug in de strategie die u voor de zomer ontvangt.", "", "voor de zomer"),
    ],
)
def test_commitments_to_parliament(sentence: str, actor: str, due: str) -> None:
    (found,) = promises(sentence)
    assert (found.kind, found.actor, found.due.quoted if found.due else "") == ("commitment", actor, due)


def test_a_relative_clause_that_sends_something() -> None:
    text = (
        "In de nieuwe havenstrategie die uw kamer binnen afzienbare tijd zal toekomen wordt dit uitgewerkt."
    )
    (found,) = promises(text)
    assert found.kind == "commitment"
    assert found.subject == "de nieuwe havenstrategie"
    assert text[found.start : found.end].endswith("zal toekomen")
    assert found.due is not None
    assert (found.due.quoted, found.due.first, found.due.last) == ("binnen afzienbare tijd", None, None)


# own work


@pytest.mark.parametrize(
    ("sentence", "actor"),
    [
        ("Nederland zal zich in Brussel blijven inzetten voor betere regels.", "Nederland"),
        ("De regering zal de autoriteiten hierop blijven aanspreken.", "De regering"),
        ("Het China Kennisnetwerk zal verdere gesprekken faciliteren.", "Het China Kennisnetwerk"),
        ("Ook zal het CKN zich inzetten om dit te bespreken met anderen.", "het CKN"),
        ("De overheid is voornemens om deze kennis mee te nemen in gesprekken.", "De overheid"),
        (
            "Conform de motie Jansen c.s. (35 207, nr. 46) zal Nederland hier aandacht voor vragen.",
            "Nederland",
        ),
        (
            "Nederland is voor deze aanpak en zal, in overleg met partners, per geval bezien wat kan.",
            "Nederland",
        ),
        ("Het kabinet zal onderzoeken hoe bedrijven beter kunnen samenwerken.", "Het kabinet"),
        ("De minister zal bezien of de regels moeten worden aangepast.", "De minister"),
        ("De uitkomsten zal ik betrekken bij de verdere uitwerking.", "ik"),
        ("De RVO zal het loket in de loop van 2023 uitbreiden.", "De RVO"),
        ("Mijn ambtsgenoot van Defensie zal dit verder uitwerken.", "Mijn ambtsgenoot van Defensie"),
        ("Het kabinet start in het voorjaar van 2023 met een verkenning.", "Het kabinet"),
        (
            "De minister voor Buitenlandse Handel en Ontwikkelingssamenwerking zal dit agenderen.",
            "De minister voor Buitenlandse Handel en Ontwikkelingssamenwerking",
        ),
    ],
)
def test_announcements_of_own_work(sentence: str, actor: str) -> None:
    (found,) = promises(sentence)
    assert (found.kind, found.actor) == ("announcement", actor)


def test_what_is_planned_for_a_year_is_announced() -> None:
    (found,) = promises(
        "Zoals besproken, wordt in 2023 een overleg voorzien tussen de minister en zijn collega."
    )
    assert (found.kind, found.rule) == ("announcement", "planned")
    assert found.due is not None
    assert found.due.last == datetime.date(2023, 12, 31)


def test_one_sentence_with_two_promises() -> None:
    text = (
        "Daarnaast zal het kabinet in lijn met motie Jansen c.s. (36 200 X, nr. 25) onderzoeken welke regels "
        "nodig zijn, en de Kamer hierover in het eerste kwartaal van 2023 informeren."
    )
    research, informing = promises(text)
    assert (research.kind, informing.kind) == ("announcement", "commitment")
    assert research.actor == informing.actor == "het kabinet"
    assert research.due is None
    assert informing.due is not None
    assert informing.due.last == datetime.date(2023, 3, 31)
    assert text[informing.start : informing.end].startswith("de Kamer hierover")
    assert research.end <= informing.start
    assert research.subject.startswith("onderzoeken welke regels")
    # "hierover" points back to what is researched
    assert informing.subject == research.subject


def test_what_is_told_about_is_the_subject() -> None:
    (found,) = promises("De uitkomsten hiervan zal ik met uw Kamer delen.")
    assert found.subject == "De uitkomsten hiervan"
    (found,) = promises(
        "De minister van OCW zal uw Kamer voor de zomer informeren over de uitwerking van het kader."
    )
    assert found.subject == "de uitwerking van het kader"


# no promise


@pytest.mark.parametrize(
    "sentence",
    [
        # not ours
        "China zal de export van grondstoffen beperken.",
        "Daarom zal China uw Kamer niet informeren.",
        "De Commissie zal in 2023 een voorstel doen.",
        "De Chinese regering zal dit besluit heroverwegen.",
        "De regering van Japan zal haar beleid aanpassen.",
        "De VS zal de maatregelen in 2023 uitbreiden.",
        "Zo zal het nieuwe instrument de EU in staat stellen te reageren.",
        "De samenwerking met Nederland zal hierdoor groeien.",
        "China streeft ernaar dit uiterlijk in 2035 af te ronden.",
        "De Amerikaanse minister van Buitenlandse Zaken zal in maart een reis maken.",
        # no one acts
        "Een breuk zal dan ook grote economische gevolgen hebben.",
        "In dat geval zullen de effecten op de welvaart groot zijn.",
        "De prijzen zullen in 2024 met 5% stijgen.",
        "Afgesproken is dat de kanalen hersteld zullen worden.",
        "Dit zal Nederland kwetsbaarder maken.",
        # necessity
        "In deze tijd zal Nederland de handel ten volle moeten beschermen.",
        "Wij zullen steeds met alle belangen rekening moeten houden.",
        # past
        "Op 31 januari jl. is een brief naar uw Kamer verstuurd over de voortgang.",
        "Het kabinet heeft uw Kamer hierover in het najaar van 2022 geïnformeerd.",
        "In november 2022 stuurde ik uw Kamer de strategie.",
        # this letter
        "Hierbij informeren wij u over de ontwikkelingen.",
        "Met deze brief informeer ik uw Kamer over de voortgang in 2023.",
        "Bijgaand ontvangt u het rapport over het eerste kwartaal van 2023.",
        # a motion's wish, no promise
        "De motie verzoekt de regering de Kamer voor de zomer te informeren.",
        "overwegende dat de Kamer in 2023 een rapportage ontvangt,",
        "verzoekt de regering de Kamer voor de zomer een plan te sturen,",
        # a habit, and a company
        "Dit staat in de rapportage die uw Kamer jaarlijks ontvangt.",
        "Staal Nederland streeft naar minder uitstoot in 2030.",
        # present
        "Het kabinet volgt de ontwikkelingen nauwgezet.",
        "Nederland wil bijdragen aan een oplossing.",
    ],
)
def test_these_are_no_promises(sentence: str) -> None:
    assert promises(sentence) == ()


def test_a_promise_of_another_does_not_hide_ours() -> None:
    text = "De Commissie zal een voorstel doen. Het kabinet zal uw Kamer daarover informeren."
    (found,) = promises(text)
    assert found.actor == "Het kabinet"
    assert text[found.start : found.end] == "Het kabinet zal uw Kamer daarover informeren."


# actors


def test_actors_stand_beside_the_verb() -> None:
    text = "Hierover zal de minister van Economische Zaken en Klimaat beslissen."
    assert (
        actor_after(text, text.index("zal") + 3, len(text)) == "de minister van Economische Zaken en Klimaat"
    )
    text = "Het rapport van de minister zal dit tonen."
    assert actor_before(text, 0, text.index(" zal")) == ""


# sentences


def test_abbreviations_do_not_end_a_sentence() -> None:
    text = (
        "Op 1 mei jl. sprak dr. Bos o.a. met mr. A.B. Vos (nr. 12, art. 3). De motie Jansen c.s. (35207-46) "
        "kwam i.v.m. de tijd t.a.v. China en bijv. Japan later. Ook dat is gezegd! Waarom? Daarom."
    )
    found = [text[start:end] for start, end in sentences_in(text)]
    assert [each.split()[0] for each in found] == ["Op", "De", "Ook", "Waarom?", "Daarom."]


def test_lists_and_headings_are_sentences_of_their_own() -> None:
    text = "Kop\n\nEerste zin\ngaat door.\n- een punt\n- nog een\n1. genummerd"
    assert [text[start:end] for start, end in sentences_in(text)] == [
        "Kop",
        "Eerste zin\ngaat door.",
        "- een punt",
        "- nog een",
        "1. genummerd",
    ]


@given(st.text(alphabet="ab. ,;!?\n-(n.v)Ajl1é", max_size=200))
def test_sentences_never_overlap_and_keep_every_letter(text: str) -> None:
    spans = list(sentences_in(text))
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    kept = "".join(text[start:end] for start, end in spans)
    assert sum(sign.isalnum() for sign in kept) == sum(sign.isalnum() for sign in text)
    for start, end in spans:
        assert sentence_around(spans, start) == sentence_around(spans, end - 1) == spans.index((start, end))


@given(
    st.lists(
        st.sampled_from(
            [
                "zal",
                "het kabinet",
                "uw Kamer",
                "informeren",
                "en",
                ",",
                "China",
                "die",
                "in 2023",
                "worden",
                ".",
                "(",
                "Nederland",
            ]
        ),
        max_size=25,
    )
)
def test_any_order_of_words_gives_promises_inside_the_text(words: list[str]) -> None:
    text = " ".join(words)
    for found in promises(text):
        assert 0 <= found.start < found.end <= len(text)
        assert found.sentence[0] <= found.start < found.end <= found.sentence[1]
        assert found.kind in ("commitment", "announcement")
