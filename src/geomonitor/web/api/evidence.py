"""Editions, findings, dependencies and products."""

from __future__ import annotations

import datetime
import math
from typing import Annotated, Any

import polars as pl
from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema

from geomonitor.errors import UnknownCodeError
from geomonitor.findings import Edition
from geomonitor.register.access import require
from geomonitor.web.api.schemas import EditionOut, ErrorOut, Limit, Offset, Page
from geomonitor.web.evidence.shelf import EditionEntry, shelf

__all__ = ["router"]

router = Router(tags=["evidence"])

_DEPENDENCY_COLUMNS = (
    "importer",
    "label",
    "method",
    "product",
    "product_name",
    "dependent",
    "strategic",
    "margin",
    "main_supplier",
    "main_supplier_share",
    "supplier_count",
    "import_concentration",
    "extra_import_share",
    "imports_to_exports",
    "import_value_kusd",
    "extra_import_value_kusd",
    "export_value_kusd",
    "governance",
    "stability",
    "interests",
    "substitutable",
)
_FAILURES: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 422, 429), ErrorOut)

EditionId = Annotated[
    str, Path(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="Id of an edition, or `latest`.")
]
ProductCode = Annotated[str, Path(pattern="^[0-9]{6}$", description="HS6 code.")]
Text = Annotated[str | None, Field(default=None, max_length=100)]


class FindingOut(Schema):
    """A measured statement with its provenance."""

    subject: str
    counterpart: str | None
    product: str
    period: str
    measure: str
    value: float | str | None = Field(description='Unrounded; "Infinity" where it is infinite.')
    unit: str
    threshold: float | str | None
    verdict: str
    method: str
    method_version: str
    dataset: str
    dataset_sha256: str


class FindingsOut(Page):
    """Findings of an edition."""

    edition: str
    findings: list[FindingOut]


class DependenciesOut(Page):
    """Importers, products and methods with indicators and verdict."""

    edition: str
    dependencies: list[dict[str, Any]]


class ProductOut(Schema):
    """A product of an edition: its verdicts by importer and method, and its suppliers.

    Suppliers are there for products that are dependent under some method.
    """

    edition: str
    product: str
    verdicts: list[dict[str, Any]]
    suppliers: list[dict[str, Any]]


class FindingFilter(Schema):
    """Which findings."""

    subject: Text = None
    counterpart: Text = None
    product: Text = None
    measure: Text = None
    method: Text = None
    verdict: Text = None
    limit: Limit = 100
    offset: Offset = 0


class DependencyFilter(Schema):
    """Which rows."""

    importer: Text = None
    method: Text = None
    product: Text = None
    main_supplier: Text = None
    dependent: bool | None = None
    limit: Limit = 100
    offset: Offset = 0


@router.get("/editions", response={200: list[EditionOut], **_FAILURES}, summary="List the editions")
def list_editions(request: HttpRequest) -> Any:
    """Give the editions, newest first."""
    require(request.user, "read_evidence")
    return [_edition(each) for each in shelf().editions()]


@router.get("/editions/{edition}", response={200: EditionOut, **_FAILURES}, summary="Get an edition")
def get_edition(request: HttpRequest, edition: EditionId) -> Any:
    """Give data, methods and years of an edition."""
    require(request.user, "read_evidence")
    return _edition(shelf().entry(edition))


@router.get("/editions/{edition}/findings", response={200: FindingsOut, **_FAILURES}, summary="List findings")
def list_findings(request: HttpRequest, edition: EditionId, wanted: Query[FindingFilter]) -> Any:
    """Give statements of an edition, each with its method and the sum of its data."""
    found = _opened(request, edition)
    names = ("subject", "counterpart", "product", "measure", "method", "verdict")
    rows = _filtered(found.findings, {name: getattr(wanted, name) for name in names})
    page = _page(rows, wanted.limit, wanted.offset)
    return {**page, "edition": found.id, "findings": _rows(rows.slice(wanted.offset, wanted.limit))}


@router.get(
    "/editions/{edition}/dependencies",
    response={200: DependenciesOut, **_FAILURES},
    summary="List dependencies",
)
def list_dependencies(request: HttpRequest, edition: EditionId, wanted: Query[DependencyFilter]) -> Any:
    """Give indicators and verdict by importer, method and product; money in thousand dollars."""
    found = _opened(request, edition)
    names = ("importer", "method", "product", "main_supplier", "dependent")
    rows = _filtered(_dependencies(found), {name: getattr(wanted, name) for name in names})
    page = _page(rows, wanted.limit, wanted.offset)
    return {**page, "edition": found.id, "dependencies": _rows(rows.slice(wanted.offset, wanted.limit))}


@router.get(
    "/editions/{edition}/products/{product}",
    response={200: ProductOut, **_FAILURES},
    summary="Get a product",
)
def get_product(request: HttpRequest, edition: EditionId, product: ProductCode) -> Any:
    """Give verdicts by importer and method, and foreign suppliers by year."""
    found = _opened(request, edition)
    verdicts = _filtered(_dependencies(found), {"product": product})
    if verdicts.is_empty():
        raise UnknownCodeError(
            f"The edition does not have product {product}.",
            where="product",
            expected="a product of the edition",
        )
    suppliers = _filtered(found.tables["suppliers"], {"product": product})
    return {
        "edition": found.id,
        "product": product,
        "verdicts": _rows(verdicts),
        "suppliers": _rows(suppliers),
    }


def _opened(request: HttpRequest, edition: str) -> Edition:
    require(request.user, "read_evidence")
    return shelf().open(edition)


def _dependencies(edition: Edition) -> pl.DataFrame:
    products = edition.tables["products"]
    return products.select([name for name in _DEPENDENCY_COLUMNS if name in products.columns])


def _filtered(frame: pl.DataFrame, wanted: dict[str, Any]) -> pl.DataFrame:
    conditions = [pl.col(name) == value for name, value in wanted.items() if value is not None]
    return frame.filter(conditions) if conditions else frame


def _page(rows: pl.DataFrame, limit: int, offset: int) -> dict[str, int]:
    return {"count": rows.height, "limit": limit, "offset": offset}


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return [{name: _plain(value) for name, value in row.items()} for row in frame.iter_rows(named=True)]


def _plain(value: Any) -> Any:
    """Give what JSON holds: no NaN, and infinite as text, as in frozen evidence."""
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
    return value


def _edition(entry: EditionEntry) -> dict[str, Any]:
    record = entry.record
    created: datetime.datetime = entry.created
    return {
        "id": entry.id,
        "title": entry.title("en"),
        "created": created,
        "period": entry.period,
        "main_method": record["main_method"],
        "geomonitor_version": record["geomonitor_version"],
        "dataset": record["dataset"],
        "methods": record["methods"],
        "importers": record["importers"],
    }
