"""Parliamentary papers: reading them, what they refer to, what they ask and promise.

Nothing in this room knows a database or a web page; `geomonitor.archive` keeps what is read here.
"""

from __future__ import annotations

from geomonitor.dossier.records import (
    CommitmentRecord,
    Family,
    PaperRecord,
    PartyVote,
    VoteRecord,
)

__all__ = [
    "CommitmentRecord",
    "Family",
    "PaperRecord",
    "PartyVote",
    "VoteRecord",
]
