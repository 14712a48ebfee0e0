"""Less done by the triggers of new records; a code that is taken is drawn again (evidence/sql/0012_free_codes.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def change_triggers(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for name in ("0011_lighter.sql", "0012_free_codes.sql"):
            cursor.execute((SQL / name).read_text())


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0018_orders'),
    ]

    operations = [
        migrations.RunPython(change_triggers, migrations.RunPython.noop, elidable=False),
    ]
