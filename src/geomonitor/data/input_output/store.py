"""Saving and loading input-output tables, as arrays in one file each."""

from __future__ import annotations

import json
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from geomonitor.data.input_output.embedded import (
    EMBEDDED_TABLE,
    embedded_input_output,
    embedded_metadata,
)
from geomonitor.data.input_output.table import InputOutputTable
from geomonitor.data.staging import disk_errors, require_free_space
from geomonitor.data.store import store_root
from geomonitor.errors import DataError, UnknownCodeError

__all__ = [
    "input_output_about",
    "input_output_folder",
    "input_output_table",
    "input_output_tables",
    "load_input_output",
    "save_input_output",
]

_ARRAYS = ("flows_musd", "final_demand_musd", "output_musd", "value_added_musd", "taxes_musd")
_LABELS = ("countries", "sectors", "final_demand_labels")
_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_FORMAT_VERSION = 1


def input_output_folder(root: Path | None = None) -> Path:
    """Give the folder in which the store keeps input-output tables.

    Parameters
    ----------
    root : pathlib.Path, optional
        Root of the store; that of ``GEOMONITOR_DATA`` or the user's data folder when left out.

    Returns
    -------
    pathlib.Path
        It need not exist.
    """
    return (store_root() if root is None else Path(root)) / "input-output"


def save_input_output(table: InputOutputTable, path: Path | None = None) -> Path:
    """Write a table whole, or not at all.

    Parameters
    ----------
    table : InputOutputTable
        The table.
    path : pathlib.Path, optional
        File to write; ``NAME.npz`` in `input_output_folder` when left out.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    DataError
        If the name is not fit for a file, or the disk is full or read-only.
    """
    if path is None:
        if not _NAME.fullmatch(table.name) or table.name == EMBEDDED_TABLE:
            raise DataError(
                f"The table cannot be stored under the name {table.name!r}.",
                expected=f"lower-case letters, digits, dots and hyphens, other than {EMBEDDED_TABLE}",
                next_step="Give it another name.",
            )
        path = input_output_folder() / f"{table.name}.npz"
    path = Path(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    content = {
        **{name: getattr(table, name) for name in _ARRAYS},
        **{name: np.array(getattr(table, name)) for name in _LABELS},
        "about": np.array(
            json.dumps(
                {
                    "format_version": _FORMAT_VERSION,
                    "name": table.name,
                    "year": table.year,
                    "metadata": dict(table.metadata),
                },
                ensure_ascii=False,
            )
        ),
    }
    with disk_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        require_free_space(path.parent, sum(array.nbytes for array in content.values()))
        try:
            with part.open("wb") as stream:
                np.savez(stream, allow_pickle=False, **content)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return path


def load_input_output(path: Path) -> InputOutputTable:
    """Read a table that `save_input_output` wrote.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    InputOutputTable

    Raises
    ------
    DataError
        If the file is missing, damaged, or of another kind.
    """
    try:
        with Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in (*_ARRAYS, *_LABELS)}
            about = json.loads(str(archive["about"]))
        return InputOutputTable(
            name=about["name"],
            year=about["year"],
            countries=tuple(arrays["countries"].tolist()),
            sectors=tuple(arrays["sectors"].tolist()),
            final_demand_labels=tuple(
                (place, kind) for place, kind in arrays["final_demand_labels"].tolist()
            ),
            metadata=about["metadata"],
            **{name: arrays[name] for name in _ARRAYS},
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise DataError(
            f"The stored table cannot be read: {error}.",
            where=str(path),
            expected="a file that save_input_output wrote",
            next_step="Read the published table again.",
        ) from error


def input_output_tables(root: Path | None = None) -> tuple[str, ...]:
    """Give the names of the tables that there are, the embedded one first.

    Parameters
    ----------
    root : pathlib.Path, optional
        Root of the store.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> input_output_tables(Path("nowhere"))
    ('oecd-icio-2022',)
    """
    stored = sorted(file.stem for file in input_output_folder(root).glob("*.npz"))
    return (EMBEDDED_TABLE, *stored)


def input_output_table(name: str, root: Path | None = None) -> InputOutputTable:
    """Give a table by its name: the embedded one, or one of the store.

    Parameters
    ----------
    name : str
        Its name.
    root : pathlib.Path, optional
        Root of the store.

    Returns
    -------
    InputOutputTable

    Raises
    ------
    UnknownCodeError
        If there is no such table; the message names what there is.

    Examples
    --------
    >>> input_output_table("oecd-icio-2022").size
    4000
    """
    known = input_output_tables(root)
    if name not in known:
        raise UnknownCodeError(
            f"There is no input-output table {name!r}.",
            where=str(input_output_folder(root)),
            expected=f"one of {', '.join(known)}",
            next_step="Read a published table and save it.",
        )
    if name == EMBEDDED_TABLE:
        return embedded_input_output()
    return load_input_output(input_output_folder(root) / f"{name}.npz")


def input_output_about(name: str, root: Path | None = None) -> dict[str, Any]:
    """Give what is written down about a table, without reading its numbers.

    Parameters
    ----------
    name : str
        Its name.
    root : pathlib.Path, optional
        Root of the store.

    Returns
    -------
    dict
        `year`, and the metadata of the table.

    Raises
    ------
    DataError
        If the file is missing or damaged.

    Examples
    --------
    >>> input_output_about("oecd-icio-2022")["licence"]
    'CC BY 4.0'
    """
    if name == EMBEDDED_TABLE:
        return embedded_metadata()
    path = input_output_folder(root) / f"{name}.npz"
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            about = json.loads(str(archive["about"]))
        return {**about["metadata"], "year": about["year"]}
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise DataError(
            f"The stored table cannot be read: {error}.",
            where=str(path),
            expected="a file that save_input_output wrote",
            next_step="Read the published table again.",
        ) from error
