"""A worked example case, made from the findings of an edition: what the tour leads to."""

from __future__ import annotations

import datetime
import functools
import importlib.resources
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import transaction
from django.utils import timezone

from geomonitor.errors import DataError
from geomonitor.findings import Edition
from geomonitor.register.facts import option_kinds
from geomonitor.register.models import (
    Action,
    Case,
    Evidence,
    InterestTouched,
    PaperLink,
    PolicyOption,
    RiskJudgement,
    User,
)
from geomonitor.register.services import cases, content, decisions
from geomonitor.register.services.evidence import attach
from geomonitor.report import Language

__all__ = ["example_numbers", "load_example_case"]

# which findings a judgement rests on
_RESTS_ON: Mapping[str, tuple[str, ...]] = {
    "probability": ("dependent",),
    "impact": ("extra_import_share",),
    "time_to_substitute": ("import_concentration", "imports_to_exports"),
    "two_way_dependence": (),
    "confidence": ("dependent",),
}


@functools.cache
def _example() -> Mapping[str, Any]:
    file = importlib.resources.files("geomonitor.register") / "example.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class _Writer:
    """Fills the texts of the example with the numbers of the edition, in one language."""

    language: str
    numbers: Mapping[str, str]

    def text(self, wording: Mapping[str, str]) -> str:
        return wording[self.language].format(**self.numbers)


@transaction.atomic
def load_example_case(edition: Edition, user: User, language: str = "en") -> Case:
    """Make the worked example case, or give the one that is there.

    Steps 1 to 3 are complete and a decision waits for approval. Every number comes from the edition.

    Parameters
    ----------
    edition : Edition
        One in which the product of the example is a strategic dependency of its importer.
    user : User
        Whose role allows opening cases.
    language : {'en', 'nl'}

    Returns
    -------
    Case
        With `example` set.

    Raises
    ------
    DataError
        If the product is no strategic dependency in this edition; the example would not be true then.
    NotAllowedError
    """
    there: Case | None = Case.objects.current().filter(example=True).first()
    if there is not None:
        return there
    example = _example()
    row = _product_row(edition)
    writer = _Writer(language, example_numbers(edition, language))
    case = cases.open_case(
        user,
        title=writer.text(example["case"]["title"]),
        subject_kind=Case.SubjectKind.PRODUCT,
        subject_code=example["product"],
        subject_name=writer.text(example["case"]["subject"]),
        importer=example["importer"],
        counterpart=row["main_supplier"],
        summary=writer.text(example["case"]["summary"]),
        benefits=writer.text(example["case"]["benefits"]),
        example=True,
    )
    evidence = _attach(user, case, edition)
    _interests(user, case, writer, evidence)
    case = _completed(user, case, 1)
    _judgements(user, case, writer, evidence)
    case = _completed(user, case, 2)
    options = _options(user, case, writer)
    case = _completed(user, case, 3)
    today = timezone.localdate()
    _action(user, case, writer, today)
    _paper(user, case, writer)
    _decision(user, case, writer, options, today)
    return Case.objects.get(pk=case.pk)


def _completed(user: User, case: Case, step: int) -> Case:
    current = Case.objects.get(pk=case.pk)
    return cases.complete_step(user, current, current.version, step)


def _product_row(edition: Edition) -> Mapping[str, Any]:
    example = _example()
    found = edition.tables["products"].filter(
        (pl.col("importer") == example["importer"])
        & (pl.col("product") == example["product"])
        & (pl.col("method") == edition.record["main_method"])
    )
    if found.height != 1 or not found.item(0, "strategic"):
        raise DataError(
            "The product of the example is no strategic dependency in this edition.",
            where=f"edition {edition.id}, product {example['product']}, importer {example['importer']}",
            expected="the embedded edition, or one with the same finding",
            next_step="Take the embedded edition.",
        )
    return found.row(0, named=True)


def example_numbers(edition: Edition, language: str) -> dict[str, str]:
    """Give the numbers of the example, written in a language.

    Parameters
    ----------
    edition : Edition
    language : {'en', 'nl'}

    Raises
    ------
    DataError
        See `load_example_case`.
    """
    write = Language(language)
    row = _product_row(edition)
    importer, counterpart = _example()["importer"], str(row["main_supplier"])
    methods = edition.tables["products"].filter(
        (pl.col("importer") == importer) & (pl.col("product") == row["product"])
    )
    history = (
        edition.tables["history"]
        .filter((pl.col("importer") == importer) & (pl.col("product") == row["product"]))
        .filter(pl.col("main_supplier") == counterpart)
        .sort("year")
        .tail(11)
    )
    first, last = history.row(0, named=True), history.row(-1, named=True)
    summary = edition.tables["relations_summary"].filter(
        (pl.col("importer") == importer) & (pl.col("counterpart") == counterpart)
    )
    ways = {each["direction"]: each for each in summary.iter_rows(named=True)}
    threshold = _finding(edition, "import_concentration")["threshold"]
    return {
        "importer": write.importer(importer),
        "counterpart": write.economy(counterpart),
        "period": str(edition.record["period_text"]).replace("-", "–"),
        "share": write.share(row["main_supplier_share"], 1),
        "value": write.money(row["extra_import_value_kusd"]),
        "concentration": write.number(row["import_concentration"], 2),
        "threshold": write.number(threshold, 2),
        "ratio": write.number(row["imports_to_exports"], 2),
        "outside": write.share(row["extra_import_share"], 1),
        "first_year": str(first["year"]),
        "first_share": write.share(first["main_supplier_share"], 1),
        "last_year": str(last["year"]),
        "last_share": write.share(last["main_supplier_share"], 1),
        "same_verdict": write.share(row["stability"]),
        "methods_dependent": write.number(int(methods["dependent"].fill_null(False).sum())),
        "methods": write.number(methods.height),
        "on_counterpart": write.number(ways["on counterpart"]["products"]),
        "of_counterpart": write.number(ways["of counterpart"]["products"]),
        "bilateral": write.money(ways["on counterpart"]["bilateral_value_kusd"]),
    }


