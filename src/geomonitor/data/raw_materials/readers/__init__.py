"""Reading published raw-material statistics into the canonical table."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from geomonitor.data.raw_materials.check_rules import table_checks
from geomonitor.data.raw_materials.checks import CheckNotes
from geomonitor.data.raw_materials.files import file_bytes, sha256_of
from geomonitor.data.raw_materials.readers.base import ReadOptions, ReadTable
from geomonitor.data.raw_materials.table import MaterialData
from geomonitor.data.registry import source as registered_source
from geomonitor.errors import DataError, UnknownCodeError

__all__ = ["MATERIAL_FORMATS", "read_material_data"]

_Reader = Callable[[bytes, str, CheckNotes, ReadOptions], ReadTable]


@dataclass(frozen=True, slots=True)
class _Format:
    source: str
    module: str
    function: str
    takes: tuple[str, ...]

    def reader(self) -> _Reader:
        module = import_module(f"geomonitor.data.raw_materials.readers.{self.module}")
        found: _Reader = getattr(module, self.function)
        return found


_FORMATS: Mapping[str, _Format] = MappingProxyType(
    {
        "eu-crm-world-supply": _Format("eu-crm-studies", "eu_crm", "read_world_supply", ("years",)),
        "eu-crm-sourcing": _Format("eu-crm-studies", "eu_crm", "read_eu_sourcing", ("years", "importer")),
        "eu-crm-use": _Format("eu-crm-studies", "eu_crm", "read_use_shares", ("years", "importer")),
        "world-mining-data": _Format("world-mining-data", "world_mining_data", "read_world_mining_data", ()),
        "usgs-mcs": _Format("usgs-mcs", "usgs", "read_usgs_mcs", ("material",)),
        "bgs-wms": _Format("bgs-wms", "bgs", "read_bgs_wms", ()),
        "iea-cmde": _Format("iea-cmde", "iea", "read_iea_cmde", ()),
    }
)

MATERIAL_FORMATS: tuple[str, ...] = tuple(_FORMATS)
"""Published forms that `read_material_data` reads."""


def read_material_data(
    path: Path | str,
    format: str,  # noqa: A002 - the word of the command line
    *,
    name: str | None = None,
    years: str | None = None,
    importer: str | None = None,
    material: str | None = None,
) -> MaterialData:
    """Read a published file of raw-material statistics and check it.

    What cannot be read at all is an error. What can be read but is wrong or doubtful is found by a named
    check, with its row; nothing is averaged away and no row is dropped without a check that lists it.

    Parameters
    ----------
    path : pathlib.Path or str
        The file as published.
    format : str
        One of `MATERIAL_FORMATS`.
    name : str, optional
        A name for the data; that of the file when left out.
    years : str, optional
        For the EU studies: the years of the shares ("2016-2020" when left out, those of the 2023 study).
    importer : str, optional
        For sourcing and use: the economy or group that they are of (``EU27_2020`` when left out).
    material : str, optional
        For the USGS: the material of a file that does not name it.

    Returns
    -------
    MaterialData
        Look at `failed_checks` before using its table.

    Raises
    ------
    UnknownCodeError
        If there is no such format, importer or material.
    DataError
        If the file is not in the format; the message names file, row and column.
    """
    found = _FORMATS.get(format)
    if found is None:
        near = difflib.get_close_matches(format, MATERIAL_FORMATS, n=2, cutoff=0.4)
        raise UnknownCodeError(
            f"There is no format {format!r} of raw-material data.",
            expected=f"one of {', '.join(MATERIAL_FORMATS)}",
            next_step=f"Perhaps {' or '.join(near)} was meant." if near else None,
        )
    given = {"years": years, "importer": importer, "material": material}
    beside = [option for option, value in given.items() if value is not None and option not in found.takes]
    if beside:
        raise DataError(
            f"The format {format} takes no {' or '.join(beside)}.",
            expected=f"only {', '.join(found.takes)}" if found.takes else "none of them",
            next_step="Leave it out: the file says it.",
        )
    path = Path(path)
    content = file_bytes(path)
    notes = CheckNotes(path.name)
    read = found.reader()(content, path.name, notes, ReadOptions(**given))
    if not read.table.height:
        first = next((check for check in notes.results() if check.failed), None)
        raise DataError(
            "No row of the file could be used.",
            where=f"{path.name}, row {first.rows['row'][0] if first else 2}, all columns",
            expected=f"rows of the format {format}",
            next_step=f"The first: {first.rows['what'][0]}." if first else "Check the format.",
        )
    table_checks(read.table, notes, read.totals)
    about = registered_source(found.source)
    return MaterialData(
        name=name or path.stem,
        table=read.table,
        checks=notes.results(),
        metadata=MappingProxyType(
            {
                "title": about.title,
                "producer": about.producer,
                "citation": about.citation,
                "licence": about.licence,
                "licence_url": about.licence_url,
                "redistribution": about.redistribution,
                "source": about.id,
                "reader": format,
                "files": [{"name": path.name, "sha256": sha256_of(content)}],
                "notes": list(read.notes),
            }
        ),
    )
