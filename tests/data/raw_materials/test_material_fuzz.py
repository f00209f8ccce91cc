"""Whatever happens to a file on its way, it is read or refused: never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geomonitor.data.raw_materials import MATERIAL_SCHEMA, read_material_data
from geomonitor.errors import GeomonitorError

from .conftest import BGS_RECORD, CSV_FORMATS, IEA, OPTIONS, iea_workbook, world_mining_workbook

CONTENTS = {
    **{name: (name, (header + rows).encode()) for name, (header, rows) in CSV_FORMATS.items()},
    "bgs-wms-json": ("bgs-wms", json.dumps({"features": [{"properties": BGS_RECORD}] * 2}).encode()),
    "iea-cmde-json": ("iea-cmde", json.dumps(IEA).encode()),
    "iea-cmde-workbook": ("iea-cmde", iea_workbook()),
    "world-mining-data-workbook": ("world-mining-data", world_mining_workbook()),
}
PIECES = st.sampled_from(
    [
        b"",
        b",",
        b'"',
        b"\n",
        b"\r",
        b"\0",
        b"%",
        b"-",
        b"NA",
        b"1,5",
        b"\xff",
        b"{",
        b"]",
        b"null",
        b"1e999",
        b"Total",
    ]
) | st.binary(max_size=4)


@pytest.mark.parametrize("kind", CONTENTS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), PIECES), min_size=1, max_size=4))
def test_a_changed_file_is_read_or_refused(
    tmp_path: Path, kind: str, changes: list[tuple[float, int, bytes]]
) -> None:
    name, content = CONTENTS[kind]
    for place, length, piece in changes:
        at = int(place * len(content))
        content = content[:at] + piece + content[at + length :]
    file = tmp_path / "made"
    file.write_bytes(content)
    try:
        data = read_material_data(file, name, material=OPTIONS.get(name, {}).get("material"))
    except GeomonitorError:
        return
    assert data.table.schema == MATERIAL_SCHEMA
    assert data.table.height
