"""An edition of real trade, changed copies of it, and pages opened without a network."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Browser, Page

from geomonitor.findings import Edition
from geomonitor.report import brief_html

from .material_tables import MATERIAL_TABLES, material_tables

ChangedEdition = Callable[..., Edition]
# What the few hold: dependent and not, strategic and not, an open verdict, every reason not to know.
FEW = {
    "product": ("260900", "261000", "270210", "720293", "810600"),
    "material": ("cobalt", "gallium", "tungsten"),
    "chain": ("batteries",),
}


@pytest.fixture(scope="session")
def few_of_all(real_edition: Edition) -> Edition:
    """The real edition with a few products, materials and chains: sooner written and drawn.

    That its brief still has every kind of element is tested in `test_brief.py`.
    """
    tables = {}
    for name, table in real_edition.tables.items():
        kept = [pl.col(column).is_in(codes) for column, codes in FEW.items() if column in table.columns]
        tables[name] = table.filter(kept) if kept else table
    return Edition(real_edition.record, tables, real_edition.findings)


@pytest.fixture(scope="session")
def few_beside_products(real_edition: Edition, few_of_all: Edition) -> Edition:
    """The real edition with all its products, and a few of the materials and chains."""
    few = {
        name: table for name, table in few_of_all.tables.items() if {"material", "chain"} & set(table.columns)
    }
    return Edition(real_edition.record, {**real_edition.tables, **few}, real_edition.findings)


@pytest.fixture(scope="session")
def changed_edition(real_edition: Edition) -> ChangedEdition:
    """Make a copy of the real edition, or of another, with other tables or record entries."""

    def change(
        tables: dict[str, pl.DataFrame] | None = None, *, of: Edition = real_edition, **record: Any
    ) -> Edition:
        return Edition(
            record={**copy.deepcopy(of.record), **record},
            tables={**of.tables, **(tables or {})},
            findings=of.findings,
        )

    return change


class WrittenBriefs(Mapping[str, Path]):
    """The briefs of an edition by language, each made when it is first asked for, once a run."""

    def __init__(self, edition: Edition, name: str, folder: Path, made_once: Callable[..., Any]) -> None:
        self._edition, self._name, self._folder, self._made_once = edition, name, folder, made_once

    def __getitem__(self, language: str) -> Path:
        path = self._folder / f"{self._name}.{language}.html"
        if not path.exists():
            page = self._made_once(f"{self._name}.{language}", lambda: brief_html(self._edition, language))
            path.write_text(page, encoding="utf-8", newline="")
        return path

    def __iter__(self) -> Iterator[str]:
        return iter(("en", "nl"))

    def __len__(self) -> int:
        return 2


@pytest.fixture(scope="session")
def briefs_of(
    made_once: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Edition, str], WrittenBriefs]:
    """Give the briefs of an edition in both languages; a name is that of one edition only."""
    folder = tmp_path_factory.mktemp("briefs")
    return lambda edition, name: WrittenBriefs(edition, name, folder, made_once)


@pytest.fixture(scope="session")
def written_briefs(real_edition: Edition, briefs_of: Callable[..., WrittenBriefs]) -> WrittenBriefs:
    """The brief of the real edition in both languages."""
    return briefs_of(real_edition, "real")


@pytest.fixture(scope="session")
def few_briefs(few_of_all: Edition, briefs_of: Callable[..., WrittenBriefs]) -> WrittenBriefs:
    """The brief of a few of all in both languages."""
    return briefs_of(few_of_all, "few")


@pytest.fixture(scope="session")
def hostile_briefs(hostile_edition: Edition, briefs_of: Callable[..., WrittenBriefs]) -> WrittenBriefs:
    """The brief of the hostile edition in both languages."""
    return briefs_of(hostile_edition, "hostile")


@pytest.fixture(scope="session")
def empty_briefs(nothing_dependent: Edition, briefs_of: Callable[..., WrittenBriefs]) -> WrittenBriefs:
    """The brief without a dependent product in both languages."""
    return briefs_of(nothing_dependent, "empty")


@pytest.fixture(scope="session")
def nothing_dependent(changed_edition: ChangedEdition, few_beside_products: Edition) -> Edition:
    """An edition in which no product is, or ever was, dependent."""
    never = pl.lit(value=False).alias("dependent")
    tables = {
        name: few_beside_products.tables[name].with_columns(never)
        for name in ("products", "history", "robustness", "common")
    }
    tables["products"] = tables["products"].with_columns(strategic=pl.lit(value=False))
    tables["churn"] = few_beside_products.tables["churn"].with_columns(
        dependent_count=pl.lit(0), came=pl.lit(0), went=pl.lit(0)
    )
    for name in ("suppliers", "relations"):
        tables[name] = few_beside_products.tables[name].clear()
    return changed_edition(tables, of=few_beside_products)


@pytest.fixture(scope="session")
def hostile_edition(changed_edition: ChangedEdition, few_beside_products: Edition) -> Edition:
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
    products = few_beside_products.tables["products"]
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
            **few_beside_products.record["dataset"],
            "title": '=HYPERLINK("https://example.invalid")',
            "licence_url": "javascript:document.title='run'",
            "notes": ["<script>document.title='run'</script>"],
        },
        of=few_beside_products,
    )


@pytest.fixture(scope="session")
def materials_edition(real_edition: Edition) -> Edition:
    """The real edition with made tables on raw materials: small, with every case that there is."""
    tables = {**real_edition.tables, **material_tables()}
    return Edition(real_edition.record, tables, real_edition.findings)


@pytest.fixture(scope="session")
def without_materials(real_edition: Edition) -> Edition:
    """An older edition, from before there were raw materials in it."""
    tables = {name: table for name, table in real_edition.tables.items() if name not in MATERIAL_TABLES}
    record = {key: value for key, value in real_edition.record.items() if key != "materials"}
    return Edition(record, tables, real_edition.findings)


@pytest.fixture(scope="session")
def mostly_materials(materials_edition: Edition) -> Edition:
    """An edition with little else than the made raw materials, so that it is soon written and drawn."""
    never = pl.lit(value=False)
    products = materials_edition.tables["products"].with_columns(dependent=never, strategic=never)
    tables = {"products": products, **material_tables()}
    return Edition(materials_edition.record, tables, materials_edition.findings)


@pytest.fixture(scope="session")
def material_briefs(mostly_materials: Edition, briefs_of: Callable[..., WrittenBriefs]) -> WrittenBriefs:
    """A brief in both languages with little else than the made raw materials."""
    return briefs_of(mostly_materials, "materials")


class Visit:
    """A page opened without a network, with all that it asked for and complained about."""

    def __init__(
        self,
        browser: Browser,
        path: Path,
        *,
        width: int = 1280,
        bypass_csp: bool = False,
        idle: bool = True,
    ) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=bypass_csp)
        self.context.set_offline(True)
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page: Page = self.context.new_page()
        if not idle:
            # nothing is drawn but what is seen or printed
            self.page.add_init_script("window.requestIdleCallback = function () { return 0; };")
        self.page.route(lambda url: not url.startswith("file:"), lambda route: route.abort())
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri())

    def all_drawn(self) -> Page:
        """Wait until every figure is drawn, also those below the screen."""
        self.page.wait_for_selector("html[data-figures=drawn]", state="attached", timeout=60_000)
        return self.page


@pytest.fixture
def visit(browser: Browser) -> Iterator[type[Visit]]:
    opened: list[Visit] = []

    class Kept(Visit):
        def __init__(self, path: Path, **options: object) -> None:
            super().__init__(browser, path, **options)  # type: ignore[arg-type]
            opened.append(self)

    yield Kept
    for each in opened:
        each.context.close()
