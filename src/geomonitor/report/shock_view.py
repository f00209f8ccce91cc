"""What every block on shocks needs: scenarios, economies in focus, their partners, and names."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from geomonitor.codes import resolve_importer
from geomonitor.errors import UnknownCodeError
from geomonitor.report.blocks import Block
from geomonitor.report.choices import Choice, chosen_json, chosen_keys
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import DataTable
from geomonitor.report.figures.style import PlainFigure
from geomonitor.report.language import OTHER, texts

__all__ = ["WORLD", "ShockView", "State", "kept_choices", "states_of"]

WORLD = "WORLD"
"""Code of all economies together."""

# the question of the letter; another edition names its own in its record
_MAIN = "eu-china-25pp"
# how the scenarios that ship with Geomonitor cite it
_LETTER = "letter to parliament of 13 January 2023"
# scenarios that a reader can choose in the figures with many states; the comparison has them all
_CHOSEN = 8
_ARTICLE = re.compile(r"^(the|de|het) ")
_SIZED_END = re.compile(r"-\d+(?:\.\d+)?pp$")
# changes of real income below this are none
_NO_EFFECT = 5e-6
_SIZED = re.compile(r"(.+)-(\d+(?:\.\d+)?)pp")

State = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class ShockView:
    """The shocks of an edition as the report shows them.

    Attributes
    ----------
    content : Content
    changes : polars.DataFrame
        The table of shocks, with the groups behind it.
    scenarios : mapping of str to str
        Names by code, the main scenario first.
    focus : tuple of str
        Economies and groups that the edition is about.
    partners : tuple of str
        With whom the main scenario changes their trade.
    """

    content: Content
    changes: pl.DataFrame
    scenarios: Mapping[str, str]
    focus: tuple[str, ...]
    partners: tuple[str, ...]

    @classmethod
    def of(cls, content: Content) -> ShockView | None:
        """Take the shocks of an edition; none where it has no table of them."""
        table = content.tables["shocks"]
        if table.is_empty():
            return None
        groups = content.tables["shock_groups"]
        changes = table
        if groups.height:
            kept = [name for name in groups.columns if name in table.columns]
            changes = pl.concat([table, groups.select(kept)], how="diagonal_relaxed")
        named = dict(
            table.select("scenario", f"name_{content.language.code}")
            .unique("scenario", maintain_order=True)
            .iter_rows()
        )
        record = content.record.get("shocks") or {}
        main = str(record.get("main") or _MAIN)
        main = main if main in named else next(iter(named))
        present = set(changes["economy"])
        asked = record.get("focus") or [each.code for each in content.in_full]
        focus = tuple(dict.fromkeys(code for code in asked if code in present))
        hit = table.filter(pl.col("scenario") == main, pl.col("in_scenario"))["economy"].to_list()
        # an edition without a focus is about those that are hit
        focus = focus or tuple(hit[:2]) or tuple(table["economy"].head(1))
        return cls(
            content=content,
            changes=changes,
            scenarios={main: named[main], **named},
            focus=focus,
            partners=_partners(content, main, focus, hit),
        )

    @property
    def record(self) -> Mapping[str, Any]:
        """What the edition says of its shocks."""
        found: Mapping[str, Any] = self.content.record.get("shocks") or {}
        return found

    @property
    def main(self) -> str:
        """Code of the main scenario."""
        return next(iter(self.scenarios))

    @functools.cached_property
    def _rows(self) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        return {(row["scenario"], row["economy"]): row for row in self.changes.iter_rows(named=True)}

    @functools.cached_property
    def _fans(self) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        table = self.content.tables["shock_fan"]
        return {(row["scenario"], row["economy"]): row for row in table.iter_rows(named=True)}

    def row(self, scenario: str, economy: str) -> Mapping[str, Any] | None:
        """Give the changes of one economy under one scenario."""
        return self._rows.get((scenario, economy))

    def fan(self, scenario: str, economy: str) -> Mapping[str, Any] | None:
        """Give the spread of one economy under one scenario."""
        found = self._fans.get((scenario, economy))
        return None if found is None or found["q50"] is None else found

    def income(self, scenario: str, economy: str) -> float | None:
        """Give the change of real income of one economy under one scenario."""
        row = self.row(scenario, economy)
        return None if row is None else row["real_income_change"]

    def importer(self, code: str) -> ShownImporter | None:
        """Give the importer of a code."""
        return next((each for each in self.content.in_full if each.code == code), None)

    @functools.cached_property
    def groups(self) -> frozenset[str]:
        """Codes in the tables that stand for several economies."""
        importers = (each.code for each in self.content.in_full if len(each.members) > 1)
        return frozenset({WORLD, *self.content.tables["shock_groups"]["economy"], *importers})

    def is_group(self, code: str) -> bool:
        """Say whether a code stands for several economies."""
        return code in self.groups

    def members(self, code: str) -> tuple[str, ...]:
        """Give the economies that a code stands for; none where the group is not known here."""
        if not self.is_group(code):
            return (code,)
        importer = self.importer(code)
        if importer is not None:
            return importer.members
        try:
            return resolve_importer(code, extra=self.content.language.groups).members
        except UnknownCodeError:
            # a group of somebody's own
            return ()

    def spoken(self, code: str) -> str:
        """Name an economy or group as a sentence does."""
        say = self.content.language
        if code == WORLD:
            return say.say("shocks.world")
        if code == OTHER or f"region.{code}" in texts():
            return say.economy(code)
        try:
            return say.importer(code)
        except UnknownCodeError:
            # a code of somebody's own calibration
            return code

    def label(self, code: str) -> str:
        """Name an economy or group in a figure or table."""
        if not self.is_group(code):
            try:
                return self.content.language.economy(code)
            except UnknownCodeError:
                return code
        spoken = _ARTICLE.sub("", self.spoken(code))
        return spoken[:1].upper() + spoken[1:]

    @functools.cached_property
    def economies(self) -> tuple[str, ...]:
        """Single economies, the hardest hit under the main scenario first."""
        table = self.changes.filter(
            pl.col("scenario") == self.main, ~pl.col("economy").is_in(sorted(self.groups))
        )
        return tuple(table.sort(["real_income_change", "economy"], nulls_last=True)["economy"])

    @functools.cached_property
    def curve(self) -> pl.DataFrame:
        """Give real income over the size of the tariff, of the family of the main scenario."""
        table = self.content.tables["shock_curve"].drop_nulls("real_income_change")
        families = table["family"].unique(maintain_order=True).to_list()
        own = {
            each["family"]
            for each in self.record.get("curves", ())
            if _SIZED_END.sub("", each["scenario"]) == _SIZED_END.sub("", self.main)
        }
        return table.filter(pl.col("family").is_in(sorted(own) or families[:1]))

    def compared(self, most: int) -> tuple[str, ...]:
        """Choose economies to set side by side: in focus, partners, then the hardest hit."""
        return tuple(dict.fromkeys((*self.focus, *self.partners[:2], *self.economies)))[:most]

    @functools.cached_property
    def chosen(self) -> tuple[str, ...]:
        """Scenarios that a reader can choose: other sizes of the main one are in the curve."""
        sized = _SIZED.fullmatch(self.main)
        curve = not self.content.tables["shock_curve"].is_empty()

        def other_size(code: str) -> bool:
            found = _SIZED.fullmatch(code)
            return bool(curve and sized and found and found[1] == sized[1] and code != self.main)

        return tuple(code for code in self.scenarios if not other_size(code))[:_CHOSEN]

    @functools.cached_property
    def _described(self) -> Mapping[str, Mapping[str, Any]]:
        return {each["code"]: each for each in self.record.get("scenarios", ())}

    def kinds(self, scenario: str) -> frozenset[str]:
        """Kinds of changes that a scenario makes, as the record has them."""
        changes = self._described.get(scenario, {}).get("changes", ())
        return frozenset(str(each["kind"]) for each in changes)

    def of_the_letter(self, scenario: str) -> bool:
        """Say whether a scenario was taken from the letter: its words are about no other."""
        return str(self._described.get(scenario, {}).get("source", "")).startswith(_LETTER)

    def about(self, scenario: str) -> str:
        """Say what a scenario changes; empty where the record does not have it."""
        text = self._described.get(scenario, {}).get("about") or {}
        return str(text.get(self.content.language.code) or "")

    @functools.cached_property
    def _unlinked(self) -> Mapping[tuple[str, str], float | None]:
        table = self.content.tables["shock_links"].filter(pl.col("links") == "none")
        rows = table.select("scenario", "economy", "real_income_change").iter_rows()
        return {(scenario, economy): change for scenario, economy, change in rows}

    def income_without_links(self, scenario: str, economy: str) -> float | None:
        """Give the change of real income in a model whose sectors buy no inputs."""
        return self._unlinked.get((scenario, economy))

    def links_ratio(self, scenario: str, economy: str) -> float | None:
        """Give the change of real income with links between sectors in times that without."""
        whole, without = self.income(scenario, economy), self.income_without_links(scenario, economy)
        if whole is None or without is None or abs(without) < _NO_EFFECT or whole * without < 0:
            # where effects cancel, a ratio says nothing
            return None
        return whole / without

    def scenario_choice(self, only: Iterable[str] | None = None) -> Choice:
        """Make the select box of scenarios."""
        present = set(self.chosen if only is None else only)
        codes = [code for code in self.chosen if code in present]
        options = tuple((code, self.scenarios[code]) for code in codes)
        return Choice(self.content.language.say("shocks.choose_scenario"), options)

    def economy_choice(self, codes: Sequence[str]) -> Choice:
        """Make the select box of economies."""
        options = tuple((code, self.label(code)) for code in codes)
        return Choice(self.content.language.say("shocks.choose_economy"), options)

    def block(
        self,
        anchor: str,
        title: str,
        note: str,
        choices: Sequence[Choice],
        figures: Mapping[str, PlainFigure],
        readings: Mapping[str, str],
        table: DataTable,
        *,
        narrow: PlainFigure | None = None,
    ) -> Block:
        """Put a figure of one or more states together with its select boxes, what it says, and its table."""
        first = next(iter(figures))
        reading = readings[first]
        return Block(
            anchor=f"shocks-{anchor}",
            title=title,
            note=note,
            description=f"{title}. {reading} {self.content.language.say('word.see_table')}",
            figure=chosen_json(figures, readings, narrow=narrow),
            table=table,
            height=int(figures[first]["layout"]["height"]),
            choices=kept_choices(choices),
            reading=reading,
        )


def kept_choices(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """Leave out select boxes with one option: they are no choice."""
    return tuple(each for each in choices if len(each.options) > 1)


def states_of(choices: Sequence[Choice]) -> list[State]:
    """Give the key of every state that a reader can choose, with the value of every choice, kept or not.

    Examples
    --------
    >>> states_of([Choice("Economy", (("NLD", "NL"),)), Choice("Scenario", (("a", "A"), ("b", "B")))])
    [('a', ('NLD', 'a')), ('b', ('NLD', 'b'))]
    """
    kept = kept_choices(choices)
    found = []
    for key, values in chosen_keys(kept):
        left = iter(values)
        whole = tuple(next(left) if each in kept else each.options[0][0] for each in choices)
        found.append((key, whole))
    return found


def _partners(content: Content, main: str, focus: Sequence[str], hit: Sequence[str]) -> tuple[str, ...]:
    """Name with whom the main scenario changes trade: as the record has it, else those hit elsewhere."""
    record = content.record.get("shocks") or {}
    named = (record.get("counterparts") or {}).get(main)
    if named is not None:
        listed = [code for each in focus for code in str(named.get(each, "")).split(";") if code]
        return tuple(dict.fromkeys(code for code in listed if code not in focus))
    home = {code for each in content.in_full for code in (*each.home, each.code)}
    return tuple(code for code in hit if code not in home and code != WORLD)
