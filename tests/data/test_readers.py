"""The BACI reader: what it reads, what it repairs and notes, and what it refuses, naming file and row."""

from __future__ import annotations

import zipfile
from pathlib import Path

import polars as pl
import pytest

from geomonitor.data import CANONICAL_COLUMNS, Dataset, Store
from geomonitor.data.readers import members
from geomonitor.errors import DataError, GeomonitorError, UnknownCodeError


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


class TestBaci:
    def test_folder_is_read_sorted_with_names_and_leading_zeros(self, store, make_baci):
        dataset = store.add(make_baci(), name="b", format="baci").dataset
        assert rows(dataset) == EXPECTED
        assert dataset.years == (2020, 2021)
        assert dataset.hs_revision == "HS17"
        assert dataset.product_names()["010121"] == "Horses: live, pure-bred"
        assert dataset.metadata["source"] == "cepii-baci-hs17"
        assert dataset.metadata["licence"] == "Etalab Open License 2.0"
        assert dataset.metadata["products"] == 2
        assert dataset.metadata["economies"] == 4

    def test_files_share_one_enum_of_products_with_statistics(self, store, make_baci):
        dataset = store.add(make_baci(), name="b", format="baci").dataset
        kinds = [pl.read_parquet_schema(file)["product"] for file in dataset.flow_files()]
        assert kinds == [pl.Enum(["010121", "270900", "810600"])] * 2

    @pytest.mark.parametrize("below", ["", "BACI_HS17_V202501/"])
    def test_zip_gives_the_same_flows_as_the_folder(self, store, make_baci, tmp_path, below):
        archive = tmp_path / "BACI.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as handle:
            for file in make_baci().iterdir():
                handle.write(file, below + file.name)
        assert rows(store.add(archive, name="z", format="baci").dataset) == EXPECTED
        assert left_in(store) == ["z"]

    def test_bom_and_crlf_are_repaired_and_noted(self, store, make_baci):
        folder = make_baci()
        for file in folder.glob("BACI*"):
            file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
        dataset = store.add(folder, name="b", format="baci").dataset
        assert rows(dataset) == EXPECTED
        assert "byte-order mark" in notes(dataset)
        assert "Windows line ends" in notes(dataset)

    def test_lost_leading_zeros_are_given_back_and_noted(self, store, make_baci):
        folder = make_baci({2020: "2020,528,276,10121,10.5,2.5\n2020,156,528,810600,1,NA\n"})
        dataset = store.add(folder, name="b", format="baci").dataset
        assert [row[3] for row in rows(dataset)] == ["010121", "810600"]
        assert "1 product codes of five digits" in notes(dataset)

    def test_blank_rows_and_blanks_around_fields_are_repaired(self, store, make_baci):
        folder = make_baci({2020: "\n2020 , 528,276,010121, 10.5 , 2.5\n\n"})
        dataset = store.add(folder, name="b", format="baci").dataset
        assert rows(dataset) == EXPECTED[:1]
        assert "2 blank rows were skipped" in notes(dataset)

    def test_last_row_without_line_end_is_read(self, store, make_baci):
        folder = make_baci({2020: "2020,528,276,010121,10.5,2.5\n2020,156,528,810600,99.125,NA"})
        assert rows(store.add(folder, name="b", format="baci").dataset) == EXPECTED[:2]

    def test_country_table_that_says_otherwise_is_noted(self, store, make_baci):
        assert "490 S19 -> TWN" in notes(store.add(make_baci(), name="b", format="baci").dataset)

    def test_product_table_in_latin_1_is_noted(self, store, make_baci):
        folder = make_baci()
        (folder / "product_codes_HS17_V202501.csv").write_bytes(
            "code,description\n010121,Maté\n810600,x\n".encode("latin-1")
        )
        dataset = store.add(folder, name="b", format="baci").dataset
        assert dataset.product_names()["010121"] == "Maté"
        assert "Latin-1" in notes(dataset)

    def test_release_without_product_table_is_read_and_noted(self, store, make_baci):
        dataset = store.add(make_baci(tables=False), name="b", format="baci").dataset
        assert rows(dataset) == EXPECTED
        assert dataset.product_names() == {"010121": "", "810600": ""}
        assert "no product table" in notes(dataset)

    def test_own_special_product_code_is_kept(self, store, make_baci):
        folder = make_baci({2020: "2020,528,276,9999AA,1,1\n"})
        with (folder / "product_codes_HS17_V202501.csv").open("a") as handle:
            handle.write("9999AA,Commodities not specified according to kind\n")
        assert rows(store.add(folder, name="b", format="baci").dataset)[0][3] == "9999AA"

    def test_years_choose_files(self, store, make_baci):
        dataset = store.add(make_baci(), name="b", format="baci", years=[2021]).dataset
        assert dataset.years == (2021,)
        assert "Only these years" in notes(dataset)

    def test_single_csv_may_mix_years(self, store, tmp_path, make_baci):
        single = tmp_path / "flows.csv"
        texts = [file.read_text().partition("\n")[2] for file in sorted(make_baci().glob("BACI*"))]
        single.write_text("t,i,j,k,v,q\n" + texts[1] + texts[0])
        assert rows(store.add(single, name="b", format="baci", revision="2017").dataset) == EXPECTED

    def test_many_batches_give_what_one_gives(self, store, make_baci, monkeypatch):
        monkeypatch.setattr("geomonitor.data.readers.csvfile._BATCH_ROWS", 2)
        folder = make_baci(
            {2021: '2021,528,276,"010121",11.5,2.75\n2021,842,528,810600,7,\n2021,156,528,810600,100,40\n'}
        )
        assert rows(store.add(folder, name="b", format="baci").dataset) == EXPECTED[2:]

    @pytest.mark.reference
    def test_native_files_load_with_leading_zeros(self, store, reference_data):
        folder = reference_data / "trade" / "baci_hs17_2021_afg_zaf_exports"
        dataset = store.add(folder, name="native", format="baci", revision="HS17").dataset
        source = pl.read_csv(folder / "baci_hs17_2021_i4_i710.csv", infer_schema=False)
        frame = dataset.scan().collect()
        assert frame.height == 71_192
        assert set(frame["product"].cast(pl.String)) == set(source["k"])
        assert set(frame["product"].cast(pl.String).str.len_bytes()) == {6}
        assert (
            frame["product"].cast(pl.String).str.starts_with("0").sum()
            == source["k"].str.starts_with("0").sum()
            > 0
        )
        assert set(frame["exporter"].cast(pl.String)) == {"AFG", "ZAF"}
        assert frame["value_kusd"].sum() == pytest.approx(
            source["v"].str.strip_chars().cast(pl.Float64).sum(), rel=1e-12
        )


