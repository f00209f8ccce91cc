"""The Dutch words of promises: verbs that tell parliament something, that announce, and that do neither."""

from __future__ import annotations

import re

from geomonitor.dossier.reading.due_dates import MONTHS

__all__ = [
    "ABOUT",
    "BY_MOTION",
    "BY_OTHERS",
    "CAN_PROMISE",
    "ELIDED",
    "FINAL",
    "HEAD",
    "INFINITIVE",
    "INTENDS",
    "LAST_BEFORE",
    "LAST_VERBS",
    "LETTER_FOLLOWS",
    "LONGEST_SENTENCE",
    "LONGEST_SUBJECT",
    "NEXT_TO_WILL",
    "NOUN_FIRST",
    "NO_PROMISE",
    "ONLY_PRONOUN",
    "OPENS_A_CLAUSE",
    "OURS_NEAR",
    "OUR_WORK",
    "OWN_PRESENT",
    "PARLIAMENT",
    "PASSIVE",
    "PAST",
    "PLANNED",
    "POINTS_BACK",
    "PRESENT_TELLING",
    "PROMISES",
    "REACHES",
    "RECEIVES",
    "RECEIVING",
    "RECITAL",
    "RECURS",
    "SECOND_HALF",
    "SENT_TO",
    "SUBORDINATE",
    "TELLING",
    "TELLS",
    "THAT",
    "THIS_PAPER",
    "TOLD",
    "TO_COME",
    "TO_PARLIAMENT",
    "WILL",
]

