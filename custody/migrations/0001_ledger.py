"""Roles, the ledger's tables, the refusals and the one producer of entries. The SQL is in custody/sql, to be read."""

from pathlib import Path

from django.conf import settings
from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def run(name):
    def forwards(apps, schema_editor):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute((SQL / name).read_text())

    return migrations.RunPython(forwards, migrations.RunPython.noop, elidable=False)


def origin(apps, schema_editor):
    # A constant function, not a setting: any session can SET a setting, nobody but the owner can replace this.
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION custody.origin() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS "
            f"$f$ SELECT pg_catalog.convert_from('\\x{settings.LEDGER_ORIGIN.encode().hex()}'::bytea, 'UTF8') $f$"
        )


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        run("0001_roles.sql"),
        run("0002_tables.sql"),
        run("0003_refusals.sql"),
        migrations.RunPython(origin, migrations.RunPython.noop),
        run("0004_append.sql"),
        run("0005_privileges.sql"),
    ]
