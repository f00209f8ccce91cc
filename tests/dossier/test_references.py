from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomonitor.dossier.reading.mentions import ReferenceMention
from geomonitor.dossier.reading.normal_forms import kind_of
from geomonitor.dossier.reading.page_repair import repair
from geomonitor.dossier.reading.reference_rules import confidence
from geomonitor.dossier.reading.references import RULES, references_in, references_in_title


def read(text: str) -> tuple[ReferenceMention, ...]:
    return references_in(repair(text))


def targets(text: str) -> list[str]:
    return [mention.target for mention in read(text)]


IN_SENTENCES = [
    ("de notitie (Kamerstuk 35 207, nr. 1), benadrukte", ["kst-35207-1"]),
    ("de brief (Kamerstuknummer 31 288, nr. 894) van", ["kst-31288-894"]),
    ("de motie-De Roon (35 207, nr. 46) is", ["kst-35207-46"]),
    ("de motie-Van der Staaij en Mulder (35925-45) verzocht", ["kst-35925-45"]),
    ("(Motie Van der Graaf c.s. 21 501-20 nr. 1606)", ["kst-21501-20-1606"]),
    ("motie Valstar c.s. (36 200 X, nr. 25) onderzoeken", ["kst-36200-X-25"]),
    ("Kamerstuk 35 925-XVII, nr. 54", ["kst-35925-XVII-54"]),
    ("Kamerstuk 22054-376", ["kst-22054-376"]),
    ("(Motie 35 570-XVII, nr. 18) heeft", ["kst-35570-XVII-18"]),
    ("Kamerbrief, 21 oktober 2022, 36180-25", ["kst-36180-25"]),
    ("TK 28750 nr. 35 en", ["kst-28750-35"]),
    ("Wet open overheid (TK33328-7)", ["kst-33328-7"]),
    ("Motie Karabulut c.s.(30 545, nr 60) m.b.t.", ["kst-30545-60"]),
    ("(t.v.v.27858, nr. 164 ) over", ["kst-27858-164"]),
    ("(t.v.v. 33410. nr. 43) over", ["kst-33410-43"]),
    ("(t.v.v. 23 645, nr, 316)", ["kst-23645-316"]),
    ("(t.v.v. 34950-x-9)", ["kst-34950-X-9"]),
    ("amendement  34 000, XVI, nr. 38, inzake", ["kst-34000-XVI-38"]),
    ("33000 VIII no 145 (Gew", ["kst-33000-VIII-145"]),
    ("verwijs naar Fiche 22112- 2709 inzake", ["kst-22112-2709"]),
    ("Kamerstuk\u00a035\u00a0207, nr.\u00a060", ["kst-35207-60"]),
    ("Kamerstuk 35\n207, nr.\n60", ["kst-35207-60"]),
    ("Kamerstuk 35  207 , nr . 60", ["kst-35207-60"]),
    ("Kamerstukken II 2021/22, 35 207, nr. 60, p. 3", ["kst-35207-60"]),
    ("Kamerstukken II 2022–2023, 36 200, nr. 41", ["kst-36200-41"]),
    ("Tweede Kamer, vergaderjaar 2021-2022, 35 207, nr. 60 over", ["kst-35207-60"]),
    ("(Kamerstuk 33183-(R1975), nr. 7)", ["kst-33183-7"]),
    ("Kamerstuk 35526, L)", ["kst-35526-L"]),
    ("EK 34 000 VI, M waarin", ["kst-34000-VI-M"]),
    ("(36 600 XVII, letter M) over", ["kst-36600-XVII-M"]),
    # several
    ("(Kamerstuk 31 288, nrs. 948 en 1013)", ["kst-31288-948", "kst-31288-1013"]),
    ("Kamerstuk 35 207, nrs. 1 t/m 3", ["kst-35207-1", "kst-35207-2", "kst-35207-3"]),
    ("Kamerstuk 35 207, nrs. 5, 7 en 9.", ["kst-35207-5", "kst-35207-7", "kst-35207-9"]),
    ("(35228, nr. 8 en 24; 35483, nr. 45)", ["kst-35228-8", "kst-35228-24", "kst-35483-45"]),
    ("(29338, nrs. 230+238 en 35582, nr. 15)", ["kst-29338-230", "kst-29338-238", "kst-35582-15"]),
    ("Kamerstuk 29477-484-485-486", ["kst-29477-484", "kst-29477-485", "kst-29477-486"]),
    (
        "(Kamerstuk 35 570 XVII, nr. 26, Kamerstuk 35 663, nr. 15 en Kamerstuk 21 501-02, nr. 2383)",
        ["kst-35570-XVII-26", "kst-35663-15", "kst-21501-02-2383"],
    ),
    ("(Kamerstukken 32 735 en 35 207, nr. 339)", ["kst-32735-339", "dossier-35207"]),
    ("(Kamerstukken 26643/32761-1024)", ["kst-26643-1024", "dossier-32761"]),
    ("(Kamerstuk 36202, T en U)", ["kst-36202-T", "kst-36202-U"]),
    ("motie op stuk nr. 54 (32 012) is", ["kst-32012-54"]),
    ("motie op stuk nr. 292, 33576) is", ["kst-33576-292"]),
    ("(34 682/35 334, nr. 143) is", ["kst-34682-143", "dossier-35334"]),
    ("de Opvangrichtlijn (2024/1346) stelt", ["32024L1346"]),
    ("het amendement 34024 ter vervanging van nr. 16 dat", ["kst-34024-16"]),
    ("wetsvoorstellen 31 735 en 31 734 (PNR", ["dossier-31735", "dossier-31734"]),
    ("het wetsvoorstel Zorg en dwang (31 996) en", ["dossier-31996"]),
    ("de begroting van Defensie (36 200 X) en", ["dossier-36200-X"]),
    ("Kamerstuk 35 207 over China", ["dossier-35207"]),
    # other kinds
    ("Kamerstuknr 2022Z24775", ["2022Z24775"]),
    ("de toezegging (TZ202211-190) die", ["TZ202211-190"]),
    ("document 2022D12345.", ["2022D12345"]),
    ("Reactie 23645-352/2009D16448 volgt", ["kst-23645-352", "2009D16448"]),
    ("Commission Staff Working document, SWD (2021) 352 final", ["SWD(2021)352"]),
    ("COM(2020) 474 final, 3 september 2020", ["COM(2020)474"]),
    ("COM (2014) 15, 20 en 21", ["COM(2014)15", "COM(2014)20", "COM(2014)21"]),
    ("JOIN(2023) 20 en COM(2023)249", ["JOIN(2023)20", "COM(2023)249"]),
    ("Verordening (EU) 2021/821 en Verordening (EG) nr. 428/2009", ["32021R0821", "32009R0428"]),
    ("richtlijnen 2014/23/EU, 2014/24/EU en 2014/25/EU", ["32014L0023", "32014L0024", "32014L0025"]),
    ("CELEX 32021R0821", ["32021R0821"]),
    ("http://data.europa.eu/eli/reg/2021/821/oj.", ["32021R0821"]),
    ("zie https://zoek.officielebekendmakingen.nl/kst-35207-51.html.", ["kst-35207-51"]),
    ("[Kamerstuk](https://zoek.officielebekendmakingen.nl/kst-35207-51.html)", ["kst-35207-51"]),
    (
        "[Kamerstuk 35 207, nr. 51](https://zoek.officielebekendmakingen.nl/kst-35207-51.html)",
        ["kst-35207-51"],
    ),
    ("Handelingen II 2021/22, nr. 34, item 5", ["h-tk-20212022-34-5"]),
    ("Aanhangsel van de Handelingen, vergaderjaar 2021–2022, nr. 123", ["ah-tk-20212022-123"]),
]

