"""A labelled table of anyone's own: arrays in an ``.npz``, or a square CSV with labels."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geomonitor.data.input_output.readers.base import (
    ReadOptions,
    economy_code,
    finish,
    require_same_labels,
    require_scheme,
    require_unique,
    split_blocks,
)
from geomonitor.data.input_output.readers.matrix import MatrixFile
from geomonitor.data.input_output.table import NO_DESTINATION, InputOutputTable, as_float_array
from geomonitor.data.readers import Notes
from geomonitor.errors import DataError

__all__ = ["read_arrays", "read_labelled"]

_NAMES: Mapping[str, tuple[str, ...]] = {
    "flows": ("Z", "flows_musd", "flows"),
    "final demand": ("F", "Y", "final_demand_musd", "final_demand"),
    "output": ("output", "output_musd", "gross_output", "x"),
    "economies": ("countries", "economies", "regions"),
    "sectors": ("industries", "sectors"),
}
_OUTPUT_LABELS = ("output", "OUT", "TOT")
_VALUE_ADDED_LABELS = ("value_added", "VA")
_TAX_LABELS = ("taxes", "TLS")
_HALF_A_UNIT = 0.5


def read_labelled(path: Path, label: str, options: ReadOptions) -> InputOutputTable:
    """Read a labelled table in million USD, by its ending; see `read_input_output`."""
    if label.lower().endswith(".npz"):
        return read_arrays(path, label, options)
    return _read_square(path, label, options)


def read_arrays(
    path: Path,
    label: str,
    options: ReadOptions,
    *,
    format_name: str = "labelled",
    categories: tuple[str, ...] = (),
    metadata: Mapping[str, Any] | None = None,
    world_output_musd: float | None = None,
    scheme: str | None = None,
) -> InputOutputTable:
    """Read arrays with labels: ``Z``, ``F``, ``output``, ``countries``, ``industries``.

    Parameters
    ----------
    path : pathlib.Path
        An ``.npz`` without pickled objects.
    label : str
        Its name for people.
    options : ReadOptions
        What the caller says.
    format_name : str
        Format that the metadata names.
    categories : tuple of str
        Categories of final demand, where ``F`` has one column for each economy and category.
    metadata : Mapping, optional
        What is known of the source.
    world_output_musd : float, optional
        World output to compare with, in million USD.
    scheme : str, optional
        Key of `SECTOR_SCHEMES` that the sectors must be of.

    Returns
    -------
    InputOutputTable

    Raises
    ------
    DataError
        If arrays are missing or cannot be right.
    """
    notes = Notes()
    arrays = _load(path, label)
    found = {what: _pick(arrays, what, label, required=what != "final demand") for what in _NAMES}
    labels = {
        what: tuple(str(name).strip() for name in np.ravel(np.asarray(found[what])))
        for what in ("economies", "sectors")
    }
    countries = tuple(economy_code(name, options, f"{label}, economies") for name in labels["economies"])
    sectors = labels["sectors"]
    if scheme is not None:
        require_unique(sectors, "Sectors", label)
        require_scheme(sectors, scheme, label)
    numbers = [found[what] for what in ("flows", "final demand", "output")]
    whole = all(array is None or np.asarray(array).dtype.kind in "iu" for array in numbers)
    flows, output = (as_float_array(found[what], f"{label}, {what}") for what in ("flows", "output"))
    size = len(countries) * len(sectors)
    if flows.shape != (size, size) or output.shape != (size,):
        raise DataError(
            f"The arrays have the shapes {flows.shape} and {output.shape}.",
            where=label,
            expected=f"{size} x {size} and {size}: {len(countries)} economies by {len(sectors)} sectors",
            next_step="The file looks truncated, or labels are missing.",
        )
    if found["final demand"] is None:
        notes.add("Final demand is what output leaves after intermediate deliveries.")
        final_demand = output - flows.sum(axis=1)
    else:
        final_demand = as_float_array(found["final demand"], f"{label}, final demand")
    final_demand = final_demand.reshape(size, -1) if final_demand.size % size == 0 else final_demand
    demand_labels = _demand_labels(arrays, final_demand.shape[1], countries, categories, label)
    said: dict[str, Any] = dict(metadata or {})
    if whole:
        said["rounding_musd"] = _HALF_A_UNIT
        notes.add("The amounts are whole numbers: sums are checked to half a million USD a cell.")
    named = re.search(r"(19|20)\d\d", Path(label).stem)
    year = options.year or (int(named[0]) if named else options.required_year(label))
    return finish(
        format_name=format_name,
        year=year,
        countries=countries,
        sectors=sectors,
        flows=flows,
        final_demand=final_demand,
        final_demand_labels=demand_labels,
        output=output,
        value_added=_optional(arrays, ("value_added", "value_added_musd"), label),
        taxes=_optional(arrays, ("taxes", "taxes_musd"), label),
        options=options,
        notes=notes,
        where=label,
        metadata=said,
        default_world_output_musd=world_output_musd,
    )


def _load(path: Path, label: str) -> dict[str, NDArray[Any]]:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, AttributeError) as error:
        raise DataError(
            f"The arrays cannot be read: {error}.",
            where=label,
            expected="an .npz file without pickled objects",
            next_step="The file may be truncated: download it again.",
        ) from error


def _pick(
    arrays: Mapping[str, NDArray[Any]], what: str, label: str, *, required: bool
) -> NDArray[Any] | None:
    for name in _NAMES[what]:
        if name in arrays:
            return arrays[name]
    if not required:
        return None
    raise DataError(
        f"There is no array with {what}.",
        where=f"{label}: found {', '.join(arrays) or 'nothing'}",
        expected=f"one named {' or '.join(_NAMES[what])}",
        next_step="Name the arrays so; the file may be truncated.",
    )


def _optional(
    arrays: Mapping[str, NDArray[Any]], names: tuple[str, ...], label: str
) -> NDArray[np.floating[Any]] | None:
    for name in names:
        if name in arrays:
            return as_float_array(arrays[name], f"{label}, {name}")
    return None


def _demand_labels(
    arrays: Mapping[str, NDArray[Any]],
    columns: int,
    countries: Sequence[str],
    categories: tuple[str, ...],
    label: str,
) -> list[tuple[str, str]]:
    if "final_demand_labels" in arrays:
        pairs = np.asarray(arrays["final_demand_labels"]).reshape(-1, 2)
        return [(str(place), str(kind)) for place, kind in pairs]
    if columns == 1:
        return [(NO_DESTINATION, "total")]
    kinds = tuple(str(name) for name in np.ravel(arrays.get("categories", np.array(categories))))
    if kinds and columns == len(countries) * len(kinds):
        return [(country, kind) for country in countries for kind in kinds]
    if columns == len(countries):
        return [(country, "total") for country in countries]
    raise DataError(
        f"Final demand has {columns} columns and no labels.",
        where=label,
        expected="an array final_demand_labels of pairs (economy, category), or categories for every economy",
        next_step="Add the labels.",
    )


def _read_square(path: Path, label: str, options: ReadOptions) -> InputOutputTable:
    file = MatrixFile(path, label)
    columns = [name for (name,) in file.columns]
    rows: list[str] = []
    body: list[NDArray[np.float64]] = []
    extra: dict[str, NDArray[np.float64]] = {}
    special = (*_OUTPUT_LABELS, *_VALUE_ADDED_LABELS, *_TAX_LABELS)
    for block in file.blocks():
        for i, (name,) in enumerate(block.labels):
            if name in special:
                extra[name] = block.numbers[i].copy()
            else:
                rows.append(name)
                body.append(block.numbers[i])
    require_unique(columns, "Columns", label)
    require_same_labels(rows, [name for name in columns if name in set(rows)], label)
    if not rows:
        raise DataError("The table has no rows of sectors.", where=label, expected="rows such as NLD_C26")
    separator = "_" if all("_" in name for name in rows) else "."
    pairs = [_pair(name, separator, label) for name in rows]
    regions, sectors = split_blocks(pairs, label)
    codes = {region: economy_code(region, options, f"{label}, label {region}") for region in regions}
    outputs = [name for name in columns if name in _OUTPUT_LABELS]
    if len(outputs) != 1:
        raise DataError(
            "There is no column with gross output." if not outputs else "Gross output has several columns.",
            where=f"{label}, row 1",
            expected=f"one column named {' or '.join(_OUTPUT_LABELS)}",
            next_step="Add the column; the file may be truncated.",
        )
    order = [rows.index(f"{region}{separator}{sector}") for region in regions for sector in sectors]
    nodes = [rows[i] for i in order]
    at = {name: i for i, name in enumerate(columns)}
    demand = [name for name in columns if name not in set(rows) and name not in _OUTPUT_LABELS]
    matrix = np.asarray(body)[order]
    use = [at[name] for name in nodes]
    named = re.search(r"(19|20)\d\d", Path(label).stem)
    year = options.year or (int(named[0]) if named else options.required_year(label))
    return finish(
        format_name="labelled",
        year=year,
        countries=tuple(codes[region] for region in regions),
        sectors=sectors,
        flows=matrix[:, use],
        final_demand=matrix[:, [at[name] for name in demand]],
        final_demand_labels=[_demand_pair(name, separator, codes, label) for name in demand],
        output=matrix[:, at[outputs[0]]],
        value_added=next((extra[name][use] for name in _VALUE_ADDED_LABELS if name in extra), None),
        taxes=next((extra[name][use] for name in _TAX_LABELS if name in extra), None),
        options=options,
        notes=Notes(),
        where=label,
    )


def _pair(name: str, separator: str, label: str) -> tuple[str, str]:
    region, found, sector = name.partition(separator)
    if not (region and found and sector):
        raise DataError(
            f"The label {name!r} does not name an economy and a sector.",
            where=label,
            expected="labels such as NLD_C26 or NLD.C26",
            next_step="Correct the labels of the rows and the columns.",
        )
    return region, sector


def _demand_pair(name: str, separator: str, codes: Mapping[str, str], label: str) -> tuple[str, str]:
    first, _, rest = name.partition(separator)
    if first in codes:
        return codes[first], rest or "total"
    if rest in codes:
        return codes[rest], first
    if not rest:
        return NO_DESTINATION, first
    raise DataError(
        f"The column {name!r} is neither a sector nor final demand of an economy.",
        where=f"{label}, row 1",
        expected=f"an economy of the table and a category, such as {next(iter(codes))}{separator}households",
        next_step="Correct the label; a row of this name may be missing.",
    )
