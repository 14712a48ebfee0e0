"""Shapes of what the API answers. No rule beyond shape; nested rows come from their own `.permitted(` querysets."""

from functools import cached_property

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from evidence.api.parts import (
    DATE,
    LABEL,
    LABEL_OR_NULL,
    NOBODY,
    REFERENCE,
    Shape,
    address,
    dated,
    gathered,
    reference,
)
from evidence.models import Act, Classification, Collection, Documentation, File, Involvement, Link


class CollectionShape(Shape):
    id = serializers.UUIDField()
    code = serializers.CharField()
    url = serializers.SerializerMethodField()
    name = serializers.SerializerMethodField()
    description = serializers.CharField()
    preset_level = serializers.IntegerField(allow_null=True)

    def get_url(self, row) -> str:
        return reverse("api:collection-detail", args=[row.pk])

    @extend_schema_field(LABEL["properties"]["label"])
    def get_name(self, row):
        return {"en": row.name_en, "ko": row.name_ko}


class RecordShape(Shape):
    """What every secured record says of itself."""

    route = ""
    id = serializers.UUIDField()
    code = serializers.CharField()
    url = serializers.SerializerMethodField()
    collection = serializers.SerializerMethodField()
    confidentiality = serializers.SerializerMethodField()
    effective_level = serializers.SerializerMethodField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    @cached_property
    def _address(self) -> str:
        return address(self.route, NOBODY)

    @cached_property
    def _homes(self) -> dict:
        return self.context.setdefault("homes", {})

    def get_url(self, row) -> str:
        return self._address.replace(NOBODY, str(row.pk))

    def shown_with(self, row) -> list:
        """The rows that are shown together with this one, which is the first of them."""
        return [row, *(getattr(self.parent, "instance", None) or ())]

    def of_all_shown(self, name: str, row, read):
        """What `read` says of this row: it is given all rows that are shown, once."""
        known = self.context.setdefault(name, {})
        if row.pk not in known:
            known |= read(self.shown_with(row))
        return known[row.pk]

    @extend_schema_field({"type": "string", "format": "uuid", "nullable": True})
    def get_collection(self, row):
        """The home of the record; null for whoever was given the record alone."""
        homes = self._homes
        if row.collection_id not in homes:
            # Those of all records that are shown, asked for once.
            shown = {one.collection_id for one in self.shown_with(row)}
            seen = set(Collection.objects.filter(pk__in=shown).permitted(self.seen).values_list("pk", flat=True))
            homes.update({pk: str(pk) if pk in seen else None for pk in shown})
        return homes[row.collection_id]

    @extend_schema_field(LABEL)
    def get_confidentiality(self, row):
        return self.labels.level(row.confidentiality)

    @extend_schema_field(LABEL)
    def get_effective_level(self, row):
        return self.labels.level(row.effective_level)


class ClassificationShape(Shape):
    id = serializers.UUIDField()
    crime = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    standard = serializers.SerializerMethodField()
    rationale = serializers.CharField()
    assessed_by = serializers.UUIDField(source="assessed_by_id")
    assessed_at = serializers.DateTimeField()
    version = serializers.IntegerField()
    notice = serializers.SerializerMethodField()

    @extend_schema_field(LABEL)
    def get_crime(self, row):
        return {"code": row.crime_id, "label": {"en": row.crime.label_en, "ko": row.crime.label_ko}}

    @extend_schema_field(LABEL)
    def get_status(self, row):
        return self.labels("classification_status", row.status)

    @extend_schema_field(LABEL)
    def get_standard(self, row):
        return self.labels("standard_of_proof", row.standard)

    def get_notice(self, row) -> str:
        return "An analytical allegation, not a finding of guilt."