NO_REFERENCES = [
    "een bedrag van € 35 207",
    "ruim 35 207 euro",
    "35 207 000 inwoners",
    "meer dan 20.000 mensen",
    "Postbus 20061, 2500 EB Den Haag",
    "2515 XP Den Haag",
    "telefoon 070-3486486",
    "tel. 070 348 64 86",
    "06-12345678",
    "(7-8 juli 2022)",
    "Mondiale Gezondheidsstrategie 2023-2030",
    "de vergaderjaren 2021-2022",
    "met 23% ten opzichte van 2021",
    "nr. 3494453-1042117-PDCIC",
    "BZDOC-1257119648-63",
    "Min-BuZa.2022.261",
    "van 1,5 graden en 22,4%",
    "ISO 27001-2 en NEN-EN 50126-1",
    "CAS 10102-43-9",
    "Salduz (nr. 36391/02) en Panovits",
    "Stcrt. 2015, nr. 30280",
    "(Trb. 2010, 272)",
    "ECLI:NL:RBDHA:2021:10283",
    "artikel 12, eerste lid",
    "17+1 en 14+1",
    "de 137 productcategorieën, 3449 geanalyseerd",
    "tussen de 8.000 en 10.000 ambtenaren",
    "15000-20000 banen",
    "€12 500-25 000",
    "een bijdrage van 12 500 (2022)",
    "Richtlijn 12 van 2010",
    "het besluit 2012/5 te Genève",
    "https://www.ohchr.org/2022-08-31/22-08-31-final-assesment.pdf",
    "https://www.rijksoverheid.nl/documenten/35207-60/rapport",
    "in 2049 voltooid, G20 in Bali",
]


