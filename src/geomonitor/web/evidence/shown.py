"""A figure on a page: the block of a report with unit, source and date, and where its data are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geomonitor.report.blocks import Block
from geomonitor.report.content import Content
from geomonitor.web.language import say

__all__ = ["Shown", "provenance", "shown", "source_text"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure on a page.

    Attributes
    ----------
    block : Block
    about : str
        Unit, source and date in one line.
    name : str
        Name of its table in the URL of a download.
    url : str
        Where its data are fetched; in the page itself where empty.
    downloads : str or None
        Start of the query of a download; none where the table is not downloaded.
    """

    block: Block
    about: str
    name: str
    url: str = ""
    downloads: str | None = ""

    @property
    def anchor(self) -> str:
        """Its id in the page."""
        return self.block.anchor

    @property
    def drawn(self) -> bool:
        """Whether there is something to draw."""
        return self.block.figure is not None


def shown(
    content: Content,
    block: Block,
    *,
    unit: str,
    name: str = "",
    url: str = "",
    downloads: str | None = "",
    source: str = "",
    date: str = "",
) -> Shown:
    """Put a block on a page.

    Parameters
    ----------
    content : Content
        The edition that it was made of.
    block : Block
    unit : str
        In the language of the page.
    name, url, downloads : str
        See `Shown`; the name is the last part of the anchor where left out.
    source : str
        The data set of the edition where left out.
    date : str
        Period of the data; that of the edition where left out.
    """
    about = say(
        content.language,
        "figure.about",
        unit=unit,
        source=source or source_text(content),
        date=date or content.period_text,
        edition=content.record["id"],
        made=str(content.record["created"])[:10],
    )
    return Shown(block, about, name or block.anchor.rsplit("-", 1)[-1], url, downloads)


def source_text(content: Content) -> str:
    """Name the data set of an edition with its producer."""
    dataset = content.record["dataset"]
    producer = dataset.get("producer")
    return f"{dataset['title']} ({producer})" if producer else str(dataset["title"])


def provenance(content: Content, *, unit: str = "", **more: Any) -> list[tuple[str, str]]:
    """Give what stands beside a downloaded table: label and value.

    Parameters
    ----------
    content : Content
    unit : str
        Left out where the headings of the columns say it.
    **more
        Further lines by key of the section ``provenance`` of the texts.
    """
    dataset, language = content.record["dataset"], content.language
    lines: dict[str, Any] = {
        "edition": content.record["id"],
        "title": content.title,
        "period": content.period_text,
        "unit": unit or say(language, "provenance.unit_in_headings"),
        "source": source_text(content),
        "citation": dataset.get("citation"),
        "licence": dataset.get("licence"),
        "sha256": dataset.get("content_sha256"),
        "created": content.record["created"],
        "version": content.record.get("geomonitor_version"),
        **more,
    }
    return [(say(language, f"provenance.{key}"), str(value)) for key, value in lines.items() if value]
