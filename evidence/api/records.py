"""Persons, sources and items."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiTypes, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.response import Response

from accounts.errors import Invalid
from accounts.grants import Permission
from accounts.roles import Act as Does
from evidence import assessment, intake, proofs, protection, recording, search, tasks
from evidence.api import inputs
from evidence.api.base import IF_MATCH, RecordViewSet
from evidence.api.claims import LikenessActions
from evidence.api.conditions import Conditions, Use, with_conditions
from evidence.api.exporting import Exports, exported, listed
from evidence.api.holding import HOLDING_ACTS, HoldingActions
from evidence.api.ledger import CheckShape, zip_answer
from evidence.api.persons import GradingShape, PersonShape, SourceShape
from evidence.api.schema import NAMED
from evidence.api.serializers import (
    EventShape,
    FileShape,
    ItemRow,
    ItemShape,
)
from evidence.history import history_of
from evidence.models import Item, Person, Source
from evidence.recording.acts import find


class _History:
    """`GET …/history`: what happened to the record, newest first."""

    @extend_schema(responses=EventShape(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def history(self, request, pk):
        record = self.load()
        search.note_opened(by=request.user, record=record)
        events = history_of(record, user=request.user)
        return Response(EventShape(events, many=True, context=self.get_serializer_context()).data)


@exported(PersonShape, search.PERSON_FILTERS)
@extend_schema_view(
    list=listed(PersonShape, search.PERSON_FILTERS),
    create=extend_schema(request=inputs.PersonInput, responses={201: PersonShape}),
    partial_update=extend_schema(request=inputs.PersonPatch, parameters=[IF_MATCH]),
)
class PersonViewSet(Exports, _History, RecordViewSet):
    """Persons under their pseudonyms. Names and identity are in the vault."""

    model = Person
    kind = "person"
    serializer_class = PersonShape
    filters = search.PERSON_FILTERS
    verb_refuses = ("create", "partial_update")
    acts = {
        "list": Does.READ, "export": Does.EXPORT, "retrieve": Does.READ, "history": Does.READ, "create": Does.RECORD,
        "partial_update": Does.RECORD, "identity": Does.IDENTITY,
    }  # fmt: skip
    scopes = {
        "list": "persons:read", "export": "persons:read", "retrieve": "persons:read", "history": "persons:read",
        "create": "persons:write",
        "partial_update": "persons:write", "identity": "persons:identity",
    }  # fmt: skip

    def list(self, request):
        return self.listing(self.get_queryset())

    def retrieve(self, request, pk):
        return self.retrieving()

    def create(self, request):
        return self.answer(
            recording.record_person(by=request.user, collection=self.home(), given=self.given("collection")), status=201
        )

    def partial_update(self, request, pk):
        person = self.load(Permission.CONTRIBUTE)
        person = recording.revise_person(
            by=request.user, person=person, given=self.given("reason"), version=self.version(), reason=self.reason()
        )
        return self.answer(person)

    @extend_schema(request=inputs.ReasonInput, responses=inputs.IdentityShape)
    @action(detail=True, methods=["post"])
    def identity(self, request, pk):
        """Open the identity vault for a stated reason; the opening is in the ledger and on the person's record."""
        opened = protection.open_identity(by=request.user, person=self.load(), reason=self.reason())
        return Response({"names": opened.names, "identity": opened.identity})


@exported(SourceShape, search.SOURCE_FILTERS)
@extend_schema_view(
    list=listed(SourceShape, search.SOURCE_FILTERS),
    create=extend_schema(request=inputs.SourceInput, responses={201: SourceShape}),
    partial_update=extend_schema(request=inputs.SourcePatch, parameters=[IF_MATCH]),
)
class SourceViewSet(Exports, _History, Conditions, RecordViewSet):
    """Sources under protected references, and their gradings."""

    model = Source
    kind = "source"
    serializer_class = SourceShape
    filters = search.SOURCE_FILTERS
    verb_refuses = ("create", "partial_update")
    acts = {
        "list": Does.READ, "export": Does.EXPORT, "retrieve": Does.READ, "history": Does.READ, "create": Does.RECORD,
        "partial_update": Does.RECORD, "grade": Does.ASSESS, **with_conditions("source")["acts"],
    }  # fmt: skip
    scopes = {
        "list": "sources:read", "export": "sources:read", "retrieve": "sources:read", "history": "sources:read",
        "create": "sources:write",
        "partial_update": "sources:write", "grade": "sources:write", **with_conditions("source")["scopes"],
    }  # fmt: skip

    def list(self, request):
        return self.listing(self.get_queryset())

    def retrieve(self, request, pk):
        return self.retrieving()

    def create(self, request):
        source = recording.record_source(by=request.user, collection=self.home(), given=self.given("collection"))
        return self.answer(source, status=201)

    def partial_update(self, request, pk):
        source = self.load(Permission.CONTRIBUTE)
        source = recording.revise_source(
            by=request.user, source=source, given=self.given("reason"), version=self.version(), reason=self.reason()
        )
        return self.answer(source)

    @extend_schema(request=inputs.GradeInput, responses={201: GradingShape})
    @action(detail=True, methods=["post"], url_path="gradings")
    def grade(self, request, pk):
        """Grade reliability (A–F) and credibility (1–6); the former grading stays as history."""
        source, body = self.load(Permission.CONTRIBUTE), self.body()
        item = None
        if body.get("item"):
            item = find(Item.objects.permitted(request.user), body["item"])
            if item is None:
                raise Invalid(_("There is no such record."), field="item")
        values = {name: body.get(name, "") for name in ("reliability", "credibility", "reason")}
        grading = assessment.grade(by=request.user, source=source, item=item, **values)
        return self.made(GradingShape, grading)


