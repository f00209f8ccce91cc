"""An edition: the immutable result of running a profile, with a record of all that went in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from geomonitor.data.staging import clear_debris, disk_errors, incoming_folder, name_lock, swap_in
from geomonitor.errors import DataError

__all__ = ["Edition", "edition_id", "frame_sha256", "write_edition"]

RECORD = "edition.json"


@dataclass(frozen=True, slots=True)
class Edition:
    """The result of running a profile.

    Attributes
    ----------
    record : dict
        Everything that went in: profile, dataset with hash, method specifications, versions.
    tables : dict of str to polars.DataFrame
        `products`, `history`, `suppliers`, `robustness`, `churn`, `common`, `relations`, ...
    findings : polars.DataFrame
        One row a measured statement.
    path : pathlib.Path or None
        Its folder, once written.
    """

    record: dict[str, Any]
    tables: dict[str, pl.DataFrame]
    findings: pl.DataFrame
    path: Path | None = None

    @property
    def id(self) -> str:
        """Its name: that of the profile, and a hash of all that went in."""
        return str(self.record["id"])

    @classmethod
    def open(cls, path: Path | str) -> Edition:
        """Read an edition and check that no table has changed since it was written.

        Parameters
        ----------
        path : pathlib.Path or str
            Its folder.

        Raises
        ------
        DataError
            If it is no edition, or a table is missing or changed.
        """
        folder = Path(path)
        try:
            record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise DataError(
                "There is no edition here.",
                where=str(folder),
                expected=f"a folder with {RECORD}, as `geomonitor run` leaves it",
                next_step="Run `geomonitor run`, or give the folder that it printed.",
            ) from error
        except (ValueError, OSError) as error:
            raise DataError(
                f"The record of the edition cannot be read: {error}.", where=str(folder / RECORD)
            ) from error
        listed = record.get("tables") if isinstance(record, dict) else None
        if not isinstance(listed, dict) or "findings" not in listed:
            raise DataError(
                "The record of the edition is not whole: it does not list its tables.",
                where=str(folder / RECORD),
                expected="the record that `geomonitor run` wrote",
                next_step="An edition is never changed: run the profile again.",
            )
        tables = {}
        for name, known in listed.items():
            file = folder / ("findings.parquet" if name == "findings" else f"tables/{name}.parquet")
            try:
                table = pl.read_parquet(file)
            except (OSError, pl.exceptions.PolarsError) as error:
                raise DataError(
                    f"A table of the edition cannot be read: {error}.", where=str(file)
                ) from error
            if frame_sha256(table) != known["sha256"]:
                raise DataError(
                    "A table of the edition is not the one that was written.",
                    where=str(file),
                    expected=f"content with SHA-256 {known['sha256']}",
                    next_step="An edition is never changed: run the profile again.",
                )
            tables[name] = table
        findings = tables.pop("findings")
        return cls(record=record, tables=tables, findings=findings, path=folder)


def frame_sha256(frame: pl.DataFrame) -> str:
    """Hash the content of a table: names, types and values, whatever the file format does.

    Examples
    --------
    >>> frame_sha256(pl.DataFrame({"a": [1]})) == frame_sha256(pl.DataFrame({"a": [1]}))
    True
    """
    digest = hashlib.sha256()
    for name, kind in frame.schema.items():
        digest.update(f"{name}:{kind}\n".encode())
        column = frame[name]
        digest.update(column.is_null().cast(pl.UInt8).to_numpy().tobytes())
        if kind == pl.String:
            text = column.fill_null("")
            digest.update(text.str.len_bytes().to_numpy().tobytes())
            digest.update("".join(text.to_list()).encode())
        elif kind == pl.Boolean:
            digest.update(column.fill_null(False).cast(pl.UInt8).to_numpy().tobytes())
        else:
            digest.update(column.fill_null(0).to_numpy().tobytes())
    return digest.hexdigest()


def edition_id(name: str, inputs: Mapping[str, Any]) -> str:
    """Name an edition after its profile and the hash of all that went in.

    Examples
    --------
    >>> edition_id("demo", {"years": [2021]})
    'demo-d1488911bc92'
    """
    canonical = json.dumps(inputs, sort_keys=True, separators=(",", ":"), default=str)
    return f"{name}-{hashlib.sha256(canonical.encode()).hexdigest()[:12]}"


def write_edition(
    edition: Edition, out: Path | str, *, finish: Callable[[Edition, Path], None] | None = None
) -> Edition:
    """Write an edition whole, or not at all.

    It is made in a folder beside, which is renamed when all is there. What an interrupted run left
    is cleaned up by the next.

    Parameters
    ----------
    edition : Edition
    out : pathlib.Path or str
        Folder of editions.
    finish : callable, optional
        Writes more into the folder (brief, workbook) before it is renamed.

    Returns
    -------
    Edition
        With its path.

    Raises
    ------
    GeomonitorError
        If another run makes the same edition now, or the folder cannot be written (no room, say).
    """
    root = Path(out)
    advice = "choose another folder with --out"
    with name_lock(root, edition.id, what="edition", advice=advice), disk_errors(root, advice):
        clear_debris(root, edition.id)
        with incoming_folder(root, edition.id) as staging:
            record = _written(edition, staging, finish)
            swap_in(staging, root / edition.id)
    return replace(edition, record=record, path=root / edition.id)


def _written(
    edition: Edition, staging: Path, finish: Callable[[Edition, Path], None] | None
) -> dict[str, Any]:
    """Write every table, what `finish` adds, and the record, which it gives back."""
    (staging / "tables").mkdir()
    hashes = {}
    for name, table in {**edition.tables, "findings": edition.findings}.items():
        file = staging / ("findings.parquet" if name == "findings" else f"tables/{name}.parquet")
        table.write_parquet(file, compression="zstd")
        hashes[name] = {"rows": table.height, "sha256": frame_sha256(table)}
    record = {**edition.record, "tables": hashes}
    if finish is not None:
        finish(replace(edition, record=record, path=staging), staging)
    # the record comes last: a folder with a record is a whole edition
    text = json.dumps(record, indent=2, ensure_ascii=False, sort_keys=True, default=str)
    (staging / RECORD).write_text(text + "\n", encoding="utf-8")
    return record
