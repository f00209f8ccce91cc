"""``geomonitor dossier show``: one paper, with what it refers to, what refers to it, asks and promises."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geomonitor.cli.dossier_asked import counted, paper_asked
from geomonitor.cli.dossier_tables import cell, emit_rows, filled, subject_of_motion, table_of
from geomonitor.cli.home import Home, open_home
from geomonitor.cli.options import OutputFormat
from geomonitor.errors import GeomonitorError, UnknownCodeError

if TYPE_CHECKING:
    from geomonitor.archive.models import Commitment, Motion
    from geomonitor.archive.queries import PaperAround, ReferenceShown

__all__ = ["ShownPart", "show_command"]

_WIDTH = 76
_MOST = 500


class ShownPart(enum.StrEnum):
    """A part of what is known of a paper."""

    facts = "facts"
    refers_to = "refers-to"
    referred_by = "referred-by"
    motions = "motions"
    commitments = "commitments"


# name of each column, and the width at which a table breaks it; None for what only data have
_COLUMNS: dict[ShownPart, dict[str, int | None]] = {
    ShownPart.facts: {
        "paper": None, "name": None, "identities": None, "family": None, "kind": None, "dossier": None,
        "dossier_title": None, "number": None, "date": None, "title": None, "session_year": None,
        "movers": None, "settled": None, "cabinet_view": None, "characters": None, "source": None,
        "missing": None, "example": None, "address": None,
    },
    ShownPart.refers_to: {
        "target": 0, "kind": None, "relation": 0, "movers": None, "quoted": 24, "said": None, "places": 0,
        "title": 28, "date": None, "in_archive": None, "motion": None, "link_rule": None,
        "link_confidence": None, "field": None, "start": None, "end": None, "rule": None, "confidence": None,
    },
    ShownPart.referred_by: {
        "paper": 0, "date": 0, "kind": None, "title": 26, "relation": 0, "quoted": 20, "places": 0,
        "said": None, "target": None, "motion": None, "field": None, "start": None, "end": None, "rule": None,
        "confidence": None,
    },
    ShownPart.motions: {
        "motion": 0, "matter": None, "relation": 0, "date": 0, "movers": None, "title": None, "subject": 22,
        "state": 0, "judged": None, "settled_by": 0, "settled_on": None, "evidence": None,
    },
    ShownPart.commitments: {
        "commitment": 0, "relation": 0, "official": None, "kind": None, "made_on": None, "actor": None,
        "text": 32, "due_text": None, "due_until": 0, "state": 0, "judged": None, "met_by": None,
        "evidence": None,
    },
}  # fmt: skip
_TITLES = {
    ShownPart.refers_to: "Refers to",
    ShownPart.referred_by: "Referred to by",
    ShownPart.motions: "Motions that it is, carries out or settles",
    ShownPart.commitments: "Commitments that it makes or meets",
}


def show_command(
    paper: Annotated[
        str,
        typer.Argument(
            metavar="PAPER", help="As you type it: 35207-60, kst-35207-60, 2022Z24775.", show_default=False
        ),
    ],
    what: Annotated[
        ShownPart | None, typer.Option("--what", help="Only this part; csv and parquet need one.")
    ] = None,
    format: Annotated[OutputFormat, typer.Option("--format", help="How to print.")] = OutputFormat.table,  # noqa: A002
    out: Annotated[Path | None, typer.Option("--out", help="A file instead of the screen.")] = None,
    home: Home = None,
) -> None:
    """Show a paper of the archive: its facts, references both ways, motions and commitments.

    The table shows a choice of columns; json has all, with the evidence of each state.

    Exits with 3 when the archive does not have the paper.

    Example: geomonitor dossier show "35 207, nr. 60"
    """
    name = paper_asked(paper, "PAPER")
    if what is None and format in (OutputFormat.csv, OutputFormat.parquet):
        raise GeomonitorError(
            f"{format.value} holds one table, and a paper has several.",
            where="--format",
            expected="one part of what is known of the paper",
            next_step="Add --what refers-to, or another part; or use --format json for all of them.",
        )
    open_home(home)
    from geomonitor.archive.queries import find_paper

    found = find_paper(name)
    if found is None:
        raise _not_there(name)
    _print(found, what, format.value, out)


def _print(found: PaperAround, what: ShownPart | None, output_format: str, out: Path | None) -> None:
    from geomonitor.cli.output import emit_document, write_text

    parts = [what] if what else list(ShownPart)
    rows = {part: _rows(found, part) for part in parts}
    if output_format == "json" and what is None:
        document: dict[str, object] = {}
        for part in parts:
            plain = [{name: filled(value) for name, value in row.items()} for row in rows[part]]
            document |= plain[0] if part is ShownPart.facts else {part.value.replace("-", "_"): plain}
        emit_document(document, out)
    elif output_format == "table":
        write_text("\n".join(_part_text(part, rows[part], out) for part in parts), out)
    else:
        (part,) = parts
        written = rows[part] if output_format == "json" else [_flat(row) for row in rows[part]]
        emit_rows(written, _schema(part, written), "", output_format, out, {})


def _rows(found: PaperAround, part: ShownPart) -> list[dict[str, Any]]:
    from geomonitor.archive.queries import references_from, references_to

    name = found.paper.paper
    if part is ShownPart.facts:
        return [_facts(found)]
    if part is ShownPart.refers_to:
        return [_outward(each) for each in references_from(name, largest=_MOST)]
    if part is ShownPart.referred_by:
        return [_inward(each) for each in references_to(name, largest=_MOST)]
    if part is ShownPart.motions:
        return _motions(found)
    return _commitments(found)


def _facts(found: PaperAround) -> dict[str, Any]:
    from geomonitor.dossier.reading.normal_forms import official_address, shown

    own = found.paper
    address = "" if own.example else own.url or official_address(own.paper)
    return {
        "paper": own.paper,
        "name": shown(own.paper),
        "identities": list(found.identities),
        "family": own.family,
        "kind": own.kind,
        "dossier": own.dossier,
        "dossier_title": own.dossier_title,
        "number": own.number,
        "date": own.date,
        "title": own.title,
        "session_year": own.session_year,
        "movers": list(own.movers),
        "settled": own.settled,
        "cabinet_view": own.cabinet_view,
        "characters": len(own.text),
        "source": own.source,
        "missing": [f"{field}: {reason}" for field, reason in own.missing],
        "example": own.example,
        "address": address,
    }


def _place(each: ReferenceShown) -> dict[str, Any]:
    reference = each.reference
    return {
        "relation": reference.relation,
        "quoted": reference.quoted,
        "said": reference.said,
        "field": reference.field,
        "start": reference.start,
        "end": reference.end,
        "rule": reference.rule,
        "confidence": reference.confidence,
        "motion": reference.motion,
    }


def _outward(each: ReferenceShown) -> dict[str, Any]:
    reference, other = each.reference, each.paper
    return _place(each) | {
        "target": reference.target or reference.motion,
        "kind": reference.kind,
        "movers": list(reference.movers),
        "title": other.title if other else "",
        "date": other.date if other else None,
        "in_archive": other is not None,
        "link_rule": reference.link_rule,
        "link_confidence": reference.link_confidence if reference.link_rule else None,
    }


def _inward(each: ReferenceShown) -> dict[str, Any]:
    other = each.reference.paper
    return _place(each) | {
        "paper": other.paper,
        "date": other.date,
        "kind": other.kind,
        "title": other.title,
        "target": each.reference.target,
    }


def _motions(found: PaperAround) -> list[dict[str, Any]]:
    """Give the motion that the paper is, and those that it carries out or settles."""
    from geomonitor.archive.models import Motion, Reference, Relation

    acting = Reference.objects.filter(
        paper__paper__in=found.identities,
        paper__withdrawn_at__isnull=True,
        relation__in=(Relation.CARRIES_OUT, Relation.SETTLES),
    ).exclude(motion="")
    does: dict[str, str] = {}
    for name, relation in acting.order_by("-field", "start").values_list("motion", "relation"):
        # settling says more than carrying out
        if does.get(name) != Relation.SETTLES:
            does[name] = relation
    rows = [_motion(found.motion, "itself")] if found.motion else []
    motions = {each.motion: each for each in Motion.objects.filter(motion__in=does)}
    return rows + [_motion(motions[name], relation) for name, relation in does.items() if name in motions]


def _motion(motion: Motion, relation: str) -> dict[str, Any]:
    return {
        "motion": motion.motion,
        "matter": motion.matter,
        "relation": relation,
        "date": motion.date,
        "movers": list(motion.movers),
        "title": motion.title,
        "state": motion.current_state,
        "judged": bool(motion.judged_state),
        "settled_by": motion.settled_by,
        "settled_on": motion.settled_on,
        "evidence": motion.state_evidence,
    }


def _commitments(found: PaperAround) -> list[dict[str, Any]]:
    """Give the commitments that were read in the paper, and those that it meets."""
    from geomonitor.archive.models import Commitment

    made = {each.commitment for each in found.commitments}
    met = Commitment.objects.filter(met_by__in=found.identities).order_by("commitment")
    rows = [_commitment(each, "makes") for each in found.commitments]
    return rows + [_commitment(each, "meets") for each in met if each.commitment not in made]


def _commitment(commitment: Commitment, relation: str) -> dict[str, Any]:
    return {
        "commitment": commitment.commitment,
        "relation": relation,
        "official": commitment.official,
        "kind": commitment.kind,
        "made_on": commitment.made_on,
        "actor": commitment.actor,
        "text": commitment.text,
        "due_text": commitment.due_text,
        "due_until": commitment.due_until,
        "state": commitment.current_state,
        "judged": bool(commitment.judged_state),
        "met_by": commitment.met_by,
        "evidence": commitment.state_evidence,
    }


def _part_text(part: ShownPart, rows: list[dict[str, Any]], out: Path | None) -> str:
    if part is ShownPart.facts:
        return _facts_text(rows[0])
    shown = {name: width for name, width in _COLUMNS[part].items() if width is not None}
    more = ", the first ones" if len(rows) == _MOST else ""
    if part in (ShownPart.refers_to, ShownPart.referred_by):
        title = f"{_TITLES[part]}: {counted(len(rows), 'place', 'places') if rows else 'none'}{more}"
        rows = _places(rows, "target" if part is ShownPart.refers_to else "paper")
    else:
        rows = [row | {"subject": subject_of_motion(row.get("title", ""))} for row in rows]
        title = f"{_TITLES[part]}: {len(rows) or 'none'}"
    text = table_of(rows, title, shown, out)
    lines = []
    for row in rows:
        # the evidence of a state in words, below the table
        for each in row.get("evidence", ()):
            lines.append(_evidence_text(str(row.get("motion") or row.get("commitment")), each))
    return text + "".join(f"  {line}\n" for line in lines)


def _places(rows: list[dict[str, Any]], other: str) -> list[dict[str, Any]]:
    """Take together what a paper does in several places with the same other one; the first is shown."""
    together: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        key = (row[other], row["relation"]) if row[other] else ("", row["relation"], row["quoted"])
        together.setdefault(key, row | {"places": 0})["places"] += 1
    return list(together.values())


def _evidence_text(name: str, evidence: dict[str, Any]) -> str:
    says = evidence["state"] or "no state"
    words = f"{name}: {says}, by {evidence['rule']}"
    if evidence["paper"] and evidence["paper"] != name:
        words += f", {evidence['paper']}"
    if evidence["date"]:
        words += f", {evidence['date']}"
    if evidence["passed_over"]:
        words += f" (does not count: {evidence['passed_over']})"
    quoted = " ".join(str(evidence["quoted"]).split())
    if quoted:
        words += f': "{quoted}"'
    return cell(words, _WIDTH + 16, 300).replace("\n", "\n    ")


def _facts_text(facts: dict[str, Any]) -> str:
    others = [each for each in facts["identities"] if each != facts["paper"]]
    length = counted(facts["characters"], "character", "characters")
    lines = {
        "identifier": facts["paper"],
        "also known as": ", ".join(others),
        "kind": facts["kind"] or facts["family"],
        "title": facts["title"],
        "dossier": " ".join(each for each in (facts["dossier"], facts["dossier_title"]) if each),
        "date": facts["date"].isoformat() if facts["date"] else "not known",
        "movers": ", ".join(facts["movers"]),
        "cabinet's view": facts["cabinet_view"],
        "text": length if facts["characters"] else "not in the archive",
        "source": facts["source"],
        "lacks": "; ".join(facts["missing"]),
        "official": facts["address"] or "none: made up as an example",
    }
    text = f"{facts['name']}\n\n"
    for name, value in lines.items():
        if value:
            text += f"  {name:<15}" + cell(str(value), _WIDTH, 1_000).replace("\n", "\n" + " " * 17) + "\n"
    return text


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Put lists into one cell, as a table of a file has no lists."""
    flat = {}
    for name, value in row.items():
        if name == "evidence":
            value = "; ".join(
                f"{each['rule']} {each['paper']}".strip() for each in value if not each["passed_over"]
            )
        flat[name] = ", ".join(value) if isinstance(value, list) else value
    return flat