@pytest.mark.parametrize(("text", "expected"), IN_SENTENCES)
def test_a_reference_is_read_in_every_form(text: str, expected: list[str]) -> None:
    assert targets(text) == expected


@pytest.mark.parametrize("text", NO_REFERENCES)
def test_what_only_looks_like_a_reference_is_left(text: str) -> None:
    assert targets(text) == []


@pytest.mark.parametrize(("text", "expected"), IN_SENTENCES)
def test_a_mention_stands_where_its_digits_stand(text: str, expected: list[str]) -> None:
    mentions = read(text)

    assert len(mentions) == len(expected)
    for mention in mentions:
        written = " ".join(text[mention.start : mention.end].split())
        assert written == mention.quoted or mention.rule == "range-within"
        if mention.rule in ("range-within", "several-dossiers", "address"):
            continue
        last = mention.target.replace(")", "-").rpartition("-")[2]
        assert last in written.replace(" ", "") or mention.kind in ("eu_law", "document", "matter")


def test_a_number_that_cannot_be_a_paper_is_told_as_unreadable() -> None:
    (mention,) = read("Kamerstuk 1239418757, nr. 71")

    assert (mention.kind, mention.target) == ("unreadable", "")
    assert mention.confidence <= 0.5
    assert mention.quoted == "Kamerstuk 1239418757, nr. 71"


def test_two_numbers_far_apart_are_no_list_of_papers() -> None:
    (mention,) = read("Kamerstuk 21502-20-1627")

    assert mention.kind == "unreadable"


def test_a_date_after_a_number_is_no_further_number() -> None:
    assert targets("Kamerstuk 35 207, nr. 1, 15 mei 2019") == ["kst-35207-1"]
    assert targets("Kamerstuk 31 288, nr. 4 en 12 mei 2022") == ["kst-31288-4"]


def test_a_comma_list_needs_the_plural() -> None:
    assert targets("Kamerstuk 35 207, nr. 1, 15 landen") == ["kst-35207-1"]


def test_a_footnote_gives_its_mark() -> None:
    (mention,) = read("Zie de brief.¹⁰\n\n¹⁰ Kamerstuk 35 925-XVII, nr. 54")

    assert (mention.target, mention.footnote) == ("kst-35925-XVII-54", "10")


