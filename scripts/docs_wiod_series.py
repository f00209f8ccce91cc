"""Make the series of exposure to China in docs/chains.md from the WIOD tables, release of 2013.

    GEOMONITOR_REFERENCE_DATA=FOLDER python scripts/docs_wiod_series.py [--check]

Reads io/wiod2013_41x35/wiot_YYYY.npz of the reference data, measures how far the Netherlands and the
European Union lean on China, and ranks the members. Writes the tables between the marker comments of
docs/chains.md, and docs/images/wiod-series.svg. The WIOD tables are not shipped: see docs/chains.md.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from geomonitor.chains import exposure, leontief_system, rank_members
from geomonitor.data.input_output import read_input_output

DOCS = Path(__file__).resolve().parents[1] / "docs"
BEGIN = "<!-- WIOD series: begin. Written by scripts/docs_wiod_series.py. -->"
END = "<!-- WIOD series: end. -->"
YEARS = (1995, 2000, 2008, 2011)
GROUP, ORIGIN, MEMBER = "EU27_2020", "CHN", "NLD"
LABELS = {MEMBER: "Netherlands", GROUP: "EU"}
SELECTIONS: Mapping[str, Sequence[str] | None] = {"all sectors": None, "manufacturing": ("manufacturing",)}
MEASURES = {
    "face_value_share": "face value",
    "look_through_share": "look-through",
    "value_added_share": "value added",
}
FIRST_MEMBERS = 10


def measure_series(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Measure the exposure to China in every year.

    Parameters
    ----------
    folder : pathlib.Path
        With wiot_1995.npz and so on.

    Returns
    -------
    totals : polars.DataFrame
        `year`, `sectors`, `economy`, and the measures, weighted by gross output.
    ranks : polars.DataFrame
        `year`, `sectors`, `rank` (by look-through), `economy`, `look_through_share`.
    """
    totals, ranks = [], []
    for year in YEARS:
        system = leontief_system(read_input_output(folder / f"wiot_{year}.npz", "wiod-2013", year=year))
        for name, sectors in SELECTIONS.items():
            for economy in (MEMBER, GROUP):
                found = exposure(system, economy, ORIGIN, sectors=sectors).total
                shares = {measure: found[measure] for measure in MEASURES}
                totals.append({"year": year, "sectors": name, "economy": economy, **shares})
            ranked = rank_members(system, GROUP, ORIGIN, sectors=sectors)
            ranks.append(
                ranked.select(
                    pl.lit(year).alias("year"),
                    pl.lit(name).alias("sectors"),
                    "rank",
                    "economy",
                    "look_through_share",
                )
            )
    return pl.DataFrame(totals), pl.concat(ranks)


def as_text(totals: pl.DataFrame, ranks: pl.DataFrame) -> str:
    """Lay out the series as Markdown.

    Parameters
    ----------
    totals, ranks : polars.DataFrame
        See `measure_series`.

    Returns
    -------
    str
    """
    years = " | ".join(map(str, YEARS))
    lines = [
        f"| exposure to China, % | sectors | measure | {years} |",
        "|---|---|---" + "|---:" * len(YEARS) + "|",
    ]
    for name in SELECTIONS:
        for economy in (MEMBER, GROUP):
            chosen = totals.filter(pl.col("sectors") == name, pl.col("economy") == economy).sort("year")
            for measure, label in MEASURES.items():
                values = " | ".join(f"{share * 100:.2f}" for share in chosen[measure])
                lines.append(f"| {LABELS[economy]} | {name} | {label} | {values} |")
    for name in SELECTIONS:
        count = ranks.filter(pl.col("sectors") == name)["economy"].n_unique()
        lines += [
            "",
            f"The first {FIRST_MEMBERS} of {count} members by look-through, {name}, in percent; last the "
            "place of the Netherlands:",
            "",
            f"| place | {years} |",
            "|---" * (len(YEARS) + 1) + "|",
        ]
        chosen = ranks.filter(pl.col("sectors") == name)
        for place in range(1, FIRST_MEMBERS + 1):
            at = chosen.filter(pl.col("rank") == place).sort("year")
            cells = (
                f"{row['economy']} {row['look_through_share'] * 100:.2f}" for row in at.iter_rows(named=True)
            )
            lines.append(f"| {place} | {' | '.join(cells)} |")
        own = chosen.filter(pl.col("economy") == MEMBER).sort("year")
        cells = (
            f"{row['rank']} ({row['look_through_share'] * 100:.2f})" for row in own.iter_rows(named=True)
        )
        lines.append(f"| Netherlands | {' | '.join(cells)} |")
    return "\n".join(lines)


