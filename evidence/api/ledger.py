"""The doors of the ledger: checkpoints and proofs for everybody who is signed in, tiles and entries for auditors."""

import base64
import re
import uuid

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    OpenApiTypes,
    extend_schema,
    extend_schema_serializer,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from accounts.errors import Invalid
from accounts.models import ApiToken
from accounts.roles import Act as Does
from custody import checkpoints, proofs, tiles
from custody.tree import ProofError
from evidence import audit, verifications
from evidence import proofs as record_proofs
from evidence.api.declared import Declared
from evidence.api.repeating import Repeats
from evidence.api.schema import NAMED

PLAIN = "text/plain; charset=utf-8"
SIZE = OpenApiParameter("size", OpenApiTypes.INT, description="The size of a signed checkpoint; the newest without it.")
NOTHING = OpenApiResponse(description="There is nothing here.")


class CheckpointRow(serializers.Serializer):
    size = serializers.IntegerField()
    root = serializers.CharField(help_text="hex")
    signed_at = serializers.DateTimeField()
    note = serializers.CharField(help_text="C2SP signed note")
    stamps = serializers.ListField(child=serializers.DictField(), help_text="authority, at, token (base64 of DER)")


class CheckpointPage(serializers.Serializer):
    next = serializers.IntegerField(allow_null=True, help_text="pass as `before` for the older ones")
    results = CheckpointRow(many=True)


class InclusionShape(serializers.Serializer):
    index = serializers.IntegerField()
    size = serializers.IntegerField()
    leaf_hash = serializers.CharField(help_text="hex")
    proof = serializers.ListField(child=serializers.CharField(), help_text="hex, from the leaf up")


class ConsistencyShape(serializers.Serializer):
    old = serializers.IntegerField()
    new = serializers.IntegerField()
    proof = serializers.ListField(child=serializers.CharField(), help_text="hex")


class TrustShape(serializers.Serializer):
    origin = serializers.CharField()
    log_keys = serializers.ListField(child=serializers.CharField(), help_text="name+id+base64, as in C2SP notes")
    authorities = serializers.ListField(child=serializers.CharField(), help_text="PEM of trusted roots")


class VerificationShape(serializers.Serializer):
    id = serializers.UUIDField()
    requested_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    size = serializers.IntegerField(allow_null=True)
    holds = serializers.BooleanField(allow_null=True)
    findings = serializers.ListField(child=serializers.DictField())


class CheckShape(serializers.Serializer):
    """One thing that "verify" looked at: bytes, signed, entries, files, stamped, waiting."""

    code = serializers.CharField()
    holds = serializers.BooleanField(allow_null=True, help_text="null where it was not looked at")
    facts = serializers.DictField()


def _number(request, name: str, *, default: int | None = None) -> int:
    text = request.query_params.get(name, "")
    if not text and default is not None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid(_("“%(name)s” is a whole number.") % {"name": name}, field=name)
    return int(text)


