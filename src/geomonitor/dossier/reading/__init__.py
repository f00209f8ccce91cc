"""Reading a paper: rules that recognise what it refers to, asks and promises.

`read_paper` reads a whole text, `read_title` a title; what they give is described in
`geomonitor.dossier.reading.mentions`.
"""

from __future__ import annotations

from geomonitor.dossier.reading.due_dates import Due, due_dates_in
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
from geomonitor.dossier.reading.normal_forms import (
    identify,
    normal_paper,
    official_address,
    shown,
    split_paper,
)
from geomonitor.dossier.reading.page_repair import repair
from geomonitor.dossier.reading.paper_reading import TitleReading, read_paper, read_title
from geomonitor.dossier.reading.references import references_in, references_in_title

__all__ = [
    "BodyMention",
    "CommitmentMention",
    "DateMention",
    "Due",
    "Footnote",
    "MotionMention",
    "PaperReading",
    "ReferenceMention",
    "SettledList",
    "TitleReading",
    "due_dates_in",
    "identify",
    "normal_paper",
    "official_address",
    "read_paper",
    "read_title",
    "references_in",
    "references_in_title",
    "repair",
    "shown",
    "split_paper",
]
