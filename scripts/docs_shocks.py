"""Make the tables of docs/shocks-published.md: shocks on several calibrations, beside what was published.

    python scripts/docs_shocks.py REFERENCE [--check] [--only BLOCK ...]

Runs the shipped scenarios on the embedded calibration and on those of the reference data, and writes the
tables between the marker comments of the page. With --check nothing is written, and a difference is an error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from scipy.stats import spearmanr

import shock_studies as studies
from geomonitor.codes import economy_name
from geomonitor.shocks import Calibration, ShockResult, rebase, scenario, sectors_meant
from geomonitor.shocks.curve import ResponseCurve
from geomonitor.shocks.elasticities import elasticity_set, elasticity_sets, trade_sectors
from geomonitor.shocks.short_run import ces_output, denied_share_price, second_order_bound

PAGE = Path(__file__).resolve().parents[1] / "docs" / "shocks-published.md"
BEGIN = "<!-- {name}: begin. Written by scripts/docs_shocks.py. -->"
END = "<!-- {name}: end. -->"

SHOWN = (studies.MEMBER, "DEU", studies.UNION, studies.CHINA, "USA")
DENIAL = "china-denies-electronics"
FIRST_GROUPS = 0.02
# the year before and the year in which China left the scheme of preferences of the Union
TARIFFS_ROSE = (2014, 2015)
NAMES = {"EU27_2020": "Union", "CHN": "China", "USA": "United States", "NLD": "Netherlands"}
SPOKEN_LINKS = {"none": "none", "materials": "own sector", "full": "all sectors"}

# share of the scarce input, elasticity, what is left of it; what was printed
SHORT_RUN: Sequence[tuple[str, tuple[float, float, float], str]] = (
    ("10 % less energy, share 4 %, elasticity 0.04", (0.04, 0.04, 0.9), "about -1.5"),
    ("the same, elasticity 0.1", (0.04, 0.1, 0.9), ""),
    ("the same, elasticity 0.5", (0.04, 0.5, 0.9), ""),
    ("the same, elasticity 1 (Cobb-Douglas)", (0.04, 1.0, 0.9), "-0.4"),
    ("the same, elasticity 0 (Leontief)", (0.04, 0.0, 0.9), "-10"),
    ("30 % less gas, share 1.2 %, elasticity 0.1", (0.012, 0.1, 0.7), "-2.2 to -2.3"),
    ("30 % less gas, share 1.0 %, elasticity 0.1", (0.010, 0.1, 0.7), "-2.2 to -2.3"),
)


def name_of(code: str) -> str:
    """Spell out an economy or group."""
    return NAMES.get(code) or economy_name(code)


def percent(value: float | None, decimals: int = 2) -> str:
    """Write a fraction as a percentage; empty where there is none."""
    return "" if value is None else plain(100 * value, decimals)


def plain(value: float | None, decimals: int = 2) -> str:
    """Write a number; a zero has no sign."""
    if value is None:
        return ""
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Lay out a Markdown table; the first columns are text."""
    marks = "|" + "---|" * left + "---:|" * (len(head) - left)
    return [f"| {' | '.join(head)} |", marks, *(f"| {' | '.join(row)} |" for row in rows)]


