"""Aggregation and disaggregation of economies and sectors, with the balances kept."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse as sp

from geomonitor.data.input_output.table import NO_DESTINATION, InputOutputTable
from geomonitor.errors import DataError, UnknownCodeError

__all__ = ["Shares", "aggregate", "disaggregate", "read_mapping"]

Shares: TypeAlias = Mapping[str, Mapping[str, float]]
"""For a label, the labels that it becomes, each with its share."""

_SHARE_TOLERANCE = 1e-9


def aggregate(
    table: InputOutputTable,
    *,
    countries: Mapping[str, str] | None = None,
    sectors: Mapping[str, str] | None = None,
) -> InputOutputTable:
    """Add up economies and sectors.

    Parameters
    ----------
    table : InputOutputTable
        The table.
    countries, sectors : Mapping of str to str, optional
        For a label of the table, the label of the group that it goes to; a label that is left out stays.

    Returns
    -------
    InputOutputTable
        Groups stand where the first of their members stood.

    Raises
    ------
    UnknownCodeError
        If a mapping names a label that the table lacks.

    Examples
    --------
    >>> from geomonitor.data.input_output import embedded_input_output
    >>> table = embedded_input_output()
    >>> small = aggregate(table, sectors={code: code[0] for code in table.sectors})
    >>> len(small.sectors), bool(abs(small.output_musd.sum() / table.output_musd.sum() - 1) < 1e-12)
    (20, True)
    """
    to_country = _complete(countries, table.countries, "economy", table.name)
    to_sector = _complete(sectors, table.sectors, "sector", table.name)
    shares_c: Shares = {label: {group: 1.0} for label, group in to_country.items()}
    shares_s: Shares = {label: {group: 1.0} for label, group in to_sector.items()}
    note = f"Aggregated from {len(table.countries)} economies and {len(table.sectors)} sectors."
    return _transform(table, shares_c, shares_s, note)


def disaggregate(
    table: InputOutputTable,
    *,
    countries: Shares | None = None,
    sectors: Shares | None = None,
) -> InputOutputTable:
    """Split economies and sectors by fixed shares.

    Every part gets the same share of output, inputs, deliveries, value added and final demand of the whole,
    so that rows and columns balance as they did. The parts have the same inputs as the whole: a split by
    shares makes room for better data, and says nothing that the whole did not say.

    Parameters
    ----------
    table : InputOutputTable
        The table.
    countries, sectors : Mapping of str to Mapping of str to float, optional
        For a label of the table, its parts and their shares, which add up to 1; a label that is left out
        stays whole.

    Returns
    -------
    InputOutputTable

    Raises
    ------
    DataError
        If shares are negative or do not add up to 1, or a part has the label of something else.
    UnknownCodeError
        If a mapping names a label that the table lacks.

    Examples
    --------
    >>> table = InputOutputTable("made", 2022, ("NLD",), ("A", "C"),
    ...     flows_musd=np.array([[1.0, 2.0], [3.0, 4.0]]), final_demand_musd=np.array([[7.0], [3.0]]),
    ...     final_demand_labels=(("NLD", "total"),), output_musd=np.array([10.0, 10.0]))
    >>> disaggregate(table, sectors={"C": {"C26": 0.25, "C27": 0.75}}).output_musd
    array([10. ,  2.5,  7.5])
    """
    shares_c = _complete_shares(countries, table.countries, "economy", table.name)
    shares_s = _complete_shares(sectors, table.sectors, "sector", table.name)
    split = [
        f"{label} into {', '.join(f'{part} ({share:g})' for part, share in parts.items())}"
        for given in (countries or {}, sectors or {})
        for label, parts in given.items()
    ]
    return _transform(table, shares_c, shares_s, f"Split by shares: {'; '.join(split)}.")


def read_mapping(path: Path) -> dict[str, dict[str, float]]:
    """Read a mapping file: CSV with the columns ``from``, ``to`` and, for a split, ``share``.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    dict of str to dict of str to float
        For each label its targets and their shares, 1 where the file has no shares. For `aggregate` take the
        one target: ``{label: next(iter(parts)) for label, parts in read_mapping(path).items()}``.

    Raises
    ------
    DataError
        If columns are missing, a pair repeats, or a share is no number.
    """
    found: dict[str, dict[str, float]] = {}
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as handle:
            rows = list(csv.DictReader(handle))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"The mapping cannot be read: {error}.", where=str(path), expected="a CSV file"
        ) from error
    for number, row in enumerate(rows, start=2):
        label, target = (row.get(key) or "" for key in ("from", "to"))
        where = f"{path}, row {number}"
        if not label.strip() or not target.strip():
            raise DataError(
                "A row names no label or no target.",
                where=where,
                expected="the columns from and to, both filled",
            )
        parts = found.setdefault(label.strip(), {})
        if target.strip() in parts:
            raise DataError(f"{label} goes to {target} twice.", where=where, expected="each pair once")
        text = row.get("share")
        try:
            parts[target.strip()] = 1.0 if text is None or not text.strip() else float(text)
        except ValueError as error:
            raise DataError(
                f"The share {text!r} is no number.",
                where=f"{where}, column share",
                expected="a number up to 1",
            ) from error
    if not found:
        raise DataError(
            "The mapping has no rows.", where=str(path), expected="the columns from and to, and rows"
        )
    return found


def _transform(table: InputOutputTable, shares_c: Shares, shares_s: Shares, note: str) -> InputOutputTable:
    countries, to_country = _matrix(table.countries, shares_c)
    sectors, to_sector = _matrix(table.sectors, shares_s)
    nodes = sp.csr_array(sp.kron(to_country, to_sector))
    labels: dict[tuple[str, str], int] = {}
    entries: list[tuple[int, int, float]] = []
    for column, (place, kind) in enumerate(table.final_demand_labels):
        targets = {NO_DESTINATION: 1.0} if place == NO_DESTINATION else shares_c[place]
        for target, share in targets.items():
            entries.append((labels.setdefault((target, kind), len(labels)), column, share))
    to_label = sp.csr_array(
        ([share for *_, share in entries], ([i for i, *_ in entries], [j for _, j, _ in entries])),
        shape=(len(labels), len(table.final_demand_labels)),
    )
    metadata: dict[str, Any] = dict(table.metadata)
    metadata["notes"] = [*metadata.get("notes", ()), note]
    if sectors != table.sectors:
        metadata.pop("sector_scheme", None)
    flows = table.flows_musd.astype(np.float64, copy=False)
    return replace(
        table,
        countries=countries,
        sectors=sectors,
        flows_musd=(nodes @ (nodes @ flows).T).T,
        final_demand_musd=(to_label @ (nodes @ table.final_demand_musd).T).T,
        final_demand_labels=tuple(labels),
        output_musd=nodes @ table.output_musd,
        value_added_musd=nodes @ table.value_added_musd,
        taxes_musd=nodes @ table.taxes_musd,
        metadata=metadata,
    )


def _matrix(labels: Sequence[str], shares: Shares) -> tuple[tuple[str, ...], sp.csr_array]:
    targets = tuple(dict.fromkeys(target for label in labels for target in shares[label]))
    place = {target: i for i, target in enumerate(targets)}
    rows, columns, values = [], [], []
    for column, label in enumerate(labels):
        for target, share in shares[label].items():
            rows.append(place[target])
            columns.append(column)
            values.append(share)
    return targets, sp.csr_array((values, (rows, columns)), shape=(len(targets), len(labels)))


def _complete(
    given: Mapping[str, str] | None, labels: Sequence[str], what: str, name: str
) -> Mapping[str, str]:
    given = given or {}
    _require_known(given, labels, what, name)
    return {label: given.get(label, label) for label in labels}


def _complete_shares(given: Shares | None, labels: Sequence[str], what: str, name: str) -> Shares:
    given = given or {}
    _require_known(given, labels, what, name)
    for label, parts in given.items():
        total = math.fsum(parts.values())
        if not all(share >= 0.0 for share in parts.values()) or not abs(total - 1.0) <= _SHARE_TOLERANCE:
            raise DataError(
                f"The shares of {label} are {', '.join(f'{s:g}' for s in parts.values()) or 'missing'}.",
                where=f"mapping of the table {name}",
                expected="shares of at least 0 that add up to 1",
            )
    complete = {label: dict(given.get(label, {label: 1.0})) for label in labels}
    parts_of_all = [part for parts in complete.values() for part in parts]
    twice = sorted({part for part in parts_of_all if parts_of_all.count(part) > 1})
    if twice:
        raise DataError(
            f"These labels would stand for two things: {', '.join(twice[:5])}.",
            where=f"mapping of the table {name}",
            expected="a new label for every part",
        )
    return complete


def _require_known(given: Mapping[str, object], labels: Sequence[str], what: str, name: str) -> None:
    unknown = [label for label in given if label not in labels]
    if unknown:
        raise UnknownCodeError(
            f"The mapping names {what} {', '.join(map(repr, unknown[:5]))}, which the table lacks.",
            where=f"table {name}",
            expected=f"one of {', '.join(labels)}",
        )
