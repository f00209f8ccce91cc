"""Stage and content basis from the words in which a source describes a quantity."""

from __future__ import annotations

import re

from geomonitor.data.raw_materials.table import CONTENT_NOT_STATED

__all__ = ["content_in_words", "stage_in_words"]

# in this order: "refinery production" is processing although "ore" may stand beside it
_PROCESSING = re.compile(
    r"\b(refiner(?:y|ies)|refined|refining|smelter|smelting|primary|secondary|slab|sponge|pigment|unwrought|"
    r"alumina|oxides?|hydroxide|carbonate|chloride|sulphate|compounds?|chemicals?|ferro[- ]?\w*|pig iron|"
    r"raw steel|crude steel|battery grade|plant|metal production|metal)\b",
    re.IGNORECASE,
)
_EXTRACTION = re.compile(
    r"\b(mine|mines|mined|mining|ores?|concentrates?|minerals?|extraction|quarry|crude ore|marketable|rock|"
    r"brines?|well)\b",
    re.IGNORECASE,
)
_MINE = re.compile(r"\b(mine|mines|mined|mining)\b", re.IGNORECASE)
# "mine production, metal content" is of a mine; the metal is its content basis
_BASIS = re.compile(
    r"[A-Za-z0-9 ]*\b(?:content|contained|equivalent|gross weight|basis)\b[A-Za-z0-9 ]*", re.IGNORECASE
)
_NO_BASIS = re.compile(
    r"\b(?:world|mine|mining|refinery|refined|smelter|primary|secondary|plant)?\s*production\b"
    r"|\b(?:rounded|estimated)\b|\b(?:thousand |million )?(?:metric tons|kilograms|carats|cubic meters)\b",
    re.IGNORECASE,
)


def stage_in_words(text: str) -> str | None:
    """Tell whether words describe extraction or processing.

    Parameters
    ----------
    text : str
        Such as "Mine production, cobalt content" or "zinc, slab".

    Returns
    -------
    str or None
        ``extraction``, ``processing``, or None where the words do not say.

    Examples
    --------
    >>> stage_in_words("mine production, metal content"), stage_in_words("copper, refined")
    ('extraction', 'processing')
    >>> stage_in_words("production") is None
    True
    """
    if _MINE.search(text):
        return "extraction"
    words = _BASIS.sub(" ", text)
    if _PROCESSING.search(words):
        return "processing"
    return "extraction" if _EXTRACTION.search(words) else None


def content_in_words(text: str) -> str:
    """Give what is left of a description without stage, unit and rounding: the content basis or the form.

    Parameters
    ----------
    text : str
        Such as "Mine production, cobalt content".

    Returns
    -------
    str
        "cobalt content"; "not stated" where nothing is left.

    Examples
    --------
    >>> content_in_words("Mine production: ilmenite, TiO2 content, rounded")
    'ilmenite, TiO2 content'
    >>> content_in_words("Mine production")
    'not stated'
    """
    parts = (" ".join(part.split()) for part in re.split(r"[,:;]", _NO_BASIS.sub("", text)))
    return ", ".join(part for part in (each.strip(" -") for each in parts) if part) or CONTENT_NOT_STATED
