"""What the pages of studies share: parts made once, figures with unit and source, downloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from geomonitor.register.access import may
from geomonitor.report.blocks import Block
from geomonitor.report.content import Content, ShownImporter
from geomonitor.report.datatable import DataTable
from geomonitor.web.downloads import page_download, wanted_download
from geomonitor.web.evidence.contents import importer_key
from geomonitor.web.evidence.kept import Kept
from geomonitor.web.evidence.shown import Shown, shown
from geomonitor.web.language import say
from geomonitor.web.studies.parameters import Asked

__all__ = [
    "answer",
    "capital",
    "case_address",
    "content_for",
    "figure",
    "importer_options",
    "kept",
    "tables_of",
    "two_sources",
]

Made = TypeVar("Made")

_PARTS: Kept[Any] = Kept(120)


def kept(make: Callable[..., Made], content: Content, *arguments: Any) -> Made:
    """Make a part of a page once a process: an edition never changes.

    Parameters
    ----------
    make : callable
        A function of a module, which takes the content and the arguments.
    content : Content
    *arguments
        Told apart by their values.
    """
    record = content.record
    key = (
        make.__module__, make.__qualname__, record["id"], record["created"], content.language.code,
        len(record["importers"]), arguments,
    )  # fmt: skip
    found: Made = _PARTS.get(key, lambda: make(content, *arguments))
    return found


def importer_options(content: Content) -> list[tuple[str, str]]:
    """Give the importers of an edition for a select box: value in the URL, and name."""
    return [(importer_key(content, each), capital(each.name)) for each in content.importers]


def content_for(content: Content, importer: ShownImporter) -> Content:
    """Take an edition as if it had one importer only."""
    chosen = [
        each for each in content.record["importers"] if (each.get("label") or each["code"]) == importer.label
    ]
    return replace(content, record={**content.record, "importers": chosen})


def figure(
    content: Content, block: Block, asked: Asked, *, unit: str, source: str = "", date: str = ""
) -> Shown:
    """Put a block of a report on a page, with unit, source and date, and downloads of what is asked for.

    Parameters
    ----------
    content : Content
    block : Block
    asked : Asked
    unit : str
        Key of the section ``study_unit`` of the texts.
    source, date : str
        Those of the edition's data set where left out.
    """
    return shown(
        content,
        block,
        unit=say(content.language, f"study_unit.{unit}"),
        name=block.anchor,
        downloads=asked.downloads,
        source=source,
        date=date,
    )


def two_sources(content: Content) -> tuple[str, str]:
    """Name the data set and the input-output table of an edition, and the years of both."""
    about = content.record.get("input_output") or {}
    dataset = content.record["dataset"]["title"]
    if not about:
        return str(dataset), content.period_text
    language = content.language
    return (
        say(language, "studies.two_sources", first=dataset, second=about["name"]),
        say(language, "studies.two_dates", first=content.period_text, second=about["year"]),
    )


def tables_of(*parts: Shown | tuple[str, DataTable] | None) -> dict[str, DataTable]:
    """Collect the tables of a page by the name that a download asks for."""
    found: dict[str, DataTable] = {}
    for part in parts:
        if isinstance(part, tuple):
            found[part[0]] = part[1]
        elif part is not None:
            found[part.name] = part.block.table
    return found


def answer(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    asked: Asked,
    tables: Mapping[str, DataTable],
    title: str,
    provenance: Sequence[tuple[str, str]],
    status: int = 200,
) -> HttpResponse:
    """Answer with the page, or with one of its tables as a file."""
    wanted = wanted_download(request)
    if wanted is not None:
        name = template.removesuffix(".html").replace("_", "-")
        return page_download(wanted, tables, name=f"geomonitor-{name}", title=title, provenance=provenance)
    shared = {"asked": asked, "title": title, "may_open_case": may(request.user, "change_cases")}
    return render(request, f"web/studies/{template}", {**shared, **context}, status=status)


def case_address(content: Content, kind: str, code: str, name: str, **more: str) -> str:
    """Give the address of a form for a new case.

    Parameters
    ----------
    content : Content
    kind, code, name : str
        Of the subject.
    **more
        Such as the importer and the counterpart.
    """
    query = {
        "edition": content.record["id"],
        "subject_kind": kind,
        "subject_code": code,
        "subject_name": name,
        **{key: value for key, value in more.items() if value},
    }
    return reverse("case-new", query=query)


def capital(text: str) -> str:
    """Begin a text with a capital.

    Examples
    --------
    >>> capital("the Netherlands")
    'The Netherlands'
    """
    return text[:1].upper() + text[1:]
