"""Compare two editions: which dependencies came, went and changed, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from geomonitor.dependency import Condition
from geomonitor.errors import DataError
from geomonitor.findings.edition import Edition

__all__ = ["Comparison", "compare"]

_KEYS = ("label", "method", "product")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two editions.

    Attributes
    ----------
    table : polars.DataFrame
        `label` (importer), `method`, `product`, `product_name`, `change` (came, went, opened,
        closed, supplier changed, moved), `before`, `after`, `main_supplier_before`,
        `main_supplier_after`, `margin_before`, `margin_after`, `reason` and `detail`.
    summary : polars.DataFrame
        Number of changes by importer, method, change and reason.
    inputs : polars.DataFrame
        What went in that differs: `input`, `before`, `after`.
    """

    table: pl.DataFrame
    summary: pl.DataFrame
    inputs: pl.DataFrame


def compare(before: Edition, after: Edition, *, moved_by: float = 0.1) -> Comparison:
    """Say what came, went and changed between two editions, and why.

    The reason of a change is found by holding the numbers of the later edition against the
    thresholds of the earlier one: where that gives the earlier verdict, the threshold is the
    reason. Else the numbers moved: because the method was computed otherwise (another version of
    the specification or of the method's choices), because the data of the same years were revised
    (another dataset), or because trade itself moved (other years).

    Parameters
    ----------
    before, after : Edition
    moved_by : float
        Smallest change of the margin (relative distance to the threshold) that is listed where the
        verdict stays the same.

    Returns
    -------
    Comparison

    Raises
    ------
    DataError
        If the editions share no importer and method.
    """
    left, right = before.tables["products"], after.tables["products"]
    shared = (
        left.select("label", "method")
        .unique()
        .join(right.select("label", "method").unique(), on=["label", "method"])
    )
    if shared.is_empty():
        raise DataError(
            "The two editions have nothing in common to compare.",
            where=f"{before.id} and {after.id}",
            expected="at least one importer screened by the same method in both",
            next_step="Compare editions whose profiles share an importer and a method.",
        )
    columns = ["product_name", "dependent", "margin", "main_supplier"]
    joined = (
        left.join(shared, on=["label", "method"], how="semi")
        .select(*_KEYS, *columns)
        .join(
            right.join(shared, on=["label", "method"], how="semi").select(*_KEYS, *columns),
            on=list(_KEYS),
            how="full",
            suffix="_after",
            coalesce=True,
        )
    )
    rights = {tuple(row[key] for key in _KEYS): row for row in right.iter_rows(named=True)}
    rows = []
    for row in joined.iter_rows(named=True):
        change = _change(row, moved_by)
        if change is None:
            continue
        reason, detail = _reason(
            row, rights.get(tuple(row[key] for key in _KEYS)), before.record, after.record
        )
        rows.append(
            {
                **{key: row[key] for key in _KEYS},
                "product_name": row["product_name_after"] or row["product_name"],
                "change": change,
                "before": _verdict(row["dependent"], row["product_name"]),
                "after": _verdict(row["dependent_after"], row["product_name_after"]),
                "main_supplier_before": row["main_supplier"],
                "main_supplier_after": row["main_supplier_after"],
                "margin_before": row["margin"],
                "margin_after": row["margin_after"],
                "reason": reason,
                "detail": detail,
            }
        )
    schema = {
        **dict.fromkeys((*_KEYS, "product_name", "change", "before", "after"), pl.String),
        "main_supplier_before": pl.String,
        "main_supplier_after": pl.String,
        "margin_before": pl.Float64,
        "margin_after": pl.Float64,
        "reason": pl.String,
        "detail": pl.String,
    }
    table = pl.DataFrame(rows, schema=schema).sort("label", "method", "change", "product")
    summary = table.group_by("label", "method", "change", "reason").agg(pl.len().alias("products"))
    return Comparison(
        table=table,
        summary=summary.sort("label", "method", "change", "reason"),
        inputs=_inputs(before.record, after.record),
    )


def _verdict(dependent: bool | None, name: str | None) -> str:
    if name is None:
        return "not imported"
    return "open" if dependent is None else ("dependent" if dependent else "not dependent")


def _change(row: Mapping[str, Any], moved_by: float) -> str | None:
    was = _verdict(row["dependent"], row["product_name"])
    now = _verdict(row["dependent_after"], row["product_name_after"])
    if was != now:
        if now == "dependent":
            return "came"
        if was == "dependent":
            return "went"
        return {"open": "opened"}.get(now) or ("closed" if was == "open" else None)
    if now == "dependent" and row["main_supplier"] != row["main_supplier_after"]:
        return "supplier changed"
    if now == "dependent" and row["margin"] is not None and row["margin_after"] is not None:
        return "moved" if abs(row["margin_after"] - row["margin"]) >= moved_by else None
    return None


