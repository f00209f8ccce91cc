"""Shocks of an edition: one scenario in figures, and two side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from geomonitor.report.blocks import Block
from geomonitor.report.content import Content
from geomonitor.report.datatable import Column, DataTable
from geomonitor.report.shock_part import ShockPart, shock_part
from geomonitor.report.shock_view import ShockView
from geomonitor.web.evidence.contents import of_edition
from geomonitor.web.evidence.shown import provenance
from geomonitor.web.language import say
from geomonitor.web.studies.pages import answer, case_address, figure, kept, tables_of
from geomonitor.web.studies.parameters import Asked
from geomonitor.web.words import NotThereError

__all__ = [
    "ShockPage",
    "focus_options",
    "only_scenarios",
    "shock_page",
    "shock_unit_of",
    "shocks",
    "side_by_side",
]

_NAMES = ("scenario", "compare", "economy")
# scenarios that differ in size only are one family, and one curve
_SIZED_END = re.compile(r"-\d+(?:\.\d+)?pp$")


@dataclass(frozen=True, slots=True)
class ShockPage:
    """What the page shows of a scenario, and of a second one beside it.

    Attributes
    ----------
    part : ShockPart
        Of the scenario, as the brief has it.
    figures : tuple of (Block, str)
        Each with the key of its unit.
    beside : DataTable or None
        Both scenarios by economy.
    """

    part: ShockPart
    figures: tuple[tuple[Block, str], ...]
    beside: DataTable | None


def only_scenarios(content: Content, scenarios: Sequence[str], economy: str = "") -> Content:
    """Take an edition as if it had some of its scenarios only, the first as the main one.

    Parameters
    ----------
    content : Content
    scenarios : sequence of str
    economy : str
        The only one in focus; those of the edition where empty.
    """
    tables = {
        name: table.filter(pl.col("scenario").is_in(list(scenarios)))
        if name.startswith("shock") and "scenario" in table.columns
        else table
        for name, table in content.tables.items()
    }
    about = content.record.get("shocks") or {}
    curves = {
        each["family"]
        for each in about.get("curves", ())
        if _SIZED_END.sub("", each["scenario"]) in {_SIZED_END.sub("", code) for code in scenarios}
    }
    tables["shock_curve"] = tables["shock_curve"].filter(pl.col("family").is_in(sorted(curves)))
    order = {code: place for place, code in enumerate(scenarios)}
    tables["shocks"] = tables["shocks"].sort(
        pl.col("scenario").replace_strict(order, default=len(order), return_dtype=pl.Int64),
        maintain_order=True,
    )
    about = {**about, "main": scenarios[0]}
    if economy:
        about["focus"] = [economy]
    return replace(content, tables=tables, record={**content.record, "shocks": about})


def shock_page(content: Content, scenario: str, beside: str, economy: str) -> ShockPage | None:
    """Prepare the page; none where the edition has no shocks.

    Parameters
    ----------
    content : Content
    scenario : str
    beside : str
        A second one; empty for none.
    economy : str
        In focus; empty for those of the edition.
    """
    part = shock_part(only_scenarios(content, (scenario,), economy))
    if part is None:
        return None
    figures = [(block, shock_unit_of(block)) for block in part.blocks]
    table = None
    if beside:
        both = only_scenarios(content, (scenario, beside), economy)
        view, whole = ShockView.of(both), shock_part(both)
        assert view is not None
        assert whole is not None
        table = side_by_side(view, (scenario, beside))
        found = [each for each in whole.blocks if each.anchor == "shocks-comparison"]
        figures = [*((block, shock_unit_of(block)) for block in found), *figures]
    return ShockPage(part, tuple(figures), table)


def shock_unit_of(block: Block) -> str:
    """Give the key of the unit of a figure on shocks."""
    units = {
        "direct": "price_change",
        "prices": "price_change",
        "grid": "price_change",
        "output": "output_change",
        "trade": "trade_value",
    }
    return units.get(block.anchor.removeprefix("shocks-"), "income_change")


def side_by_side(view: ShockView, scenarios: Sequence[str]) -> DataTable:
    """Set scenarios side by side: real income, and what reaches buyers, by economy.

    Parameters
    ----------
    view : ShockView
    scenarios : sequence of str
    """
    language = view.content.language
    codes = list(dict.fromkeys((*view.focus, *view.economies)))
    rows: list[tuple[Any, ...]] = []
    for code in codes:
        found = [view.row(scenario, code) for scenario in scenarios]
        incomes = [None if row is None else row["real_income_change"] for row in found]
        prices = [None if row is None else row["total_price_change"] for row in found]
        pairs = [value for pair in zip(incomes, prices, strict=True) for value in pair]
        first, last = incomes[0], incomes[-1]
        more = None if first is None or last is None else last - first
        rows.append((view.label(code), *pairs, more if len(scenarios) == 2 else None))
    columns = [Column(language.say("column.economy"))]
    for scenario in scenarios:
        name = view.scenarios[scenario]
        columns += [
            Column(say(language, "shocks_page.income_of", scenario=name), "income_change"),
            Column(say(language, "shocks_page.prices_of", scenario=name), "change"),
        ]
    if len(scenarios) == 2:
        columns.append(Column(say(language, "shocks_page.difference"), "income_change"))
    else:
        rows = [row[:-1] for row in rows]
    return DataTable.of(say(language, "shocks_page.beside_table"), columns, rows)


def focus_options(view: ShockView) -> list[tuple[str, str]]:
    """Give the economies and groups that can stand in focus: those with figures by sector."""
    sectors = set(view.content.tables["shock_sectors"]["economy"])
    codes = dict.fromkeys((*view.focus, *sorted(sectors, key=view.label)))
    return [(code, view.label(code)) for code in codes]


@require_safe
@of_edition
def shocks(request: HttpRequest, content: Content) -> HttpResponse:
    """Show a scenario of the edition, alone or beside another."""
    asked = Asked(request.GET, _NAMES)
    view = ShockView.of(content)
    title = say(None, "shocks_page.title")
    about = provenance(content)
    if view is None:
        return answer(
            request, "shocks.html", {"content": content, "page": None}, asked=asked, tables={},
            title=title, provenance=about,
        )  # fmt: skip
    codes = tuple(view.scenarios)
    economies = focus_options(view)
    scenario = asked.choice("scenario", codes, view.main)
    beside = asked.choice("compare", codes)
    economy = asked.choice("economy", [code for code, _ in economies])
    if beside == scenario:
        raise NotThereError(
            say(None, "shocks_page.same_twice"),
            where="compare",
            expected=", ".join(code for code in codes if code != scenario),
        )
    page = kept(shock_page, content, scenario, beside, economy)
    assert page is not None  # the edition has shocks
    calibration = (content.record.get("shocks") or {}).get("calibration") or {}
    figures = [
        figure(
            content, block, asked, unit=unit, source=str(calibration.get("citation") or calibration["name"]),
            date=str(calibration.get("year") or "–"),
        )
        for block, unit in page.figures
    ]  # fmt: skip
    focus = economy or view.focus[0]
    context = {
        "content": content,
        "page": page,
        "scenario": scenario,
        "scenario_name": view.scenarios[scenario],
        "scenario_about": view.about(scenario),
        "scenarios": list(view.scenarios.items()),
        "others": [(code, name) for code, name in view.scenarios.items() if code != scenario],
        "economies": economies,
        "figures": figures,
        "new_case": case_address(
            content, "economy", focus, view.label(focus), importer=focus,
            counterpart=view.partners[0] if view.partners else "",
        ),
    }  # fmt: skip
    beside_table = [("beside", page.beside)] if page.beside is not None else []
    return answer(
        request,
        "shocks.html",
        context,
        asked=asked,
        tables=tables_of(*figures, *beside_table),
        title=title,
        provenance=about,
    )
