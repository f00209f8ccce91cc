"""What a reader asks of the table of dependencies: thresholds, filters, order and page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from geomonitor.codes import chapter_name
from geomonitor.dependency import INDICATORS
from geomonitor.report.content import Content, ShownImporter
from geomonitor.web.evidence.contents import among, chosen_importer, importer_key, unknown_value
from geomonitor.web.evidence.folding import folded
from geomonitor.web.evidence.kept import Kept
from geomonitor.web.evidence.recompute import (
    NotRecomputableError,
    dataset_of,
    edition_specification,
    edition_table,
    recomputed,
)
from geomonitor.web.evidence.thresholds import PREFIX, Slider, asked_thresholds, sliders
from geomonitor.web.language import say
from geomonitor.web.words import WrongRequestError

__all__ = [
    "PAGE_ROWS",
    "VERDICTS",
    "Asked",
    "Found",
    "asked_of",
    "found_for",
    "options_of",
    "refusal",
]

PAGE_ROWS = 25
"""Rows on a page of the table."""

VERDICTS = ("dependent", "open", "not", "changed", "all")
"""Values of the filter on verdicts; the first is the default."""

_OPTIONS: Kept[dict[str, dict[str, str]]] = Kept(64)
_LONGEST_TEXT = 100

# sort key in the URL: column of the table
_SORTED = {
    "product": "product",
    "name": "product_name",
    "verdict": "dependent",
    "strategic": "strategic",
    "supplier": "main_supplier_name",
    "share": "main_supplier_share",
    "value": "extra_import_value_kusd",
    "distance": "margin",
    **{name: name for name in INDICATORS if name != "domestic_use_kusd"},
    "domestic_use_kusd": "domestic_use_lower_kusd",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the URL of the page asks for, checked.

    Attributes
    ----------
    importer : ShownImporter
    importer_key, method, verdict, supplier, interest, chapter, text, sort : str
        Empty where nothing is asked; `sort` has a hyphen before it for the largest first.
    strategic : bool
        Whether only strategic dependencies are wanted.
    page : int
        From 1.
    thresholds : mapping of str to float
        Only those that differ from the edition's own.
    """

    importer: ShownImporter
    importer_key: str
    method: str
    verdict: str
    supplier: str
    interest: str
    chapter: str
    text: str
    sort: str
    strategic: bool
    page: int
    thresholds: Mapping[str, float] = field(default_factory=dict)

    def query(self, content: Content, **changes: Any) -> dict[str, str]:
        """Give the shortest query that asks the same, with changes; defaults are left out.

        Parameters
        ----------
        content : Content
        **changes
            Other values of attributes.
        """
        asked = replace(self, **changes)
        first = importer_key(content, content.importers[0])
        values = {
            "importer": "" if asked.importer_key == first else asked.importer_key,
            "method": "" if asked.method == content.main_method["id"] else asked.method,
            "verdict": "" if asked.verdict == VERDICTS[0] else asked.verdict,
            "supplier": asked.supplier,
            "interest": asked.interest,
            "chapter": asked.chapter,
            "strategic": "yes" if asked.strategic else "",
            "q": asked.text,
            **{f"{PREFIX}{name}": f"{value:.10g}" for name, value in sorted(asked.thresholds.items())},
            "sort": asked.sort,
            "page": "" if asked.page == 1 else str(asked.page),
        }
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Found:
    """The products that were asked for.

    Attributes
    ----------
    table : polars.DataFrame
        Every row that the filters leave, in order.
    whole : polars.DataFrame
        Every product of the importer under the method.
    sliders : tuple of Slider
    modified : tuple of str
        Which thresholds differ from the published ones, and how.
    came, went : polars.DataFrame
        Products whose verdict differs from that of the edition.
    refused : str
        Why thresholds cannot be moved; empty where they can.
    """

    table: pl.DataFrame
    whole: pl.DataFrame
    sliders: tuple[Slider, ...]
    modified: tuple[str, ...]
    came: pl.DataFrame
    went: pl.DataFrame
    refused: str

    def page(self, number: int) -> pl.DataFrame:
        """Give the rows of a page."""
        return self.table.slice((number - 1) * PAGE_ROWS, PAGE_ROWS)

    @property
    def pages(self) -> int:
        """Number of pages; at least 1."""
        return max(1, -(-self.table.height // PAGE_ROWS))


def asked_of(content: Content, parameters: Mapping[str, str]) -> Asked:
    """Read and check the query of the page.

    Raises
    ------
    UnknownCodeError
        If a value does not exist; the message names those that do.
    DataError
        If a threshold or the page is no number.
    """
    importer = chosen_importer(content, parameters)
    methods = [str(each["id"]) for each in content.methods]
    method = among(parameters, "method", methods, str(content.main_method["id"]))
    options = options_of(content, importer, method)
    if _stale(content, importer, method, parameters):
        # suppliers, interests and thresholds of what was shown before need not exist here
        parameters = {
            name: value
            for name, value in parameters.items()
            if not name.startswith(PREFIX) and (name not in options or value in options[name])
        }
    sort = parameters.get("sort", "")
    if sort and sort.removeprefix("-") not in _SORTED:
        raise unknown_value("sort", sort, _SORTED)
    return Asked(
        importer=importer,
        importer_key=importer_key(content, importer),
        method=method,
        verdict=among(parameters, "verdict", VERDICTS, VERDICTS[0]),
        supplier=among(parameters, "supplier", options["supplier"]),
        interest=among(parameters, "interest", options["interest"]),
        chapter=among(parameters, "chapter", options["chapter"]),
        text=" ".join(parameters.get("q", "").split())[:_LONGEST_TEXT],
        sort=sort,
        strategic=among(parameters, "strategic", ["yes"]) == "yes",
        page=_page(parameters),
        thresholds=asked_thresholds(content, method, parameters),
    )


def options_of(content: Content, importer: ShownImporter, method: str) -> dict[str, dict[str, str]]:
    """Give what can be chosen in each filter: value and wording."""
    key = (content.record["id"], content.language.code, importer.label, method)
    return _OPTIONS.get(key, lambda: _options_of(content, importer, method))


def _options_of(content: Content, importer: ShownImporter, method: str) -> dict[str, dict[str, str]]:
    say_in = content.language
    table = edition_table(content, importer, method)
    suppliers = {code: say_in.economy(code) for code in table["main_supplier"].drop_nulls().unique()}
    served = sorted({code for codes in table["interests"].drop_nulls() for code in codes.split(";") if code})
    chapters = sorted(table["product"].str.head(2).unique().to_list())
    return {
        "supplier": dict(sorted(suppliers.items(), key=lambda item: folded(item[1]))),
        "interest": {code: content.interest(code) for code in served},
        "chapter": {code: f"{code} {chapter_name(code, say_in.code)}" for code in chapters},
    }


def _stale(content: Content, importer: ShownImporter, method: str, parameters: Mapping[str, str]) -> bool:
    """Say whether the form was filled in for another importer or method than is chosen now."""
    shown = (parameters.get("shown_importer"), parameters.get("shown_method"))
    return all(shown) and shown != (importer_key(content, importer), method)


def _page(parameters: Mapping[str, str]) -> int:
    text = parameters.get("page", "") or "1"
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= 1_000_000:
        raise WrongRequestError(
            say(None, "asked.no_page", value=text[:60]),
            where="page",
            expected=say(None, "asked.whole_number"),
        )
    return int(text)


def found_for(content: Content, asked: Asked) -> Found:
    """Find the products that are asked for, judged again where thresholds were moved.

    Raises
    ------
    NotRecomputableError
        If thresholds were moved, and the verdicts cannot be worked out again here.
    """
    refused = refusal(content, asked)
    published = None if refused else edition_specification(content, asked.method)
    whole = edition_table(content, asked.importer, asked.method)
    came = went = whole.clear()
    modified: tuple[str, ...] = published.modified if published is not None else ()
    if asked.thresholds:
        again = recomputed(content, asked.importer, asked.method, asked.thresholds)
        whole, came, went = again.table, again.came, again.went
        modified = again.specification.modified
    named = {code: content.language.economy(code) for code in whole["main_supplier"].drop_nulls().unique()}
    whole = whole.with_columns(
        main_supplier_name=pl.col("main_supplier").replace_strict(named, default="", return_dtype=pl.String)
    )
    return Found(
        table=_ordered(_filtered(whole, asked), asked),
        whole=whole,
        sliders=sliders(content, asked.method, asked.thresholds, movable=not refused),
        modified=modified,
        came=came,
        went=went,
        refused=refused,
    )


def refusal(content: Content, asked: Asked) -> str:
    """Say why thresholds cannot be moved here; empty where they can.

    Raises
    ------
    NotRecomputableError
        If thresholds were moved all the same.
    """
    try:
        dataset_of(content)
        edition_specification(content, asked.method)
    except NotRecomputableError as reason:
        if asked.thresholds:
            raise
        return reason.what
    return ""


def _filtered(table: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    dependent, was = pl.col("dependent"), pl.col("was_dependent")
    verdict = {
        "dependent": dependent.fill_null(value=False),
        "open": dependent.is_null(),
        "not": dependent.eq(other=False).fill_null(value=False),
        "changed": dependent.ne_missing(was),
        "all": pl.lit(value=True),
    }[asked.verdict]
    tests = [verdict]
    if asked.strategic:
        tests.append(pl.col("strategic").fill_null(value=False))
    if asked.supplier:
        tests.append(pl.col("main_supplier") == asked.supplier)
    if asked.interest:
        tests.append(pl.col("interests").fill_null("").str.split(";").list.contains(asked.interest))
    if asked.chapter:
        tests.append(pl.col("product").str.starts_with(asked.chapter))
    found = table.filter(*tests)
    if asked.text:
        words = folded(asked.text).split()
        texts = [
            folded(f"{code} {name or ''}")
            for code, name in found.select("product", "product_name").iter_rows()
        ]
        keep = [all(word in text for word in words) for text in texts]
        found = found.filter(pl.Series(keep, dtype=pl.Boolean))
    return found


def _ordered(table: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    if not asked.sort:
        return table.sort(
            ["strategic", "extra_import_value_kusd", "product"],
            descending=[True, True, False],
            nulls_last=True,
        )
    column = _SORTED[asked.sort.removeprefix("-")]
    if column not in table.columns:
        raise unknown_value(
            "sort", asked.sort, [key for key, each in _SORTED.items() if each in table.columns]
        )
    return table.sort([column, "product"], descending=[asked.sort.startswith("-"), False], nulls_last=True)
