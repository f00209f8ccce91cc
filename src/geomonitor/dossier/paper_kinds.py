"""What kind of paper speaks for whom: motions of members, words of the government, letters of committees."""

from __future__ import annotations

import re

__all__ = ["is_motion", "of_government"]

_MOTION_TITLE = re.compile(
    r"\s*(?:(?:tweede\s+)?(?:nader\s+)?(?:gew(?:ijzigde|\.)?)\s+)?motie\b", re.IGNORECASE
)
# Parliament's and the official publisher's names of what ministers send. A letter of which the kind is not
# given counts: a person loads such a text because it is a letter of the government.
_GOVERNMENT = (
    "brief regering",
    "brief van de minister",
    "brief van de staatssecretaris",
    "brief van het kabinet",
    "antwoord",
    "lijst van vragen en antwoorden",
    "nota naar aanleiding van",
    "nota n.a.v.",
    "nota van wijziging",
    "memorie",
    "verslag van een schriftelijk overleg",
    "begroting",
)


def is_motion(kind: str, title: str = "") -> bool:
    """Say whether a paper or matter is a motion.

    Parameters
    ----------
    kind : str
        In the words of the source.
    title : str
        Counts only where there is no kind.

    Examples
    --------
    >>> is_motion("Motie"), is_motion("Brief regering", "Motie-Vos"), is_motion("", "Motie van het lid Vos")
    (True, False, True)
    """
    if kind:
        return kind.casefold().startswith("motie")
    return _MOTION_TITLE.match(title) is not None


def of_government(kind: str, title: str = "") -> bool:
    """Say whether a paper speaks for the government.

    Examples
    --------
    >>> of_government("Brief regering"), of_government("Brief commissie"), of_government("")
    (True, False, True)
    >>> of_government("", "Motie van het lid Vos")
    False
    """
    plain = " ".join(kind.casefold().split())
    if plain in {"", "brief"}:
        return not is_motion(plain, title)
    return plain.startswith(_GOVERNMENT)
