"""Motions as a paper names them: by their movers, by their paper, or by both.

"motie-Van der Staaij en Mulder (35925-45)" has its paper beside it, "motie van het lid Koekkoek over wapens
(Kamerstuk 22054-376)" behind its subject, "motie Brekelmans-Mulder²³" in a footnote. "moties Ploumen c.s.
(Kamerstuk 32735-297) en Karabulut (Kamerstuk 35570 V-34)" are two mentions.

Where several movers and several papers stand in one list and their numbers differ, nothing tells who moved
which: one mention keeps all movers with the first paper, `targets` has them all, and the confidence is low.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geomonitor.dossier.reading.movers import MoverNames, read_movers
from geomonitor.dossier.reading.sentences import sentence_around

__all__ = ["FoundMotion", "NamedPaper", "find_motions", "flattened"]

_MOTION = re.compile(r"(?<![\w-])(?P<word>moties?)(?=[\s\-:'‘“\"«(,]|$)", re.IGNORECASE)
_MEMBERS = re.compile(
    r"[ \n]+(?:(?:is |wordt |werd )?(?:ingediend|aangenomen|voorgesteld) )?(?:(?:van"
    r"|door)[ \n]+)?(?:(?:de|het)[ \n]+){0,3}"
    r"(?P<members>kamerleden|kamerlid|leden|lelden|lid|heren|heer|mevrouw|bijzondere[ ]gedelegeerden?)[ \n]+"
    r"(?:van[ ]uw[ ]Kamer[ ]|(?:van[ ])?(?:de[ ]leden|lid)[ ])?",
    re.IGNORECASE,
)
_ONE_MEMBER = ("lid", "kamerlid", "heer", "mevrouw", "bijzondere gedelegeerde")
_NAME_ENDS = re.compile(
    r"\s*(?:[(\[.;:]|,?\s+(?:over|inzake|om|betreffende|m\.b\.t\.|met betrekking tot|van|zijn|worden)\s)",
    re.IGNORECASE,
)
_BARE = re.compile(r"[ ]?\n?[ ]*[-:]?[ ]{0,3}['‘“\"«(]?")
_MOVED_BY = re.compile(r"(?<![\w-])(?:van|door)[ \n]+(?:het (?P<one>lid)|de leden)[ \n]+", re.IGNORECASE)
_BEFORE_THE_WORD = re.compile(
    r"[ \n]*(?:ingediende|voorgestelde|gevraagde"
    r"|aangenomen)[ \n]+(?:en aangenomen )?(?:nader )?(?:gewijzigde )?"
    r"(?P<word>motie)(?!\w)",
    re.IGNORECASE,
)
# what may stand between a motion and its paper
_BESIDE = re.compile(
    r"[\s()\[\],:;.«»'’\"-]*(?:(?:kamerstuk(?:ken|nummers?|nr)?|tk|ek|moties?|nrs?|zie|ook|met"
    r"|d\.d|onder|nummer"
    r"|\d{1,2} \w+ \d{4})\b[\s()\[\],:;.-]*){0,4}",
    re.IGNORECASE,
)
_BETWEEN_PAPERS = re.compile(
    r"[\s,;/)(&]*(?:(?:en|resp|respectievelijk|kamerstuk(?:ken)?|nrs?)\b[\s.,]*){0,3}[\s(]*", re.IGNORECASE
)
_BEFORE_MOTION = re.compile(r"[\s,:-]*(?:(?:de|met|gewijzigde|nader|aangenomen|en)\s+){0,3}", re.IGNORECASE)
_OPENS_A_PAPER = re.compile(
    r"[(\[]\s*(?:zie\s+)?(?:[\w ]{0,14}kamerstuk\w*|tk|motie)?[\s,:.]*(?:nr\.?\s*)?$", re.IGNORECASE
)
# a motion without movers that has a subject: "de motie over het vaccin (Kamerstuk 25295-83)"
_SUBJECT_FOLLOWS = re.compile(
    r"\s+(?:over|inzake|waarin|betreffende|met betrekking tot|m\.b\.t\.)\s", re.IGNORECASE
)
_NAMED_AFTER_COMMA = re.compile(r",\s*(?:kamerstuk\w*|tk)?\s*$", re.IGNORECASE)
_NEXT_IN_LIST = re.compile(
    r"[\s)\]]*(?:,|;|en(?!\w)|alsmede(?!\w))(?:\s*en(?!\w))?\s+"
    r"(?:(?:de|van)\s+)?(?P<members>(?:van\s+)?(?:(?:het|de)\s+)?(?:lid|leden)\s+)?",
    re.IGNORECASE,
)
_FARTHEST_PAPER = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPaper:
    """A reference in the text that is read, or in a footnote that is called there.

    Parameters
    ----------
    start, end : int
        Characters of the text; for a footnote, where it is called.
    target : str
    footnote : str
        Mark of the footnote; empty where the reference stands in the text itself.
    """

    start: int
    end: int
    target: str
    footnote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMotion:
    """A motion in the text that is read.

    Parameters
    ----------
    start, end : int
        From the word for motion, or the first mover, to the last mover or "c.s.".
    until : int
        End of its papers beside it; `end` where it has none.
    movers : tuple of str
    and_others : bool
    targets : tuple of str
        Its paper; several where the text does not tell which.
    footnote : str
    confidence : float
    rule : str
    """

    start: int
    end: int
    until: int
    movers: tuple[str, ...]
    and_others: bool
    targets: tuple[str, ...]
    footnote: str
    confidence: float
    rule: str


@dataclass(slots=True)
class _Group:
    """Movers that share one mention, before their paper is known."""

    start: int
    end: int
    items: tuple[MoverNames, ...]
    plural: bool
    members: str
    known: NamedPaper | None = None


def flattened(text: str) -> str:
    """Make every blank a space, every dash a hyphen and every mark of emphasis a space; positions stay.

    Examples
    --------
    >>> flattened("**motie\u2011De\u00a0Roon**")
    '  motie-De Roon  '
    """
    return text.translate(_FLAT)


_FLAT = {
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\r\f\v*_"), " "),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad"), "-"),
}


def find_motions(
    text: str,
    papers: Sequence[NamedPaper] = (),
    names: frozenset[str] = frozenset(),
    sentences: Sequence[tuple[int, int]] = (),
) -> tuple[FoundMotion, ...]:
    """Find the motions that a text names.

    Parameters
    ----------
    text : str
        As `flattened` gives it.
    papers : sequence of NamedPaper
        The papers that are referred to in it, in order.
    names : frozenset of str
        Surnames that the caller knows, folded.
    sentences : sequence of (int, int)
        A paper behind the subject of a motion stands in its sentence. None: the text is one sentence.

    Returns
    -------
    tuple of FoundMotion
        In the order of the text.

    Examples
    --------
    >>> text = "Conform de motie Van Baarle c.s. (21501-20, nr. 1847) en de motie-De Roon blijft dit zo."
    >>> found = find_motions(text, [NamedPaper(start=34, end=51, target="kst-21501-20-1847")])
    >>> [(each.movers, each.and_others, each.targets) for each in found]
    [(('Van Baarle',), True, ('kst-21501-20-1847',)), (('De Roon',), False, ())]
    """
    beside = _Papers(papers)
    groups = [group for group in _groups(text, beside, names) if _says_something(text, group)]
    spans = list(sentences) or [(0, len(text))]
    found: list[FoundMotion] = []
    claimed: set[int] = set()
    for place, group in enumerate(groups):
        last = spans[sentence_around(spans, group.start)][1]
        following = groups[place + 1].start if place + 1 < len(groups) else len(text)
        found.extend(_with_papers(text, group, beside, min(last, following), claimed))
    return tuple(each for each in found if each.movers or each.targets)


class _Papers:
    """The papers of a text, those in the text and those in footnotes that are called, each in order."""

    def __init__(self, papers: Sequence[NamedPaper]) -> None:
        ordered = sorted(papers, key=lambda each: (each.start, each.end))
        self.here = [each for each in ordered if not each.footnote]
        self.called = [each for each in ordered if each.footnote]
        self._here_starts = [each.start for each in self.here]
        self._called_starts = [each.start for each in self.called]

    def from_here(self, position: int) -> Iterator[NamedPaper]:
        """Give the papers in the text from a position on."""
        for place in range(bisect_left(self._here_starts, position), len(self.here)):
            yield self.here[place]

    def called_between(self, start: int, end: int) -> list[NamedPaper]:
        """Give the papers of footnotes that are called there."""
        low, high = bisect_left(self._called_starts, start), bisect_right(self._called_starts, end)
        return self.called[low:high]

    def before(self, position: int) -> NamedPaper | None:
        """Give the last paper that ends before a position."""
        place = bisect_left(self._here_starts, position) - 1
        return self.here[place] if place >= 0 and self.here[place].end <= position else None


def _says_something(text: str, group: _Group) -> bool:
    return bool(group.items) or group.known is not None or _SUBJECT_FOLLOWS.match(text, group.end) is not None


def _groups(text: str, papers: _Papers, names: frozenset[str]) -> Iterator[_Group]:
    """Find the words for motion with the movers behind or before them, in order."""
    behind: list[_Group] = []
    for match in _MOVED_BY.finditer(text):
        items = read_movers(text, match.end(), members="one" if match["one"] else "several", names=names)
        word = _BEFORE_THE_WORD.match(text, items[-1].end) if items else None
        if word is not None:
            behind.append(_Group(items[0].start, word.end(), items, False, "several"))
    done = 0
    for match in _MOTION.finditer(text):
        while behind and behind[0].start < match.start():
            group = behind.pop(0)
            yield group
            done = group.end
        if match.start() < done:
            continue
        for group in _groups_at(text, match, papers, names):
            yield group
            done = max(done, group.end)


def _groups_at(
    text: str,
    match: re.Match[str],
    papers: _Papers,
    names: frozenset[str],
) -> Iterator[_Group]:
    plural = match["word"].casefold() == "moties"
    known = next(iter(_run_of_papers(text, match.end(), papers)[:1]), None)
    read = _movers_behind(text, known.end if known else match.end(), names, bare=known is None)
    if read is not None and plural and not read[1] and not _is_named(text, read[0]):
        read = None
    if read is None:
        if (
            text[: match.start()].endswith("(")
            and known is not None
            and not text[match.end() : known.start].strip()
        ):
            # "motie Schouw inzake water (motie 33 000-VII, nr. 98)": the paper of the motion before it
            return
        yield _Group(match.start(), match.end(), (), plural, "", known)
        return
    items, members = read
    parts = _parts(items, members) if plural else [items]
    for place, part in enumerate(parts):
        start = match.start() if place == 0 else part[0].start
        yield _Group(start, part[-1].end, part, plural, members, known)
    yield from _further_in_list(text, items[-1].end, papers, names, plural=plural)


def _is_named(text: str, items: tuple[MoverNames, ...]) -> bool:
    """Tell movers from a subject behind "moties": "moties Krol over", not "moties Leven Lang Leren en"."""
    if len(items) > 1 or items[0].and_others:
        return True
    return _NAME_ENDS.match(text, items[0].end) is not None


def _movers_behind(
    text: str, position: int, names: frozenset[str], *, bare: bool
) -> tuple[tuple[MoverNames, ...], str] | None:
    introduced = _MEMBERS.match(text, position)
    if introduced is None and not bare:
        introduced = _MEMBERS.match(text, position + 1) if text[position : position + 1] in ")]" else None
    if introduced is not None:
        members = "one" if introduced["members"].casefold() in _ONE_MEMBER else "several"
        items = read_movers(text, introduced.end(), members=members, names=names)
        return (items, members) if items else None
    if not bare:
        return None
    gap = _BARE.match(text, position)
    at = gap.end() if gap else position
    if at == position:
        return None
    items = read_movers(text, at, names=names)
    return (items, "") if items else None


def _parts(items: tuple[MoverNames, ...], members: str) -> list[tuple[MoverNames, ...]]:
    """Part the movers of several motions: "moties Omtzigt/Weekers en Omtzigt/Kalma" are two.

    Behind "van de leden" nothing tells whether members moved together, save "c.s.".
    """
    if members:
        return [items]
    parts: list[list[MoverNames]] = []
    for item in items:
        if not parts or item.sign in ("en", ",", ";", "&", "alsmede"):
            parts.append([item])
        else:
            parts[-1].append(item)
    return [tuple(part) for part in parts]


def _further_in_list(
    text: str, position: int, papers: _Papers, names: frozenset[str], *, plural: bool
) -> Iterator[_Group]:
    """Go on behind a motion's paper: "moties Ploumen c.s. (32735-297) en Karabulut (35570 V-34)"."""
    at = position
    for _ in range(20):
        run = _run_of_papers(text, at, papers)
        if not run:
            return
        following = _NEXT_IN_LIST.match(text, run[-1].end)
        if following is None:
            return
        items = read_movers(text, following.end(), members="one" if following["members"] else "", names=names)
        # without a paper of its own it may be anything: "motie Hamer (33000-9) en Nederland"
        if not items or not (
            _run_of_papers(text, items[-1].end, papers) or (plural and items[-1].and_others)
        ):
            return
        yield _Group(items[0].start, items[-1].end, items, False, "")
        at = items[-1].end


