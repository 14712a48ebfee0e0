"""Imports by API: bring a table, watch it run, read what was refused; saved mappings."""

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.errors import Invalid
from accounts.grants import Permission
from accounts.roles import Act as Does
from evidence import batches, tasks
from evidence.api import inputs
from evidence.api.base import RecordViewSet
from evidence.api.declared import Declared
from evidence.api.repeating import Repeats
from evidence.models import ImportBatch, ImportMapping, ImportRow

OUTCOMES = ("created", "updated", "unchanged", "refused")


class BatchShape(serializers.ModelSerializer):
    mapping = serializers.CharField(source="mapping.slug")
    collection = serializers.UUIDField(source="collection_id")
    per_cent = serializers.SerializerMethodField()
    dry_run = serializers.BooleanField(source="is_dry_run")

    class Meta:
        model = ImportBatch
        fields = (
            "id", "filename", "mapping", "collection", "dry_run", "confidentiality", "state", "problem", "total",
            "done", "per_cent", "created", "updated", "unchanged", "refused", "created_at", "started_at", "finished_at",
        )  # fmt: skip

    def get_per_cent(self, batch) -> int:
        return batches.progress(batch)


class ProblemShape(serializers.Serializer):
    column = serializers.CharField()
    reason = serializers.CharField()


class RowShape(serializers.Serializer):
    sheet = serializers.CharField()
    number = serializers.IntegerField(help_text="Row number as a spreadsheet shows it; the header is 1.")
    outcome = serializers.CharField()
    problems = ProblemShape(many=True)
    original = serializers.JSONField()
    incident = serializers.UUIDField(source="incident_id", allow_null=True)


class RowPage(serializers.Serializer):
    next_after = serializers.IntegerField(allow_null=True)
    results = RowShape(many=True)


@extend_schema_view(
    create=extend_schema(request={"multipart/form-data": inputs.ImportInput}, responses={201: BatchShape}),
    run=extend_schema(request=None, responses={201: BatchShape}),
    rows=extend_schema(
        responses=RowPage,
        parameters=[
            OpenApiParameter("outcome", OpenApiTypes.STR, enum=OUTCOMES),
            OpenApiParameter("after", OpenApiTypes.INT, description="`next_after` of the last page."),
        ],
    ),
)
class ImportViewSet(RecordViewSet):
    """A table becomes incidents; a trial run (`dry_run`, the default) changes nothing and reports everything."""

    model = ImportBatch
    serializer_class = BatchShape
    kind = "import"
    orderings = ("created",)
    parser_classes = (MultiPartParser, JSONParser)
    acts = dict.fromkeys(("list", "retrieve", "create", "run", "rows"), Does.IMPORT)
    scopes = dict.fromkeys(acts, "imports:write")
    pagination_class = None

    def get_queryset(self):
        return super().get_queryset().select_related("mapping")

    def list(self, request):
        """The 100 newest."""
        return Response(self.get_serializer(self.get_queryset()[:100], many=True).data)

    def retrieve(self, request, pk):
        return self.answer(self.load())

    def create(self, request):
        body = request.data
        upload = request.FILES.get("file")
        if upload is None:
            raise Invalid(_("Send the table as the part “file” of a multipart form."), field="file")
        mapping = ImportMapping.objects.filter(slug=str(body.get("mapping", ""))).first()
        if mapping is None:
            raise Invalid(_("There is no saved mapping with this short name."), field="mapping")
        batch = batches.receive_batch(
            by=request.user,
            collection=self.home(),
            mapping=mapping,
            stream=upload.file,
            filename=upload.name,
            dry_run=str(body.get("dry_run", "true")).lower() not in ("false", "0", "no"),
            confidentiality=body.get("confidentiality"),
        )
        return self._started(batch)

    def body(self):
        """Multipart fields stand beside the file, not in a part `data`."""
        return self.request.data

    @action(detail=True, methods=["post"])
    def run(self, request, pk):
        """Import for real what a finished trial run tried."""
        return self._started(batches.run_for_real(by=request.user, batch=self.load(Permission.CONTRIBUTE)))

    def _started(self, batch: ImportBatch) -> Response:
        transaction.on_commit(lambda: tasks.nudge(tasks.run_import, str(batch.pk)))
        return self.answer(batch, status=201)

    @action(detail=True, methods=["get"])
    def rows(self, request, pk):
        """Rows with what became of them: `outcome=refused` for the errors, `after` to page on, 200 at a time."""
        # A row that became a hidden record is as hidden: its original text says what the record says.
        rows = ImportRow.objects.filter(batch=self.load()).permitted(request.user)
        outcome, after = request.query_params.get("outcome"), request.query_params.get("after", "0")
        if outcome and outcome not in OUTCOMES:
            raise Invalid(_("“outcome” is created, updated, unchanged or refused."), field="outcome")
        if not (after.isascii() and after.isdigit() and len(after) < 18):
            raise Invalid(_("“after” is the number that the last page ended with."), field="after")
        found = list((rows.filter(outcome=outcome) if outcome else rows).filter(pk__gt=int(after)).order_by("pk")[:201])
        more = found[199].pk if len(found) > 200 else None
        return Response({"next_after": more, "results": RowShape(found[:200], many=True).data})


class MappingShape(serializers.ModelSerializer):
    class Meta:
        model = ImportMapping
        fields = ("slug", "name_en", "name_ko", "is_shipped", "spec", "updated_at")
        read_only_fields = ("is_shipped", "updated_at")
        extra_kwargs = {"slug": {"validators": []}}


class MappingViewSet(Declared, Repeats, GenericViewSet):
    """Saved column mappings: shipped ones, and your organisation's."""

    serializer_class = MappingShape
    queryset = ImportMapping.objects.all()
    lookup_field = "slug"
    pagination_class = None
    acts = dict.fromkeys(("list", "retrieve", "create"), Does.IMPORT)
    scopes = dict.fromkeys(acts, "imports:write")

    def list(self, request):
        return Response(self.get_serializer(self.get_queryset(), many=True).data)

    def retrieve(self, request, slug):
        return Response(self.get_serializer(self.get_object()).data)

    def create(self, request):
        body = self.body()
        values = {name: body.get(name, "") for name in ("slug", "name_en", "name_ko", "spec")}
        row = batches.save_mapping(by=request.user, **values)
        return Response(self.get_serializer(row).data, status=201)