def as_picture(totals: pl.DataFrame) -> str:
    """Draw look-through and face value over the years, all sectors and manufacturing beside each other.

    Parameters
    ----------
    totals : polars.DataFrame
        See `measure_series`.

    Returns
    -------
    str
        An SVG picture.
    """
    width, height, top, left, gap = 330, 230, 60, 60, 90
    drawn = ("look_through_share", "face_value_share")
    highest = float(max(totals[measure].to_numpy().max() for measure in drawn)) * 100
    ceiling = int(highest) + 1
    style = {MEMBER: "#d95f02", GROUP: "#154273"}
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 370" role="img" aria-labelledby="t d"'
        ' font-family="system-ui, sans-serif" font-size="13" fill="#1b2a3d">',
        '<title id="t">Exposure to China, 1995 to 2011</title>',
        '<desc id="d">Lines of face value and look-through for the Netherlands and the EU, all sectors'
        " left and manufacturing right. The figures are in the table beside the picture.</desc>",
        '<rect width="860" height="370" fill="#ffffff"/>',
    ]
    for panel, name in enumerate(SELECTIONS):
        start = left + panel * (width + gap)
        parts.append(
            f'<text x="{start}" y="36" font-size="14">{name}, percent of purchases from China</text>'
        )
        for mark in range(ceiling + 1):
            y = top + height * (1 - mark / ceiling)
            parts.append(
                f'<line x1="{start}" x2="{start + width}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d5dbe3"/>'
                f'<text x="{start - 8}" y="{y + 4:.1f}" text-anchor="end">{mark}</text>'
            )
        places = {
            year: start + 12 + (width - 24) * (year - YEARS[0]) / (YEARS[-1] - YEARS[0]) for year in YEARS
        }
        for year, x in places.items():
            parts.append(f'<text x="{x:.1f}" y="{top + height + 20}" text-anchor="middle">{year}</text>')
        for economy, colour in style.items():
            chosen = totals.filter(pl.col("sectors") == name, pl.col("economy") == economy)
            for measure in drawn:
                points = [
                    (places[year], top + height * (1 - share * 100 / ceiling))
                    for year, share in chosen.select("year", measure).iter_rows()
                ]
                dashes = ' stroke-dasharray="5 4"' if measure == "face_value_share" else ""
                path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
                parts.append(
                    f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"{dashes}/>'
                )
                parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points]
    for number, (economy, colour) in enumerate(style.items()):
        for other, measure in enumerate(drawn):
            x = 14 + (2 * number + other) * 212
            dashes = ' stroke-dasharray="5 4"' if measure == "face_value_share" else ""
            parts.append(
                f'<line x1="{x}" x2="{x + 24}" y1="345" y2="345" stroke="{colour}"'
                f' stroke-width="2.5"{dashes}/>'
                f'<text x="{x + 30}" y="349">{LABELS[economy]}, {MEASURES[measure]}</text>'
            )
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Read the arguments, measure and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the docs differ")
    arguments = parser.parse_args()
    reference = os.environ.get("GEOMONITOR_REFERENCE_DATA")
    if not reference:
        sys.exit("Set GEOMONITOR_REFERENCE_DATA to the folder of the reference data.")
    totals, ranks = measure_series(Path(reference) / "io" / "wiod2013_41x35")
    page, picture = DOCS / "chains.md", DOCS / "images" / "wiod-series.svg"
    text = page.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.exit(f"{page.name} lacks the marker comments: {BEGIN} and {END}")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    wanted = {
        page: f"{before}{BEGIN}\n\n{as_text(totals, ranks)}\n\n{END}{after}",
        picture: as_picture(totals),
    }
    for path, content in wanted.items():
        if arguments.check:
            if not path.exists() or path.read_text(encoding="utf-8") != content:
                sys.exit(f"{path.name} differs from what the tables give: run scripts/docs_wiod_series.py")
        else:
            path.write_text(content, encoding="utf-8")
            print(f"{path.name} written")


if __name__ == "__main__":
    main()