@exported(ItemRow, search.ITEM_FILTERS)
@extend_schema_view(
    list=listed(ItemRow, search.ITEM_FILTERS),
    create=extend_schema(request=inputs.ItemInput, responses={201: ItemShape}),
    partial_update=extend_schema(request=inputs.ItemPatch, parameters=[IF_MATCH]),
)
class ItemViewSet(Exports, HoldingActions, LikenessActions, _History, Conditions, Use, RecordViewSet):
    """Evidence items; their files are added apart and never change."""

    model = Item
    kind = "item"
    serializer_class = ItemShape
    filters = search.ITEM_FILTERS
    verb_refuses = ("create", "partial_update")
    acts = {
        "list": Does.READ, "export": Does.EXPORT, "retrieve": Does.READ, "history": Does.READ, "create": Does.INTAKE,
        "partial_update": Does.INTAKE, "files": Does.INTAKE, "proof": Does.READ, "verify": Does.READ,
        "use": Does.READ, "similar": Does.READ, **with_conditions("item")["acts"], **HOLDING_ACTS,
    }  # fmt: skip
    scopes = {
        "list": "items:read", "export": "items:read", "retrieve": "items:read", "history": "items:read",
        "create": "items:write",
        "partial_update": "items:write", "files": "items:write", "proof": "items:read", "verify": "items:read",
        "use": "items:read", "similar": "items:read", **with_conditions("item")["scopes"],
        **{name: "items:read" if act == Does.READ else "items:write" for name, act in HOLDING_ACTS.items()},
    }  # fmt: skip

    def get_serializer_class(self):
        return ItemRow if self.action in ("list", "export") else super().get_serializer_class()

    def list(self, request):
        return self.listing(self.get_queryset())

    def retrieve(self, request, pk):
        return self.retrieving()

    def create(self, request):
        item = intake.receive_item(by=request.user, collection=self.home(), given=self.given("collection"))
        return self.answer(item, status=201)

    def partial_update(self, request, pk):
        item = self.load(Permission.CONTRIBUTE)
        item = intake.revise_item(
            by=request.user, item=item, given=self.given("reason"), version=self.version(), reason=self.reason()
        )
        return self.answer(item)

    @extend_schema(request={"multipart/form-data": inputs.FileInput}, responses={201: FileShape})
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser, JSONParser])
    def files(self, request, pk):
        """Add a file: kept bit for bit, hashed, encrypted."""
        item = self.load(Permission.CONTRIBUTE)
        upload = request.FILES.get("file")
        if upload is None:
            raise Invalid(_("Send the bytes as the part “file” of a multipart form."), field="file")
        file = intake.receive_file(by=request.user, item=item, stream=upload.file, name=upload.name)
        tasks.wake()
        return self.made(FileShape, file)

    @extend_schema(
        request=inputs.ProofInput,
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
        parameters=[NAMED],
    )
    @action(detail=True, methods=["post"])
    def proof(self, request, pk):
        """The proof of the item's custody as one file, for verify_custody.py; that it went out is in the ledger."""
        item, body = self.load(), self.body()
        kept = body.get("kept") or ""
        if not isinstance(kept, str):
            raise Invalid(_("Send the checkpoint you kept as text."), field="kept")
        with_parts = body.get("with_parts") is True
        note = kept.encode("utf-8", "replace") or None
        proofs.check_kept(note)
        proofs.export_proof(by=request.user, item=item, purpose=body.get("purpose", ""), with_parts=with_parts)
        made = proofs.assemble(item, user=request.user, with_parts=with_parts, kept=note)
        return zip_answer(made, f"proof-{item.code}.zip")

    @extend_schema(request=None, responses=CheckShape(many=True))
    @action(detail=True, methods=["post"], pagination_class=None)
    def verify(self, request, pk):
        """Check the item's custody now: its bytes, its entries, their place in the signed log, the time stamp."""
        checks = proofs.verify_item(by=request.user, item=self.load())
        return Response(CheckShape(checks, many=True).data)
