"""The workbook: a sheet a table, native charts, a provenance sheet and a read-me."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from geomonitor.report.brief import replace_file
from geomonitor.report.content import Content, EditionLike
from geomonitor.report.workbook_charts import add_charts
from geomonitor.report.workbook_texts import column_meaning

__all__ = ["write_workbook"]

# rows that fit on a sheet of the format, less the header
ROWS_ON_A_SHEET = 1_048_575
# columns of shares whose name does not end in it
_SHARES = frozenset({"share", "stability", "recycling_rate"})
# columns of small changes whose name does not end in it
_CHANGES = frozenset({"terms_of_trade", "volume_of_trade", "mean", "q05", "q25", "q50", "q75", "q95"})
# characters that fit in a cell of the format
_CELL = 32_767

_SHEETS = (
    "products", "history", "suppliers", "robustness", "churn", "common", "relations", "relations_summary",
    "fragility", "exposure", "exposure_sectors", "paths", "path_links", "chain_stages", "chain_stacking",
    "stacking_across", "materials", "material_stages", "material_factors", "material_suppliers",
    "material_history", "material_published", "material_comparison", "shocks", "shock_groups",
    "shock_links", "shock_sectors", "shock_trade", "shock_curve", "shock_fan", "shock_grid",
    "shock_assumptions",
)  # fmt: skip


def write_workbook(edition: EditionLike, path: Path, language: str = "en") -> Path:
    """Write the tables of an edition as a workbook with native charts.

    Text is written as text: nothing in it is ever run as a formula or turned into a link. The same
    edition gives the same bytes.

    Parameters
    ----------
    edition : EditionLike
        Such as `geomonitor.findings.Edition`.
    path : pathlib.Path
        Where the file goes; its folder exists.
    language : {'en', 'nl'}

    Returns
    -------
    pathlib.Path
        `path`.

    Raises
    ------
    DataError
        If a table or the record of the edition lacks something.
    UnknownCodeError
        If there is no workbook in that language.
    GeomonitorError
        If the file cannot be written; an older one is then still whole.
    """
    content = Content.of(edition, language)
    memory = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    book = xlsxwriter.Workbook(memory, options)
    book.set_properties(
        {
            "title": content.title,
            "subject": content.period_text,
            "comments": f"Geomonitor, edition {content.record['id']}",
            "created": _created(content.record["created"]),
        }
    )
    formats = _formats(book)
    tables = {name: content.tables[name] for name in _SHEETS if name in edition.tables}
    tables["findings"] = content.findings
    readme = book.add_worksheet(_title(content, "readme"))
    charts = book.add_worksheet(_title(content, "charts"))
    truncated = {name: _table_sheet(book, content, name, table, formats) for name, table in tables.items()}
    add_charts(book, charts, content, formats)
    _provenance(book, content, formats)
    _readme(readme, content, tables, truncated, formats)
    book.close()
    return replace_file(path, memory.getvalue())


def _created(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        # a record of another version; the date only labels the file
        return datetime(2000, 1, 1)


def _title(content: Content, name: str) -> str:
    return content.language.say(f"workbook.{name}")[:31]


def _formats(book: Any) -> dict[str, Any]:
    base = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
    numbers = {
        "integer": "#,##0", "decimal": "#,##0.000", "amount": "#,##0.0", "share": "0.0%", "year": "0",
        "change": "+0.000%;-0.000%;0.000%",
    }  # fmt: skip
    return {
        "text": book.add_format(base),
        "wrap": book.add_format({**base, "text_wrap": True}),
        "bold": book.add_format({**base, "bold": True}),
        "title": book.add_format({**base, "bold": True, "font_size": 16, "font_color": "#1B4F72"}),
        "header": book.add_format(
            {
                **base,
                "bold": True,
                "bg_color": "#1B4F72",
                "font_color": "#FFFFFF",
                "text_wrap": True,
                "border": 0,
            }
        ),
        **{name: book.add_format({**base, "num_format": pattern}) for name, pattern in numbers.items()},
    }


def _kind(name: str, dtype: pl.DataType) -> str:
    if not dtype.is_numeric():
        return "text"
    if name == "year" or name.endswith("_year"):
        return "year"
    if dtype.is_integer():
        return "integer"
    if name.endswith(("_share", "_share_5y", "_coverage")) or name in _SHARES:
        return "share"
    if name.endswith("_change") or name in _CHANGES:
        return "change"
    return "amount" if name.endswith(("_kusd", "_t")) else "decimal"


def _table_sheet(
    book: Any, content: Content, name: str, table: pl.DataFrame, formats: Mapping[str, Any]
) -> int | None:
    """Write one table; give the number of its rows if they do not all fit."""
    sheet = book.add_worksheet(_title(content, name))
    whole, table = table.height, table.head(ROWS_ON_A_SHEET)
    kinds = [_kind(column, dtype) for column, dtype in table.schema.items()]
    for place, (column, kind) in enumerate(zip(table.columns, kinds, strict=True)):
        sheet.write_string(0, place, column, formats["header"])
        sheet.set_column(place, place, _width(column, table[column], kind), formats[kind])
    for number, row in enumerate(table.iter_rows(), start=1):
        for place, value in enumerate(row):
            _write(sheet, number, place, value, formats[kinds[place]])
    sheet.freeze_panes(1, _frozen(table.columns))
    if table.width:
        sheet.autofilter(0, 0, table.height, table.width - 1)
    sheet.set_row(0, 30)
    _printed(sheet)
    sheet.repeat_rows(0)
    return whole if whole > ROWS_ON_A_SHEET else None


def _printed(sheet: Any) -> None:
    """Print on A4, all columns on one page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _frozen(columns: Sequence[str]) -> int:
    for name in ("product", "material"):
        if name in columns[:6]:
            return columns.index(name) + 1
    return 0


