"""What makes filtered pages cheap for whoever sees a part only (docs/decisions/0018-filtered-pages.md)."""

import evidence.models.codes
from django.conf import settings
from django.db import migrations, models

# A bit for each code, as evidence.models.incident.filter_bits. The codes are those of the reference data, plain ASCII.
BITS = """CREATE FUNCTION evidence_filter_bits(varchar[], varchar[]) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
  SELECT coalesce(bit_or(1::bigint << (
    ('x' || left(encode(sha256(code::text::bytea), 'hex'), 8))::bit(32)::bigint % 63
  )::int), 0)
  FROM unnest($1 || $2) AS code
)"""


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0004_processing_and_uploads'),
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
            name='inc_facets',
        ),
        migrations.RunSQL(BITS, "DROP FUNCTION evidence_filter_bits"),
        migrations.AlterField(
            model_name='incident',
            name='code',
            field=evidence.models.codes.CodeField(editable=False, max_length=16, prefix='INC', unique=False),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(models.OrderBy(models.F('date_sort'), descending=True), models.OrderBy(models.F('id'), descending=True), include=('collection', 'inherits_access', 'effective_level', 'review_status', 'verification_status', 'date_earliest', 'date_latest', 'date_is_certain', 'crime_codes', 'place_path'), name='inc_date'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(models.OrderBy(models.F('updated_at'), descending=True), models.OrderBy(models.F('id'), descending=True), include=('collection', 'inherits_access', 'effective_level', 'date_sort', 'review_status', 'verification_status', 'date_earliest', 'date_latest', 'date_is_certain', 'crime_codes', 'place_path'), name='inc_updated'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(models.F('collection'), models.F('inherits_access'), models.F('effective_level'), models.F('review_status'), models.Func('crime_codes', 'place_path', function='evidence_filter_bits'), include=('id', 'updated_at', 'date_sort', 'code', 'place', 'verification_status', 'date_earliest', 'date_latest', 'date_is_certain', 'crime_codes', 'place_path'), name='inc_facets'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.UniqueConstraint(fields=('code',), include=('id', 'collection', 'inherits_access', 'effective_level', 'date_sort', 'review_status', 'verification_status', 'date_earliest', 'date_latest', 'date_is_certain', 'crime_codes', 'place_path'), name='inc_code'),
        ),
    ]
