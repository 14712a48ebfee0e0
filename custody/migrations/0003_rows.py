"""Row entries on every watched table, reconciliation, redaction by two people, the queue of verifications."""

from importlib import import_module

from django.db import migrations

run = import_module("custody.migrations.0001_ledger").run


class Migration(migrations.Migration):
    dependencies = [("custody", "0002_read_models")]
    operations = [
        run("0006_writing.sql"),
        run("0007_rows.sql"),
        run("0008_reconciliation.sql"),
        run("0009_redaction.sql"),
        run("0010_state.sql"),
    ]
