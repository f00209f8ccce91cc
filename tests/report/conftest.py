"""An edition of real trade: the profile and the sample that ship with Geomonitor."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from geomonitor.findings import Edition
from geomonitor.monitor import load_profile, make_edition
from geomonitor.report import write_brief


@pytest.fixture(scope="session")
def real_edition() -> Edition:
    """Real trade of the embedded sample; shared, so never changed by a test."""
    return make_edition(load_profile())


ChangedEdition = Callable[..., Edition]


@pytest.fixture
def changed_edition(real_edition: Edition) -> ChangedEdition:
    """Make a copy of the real edition with other tables or record entries."""

    def change(tables: dict[str, pl.DataFrame] | None = None, **record: Any) -> Edition:
        return Edition(
            record={**copy.deepcopy(real_edition.record), **record},
            tables={**real_edition.tables, **(tables or {})},
            findings=real_edition.findings,
        )

    return change


@pytest.fixture(scope="session")
def written_briefs(real_edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The brief of the real edition in both languages."""
    folder = tmp_path_factory.mktemp("briefs")
    return {
        language: write_brief(real_edition, folder / f"brief.{language}.html", language)
        for language in ("en", "nl")
    }


@pytest.fixture
def nothing_dependent(changed_edition: ChangedEdition, real_edition: Edition) -> Edition:
    """An edition in which no product is, or ever was, dependent."""
    never = pl.lit(value=False).alias("dependent")
    tables = {
        name: real_edition.tables[name].with_columns(never)
        for name in ("products", "history", "robustness", "common")
    }
    tables["products"] = tables["products"].with_columns(strategic=pl.lit(value=False))
    tables["churn"] = real_edition.tables["churn"].with_columns(
        dependent_count=pl.lit(0), came=pl.lit(0), went=pl.lit(0)
    )
    for name in ("suppliers", "relations"):
        tables[name] = real_edition.tables[name].clear()
    return changed_edition(tables)


@pytest.fixture
def hostile_edition(changed_edition: ChangedEdition, real_edition: Edition) -> Edition:
    """An edition whose names try to run as markup, script, formula or link, or are very long."""
    names = [
        "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">",
        "=cmd|'/C calc'!A0",
        "+1+1",
        "@SUM(A1:A9)",
        "-2+3",
        "\t=1+1",
        "https://example.invalid/click",
        "</script><script>document.title='run'</script>",
        "Very long " * 300,
        "{{ 7 * 7 }} %{x} <b>bold</b> & \u2028",
        "",
    ]
    products = real_edition.tables["products"]
    codes = sorted(set(products["product"]))
    renamed = {code: names[place % len(names)] for place, code in enumerate(codes)}
    title = {
        "en": "</title><script>document.title='run'</script>",
        "nl": '"; } body { display: none } </style>',
    }
    return changed_edition(
        {"products": products.with_columns(product_name=pl.col("product").replace_strict(renamed))},
        title=title,
        dataset={
            **real_edition.record["dataset"],
            "title": '=HYPERLINK("https://example.invalid")',
            "licence_url": "javascript:document.title='run'",
            "notes": ["<script>document.title='run'</script>"],
        },
    )
