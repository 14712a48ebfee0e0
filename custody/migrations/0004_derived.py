"""Columns derived from others are left out of the digests of rows, without every row being digested anew."""

from importlib import import_module

from django.db import migrations

run = import_module("custody.migrations.0001_ledger").run


class Migration(migrations.Migration):
    dependencies = [("custody", "0003_rows")]
    operations = [run("0011_derived.sql")]