class LedgerViewSet(Declared, Repeats, ViewSet):
    """What an outsider needs to follow the log: signed checkpoints with their time stamps, and proofs."""

    acts = {
        "checkpoint": Does.OWN, "checkpoints": Does.OWN, "consistency": Does.OWN, "inclusion": Does.OWN,
        "keys": Does.OWN, "tile": Does.AUDIT, "verifications": Does.AUDIT, "verify": Does.AUDIT, "proof": Does.AUDIT,
    }  # fmt: skip
    scopes = dict.fromkeys(("tile", "verifications", "verify", "proof"), "ledger:read")

    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR, 404: NOTHING}, parameters=[SIZE])
    @action(detail=False, methods=["get"])
    def checkpoint(self, request):
        """The newest signed checkpoint, or the one of a size, as a C2SP note."""
        size = _number(request, "size", default=-1)
        found = checkpoints.latest() if size < 0 else checkpoints.of_size(size)
        if found is None:
            raise Http404
        return HttpResponse(bytes(found.note), content_type=PLAIN)

    @extend_schema(responses=CheckpointPage, parameters=[OpenApiParameter("before", OpenApiTypes.INT)])
    @action(detail=False, methods=["get"])
    def checkpoints(self, request):
        """Signed checkpoints, newest first, 50 at a time, with their time stamps."""
        rows = checkpoints.page(before=_number(request, "before", default=2**62), limit=51)
        stamps = checkpoints.stamps_of([row.size for row in rows])
        results = [
            {
                "size": row.size,
                "root": bytes(row.root).hex(),
                "signed_at": row.signed_at,
                "note": bytes(row.note).decode(),
                "stamps": [
                    {"authority": issuer, "at": at, "token": base64.b64encode(token).decode()}
                    for issuer, at, token in stamps.get(row.size, [])
                ],
            }
            for row in rows[:50]
        ]
        return Response({"next": rows[49].size if len(rows) > 50 else None, "results": results})

    @extend_schema(
        responses={200: ConsistencyShape, 404: NOTHING},
        parameters=[
            OpenApiParameter("from", OpenApiTypes.INT, required=True),
            OpenApiParameter("to", OpenApiTypes.INT),
        ],
    )
    @action(detail=False, methods=["get"])
    def consistency(self, request):
        """Proof that the log of size `to` contains the one of size `from` unchanged; both are signed sizes."""
        newest = checkpoints.latest()
        old, new = _number(request, "from"), _number(request, "to", default=newest.size if newest else 0)
        try:
            proof = proofs.consistency(*sorted((old, new)))
        except ProofError:
            raise Http404
        return Response({"old": min(old, new), "new": max(old, new), "proof": [step.hex() for step in proof]})

    @extend_schema(
        responses={200: InclusionShape, 404: NOTHING},
        parameters=[
            OpenApiParameter("entry", OpenApiTypes.UUID, required=True, description="the `id` that the entry says"),
            OpenApiParameter("hash", OpenApiTypes.STR, required=True, description="SHA-256 of 00 and the entry, hex"),
            SIZE,
        ],
    )
    @action(detail=False, methods=["get"])
    def inclusion(self, request):
        """Proof that an entry is in the log, for whoever holds its bytes: asked by its id and leaf hash."""
        text = request.query_params.get("hash", "")
        try:
            entry_id = uuid.UUID(request.query_params.get("entry", ""))
        except ValueError:
            raise Invalid(_("“entry” is the id that the entry says."), field="entry")
        if not re.fullmatch(r"[0-9a-f]{64}", text):
            raise Invalid(_("“hash” is a SHA-256 in hex, of a zero byte and the entry's bytes."), field="hash")
        newest = checkpoints.latest()
        size = _number(request, "size", default=newest.size if newest else 0)
        index = proofs.find_leaf(entry_id, bytes.fromhex(text))
        try:
            if index is None:
                raise Http404
            leaf, path = proofs.inclusion(index, size)
        except ProofError:
            raise Http404
        return Response({"index": index, "size": size, "leaf_hash": leaf.hex(), "proof": [step.hex() for step in path]})

    @extend_schema(responses=TrustShape)
    @action(detail=False, methods=["get"])
    def keys(self, request):
        """trust.json: the log's name, its keys and the authorities' roots. Get it by another way too, and compare."""
        return Response(proofs.trust_document())

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 404: NOTHING},
        parameters=[OpenApiParameter("place", OpenApiTypes.STR, OpenApiParameter.PATH, description="0/x001/234.p/5")],
    )
    @action(detail=False, methods=["get"], url_path=r"tile/(?P<place>[0-9a-z/.]+)")
    def tile(self, request, place):
        """A tile of the log (C2SP tlog-tiles): `LEVEL/N`, `entries/N`, `.p/W` for a partial one."""
        try:
            return HttpResponse(tiles.read(place), content_type="application/octet-stream")
        except tiles.NoSuchTile:
            raise Http404

    @extend_schema(responses=VerificationShape(many=True))
    @action(detail=False, methods=["get"])
    def verifications(self, request):
        """The last verifications of the whole ledger, newest first, with what each found."""
        return Response(VerificationShape(verifications.recent(), many=True).data)

    @extend_schema(request=None, responses={202: VerificationShape})
    @verifications.mapping.post
    def verify(self, request):
        """Ask for a verification of the whole ledger; a worker does it. Poll the list."""
        return Response(VerificationShape(verifications.request(by=request.user)).data, status=202)

    @extend_schema(
        responses={(200, "application/zip"): OpenApiTypes.BINARY, 404: NOTHING},
        parameters=[
            OpenApiParameter("key", OpenApiTypes.UUID, OpenApiParameter.PATH, description="id of the record"),
            NAMED,
        ],
    )
    @action(detail=False, methods=["get"], url_path=r"objects/(?P<key>[^/]+)/proof")
    def proof(self, request, key):
        """The proof of one record's history for an auditor: every entry, none of their words."""
        try:
            pk = uuid.UUID(key)
        except ValueError:
            raise Http404
        made = record_proofs.bare_proof(pk, user=request.user)
        if made is None:
            raise Http404
        return zip_answer(made, f"proof-{pk}.zip")