class Blocks:
    """Every block of the page, computed when it is asked for."""

    def __init__(self, reference: Path) -> None:
        self.reference = reference

    @cached_property
    def known(self) -> dict[str, Calibration]:
        """Give the calibrations of 2022, by name."""
        return studies.calibrations(self.reference)

    @cached_property
    def results(self) -> dict[tuple[str, str], ShockResult]:
        """Give what the letter's tariffs do, by calibration and links."""
        return studies.letter_results(self.known)

    def full(self, name: str) -> ShockResult:
        """Give what the letter's tariffs do with all links."""
        return self.results[name, "full"]

    def one(self, result: ShockResult, code: str) -> dict[str, float]:
        """Give the changes of one economy or group."""
        return studies.changes(result, [code]).row(0, named=True)

    def calibrations(self) -> list[str]:
        """Say what the calibrations are."""
        rows = []
        for name, calibration in self.known.items():
            base = rebase(calibration, scenario(studies.LETTER).deficits)
            flows = base.equilibrium.spending_musd[:, :, None] * calibration.trade_shares
            goods = sectors_meant(calibration, ["goods"])
            abroad = ~np.eye(len(calibration.economies), dtype=bool)
            paid = (calibration.tariff_rates * flows)[goods][:, abroad].sum() / flows[goods][:, abroad].sum()
            rows.append(
                (
                    name,
                    f"`{calibration.name}`",
                    f"{len(calibration.sectors)} x {len(calibration.economies)}",
                    f"{calibration.value_added_musd.sum() / 1e6:.1f}",
                    percent(paid),
                    percent(base.moved, 1),
                )
            )
        head = (
            *("calibration", "name", "sectors x economies", "value added, trillion USD"),
            *("base tariff on traded goods, %", "wages moved by balancing trade, at most, %"),
        )
        return table(head, rows, 2)

    def letter(self) -> list[str]:
        """Set the letter beside ours."""
        found = {name: self.full(name) for name in self.known}
        rows: list[tuple[str, ...]] = []

        def row(what: str, said: str, value: Callable[[str], str]) -> None:
            rows.append((what, said, *(value(name) for name in found)))

        goods = {name: self._goods(result) for name, result in found.items()}

        def over(name: str) -> str:
            effects = goods[name]["direct_price_change"].to_numpy()
            return f"{percent(effects.min(), 1)} to {percent(effects.max(), 1)} %"

        def many(name: str) -> str:
            chosen = goods[name].filter(pl.col("direct_price_change") >= FIRST_GROUPS)
            return f"{chosen.height} of {goods[name].height}"

        def weighted(name: str) -> str:
            effects, spending = (
                goods[name][column].to_numpy() for column in ("direct_price_change", "spending_musd")
            )
            return f"{percent(float(np.average(effects, weights=spending)))} %"

        def of_member(column: str, decimals: int = 2) -> Callable[[str], str]:
            return lambda name: f"{percent(self.one(found[name], studies.MEMBER)[column], decimals)} %"

        row("direct effect on prices, by product group of goods", "2 to almost 6 %", over)
        row("hit most", "", lambda name: str(goods[name]["name"][0]).lower())
        row("product groups hit by 2 % or more", "", many)
        row("direct effect, all goods, weighted by spending", "", weighted)
        row("direct effect, all final spending", "", of_member("direct_price_change"))
        row("total effect on prices, all final spending", "", of_member("total_price_change"))
        row(
            "total over direct effect on prices",
            "",
            lambda name: plain(self.one(found[name], studies.MEMBER)["ratio_total_to_direct"], 1),
        )
        row("real income of the Netherlands, exact", "", of_member("real_income_change", 3))
        for code in (studies.MEMBER, studies.UNION, studies.CHINA):
            row(
                f"loss of real income with links over the same without: {name_of(code)}",
                "two to three times",
                lambda name, code=code: plain(self._amplified(name, code), 1),  # type: ignore[misc]
            )
        row("a larger tariff is a larger loss, from 25 points up", "yes", lambda name: self._monotone(name))
        return table(("the Netherlands, +25 percentage points both ways", "letter", *found), rows, 2)

    def _goods(self, result: ShockResult) -> pl.DataFrame:
        """Give the product groups of goods of the Netherlands, those hit most first."""
        named = trade_sectors("oecd-icio-2025")
        calibration = result.base.calibration
        meant = sectors_meant(calibration, ["goods"])
        goods = [code for code, is_meant in zip(calibration.sectors, meant, strict=True) if is_meant]
        return (
            result.sectors.filter(pl.col("economy") == studies.MEMBER, pl.col("sector").is_in(goods))
            .with_columns(name=pl.col("sector").replace_strict({code: named[code].name for code in goods}))
            .sort("direct_price_change", "sector", descending=[True, False])
        )

    def _amplified(self, name: str, code: str) -> float:
        with_links = self.one(self.results[name, "full"], code)["real_income_change"]
        return with_links / self.one(self.results[name, "none"], code)["real_income_change"]

    def _monotone(self, name: str) -> str:
        falls = self.curves[name].monotone(25.0)
        meant = falls.filter(pl.col("economy").is_in([*studies.union_members(), studies.CHINA]))
        left = meant.filter(~pl.col("falls"))["economy"].to_list()
        return "yes, for every member and China" if not left else f"yes, but for {', '.join(sorted(left))}"

    def prices(self) -> list[str]:
        """Set prices by product group side by side."""
        first, second = (self._goods(self.full(name)) for name in ("reference", "embedded"))
        both = first.join(second, on="sector", suffix="_embedded", how="left", maintain_order="left")
        rows = [
            (
                f"{row['name']} ({row['sector']})",
                *(
                    percent(row[f"{column}{suffix}"])
                    for suffix in ("_embedded", "")
                    for column in ("direct_price_change", "total_price_change", "price_change")
                ),
            )
            for row in both.iter_rows(named=True)
        ]
        head = (
            "product group",
            *("embedded: direct", "total", "in equilibrium"),
            *("reference: direct", "total", "in equilibrium"),
        )
        return table(head, rows)

    def economies(self) -> list[str]:
        """Set real income of members, China and the United States side by side."""
        codes = (*sorted(studies.union_members(), key=name_of), studies.UNION, studies.CHINA, "USA")
        tables = {
            key: studies.changes(result, codes)
            for key, result in self.results.items()
            if key[1] in ("full", "none")
        }
        rows = []
        for place, code in enumerate(codes):
            cells = []
            for name in self.known:
                full = tables[name, "full"].row(place, named=True)
                none = tables[name, "none"].row(place, named=True)
                cells += [
                    percent(full["real_income_change"], 3),
                    percent(none["real_income_change"], 3),
                    plain(full["ratio_total_to_direct"], 1),
                ]
            rows.append((name_of(code), *cells))
        head = ["economy"]
        for name in self.known:
            head += [f"{name}: real income", "without links", "prices, total / direct"]
        return table(head, rows)

    def trade(self) -> list[str]:
        """Set trade with China side by side."""
        rows = []
        for name in self.known:
            frame = studies.with_china(self.full(name), (studies.MEMBER, "DEU", studies.UNION))
            for row in frame.iter_rows(named=True):
                cells = []
                for side in ("imports", "exports"):
                    cells += [
                        plain(row[f"{side}_before_musd"] / 1e3, 1),
                        plain(row[f"{side}_after_musd"] / 1e3, 1),
                        percent(row[f"{side}_change"], 0),
                    ]
                rows.append((name, name_of(row["economy"]), *cells))
        head = (
            *("calibration", "economy", "imports from China before", "after", "change, %"),
            *("exports to China before", "after", "change, %"),
        )
        return table(head, rows, 2)

    def links(self) -> list[str]:
        """Set the model with and without links side by side."""
        rows = []
        for (name, links), result in self.results.items():
            for row in studies.changes(result, SHOWN[:4]).iter_rows(named=True):
                rows.append(
                    (
                        name,
                        SPOKEN_LINKS[links],
                        name_of(row["economy"]),
                        percent(row["real_income_change"], 3),
                        percent(row["direct_price_change"], 3),
                        percent(row["total_price_change"], 3),
                        plain(row["ratio_total_to_direct"], 1),
                    )
                )
        head = (
            *("calibration", "inputs from", "economy", "real income, %", "direct effect on prices, %"),
            *("total effect, %", "total / direct"),
        )
        return table(head, rows, 3)

    def deficits(self) -> list[str]:
        """Set the rules for trade deficits side by side."""
        rows = [
            (name, rule, *self._incomes(result))
            for (name, rule), result in studies.deficit_results(self.known).items()
        ]
        return table(("calibration", "deficits", *map(name_of, SHOWN)), rows, 2)

    def _incomes(self, result: ShockResult, codes: Sequence[str] = SHOWN) -> list[str]:
        return [percent(each, 3) for each in studies.changes(result, codes)["real_income_change"]]

    @cached_property
    def curves(self) -> Mapping[str, ResponseCurve]:
        """Give real income by the size of the tariffs, by calibration."""
        return studies.curves(self.known)

    def curve(self) -> list[str]:
        """Show real income by the size of the tariffs."""
        rows = []
        for name, curve in self.curves.items():
            calibration = self.known[name]
            base = rebase(calibration, scenario(studies.LETTER).deficits)
            union = studies.union_curve(curve, calibration, base)
            for size in studies.SIZES:
                at = dict(
                    curve.table.filter(pl.col("points") == size)
                    .select("economy", "real_income_change")
                    .iter_rows()
                )
                at[studies.UNION] = union[size]
                rows.append((name, f"{size:g}", *(percent(at[code], 3) for code in SHOWN)))
        return table(("calibration", "points", *map(name_of, SHOWN)), rows, 1)

    def year(self, year: int) -> tuple[str, ...]:
        """Give the row of one year."""
        found = studies.year_of_shock(self.reference, year)
        data = self.imports[year]
        return (
            str(year),
            *self._incomes(found.result),
            plain(data["imports_musd"] / 1e3, 0),
            percent(data["tariff"]),
            plain(data["electronics_musd"] / 1e3, 1),
            percent(found.set_to_zero),
        )

    @cached_property
    def imports(self) -> dict[int, dict[str, float]]:
        """Give what the matrices say on imports from China, by year."""
        return studies.imports_over_years(self.reference)

    def years(self) -> list[str]:
        """Show what the same shock would have cost in every year."""
        head = (
            *("year", *map(name_of, SHOWN)),
            *("imports of the Union from China, billion USD", "tariff on them (goods), %"),
            *("Dutch imports of electronics from China, billion USD", "set to 0, % of world spending"),
        )
        before, after = TARIFFS_ROSE
        as_before = self._incomes(studies.with_tariffs_of(self.reference, after, before), (studies.UNION,))
        return [
            *table(head, [self.year(year) for year in studies.YEARS]),
            "",
            f"With its tariffs on China of {before}, the Union's {after} would be {as_before[0]}.",
        ]

    def of_set(self, chosen: str) -> tuple[str, ...]:
        """Give the row of one set of elasticities."""
        sectors = tuple(trade_sectors("oecd-icio-28"))
        found = elasticity_set(chosen).of(sectors, "oecd-icio-28")
        values = [each.elasticity for each in found if each.sector != "services"]
        cells = (
            cell
            for name, calibration in self.known.items()
            for cell in self._incomes(studies.of_set(name, calibration, chosen), _THREE)
        )
        return (f"`{chosen}`", plain(float(np.median(values)), 1), *cells)

    def sets(self) -> list[str]:
        """Set the published elasticities side by side."""
        return table(
            ("set", "median over goods", *self._three()), [self.of_set(each) for each in elasticity_sets()]
        )

    def _three(self) -> list[str]:
        return [
            f"{name}: {name_of(code)}" if code == _THREE[0] else name_of(code)
            for name in self.known
            for code in _THREE
        ]

    def of_factor(self, asked: str, factor: float) -> tuple[str, ...]:
        """Give the row of one factor on elasticities."""
        cells = (
            cell
            for calibration in self.known.values()
            for cell in self._incomes(studies.of_factor(calibration, asked, factor), _THREE)
        )
        return (f"`{asked}`", f"{factor:g}", *cells)

    def factors(self) -> list[str]:
        """Scale all elasticities: for tariffs, and for a denial."""
        rows = [self.of_factor(asked, each) for asked in (studies.LETTER, DENIAL) for each in studies.FACTORS]
        return table(("scenario", "factor", *self._three()), rows)

    @cached_property
    def nafta_rows(self) -> pl.DataFrame:
        """Give all variants of NAFTA."""
        return studies.nafta_rows(self.reference)

    def nafta(self) -> list[str]:
        """Set the printed table of NAFTA beside ours."""
        chosen = self.nafta_rows.filter(deficits="zero", links="full", re_exports="kept")
        rows = []
        for row in chosen.iter_rows(named=True):
            printed = studies.NAFTA_PRINTED[row["economy"]]
            cells = [
                f"{plain(said)} / {plain(row[column], 4)}"
                for said, column in zip(
                    printed, ("terms_of_trade", "volume_of_trade", "welfare", "real_wage"), strict=True
                )
            ]
            rows.append((name_of(row["economy"]), *cells, plain(row["exact"], 4)))
        head = (
            *("printed / ours, %", "terms of trade", "volume of trade", "welfare, first order", "real wage"),
            "real income, exact",
        )
        return table(head, rows)

    def nafta_variants(self) -> list[str]:
        """Show NAFTA with deficits, without links, and without re-exports."""
        rows = []
        for key, part in self.nafta_rows.group_by("deficits", "links", "re_exports", maintain_order=True):
            deficits, links, re_exports = map(str, key)
            cells = [
                f"{plain(row['welfare'], 2)} / {plain(row['exact'], 3)}" for row in part.iter_rows(named=True)
            ]
            rows.append((deficits, SPOKEN_LINKS[links], _RE_EXPORTS[re_exports], *cells))
        return table(("deficits", "inputs from", "re-exports", *map(name_of, studies.NAFTA)), rows, 3)

    def nafta_chain(self) -> list[str]:
        """Show how the first-order sum goes to the exact change."""
        found = studies.nafta_chain(self.reference)
        rows = [
            (str(key[0]), *(plain(value, 3) for value in part["welfare"]))
            for key, part in found.group_by("steps", maintain_order=True)
        ]
        exact = self.nafta_rows.filter(deficits="zero", links="full", re_exports="kept")["exact"]
        rows.append(("exact", *(plain(value, 3) for value in exact)))
        return table(("steps", *map(name_of, studies.NAFTA)), rows)

    @cached_property
    def apart(self) -> pl.DataFrame:
        """Give published and ours on decoupling, by economy."""
        published = studies.published_decoupling(self.reference)
        self.apart_result, ours = studies.our_decoupling(self.reference)
        return published.join(ours, on="economy", suffix="_ours", validate="1:1")

    def decoupling(self) -> list[str]:
        """Set the published decoupling beside ours, by member."""
        columns = ("real_income", "imports_from_china", "exports_to_china", "imports_from_others")
        members = self.apart.filter(pl.col("economy") != studies.CHINA)
        ordered = pl.concat([members, self.apart.filter(pl.col("economy") == studies.CHINA)])
        rows = [
            (
                name_of(row["economy"]),
                *(
                    f"{plain(row[column])} / {plain(row[f'{column}_ours'])}"
                    if row[column] is not None
                    else ""
                    for column in columns
                ),
            )
            for row in ordered.iter_rows(named=True)
        ]
        rows[:-1] = sorted(rows[:-1])
        theirs, ours = (members[name].to_numpy() for name in ("real_income", "real_income_ours"))
        large = members.filter(~pl.col("economy").is_in(["IRL", "MLT", "LUX", "CYP"]))
        of_large = spearmanr(large["real_income"].to_numpy(), large["real_income_ours"].to_numpy())
        union = self.one(self.apart_result, studies.UNION)["real_income_change"]
        lines = [
            f"- Union, weighted by income: published -0.78, ours {percent(union)}.",
            f"- Rank correlation over the 27 members: {spearmanr(theirs, ours).statistic:.2f}; without "
            f"Cyprus, Ireland, Luxembourg and Malta {of_large.statistic:.2f}. Correlation of the values: "
            f"{np.corrcoef(theirs, ours)[0, 1]:.2f}.",
            f"- Median of ours over theirs: {np.median(ours / theirs):.2f}; lowest {_extreme(members, min)}, "
            f"highest {_extreme(members, max)}.",
            "",
        ]
        head = (
            *("published / ours, %", "real income", "imports from China", "exports to China"),
            "imports from others",
        )
        return [*lines, *table(head, rows)]

    def doubled(self) -> list[str]:
        """Show the same scenario on the calibrations of 2022, beside an older published result."""
        rows = [
            (f"{name}, 2022", *self._incomes(result, _FOUR))
            for name, result in studies.doubled(self.known).items()
        ]
        self.apart  # noqa: B018
        rows.append(("`fgh-2014`, 2014", *self._incomes(self.apart_result, _FOUR)))
        rows.append(("published, 2023 (GTAP 10, 2014)", "-0.90", "-1.00", "-0.78", "-0.92"))
        rows.append(("published, 2021 (Kiel Policy Brief 153)", "", "-1.4", "-1.0", "-1.3"))
        return table(("trade costs doubled, real income, %", *map(name_of, _FOUR)), rows)

    def short_run(self) -> list[str]:
        """Set the short-run cases beside what was published."""
        rows = []
        for what, (share, elasticity, left), printed in SHORT_RUN:
            ours = 100 * (ces_output(share, elasticity, left) - 1)
            second = (
                plain(100 * second_order_bound(share, left, elasticity=elasticity).change, 4)
                if elasticity > 0
                else ""
            )
            rows.append((what, printed, plain(ours, 4), second))
        lines = table(("case", "published, %", "ours, %", "second order, %"), rows)
        prices = [
            f"{theta:g}: {100 * (denied_share_price(0.6, theta) - 1):,.0f} %"
            for theta in (0.5, 1.0, 2.0, 5.0)
        ]
        return [
            *lines,
            "",
            f"Price of a product that loses suppliers with 60 %, by trade elasticity: {', '.join(prices)}.",
        ]


