"""Actions on what machines found: proposals of metadata to be adopted or dismissed, files that look alike."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.grants import Permission
from evidence import proposals, search
from evidence.api.base import IF_MATCH
from evidence.api.serializers import FileShape, Shape
from evidence.models import File


class ProposalShape(Shape):
    """A time or place that metadata claims. Nothing of it counts before a person adopts it."""

    kind = serializers.ChoiceField(["time", "place"])
    value = serializers.CharField(help_text="EDTF, or latitude and longitude.")
    field = serializers.CharField(help_text="Where in the metadata it stands.")
    said = serializers.CharField(help_text="As it stands there.")
    decision = serializers.SerializerMethodField(help_text="adopted, dismissed, or empty: nobody has decided.")

    def get_decision(self, proposal) -> str:
        return proposal.decided.decision if proposal.decided else ""


class ClaimInput(serializers.Serializer):
    kind = serializers.ChoiceField(["time", "place"], required=False)
    value = serializers.CharField(max_length=100)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class AlikeShape(Shape):
    """A file that looks like one of the item's, and in how many of 256 bits their fingerprints differ."""

    of = serializers.UUIDField(source="of.pk")
    distance = serializers.IntegerField()
    item_code = serializers.CharField(source="file.item.code")
    file = FileShape()


class ProposalActions:
    """`GET …/proposals`, `POST …/proposals/adopt`, `POST …/proposals/dismiss` of a file."""

    @extend_schema(responses=ProposalShape(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def proposals(self, request, pk):
        """What the metadata of the file claims of time and place, and what was decided about it."""
        file = self.load()
        search.note_opened(by=request.user, record=file.item)
        return self._proposals(file)

    @extend_schema(request=ClaimInput, responses=ProposalShape(many=True), parameters=[IF_MATCH])
    @action(detail=True, methods=["post"], url_path="proposals/adopt", pagination_class=None)
    def adopt(self, request, pk):
        """Take a proposed time as the date of the item. If-Match holds the version of the item."""
        file = self.load(Permission.CONTRIBUTE)
        proposals.adopt(by=request.user, file=file, version=self.version(), **self._given())
        return self._proposals(file)

    @extend_schema(request=ClaimInput, responses=ProposalShape(many=True))
    @action(detail=True, methods=["post"], url_path="proposals/dismiss", pagination_class=None)
    def dismiss(self, request, pk):
        """Say that a proposal is not to be adopted."""
        file = self.load(Permission.CONTRIBUTE)
        proposals.dismiss(by=request.user, file=file, **self._given())
        return self._proposals(file)

    def _given(self) -> dict:
        body = self.body()
        kind, value = body.get("kind", "time"), body.get("value", "")
        return {"kind": str(kind), "value": str(value), "reason": self.reason()}

    def _proposals(self, file):
        found = proposals.proposals_of(file)
        return Response(ProposalShape(found, many=True, context=self.get_serializer_context()).data)


class LikenessActions:
    """`GET …/similar` of an item."""

    @extend_schema(responses=AlikeShape(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def similar(self, request, pk):
        """Files that look like a picture or video of the item, among those this person sees."""
        item = self.load()
        own = File.objects.permitted(request.user).filter(item=item, withdrawn_at=None, fingerprint__isnull=False)
        rows = [
            {"of": file, "file": one.file, "distance": one.distance}
            for file in own[:50]
            if not file.is_isolated
            for one in search.alike(file, user=request.user)
        ]
        self.note(rows)
        return Response(AlikeShape(rows, many=True, context=self.get_serializer_context()).data)
