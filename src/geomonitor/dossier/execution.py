"""Which motion a government paper carries out: by the paper it names, or by movers and subject."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import Stemmer

__all__ = [
    "LINK_RULES",
    "ExecutedMotion",
    "KnownMotion",
    "MotionLink",
    "MotionsKnown",
    "known_words",
    "movers_agree",
    "names_execution",
    "progress_only",
    "stands_for_another",
    "subject_agreement",
    "subject_of",
    "subject_words",
]

LINK_RULES = {
    "named_paper_agrees": 0.98,
    "named_paper_subject": 0.9,
    "named_paper_alone": 0.85,
    "named_paper_differs": 0.4,
    "number_movers_subject": 0.85,
    "movers_subject_dossier": 0.85,
    "movers_and_subject": 0.75,
}
"""Rules by which a paper is linked to a motion, with their confidence."""

_EXECUTION = re.compile(
    r"\buitvoering\s+(?:te\s+geven\s+aan\s+|gegeven\s+aan\s+|geven\s+aan\s+|van\s+|aan\s+)?"
    r"(?:(?:de|een|twee|drie|enkele|diverse|aantal|aangenomen|aangehouden|overgenomen|"
    r"(?:nader\s+|tweede\s+nader\s+)?gewijzigde|gew\.?)\s+)*moties?\b",
    re.IGNORECASE,
)
_PROGRESS = re.compile(
    r"\b(?:stand\s+van\s+zaken|voortgang\w*|tussenstand|tussenrapportage|uitstel|planning\w*|vertraging|"
    r"termijn\s+voor|verzoek|rappel|tijdpad|wijze\s+van\s+uitvoering|plan(?:nen)?\s+van\s+aanpak|"
    r"antwoord\w*|beantwoording|lijst\s+van\s+vragen|reactie\s+(?:op|over)|informatie\s+over|bevindingen)\b",
    re.IGNORECASE,
)
_IN_PLACE_OF = re.compile(
    r"\b(?:t\.?\s?v\.?\s?v\.?|ter\s+vervanging\s+van|in\s+plaats\s+van)\s*"
    r"(?:(?:van|de|die|gedrukt|onder|kamerstuk|stuk|motie|op)\s+){0,5}[(,:]?\s*$",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"[^\W\d_]+")
_NAME_BLANK = re.compile(r"[\s\-–'’.]+")
_STOP_WORDS = frozenset(
    word
    for line in (
        "aan al alle als bij de den der des deze die dit door een en er geen gericht het hier hoe hun ik in",
        "inzake is dan dat kan kamer kamerstuk lid leden maar meer met mogelijk moet moties motie naar niet",
        "nog nader nr nrs of om omtrent onder ook op over samen te tegen ten ter tot tk uit uitvoering van",
        "vanuit vast verband via voor waar waarbij wat wel welke werd wordt worden zich zijn zo zodat zoals",
        "zonder gewijzigde betreffende mbt",
    )
    for word in line.split()
)
# A motion is carried out within the term of a parliament or soon after.
_LONGEST_WAIT = datetime.timedelta(days=5 * 366)
_LEAST_SUBJECT = 0.5
_LEAST_LEAD = 0.2
_LEAST_AGREEMENT = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMotion:
    """A motion as the archive knows it.

    Parameters
    ----------
    motion : str
        Its paper, otherwise its matter.
    papers : tuple of str
        All identifiers that mean it.
    title : str
    date : datetime.date or None
    movers : tuple of str
    number : str
        Within its dossier.
    dossier_title : str
    out : bool
        Whether it was rejected, withdrawn or replaced: then it is not what a paper carries out, unless named.
    """

    motion: str
    papers: tuple[str, ...]
    title: str
    date: datetime.date | None = None
    movers: tuple[str, ...] = ()
    number: str = ""
    dossier_title: str = ""
    out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutedMotion:
    """A motion as a government paper names it.

    Parameters
    ----------
    target : str
        Its paper, where named.
    movers : tuple of str
    subject : str
        The words that say what it asks.
    date : datetime.date or None
        Of the government paper.
    dossier_title : str
        Of the government paper.
    """

    target: str = ""
    movers: tuple[str, ...] = ()
    subject: str = ""
    date: datetime.date | None = None
    dossier_title: str = ""


@dataclass(frozen=True, slots=True)
class MotionLink:
    """The motion that is meant, by which rule, with which confidence."""

    motion: str
    rule: str
    confidence: float


def names_execution(title: str) -> bool:
    """Say whether a title says that a motion, or motions, are carried out.

    Examples
    --------
    >>> names_execution("Uitvoering van de gewijzigde motie van het lid Podt over asiel (19637-3384)")
    True
    >>> names_execution("Reactie op de motie-Podt")
    False
    """
    return _EXECUTION.search(title) is not None


def progress_only(title: str) -> bool:
    """Say whether a title tells how the work on a motion goes on, or answers questions about it.

    Such words before "uitvoering" are enough; behind it they may be of what the motion asks.

    Examples
    --------
    >>> progress_only("Stand van zaken uitvoering motie-Vos over varend erfgoed")
    True
    >>> progress_only("Uitvoering motie-Vos over varend erfgoed")
    False
    """
    execution = _EXECUTION.search(title)
    return _PROGRESS.search(title[: execution.start()] if execution else title) is not None


def stands_for_another(title: str, start: int) -> bool:
    """Say whether the title of a motion says that it replaces the paper that is named from `start` on.

    Examples
    --------
    >>> title = "Gewijzigde motie van het lid Podt over asiel (t.v.v. 19637-3370)"
    >>> stands_for_another(title, title.index("19637"))
    True
    """
    return _IN_PLACE_OF.search(title[max(0, start - 80) : start]) is not None


def subject_of(title: str, start: int, end: int) -> str:
    """Give the words of a title that say what a motion asks: from one mention to the next, without brackets.

    Parameters
    ----------
    title : str
    start, end : int
        From the end of the mention to the start of the next one, or the end of the title.

    Examples
    --------
    >>> title = "Uitvoering motie-Vos over varend erfgoed (Kamerstuk 31482-60)"
    >>> subject_of(title, 20, len(title))
    'over varend erfgoed'
    """
    return " ".join(_IN_BRACKETS.sub(" ", title[start:end]).split())


def subject_words(text: str) -> frozenset[str]:
    """Give the stems of the words that say what a text is about.

    Examples
    --------
    >>> sorted(subject_words("over de richtsnoeren voor een etiketteringsbeleid"))
    ['etiketteringsbeleid', 'richtsnoer']
    """
    return frozenset(
        _stem(word) for word in _WORD.findall(text.casefold()) if len(word) > 1 and word not in _STOP_WORDS
    )


def subject_agreement(named: frozenset[str], known: frozenset[str]) -> float:
    """Give the share of the words of the shorter subject that the other has too.

    Examples
    --------
    >>> subject_agreement(frozenset({"erfgoed", "varend"}), frozenset({"erfgoed", "varend", "behoud"}))
    1.0
    """
    shorter = min(len(named), len(known))
    return len(named & known) / shorter if shorter else 0.0


def movers_agree(named: Sequence[str], known: Sequence[str]) -> bool:
    """Say whether two lists of movers can be of one motion: one of them may be shorter ("c.s.").

    Examples
    --------
    >>> movers_agree(("De Vries",), ("Ronnes", "Aukje de Vries"))
    True
    >>> movers_agree(("Vos", "Mulder"), ("Vos", "Smaling"))
    False
    """
    if not named or not known:
        return False
    fewer, more = sorted(([_name(each) for each in named], [_name(each) for each in known]), key=len)
    return all(any(_same_name(one, other) for other in more) for one in fewer)


class MotionsKnown:
    """All known motions, to be found by paper, or by movers and subject.

    Parameters
    ----------
    motions : iterable of KnownMotion

    Examples
    --------
    >>> known = MotionsKnown([KnownMotion(motion="kst-31482-60", papers=("kst-31482-60",), movers=("Vos",),
    ...                                   title="Motie van het lid Vos over behoud van varend erfgoed")])
    >>> known.link(ExecutedMotion(movers=("Vos",), subject="over varend erfgoed"))
    MotionLink(motion='kst-31482-60', rule='movers_and_subject', confidence=0.75)
    """

    def __init__(self, motions: Iterable[KnownMotion]) -> None:
        self._by_paper: dict[str, KnownMotion] = {}
        self._by_name: defaultdict[str, list[KnownMotion]] = defaultdict(list)
        for each in motions:
            for paper in each.papers:
                self._by_paper[paper] = each
            for name in {_name(mover).rpartition(" ")[2] for mover in each.movers}:
                self._by_name[name].append(each)

    def link(self, named: ExecutedMotion) -> MotionLink | None:
        """Find the motion that is meant.

        Returns
        -------
        MotionLink or None
            None where the paper named is of no known motion, or movers and subject do not settle which.
        """
        if named.target:
            known = self._by_paper.get(named.target)
            return _checked(named, known) if known else self._by_number(named)
        return self._by_movers(named)

    def _by_number(self, named: ExecutedMotion) -> MotionLink | None:
        """Find the one motion with that number, movers and subject: its paper is not known, or misprinted."""
        words = subject_words(named.subject)
        number = named.target.rpartition("-")[2]
        found = [
            each
            for each in self._of_movers(named)
            if each.number == number and _speak_of_one(words, known_words(each))
        ]
        if len(found) != 1:
            return None
        rule = "number_movers_subject"
        return MotionLink(found[0].motion, rule, LINK_RULES[rule])

    def _of_movers(self, named: ExecutedMotion) -> list[KnownMotion]:
        found = {
            each.motion: each
            for mover in named.movers
            for each in self._by_name.get(_name(mover).rpartition(" ")[2], ())
            if _in_time(each.date, named.date) and movers_agree(named.movers, each.movers)
        }
        return list(found.values())

    def _by_movers(self, named: ExecutedMotion) -> MotionLink | None:
        words = subject_words(named.subject)
        if not named.movers or len(words) < 2:
            return None
        candidates = {each.motion: each for each in self._of_movers(named) if not each.out}
        scored = sorted(
            ((_likeness(words, known_words(each)), each.motion) for each in candidates.values()), reverse=True
        )
        if not scored or scored[0][0] < _LEAST_SUBJECT:
            return None
        if len(scored) > 1 and scored[0][0] - scored[1][0] < _LEAST_LEAD:
            return None
        best = candidates[scored[0][1]]
        same = bool(named.dossier_title) and named.dossier_title == best.dossier_title
        rule = "movers_subject_dossier" if same else "movers_and_subject"
        return MotionLink(best.motion, rule, LINK_RULES[rule])


def known_words(motion: KnownMotion) -> frozenset[str]:
    """Give the words of a known motion's subject, without those of its movers."""
    names = frozenset(_stem(word) for mover in motion.movers for word in _WORD.findall(mover.casefold()))
    return subject_words(_IN_BRACKETS.sub(" ", motion.title)) - names


