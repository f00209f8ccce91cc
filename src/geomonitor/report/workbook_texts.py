"""What a column of the workbook means, with its unit."""

from __future__ import annotations

from geomonitor.dependency import INDICATORS
from geomonitor.report.language import Language, texts

__all__ = ["column_meaning"]

_UNITS = (
    ("_kusd", "unit.kusd"),
    ("_musd", "unit.musd"),
    ("_t", "unit.t"),
    ("_share", "unit.share"),
    ("_share_5y", "unit.share"),
    ("_distance", "unit.distance"),
    ("_concentration", "unit.index"),
)


def column_meaning(column: str, language: Language, table: str = "") -> str:
    """Say what a column means, with its unit.

    Parameters
    ----------
    column : str
        Name of the column.
    language : Language
    table : str
        Its table: some columns mean something of their own there.

    Examples
    --------
    >>> column_meaning("extra_import_value_kusd", Language("en"))
    'Imports from outside; thousand current US dollars'
    """
    known = texts().get(f"meaning.{table}_{column}") or texts().get(f"meaning.{column}")
    if known is not None:
        wording = known[language.code]
    elif column in INDICATORS:
        wording = language.indicator(column)
    elif column.endswith("_distance"):
        wording = language.indicator(column.removesuffix("_distance"))
    else:
        wording = column.replace("_", " ")
    unit = next((key for ending, key in _UNITS if column.endswith(ending)), None)
    text = f"{wording}; {language.say(unit)}" if unit else wording
    return text[:1].upper() + text[1:]
