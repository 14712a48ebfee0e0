"""Narrow indexes of the orders of a list (docs/decisions/0018-filtered-pages.md)."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


def make_indexes(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute((SQL / "0010_orders.sql").read_text())


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
        migrations.RunPython(make_indexes, migrations.RunPython.noop, elidable=False),
    ]
