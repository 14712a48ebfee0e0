"""What imports of hundreds of rows at once need (docs/decisions/0033-imports-in-bulk.md)."""

from importlib import import_module

import django.contrib.postgres.indexes
from django.db import migrations

run = import_module("evidence.migrations.0009_search").run


class Migration(migrations.Migration):
    dependencies = [("evidence", "0010_saved_searches"), ("custody", "0005_many")]
    operations = [
        migrations.AddIndex(
            model_name="source",
            index=django.contrib.postgres.indexes.HashIndex(fields=["title"], name="source_title"),
        ),
        run("0004_arriving.sql"),
    ]
