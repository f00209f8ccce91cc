"""Small editions made by hand, so that every cause of a change can be set apart."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
import pytest

from geomonitor.dependency import MethodSpecification, ScreeningOptions, method, screen_flows
from geomonitor.findings import Edition, edition_id, findings_of, findings_table
from geomonitor.trade import importer

Rows = Sequence[tuple[int, str, str, str, float]]
MakeEdition = Callable[..., Edition]

NAMES = {"250410": "Graphite", "261000": "Chromium", "810600": "Bismuth"}


@pytest.fixture
def edition_of() -> MakeEdition:
    """Make an edition of NLD by one method from rows (year, exporter, importer, product, value)."""

    def make(
        rows: Rows,
        *,
        years: Sequence[int] = (2021,),
        specification: MethodSpecification | None = None,
        dataset_sha256: str = "aa" * 32,
        code_sha256: str = "cc" * 32,
        members: Sequence[str] = ("NLD",),
        **changes: Any,
    ) -> Edition:
        chosen = specification or method("commission-2021")
        flows = pl.DataFrame(
            list(rows), schema=["year", "exporter", "importer", "product", "value_kusd"], orient="row"
        )
        code = "NLD" if len(members) == 1 else "CLUB"
        groups = {} if code == "NLD" else {"CLUB": list(members)}
        each = importer(code, groups=groups)
        (found,) = screen_flows(
            flows, [each], chosen, years, quantities=False, options=ScreeningOptions(**_options(changes))
        )
        products = found.table.with_columns(
            pl.lit(code).alias("label"),
            pl.lit(chosen.id).alias("method"),
            pl.col("product").replace_strict(NAMES).alias("product_name"),
        )
        record = {
            "geomonitor_version": "0.1.0",
            "code_sha256": code_sha256,
            "profile": {
                "name": "demo",
                "years": list(years),
                "intra_group": "excluded",
                "minimum_import_value_kusd": 0.0,
                "merge": {},
                "re_export_shares": {},
                **changes,
            },
            "methods": [chosen.as_record()],
            "importers": [{"code": code, "home_code": code, "label": code, "members": list(members)}],
            "dataset": {"name": "toy", "content_sha256": dataset_sha256},
            "interests": {"sha256": "ee" * 32},
        }
        record["id"] = edition_id("demo", record)
        findings = findings_table(
            findings_of(
                products, chosen, subject=code, period="2021", dataset="toy", dataset_sha256=dataset_sha256
            )
        )
        return Edition(record=copy.deepcopy(record), tables={"products": products}, findings=findings)

    return make


def _options(changes: Mapping[str, Any]) -> dict[str, Any]:
    known = ("intra_group", "minimum_import_value_kusd", "re_export_shares")
    return {name: changes[name] for name in known if name in changes}
