"""Sentences in which the government says what it will do.

A commitment tells or sends parliament something ("zal uw Kamer voor de zomer informeren"); an announcement is
the government's own work ("zal onderzoeken"). The actor must be the government or a body of it: what China,
the Commission or an instrument "zal" do is no promise. The past ("is verstuurd"), the letter itself ("hierbij
informeer ik u"), necessity ("zal moeten") and a motion's wish ("verzoekt te informeren") are none either.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geomonitor.dossier.reading import promise_words as words
from geomonitor.dossier.reading.due_dates import Due, due_dates_in
from geomonitor.dossier.reading.government import actor_after, actor_before, first_actor

__all__ = ["FoundCommitment", "find_commitments"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCommitment:
    """A promise in the text that is read; the fields are those of `CommitmentMention`.

    Parameters
    ----------
    start, end : int
        The clause.
    sentence : (int, int)
    kind, actor, subject : str
    due : Due or None
    confidence : float
    rule : str
    """

    start: int
    end: int
    sentence: tuple[int, int]
    kind: str
    actor: str
    subject: str
    due: Due | None
    confidence: float
    rule: str


@dataclass(frozen=True, slots=True)
class _Promise:
    """What a rule found: the verb's place, who does it, how sure."""

    at: int
    actor: str
    confidence: float
    rule: str
    start: int | None = None
    end: int | None = None
    subject: str = ""


def find_commitments(
    text: str, sentences: Sequence[tuple[int, int]], written: datetime.date | None = None
) -> tuple[FoundCommitment, ...]:
    """Find what the government promises in a text.

    Parameters
    ----------
    text : str
        As `flattened` gives it.
    sentences : sequence of (int, int)
    written : datetime.date, optional
        The paper's date.

    Returns
    -------
    tuple of FoundCommitment
        In the order of the text.

    Examples
    --------
    >>> text = "Ook zal het kabinet dit onderzoeken en uw Kamer hierover voor de zomer informeren."
    >>> for found in find_commitments(text, [(0, len(text))], datetime.date(2023, 1, 13)):
    ...     print(found.kind, found.actor, found.due.quoted if found.due else "-")
    announcement het kabinet -
    commitment het kabinet voor de zomer
    >>> text = "Daarom zal China uw Kamer informeren."
    >>> find_commitments(text, [(0, len(text))])
    ()
    """
    found: list[FoundCommitment] = []
    for start, end in sentences:
        if end - start > words.LONGEST_SENTENCE:
            end = start + words.LONGEST_SENTENCE
        sentence = text[start:end].replace("\n", " ")
        if len(sentence) < 15:
            continue
        for each in _in_sentence(sentence, written):
            found.append(_moved(each, start))
    return tuple(found)


def _moved(found: FoundCommitment, by: int) -> FoundCommitment:
    due = found.due
    if due is not None:
        due = Due(
            start=due.start + by,
            end=due.end + by,
            quoted=due.quoted,
            first=due.first,
            last=due.last,
            rule=due.rule,
        )
    return FoundCommitment(
        start=found.start + by,
        end=found.end + by,
        sentence=(found.sentence[0] + by, found.sentence[1] + by),
        kind=found.kind,
        actor=found.actor,
        subject=found.subject,
        due=due,
        confidence=found.confidence,
        rule=found.rule,
    )


def _in_sentence(sentence: str, written: datetime.date | None) -> Iterator[FoundCommitment]:
    if words.CAN_PROMISE.search(sentence) is None or words.RECITAL.match(sentence):
        return
    dues = due_dates_in(sentence, written)
    promises = sorted(_promises(sentence, dues), key=lambda promise: promise.at)
    kept: list[_Promise] = []
    for promise in promises:
        if kept and promise.start is None and kept[-1].start is None and promise.at - kept[-1].at < 25:
            continue
        kept.append(promise)
    for place, promise in enumerate(kept):
        start = promise.start if promise.start is not None else 0
        if promise.start is None and place:
            start = _clause_start(sentence, kept[place - 1].end or kept[place - 1].at, promise.at)
        end = promise.end if promise.end is not None else len(sentence)
        if promise.end is None and place + 1 < len(kept) and kept[place + 1].start is None:
            end = _clause_start(sentence, promise.at, kept[place + 1].at)
        yield from _halves(sentence, promise, start, max(end, promise.at + 1), dues)


