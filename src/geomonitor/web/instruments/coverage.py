"""The coverage of risks by instruments: what works, what is to come, and where a gap is."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from geomonitor.register.facts import coverage_gap, is_working, risk_kinds
from geomonitor.register.models import Instrument, InstrumentRisk
from geomonitor.report.datatable import Column, DataTable
from geomonitor.web.instruments.shown_codes import in_language, named, named_risk, risk_kind
from geomonitor.web.language import active_language, say

__all__ = [
    "MatrixCell",
    "MatrixRow",
    "RiskCoverage",
    "covered_risks",
    "families",
    "gaps_table",
    "matrix_rows",
    "matrix_table",
]

OTHER_FAMILY = "other"


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """What addresses one risk.

    Attributes
    ----------
    risk, name, meaning, family : str
    direct, partly, coming : tuple of Instrument
        Those that work and were made for it, those that work and help, and those that do not work yet.
    gap : str or None
        See `geomonitor.register.facts.coverage_gap`.
    """

    risk: str
    name: str
    meaning: str
    family: str
    direct: tuple[Instrument, ...]
    partly: tuple[Instrument, ...]
    coming: tuple[Instrument, ...]
    gap: str | None

    @property
    def parts(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What addresses it, in words: how far, and the code and name of each instrument."""
        return [
            (say(None, f"coverage.{key}"), [(each.code, in_language(each, "name")) for each in part])
            for key, part in (
                ("working_direct", self.direct),
                ("working_partly", self.partly),
                ("coming", self.coming),
            )
            if part
        ]

    @property
    def gap_name(self) -> str:
        """The gap in words."""
        return say(None, f"coverage_gap.{self.gap or 'covered'}")

    @property
    def gap_reason(self) -> str:
        """Why it is a gap, or is none."""
        return say(None, f"coverage_gap.{self.gap or 'covered'}_why")

    @property
    def gap_tag(self) -> str:
        """Class of its label; the words say the same."""
        return {None: "tag-good", "partly_only": "tag-plain", "planned_only": "tag-warm"}.get(
            self.gap, "tag-danger"
        )


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One instrument against one risk: what is written, and a shade that says the same."""

    text: str
    mark: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One instrument against the risks of the columns."""

    instrument: Instrument
    name: str
    cells: tuple[MatrixCell, ...]


def families() -> list[tuple[str, str]]:
    """Give the families of risks: code and name."""
    language = active_language().code
    return list({kind.family.code: kind.family.name[language] for kind in risk_kinds()}.items())


def covered_risks(risks: Iterable[InstrumentRisk], on: datetime.date) -> tuple[RiskCoverage, ...]:
    """Sort what addresses each risk.

    Parameters
    ----------
    risks : iterable of InstrumentRisk
        With their instrument; none that was withdrawn, nor of an instrument that was.
    on : datetime.date
        The day for which it holds.

    Returns
    -------
    tuple of RiskCoverage
        Every kind of risk of the catalogue, in its order, then others.
    """
    rows = [each for each in risks if each.instrument.state != Instrument.State.ENDED]
    known = [kind.code for kind in risk_kinds()]
    others = sorted({each.risk for each in rows} - set(known))
    return tuple(
        _coverage(code, [each for each in rows if each.risk == code], on) for code in [*known, *others]
    )


def _coverage(code: str, rows: Sequence[InstrumentRisk], on: datetime.date) -> RiskCoverage:
    kind, language = risk_kind(code), active_language().code
    working = [each for each in rows if is_working(each.instrument.state, each.instrument.applies_from, on)]
    coming = [each for each in rows if each not in working]
    return RiskCoverage(
        risk=code,
        name=named_risk(code),
        meaning=kind.meaning[language] if kind else "",
        family=kind.family.code if kind else OTHER_FAMILY,
        direct=_instruments(each for each in working if each.strength == InstrumentRisk.Strength.DIRECT),
        partly=_instruments(each for each in working if each.strength != InstrumentRisk.Strength.DIRECT),
        coming=_instruments(coming),
        gap=coverage_gap([each.strength for each in working], [each.strength for each in coming]),
    )


def _instruments(rows: Iterable[InstrumentRisk]) -> tuple[Instrument, ...]:
    return tuple(sorted((each.instrument for each in rows), key=lambda each: in_language(each, "name")))


def matrix_rows(instruments: Sequence[Instrument], coverage: Sequence[RiskCoverage]) -> tuple[MatrixRow, ...]:
    """Put instruments against risks.

    Parameters
    ----------
    instruments : sequence of Instrument
        The rows; those that address none of the risks are left out.
    coverage : sequence of RiskCoverage
        The columns.
    """
    rows = []
    for instrument in instruments:
        cells = tuple(_cell(instrument, each) for each in coverage)
        if any(cell.text for cell in cells):
            rows.append(MatrixRow(instrument, in_language(instrument, "name"), cells))
    return tuple(rows)


def _cell(instrument: Instrument, risk: RiskCoverage) -> MatrixCell:
    if instrument in risk.direct:
        return MatrixCell(say(None, "strength.direct"), "mark-4")
    if instrument in risk.partly:
        return MatrixCell(say(None, "strength.partly"), "mark-2")
    if instrument in risk.coming:
        found = next(each for each in instrument.risks.all() if each.risk == risk.risk and not each.withdrawn)
        strength = named(f"strength.{found.strength}")
        return MatrixCell(say(None, "coverage.cell_coming", strength=strength), "mark-1")
    return MatrixCell("", "mark-0")


def gaps_table(coverage: Sequence[RiskCoverage]) -> DataTable:
    """Make the table of risks with what addresses them and their gap."""
    return DataTable.of(
        say(None, "coverage.table_gaps"),
        [
            Column(say(None, key))
            for key in (
                "instrument.risk",
                "coverage.gap",
                "coverage.working_direct",
                "coverage.working_partly",
                "coverage.coming",
                "instrument.code",
            )
        ],
        [
            (
                each.name,
                each.gap_name,
                *("; ".join(in_language(one, "name") for one in part) or None
                  for part in (each.direct, each.partly, each.coming)),
                each.risk,
            )
            for each in coverage
        ],
    )  # fmt: skip


def matrix_table(instruments: Sequence[Instrument], coverage: Sequence[RiskCoverage]) -> DataTable:
    """Make the whole matrix: a row an instrument, a column a risk."""
    return DataTable.of(
        say(None, "coverage.matrix"),
        [Column(say(None, "instrument.one")), *(Column(each.name) for each in coverage)],
        [
            (row.name, *(cell.text or None for cell in row.cells))
            for row in matrix_rows(instruments, coverage)
        ],
    )
