"""What stands before the number of a dossier, and what follows it: the patterns that Dutch papers use."""

from __future__ import annotations

import re

__all__ = [
    "AFTER_LISTED",
    "ANCHOR",
    "BILL_NEAR",
    "BILL_WORD",
    "BRACKET",
    "CAPITAL_FOLLOWS",
    "CHAPTER",
    "CLOSES",
    "COMMA",
    "DOSSIER_AND_STROKE",
    "DOSSIER_WORD",
    "EXHAUSTIVE_RANGE",
    "FURTHER_LETTERS",
    "GOES_ON",
    "HYPHEN",
    "IMPOSSIBLE",
    "INNER_BEFORE",
    "INNER_CLOSES",
    "INTRODUCTION",
    "JOINED_NUMBER",
    "KINGDOM_ACT",
    "LARGEST_STEP",
    "LETTER",
    "LETTERED",
    "LETTERS",
    "LONGEST_BEFORE",
    "LONGEST_LIST",
    "MONTH_FOLLOWS",
    "MORE",
    "NEXT_DOSSIER",
    "NO_DOSSIER",
    "NO_PAPER_AFTER",
    "NR_AGAIN",
    "NUMBER",
    "NUMBERED",
    "NUMBER_BEFORE",
    "OWN_NUMBER",
    "PLACING_WORD",
    "REPLACED",
    "STROKE",
    "SUFFIX",
    "THOUSANDS",
    "WEAK_INTRODUCTION",
    "WIDE_HYPHEN",
]

# letters stand against the number in "TK33328" and "Kamerstuk34428" only
ANCHOR = re.compile(r"(?:(?<![\w€$£])|(?<=[TE]K)|(?<=stuk))(\d{2})([ .]{0,3})(\d{3})(?![\d])")
MONTHS = "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"

# what may stand before a number ----------------------------------------------------------------------------

LONGEST_BEFORE = 90
SESSION_BEFORE = (
    r"(?:[ ,.:]{0,3}(?:(?:vergaderjaar|zitting(?:sjaar)?|verg\. ?jaar|vj\.?) ?)?(?:19|20)\d{2} ?[-/] ?"
    r"(?:\d{4}|\d{2}))?"
)
LETTER = re.compile(r"[^\W\d_]")
INTRODUCTION = re.compile(
    r"(?<![^\W_])(?:"
    r"(?:(?:kamer|tk-|ek-)?stuk|kamer(?:tsuk|stk|tuk|sstuk))(?:ken|kennummers?|nummers?|nrs?\.?)?"
    r"|kamerst\.|kst\.?|kamerdossiers?"
    r"|(?:wets)?dossier(?:s|nummers?|nr\.?)?"
    r"|tk|ek|(?:tweede|eerste) kamer(?: der staten-generaal)?|parl\. st\."
    r")(?: ?(?:/ ?)?(?:ii|i|tk|ek|tweede kamer|eerste kamer)(?![^\W_]))?"
    + SESSION_BEFORE
    + r"[ ,.:;-]{0,4}(?:(?:nrs?|nummers?)[ .:]{0,2})?$",
    re.IGNORECASE,
)
WEAK_INTRODUCTION = re.compile(r"^(?:tk|ek|stuk|stukken|tweede kamer|eerste kamer)", re.IGNORECASE)
DOSSIER_WORD = re.compile(r"dossier", re.IGNORECASE)
BILL_WORD = re.compile(
    r"(?:wets?v?oo?rstel(?:len)?|wetsontwerp(?:en)?|initiatief(?:wets)?(?:voorstel(?:len)?|wet)|rijkswet|wv"
    r"|voorstel(?:len)? van (?:rijks)?wet|novelle|initiatiefnota(?:'s)?|moties?|amendement(?:en)?"
    r"|hamerstuk)(?: (?:met )?(?:nrs?|nummers?|dossiernummer)\.?)?[ :(]{0,3}$",
    re.IGNORECASE,
)
PLACING_WORD = re.compile(
    r"(?:moties?|motie-[\w/-]{1,40}|amendement(?:en)?|t\. ?v\. ?v\.?|tvv|c\. ?s\.?|brief|brieven|fiche|zie"
    r"|stuk|nota|o\.a\."
    r"|verslag|n\.a\.v\.|inzake|document|d\.d\. [\w ]{4,20}|\d{4},)[ :,(\[]{0,3}$",
    re.IGNORECASE,
)
BRACKET = re.compile(r"[(\[] ?(?:(?:zie|o\.a\.|zie o\.a\.|cf\.?|vgl\.?|en|nrs?\.?|tot) )?$", re.IGNORECASE)
NO_DOSSIER = re.compile(
    r"(?:€|\$|£|\b(?:EUR|[Ee]uro|[Tt]el|[Tt]elefoon|[Ff]ax|[Pp]ostbus|ISO(?:/IEC)?|IEC|NEN(?:-EN)?"
    r"(?:-ISO)?|prEN|EN|DIN"
    r"|CAS(?:-nr|-nummer)?|UN|Pub|Trb|Stcrt|Stb|[Aa]rtikel|[Zz]aaknr|[Zz]aak|ECLI\S*|[Bb]anknr|[Bb]ijna"
    r"|[Rr]uim|[Cc]irca"
    r"|[Oo]ngeveer|[Mm]aximaal|[Mm]inimaal|[Mm]eer dan|[Mm]inder dan|nr\. \d{4}))[ .:]{0,2}$"
)
BILL_NEAR = re.compile(
    r"wet(?:ten|svoorstel|boek|swijziging)?\b|\w+wet\b|voorstel|begroting|verdrag|goedkeuring|initiatief"
    r"|wijziging|novelle"
    r"|amendement|motie|verslag|nota|herindeling|samenvoeging|regels|besluit|richtlijn|verordening|raming",
    re.IGNORECASE,
)
NUMBER_BEFORE = re.compile(
    r"(?:op )?(?:stuk(?:ken)?|motie|amendement) nrs?\.? ?(?P<numbers>\d{1,4}(?:(?:, ?"
    r"| en )\d{1,4}){0,8})(?:,? ?\(|, )$",
    re.IGNORECASE,
)