def _clause_start(sentence: str, low: int, at: int) -> int:
    """Give where the clause of a verb begins: behind the last comma, semicolon or "en" before it."""
    cut = max(sentence.rfind(sign, low, at) + len(sign) for sign in (", ", "; ", " en ", ": "))
    return cut if cut > low + 1 else at


def _halves(
    sentence: str, promise: _Promise, start: int, end: int, dues: Sequence[Due]
) -> Iterator[FoundCommitment]:
    """Part "onderzoeken ... en de Kamer hierover informeren" into two promises."""
    clause = sentence[start:end]
    split = next(
        (
            match
            for match in words.SECOND_HALF.finditer(clause, max(promise.at - start, 0))
            if _has_other_verb(clause[promise.at - start : match.start()])
        ),
        None,
    )
    if split is None:
        yield _found(sentence, promise, start, end, dues, "")
        return
    first = _found(sentence, promise, start, start + split.start(), dues, "")
    yield first
    yield _found(sentence, promise, start + split.end(), end, dues, first.subject)


def _has_other_verb(half: str) -> bool:
    """Say whether a half has a promise of its own, which tells parliament nothing."""
    if words.TO_PARLIAMENT.search(half) and words.TELLS.search(half):
        return False
    return words.INFINITIVE.search(half.partition(" ")[2]) is not None


def _tells_parliament(said: str) -> bool:
    return words.TO_PARLIAMENT.search(said) is not None and words.TELLS.search(said) is not None


def _found(
    sentence: str, promise: _Promise, start: int, end: int, dues: Sequence[Due], about: str
) -> FoundCommitment:
    while start < end and sentence[start] in " ,;":
        start += 1
    while end > start and sentence[end - 1] == " ":
        end -= 1
    clause = sentence[start:end]
    inside = [due for due in dues if start <= due.start and due.end <= end]
    due = next((each for each in inside if each.last is not None or each.first is not None), None)
    due = due or (inside[0] if inside else None)
    tells = promise.rule in _TELLING_RULES or (
        words.TO_PARLIAMENT.search(clause) and words.TELLS.search(clause)
    )
    return FoundCommitment(
        start=start,
        end=end,
        sentence=(0, len(sentence)),
        kind="commitment" if tells else "announcement",
        actor=promise.actor,
        subject=promise.subject or _subject(sentence, start, end, promise, due, about),
        due=due,
        confidence=promise.confidence,
        rule=promise.rule,
    )


_TELLING_RULES = frozenset(
    {"reaches-parliament", "parliament-receives", "tells-parliament", "letter-follows", "promises"}
)


def _subject(sentence: str, start: int, end: int, promise: _Promise, due: Due | None, about: str) -> str:
    """Give what the promise is about: behind "over", or what stands between the actor and the last verbs."""
    clause = sentence[start:end]
    if due is not None:
        clause = clause[: due.start - start] + clause[due.end - start :]
    if about and words.POINTS_BACK.search(clause):
        return about
    named = words.ABOUT.search(clause)
    if named is not None and words.TELLS.search(clause):
        # "over de voortgang zal het kabinet ..." ends at the verb
        return _trimmed(re.split(r"\s(?:zal|zullen)\s", named["what"], maxsplit=1)[0])
    rest = clause
    if promise.at >= start:
        verb = words.FINAL.match(sentence, promise.at)
        behind = sentence[verb.end() if verb else promise.at : end]
        if due is not None and due.start >= promise.at:
            behind = behind.replace(due.quoted, " ", 1)
        rest = behind if len(behind.split()) > 2 else clause
    if promise.rule == "parliament-receives":
        return _trimmed(words.RECEIVING.sub(" ", clause))
    if promise.actor:
        rest = rest.replace(promise.actor, " ", 1)
    if promise.at > start and len(_trimmed(words.TO_PARLIAMENT.sub(" ", rest)).split()) < 2:
        # "de uitkomsten zal ik met uw Kamer delen": what it is about stands before the verb
        rest = sentence[start : promise.at]
    return _trimmed(words.TO_PARLIAMENT.sub(" ", rest, count=1) if words.TELLS.search(rest) else rest)


def _trimmed(said: str) -> str:
    bare = words.LAST_VERBS.sub("", " ".join(said.split()))
    bare = words.BY_MOTION.sub("", " ".join(bare.split())).strip(" ,;:.")
    if len(bare) <= words.LONGEST_SUBJECT:
        return bare
    return bare[: words.LONGEST_SUBJECT].rsplit(" ", 1)[0] + "…"


