"""Add a release to the store: read, verify, sort and write one year at a time, then move it in whole.

Memory stays bounded by one year: a file whose name promises one year is read, sorted and written before the
next is opened; files that mix years are first parted by year on the disk of the store.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from geomonitor._version import __version__
from geomonitor.codes import UNALLOCATED_CODES
from geomonitor.data.dataset import CANONICAL_COLUMNS, Dataset
from geomonitor.data.readers import (
    Member,
    Notes,
    Reader,
    ReadOptions,
    Survey,
    list_members,
    reader,
    sha256_of_file,
)
from geomonitor.data.staging import (
    clear_debris,
    disk_errors,
    incoming_folder,
    name_lock,
    require_free_space,
    swap_in,
)
from geomonitor.data.verify import (
    flow_keys,
    verify_file,
    verify_unique,
    verify_values,
    verify_years,
    whole_units,
)
from geomonitor.errors import DataError

__all__ = ["AddRequest", "Added", "add_dataset"]

ROW_GROUP_ROWS = 1_000_000
# Sorted Parquet takes about a third of the CSV; unpacking and parting by year need room beside it.
_PARQUET_SHARE_OF_CSV = 0.4


@dataclass(frozen=True, slots=True)
class AddRequest:
    """What to add, from where and how; see `geomonitor.data.Store.add`."""

    path: Path
    name: str
    format: str
    revision: str | None = None
    years: tuple[int, ...] | None = None
    flow: str = "import"
    title: str | None = None
    source: str | None = None
    replace: bool = False
    allow_missing_years: bool = False

    def options(self) -> dict[str, Any]:
        """Give what, besides the bytes, decides how the data is read."""
        return {
            "revision": self.revision,
            "years": None if self.years is None else list(self.years),
            "flow": self.flow,
            "allow_missing_years": self.allow_missing_years,
        }


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding a release.

    Parameters
    ----------
    dataset : Dataset
        The dataset as it lies in the store.
    outcome : str
        ``added``, ``replaced``, or ``unchanged`` when the same bytes were there already.
    """

    dataset: Dataset
    outcome: str


class Progress(Protocol):
    """Told of what has been done."""

    def begin(self, step: str, total_bytes: int) -> None:
        """Start a step over so many bytes."""

    def advance(self, done_bytes: int) -> None:
        """So many more bytes are done."""

    def rows(self, rows: int, label: str) -> None:
        """So many rows are done in all, and this file is next."""


@dataclass(slots=True)
class _Run:
    """What is known while a release goes in."""

    request: AddRequest
    reader: Reader
    survey: Survey
    notes: Notes
    folder: Path
    products: set[str] = field(default_factory=set)
    economies: set[str] = field(default_factory=set)
    year_rows: dict[int, int] = field(default_factory=dict)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    pieces: dict[int, list[Path]] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    whole_dollars: bool = True


def add_dataset(root: Path, request: AddRequest, *, progress: bool = False) -> Added:
    """Add a release to a store; see `geomonitor.data.Store.add`.

    Parameters
    ----------
    root : pathlib.Path
        The folder of the store.
    request : AddRequest
        What to add.
    progress : bool
        Show a progress bar on standard error.

    Returns
    -------
    Added

    Raises
    ------
    DataError
        If the input is not sound or cannot be written; the store is then as it was.
    UnknownCodeError
        If codes are not known.
    """
    chosen = reader(request.format)
    notes = Notes()
    options = ReadOptions(revision=request.revision, years=request.years, flow=request.flow)
    with disk_errors(request.path):
        survey = chosen.survey(list_members(request.path), options, notes)
    _require_flow_files(request, survey)
    with ExitStack() as stack:
        stack.enter_context(name_lock(root, request.name))
        stack.enter_context(disk_errors(root))
        clear_debris(root, request.name)
        reported = stack.enter_context(_progress(progress))
        digests, content = _hash_inputs(survey, reported)
        target = root / request.name
        existing = Dataset.open(target) if (target / "metadata.json").is_file() else None
        if existing is not None:
            if _same(existing, content, chosen, request):
                return Added(existing, "unchanged")
            _require_replace(existing, request)
        csv_bytes = sum(member.size_bytes for member in survey.flow_files)
        require_free_space(root, int(csv_bytes * _PARQUET_SHARE_OF_CSV))
        folder = stack.enter_context(incoming_folder(root, request.name))
        run = _Run(request, chosen, survey, notes, folder)
        _read_all(run, options, digests, reported)
        _finish_pieces(run)
        _describe(run, content)
        swap_in(folder, target)
        return Added(Dataset.open(target), "replaced" if existing is not None else "added")


