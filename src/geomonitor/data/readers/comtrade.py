"""UN Comtrade CSV: the API and comtradeplus download, and the classic download.

Source: United Nations Statistics Division, UN Comtrade, https://comtradeplus.un.org. Values in US dollars
become thousand US dollars, net weight in kilogrammes becomes tonnes.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from geomonitor.codes import COMTRADE_ECONOMIES, hs_revision
from geomonitor.data.dataset import CANONICAL_COLUMNS
from geomonitor.data.readers.base import ROW, Notes, ReadOptions, Survey
from geomonitor.data.readers.csvfile import Column, read_csv, read_header
from geomonitor.data.readers.mapping import economies_from_iso3, economies_from_numbers, hs6_products
from geomonitor.data.readers.members import Member
from geomonitor.errors import DataError

__all__ = ["ComtradeReader"]

# role -> (kind, required, the names it has in the new and in the classic download)
_ROLES: Mapping[str, tuple[str, bool, tuple[str, ...]]] = {
    "year": ("integer", True, ("refYear", "Year")),
    "flow": ("text", True, ("flowCode", "Trade Flow")),
    "reporter_number": ("integer", False, ("reporterCode", "Reporter Code")),
    "reporter_iso3": ("text", False, ("reporterISO", "Reporter ISO")),
    "partner_number": ("integer", False, ("partnerCode", "Partner Code")),
    "partner_iso3": ("text", False, ("partnerISO", "Partner ISO")),
    "product": ("text", True, ("cmdCode", "Commodity Code")),
    "value_usd": ("number", True, ("primaryValue", "Trade Value (US$)")),
    "net_weight_kg": ("number", False, ("netWgt", "Netweight (kg)")),
    "classification": ("text", True, ("classificationCode", "Classification")),
    "level": ("integer", False, ("aggrLevel", "Aggregate Level")),
    "frequency": ("text", False, ("freqCode",)),
    "second_partner": ("text", False, ("partner2Code", "2nd Partner Code")),
    "customs": ("text", False, ("customsCode", "Customs Proc. Code")),
    "transport": ("text", False, ("motCode", "Mode of Transport Code")),
}
_OPTIONAL_COLUMNS = frozenset({"level", "frequency", "second_partner", "customs", "transport"})
_FLOW_WORDS: Mapping[str, frozenset[str]] = {
    "import": frozenset({"M", "IMPORT", "IMPORTS"}),
    "export": frozenset({"X", "EXPORT", "EXPORTS"}),
}
# Each breakdown's own word for "all together"; the classic download leaves the field empty.
_TOTALS: Mapping[str, tuple[str, ...]] = {
    "second_partner": ("0", ""),
    "customs": ("C00", ""),
    "transport": ("0", ""),
}
_WORLD_ISO3 = ("W00", "WLD", "EUR")
_TOTAL_NUMBERS = (0, 97)
_OWN_ISO3: Mapping[str, str] = {"S19": "TWN"}
_REVISION = re.compile(r"H[0-9]")


class ComtradeReader:
    """Reads UN Comtrade CSV.

    Imports give exporter = partner and importer = reporter; with ``flow="export"`` the other way round.
    World totals, other flows, other levels than six digits and breakdowns beside their total are left out,
    each with its count in the notes.

    Examples
    --------
    >>> ComtradeReader().format
    'comtrade'
    """

    format = "comtrade"
    version = 1
    adds_up_unallocated = True

    def survey(self, members: Sequence[Member], options: ReadOptions, notes: Notes) -> Survey:
        """Find the CSV files, and the classification that the first row declares.

        Parameters
        ----------
        members : sequence of Member
            The files.
        options : ReadOptions
            The revision must agree with the files when it is given.
        notes : Notes
            Takes what was noticed.

        Returns
        -------
        Survey

        Raises
        ------
        DataError
            If there is no CSV, or its classification is not one HS revision.
        """
        files = tuple(member for member in members if member.basename.lower().endswith(".csv"))
        if not files:
            raise DataError(
                "There are no CSV files here.",
                where=", ".join(member.label for member in members[:5]) or "the folder is empty",
                expected="CSV as downloaded from UN Comtrade",
                next_step="Point at the file or folder that was downloaded.",
            )
        if options.flow not in _FLOW_WORDS:
            raise DataError(
                f"{options.flow!r} is not a trade flow.",
                expected="import or export",
                next_step="Choose --flow import or --flow export.",
            )
        revision = _first_revision(files[0])
        if options.revision is not None and hs_revision(options.revision) != revision:
            raise DataError(
                f"The file is in {revision}, not in {hs_revision(options.revision)}.",
                where=f"{files[0].label}, row 2",
                expected=f"--revision {revision}, or none",
                next_step="Leave --revision out.",
            )
        reporter, partner = ("importer", "exporter") if options.flow == "import" else ("exporter", "importer")
        notes.add(f"Reports of {options.flow}s were read: reporter as {reporter}, partner as {partner}.")
        return Survey(
            hs_revision=revision,
            product_names={},
            flow_files=files,
            title=f"UN Comtrade, {options.flow}s as reported, {revision}",
            source_id="un-comtrade",
        )

    def read(
        self, file: Path, label: str, survey: Survey, options: ReadOptions, notes: Notes
    ) -> Iterator[pl.DataFrame]:
        """Read one CSV.

        Parameters
        ----------
        file : pathlib.Path
            The CSV.
        label : str
            Its name for people.
        survey : Survey
            What `survey` found.
        options : ReadOptions
            Whose reports to read.
        notes : Notes
            Takes the repairs.

        Yields
        ------
        polars.DataFrame
            Canonical columns and `ROW`.

        Raises
        ------
        DataError
            If rows are of several classifications, not annual, or not numbers.
        UnknownCodeError
            If codes are not known.
        """
        names = _columns(read_header(file, label), label)
        columns = [Column(name, *_ROLES[role][:2]) for role, name in names.items()]
        for raw in read_csv(file, label, columns, notes):
            frame = _keep(
                raw.rename({name: role for role, name in names.items()}), label, survey, options, notes
            )
            reporter = _economies(frame, "reporter", names, label)
            partner = _economies(frame, "partner", names, label)
            _require_unique(frame, label)
            exporter, importer = (partner, reporter) if options.flow == "import" else (reporter, partner)
            unweighed = (pl.col("net_weight_kg") == 0) & (pl.col("value_usd") > 0)
            count = frame.select(unweighed.sum()).item()
            if count:
                notes.add("{count} net weights of zero beside a positive value were read as missing.", count)
            yield frame.select(
                "year",
                exporter.alias("exporter"),
                importer.alias("importer"),
                hs6_products(frame, "product", (), label, notes).alias("product"),
                (pl.col("value_usd") / 1000).alias("value_kusd"),
                (pl.when(~unweighed.fill_null(False)).then(pl.col("net_weight_kg")) / 1000).alias(
                    "quantity_t"
                ),
                ROW,
            ).select(*CANONICAL_COLUMNS, ROW)


def _columns(header: list[str], label: str) -> dict[str, str]:
    """Find the column of each role, whichever download it is."""
    by_folded = {name.casefold(): name for name in header}
    found: dict[str, str] = {}
    for role, (_, _, names) in _ROLES.items():
        for name in names:
            if name.casefold() in by_folded:
                found[role] = by_folded[name.casefold()]
                break
    missing = [
        " or ".join(_ROLES[role][2])
        for role in _ROLES
        if role not in found
        and role not in _OPTIONAL_COLUMNS
        and not role.startswith(("reporter", "partner"))
    ]
    for side in ("reporter", "partner"):
        if f"{side}_number" not in found and f"{side}_iso3" not in found:
            missing.append(" or ".join(_ROLES[f"{side}_iso3"][2]))
    if missing:
        raise DataError(
            f"The file lacks {len(missing)} column{'s' if len(missing) > 1 else ''}: {', '.join(missing)}.",
            where=f"{label}, row 1: found {', '.join(header[:40])}",
            expected="the columns of a UN Comtrade download",
            next_step="Download the data again with all columns, or name another --format.",
        )
    return found


def _first_revision(member: Member) -> str:
    text = member.head().decode("utf-8-sig", "replace")
    try:
        rows = csv.reader(io.StringIO(text, newline=""))
        header = [name.strip() for name in next(rows, [])]
        first = next(rows, [])
    except csv.Error as error:
        raise DataError(
            f"The file cannot be read: {error}.",
            where=f"{member.label}, row 1",
            expected="comma-separated fields",
            next_step="Download the file again.",
        ) from error
    position = header.index(_columns(header, member.label)["classification"])
    return _revision(first[position].strip() if len(first) > position else "", f"{member.label}, row 2")


def _revision(code: str, where: str) -> str:
    if not _REVISION.fullmatch(code):
        raise DataError(
            f"The classification {code!r} is not one revision of the Harmonized System.",
            where=f"{where}, column classification",
            expected="H0 to H6",
            next_step="Download the data again with one HS revision chosen, not 'HS as reported' or SITC.",
        )
    return hs_revision(code)


def _keep(
    frame: pl.DataFrame, label: str, survey: Survey, options: ReadOptions, notes: Notes
) -> pl.DataFrame:
    """Keep annual six-digit flows between economies in one direction, counting what is left out."""
    if "frequency" in frame.columns:
        monthly = frame.filter(pl.col("frequency").str.to_uppercase() != "A").head(1)
        if monthly.height:
            raise DataError(
                f"A row has the frequency {monthly['frequency'][0]!r}.",
                where=f"{label}, row {monthly[ROW][0]}, column freqCode",
                expected="A: annual data",
                next_step="Download annual data.",
            )
    frame = _drop(
        frame,
        pl.col("flow").str.strip_chars().str.to_uppercase().is_in(list(_FLOW_WORDS[options.flow])),
        f"{{count}} rows of other trade flows than {options.flow} were left out.",
        notes,
    )
    for code, row in frame.group_by("classification").agg(pl.col(ROW).min()).sort(ROW).iter_rows():
        if _revision(code.strip(), f"{label}, row {row}") != survey.hs_revision:
            raise DataError(
                f"The file mixes HS revisions: {survey.hs_revision} and {hs_revision(code.strip())}.",
                where=f"{label}, row {row}, column classification",
                expected="one revision",
                next_step="Download each revision apart, and add each as a dataset of its own.",
            )
    # Every level of the Harmonized System has an even number of digits: an odd number lost its zero.
    digits = pl.col("product").str.strip_chars().str.len_bytes()
    level = digits + digits % 2
    if "level" in frame.columns:
        level = pl.col("level").fill_null(level)
    six = (level == 6) & (pl.col("product").str.strip_chars().str.to_uppercase() != "TOTAL")
    frame = _drop(
        frame, six, "{count} rows of totals and of other levels than six digits were left out.", notes
    )
    world = pl.lit(False)
    if "partner_number" in frame.columns:
        world = world | pl.col("partner_number").is_in(_TOTAL_NUMBERS).fill_null(False)
    if "partner_iso3" in frame.columns:
        world = world | pl.col("partner_iso3").str.strip_chars().is_in(_WORLD_ISO3).fill_null(False)
    frame = _drop(
        frame, ~world, "{count} rows with the world or the European Union as partner were left out.", notes
    )
    for role, totals in _TOTALS.items():
        if role in frame.columns and frame.height:
            total = pl.col(role).fill_null("").str.strip_chars().is_in(totals)
            if not frame.select(total.any()).item():
                raise DataError(
                    "The file has breakdowns without their total.",
                    where=f"{label}, row {frame[ROW][0]}, column {_ROLES[role][2][0]}",
                    expected=f"rows with {totals[0]}, the total",
                    next_step="Download the data again without these breakdowns.",
                )
            frame = _drop(frame, total, "{count} rows that break a total down were left out.", notes)
    return frame


def _require_unique(frame: pl.DataFrame, label: str) -> None:
    """Refuse a repeated report before several partners become one unallocated one that is added up."""
    key = [
        name
        for name in ("year", "reporter_number", "reporter_iso3", "partner_number", "partner_iso3", "product")
        if name in frame.columns
    ]
    repeated = frame.filter(frame.select(key).is_duplicated())
    if repeated.height:
        first = repeated.row(0, named=True)
        same = repeated.join(repeated.head(1).select(key), on=key, nulls_equal=True)[ROW].sort()
        partner = first.get("partner_iso3") or first.get("partner_number")
        flow = f"product {first['product']}, partner {partner}, {first['year']}"
        raise DataError(
            f"A flow is there more than once: {flow}.",
            where=f"{label}, row {same[0]} and row {same[1]}; {repeated.height:,} rows in all",
            expected="one row for each year, reporter, partner and product",
            next_step="Download the data again without breakdowns, or keep one row of each.",
        )


def _drop(frame: pl.DataFrame, keep: pl.Expr, note: str, notes: Notes) -> pl.DataFrame:
    kept = frame.filter(keep)
    if kept.height < frame.height:
        notes.add(note, frame.height - kept.height)
    return kept


def _economies(frame: pl.DataFrame, side: str, names: Mapping[str, str], label: str) -> pl.Series:
    """Map by numeric code where there is one, else by alpha-3; the numbers tell more areas apart."""
    number, iso3 = f"{side}_number", f"{side}_iso3"
    if number in frame.columns and not frame[number].null_count():
        column = names[number]
        numbered = frame.select(pl.col(number).alias(column), ROW)
        return economies_from_numbers(numbered, (column,), COMTRADE_ECONOMIES, label, "UN Comtrade")[0]
    if iso3 not in frame.columns or frame[iso3].null_count():
        column = number if iso3 not in frame.columns else iso3
        row = frame.filter(pl.col(column).is_null())[ROW][0]
        raise DataError(
            f"A row does not name its {side}.",
            where=f"{label}, row {row}, column {names[column]}",
            expected="a code",
            next_step="Correct the row, or download the file again.",
        )
    codes = frame[iso3].str.strip_chars().replace(_OWN_ISO3)
    named = frame.select(codes.alias(names[iso3]), ROW)
    return economies_from_iso3(named, (names[iso3],), label)[0]
