"""Factorisations kept on disk, so that a second question about a table is immediate."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geomonitor.chains.leontief import LeontiefSystem, leontief_system
from geomonitor.data import store_root
from geomonitor.data.input_output import InputOutputTable
from geomonitor.data.staging import clear_debris, disk_errors, incoming_folder, name_lock, swap_in
from geomonitor.errors import DataError

__all__ = ["cached_system", "factor_folder"]

# A new number when what is stored changes in meaning: older folders are then no longer found.
_VERSION = 1
_ARRAYS = ("factors", "pivots", "value_added_share", "inverse_output")


def factor_folder() -> Path:
    """Give the folder of the cache, inside the store: ``cache/factors``.

    It may be removed at any time; a table of n nodes takes 8 n**2 bytes (128 MB for 4,000 nodes).
    """
    return store_root() / "cache" / "factors"


def _silent(_: str) -> None:
    """Say nothing."""


def cached_system(
    table: InputOutputTable, *, folder: Path | None = None, notify: Callable[[str], None] = _silent
) -> LeontiefSystem:
    """Factorise the system of a table, or take the factors from the cache.

    Factors are found by the content of the table (deliveries, output, labels), so a table that
    changes is factorised anew. They are read where they lie, not copied into memory. Their
    checksums are compared before use, and every solution is checked against the table as always.

    Parameters
    ----------
    table : InputOutputTable
    folder : pathlib.Path, optional
        The cache; `factor_folder` by default.
    notify : callable, optional
        Takes a sentence when the cache is damaged or cannot be written; the system comes all the
        same.

    Returns
    -------
    LeontiefSystem
        The same, to the last bit, as `leontief_system` gives.

    Raises
    ------
    DataError
        If the table cannot be factorised, see `leontief_system`.
    """
    root = factor_folder() if folder is None else folder
    name = _table_key(table)
    kept = root / name
    if kept.is_dir():
        found = _read(kept, table)
        if isinstance(found, LeontiefSystem):
            return found
        notify(f"The stored factorisation in {kept} {found}; it is made again.")
    system = leontief_system(table, solver="direct")
    try:
        _write(root, name, system)
    except DataError as error:
        notify(f"The factorisation is not stored: {error.what} ({error.where})")
    return system


def _table_key(table: InputOutputTable) -> str:
    digest = hashlib.sha256(f"{_VERSION}|{table.countries}|{table.sectors}|{table.flows_musd.dtype}".encode())
    for array in (table.flows_musd, table.output_musd):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:32]


def _checksum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _arrays_of(system: LeontiefSystem) -> dict[str, NDArray[np.generic]]:
    if system._factors is None:
        raise AssertionError("a direct system has factors")
    factors, pivots = system._factors
    return dict(
        zip(_ARRAYS, (factors, pivots, system.value_added_share, system._inverse_output), strict=True)
    )


def _write(root: Path, name: str, system: LeontiefSystem) -> None:
    """Write the factors into a folder of their own, whole or not at all."""
    with name_lock(root, name, what="factorisation"), disk_errors(root):
        clear_debris(root, name)
        with incoming_folder(root, name) as incoming:
            record = {}
            for each, array in _arrays_of(system).items():
                path = incoming / f"{each}.npy"
                np.save(path, array, allow_pickle=False)
                record[each] = _checksum(path)
            (incoming / "record.json").write_text(json.dumps(record, indent=2), encoding="utf-8")
            swap_in(incoming, root / name)


def _read(kept: Path, table: InputOutputTable) -> LeontiefSystem | str:
    """Read what was stored, or say what is wrong with it."""
    try:
        record = json.loads((kept / "record.json").read_text(encoding="utf-8"))
        for each in _ARRAYS:
            if record[each] != _checksum(kept / f"{each}.npy"):
                return f"is damaged ({each}.npy)"
        arrays = {each: np.load(kept / f"{each}.npy", mmap_mode="r", allow_pickle=False) for each in _ARRAYS}
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"cannot be read ({error})"
    size = table.size
    if arrays["factors"].shape != (size, size) or arrays["inverse_output"].shape != (size,):
        return "does not fit the table"
    return LeontiefSystem(
        table=table,
        value_added_share=np.array(arrays["value_added_share"]),
        solver="direct",
        # LAPACK's wrapper counts the pivots up and down again in place: they need memory of their own
        _factors=(arrays["factors"], np.array(arrays["pivots"])),
        _inverse_output=np.array(arrays["inverse_output"]),
    )