def _require_flow_files(request: AddRequest, survey: Survey) -> None:
    if not survey.flow_files:
        years = ", ".join(map(str, request.years or ()))
        raise DataError(
            "There are no flows to add" + (f" of {years}." if years else "."),
            where=str(request.path),
            expected="files with flows"
            + (f"; there are those of {sorted(survey.file_years.values())}" if years else ""),
            next_step="Check the path and --years.",
        )


def _hash_inputs(survey: Survey, progress: Progress) -> tuple[dict[str, str], str]:
    """Hash the files once each; the hash of them all does not depend on their names or order."""
    files = {member.container for member in (*survey.flow_files, *survey.other_files)}
    progress.begin("Hashing", sum(file.stat().st_size for file in files))
    found = {file: sha256_of_file(file, progress.advance) for file in sorted(files)}
    digests = {
        member.label: found[member.container]
        for member in (*survey.flow_files, *survey.other_files)
        if not member.zipped
    }
    ordered = sorted(found.values())
    if len(ordered) == 1:
        return digests, ordered[0]
    return digests, hashlib.sha256("\n".join(ordered).encode()).hexdigest()


def _same(existing: Dataset, content: str, chosen: Reader, request: AddRequest) -> bool:
    known = existing.metadata
    return (
        existing.content_sha256 == content
        and known["reader"] == chosen.format
        and known["reader_version"] == chosen.version
        and known.get("options") == request.options()
    )


def _require_replace(existing: Dataset, request: AddRequest) -> None:
    if not request.replace:
        raise DataError(
            f"The dataset {request.name} exists, read from other bytes or with other options.",
            where=str(existing.path),
            expected="another name",
            next_step="Choose another --name, or put this in its place with --replace.",
        )


def _read_all(run: _Run, options: ReadOptions, digests: dict[str, str], progress: Progress) -> None:
    survey = run.survey
    (run.folder / "flows").mkdir()
    progress.begin("Reading", sum(member.size_bytes for member in survey.flow_files))
    for member in survey.flow_files:
        progress.rows(sum(found["rows"] for found in run.inputs), member.basename)
        run.labels.append(member.label)
        with member.local(run.folder) as (file, unpacked_sha256):
            rows = _read_one(run, member, file, options)
        if not rows and not options.years:
            run.notes.add(f"{member.basename} had no flows to keep.")
        digest = unpacked_sha256 or digests[member.label]
        run.inputs.append({"name": member.label, "sha256": digest, "rows": rows})
        progress.advance(member.size_bytes)
    progress.rows(sum(found["rows"] for found in run.inputs), "done")


def _read_one(run: _Run, member: Member, file: Path, options: ReadOptions) -> int:
    year = run.survey.file_years.get(member.label)
    kept: list[pl.DataFrame] = []
    rows = 0
    for frame in run.reader.read(file, member.label, run.survey, options, run.notes):
        verify_values(frame, member.label)
        frame = frame.with_columns(
            pl.col("year").cast(pl.Int16), pl.lit(len(run.labels) - 1, dtype=pl.UInt32).alias("file")
        )
        if options.years is not None:
            frame = frame.filter(pl.col("year").is_in(options.years))
        rows += frame.height
        if year is not None and run.survey.product_names:
            kept.append(frame)
        else:
            _part_by_year(run, frame)
    if kept:
        whole = kept[0] if len(kept) == 1 else pl.concat(kept)
        kept.clear()
        _write_year(run, int(whole["year"][0]), whole)
    return rows


def _part_by_year(run: _Run, frame: pl.DataFrame) -> None:
    for (year,), piece in frame.partition_by("year", as_dict=True, maintain_order=True).items():
        pieces = run.pieces.setdefault(int(year), [])
        target = run.folder / f"piece-{year}-{len(pieces)}.parquet"
        piece.write_parquet(target, compression="lz4")
        pieces.append(target)
        run.products.update(piece["product"].cast(pl.String).unique())


def _finish_pieces(run: _Run) -> None:
    for year in sorted(run.pieces):
        whole = pl.concat(pl.read_parquet(piece) for piece in run.pieces[year])
        for piece in run.pieces[year]:
            piece.unlink()
        _write_year(run, year, whole)