# what may follow it ---------------------------------------------------------------------------------------

KINGDOM_ACT = re.compile(r"[ -]{0,2}(?:\(R ?\d{3,4}\)|R ?\d{4}(?!\d))")
SUFFIX = re.compile(r" {0,2}-? {0,2}(\d{2})(?![\d])")
CHAPTER = re.compile(
    r"(?:,? ?(?:hoofdstuk|hfst\.?) ?|(?P<comma>, ?)| {0,2}-? {0,2})(?P<letters>[IVX]{1,6}[ABC]?"
    r"|[ABCDEFGHJKLMN]|[ivx]{1,5}(?=-\d))"
    r"(?![^\W_])(?!\.\w)"
)
NUMBERED = re.compile(
    r"[ ,.;:-]{0,4}(?P<word>nrs|nr|nummers|nummer|num|no|n|r|stuknr|stuk nrs?)(?:[.,]|"
    r"(?![^\W_]))[ .:-]{0,3}(?=\d|[A-Z]{1,2}(?![^\W_]))",
    re.IGNORECASE,
)
LETTERED = re.compile(r"[ ,]{1,3}(?:letter|nr\.?) {0,2}(?=[A-Z]{1,2}(?![^\W_]))", re.IGNORECASE)
HYPHEN = re.compile(r"(?:-| -|- )(?=\d|[A-Z]{1,2}(?![^\W_]))")
WIDE_HYPHEN = re.compile(r" - (?=\d{1,4}(?:[);.]|$))")
STROKE = re.compile(r" ?/ ?(?=\d{1,4}(?!\d))")
COMMA = re.compile(r", ?(?=\d{1,4}(?!\d)|[A-Z]{1,2}(?![^\W_]))")
NUMBER = re.compile(
    r"(\d{1,4})(?![\d])(?!\.\d{3}(?!\d))(?! \d{3}(?!\d))(?!,\d)(?! ?%)(?!/\d{1,3}(?!\d))(?:-?H\d?(?!\w))?"
)
LETTERS = re.compile(r"([A-Z]{1,2})(?![^\W_])(?!\.\w)")
MORE = re.compile(
    r"(?P<range> ?(?:t/m|tot en met|t\.e\.m\.|-) ?)|(?P<weak>, ?)|(?P<strong>,? ?(?:en|&|\+|alsmede|of"
    r"|resp\.) ?)",
    re.IGNORECASE,
)
NR_AGAIN = re.compile(r"nrs?\.? ?", re.IGNORECASE)
AFTER_LISTED = re.compile(
    rf"(?! ?(?:{MONTHS})\b)(?:[),;.:\]]|$| ?(?:en|over|inzake|van|d\.d\.|voor|te|in|die|om|ter|bij"
    rf"|m\.b\.t\.|&|\+|t/m|is|zijn|uit|op|\()"
    r"(?![^\W_])| ?[(\[,])",
    re.IGNORECASE,
)
MONTH_FOLLOWS = re.compile(rf" ?(?:{MONTHS})\b", re.IGNORECASE)
NEXT_DOSSIER = re.compile(r" ?(?:,|;|/|&|\+|en|,? ?en|of|resp\.|alsmede) ?$", re.IGNORECASE)
NO_PAPER_AFTER = re.compile(
    r" ?(?:euro|miljoen|miljard|mln|mld|kilo|km|hectare|ha|ton|personen|mensen|inwoners|banen|woningen|,-|%)",
    re.IGNORECASE,
)
CLOSES = re.compile(r" ?(?:[)\];,/]|$|(?:en|&) ?\d{2}[ .]?\d{3}(?!\d))")
INNER_CLOSES = re.compile(r" ?\)")
INNER_BEFORE = re.compile(r"(?:[,;:]|-| -) ?$")
REPLACED = re.compile(
    r"(?:[ ,]{1,2}(?:van|over|op stuk))?[ ,]{1,2}(?:(?:ter|tot) vervan\w{0,5}n?g? van|t\. ?v\. ?v\.?|tvv"
    r"|op stuk|gedrukt onder)"
    r"(?: (?:dat|het amendement|amendement|stuk|die|motie|de motie))?(?: gedrukt onder)? ?(?:nr\.?|nummer) ?",
    re.IGNORECASE,
)
CAPITAL_FOLLOWS = re.compile(r"(?: {1,3}|: ?| ?- ?)[A-Z]|[/,] ?\d{5} +[A-Z]")
JOINED_NUMBER = re.compile(r" ?/ ?\d{2}[ .]?\d{3}(?!\d)[^)\n]{0,12}?(?:nr|-\d)")
OWN_NUMBER = re.compile(
    r"(?<![^\W_])(?:t\. ?v\. ?v\.?|tvv|(?:ter|tot) vervanging van|op stuk|gedrukt onder)"
    r"(?: (?:dat|het amendement|amendement|stuk|die|motie|de motie))?(?: gedrukt onder)? ?\(?"
    r"(?:nr\.?|nummer) ?(?P<number>\d{1,4})(?![\d-])(?! ?[,(]? ?\d{2}[ .]?\d{3})",
    re.IGNORECASE,
)
IMPOSSIBLE = re.compile(
    r"(?<![^\W_])kamerstuk(?:ken)?(?:nummers?|nrs?)?[ .:]{0,3}(\d{6,12})(?:[ ,]{0,3}(?:nr\.?|-) ?"
    r"(\d{1,4}))?(?!\d)",
    re.IGNORECASE,
)
GOES_ON = re.compile(r",\d|/\d{2}(?![ .]?\d)")
DOSSIER_AND_STROKE = re.compile(r"\d{2}[ .]?\d{3}/$")
THOUSANDS = re.compile(r"[ .]\d{3}(?!\d)")
FURTHER_LETTERS = re.compile(r"(?:, ?| en | & )([A-Z]{1,2})(?=[),;.]| en |$)")
LONGEST_LIST = 40
LARGEST_STEP = 20
EXHAUSTIVE_RANGE = 60
