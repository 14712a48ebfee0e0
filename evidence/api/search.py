"""The search over everything: what words find among the records of one type, with passages."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.reverse import reverse

from accounts.errors import Forbidden, Invalid
from accounts.roles import Act as Does
from evidence import search
from evidence.api.base import RecordViewSet, filter_parameters
from evidence.api.pages import CursorPages, count_of
from evidence.search.values import known

SCOPES = {
    "incident": "incidents:read", "item": "items:read", "person": "persons:read", "source": "sources:read",
}  # fmt: skip

ORDERINGS = [sign + name for name in ("updated", "date", "reference") for sign in ("", "-")] + ["relevance"]


class PartShape(serializers.Serializer):
    """A stretch of a text; `is_match` is true for what was looked for."""

    text = serializers.CharField()
    is_match = serializers.BooleanField()


class HitShape(serializers.Serializer):
    """One record that was found. What its whole record says is behind `url`."""

    type = serializers.ChoiceField(choices=list(SCOPES), source="kind")
    id = serializers.UUIDField(source="record.pk")
    code = serializers.CharField(source="record.code")
    url = serializers.SerializerMethodField()
    titles = serializers.DictField(child=PartShape(many=True), help_text="By field: title_en, title_ko or title.")
    passage = PartShape(many=True)
    page = serializers.SerializerMethodField(help_text="The page of the file that the passage is from, or null.")
    file = serializers.SerializerMethodField(help_text="That file, or null.")
    updated_at = serializers.DateTimeField(source="record.updated_at")

    def get_page(self, hit) -> int | None:
        return hit.page and hit.page.number

    def get_file(self, hit) -> str | None:
        return hit.page and str(hit.page.file_id)

    def get_url(self, hit) -> str:
        return reverse(f"api:{hit.kind}-detail", args=[hit.record.pk], request=self.context["request"])


class HitPages(CursorPages):
    """Pages of hits; what finds them has paged them already."""

    def take(self, found: search.Found, request) -> list:
        self.request, self.page = request, found.page
        self.counted = count_of(found.counts, request.query_params.get("count"))
        return found.hits


def _filters() -> list[OpenApiParameter]:
    """The filters of the lists of all types; each works with the types whose list has it."""
    names = {name: None for what in search.KINDS.values() for name in what.filters if name != "q"}
    found = filter_parameters(names)
    for one in found:
        kinds = [kind for kind, what in search.KINDS.items() if one.name in what.filters]
        one.description = f"Filter of the list; with type {', '.join(kinds)}."
    return found


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, required=True, description="Words, “phrases”, OR, -exclusion."),
            OpenApiParameter(
                "type", OpenApiTypes.STR, enum=list(SCOPES), description="What to search; incidents unless told."
            ),
            OpenApiParameter("ordering", OpenApiTypes.STR, enum=ORDERINGS, description="Order; “-” is descending."),
            *_filters(),
        ]
    )
)
class SearchViewSet(RecordViewSet):
    """Full text over the records one may see. The filters of the list of the type work here too."""

    serializer_class = HitShape
    pagination_class = HitPages
    orderings = ("updated", "date", "reference")
    acts = {"list": Does.READ}
    scopes = {"list": "incidents:read"}

    def list(self, request):
        params = request.query_params.copy()
        kind = (params.pop("type", None) or ["incident"])[-1]
        known([kind], SCOPES, "type")
        if not self.has_scope(SCOPES[kind]):
            raise Forbidden(_("Your role or the token's scopes do not allow this."))
        if not params.get("q", "").strip():
            raise Invalid(_("Write a letter or a digit to search for."), field="q")
        found = search.find(kind, params, user=request.user, size=50)
        hits = self.paginator.take(found, request)
        search.note_search(by=request.user, kind=kind, params=request.query_params, shown=len(hits))
        return self.get_paginated_response(self.get_serializer(hits, many=True).data)
