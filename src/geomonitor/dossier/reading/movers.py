"""The movers of a motion, as papers write them: "Van der Staaij en Mulder", "van Haga/Eppink", "De Roon".

A name is particles, capital words and perhaps a hyphen. Whether a hyphen joins two members or the two halves
of one surname cannot be seen: "Brekelmans-Mulder" are two members, "Rikkers-Oosterkamp" is one. It is
decided, in this order, by the words around it ("het lid" is one), by names that the caller knows, by the list
facts/double_names.toml, and else taken as two members with less confidence.

Names stay what they are in the text: nothing is looked up or kept about the people who bear them.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from importlib import resources

__all__ = ["MoverNames", "folded", "read_movers"]

_PARTICLES = frozenset(
    {
        "van",
        "de",
        "den",
        "der",
        "des",
        "ten",
        "ter",
        "te",
        "el",
        "'t",
        "in",
        "op",
        "von",
        "le",
        "la",
        "het",
        "du",
    }
)
_WORD = re.compile(r"(?:['’]t(?=[ ]|$)|[^\W\d_](?:[\w'’]*\w)?)")
_INITIALS = re.compile(r"(?:[A-ZÀ-Þ]\.[ ]?){1,4}(?=[A-Za-zÀ-ÿ'’])")
# "motie van Van Gent", "motie van Jasper van Dijk": the preposition, no particle of the name
_STRAY_OF = re.compile(
    r"van (?:het )?(?=(?:Van|De|Den|Der|Ten|Ter|El|Op) |[A-ZÀ-Þ][\w'’]+ (?:van|de|den|der|ten|ter) |[A-Z]\. )"
)
_BLANKS = re.compile(r"[ \n]*")
_PARTY = re.compile(
    r"[ ]*\((?:VVD|CDA|PvdA|SP|D66|GL|GroenLinks|GroenLinks-PvdA|PVV|CU|ChristenUnie|SGP|PvdD"
    r"|50PLUS|DENK|FVD|FvD|JA21"
    r"|Volt|BBB|BIJ1|NSC|OSF|BVNL|OPNL|TON|LPF)\)"
)
_AND_OTHERS = re.compile(
    r"[ ]?,?[ ]?(?:c\.?[ ]?s\.|cs(?![\w-])|cum suis|e\.a\.|en anderen)(?!\w)", re.IGNORECASE
)
_LISTED = re.compile(
    r"[ \n]*(?P<sign>,|/|&|;|-|en(?![\w-])|alsmede(?!\w)|EN(?![\w-]))[ \n]*(?:(?:en|EN)[ \n]+)?"
    r"(?P<member>(?:(?:van[ ]+)?(?:het|de)[ ]+)?(?:lid|leden)[ ]+)?",
    re.IGNORECASE,
)
_COMMON_ENDINGS = re.compile(
    r"(?:wet|debat|overleg|begroting|begrotingen|behandeling|besluit|regeling|nota|beleid"
    r"|brief|procedure|verdrag"
    r"|akkoord|fonds|onderwijs|heffing|belasting|richtlijn|verordening|conferentie|initiatief|notitie|agenda"
    r"|ministerie|bewindspersoon)(?:en|s)?$"
)
_LONGEST_LIST = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class MoverNames:
    """One place in a list of movers.

    Parameters
    ----------
    names : tuple of str
        As written; two where a hyphen joins two members.
    start, end : int
        Characters of the text, "c.s." within.
    sign : str
        What stands before it in the list: empty for the first, then `,` `/` `-` `&` `;` or `en`.
    and_others : bool
    confidence : float
    """

    names: tuple[str, ...]
    start: int
    end: int
    sign: str
    and_others: bool
    confidence: float


def folded(name: str) -> str:
    """Give a name without capitals and accents, blanks made single, for comparing.

    Examples
    --------
    >>> folded("Yeşilgöz–Zegerius"), folded("Van  der Staaij")
    ('yesilgoz-zegerius', 'van der staaij')
    """
    plain = unicodedata.normalize(
        "NFKD", name.translate({0x2010: "-", 0x2011: "-", 0x2013: "-", 0x2019: "'"})
    )
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).casefold().split())


@functools.cache
def _no_names() -> tuple[frozenset[str], frozenset[str]]:
    """Words that no name begins with: anywhere, and behind "motie" alone."""
    path = resources.files("geomonitor.dossier.reading") / "facts" / "no_names.toml"
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return frozenset(raw["never"]), frozenset(raw["after_motion"])


@functools.cache
def _double_names() -> frozenset[str]:
    path = resources.files("geomonitor.dossier.reading") / "facts" / "double_names.toml"
    return frozenset(folded(name) for name in tomllib.loads(path.read_text(encoding="utf-8"))["one_member"])


def read_movers(
    text: str, position: int, *, members: str = "", names: frozenset[str] = frozenset()
) -> tuple[MoverNames, ...]:
    """Read the names of movers that stand at a position.

    Parameters
    ----------
    text : str
        With every blank a space and every dash a hyphen; a new paragraph is two newlines.
    position : int
        Where the first name begins.
    members : str
        What introduced them: "one" (het lid), "several" (de leden), or empty (motie-X).
    names : frozenset of str
        Surnames that the caller knows, folded.

    Returns
    -------
    tuple of MoverNames
        Empty where no name stands there.

    Examples
    --------
    >>> [each.names for each in read_movers("van Haga/Eppink over de zee", 0)]
    [('van Haga',), ('Eppink',)]
    >>> read_movers("Brekelmans-Mulder", 0)[0].names, read_movers("Rikkers-Oosterkamp", 0)[0].names
    (('Brekelmans', 'Mulder'), ('Rikkers-Oosterkamp',))
    """
    found: list[MoverNames] = []
    sign, at = "", position
    while len(found) < _LONGEST_LIST:
        read = _name_at(text, at, bare=not members and not found, introduced=bool(members))
        if read is None:
            break
        pieces, end = read
        end = _past(_PARTY, text, end)
        others = _AND_OTHERS.match(text, end)
        if others is not None:
            end = others.end()
        following = _LISTED.match(text, end)
        slashed = "/" in (sign, following["sign"] if following else "")
        split, confidence = _members_in(pieces, members, names, slashed=slashed, others=others is not None)
        found.append(
            MoverNames(
                names=split,
                start=at,
                end=end,
                sign=sign,
                and_others=others is not None,
                confidence=confidence,
            )
        )
        if following is None or (members == "one" and not following["member"] and following["sign"] != "/"):
            break
        if "\n\n" in following[0] or (following["sign"] == "-" and " " not in following[0]):
            break
        sign, at = following["sign"].casefold(), following.end()
    return _without_stray_ends(found, members)


def _past(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return position if found is None else found.end()


def _without_stray_ends(found: list[MoverNames], members: str) -> tuple[MoverNames, ...]:
    """Drop names behind a comma that no "en" closes: "motie Jansen, Kamerbrief" has one mover."""
    if members == "several" or len(found) < 2:
        return tuple(found)
    last_closed = max(
        (place for place, each in enumerate(found) if each.sign in ("", "en", "&", "/", "-")), default=0
    )
    return tuple(found[: last_closed + 1])


def _name_at(text: str, position: int, *, bare: bool, introduced: bool) -> tuple[tuple[str, ...], int] | None:
    """Read one name: its pieces between hyphens, and where it ends."""
    first = _piece_at(text, position, bare=bare, introduced=introduced)
    if first is None:
        return None
    pieces, end = [first[0]], first[1]
    while len(pieces) < 4 and text[end : end + 1] == "-":
        following = _piece_at(text, _past(_BLANKS, text, end + 1), bare=False, introduced=False)
        if following is None:
            break
        pieces.append(following[0])
        end = following[1]
    return tuple(pieces), end


def _piece_at(text: str, position: int, *, bare: bool, introduced: bool) -> tuple[str, int] | None:
    """Read particles and capital words up to a hyphen, a sign or a word that no name has."""
    stray = _STRAY_OF.match(text, position)
    if stray is not None:
        position = stray.end()
    initials = _INITIALS.match(text, position)
    at = initials.end() if initials else position
    end: int | None = None
    capitals = particles = 0
    while True:
        word = _WORD.match(text, at)
        if word is None:
            break
        said = word[0]
        if said == "EN":
            # a heading in capitals: "MOTIE VAN DE LEDEN VAN DER STAAIJ EN MULDER"
            break
        particle = said.casefold().replace("’", "'") in _PARTICLES
        if particle and (capitals == 0 or _leads_to_a_name(text, word.end())):
            particles += 1
            # behind "het lid" a first name may stand before it: Jasper Van Dijk
            capital = said[0].isupper() and not said.isupper()
            if particles > 3 or (capitals and capital and not (introduced and capitals == 1)):
                break
        elif (
            _is_capital(said)
            and capitals < 4
            and not _is_no_name(said, bare=bare and capitals == 0, introduced=introduced and capitals == 0)
        ):
            capitals += 1
            end = word.end()
        else:
            break
        if text[word.end() : word.end() + 1] != " ":
            break
        at = _past(_BLANKS, text, word.end())
        if "\n" in text[word.end() : at]:
            break
    if end is None:
        return None
    return " ".join(text[position:end].split()), end


def _is_capital(word: str) -> bool:
    if len(word) < 2:
        return False
    return word[0].isupper() or (len(word) > 2 and word[1] in "'’" and word[2].isupper())


def _is_no_name(word: str, *, bare: bool, introduced: bool = False) -> bool:
    never, after_motion = _no_names()
    if introduced:
        return word in never or word.capitalize() in never
    if word in after_motion or word.capitalize() in after_motion:
        return True
    # abbreviations (VAO, EPD) and compounds of the field (Begrotingsbehandeling) after a bare "motie"
    return bare and ((word.isupper() and len(word) > 1) or _COMMON_ENDINGS.search(word) is not None)


def _leads_to_a_name(text: str, position: int) -> bool:
    """Say whether particles between capital words lead to a name: Jasper van Dijk, not Bos van de Kamer."""
    at = position
    for _ in range(3):
        word = _WORD.match(text, _past(_BLANKS, text, at))
        if word is None:
            return False
        if word[0].casefold().replace("’", "'") in _PARTICLES:
            at = word.end()
            continue
        return _is_capital(word[0]) and not _is_no_name(word[0], bare=True)
    return False


def _members_in(
    pieces: tuple[str, ...], members: str, names: frozenset[str], *, slashed: bool, others: bool
) -> tuple[tuple[str, ...], float]:
    """Say which members hyphenated pieces are, and how sure that is."""
    whole = "-".join(pieces)
    if len(pieces) == 1:
        known = folded(whole) in names
        return (whole,), 0.98 if known or members else 0.9
    if members == "one":
        return (whole,), 0.97
    if folded(whole) in names or folded(whole) in _double_names():
        return (whole,), 0.96
    for cut in range(1, len(pieces)):
        left, right = "-".join(pieces[:cut]), "-".join(pieces[cut:])
        both = [folded(left), folded(right)]
        if all(each in names for each in both) or any(each in _double_names() for each in both):
            return (left, right), 0.95
    if slashed:
        # the slash already parts the members
        return (whole,), 0.8
    if others:
        # one mover stands before "c.s.", as a rule
        return (whole,), 0.6
    if len(pieces) > 2:
        return pieces, 0.6
    return pieces, 0.75 if members == "" else 0.6
