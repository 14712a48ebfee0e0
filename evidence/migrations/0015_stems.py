"""Words alike by their stem are found by stemming these words alone."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def make_function(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute((SQL / "0008_stems.sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("evidence", "0014_seen")]
    operations = [migrations.RunPython(make_function, migrations.RunPython.noop, elidable=False)]
