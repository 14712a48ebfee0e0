"""Counts of whole lists, kept by triggers (docs/decisions/0035-tallies.md)."""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

run = import_module("evidence.migrations.0009_search").run


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0012_changes'),
    ]

    operations = [
        migrations.CreateModel(
            name='IncidentTally',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('inherits_access', models.BooleanField()),
                ('effective_level', models.PositiveSmallIntegerField()),
                ('facet', models.CharField(choices=[('s', 'Status'), ('p', 'Place'), ('y', 'Year'), ('c', 'Crime')], max_length=1)),
                ('code', models.CharField(max_length=80)),
                ('n', models.BigIntegerField()),
                ('collection', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.collection')),
            ],
            options={
                'db_table': 'incident_tally',
                'indexes': [models.Index(fields=['collection', 'inherits_access', 'effective_level'], include=('facet', 'code', 'n'), name='incident_tally_gate')],
            },
        ),
        run("0006_tallies.sql"),
    ]
