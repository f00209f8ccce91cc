"""Tables of the archive."""

from __future__ import annotations

from geomonitor.archive.models.following import SavedSearch, Visit, Watch, WatchKind
from geomonitor.archive.models.graph import (
    Commitment,
    CommitmentState,
    DossierTitle,
    Judged,
    Motion,
    MotionState,
    Reference,
    Relation,
    StateJudgement,
    Vote,
)
from geomonitor.archive.models.papers import Dossier, Paper, SyncPosition
from geomonitor.archive.models.search import SearchEntry, SearchGroup, SearchStems, StemCount, StemOfWord

__all__ = [
    "Commitment",
    "CommitmentState",
    "Dossier",
    "DossierTitle",
    "Judged",
    "Motion",
    "MotionState",
    "Paper",
    "Reference",
    "Relation",
    "SavedSearch",
    "SearchEntry",
    "SearchGroup",
    "SearchStems",
    "StateJudgement",
    "StemCount",
    "StemOfWord",
    "SyncPosition",
    "Visit",
    "Vote",
    "Watch",
    "WatchKind",
]
