"""Rows of parliament's open data as records, by the entity that they are rows of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from geomonitor.dossier.records import CommitmentRecord, PaperRecord, VoteRecord
from geomonitor.dossier.sources import odata
from geomonitor.dossier.sources.unreadable import Unreadable
from geomonitor.errors import DataError

__all__ = ["ENTITIES", "Found", "entity_of", "records_of"]

Found = PaperRecord | VoteRecord | CommitmentRecord | Unreadable

_SIGNS: Mapping[str, frozenset[str]] = {
    "Zaak": frozenset({"GestartOp", "Onderwerp", "Nummer", "Soort"}),
    "Document": frozenset({"DocumentNummer", "Onderwerp"}),
    "Besluit": frozenset({"BesluitSoort", "BesluitTekst"}),
    "Toezegging": frozenset({"Tekst", "Nummer", "Status"}),
}
"""Fields that rows of an entity have, and rows of no other."""


def entity_of(row: Mapping[str, Any]) -> str | None:
    """Say which entity a row is of; None where it is of none that is loaded.

    Examples
    --------
    >>> entity_of({"Id": "7", "DocumentNummer": "2022D12345", "Onderwerp": "Brief"})
    'Document'
    >>> entity_of({"Id": "7", "NaamNL": "Democraten 66"}) is None
    True
    """
    return next((entity for entity, signs in _SIGNS.items() if signs <= row.keys()), None)


def records_of(entity: str, row: Mapping[str, Any] | Unreadable, where: str) -> list[Found]:
    """Give what a row tells; a row that cannot be read is listed with its reason.

    Parameters
    ----------
    entity : str
        Of `ENTITIES`.
    row : mapping or Unreadable
    where : str
        File and line, or address, for messages.
    """
    if isinstance(row, Unreadable):
        return [row]
    try:
        return ENTITIES[entity](row, where)
    except DataError as error:
        return [Unreadable.of(error, where)]


def _matter(row: Mapping[str, Any], where: str) -> list[Found]:
    found: list[Found] = []
    if "Document" in row or "Kamerstukdossier" in row:
        found += odata.expanded_matter_records(row, where)
    else:
        found.append(odata.matter_record(row, where))
    own = {"Nummer": row.get("Nummer")}
    for decision in row.get("Besluit") or ():
        # asked for from the matter, a decision does not name it again
        found += odata.vote_records({**decision, "Zaak": [own]}, where)
    return found


def _document(row: Mapping[str, Any], where: str) -> list[Found]:
    return [odata.document_record(row, where)]


def _decision(row: Mapping[str, Any], where: str) -> list[Found]:
    return list(odata.vote_records(row, where))


def _commitment(row: Mapping[str, Any], where: str) -> list[Found]:
    return [odata.commitment_record(row, where)]


ENTITIES: Mapping[str, Callable[[Mapping[str, Any], str], list[Found]]] = {
    "Zaak": _matter,
    "Document": _document,
    "Besluit": _decision,
    "Toezegging": _commitment,
}
"""What is loaded, with the function that reads a row."""