def _reason(
    row: Mapping[str, Any],
    right: Mapping[str, Any] | None,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> tuple[str, str]:
    old, new = _method(before, row["method"]), _method(after, row["method"])
    if right is not None and old["conditions"] != new["conditions"] and old["period_rule"] == "pooled":
        under_old = _judged(right, old["conditions"])
        if under_old is not None and under_old == row["dependent"] and under_old != row["dependent_after"]:
            return "threshold", _differing(old["conditions"], new["conditions"])
    if (old["version"], old["period_rule"]) != (new["version"], new["period_rule"]):
        return "method", f"specification {old['version']} became {new['version']}"
    choices = _choices(before, after, row["label"])
    if choices:
        return "method", choices
    years_before, years_after = before["profile"]["years"], after["profile"]["years"]
    other_data = before["dataset"]["content_sha256"] != after["dataset"]["content_sha256"]
    if years_before != years_after:
        text = f"years {_span(years_before)} became {_span(years_after)}"
        if other_data:
            return "trade or data", f"{text}, and the dataset is another one"
        return "trade", text
    if other_data:
        return "data", "the same years in another dataset or release"
    if old["conditions"] != new["conditions"]:
        return "threshold", _differing(old["conditions"], new["conditions"])
    if before["code_sha256"] != after["code_sha256"]:
        return "method", "another version of the program"
    return "unknown", "nothing that went in differs"


def _judged(row: Mapping[str, Any], conditions: list[list[Any]]) -> bool | None:
    """Judge the numbers of one edition by the thresholds of another."""
    outcome = True
    for indicator, symbol, threshold in conditions:
        name = "domestic_use_lower_kusd" if indicator == "domestic_use_kusd" else indicator
        if name not in row:
            return None
        condition = Condition(indicator, symbol, threshold, meaning={}, source="the earlier edition")
        value = np.nan if row[name] is None else row[name]
        outcome &= bool(condition.met(np.array([value]))[0])
    return outcome


def _method(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return next(each for each in record["methods"] if each["id"] == name)


def _differing(old: list[list[Any]], new: list[list[Any]]) -> str:
    changed = [f"{a[0]} {a[1]} {a[2]:g} became {b[2]:g}" for a, b in zip(old, new, strict=False) if a != b]
    return "; ".join(changed)


def _span(years: list[int]) -> str:
    return f"{min(years)}-{max(years)}" if len(years) > 1 else str(years[0])


_CHOICES = ("intra_group", "minimum_import_value_kusd", "merge", "re_export_shares")


def _spoken(choice: Any) -> str:
    """Say a choice as a profile writes it."""
    if isinstance(choice, Mapping):
        return ", ".join(f"{name} = {value}" for name, value in choice.items()) or "none"
    return "none" if choice is None else str(choice)


def _choices(before: Mapping[str, Any], after: Mapping[str, Any], label: str) -> str:
    parts = []
    old_members, new_members = _members(before, label), _members(after, label)
    if old_members != new_members:
        joined, left = sorted(new_members - old_members), sorted(old_members - new_members)
        parts += [f"{label} gained {', '.join(joined)}"] if joined else []
        parts += [f"{label} lost {', '.join(left)}"] if left else []
    for name in _CHOICES:
        old, new = before["profile"].get(name), after["profile"].get(name)
        if old != new:
            parts.append(f"option {name}: {_spoken(old)} became {_spoken(new)}")
    return "; ".join(parts)


def _members(record: Mapping[str, Any], label: str) -> set[str]:
    return {code for each in record["importers"] if each["label"] == label for code in each["members"]}


def _inputs(before: Mapping[str, Any], after: Mapping[str, Any]) -> pl.DataFrame:
    def flat(record: Mapping[str, Any]) -> dict[str, str]:
        found = {
            "years": _span(record["profile"]["years"]),
            "dataset": record["dataset"]["name"],
            "dataset content": record["dataset"]["content_sha256"],
            "Geomonitor": record["geomonitor_version"],
            "program": record["code_sha256"],
            "interests": str(record["interests"]["sha256"]),
        }
        for each in record["methods"]:
            rules = "; ".join(
                f"{name} {symbol} {threshold:g}" for name, symbol, threshold in each["conditions"]
            )
            found[f"method {each['id']}"] = f"{each['version']}: {rules}"
        for each in record["importers"]:
            found[f"importer {each['label']}"] = ", ".join(each["members"])
        for name in _CHOICES:
            found[f"option {name}"] = str(record["profile"].get(name))
        return found

    old, new = flat(before), flat(after)
    rows = [
        {"input": name, "before": old.get(name, "absent"), "after": new.get(name, "absent")}
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]
    return pl.DataFrame(rows, schema={"input": pl.String, "before": pl.String, "after": pl.String})