def _checked(named: ExecutedMotion, known: KnownMotion) -> MotionLink:
    """Hold what the title says of a motion against what is known of the one under that number."""
    subject = subject_words(named.subject)
    told = known_words(known)
    agreement = subject_agreement(subject, told)
    if named.movers and known.movers:
        if movers_agree(named.movers, known.movers):
            rule = "named_paper_agrees"
        else:
            rule = "named_paper_subject" if agreement >= _LEAST_SUBJECT else "named_paper_differs"
    elif subject and told:
        rule = "named_paper_subject" if agreement >= _LEAST_AGREEMENT else "named_paper_alone"
    else:
        rule = "named_paper_alone"
    return MotionLink(known.motion, rule, LINK_RULES[rule])


def _speak_of_one(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= 2 and subject_agreement(one, other) >= _LEAST_SUBJECT


def _likeness(named: frozenset[str], known: frozenset[str]) -> float:
    """Give how alike two subjects are; words that only one of them has count half."""
    both = len(named & known)
    if not both:
        return 0.0
    return both / (both + 0.5 * min(len(named - known), len(known - named)) + 0.1 * len(named ^ known))


def _in_time(motion: datetime.date | None, paper: datetime.date | None) -> bool:
    if motion is None or paper is None:
        return True
    return motion <= paper <= motion + _LONGEST_WAIT


def _same_name(one: str, other: str) -> bool:
    # a first name is written only where two members share a name
    return one == other or one.endswith(f" {other}") or other.endswith(f" {one}")


@lru_cache(maxsize=20_000)
def _name(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return _NAME_BLANK.sub(" ", "".join(each for each in plain if not unicodedata.combining(each))).strip()


_STEMMER = Stemmer.Stemmer("dutch")


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    stem: str = _STEMMER.stemWord(word)
    return stem
