"""Members of files: what an archive, a message or a document contains, and taking some of it in."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.errors import Invalid
from accounts.grants import Permission
from evidence import members, search, tasks


class _Member(serializers.Serializer):
    """What a member is known by: its place in the list. Its path is text, never a place on a disk."""

    index = serializers.IntegerField()
    path = serializers.CharField()
    item = serializers.SerializerMethodField()

    def get_item(self, row) -> str | None:
        return row.item.code if row.item else None


class MemberShape(_Member):
    size = serializers.IntegerField(allow_null=True)
    kind = serializers.CharField()
    refused = serializers.CharField(help_text="Why it can't be taken in; empty when it can.")
    notes = serializers.ListField(child=serializers.CharField())


class TakenShape(_Member):
    reason = serializers.CharField(help_text="Why there is no item; empty when there is one.")


class MembersInput(serializers.Serializer):
    members = serializers.ListField(child=serializers.IntegerField(min_value=0), help_text="Places in the list.")
    kind = serializers.CharField(required=False, help_text="Type of the new items; without it, that of the whole.")


class MemberActions:
    """`GET` and `POST …/members`."""

    @extend_schema(responses=MemberShape(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def members(self, request, pk):
        """What an archive, a message or a document contains; of those taken in, the items you may see."""
        file = self.load()
        search.note_opened(by=request.user, record=file.item)
        rows = [] if file.is_isolated else members.listed(file, user=request.user)
        return Response(MemberShape(rows, many=True, context=self.get_serializer_context()).data)

    @extend_schema(request=MembersInput, responses={201: TakenShape(many=True)})
    @members.mapping.post
    def take_members(self, request, pk):
        """Take chosen members in as items of their own; each that can't be is told with its reason."""
        file, body = self.load(Permission.CONTRIBUTE), self.body()
        indexes, kind = body.get("members"), body.get("kind", "")
        if not isinstance(indexes, list) or not all(type(one) is int and 0 <= one < 10**7 for one in indexes):
            raise Invalid(_("Name the members by their places, like [0, 2]."), field="members")
        if not isinstance(kind, str):
            raise Invalid(_("The type is a code."), field="kind")
        results = members.take_in(by=request.user, file=file, indexes=indexes, kind=kind)
        tasks.wake()
        return Response(TakenShape(results, many=True, context=self.get_serializer_context()).data, status=201)
