"""What happens to evidence that is held, by API: custody events, sealing, withdrawal, holds, retention, fixity."""

from dataclasses import asdict

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.errors import Invalid
from accounts.grants import Permission
from accounts.roles import Act as Does
from evidence import handling, search
from evidence.api import inputs
from evidence.api.base import RecordViewSet
from evidence.api.declared import Declared
from evidence.api.managing import DONE
from evidence.api.parts import LABEL
from evidence.api.serializers import ItemRow, ItemShape, Shape
from evidence.models import Collection, Hold
from evidence.recording.acts import find


class CustodyShape(Shape):
    """A custody event as it was stated."""

    id = serializers.UUIDField()
    event = serializers.SerializerMethodField()
    happened_on = serializers.CharField(help_text="EDTF")
    from_custodian = serializers.CharField()
    to_custodian = serializers.CharField()
    purpose = serializers.CharField()
    place = serializers.CharField()
    seal_number = serializers.CharField()
    note = serializers.CharField()
    corrects = serializers.UUIDField(source="corrects_id", allow_null=True)
    created_by = serializers.UUIDField(source="created_by_id")
    created_at = serializers.DateTimeField()

    @extend_schema_field(LABEL)
    def get_event(self, row):
        return self.labels("custody_event_type", row.event)


class CustodyInput(serializers.Serializer):
    event = serializers.ChoiceField(handling.STATED, help_text="Vocabulary custody_event_type.")
    happened_on = serializers.CharField(help_text="EDTF")
    from_custodian = serializers.CharField(required=False, allow_blank=True)
    to_custodian = serializers.CharField(required=False, allow_blank=True)
    purpose = serializers.CharField(required=False, allow_blank=True)
    place = serializers.CharField(required=False, allow_blank=True)
    seal_number = serializers.CharField(required=False, allow_blank=True)
    note = serializers.CharField(required=False, allow_blank=True)
    corrects = serializers.UUIDField(required=False, help_text="The event of this item that was stated wrongly.")


class HoldShape(serializers.ModelSerializer):
    class Meta:
        model = Hold
        fields = ("id", "item", "collection", "reason", "created_by", "created_at", "ended_at", "end_reason")


class RetentionInput(serializers.Serializer):
    until = serializers.CharField(allow_blank=True, help_text="EDTF, may lie ahead; empty: as the collection says.")
    reason = serializers.CharField()


class CollectionReasonInput(serializers.Serializer):
    collection = serializers.CharField(help_text="Id or reference.")
    reason = serializers.CharField()


class YearsInput(CollectionReasonInput):
    years = serializers.IntegerField(allow_null=True, min_value=1, max_value=200)


HOLDING_ACTS = {"custody_events": Does.READ, "holds": Does.READ, "due": Does.READ} | dict.fromkeys(
    ("record_custody", "seal", "unseal", "withdraw", "restore", "unfreeze", "hold", "retention"), Does.INTAKE
)


