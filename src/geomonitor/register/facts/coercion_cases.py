"""Events of economic coercion, and measures that are compared with them."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geomonitor.codes import ECONOMY_CODES, HS_REVISIONS, group_codes
from geomonitor.register.facts.reading import (
    FILES,
    PartialDate,
    catalogue,
    choice,
    code_text,
    date_text,
    text_list,
    translated,
    unique,
)

__all__ = [
    "CONFIDENCES",
    "DIRECTIONS",
    "JUDGEMENTS",
    "MEASURE_KINDS",
    "CoercionEvent",
    "Goods",
    "coercion_cases",
    "load_coercion_cases",
]

CONFIDENCES = ("low", "medium", "high")
DIRECTIONS = ("imports", "exports", "other")
"""Which trade of the sender the measure hit: its imports from the target, its exports, or neither."""

JUDGEMENTS = ("coercion", "disputed", "other_measure")
MEASURE_KINDS = (
    "informal_import_restriction",
    "import_ban",
    "tariff",
    "informal_export_restriction",
    "export_restriction",
    "licence_requirement",
    "supply_cut",
    "boycott",
    "travel_restriction",
    "threat",
)

_PRODUCT = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Goods:
    """The goods that a measure hit.

    Attributes
    ----------
    products : tuple of str
        2, 4 or 6 digits of the Harmonized System; empty where the measure hit services.
    hs_revision : str or None
        Revision of the codes.
    text : mapping of str to str
        In words, by language.
    """

    products: tuple[str, ...]
    hs_revision: str | None
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CoercionEvent:
    """An event of economic coercion, or a measure to compare with.

    Attributes
    ----------
    code : str
    title, measure, trigger, motive, motive_argument, outcome : mapping of str to str
        By language.
    sender : str
        Code of the economy that took the measure.
    targets : tuple of str
        Codes of economies or groups.
    measure_kind : str
        One of `MEASURE_KINDS`.
    direction : str
        One of `DIRECTIONS`.
    goods : Goods
    started_on : PartialDate
    ended_on : PartialDate or None
        None where it lasts, or where the end is not known.
    judgement : str
        'coercion', 'disputed' or 'other_measure'.
    motive_confidence : str
        'low', 'medium' or 'high': a motive is a judgement.
    sources : tuple of str
    letters : tuple of str
        Letter and number of the quote; empty for an addition to the letters.
    notes : str
    """

    code: str
    title: Mapping[str, str]
    sender: str
    targets: tuple[str, ...]
    measure_kind: str
    measure: Mapping[str, str]
    direction: str
    goods: Goods
    started_on: PartialDate
    ended_on: PartialDate | None
    trigger: Mapping[str, str]
    judgement: str
    motive: Mapping[str, str]
    motive_confidence: str
    motive_argument: Mapping[str, str]
    outcome: Mapping[str, str]
    sources: tuple[str, ...]
    letters: tuple[str, ...]
    notes: str


@functools.cache
def coercion_cases() -> tuple[CoercionEvent, ...]:
    """Give the events that ship with Geomonitor: those of the letters first.

    Examples
    --------
    >>> coercion_cases()[0].sender, coercion_cases()[0].targets
    ('CHN', ('JPN',))
    """
    return load_coercion_cases()


def load_coercion_cases(path: str | Path | None = None) -> tuple[CoercionEvent, ...]:
    """Read events.

    Parameters
    ----------
    path : path, optional
        TOML file to use in place of the one that ships.

    Raises
    ------
    DataError
        If an entry is not valid; the message names file, entry and key.
    """
    raw, file = catalogue("coercion_cases.toml", path)
    FILES.checked(raw, {"version": str, "date": datetime.date, "source": str, "case": list}, file)
    read = tuple(
        _event(each, _called(each, number, file)) for number, each in enumerate(raw["case"], start=1)
    )
    unique([each.code for each in read], f"{file}, case")
    return read


def _called(raw: object, number: int, file: str) -> str:
    code = raw.get("code") if isinstance(raw, dict) else None
    return f"{file}, case {number}" + (f" ({code})" if isinstance(code, str) else "")


def _event(raw: Any, where: str) -> CoercionEvent:
    FILES.checked(
        raw,
        {
            "code": str,
            "title": dict,
            "sender": str,
            "targets": list,
            "measure_kind": str,
            "measure": dict,
            "direction": str,
            "goods": dict,
            "started_on": str,
            "ended_on": str,
            "trigger": dict,
            "judgement": str,
            "motive": dict,
            "motive_confidence": str,
            "motive_argument": dict,
            "outcome": dict,
            "sources": list,
            "letters": list,
            "notes": str,
        },
        where,
        optional=("ended_on", "letters", "notes"),
    )
    started_on = date_text(raw["started_on"], where, "started_on")
    ended_on = date_text(raw.get("ended_on"), where, "ended_on")
    assert started_on is not None
    if ended_on is not None and ended_on.latest < started_on.earliest:
        raise FILES.wrong(
            f"It ends ({ended_on.text}) before it starts ({started_on.text}).",
            where,
            "ended_on",
            "a later date",
        )
    return CoercionEvent(
        code=code_text(raw["code"], where),
        title=translated(raw["title"], where, "title"),
        sender=choice(raw["sender"], ECONOMY_CODES, where, "sender"),
        targets=_targets(raw["targets"], raw["sender"], where),
        measure_kind=choice(raw["measure_kind"], MEASURE_KINDS, where, "measure_kind"),
        measure=translated(raw["measure"], where, "measure"),
        direction=choice(raw["direction"], DIRECTIONS, where, "direction"),
        goods=_goods(raw["goods"], f"{where}, key goods"),
        started_on=started_on,
        ended_on=ended_on,
        trigger=translated(raw["trigger"], where, "trigger"),
        judgement=choice(raw["judgement"], JUDGEMENTS, where, "judgement"),
        motive=translated(raw["motive"], where, "motive"),
        motive_confidence=choice(raw["motive_confidence"], CONFIDENCES, where, "motive_confidence"),
        motive_argument=translated(raw["motive_argument"], where, "motive_argument"),
        outcome=translated(raw["outcome"], where, "outcome"),
        sources=text_list(raw["sources"], where, "sources"),
        letters=text_list(raw.get("letters", []), where, "letters"),
        notes=raw.get("notes", ""),
    )


def _targets(raw: Sequence[Any], sender: str, where: str) -> tuple[str, ...]:
    targets = text_list(raw, where, "targets")
    for each in targets:
        if each not in ECONOMY_CODES and each not in group_codes():
            raise FILES.wrong(
                f"There is no economy or group {each!r}.",
                where,
                "targets",
                f"three letters such as JPN, or one of {', '.join(group_codes())}",
            )
    if sender in targets:
        raise FILES.wrong(f"{sender} is its own target.", where, "targets", "other economies")
    return targets


def _goods(raw: Any, where: str) -> Goods:
    FILES.checked(
        raw,
        {"products": list, "hs_revision": str, "en": str, "nl": str},
        where,
        optional=("products", "hs_revision"),
    )
    products = text_list(raw.get("products", []), where, "products")
    for each in products:
        if not _PRODUCT.fullmatch(each):
            raise FILES.wrong(f"{each!r} is no HS code.", where, "products", "2, 4 or 6 digits in quotes")
    if bool(products) != ("hs_revision" in raw):
        raise FILES.wrong(
            "Products and the revision of their codes belong together.", where, "hs_revision", "both or none"
        )
    revision = choice(raw["hs_revision"], list(HS_REVISIONS), where, "hs_revision") if products else None
    return Goods(products=products, hs_revision=revision, text={"en": raw["en"], "nl": raw["nl"]})
