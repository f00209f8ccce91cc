"""Papers and cases of the register: which cases a paper belongs to, and the form that links it to one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from geomonitor.archive.queries import PaperAround
from geomonitor.dossier.reading.normal_forms import identify
from geomonitor.register.access import may, visible_cases
from geomonitor.register.models import Case, CaseMember, PaperLink, User
from geomonitor.web.cases.forms import RegisterForm, long_text, text
from geomonitor.web.language import say
from geomonitor.web.parliament.naming import paper_url, papers_by_name

__all__ = ["LinkForm", "changeable_cases", "link_context", "linked_cases", "linked_papers"]

_OFFERED = 50


def changeable_cases(user: User) -> QuerySet[Case]:
    """Give the open cases that a user may work on."""
    if not may(user, "change_cases"):
        return Case.objects.none()
    writes = CaseMember.objects.filter(user=user, until__isnull=True, access=CaseMember.Access.WRITE)
    return visible_cases(user).filter(
        Q(visibility=Case.Visibility.EVERYONE) | Q(pk__in=writes.values("case")),
        closed_at__isnull=True,
        withdrawn_at__isnull=True,
    )


def _written_as(names: Collection[str]) -> list[str]:
    """Give every way in which people wrote one of these identifiers in a case."""
    every = PaperLink.objects.filter(withdrawn_at__isnull=True).exclude(paper="")
    found = []
    for written in every.values_list("paper", flat=True).distinct():
        read = identify(written)
        if written in names or (read is not None and read[1] in names):
            found.append(written)
    return found


def linked_cases(user: Any, names: Collection[str]) -> QuerySet[Case]:
    """Give the cases that a paper is linked to, of those that a user may read.

    Parameters
    ----------
    user : User
    names : collection of str
        Identifiers of the paper.
    """
    written = _written_as(names)
    return (
        visible_cases(user)
        .filter(withdrawn_at__isnull=True, papers__paper__in=written, papers__withdrawn_at__isnull=True)
        .distinct()
        .order_by("-created_at")
    )


def linked_papers(papers: Iterable[PaperLink]) -> list[tuple[PaperLink, str]]:
    """Give the papers that are linked to a case, each with its page where the archive has it: one query."""
    every = list(papers)
    read = {each.pk: identify(each.paper) for each in every if each.paper}
    found = papers_by_name({key[1] for key in read.values() if key is not None})
    pages = {name: paper_url(paper.paper) for name, paper in found.items()}
    return [(each, pages.get((read.get(each.pk) or ("", ""))[1], "")) for each in every]


class LinkForm(RegisterForm):
    """The case that a paper is linked to, and what it has to do with it."""

    reference = text("paper_link.case", 20, help_key="paper_link.case_help")
    relation = long_text("paper_link.relation", 2_000, required=False, rows=2)

    def __init__(self, data: Any = None, *, user: User, names: Collection[str] = ()) -> None:
        super().__init__(data)
        self.user, self.names = user, names
        self.fields["reference"].widget.attrs.update({"list": "cases-to-link", "autocomplete": "off"})

    def clean_reference(self) -> Case:
        """Find the case; one that may not be changed is as one that is not there."""
        reference = str(self.cleaned_data["reference"]).strip()
        case = changeable_cases(self.user).filter(reference=reference).first()
        if case is None:
            raise ValidationError(say(None, "paper_link.no_case", case=reference))
        if linked_cases(self.user, self.names).filter(pk=case.pk).exists():
            raise ValidationError(say(None, "paper_link.linked_already", case=reference))
        return case


def link_context(request: HttpRequest, around: PaperAround, form: LinkForm | None) -> dict[str, Any]:
    """Give what the page of a paper shows of cases: those it belongs to, and the form."""
    user = request.user
    assert isinstance(user, User)
    may_link = may(user, "change_cases")
    return {
        "cases": linked_cases(user, around.identities),
        "may_link": may_link,
        "link_form": (form or LinkForm(user=user)) if may_link else None,
        "cases_to_link": changeable_cases(user).order_by("-changed_at")[:_OFFERED] if may_link else (),
    }