class HoldingActions:
    """What the view set of items does with what is held."""

    @extend_schema(responses=CustodyShape(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, url_path="custody-events")
    def custody_events(self, request, pk):
        """What people stated of the item's custody, the newest statement first."""
        item = self.load()
        search.note_opened(by=request.user, record=item)
        rows = handling.custody_of(item, user=request.user)
        return Response(CustodyShape(rows, many=True, context=self.get_serializer_context()).data)

    @extend_schema(request=CustodyInput, responses={201: CustodyShape})
    @custody_events.mapping.post
    def record_custody(self, request, pk):
        """State a custody event. It is never changed: a wrong one is corrected by another that names it."""
        item = self.load(Permission.CONTRIBUTE)
        row = handling.record_custody(by=request.user, item=item, given=self.body())
        return Response(CustodyShape(row, context=self.get_serializer_context()).data, status=201)

    def _step(self, verb, permission: str) -> Response:
        item = self.load(permission)
        return self.answer(verb(by=self.request.user, item=item, reason=self.reason()))

    @extend_schema(request=inputs.ReasonInput, responses=ItemShape)
    @action(detail=True, methods=["post"])
    def seal(self, request, pk):
        """Seal the item: its description and files stay as they are."""
        return self._step(handling.seal, Permission.CONTRIBUTE)

    @extend_schema(request=inputs.ReasonInput, responses=ItemShape)
    @action(detail=True, methods=["post"])
    def unseal(self, request, pk):
        """Unseal the item; by whoever manages it."""
        return self._step(handling.unseal, Permission.MANAGE)

    @extend_schema(request=inputs.ReasonInput, responses=ItemShape)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk):
        """Withdraw the item: it stays listed as withdrawn."""
        return self._step(handling.withdraw_item, Permission.CONTRIBUTE)

    @extend_schema(request=inputs.ReasonInput, responses=ItemShape)
    @action(detail=True, methods=["post"])
    def restore(self, request, pk):
        """Take the withdrawal back."""
        return self._step(handling.restore_item, Permission.CONTRIBUTE)

    @extend_schema(request=inputs.ReasonInput, responses=ItemShape)
    @action(detail=True, methods=["post"])
    def unfreeze(self, request, pk):
        """Release a frozen item after its bytes were restored: they are read again first."""
        return self._step(handling.unfreeze, Permission.MANAGE)

    @extend_schema(responses=HoldShape(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def holds(self, request, pk):
        """Legal holds in force on the item or its collection, as far as you may read them."""
        item = self.load()
        search.note_opened(by=request.user, record=item)
        return Response(HoldShape(handling.holds_on(item, user=request.user), many=True).data)

    @extend_schema(request=inputs.ReasonInput, responses={201: HoldShape})
    @holds.mapping.post
    def hold(self, request, pk):
        """Put a legal hold on the item; by whoever manages it."""
        item = self.load(Permission.MANAGE)
        return Response(HoldShape(handling.hold(by=request.user, record=item, reason=self.reason())).data, status=201)

    @extend_schema(request=RetentionInput, responses=ItemShape)
    @action(detail=True, methods=["post"])
    def retention(self, request, pk):
        """Say until when the item has to be kept at least; by whoever manages it."""
        item = self.load(Permission.MANAGE)
        until = self.body().get("until", "")
        return self.answer(handling.retain(by=request.user, item=item, until=until, reason=self.reason()))

    @extend_schema(responses=ItemRow(many=True), parameters=[])
    @action(detail=False, methods=["get"], pagination_class=None, url_path="retention-due")
    def due(self, request):
        """Items that you manage whose time of retention has passed, the oldest first; at most 200."""
        rows = list(handling.due(request.user)[:200])
        self.note(rows)
        return Response(ItemRow(rows, many=True, context=self.get_serializer_context()).data)


@extend_schema_view(
    end=extend_schema(request=inputs.ReasonInput, responses=HoldShape),
)
class HoldViewSet(RecordViewSet):
    """Legal holds."""

    model = Hold
    acts = {"end": Does.INTAKE, "create": Does.INTAKE, "years": Does.INTAKE}
    scopes = dict.fromkeys(acts, "items:write")
    serializer_class = HoldShape

    def _collection(self) -> Collection:
        identifier = self.body().get("collection")
        seen = Collection.objects.permitted(self.request.user)
        collection = find(seen, identifier) if isinstance(identifier, str) and "\x00" not in identifier else None
        if collection is None:
            raise Invalid(_("There is no collection with this reference."), field="collection")
        return self.allowed(collection, Permission.MANAGE)

    @extend_schema(request=CollectionReasonInput, responses={201: HoldShape})
    def create(self, request):
        """Put a legal hold on everything in a collection; by whoever manages it."""
        row = handling.hold(by=request.user, record=self._collection(), reason=self.reason())
        return self.made(HoldShape, row)

    @action(detail=True, methods=["post"])
    def end(self, request, pk):
        """End a hold, with the reason; by whoever manages what it is on."""
        row = find(self.get_queryset(), pk)
        if row is None:
            raise Http404
        self.allowed(row.item or row.collection, Permission.MANAGE)
        row = handling.end_hold(by=request.user, hold=row, reason=self.reason())
        return self.made(HoldShape, row, status=200)

    @extend_schema(request=YearsInput, responses=DONE)
    @action(detail=False, methods=["post"], url_path="retention")
    def years(self, request):
        """Say for how many years each item of a collection is kept at least; null: no term."""
        years = self.body().get("years")
        handling.retain_collection(by=request.user, collection=self._collection(), years=years, reason=self.reason())
        return Response(status=204)


@extend_schema_serializer(many=False)
class FixityShape(serializers.Serializer):
    days = serializers.IntegerField(help_text="The period within which every blob is read again.")
    blobs = serializers.IntegerField()
    bytes = serializers.IntegerField()
    within = serializers.IntegerField(help_text="Read, or received, within the period.")
    overdue = serializers.IntegerField()
    never = serializers.IntegerField(help_text="Not read again since they were received.")
    altered = serializers.IntegerField()
    frozen_items = serializers.IntegerField()
    oldest = serializers.DateTimeField(allow_null=True)


class FixityViewSet(Declared, GenericViewSet):
    """How well stored bytes are watched, in numbers alone."""

    acts = {"list": Does.AUDIT}
    scopes = {"list": "ledger:read"}
    serializer_class = FixityShape
    pagination_class = None

    @extend_schema(responses=FixityShape)
    def list(self, request):
        return Response(FixityShape(asdict(handling.coverage())).data)
