"""A narrow index of what a person sees (docs/decisions/0018-filtered-pages.md); that of facets holds what they count."""

from importlib import import_module

from django.conf import settings
from django.db import migrations, models

run = import_module("evidence.migrations.0009_search").run


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0013_tallies'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='incident',
            name='inc_facets',
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(fields=['collection', 'inherits_access', 'effective_level'], include=('date_sort', 'place', 'review_status', 'verification_status', 'date_earliest', 'date_latest', 'date_is_certain', 'crime_codes', 'place_path'), name='inc_facets'),
        ),
        run("0007_seen.sql"),
    ]
