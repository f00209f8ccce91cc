"""Who may do what: by role, and by access to the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from geomonitor.register.errors import Codes, NotAllowedError
from geomonitor.register.models import Case, CaseMember, Role, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

__all__ = [
    "ACTIONS",
    "may",
    "may_change_case",
    "may_judge_decision",
    "may_read_case",
    "require",
    "visible_cases",
]

_EVERYBODY = frozenset(Role)
_WRITERS = frozenset({Role.ANALYST, Role.ADMINISTRATOR})

ACTIONS: dict[str, frozenset[Role]] = {
    "read_evidence": _EVERYBODY,
    "read_cases": _EVERYBODY,
    "comment": frozenset({Role.ANALYST, Role.DECISION_MAKER, Role.ADMINISTRATOR}),
    "change_cases": _WRITERS,
    "propose_decision": _WRITERS,
    "judge_states": _WRITERS,
    "judge_decision": frozenset({Role.DECISION_MAKER}),
    "change_instruments": _WRITERS,
    "change_coercion_cases": _WRITERS,
    "run_jobs": _WRITERS,
    "export": _EVERYBODY,
    "import": _WRITERS,
    "use_api": _EVERYBODY,
    "manage_users": frozenset({Role.ADMINISTRATOR}),
    "read_audit_trail": frozenset({Role.ADMINISTRATOR}),
}
"""What each role may do. Access to a restricted case comes on top."""


def may(user: User | AnonymousUser, action: str) -> bool:
    """Say whether a user's role allows something.

    Parameters
    ----------
    user : User
    action : str
        One of `ACTIONS`.
    """
    return isinstance(user, User) and user.is_active and Role(user.role) in ACTIONS[action]


def require(user: User | AnonymousUser, action: str) -> None:
    """Refuse what a user's role does not allow.

    Raises
    ------
    NotAllowedError
    """
    if not may(user, action):
        allowed = [role.value for role in Role if role in ACTIONS[action]]
        raise NotAllowedError(
            "Your role does not allow this.",
            key="role",
            values={"action": Codes("action", [action]), "roles": Codes("role", allowed)},
            where="{action}",
            expected="one of these roles: {roles}",
            next_step="Ask an administrator if you need it.",
        )


def visible_cases(user: User | AnonymousUser) -> QuerySet[Case]:
    """Give the cases that a user may read: open ones, and restricted ones with access."""
    if not may(user, "read_cases"):
        return Case.objects.none()
    assert isinstance(user, User)
    member = CaseMember.objects.filter(user=user, until__isnull=True).values("case")
    return Case.objects.filter(Q(visibility=Case.Visibility.EVERYONE) | Q(pk__in=member))


def may_read_case(user: User | AnonymousUser, case: Case) -> bool:
    """Say whether a user may read a case."""
    return visible_cases(user).filter(pk=case.pk).exists()


def may_change_case(user: User | AnonymousUser, case: Case) -> bool:
    """Say whether a user may work on a case: by role; on a restricted one with write access too."""
    if not may(user, "change_cases") or not may_read_case(user, case):
        return False
    if case.visibility == Case.Visibility.EVERYONE:
        return True
    return case.members.filter(user=user.pk, until__isnull=True, access=CaseMember.Access.WRITE).exists()


def may_judge_decision(user: User | AnonymousUser, case: Case) -> bool:
    """Say whether a user may approve or reject a decision on a case, whoever proposed it."""
    return may(user, "judge_decision") and may_read_case(user, case)
