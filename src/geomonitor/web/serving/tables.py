"""Rows of the database as lines of JSON: the same on SQLite and PostgreSQL, in both directions."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from django.apps.registry import Apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models.sql import InsertQuery

__all__ = ["LEFT_OUT", "read_rows", "tables_of", "write_rows"]

LEFT_OUT = frozenset(
    {
        "django_session",
        "archive_searchentry",
        "archive_searchgroup",
        "archive_searchstems",
        "archive_stemcount",
        "archive_stemofword",
    }
)
"""Tables that no backup holds: who is logged in now, and the search index, which is made anew."""

_ROWS_AT_ONCE = 500


class _Encoder(DjangoJSONEncoder):
    """JSON that keeps every sign of a moment, and bytes."""

    def default(self, o: Any) -> Any:
        if isinstance(o, (bytes, memoryview)):
            return base64.b64encode(bytes(o)).decode("ascii")
        if hasattr(o, "isoformat"):
            # Django's own encoder cuts microseconds off
            return o.isoformat()
        return super().default(o)


def tables_of(registry: Apps) -> dict[str, type[models.Model]]:
    """Give the models that have a table of their own, by table, in a fixed order.

    Parameters
    ----------
    registry : django.apps.registry.Apps
        That of now, or of a state of the migrations.
    """
    found = {
        model._meta.db_table: model
        for model in registry.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return {name: found[name] for name in sorted(found) if name not in LEFT_OUT}


def write_rows(model: type[models.Model], file: IO[bytes]) -> int:
    """Write the rows of a table: a line with the columns, then a line a row.

    Parameters
    ----------
    model : type of django.db.models.Model
    file : binary file

    Returns
    -------
    int
        How many rows.
    """
    fields = model._meta.concrete_fields
    file.write(_line([field.column for field in fields]))
    rows = model._base_manager.order_by("pk").values_list(*(field.attname for field in fields))
    number = 0
    for row in rows.iterator(chunk_size=_ROWS_AT_ONCE):
        file.write(_line(row))
        number += 1
    return number


def _line(values: Sequence[Any]) -> bytes:
    return json.dumps(list(values), cls=_Encoder, ensure_ascii=False).encode() + b"\n"


def read_rows(model: type[models.Model], lines: Iterable[bytes]) -> int:
    """Add rows to an empty table exactly as they were, without any signal or automatic value.

    Parameters
    ----------
    model : type of django.db.models.Model
        As it was when the rows were written.
    lines : iterable of bytes
        As `write_rows` wrote them.

    Returns
    -------
    int
        How many rows.

    Raises
    ------
    ValueError
        If the columns are not those of the table.
    """
    reader = iter(lines)
    columns = json.loads(next(reader))
    by_column = {str(field.column): field for field in model._meta.concrete_fields}
    if sorted(columns) != sorted(by_column):
        raise ValueError(f"The table {model._meta.db_table} has other columns.")
    fields = [by_column[column] for column in columns]
    number = 0
    for rows in _batches(reader):
        made = []
        for row in rows:
            values = {
                field.attname: _value(field, value)
                for field, value in zip(fields, json.loads(row), strict=True)
            }
            made.append(model(**values))
        most = max(1, min(_ROWS_AT_ONCE, connection.ops.bulk_batch_size(fields, made)))
        for start in range(0, len(made), most):
            query = InsertQuery(model)
            # raw: dates that are set by themselves keep the value that was written
            query.insert_values(fields, made[start : start + most], raw=True)
            query.get_compiler(connection=connection).execute_sql()
        number += len(made)
    return number


def _value(field: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(field, models.BinaryField):
        return base64.b64decode(value)
    return field.to_python(value)


def _batches(reader: Iterator[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for line in reader:
        batch.append(line)
        if len(batch) == _ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
