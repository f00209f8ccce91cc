"""A small archive of parliamentary papers with one of everything, and the same text in every field."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass

from django.utils import timezone

from geomonitor.archive.models import (
    Commitment,
    Dossier,
    Motion,
    Paper,
    Reference,
    StateJudgement,
    SyncPosition,
    Vote,
)
from geomonitor.archive.search import index_papers
from geomonitor.dossier.records import Family
from geomonitor.register.models import User

__all__ = ["ELSEWHERE", "LETTER", "MATTER", "MOTION", "PROMISE", "REGISTERED", "Archive", "whole_archive"]

MOTION = "kst-35207-46"
LETTER = "kst-35207-60"
MATTER = "2021Z10001"
ELSEWHERE = "kst-21501-20-1847"
PROMISE = "kst-35207-60@0"
REGISTERED = "TZ202211-190"


@dataclass(repr=False)
class Archive:
    """What was put in."""

    dossier: Dossier
    letter: Paper
    motion_paper: Paper
    motion: Motion
    promise: Commitment
    registered: Commitment
    judgement: StateJudgement
    ended: StateJudgement


def paper(key: str, *, number: int, **fields: object) -> Paper:
    """Make a paper of dossier 35207."""
    date = fields.get("date")
    day = date.toordinal() if isinstance(date, datetime.date) else 0
    given: dict[str, object] = {
        "family": Family.PAPER,
        "source": "koop",
        "dossier": "35207",
        "number": key.rpartition("-")[2],
        "fingerprint": hashlib.sha256(key.encode()).hexdigest(),
        "search_row": day * 1_000_000 + number,
        **fields,
    }
    return Paper.objects.create(paper=key, **given)


def whole_archive(analyst: User, text: str) -> Archive:
    """Fill an archive; `text` goes into every field that takes any text."""
    dossier = Dossier.objects.create(
        dossier="35207", title=text, papers=2, first_date=datetime.date(2021, 6, 1),
        last_date=datetime.date(2022, 5, 11),
    )  # fmt: skip
    motion_paper = paper(
        MOTION, number=1, date=datetime.date(2021, 6, 1), kind=f"Motie {text}"[:120], title=text, text=text,
        movers=[text[:60]], dossier_title=text,
    )  # fmt: skip
    paper(
        MATTER, number=2, date=datetime.date(2021, 6, 1), family=Family.MATTER, source="tweede-kamer",
        kind="Motie", title=text, same_as=MOTION,
    )  # fmt: skip
    letter = paper(
        LETTER, number=3, date=datetime.date(2022, 5, 11), kind="Brief regering", title=text,
        text=f"{text}\n\n{text}", dossier_title=text, matters=[MATTER, "2022Z09999"],
        missing=[["number", text]],
    )  # fmt: skip
    index_papers([motion_paper, letter])
    _references(letter, text)
    motion = _motion(text)
    promise, registered = _commitments(letter, text)
    SyncPosition.objects.create(source="tweede-kamer", scope="35207", complete=True)
    return Archive(
        dossier=dossier,
        letter=letter,
        motion_paper=motion_paper,
        motion=motion,
        promise=promise,
        registered=registered,
        judgement=StateJudgement.objects.create(
            judged="commitment", key=PROMISE, state="met", derived_state="overdue", reason=text,
            made_by=analyst,
        ),
        ended=StateJudgement.objects.create(
            judged="motion", key=MOTION, state="settled", derived_state="carried_out", reason=text,
            made_by=analyst, ended_by=analyst, ended_at=timezone.now(), ended_reason=text,
        ),
    )  # fmt: skip


def _references(letter: Paper, text: str) -> None:
    length = len(text)
    for target, kind, relation, field, start, end, motion in (
        (MOTION, "paper", "carries_out", "text", 2, min(9, length), MOTION),
        # overlaps the one before it, and runs over the paragraphs
        (ELSEWHERE, "paper", "mentions", "text", 5, length + 6, ""),
        ("COM(2020)474", "eu_document", "mentions", "title", 0, min(4, length), ""),
        ("dossier-35207", "dossier", "mentions", "text", length + 8, length + 12, ""),
        ("", "motion", "answers", "text", length + 14, length + 18, ""),
        # a text that was loaded anew may be shorter
        (ELSEWHERE, "paper", "mentions", "text", 5_000_000, 5_000_010, ""),
    ):
        Reference.objects.create(
            paper=letter, target=target, kind=kind, relation=relation, field=field, start=start, end=end,
            quoted=text[:300], confidence=0.9, rule="made", movers=[text[:60]], motion=motion,
            link_rule="paper" if motion else "", link_confidence=1.0 if motion else 0.0,
        )  # fmt: skip


def _motion(text: str) -> Motion:
    evidence = [
        {"rule": "submitted", "state": "submitted", "paper": MOTION, "date": "2021-06-01", "quoted": ""},
        {"rule": "voted_for", "state": "adopted", "paper": "b-1", "date": "2021-06-08", "quoted": text},
        {
            "rule": "said_carried_out", "state": "carried_out", "paper": LETTER, "date": "2022-05-11",
            "quoted": text, "passed_over": "",
        },
        {"rule": "of a later version", "state": "", "paper": "", "date": None, "quoted": text},
    ]  # fmt: skip
    Vote.objects.create(
        decision="b-1", motion=MOTION, matter=MATTER, date=datetime.date(2021, 6, 8), outcome=text[:120],
        votes_for=90, votes_against=60, fingerprint="f",
        parties=[
            {"party": text[:80], "vote": "Voor", "seats": 90},
            {"party": "Partij B", "vote": "Tegen", "seats": 60},
        ],
    )  # fmt: skip
    return Motion.objects.create(
        motion=MOTION, paper=MOTION, matter=MATTER, dossier="35207", number="46",
        date=datetime.date(2021, 6, 1), title=text, movers=[text[:60]], request_text=text,
        cabinet_view=text[:200], state="carried_out", state_evidence=evidence, settled_by=LETTER,
        settled_on=datetime.date(2022, 5, 11),
    )  # fmt: skip


def _commitments(letter: Paper, text: str) -> tuple[Commitment, Commitment]:
    promise = Commitment.objects.create(
        commitment=PROMISE, paper=letter, start=0, end=len(text), kind="commitment", dossier="35207",
        text=text, actor=text[:200], subject=text, made_on=datetime.date(2022, 5, 11), due_text=text[:200],
        due_from=datetime.date(2023, 1, 1), due_until=datetime.date(2023, 3, 31), confidence=0.8,
        state="overdue", judged_state="met",
        state_evidence=[
            {"rule": "day_passed", "state": "overdue", "paper": "", "date": "2023-03-31", "quoted": text}
        ],
    )  # fmt: skip
    registered = Commitment.objects.create(
        commitment=REGISTERED, official=True, dossier="35207", text=text, actor=text[:200],
        made_on=datetime.date(2022, 11, 22), due_text=text[:200], due_until=datetime.date(2022, 12, 31),
        source_status=text[:60], state="overdue",
        state_evidence=[
            {"rule": "day_passed", "state": "overdue", "paper": "", "date": "2022-12-31", "quoted": text}
        ],
    )  # fmt: skip
    return promise, registered
