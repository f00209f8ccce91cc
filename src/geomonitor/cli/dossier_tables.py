"""Tables of ``geomonitor dossier``: a choice of columns for people, all of them for programs."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

__all__ = ["cell", "emit_rows", "filled", "note_unknown_dossier", "subject_of_motion", "table_of"]

_TITLE_OF_MOTION = re.compile(r"^(?:voorbeeld: )?motie van (?:het lid|de leden) ", re.IGNORECASE)


def cell(text: str, width: int, longest: int = 160) -> str:
    """Break lines for a cell of a table; a long one is cut at a word, and shows that it goes on.

    Examples
    --------
    >>> print(cell("over een overzicht van producten", 16, 24))
    over een
    overzicht van…
    """
    lines = []
    for part in text.split("\n"):
        plain = " ".join(part.split())
        if len(plain) > longest:
            plain = re.sub(r"[\s,;:(]*\S*$", "", plain[:longest]) + "…"
        lines += textwrap.wrap(plain, width, break_on_hyphens=False)
    return "\n".join(lines) or "-"


def subject_of_motion(title: str) -> str:
    """Leave out what the titles of motions have in common.

    Examples
    --------
    >>> subject_of_motion("Motie van het lid Vos over houten bruggen")
    'Vos over houten bruggen'
    """
    return _TITLE_OF_MOTION.sub("", title)


def emit_rows(
    rows: Sequence[Mapping[str, Any]],
    schema: Mapping[str, Any],
    title: str,
    format: str,  # noqa: A002
    out: Path | None,
    narrow: Mapping[str, int],
) -> None:
    """Print rows; a table has the columns of `narrow`, where a width above 0 breaks long texts.

    An empty text becomes a missing value.
    """
    import polars as pl

    from geomonitor.cli.output import emit, write_text

    if format == "table":
        write_text(table_of(rows, title, narrow, out), out)
        return
    emit(
        pl.DataFrame([{name: filled(row[name]) for name in schema} for row in rows], schema=dict(schema)),
        format,
        title,
        out,
    )


def table_of(
    rows: Sequence[Mapping[str, Any]], title: str, narrow: Mapping[str, int], out: Path | None
) -> str:
    """Draw a table with the columns of `narrow`; without rows, its title alone."""
    from geomonitor.cli.output import table_text

    return table_text(_narrow(rows, narrow), title, out) if rows else f"{title}\n"


def _narrow(rows: Sequence[Mapping[str, Any]], narrow: Mapping[str, int]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        {
            name: [cell(str(row[name] or ""), width) if width else filled(row[name]) for row in rows]
            for name, width in narrow.items()
        }
    )


def filled(value: Any) -> Any:
    """Make an empty text a missing value.

    Examples
    --------
    >>> filled(""), filled("35207"), filled(0)
    (None, '35207', 0)
    """
    return None if value == "" else value


def note_unknown_dossier(dossier: str) -> None:
    """Say on standard error that the archive has nothing of a dossier, and how to bring it in."""
    if not dossier:
        return
    from django.db.models import Q

    from geomonitor.archive.models import Paper

    of_it = Q(dossier=dossier) | Q(dossier__startswith=f"{dossier}-")
    if not Paper.objects.filter(of_it, withdrawn_at=None).exists():
        print(
            f"Dossier {dossier} is not in the archive. Bring it in with: geomonitor dossier sync {dossier}",
            file=sys.stderr,
        )
