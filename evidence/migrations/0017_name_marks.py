"""What names of persons who are not protected are found by (docs/decisions/0036-finding-names.md)."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0016_classified'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='personname',
            name='marks',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), editable=False, null=True, size=None),
        ),
        migrations.AddIndex(
            model_name='personname',
            index=django.contrib.postgres.indexes.GinIndex(fields=['marks'], name='personname_marks'),
        ),
    ]