def _run_of_papers(
    text: str, position: int, papers: _Papers, opening: re.Pattern[str] = _BESIDE, farthest: int = 60
) -> list[NamedPaper]:
    """Give the papers that stand beside a position, one behind the other."""
    run: list[NamedPaper] = []
    for paper in papers.from_here(position):
        gap_start = run[-1].end if run else position
        if paper.start - gap_start > farthest or opening.fullmatch(text, gap_start, paper.start) is None:
            break
        run.append(paper)
        opening = _BETWEEN_PAPERS
    return run


def _with_papers(
    text: str, group: _Group, papers: _Papers, following: int, claimed: set[int]
) -> Iterator[FoundMotion]:
    """Give a group its paper, from beside it, behind its subject, its footnote or before it."""
    if not group.items and group.known is not None and group.known.start in claimed:
        # "motie-Weverling (Motie 35 570-XVII, nr. 18)": the paper of the motion before it
        return
    run, rule, factor = _papers_of(text, group, papers, following, claimed)
    confidence = min((item.confidence for item in group.items), default=0.97)
    if not group.members and not run and group.items and not any(item.and_others for item in group.items):
        # a capital word behind "motie" and nothing else that says that it is a name
        confidence = min(confidence, 0.75)
    claimed.update(paper.start for paper in run)
    how = {"one": "member", "several": "members", "": "name"}[group.members] if group.items else "paper-only"
    until = max([group.end, *(paper.end for paper in run if not paper.footnote)])
    targets = tuple(dict.fromkeys(paper.target for paper in run))
    footnote = run[0].footnote if run else ""

    def motion(
        items: tuple[MoverNames, ...], start: int, end: int, targets: tuple[str, ...], sure: float, rule: str
    ) -> FoundMotion:
        return FoundMotion(
            start=start,
            end=end,
            until=until,
            movers=tuple(name for item in items for name in item.names),
            and_others=any(item.and_others for item in items),
            targets=targets,
            footnote=footnote,
            confidence=round(sure, 2),
            rule=f"{how}-{rule}" if rule else how,
        )

    if group.plural and len(targets) > 1 and len(group.items) == len(targets):
        for place, (item, target) in enumerate(zip(group.items, targets, strict=True)):
            start = group.start if place == 0 else item.start
            yield motion((item,), start, item.end, (target,), min(item.confidence, 0.7), "one-paper-each")
        return
    if group.plural and len(targets) > 1 and len(group.items) <= 1:
        for target in targets:
            yield motion(group.items, group.start, group.end, (target,), confidence * factor, rule)
        return
    if group.plural and len(targets) > 1:
        confidence, rule = min(confidence, 0.6), "papers-shared"
    yield motion(
        group.items,
        group.start,
        group.end,
        targets if group.plural else targets[:1],
        confidence * factor,
        rule,
    )


