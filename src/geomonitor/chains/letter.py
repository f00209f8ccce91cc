"""What the letter says about value chains, beside what the table gives."""

from __future__ import annotations

import importlib.resources
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from geomonitor.chains.comparisons import rank_members
from geomonitor.chains.exposure import EXPOSURE_MEASURES, exposure_matrix
from geomonitor.chains.leontief import LeontiefSystem
from geomonitor.chains.selection import economies_of
from geomonitor.errors import DataError

__all__ = ["LetterClaims", "letter_claims"]


@dataclass(frozen=True, slots=True)
class LetterClaims:
    """Claims of the letter on value chains, and what the table gives for each measure.

    Attributes
    ----------
    table : polars.DataFrame
        One row a claim, selection of sectors and measure: `claim` ("members" or "first partner"),
        `letter` (quote), `source`, `sectors`, `measure`, `outcome` and `ours` (in words).
        The outcome of members is "agrees" where those that the letter names hold the first places,
        "partly" where they stand higher on average than the others, else "differs"; of the first
        partner it is "agrees" where that comes first outside the group, else "differs".
    members : polars.DataFrame
        `sectors`, `measure`, `rank`, `economy`, `share`, `named` (by the letter).
    partners : polars.DataFrame
        `sectors`, `measure`, `rank`, `origin`, `share`: economies outside the group.
    """

    table: pl.DataFrame
    members: pl.DataFrame
    partners: pl.DataFrame


def letter_claims(
    system: LeontiefSystem,
    *,
    partner: str | None = None,
    group: str | None = None,
    named: Sequence[str] | None = None,
    selections: Mapping[str, Sequence[str] | None] | None = None,
) -> LetterClaims:
    """Test what the letter says about value chains, whatever comes out.

    Parameters
    ----------
    system : LeontiefSystem
    partner, group : str, optional
        Whose chains, and whose members; those of the letter by default.
    named : sequence of str, optional
        Members that the letter names as most entwined.
    selections : mapping of str to sequence of str or None, optional
        Sectors of the members, by a name for each selection; all sectors, and manufacturing, by
        default.

    Returns
    -------
    LetterClaims

    Raises
    ------
    DataError
        If the table has none of the named members, or no others.
    UnknownCodeError
        If an economy, group or sector is not in the table.

    Notes
    -----
    The letter does not name its measure; the study behind it (CPB and CBS, 2022) is not an
    input-output study only. So all measures are shown, and none is called the letter's. An economy
    that the table does not have apart cannot come first.
    """
    claims = tomllib.loads(
        (importlib.resources.files("geomonitor.chains") / "letter_claims.toml").read_text(encoding="utf-8")
    )
    other = partner or claims["partner"]
    union = group or claims["group"]
    members = economies_of(system.table, union)
    listed = [code for code in (named or claims["members"]["named"]) if code in members]
    if not 0 < len(listed) < len(members):
        raise DataError(
            f"The named members are {'all' if listed else 'none'} of those that the table has of {union}.",
            where="named",
            expected=f"some of {', '.join(members)}",
        )
    chosen = {"all": None, "manufacturing": ["manufacturing"]} if selections is None else dict(selections)
    ranked: list[pl.DataFrame] = []
    partners: list[pl.DataFrame] = []
    rows: list[dict[str, Any]] = []
    outside = [code for code in system.table.countries if code not in members]
    for name, sectors in chosen.items():
        by_member = rank_members(system, union, other, sectors=sectors)
        by_partner = exposure_matrix(
            system, [union], outside, sectors=sectors, measures=tuple(EXPOSURE_MEASURES)
        ).table
        for measure in EXPOSURE_MEASURES:
            first = _ranked(by_member, "economy", measure, name).with_columns(
                pl.col("economy").is_in(listed).alias("named")
            )
            second = _ranked(by_partner, "origin", measure, name)
            ranked.append(first)
            partners.append(second)
            common = {"sectors": name, "measure": measure}
            rows.append({**common, **_members_row(first, other, claims["members"])})
            rows.append({**common, **_partner_row(second, other, union, claims["partners"])})
    order = ["claim", "letter", "source", "sectors", "measure", "outcome", "ours"]
    return LetterClaims(
        table=pl.DataFrame(rows).select(order).sort("claim", descending=True, maintain_order=True),
        members=pl.concat(ranked),
        partners=pl.concat(partners),
    )


def _ranked(frame: pl.DataFrame, label: str, measure: str, sectors: str) -> pl.DataFrame:
    return (
        frame.select(
            pl.lit(sectors).alias("sectors"),
            pl.lit(measure).alias("measure"),
            pl.col(label),
            pl.col(measure).alias("share"),
        )
        .sort("share", label, descending=[True, False], nulls_last=True)
        .with_row_index("rank", offset=1)
        .select("sectors", "measure", pl.col("rank").cast(pl.Int64), label, "share")
    )


def _first(ranked: pl.DataFrame, label: str) -> str:
    shown = ranked.drop_nulls("share").head(5).select(label, "share")
    return ", ".join(f"{code} {share:.2%}" for code, share in shown.iter_rows())


def _members_row(ranked: pl.DataFrame, partner: str, claim: Mapping[str, Any]) -> dict[str, Any]:
    """Say where the named members stand."""
    places = ranked.filter(pl.col("named"))
    rest = ranked.filter(~pl.col("named"))["rank"]
    last = int(places["rank"].to_numpy().max())
    mean, other = float(places["rank"].to_numpy().mean()), float(rest.to_numpy().mean())
    outcome = "agrees" if last == places.height else "partly" if mean < other else "differs"
    first = _first(ranked, "economy")
    where = ", ".join(f"{code} {rank}" for code, rank in places.select("economy", "rank").iter_rows())
    return {
        "claim": "members",
        "letter": claim["quote"],
        "source": claim["source"],
        "outcome": outcome,
        "ours": f"Most exposed to {partner}: {first}. Places of the named, of {ranked.height}: {where}; "
        f"{mean:.1f} on average, the others {other:.1f}.",
    }


def _partner_row(ranked: pl.DataFrame, partner: str, group: str, claim: Mapping[str, Any]) -> dict[str, Any]:
    """Say which economy outside the group comes first."""
    first = _first(ranked, "origin")
    place = ranked.filter(pl.col("origin") == partner)["rank"]
    rank = int(place[0]) if len(place) else None
    return {
        "claim": "first partner",
        "letter": claim["quote"],
        "source": claim["source"],
        "outcome": "agrees" if rank == 1 else "differs",
        "ours": f"First outside {group}: {first}. {partner} is number {rank or 'unknown'}.",
    }
