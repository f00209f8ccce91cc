"""What the letter to the House says of shocks, beside what this model finds, and why they differ."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from geomonitor.report.changes import signed_percent, spoken_points
from geomonitor.report.shock_assumptions import calibration_name
from geomonitor.report.shock_sentences import incomes
from geomonitor.report.shock_view import ShockView

__all__ = ["LetterRow", "letter_rows"]

# product groups whose price rises at least this much directly are named
_NOTABLE = 0.01
_NAMED = 4
# sizes that are listed beside the letter's, percentage points
_SIZES = (25.0, 50.0, 100.0)
_MAIN = "eu-china-25pp"
_DECOUPLING = "eu-china-decoupling"
# statements whose own scenarios say where they come from
_OF_OWN = ("denial", "decoupling")


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One statement of the letter.

    Attributes
    ----------
    anchor, title, letter, ours, why : str
        `letter` quotes it; `ours` is what the model finds; `why` says why the two differ.
    """

    anchor: str
    title: str
    letter: str
    ours: str
    why: str


def letter_rows(view: ShockView) -> list[LetterRow]:
    """Set the statements of the letter beside the runs of this edition that are about the same.

    Parameters
    ----------
    view : ShockView

    Returns
    -------
    list of LetterRow
        Of the statements whose scenario is in the edition.
    """
    makers: tuple[tuple[str, Callable[[ShockView], str]], ...] = (
        ("prices", _prices), ("total", _total), ("larger", _larger), ("denial", _denial),
        ("decoupling", _decoupling),
    )  # fmt: skip
    say = view.content.language
    found = []
    for key, make in makers:
        ours = make(view) if key in _OF_OWN or view.of_the_letter(_MAIN) else ""
        if ours:
            why = say.say(f"letter.{key}_why")
            found.append(
                LetterRow(
                    anchor=f"letter-{key}",
                    title=say.say(f"letter.{key}_title"),
                    letter=say.say(f"letter.{key}"),
                    ours=ours,
                    why=why.format(calibration=calibration_name(view)) if "{calibration}" in why else why,
                )
            )
    return found


def _prices(view: ShockView) -> str:
    """Give direct effects on prices by product group, of the first economy in focus that has sectors."""
    say = view.content.language
    table = view.content.tables["shock_sectors"].filter(
        pl.col("scenario") == _MAIN, pl.col("direct_price_change") > 0
    )
    for economy in reversed(view.focus):
        hit = table.filter(pl.col("economy") == economy).sort("direct_price_change", descending=True)
        notable = hit.filter(pl.col("direct_price_change") >= _NOTABLE)
        row = view.row(_MAIN, economy)
        if notable.is_empty() or row is None:
            continue
        name = f"sector_name_{say.code}"
        listed = say.listing(
            f"{str(group)[:1].lower()}{str(group)[1:]} ({signed_percent(change, say)})"
            for group, change in notable.select(name, "direct_price_change").head(_NAMED).iter_rows()
        )
        return say.say(
            "letter.prices_ours",
            economy=view.label(economy),
            low=signed_percent(notable["direct_price_change"][-1], say),
            high=signed_percent(notable["direct_price_change"][0], say),
            number=say.number(notable.height),
            total=say.number(hit.height),
            edge=say.share(_NOTABLE),
            groups=listed,
            all=signed_percent(row["direct_price_change"], say),
        )
    return ""


def _total(view: ShockView) -> str:
    say = view.content.language
    rows = [(code, view.row(_MAIN, code)) for code in view.focus]
    ratios = [
        f"{say.number(row['ratio_total_to_direct'], 1)}× ({view.spoken(code)})"
        for code, row in rows
        if row is not None and row["ratio_total_to_direct"] is not None
    ]
    if not ratios:
        return ""
    text = say.say("letter.total_ours", ratios=say.listing(ratios))
    linked = [(code, view.links_ratio(_MAIN, code)) for code in view.focus]
    found = [f"{say.number(ratio, 1)}× ({view.spoken(code)})" for code, ratio in linked if ratio is not None]
    if found:
        links = say.say("letter.total_links", ratios=say.listing(found), incomes=incomes(view, _MAIN))
        text = f"{text} {links}"
    return text