def _width(column: str, values: pl.Series, kind: str) -> float:
    longest = 0
    if kind == "text" and values.dtype == pl.String:
        longest = int(values.head(500).str.len_chars().max() or 0)  # type: ignore[arg-type]
    return float(min(max(len(column) * 0.8 + 2, longest + 1, 8), 48))


def _write(sheet: Any, row: int, column: int, value: Any, cell_format: Any) -> None:
    """Write a value as what it is; text always as text, never as a formula."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value, cell_format)
    elif isinstance(value, int | float):
        if math.isnan(value):
            return
        if math.isinf(value):
            # the format has no infinity; the word keeps it from being read as a number
            sheet.write_string(row, column, "∞" if value > 0 else "-∞", cell_format)
        else:
            sheet.write_number(row, column, value, cell_format)
    else:
        sheet.write_string(row, column, str(value)[:_CELL], cell_format)


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Walk through the record, with the path to every value."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _flat(each, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list | tuple) and any(isinstance(each, Mapping | list | tuple) for each in value):
        for number, each in enumerate(value, start=1):
            yield from _flat(each, f"{key}.{number}")
    elif isinstance(value, list | tuple):
        yield key, json.dumps(list(value), ensure_ascii=False)
    else:
        yield key, value


def _provenance(book: Any, content: Content, formats: Mapping[str, Any]) -> None:
    say = content.language
    sheet = book.add_worksheet(_title(content, "provenance"))
    sheet.write_string(0, 0, say.say("workbook.entry"), formats["header"])
    sheet.write_string(0, 1, say.say("workbook.value"), formats["header"])
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 100)
    _printed(sheet)
    for number, (key, value) in enumerate(_flat(content.record), start=1):
        sheet.write_string(number, 0, key, formats["text"])
        _write(sheet, number, 1, value, formats["wrap"])
    sheet.freeze_panes(1, 1)


def _readme(
    sheet: Any,
    content: Content,
    tables: Mapping[str, pl.DataFrame],
    truncated: Mapping[str, int | None],
    formats: Mapping[str, Any],
) -> None:
    say, record = content.language, content.record
    sheet.hide_gridlines(2)
    _printed(sheet)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 34)
    sheet.set_column(2, 2, 90)
    sheet.write_string(0, 0, content.title, formats["title"])
    sheet.set_row(0, 24)
    row = 2
    dataset = record["dataset"]
    facts = (
        (say.say("page.period"), content.period_text),
        (say.say("page.importers"), "; ".join(each.name for each in content.importers)),
        (say.say("page.method"), content.main_method["id"]),
        (say.say("page.dataset"), dataset["title"]),
        (say.say("data.citation"), dataset.get("citation", "")),
        (say.say("data.licence"), dataset.get("licence", "")),
        (say.say("page.edition"), record["id"]),
    )
    for label, value in facts:
        sheet.write_string(row, 0, str(label), formats["bold"])
        sheet.write_string(row, 1, str(value), formats["text"])
        row += 1
    row += 1
    notes = [
        say.say("workbook.unit_note", products=_title(content, "products"), period=content.period_text),
        *(say.say(f"definition.{key}") for key in ("dependent", "open", "strategic", "outside")),
        say.say("page.imprint"),
    ]
    for note in notes:
        sheet.merge_range(row, 0, row, 2, "", formats["wrap"])
        sheet.write_string(row, 0, note, formats["wrap"])
        sheet.set_row(row, 28)
        row += 1
    row += 1
    row = _header(sheet, row, [say.say(f"workbook.{key}") for key in ("sheet", "rows", "contains")], formats)
    for name, table in tables.items():
        sheet.write_string(row, 0, _title(content, name), formats["bold"])
        sheet.write_number(row, 1, table.height, formats["integer"])
        text = say.say(f"sheet.{name}")
        total = truncated[name]
        if total is not None:
            numbers = {"number": say.number(ROWS_ON_A_SHEET), "total": say.number(total)}
            text = f"{text} {say.say('workbook.truncated', **numbers)}"
        sheet.write_string(row, 2, text, formats["wrap"])
        row += 1
    row += 1
    row = _header(sheet, row, [say.say(f"workbook.{key}") for key in ("sheet", "column", "meaning")], formats)
    for name, table in tables.items():
        for column in table.columns:
            sheet.write_string(row, 0, _title(content, name), formats["text"])
            sheet.write_string(row, 1, column, formats["text"])
            sheet.write_string(row, 2, column_meaning(column, say, name), formats["wrap"])
            row += 1


def _header(sheet: Any, row: int, labels: Sequence[str], formats: Mapping[str, Any]) -> int:
    for place, label in enumerate(labels):
        sheet.write_string(row, place, label, formats["header"])
    return row + 1
