"""A reference code that is taken is drawn again (docs/decisions/0038-free-codes.md)."""

from importlib import import_module

from django.db import migrations

run = import_module("evidence.migrations.0009_search").run


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0018_orders'),
    ]

    operations = [
        run("0011_free_codes.sql"),
    ]
