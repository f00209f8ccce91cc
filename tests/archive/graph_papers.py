"""A small made-up dossier: motions as papers and as matters, a vote, and letters that act on them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from geomonitor.archive.deriving import derive_states
from geomonitor.archive.graph import read_papers
from geomonitor.archive.models import Commitment, DossierTitle, Motion, Paper, Reference

TODAY = datetime.date(2024, 9, 1)
HERITAGE = "Behoud van varend erfgoed"
_ROWS = count(1)

MOTION_TEXT = """De Kamer,

gehoord de beraadslaging,

constaterende dat houten schepen rotten;

verzoekt de regering een plan te maken voor varend erfgoed,

en gaat over tot de orde van de dag.

Vos"""

LETTER_TEXT = """Geachte voorzitter,

Hierbij informeer ik u over de motie-Vos over een plan voor varend erfgoed (Kamerstuk 39 999, nr. 10).
Hiermee beschouw ik de motie als afgedaan.

Het kabinet zal de Kamer voor 1 juli 2024 informeren over de kosten van onderhoud.

Hoogachtend,"""


def make(paper: str, **fields: Any) -> Paper:
    """Make a paper, matter or document, not saved."""
    family = "matter" if "Z" in paper else "document" if "D" in paper else "paper"
    given: dict[str, Any] = {
        "paper": paper,
        "family": family,
        "source": "koop" if family == "paper" else "tweede-kamer",
        "fingerprint": paper,
        "search_row": next(_ROWS),
        "date": datetime.date(2024, 3, 1),
    }
    if paper.startswith("kst-"):
        dossier, _, number = paper.removeprefix("kst-").rpartition("-")
        given |= {"dossier": dossier, "number": number, "dossier_title": HERITAGE}
    return Paper(**given | fields)


def small_dossier() -> list[Paper]:
    """Give papers of which the same motions are papers and matters; not saved, new on every call."""
    return [
        make(
            "kst-39999-10", kind="Motie", title="Motie van het lid Vos over een plan voor varend erfgoed",
            text=MOTION_TEXT, movers=["Vos"],
        ),
        make(
            "2024Z00010", kind="Motie", title="Motie van het lid Vos over een plan voor varend erfgoed",
            number="10", dossier_title=HERITAGE, cabinet_view="Oordeel Kamer",
        ),
        make(
            "2024Z00011", kind="Motie", title="Motie van de leden Mulder en Smaling over houten bruggen",
            number="11", dossier_title=HERITAGE,
        ),
        make(
            "2024Z00012", kind="Motie", number="12", dossier_title=HERITAGE,
            title="Gewijzigde motie van de leden Mulder en Smaling over houten bruggen in alle steden"
            " (t.v.v. 39999-11)",
        ),
        make(
            "2024Z00020", kind="Brief regering", number="20", dossier_title=HERITAGE,
            date=datetime.date(2024, 5, 1),
            title="Uitvoering van de gewijzigde motie van de leden Mulder en Smaling over houten bruggen in"
            " alle steden",
        ),
        make(
            "kst-39999-21", kind="Brief", title="Brief over varend erfgoed", text=LETTER_TEXT,
            date=datetime.date(2024, 5, 2),
        ),
        make(
            "2024Z00022", kind="Brief commissie", date=datetime.date(2024, 6, 1),
            title="Verzoek om uitvoering motie-Vos over een plan voor varend erfgoed (Kamerstuk 39999-10)",
        ),
    ]  # fmt: skip


def load(papers: Iterable[Paper]) -> list[Paper]:
    """Bring papers in, each batch as the loader does: rows, then what they say."""
    some = list(papers)
    Paper.objects.bulk_create(some)
    read_papers(some)
    return some


def derive(today: datetime.date = TODAY) -> None:
    derive_states(today=today)


def graph_now() -> dict[str, list[Any]]:
    """Give all of the graph, without row numbers and moments, in an order of its own."""

    def rows(found: Sequence[dict[str, Any]]) -> list[Any]:
        return sorted((sorted(each.items()) for each in found), key=str)

    hidden = {"id", "paper_id", "changed_at"}
    plain = {
        model.__name__: [
            {name: value for name, value in each.items() if name not in hidden}
            for each in model.objects.values()
        ]
        for model in (Motion, Commitment, DossierTitle)
    }
    plain["Reference"] = [
        {name: value for name, value in each.items() if name not in hidden}
        for each in Reference.objects.values(
            *(field.name for field in Reference._meta.fields), "paper__paper"
        )
        for each in [{key: value for key, value in each.items() if key != "paper"}]
    ]
    plain["Paper"] = list(Paper.objects.values("paper", "dossier", "dossier_known_by"))
    return {name: rows(found) for name, found in plain.items()}
