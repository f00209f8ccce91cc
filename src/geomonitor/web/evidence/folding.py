"""Text without case and diacritics, so that who types quickly finds it."""

from __future__ import annotations

import unicodedata

__all__ = ["folded"]


def folded(text: str) -> str:
    """Take case, diacritics and double spaces out of a text.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> folded("Türkiye  ZIMBABWE"), folded("Côte d’Ivoire")
    ('turkiye zimbabwe', "cote d'ivoire")
    """
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("ı", "i"))
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).casefold().split())
