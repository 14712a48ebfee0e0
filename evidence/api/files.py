"""Files of items and their bytes: opened for a purpose, read by range under that opening, withdrawn and restored."""

import re

from django.http import Http404, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.errors import Invalid, Refused
from accounts.grants import Permission
from accounts.roles import Act as Does
from evidence import deriving, handling, reading, search, tasks
from evidence.api import inputs
from evidence.api.base import RecordViewSet
from evidence.api.claims import ProposalActions
from evidence.api.members import MemberActions
from evidence.api.read_shapes import PageShape, StepShape
from evidence.api.schema import sent
from evidence.api.serializers import FileShape
from evidence.models import File, Opening, Step

RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")
NEEDED = OpenApiParameter(
    "opening", OpenApiTypes.UUID, description="An opening of one's own; or as the header Opening."
)


class OpeningInput(serializers.Serializer):
    purpose = serializers.CharField(max_length=300, help_text="What it is opened for; kept in the item's history.")
    knowing = serializers.ListField(
        child=serializers.ChoiceField(handling.DANGERS),
        required=False,
        help_text="Dangers of the file that you know of and accept: malware, altered.",
    )


class OpeningShape(serializers.Serializer):
    id = serializers.UUIDField()
    url = serializers.SerializerMethodField(help_text="Good for you alone, until it expires.")
    purpose = serializers.CharField()
    expires_at = serializers.DateTimeField()

    def get_url(self, row) -> str:
        return f"{reverse('api:file-content', args=[row.file_id])}?opening={row.pk}"


class FileViewSet(ProposalActions, MemberActions, RecordViewSet):
    """Files of items, and their bytes."""

    model = File
    serializer_class = FileShape
    acts = dict.fromkeys(("retrieve", "content", "openings", "steps", "page", "proposals", "members"), Does.READ)
    acts |= dict.fromkeys(("withdraw", "restore", "retry", "adopt", "dismiss", "take_members"), Does.INTAKE)
    scopes = {name: "items:read" if act == Does.READ else "items:write" for name, act in acts.items()}

    def retrieve(self, request, pk):
        return self.answer(self.load())

    @extend_schema(responses=StepShape(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def steps(self, request, pk):
        """What was made of the file by machines, step by step, and what could not be done and why."""
        file = self.load()
        search.note_opened(by=request.user, record=file.item)
        steps = Step.objects.permitted(request.user).filter(file=file, ended_at=None)
        return Response(StepShape(steps, many=True, context=self.get_serializer_context()).data)

    @extend_schema(
        responses=PageShape,
        parameters=[OpenApiParameter("number", OpenApiTypes.INT, OpenApiParameter.PATH, description="from 1")],
    )
    @action(detail=True, methods=["get"], url_path=r"pages/(?P<number>[^/.]+)")
    def page(self, request, pk, number):
        """The text of one page; the reading is in the ledger."""
        file = self.load()
        asked = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else 0
        page = reading.read_page(by=request.user, file=file, number=asked)
        if page is None:
            raise Http404
        return Response(PageShape(page, context=self.get_serializer_context()).data)

    @extend_schema(request=None, responses={202: FileShape})
    @action(detail=True, methods=["post"])
    def retry(self, request, pk):
        """Run the steps that have no result again."""
        file = self.load(Permission.CONTRIBUTE)
        deriving.retry(by=request.user, file=file)
        tasks.wake()
        return self.answer(file, status=202)

    @extend_schema(request=OpeningInput, responses={201: OpeningShape})
    @action(detail=True, methods=["post"])
    def openings(self, request, pk):
        """Open the file for a stated purpose: a link for you alone, for some minutes. It is in the item's history."""
        file, body = self.load(), self.body()
        knowing = body.get("knowing") or []
        if not isinstance(knowing, list) or not all(danger in handling.DANGERS for danger in knowing):
            raise Invalid(_("This is a list of: %(known)s.") % {"known": ", ".join(handling.DANGERS)}, field="knowing")
        row = handling.open_for(by=request.user, file=file, purpose=body.get("purpose", ""), knowing=knowing)
        return Response(OpeningShape(row).data, status=201)

    @extend_schema(
        parameters=[
            NEEDED,
            OpenApiParameter(
                "Opening", OpenApiTypes.UUID, OpenApiParameter.HEADER, description="In place of the parameter."
            ),
            OpenApiParameter("Range", OpenApiTypes.STR, OpenApiParameter.HEADER, description="bytes=0-1023"),
            sent("Content-Disposition", "The name of the file.", 200, 206),
            sent("Accept-Ranges", "bytes", 200, 206),
            sent("Content-Range", "Which bytes of how many.", 206, 416),
            sent("Digest", "sha-256= and the digest of the whole file.", 200, 206),
        ],
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            (206, "application/octet-stream"): OpenApiTypes.BINARY,
            409: OpenApiResponse(description="There is no opening of yours, or it has ended; or not possible now."),
            416: OpenApiResponse(description="The range lies outside the file."),
        },
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def content(self, request, pk):
        """The original bytes, whole or by range, under an opening of your own. Each reading is in the ledger."""
        file = self.load()
        opening = handling.opening_for(
            request.user, request.query_params.get("opening") or request.headers.get("Opening")
        )
        if opening is None or opening.file_id != file.pk:
            raise Refused(
                _("Say first what you open it for: POST {“purpose”: …} to %(path)s, and use the link you get.")
                % {"path": reverse("api:file-openings", args=[file.pk])},
                code="opening_needed",
            )
        return stream(request, opening)

    @extend_schema(request=inputs.ReasonInput, responses=FileShape)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk):
        """Withdraw one file, with the reason: what is recorded of it stays, its bytes are not opened any more."""
        file = self._of_item()
        return self.answer(handling.withdraw_file(by=request.user, file=file, reason=self.reason()))

    @extend_schema(request=inputs.ReasonInput, responses=FileShape)
    @action(detail=True, methods=["post"])
    def restore(self, request, pk):
        """Take the withdrawal of a file back, with the reason."""
        file = self._of_item()
        return self.answer(handling.restore_file(by=request.user, file=file, reason=self.reason()))

    def _of_item(self) -> File:
        file = self.load()
        self.allowed(file.item, Permission.CONTRIBUTE)
        return file


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


def stream(request, opening: Opening):
    """The bytes as an attachment that no browser interprets, whatever they are; used by the web door too."""
    file = opening.file
    size = file.blob.size
    try:
        wanted = byte_range(request.headers.get("Range", ""), size)
    except ValueError:
        return StreamingHttpResponse([], status=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = wanted or (0, size)
    opened = handling.read_opened(by=request.user, opening=opening, start=start, end=end)
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
