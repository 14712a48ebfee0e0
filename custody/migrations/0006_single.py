"""The entry of a row that is inserted by itself, at less cost (custody/sql/0014_single.sql)."""

from importlib import import_module

from django.db import migrations

run = import_module("custody.migrations.0001_ledger").run


class Migration(migrations.Migration):
    dependencies = [("custody", "0005_many")]
    operations = [run("0014_single.sql")]