def _write_year(run: _Run, year: int, frame: pl.DataFrame) -> None:
    """Sort one year, verify that its keys are unique, and write it."""
    products = pl.Enum(sorted(run.survey.product_names or run.products))
    if frame.schema["product"] != products:
        frame = frame.with_columns(pl.col("product").cast(pl.String).cast(products))
    if run.reader.adds_up_unallocated:
        frame = _add_up_unallocated(run, frame)
    keys = flow_keys(frame)
    if not keys.is_sorted():
        order = keys.arg_sort()
        frame, keys = frame[order], keys.gather(order)
    verify_unique(frame, keys, year, run.labels)
    run.products.update(frame["product"].unique().cast(pl.String))
    for side in ("exporter", "importer"):
        run.economies.update(frame[side].unique().cast(pl.String))
    run.year_rows[year] = frame.height
    run.whole_dollars = run.whole_dollars and whole_units(frame)
    target = run.folder / "flows" / f"{year}.parquet"
    frame.select(CANONICAL_COLUMNS).write_parquet(
        target, compression="zstd", row_group_size=ROW_GROUP_ROWS, statistics=True
    )
    verify_file(target, frame.height)


def _add_up_unallocated(run: _Run, frame: pl.DataFrame) -> pl.DataFrame:
    """Add up flows of partners that are several in the format and one unallocated one here."""
    key = ["year", "exporter", "importer", "product"]
    unallocated = sorted(UNALLOCATED_CODES)
    several = pl.col("exporter").is_in(unallocated) | pl.col("importer").is_in(unallocated)
    rest, parts = frame.filter(~several), frame.filter(several)
    added = parts.group_by(key, maintain_order=True).agg(
        pl.col("value_kusd").sum(),
        # A sum with a part missing is missing, not smaller.
        pl.when(pl.col("quantity_t").null_count() == 0).then(pl.col("quantity_t").sum()),
        pl.col("row").first(),
        pl.col("file").first(),
    )
    if added.height == parts.height:
        return frame
    run.notes.add(
        "{count} flows with unallocated partners were added to others of the same key.",
        parts.height - added.height,
    )
    return pl.concat([rest, added.select(rest.columns)])


def _describe(run: _Run, content: str) -> None:
    """Write the product table and the metadata."""
    request, survey = run.request, run.survey
    years = sorted(run.year_rows)
    if not years:
        raise DataError(
            "No flows are left to add.",
            where=str(request.path),
            expected="at least one flow",
            next_step="Check the file, --years and --flow; what was left out: " + " ".join(run.notes.texts()),
        )
    absent = verify_years(years, request.years, allow_missing=request.allow_missing_years)
    if absent:
        run.notes.add(f"The flows of {', '.join(map(str, absent))} are missing from the input.")
    if request.years is not None:
        run.notes.add(f"Only these years were asked for: {', '.join(map(str, request.years))}.")
    names = survey.product_names
    codes = sorted(names or run.products)
    pl.DataFrame(
        {"product": codes, "name": [names.get(code) for code in codes]},
        schema={"product": pl.String, "name": pl.String},
    ).write_parquet(run.folder / "products.parquet", compression="zstd")
    metadata = {
        "name": request.name,
        "title": request.title or survey.title,
        **_provenance(request.source or survey.source_id),
        "hs_revision": survey.hs_revision,
        "years": years,
        "rows": sum(run.year_rows.values()),
        "products": len(run.products),
        "economies": len(run.economies),
        "content_sha256": content,
        "whole_dollars": run.whole_dollars,
        "reader": run.reader.format,
        "reader_version": run.reader.version,
        "options": request.options(),
        "files": [
            {
                "name": f"flows/{year}.parquet",
                "sha256": sha256_of_file(run.folder / "flows" / f"{year}.parquet"),
                "rows": run.year_rows[year],
            }
            for year in years
        ],
        "inputs": run.inputs,
        "added": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "geomonitor_version": __version__,
        "notes": list(run.notes.texts()),
    }
    (run.folder / "metadata.json").write_text(
        json.dumps(metadata, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def _provenance(source_id: str | None) -> dict[str, str | None]:
    """Give producer, citation and licence as the registry of sources has them."""
    if source_id is None:
        unknown = "not stated"
        return {
            "source": None,
            "producer": unknown,
            "citation": unknown,
            "licence": unknown,
            "licence_url": None,
        }
    from geomonitor.data.registry import source

    found = source(source_id)
    return {
        "source": found.id,
        "producer": found.producer,
        "citation": found.citation,
        "licence": found.licence,
        "licence_url": found.licence_url,
    }


class _Silent:
    """Progress that no one looks at."""

    def begin(self, step: str, total_bytes: int) -> None:
        """Start a step."""

    def advance(self, done_bytes: int) -> None:
        """Go on."""

    def rows(self, rows: int, label: str) -> None:
        """Take note of rows."""


def _progress(wanted: bool) -> Any:
    from contextlib import nullcontext

    if not wanted:
        return nullcontext(_Silent())
    from geomonitor.data.progress import shown_progress

    return shown_progress()
