"""The part of the brief on shocks."""

from __future__ import annotations

from dataclasses import dataclass

from geomonitor.report.blocks import Block
from geomonitor.report.content import Content
from geomonitor.report.shock_assumptions import Assumption, assumptions_of
from geomonitor.report.shock_blocks import comparison_block, curve_block, direct_block, map_block
from geomonitor.report.shock_letter import LetterRow, letter_rows
from geomonitor.report.shock_sector_blocks import grid_block, output_block, price_block
from geomonitor.report.shock_sentences import (
    Headline,
    headlines,
    incomes,
    limits,
    notes,
    offset_sentence,
    world_sentence,
)
from geomonitor.report.shock_spread_blocks import elasticity_block, fan_block, trade_block
from geomonitor.report.shock_view import ShockView

__all__ = ["ShockPart", "shock_part"]


@dataclass(frozen=True, slots=True)
class ShockPart:
    """The whole part.

    Attributes
    ----------
    sentences : tuple of str
        The main scenario in short.
    headlines : tuple of Headline
        Numbers that stand out, by economy in focus, each with its spread.
    scenarios : tuple of (str, str)
        Name of each, and what it changes.
    assumptions : tuple of Assumption
        Of every run.
    some_assumptions : tuple of (str, tuple of Assumption)
        Of some scenarios only, with their names.
    letter : tuple of LetterRow
    notes, limits : tuple of str
        How to read the numbers, and what the model cannot say.
    blocks : tuple of Block
    """

    sentences: tuple[str, ...]
    headlines: tuple[Headline, ...]
    scenarios: tuple[tuple[str, str], ...]
    assumptions: tuple[Assumption, ...]
    some_assumptions: tuple[tuple[str, tuple[Assumption, ...]], ...]
    letter: tuple[LetterRow, ...]
    notes: tuple[str, ...]
    limits: tuple[str, ...]
    blocks: tuple[Block, ...]


def shock_part(content: Content) -> ShockPart | None:
    """Make the part on shocks; none where the edition does not have its table.

    Parameters
    ----------
    content : Content

    Returns
    -------
    ShockPart or None
    """
    view = ShockView.of(content)
    if view is None:
        return None
    say = content.language
    common, some = assumptions_of(view)
    makers = (
        map_block, comparison_block, curve_block, direct_block, price_block, grid_block, output_block,
        trade_block, fan_block, elasticity_block,
    )  # fmt: skip
    blocks = (make(view) for make in makers)
    summary = say.say("shocks.summary", scenario=view.scenarios[view.main], incomes=incomes(view, view.main))
    return ShockPart(
        sentences=tuple(each for each in (summary, world_sentence(view), offset_sentence(view)) if each),
        headlines=tuple(headlines(view)),
        scenarios=tuple((name, view.about(code)) for code, name in view.scenarios.items()),
        assumptions=tuple(common),
        some_assumptions=tuple((names, tuple(found)) for names, found in some),
        letter=tuple(letter_rows(view)),
        notes=tuple(notes(view)),
        limits=tuple(limits(view)),
        blocks=tuple(each for each in blocks if each is not None),
    )
