"""Resumable uploads: each by tus, in pieces, by whoever began it alone; for everybody else it does not exist.

HTTP is read in evidence.api.tus; what a piece, an end or a refusal is, says evidence.uploading. The body of a piece is
never parsed: it goes to the storage as it comes.
"""

import errno
import uuid

from django.db import transaction
from django.http import Http404, HttpResponse, UnreadablePostError
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    OpenApiTypes,
    extend_schema,
    extend_schema_serializer,
    extend_schema_view,
)
from rest_framework import permissions, serializers
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.errors import Invalid
from accounts.grants import Permission, check_permitted
from accounts.roles import Act as Does
from evidence import tasks, uploading
from evidence.api import tus
from evidence.api.declared import Declared
from evidence.api.repeating import HEADER
from evidence.api.schema import sent
from evidence.models import File, IntakeBatch, Item, Upload
from evidence.recording.acts import find

PAGE = 500
TUS = OpenApiParameter("Tus-Resumable", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True, description="1.0.0")
OFFSET = OpenApiParameter("Upload-Offset", OpenApiTypes.INT, OpenApiParameter.HEADER, required=True)
SIZE = OpenApiParameter("Upload-Length", OpenApiTypes.INT, OpenApiParameter.HEADER, required=True)
ABOUT = OpenApiParameter(
    "Upload-Metadata", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True,
    description="Pairs of a key and a value in Base64: filename, folder, modified (milliseconds since 1970), and "
    "`item` (id or code) or `batch` (id).",
)  # fmt: skip
CHECKSUM = OpenApiParameter(
    "Upload-Checksum", OpenApiTypes.STR, OpenApiParameter.HEADER, description="Like `sha256 <Base64>`, of the piece."
)
SPOKEN = [
    sent("Tus-Resumable", "1.0.0"),
    sent("Tus-Version", "1.0.0", 412),
]
STANDS = [
    sent("Upload-Offset", "How many bytes have come; of GET, with HEAD alone.", 200, 201, 204, kind=OpenApiTypes.INT),
    sent("Upload-Length", "How many there will be.", 200, 201, 204, kind=OpenApiTypes.INT),
    sent("Upload-Expires", "When an upload that is not complete is given up.", 200, 201, 204),
]
LOCATION = sent("Location", "The address of the upload: send the pieces there.", 201)
BYTES = {tus.PIECE: OpenApiTypes.BINARY}


class UploadShape(serializers.ModelSerializer):
    """An upload; what became of it is told as far as its maker sees the item."""

    file = serializers.SerializerMethodField()
    item = serializers.SerializerMethodField()
    sha256 = serializers.SerializerMethodField()
    known = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = (
            "id", "batch", "name", "folder", "size", "modified_at", "state", "problem", "file", "item", "sha256",
            "known", "created_at", "finished_at",
        )  # fmt: skip
        extra_kwargs = {"size": {"allow_null": True}}  # hidden with the file, see below

    def to_representation(self, upload):
        """Even the name of what she brought is no longer hers to read where the file has been taken from her."""
        shown = super().to_representation(upload)
        if upload.file_id and not self._seen(upload):
            shown |= {"name": "", "folder": "", "size": None, "modified_at": None}
        return shown

    def _seen(self, upload) -> File | None:
        """The file, if its item is seen."""
        return self.context["files"].get(upload.file_id)

    def get_file(self, upload) -> uuid.UUID | None:
        file = self._seen(upload)
        return file.pk if file else None

    def get_item(self, upload) -> str | None:
        file = self._seen(upload)
        return file.item.code if file else None

    def get_sha256(self, upload) -> str | None:
        file = self._seen(upload)
        return file.blob.digest if file else None

    def get_known(self, upload) -> list[str]:
        """Codes of items that held the same bytes before, of those that are seen."""
        if not upload.was_known or not self._seen(upload):
            return []
        return [item.code for item in uploading.known_items(upload, user=self.context["user"])]


class OneUploadShape(UploadShape):
    offset = serializers.SerializerMethodField(help_text="Bytes that have come; null for what was given up.")
    expires_at = serializers.SerializerMethodField()

    class Meta(UploadShape.Meta):
        fields = (*UploadShape.Meta.fields, "offset", "expires_at")

    def get_offset(self, upload) -> int | None:
        return self.context["offset"]

    def get_expires_at(self, upload) -> str | None:
        return self.context["expires"]


