"""The brief: one HTML file with figures and tables that needs no network."""

from __future__ import annotations

import functools
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
import polars as pl
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from geomonitor.errors import GeomonitorError
from geomonitor.report.blocks import (
    count_block,
    map_block,
    product_list,
    relation_block,
    value_block,
    years_block,
)
from geomonitor.report.chain_blocks import chain_part
from geomonitor.report.content import IMPORTERS_IN_FULL, Content, EditionLike, ShownImporter
from geomonitor.report.datatable import NUMERIC_KINDS, Column, DataTable
from geomonitor.report.figures.world import base_map
from geomonitor.report.language import Language
from geomonitor.report.material_part import material_part
from geomonitor.report.panels import PANELS_PER_IMPORTER, compare_methods, panels
from geomonitor.report.sentences import key_findings
from geomonitor.report.shock_part import shock_part

__all__ = [
    "brief_html",
    "css_text",
    "data_facts",
    "importer_table",
    "replace_file",
    "static_text",
    "template",
    "write_brief",
]

_SECTIONS = (
    ("findings", "page.findings"),
    ("reading", "page.definitions"),
    ("products", "page.products"),
    ("trend", "page.trend"),
    ("value", "page.value"),
    ("years", "page.years"),
    ("relations", "page.relations"),
    ("chains", "page.chains"),
    ("materials", "page.materials"),
    ("shocks", "page.shocks"),
    ("compared", "page.methods_compared"),
    ("panels", "page.panels"),
    ("methods", "page.method_page"),
    ("data", "page.data_page"),
    ("reproduce", "page.reproduce"),
)
_FIGURE_PARTS = (
    ("trend", "page.trend", "trend"),
    ("value", "page.value", "value"),
    ("years", "page.years", "years"),
)


def write_brief(edition: EditionLike, path: Path, language: str = "en") -> Path:
    """Write the brief of an edition.

    The file works without a network: Plotly, the base map, styles and data are all inside.

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
        If there is no brief in that language.
    GeomonitorError
        If the file cannot be written; an older one is then still whole.
    """
    return replace_file(path, brief_html(edition, language).encode("utf-8"))


def brief_html(edition: EditionLike, language: str = "en") -> str:
    """Make the page of the brief as text.

    Parameters
    ----------
    edition : EditionLike
    language : {'en', 'nl'}
    """
    content = Content.of(edition, language)
    say, record = content.language, content.record
    dataset = record["dataset"]
    shown = [_shown(content, importer) for importer in content.in_full]
    chains, materials, shocks = chain_part(content), material_part(content), shock_part(content)
    parts = (("chains", chains), ("materials", materials), ("shocks", shocks))
    absent = {name for name, part in parts if part is None}
    more = len(content.importers) > len(content.in_full)
    return template("brief.html.j2").render(
        t=say.say,
        language=say,
        content=content,
        record=record,
        dataset=dataset,
        version=record.get("geomonitor_version", ""),
        created=_date(record["created"]),
        importer_names="; ".join(_capital(each.name) for each in content.importers),
        numeric=NUMERIC_KINDS,
        capital=_capital,
        # product names and citations come in English from the data
        foreign=Markup(' lang="en"') if language != "en" else "",
        decimal="," if language == "nl" else ".",
        separator=";" if language == "nl" else ",",
        page_title=Markup(css_text(f"{content.title}, {content.period_text}")),
        sections=[each for each in _SECTIONS if each[0] not in absent],
        chains=chains,
        materials=materials,
        shocks=shocks,
        unfolded=False,
        panel_level=4,
        table_notes=(record.get("input_output") or {}).get("notes") or [],
        figure_parts=_FIGURE_PARTS,
        summaries=[key_findings(content, importer) for importer in content.in_full],
        more_importers=say.say(
            "page.importers_more", number=IMPORTERS_IN_FULL, total=say.number(len(content.importers))
        )
        if more
        else "",
        importer_table=importer_table(content),
        definitions=_definitions(content),
        shown=shown,
        title_of=lambda method: _method_title(method, say),
        methods=[_method(method, say, content.years_in_period) for method in content.methods],
        data_facts=data_facts(content),
        commands=_commands(record),
        css=Markup(static_text("brief.css")),
        script=Markup(static_text("brief.js")),
        plotly=Markup(get_plotlyjs()),
        base_map=Markup(base_map()),
    )


