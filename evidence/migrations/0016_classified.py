"""What the classifications of an incident have come to, beside it (docs/decisions/0018-filtered-pages.md)."""

from importlib import import_module

from django.conf import settings
from django.db import migrations, models

run = import_module("evidence.migrations.0009_search").run


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0015_stems'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='incident',
            name='inc_code',
        ),
        migrations.RemoveIndex(
            model_name='incident',
            name='inc_date',
        ),
        migrations.RemoveIndex(
            model_name='incident',
            name='inc_updated',
        ),
        migrations.RemoveIndex(
            model_name='incident',
            name='inc_facets',
        ),
        migrations.AddField(
            model_name='incident',
            name='classified_as',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        run("0009_classified.sql"),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(models.OrderBy(models.F('date_sort'), descending=True), models.OrderBy(models.F('id'), descending=True), include=('collection', 'inherits_access', 'effective_level', 'review_status', 'verification_status', 'date_earliest', 'date_latest', 'date_is_certain', 'classified_as', 'crime_codes', 'place_path'), name='inc_date'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(models.OrderBy(models.F('updated_at'), descending=True), models.OrderBy(models.F('id'), descending=True), include=('collection', 'inherits_access', 'effective_level', 'date_sort', 'review_status', 'verification_status', 'date_earliest', 'date_latest', 'date_is_certain', 'classified_as', 'crime_codes', 'place_path'), name='inc_updated'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(fields=['collection', 'inherits_access', 'effective_level'], include=('date_sort', 'place', 'review_status', 'verification_status', 'date_earliest', 'date_latest', 'date_is_certain', 'classified_as', 'crime_codes', 'place_path'), name='inc_facets'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.UniqueConstraint(fields=('code',), include=('id', 'collection', 'inherits_access', 'effective_level', 'date_sort', 'review_status', 'verification_status', 'date_earliest', 'date_latest', 'date_is_certain', 'classified_as', 'crime_codes', 'place_path'), name='inc_code'),
        ),
    ]
