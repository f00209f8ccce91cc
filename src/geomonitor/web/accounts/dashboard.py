"""The start page: key numbers of the newest edition, what waits for the reader, and what changed."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from django.db.models import QuerySet
from django.utils import timezone

from geomonitor.register.access import may, visible_cases
from geomonitor.register.models import Action, Case, Decision, User
from geomonitor.report.content import Content, ShownImporter
from geomonitor.web.evidence.contents import content_of
from geomonitor.web.evidence.shelf import shelf

__all__ = ["ImporterNumbers", "Work", "key_numbers", "newest_content", "recent_cases", "work_of"]

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class ImporterNumbers:
    """Key numbers of one importer, under the main method of the edition.

    Attributes
    ----------
    importer : ShownImporter
    dependent, strategic : int
        Products.
    value_kusd : float
        Imports of the dependent products from outside the home group, a year, in thousand dollars.
    supplier : str or None
        Main supplier of most dependent products.
    supplier_products : int
        Of how many.
    """

    importer: ShownImporter
    dependent: int
    strategic: int
    value_kusd: float
    supplier: str | None
    supplier_products: int


@dataclass(frozen=True, slots=True)
class Work:
    """What waits for a user: cases to work on, decisions to judge, actions that are late or near."""

    cases: tuple[Case, ...]
    case_count: int
    decisions: tuple[Decision, ...]
    actions: tuple[Action, ...]

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.cases or self.decisions or self.actions)


def newest_content() -> Content | None:
    """Open the newest edition in the language of the page; none where the shelf is empty.

    Raises
    ------
    DataError
        If the edition is damaged.
    """
    newest = shelf().newest()
    return content_of(newest.id) if newest is not None else None


def key_numbers(content: Content) -> tuple[ImporterNumbers, ...]:
    """Count, for each importer of an edition, its dependent products."""
    return tuple(_numbers(content, importer) for importer in content.importers)


def _numbers(content: Content, importer: ShownImporter) -> ImporterNumbers:
    dependent = content.dependent(importer)
    suppliers = (
        dependent.drop_nulls("main_supplier")
        .group_by("main_supplier")
        .agg(products=pl.len(), value_kusd=pl.col("extra_import_value_kusd").sum())
        .sort(["products", "value_kusd", "main_supplier"], descending=[True, True, False])
    )
    supplier, products = (
        suppliers.select("main_supplier", "products").row(0) if suppliers.height else (None, 0)
    )
    return ImporterNumbers(
        importer=importer,
        dependent=dependent.height,
        strategic=int(dependent["strategic"].fill_null(value=False).sum()),
        value_kusd=float(dependent["extra_import_value_kusd"].sum()) / content.years_in_period,
        supplier=supplier,
        supplier_products=products,
    )


def work_of(user: User) -> Work:
    """Give what waits for a user, in cases that he may read."""
    readable = _open_cases(user)
    assigned = readable.filter(assigned_to=user).order_by("-changed_at")
    decisions: QuerySet[Decision] = Decision.objects.none()
    if may(user, "judge_decision"):
        decisions = (
            Decision.objects.filter(
                case__in=readable, state=Decision.State.PROPOSED, withdrawn_at__isnull=True
            )
            .exclude(created_by=user)
            .select_related("case", "created_by")
            .order_by("created_at")
        )
    actions = (
        Action.objects.filter(
            case__in=readable,
            owner=user,
            state=Action.State.OPEN,
            withdrawn_at__isnull=True,
            due_on__lt=timezone.localdate(),
        )
        .select_related("case")
        .order_by("due_on")
    )
    return Work(
        cases=tuple(assigned[:_SHOWN]),
        case_count=assigned.count(),
        decisions=tuple(decisions[:_SHOWN]),
        actions=tuple(actions[:_SHOWN]),
    )


def recent_cases(user: User) -> tuple[Case, ...]:
    """Give the cases that were changed last, of those that the user may read."""
    found = visible_cases(user).filter(withdrawn_at__isnull=True).select_related("changed_by")
    return tuple(found.order_by("-changed_at")[:_SHOWN])


def _open_cases(user: User) -> QuerySet[Case]:
    return visible_cases(user).filter(closed_at__isnull=True, withdrawn_at__isnull=True)
