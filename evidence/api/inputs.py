"""Shapes of what the API takes, for the schema. The verbs check every value and name what is wrong."""

from rest_framework import serializers

from accounts.models import Clearance
from evidence.models.act import STANDARDS, Classification
from evidence.models.incident import PRECISIONS, VERIFICATIONS
from evidence.models.item import FUNCTIONS
from evidence.models.person import RISK_FLOOR, SCRIPTS
from evidence.models.source import CREDIBILITY, RELIABILITY


class InvolvementInput(serializers.Serializer):
    id = serializers.UUIDField(required=False, help_text="An existing involvement to change; without it, a new one.")
    end = serializers.BooleanField(required=False, help_text="End the existing involvement.")
    role = serializers.CharField(help_text="Code of the vocabulary person_role.")
    person = serializers.CharField(required=False, allow_blank=True, help_text="Id or reference code.")
    organisation = serializers.CharField(required=False, allow_blank=True)
    count_min = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    count_max = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    description = serializers.CharField(required=False, allow_blank=True, max_length=500)
    characteristics = serializers.ListField(child=serializers.CharField(), required=False)
    sex = serializers.ChoiceField(["female", "male", "other", "unknown"], required=False)


class ActInput(serializers.Serializer):
    id = serializers.UUIDField(required=False)
    end = serializers.BooleanField(required=False)
    title_en = serializers.CharField(required=False, allow_blank=True, max_length=300)
    title_ko = serializers.CharField(required=False, allow_blank=True, max_length=300)
    date = serializers.CharField(required=False, allow_blank=True, max_length=64)
    crimes = serializers.ListField(child=serializers.CharField(), required=False, help_text="Crime codes to allege.")
    involvements = InvolvementInput(many=True, required=False)


class IncidentPatch(serializers.Serializer):
    title_en = serializers.CharField(required=False, allow_blank=True, max_length=300)
    title_ko = serializers.CharField(required=False, allow_blank=True, max_length=300)
    narrative_en = serializers.CharField(required=False, allow_blank=True, max_length=200_000)
    narrative_ko = serializers.CharField(required=False, allow_blank=True, max_length=200_000)
    date = serializers.CharField(required=False, allow_blank=True, max_length=64, help_text="EDTF level 0 or 1.")
    date_note = serializers.CharField(required=False, allow_blank=True, max_length=500)
    place = serializers.CharField(required=False, allow_blank=True, help_text="Code of the gazetteer.")
    place_precision = serializers.ChoiceField(PRECISIONS, required=False)
    place_detail = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    latitude = serializers.DecimalField(9, 6, required=False, allow_null=True)
    longitude = serializers.DecimalField(9, 6, required=False, allow_null=True)
    confidentiality = serializers.ChoiceField(Clearance.choices, required=False)
    verification_status = serializers.ChoiceField(VERIFICATIONS, required=False)
    tags = serializers.ListField(child=serializers.CharField(max_length=80), required=False, max_length=30)
    acts = ActInput(many=True, required=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class IncidentInput(IncidentPatch):
    collection = serializers.CharField(help_text="Id or reference code of the home collection.")
    reason = None  # of a change alone


class NoteInput(serializers.Serializer):
    note = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class ClassifyInput(serializers.Serializer):
    act = serializers.UUIDField()
    crime = serializers.CharField()
    standard = serializers.ChoiceField(STANDARDS, required=False)
    rationale = serializers.CharField(required=False, allow_blank=True)


class AssessInput(serializers.Serializer):
    status = serializers.ChoiceField(Classification.Status.choices)
    standard = serializers.ChoiceField(STANDARDS, required=False)
    rationale = serializers.CharField()


class NameInput(serializers.Serializer):
    script = serializers.ChoiceField(SCRIPTS)
    kind = serializers.CharField(required=False)
    value = serializers.CharField(max_length=200)


class IdentityInput(serializers.Serializer):
    birth = serializers.CharField(required=False)
    contacts = serializers.CharField(required=False)
    relatives = serializers.CharField(required=False)
    documents = serializers.CharField(required=False)
    other = serializers.CharField(required=False)


class PersonPatch(serializers.Serializer):
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)
    sex = serializers.ChoiceField(["female", "male", "other", "unknown"], required=False)
    risk = serializers.ChoiceField(list(RISK_FLOOR), required=False)
    is_protected = serializers.BooleanField(required=False)
    confidentiality = serializers.ChoiceField(Clearance.choices, required=False)
    names = NameInput(many=True, required=False)
    identity = IdentityInput(required=False)
    reason = serializers.CharField(required=False, allow_blank=True)


