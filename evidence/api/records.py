"""Persons, sources, items and files."""

import re

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, OpenApiTypes, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.response import Response

from accounts.errors import Invalid
from accounts.grants import Permission
from accounts.roles import Act as Does
from evidence import assessment, handling, intake, proofs, protection, recording, search
from evidence.api import inputs
from evidence.api.base import IF_MATCH, RecordViewSet, filter_parameters
from evidence.api.ledger import CheckShape, zip_answer
from evidence.api.serializers import EventShape, FileShape, GradingShape, ItemRow, ItemShape, PersonShape, SourceShape
from evidence.history import history_of
from evidence.models import File, Item, Person, Source
from evidence.recording.acts import find

RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


class _History:
    """`GET …/history`: what happened to the record, newest first."""

    @extend_schema(responses=EventShape(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def history(self, request, pk):
        record = self.load()
        search.note_opened(by=request.user, record=record)
        events = history_of(record, user=request.user)
        return Response(EventShape(events, many=True, context=self.get_serializer_context()).data)


@extend_schema_view(
    list=extend_schema(parameters=filter_parameters(search.PERSON_FILTERS)),
    create=extend_schema(request=inputs.PersonInput, responses={201: PersonShape}),
    partial_update=extend_schema(request=inputs.PersonPatch, parameters=[IF_MATCH]),
)
class PersonViewSet(_History, RecordViewSet):
    """Persons under their pseudonyms. Names and identity are in the vault."""

    kind = "person"
    serializer_class = PersonShape
    filters = search.PERSON_FILTERS
    acts = {
        "list": Does.READ, "retrieve": Does.READ, "history": Does.READ, "create": Does.RECORD,
        "partial_update": Does.RECORD, "identity": Does.IDENTITY,
    }  # fmt: skip
    scopes = {
        "list": "persons:read", "retrieve": "persons:read", "history": "persons:read", "create": "persons:write",
        "partial_update": "persons:write", "identity": "persons:identity",
    }  # fmt: skip

    def get_queryset(self):
        return Person.objects.permitted(self.request.user)

    def list(self, request):
        return self.listing(self.get_queryset())

    def retrieve(self, request, pk):
        return self.retrieving()

    def create(self, request):
        return self.answer(
            recording.record_person(by=request.user, collection=self.home(), given=self.given()), status=201
        )

    def partial_update(self, request, pk):
        person = self.load(Permission.CONTRIBUTE)
        person = recording.revise_person(
            by=request.user, person=person, given=self.given(), version=self.version(), reason=self.reason()
        )
        return self.answer(person)

    @extend_schema(request=inputs.ReasonInput, responses=inputs.IdentityShape)
    @action(detail=True, methods=["post"])
    def identity(self, request, pk):
        """Open the identity vault for a stated reason; the opening is in the ledger and on the person's record."""
        opened = protection.open_identity(by=request.user, person=self.load(), reason=self.reason())
        return Response({"names": opened.names, "identity": opened.identity})


@extend_schema_view(
    list=extend_schema(parameters=filter_parameters(search.SOURCE_FILTERS)),
    create=extend_schema(request=inputs.SourceInput, responses={201: SourceShape}),
    partial_update=extend_schema(request=inputs.SourcePatch, parameters=[IF_MATCH]),
)
class SourceViewSet(_History, RecordViewSet):
    """Sources under protected references, and their gradings."""

    kind = "source"
    serializer_class = SourceShape
    filters = search.SOURCE_FILTERS
    acts = {
        "list": Does.READ, "retrieve": Does.READ, "history": Does.READ, "create": Does.RECORD,
        "partial_update": Does.RECORD, "grade": Does.ASSESS,
    }  # fmt: skip
    scopes = {
        "list": "sources:read", "retrieve": "sources:read", "history": "sources:read", "create": "sources:write",
        "partial_update": "sources:write", "grade": "sources:write",
    }  # fmt: skip

    def get_queryset(self):
        return Source.objects.permitted(self.request.user)

    def list(self, request):
        return self.listing(self.get_queryset())

    def retrieve(self, request, pk):
        return self.retrieving()

    def create(self, request):
        source = recording.record_source(by=request.user, collection=self.home(), given=self.given())
        return self.answer(source, status=201)

    def partial_update(self, request, pk):
        source = self.load(Permission.CONTRIBUTE)
        source = recording.revise_source(
            by=request.user, source=source, given=self.given(), version=self.version(), reason=self.reason()
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
        return Response(GradingShape(grading, context=self.get_serializer_context()).data, status=201)


@extend_schema_view(
    list=extend_schema(parameters=filter_parameters(search.ITEM_FILTERS)),
    create=extend_schema(request=inputs.ItemInput, responses={201: ItemShape}),
    partial_update=extend_schema(request=inputs.ItemPatch, parameters=[IF_MATCH]),
)
class ItemViewSet(_History, RecordViewSet):
    """Evidence items; their files are added apart and never change."""

    kind = "item"
    serializer_class = ItemShape
    filters = search.ITEM_FILTERS
    acts = {
        "list": Does.READ, "retrieve": Does.READ, "history": Does.READ, "create": Does.INTAKE,
        "partial_update": Does.INTAKE, "files": Does.INTAKE, "proof": Does.READ, "verify": Does.READ,
    }  # fmt: skip
    scopes = {
        "list": "items:read", "retrieve": "items:read", "history": "items:read", "create": "items:write",
        "partial_update": "items:write", "files": "items:write", "proof": "items:read", "verify": "items:read",
    }  # fmt: skip

    def get_queryset(self):
        return Item.objects.permitted(self.request.user)

    def get_serializer_class(self):
        return ItemRow if self.action == "list" else super().get_serializer_class()

    def list(self, request):
        return self.listing(self.get_queryset())

    def retrieve(self, request, pk):
        return self.retrieving()

    def create(self, request):
        return self.answer(intake.receive_item(by=request.user, collection=self.home(), given=self.given()), status=201)

    def partial_update(self, request, pk):
        item = self.load(Permission.CONTRIBUTE)
        item = intake.revise_item(
            by=request.user, item=item, given=self.given(), version=self.version(), reason=self.reason()
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
        return Response(FileShape(file, context=self.get_serializer_context()).data, status=201)

    @extend_schema(
        request=inputs.ProofInput,
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
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


class FileViewSet(RecordViewSet):
    """Files of items, and their bytes."""

    serializer_class = FileShape
    acts = {"retrieve": Does.READ, "content": Does.READ}
    scopes = {"retrieve": "items:read", "content": "items:read"}

    def get_queryset(self):
        return File.objects.permitted(self.request.user)

    def retrieve(self, request, pk):
        return self.answer(self.load())

    @extend_schema(
        parameters=[OpenApiParameter("Range", OpenApiTypes.STR, OpenApiParameter.HEADER, description="bytes=0-1023")],
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            (206, "application/octet-stream"): OpenApiTypes.BINARY,
            416: OpenApiResponse(description="The range lies outside the file."),
        },
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def content(self, request, pk):
        """The original bytes, whole or by range. Each opening is in the ledger."""
        return stream(request, self.load())


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """(start, end) of a single byte range, None for the whole; raises ValueError outside the file."""
    match = RANGE.match(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
    if start >= size or start >= end:
        raise ValueError("outside the file")
    return start, end


def stream(request, file: File):
    """The bytes as an attachment that no browser interprets; used by the web door too."""
    size = file.blob.size
    try:
        wanted = byte_range(request.headers.get("Range", ""), size)
    except ValueError:
        return StreamingHttpResponse([], status=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = wanted or (0, size)
    opened = handling.open_file(by=request.user, file=file, start=start, end=end)
    headers = {
        "Content-Length": str(end - start),
        "Content-Disposition": content_disposition_header(True, file.name) or "attachment",
        "Accept-Ranges": "bytes",
        "Digest": f"sha-256={file.blob.digest}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return StreamingHttpResponse(
        opened.chunks, status=206 if wanted else 200, content_type="application/octet-stream", headers=headers
    )