def _papers_of(
    text: str, group: _Group, papers: _Papers, following: int, claimed: set[int]
) -> tuple[list[NamedPaper], str, float]:
    """Give the papers of a group, how they were found, and by what its confidence is multiplied."""
    if group.known is not None:
        return (
            [group.known, *_run_of_papers(text, group.known.end, papers, _BETWEEN_PAPERS, 40)],
            "beside",
            1.0,
        )
    run = _run_of_papers(text, group.end, papers)
    if run:
        return run, "beside", 1.0
    last = min(following, group.end + _FARTHEST_PAPER)
    # a call stands behind the full stop
    called = papers.called_between(group.end, last + 1)
    if group.items and called and not text[group.end : called[0].start].strip(" )],\"'’”"):
        return called[:1], "footnote", 0.97
    for paper in papers.from_here(group.end):
        if paper.end > last + 1:
            break
        opening = text[max(group.end, paper.start - 40) : paper.start]
        if _OPENS_A_PAPER.search(opening) or (group.items and _NAMED_AFTER_COMMA.search(opening)):
            run = [paper, *_run_of_papers(text, paper.end, papers, _BETWEEN_PAPERS, 40)]
            return run, "behind-subject", 0.93 if group.items else 0.7
    if called and group.items:
        return called[:1], "footnote-behind-subject", 0.85
    earlier = papers.before(group.start) if group.items else None
    near = earlier is not None and earlier.start not in claimed and earlier.end + 25 > group.start
    if earlier is not None and near and _BEFORE_MOTION.fullmatch(text, earlier.end, group.start):
        return [earlier], "before", 0.85
    return [], "", 1.0