class PersonInput(PersonPatch):
    collection = serializers.CharField()
    reason = None


class ReasonInput(serializers.Serializer):
    reason = serializers.CharField(min_length=5, max_length=1000)


class IdentityShape(serializers.Serializer):
    names = NameInput(many=True)
    identity = IdentityInput()


class SourcePatch(serializers.Serializer):
    title = serializers.CharField(required=False, max_length=500)
    kind = serializers.CharField(required=False)
    description = serializers.CharField(required=False, allow_blank=True)
    proximity = serializers.CharField(required=False, allow_blank=True)
    person = serializers.CharField(required=False, allow_blank=True)
    confidentiality = serializers.ChoiceField(Clearance.choices, required=False)
    reason = serializers.CharField(required=False, allow_blank=True)


class SourceInput(SourcePatch):
    collection = serializers.CharField()
    reason = None


class GradeInput(serializers.Serializer):
    reliability = serializers.ChoiceField(RELIABILITY)
    credibility = serializers.ChoiceField(CREDIBILITY)
    reason = serializers.CharField(max_length=2000)
    item = serializers.CharField(required=False, allow_blank=True)


class ItemPatch(serializers.Serializer):
    kind = serializers.CharField(required=False, help_text="Code of the vocabulary evidence_item_type.")
    title_en = serializers.CharField(required=False, allow_blank=True, max_length=300)
    title_ko = serializers.CharField(required=False, allow_blank=True, max_length=300)
    description = serializers.CharField(required=False, allow_blank=True)
    language = serializers.CharField(required=False, allow_blank=True, max_length=35)
    date = serializers.CharField(required=False, allow_blank=True)
    obtained_how = serializers.CharField(required=False, allow_blank=True)
    obtained_on = serializers.CharField(required=False, allow_blank=True)
    obtained_where = serializers.CharField(required=False, allow_blank=True)
    obtained_by = serializers.CharField(required=False, allow_blank=True)
    conditions = serializers.CharField(required=False, allow_blank=True)
    has_original = serializers.BooleanField(required=False, allow_null=True)
    original_location = serializers.CharField(required=False, allow_blank=True)
    content_warnings = serializers.ListField(child=serializers.CharField(), required=False)
    source = serializers.CharField(required=False, allow_blank=True)
    confidentiality = serializers.ChoiceField(Clearance.choices, required=False)
    reason = serializers.CharField(required=False, allow_blank=True)


class ItemInput(ItemPatch):
    collection = serializers.CharField()
    reason = None
    kind = serializers.CharField()


class FileInput(serializers.Serializer):
    file = serializers.FileField()


class LinkInput(serializers.Serializer):
    item = serializers.CharField()
    incident = serializers.CharField(required=False)
    act = serializers.UUIDField(required=False)
    person = serializers.CharField(required=False)
    locator = serializers.CharField(required=False, allow_blank=True, max_length=200)
    function = serializers.ChoiceField(FUNCTIONS, required=False)
    stance = serializers.ChoiceField(["supports", "contradicts", "neutral"], required=False)


class ImportInput(serializers.Serializer):
    file = serializers.FileField()
    collection = serializers.CharField()
    mapping = serializers.CharField(help_text="Slug of a saved mapping.")
    dry_run = serializers.BooleanField(required=False, default=True)
    confidentiality = serializers.ChoiceField(Clearance.choices, required=False)


class ProofInput(serializers.Serializer):
    purpose = serializers.CharField(help_text="what the proof is for; kept in the item's history")
    with_parts = serializers.BooleanField(default=False, help_text="enclose reasons, file names and changed values")
    kept = serializers.CharField(required=False, help_text="a checkpoint that the recipient kept")
