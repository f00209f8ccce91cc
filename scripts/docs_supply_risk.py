"""Make the tables of docs/materials-published.md: ours from shares, beside what the Commission published.

    python scripts/docs_supply_risk.py REFERENCE [--check]

Reads the tables of the study of 2023 and the governance indicators of the reference data, and writes the
tables between the marker comments of the page. What would give a published value is computed; the sentences
on causes take their figures from it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from geomonitor.codes import economy_name, group, material_members, material_name
from geomonitor.data.raw_materials import on_published_list, recycling_rates
from geomonitor.materials import MaterialsEvaluation, importance_of_uses
from supply_risk_of_shares import (
    CLOSE,
    GROUPS,
    HALF,
    IMPORTER,
    INPUTS,
    OUTLIER,
    YEAR,
    YEAR_BEFORE,
    contradicted,
    economic_indices,
    evaluate,
    fitting,
    group_rows,
    importance_rows,
    known_number,
    outliers,
    risk_rows,
    stage_comparison,
    usual_value_added,
    whole,
)

PAGE = Path(__file__).resolve().parents[1] / "docs" / "materials-published.md"
BEGIN = "<!-- {name}: begin. Written by scripts/docs_supply_risk.py. -->"
END = "<!-- {name}: end. -->"

# Why ours lies apart. Names in braces are keys of `figures_of`.
RISK_CAUSES: Mapping[str, str] = {
    "gallium": (
        "import reliance. The {reliance} of 2017 cannot hold in 2023: {home} of sourcing is from home. "
        "{fit_reliance} gives the published value."
    ),
    "germanium": (
        "sourcing. The table repeats world supply ({supplier} {sourcing_share}, in the world "
        "{world_share}), so both indices are {world} and no import reliance gives {published}. Recycling "
        "would have to be {fit_recycling}, or the index of substitutes {fit_substitution}, and no study "
        "prints one below 0.8. With the import reliance of 2017, the index of sourcing would have to be "
        "{needed_sourcing}."
    ),
    "kaolin_clay": (
        "recycling. {recycling} is the rate of iron ore, one line higher in the source; it was "
        "{recycling_2017} in 2017, which gives {with_recycling_2017}, and without substitutes "
        "{without_either}. No import reliance gives {published}."
    ),
    "niobium": (
        "substitutes. At extraction there is world supply only, so import reliance does not count, and "
        "nothing is recycled. The index of substitutes has to be {fit_substitution}; the {substitution} "
        "of 2017 stands for 0.85 to 0.95. At processing the risk is at most {other_stage} at any import "
        "reliance."
    ),
    "phosphate_rock": (
        "recycling. The source of 2023 says {recycling}; it has to be {fit_recycling}, and the "
        "{recycling_2017} of 2017 gives {with_recycling_2017}. Otherwise import reliance would have to be"
        " {fit_reliance}, while {abroad} of sourcing is from abroad."
    ),
    "phosphorus": (
        "substitutes. Nothing is sourced at home, and no import reliance gives {published}. The index of "
        "substitutes has to be {fit_substitution}; the {substitution} of 2017 cannot hold."
    ),
    "rhenium": (
        "sourcing. It is printed as {sourcing_main} {sourcing_main_share}, and with that no import "
        "reliance gives {published}. World supply alone gives {world_only}, which is the published value."
    ),
    "tellurium": (
        "import reliance. The {reliance} of 2017 cannot hold in 2023: {home} of sourcing is from home. "
        "{fit_reliance} gives the published value; sourcing alone gives {sourcing_only}."
    ),
}
BOUND_CAUSES: Mapping[str, str] = {
    "aluminium": (
        "rounding. Extraction has at least {low_exactly}, what rounds to {published} ends at 1.15, and "
        "the index of substitutes is known to one decimal only."
    ),
    "arsenic": (
        "sourcing. With the printed one ({sourcing_main} {sourcing_main_share}) the risk is at most "
        "{high}. World supply alone gives the published value where the index of substitutes is "
        "{fit_substitution_world}."
    ),
    "limestone": "recycling. The {recycling} of 2017 cannot hold: it has to be at most {most_recycling}.",
}


def figures_of(row: Mapping[str, Any], rows: pl.DataFrame, sourcing: pl.DataFrame) -> dict[str, str]:
    """Give the figures of a material and stage for the sentence on its cause.

    Parameters
    ----------
    row : mapping
        A row of `risk_rows`.
    rows, sourcing : polars.DataFrame
        All of them, and the shares of suppliers in what is used.

    Returns
    -------
    dict of str to str
    """
    lowered = (1 - row["recycling_rate"]) * (row["substitution_risk"] or 1.0)
    suppliers = sourcing.filter(material=row["material"], stage=row["stage"]).sort("share", descending=True)
    members = pl.col("economy").is_in(list(group(IMPORTER).members))
    total = float(suppliers["share"].sum())
    home = float(suppliers.filter(members)["share"].sum()) / total if total else float("nan")
    rates = recycling_rates().filter(material=row["material"], year=YEAR_BEFORE)["recycling_rate"]
    before = float(rates.item()) if rates.len() else float("nan")
    target, world, used, half = (
        *(known_number(row[name]) for name in ("published_risk", "governed_world", "governed_sourcing")),
        known_number(row["import_reliance"]) / 2,
    )
    with_before = known_number(row["supply_risk"]) * (1 - before) / (1 - row["recycling_rate"])
    others = rows.filter(
        pl.col("material") == row["material"],
        pl.col("stage") != row["stage"],
        pl.col("substitution_risk") > 0,
    ).select(
        pl.max_horizontal("governed_world", "governed_sourcing")
        * (1 - pl.col("recycling_rate"))
        * pl.col("substitution_risk")
    )
    numbers = {
        "ours": known_number(row["supply_risk"]),
        "high": known_number(row["supply_risk_high"]),
        "world": world,
        "world_only": world * lowered,
        "sourcing_only": used * lowered,
        "reliance": 2 * half,
        "recycling": known_number(row["recycling_rate"]),
        "recycling_2017": before,
        "with_recycling_2017": with_before,
        "without_either": with_before / known_number(row["substitution_risk"]),
        "needed_sourcing": (target / lowered - world * half) / (1 - half),
        "most_recycling": 1 - (target - HALF) / row["supply_risk_high"] * (1 - row["recycling_rate"]),
        "other_stage": known_number(others.item() if others.height else None),
    }
    main = suppliers.row(0, named=True) if suppliers.height else {"economy": None, "share": None}
    same = suppliers.filter(pl.col("economy") == row["main_world_supplier"])["share"]
    fits = {name: _between(fitting(row, name)) for name in INPUTS}
    ends = tuple((target + side) / (world * (1 - row["recycling_rate"])) for side in (-HALF, HALF))
    return {
        **{name: _text(value) for name, value in numbers.items()},
        "published": _text(target, 1),
        "substitution": _text(row["substitution_risk"], 1),
        "low_exactly": _text(row["supply_risk_low"], 3),
        "supplier": economy_name(row["main_world_supplier"]),
        "world_share": _percent(row["main_world_share"]),
        "sourcing_share": _percent(same.item() if same.len() else None),
        "sourcing_main": economy_name(main["economy"]) if main["economy"] else "",
        "sourcing_main_share": _percent(main["share"]),
        "home": _percent(home),
        "abroad": _percent(1 - home),
        "fit_reliance": fits["import_reliance"],
        "fit_recycling": fits["recycling_rate"],
        "fit_substitution": fits["substitution_risk"],
        "fit_substitution_world": _between((ends[0], ends[1])),
    }


def _text(value: float | None, digits: int = 2) -> str:
    return "" if value is None or np.isnan(value) else f"{value:.{digits}f}"


def _signed(value: float | None) -> str:
    text = "" if value is None else f"{value:+.2f}"
    return "0.00" if text in ("+0.00", "-0.00") else text


def _percent(share: float | None, digits: int = 0) -> str:
    return "" if share is None or np.isnan(share) else f"{share * 100:.{digits}f} %"


def _between(ends: tuple[float, float] | None) -> str:
    if ends is None:
        return "none"
    first, last = (_text(end) for end in ends)
    return first if first == last else f"{first} to {last}"


def _bounds(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.2f} to {high:.2f}"


def _dated(row: Mapping[str, Any], name: str, digits: int = 2) -> str:
    return "" if row[name] is None else f"{row[name]:.{digits}f} ({row[f'{name}_year']})"


def _spread(values: pl.Series) -> str:
    apart = values.abs()
    middle = float(apart.to_frame("apart").select(pl.col("apart").median()).item())
    return (
        f"median absolute deviation {middle:.3f}; within {CLOSE}: {(apart <= CLOSE + 1e-9).sum()}, "
        f"within {OUTLIER}: {(apart <= OUTLIER + 1e-9).sum()}, of {apart.len()}"
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: int) -> list[str]:
    """Lay out a table; the last `numbers` columns are to the right."""
    rule = ["---"] * (len(head) - numbers) + ["---:"] * numbers
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join(rule)}|"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows)]


def risk_text(rows: pl.DataFrame) -> list[str]:
    """Lay out supply risk where the shares give a value."""
    compared = rows.filter("compared")
    valued = rows.filter(pl.col("supply_risk").is_not_null(), pl.col("published_risk").is_not_null())
    lines = [
        f"- The stage with the highest risk: {_spread(compared.filter('by_rule')['deviation'])}.",
        f"- With the stage of {YEAR_BEFORE} where the highest is open: {_spread(compared['deviation'])}.",
        "",
    ]
    head = ("material", "stage", "import reliance", "recycling", "substitutes", "ours", "bounds")
    return lines + _table(
        (*head, "published", "deviation"),
        [
            (
                material_name(row["material"]),
                row["stage"],
                _dated(row, "import_reliance") if row["governed_sourcing"] is not None else "world only",
                _dated(row, "recycling_rate"),
                _dated(row, "substitution_risk", 1),
                _text(row["supply_risk"]),
                _bounds(row["supply_risk_low"], row["supply_risk_high"]),
                _text(row["published_risk"], 1),
                _signed(row["deviation"]) if row["compared"] else "other stage",
            )
            for row in valued.iter_rows(named=True)
        ],
        4,
    )


def outlier_text(rows: pl.DataFrame, sourcing: pl.DataFrame) -> list[str]:
    """Lay out the outliers: what would give the published value, and the cause."""
    lines, causes = [], []
    for row in outliers(rows).iter_rows(named=True):
        known = figures_of(row, rows, sourcing)
        name = material_name(row["material"])
        reliance = known["fit_reliance"] if row["governed_sourcing"] is not None else "does not count"
        lines.append(
            (
                *(name, row["stage"], known["ours"], known["published"], known["world_only"]),
                *(known["sourcing_only"], reliance, known["fit_recycling"], known["fit_substitution"]),
            )
        )
        causes.append(f"- **{name}**: {RISK_CAUSES[row['material']].format(**known)}")
    head = ("material", "stage", "ours", "published", "world alone", "sourcing alone")
    wanted = ("import reliance needed", "recycling needed", "substitutes needed")
    return [*_table((*head, *wanted), lines, 7), "", *causes]


def open_text(rows: pl.DataFrame, sourcing: pl.DataFrame) -> list[str]:
    """Lay out materials and stages without a value, with the reason."""
    chosen = rows.filter(
        pl.col("supply_risk").is_null(),
        pl.col("published_risk").is_not_null(),
        ~pl.col("material").is_in(GROUPS),
    )
    apart = contradicted(rows)
    materials = chosen.group_by("material").agg(pl.col("holds").any())
    lines = _table(
        ("material", "stage", "reason", "bounds", "published", "in the bounds"),
        [
            (
                material_name(row["material"]),
                row["stage"],
                row["reason"],
                _bounds(row["supply_risk_low"], row["supply_risk_high"]),
                _text(row["published_risk"], 1),
                "yes" if row["holds"] else "no",
            )
            for row in chosen.iter_rows(named=True)
        ],
        3,
    )
    valued = rows.filter(pl.col("supply_risk").is_not_null())["material"]
    open_materials = materials.filter(~pl.col("material").is_in(valued.to_list()))
    lines += [
        "",
        f"Of {open_materials.height} materials without a value at any stage, the bounds of a stage hold the "
        f"published value of {open_materials['holds'].sum()}. The others:",
        "",
    ]
    for name in apart:
        row = rows.filter(pl.col("material") == name).sort("supply_risk_high").row(-1, named=True)
        cause = BOUND_CAUSES[name].format(**figures_of(row, rows, sourcing))
        lines.append(f"- **{material_name(name)}**: {cause}")
    return lines


def group_text(rows: pl.DataFrame) -> list[str]:
    """Lay out the groups."""
    return _table(
        ("group", "stage", "members", "mean, bounds", "world supply alone", "published"),
        [
            (
                material_name(row["group"]),
                row["stage"],
                str(row["members"]),
                _bounds(row["low"], row["high"]),
                _text(row["world_only"]),
                _text(row["published_risk"], 1),
            )
            for row in group_rows(rows).iter_rows(named=True)
        ],
        4,
    )


def importance_text(rows: pl.DataFrame, uses: pl.DataFrame) -> list[str]:
    """Lay out economic importance from uses."""
    known = rows.filter(pl.col("published_importance").is_not_null())
    head = ("material", "uses add up to", "index of 2017", "ours", "published", "deviation", "index needed")
    spread = _spread(known["deviation"].drop_nulls())
    lines = [f"{spread[0].upper()}{spread[1:]}.", ""]
    lines += _table(
        (*head, "what differs"),
        [
            (
                material_name(row["material"]),
                _percent(row["use_share_sum"]),
                _text(row["substitution_economic"], 1),
                _text(row["economic_importance"])
                or _bounds(row["economic_importance_low"], row["economic_importance_high"]),
                _text(row["published_importance"], 1),
                _signed(row["deviation"]),
                _between((row["index_low"], row["index_high"])) if row["index_low"] else "",
                row["cause"] or row["reason"] or "",
            )
            for row in known.iter_rows(named=True)
        ],
        0,
    )
    causes = rows.filter(pl.col("deviation").abs() > OUTLIER + 1e-9)
    counts = causes.group_by("cause").len().sort("cause")
    spoken = ", ".join(f"{cause} {count}" for cause, count in counts.iter_rows())
    largest = float(uses.select(pl.col("value_added_meur").max()).item())
    mended = {
        "manganese": usual_value_added(uses).filter(pl.col("material") == "manganese"),
        "magnesium": uses.filter(pl.col("material") == "magnesium").unique(["application", "sector"]),
    }
    again = {}
    for name, table in mended.items():
        found = importance_of_uses(table, economic_indices(), largest_value_added_meur=largest)
        again[name] = _text(found.table["economic_importance"].item())
    return [
        *lines,
        "",
        f"Apart by more than {OUTLIER}: {causes.height} ({spoken}).",
        "",
        "- **Manganese**: five sectors carry the value added of another one. Ours takes what is printed; "
        f"with the values that the other materials have it is {again['manganese']}.",
        "- **Magnesium**: uses add up to 113 %, so there is no value. One use of 13 % stands twice; without "
        f"the second it is {again['magnesium']}.",
    ]


def stage_text(found: MaterialsEvaluation) -> list[str]:
    """Lay out the comparison of stages."""
    index, share = (stage_comparison(found, value) for value in ("world_concentration", "main_world_share"))
    both = index.table.join(share.table, on="material", suffix="_share")
    listed = both.filter([on_published_list(name, YEAR) for name in both["material"]])
    used = [
        stage_comparison(found, value, "sourcing").table
        for value in ("sourcing_concentration", "main_supplier_share")
    ]
    counted = {
        "world supply, all with both stages whole": both,
        "the same, rare earths as two groups": _grouped(both),
        f"world supply, on the list of {YEAR}": listed,
        "the same on the list, rare earths as two groups": _grouped(listed),
        "supply that the EU uses, both stages whole": used[0].join(used[1], on="material", suffix="_share"),
    }
    lines = _table(
        ("", "materials", "index: processing", "index: extraction", "share: processing", "share: extraction"),
        [
            (
                label,
                str(table.height),
                *(
                    str((table[f"more_concentrated{suffix}"] == stage).sum())
                    for suffix in ("", "_share")
                    for stage in ("processing", "extraction")
                ),
            )
            for label, table in counted.items()
        ],
        5,
    )
    chinese = [int((both[f"{stage}_supplier"] == "CHN").sum()) for stage in ("extraction", "processing")]
    lines += [
        "",
        f"Of the {both.height}, China is the largest supplier of {chinese[0]} at extraction and of "
        f"{chinese[1]} at processing.",
        "",
    ]
    head = ("material", "extraction", "index", "share", "processing", "index", "share", "more concentrated")
    lines += _table(
        head,
        [
            (
                material_name(row["material"]),
                row["extraction_supplier"],
                _text(row["extraction"]),
                _percent(row["extraction_share"], 1),
                row["processing_supplier"],
                _text(row["processing"]),
                _percent(row["processing_share"], 1),
                row["more_concentrated"],
            )
            for row in both.iter_rows(named=True)
        ],
        0,
    )
    stages = found.assessment.stages.filter(pl.col("world_share_sum").is_not_null())
    alone = pl.len().over("material") == 1
    short = stages.filter(~alone).filter(~whole("world"))
    spoken = ", ".join(
        f"{material_name(row['material'])} ({row['stage']} {_percent(row['world_share_sum'], 1)})"
        for row in short.iter_rows(named=True)
    )
    single = stages.filter(alone).height
    return [*lines, "", f"Left out, since a stage is not whole: {spoken}. With one stage only: {single}."]


def _grouped(table: pl.DataFrame) -> pl.DataFrame:
    """Count light and heavy rare earths once each; members of a group must agree."""
    group_of = {name: code for code in GROUPS[:2] for name in material_members(code)}
    counted = table.with_columns(group=pl.col("material").replace(group_of))
    verdicts = counted.group_by("group").agg(
        pl.col("more_concentrated", "more_concentrated_share").n_unique()
    )
    assert verdicts.drop("group").max().row(0) == (1, 1)
    return counted.unique("group")


def page_blocks(reference: Path) -> dict[str, list[str]]:
    """Make every block of the page, by its name."""
    found, uses, importance = evaluate(reference)
    rows = risk_rows(found)
    return {
        "values": risk_text(rows),
        "outliers": outlier_text(rows, found.sourcing),
        "open": open_text(rows, found.sourcing),
        "groups": group_text(rows),
        "importance": importance_text(importance_rows(importance), uses),
        "stages": stage_text(found),
    }


def main() -> None:
    """Read the arguments, compute and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("reference", type=Path, help="folder of the reference data")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the page differs")
    arguments = parser.parse_args()
    text = PAGE.read_text(encoding="utf-8")
    for name, lines in page_blocks(arguments.reference).items():
        begin, end = BEGIN.format(name=name), END.format(name=name)
        if text.count(begin) != 1 or text.count(end) != 1:
            sys.exit(f"{PAGE.name} lacks the marker comments: {begin} and {end}")
        before, rest = text.split(begin)
        block, after = rest.split(end)
        wanted = "\n\n" + "\n".join(lines) + "\n\n"
        if arguments.check and block != wanted:
            sys.exit(f"{PAGE.name}, {name}: not what the tables give; run scripts/docs_supply_risk.py")
        text = f"{before}{begin}{wanted}{end}{after}"
    if not arguments.check:
        PAGE.write_text(text, encoding="utf-8")
        print(f"{PAGE.name} written")


if __name__ == "__main__":
    main()
