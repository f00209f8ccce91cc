"""What the options of a screening ask for: read, checked, and opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geomonitor.cli.options import parse_number, parse_pairs, parse_years, years_text

if TYPE_CHECKING:
    from geomonitor.data import Dataset
    from geomonitor.dependency import Fragility, MethodSpecification, ScreeningOptions
    from geomonitor.trade import Importer

__all__ = ["Asked", "asked_for", "read_re_export_shares"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options ask for, checked."""

    dataset: Dataset
    flows: Any
    importer: Importer
    specification: MethodSpecification
    years: tuple[int, ...]
    options: ScreeningOptions
    merge: dict[str, str]

    @property
    def period(self) -> str:
        """The years in short."""
        return years_text(self.years)

    def scores(self, flows: Any = None, years: Sequence[int] | None = None) -> Fragility | None:
        """Rank the products' trade networks, where the method needs it."""
        from geomonitor.dependency import supply_fragility

        if not self.specification.network:
            return None
        return supply_fragility(
            self.flows if flows is None else flows,
            years or self.years,
            merge=self.merge,
            whole_dollars=self.dataset.whole_dollars,
            verified=True,
        )


def asked_for(
    importer: str,
    home_group: str | None,
    method: str,
    years: str | None,
    dataset: str | None,
    engine: str,
    merge: str | None,
    threshold: Sequence[str] | None,
    options: dict[str, Any],
) -> Asked:
    """Check the options of a screening and open what they name."""
    from geomonitor.data import EMBEDDED_NAME, Store, open_flows
    from geomonitor.dependency import ScreeningOptions
    from geomonitor.dependency import method as specification_of
    from geomonitor.trade import importer as importer_of

    wanted = importer_of(importer, home_group=home_group)
    specification = specification_of(method)
    if threshold:
        specification = specification.with_thresholds(
            {
                name: parse_number(value, f"--threshold {name}")
                for name, value in parse_pairs(threshold, "--threshold").items()
            }
        )
    found = Store().dataset(dataset or EMBEDDED_NAME)
    chosen = parse_years(years) or found.years[-3:]
    folded = parse_pairs(merge.split(","), "--merge") if merge else {}
    return Asked(
        dataset=found,
        flows=open_flows(found, engine, chosen),
        importer=wanted,
        specification=specification,
        years=chosen,
        options=ScreeningOptions(**options),
        merge=folded,
    )


def read_re_export_shares(path: Path | None) -> dict[str, float]:
    """Read shares by product, naming the row that is wrong."""
    if path is None:
        return {}
    import csv

    from geomonitor.codes import product_code
    from geomonitor.errors import DataError, UnknownCodeError

    shares: dict[str, float] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = {"product", "share"} - set(reader.fieldnames or ())
            if missing:
                raise DataError(
                    f"The file lacks the column {' and '.join(sorted(missing))}.",
                    where=f"{path}, row 1",
                    expected="a CSV file with the columns product and share",
                )
            for row in reader:
                where = f"{path}, row {reader.line_num}"
                try:
                    product = product_code(row["product"] or "")
                except UnknownCodeError as error:
                    raise DataError(
                        error.what, where=f"{where}, column product", expected=error.expected
                    ) from error
                if product in shares:
                    raise DataError(
                        f"The product {product} is there twice.", where=where, expected="one row a product"
                    )
                shares[product] = _share(row["share"], f"{where}, column share")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"The file cannot be read: {error}.", where=str(path), expected="a CSV file"
        ) from error
    return shares


def _share(text: str | None, where: str) -> float:
    from geomonitor.errors import DataError

    try:
        share = float(text or "")
    except ValueError:
        share = float("nan")
    if not 0.0 <= share <= 1.0:
        raise DataError(
            f"{text!r} is not a share.",
            where=where,
            expected="a number from 0 to 1, such as 0.67",
            next_step="Divide percentages by 100.",
        )
    return share