_THREE = (studies.MEMBER, studies.UNION, studies.CHINA)
_FOUR = (studies.MEMBER, "DEU", studies.UNION, studies.CHINA)
_RE_EXPORTS = {"kept": "counted as own output", "stripped": "netted out"}


def _extreme(members: pl.DataFrame, which: Callable[..., float]) -> str:
    ratios = members.select("economy", ratio=pl.col("real_income_ours") / pl.col("real_income"))
    value = which(ratios["ratio"])
    return f"{ratios.filter(pl.col('ratio') == value)['economy'][0]} {value:.2f}"


BLOCKS: tuple[str, ...] = (
    *("calibrations", "letter", "prices", "economies", "trade", "links", "deficits", "curve", "years"),
    *("sets", "factors", "nafta", "nafta_variants", "nafta_chain", "decoupling", "doubled", "short_run"),
)


def main() -> None:
    """Read the arguments, compute and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("reference", type=Path, help="folder of the reference data")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the page differs")
    parser.add_argument("--only", nargs="+", choices=BLOCKS, default=BLOCKS, help="these blocks only")
    arguments = parser.parse_args()
    blocks = Blocks(arguments.reference)
    text = PAGE.read_text(encoding="utf-8")
    for name in arguments.only:
        begin, end = BEGIN.format(name=name), END.format(name=name)
        if text.count(begin) != 1 or text.count(end) != 1:
            sys.exit(f"{PAGE.name} lacks the marker comments: {begin} and {end}")
        before, rest = text.split(begin)
        block, after = rest.split(end)
        wanted = "\n\n" + "\n".join(getattr(blocks, name)()) + "\n\n"
        if arguments.check and block != wanted:
            sys.exit(f"{PAGE.name}, {name}: not what the calibrations give; run scripts/docs_shocks.py")
        text = f"{before}{begin}{wanted}{end}{after}"
    if not arguments.check:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
