"""Access by API: who can see a record and why, grants, denials, restrictions.

The same verbs as the pages. A record is addressed by id or reference; whoever does not manage it gets 404.
"""

from collections.abc import Callable

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.errors import Invalid
from accounts.models import Team, User
from accounts.roles import Act as Does
from evidence import access, search
from evidence.api.base import RecordViewSet
from evidence.api.effects import Confirmation, EffectShape, in_two_steps


class WayShape(serializers.Serializer):
    on = serializers.SerializerMethodField()
    permission = serializers.CharField()
    person = serializers.UUIDField(source="user_id", allow_null=True)
    team = serializers.IntegerField(source="group_id", allow_null=True)
    reason = serializers.CharField()
    granted_by = serializers.UUIDField(source="granted_by_id", allow_null=True)
    begins_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    in_force = serializers.BooleanField()

    def get_on(self, way) -> str:
        return way.on.code


class ReaderShape(serializers.Serializer):
    person = serializers.UUIDField(source="user.pk")
    name = serializers.CharField(source="user.name")
    sees = serializers.BooleanField()
    permissions = serializers.ListField(child=serializers.CharField())
    obstacle = serializers.CharField(help_text="Why not: inactive, role, clearance, denied, not_in_force; else empty.")


class DenialShape(serializers.Serializer):
    on = serializers.SerializerMethodField()
    person = serializers.UUIDField(source="user_id", allow_null=True)
    team = serializers.IntegerField(source="group_id", allow_null=True)
    reason = serializers.CharField()

    def get_on(self, one) -> str:
        return one.on.code


class AccessShape(serializers.Serializer):
    id = serializers.UUIDField()
    code = serializers.CharField()
    kind = serializers.CharField()
    restricted = serializers.BooleanField()
    readers = ReaderShape(many=True)
    grants = WayShape(many=True)
    denials = DenialShape(many=True)


class PrincipalInput(Confirmation):
    person = serializers.CharField(required=False, help_text="Id of a person; or name a team.")
    team = serializers.IntegerField(required=False)
    reason = serializers.CharField()


class GrantInput(PrincipalInput):
    permission = serializers.ChoiceField(["view", "contribute", "review", "manage"])
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class RevokeInput(PrincipalInput):
    permission = serializers.ChoiceField(["view", "contribute", "review", "manage"])


class ReasonOnlyInput(serializers.Serializer):
    reason = serializers.CharField()


class RestrictInput(ReasonOnlyInput, Confirmation):
    pass


DONE = {204: OpenApiResponse(description="Done; it counts from the next request on.")}
SHOWN = {200: EffectShape} | DONE


@extend_schema_view(
    retrieve=extend_schema(responses=AccessShape),
    grant=extend_schema(request=GrantInput, responses=SHOWN),
    revoke=extend_schema(request=RevokeInput, responses=SHOWN),
    deny=extend_schema(request=PrincipalInput, responses=SHOWN),
    lift=extend_schema(request=PrincipalInput, responses=SHOWN),
    restrict=extend_schema(request=RestrictInput, responses=SHOWN),
    open_up=extend_schema(request=RestrictInput, responses=SHOWN),
)
class AccessViewSet(RecordViewSet):
    """The access to one record, for whoever manages it. Each act first answers with its effect in numbers; the same
    again with the `confirmation` of that answer is done."""

    kind = "access"
    serializer_class = AccessShape
    acts = dict.fromkeys(("retrieve", "grant", "revoke", "deny", "lift", "restrict", "open_up"), Does.SHARE)
    scopes = dict.fromkeys(acts, "access:manage")

    def _place(self):
        record = access.find_managed(self.request.user, self.kwargs["pk"])
        if record is None:
            raise Http404
        return record

    def _whom(self) -> dict:
        body = self.body()
        if body.get("team") is not None:
            standing = Team.objects.filter(dissolved_at=None)
            team = standing.filter(pk=body["team"]).first() if type(body["team"]) is int else None
            if team is None:
                raise Invalid(_("There is no such team."), field="team")
            return {"group": team.group}
        try:
            return {"user": User.objects.get(pk=serializers.UUIDField().to_internal_value(body.get("person")))}
        except (User.DoesNotExist, serializers.ValidationError):
            raise Invalid(_("Name a person or a team by id."), field="person")

    def _done(self, verb, *, users: Callable | None = None, **values) -> Response:
        by, record = self.request.user, self._place()
        touched = (
            access.people_of(**{name: values.get(name) for name in ("user", "group")}) if users is None else users()
        )

        def act():
            verb(by=by, record=record, reason=self.reason(), **values)
            return Response(status=204)

        effect = lambda: access.effect_of(act, by=by, record=record, users=touched)  # noqa: E731
        return in_two_steps(self, act, effect=effect, touched=touched)

    def _readers(self) -> list[User]:
        return access.readers_around(self.request.user, self._place())

    def retrieve(self, request, pk):
        record = self._place()
        laid = access.laid_open(request.user, record)
        search.note_search(by=request.user, kind="access", params=QueryDict(f"of={record.pk}"), shown=len(laid.readers))
        shown = {
            "id": record.pk,
            "code": record.code,
            "kind": record._meta.model_name,
            "restricted": not getattr(record, "inherits_access", True),
            "readers": laid.readers,
            "grants": laid.ways,
            "denials": laid.denials,
        }
        return Response(AccessShape(shown).data)

    @action(detail=True, methods=["post"])
    def grant(self, request, pk):
        self._place()
        values = {"permission": self.body().get("permission", ""), "expires_at": self.body().get("expires_at")}
        return self._done(access.grant, **values, **self._whom())

    @action(detail=True, methods=["post"])
    def revoke(self, request, pk):
        self._place()
        return self._done(access.revoke, permission=str(self.body().get("permission", "")), **self._whom())

    @action(detail=True, methods=["post"])
    def deny(self, request, pk):
        self._place()
        return self._done(access.deny, **self._whom())

    @action(detail=True, methods=["post"])
    def lift(self, request, pk):
        self._place()
        return self._done(access.lift_denial, **self._whom())

    @action(detail=True, methods=["post"])
    def restrict(self, request, pk):
        return self._done(access.restrict, users=self._readers)

    @action(detail=True, methods=["post"], url_path="open-up")
    def open_up(self, request, pk):
        return self._done(access.open_up, users=self._readers)
