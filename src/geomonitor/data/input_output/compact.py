"""The compact form of a table in which most deliveries are zero or negligible: what the wheel carries.

The kept deliveries lie row by row. Columns are stored as distances to the column before, amounts as the
leading bits of a float32 (sign 0, 8 bits of exponent and a shortened fraction), each cut into byte planes
that compress well. Final demand and value added are not stored: they are what output leaves after the
stored deliveries, so that rows and columns balance exactly.
"""

from __future__ import annotations

import json
import lzma
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geomonitor.data.input_output.table import NO_DESTINATION, InputOutputTable
from geomonitor.errors import DataError

__all__ = ["pack_flows", "read_compact", "unpack_flows", "write_compact"]

_FRACTION_BITS = 23  # of a float32
_BYTE = 8
_MOST_FRACTION_BITS = 16  # with 8 bits of exponent they fill three byte planes
# The earliest time that a zip file can name: the same content gives the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def pack_flows(flows_musd: NDArray[np.floating[Any]], fraction_bits: int) -> dict[str, NDArray[Any]]:
    """Pack deliveries into small arrays.

    Parameters
    ----------
    flows_musd : numpy.ndarray
        N x N deliveries in million USD, none negative; zeros are not stored.
    fraction_bits : int
        Bits kept of the 23 of a float32's fraction, 1 to 16; amounts are rounded to a relative error of at
        most ``2 ** -(fraction_bits + 1)``.

    Returns
    -------
    dict of str to numpy.ndarray

    Raises
    ------
    DataError
        If a delivery is negative, or there are more nodes or bits than fit.

    Examples
    --------
    >>> packed = pack_flows(np.array([[0.0, 3.0], [1.5, 0.0]]), 10)
    >>> unpack_flows(packed)
    array([[0. , 3. ],
           [1.5, 0. ]], dtype=float32)
    """
    size = len(flows_musd)
    fits = size <= np.iinfo(np.uint16).max and 1 <= fraction_bits <= _MOST_FRACTION_BITS
    if not fits or (flows_musd < 0).any():
        raise DataError(
            "The table cannot be stored in the compact form.",
            expected=f"no negative deliveries, at most 65,535 nodes and {_MOST_FRACTION_BITS} bits",
            next_step="Store it in full with save_input_output.",
        )
    shift = _FRACTION_BITS - fraction_bits
    bits = np.ascontiguousarray(flows_musd, dtype="<f4").view("<u4")
    codes = (bits + np.uint32((1 << shift) >> 1)) >> np.uint32(shift)
    rows, columns = np.nonzero(codes)
    codes = codes[rows, columns]
    counts = np.bincount(rows, minlength=size)
    steps = np.diff(columns, prepend=0)
    first = np.concatenate(([0], np.cumsum(counts)[:-1]))[counts > 0]
    steps[first] = columns[first]
    packed: dict[str, NDArray[Any]] = {
        "size": np.array([size, fraction_bits], dtype="<u4"),
        "cells_by_row": counts.astype("<u2"),
    }
    for name, values, planes in (("step", steps, 2), ("amount", codes, 3)):
        for plane in range(planes):
            packed[f"{name}_{plane}"] = ((values >> (_BYTE * plane)) & 0xFF).astype(np.uint8)
    return packed


def unpack_flows(packed: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    """Unpack what `pack_flows` packed.

    Parameters
    ----------
    packed : dict of str to numpy.ndarray
        The small arrays.

    Returns
    -------
    numpy.ndarray
        N x N deliveries in million USD, float32.
    """
    size, fraction_bits = (int(number) for number in packed["size"])
    counts = packed["cells_by_row"].astype(np.int64)
    steps = packed["step_0"] + (packed["step_1"].astype(np.int64) << _BYTE)
    # One running sum over all rows, less what it had reached at the start of each row.
    columns = np.cumsum(steps)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    reached = np.concatenate(([0], columns))[starts]
    columns -= np.repeat(reached, counts)
    codes = packed["amount_0"].astype("<u4")
    codes |= packed["amount_1"].astype("<u4") << np.uint32(_BYTE)
    codes |= packed["amount_2"].astype("<u4") << np.uint32(2 * _BYTE)
    amounts = (codes << np.uint32(_FRACTION_BITS - fraction_bits)).view("<f4")
    flows_musd = np.zeros(size * size, dtype=np.float32)
    flows_musd[np.repeat(np.arange(size) * size, counts) + columns] = amounts
    return flows_musd.reshape(size, size)


def write_compact(
    path: Path,
    *,
    flows_musd: NDArray[np.floating[Any]],
    output_musd: NDArray[np.floating[Any]],
    countries: tuple[str, ...],
    sectors: tuple[str, ...],
    fraction_bits: int,
) -> None:
    """Write deliveries, output and labels; the same content gives the same bytes.

    Parameters
    ----------
    path : pathlib.Path
        File to write, a zip of arrays that numpy reads.
    flows_musd, output_musd : numpy.ndarray
        In million USD.
    countries, sectors : tuple of str
        Labels.
    fraction_bits : int
        See `pack_flows`.
    """
    arrays = pack_flows(flows_musd, fraction_bits)
    arrays["output_musd"] = np.asarray(output_musd, dtype="<f8")
    arrays["countries"] = np.array(countries)
    arrays["sectors"] = np.array(sectors)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for name in sorted(arrays):
            entry = zipfile.ZipInfo(f"{name}.npy", _NO_TIME)
            entry.compress_type = zipfile.ZIP_LZMA
            with archive.open(entry, "w") as stream:
                np.lib.format.write_array(stream, arrays[name], allow_pickle=False)


def read_compact(path: Path, metadata_path: Path) -> InputOutputTable:
    """Read a table in the compact form with its metadata.

    Parameters
    ----------
    path : pathlib.Path
        What `write_compact` wrote.
    metadata_path : pathlib.Path
        JSON with at least ``name`` and ``year``.

    Returns
    -------
    InputOutputTable
        Final demand without destinations; value added includes taxes and what the table leaves out.

    Raises
    ------
    DataError
        If a file is missing or damaged.
    """
    try:
        metadata = json.loads(metadata_path.read_text(encoding="utf-8"))
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        flows_musd = unpack_flows(arrays)
    except (OSError, EOFError, ValueError, KeyError, IndexError, zipfile.BadZipFile, lzma.LZMAError) as error:
        raise DataError(
            f"The stored table cannot be read: {error}.",
            where=str(path),
            expected="the two files that came with Geomonitor",
            next_step="Install Geomonitor again.",
        ) from error
    output_musd = arrays["output_musd"]
    final_demand_musd = output_musd - flows_musd.sum(axis=1, dtype=np.float64)
    return InputOutputTable(
        name=metadata["name"],
        year=metadata["year"],
        countries=tuple(arrays["countries"].tolist()),
        sectors=tuple(arrays["sectors"].tolist()),
        flows_musd=flows_musd,
        final_demand_musd=final_demand_musd[:, None],
        final_demand_labels=((NO_DESTINATION, "total"),),
        output_musd=output_musd,
        metadata=metadata,
    )
