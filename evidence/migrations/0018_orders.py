"""Narrow indexes of the orders of a list (docs/decisions/0018-filtered-pages.md)."""

from importlib import import_module

from django.db import migrations, models

run = import_module("evidence.migrations.0009_search").run


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0017_name_marks'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='incident',
            name='inc_date',
        ),
        migrations.RemoveIndex(
            model_name='incident',
            name='inc_updated',
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint(
                    model_name='incident',
                    name='inc_code',
                ),
                migrations.AddConstraint(
                    model_name='incident',
                    constraint=models.UniqueConstraint(fields=('code',), name='inc_code'),
                ),
            ],
        ),
        run("0010_orders.sql"),
    ]