def replace_file(path: Path, data: bytes) -> Path:
    """Write a file beside its place and move it there, so that it is never half there.

    Raises
    ------
    GeomonitorError
        If it cannot be written.
    """
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
        temporary = None
    except OSError as error:
        raise GeomonitorError(
            f"The report cannot be written: {error.strerror or error}.",
            where=str(path),
            next_step="Choose a folder that exists, may be written to and has room.",
        ) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
    return path


@functools.cache
def template(name: str) -> jinja2.Template:
    """Open a template of a page; text that is put into it is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def static_text(name: str) -> str:
    """Read a file that goes into a page as it is."""
    return Path(__file__).with_name("static").joinpath(name).read_text(encoding="utf-8")


def _shown(content: Content, importer: ShownImporter) -> dict[str, Any]:
    say = content.language
    total = content.dependent(importer).height
    more = ""
    if total > PANELS_PER_IMPORTER:
        more = say.say("panel.more", number=PANELS_PER_IMPORTER, total=say.number(total))
    return {
        "importer": importer,
        "list": product_list(content, importer),
        "blocks": {
            "trend": [count_block(content, importer)],
            "value": [map_block(content, importer), value_block(content, importer)],
            "years": [years_block(content, importer)],
        },
        "relations": relation_block(content, importer),
        "comparison": compare_methods(content, importer),
        "panels": panels(content, importer),
        "more_panels": more,
    }


def importer_table(content: Content) -> DataTable:
    """Count dependent products of every importer of the edition, with their value."""
    say = content.language
    rows = []
    for importer in content.importers:
        table, dependent = content.of_importer("products", importer), content.dependent(importer)
        rows.append(
            (
                _capital(importer.name),
                table.height,
                dependent.height,
                int(dependent["strategic"].fill_null(value=False).sum()),
                float(dependent["extra_import_value_kusd"].sum()) / content.years_in_period,
            )
        )
    return DataTable.of(
        say.say("table.importers", period=content.period_text),
        (
            Column(say.say("page.importers")),
            Column(say.say("figure.products"), "count"),
            Column(say.say("column.dependent"), "count"),
            Column(say.say("column.strategic"), "count"),
            Column(say.say("column.value_dependent"), "musd"),
        ),
        rows,
    )


def _definitions(content: Content) -> list[str]:
    say = content.language
    revision = content.record["dataset"].get("hs_revision", "HS")
    keys = ("dependent", "open", "strategic", "outside", "value")
    return [
        *(say.say(f"definition.{key}") for key in keys),
        say.say("definition.product", revision=revision),
        say.say("definition.trade"),
    ]


def _method_title(method: Mapping[str, Any], say: Language) -> str:
    title = method.get("title") or {}
    return str(title.get(say.code) or method["id"])


def _method(method: Mapping[str, Any], say: Language, years: int) -> dict[str, Any]:
    rule = method.get("period_rule", "pooled")
    wording = say.say(f"method.{rule}")
    if rule == "persistence":
        required, out_of = int(method["required_years"]), int(method["out_of_years"])
        wording = say.say(f"method.{rule}", required=-(-years * required // out_of), out_of=years)
    tests = [
        (
            say.indicator(name),
            f"{operator} {say.number(threshold, 0 if threshold > 1000 else 2)}",
            say.say(f"formula.{name}") if f"formula.{name}" in _formulas() else "",
            severe,
        )
        for severe, conditions in (
            (False, method["conditions"]),
            (True, method.get("severe_conditions") or []),
        )
        for name, operator, threshold in conditions
    ]
    return {
        "summary": None,
        "citation": "",
        "known_differences": [],
        "modified": [],
        **method,
        "rule": wording,
        "tests": tests,
    }


@functools.cache
def _formulas() -> frozenset[str]:
    from geomonitor.report.language import texts

    return frozenset(key for key in texts() if key.startswith("formula."))


def data_facts(content: Content) -> list[tuple[str, str, str | None]]:
    """Say what the edition rests on: label, value and web address, where there is one."""
    say, record = content.language, content.record
    dataset = record["dataset"]
    facts: list[tuple[str, str, str | None]] = [(say.say("page.dataset"), str(dataset["title"]), None)]
    for key, name in (("producer", "producer"), ("citation", "citation")):
        if dataset.get(name):
            facts.append((say.say(f"data.{key}"), str(dataset[name]), None))
    if dataset.get("licence"):
        link = str(dataset.get("licence_url") or "")
        # only web addresses become links, whatever the metadata of a data set says
        facts.append(
            (say.say("data.licence"), str(dataset["licence"]), link if link.startswith("https://") else None)
        )
    if dataset.get("hs_revision"):
        facts.append((say.say("data.revision"), str(dataset["hs_revision"]), None))
    if dataset.get("years"):
        facts.append((say.say("data.years"), say.years(dataset["years"]), None))
    if dataset.get("rows") is not None:
        facts.append((say.say("data.rows"), say.number(dataset["rows"]), None))
    facts.append((say.say("data.hash"), str(dataset["content_sha256"]), None))
    facts += _quantity_fact(content)
    facts += _table_facts(content)
    governance, interests = record.get("governance"), record.get("interests")
    if governance:
        parts = [governance.get(key) for key in ("indicator", "citation", "licence")]
        facts.append((say.say("data.governance"), "; ".join(part for part in parts if part), None))
    if interests:
        text = say.say(
            "data.interests_text", version=interests.get("version"), source=interests.get("source") or ""
        )
        facts.append((say.say("data.interests"), text, None))
    environment = ", ".join(
        f"{name} {version}" for name, version in (record.get("environment") or {}).items()
    )
    engine = ", ".join(part for part in (record.get("engine"), environment) if part)
    if engine:
        facts.append((say.say("data.engine"), engine, None))
    return facts


def _table_facts(content: Content) -> list[tuple[str, str, str | None]]:
    """Name the input-output table, where the edition used one."""
    say, table = content.language, content.record.get("input_output")
    if not table:
        return []
    parts = [f"{table['title']} ({table['name']})", table.get("citation"), table.get("licence")]
    return [
        (say.say("data.input_output"), "; ".join(str(part) for part in parts if part), None),
        (say.say("data.input_output_hash"), str(table["sha256"]), None),
    ]


def _quantity_fact(content: Content) -> list[tuple[str, str, str | None]]:
    """Say for which part of the value quantities are known."""
    say = content.language
    texts = []
    for importer in content.in_full:
        table = content.of_importer("products", importer)
        if "quantity_coverage" not in table.columns:
            return []
        value = pl.col("extra_import_value_kusd")
        known = table.filter(pl.col("quantity_coverage").is_not_null())
        covered = known.select((value * pl.col("quantity_coverage")).sum()).item()
        total = table.select(value.sum()).item()
        if total:
            share = say.share(covered / total, 1)
            text = say.say("data.quantities_text", share=share, period=content.period_text)
            texts.append((say.say("data.quantities"), f"{_capital(importer.name)}: {text}", None))
    return list(texts)


def _commands(record: Mapping[str, Any]) -> str:
    lines = [
        f"pip install geomonitor=={record.get('geomonitor_version', '')}",
        f"geomonitor data show {record['dataset']['name']}",
        "geomonitor run --profile PROFILE.toml",
        f"geomonitor compare EDITION {record['id']}",
        "",
        f"# data set: SHA-256 {record['dataset']['content_sha256']}",
    ]
    if record.get("code_sha256"):
        lines.append(f"# program: SHA-256 {record['code_sha256']}")
    return "\n".join(lines)


def _date(text: str) -> str:
    try:
        return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M UTC")
    except ValueError:
        # a record of another version; shown as it stands
        return text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def css_text(text: str) -> str:
    """Write text as a string of a style sheet that cannot end it, nor the style element."""
    plain: Sequence[str] = [
        sign if sign.isalnum() or sign in " .,:()–-" else f"\\{ord(sign):x} " for sign in text
    ]
    return json.dumps("".join(plain), ensure_ascii=False).replace("\\\\", "\\")
