"""What every block on raw materials needs: names, thresholds, and the materials that a reader can choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from geomonitor.data import sources
from geomonitor.report.blocks import Block
from geomonitor.report.choices import Choice, chosen_json
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import DataTable
from geomonitor.report.figures.style import PlainFigure
from geomonitor.report.material_names import MaterialNames
from geomonitor.report.material_sentences import MaterialRules

__all__ = ["STAGES", "MaterialView", "capital", "chosen_block", "source_title", "with_bounds"]

STAGES = ("extraction", "processing")


@dataclass(frozen=True, slots=True)
class MaterialView:
    """What every block needs: the edition, names, thresholds, and the materials that a reader can choose.

    Attributes
    ----------
    content : Content
    names : MaterialNames
    rules : MaterialRules
    chosen : tuple of str
        Codes, by name.
    """

    content: Content
    names: MaterialNames
    rules: MaterialRules
    chosen: tuple[str, ...]

    def importer_name(self, importer: ShownImporter) -> str:
        """Name an importer, with its home only where another importer has the same name."""
        say = self.content.language
        same = sum(each.code == importer.code for each in self.content.in_full)
        return say.importer(importer.code) if same == 1 else importer.name

    def stages_of(self, code: str) -> list[str]:
        """Stages at which a material is known."""
        table = self.content.tables["material_stages"].filter(pl.col("material") == code)
        return [stage for stage in STAGES if stage in set(table["stage"])]

    @property
    def basis(self) -> str:
        """What shares are of: ``production`` where any stage has it, else ``trade``."""
        bases = self.content.tables["material_stages"]["basis"].to_list()
        return "production" if "production" in bases else "trade"

    def pairs(self) -> list[tuple[str, str]]:
        """Materials and their stages."""
        return [(code, stage) for code in self.chosen for stage in self.stages_of(code)]


def chosen_block(
    view: MaterialView,
    anchor: str,
    title: str,
    note: str,
    choices: Sequence[Choice],
    figures: Mapping[str, PlainFigure],
    readings: Mapping[str, str],
    table: DataTable,
    *,
    narrow: PlainFigure | None = None,
    titles: Mapping[str, str] | None = None,
) -> Block:
    """Put a figure of several states together with its select boxes, what each says, and its table."""
    # one option is no choice
    real = [len(each.options) > 1 for each in choices]

    def kept(key: str) -> str:
        parts = zip(key.split("|"), real, strict=True)
        return "|".join(part for part, choosable in parts if choosable)

    figures = {kept(key): each for key, each in figures.items()}
    readings = {kept(key): each for key, each in readings.items()}
    titles = {kept(key): each for key, each in titles.items()} if titles else None
    first = next(iter(figures))
    reading = readings[first]
    return Block(
        anchor=anchor,
        title=title,
        note=note,
        description=f"{title}. {reading} {view.content.language.say('word.see_table')}",
        figure=chosen_json(figures, readings, narrow=narrow, titles=titles),
        table=table,
        height=int(figures[first]["layout"]["height"]),
        choices=tuple(each for each, choosable in zip(choices, real, strict=True) if choosable),
        reading=reading,
    )


def source_title(content: Content, name: str) -> str:
    """Name a source by its title, where it is one of the registry, a method or the data of the edition."""
    record = content.record
    if name == record["dataset"].get("name"):
        return str(record["dataset"]["title"])
    about = record.get("materials") or {}
    for each in about.get("methods", ()):
        if each["id"] == name:
            return str(each["title"][content.language.code])
    for each in about.get("tables", ()):
        if each["name"] == name and each.get("title"):
            return str(each["title"])
    return {each.id: each.title for each in sources()}.get(name, name)


def capital(text: str) -> str:
    """Begin a text with a capital."""
    return text[:1].upper() + text[1:]


def with_bounds(view: MaterialView, row: Mapping[str, Any]) -> str:
    """Write a supply risk with its bounds."""
    say = view.content.language
    value, low, high = row["supply_risk"], row["supply_risk_low"], row["supply_risk_high"]
    if low is None or high is None or high - low < 0.005:
        return say.say("word.unknown") if value is None else say.number(value, 2)
    bounds = f"{say.number(low, 2)}–{say.number(high, 2)}"
    return bounds if value is None else f"{say.number(value, 2)} ({bounds})"
