"""Lists that go out whole: `….ndjson`, and CSV and GeoJSON by Accept. Streamed: memory does not grow with the list."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.http import StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from accounts.errors import Forbidden, Invalid, Refused
from accounts.grants import keeping_scopes
from accounts.models import ApiToken
from accounts.roles import Act as Does
from accounts.roles import may
from custody import ledger
from evidence import exporting
from evidence.api.base import filter_parameters
from evidence.api.forms import Csv, CsvRenderer, GeoJson, GeoJsonRenderer, Ndjson, NdjsonRenderer, OnlyNdjsonRenderer
from evidence.api.labels import Labels
from evidence.api.schema import EXPORTED, NAMED

log = logging.getLogger(__name__)
BOM = OpenApiParameter(
    "bom",
    OpenApiTypes.STR,
    enum=["yes", "no"],
    description="CSV only: begin with a byte order mark, which Excel needs.",
)


class FeatureShape(serializers.Serializer):
    type = serializers.ChoiceField(["Feature"])
    id = serializers.UUIDField()
    geometry = serializers.DictField(help_text="A Point: longitude, latitude.")
    properties = serializers.DictField(help_text="The row of the list, and `precision`.")


@extend_schema_serializer(many=False)
class FeaturesShape(serializers.Serializer):
    type = serializers.ChoiceField(["FeatureCollection"])
    features = FeatureShape(many=True)
    count = serializers.IntegerField()
    without_place = serializers.IntegerField(help_text="Incidents that have no point and were left out.")
    end = serializers.BooleanField(help_text="True: these are all. False: `detail` says what came between.")
    detail = serializers.CharField(required=False)


def listed(shape, filters: dict, *, has_places: bool = False):
    """The schema of a list that is JSON by the page, and whole as CSV and, with places, as GeoJSON."""
    whole = {(200, "text/csv"): OpenApiTypes.STR} | (
        {(200, "application/geo+json"): FeaturesShape} if has_places else {}
    )
    return extend_schema(
        parameters=[*filter_parameters(filters), BOM, NAMED, EXPORTED],
        responses={(200, "application/json"): shape(many=True), **whole},
    )


def exported(shape, filters: dict):
    """Describe `….ndjson` of a viewset: drf-spectacular knows the usual actions and extra ones, and this is neither."""

    def describe(view):
        def export(self, request):
            return self.export_as(Ndjson())

        view.export = extend_schema(
            parameters=[*filter_parameters(filters), _ordering(view), NAMED, EXPORTED],
            responses={(200, "application/x-ndjson"): shape},
            tags=[f"{view.kind}s"],
            operation_id=f"{view.kind}s_export",
            description="The whole list, one record a line, shaped as in the list. The last line is "
            '`{"end": true, "count": N}`: without it, the list is not complete.',
        )(export)
        return view

    return describe


def _ordering(view) -> OpenApiParameter:
    names = [sign + name for name in view.orderings for sign in ("", "-")]
    return OpenApiParameter("ordering", OpenApiTypes.STR, enum=names, description="Order; “-” is descending.")


class Exports:
    """Beside a list: the whole of it. Goes before the viewset among the bases; the viewset names `kind`."""

    has_places = False

    def get_renderers(self):
        places = [GeoJsonRenderer] if self.has_places else []
        chosen = {"list": [JSONRenderer, CsvRenderer, *places], "export": [NdjsonRenderer, OnlyNdjsonRenderer]}
        return [renderer() for renderer in chosen.get(self.action, [JSONRenderer])]

    def listing(self, queryset):
        """The page of the list, or the whole of it where another form than JSON is asked for."""
        form = self.request.accepted_renderer.format
        if form == "csv":
            shape = self.get_serializer()
            return self.export_as(Csv(shape, shape.names, bom=self._bom()))
        if form == "geojson":
            return self.export_as(GeoJson())
        return super().listing(queryset)

    def _bom(self) -> bool:
        value = self.request.query_params.get("bom", "no")
        if value not in ("yes", "no"):
            raise Invalid(_("This is yes or no."), field="bom")
        return value == "yes"

    def export_as(self, form) -> StreamingHttpResponse:
        """Begin an export of what the query string finds; whatever is wrong is said before a byte leaves."""
        request = self.request
        if not may(request.user, Does.EXPORT):
            raise Forbidden(_("Your role does not include this. Ask an administrator if it should."))
        params = request.query_params.copy()
        if isinstance(form, Csv):
            params.pop("bom", None)
        ids = exporting.selected(request.user, self.kind, params, orderings=self.orderings)
        written = _Written(self, form, ids, exporting.begin_export(
            by=request.user, kind=self.kind, form=form.suffix, params=params
        ))  # fmt: skip
        name = f"{self.kind}s-{timezone.now():%Y%m%dT%H%MZ}.{form.suffix}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Export-Id": str(written.id)}
        return StreamingHttpResponse(iter(written), content_type=form.media_type, headers=headers)


class _Written:
    """An export while it is written: after the request is over, as far as Django's middlewares are concerned."""

    def __init__(self, view: Exports, form, ids, export):
        request = view.request
        self.id, self._form, self._ids, self._kind = export, form, ids, view.kind
        self._user, self._request_id = request.user, getattr(request, "id", "")
        self._token_id = request.auth.pk if isinstance(request.auth, ApiToken) else None
        self._shape, self._fields = view.get_serializer_class(), view.fields_wanted()
        self._language, self._labels = translation.get_language() or "en", Labels()
        self._count, self._is_noted = 0, False

    def __iter__(self) -> Iterator[str]:
        try:
            yield self._form.head()
            for piece in exporting.pieces(self._ids):
                yield self._piece(piece)
            self._note(is_complete=True)
            yield self._form.end(self._count)
        except GeneratorExit:
            self._note_cut()
            raise
        except Exception as error:
            log.warning("the export %s was not finished (%s)", self.id, type(error).__name__)
            self._note_cut()
            with translation.override(self._language):
                failed = _("The server could not go on. Ask for the list again.")
                said = str(error) if isinstance(error, Refused) else failed
            yield self._form.end(self._count, problem=said)

    @contextmanager
    def _as_in_the_request(self):
        with ExitStack() as stack:
            stack.enter_context(ledger.request(self._request_id))
            stack.enter_context(keeping_scopes())
            stack.enter_context(translation.override(self._language))
            yield

    def _piece(self, piece: list) -> str:
        with self._as_in_the_request():
            user, rows = exporting.still_seen(self._user.pk, self._token_id, self._kind, piece)
            context = {"user": user, "labels": self._labels}
            text = self._form.rows(rows, self._shape(rows, many=True, context=context, fields=self._fields).data)
        self._count += len(rows)
        return text

    def _note(self, *, is_complete: bool) -> None:
        if not self._is_noted:
            self._is_noted = True
            with self._as_in_the_request():
                exporting.end_export(
                    by=self._user, export=self.id, kind=self._kind, count=self._count, is_complete=is_complete
                )

    def _note_cut(self) -> None:
        try:
            self._note(is_complete=False)
        except Exception as error:  # an export that has no second entry was cut as well
            log.error("the end of the export %s could not be recorded (%s)", self.id, type(error).__name__)
