"""The change feed: for systems that keep a copy of what their person may see."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.utils.urls import replace_query_param

from accounts.errors import Forbidden, Invalid
from accounts.roles import Act as Does
from evidence import changes, search
from evidence.api.base import RecordViewSet
from evidence.api.persons import PersonShape, SourceShape
from evidence.api.search import SCOPES
from evidence.api.serializers import IncidentRow, ItemRow
from evidence.search.pages import read_size
from evidence.search.values import known

BODIES = {"incident": IncidentRow, "item": ItemRow, "person": PersonShape, "source": SourceShape}


class ChangeShape(serializers.Serializer):
    """One record that changed, came into sight or left it. Of one that is gone, version and moment are null."""

    type = serializers.ChoiceField(choices=list(SCOPES), source="kind")
    id = serializers.UUIDField()
    code = serializers.CharField()
    url = serializers.SerializerMethodField()
    change = serializers.SerializerMethodField()
    version = serializers.IntegerField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)
    body = serializers.DictField(
        required=False, allow_null=True, help_text="With include=body or fields: as in the list of its type."
    )

    def get_url(self, entry) -> str:
        return reverse(f"api:{entry.kind}-detail", args=[entry.id], request=self.context["request"])

    def get_change(self, entry) -> str:
        return "gone" if entry.is_gone else "changed"

    def to_representation(self, entry):
        data = super().to_representation(entry)
        body = {"body": self.context["bodies"].get(entry.id)} if self.context["with_bodies"] else {}
        return {name: value for name, value in data.items() if name != "body"} | body


@extend_schema_serializer(many=False)
class ChangesShape(serializers.Serializer):
    """A page of the feed. `next` is always there: ask it again, at once while `more` is true, else after a while."""

    next = serializers.URLField()
    more = serializers.BooleanField()
    results = ChangeShape(many=True)


class ChangesViewSet(RecordViewSet):
    """What has changed, of what you may see, since you asked last."""

    serializer_class = ChangeShape
    pagination_class = None
    acts = {"list": Does.READ}
    scopes = {"list": tuple(SCOPES.values())}

    def fields_known(self) -> list[str]:
        return sorted({name for shape in BODIES.values() for name in shape._declared_fields})

    @extend_schema(
        responses=ChangesShape,
        parameters=[
            OpenApiParameter("after", OpenApiTypes.STR, description="Opaque position from `next`; none: from nothing."),
            OpenApiParameter("types", OpenApiTypes.STR, description="incident,item,person,source: some, by commas."),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="Entries a page, 1 to 200; 100 unless told."),
            OpenApiParameter("include", OpenApiTypes.STR, enum=["body"], description="Add the records themselves."),
            OpenApiParameter("fields", OpenApiTypes.STR, description="These fields of the records, by commas."),
        ],
    )
    def list(self, request):
        params = request.query_params
        if params.get("include", "body") != "body":
            raise Invalid(_("“include” is “body”."), field="include")
        fields = self.fields_wanted()
        told = changes.follow(request.user, self.place(), read_size(params, 100))
        changes.note_followed(by=request.user, told=told)
        context = self.get_serializer_context()
        context["with_bodies"] = "include" in params or bool(params.get("fields"))
        context["bodies"] = self.bodies(told.entries, context, fields) if context["with_bodies"] else {}
        cursor = changes.sealed(told.place, request.user)
        return Response(
            {
                "next": replace_query_param(request.build_absolute_uri(), "after", cursor),
                "more": told.more,
                "results": ChangeShape(told.entries, many=True, context=context).data,
            }
        )

    def place(self) -> changes.Place:
        """Where the person stands: by the cursor, else at the beginning of the types that she asks for and may read."""
        params = self.request.query_params
        named = [kind for text in params.getlist("types") for kind in text.split(",") if kind]
        known(named, SCOPES, "types")
        kinds = tuple(kind for kind in SCOPES if (kind in named if named else self.has_scope(SCOPES[kind])))
        if cursor := params.get("after"):
            place = changes.opened(cursor, self.request.user)
            if named and kinds != place.kinds:
                raise Invalid(_("This cursor follows other types. Begin again without “after”."), field="types")
        else:
            place = changes.Place(kinds)
        if not all(self.has_scope(SCOPES[kind]) for kind in place.kinds):
            raise Forbidden(_("Your role or the token's scopes do not allow this."))
        return place

    def bodies(self, entries: list, context: dict, fields: frozenset[str] | None) -> dict:
        """The records that are not gone, as the lists of their types show them, by id."""
        found = {}
        for kind, shape in BODIES.items():
            ids = [entry.id for entry in entries if entry.kind == kind and not entry.is_gone]
            if ids:
                rows = list(search.KINDS[kind].model.objects.permitted(self.request.user).filter(pk__in=ids))
                shown = shape(rows, many=True, context=context, fields=fields).data
                found |= dict(zip((row.pk for row in rows), shown, strict=True))
        return found