def _promises(sentence: str, dues: Sequence[Due]) -> Iterator[_Promise]:
    relative = [(match.start(), match.end()) for match in words.REACHES.finditer(sentence)]
    yield from _reaching(sentence, dues)
    yield from _with_will(sentence, relative)
    yield from _intended(sentence)
    promised = [
        match
        for match in words.PROMISES.finditer(sentence)
        if not words.THIS_PAPER.search(sentence[: match.start()])
    ]
    for match in promised:
        yield _Promise(match.start(), _words_of(match[0], ("ik", "het kabinet")), 0.9, "promises")
    if promised or words.WILL.search(sentence):
        return
    yield from _told_now(sentence, dues)
    yield from _planned(sentence, dues)


def _words_of(said: str, choices: tuple[str, ...]) -> str:
    return next((word for word in choices if re.search(rf"\b{word}\b", said, re.IGNORECASE)), "")


def _reaching(sentence: str, dues: Sequence[Due]) -> Iterator[_Promise]:
    """Find "de strategie die uw Kamer binnen afzienbare tijd zal toekomen"."""
    for match in words.REACHES.finditer(sentence):
        inside = [due for due in dues if match.start() <= due.start and due.end <= match.end()]
        if match[0].casefold().endswith("ontvangt") and all(words.RECURS.match(due.quoted) for due in inside):
            # "de rapportage die uw Kamer jaarlijks ontvangt" is a habit
            continue
        head = _head_before(sentence, match.start())
        if not head:
            continue
        start = sentence.rindex(head, 0, match.start())
        yield _Promise(
            match.start(),
            (match["actor"] or "").strip(),
            0.85,
            "reaches-parliament",
            start,
            match.end(),
            head.strip(),
        )


def _head_before(sentence: str, position: int) -> str:
    opening = sentence[max(0, position - 120) : position].rstrip(" ,")
    match = words.HEAD.search(opening)
    return match[0].strip() if match else " ".join(opening.split()[-3:])


def _with_will(sentence: str, relative: Sequence[tuple[int, int]]) -> Iterator[_Promise]:
    for match in words.WILL.finditer(sentence):
        if any(start <= match.start() < end for start, end in relative):
            continue
        closing = _main_clause(sentence, match.end())
        before = sentence[: match.start()]
        # "zal moeten" is need; "zal bezien wat moet" is a promise
        if words.NO_PROMISE.search(words.OPENS_A_CLAUSE.split(closing, maxsplit=1)[0]):
            continue
        yield from _one_will(sentence, match, before, closing)


def _main_clause(sentence: str, position: int) -> str:
    """Give what belongs to the verb: up to a semicolon, or a comma behind which another clause begins."""
    stop = re.compile(
        r";|,\s+(?:waarbij|waardoor|waarmee|waarna|zodat|omdat|terwijl|aangezien|maar|hoewel|want|opdat)\b"
    ).search(sentence, position)
    return sentence[position : stop.start() if stop else len(sentence)]


def _one_will(sentence: str, match: re.Match[str], before: str, closing: str) -> Iterator[_Promise]:
    negated = re.match(r"\s+(?:\w+\s+){0,3}(?:niet|geen)\b", closing) is not None
    worth = 0.6 if negated else 0.92
    subordinate = words.SUBORDINATE.search(before) is not None
    actor = actor_before(sentence, 0, match.start())
    if actor and _last_clause(before).strip() == actor:
        yield _Promise(match.start(), actor, worth, "will")
        return
    actor = actor_after(sentence, match.end(), len(sentence))
    if actor and not subordinate:
        pronoun = actor.split()[0].casefold() in ("ik", "wij", "we")
        if pronoun or not words.NOUN_FIRST.match(_last_clause(before)):
            yield _Promise(match.start(), actor, worth, "will")
            return
        if not words.ONLY_PRONOUN.match(_last_clause(before)) or words.OUR_WORK.search(closing):
            if words.OUR_WORK.search(closing) or (
                words.TO_PARLIAMENT.search(closing) and words.TELLS.search(closing)
            ):
                yield _Promise(match.start(), actor, 0.65, "will-object-first")
            return
        return
    actor = actor_before(sentence, 0, match.start())
    if actor:
        told = words.TO_PARLIAMENT.search(sentence) and words.TELLS.search(closing)
        if not subordinate or told or words.THAT.search(before):
            yield _Promise(match.start(), actor, worth - (0.2 if subordinate else 0), "will")
        return
    if words.ELIDED.search(before):
        actor = first_actor(sentence, 0, match.start())
        if actor:
            yield _Promise(match.start(), actor, 0.85, "will-elided")
        return
    if (
        not subordinate
        and words.TELLS.search(closing)
        and (words.NEXT_TO_WILL.match(closing) or words.LAST_BEFORE.search(before))
    ):
        yield _Promise(match.start(), "", 0.85, "parliament-receives")
        return
    if words.SENT_TO.search(sentence) is not None and words.BY_OTHERS.search(closing) is None:
        yield _Promise(match.start(), "", 0.8, "parliament-receives")
        return
    ours = words.OUR_WORK.search(closing) is not None and words.PASSIVE.search(closing) is not None
    if ours and not subordinate and words.BY_OTHERS.search(closing) is None:
        yield _Promise(match.start(), "", 0.5, "will-be-done")


