"""Kinds of policy options, for the third step of a case."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geomonitor.register.facts.reading import (
    FILES,
    catalogue,
    choice,
    code_text,
    translated,
    translated_lists,
    unique,
)

__all__ = ["OPTION_LEVELS", "OptionKind", "load_option_kinds", "option_kinds"]

OPTION_LEVELS = ("firm", "national", "eu")


@dataclass(frozen=True, slots=True)
class OptionKind:
    """A kind of policy option.

    Attributes
    ----------
    code : str
    name, does : mapping of str to str
        What it is called and what it does, by language.
    usual_level : str
        'firm', 'national' or 'eu'.
    lead_time_months : tuple of int
        Shortest and longest, as an indication.
    cost_questions, benefit_questions : mapping of str to tuple of str
        What to ask, by language.
    """

    code: str
    name: Mapping[str, str]
    does: Mapping[str, str]
    usual_level: str
    lead_time_months: tuple[int, int]
    cost_questions: Mapping[str, tuple[str, ...]]
    benefit_questions: Mapping[str, tuple[str, ...]]


@functools.cache
def option_kinds() -> tuple[OptionKind, ...]:
    """Give the kinds of options that ship with Geomonitor.

    Examples
    --------
    >>> option_kinds()[0].code
    'do_nothing'
    """
    return load_option_kinds()


def load_option_kinds(path: str | Path | None = None) -> tuple[OptionKind, ...]:
    """Read kinds of options.

    Parameters
    ----------
    path : path, optional
        TOML file to use in place of the one that ships.

    Raises
    ------
    DataError
        If an entry is not valid; the message names file, entry and key.
    """
    raw, file = catalogue("option_kinds.toml", path)
    FILES.checked(raw, {"version": str, "date": datetime.date, "source": str, "option": list}, file)
    kinds = []
    for number, each in enumerate(raw["option"], start=1):
        where = f"{file}, option {number}"
        FILES.checked(
            each,
            {
                "code": str,
                "name": dict,
                "does": dict,
                "usual_level": str,
                "lead_time_months": list,
                "cost_questions": dict,
                "benefit_questions": dict,
            },
            where,
        )
        kinds.append(
            OptionKind(
                code=code_text(each["code"], where),
                name=translated(each["name"], where, "name"),
                does=translated(each["does"], where, "does"),
                usual_level=choice(each["usual_level"], OPTION_LEVELS, where, "usual_level"),
                lead_time_months=_months(each["lead_time_months"], where),
                cost_questions=translated_lists(each["cost_questions"], where, "cost_questions"),
                benefit_questions=translated_lists(each["benefit_questions"], where, "benefit_questions"),
            )
        )
    unique([each.code for each in kinds], f"{file}, option")
    return tuple(kinds)


def _months(raw: list[Any], where: str) -> tuple[int, int]:
    if len(raw) != 2 or any(type(each) is not int or each < 0 for each in raw) or raw[0] > raw[1]:
        raise FILES.wrong(
            f"{raw!r} is not a range of months.", where, "lead_time_months", "shortest and longest: [6, 24]"
        )
    return raw[0], raw[1]
