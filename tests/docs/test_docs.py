"""The documentation holds together: links, pictures, examples and figures that a program wrote."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from geomonitor.chains import leontief_system, letter_claims, load_chain
from geomonitor.cli import app
from geomonitor.data.input_output import embedded_input_output

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
)
PICTURES = ROOT / "docs" / "images"
LARGEST_PICTURE_BYTES = 200_000

# Examples that take seconds at most; the others are compiled only.
QUICK = (
    "README.md",
    "docs/chains.md",
    "docs/materials.md",
    "docs/stacking.md",
    "docs/relations.md",
    "docs/robustness.md",
    "docs/shocks.md",
)

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def without_code(text: str) -> str:
    return _FENCE.sub("", text)


def examples(page: Path, language: str) -> list[str]:
    return [code for kind, code in _FENCE.findall(page.read_text(encoding="utf-8")) if kind == language]


def anchors(page: Path) -> set[str]:
    """Anchors of the headings, as GitHub makes them."""
    headings = _HEADING.findall(without_code(page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def links(page: Path) -> list[tuple[Path, str]]:
    """Files and anchors that a page names, addresses on the web left out."""
    found = []
    for link in _LINK.findall(without_code(page.read_text(encoding="utf-8"))):
        if not link.startswith(("http://", "https://", "mailto:")):
            path, _, anchor = link.partition("#")
            found.append(((page.parent / path).resolve() if path else page, anchor))
    return found


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_and_anchors_lead_somewhere(page: Path) -> None:
    missing = [str(target) for target, _ in links(page) if not target.exists()]
    lost = [
        f"{target.name}#{anchor}"
        for target, anchor in links(page)
        if anchor and target.suffix == ".md" and target.exists() and anchor not in anchors(target)
    ]
    assert (missing, lost) == ([], [])


def test_pictures_are_used_and_small() -> None:
    used = {target for page in PAGES for target, _ in links(page)}
    pictures = sorted(PICTURES.iterdir())
    assert [picture.name for picture in pictures if picture not in used] == []
    assert [file.name for file in pictures if file.stat().st_size > LARGEST_PICTURE_BYTES] == []


def test_every_page_is_on_the_map() -> None:
    mapped = {target for target, _ in links(ROOT / "docs" / "index.md")}
    pages = {page for page in (ROOT / "docs").glob("*.md") if page.name != "index.md"}
    assert sorted(page.name for page in pages - mapped) == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_python_examples_compile(page: Path) -> None:
    for code in examples(page, "python"):
        ast.parse(code)


@pytest.mark.parametrize("page", QUICK)
def test_quick_python_examples_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOMONITOR_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    codes = examples(ROOT / page, "python")
    assert codes
    for code in codes:
        exec(compile(code, page, "exec"), {"__name__": "example"})


def commands() -> list[str]:
    """Commands of the examples, each once."""
    lines = (line for page in PAGES for code in examples(page, "sh") for line in code.splitlines())
    return sorted({line for line in lines if line.startswith("geomonitor ")})


@pytest.mark.parametrize("line", commands())
def test_commands_and_their_options_exist(line: str) -> None:
    # what comes after a lone -- is no option, and after # no command
    words = line.partition(" > ")[0].partition(" # ")[0].partition(" -- ")[0].split()[1:]
    command = get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]  # type: ignore[attr-defined]
    assert not hasattr(command, "commands"), line
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert [word for word in words if word.startswith("--") and word not in known] == []


def test_the_chain_file_of_the_documentation_is_valid(tmp_path: Path) -> None:
    (text,) = examples(ROOT / "docs" / "stacking.md", "toml")
    assert tomllib.loads(text)["code"] == "bicycles"
    path = tmp_path / "bicycles.toml"
    path.write_text(text, encoding="utf-8")
    assert load_chain(path).stage_codes == ("graphite", "batteries", "bicycles")


def test_letter_and_ours_is_what_the_table_gives() -> None:
    spoken = {
        "face_value_share": "face value",
        "look_through_share": "look-through",
        "value_added_share": "value added",
        "market_share": "sales (market)",
    }
    found = letter_claims(leontief_system(embedded_input_output()))
    text = (ROOT / "docs" / "chains.md").read_text(encoding="utf-8")
    lost = []
    for row in found.table.iter_rows(named=True):
        ranked = found.members if row["claim"] == "members" else found.partners
        first = ranked.filter(sectors=row["sectors"], measure=row["measure"]).sort("rank").head(5)
        label = "economy" if row["claim"] == "members" else "origin"
        five = ", ".join(
            f"{code} {share * 100:.2f}" for code, share in first.select(label, "share").iter_rows()
        )
        beginning = f"| {row['sectors']} | {spoken[row['measure']]} | {five} |"
        ending = f" {row['outcome']} |"
        if not any(line.startswith(beginning) and line.endswith(ending) for line in text.splitlines()):
            lost.append(beginning)
    assert lost == []


@pytest.mark.reference
def test_the_wiod_series_is_what_the_tables_give(reference_data: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "docs_wiod_series.py"), "--check"],
        env={"GEOMONITOR_REFERENCE_DATA": str(reference_data), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
