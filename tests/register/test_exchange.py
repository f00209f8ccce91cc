"""Export and import: there and back without loss, and the rules of what an import may do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geomonitor.register.exchange.export import PlainTables, collect
from geomonitor.register.exchange.importing import apply_import, dry_run
from geomonitor.register.exchange.json_format import read_json, write_json
from geomonitor.register.exchange.workbook import read_workbook, write_workbook
from register.register_to_exchange import Users, empty, fill

pytestmark = pytest.mark.django_db

FORMATS = {"json": (write_json, read_json), "xlsx": (write_workbook, read_workbook)}


def written(tables: PlainTables, file_format: str = "json") -> bytes:
    return FORMATS[file_format][0](tables, made_at="2026-11-22T03:00:00+00:00", program="Geomonitor")


def everything(users: Users) -> PlainTables:
    """What the analyst sees: all that `fill` makes."""
    return collect(users["analyst"])


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_register_comes_back_as_it_was(users: Users, file_format: str) -> None:
    fill(users, "'=1+1\r\n\\u{41}\x07_x0041_ 𝒳 ")
    before = everything(users)
    assert all(before.values()), [name for name, rows in before.items() if not rows]
    document = FORMATS[file_format][1](written(before, file_format))
    assert document.plain == before
    empty()
    assert not any(rows for name, rows in everything(users).items())
    outcome = apply_import(users["administrator"], document, sha256="ab", history=True)
    assert outcome.problems == ()
    assert everything(users) == before
    again = dry_run(users["analyst"], document)
    assert {each.status for each in again.rows} == {"unchanged"}


# whatever a database holds: no NUL, no half of a pair
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=60)
AWKWARD = (
    "=1+1", "+31", "-5 %", "@x", "'quoted'", "''", "\ttab", "\rCR\r\n", "\\u{41} _x0041_", "\x07\x1b\ufffe",
    " x ", "\n", "𝒳" * 99,
)  # fmt: skip


def with_text(value: Any, text: str) -> Any:
    """A table with another text wherever `fill` wrote its own."""
    if isinstance(value, dict):
        return {key: with_text(each, text) for key, each in value.items()}
    if isinstance(value, list):
        return [with_text(each, text) for each in value]
    return text if value == "Text" else value


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.one_of(st.sampled_from(AWKWARD), texts))
def test_any_text_comes_back_as_it_was(register_tables: PlainTables, text: str) -> None:
    tables = with_text(register_tables, text)
    for name, (_, read) in FORMATS.items():
        assert read(written(tables, name)).plain == tables


@pytest.fixture
def register_tables(users: Users) -> PlainTables:
    fill(users)
    return everything(users)


def test_text_longer_than_a_cell_goes_on_beside_it(users: Users) -> None:
    from io import BytesIO

    import openpyxl

    case = fill(users)
    finding = {**before_finding(case), "dataset": "=𝒳" * 30_000}
    tables = everything(users)
    tables["evidence"][0]["finding"] = finding
    content = written(tables, "xlsx")
    titles = [cell.value for cell in openpyxl.load_workbook(BytesIO(content))["evidence"][1]]
    assert titles[titles.index("finding") :][:5] == [
        "finding", "finding (2)", "finding (3)", "finding (4)", "finding_sha256",
    ]  # fmt: skip
    assert read_workbook(content).plain["evidence"][0]["finding"] == finding


def before_finding(case: object) -> dict[str, object]:
    found: dict[str, object] = case.evidence.get().finding  # type: ignore[attr-defined]
    return found


def test_every_field_of_the_register_is_exported() -> None:
    from django.apps import apps

    from geomonitor.register.exchange.tables import tables

    exported = {table.model: {column.name for column in table.columns} for table in tables()}
    for model in apps.get_app_config("register").get_models():
        fields = {each.name for each in (*model._meta.concrete_fields, *model._meta.many_to_many)}
        if model.__name__ == "User":
            assert exported[model] == {"username", "first_name", "last_name"}
        else:
            assert exported[model] == fields - {"id"}


def test_columns_toml_explains_no_column_that_is_not_there() -> None:
    from geomonitor.register.exchange.tables import explanations, tables

    there = {table.name: {column.name for column in table.columns} for table in tables()}
    every = set.union(*there.values())
    for name, columns in explanations().items():
        if name != "read_me":
            assert set(columns) <= (every if name == "every" else there[name]), name
        assert all(set(each) == {"en", "nl"} for each in columns.values())


def test_a_restricted_case_is_exported_for_those_who_may_read_it_only(users: Users) -> None:
    fill(users)
    assert {row["title"] for row in collect(users["reader"])["cases"]} == {"Tungsten"}
    assert {row["title"] for row in everything(users)["cases"]} == {"Tungsten", "Restricted"}


def test_an_export_holds_no_password_and_no_address(users: Users) -> None:
    fill(users)
    content = written(everything(users)).decode()
    for user in users.values():
        assert user.email not in content
        assert user.password not in content


def test_the_schema_describes_an_export(users: Users) -> None:
    import jsonschema_rs

    from geomonitor.register.exchange.json_format import json_schema

    fill(users)
    import json

    validator = jsonschema_rs.validator_for(json_schema(), validate_formats=True)
    document = json.loads(written(everything(users)))
    assert [error.message for error in validator.iter_errors(document)] == []
    document["tables"]["cases"][0]["completed_steps"] = "four"
    assert [error.message for error in validator.iter_errors(document)]
