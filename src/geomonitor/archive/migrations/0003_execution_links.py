"""Links from references to motions, and dossiers known by their titles."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0002_search_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="reference",
            name="said",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AddField(
            model_name="commitment",
            name="source_met_by",
            field=models.CharField(blank=True, default="", max_length=80),
        ),
        migrations.AddField(
            model_name="paper",
            name="dossier_known_by",
            field=models.CharField(blank=True, default="", max_length=10),
        ),
        migrations.CreateModel(
            name="DossierTitle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=400, unique=True)),
                ("dossier", models.CharField(db_index=True, max_length=40)),
                ("rule", models.CharField(max_length=40)),
                ("support", models.PositiveIntegerField(default=0)),
                ("against", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name="motion",
            name="paper_known_by",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.AddField(
            model_name="reference",
            name="link_confidence",
            field=models.FloatField(default=0.0),
        ),
        migrations.AddField(
            model_name="reference",
            name="link_rule",
            field=models.CharField(blank=True, default="", max_length=60),
        ),
        migrations.AddField(
            model_name="reference",
            name="motion",
            field=models.CharField(blank=True, db_index=True, default="", max_length=80),
        ),
    ]
