"""Readers of published input-output tables: each brings one format to million US dollars."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType

from geomonitor.data.input_output.readers.base import RESIDUAL_REGIONS, ReadOptions
from geomonitor.data.input_output.readers.exiobase import FILES as EXIOBASE_FILES
from geomonitor.data.input_output.readers.exiobase import read_exiobase_3
from geomonitor.data.input_output.readers.figaro import read_figaro
from geomonitor.data.input_output.readers.labelled import read_labelled
from geomonitor.data.input_output.readers.oecd import read_oecd_icio
from geomonitor.data.input_output.readers.wiod import read_wiod_2013, read_wiod_2016
from geomonitor.data.input_output.table import InputOutputTable
from geomonitor.data.readers import Member, list_members
from geomonitor.errors import DataError, UnknownCodeError

__all__ = ["INPUT_OUTPUT_FORMATS", "RESIDUAL_REGIONS", "read_input_output"]

_SingleFileReader = Callable[[Path, str, ReadOptions], InputOutputTable]

_SINGLE_FILE: Mapping[str, _SingleFileReader] = MappingProxyType(
    {
        "oecd-icio": read_oecd_icio,
        "figaro": read_figaro,
        "wiod-2013": read_wiod_2013,
        "wiod-2016": read_wiod_2016,
        "labelled": read_labelled,
    }
)
_EXIOBASE = "exiobase-3"

INPUT_OUTPUT_FORMATS: tuple[str, ...] = (*_SINGLE_FILE, _EXIOBASE)
"""Formats that `read_input_output` reads."""


def read_input_output(
    path: Path,
    format: str,  # noqa: A002 - the word of the command line
    year: int | None = None,
    *,
    name: str | None = None,
    usd_per_eur: float | None = None,
    economies: Mapping[str, str] | None = None,
    world_output_musd: float | None = None,
    check: bool = True,
) -> InputOutputTable:
    """Read an inter-country input-output table.

    Parameters
    ----------
    path : pathlib.Path
        A file, or a zip or folder that holds it.
    format : str
        One of `INPUT_OUTPUT_FORMATS`: ``oecd-icio`` (``2022_SML.csv``), ``figaro`` (flat CSV, industry by
        industry), ``wiod-2013`` (the sheet as text, or arrays), ``wiod-2016`` (``WIOTyyyy_October16_ROW`` as
        CSV), ``exiobase-3`` (``Z.txt`` and ``Y.txt``), ``labelled`` (arrays in an ``.npz``, or a square CSV).
    year : int, optional
        Calendar year, where the file does not name it, or several years lie together.
    name : str, optional
        Short name of the table; format and year when left out.
    usd_per_eur : float, optional
        US dollars a euro; required for ``figaro`` and ``exiobase-3``, which are in million euro.
    economies : Mapping of str to str, optional
        Codes for labels of your own: ISO 3166 alpha-3, or ``ROW`` for the rest of the world.
    world_output_musd : float, optional
        Gross output of all economies to compare with, in million USD; 1e8 for published tables, no
        comparison for a labelled one. A table more than 12 times above or below it is refused.
    check : bool
        Whether a table whose rows or columns do not balance is refused.

    Returns
    -------
    InputOutputTable
        In million current USD.

    Raises
    ------
    DataError
        If the file is truncated or damaged, labels are missing or repeated, sectors are of another edition,
        numbers are missing, the unit is another one, or the accounts do not balance; the message names the
        worst cells.
    UnknownCodeError
        If the format or an economy is not known.

    Examples
    --------
    >>> read_input_output(Path("missing.csv"), "oecd-icio")
    Traceback (most recent call last):
    ...
    geomonitor.errors.DataError: There is no such file or folder.
      where: missing.csv
      expected: the zip, folder or file as published
      next: Check the path.
    """
    if format not in INPUT_OUTPUT_FORMATS:
        raise UnknownCodeError(
            f"The format {format!r} is not known.",
            expected=f"one of {', '.join(INPUT_OUTPUT_FORMATS)}",
            next_step="Choose one of them.",
        )
    path = Path(path)
    options = ReadOptions(year, name, usd_per_eur, dict(economies or {}), world_output_musd, check)
    members = list_members(path)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="geomonitor-")))
        if format == _EXIOBASE:
            files = {name: _named(members, name, path) for name in EXIOBASE_FILES}
            unit = next(
                (member for member in members if member.label == _beside(files["Z.txt"], "unit.txt")), None
            )
            local = [stack.enter_context(file.local(folder))[0] for file in files.values()]
            unit_path = stack.enter_context(unit.local(folder))[0] if unit is not None else None
            return read_exiobase_3(local[0], local[1], unit_path, str(path), options)
        member = _single(members, path, year, format)
        file, _ = stack.enter_context(member.local(folder))
        label = str(path) if len(members) == 1 and not member.zipped else f"{path}: {member.label}"
        return _SINGLE_FILE[format](file, label, options)


def _named(members: Sequence[Member], name: str, path: Path) -> Member:
    found = [member for member in members if member.basename == name]
    if len(found) != 1:
        # satellite accounts of a release lie deeper than the tables
        depth = min((member.label.count("/") for member in found), default=0)
        found = [member for member in found if member.label.count("/") == depth]
    if len(found) != 1:
        raise DataError(
            f"There is no file {name}." if not found else f"There are {len(found)} files named {name}.",
            where=str(path),
            expected=f"one release with {' and '.join(EXIOBASE_FILES)}",
            next_step="Name the folder or zip of one year.",
        )
    return found[0]


def _beside(member: Member, name: str) -> str:
    head, slash, _ = member.label.rpartition("/")
    return f"{head}{slash}{name}"


def _single(members: Sequence[Member], path: Path, year: int | None, format_name: str) -> Member:
    endings = (".csv", ".txt", ".npz") if format_name in ("labelled", "wiod-2013") else (".csv", ".txt")
    found = [member for member in members if member.basename.lower().endswith(endings)]
    if len(members) == 1 and not found:
        raise DataError(
            "The file is of another kind than this format.",
            where=str(path),
            expected=f"a file that ends in {', '.join(endings)}",
            next_step="Export a workbook as CSV in UTF-8.",
        )
    if len(found) > 1 and year is not None:
        found = [member for member in found if str(year) in member.basename]
    if len(found) != 1:
        raise DataError(
            f"There are {len(found)} tables here{f' of {year}' if year else ''}.",
            where=str(path),
            expected="one file, or several of which the year names one",
            next_step="Name the file, or give the year.",
        )
    return found[0]
