"""The second gate by API: what the provider of a source or an item allows; and whether an item may be used, now.

The first gate, consent of the people, is in evidence.api.deciding.
"""

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.errors import Invalid
from accounts.grants import Permission
from accounts.roles import Act as Does
from evidence import protection, search
from evidence.api.inputs import ReasonInput
from evidence.models import ProviderCondition
from evidence.recording.acts import find
from evidence.reference import check_term

FIELDS = ("use", "recipient", "is_allowed", "terms", "expires_at")


class ConditionShape(serializers.ModelSerializer):
    class Meta:
        model = ProviderCondition
        fields = ("id", *FIELDS, "created_at", "ended_at")


class ConditionInput(serializers.Serializer):
    use = serializers.CharField(help_text="Vocabulary consent_scope.")
    recipient = serializers.CharField(help_text="Vocabulary recipient_type, or * for any.")
    is_allowed = serializers.BooleanField(help_text="What the provider says: allows it, or forbids it.")
    terms = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class ObstacleShape(serializers.Serializer):
    kind = serializers.ChoiceField(
        ["no_consent", "provider", "review"],
        help_text="no_consent: this person has not granted it; provider: a condition forbids it; review: a person has "
        "to look at it, for nobody is known to be behind it or not everything can be told to you.",
    )
    person = serializers.CharField(allow_null=True, help_text="Reference of the person, where it is one's consent.")


class UseShape(serializers.Serializer):
    allowed = serializers.BooleanField()
    identity_level = serializers.CharField(help_text="The most that may be disclosed: vocabulary identity_disclosure.")
    obstacles = ObstacleShape(many=True)


def with_conditions(kind: str) -> dict[str, dict]:
    """What a viewset of this kind declares for these actions: their acts, and the scopes of a token."""
    acts = {"conditions": Does.READ, "set_condition": Does.RECORD, "end_condition": Does.RECORD}
    reads = {Does.READ: "read", Does.RECORD: "write"}
    return {"acts": acts, "scopes": {name: f"{kind}s:{reads[act]}" for name, act in acts.items()}}


class Conditions:
    """`…/conditions` of a source or an item."""

    @extend_schema(responses=ConditionShape(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def conditions(self, request, pk):
        """What the provider allows and forbids now, for each use and recipient; what has ended is in the history."""
        record = self.load()
        search.note_opened(by=request.user, record=record)
        rows = self._rows(record).filter(ended_at=None).order_by("use", "recipient", "-created_at")
        return Response(ConditionShape(rows, many=True).data)

    @extend_schema(request=ConditionInput, responses={201: ConditionShape})
    @conditions.mapping.post
    def set_condition(self, request, pk):
        """Record what the provider says of one use; a later word on the same use and recipient ends the earlier."""
        record, body = self.load(Permission.CONTRIBUTE), self.body()
        if not isinstance(body.get("is_allowed"), bool):
            raise Invalid(_("This is true or false."), field="is_allowed")
        given = {name: body.get(name, "") for name in ("use", "recipient", "terms")}
        row = protection.set_condition(
            by=request.user, record=record, is_allowed=body["is_allowed"], expires_at=body.get("expires_at"), **given
        )
        return self.made(ConditionShape, row)

    @extend_schema(
        request=ReasonInput,
        responses={204: OpenApiResponse(description="Ended.")},
        parameters=[OpenApiParameter("condition", OpenApiTypes.UUID, OpenApiParameter.PATH)],
    )
    @action(detail=True, methods=["post"], url_path="conditions/(?P<condition>[^/]+)/end")
    def end_condition(self, request, pk, condition):
        """End a condition that allows, for a reason. One that forbids is superseded by what the provider says now."""
        record = self.load(Permission.CONTRIBUTE)
        row = find(self._rows(record), condition)
        if row is None:
            raise Http404
        protection.end_condition(by=request.user, condition=row, reason=self.reason())
        return Response(status=204)

    def _rows(self, record):
        rows = ProviderCondition.objects.permitted(self.request.user)
        return rows.filter(**{record._meta.model_name: record})


class Use:
    """`GET …/use`: both gates are asked, now."""

    @extend_schema(
        responses=UseShape,
        parameters=[
            OpenApiParameter("use", str, required=True, description="Vocabulary consent_scope."),
            OpenApiParameter("recipient", str, required=True, description="Vocabulary recipient_type."),
            OpenApiParameter(
                "sexual_violence",
                bool,
                description="Whether details of sexual violence go with it; false without.",
            ),
        ],
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def use(self, request, pk):
        """Whether the item may be put to this use for this recipient, and if not, why, as far as you may know it."""
        item, asked = self.load(), request.query_params
        search.note_opened(by=request.user, record=item)
        details = asked.get("sexual_violence", "false")
        if details not in ("true", "false"):
            raise Invalid(_("This is true or false."), field="sexual_violence")
        answer = protection.may_use(
            item,
            use=check_term("consent_scope", asked.get("use", ""), field="use"),
            recipient=check_term("recipient_type", asked.get("recipient", ""), field="recipient"),
            user=request.user,
            sexual_violence=details == "true",
        )
        obstacles = [{"kind": kind, "person": person and person.code} for kind, person in answer.obstacles]
        told = {"allowed": answer.allowed, "identity_level": answer.identity_level, "obstacles": obstacles}
        return Response(UseShape(told).data)
