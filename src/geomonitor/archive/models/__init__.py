"""Tables of the archive."""

from __future__ import annotations

from geomonitor.archive.models.following import SavedSearch, Visit, Watch, WatchKind
from geomonitor.archive.models.graph import (
    Commitment,
    CommitmentState,
    Judged,
    Motion,
    MotionState,
    Reference,
    Relation,
    StateJudgement,
    Vote,
)
from geomonitor.archive.models.papers import Dossier, Paper, SyncPosition

__all__ = [
    "Commitment",
    "CommitmentState",
    "Dossier",
    "Judged",
    "Motion",
    "MotionState",
    "Paper",
    "Reference",
    "Relation",
    "SavedSearch",
    "StateJudgement",
    "SyncPosition",
    "Visit",
    "Vote",
    "Watch",
    "WatchKind",
]
