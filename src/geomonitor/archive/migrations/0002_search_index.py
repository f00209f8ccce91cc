"""The search index: what is known of each paper, its stems, and a full-text index over them."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from geomonitor.archive.search_databases import backend_of


def _make(apps: Any, schema_editor: Any) -> None:
    backend_of(schema_editor.connection).make(schema_editor.connection)


def _drop(apps: Any, schema_editor: Any) -> None:
    backend_of(schema_editor.connection).drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchGroup",
            fields=[
                ("group", models.BigIntegerField(primary_key=True, serialize=False)),
                ("dossier", models.CharField(blank=True, max_length=40)),
                ("kind", models.CharField(blank=True, max_length=120)),
                ("family", models.CharField(max_length=10)),
            ],
        ),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("search_row", models.BigIntegerField(primary_key=True, serialize=False)),
                ("paper_id", models.BigIntegerField(unique=True)),
                ("group", models.BigIntegerField()),
                ("words", models.PositiveIntegerField()),
                ("cut", models.BooleanField(default=False)),
                ("rules", models.PositiveSmallIntegerField()),
                ("content", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="SearchStems",
            fields=[
                ("search_row", models.BigIntegerField(primary_key=True, serialize=False)),
                ("title", models.TextField(blank=True)),
                ("body", models.TextField(blank=True)),
                ("marks", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="StemCount",
            fields=[
                ("stem", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("papers", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="StemOfWord",
            fields=[
                ("word", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("stem", models.CharField(max_length=200)),
            ],
        ),
        migrations.RunPython(_make, _drop),
    ]
