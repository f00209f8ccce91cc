"""What a paper does with the motion or commitment that it names: carries out, answers, settles or meets it.

Told by the words right before the name ("ter uitvoering van de", "in reactie op"), by the sentence around it
("... is hiermee afgedaan") and by a later sentence of the same paragraph about "deze motie". Words about the
future ("zal, in lijn met de motie, onderzoeken") announce that a motion will be carried out: the relation is
carries_out with little confidence and a rule that ends in "-announced". An answer given in another paper
("de Kamerbrief van 1 mei, in antwoord op de motie") ends in "-by-another-paper".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from geomonitor.dossier.reading.motions import FoundMotion
from geomonitor.dossier.reading.sentences import sentence_around

__all__ = ["NONE", "SaidRelation", "relation_to_commitment", "relation_to_paper", "relations_of"]


@dataclass(frozen=True, slots=True)
class SaidRelation:
    """A relation with the words that say it.

    Parameters
    ----------
    relation : str
        mentions, carries_out, answers, settles, meets, replaces.
    quoted : str
    confidence : float
    rule : str
        Empty for mentions.
    """

    relation: str
    quoted: str = ""
    confidence: float = 1.0
    rule: str = ""


NONE = SaidRelation("mentions")
_RANK = {"settles": 4, "meets": 4, "carries_out": 3, "answers": 2, "replaces": 1, "mentions": 0}

# between the words of the relation and the motion itself
_THE = (
    r"(?:[\s,:'«“\"(]+(?:van|aan|op|de|het|deze|die|een|dezelfde|mijn|uw|aangenomen|ingediende"
    r"|aangehouden|verworpen|gewijzigde?"
    r"|nader|nadere|tweede|gew\.|bovengenoemde|bovenstaande|genoemde|voornoemde|zogenoemde"
    r"|zogenaamde|volgende"
    r"|onderhavige|eerdere|beide|alle|diverse|verschillende|enkele|twee|drie|vier|vijf|zes"
    r"|\d{1,2}))*[\s:'«“\"(]*$"
)
_EXECUTION = (
    r"(?:uitvoering|uitv\b\.?|tenuitvoerlegging|invulling|opvolging|uitwerking|nakoming|implementatie)"
)
_BEFORE: tuple[tuple[str, str, float, str], ...] = (
    ("settles", r"(?:afdoening|afhandeling)", 0.85, "settling-of"),
    ("settles", r"(?:worden|wordt|zijn|is)\s+(?:hiermee|hierbij|daarmee|met\s+deze\s+brief)", 0.0, ""),
    (
        "carries_out",
        rf"(?:ter|tot|in|bij\s+de|voor\s+de|over\s+de|de|voortgang|stand\s+van\s+zaken)\s+{_EXECUTION}",
        0.9,
        "execution-of",
    ),
    ("carries_out", _EXECUTION, 0.9, "execution-of"),
    ("carries_out", r"(?:het\s+)?uitvoeren", 0.8, "execution-of"),
    (
        "carries_out",
        r"(?:voortgang|stand\s+van\s+zaken|planning)(?:\s+(?:over|inzake|rond|rondom"
        r"|met\s+betrekking\s+tot|verkenning|uitvoering))?",
        0.6,
        "state-of",
    ),
    (
        "carries_out",
        r"(?:gevolg|gehoor|vorm|uitvoering|invulling|opvolging)(?:\s+te\s+geven|\s+gegeven|\s+gevend)?",
        0.9,
        "giving-execution",
    ),
    (
        "carries_out",
        r"(?:conform|overeenkomstig|in\s+lijn\s+met|in\s+overeenstemming\s+met)",
        0.85,
        "in-line-with",
    ),
    ("carries_out", r"(?:in\s+het\s+kader|op\s+basis|op\s+grond|met\s+inachtneming)", 0.7, "in-the-frame-of"),
    ("carries_out", r"(?:in\s+vervolg|als\s+vervolg|in\s+aanvulling)", 0.7, "following"),
    ("carries_out", r"(?:naar\s+aanleiding|n\.a\.v\.)", 0.65, "on-the-occasion-of"),
    (
        "carries_out",
        r"(?:zoals|als)\s+(?:verzocht|gevraagd|bepleit|opgeroepen|verwoord)\s+(?:in|door|met|bij|via)",
        0.75,
        "as-asked-in",
    ),
    (
        "carries_out",
        r"(?:kom|komt|komen|gekomen|komende)\s+(?:[\w-]+\s+){0,6}tegemoet",
        0.85,
        "meeting-the-wish-of",
    ),
    ("carries_out", r"tegemoet(?:\s+te\s+komen|\s+gekomen|gekomen|komen)?", 0.8, "meeting-the-wish-of"),
    (
        "carries_out",
        r"(?:voldaan|voldoet|voldoen|voldoe|tegemoetgekomen)(?:\s+[\w-]+){0,5}?",
        0.85,
        "complying-with",
    ),
    (
        "answers",
        r"(?:in\s+|als\s+)?(?:(?:kabinets|beleids)?reactie|antwoord|beantwoording|appreciatie"
        r"|standpunt|oordeel|advies|commentaar)"
        r"(?:\s+van\s+het\s+kabinet)?(?:\s+(?:met\s+betrekking\s+tot|ten\s+aanzien\s+van|over"
        r"|inzake|m\.b\.t\.))?",
        0.9,
        "in-answer-to",
    ),
)
_BEFORE_PATTERNS = tuple(
    (relation, re.compile(rf"(?<![\w-])(?P<said>{words}){_THE}", re.IGNORECASE), confidence, rule)
    for relation, words, confidence, rule in _BEFORE
    if rule
)
_DONE = r"(?:uitgevoerd|ingevuld|voldaan|nagekomen|afgerond|tot\s+uitvoering\s+gebracht)"
_SETTLED = r"(?:afgedaan|afgehandeld)"
_NOW = (
    r"(?:hiermee|hierdoor|daarmee|hierbij|op\s+deze\s+wijze|zo|dusdoende|met\s+deze\s+brief"
    r"|met\s+bovenstaande|aldus)"
)
# in the sentence around a motion, or around "deze motie" later on
_AROUND: tuple[tuple[str, re.Pattern[str], float, str], ...] = (
    (
        "settles",
        re.compile(
            rf"\bals\s+{_SETTLED}\b|\b{_SETTLED}\s+(?:te\s+)?(?:beschouwen|beschouwd|acht|achten)\b", re.I
        ),
        0.95,
        "regarded-as-settled",
    ),
    (
        "settles",
        re.compile(rf"\b(?:is|zijn|wordt|worden|kan|kunnen)\b[^;]{{0,160}}\b{_SETTLED}\b", re.I),
        0.9,
        "is-settled",
    ),
    (
        "settles",
        re.compile(r"\b(?:doe|doet|doen)\b[^;]{0,160}\baf\b(?=\s*[.,;]|\s*$)", re.I),
        0.85,
        "is-settled",
    ),
    ("carries_out", re.compile(rf"\bals\s+{_DONE}\b", re.I), 0.95, "regarded-as-carried-out"),
    (
        "carries_out",
        re.compile(rf"\b(?:is|zijn|wordt|worden|heb|heeft|hebben)\b[^;]{{0,160}}\b{_DONE}\b", re.I),
        0.85,
        "is-carried-out",
    ),
    (
        "carries_out",
        re.compile(r"\b(?:voldoe|voldoet|voldoen)\b[^;]{0,100}\baan\b", re.I),
        0.85,
        "complying-with",
    ),
    (
        "carries_out",
        re.compile(
            rf"\b(?:geef|geeft|geven|gaf|gegeven|gevend|geven)\b[^;]{{0,100}}\b{_EXECUTION}\b"
            rf"|\b{_EXECUTION}\b[^;]{{0,60}}\b(?:gegeven|geven|gaf|geeft)\b",
            re.I,
        ),
        0.88,
        "giving-execution",
    ),
    (
        "carries_out",
        re.compile(rf"\b{_NOW}\b[^;]{{0,100}}\b(?:voer|voert|voeren)\b[^;]{{0,100}}\buit\b", re.I),
        0.85,
        "carrying-out",
    ),
    (
        "answers",
        re.compile(
            r"\b(?:reageer|reageert|reageren|ga\s+ik\s+in|gaat\s+het\s+kabinet\s+in)\b[^;]{0,60}\bop\b", re.I
        ),
        0.75,
        "reacting-to",
    ),
)
_SAID_BEHIND = frozenset(rule for _, _, _, rule in _AROUND)
_NOT = re.compile(
    rf"\b(?:niet|geen|nog\s+niet|nog\s+geen|onvoldoende)\s+(?:[\w-]+\s+){{0,4}}(?:{_EXECUTION}"
    rf"|{_DONE}|{_SETTLED}|uit\s+te\s+voeren|uitvoeren)\b"
    rf"|\b(?:ontraad|ontraadt|ontraden)\b",
    re.IGNORECASE,
)
_FUTURE = re.compile(
    r"\b(?:zal|zullen|zult|voornemens|van\s+plan|streeft?\s+ernaar|gaat|gaan)\b", re.IGNORECASE
)
_ANOTHER_PAPER = re.compile(
    r"\b(?:verwijs|verwijst|verwijzen|verwezen)\b[^.]{0,160}\b(?:[Kk]amer)?brie(?:f|ven)\b"
    r"|\b(?:[Kk]amer)?brief\s+van\s+\d{1,2}\s+\w+(?:\s+\d{4})?,?\s*(?:\([^)]{0,60}\),?\s*)?$",
)
_SAME_MOTION = re.compile(
    r"\b(?:de|deze|dezelfde|die|voornoemde|bovengenoemde|bovenstaande|genoemde|voorliggende"
    r"|onderhavige|beide)\s+"
    r"(?:(?:aangenomen|gewijzigde|genoemde)\s+)?(?P<word>moties?)\b(?!\s*-\s*\w)",
    re.IGNORECASE,
)
_CONNECTED = re.compile(
    r"[\s,;()\[\].:]*(?:(?:en|alsmede|evenals|respectievelijk|als|ook|om|inzake)\b)?[\s,]*"
    r"(?:(?:van|aan|op|de|het|een|aangenomen|nader|gewijzigde|over)\s+){0,4}[\s(]*$",
    re.IGNORECASE,
)
_LIST_GOES_ON = re.compile(
    r"(?:[,;]|\ben)\s+(?:(?:op|van|aan|in|over)\s+)?(?:de\s+"
    r"|het\s+)?(?:aangenomen\s+)?(?:nader\s+)?(?:gewijzigde\s+)?$",
    re.IGNORECASE,
)
_NEAR = 140
_LONGEST_LIST = 12


def relations_of(
    text: str, motions: Sequence[FoundMotion], sentences: Sequence[tuple[int, int]]
) -> tuple[SaidRelation, ...]:
    """Say for each motion what the text does with it.

    Parameters
    ----------
    text : str
        As `flattened` gives it.
    motions : sequence of FoundMotion
        In the order of the text.
    sentences : sequence of (int, int)
        Starts and ends, in order.

    Examples
    --------
    >>> from geomonitor.dossier.reading.motions import find_motions
    >>> from geomonitor.dossier.reading.sentences import sentences_in
    >>> text = "Conform de motie-De Roon is dit gedaan. Hiermee is deze motie afgedaan."
    >>> [said] = relations_of(text, find_motions(text), list(sentences_in(text)))
    >>> said.relation, said.quoted
    ('settles', 'is deze motie afgedaan')
    """
    spans = list(sentences)
    found: list[SaidRelation] = []
    for place, motion in enumerate(motions):
        within = sentence_around(spans, motion.start) if spans else 0
        start, end = spans[within] if spans else (0, len(text))
        before = text[max(start, motion.start - _NEAR) : motion.start]
        said = _before(text, start, motion.start, before)
        previous = motions[place - 1] if place else None
        if said is NONE and previous is not None and start <= previous.start:
            gap = text[previous.until : motion.start]
            if previous.start == motion.start or (len(gap) < 400 and _is_list_gap(gap)):
                said = found[-1]
        following = motions[place + 1].start if place + 1 < len(motions) else len(text)
        said = _stronger(said, _around(text, motion, start, end, motions, place))
        said = _stronger(said, _later(text, motion, within, spans, following))
        found.append(said)
    _spread_back(text, motions, found)
    _spread_plural(text, motions, found)
    return tuple(found)


def _is_list_gap(gap: str) -> bool:
    """Say whether a list goes on: only "en de", or the subject of the one before and then "en op de"."""
    return _CONNECTED.fullmatch(gap) is not None or _LIST_GOES_ON.search(gap) is not None


def _stronger(one: SaidRelation, other: SaidRelation) -> SaidRelation:
    return max(one, other, key=lambda said: (_RANK[said.relation], said.confidence))


def _before(text: str, sentence: int, at: int, before: str) -> SaidRelation:
    for relation, pattern, confidence, rule in _BEFORE_PATTERNS:
        match = pattern.search(before)
        if match is None:
            continue
        opening = text[sentence : at - len(before) + match.start()]
        if _NOT.search(text, max(sentence, at - _NEAR), at):
            return NONE
        quoted = " ".join(match["said"].split())
        if _ANOTHER_PAPER.search(opening[-220:]):
            return SaidRelation(relation, quoted, 0.5, f"{rule}-by-another-paper")
        if relation == "carries_out" and _announced(text, sentence, at):
            return SaidRelation(relation, quoted, min(confidence, 0.55), f"{rule}-announced")
        return SaidRelation(relation, quoted, confidence, rule)
    return NONE


def _announced(text: str, sentence: int, at: int) -> bool:
    """Say whether the main verb of the sentence is one of the future, before the motion or behind it."""
    if _FUTURE.search(text, sentence, at):
        return True
    closing = re.compile(r"[^;]{0,120}").match(text, at)
    behind = closing[0] if closing else ""
    return re.search(r"\)\s+(?:zal|zullen)\b|\bc\.s\.?\s+(?:zal|zullen)\b", behind) is not None


def _around(
    text: str, motion: FoundMotion, start: int, end: int, motions: Sequence[FoundMotion], place: int
) -> SaidRelation:
    """Look at the part of the sentence that is about this motion: from the one before it to the one after."""
    first = place
    while first and place - first < _LONGEST_LIST and motions[first - 1].start >= start:
        gap = text[motions[first - 1].until : motions[first].start]
        if len(gap) >= 60 or _CONNECTED.fullmatch(gap) is None:
            break
        first -= 1
    before = [each.until for each in motions[max(0, first - 1) : first] if each.start >= start]
    low = max([start, motions[first].start - 250, *before])
    high = min([end, motion.until + 300, *(each.start for each in motions[place + 1 : place + 2])])
    if high < motion.until:
        high = motion.until
    return _said_in(text, low, high, motion.start, motion.until)


def _said_in(text: str, low: int, high: int, at: int, until: int) -> SaidRelation:
    if _NOT.search(text, low, high):
        return NONE
    for relation, pattern, confidence, rule in _AROUND:
        for match in pattern.finditer(text, low, high):
            # about the motion: it stands inside the words, or next to them
            if match.start() <= until + 60 and match.end() >= at - 60:
                quoted = " ".join(match[0].split())
                if relation != "settles" and _FUTURE.search(text, low, high):
                    return SaidRelation(relation, quoted, min(confidence, 0.55), f"{rule}-announced")
                return SaidRelation(relation, quoted, confidence, rule)
    return NONE


def _later(
    text: str, motion: FoundMotion, within: int, spans: Sequence[tuple[int, int]], following: int
) -> SaidRelation:
    """Look for "deze motie" in what follows, up to the next motion or the end of the paragraph."""
    best = NONE
    for place in range(within, min(within + 9, len(spans))):
        start, end = spans[place]
        if start >= following or (place > within and "\n\n" in text[spans[place - 1][1] : start]):
            break
        for match in _SAME_MOTION.finditer(text, max(start, motion.until), min(end, following)):
            before = text[max(start, match.start() - _NEAR) : match.start("word")]
            said = _before(text, start, match.start("word"), before)
            said = _stronger(said, _said_in(text, start, min(end, following), match.start(), match.end()))
            best = _stronger(best, said)
    return best


def _spread_back(text: str, motions: Sequence[FoundMotion], found: list[SaidRelation]) -> None:
    """Let what is said behind a list hold for all of it: "de motie-A en de motie-B zijn hiermee afgedaan"."""
    for place in range(len(motions) - 2, -1, -1):
        one, following = motions[place], motions[place + 1]
        gap = text[one.until : following.start]
        said = found[place + 1]
        stronger = _RANK[said.relation] > _RANK[found[place].relation] and said.rule in _SAID_BEHIND
        if stronger and len(gap) < 60 and _CONNECTED.fullmatch(gap):
            found[place] = said


def _spread_plural(text: str, motions: Sequence[FoundMotion], found: list[SaidRelation]) -> None:
    """Let what is said of "deze moties" or "beide moties" hold for all motions of the paragraph before it."""
    for place, motion in enumerate(motions[:-1]):
        successor = place + 1
        last = motion
        while successor < len(motions) and "\n\n" not in text[last.until : motions[successor].start]:
            last = motions[successor]
            successor += 1
            if successor - place > 12:
                break
        said = found[successor - 1]
        if successor - 1 == place or said.rule == "" or _RANK[said.relation] <= _RANK[found[place].relation]:
            continue
        closing = text[last.until : last.until + 1500].split("\n\n")[0]
        plural = re.search(r"\b(?:de|deze|beide|bovenstaande|genoemde)\s+moties\b", closing, re.IGNORECASE)
        if plural is not None and said.quoted and said.quoted in " ".join(closing.split()):
            found[place] = said


_TO_COMMITMENT: tuple[tuple[str, re.Pattern[str], float, str], ...] = (
    (
        "meets",
        re.compile(r"\b(?:voldoe|voldoet|voldoen|voldaan)\b[^;]{0,120}\baan\b[^;]{0,120}\btoezegging", re.I),
        0.95,
        "complying-with",
    ),
    (
        "meets",
        re.compile(
            r"\btoezegging(?:en)?\b[^;]{0,200}\b(?:gestand|nagekomen|na(?=\s*[.,])|afgedaan"
            r"|afgehandeld|voldaan|ingelost|ingevuld|uitgevoerd)",
            re.I,
        ),
        0.92,
        "is-met",
    ),
    (
        "meets",
        re.compile(
            r"\b(?:gestand|kom|komt|komen)\b[^;]{0,100}\btoezegging(?:en)?\b[^;]{0,160}\b(?:na|gestand)\b",
            re.I,
        ),
        0.9,
        "is-met",
    ),
    (
        "meets",
        re.compile(
            rf"\b(?:{_EXECUTION}|gestanddoening|afdoening|invulling)\s+(?:van"
            rf"|aan)\b[^;]{{0,60}}\btoezegging",
            re.I,
        ),
        0.88,
        "execution-of",
    ),
    (
        "meets",
        re.compile(r"\b(?:conform|overeenkomstig|zoals)\b[^;]{0,40}\btoe(?:zegging|gezegd)\b", re.I),
        0.7,
        "as-promised",
    ),
    (
        "meets",
        re.compile(r"\bnaar\s+aanleiding\s+van\b[^;]{0,60}\btoezegging", re.I),
        0.6,
        "on-the-occasion-of",
    ),
)
_REPLACES = re.compile(
    r"\b(?:ter\s+vervanging\s+van|vervangt|in\s+plaats\s+van)\b[\s\w(,.]{0,60}$", re.IGNORECASE
)


def relation_to_commitment(sentence: str) -> SaidRelation:
    """Say what a sentence does with the commitment that it names.

    Examples
    --------
    >>> relation_to_commitment("Hiermee voldoet het kabinet aan de toezegging (TZ202211-190).").relation
    'meets'
    >>> relation_to_commitment("De toezegging TZ202211-190 zal later worden nagekomen.").rule
    'is-met-announced'
    """
    if re.search(
        r"\b(?:niet|geen)\b[^;]{0,40}\b(?:nagekomen|voldaan|gestand|afgedaan)", sentence, re.IGNORECASE
    ):
        return NONE
    for relation, pattern, confidence, rule in _TO_COMMITMENT:
        match = pattern.search(sentence)
        if match is not None:
            quoted = " ".join(match[0].split())
            if _FUTURE.search(sentence):
                return SaidRelation(relation, quoted, min(confidence, 0.5), f"{rule}-announced")
            return SaidRelation(relation, quoted, confidence, rule)
    return NONE


def relation_to_paper(before: str) -> SaidRelation:
    """Say whether the words before a reference say that this paper replaces that one.

    Examples
    --------
    >>> relation_to_paper("Ter vervanging van de brief (").relation
    'replaces'
    """
    match = _REPLACES.search(before[-120:])
    return NONE if match is None else SaidRelation("replaces", " ".join(match[0].split()), 0.8, "replacing")
