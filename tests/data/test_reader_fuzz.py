"""Whatever bytes come in: a dataset that is right, or an error that a user can read."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geomonitor.codes import BACI_ECONOMIES
from geomonitor.data import CANONICAL_COLUMNS, Dataset, Store
from geomonitor.errors import GeomonitorError

BACI = b"t,i,j,k,v,q\n2020,528,276,010121,10.5,       2.5\n2020,156,528,810600,99.125,          NA\n"
CANONICAL = (
    b"year,exporter,importer,product,value_kusd,quantity_t\n"
    b"2020,NLD,DEU,010121,10.5,2.5\n2020,CHN,NLD,810600,1,\n"
)
COMTRADE = (
    b"freqCode,refYear,reporterCode,reporterISO,flowCode,partnerCode,partnerISO,classificationCode,cmdCode,"
    b"aggrLevel,netWgt,primaryValue\nA,2021,528,NLD,M,156,CHN,H5,810600,6,2000,5000\n"
    b"A,2021,528,NLD,M,276,DEU,H5,810600,6,,7000\n"
)
SEEDS = {"baci": BACI, "canonical": CANONICAL, "comtrade": COMTRADE}
PIECES = st.sampled_from(
    [
        *(b",", b"\n", b"\r", b"\r\n", b'"', b'""', b"\0", b"\xff", b"\xef\xbb\xbf", b" ", b"\t", b";", b"'"),
        *b"NA nan inf -1 1e999 - . _ 0 9999999999 2020 528 H5 1_0 0x1 \xd9\xa3".split(b" "),
    ]
)


@st.composite
def mutated(draw: st.DrawFn, seed: bytes) -> bytes:
    """The seed with pieces put in, cut out, or doubled."""
    content = seed
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 12)))
        middle = draw(st.one_of(PIECES, st.binary(max_size=4), st.just(b""), st.just(content[start:end] * 2)))
        content = content[:start] + middle + content[end:]
    return content


def read(content: bytes, kind: str, suffix: str = ".csv") -> None:
    """Add the bytes: either it is refused and nothing is kept, or what is kept is sound and reads back."""
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / f"input{suffix}").write_bytes(content)
        store = Store(folder / "store")
        revision = None if kind == "comtrade" else "HS17"
        try:
            dataset = store.add(
                folder / f"input{suffix}",
                name="fuzz",
                format=kind,
                revision=revision,
                allow_missing_years=True,
            ).dataset
        except GeomonitorError as error:
            message = str(error)
        else:
            message = ""
            sound(dataset, store)
        if message:
            left = [file.name for file in (folder / "store").glob("*") if not file.name.startswith(".lock-")]
            assert left == []
    finally:
        shutil.rmtree(folder)


def sound(dataset: Dataset, store: Store) -> None:
    frame = dataset.scan().collect()
    assert frame.height == dataset.metadata["rows"] > 0
    assert (
        frame.select("year", "exporter", "importer", "product", "value_kusd").null_count().row(0) == (0,) * 5
    )
    assert frame["value_kusd"].is_finite().all()
    assert frame["value_kusd"].min() >= 0
    assert not frame.select("year", "exporter", "importer", "product").is_duplicated().any()
    again = store.add(dataset.path, name="again", format="canonical", allow_missing_years=True).dataset
    assert again.scan().collect().equals(frame)


@pytest.mark.parametrize("kind", SEEDS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_mutated_csv(kind, data):
    read(data.draw(mutated(SEEDS[kind])), kind)


@pytest.mark.parametrize("kind", SEEDS)
@settings(max_examples=25, deadline=None)
@given(content=st.binary(max_size=200))
@example(content=b"")
@example(content=b"\xef\xbb\xbf")
def test_random_bytes(kind, content):
    read(content, kind)
    read(SEEDS[kind] + content, kind)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_mutated_zip(data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("BACI_HS17_Y2020_V202501.csv", BACI)
    read(data.draw(mutated(buffer.getvalue())), "baci", ".zip")


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_mutated_parquet(data):
    buffer = io.BytesIO()
    pl.read_csv(CANONICAL, schema_overrides={"product": pl.String}).write_parquet(buffer)
    read(data.draw(mutated(buffer.getvalue())), "canonical", ".parquet")


FLOWS = st.dictionaries(
    st.tuples(
        st.sampled_from(sorted(set(BACI_ECONOMIES) - {58, 280, 736})),
        st.sampled_from(sorted(set(BACI_ECONOMIES) - {58, 280, 736})),
        st.sampled_from(["010121", "270900", "810600", "970600"]),
    ),
    st.tuples(
        st.floats(0, 1e12, allow_subnormal=False),
        st.none() | st.floats(0, 1e12, allow_subnormal=False),
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=40, deadline=None)
@given(
    flows=FLOWS,
    end=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    pad=st.integers(0, 12),
    quoted=st.booleans(),
)
def test_valid_baci_round_trips_exactly(flows, end, bom, pad, quoted):
    quote = '"' if quoted else ""
    lines = ["t,i,j,k,v,q"] + [
        f"2020,{i},{j},{quote}{k}{quote},{v!r},{('NA' if q is None else repr(q)).rjust(pad)}"
        for (i, j, k), (v, q) in flows.items()
    ]
    expected = {(2020, BACI_ECONOMIES[i], BACI_ECONOMIES[j], k, v, q) for (i, j, k), (v, q) in flows.items()}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.csv"
        file.write_bytes((b"\xef\xbb\xbf" if bom else b"") + end.join([*lines, ""]).encode())
        dataset = Store(Path(folder) / "store").add(file, name="x", format="baci", revision="HS17").dataset
        frame = dataset.scan().with_columns(pl.col("exporter", "importer", "product").cast(pl.String))
        assert set(frame.select(CANONICAL_COLUMNS).collect().rows()) == expected
