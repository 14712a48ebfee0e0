"""Reference data, collections and one's own account."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    OpenApiTypes,
    extend_schema,
    extend_schema_serializer,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from accounts.errors import Forbidden
from accounts.models import ApiToken
from accounts.roles import Act as Does
from accounts.tokens import revoke
from evidence.api.base import RecordViewSet
from evidence.api.declared import Declared
from evidence.api.repeating import Repeats
from evidence.api.serializers import CollectionShape
from evidence.models import Collection, Crime, Organisation, Place, Vocabulary

PARENT = OpenApiParameter("parent", OpenApiTypes.STR, description="Code: only what lies directly under it.")
KIND = OpenApiParameter("kind", OpenApiTypes.STR, description="Only those of this kind.")


class CollectionViewSet(RecordViewSet):
    """The homes of records you have access to."""

    model = Collection
    kind = "collection"
    serializer_class = CollectionShape
    acts = {"list": Does.READ, "retrieve": Does.READ}
    orderings = ("reference",)
    default_ordering = "reference"

    def list(self, request):
        return self.listing(self.get_queryset())

    def retrieve(self, request, pk):
        return self.answer(self.load())


class _Coded(serializers.Serializer):
    code = serializers.CharField(source="pk")
    label = serializers.SerializerMethodField()

    def get_label(self, row) -> dict[str, str]:
        return {"en": row.label_en, "ko": row.label_ko}


class ElementShape(_Coded):
    kind = serializers.CharField()


class CrimeShape(_Coded):
    parent = serializers.CharField(source="parent_id", allow_null=True)
    selectable = serializers.BooleanField()
    article = serializers.CharField()
    definition = serializers.SerializerMethodField()
    contextual_set = serializers.CharField(source="contextual_set_id", allow_null=True)
    elements = ElementShape(many=True)

    def get_definition(self, row) -> dict[str, str]:
        return {"en": row.definition_en, "ko": row.definition_ko}


class TermShape(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.SerializerMethodField()
    parent = serializers.SerializerMethodField()
    valid_to = serializers.DateField(allow_null=True)

    def get_label(self, row) -> dict[str, str]:
        return {"en": row.label_en, "ko": row.label_ko}

    def get_parent(self, row) -> str | None:
        return row.parent.code if row.parent else None


class VocabularyShape(_Coded):
    extensible = serializers.BooleanField()
    terms = TermShape(many=True)


class PlaceShape(serializers.Serializer):
    code = serializers.CharField()
    kind = serializers.CharField()
    name = serializers.SerializerMethodField()
    parent = serializers.CharField(source="parent_id", allow_null=True)
    path = serializers.ListField(child=serializers.CharField())
    latitude = serializers.DecimalField(8, 5, allow_null=True)
    longitude = serializers.DecimalField(8, 5, allow_null=True)

    def get_name(self, row) -> dict[str, str]:
        return {"en": row.name_en, "ko": row.name_ko}


class OrganisationShape(serializers.Serializer):
    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.SerializerMethodField()
    kind = serializers.CharField()

    def get_name(self, row) -> dict[str, str]:
        return {"en": row.name_en, "ko": row.name_ko}


class _ReferenceViewSet(Declared, GenericViewSet):
    """Readable by every signed-in person but mechanisms; whole lists, they are short."""

    acts = {"list": Does.REFERENCE, "retrieve": Does.REFERENCE}
    pagination_class = None
    lookup_value_regex = "[^/]+"

    def list(self, request):
        rows = self.get_queryset()
        for name, value in request.query_params.items():  # those that the list declares
            if value:
                rows = rows.filter(**{name: value}) if "\x00" not in value else rows.none()
        return Response(self.get_serializer(rows, many=True).data)

    def retrieve(self, request, pk):
        return Response(self.get_serializer(self.get_object()).data)


@extend_schema_view(list=extend_schema(parameters=[PARENT]))
class CrimeViewSet(_ReferenceViewSet):
    """The crime taxonomy with elements. The Korean element texts are our own translation, not yet read by a lawyer."""

    serializer_class = CrimeShape
    queryset = Crime.objects.prefetch_related("elements")


class VocabularyViewSet(_ReferenceViewSet):
    serializer_class = VocabularyShape
    queryset = Vocabulary.objects.prefetch_related("terms__parent")


@extend_schema_view(list=extend_schema(parameters=[PARENT, KIND]))
class PlaceViewSet(_ReferenceViewSet):
    """The gazetteer. DPRK counties © OpenStreetMap contributors, ODbL 1.0."""

    serializer_class = PlaceShape
    queryset = Place.objects.all()


@extend_schema_view(list=extend_schema(parameters=[KIND]))
class OrganisationViewSet(_ReferenceViewSet):
    serializer_class = OrganisationShape
    queryset = Organisation.objects.all()


@extend_schema_serializer(many=False)
class MeShape(serializers.Serializer):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.CharField()
    clearance = serializers.IntegerField()
    language = serializers.CharField()


class MeViewSet(Declared, ViewSet):
    """Who you are to the repository."""

    acts = {"list": Does.OWN}
    serializer_class = MeShape

    @extend_schema(responses=MeShape)
    def list(self, request):
        return Response(MeShape(request.user).data)


class TokenShape(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)


@extend_schema_view(
    revoke=extend_schema(request=None, responses={204: OpenApiResponse(description="Revoked.")}),
    list=extend_schema(responses=TokenShape(many=True)),
)
class TokenViewSet(Declared, Repeats, GenericViewSet):
    """Your own tokens: list and revoke. They are made on the web page, where they are shown once."""

    serializer_class = TokenShape
    acts = {"list": Does.OWN, "revoke": Does.OWN}
    pagination_class = None

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return ApiToken.objects.none()
        return self.request.user.api_tokens.order_by("-created_at")

    def list(self, request):
        return Response(TokenShape(self.get_queryset(), many=True).data)

    @action(detail=True, methods=["post"])
    def revoke(self, request, pk):
        """End a token at once. A token ends none but itself: with one that was lost nobody ends the others."""
        token = self.get_object()
        if isinstance(request.auth, ApiToken) and request.auth.pk != token.pk:
            raise Forbidden(_("A token ends none but itself. End the others on the page of your account."))
        revoke(by=request.user, token=token)
        return Response(status=204)
