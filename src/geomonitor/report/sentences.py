"""Key findings in plain sentences; every number comes from a table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import polars as pl

from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.language import short_name
from geomonitor.report.material_sentences import material_finding

__all__ = ["KeyFigure", "Summary", "key_findings"]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One number at the top of the brief.

    Attributes
    ----------
    value, label : str
    """

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What the brief says first of one importer.

    Attributes
    ----------
    importer : ShownImporter
    figures : tuple of KeyFigure
    sentences : tuple of str
    """

    importer: ShownImporter
    figures: tuple[KeyFigure, ...]
    sentences: tuple[str, ...]


def key_findings(content: Content, importer: ShownImporter) -> Summary:
    """Sum up one importer.

    Parameters
    ----------
    content : Content
    importer : ShownImporter

    Returns
    -------
    Summary
    """
    say = content.language
    screened = content.of_importer("products", importer)
    dependent = content.dependent(importer)
    total, count = screened.height, dependent.height
    value = _sum(dependent, "extra_import_value_kusd") / content.years_in_period
    all_value = _sum(screened, "extra_import_value_kusd") / content.years_in_period
    value_share = value / all_value if all_value else None
    opens = screened.filter(pl.col("dependent").is_null()).height
    strategic = dependent.filter(pl.col("strategic").fill_null(value=False))

    figures = [
        KeyFigure(say.number(count), say.say("key.dependent_of", total=say.number(total))),
        KeyFigure(say.share(value_share, _decimals(value_share)), say.say("key.value_share")),
        KeyFigure(say.number(strategic.height), say.say("key.strategic")),
    ]
    sentences = [
        say.say(
            "finding.count" if count else "finding.count_none",
            importer=importer.name,
            number=say.number(count),
            total=say.number(total),
            period=content.period_text,
        )
    ]
    if count:
        sentences.append(say.say("finding.value", value=say.money(value), share=say.share(value_share, 1)))
        sentences.append(_suppliers(content, dependent))
        sentences.append(_strategic(content, strategic, count))
    sentences += _trend(content, importer)
    stable = _stable(dependent)
    if stable is not None:
        held, checked = stable
        figures.append(KeyFigure(f"{say.number(held)}/{say.number(checked)}", say.say("key.stable")))
        sentences.append(say.say("finding.stable", held=say.number(held), checked=say.number(checked)))
    if opens:
        sentences.append(say.count("finding.open", opens))
    sentences += _benefits(content, importer, screened)
    materials = material_finding(content, importer)
    if materials is not None:
        sentences.append(materials)
    return Summary(importer, tuple(figures), tuple(sentences))


def _sum(table: pl.DataFrame, column: str) -> float:
    return float(table[column].fill_null(0).sum())


def _suppliers(content: Content, dependent: pl.DataFrame) -> str:
    say = content.language
    counted = Counter(dependent["main_supplier"].drop_nulls().to_list())
    ranked = sorted(counted, key=lambda code: (-counted[code], say.economy(code)))
    first, rest = ranked[0], ranked[1:4]
    text = say.count("finding.main_supplier", counted[first], supplier=say.economy(first))
    if rest:
        others = say.listing(f"{say.economy(code)} ({say.number(counted[code])})" for code in rest)
        text = f"{text}{say.say('finding.next_suppliers', suppliers=others)}"
    return f"{text}."


def _strategic(content: Content, strategic: pl.DataFrame, count: int) -> str:
    say = content.language
    if strategic.is_empty():
        return say.say("finding.strategic_none", total=say.number(count))
    listed = say.listing(short_name(name or code, 40) for code, name in strategic.select(
        "product", "product_name").head(3).iter_rows())  # fmt: skip
    text = say.count("finding.strategic", strategic.height, total=say.number(count), products=listed)
    if "substitutable" in strategic.columns:
        unjudged = strategic["substitutable"].is_null().sum()
        if unjudged == strategic.height:
            text = f"{text} {say.say('finding.unjudged_all')}"
        elif unjudged:
            text = f"{text} {say.count('finding.unjudged', int(unjudged))}"
    return text


def _trend(content: Content, importer: ShownImporter) -> list[str]:
    say = content.language
    churn = content.of_importer("churn", importer).sort("year")
    if churn.height < 2:
        return []
    first, last = churn.row(0, named=True), churn.row(-1, named=True)
    texts = [
        say.say(
            "finding.trend",
            first=first["year"],
            first_count=say.number(first["dependent_count"]),
            last=last["year"],
            last_count=say.number(last["dependent_count"]),
        )
    ]
    before = churn.with_columns(before=pl.col("dependent_count").shift(1)).filter(
        pl.col("went").is_not_null()
    )
    stood, gone = _sum(before, "before"), _sum(before, "went")
    if stood:
        texts.append(say.say("finding.churn", share=say.share(gone / stood)))
    return [" ".join(texts)]


def _decimals(share: float | None) -> int:
    """Keep small shares from being written as nothing."""
    return 1 if share is not None and share < 0.1 else 0


def _stable(dependent: pl.DataFrame) -> tuple[int, int] | None:
    if "stability" not in dependent.columns:
        return None
    known = dependent["stability"].drop_nulls()
    if known.is_empty():
        return None
    return int((known >= 1.0).sum()), len(known)


def _benefits(content: Content, importer: ShownImporter, screened: pl.DataFrame) -> list[str]:
    """Say what stands beside the risk: trade without dependence, and dependence the other way."""
    say = content.language
    texts = []
    rest = screened.filter(pl.col("dependent").eq(other=False).fill_null(value=False))
    if rest.height:
        value = _sum(rest, "extra_import_value_kusd") / content.years_in_period
        texts.append(say.count("finding.rest", rest.height, value=say.money(value)))
    back = content.of_importer("relations", importer).filter(pl.col("direction") == "of counterpart")
    if back.height:
        counted = Counter(back["counterpart"].to_list())
        ranked = sorted(counted, key=lambda code: (-counted[code], say.economy(code)))[:3]
        listed = say.listing(f"{say.economy(code)} ({say.number(counted[code])})" for code in ranked)
        texts.append(say.say("finding.back", importer=importer.name, counterparts=listed))
    return texts
