"""A reference code that is taken is drawn again (docs/decisions/0038-free-codes.md)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def look_for_free_codes(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute((SQL / "0011_free_codes.sql").read_text())


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0018_orders'),
    ]

    operations = [
        migrations.RunPython(look_for_free_codes, migrations.RunPython.noop, elidable=False),
    ]