class InvolvementShape(Shape):
    id = serializers.UUIDField()
    role = serializers.SerializerMethodField()
    person = serializers.SerializerMethodField()
    organisation = serializers.SerializerMethodField()
    count_min = serializers.IntegerField(allow_null=True)
    count_max = serializers.IntegerField(allow_null=True)
    description = serializers.CharField()
    characteristics = serializers.ListField(child=serializers.CharField())
    sex = serializers.CharField()

    @extend_schema_field(LABEL)
    def get_role(self, row):
        return self.labels("person_role", row.role)

    @extend_schema_field(REFERENCE)
    def get_person(self, row):
        return reference(row.person, "person")

    @extend_schema_field(REFERENCE)
    def get_organisation(self, row):
        return reference(row.organisation, "organisation")


class ActShape(Shape):
    id = serializers.UUIDField()
    title_en = serializers.CharField()
    title_ko = serializers.CharField()
    date = serializers.SerializerMethodField()
    classifications = serializers.SerializerMethodField()
    involvements = serializers.SerializerMethodField()

    @extend_schema_field(DATE)
    def get_date(self, row):
        return dated(row)

    @extend_schema_field(ClassificationShape(many=True))
    def get_classifications(self, row):
        return ClassificationShape(self.context["classifications"][row.pk], many=True, context=self.context).data

    @extend_schema_field(InvolvementShape(many=True))
    def get_involvements(self, row):
        return InvolvementShape(self.context["involvements"][row.pk], many=True, context=self.context).data


class IncidentRow(RecordShape):
    """An incident in a list."""

    route = "incident"
    title_en = serializers.CharField()
    title_ko = serializers.CharField()
    date = serializers.SerializerMethodField()
    place = serializers.SerializerMethodField()
    place_precision = serializers.CharField()
    place_detail = serializers.CharField()
    latitude = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)
    review_status = serializers.SerializerMethodField()
    verification_status = serializers.SerializerMethodField()
    crimes = serializers.ListField(child=serializers.CharField(), source="crime_codes")
    tags = serializers.ListField(child=serializers.CharField())

    @extend_schema_field(DATE)
    def get_date(self, row):
        return dated(row)

    @extend_schema_field(LABEL_OR_NULL)
    def get_place(self, row):
        if row.place is None:
            return None
        return {"code": row.place_id, "label": {"en": row.place.name_en, "ko": row.place.name_ko}}

    @extend_schema_field(LABEL)
    def get_review_status(self, row):
        return self.labels("incident_status", row.review_status)

    @extend_schema_field(LABEL)
    def get_verification_status(self, row):
        return self.labels("verification_status", row.verification_status)


class LinkShape(Shape):
    id = serializers.UUIDField()
    item = serializers.SerializerMethodField()
    incident = serializers.UUIDField(source="incident_id", allow_null=True)
    act = serializers.UUIDField(source="act_id", allow_null=True)
    person = serializers.UUIDField(source="person_id", allow_null=True)
    locator = serializers.CharField()
    function = serializers.SerializerMethodField()
    stance = serializers.SerializerMethodField()

    @extend_schema_field(REFERENCE)
    def get_item(self, row):
        return reference(row.item, "item")

    @extend_schema_field(LABEL)
    def get_function(self, row):
        return self.labels("evidence_function", row.function)

    @extend_schema_field(LABEL)
    def get_stance(self, row):
        return self.labels("evidence_stance", row.stance)


class DocumentationShape(Shape):
    source = serializers.SerializerMethodField()
    documented = serializers.CharField()

    @extend_schema_field(REFERENCE)
    def get_source(self, row):
        return reference(row.source, "source")