HEAD = "t,i,j,k,v,q\n"
GOOD = "2020,528,276,010121,10.5,2.5\n"

# name -> the bytes of BACI_HS17_Y2020_V202501.csv, the error, and what its message must say
MALFORMED: dict[str, tuple[bytes, type[GeomonitorError], tuple[str, ...]]] = {
    "missing column": (
        b"t,i,j,k,v\n2020,528,276,010121,1\n",
        DataError,
        ("no column q", "'v'", "Y2020", "row 1"),
    ),
    "other separator": (b"t;i;j;k;v;q\n2020;528;276;010121;1;1\n", DataError, ("no column", "'t;i;j;k;v;q'")),
    "column twice": (b"t,i,j,k,v,v\n", DataError, ("twice", "'v'")),
    "text for a value": (
        (HEAD + GOOD + "2020,156,276,010121,abc,1\n").encode(),
        DataError,
        ("'abc'", "row 3", "column v"),
    ),
    "text for a quantity": (
        (HEAD + GOOD + "2020,156,276,010121,1,n/a\n").encode(),
        DataError,
        ("'n/a'", "row 3", "column q"),
    ),
    "text for a country": (
        (HEAD + "2020,NLD,276,010121,1,1\n").encode(),
        DataError,
        ("'NLD'", "row 2", "column i"),
    ),
    "decimal comma": (
        (HEAD + '2020,528,276,010121,"1,5",1\n').encode(),
        DataError,
        ("'1,5'", "row 2", "column v"),
    ),
    "empty value": (
        (HEAD + GOOD + "2020,156,276,010121,,1\n").encode(),
        DataError,
        ("empty", "row 3", "column v"),
    ),
    "NA value": (
        (HEAD + GOOD + "2020,156,276,010121,NA,1\n").encode(),
        DataError,
        ("empty", "row 3", "column v"),
    ),
    "row too short": (
        (HEAD + GOOD + "2020,156,276,010121,1\n").encode(),
        DataError,
        ("5 fields", "row 3", "6 fields"),
    ),
    "row too long": (
        (HEAD + GOOD + "2020,156,276,010121,1,2,3\n").encode(),
        DataError,
        ("7 fields", "row 3"),
    ),
    "short and long rows": (
        (HEAD + "2020,156,276,010121,1\n2020,156,276,010121,1,2,3\n").encode(),
        DataError,
        ("5 fields", "row 2"),
    ),
    "open quote": ((HEAD + GOOD + '2020,156,276,"010121,1,1\n').encode(), DataError, ("row", "Y2020")),
    "NUL byte": ((HEAD + GOOD + "2020,156,276,0101\x0021,1,1\n").encode(), DataError, ("row 3", "column k")),
    "not UTF-8": (HEAD.encode() + b"2020,156,276,0101\xff1,1,1\n", DataError, ("row 2", "column k")),
    "negative value": (
        (HEAD + GOOD + "2020,156,276,010121,-1,1\n").encode(),
        DataError,
        ("-1.0", "row 3", "value_kusd"),
    ),
    "negative quantity": (
        (HEAD + GOOD + "2020,156,276,010121,1,-1\n").encode(),
        DataError,
        ("-1.0", "row 3", "quantity_t"),
    ),
    "infinite value": (
        (HEAD + GOOD + "2020,156,276,010121,inf,1\n").encode(),
        DataError,
        ("inf", "row 3", "value_kusd"),
    ),
    "overflowing value": (
        (HEAD + GOOD + "2020,156,276,010121,1e999,1\n").encode(),
        DataError,
        ("inf", "row 3"),
    ),
    "NaN value": (
        (HEAD + GOOD + "2020,156,276,010121,nan,1\n").encode(),
        DataError,
        ("nan", "row 3", "value_kusd"),
    ),
    "NaN quantity": (
        (HEAD + GOOD + "2020,156,276,010121,1,NaN\n").encode(),
        DataError,
        ("nan", "row 3", "quantity_t"),
    ),
    "other year": (
        (HEAD + GOOD + "2019,156,276,010121,1,1\n").encode(),
        DataError,
        ("2019", "2020", "row 3", "column t"),
    ),
    "duplicate key": (
        (HEAD + GOOD + "2020,156,276,810600,1,1\n" + GOOD).encode(),
        DataError,
        ("more than once", "row 2", "row 4", "NLD to DEU"),
    ),
    "unknown economies": (
        (HEAD + GOOD + "2020,1,276,010121,1,1\n2020,999,276,010121,1,1\n2020,-4,276,010121,1,1\n").encode(),
        UnknownCodeError,
        ("3 economy codes", "'1' (row 3)", "'999' (row 4)", "'-4' (row 5)", "column i"),
    ),
    "unknown importer": (
        (HEAD + "2020,528,5000,010121,1,1\n").encode(),
        UnknownCodeError,
        ("'5000'", "column j"),
    ),
    "unknown products": (
        (HEAD + GOOD + "2020,156,276,999999,1,1\n2020,156,276,0101,1,1\n").encode(),
        UnknownCodeError,
        ("2 product codes", "'999999' (row 3)", "'0101' (row 4)"),
    ),
    "empty file": (b"", DataError, ("empty", "Y2020")),
    "header only": (HEAD.encode(), DataError, ("no rows", "Y2020")),
    "only line ends": (b"\n\n\n", DataError, ("empty",)),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_file_is_refused_by_name_and_row_and_nothing_is_kept(name, store, make_baci):
    content, error, words = MALFORMED[name]
    folder = make_baci()
    (folder / "BACI_HS17_Y2020_V202501.csv").write_bytes(content)
    with pytest.raises(error) as caught:
        store.add(folder, name="b", format="baci")
    for word in words:
        assert word in str(caught.value)
    assert left_in(store) == []


class TestRelease:
    def test_gap_in_the_years_is_refused_unless_allowed(self, store, make_baci):
        texts = {year: f"{year},528,276,010121,1,1\n" for year in (2018, 2020, 2021)}
        folder = make_baci(texts)
        with pytest.raises(DataError, match="2019"):
            store.add(folder, name="b", format="baci")
        dataset = store.add(folder, name="b", format="baci", allow_missing_years=True).dataset
        assert dataset.years == (2018, 2020, 2021)
        assert "2019" in notes(dataset)

    def test_years_that_are_not_there_are_refused(self, store, make_baci):
        with pytest.raises(DataError, match="2022"):
            store.add(make_baci(), name="b", format="baci", years=[2021, 2022])
        with pytest.raises(DataError, match="no flows to add of 1999"):
            store.add(make_baci(), name="b", format="baci", years=[1999])

    def test_mixed_revisions_are_refused(self, store, make_baci):
        make_baci({2019: "2019,528,276,010121,1,1\n"}, revision="12")
        with pytest.raises(DataError, match="mixes HS revisions: HS12, HS17"):
            store.add(make_baci(), name="b", format="baci")

    def test_mixed_versions_are_refused(self, store, make_baci):
        folder = make_baci()
        (folder / "BACI_HS17_Y2022_V202401.csv").write_text(HEAD + "2022,528,276,010121,1,1\n")
        with pytest.raises(DataError, match="versions of BACI: 202401, 202501"):
            store.add(folder, name="b", format="baci")

    def test_wrong_declared_revision_is_refused(self, store, make_baci):
        with pytest.raises(DataError, match="HS17, not in HS22"):
            store.add(make_baci(), name="b", format="baci", revision="HS22")

    def test_revision_must_be_known_for_a_single_csv(self, store, tmp_path):
        (tmp_path / "x.csv").write_text(HEAD + GOOD)
        with pytest.raises(DataError, match="revision is not known"):
            store.add(tmp_path / "x.csv", name="b", format="baci")
        with pytest.raises(UnknownCodeError, match="HS18"):
            store.add(tmp_path / "x.csv", name="b", format="baci", revision="HS18")

    def test_empty_folder_missing_path_and_unknown_format(self, store, tmp_path):
        (tmp_path / "none").mkdir()
        with pytest.raises(DataError, match="no BACI files"):
            store.add(tmp_path / "none", name="b", format="baci")
        with pytest.raises(DataError, match="no such file"):
            store.add(tmp_path / "absent.zip", name="b", format="baci")
        with pytest.raises(UnknownCodeError, match="baci, comtrade, canonical"):
            store.add(tmp_path, name="b", format="excel")

    @pytest.mark.parametrize(
        "table", ["code,name\n010121,x\n", "code,description\n", "code,description\n1,x\n"]
    )
    def test_bad_product_table_is_refused(self, store, make_baci, table):
        folder = make_baci()
        (folder / "product_codes_HS17_V202501.csv").write_text(table)
        with pytest.raises(DataError, match="table"):
            store.add(folder, name="b", format="baci")


def write_zip(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as handle:
        for name, content in entries.items():
            handle.writestr(name, content)
    return path


class TestZip:
    ENTRY = "BACI_HS17_Y2020_V202501.csv"

    @pytest.mark.parametrize(
        "outside", ["../evil.csv", "/tmp/evil.csv", "a/../../evil.csv", "..\\evil.csv", "C:evil.csv"]
    )
    def test_path_outside_is_refused(self, store, tmp_path, outside):
        archive = write_zip(tmp_path / "x.zip", {self.ENTRY: (HEAD + GOOD).encode(), outside: b"x"})
        with pytest.raises(DataError, match="path outside"):
            store.add(archive, name="b", format="baci")
        assert not list(tmp_path.rglob("evil.csv"))

    def test_entry_without_a_name_is_refused(self, store, tmp_path):
        archive = write_zip(tmp_path / "x.zip", {self.ENTRY: (HEAD + GOOD).encode()})
        raw = archive.read_bytes()
        central = raw.index(b"PK\x01\x02")
        # The same entry with a name of no letters: its name passes for its comment.
        length = raw[central + 28 : central + 30]
        entry = raw[central : central + 28] + b"\0\0\0\0" + length + raw[central + 34 :]
        archive.write_bytes(raw[:central] + entry)
        with pytest.raises(DataError, match="no name"):
            store.add(archive, name="b", format="baci")

    def test_symbolic_link_is_refused(self, store, tmp_path):
        archive = tmp_path / "x.zip"
        with zipfile.ZipFile(archive, "w") as handle:
            entry = zipfile.ZipInfo(self.ENTRY)
            entry.external_attr = 0o120777 << 16
            handle.writestr(entry, "/etc/passwd")
        with pytest.raises(DataError, match="symbolic link"):
            store.add(archive, name="b", format="baci")

    @pytest.mark.parametrize("keep", [0, 10, 60, -30])
    def test_truncated_zip_is_refused(self, store, tmp_path, keep):
        archive = write_zip(tmp_path / "x.zip", {self.ENTRY: (HEAD + GOOD).encode()})
        archive.write_bytes(archive.read_bytes()[:keep])
        with pytest.raises(DataError, match="damaged"):
            store.add(archive, name="b", format="baci")

    def test_flipped_byte_is_found_by_the_checksum(self, store, tmp_path):
        archive = tmp_path / "x.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as handle:
            handle.writestr(self.ENTRY, HEAD + GOOD)
        archive.write_bytes(archive.read_bytes().replace(b"10.5", b"90.5"))
        with pytest.raises(DataError, match="damaged"):
            store.add(archive, name="b", format="baci", revision="HS17")
        assert left_in(store) == []

    def test_encrypted_zip_is_refused(self, store, tmp_path):
        archive = write_zip(tmp_path / "x.zip", {self.ENTRY: (HEAD + GOOD).encode()})
        raw = bytearray(archive.read_bytes())
        # The flag of encryption in the local header and in the central directory.
        raw[6] |= 1
        raw[raw.index(b"PK\x01\x02") + 8] |= 1
        archive.write_bytes(raw)
        with pytest.raises(DataError, match="encrypted"):
            store.add(archive, name="b", format="baci")

    def test_bomb_is_refused_without_unpacking(self, store, tmp_path):
        archive = write_zip(tmp_path / "x.zip", {self.ENTRY: b"0" * (32 * 2**20)})
        with pytest.raises(DataError, match="times its compressed size"):
            store.add(archive, name="b", format="baci")

    def test_too_many_entries_are_refused(self, store, tmp_path, monkeypatch):
        monkeypatch.setattr(members, "LARGEST_MEMBER_COUNT", 2)
        archive = write_zip(tmp_path / "x.zip", {f"{number}.csv": b"x" for number in range(3)})
        with pytest.raises(DataError, match="3 entries"):
            store.add(archive, name="b", format="baci")

    def test_entry_larger_than_the_disk_is_refused(self, store, make_baci, tmp_path, monkeypatch):
        monkeypatch.setattr(members, "_SPARE_BYTES", 2**60)
        archive = write_zip(tmp_path / "x.zip", {self.ENTRY: (HEAD + GOOD).encode()})
        with pytest.raises(DataError, match="no room to unpack"):
            store.add(archive, name="b", format="baci")
        assert left_in(store) == []
