"""Full text: the functions, the columns and indexes (evidence/sql; docs/decisions/0030-text-in-postgresql.md)."""

from pathlib import Path

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def run(name):
    def forwards(apps, schema_editor):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute((SQL / name).read_text())

    return migrations.RunPython(forwards, migrations.RunPython.noop, elidable=False)


class Migration(migrations.Migration):
    dependencies = [("evidence", "0008_intake_for_incidents"), ("custody", "0004_derived")]
    operations = [
        TrigramExtension(),
        run("0001_search.sql"),
        run("0002_searched.sql"),
        run("0003_letters.sql"),
        migrations.RunSQL("SELECT public.search_add('evidence_filetext', 'text')", migrations.RunSQL.noop),
    ]
