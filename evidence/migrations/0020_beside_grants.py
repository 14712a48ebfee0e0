"""What the gate asks of a record, beside each single grant of it (docs/decisions/0039-beside-grants.md)."""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

run = import_module("evidence.migrations.0009_search").run
GRANTS = [f"{kind}{holders}permission" for kind in ("incident", "item", "person", "source", "situation")
          for holders in ("user", "group")]  # fmt: skip


def columns(**empty) -> dict:
    return {
        "collection": models.ForeignKey(
            db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT,
            related_name="+", to="evidence.collection", **empty,
        ),
        "inherits_access": models.BooleanField(editable=False, **empty),
        "effective_level": models.PositiveSmallIntegerField(editable=False, **empty),
    }  # fmt: skip


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0019_free_codes'),
    ]

    operations = [
        *(migrations.AddField(grant, name, field) for grant in GRANTS for name, field in columns(null=True).items()),
        # Filled, and from then on never empty: in the database at once, here for what Django knows of it.
        run("0012_beside_grants.sql"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(grant, name, field) for grant in GRANTS for name, field in columns().items()
            ],
        ),
    ]
