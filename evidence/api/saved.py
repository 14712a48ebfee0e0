"""Saved searches: one's own and those of one's teams. What each finds is asked of the list, by its query."""

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.errors import Forbidden, Invalid
from accounts.models import Team
from accounts.roles import Act as Does
from evidence import searches
from evidence.api.base import RecordViewSet
from evidence.api.search import SCOPES
from evidence.models import SavedSearch
from evidence.recording.acts import find


class SavedSearchShape(serializers.ModelSerializer):
    type = serializers.ChoiceField(choices=list(SCOPES), source="kind")
    team = serializers.IntegerField(source="team_id", allow_null=True)
    is_mine = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="Where it finds: the list of the type, with its query.")

    class Meta:
        model = SavedSearch
        fields = ("id", "name", "type", "query", "team", "is_mine", "url", "created_at")

    def get_is_mine(self, saved) -> bool:
        return saved.created_by_id == self.context["request"].user.pk

    def get_url(self, saved) -> str:
        address = reverse(f"api:{saved.kind}-list", request=self.context["request"])
        return f"{address}?{saved.query}" if saved.query else address


class NewShape(serializers.Serializer):
    count = serializers.IntegerField(allow_null=True, help_text="Null: never opened, or its query has a mistake now.")
    count_is = serializers.ChoiceField(["exact", "at_least"])


class SavedSearchInput(serializers.Serializer):
    name = serializers.CharField(max_length=searches.LONGEST_NAME)
    type = serializers.ChoiceField(choices=list(SCOPES), required=False, help_text="incident, unless told.")
    query = serializers.CharField(allow_blank=True, max_length=searches.LONGEST_QUERY, help_text="A query string.")
    team = serializers.IntegerField(required=False, allow_null=True, help_text="Share it with a team of yours.")


class SavedSearchViewSet(RecordViewSet):
    """Questions kept under a name. Each person finds by them what she may see."""

    model = SavedSearch
    serializer_class = SavedSearchShape
    pagination_class = None
    acts = dict.fromkeys(("list", "retrieve", "create", "new", "open", "end"), Does.READ)
    # And that of the type of each.
    scopes = dict.fromkeys(("list", "retrieve", "new"), tuple(SCOPES.values()))
    scopes |= dict.fromkeys(("create", "open", "end"), "searches:write")

    def load(self) -> SavedSearch:
        saved = find(self.get_queryset(), self.kwargs["pk"])
        if saved is None or not self.has_scope(SCOPES[saved.kind]):
            raise Http404
        return saved

    def list(self, request):
        """All of them, at most some hundreds, by name."""
        rows = [saved for saved in self.get_queryset() if self.has_scope(SCOPES[saved.kind])]
        return Response(self.get_serializer(rows, many=True).data)

    def retrieve(self, request, pk):
        return self.answer(self.load())

    @extend_schema(request=SavedSearchInput, responses={201: SavedSearchShape})
    def create(self, request):
        """Keep a query string under a name; one with a mistake is refused."""
        body = self.body()
        name, kind, query = self.text("name"), self.text("type") or "incident", self.text("query")
        if kind not in SCOPES:
            raise Invalid(_("There is no such list."), field="type")
        if not self.has_scope(SCOPES[kind]):
            raise Forbidden(_("Your role or the token's scopes do not allow this."))
        team = None
        if body.get("team") is not None:
            own = Team.objects.filter(group__in=request.user.groups.all())
            team = next((one for one in own if one.pk == body["team"]), None)
            if team is None:
                raise Invalid(_("Share with a team that you belong to."), field="team")
        saved = searches.save_search(by=request.user, name=name, kind=kind, query=query, team=team)
        return self.answer(saved, status=201)

    @extend_schema(responses=NewShape)
    @action(detail=True, methods=["get"])
    def new(self, request, pk):
        """How many records it finds that were made or changed since one opened it last, of at most 99."""
        saved = self.load()
        number, more = searches.new_since(request.user, [saved]).get(saved.pk, (None, False))
        return Response({"count": number, "count_is": "at_least" if more else "exact"})

    @extend_schema(request=None, responses=SavedSearchShape)
    @action(detail=True, methods=["post"])
    def open(self, request, pk):
        """Say that one has looked at what it finds: what comes later is new."""
        saved = self.load()
        searches.open_search(by=request.user, saved=saved)
        return self.answer(saved)

    @extend_schema(request=None, responses={204: OpenApiResponse(description="Ended, for all who shared it.")})
    @action(detail=True, methods=["post"])
    def end(self, request, pk):
        """Take it away. Only who saved it may."""
        saved = self.load()
        if saved.created_by_id != request.user.pk:
            raise Forbidden(_("Only who saved a search ends it."))
        searches.end_search(by=request.user, saved=saved)
        return Response(status=204)
