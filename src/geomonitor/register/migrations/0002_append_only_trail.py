"""Triggers that keep the audit trail append-only."""

from typing import Any

from django.db import migrations

from geomonitor.register.trail_guard import allow_changes, refuse_changes


def _refuse(apps: Any, schema_editor: Any) -> None:
    refuse_changes(schema_editor.connection)


def _allow(apps: Any, schema_editor: Any) -> None:
    allow_changes(schema_editor.connection)


class Migration(migrations.Migration):
    """A rule of the database, not of the tables' columns."""

    dependencies = [
        ("register", "0001_initial"),
        ("auditlog", "0017_add_actor_email"),
    ]

    operations = [migrations.RunPython(_refuse, _allow)]
