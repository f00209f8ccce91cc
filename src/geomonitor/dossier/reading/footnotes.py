"""Gives the footnotes of a text, each with the place that calls it."""

from __future__ import annotations

from geomonitor.dossier.reading.mapped_text import RepairedText
from geomonitor.dossier.reading.mentions import Footnote

__all__ = ["footnotes_in"]


def footnotes_in(repaired: RepairedText) -> tuple[Footnote, ...]:
    r"""Give the footnotes in the order of the given text, with positions in it.

    Examples
    --------
    >>> from geomonitor.dossier.reading.page_repair import repair
    >>> footnotes_in(repair("Zie de brief¹ over China.\n\n¹ Kamerstuk 35 207, nr. 1"))[0].text
    'Kamerstuk 35 207, nr. 1'
    """
    return tuple(
        Footnote(
            mark=each.mark,
            text=" ".join(each.body.text.split()),
            start=each.start,
            end=each.end,
            called_at=each.called_at_given,
        )
        for each in repaired.footnotes
    )
