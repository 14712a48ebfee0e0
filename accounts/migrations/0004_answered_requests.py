import uuid

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_cache_entry'),
    ]

    operations = [
        migrations.CreateModel(
            name='AnsweredRequest',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=64, unique=True)),
                ('body', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField()),
                ('shape', models.CharField(blank=True, max_length=120)),
                ('model', models.CharField(blank=True, max_length=60)),
                ('record', models.CharField(blank=True, max_length=40)),
                ('until', models.DateTimeField(db_index=True)),
            ],
            options={
                'db_table': 'answered_request',
            },
        ),
    ]
