"""Bringing the catalogues of instruments and events of coercion into the database."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from geomonitor.register import facts
from geomonitor.register.models import CoercionCase, Instrument, InstrumentRisk
from geomonitor.register.services.writing import create, save

__all__ = ["LoadedCatalogues", "case_fields", "instrument_fields", "load_catalogues"]

_NO_LONGER = "No longer in the catalogue that comes with Geomonitor."


@dataclass(frozen=True, slots=True)
class LoadedCatalogues:
    """What was done.

    Attributes
    ----------
    added, updated : int
        Entries that were new, and those of an older catalogue that nobody had changed.
    kept : int
        Entries that people changed or withdrew, and that differ from the catalogue.
    """

    added: int
    updated: int
    kept: int


@transaction.atomic
def load_catalogues() -> LoadedCatalogues:
    """Add the instruments and events that ship with Geomonitor.

    May be called at every start. What people changed or withdrew is left as it is; an entry that nobody
    touched follows the catalogue.

    Returns
    -------
    LoadedCatalogues
    """
    done = {"added": 0, "updated": 0, "kept": 0, "unchanged": 0}
    there = {each.code: each for each in Instrument.objects.prefetch_related("risks")}
    for entry in facts.instruments():
        fields, risks = instrument_fields(entry)
        done[_instrument(there.get(entry.code), fields, risks)] += 1
    events = {each.code: each for each in CoercionCase.objects.all()}
    for event in facts.coercion_cases():
        done[_event(events.get(event.code), case_fields(event))] += 1
    return LoadedCatalogues(added=done["added"], updated=done["updated"], kept=done["kept"])


def instrument_fields(entry: facts.Instrument) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Give the fields of an instrument, and of the risks it addresses."""
    fields = {
        "code": entry.code,
        **_both("name", entry.name),
        "kind": entry.kind,
        "level": entry.level,
        "legal_basis": entry.legal_basis,
        "reference": entry.celex or "",
        "state": entry.state,
        "proposed_on": entry.proposed_on,
        "adopted_on": entry.adopted_on,
        "in_force_on": entry.in_force_on,
        "applies_from": entry.applies_from,
        "ended_on": entry.ended_on,
        "responsible": entry.responsible,
        **_both("summary", entry.summary),
        **_both("limits", entry.limits),
        "source": entry.source,
        "letter_reference": ", ".join(entry.letters),
        "to_check": entry.to_check,
        "to_check_note": entry.check_note,
    }
    risks = [
        {"risk": each.risk, "strength": each.strength, **_both("argument", each.argument)}
        for each in entry.risks
    ]
    return fields, risks


def case_fields(event: facts.CoercionEvent) -> dict[str, Any]:
    """Give the fields of an event of coercion."""
    return {
        "code": event.code,
        **_both("title", event.title),
        "sender": event.sender,
        "targets": list(event.targets),
        "measure_kind": event.measure_kind,
        **_both("measure", event.measure),
        "direction": event.direction,
        "products": list(event.goods.products),
        "hs_revision": event.goods.hs_revision or "",
        **_both("goods", event.goods.text),
        "started_on": event.started_on.text,
        "ended_on": event.ended_on.text if event.ended_on else "",
        **_both("trigger", event.trigger),
        "judgement": event.judgement,
        **_both("motive", event.motive),
        "motive_confidence": event.motive_confidence,
        **_both("motive_argument", event.motive_argument),
        **_both("outcome", event.outcome),
        "sources": list(event.sources),
        "letter_reference": ", ".join(event.letters),
        "notes": event.notes,
    }


def _both(name: str, text: Mapping[str, str]) -> dict[str, str]:
    return {f"{name}_{language}": text[language] for language in ("en", "nl")}


def _uid(*parts: str) -> uuid.UUID:
    """Give an entry the same identity in every register, so that an export of one fits another."""
    return uuid.uuid5(uuid.NAMESPACE_URL, "/".join(("geomonitor:catalogue", *parts)))


def _sha256(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _instrument(
    record: Instrument | None, fields: Mapping[str, Any], risks: Sequence[Mapping[str, str]]
) -> str:
    sha256 = _sha256(fields, risks)
    if record is None:
        code = fields["code"]
        made = create(None, Instrument(uid=_uid(code), **fields, catalogue_sha256=sha256))
        for row in risks:
            create(None, InstrumentRisk(uid=_uid(code, row["risk"]), instrument=made, **row))
        return "added"
    if record.catalogue_sha256 == sha256:
        return "unchanged"
    if _touched(record) or any(_touched(each) for each in record.risks.all()):
        return "kept"
    for name, value in {**fields, "catalogue_sha256": sha256}.items():
        setattr(record, name, value)
    save(None, record)
    _risks_follow(record, risks)
    return "updated"


def _risks_follow(record: Instrument, risks: Sequence[Mapping[str, str]]) -> None:
    there = {each.risk: each for each in record.risks.all() if not each.withdrawn}
    for row in risks:
        each = there.pop(row["risk"], None)
        if each is None:
            create(None, InstrumentRisk(instrument=record, **row))
        elif any(getattr(each, name) != value for name, value in row.items()):
            for name, value in row.items():
                setattr(each, name, value)
            save(None, each)
    for gone in there.values():
        gone.withdrawn_at = timezone.now()
        gone.withdrawn_reason = _NO_LONGER
        save(None, gone)


def _event(record: CoercionCase | None, fields: Mapping[str, Any]) -> str:
    sha256 = _sha256(fields)
    if record is None:
        create(None, CoercionCase(uid=_uid("event", fields["code"]), **fields, catalogue_sha256=sha256))
        return "added"
    if record.catalogue_sha256 == sha256:
        return "unchanged"
    if _touched(record):
        return "kept"
    for name, value in {**fields, "catalogue_sha256": sha256}.items():
        setattr(record, name, value)
    save(None, record)
    return "updated"


def _touched(record: Instrument | InstrumentRisk | CoercionCase) -> bool:
    """Say whether people changed a record; what the program withdrew itself does not count."""
    return record.changed_by_id is not None or record.withdrawn_by_id is not None
