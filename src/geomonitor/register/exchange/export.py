"""Everything of the register that a user may see, as plain tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection, models, transaction

from geomonitor.register.access import require, visible_cases
from geomonitor.register.exchange.tables import Table, tables
from geomonitor.register.exchange.values import plain
from geomonitor.register.models import User

__all__ = ["PlainRow", "PlainTables", "collect", "plain_rows"]

PlainRow = dict[str, Any]
PlainTables = dict[str, list[PlainRow]]


def collect(user: User) -> PlainTables:
    """Give all that a user may see, by table; what was withdrawn is there too.

    Parameters
    ----------
    user : User

    Returns
    -------
    dict of str to list of dict
        A row a record, in the order in which they were made. Users stand in it by name, and only those that
        a record names; there is no password and no address of mail in it.

    Raises
    ------
    NotAllowedError
    """
    require(user, "export")
    with _one_view():
        cases = visible_cases(user)
        found: PlainTables = {}
        for table in tables():
            if table.model is not User:
                found[table.name] = plain_rows(table, _records(table, cases))
        found["people"] = _people(found)
    return {table.name: found[table.name] for table in tables()}


@contextmanager
def _one_view() -> Iterator[None]:
    """Read all tables as they were at one moment, whoever writes meanwhile."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def plain_rows(table: Table, records: models.QuerySet[Any]) -> list[PlainRow]:
    """Give records as plain rows.

    Parameters
    ----------
    table : Table
    records : QuerySet
        Of the table's model.
    """
    users = [each.name for each in table.columns if each.kind == "user"]
    relations = [each.name for each in table.columns if each.kind == "references"]
    return [_plain_row(table, each) for each in records.select_related(*users).prefetch_related(*relations)]


def _plain_row(table: Table, record: Any) -> PlainRow:
    row: PlainRow = {}
    for column in table.columns:
        if column.kind == "user":
            who = getattr(record, column.name)
            value = who.username if who is not None else None
        elif column.kind == "reference":
            value = getattr(record, f"{column.name}_id")
        elif column.kind == "references":
            value = [each.pk for each in getattr(record, column.name).all()]
        else:
            value = getattr(record, column.name)
        row[column.name] = plain(value, column.kind)
    return row


def _records(table: Table, cases: models.QuerySet[Any]) -> models.QuerySet[Any]:
    records = table.model._default_manager.all()
    if table.name == "cases":
        records = records.filter(pk__in=cases.values("pk"))
    elif any(each.name == "case" for each in table.columns):
        records = records.filter(case__in=cases.values("pk"))
    # the moment alone does not settle the order
    moment = {"case_access": "since", "step_events": "at"}.get(table.name, "created_at")
    return records.order_by(moment, "pk")


def _people(found: Mapping[str, Iterable[PlainRow]]) -> list[PlainRow]:
    named: set[str] = set()
    for table in tables():
        columns = [each.name for each in table.columns if each.kind == "user"]
        for row in found.get(table.name, ()):
            named.update(row[name] for name in columns if row[name] is not None)
    people = User.objects.filter(username__in=named).order_by("username")
    return [dict(each) for each in people.values("username", "first_name", "last_name")]