class IncidentShape(IncidentRow):
    """An incident as a whole."""

    narrative_en = serializers.CharField()
    narrative_ko = serializers.CharField()
    date_note = serializers.CharField()
    acts = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()
    documentation = serializers.SerializerMethodField()

    @extend_schema_field(ActShape(many=True))
    def get_acts(self, row):
        """Its acts with what belongs to them: as many queries for ten acts as for one."""
        rows = Act.objects.filter(incident=row, ended_at=None).permitted(self.seen, within=row)
        alleged = (
            Classification.objects.filter(act__incident=row).permitted(self.seen, within=row).select_related("crime")
        )
        involved = Involvement.objects.filter(act__incident=row, ended_at=None).permitted(self.seen, within=row)
        context = self.context | {
            "classifications": gathered(alleged, "act_id"),
            "involvements": gathered(involved.select_related("person", "organisation"), "act_id"),
        }
        return ActShape(rows, many=True, context=context).data

    @extend_schema_field(LinkShape(many=True))
    def get_links(self, row):
        rows = Link.objects.filter(incident=row, ended_at=None).permitted(self.seen, within=row).select_related("item")
        return LinkShape(rows, many=True, context=self.context).data

    @extend_schema_field(DocumentationShape(many=True))
    def get_documentation(self, row):
        rows = Documentation.objects.filter(incident=row).permitted(self.seen, within=row).select_related("source")
        return DocumentationShape(rows, many=True, context=self.context).data


class FileShape(Shape):
    id = serializers.UUIDField()
    item = serializers.UUIDField(source="item_id")
    role = serializers.CharField()
    name = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField(source="blob.size")
    sha256 = serializers.CharField(source="blob.digest")
    scan = serializers.CharField(help_text="pending, clean, infected or unscanned")
    content_url = serializers.SerializerMethodField(help_text="The bytes; it needs an opening.")
    openings_url = serializers.SerializerMethodField(help_text="Say here what you open it for, and get a link.")
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    destroyed_at = serializers.DateTimeField(allow_null=True)
    is_altered = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    format = serializers.CharField()
    flags = serializers.ListField(child=serializers.CharField())

    def get_content_url(self, row) -> str:
        return reverse("api:file-content", args=[row.pk])

    def get_openings_url(self, row) -> str:
        return reverse("api:file-openings", args=[row.pk])

    def get_is_altered(self, row) -> bool:
        return row.blob.altered_at is not None


class ItemRow(RecordShape):
    route = "item"
    kind = serializers.SerializerMethodField()
    title_en = serializers.CharField()
    title_ko = serializers.CharField()
    language = serializers.CharField()
    date = serializers.SerializerMethodField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(LABEL)
    def get_kind(self, row):
        return self.labels("evidence_item_type", row.kind)

    @extend_schema_field(DATE)
    def get_date(self, row):
        return dated(row)


class ItemShape(ItemRow):
    description = serializers.CharField()
    obtained_how = serializers.CharField()
    obtained_on = serializers.CharField()
    obtained_where = serializers.CharField()
    obtained_by = serializers.CharField()
    conditions = serializers.CharField()
    has_original = serializers.BooleanField(allow_null=True)
    original_location = serializers.CharField()
    content_warnings = serializers.ListField(child=serializers.CharField())
    sealed_at = serializers.DateTimeField(allow_null=True)
    frozen_at = serializers.DateTimeField(allow_null=True)
    destroyed_at = serializers.DateTimeField(allow_null=True)
    retain_until = serializers.CharField()
    source = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()

    @extend_schema_field(REFERENCE)
    def get_source(self, row):
        from evidence.models import Source

        source = Source.objects.filter(pk=row.source_id).permitted(self.seen).first() if row.source_id else None
        return reference(source, "source")

    @extend_schema_field(FileShape(many=True))
    def get_files(self, row):
        rows = File.objects.filter(item=row, withdrawn_at=None).permitted(self.seen, within=row).select_related("blob")
        return FileShape(rows, many=True, context=self.context).data

    @extend_schema_field(LinkShape(many=True))
    def get_links(self, row):
        rows = Link.objects.filter(item=row, ended_at=None).permitted(self.seen, within=row).select_related("item")
        return LinkShape(rows, many=True, context=self.context).data


class EventShape(Shape):
    entry_id = serializers.UUIDField()
    at = serializers.DateTimeField()
    act = serializers.CharField()
    actor = serializers.DictField()
    data = serializers.DictField()
    change = serializers.DictField()
    note = serializers.CharField()
    index = serializers.IntegerField(allow_null=True, help_text="Position in the log, null until sequenced.")
