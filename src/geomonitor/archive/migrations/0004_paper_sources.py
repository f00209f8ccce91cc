"""What other sources gave a paper, what its source itself calls it, and what parliament said of a commitment."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("archive", "0003_execution_links")]

    operations = [
        migrations.AddField(
            "paper", "source_id", models.CharField(blank=True, db_index=True, default="", max_length=40)
        ),
        migrations.AddField(
            "dossier", "source_id", models.CharField(blank=True, db_index=True, default="", max_length=40)
        ),
        migrations.AddField("paper", "other_sources", models.JSONField(default=dict)),
        migrations.AddField("paper", "other_dossiers", models.JSONField(default=list)),
        migrations.AddField(
            "commitment", "fingerprint", models.CharField(blank=True, default="", max_length=64)
        ),
        migrations.AddField(
            "commitment", "source_id", models.CharField(blank=True, db_index=True, default="", max_length=40)
        ),
    ]
