"""Motions as papers name them: who moved them, which paper they are, what is done with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomonitor.dossier.reading import MotionMention, read_paper, read_title
from geomonitor.dossier.reading.motions import find_motions, flattened
from geomonitor.dossier.reading.movers import read_movers


def motions(text: str, names: frozenset[str] = frozenset()) -> tuple[MotionMention, ...]:
    return read_paper(text, names=names).motions


def named(text: str) -> list[tuple[tuple[str, ...], bool, str]]:
    return [(each.movers, each.and_others, each.target) for each in motions(text)]


# movers


@pytest.mark.parametrize(
    ("text", "movers", "and_others"),
    [
        ("De motie-Van der Staaij en Mulder is aangenomen.", ("Van der Staaij", "Mulder"), False),
        ("De motie Valstar c.s. is aangenomen.", ("Valstar",), True),
        ("De motie-van Haga/Eppink is aangenomen.", ("van Haga", "Eppink"), False),
        ("De motie van het lid Van Baarle c.s. is aangenomen.", ("Van Baarle",), True),
        (
            "De motie van de leden Sjoerdsma en Koopmans over regels is aangenomen.",
            ("Sjoerdsma", "Koopmans"),
            False,
        ),
        ("De gewijzigde motie Van der Lee c.s. is aangenomen.", ("Van der Lee",), True),
        ("De nader gewijzigde motie van het lid Kathmann is aangenomen.", ("Kathmann",), False),
        (
            "De motie Blanksma-van den Heuvel/Elias is aangenomen.",
            ("Blanksma-van den Heuvel", "Elias"),
            False,
        ),
        ("De motie Terpstra/ Koerhuis is aangenomen.", ("Terpstra", "Koerhuis"), False),
        ("De motie de Roon is aangenomen.", ("de Roon",), False),
        ("De motie **Van Baarle c.s.** is aangenomen.", ("Van Baarle",), True),
        ("De motie\nKoser Kaya is aangenomen.", ("Koser Kaya",), False),
        ("De motie El Yassini is aangenomen.", ("El Yassini",), False),
        ("De motie van het lid Van ’t Wout over regels.", ("Van ’t Wout",), False),
        ("De motie van de leden Gill'ard en Çörüz over regels.", ("Gill'ard", "Çörüz"), False),
        ("De motie van het lid Inge van Dijk c.s. over regels.", ("Inge van Dijk",), True),
        ("De motie-Thijssen c.s., ingediend in mei, is aangenomen.", ("Thijssen",), True),
        ("De motie Yeşilgöz\u2011Zegerius c.s. is aangenomen.", ("Yeşilgöz\u2011Zegerius",), True),
        ("De motie van de leden Mei Li Vos en Welzijn over regels.", ("Mei Li Vos", "Welzijn"), False),
        ("De motie ingediend door het lid Kröger is aangenomen.", ("Kröger",), False),
        ("De door het lid Amhaouch ingediende motie is aangenomen.", ("Amhaouch",), False),
        (
            "De motie van de leden Kuzu (DENK) en Agnes Mulder (CDA) over regels.",
            ("Kuzu", "Agnes Mulder"),
            False,
        ),
        ("MOTIE VAN DE LEDEN VAN DER STAAIJ EN MULDER", ("VAN DER STAAIJ", "MULDER"), False),
        (
            "De motie van de leden Alkaya, Weverling, Sjoerdsma en Brekelmans is aangenomen.",
            ("Alkaya", "Weverling", "Sjoerdsma", "Brekelmans"),
            False,
        ),
    ],
)
def test_movers_as_papers_write_them(text: str, movers: tuple[str, ...], and_others: bool) -> None:
    (motion,) = motions(text)
    plain = tuple(name.replace("\u2011", "-") for name in movers)
    assert (tuple(name.replace("\u2011", "-") for name in motion.movers), motion.and_others) == (
        plain,
        and_others,
    )


@pytest.mark.parametrize(
    ("text", "movers"),
    [
        # two members, or one with two surnames: only a list can tell
        ("De motie Brekelmans-Mulder is aangenomen.", ("Brekelmans", "Mulder")),
        ("De motie Rikkers-Oosterkamp is aangenomen.", ("Rikkers-Oosterkamp",)),
        ("De motie Van Haga-Eppink is aangenomen.", ("Van Haga", "Eppink")),
        ("De motie Van der Staaij-Mulder is aangenomen.", ("Van der Staaij", "Mulder")),
        ("De motie Pouw-Verweij-Eppink is aangenomen.", ("Pouw-Verweij", "Eppink")),
        ("De motie Wiegman-van Meppelen Scheppink c.s. is aangenomen.", ("Wiegman-van Meppelen Scheppink",)),
        # "het lid" is one, whatever a hyphen joins
        ("De motie van het lid Onbekend-Naamloos over regels.", ("Onbekend-Naamloos",)),
    ],
)
def test_what_a_hyphen_joins(text: str, movers: tuple[str, ...]) -> None:
    (motion,) = motions(text)
    assert motion.movers == movers


def test_an_undecided_hyphen_has_less_confidence_and_names_of_the_caller_decide_it() -> None:
    text = "De motie Aalberts-Bergsma (35 207, nr. 46) is aangenomen."
    (undecided,) = motions(text)
    (two,) = motions(text, frozenset({"Aalberts", "Bergsma"}))
    (one,) = motions(text, frozenset({"Aalberts-Bergsma"}))
    assert undecided.movers == two.movers == ("Aalberts", "Bergsma")
    assert one.movers == ("Aalberts-Bergsma",)
    assert undecided.confidence < min(one.confidence, two.confidence)


@pytest.mark.parametrize(
    "text",
    [
        "Er is een motie van wantrouwen ingediend.",
        "De moties Notaoverleg Energie zijn afgedaan.",
        "De moties Leven Lang Leren en sport volgen.",
        "De motie van 14 december is aangenomen.",
        "De motie is aangenomen. Nederland houdt vol.",
        "De promotie van Jansen gaat door; emoties lopen op.",
        "De moties VAO Telecom en AO Zorg volgen.",
        "De motie over Rusland en China is aangenomen.",
        "Het kabinet kent de motie. Tweede Kamer en kabinet spreken erover.",
    ],
)
def test_these_name_no_movers(text: str) -> None:
    assert motions(text) == ()


def test_names_stop_where_the_sentence_goes_on() -> None:
    assert named("De motie Omtzigt van 14 december en de motie-Hamer en minister Bos zijn bekend.") == [
        (("Omtzigt",), False, ""),
        (("Hamer",), False, ""),
    ]
    assert named("De motie Jansen, Kamerstuk 29 453, nr. 112, is bekend.") == [
        (("Jansen",), False, "kst-29453-112")
    ]


# papers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "de motie-Van der Staaij en Mulder (35925-45)",
            [(("Van der Staaij", "Mulder"), False, "kst-35925-45")],
        ),
        ("(Motie Van der Graaf c.s. 21 501-20 nr. 1606)", [(("Van der Graaf",), True, "kst-21501-20-1606")]),
        (
            "gewijzigde motie Van der Lee c.s. (Kamerstuk 34808-19)",
            [(("Van der Lee",), True, "kst-34808-19")],
        ),
        ("motie 32372 nr. 67", [((), False, "kst-32372-67")]),
        ("de motie-Weverling (Motie 35 570-XVII, nr. 18)", [(("Weverling",), False, "kst-35570-XVII-18")]),
        (
            "de motie van het lid Koekkoek over wapens (Kamerstuk 22054-376)",
            [(("Koekkoek",), False, "kst-22054-376")],
        ),
        ("motie (36 200 X, nr. 25) van het lid Valstar", [(("Valstar",), False, "kst-36200-X-25")]),
        ("Kamerstuk 36 200 X, nr. 25, motie-Valstar", [(("Valstar",), False, "kst-36200-X-25")]),
        (
            "moties Ploumen c.s. (Kamerstuk 32735-297) en Karabulut (Kamerstuk 35570 V-34)",
            [(("Ploumen",), True, "kst-32735-297"), (("Karabulut",), False, "kst-35570-V-34")],
        ),
        (
            "de moties Van der Ham (31 200, nr. 4) en Spies/Samsom (31 200, nr. 5)",
            [(("Van der Ham",), False, "kst-31200-4"), (("Spies", "Samsom"), False, "kst-31200-5")],
        ),
        (
            "de moties van het lid Krol (Kamerstuk 35300-VII-34 en Kamerstuk 24515-524)",
            [(("Krol",), False, "kst-35300-VII-34"), (("Krol",), False, "kst-24515-524")],
        ),
        (
            "de motie van het lid Graus over dieren (Kamerstuk 28286-12) en de motie van het lid "
            "Ouwehand over vis "
            "(Kamerstuk 29675-9)",
            [(("Graus",), False, "kst-28286-12"), (("Ouwehand",), False, "kst-29675-9")],
        ),
        # the paper that it replaces is not its own
        (
            "de gewijzigde motie van het lid Eerdmans over regels (t.v.v. 21501-30-662)",
            [(("Eerdmans",), False, "")],
        ),
        # the next sentence names another paper
        ("de motie-Leijten. Zie de brief (Kamerstuk 31 288, nr. 948)", [(("Leijten",), False, "")]),
    ],
)
def test_the_paper_of_a_motion(text: str, expected: list[tuple[tuple[str, ...], bool, str]]) -> None:
    assert named(f"Het kabinet kent {text}.") == expected


def test_a_footnote_gives_the_paper() -> None:
    text = (
        "Dit is in vervolg op de **motie Brekelmans-Mulder**²³. In het kader van dezelfde motie "
        "loopt meer.\n\n"
        "²³ Kamerstuk 35207, nr. 51 | Officiële bekendmakingen\n\nDaarna gaat de brief verder."
    )
    reading = read_paper(text)
    (motion,) = reading.motions
    assert (motion.movers, motion.target, motion.footnote) == (("Brekelmans", "Mulder"), "kst-35207-51", "23")
    (reference,) = reading.references
    # the reference in the footnote bears the relation of the motion at which it is called
    assert (reference.footnote, reference.relation) == ("23", motion.relation) == ("23", "carries_out")


def test_a_footnote_can_name_a_motion_itself() -> None:
    text = (
        "Hierover is gesproken.¹ Daarna volgt meer.\n\n¹ Motie van het lid Kuzu c.s., Kamerstuk "
        "35207, nr. 51\n\nSlot."
    )
    (motion,) = motions(text)
    assert (motion.movers, motion.target, motion.footnote) == (("Kuzu",), "kst-35207-51", "1")
    assert text[motion.start : motion.end] == "Motie van het lid Kuzu c.s."


def test_several_movers_and_papers_of_which_nothing_tells_who_moved_which() -> None:
    text = (
        "In reactie op de moties van de leden Alkaya, Weverling, Sjoerdsma en Brekelmans "
        "(Kamerstuk 35 570 XVII, "
        "nr. 26, Kamerstuk 35 663, nr. 15 en Kamerstuk 21 501-02, nr. 2383) over handel meld ik dit."
    )
    reading = read_paper(text)
    (motion,) = reading.motions
    assert motion.movers == ("Alkaya", "Weverling", "Sjoerdsma", "Brekelmans")
    assert (motion.target, motion.rule.split(";")[0]) == ("kst-35570-XVII-26", "members-papers-shared")
    assert motion.confidence <= 0.6
    assert [(each.target, each.relation) for each in reading.references] == [
        ("kst-35570-XVII-26", "answers"),
        ("kst-35663-15", "answers"),
        ("kst-21501-02-2383", "answers"),
    ]
    assert set(reading.settled.in_text) == {each.target for each in reading.references}


# what is done with them


@pytest.mark.parametrize(
    ("text", "relation", "rule"),
    [
        ("Conform de motie-Kuzu (35 207, nr. 46) is deze lijn uitgedragen.", "carries_out", "in-line-with"),
        ("Ter uitvoering van de motie-Kuzu is een loket geopend.", "carries_out", "execution-of"),
        ("Hiermee geeft het kabinet uitvoering aan de motie-Kuzu.", "carries_out", "execution-of"),
        ("Uitvoering motie-Kuzu", "carries_out", "execution-of"),
        ("Zoals verzocht in de motie-Kuzu is dit onderzocht.", "carries_out", "as-asked-in"),
        ("De motie-Kuzu is uitgevoerd.", "carries_out", "is-carried-out"),
        (
            "De motie-Kuzu vroeg om meer. Dat is gedaan. Hiermee beschouwt het kabinet deze motie "
            "als uitgevoerd.",
            "carries_out",
            "regarded-as-carried-out",
        ),
        ("In reactie op de motie-Kuzu meld ik dit.", "answers", "in-answer-to"),
        ("Dit is het antwoord op de aangenomen motie van het lid Kuzu.", "answers", "in-answer-to"),
        ("Appreciatie van de gewijzigde motie van het lid Kuzu over regels", "answers", "in-answer-to"),
        ("Hiermee is de motie-Kuzu afgedaan.", "settles", "is-settled"),
        (
            "Conform de motie-Kuzu is dit gedaan. Ik beschouw de motie hiermee als afgedaan.",
            "settles",
            "regarded-as-settled",
        ),
        ("Hiermee doe ik de motie-Kuzu af.", "settles", "is-settled"),
        ("Het kabinet deelt de zorgen die in de motie-Kuzu staan.", "mentions", ""),
        ("De motie-Kuzu is verworpen.", "mentions", ""),
        # not done, or not yet
        ("Het kabinet geeft geen uitvoering aan de motie-Kuzu.", "mentions", ""),
        ("De motie-Kuzu is nog niet uitgevoerd.", "mentions", ""),
        (
            "Ook zal het kabinet in lijn met de motie-Kuzu onderzoeken wat kan.",
            "carries_out",
            "in-line-with-announced",
        ),
        (
            "Ik verwijs u naar de Kamerbrief van 22 november 2021, in antwoord op de motie-Kuzu.",
            "answers",
            "in-answer-to-by-another-paper",
        ),
    ],
)
def test_what_the_paper_does_with_a_motion(text: str, relation: str, rule: str) -> None:
    (motion,) = motions(text)
    assert (motion.relation, motion.rule.partition("; ")[2]) == (relation, rule)
    assert bool(motion.relation_quoted) == (relation != "mentions")
    if rule.endswith(("-announced", "-by-another-paper")):
        assert motion.confidence <= 0.55


def test_what_is_said_of_one_motion_is_not_said_of_another() -> None:
    text = (
        "De motie-Kuzu (35 207, nr. 46) is bekend. De motie-Alkaya (35 207, nr. 47) ook. Hiermee "
        "is deze motie afgedaan."
        "\n\nDe motie-Piri (35 207, nr. 48) vraagt meer."
    )
    assert [each.relation for each in motions(text)] == ["mentions", "settles", "mentions"]


def test_a_list_shares_its_relation() -> None:
    text = "In reactie op de motie-Kuzu over handel en op de motie-Alkaya over zorg meld ik dit."
    assert [each.relation for each in motions(text)] == ["answers", "answers"]
    text = "Hiermee zijn de motie-Kuzu (35 207, nr. 46) en de motie-Alkaya (35 207, nr. 47) afgedaan."
    assert [each.relation for each in motions(text)] == ["settles", "settles"]
    text = "De motie-Kuzu en de motie-Alkaya zijn bekend. Ik beschouw beide moties als afgedaan."
    assert [each.relation for each in motions(text)] == ["settles", "settles"]


@pytest.mark.parametrize(
    ("sentence", "relation"),
    [
        ("Hiermee voldoet het kabinet aan de toezegging (TZ202211-190) uit het debat.", "meets"),
        ("Hiermee doe ik de toezegging TZ202211-190 gestand.", "meets"),
        ("De toezegging TZ202211-190 is met deze brief afgedaan.", "meets"),
        ("Hiermee kom ik de toezegging (TZ202211-190) na.", "meets"),
        ("De toezegging TZ202211-190 is nog niet nagekomen.", "mentions"),
        ("In het debat is een toezegging gedaan (TZ202211-190).", "mentions"),
    ],
)
def test_what_the_paper_does_with_a_commitment(sentence: str, relation: str) -> None:
    (reference,) = read_paper(sentence).references
    assert (reference.target, reference.relation) == ("TZ202211-190", relation)


# titles


@pytest.mark.parametrize(
    ("title", "movers", "target", "relation"),
    [
        (
            "Uitvoering van de motie van de leden Piri en Kröger over hervestiging (Kamerstuk 19637-3143)",
            ("Piri", "Kröger"),
            "kst-19637-3143",
            "carries_out",
        ),
        ("Uitv motie-Van der Ham (29575, nr. 19)", ("Van der Ham",), "kst-29575-19", "carries_out"),
        ("Reactie op motie Jansen, Kamerstuk 29 453, nr. 112", ("Jansen",), "kst-29453-112", "answers"),
        ("Reactie op motie lid Hamer (29817-83) inzake werk", ("Hamer",), "kst-29817-83", "answers"),
        (
            "Reactie op de motie van het lid Helder over artikel 31. Politie splitsen (Kamerstuk "
            "36200-VI-52)",
            ("Helder",),
            "kst-36200-VI-52",
            "answers",
        ),
    ],
)
def test_titles(title: str, movers: tuple[str, ...], target: str, relation: str) -> None:
    (motion,) = read_title(title).motions
    assert (motion.movers, motion.target, motion.relation) == (movers, target, relation)
    assert title[motion.start : motion.end] == motion.quoted


def test_a_title_without_motions_has_its_references() -> None:
    reading = read_title("Verslag over de Promotiewet (Kamerstuk 35 207, nr. 60)")
    assert reading.motions == ()
    assert [each.target for each in reading.references] == ["kst-35207-60"]


# any text

WORDS = st.sampled_from(
    [
        "motie",
        "moties",
        "de",
        "van",
        "het lid",
        "de leden",
        "Van",
        "Jansen",
        "Bos-Vos",
        "c.s.",
        "en",
        "/",
        "-",
        ",",
        "(35 207, nr. 46)",
        "(Kamerstuk 35 570 XVII, nr. 26)",
        ".",
        "\n\n",
        "**",
        "in reactie op",
        "afgedaan",
        "deze",
        "¹",
    ]
)


@given(st.lists(WORDS, max_size=30))
def test_any_order_of_words_is_read_in_the_positions_of_the_text(words: list[str]) -> None:
    text = " ".join(words)
    for motion in motions(text):
        assert 0 <= motion.start < motion.end <= len(text)
        assert motion.movers or motion.target
        assert 0 < motion.confidence <= 1
        found = flattened(text[motion.start : motion.end]).casefold()
        assert all(part.casefold() in found for name in motion.movers for part in name.split())


def test_long_lists_and_repeated_words_stay_bounded() -> None:
    many = "motie van de leden " + ", ".join(["Jansen"] * 5_000) + " en Bos"
    (motion,) = find_motions(many)
    assert len(motion.movers) <= 24
    for hostile in (
        "motie " * 5_000,
        "Jan-" * 5_000,
        "motie Van der " * 3_000,
        "moties (" * 5_000,
        "van de leden " * 3_000,
    ):
        assert len(find_motions(hostile)) <= 5_000
    assert read_movers("Van der " * 5_000, 0) == ()
