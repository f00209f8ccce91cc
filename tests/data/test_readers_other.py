"""UN Comtrade and canonical files: what is read, what is left out and counted, what is refused."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from geomonitor.data import CANONICAL_COLUMNS, Dataset, Store, embedded_dataset
from geomonitor.errors import DataError, GeomonitorError


def rows(dataset: Dataset) -> list[tuple[object, ...]]:
    return (
        dataset.scan()
        .select(pl.col(pl.Enum).cast(pl.String), pl.exclude(pl.Enum))
        .select(CANONICAL_COLUMNS)
        .collect()
        .rows()
    )


def notes(dataset: Dataset) -> str:
    return "\n".join(dataset.metadata["notes"])


def left_in(store: Store) -> list[str]:
    """Everything in the store but lock files."""
    return sorted(file.name for file in store.root.glob("*") if not file.name.startswith(".lock-")) + sorted(
        file.name for file in store.root.glob(".*") if not file.name.startswith(".lock-")
    )


EXPECTED = [
    (2020, "NLD", "DEU", "010121", 10.5, 2.5),
    (2020, "CHN", "NLD", "810600", 99.125, None),
    (2021, "NLD", "DEU", "010121", 11.5, 2.75),
    (2021, "CHN", "NLD", "810600", 100.0, 40.0),
    (2021, "USA", "NLD", "810600", 7.0, None),
]


NEW = (
    "freqCode,refYear,reporterCode,reporterISO,flowCode,partnerCode,partnerISO,partner2Code,classificationCode,"
    "cmdCode,aggrLevel,customsCode,motCode,netWgt,primaryValue\n"
)


def new_row(**changes: object) -> str:
    row = {
        "freq": "A", "year": 2021, "reporter": 528, "reporter_iso": "NLD", "flow": "M", "partner": 156,
        "partner_iso": "CHN", "second": 0, "classification": "H5", "product": "810600", "level": 6,
        "customs": "C00", "mode": 0, "weight": 2000, "value": 5000,
    } | changes  # fmt: skip
    return ",".join(map(str, row.values())) + "\n"


CLASSIC = (
    "Classification,Year,Aggregate Level,Trade Flow,Reporter Code,Reporter ISO,Partner Code,Partner ISO,"
    "Commodity Code,Commodity,Netweight (kg),Trade Value (US$)\n"
)


class TestComtrade:
    def add(self, store: Store, tmp_path: Path, text: str, **options: object) -> Dataset:
        (tmp_path / "comtrade.csv").write_text(text)
        return store.add(
            tmp_path / "comtrade.csv", name="c", format="comtrade", replace=True, **options
        ).dataset

    def test_imports_in_thousand_dollars_and_tonnes(self, store, tmp_path):
        dataset = self.add(store, tmp_path, NEW + new_row())
        assert rows(dataset) == [(2021, "CHN", "NLD", "810600", 5.0, 2.0)]
        assert dataset.hs_revision == "HS17"
        assert dataset.metadata["source"] == "un-comtrade"

    def test_exports_when_asked(self, store, tmp_path):
        text = NEW + new_row() + new_row(flow="X", partner=276, partner_iso="DEU")
        dataset = self.add(store, tmp_path, text, flow="export")
        assert rows(dataset) == [(2021, "NLD", "DEU", "810600", 5.0, 2.0)]
        assert "1 rows of other trade flows" in notes(dataset)

    def test_what_is_left_out_is_counted(self, store, tmp_path):
        text = (
            NEW + new_row() + new_row(partner=0, partner_iso="W00") + new_row(partner=97, partner_iso="EUR")
            + new_row(product="8106", level=4) + new_row(product="TOTAL", level=0) + new_row(flow="RM")
            + new_row(mode=1000) + new_row(customs="C01") + new_row(second=276)
        )  # fmt: skip
        dataset = self.add(store, tmp_path, text)
        assert dataset.metadata["rows"] == 1
        assert "1 rows of other trade flows than import" in notes(dataset)
        assert "2 rows of totals and of other levels" in notes(dataset)
        assert "2 rows with the world" in notes(dataset)
        assert "3 rows that break a total down" in notes(dataset)

    def test_breakdown_without_total_is_refused(self, store, tmp_path):
        with pytest.raises(DataError, match="breakdowns without their total"):
            self.add(store, tmp_path, NEW + new_row(mode=1000) + new_row(mode=2000))

    def test_lost_zero_and_comtrade_country_codes(self, store, tmp_path):
        text = (
            NEW
            + new_row(product="10121", partner=699, partner_iso="IND")
            + new_row(partner=490, partner_iso="S19")
        )
        found = rows(self.add(store, tmp_path, text))
        assert [(row[1], row[3]) for row in found] == [("IND", "010121"), ("TWN", "810600")]

    def test_zero_weight_beside_a_value_is_missing(self, store, tmp_path):
        dataset = self.add(
            store, tmp_path, NEW + new_row(weight=0) + new_row(partner=842, partner_iso="USA", weight="")
        )
        assert [row[5] for row in rows(dataset)] == [None, None]
        assert "1 net weights of zero" in notes(dataset)

    def test_unallocated_partners_are_added_up(self, store, tmp_path):
        text = (
            NEW
            + new_row(partner=837, partner_iso="X1")
            + new_row(partner=899, partner_iso="_X", value=7000, weight="")
        )
        dataset = self.add(store, tmp_path, text)
        assert rows(dataset) == [(2021, "XXX", "NLD", "810600", 12.0, None)]
        assert "1 flows with unallocated partners" in notes(dataset)

    def test_trailing_comma_of_the_new_site_is_repaired(self, store, tmp_path):
        text = NEW + new_row().replace("\n", ",\n")
        dataset = self.add(store, tmp_path, text)
        assert rows(dataset) == [(2021, "CHN", "NLD", "810600", 5.0, 2.0)]
        assert "end in a comma" in notes(dataset)

    def test_classic_download(self, store, tmp_path):
        text = CLASSIC + (
            'H4,2015,6,Import,528,NLD,156,CHN,810600,"Bismuth, and articles",2000,5000\n'
            'H4,2015,6,Import,528,NLD,0,WLD,810600,"Bismuth, and articles",2000,5000\n'
            'H4,2015,6,Re-Import,528,NLD,156,CHN,810600,"Bismuth, and articles",2000,5000\n'
        )
        dataset = self.add(store, tmp_path, text)
        assert rows(dataset) == [(2015, "CHN", "NLD", "810600", 5.0, 2.0)]
        assert dataset.hs_revision == "HS12"

    def test_alpha_3_alone_will_do(self, store, tmp_path):
        text = "refYear,reporterISO,flowCode,partnerISO,classificationCode,cmdCode,netWgt,primaryValue\n"
        dataset = self.add(
            store, tmp_path, text + "2021,NLD,M,S19,H5,810600,2000,5000\n2021,NLD,M,W00,H5,810600,1,1\n"
        )
        assert rows(dataset) == [(2021, "TWN", "NLD", "810600", 5.0, 2.0)]

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (NEW + new_row() + new_row(classification="H4", partner=276), ("HS17 and HS12", "row 3")),
            (NEW + new_row(classification="HS"), ("'HS'", "row 2")),
            (NEW + new_row(classification="S3"), ("'S3'", "row 2")),
            (NEW + new_row() + new_row(freq="M"), ("'M'", "row 3")),
            (NEW + new_row() + new_row(partner=12345), ("'12345'", "row 3", "partnerCode")),
            (NEW + new_row(value="much"), ("'much'", "row 2", "primaryValue")),
            (NEW + new_row() + new_row(), ("more than once", "row 2", "row 3")),
            (
                NEW + new_row() + 2 * new_row(partner=899, partner_iso="_X"),
                ("more than once", "partner _X", "row 3 and row 4", "2 rows in all"),
            ),
            (NEW + new_row(flow="X"), ("No flows are left",)),
            ("a,b\n1,2\n", ("lacks", "refYear or Year", "reporterISO or Reporter ISO")),
            ("", ("lacks",)),
        ],
    )  # fmt: skip
    def test_refused(self, store, tmp_path, text, words):
        with pytest.raises(GeomonitorError) as caught:
            self.add(store, tmp_path, text)
        for word in words:
            assert word in str(caught.value)
        assert left_in(store) == []

    def test_unknown_flow_and_revision(self, store, tmp_path):
        with pytest.raises(DataError, match="import or export"):
            self.add(store, tmp_path, NEW + new_row(), flow="transit")
        with pytest.raises(DataError, match="HS17, not in HS92"):
            self.add(store, tmp_path, NEW + new_row(), revision="HS92")


CANONICAL = "year,exporter,importer,product,value_kusd,quantity_t\n"


class TestCanonical:
    @pytest.mark.parametrize("suffix", ["csv", "parquet"])
    def test_round_trip(self, store, make_baci, tmp_path, suffix):
        first = store.add(make_baci(), name="first", format="baci").dataset
        file = tmp_path / f"flows.{suffix}"
        frame = first.scan().collect()
        frame.write_csv(file) if suffix == "csv" else frame.write_parquet(file)
        second = store.add(file, name="second", format="canonical", revision="HS17").dataset
        assert rows(second) == rows(first) == EXPECTED

    def test_dataset_folder_round_trips_with_names_and_revision(self, store, make_baci):
        first = store.add(make_baci(), name="first", format="baci").dataset
        second = store.add(first.path, name="second", format="canonical").dataset
        assert rows(second) == EXPECTED
        assert second.hs_revision == "HS17"
        assert second.product_names() == first.product_names()

    def test_embedded_sample_round_trips(self, store):
        first = embedded_dataset()
        second = store.add(first.path, name="copy", format="canonical", years=[2021, 2022]).dataset
        key = ["product", "exporter", "importer", "year"]
        plain = pl.col("exporter", "importer", "product").cast(pl.String)
        expected = first.scan([2021, 2022]).with_columns(plain).sort(key).collect()
        assert second.scan().with_columns(plain).sort(key).collect().equals(expected)

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (
                CANONICAL + "2021,NLD,XYZ,010121,1,1\n2021,nld,DEU,010121,1,1\n",
                ("2 economy codes", "'XYZ' (row 2)", "'nld' (row 3)", "column importer"),
            ),
            (CANONICAL + "2021,NLD,DEU,770000,1,1\n", ("'770000'", "row 2", "product")),
            (CANONICAL + "99999,NLD,DEU,010121,1,1\n", ("year", "row 2")),
            (CANONICAL + "2021,NLD,DEU,010121,1,1\n2021,NLD,DEU,010121,1,1\n", ("row 2", "row 3")),
            (
                CANONICAL.replace("importer", "to") + "2021,NLD,DEU,010121,1,1\n",
                ("no column importer", "'to'"),
            ),
        ],
    )
    def test_refused_csv(self, store, tmp_path, text, words):
        (tmp_path / "x.csv").write_text(text)
        with pytest.raises(GeomonitorError) as caught:
            store.add(tmp_path / "x.csv", name="c", format="canonical", revision="HS17")
        for word in words:
            assert word in str(caught.value)

    def test_refused_parquet(self, store, tmp_path):
        file = tmp_path / "x.parquet"
        good = pl.read_csv(
            (CANONICAL + "2021,NLD,DEU,010121,1.0,1.0\n").encode(), schema_overrides={"product": pl.String}
        )

        def refused(match: str) -> None:
            with pytest.raises(GeomonitorError, match=match):
                store.add(file, name="c", format="canonical", revision="HS17")

        good.drop("product").write_parquet(file)
        refused("no column product")
        good.with_columns(pl.col("value_kusd").cast(pl.String)).write_parquet(file)
        refused("type String")
        good.with_columns(pl.lit(-1.0).alias("value_kusd")).write_parquet(file)
        refused("-1.0")
        good.with_columns(pl.lit(None, dtype=pl.String).alias("exporter")).write_parquet(file)
        refused("not known")
        file.write_bytes(file.read_bytes()[:-20])
        refused("cannot be read")

    def test_revision_is_needed(self, store, tmp_path):
        (tmp_path / "x.csv").write_text(CANONICAL + "2021,NLD,DEU,010121,1,1\n")
        with pytest.raises(DataError, match="revision is not known"):
            store.add(tmp_path / "x.csv", name="c", format="canonical")
