"""Many entries in one statement, at less cost for each (docs/decisions/0033-imports-in-bulk.md)."""

from importlib import import_module

from django.db import migrations

run = import_module("custody.migrations.0001_ledger").run


class Migration(migrations.Migration):
    dependencies = [("custody", "0004_derived")]
    operations = [run("0012_many.sql"), run("0013_seeds.sql")]