def _curve(view: ShockView) -> dict[str, dict[float, float]]:
    table = view.curve
    found: dict[str, dict[float, float]] = {}
    for points, economy, change in (
        table.sort("points").select("points", "economy", "real_income_change").iter_rows()
    ):
        found.setdefault(economy, {})[float(points)] = change
    return found


def _larger(view: ShockView) -> str:
    say = view.content.language
    curve = _curve(view)
    followed = [code for code in (*view.focus, *view.partners[:1]) if code in curve]
    if not followed or view.row(_MAIN, followed[0]) is None:
        return ""
    sizes = [size for size in _SIZES if all(size in curve[code] for code in followed)]
    if not sizes:
        return ""
    listed = "; ".join(
        f"{view.label(code)} {', '.join(signed_percent(curve[code][size], say) for size in sizes)}"
        for code in followed
    )
    sized = [*(say.number(size) for size in sizes[:-1]), spoken_points(sizes[-1], say)]
    text = say.say("letter.larger_ours", points=say.listing(sized), listed=listed)
    falling = [code for code in followed if not _grows(curve[code])]
    if falling:
        return f"{text} {say.say('letter.larger_not', economies=say.listing(map(view.spoken, falling)))}"
    return f"{text} {say.say('letter.larger_grows')}"


def _grows(curve: dict[float, float]) -> bool:
    """Say whether the loss grows with every step from the letter's size on."""
    values = [change for points, change in sorted(curve.items()) if points >= _SIZES[0]]
    return all(later < earlier for earlier, later in itertools.pairwise(values))


def _denial(view: ShockView) -> str:
    say = view.content.language
    codes = [
        code
        for code in view.scenarios
        if view.of_the_letter(code) and view.kinds(code) == {"denial"} and code != _DECOUPLING
    ]
    listed = "; ".join(f"{view.scenarios[code]}: {incomes(view, code)}" for code in codes)
    if not listed:
        return ""
    return " ".join([say.say("letter.denial_ours", listed=listed), *_short(view, codes)])


def _short(view: ShockView, scenarios: Sequence[str]) -> list[str]:
    """Say what happens with the smallest elasticities of the grid, as on a short horizon."""
    say = view.content.language
    grid = view.content.tables["shock_grid"].filter(pl.col("scenario").is_in(list(scenarios)))
    factor = grid.select(pl.col("elasticity_factor").min()).item() if grid.height else None
    if factor is None or factor >= 1:
        return []
    values = {
        row[:2]: row[2]
        for row in grid.filter(pl.col("elasticity_factor") == factor)
        .select("scenario", "economy", "real_income_change")
        .iter_rows()
    }
    parts = []
    for scenario in scenarios:
        known = say.listing(
            f"{signed_percent(values[scenario, code], say)} ({view.spoken(code)})"
            for code in view.focus
            if (scenario, code) in values
        )
        if known:
            parts.append(f"{view.scenarios[scenario]}: {known}" if len(scenarios) > 1 else known)
    if not parts:
        return []
    return [say.say("letter.short_ours", factor=say.number(factor, 2), listed="; ".join(parts))]


def _decoupling(view: ShockView) -> str:
    say = view.content.language
    if _DECOUPLING not in view.scenarios or not view.of_the_letter(_DECOUPLING):
        return ""
    economy = view.focus[-1]
    cut, main = view.income(_DECOUPLING, economy), view.income(_MAIN, economy)
    listed = incomes(view, _DECOUPLING)
    if cut is None or not main:
        text = say.say("letter.decoupling_ours_plain", incomes=listed)
    else:
        times = say.number(cut / main, 1)
        text = say.say("letter.decoupling_ours", incomes=listed, times=times, economy=view.spoken(economy))
    return " ".join([text, *_short(view, [_DECOUPLING])])