def _schema(part: ShownPart, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    import polars as pl

    kinds: dict[str, Any] = {
        "date": pl.Date, "made_on": pl.Date, "due_until": pl.Date, "settled_on": pl.Date, "start": pl.Int64,
        "end": pl.Int64, "characters": pl.Int64, "confidence": pl.Float64, "link_confidence": pl.Float64,
        "in_archive": pl.Boolean, "judged": pl.Boolean, "official": pl.Boolean, "example": pl.Boolean,
        "settled": pl.Boolean,
    }  # fmt: skip
    lists = {name for row in rows for name, value in row.items() if isinstance(value, list)}
    return {
        name: pl.Object if name in lists else kinds.get(name, pl.String)
        for name in _COLUMNS[part]
        if name not in ("subject", "places")
    }


def _not_there(name: str) -> UnknownCodeError:
    """Say why a paper cannot be shown, where it is published, and how to bring it in."""
    from geomonitor.archive.models import Paper
    from geomonitor.dossier.reading.normal_forms import kind_of, official_address, shown, split_paper

    if kind_of(name) == "paper":
        next_step = f"Bring its dossier in with: geomonitor dossier sync {split_paper(name)[0]}"
    else:
        next_step = "Bring in the dossier that it belongs to with: geomonitor dossier sync DOSSIER"
    withdrawn = Paper.objects.filter(paper=name, withdrawn_at__isnull=False).first()
    if withdrawn is not None and withdrawn.example:
        return UnknownCodeError(
            f"{shown(name)} belongs to the example dossier, which was withdrawn here.",
            where="PAPER",
            expected="a paper, matter or document of the archive",
            next_step="Name another paper: this one was made up by the project.",
        )
    if withdrawn is not None and withdrawn.withdrawn_at is not None:
        what = f"{shown(name)} was withdrawn by its source on {withdrawn.withdrawn_at.date().isoformat()}."
    else:
        what = f"{shown(name)} is not in the archive."
    return UnknownCodeError(
        what,
        where="PAPER",
        expected="a paper, matter or document of the archive",
        next_step=f"{next_step}; or read it at {official_address(name)}",
    )