@extend_schema_serializer(many=False)
class UploadPage(serializers.Serializer):
    next_after = serializers.UUIDField(allow_null=True)
    results = UploadShape(many=True)


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("batch", OpenApiTypes.UUID),
            OpenApiParameter("after", OpenApiTypes.UUID),
            *SPOKEN,
        ],
        responses=UploadPage,
    ),
    retrieve=extend_schema(
        parameters=[*SPOKEN, *STANDS],
        responses={
            200: OneUploadShape,
            410: OpenApiResponse(description="HEAD: the upload has ended: given up, or expired."),
            412: OpenApiResponse(description="HEAD: the server speaks another version of tus."),
        },
    ),
    create=extend_schema(
        parameters=[TUS, SIZE, ABOUT, CHECKSUM, *SPOKEN, *STANDS, LOCATION],
        request=BYTES,
        responses={201: OpenApiResponse(description="Begun.")},
    ),
    partial_update=extend_schema(
        parameters=[TUS, OFFSET, CHECKSUM, *SPOKEN, *STANDS],
        request=BYTES,
        responses={204: OpenApiResponse(description="Taken.")},
    ),
    destroy=extend_schema(parameters=[TUS, *SPOKEN], responses={204: OpenApiResponse(description="Given up.")}),
)
class UploadViewSet(Declared, GenericViewSet):
    """Files in pieces, by the tus protocol 1.0 (tus.io): resumed after a lost connection and after a restart."""

    serializer_class = UploadShape
    pagination_class = None
    is_poll = True  # a page that sends pieces is no sign of somebody at the keyboard
    acts = dict.fromkeys(("list", "retrieve", "create", "partial_update", "destroy"), Does.INTAKE)
    scopes = dict.fromkeys(acts, "items:write")
    lookup_value_regex = "[^/]+"

    def dispatch(self, request, *args, **kwargs):
        """A client that cannot send PATCH or DELETE says so in a header."""
        meant = request.headers.get("X-HTTP-Method-Override", "").upper()
        if request.method == "POST" and meant in ("PATCH", "DELETE", "HEAD") and "pk" in kwargs:
            request.method = meant
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and HEADER in request.headers:
            raise Invalid(
                _("An upload has an address: ask there how far it came, in place of an Idempotency-Key."), field=HEADER
            )

    def get_permissions(self):
        return [permissions.IsAuthenticated()] if self.action == "metadata" else super().get_permissions()

    def get_queryset(self):
        return Upload.objects.permitted(self.request.user)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Tus-Resumable"] = tus.VERSION
        if response.status_code == 412:
            response["Tus-Version"] = tus.VERSION
        return response

    def load(self) -> Upload:
        wanted = self.get_queryset().select_related(
            "batch__item", "batch__collection", "batch__incident", "item", "created_by"
        )
        upload = find(wanted, self.kwargs["pk"])
        if upload is None:
            raise Http404
        return upload

    def options(self, request, *args, **kwargs):
        """What this server can do."""
        return HttpResponse(status=204, headers=tus.capabilities())

    def list(self, request):
        """One's own uploads, oldest first, 500 at a time: of one batch with `batch`; `after` pages on."""
        rows = self.get_queryset().order_by("created_at", "pk")
        batch, after = request.query_params.get("batch"), request.query_params.get("after")
        if batch:
            rows = rows.filter(batch_id=_uuid(batch, "batch"))
        if after:
            last = find(self.get_queryset(), _uuid(after, "after"))
            if last is None:
                raise Invalid(_("“after” is the upload that the last page ended with."), field="after")
            rows = rows.filter(created_at__gte=last.created_at).exclude(created_at=last.created_at, pk__lte=last.pk)
        found = list(rows[: PAGE + 1])
        shown = found[:PAGE]
        data = UploadShape(shown, many=True, context=_context(request.user, shown)).data
        return Response({"next_after": shown[-1].pk if len(found) > PAGE else None, "results": data})

    def retrieve(self, request, pk):
        """Where an upload stands. HEAD is the protocol's question for the offset; GET tells what became of it."""
        upload = self.load()
        if request.method == "HEAD":
            tus.check_version(request)
            return self._answer(upload, self._offset(upload), status=200)
        try:
            offset = uploading.offset_of(upload)
        except uploading.Ended:
            offset = None
        expires = uploading.expires_at(upload) if upload.state == Upload.State.ARRIVING else None
        context = _context(request.user, [upload]) | {"offset": offset, "expires": expires}
        return Response(OneUploadShape(upload, context=context).data)

    def create(self, request):
        """Begin an upload; its first piece may come along."""
        tus.check_version(request)
        said, size = tus.metadata(request), tus.number(request, "Upload-Length")
        has_body = tus.has_body(request)
        with_piece = tus.is_piece(request) and has_body
        if has_body and not with_piece:
            raise tus.NoPiece
        upload = uploading.begin(
            by=request.user,
            name=said.get("filename") or said.get("name", ""),
            folder=said.get("folder", ""),
            modified_at=tus.moment(said.get("modified", "")),
            size=size,
            **self._target(said),
        )
        offset = self._take(upload, 0) if with_piece else 0
        if offset == size:
            upload = self._finished(upload)
        answer = self._answer(upload, offset, status=201)
        answer["Location"] = request.build_absolute_uri(reverse("api:upload-detail", args=[upload.pk]))
        return answer

    def partial_update(self, request, pk):
        """Take a piece; the last one keeps the file."""
        upload = self.load()
        tus.check_version(request)
        if not tus.is_piece(request):
            raise tus.NoPiece
        offset = self._take(upload, tus.number(request, "Upload-Offset"))
        if offset == upload.size:
            upload = self._finished(upload)
        return self._answer(upload, offset, status=204)

    def destroy(self, request, pk):
        """Give an upload up: nothing of it is left."""
        upload = self.load()
        tus.check_version(request)
        if upload.state not in (Upload.State.ARRIVING, Upload.State.KEPT):
            raise tus.Gone(str(upload.get_state_display()))
        uploading.cancel(by=request.user, upload=upload)
        return Response(status=204)

    def _target(self, said: dict) -> dict:
        """Where the file goes: through the gate, and hers to add to."""
        named = [name for name in ("batch", "item") if said.get(name)]
        if len(named) != 1:
            raise Invalid(_("Name in Upload-Metadata where the file goes: `item` or `batch`."), field="Upload-Metadata")
        (name,) = named
        user = self.request.user
        if name == "item":
            record = find(Item.objects.permitted(user), said["item"])
            if record is not None:
                check_permitted(user, record, Permission.CONTRIBUTE)
        else:
            rows = IntakeBatch.objects.permitted(user).filter(confidentiality__lte=user.clearance)
            record = find(rows.select_related("collection", "item", "incident"), said["batch"])
        if record is None:
            raise Invalid(_("There is no such record."), field=name)
        return {name: record}

    def _take(self, upload: Upload, offset: int) -> int:
        """Hand the body on as it comes; each way in which it can fail has its status."""
        request = self.request
        try:
            return uploading.write(
                by=request.user, upload=upload, stream=request._request, offset=offset, length=tus.length(request),
                digest=tus.checksum(request),
            )  # fmt: skip
        except uploading.WrongOffset as error:
            raise tus.Misplaced(error.expected)
        except uploading.Busy:
            raise tus.Occupied
        except uploading.TooMuch:
            raise Invalid(_("These are more bytes than the upload was announced with."), code="too_large")
        except uploading.WrongDigest:
            raise tus.Mismatch
        except uploading.Ended as error:
            raise tus.Gone(str(error))
        except UnreadablePostError:
            raise Invalid(_("The connection broke off. What arrived is kept."), code="broken_off")
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise tus.Full
            raise

    def _finished(self, upload: Upload) -> Upload:
        try:
            kept = uploading.finish(by=self.request.user, upload=upload)
        except uploading.Busy:
            raise tus.Occupied
        except uploading.Ended as error:
            raise tus.Gone(str(error))
        if kept.state != Upload.State.KEPT:  # given up by another request meanwhile
            raise tus.Gone(str(kept.get_state_display()))
        if kept.file_id:
            transaction.on_commit(lambda: tasks.nudge(tasks.process_file, str(kept.file_id)))
        return kept

    def _offset(self, upload: Upload) -> int:
        try:
            return uploading.offset_of(upload)
        except uploading.Ended as error:
            raise tus.Gone(str(error))

    def _answer(self, upload: Upload, offset: int, *, status: int) -> Response:
        headers = {"Upload-Offset": str(offset), "Upload-Length": str(upload.size), "Cache-Control": "no-store"}
        if upload.state == Upload.State.ARRIVING:
            headers["Upload-Expires"] = http_date(uploading.expires_at(upload).timestamp())
        return Response(status=status, headers=headers)


def _context(user, uploads) -> dict:
    """What the shapes ask for: the files of these uploads, of those that the person sees."""
    kept = [upload.file_id for upload in uploads if upload.file_id]
    seen = File.objects.permitted(user).filter(pk__in=kept) if kept else File.objects.none()
    return {"user": user, "files": {file.pk: file for file in seen.select_related("item", "blob")}}


def _uuid(text: str, field: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Invalid(_("“%(field)s” is an id.") % {"field": field}, field=field)
