"""Finds references to papers and dossiers: what stands before a five-digit number, and what follows it."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from geomonitor.dossier.reading.dossier_numbers import (
    SUFFIXED_DOSSIERS,
    is_chapter,
    is_dossier_number,
    is_suffix,
)
from geomonitor.dossier.reading.paper_patterns import (
    AFTER_LISTED,
    ANCHOR,
    BILL_NEAR,
    BILL_WORD,
    BRACKET,
    CAPITAL_FOLLOWS,
    CHAPTER,
    CLOSES,
    COMMA,
    DOSSIER_AND_STROKE,
    DOSSIER_WORD,
    EXHAUSTIVE_RANGE,
    FURTHER_LETTERS,
    GOES_ON,
    HYPHEN,
    IMPOSSIBLE,
    INNER_BEFORE,
    INNER_CLOSES,
    INTRODUCTION,
    JOINED_NUMBER,
    KINGDOM_ACT,
    LARGEST_STEP,
    LETTER,
    LETTERED,
    LETTERS,
    LONGEST_BEFORE,
    LONGEST_LIST,
    MONTH_FOLLOWS,
    MORE,
    NEXT_DOSSIER,
    NO_DOSSIER,
    NO_PAPER_AFTER,
    NR_AGAIN,
    NUMBER,
    NUMBER_BEFORE,
    NUMBERED,
    OWN_NUMBER,
    PLACING_WORD,
    REPLACED,
    STROKE,
    SUFFIX,
    THOUSANDS,
    WEAK_INTRODUCTION,
    WIDE_HYPHEN,
)
from geomonitor.dossier.reading.reference_rules import Found

__all__ = ["own_dossier_references", "paper_references"]


@dataclass(slots=True)
class _Before:
    """What introduces a number."""

    start: int
    introduced: bool = False
    weak: bool = False
    dossier_word: bool = False
    bill: bool = False
    placed: bool = False
    bracket: bool = False
    session: bool = False


@dataclass(slots=True)
class _Reading:
    """A dossier with the papers that follow it."""

    before: _Before
    anchor: int
    dossier_end: int
    dossier: str
    key: str
    chapter: bool = False
    papers: list[Found] = field(default_factory=list)
    end: int = 0
    rule: str = ""


class _Reader:
    def __init__(self, text: str, *, title: bool) -> None:
        self.text = text
        self.title = title
        self.found: list[Found] = []
        self.pending: list[_Reading] = []

    def run(self) -> list[Found]:
        last: _Reading | None = None
        for anchor in ANCHOR.finditer(self.text):
            if last is not None and anchor.start() < last.end:
                continue
            reading = self._read(anchor, last)
            if reading is None:
                continue
            last = reading
            self._keep(reading)
        for impossible in IMPOSSIBLE.finditer(self.text):
            self.found.append(
                Found(impossible.start(), impossible.end(), "unreadable", "", "impossible-number")
            )
        return self.found

    # before -----------------------------------------------------------------------------------------------

    def _before(self, start: int, last: _Reading | None) -> _Before:
        window = self.text[max(start - LONGEST_BEFORE, 0) : start]
        if last is not None and 0 <= start - last.end <= 12:
            between = self.text[last.end : start]
            if NEXT_DOSSIER.fullmatch(between):
                return _Before(
                    start,
                    introduced=last.before.introduced,
                    weak=last.before.weak,
                    dossier_word=last.before.dossier_word,
                    bill=last.before.bill,
                    placed=last.before.placed or last.before.bracket,
                    bracket=last.before.bracket,
                )
        if LETTER.search(window) is None:
            return _Before(start, bracket=BRACKET.search(window) is not None)
        introduction = INTRODUCTION.search(window)
        if introduction:
            words = introduction[0]
            return _Before(
                start - len(words),
                introduced=True,
                weak=WEAK_INTRODUCTION.match(words) is not None,
                dossier_word=DOSSIER_WORD.search(words) is not None,
                session=any(each.isdigit() for each in words),
            )
        return _Before(
            start,
            bill=BILL_WORD.search(window) is not None,
            placed=PLACING_WORD.search(window) is not None,
            bracket=BRACKET.search(window) is not None,
        )

    # a number and what follows ----------------------------------------------------------------------------

    def _read(self, anchor: re.Match[str], last: _Reading | None) -> _Reading | None:
        text = self.text
        start = anchor.start()
        dossier = anchor[1] + anchor[3]
        before = self._before(start, last)
        if not is_dossier_number(dossier) or not self._stands_free(anchor, before):
            return None
        at = anchor.end()
        kingdom = KINGDOM_ACT.match(text, at)
        if kingdom:
            at = kingdom.end()
        key = dossier
        chapter = False
        if dossier in SUFFIXED_DOSSIERS:
            suffix = SUFFIX.match(text, at)
            if suffix and is_suffix(dossier, suffix[1]):
                key, at = f"{dossier}-{suffix[1]}", suffix.end()
        else:
            letters = CHAPTER.match(text, at)
            if letters:
                follows = NUMBERED.match(text, letters.end()) or HYPHEN.match(text, letters.end())
                lettered = LETTERED.match(text, letters.end())
                named = letters["letters"].upper()
                certain = bool(follows or lettered)
                if (certain or not letters["comma"]) and is_chapter(dossier, named, number_follows=certain):
                    key, at, chapter = f"{dossier}-{named}", letters.end(), True
        reading = _Reading(before, start, at, dossier, key, chapter, end=at)
        self._numbers(reading)
        self._replaced(reading)
        if not reading.papers and not self._number_before(reading) and not self._alone(reading):
            return None
        return reading

    def _stands_free(self, anchor: re.Match[str], before: _Before) -> bool:
        text, start, end = self.text, anchor.start(), anchor.end()
        previous, earlier = text[start - 1 : start], text[start - 2 : start - 1]
        joined = previous == "/" and DOSSIER_AND_STROKE.search(text[max(start - 8, 0) : start])
        if previous == "-" or (previous in ("/", ".", ",") and earlier.isdigit() and not joined):
            return False
        if previous == " " and earlier.isdigit() and not (before.introduced or before.placed) and anchor[2]:
            return False
        if anchor[2] and THOUSANDS.match(text, end):
            return False
        if GOES_ON.match(text, end) and not before.introduced:
            return False
        window = text[max(start - 20, 0) : start]
        return before.introduced or NO_DOSSIER.search(window) is None

    def _numbers(self, reading: _Reading) -> None:
        text, at, before = self.text, reading.dossier_end, reading.before
        placed = before.placed or before.bracket or before.bill
        numbered = NUMBERED.match(text, at)
        if numbered:
            plural = numbered["word"].casefold() in ("nrs", "nummers", "stuk nrs")
            rule = "introduced" if before.introduced else "numbered"
            if text[numbered.end()].isdigit():
                self._list(reading, numbered.end(), rule, plural=plural)
            else:
                self._letters(
                    reading, numbered.end(), "introduced-letter" if before.introduced else "letter-placed"
                )
            return
        lettered = LETTERED.match(text, at)
        if lettered:
            self._letters(
                reading, lettered.end(), "introduced-letter" if before.introduced else "letter-placed"
            )
            return
        hyphen = HYPHEN.match(text, at) or (
            WIDE_HYPHEN.match(text, at) if before.introduced or placed else None
        )
        if hyphen:
            rule = "introduced" if before.introduced else "hyphen-placed" if placed else "hyphen"
            if text[hyphen.end()].isdigit():
                self._hyphenated(reading, hyphen.end(), rule)
            elif before.introduced or placed:
                self._letters(
                    reading, hyphen.end(), "introduced-letter" if before.introduced else "letter-placed"
                )
            return
        if before.introduced or placed:
            comma = COMMA.match(text, at)
            if comma and text[comma.end()].isdigit():
                if (before.introduced or placed) and not MONTH_FOLLOWS.match(text, comma.end() + 2):
                    self._list(reading, comma.end(), "introduced-comma", plural=False)
            elif comma:
                self._letters(
                    reading, comma.end(), "introduced-letter" if before.introduced else "letter-placed"
                )
            elif before.introduced:
                stroke = STROKE.match(text, at)
                if stroke:
                    self._list(reading, stroke.end(), "introduced-comma", plural=False)

    def _paper(
        self, reading: _Reading, start: int, end: int, number: str, rule: str, quoted: str = ""
    ) -> None:
        reading.papers.append(Found(start, end, "paper", f"kst-{reading.key}-{number}", rule, quoted))
        reading.end = max(reading.end, end)

    def _letters(self, reading: _Reading, at: int, rule: str) -> None:
        letters = LETTERS.match(self.text, at)
        if letters and letters[1] not in ("EU", "EK", "TK", "EG", "ZO", "DE", "EN", "OP"):
            self._paper(reading, reading.before.start, letters.end(), letters[1], rule)
            further = FURTHER_LETTERS.match(self.text, letters.end())
            while further and len(reading.papers) < LONGEST_LIST:
                self._paper(reading, further.start(1), further.end(), further[1], "list")
                further = FURTHER_LETTERS.match(self.text, further.end())

    def _hyphenated(self, reading: _Reading, at: int, rule: str) -> None:
        """Read "45", or several papers: "484-485-486"."""
        text = self.text
        number = NUMBER.match(text, at)
        if number is None or NO_PAPER_AFTER.match(text, number.end()):
            return
        further: list[re.Match[str]] = []
        position = number.end()
        while len(further) < LONGEST_LIST and text[position : position + 1] == "-":
            following = NUMBER.match(text, position + 1)
            if following is None:
                break
            further.append(following)
            position = following.end()
        numbers = [int(number[1]), *(int(each[1]) for each in further)]
        steps = [b - a for a, b in itertools.pairwise(numbers)]
        if further and not all(0 < step <= LARGEST_STEP for step in steps):
            if reading.before.introduced:
                start = reading.before.start
                reading.papers.append(Found(start, position, "unreadable", "", "impossible-number"))
                reading.end = position
            return
        if numbers[0] == 0:
            return
        if further:
            self._paper(reading, reading.before.start, number.end(), str(numbers[0]), rule)
            for each in further:
                self._paper(reading, each.start(), each.end(), str(int(each[1])), "list")
            return
        self._list(reading, at, rule, plural=False)

    def _list(self, reading: _Reading, at: int, rule: str, *, plural: bool) -> None:
        """Read a number, and those that follow it: "948 en 1013", "1 t/m 3"."""
        text = self.text
        number = NUMBER.match(text, at)
        if number is None or int(number[1]) == 0:
            return
        if reading.key == reading.dossier and rule == "hyphen" and NO_PAPER_AFTER.match(text, number.end()):
            return
        self._paper(reading, reading.before.start, number.end(), str(int(number[1])), rule)
        previous = number
        for _ in range(LONGEST_LIST):
            more = MORE.match(text, previous.end())
            if more is None:
                return
            position = more.end()
            again = NR_AGAIN.match(text, position)
            if again:
                position = again.end()
            following = NUMBER.match(text, position)
            if following is None or int(following[1]) == 0 or MONTH_FOLLOWS.match(text, following.end()):
                return
            if more["range"] and not (plural or "-" not in more[0]):
                return
            if more["weak"] and not (plural or again):
                return
            if not plural and not again and not AFTER_LISTED.match(text, following.end()):
                return
            if more["range"]:
                if int(following[1]) <= int(previous[1]):
                    return
                self._within(reading, previous, following)
            self._paper(
                reading,
                following.start(),
                following.end(),
                str(int(following[1])),
                "range" if more["range"] else "list",
            )
            previous = following

    def _within(self, reading: _Reading, first: re.Match[str], last: re.Match[str]) -> None:
        """Add what lies between the ends of a range: each on a part of the words between, so none overlap.

        A range with more papers than characters between its ends names its ends only.
        """
        between = range(int(first[1]) + 1, int(last[1]))
        start, width = first.end(), last.start() - first.end()
        if not between or len(between) > min(width, EXHAUSTIVE_RANGE):
            return
        quoted = " ".join(self.text[first.start() : last.end()].split())
        for place, number in enumerate(between):
            left = start + place * width // len(between)
            right = start + (place + 1) * width // len(between)
            self._paper(reading, left, right, str(number), "range-within", quoted)

    def _replaced(self, reading: _Reading) -> None:
        """Read "34024 ter vervanging van nr. 16": the number is one of the dossier before it."""
        replaced = REPLACED.match(self.text, reading.end)
        number = NUMBER.match(self.text, replaced.end()) if replaced else None
        if number is not None and int(number[1]) > 0:
            start = number.start() if reading.papers else reading.before.start
            self._paper(reading, start, number.end(), str(int(number[1])), "replaced-number")

    # dossiers without a number ----------------------------------------------------------------------------

    def _number_before(self, reading: _Reading) -> bool:
        """Read "op stuk nr. 54 (32 012)"."""
        start = reading.before.start if reading.before.introduced else reading.anchor
        window_start = max(start - LONGEST_BEFORE, 0)
        found = NUMBER_BEFORE.search(self.text[window_start:start])
        if found is None or found[0][-1].isdigit():
            return False
        numbers = list(re.finditer(r"\d{1,4}", found["numbers"]))
        offset = window_start + found.start("numbers")
        for number in numbers[:-1]:
            where = offset + number.start()
            self._paper(reading, where, offset + number.end(), str(int(number[0])), "number-before")
        self._paper(
            reading,
            offset + numbers[-1].start(),
            reading.dossier_end,
            str(int(numbers[-1][0])),
            "number-before",
        )
        return True

    def _alone(self, reading: _Reading) -> bool:
        text, before = self.text, reading.before
        end = reading.dossier_end
        if NO_PAPER_AFTER.match(text, end) and not before.introduced:
            return False
        closes = CLOSES.match(text, end) is not None
        if before.introduced and not before.weak:
            reading.rule = "introduced-dossier"
        elif before.introduced:
            free = text[end : end + 1] in ("", " ", ")", ".", ",", ";", "]", ":", "/", "-")
            reading.rule = "introduced-dossier" if free else ""
        elif before.bill:
            reading.rule = "bill"
        elif reading.chapter or reading.key != reading.dossier:
            reading.rule = "chapter-in-brackets" if before.bracket and closes else "chapter"
        elif (before.bracket and closes) or self._closes_brackets(before.start, end):
            if JOINED_NUMBER.match(text, end) or self._bill_near(before.start):
                reading.rule = "dossier-in-brackets"
            elif self.title:
                reading.rule = "number-in-brackets"
        elif self.title:
            reading.rule = self._at_an_end(reading.before.start, end)
        return bool(reading.rule)

    def _closes_brackets(self, start: int, end: int) -> bool:
        """Say whether it is the last word in brackets: "(Invoeringswet BES, 31957)"."""
        if INNER_CLOSES.match(self.text, end) is None:
            return False
        window = self.text[max(start - 120, 0) : start]
        return INNER_BEFORE.search(window) is not None and window.rfind("(") > window.rfind(")")

    def _at_an_end(self, start: int, end: int) -> str:
        """Name the rule for a number at the very beginning or end of a title."""
        if not self.text[:start].strip(" '\"") and CAPITAL_FOLLOWS.match(self.text, end):
            return "title-begins"
        digits = self.text[end - 5 : end]
        if digits.endswith("00") or digits.startswith(("200", "201", "202")):
            return ""  # a round amount, or a year with a digit too many
        if not self.text[end:].strip(" .'\"”)") and self._bill_near(start):
            return "title-ends"
        return ""

    def _bill_near(self, start: int) -> bool:
        return BILL_NEAR.search(self.text[max(start - 250, 0) : start]) is not None

    # several dossiers, one number -------------------------------------------------------------------------

    def _keep(self, reading: _Reading) -> None:
        """Keep a reading; where dossiers without a number stood before it, its number is theirs."""
        joined = self.pending and (
            self.pending[-1].end <= reading.anchor
            and NEXT_DOSSIER.fullmatch(self.text[self.pending[-1].end : reading.anchor])
        )
        if not joined:
            self.pending = []
        if len(reading.papers) == 1 and self._shares(reading):
            self._share(reading)
            return
        if reading.papers:
            self.found.extend(reading.papers)
            self.pending = []
            return
        self.found.append(
            Found(
                reading.before.start, reading.dossier_end, "dossier", f"dossier-{reading.key}", reading.rule
            )
        )
        self.pending.append(reading)

    def _shares(self, reading: _Reading) -> bool:
        """Say whether the dossiers before it share its number: introduced together, or joined by strokes."""
        if not self.pending:
            return False
        ends = [each.end for each in self.pending]
        starts = [*(each.anchor for each in self.pending[1:]), reading.anchor]
        joined = [self.text[end:start].strip() for end, start in zip(ends, starts, strict=True)]
        return self.pending[0].before.introduced or all(each == "/" for each in joined)

    def _share(self, reading: _Reading) -> None:
        """Give the one number after several dossiers to the first: there a paper is numbered."""
        paper = reading.papers[0]
        first = self.pending[0]
        if paper.kind != "paper":
            self.found.extend(reading.papers)
            return
        number = paper.target.rpartition("-")[2]
        places = {(each.before.start, each.dossier_end) for each in self.pending}
        self.found = [each for each in self.found if (each.start, each.end) not in places]
        self.found.append(
            Found(
                first.before.start,
                first.dossier_end,
                "paper",
                f"kst-{first.key}-{number}",
                "several-dossiers",
            )
        )
        for other in (*self.pending[1:], reading):
            self.found.append(
                Found(
                    other.before.start,
                    other.dossier_end,
                    "dossier",
                    f"dossier-{other.key}",
                    "several-dossiers",
                )
            )
        self.pending = []


def paper_references(text: str, *, title: bool = False) -> list[Found]:
    """Find references to papers and dossiers in a text whose blanks and dashes are plain.

    Parameters
    ----------
    text : str
    title : bool
        Whether it is the title of a paper: a number at its ends or in brackets is then a dossier.

    Examples
    --------
    >>> [found.target for found in paper_references("Kamerstuk 31 288, nrs. 948 en 1013")]
    ['kst-31288-948', 'kst-31288-1013']
    """
    return _Reader(text, title=title).run()


def own_dossier_references(text: str, dossier: str) -> list[Found]:
    """Find numbers that name no dossier and so are of the paper's own: "t.v.v. nr. 17", "op stuk nr. 12".

    Examples
    --------
    >>> own_dossier_references("Amendement van het lid X t.v.v. nr. 17 over huur", "36190")[0].target
    'kst-36190-17'
    """
    return [
        Found(*found.span(), "paper", f"kst-{dossier}-{int(found['number'])}", "own-dossier")
        for found in OWN_NUMBER.finditer(text)
        if int(found["number"]) > 0
    ]
