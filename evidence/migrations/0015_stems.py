"""Words alike by their stem are found by stemming these words alone."""

from importlib import import_module

from django.db import migrations

run = import_module("evidence.migrations.0009_search").run


class Migration(migrations.Migration):
    dependencies = [("evidence", "0014_seen")]
    operations = [run("0008_stems.sql")]
