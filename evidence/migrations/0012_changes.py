"""The change feed: what is written of each change, and by which triggers (docs/decisions/0032-change-feed.md)."""

from importlib import import_module

import django.db.models.deletion
import evidence.models.changes
import uuid
from django.conf import settings
from django.db import migrations, models


run = import_module("evidence.migrations.0009_search").run


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0011_imports_in_bulk'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RecordChange',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('xid', evidence.models.changes.TransactionId()),
                ('cluster', models.BigIntegerField()),
                ('kind', models.CharField(max_length=10)),
                ('record', models.UUIDField()),
                ('nature', models.CharField(choices=[('c', 'Created'), ('m', 'Moved'), ('t', 'Touched')], max_length=1)),
                ('was_collection', models.UUIDField(null=True)),
                ('was_inherits', models.BooleanField(null=True)),
                ('was_level', models.PositiveSmallIntegerField(null=True)),
            ],
            options={
                'db_table': 'record_change',
                'indexes': [models.Index(fields=['xid'], name='recordchange_xid'), models.Index(fields=['kind', 'record', 'id'], name='recordchange_record')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['incident', 'item', 'person', 'source'])), name='recordchange_kind'), models.CheckConstraint(condition=models.Q(('nature__in', ['c', 'm', 't'])), name='recordchange_nature')],
            },
        ),
        migrations.CreateModel(
            name='KeptSight',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('digest', models.BinaryField(max_length=32)),
                ('content', models.JSONField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'digest'), name='keptsight_once')],
            },
        ),
        run("0005_changes.sql"),
    ]