def _own_findings(edition: Edition) -> pl.DataFrame:
    example = _example()
    return edition.findings.filter(
        (pl.col("subject").str.split(" ").list.first() == example["importer"])
        & (pl.col("product") == example["product"])
    )


def _finding(edition: Edition, measure: str) -> Mapping[str, Any]:
    found = _own_findings(edition).filter(
        (pl.col("method") == edition.record["main_method"]) & (pl.col("measure") == measure)
    )
    return found.row(0, named=True)


def _attach(user: User, case: Case, edition: Edition) -> dict[str, list[Evidence]]:
    """Attach what the main method measured, and the verdict of every other one."""
    own = _own_findings(edition)
    main = pl.col("method") == edition.record["main_method"]
    chosen = pl.concat([own.filter(main), own.filter(~main & (pl.col("measure") == "dependent"))])
    attached: dict[str, list[Evidence]] = {}
    for row in chosen.iter_rows(named=True):
        attached.setdefault(row["measure"], []).append(attach(user, case, edition, row))
    return attached


def _interests(user: User, case: Case, writer: _Writer, evidence: Mapping[str, list[Evidence]]) -> None:
    for code, judged in _example()["interest"].items():
        content.add(
            user,
            case,
            InterestTouched,
            {"evidence": evidence["dependent"][:1] if judged["touched"] == "yes" else []},
            interest=code,
            touched=judged["touched"],
            argument=writer.text(judged["argument"]),
        )


def _judgements(user: User, case: Case, writer: _Writer, evidence: Mapping[str, list[Evidence]]) -> None:
    for dimension, judged in _example()["judgement"].items():
        rests_on = [each for measure in _RESTS_ON[dimension] for each in evidence[measure]]
        content.add(
            user,
            case,
            RiskJudgement,
            {"evidence": rests_on if dimension == "confidence" else rests_on[:2]},
            dimension=dimension,
            level=judged["level"],
            argument=writer.text(judged["argument"]),
        )


def _options(user: User, case: Case, writer: _Writer) -> dict[str, PolicyOption]:
    kinds = {each.code: each for each in option_kinds()}
    made = {}
    for code in _example()["options"]:
        kind, weighed = kinds[code], _example()["option"][code]
        low, high = kind.lead_time_months
        made[code] = content.add(
            user,
            case,
            PolicyOption,
            kind=code,
            title=kind.name[writer.language],
            description=kind.does[writer.language],
            level=kind.usual_level,
            cost=writer.text(weighed["cost"]),
            benefit=writer.text(weighed["benefit"]),
            borne_by=writer.text(weighed["borne_by"]),
            side_effects=writer.text(weighed["side_effects"]),
            lead_time_minimum_months=low,
            lead_time_maximum_months=high,
        )
    return made


def _action(user: User, case: Case, writer: _Writer, today: datetime.date) -> None:
    action = _example()["action"]
    content.add(
        user,
        case,
        Action,
        title=writer.text(action["title"]),
        owner=user,
        due_on=today + datetime.timedelta(days=action["due_after_days"]),
    )


def _paper(user: User, case: Case, writer: _Writer) -> None:
    paper = _example()["paper"]
    content.add(
        user,
        case,
        PaperLink,
        paper=paper["paper"],
        title=paper["title"],
        relation=writer.text(paper["relation"]),
    )


def _decision(
    user: User, case: Case, writer: _Writer, options: Mapping[str, PolicyOption], today: datetime.date
) -> None:
    decision = _example()["decision"]
    current = Case.objects.get(pk=case.pk)
    decisions.propose(
        user,
        current,
        current.version,
        outcome=writer.text(decision["outcome"]),
        chosen=[options[code] for code in decision["chosen"]],
        decided_by=writer.text(decision["decided_by"]),
        decided_on=today,
        reason=writer.text(decision["reason"]),
        review_on=today + datetime.timedelta(days=decision["review_after_days"]),
    )
