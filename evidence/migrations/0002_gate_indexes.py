"""Indexes by which a list, a count and a facet cost the same whoever asks (docs/decisions/0014-counting-in-parts.md).

The indexes of the lists carry what the gate and the usual filters read, so that rows that are not shown are not fetched.
"""

from django.conf import settings
from django.db import migrations, models


# Index-only scans need a table that is vacuumed, and good plans one that is analysed, soon after a large import too:
# the defaults wait for a fifth and a tenth of the table to change.
OFTEN = """ALTER TABLE {} SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.01
)"""
AS_USUAL = """ALTER TABLE {} RESET (
  autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor
)"""
TABLES = ("evidence_incident", "evidence_item", "evidence_person", "evidence_source")


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            name='inc_collection_date',
        ),
        migrations.RemoveIndex(
            model_name='item',
            name='item_updated',
        ),
        migrations.RemoveIndex(
            model_name='person',
            name='person_updated',
        ),
        migrations.RemoveIndex(
            model_name='source',
            name='source_updated',
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(models.OrderBy(models.F('date_sort'), descending=True), models.OrderBy(models.F('id'), descending=True), include=('collection', 'inherits_access', 'effective_level', 'review_status', 'crime_codes', 'place_path'), name='inc_date'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(models.OrderBy(models.F('updated_at'), descending=True), models.OrderBy(models.F('id'), descending=True), include=('collection', 'inherits_access', 'effective_level', 'review_status', 'crime_codes', 'place_path'), name='inc_updated'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(fields=['collection', 'inherits_access', 'effective_level'], include=('id', 'updated_at', 'date_sort', 'place', 'review_status', 'crime_codes', 'place_path'), name='inc_facets'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(models.OrderBy(models.F('updated_at'), descending=True), models.OrderBy(models.F('id'), descending=True), include=('collection', 'inherits_access', 'effective_level', 'kind'), name='item_updated'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(models.OrderBy(models.F('updated_at'), descending=True), models.OrderBy(models.F('id'), descending=True), include=('collection', 'inherits_access', 'effective_level', 'risk'), name='person_updated'),
        ),
        migrations.AddIndex(
            model_name='source',
            index=models.Index(models.OrderBy(models.F('updated_at'), descending=True), models.OrderBy(models.F('id'), descending=True), include=('collection', 'inherits_access', 'effective_level', 'kind'), name='source_updated'),
        ),
        *(migrations.RunSQL(OFTEN.format(table), AS_USUAL.format(table)) for table in TABLES),
    ]
