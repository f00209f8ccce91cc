"""Named consistency checks on a dataset: what looks wrong, how often, and the worst rows.

The store refuses what cannot be right (see `geomonitor.data.verify`); the checks here show what an analyst
should know before trusting a figure. Each has a name, a severity and a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from geomonitor.data import check_rules
from geomonitor.data.check_rules import Finding
from geomonitor.data.dataset import Dataset
from geomonitor.errors import UnknownCodeError

__all__ = ["CHECKS", "Check", "CheckResult", "run_checks"]

_FACTOR = f"{check_rules.BREAK_FACTOR:g}"


@dataclass(frozen=True, slots=True)
class Check:
    """A named check.

    Parameters
    ----------
    name : str
        The word of ``--only``.
    title : str
        What it looks for.
    severity : str
        ``error``: figures would be wrong; ``warning``: look before you use them; ``information``.
    explanation : str
        Why it matters and how it is measured.
    rule : callable
        Finds the rows.
    """

    name: str
    title: str
    severity: str
    explanation: str
    rule: Callable[[Dataset, int], Finding]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found.

    Parameters
    ----------
    name, title, severity, explanation : str
        Of the check.
    count : int
        How many it found, in the unit that the title names.
    worst : polars.DataFrame
        The worst of them, worst first.
    """

    name: str
    title: str
    severity: str
    count: int
    worst: pl.DataFrame
    explanation: str

    @property
    def failed(self) -> bool:
        """Whether figures from this dataset would be wrong."""
        return self.severity == "error" and self.count > 0


def _checks() -> Iterable[Check]:
    yield Check(
        "changed_files",
        "Flow files that differ from what was added",
        "error",
        "Every flow file is compared with the SHA-256 that was noted when the dataset was added.",
        check_rules.changed_files,
    )
    yield Check(
        "mixed_hs_revisions",
        "Products that do not belong to the declared HS revision",
        "error",
        "Codes outside the dataset's product table; and codes that end where others begin in a year in which "
        "the Harmonized System changed (at least 3 and 1 % of the products each way), as when years of "
        "different revisions are put together.",
        check_rules.mixed_hs_revisions,
    )
    yield Check(
        "duplicate_keys",
        "Rows that repeat a year, exporter, importer and product",
        "error",
        "A repeated flow counts twice in every sum.",
        check_rules.duplicate_keys,
    )
    yield Check(
        "missing_years",
        "Years missing between the first and the last",
        "warning",
        "Pooled years and persistence over years need every year.",
        check_rules.lacking_years,
    )
    yield Check(
        "exporter_equals_importer",
        "Rows in which exporter and importer are the same",
        "warning",
        "Re-imports and free zones; they are no dependence on another economy. BACI has none.",
        check_rules.exporter_equals_importer,
    )
    yield Check(
        "zero_values",
        "Rows with a value of zero",
        "warning",
        "A zero is a report of no trade or a rounding; it counts as a supplier in counts of suppliers.",
        check_rules.zero_values,
    )
    yield Check(
        "sudden_breaks",
        "World or exporter values that jump against both neighbouring years",
        "warning",
        f"The value of a product, or of an exporter's product, is more than {_FACTOR} times, or less than "
        f"1/{_FACTOR} of, both the year before and the year after, or vanishes for one year; the largest of "
        f"the three is at least {check_rules.BREAK_FLOOR_KUSD:,.0f} thousand US dollars.",
        check_rules.sudden_breaks,
    )
    yield Check(
        "unit_value_outliers",
        "Rows with a unit value far from the median of their product and year",
        "information",
        f"|ln u - median| > {check_rules.OUTLIER_LIMIT:g} x 1.4826 x MAD of ln(value / quantity), in "
        f"products and years with at least {check_rules.OUTLIER_MINIMUM_ROWS} quantities.",
        check_rules.unit_value_outliers,
    )
    yield Check(
        "missing_quantities",
        "Rows without a quantity",
        "information",
        "Where much value has no quantity, concentration by quantity and unit values stand on a part of it.",
        check_rules.missing_quantities,
    )
    yield Check(
        "unallocated_partners",
        "Rows with a partner that is no single economy",
        "information",
        "Such trade may come from one supplier or from many: concentration then has bounds, not one value.",
        check_rules.unallocated_partners,
    )


CHECKS: Mapping[str, Check] = MappingProxyType({check.name: check for check in _checks()})
"""Every check by name, in the order in which they run."""


def run_checks(
    dataset: Dataset, only: Iterable[str] | None = None, *, worst: int = 10
) -> tuple[CheckResult, ...]:
    """Run consistency checks on a dataset.

    Parameters
    ----------
    dataset : Dataset
        What to check.
    only : iterable of str, optional
        Names among `CHECKS`; all when left out.
    worst : int
        How many of the worst rows to keep for each.

    Returns
    -------
    tuple of CheckResult
        One a check, in the order of `CHECKS`.

    Raises
    ------
    UnknownCodeError
        If there is no check of a name.

    Examples
    --------
    >>> from geomonitor.data import embedded_dataset
    >>> run_checks(embedded_dataset(), ["duplicate_keys"])[0].count
    0
    """
    wanted = set(CHECKS) if only is None else set(only)
    unknown = sorted(wanted - set(CHECKS))
    if unknown:
        raise UnknownCodeError(
            f"There is no check named {', '.join(map(repr, unknown))}.",
            expected=f"names among {', '.join(CHECKS)}",
            next_step="Leave --only out to run them all.",
        )
    results = []
    for check in CHECKS.values():
        if check.name in wanted:
            found = check.rule(dataset, worst)
            results.append(
                CheckResult(
                    check.name, check.title, check.severity, found.count, found.worst, check.explanation
                )
            )
    return tuple(results)
