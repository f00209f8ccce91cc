"""Kinds of risk that the letters name."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from geomonitor.register.facts.reading import (
    FILES,
    catalogue,
    choice,
    code_text,
    text_list,
    translated,
    unique,
)

__all__ = ["RiskFamily", "RiskKind", "load_risk_kinds", "risk_kinds"]


@dataclass(frozen=True, slots=True)
class RiskFamily:
    """A family of kinds of risk.

    Attributes
    ----------
    code : str
    name : mapping of str to str
        By language.
    """

    code: str
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RiskKind:
    """A kind of risk.

    Attributes
    ----------
    code : str
    family : RiskFamily
    name, meaning : mapping of str to str
        By language.
    source : str
        Where a letter names it.
    claims : tuple of str
        The quotes it rests on: letter and number.
    """

    code: str
    family: RiskFamily
    name: Mapping[str, str]
    meaning: Mapping[str, str]
    source: str
    claims: tuple[str, ...]


@functools.cache
def risk_kinds() -> tuple[RiskKind, ...]:
    """Give the kinds of risk that ship with Geomonitor, family by family.

    Examples
    --------
    >>> [each.code for each in risk_kinds() if each.family.code == "dependency"][:2]
    ['dependency_goods', 'dependency_raw_materials']
    """
    return load_risk_kinds()


def load_risk_kinds(path: str | Path | None = None) -> tuple[RiskKind, ...]:
    """Read kinds of risk.

    Parameters
    ----------
    path : path, optional
        TOML file to use in place of the one that ships.

    Raises
    ------
    DataError
        If an entry is not valid; the message names file, entry and key.
    """
    raw, file = catalogue("risk_kinds.toml", path)
    FILES.checked(
        raw, {"version": str, "date": datetime.date, "source": str, "family": list, "risk": list}, file
    )
    families: dict[str, RiskFamily] = {}
    for number, each in enumerate(raw["family"], start=1):
        where = f"{file}, family {number}"
        FILES.checked(each, {"code": str, "name": dict}, where)
        code = code_text(each["code"], where)
        unique([*families, code], where)
        families[code] = RiskFamily(code=code, name=translated(each["name"], where, "name"))
    kinds = []
    for number, each in enumerate(raw["risk"], start=1):
        where = f"{file}, risk {number}"
        FILES.checked(
            each,
            {"code": str, "family": str, "name": dict, "meaning": dict, "source": str, "claims": list},
            where,
            optional=("claims",),
        )
        kinds.append(
            RiskKind(
                code=code_text(each["code"], where),
                family=families[choice(each["family"], list(families), where, "family")],
                name=translated(each["name"], where, "name"),
                meaning=translated(each["meaning"], where, "meaning"),
                source=each["source"],
                claims=text_list(each.get("claims", []), where, "claims"),
            )
        )
    unique([each.code for each in kinds], f"{file}, risk")
    return tuple(kinds)