def zip_answer(made: proofs.ProofOfRecord, name: str) -> HttpResponse:
    answer = HttpResponse(made.zipped(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


class EntryShape(serializers.Serializer):
    """An entry. `envelope` are its exact bytes: SHA-256 over a zero byte and them is its leaf."""

    id = serializers.UUIDField()
    index = serializers.IntegerField(allow_null=True, help_text="null while it waits to be numbered")
    at = serializers.DateTimeField()
    act = serializers.CharField()
    object = serializers.DictField()
    actor = serializers.DictField()
    data = serializers.DictField()
    parts = serializers.DictField(help_text="name → withheld, erased, or {salt, body}")
    envelope = serializers.CharField()


@extend_schema_serializer(many=False)
class EntryPage(serializers.Serializer):
    next = serializers.IntegerField(allow_null=True, help_text="pass as `before` for the older ones")
    results = EntryShape(many=True)


def _entry(entry, *, opens: bool) -> dict:
    content = entry.content
    return {
        "id": str(entry.entry_id),
        "index": entry.index,
        "at": entry.recorded_at,
        "act": entry.act,
        "object": content["object"],
        "actor": content["actor"],
        "data": content["data"],
        "parts": {payload.part: _part(payload, opens) for payload in entry.payloads.all()},
        "envelope": bytes(entry.envelope).decode(),
    }


def _part(payload, opens: bool):
    if payload.body is None:
        return "erased"
    if not opens:
        return "withheld"
    return {"salt": bytes(payload.salt).hex(), "body": bytes(payload.body).decode()}


class EntryViewSet(Declared, ViewSet):
    """Entries of the ledger: all for auditors, without their words; one by one for who may see its record."""

    acts = {"list": Does.AUDIT, "retrieve": Does.OWN}
    scopes = {"list": "ledger:read", "retrieve": "ledger:read"}
    lookup_value_regex = "[^/]+"

    @extend_schema(
        responses=EntryPage,
        parameters=[
            OpenApiParameter("act", OpenApiTypes.STR, many=True, description="an act, or a family like “item.”"),
            OpenApiParameter("object", OpenApiTypes.STR, description="id or reference code of a record"),
            OpenApiParameter("kind", OpenApiTypes.STR, many=True),
            OpenApiParameter("actor", OpenApiTypes.STR, description="id or e-mail of a person"),
            OpenApiParameter("date_from", OpenApiTypes.DATE),
            OpenApiParameter("date_to", OpenApiTypes.DATE),
            OpenApiParameter("unattributed", OpenApiTypes.BOOL, description="only changes that no act accounts for"),
            OpenApiParameter("rows", OpenApiTypes.BOOL, description="the row entries of acts too"),
            OpenApiParameter("before", OpenApiTypes.INT),
        ],
    )
    def list(self, request):
        before = _number(request, "before", default=2**62)
        entries = audit.page(
            audit.wanted(request.query_params), user=request.user, params=request.query_params, before=before
        )
        shown = entries[: audit.PAGE]
        following = shown[-1].eid if len(entries) > audit.PAGE else None
        return Response({"next": following, "results": [_entry(entry, opens=False) for entry in shown]})

    @extend_schema(
        responses={200: EntryShape, 404: NOTHING},
        parameters=[OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
    )
    def retrieve(self, request, pk):
        try:
            scopes = request.auth.scopes if isinstance(request.auth, ApiToken) else None
            found = audit.read(uuid.UUID(pk), user=request.user, scopes=scopes)
        except ValueError:
            found = None
        if found is None:
            raise Http404
        return Response(_entry(found.entry, opens=found.opens))
