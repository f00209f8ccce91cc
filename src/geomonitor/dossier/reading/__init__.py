"""Reading a paper: rules that recognise what it refers to, asks and promises."""

from __future__ import annotations

from geomonitor.dossier.reading.mentions import (
    BodyMention,
    CommitmentMention,
    DateMention,
    Footnote,
    MotionMention,
    PaperReading,
    ReferenceMention,
    SettledList,
)

__all__ = [
    "BodyMention",
    "CommitmentMention",
    "DateMention",
    "Footnote",
    "MotionMention",
    "PaperReading",
    "ReferenceMention",
    "SettledList",
]
