"""An index on dossier and number: which matters claim to be a motion is asked for each that is loaded."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """An index on dossier and number."""

    dependencies = [("archive", "0004_paper_sources")]

    operations = [
        migrations.AddIndex(
            model_name="paper",
            index=models.Index(fields=["dossier", "number"], name="archive_paper_numbered"),
        ),
    ]
