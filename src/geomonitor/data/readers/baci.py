"""CEPII BACI as published: a zip or folder of one CSV a year with its code tables, or one CSV.

Source: Gaulier, G. and Zignago, S. (2010), BACI: International Trade Database at the Product-Level.
The 1994-2007 Version, CEPII Working Paper 2010-23. Columns: t year, i exporter, j importer, k product,
v value in thousand current US dollars, q quantity in tonnes.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from geomonitor.codes import BACI_ECONOMIES, hs_revision
from geomonitor.data.dataset import CANONICAL_COLUMNS
from geomonitor.data.readers.base import ROW, Notes, ReadOptions, Survey
from geomonitor.data.readers.csvfile import Column, read_csv
from geomonitor.data.readers.mapping import economies_from_numbers, hs6_products
from geomonitor.data.readers.members import Member
from geomonitor.errors import DataError

__all__ = ["BaciReader"]

_FLOWS = re.compile(r"BACI_HS(?P<revision>\d{2})_Y(?P<year>\d{4})_V(?P<version>\w+)\.csv", re.IGNORECASE)
_PRODUCTS = re.compile(r"product_codes_HS(?P<revision>\d{2})_V\w+\.csv", re.IGNORECASE)
_COUNTRIES = re.compile(r"country_codes_V\w+\.csv", re.IGNORECASE)
_COLUMNS = (
    Column("t", "integer"),
    Column("i", "integer"),
    Column("j", "integer"),
    Column("k", "text"),
    Column("v", "number"),
    Column("q", "number", required=False),
)


class BaciReader:
    """Reads CEPII BACI.

    Examples
    --------
    >>> BaciReader().format
    'baci'
    """

    format = "baci"
    version = 1
    adds_up_unallocated = False

    def survey(self, members: Sequence[Member], options: ReadOptions, notes: Notes) -> Survey:
        """Find the flow files, the revision and the product table of a release.

        Parameters
        ----------
        members : sequence of Member
            The files of the release.
        options : ReadOptions
            The revision is needed when no file has the name of a BACI file.
        notes : Notes
            Takes what was noticed.

        Returns
        -------
        Survey

        Raises
        ------
        DataError
            If there are no flow files, or several revisions, versions, or files of one year.
        UnknownCodeError
            If the revision is not known.
        """
        named = [(member, match) for member in members if (match := _FLOWS.fullmatch(member.basename))]
        if named:
            revision = _only_revision(named, options)
            file_years = _file_years(named)
        else:
            revision, file_years = _declared_revision(members, options), {}
        csv_members = [member for member in members if member.basename.lower().endswith(".csv")]
        tables = [
            member
            for member in members
            if (match := _PRODUCTS.fullmatch(member.basename)) and hs_revision(match["revision"]) == revision
        ]
        countries = [member for member in members if _COUNTRIES.fullmatch(member.basename)]
        if named:
            flow_files = [member for member, _ in named]
            if options.years is not None:
                flow_files = [member for member in flow_files if file_years[member.label] in options.years]
        else:
            flow_files = [
                member
                for member in csv_members
                if not (_PRODUCTS.fullmatch(member.basename) or _COUNTRIES.fullmatch(member.basename))
            ]
        if len(tables) > 1 or len(countries) > 1:
            several = tables if len(tables) > 1 else countries
            raise DataError(
                "The release has several code tables of one kind.",
                where=", ".join(member.label for member in several),
                expected="one product table and one country table",
                next_step="Keep the tables of the release that the flows come from.",
            )
        if not tables:
            notes.add(
                "The release has no product table: products have no names, and any HS code was accepted."
            )
        for table in countries:
            _compare_countries(table, notes)
        version = named[0][1]["version"] if named else None
        return Survey(
            hs_revision=revision,
            product_names=_product_names(tables[0], notes) if tables else {},
            flow_files=tuple(flow_files),
            other_files=(*tables, *countries),
            file_years=file_years,
            title=f"BACI {revision}" + (f", version {version}" if version else ""),
            source_id=f"cepii-baci-{revision.lower()}",
        )

    def read(
        self, file: Path, label: str, survey: Survey, options: ReadOptions, notes: Notes
    ) -> Iterator[pl.DataFrame]:
        """Read one flow file.

        Parameters
        ----------
        file : pathlib.Path
            The CSV.
        label : str
            Its name for people.
        survey : Survey
            What `survey` found.
        options : ReadOptions
            The years to keep.
        notes : Notes
            Takes the repairs.

        Yields
        ------
        polars.DataFrame
            Canonical columns and `ROW`.

        Raises
        ------
        DataError
            If a row is not as BACI publishes it, or of another year than the file's name says.
        UnknownCodeError
            If codes are not known.
        """
        year = survey.file_years.get(label)
        for frame in read_csv(file, label, _COLUMNS, notes, whole=year is not None):
            if year is not None:
                _require_year(frame, year, label)
            exporter, importer = economies_from_numbers(frame, ("i", "j"), BACI_ECONOMIES, label, "BACI")
            yield frame.select(
                pl.col("t").alias("year"),
                exporter.alias("exporter"),
                importer.alias("importer"),
                hs6_products(frame, "k", survey.product_names, label, notes).alias("product"),
                pl.col("v").alias("value_kusd"),
                pl.col("q").alias("quantity_t"),
                ROW,
            ).select(*CANONICAL_COLUMNS, ROW)


def _only_revision(named: Sequence[tuple[Member, re.Match[str]]], options: ReadOptions) -> str:
    revisions = sorted({hs_revision(match["revision"]) for _, match in named})
    versions = sorted({match["version"].upper() for _, match in named})
    if len(revisions) > 1:
        raise DataError(
            f"The release mixes HS revisions: {', '.join(revisions)}.",
            where=", ".join(member.label for member, _ in named[:4]),
            expected="flow files of one revision",
            next_step="Add each revision as a dataset of its own.",
        )
    if len(versions) > 1:
        raise DataError(
            f"The release mixes versions of BACI: {', '.join(versions)}.",
            where=", ".join(member.label for member, _ in named[:4]),
            expected="flow files of one version",
            next_step="Keep the files of one version in the folder.",
        )
    if options.revision is not None and hs_revision(options.revision) != revisions[0]:
        raise DataError(
            f"The files are in {revisions[0]}, not in {hs_revision(options.revision)}.",
            where=named[0][0].label,
            expected=f"--revision {revisions[0]}, or none",
            next_step="Leave --revision out.",
        )
    return revisions[0]


def _file_years(named: Sequence[tuple[Member, re.Match[str]]]) -> dict[str, int]:
    by_year: dict[int, str] = {}
    for member, match in named:
        year = int(match["year"])
        if year in by_year:
            raise DataError(
                f"Two files hold the year {year}.",
                where=f"{by_year[year]} and {member.label}",
                expected="one file a year",
                next_step="Keep one of the two.",
            )
        by_year[year] = member.label
    return {label: year for year, label in by_year.items()}


def _declared_revision(members: Sequence[Member], options: ReadOptions) -> str:
    shown = ", ".join(member.label for member in members[:5]) or "nothing"
    if not any(member.basename.lower().endswith(".csv") for member in members):
        raise DataError(
            "There are no BACI files here.",
            where=f"found {shown}",
            expected="files named BACI_HSrr_Yyyyy_Vvvvvv.csv, or a CSV with the columns t,i,j,k,v,q",
            next_step="Point at the zip or folder as CEPII publishes it.",
        )
    if options.revision is None:
        raise DataError(
            "The HS revision is not known: no file is named as CEPII names them.",
            where=f"found {shown}",
            expected="files named BACI_HSrr_Yyyyy_Vvvvvv.csv",
            next_step="State the revision, for example --revision HS17.",
        )
    return hs_revision(options.revision)


def _product_names(member: Member, notes: Notes) -> dict[str, str]:
    names: dict[str, str] = {}
    short = 0
    for row, (code, name) in enumerate(_table(member, ("code", "description"), notes), start=2):
        if code.isdigit() and len(code) == 5:
            short += 1
            code = "0" + code
        if not re.fullmatch(r"[0-9A-Z]{6}", code) or code in names:
            raise DataError(
                f"The product table has {'twice ' if code in names else ''}the code {code!r}.",
                where=f"{member.label}, row {row}, column code",
                expected="each six-digit code once",
                next_step="Take the table that came with the release.",
            )
        names[code] = name
    if not names:
        raise DataError(
            "The product table is empty.",
            where=member.label,
            expected="a row a product",
            next_step="Take the table that came with the release.",
        )
    if short:
        notes.add("{count} codes of the product table were given back their leading zero.", short)
    return dict(sorted(names.items()))


def _compare_countries(member: Member, notes: Notes) -> None:
    """Note where the release's own country table differs from ours, which is the one in use."""
    differing = sorted(
        f"{number} {iso3} -> {BACI_ECONOMIES[int(number)]}"
        for number, iso3 in _table(
            member, ("country_code", "country_iso3"), notes, or_else="iso_3digit_alpha"
        )
        if number.isdigit() and int(number) in BACI_ECONOMIES and BACI_ECONOMIES[int(number)] != iso3
    )
    if differing:
        notes.add(f"Country codes read otherwise than the release's own table says: {', '.join(differing)}.")


