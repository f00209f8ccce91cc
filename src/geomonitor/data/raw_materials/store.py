"""Keeping raw-material data in the store: a folder each, beside the input-output tables."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from geomonitor._version import __version__
from geomonitor.data.raw_materials.checks import MATERIAL_CHECKS, require_sound
from geomonitor.data.raw_materials.files import file_bytes, sha256_of
from geomonitor.data.raw_materials.readers import read_material_data
from geomonitor.data.raw_materials.table import MATERIAL_SCHEMA, MaterialCheck, MaterialData
from geomonitor.data.staging import (
    clear_debris,
    disk_errors,
    incoming_folder,
    name_lock,
    require_free_space,
    swap_in,
)
from geomonitor.data.store import store_root
from geomonitor.errors import DataError, UnknownCodeError

__all__ = [
    "add_material_data",
    "material_data",
    "material_data_folder",
    "material_data_list",
    "remove_material_data",
]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_FORMAT_VERSION = 1


def material_data_folder(root: Path | None = None) -> Path:
    """Give the folder in which the store keeps raw-material data.

    Parameters
    ----------
    root : pathlib.Path, optional
        Root of the store; that of ``GEOMONITOR_DATA`` or the user's data folder when left out.

    Returns
    -------
    pathlib.Path
        It need not exist.
    """
    return (store_root() if root is None else Path(root)) / "raw-materials"


def add_material_data(
    path: Path | str,
    format: str,  # noqa: A002 - the word of the command line
    *,
    name: str,
    years: str | None = None,
    importer: str | None = None,
    material: str | None = None,
    accept: Iterable[str] = (),
    replace: bool = False,
    root: Path | None = None,
) -> MaterialData:
    """Read a published file, check it, and keep it whole or not at all.

    Parameters
    ----------
    path : pathlib.Path or str
        The file as published.
    format : str
        One of `MATERIAL_FORMATS`.
    name : str
        The name to keep it under: lower-case letters, digits, dot, hyphen, underscore.
    years, importer, material : str, optional
        As in `read_material_data`.
    accept : iterable of str
        Names of checks of severity ``error`` to let pass; they are recorded.
    replace : bool
        Put it in the place of data of the same name.
    root : pathlib.Path, optional
        Root of the store.

    Returns
    -------
    MaterialData
        As it was kept. Adding the same file again in the same way changes nothing.

    Raises
    ------
    DataError
        If the file is not in the format, a check failed that is not accepted, the name is taken, the disk is
        full, or another run is busy with the name. The store is as it was before.
    UnknownCodeError
        If there is no such format, importer or material.
    """
    if not _NAME.fullmatch(name):
        raise DataError(
            f"{name!r} cannot be the name of raw-material data.",
            expected="up to 64 lower-case letters, digits, dots, hyphens or underscores",
            next_step="Choose another --name, such as eu-sourcing-2023.",
        )
    path = Path(path)
    accepted = tuple(sorted(set(accept)))
    read = read_material_data(path, format, name=name, years=years, importer=importer, material=material)
    require_sound(read.checks, path.name, accepted)
    metadata = {
        **read.metadata,
        "name": name,
        "asked": {"years": years, "importer": importer, "material": material},
        "accepted": list(accepted),
        "rows": read.table.height,
    }
    folder = material_data_folder(root)
    with name_lock(folder, name, what="raw-material data"), disk_errors(folder):
        clear_debris(folder, name)
        if (folder / name).exists() and not replace:
            kept = material_data(name, root)
            if all(kept.metadata.get(key) == metadata[key] for key in ("files", "reader", "asked")):
                return kept
            raise DataError(
                f"There are raw-material data named {name} already.",
                where=str(folder / name),
                expected="another name",
                next_step="Choose another --name, or add --replace.",
            )
        require_free_space(folder, 2 * path.stat().st_size)
        with incoming_folder(folder, name) as incoming:
            _write(incoming, read, metadata)
            swap_in(incoming, folder / name)
    return material_data(name, root)


def material_data_list(root: Path | None = None) -> tuple[str, ...]:
    """Give the names of the raw-material data in the store.

    Parameters
    ----------
    root : pathlib.Path, optional
        Root of the store.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> material_data_list(Path("nowhere"))
    ()
    """
    folder = material_data_folder(root)
    if not folder.is_dir():
        return ()
    return tuple(
        sorted(
            entry.name
            for entry in folder.iterdir()
            if _NAME.fullmatch(entry.name) and (entry / "metadata.json").is_file()
        )
    )


def material_data(name: str, root: Path | None = None) -> MaterialData:
    """Open raw-material data by their name.

    Parameters
    ----------
    name : str
        Their name in the store.
    root : pathlib.Path, optional
        Root of the store.

    Returns
    -------
    MaterialData

    Raises
    ------
    UnknownCodeError
        If there are none of that name; the message names what there is.
    DataError
        If the files are damaged, or differ from what was added.
    """
    _require_known(name, root)
    folder = material_data_folder(root) / name
    try:
        metadata: dict[str, Any] = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
        if metadata["format_version"] != _FORMAT_VERSION:
            raise ValueError(f"its format is version {metadata['format_version']}, not {_FORMAT_VERSION}")
        for file, sha256 in metadata.pop("stored").items():
            if sha256_of(file_bytes(folder / file)) != sha256:
                raise ValueError(f"{file} has changed since it was added")
        table = pl.read_parquet(folder / "table.parquet")
        if table.schema != MATERIAL_SCHEMA:
            raise ValueError("table.parquet has other columns")
        found = pl.read_parquet(folder / "checks.parquet")
        checks = tuple(
            MaterialCheck(check, severity, rows.height, rows, explanation)
            for check, (severity, explanation) in MATERIAL_CHECKS.items()
            for rows in [found.filter(pl.col("check") == check).drop("check")]
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"The stored raw-material data cannot be read: {error}.",
            where=str(folder),
            expected="the folder as it was added",
            next_step="Add the published file again with --replace.",
        ) from error
    return MaterialData(name, table, checks, MappingProxyType(metadata))


def remove_material_data(name: str, root: Path | None = None) -> Path:
    """Remove raw-material data from the store.

    Parameters
    ----------
    name : str
        Their name in the store.
    root : pathlib.Path, optional
        Root of the store.

    Returns
    -------
    pathlib.Path
        The folder that is gone.

    Raises
    ------
    UnknownCodeError
        If there are none of that name.
    DataError
        If another run is busy with them.
    """
    _require_known(name, root)
    folder = material_data_folder(root)
    with name_lock(folder, name, what="raw-material data"), disk_errors(folder):
        # renamed first, so that half-removed data never pass for data
        doomed = folder / f".removed-{name}-{os.getpid()}"
        (folder / name).rename(doomed)
        shutil.rmtree(doomed)
    return folder / name


def _require_known(name: str, root: Path | None) -> None:
    known = material_data_list(root)
    if name not in known:
        raise UnknownCodeError(
            f"There are no raw-material data named {name!r}.",
            where=str(material_data_folder(root)),
            expected=f"one of {', '.join(known)}" if known else "data that were added; there are none",
            next_step="See `geomonitor material-tables list`, or add them with `material-tables add`.",
        )


def _write(folder: Path, data: MaterialData, metadata: dict[str, Any]) -> None:
    data.table.write_parquet(folder / "table.parquet", compression="zstd")
    pl.concat(
        [check.rows.with_columns(check=pl.lit(check.name)) for check in data.checks], how="vertical"
    ).write_parquet(folder / "checks.parquet", compression="zstd")
    metadata["stored"] = {
        file: sha256_of((folder / file).read_bytes()) for file in ("table.parquet", "checks.parquet")
    }
    metadata["format_version"] = _FORMAT_VERSION
    metadata["added"] = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    metadata["geomonitor_version"] = __version__
    text = json.dumps(metadata, ensure_ascii=False, indent=2, allow_nan=False)
    (folder / "metadata.json").write_text(text + "\n", encoding="utf-8")
