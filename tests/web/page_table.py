"""Every page by the name of its URL, with what fills its address from a filled register."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from web.whole_register import Register

__all__ = ["ARGUMENTS", "HIDDEN", "address", "hidden_addresses", "is_call", "named_patterns"]

PRODUCT = "810110"

Arguments = Callable[[Register], Mapping[str, Any]]


def _none(register: Register) -> dict[str, Any]:
    return {}


def _edition(register: Register) -> dict[str, Any]:
    return {"edition": register.edition}


def _case(register: Register) -> dict[str, Any]:
    return {"reference": register.case.reference}


def _of_case(**more: Callable[[Register], Any]) -> Arguments:
    return lambda register: {**_case(register), **{name: get(register) for name, get in more.items()}}


def _record(kind: str) -> Arguments:
    return lambda register: {**_case(register), "kind": kind, "uid": register.records[kind].pk}


def _instrument(register: Register) -> dict[str, Any]:
    return {"code": register.instrument.code}


def _coercion_case(register: Register) -> dict[str, Any]:
    return {"code": register.coercion_case.code}


def _paper(register: Register) -> dict[str, Any]:
    return {"paper": register.archive.letter.paper}


def _job(register: Register) -> dict[str, Any]:
    return {"uid": register.jobs["waiting"].pk}


ARGUMENTS: Mapping[str, Arguments] = {
    # accounts
    "home": _none,
    "tour": _none,
    "help": _none,
    "log-in": _none,
    "log-out": _none,
    "account": _none,
    "change-password": _none,
    "end-sessions": _none,
    "set-language": _none,
    "set-theme": _none,
    "users": _none,
    "user-new": _none,
    "user-change": lambda register: {"user": register.users["reader"].pk},
    # evidence
    "search": _none,
    "base-map": _none,
    "editions": _none,
    "edition": _edition,
    "edition-file": lambda register: {**_edition(register), "name": "edition.json"},
    "dependencies": _edition,
    "product": lambda register: {**_edition(register), "product": PRODUCT},
    "pairs": _edition,
    "pair": lambda register: {**_edition(register), "importer": "EU27_2020", "counterpart": "CHN"},
    "figure-data": lambda register: {**_edition(register), "kind": "map"},
    # studies
    "chains": _edition,
    "stacking": _edition,
    "materials": _edition,
    "material": lambda register: {**_edition(register), "material": "tungsten"},
    "shocks": _edition,
    "scenarios": _none,
    "scenario-compare": _none,
    "scenario-result": _job,
    "sources": _none,
    "methods": _none,
    "method": lambda register: {"method": "commission-2021"},
    "compare-editions": _none,
    # cases
    "my-work": _none,
    "cases": _none,
    "case-new": _none,
    "case-schema": _none,
    "case": _case,
    "case-change": _case,
    "case-attach": _case,
    "case-interests": _case,
    "case-risk": _case,
    "case-options": _case,
    "case-decision": _case,
    "case-decision-propose": _case,
    "case-decision-judge": _of_case(uid=lambda register: register.records["decision"].pk),
    "case-follow-up": _case,
    "case-history": _case,
    "case-access": _case,
    "case-assign": _case,
    "case-visibility": _case,
    "case-access-give": _case,
    "case-access-end": _of_case(member=lambda register: register.member.pk),
    "case-step-complete": _of_case(step=lambda register: 3),
    "case-step-reopen": _of_case(step=lambda register: 3),
    "case-close": _case,
    "case-open-again": lambda register: {"reference": register.followed.reference},
    "case-withdraw": _case,
    "case-dossier": _case,
    "case-dossier-style": _case,
    "case-json": _case,
    "case-record-new": _of_case(kind=lambda register: "option"),
    "case-record-change": _record("action"),
    "case-record-withdraw": _record("action"),
    # instruments and coercion
    "instruments": _none,
    "instrument-new": _none,
    "coverage": _none,
    "instrument": _instrument,
    "instrument-change": _instrument,
    "instrument-withdraw": _instrument,
    "coercion-cases": _none,
    "coercion-case-new": _none,
    "coercion-case": _coercion_case,
    "coercion-case-change": _coercion_case,
    "coercion-case-withdraw": _coercion_case,
    # parliamentary papers
    "papers": _none,
    "paper": _paper,
    "paper-graph": _paper,
    "link-paper": _paper,
    "dossiers": _none,
    "dossier": lambda register: {"dossier": register.archive.dossier.dossier},
    "sync-dossier": _none,
    "motions": _none,
    "motion": lambda register: {"motion": register.archive.motion.motion},
    "commitments": _none,
    "commitment": lambda register: {"commitment": register.archive.promise.commitment},
    "judge-state": _none,
    "end-judgement": lambda register: {"judgement": register.archive.judgement.pk},
    # what a user follows
    "following": _none,
    "follow": _none,
    "unfollow": _none,
    "follow-search": _none,
    "forget-search": lambda register: {"pk": register.search.pk},
    "mark-seen": _none,
    "follow-mail": _none,
    "follow-addresses": _none,
    "following-feed": lambda register: {"key": register.feed_key},
    "following-calendar": lambda register: {"key": register.feed_key},
    # jobs
    "jobs": _none,
    "job-new-edition": _none,
    "job": _job,
    "job-cancel": _job,
    "health": _none,
    "health-live": _none,
    # exchange, trail
    "exchange": _none,
    "exchange-schema": _none,
    "export": lambda register: {"file_format": "json"},
    "import": _none,
    "import-apply": _none,
    "audit-trail": _none,
    "audit-export": lambda register: {"file_format": "csv"},
    # the API, for people; its calls are in the table of the calls
    "api-guide": _none,
    "api-tokens": _none,
    "api-token-revoke": lambda register: {"uid": register.token.pk},
    "openapi": _none,
}
"""How the address of each page is filled; the calls of the API are no pages."""

HIDDEN: Mapping[str, Arguments] = {
    "case-decision-judge": lambda register: {"uid": register.hidden_records["decision"].pk},
    "case-access-end": lambda register: {"member": register.hidden_member.pk},
    "case-record-change": lambda register: {"uid": register.hidden_records["action"].pk},
    "case-record-withdraw": lambda register: {"uid": register.hidden_records["action"].pk},
}
"""What leads to a record of the restricted case, where the case itself is not in the address."""


def address(name: str, register: Register) -> str:
    """Give the address of a page."""
    return reverse(name, kwargs=dict(ARGUMENTS[name](register)))


def hidden_addresses(name: str, register: Register) -> list[str]:
    """Give the addresses under which a page would show, or change, the restricted case."""
    arguments = dict(ARGUMENTS[name](register))
    if "reference" not in arguments:
        return []
    own = HIDDEN[name](register) if name in HIDDEN else {}
    sealed = {**arguments, **own, "reference": register.restricted.reference}
    found = [reverse(name, kwargs=sealed)]
    if own:
        # its record, under the reference of a case that one may read
        found.append(reverse(name, kwargs={**arguments, **own}))
    return found


def named_patterns(resolver: URLResolver | None = None, outer: str = "") -> Iterator[tuple[str, str]]:
    """Give every URL pattern as (name, route), however deep; a pattern without a name has its route."""
    for each in (resolver or get_resolver()).url_patterns:
        route = outer + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from named_patterns(each, route)
        else:
            assert isinstance(each, URLPattern)
            yield each.name or route, route


def is_call(route: str) -> bool:
    """Say whether a route is one of a call of the API."""
    return route.startswith("api/v1/") and route != "api/v1/openapi.json"
