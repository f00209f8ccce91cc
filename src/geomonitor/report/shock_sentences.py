"""The main points of the shocks in sentences; every number comes from a table."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from geomonitor.report.changes import signed_percent
from geomonitor.report.figures.shocks import LOSS_EDGES
from geomonitor.report.shock_view import ShockView

__all__ = [
    "Headline",
    "ShockNumber",
    "headlines",
    "incomes",
    "limits",
    "notes",
    "offset_sentence",
    "spread_text",
    "world_sentence",
]

# an effect on prices of this size or more can be compared with another
_SMALLEST = 5e-6


@dataclass(frozen=True, slots=True)
class ShockNumber:
    """A number that stands out, with how sure it is.

    Attributes
    ----------
    value, label, spread : str
    """

    value: str
    label: str
    spread: str


@dataclass(frozen=True, slots=True)
class Headline:
    """What the main scenario does to one economy or group in focus.

    Attributes
    ----------
    name : str
    numbers : tuple of ShockNumber
    sentences : tuple of str
    """

    name: str
    numbers: tuple[ShockNumber, ...]
    sentences: tuple[str, ...]


def incomes(view: ShockView, scenario: str) -> str:
    """List the change of real income of the economies in focus under a scenario."""
    say = view.content.language
    return say.listing(
        f"{signed_percent(view.income(scenario, code), say)} ({view.spoken(code)})" for code in view.focus
    )


def spread_text(view: ShockView, scenario: str, economy: str) -> str:
    """Say how sure a change of real income is: by its quantiles, by the members of a group, or not at all."""
    say = view.content.language
    fan = view.fan(scenario, economy)
    if fan is not None:
        text = say.say(
            "shocks.spread",
            number=say.number(fan["variants"] - fan["failed"]),
            low=signed_percent(fan["q05"], say),
            high=signed_percent(fan["q95"], say),
        )
        if fan["failed"]:
            failed, number = say.number(fan["failed"]), say.number(fan["variants"])
            text += " " + say.say("shocks.spread_failed", failed=failed, number=number)
        return f"{text} {_grid_text(view, scenario, economy)}".strip()
    members = view.changes.filter(
        pl.col("scenario") == scenario,
        pl.col("economy").is_in(list(view.members(economy))),
        pl.col("real_income_change").is_not_null(),
    ).sort("real_income_change", "economy")
    if members.height < 2:
        return say.say("shocks.spread_unknown")
    worst, best = members.row(0, named=True), members.row(-1, named=True)
    return say.say(
        "shocks.spread_members",
        low=signed_percent(worst["real_income_change"], say),
        worst=view.label(worst["economy"]),
        high=signed_percent(best["real_income_change"], say),
        best=view.label(best["economy"]),
    )


def _grid_text(view: ShockView, scenario: str, economy: str) -> str:
    """Say how far a result moves when all elasticities are smaller or larger together."""
    say = view.content.language
    grid = view.content.tables["shock_grid"].filter(
        pl.col("scenario") == scenario,
        pl.col("economy") == economy,
        pl.col("real_income_change").is_not_null(),
    )
    if grid.height < 2:
        return ""
    factors = grid["elasticity_factor"].sort().to_list()
    found = grid["real_income_change"].sort().to_list()
    first, last = (say.number(each, len(f"{each:g}".partition(".")[2])) for each in (factors[0], factors[-1]))
    low, high = (signed_percent(each, say) for each in (found[0], found[-1]))
    return say.say("shocks.spread_grid", first=first, last=last, low=low, high=high)


def headlines(view: ShockView) -> list[Headline]:
    """Say what the main scenario does to everyone in focus, the spread beside every number."""
    return [_headline(view, code) for code in view.focus]


def _headline(view: ShockView, economy: str) -> Headline:
    say = view.content.language
    row = view.row(view.main, economy)
    if row is None:
        return Headline(view.spoken(economy), (), ())
    direct, total, ratio = (
        row["direct_price_change"], row["total_price_change"], row["ratio_total_to_direct"],
    )  # fmt: skip
    # a ban has no tariff to pass on: its price is that of scarcity, which hangs on the elasticities
    given = say.say(
        "shocks.spread_given" if "denial" not in view.kinds(view.main) else "shocks.spread_denied"
    )
    numbers = [
        ShockNumber(
            signed_percent(row["real_income_change"], say),
            say.say("shocks.key_income"),
            spread_text(view, view.main, economy),
        ),
        ShockNumber(signed_percent(direct, say), say.say("shocks.key_direct"), given),
        ShockNumber(signed_percent(total, say), say.say("shocks.key_total"), given),
    ]
    comparable = ratio is not None and abs(direct) >= _SMALLEST
    if comparable:
        letter = say.say("shocks.key_letter_ratio") if view.of_the_letter(view.main) else ""
        links = view.links_ratio(view.main, economy)
        spoken = "" if links is None else say.say("shocks.key_links", ratio=say.number(links, 1))
        texts = " ".join(each for each in (spoken, letter) if each)
        numbers.append(ShockNumber(f"{say.number(ratio, 1)}×", say.say("shocks.key_ratio"), texts))
    return Headline(view.spoken(economy), tuple(numbers), tuple(_findings(view, economy, comparable)))


def _findings(view: ShockView, economy: str, comparable: bool) -> list[str]:
    say = view.content.language
    row = view.row(view.main, economy)
    assert row is not None
    direct, total, income = (
        row["direct_price_change"], row["total_price_change"], row["real_income_change"],
    )  # fmt: skip
    found = []
    if direct is not None and total is not None:
        values = {
            "economy": view.spoken(economy),
            "direct": signed_percent(direct, say),
            "total": signed_percent(total, say),
        }
        if comparable and view.of_the_letter(view.main):
            ratio = say.number(row["ratio_total_to_direct"], 1)
            found.append(say.say("shocks.finding_prices", ratio=ratio, **values))
        else:
            found.append(say.say("shocks.finding_prices_plain", **values))
        links = view.links_ratio(view.main, economy)
        if links is not None:
            found.append(
                say.say(
                    "shocks.finding_links",
                    economy=view.spoken(economy),
                    without=signed_percent(view.income_without_links(view.main, economy), say),
                    whole=signed_percent(income, say),
                    ratio=say.number(links, 1),
                )
            )
    return found + _trade_findings(view, economy)


def offset_sentence(view: ShockView) -> str:
    """Say why real income falls by less than prices at given wages rise; empty where it does not."""
    rows = [view.row(view.main, code) for code in view.focus]
    values = [(row["real_income_change"], row["total_price_change"]) for row in rows if row is not None]
    milder = all(
        income is not None and total is not None and income < 0 and -income < total
        for income, total in values
    )
    if not values or not milder or view.kinds(view.main) != {"tariff"}:
        return ""
    return view.content.language.say("shocks.finding_offset")


def _trade_findings(view: ShockView, economy: str) -> list[str]:
    """Say what becomes of trade with each partner of the main scenario."""
    say = view.content.language
    table = view.content.tables["shock_trade"].filter(pl.col("scenario") == view.main)
    found = []
    for partner in view.partners[:2]:
        parts = []
        for buyer, seller in ((economy, partner), (partner, economy)):
            buyers, sellers = view.members(buyer), view.members(seller)
            rows = table.filter(pl.col("buyer").is_in(list(buyers)), pl.col("seller").is_in(list(sellers)))
            if rows.select("buyer", "seller").n_unique() < len(buyers) * len(sellers):
                # some of it may stand among the others
                continue
            before, after = float(rows["before_musd"].sum()), float(rows["after_musd"].sum())
            parts.append(signed_percent(after / before - 1, say) if before else None)
        if len(parts) == 2 and None not in parts:
            spoken = view.spoken(economy)
            found.append(
                say.say(
                    "shocks.finding_trade",
                    economy=spoken[:1].upper() + spoken[1:],
                    partner=view.spoken(partner),
                    imports=parts[0],
                    exports=parts[1],
                )
            )
    return found


def world_sentence(view: ShockView) -> str:
    """Say how many economies lose and gain under the main scenario, and who most."""
    say = view.content.language
    table = view.changes.filter(
        pl.col("scenario") == view.main, pl.col("economy").is_in(list(view.economies))
    ).sort("real_income_change", "economy")
    edge = LOSS_EDGES[0] / 100
    worst, best = table.row(0, named=True), table.row(-1, named=True)
    change = pl.col("real_income_change")
    return say.say(
        "shocks.finding_spread",
        total=say.number(table.height),
        losers=say.number(table.filter(change < -edge).height),
        gainers=say.number(table.filter(change > edge).height),
        edge=say.share(edge, 2),
        worst=view.spoken(worst["economy"]),
        low=signed_percent(worst["real_income_change"], say),
        best=view.spoken(best["economy"]),
        high=signed_percent(best["real_income_change"], say),
    )


def notes(view: ShockView) -> list[str]:
    """Say how to read the numbers."""
    say = view.content.language
    found = [say.say(f"shocks.note_{key}") for key in ("income", "prices", "points", "money")]
    found += [
        say.say("shocks.note_group", group=view.label(code)) for code in view.focus if view.is_group(code)
    ]
    if view.content.tables["shock_fan"].height:
        found.append(say.say("shocks.note_spread"))
    return found


def limits(view: ShockView) -> list[str]:
    """Say what the model cannot say."""
    keys = ("time", "stocks", "labour", "products", "dynamic")
    return [view.content.language.say(f"shocks.limit_{key}") for key in keys]
