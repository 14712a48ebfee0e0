"""Shapes of persons and sources, as serializers has those of incidents and evidence."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from evidence.api.parts import LABEL, Shape, gathered
from evidence.api.serializers import RecordShape
from evidence.models import Grading
from evidence.models.person import SCRIPTS
from evidence.open_names import names_of


class OpenNameShape(serializers.Serializer):
    """A name as it was recorded."""

    script = serializers.ChoiceField(choices=SCRIPTS)
    kind = serializers.CharField()
    value = serializers.CharField()


class PersonShape(RecordShape):
    """A person by pseudonym: names and identity of a protected one are opened apart, for a reason."""

    route = "person"
    names = serializers.SerializerMethodField(help_text="Of a person who is not protected; else empty.")
    is_protected = serializers.BooleanField()
    risk = serializers.SerializerMethodField()
    sex = serializers.CharField()
    note = serializers.CharField()

    @extend_schema_field(OpenNameShape(many=True))
    def get_names(self, row):
        return self.of_all_shown("named", row, self._names)

    def _names(self, rows: list) -> dict:
        return {row.pk: [] for row in rows} | names_of(rows, self.seen)

    @extend_schema_field(LABEL)
    def get_risk(self, row):
        return self.labels("risk_level", row.risk)


class GradingShape(Shape):
    id = serializers.UUIDField()
    source = serializers.UUIDField(source="source_id")
    item = serializers.UUIDField(source="item_id", allow_null=True)
    reliability = serializers.CharField()
    credibility = serializers.CharField()
    reason = serializers.CharField()
    created_by = serializers.UUIDField(source="created_by_id")
    created_at = serializers.DateTimeField()


class SourceShape(RecordShape):
    route = "source"
    title = serializers.CharField()
    kind = serializers.SerializerMethodField()
    description = serializers.CharField()
    proximity = serializers.CharField()
    gradings = serializers.SerializerMethodField()

    @extend_schema_field(LABEL)
    def get_kind(self, row):
        return self.labels("source_type", row.kind)

    @extend_schema_field(GradingShape(many=True))
    def get_gradings(self, row):
        graded = self.of_all_shown("graded", row, self._gradings)
        return GradingShape(graded, many=True, context=self.context).data

    def _gradings(self, rows: list) -> dict:
        ids = {row.pk for row in rows}
        graded = gathered(Grading.objects.filter(source__in=ids).permitted(self.seen), "source_id")
        return {pk: graded[pk] for pk in ids}