def _table(
    member: Member, columns: tuple[str, str], notes: Notes, or_else: str | None = None
) -> Iterator[tuple[str, str]]:
    raw = member.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
        notes.add(f"{member.basename} is not in UTF-8 and was read as Latin-1.")
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip() for name in next(reader, [])]
        first, second = columns
        if second not in header and or_else is not None:
            second = or_else
        if first not in header or second not in header:
            raise DataError(
                "A code table lacks a column.",
                where=f"{member.label}, row 1: found {', '.join(header[:20])}",
                expected=f"the columns {' and '.join(columns)}",
                next_step="Take the table that came with the release.",
            )
        positions = header.index(first), header.index(second)
        for fields in reader:
            if len(fields) > max(positions):
                yield fields[positions[0]].strip(), fields[positions[1]].strip()
            elif fields:
                raise DataError(
                    "A row of a code table is too short.",
                    where=f"{member.label}, row {reader.line_num}",
                    expected=f"{len(header)} fields",
                    next_step="Take the table that came with the release.",
                )
    except csv.Error as error:
        raise DataError(
            f"A code table cannot be read: {error}.",
            where=f"{member.label}, row {reader.line_num}",
            expected="comma-separated fields",
            next_step="Take the table that came with the release.",
        ) from error


def _require_year(frame: pl.DataFrame, year: int, label: str) -> None:
    other = frame.filter(pl.col("t") != year).head(1)
    if other.height:
        raise DataError(
            f"A row is of {other['t'][0]} in the file of {year}.",
            where=f"{label}, row {other[ROW][0]}, column t",
            expected=str(year),
            next_step="Take each year's flows from its own file.",
        )