def test_a_reference_runs_on_over_the_end_of_a_page() -> None:
    text = "Dit meldt de brief (Kamerstuk 35\n\nOns kenmerk\nBZ-2022.1\n\n207, nr. 60) van mei."

    (mention,) = read(text)

    assert mention.target == "kst-35207-60"
    assert text[mention.start : mention.end].startswith("Kamerstuk 35")
    assert text[mention.start : mention.end].endswith("207, nr. 60")
    assert mention.quoted == "Kamerstuk 35 207, nr. 60"


def test_marks_of_emphasis_do_not_hide_a_reference() -> None:
    text = "(**Motie Van der Graaf c.s. 21 501-20 nr. 1606**)"

    (mention,) = read(text)

    assert text[mention.start : mention.end] == "21 501-20 nr. 1606"


def test_a_title_reads_numbers_at_its_ends_and_in_brackets() -> None:
    assert [each.target for each in references_in_title("36390 Nota naar aanleiding van het verslag")] == [
        "dossier-36390"
    ]
    assert [each.target for each in references_in_title("Voortgang Huis voor democratie (31 475)")] == [
        "dossier-31475"
    ]
    assert targets("Er zijn veel banen (31 475) bij gekomen") == []
    assert references_in_title("Slotwet Buitenlandse Zaken 20107") == ()
    assert references_in_title("Geannoteerde agenda") == ()


def test_a_number_without_a_dossier_is_one_of_the_papers_own() -> None:
    title = "Gewijzigd amendement van het lid X t.v.v. nr. 17, dat op stuk nr. 9 (36 471) voortbouwt"

    assert [each.target for each in references_in_title(title)] == ["kst-36471-9"]
    assert [each.target for each in references_in_title(title, dossier="36190")] == [
        "kst-36190-17",
        "kst-36471-9",
    ]


def test_every_rule_says_how_sure_it_is_and_why() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert 0 < rule.confidence <= 1
        assert rule.why
        assert confidence(rule.name) == rule.confidence


def test_the_surest_form_is_surer_than_a_bare_number() -> None:
    (introduced,) = read("Kamerstuk 35 207, nr. 60")
    (bare,) = read("volgens 35207-60 is dat zo")

    assert introduced.confidence > bare.confidence


SENTENCES = [f"Zo staat het in stuk {place}: {text}." for place, (text, _) in enumerate(IN_SENTENCES)]


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_sentences_in_another_order_refer_to_the_same(chance: random.Random) -> None:
    shuffled = list(SENTENCES)
    chance.shuffle(shuffled)

    assert set(targets("\n\n".join(shuffled))) == set(targets("\n\n".join(SENTENCES)))


@given(
    st.text(
        alphabet=st.sampled_from("0123456789 ,.-–/()nrsKamerstukXVIZTCOM¹²*\n\u00a0[]"),
        max_size=300,
    )
)
def test_mentions_are_in_order_and_do_not_overlap(text: str) -> None:
    mentions = read(text)

    for mention in mentions:
        assert 0 <= mention.start < mention.end <= len(text)
        assert mention.kind == "unreadable" or kind_of(mention.target) == mention.kind
        assert mention.rule in {rule.name for rule in RULES}
    for one, other in itertools.pairwise(mentions):
        assert one.end <= other.start


@given(st.text(alphabet=st.sampled_from("0123456789 ,.-/()nrsX"), max_size=200))
def test_a_title_is_read_without_an_error(title: str) -> None:
    for mention in references_in_title(title):
        assert title[mention.start : mention.end]


LONG = 40_000


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "(",
        "nr. ",
        " ",
        "35207 ",
        "Kamerstuk ",
        "35 207, nrs. 1, ",
        "COM(2020) 1, 2, ",
        "op stuk nr. 1, ",
        "[a](",
        "*a",
    ],
)
def test_a_text_made_to_be_slow_ends(piece: str) -> None:
    assert len(read(piece * (LONG // len(piece)))) < LONG