PARLIAMENT = (
    r"(?:(?:uw|de|beide|onze)\s+(?:Tweede\s+|Eerste\s+)?[Kk]amers?|de\s+Staten-Generaal"
    r"|het\s+parlement)(?![\w-])"
)
TOLD = rf"(?:{PARLIAMENT}|\bu(?![\w'-]))"
TO_PARLIAMENT = re.compile(TOLD, re.IGNORECASE)
TELLING = (
    r"(?:ge)?(?:ïn|in)?(?:informeren|formeerd|formeren|berichten|bericht|sturen|stuurd|zenden"
    r"|zonden)|(?:toe|op|door)(?:ge)?(?:sturen|stuurd|zenden|zonden|zegd)"
    r"|toekomen|toegaan|toe\s+te\s+(?:zenden|sturen|komen|gaan)|aan(?:ge)?bieden|aangeboden"
    r"|aan\s+te\s+bieden|voor(?:ge)?leg(?:gen|d)|rapporteren"
    r"|gerapporteerd|terug(?:ge)?komen|terug\s+te\s+komen|terugkoppelen|meld(?:en|)|gemeld"
    r"|mee(?:ge)?de(?:len|eld)|ontvangen|op\s+de\s+hoogte"
    r"|beantwoord(?:en|)|reageren|delen|gedeeld|betrekken|inzicht|schetsen|verstrekken"
    r"|doen\s+toe\w+|verschaffen|ingaan|toelichten|bereiken"
)
TELLS = re.compile(rf"(?<![\w-])(?:{TELLING})(?!\w)", re.IGNORECASE)
THIS_PAPER = re.compile(
    r"\b(?:hierbij|bijgaand|bijgevoegd|hiermee|(?:in|met|middels|via|bij"
    r"|door\s+middel\s+van)\s+(?:deze|dit|onderhavige"
    r"|voorliggende|bijgaande)\s+(?:\w+\s+)?(?:\w*brief|\w*nota|\w*rapportage|schrijven"
    r"|\w*verslag)|in\s+de\s+bijlagen?)\b",
    re.IGNORECASE,
)
WILL = re.compile(r"(?<![\w-])(?:zal|zullen)(?![\w-])", re.IGNORECASE)
NO_PROMISE = re.compile(
    r"(?<!\w)(?:moeten|kunnen|hoeven|blijken|lijken|toe\s+leiden|gepaard\s+gaan)(?!\w)", re.IGNORECASE
)
OPENS_A_CLAUSE = re.compile(
    r"(?<![\w-])(?:hoe|wat|welke?|of|dat|die|waar\w*|om|zodat|wie|wanneer|opdat)(?![\w-])", re.IGNORECASE
)
FINAL = re.compile(r"[^\s,;:.()]+")
SUBORDINATE = re.compile(
    r"(?<![\w-])(?:dat|die|waar\w*|wat|als|indien|wanneer|omdat|doordat|zodat|opdat|of|hoe"
    r"|welke?|hoewel|terwijl|zodra|aangezien"
    r"|wie|nadat|voordat|totdat|tot)(?![\w-])[^,;]{0,160}$",
    re.IGNORECASE,
)
ELIDED = re.compile(
    r"(?<![\w-])(?:en|maar|of)(?:\s+(?:ook|dan|daarbij|vervolgens|daarom|daartoe|hierbij|tevens|zo))?\s*$",
    re.IGNORECASE,
)
NOUN_FIRST = re.compile(
    r"\s*(?:dit|dat|deze|die|het|de|een|hij|zij|er|wat|dergelijke|elke?|alle|veel|sommige"
    r"|beide)\s+(?!komende|komend|afgelopen)",
    re.IGNORECASE,
)
ONLY_PRONOUN = re.compile(r"\s*(?:dit|dat|deze|die|het|hij|zij|er|zo'n)\s*$", re.IGNORECASE)
OUR_WORK = re.compile(
    r"(?<!\w)(?:betrekken|betrokken|meenemen|mee\s?genomen|meegenomen|onderzoeken|onderzocht"
    r"|bezien|bespreken|besproken|uitwerken|uitgewerkt"
    r"|overnemen|overgenomen|opnemen|opgenomen|gebruiken|gebruikt|benutten|benut|inzetten"
    r"|ingezet|wegen|meewegen|meegewogen"
    r"|monitoren|gemonitord|volgen|gevolgd|evalueren|geëvalueerd|opstellen|opgesteld|uitvoeren"
    r"|uitgevoerd|verkennen|verkend"
    r"|inventariseren|geïnventariseerd|aanpassen|aangepast|ontwikkelen|ontwikkeld|versterken"
    r"|versterkt|verbeteren|verbeterd"
    r"|vervolgen|voortzetten|voortgezet|agenderen|geagendeerd|publiceren|gepubliceerd"
    r"|aan\s+de\s+orde\s+(?:komen|stellen|gesteld)"
    r"|aan\s+bod\s+komen|verwerken|verwerkt|opgestart|gestart|georganiseerd|ingericht"
    r"|opgericht|afgerond|vastgesteld|toegevoegd|besteed)(?!\w)",
    re.IGNORECASE,
)
REACHES = re.compile(
    rf"(?<![\w-])(?P<relative>die|dat|welke)\s+(?P<actor>(?:ik|wij"
    rf"|het\s+kabinet)\s+)?(?:{TOLD})(?P<middle>[^,;.]{{0,120}}?)"
    r"(?<!\w)(?:(?:zal|zullen|zult)\s+(?:\w+\s+){0,2}(?:toekomen|toegaan|ontvangen|bereiken"
    r"|sturen|zenden|toesturen|toezenden|aanbieden"
    r"|worden\s+\w+|doen\s+toekomen)|(?:toegezonden|toegestuurd|aangeboden|gestuurd)\s+(?:zal"
    r"|zullen)\s+worden|ontvangt|tegemoet\s+kunt\s+zien)",
    re.IGNORECASE,
)
THAT = re.compile(r"(?<![\w-])dat\s[^,;]{0,160}$", re.IGNORECASE)
# between "zal" and "uw Kamer" stand at most adverbs and the time: no one else who acts
NEXT_TO_WILL = re.compile(
    r"\s+(?:(?:ook|dan|naar|verwachting|nog|zo|daarom|vervolgens|tevens|separaat|hierover"
    r"|daarover|nader|per|brief|op|in|voor|vóór|na|het|de"
    r"|dit|van|begin|medio|eind|uiterlijk|korte|termijn|spoedig|snel|mogelijk|binnen|zomer"
    r"|zomerreces|kerstreces|najaar|voorjaar|jaar"
    rf"|kwartaal|eerste|tweede|derde|vierde|maand|maanden|weken|enkele|afzienbare|tijd|komende"
    rf"|\d{{1,4}}|{'|'.join(MONTHS)}),?\s+){{0,9}}"
    rf"(?:(?:aan|naar)\s+)?(?:{TOLD})",
    re.IGNORECASE,
)
LAST_BEFORE = re.compile(rf"(?:{TOLD})\s*$", re.IGNORECASE)
INTENDS = re.compile(
    r"(?<![\w-])(?:(?:ben|is|zijn)(?P<a>[^.;]{0,80}?)\s(?:voornemens|van\s+plan)|(?:heb|heeft"
    r"|hebben)(?P<b>[^.;]{0,60}?)\shet\s+voornemen"
    r"|(?:streef|streeft|streven)(?P<c>[^.;]{0,40}?)\s(?:ernaar|er\s+naar|naar)"
    r"|verwacht(?P<d>[^.;]{0,60}?)(?=\s(?:uw|de)\s+Kamer|\su\s))(?!\w)",
    re.IGNORECASE,
)
PRESENT_TELLING = re.compile(
    r"(?<![\w-])(?P<verb>informeer|informeert|informeren|stuur|stuurt|sturen|zend|zendt|zenden"
    r"|bericht|berichten|rapporteer|rapporteert"
    r"|rapporteren|bied|biedt|bieden|kom|komt|komen|houd|houdt|houden|leg|legt|leggen|doe|doet"
    r"|meld|meldt|ga|gaat)(?![\w-])",
    re.IGNORECASE,
)
RECEIVES = re.compile(
    rf"(?<![\w-])(?:ontvangt\s+(?:u(?!\w)|{PARLIAMENT})|(?:{TOLD})\s+ontvangt"
    rf"|(?:{TOLD})\s+(?:kan|kunt|mag)\b[^.;]{{0,80}}\b"
    rf"(?:verwachten|tegemoet\s+zien)|(?:wordt"
    rf"|worden)\s+(?:{TOLD})[^.;]{{0,160}}\bgeïnformeerd|(?:{TOLD})\s+(?:wordt"
    rf"|worden)\b[^.;]{{0,200}}\bgeïnformeerd"
    rf"|(?:wordt|worden)\b[^.;]{{0,160}}\b(?:aan|naar)\s+{PARLIAMENT}\s+(?:aangeboden|gestuurd"
    rf"|verzonden|verstuurd|toegezonden))",
    re.IGNORECASE,
)
PROMISES = re.compile(
    r"(?<![\w-])(?:ik\s+zeg\b[^.;]{0,200}?\btoe\b|zeg\s+ik\b[^.;]{0,200}?\btoe\b"
    r"|zegt\s+het\s+kabinet\b[^.;]{0,200}?\btoe\b"
    r"|het\s+kabinet\s+zegt\b[^.;]{0,200}?\btoe\b)",
    re.IGNORECASE,
)
PLANNED = re.compile(
    r"(?<![\w-])(?:wordt|worden|is|zijn|staat"
    r"|staan)(?![\w-])[^.;]{0,260}?(?<![\w-])(?:voorzien|gepland|beoogd|gepubliceerd"
    r"|opgeleverd|afgerond|ingediend|gestart"
    r"|geëvalueerd|georganiseerd|opgesteld|uitgewerkt|verwacht)(?![\w-])",
    re.IGNORECASE,
)
OWN_PRESENT = re.compile(
    r"(?<![\w-])(?:komt|kom|komen|start|starten|publiceert|presenteert|evalueert|organiseert"
    r"|dient|rondt|begint|werkt|brengt|voert|laat|opent|gaat|gaan)(?![\w-])",
    re.IGNORECASE,
)
LETTER_FOLLOWS = re.compile(
    r"(?<![\w-])(?:\w*brief|\w*rapportage|\w*reactie|\w*notitie|\w*agenda|\w*strategie"
    r"|evaluatie)\s+(?:hierover\s+|hieromtrent\s+)?volgt(?![\w-])"
    r"|(?<![\w-])volgt\b[^.;]{0,80}\b(?:\w*brief|\w*rapportage|\w*reactie)(?![\w-])",
    re.IGNORECASE,
)
OURS_NEAR = re.compile(
    r"(?<![\w-])(?:kabinet|regering|Nederland|minister|staatssecretaris|ministerie|Kamer|Rijk"
    r"|ik|wij|overheid)(?![\w-])",
    re.IGNORECASE,
)
TO_COME = re.compile(
    r"(?<![\w-])(?:separaat|apart|nader|nog|later|vervolgens|zodra|opnieuw|wederom|blijven"
    r"|op\s+de\s+hoogte|terug|wanneer|daarna)(?![\w-])",
    re.IGNORECASE,
)
PAST = re.compile(
    r"(?<![\w-])(?:heb|heeft|hebben|had|hadden|werd|werden|is|zijn|was"
    r"|waren)\s+(?:[\w,-]+\s+){0,14}(?:ge\w+d|ge\w+t|ge\w+n|toegezegd|verstuurd|verzonden"
    r"|toegegaan)(?!\w)",
    re.IGNORECASE,
)
SECOND_HALF = re.compile(
    rf",?\s+en\s+(?=(?:(?:hierover|daarover|vervolgens|tevens|ook|daarna"
    rf"|om)\s+){{0,2}}(?:{TOLD}|hierover\s+aan\s)[^;.]{{0,200}}(?<![\w-])(?:{TELLING})(?!\w))",
    re.IGNORECASE,
)
INFINITIVE = re.compile(r"(?<![\w-])[a-zëïé]{2,}(?:en|aan|zien|doen|gaan|staan)(?![\w-])")
ABOUT = re.compile(
    r"(?<![\w-])(?:over|inzake|omtrent|ten\s+aanzien\s+van|met\s+betrekking\s+tot|m\.b\.t\.)\s+(?P<what>.+)$",
    re.IGNORECASE | re.DOTALL,
)
POINTS_BACK = re.compile(
    r"(?<![\w-])(?:hierover|daarover|hieromtrent|daaromtrent|hiervan|hierop|daarop)(?![\w-])", re.IGNORECASE
)
LAST_VERBS = re.compile(
    rf"[\s,]*(?:(?:te|om|worden|blijven|gaan|laten|zullen|doen)\s+)*(?:(?:{TELLING}|toe\w*"
    rf"|gesteld|gehouden|houden)\s*)+[.;:]*$",
    re.IGNORECASE,
)
BY_MOTION = re.compile(
    r"^(?:in lijn met|conform|overeenkomstig) (?:de )?motie[^()]{0,120}\([^)]{0,60}\) ", re.IGNORECASE
)
PASSIVE = re.compile(r"\b(?:worden|komen)\b", re.IGNORECASE)
BY_OTHERS = re.compile(r"\bdoor\s+(?!het\s+kabinet|de\s+regering|mij|ons)", re.IGNORECASE)
# something goes to parliament, whoever sends it: "zal aan uw Kamer worden gestuurd"
SENT_TO = re.compile(
    rf"(?<![\w-])(?:aan|naar|met|bij)\s+{PARLIAMENT}\s+(?:(?:zal"
    rf"|zullen)\s+)?worden\s+(?:aangeboden|gestuurd|gezonden|verstuurd"
    r"|verzonden|toegezonden|toegestuurd|gedeeld|ingediend|voorgelegd|gerapporteerd|teruggekoppeld)"
    r"|(?<![\w-])brief\s+worden\s+(?:ingegaan|teruggekomen)",
    re.IGNORECASE,
)
# what is left out of the subject where parliament receives something
RECEIVING = re.compile(
    rf"(?<![\w-])(?:(?:aan|naar|met|bij)\s+)?(?:{TOLD})|(?<![\w-])(?:ontvangt|ontvangen|wordt"
    rf"|worden|zal|zullen|geïnformeerd"
    r"|aangeboden|gestuurd|gezonden|verstuurd|verzonden|toegezonden|gedeeld|ingediend|hierover"
    r"|daarover|nader)(?![\w-])",
    re.IGNORECASE,
)
RECURS = re.compile(r"(?:jaarlijks|halfjaarlijks|periodiek|ieder|elk)", re.IGNORECASE)
# no rule is tried on a sentence without one of these
CAN_PROMISE = re.compile(
    r"\b(?:za?l|zullen|zult|voornemens?|plan|streeft?|streven|verwacht|[Kk]amers?|u|parlement"
    r"|Staten-Generaal|volgt|voorzien"
    r"|gepland|beoogd|gepubliceerd|opgeleverd|afgerond|ingediend|gestart|geëvalueerd|georganiseerd|opgesteld"
    r"|uitgewerkt|toe)\b|" + OWN_PRESENT.pattern,
    re.IGNORECASE,
)
# the words of a motion: what it considers and asks is no promise
RECITAL = re.compile(
    r"\W*(?:constaterende|overwegende|tevens overwegende|gehoord|verzoekt|spreekt|roept"
    r"|van mening|van oordeel)\b",
    re.IGNORECASE,
)
LONGEST_SENTENCE = 2_500
LONGEST_SUBJECT = 300
HEAD = re.compile(
    r"(?:(?:^|(?<=\s))(?:de|het|een|deze|dit)\s+(?:(?!\b(?:de|het|een)\b)[\w«»'’-]+\s*){1,7})$", re.IGNORECASE
)