def _last_clause(before: str) -> str:
    return re.split(r"[,;:]\s", before)[-1] if before.count(",") else before


def _intended(sentence: str) -> Iterator[_Promise]:
    for match in words.INTENDS.finditer(sentence):
        verb = re.match(r"\w+", match[0])
        at = match.start() + (verb.end() if verb else 0)
        actor = actor_after(sentence, at, match.end()) or actor_before(sentence, 0, match.start())
        if not actor and words.ELIDED.search(sentence[: match.start()]):
            actor = first_actor(sentence, 0, match.start())
        if actor:
            rule = "strives" if match["c"] is not None else "expects" if match["d"] is not None else "intends"
            yield _Promise(
                match.start(), actor, {"intends": 0.88, "strives": 0.75, "expects": 0.75}[rule], rule
            )


def _told_now(sentence: str, dues: Sequence[Due]) -> Iterator[_Promise]:
    """Find the present tense that promises: "voor de zomer informeer ik uw Kamer"."""
    if words.THIS_PAPER.search(sentence):
        return
    ahead = any(due.rule for due in dues) or words.TO_COME.search(sentence) is not None
    if not ahead:
        return
    for match in words.LETTER_FOLLOWS.finditer(sentence):
        yield _Promise(match.start(), "", 0.7, "letter-follows")
        return
    for match in words.RECEIVES.finditer(sentence):
        if words.PAST.search(sentence[: match.end()]) is None:
            yield _Promise(
                match.start(), actor_before(sentence, 0, match.start()), 0.82, "parliament-receives"
            )
            return
    for match in words.PRESENT_TELLING.finditer(sentence):
        actor = actor_after(sentence, match.end(), len(sentence)) or actor_before(sentence, 0, match.start())
        if not actor and words.ELIDED.search(sentence[: match.start()]):
            actor = first_actor(sentence, 0, match.start())
        if not actor:
            continue
        verb = match["verb"].casefold()
        rest = sentence[match.start() :]
        told = words.TO_PARLIAMENT.search(sentence) is not None
        if verb in ("kom", "komt", "komen"):
            if re.search(r"\bterug\b", rest) is None:
                continue
        elif verb in ("houd", "houdt", "houden"):
            if re.search(r"\bop\s+de\s+hoogte\b|\bgeïnformeerd\b", rest) is None or not told:
                continue
        elif verb in ("ga", "gaat"):
            if re.search(r"\bnader\s+in\b|\bin\s+op\b", rest) is None or not told:
                continue
        elif not told:
            continue
        yield _Promise(match.start(), actor, 0.82, "tells-parliament")
        return


def _planned(sentence: str, dues: Sequence[Due]) -> Iterator[_Promise]:
    """Find what is planned for a day ahead: "wordt in 2023 een overleg voorzien"."""
    if words.THIS_PAPER.search(sentence):
        return
    dated = [due for due in dues if due.last is not None]
    ahead = [due for due in dues if words.RECURS.match(due.quoted) is None]
    for match in words.PLANNED.finditer(sentence):
        near = sentence[max(0, match.start() - 120) : match.end() + 120]
        if any(
            match.start() - 60 <= due.start <= match.end() + 60 for due in dated
        ) and words.OURS_NEAR.search(near):
            yield _Promise(match.start(), "", 0.6, "planned")
            return
    for match in words.OWN_PRESENT.finditer(sentence):
        actor = actor_after(sentence, match.end(), len(sentence)) or actor_before(sentence, 0, match.start())
        if actor and any(abs(due.start - match.start()) < 160 for due in ahead):
            yield _Promise(match.start(), actor, 0.65, "works-by-a-day")
            return
