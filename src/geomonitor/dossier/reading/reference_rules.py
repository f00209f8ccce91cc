"""The rules that recognise references, with how sure each is and why."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RULES", "Found", "Rule", "confidence"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to recognise a reference."""

    name: str
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """A reference in a text, before it is known to stand: where two meet, the longer one is kept."""

    start: int
    end: int
    kind: str
    target: str
    rule: str
    quoted: str = ""


RULES: tuple[Rule, ...] = (
    Rule("address", 0.99, "an official address names its publication"),
    Rule("identifier", 0.99, "kst-, blg- and the like are identifiers of official publications"),
    Rule("matter-number", 0.99, "a year, Z and five digits mean nothing else"),
    Rule("document-number", 0.98, "a year, D and five digits mean nothing else"),
    Rule("commitment-number", 0.99, "TZ, year and month, number: only parliament's own register"),
    Rule("union-document", 0.98, "series, year in brackets, number"),
    Rule("union-document-list", 0.93, "a further number after one of the same series and year"),
    Rule(
        "union-document-open",
        0.9,
        "series and year without brackets; C(…) is also a chemical or a court's case",
    ),
    Rule("union-law", 0.97, "word for a law, union in brackets, two numbers"),
    Rule("union-law-bare", 0.88, "word for a law and two numbers, no union named"),
    Rule("union-law-list", 0.9, "a further number after a law, with its union"),
    Rule("celex", 0.98, "sector 3, year, letter, number"),
    Rule("proceedings", 0.97, "introduced as Handelingen, with a parliamentary year"),
    Rule("question", 0.97, "introduced as Aanhangsel van de Handelingen, with a parliamentary year"),
    Rule("introduced", 0.99, "introduced as Kamerstuk, dossier and number complete"),
    Rule("introduced-letter", 0.93, "introduced, letters of a paper of the Senate"),
    Rule("introduced-comma", 0.9, "introduced, number without nr. or hyphen"),
    Rule("numbered", 0.97, "dossier and 'nr.' in their own form, not introduced"),
    Rule("hyphen-placed", 0.95, "dossier-number in brackets or after a word such as motie, t.v.v., brief"),
    Rule("hyphen", 0.85, "dossier-number in running text: also the form of a code of a product or form"),
    Rule("letter-placed", 0.85, "letters of a paper of the Senate in brackets, not introduced"),
    Rule("number-before", 0.95, "'op stuk nr. 54 (32 012)': the number stands before the dossier"),
    Rule("own-dossier", 0.9, "'t.v.v. nr. 17' names no dossier: it is the one of the paper that says so"),
    Rule("list", 0.96, "a further number of the same dossier"),
    Rule("range", 0.95, "first or last of 'nrs. 1 t/m 3'"),
    Rule("range-within", 0.9, "between first and last of a range: not written out"),
    Rule(
        "several-dossiers",
        0.85,
        "one number after several dossiers: papers are numbered in the first of them",
    ),
    Rule("introduced-dossier", 0.97, "introduced as Kamerstuk or dossier, without a number"),
    Rule("bill", 0.93, "a number after wetsvoorstel, initiatiefvoorstel or the like"),
    Rule("dossier-in-brackets", 0.8, "a number in brackets after the title of a bill or policy"),
    Rule("number-in-brackets", 0.7, "a title ends in a number in brackets, but names no bill"),
    Rule("title-begins", 0.85, "a title begins with a number and goes on with a capital"),
    Rule("title-ends", 0.75, "the title of a bill or policy ends in a number"),
    Rule("replaced-number", 0.95, "'34024 ter vervanging van nr. 16': a number of the dossier before it"),
    Rule("chapter-in-brackets", 0.92, "dossier with a chapter of the budget in brackets"),
    Rule("chapter", 0.85, "dossier with a chapter of the budget in running text"),
    Rule("impossible-number", 0.5, "introduced as a paper, but no dossier can have this number"),
)
_CONFIDENCE = {rule.name: rule.confidence for rule in RULES}


def confidence(rule: str) -> float:
    """Give how sure a rule is.

    Examples
    --------
    >>> confidence("introduced")
    0.99
    """
    return _CONFIDENCE[rule]
