"""Who can promise something to parliament: the government and its bodies, not China or the Union."""

from __future__ import annotations

import functools
import re
import tomllib
from importlib import resources

__all__ = ["actor_after", "actor_before", "first_actor"]

_PORTFOLIO = (
    r"(?:[ ]+(?:van|voor)[ ]+[A-Z][\w&]*(?:(?:,[ ]|[ ]en[ ]|[ ]|/|-|&|,[ ]en[ ])(?!(?:Ook"
    r"|Daarnaast|Het|De)\b)[A-Z][\w&]*){0,6})"
)
_AND_I = r"(?:[ ]en[ ](?:ik|de[ ](?:minister|staatssecretaris)" + _PORTFOLIO + r"?))?"
# what follows a body that is not ours: "de regering van China"
_FOREIGN = re.compile(r"[ ]+van[ ]+(?:de[ ]+|het[ ]+)?(?!(?:Nederland|Koninkrijk)\b)[A-ZÀ-Þ]\w+")
_PREPOSITION = re.compile(
    r"\b(?:van|met|aan|door|voor|bij|tussen|in|op|tegen|naar|over|onder|namens|tegenover"
    r"|richting|binnen|buiten|volgens"
    r"|uit|als|dan|rond|per|via)[ ]+(?:(?:zowel|ook)[ ]+)?$",
    re.IGNORECASE,
)
# "Staal Nederland streeft": a company
_CAPITAL_BEFORE = re.compile(r"(?<![\w])[A-ZÀ-Þ][\w&]+[ ]+$")
_ADVERBS = (
    r"(?:(?:[ ]+(?:ook|dan|daarbij|hierbij|tevens|daarom|dus|echter|ondertussen|hiertoe"
    r"|daartoe|vervolgens|verder|nog|er"
    r"|zo|mede|hierover|daarover|daarnaast|dit|deze|dat|hier|daar|eveneens|zich|overigens"
    r"|uiteraard|wel|namens|in[ ]dat[ ]kader))"
    r"|[ ]*,[^,;.]{1,120},){0,3}"
)


@functools.cache
def _actor() -> str:
    raw = tomllib.loads(
        (resources.files("geomonitor.dossier.reading") / "facts" / "actors.toml").read_text(encoding="utf-8")
    )

    def any_of(key: str) -> str:
        return "|".join(re.escape(word) for word in sorted(raw[key], key=len, reverse=True))

    adjective = rf"(?:(?:{any_of('adjectives')})[ ]+)?"
    return (
        rf"(?:(?:(?i:het)[ ]+{adjective}(?:{any_of('with_het')}|(?i:ministerie){_PORTFOLIO})"
        rf"|(?i:de)[ ]+{adjective}(?:{any_of('with_de')}|(?i:{any_of('offices')}){_PORTFOLIO}?"
        rf"|(?i:ministeries){_PORTFOLIO})"
        rf"|(?i:mijn|onze)[ ]+(?:{any_of('own')}){_PORTFOLIO}?"
        rf"|(?i:{any_of('alone')})){_AND_I})(?![\w-])"
    )


@functools.cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    actor = _actor()
    return (
        re.compile(rf"{_ADVERBS}[ ]+(?P<actor>{actor})"),
        re.compile(rf"(?<![\w-])(?P<actor>{actor})(?:[ ]*\([^)]{{1,40}}\))?(?:[ ]*,[^,;.]{{1,120}},)?[ ]*$"),
        re.compile(rf"(?<![\w-])(?P<actor>{actor})"),
    )


def actor_after(text: str, position: int, end: int) -> str:
    """Give the government's actor right behind a verb ("zal het kabinet"); empty where another stands there.

    Examples
    --------
    >>> actor_after("Ook zal het kabinet dit doen.", 7, 29), actor_after("Ook zal China dit doen.", 7, 23)
    ('het kabinet', '')
    """
    match = _patterns()[0].match(text, position, end)
    if match is None or _FOREIGN.match(text, match.end(), end):
        return ""
    return match["actor"]


def actor_before(text: str, start: int, position: int) -> str:
    """Give the government's actor right before a verb ("Nederland zal"); empty where another stands there.

    Examples
    --------
    >>> text = "De minister van Onderwijs, Cultuur en Wetenschap zal u informeren."
    >>> actor_before(text, 0, text.index(" zal"))
    'De minister van Onderwijs, Cultuur en Wetenschap'
    >>> text = "De samenwerking met Nederland zal groeien."
    >>> actor_before(text, 0, text.index(" zal"))
    ''
    """
    low = max(start, position - 260)
    for match in _patterns()[1].finditer(text, low, position):
        opening = max(start, match.start() - 30)
        part_of_a_name = match["actor"] == "Nederland" and _CAPITAL_BEFORE.search(
            text, opening, match.start()
        )
        if not part_of_a_name and not _PREPOSITION.search(text, opening, match.start()):
            return match["actor"]
    return ""


def first_actor(text: str, start: int, end: int) -> str:
    """Give the actor that a sentence begins with: the subject of what follows "en zal" in it.

    Examples
    --------
    >>> first_actor("Nederland is voorstander hiervan en zal dat uitdragen.", 0, 30)
    'Nederland'
    """
    match = _patterns()[2].match(text, start, end)
    return "" if match is None or _FOREIGN.match(text, match.end(), end) else match["actor"]
