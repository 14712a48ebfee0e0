"""What the viewsets share: loading through the gate, versions as ETags, filters, reading entries."""

import json

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.errors import Forbidden, Invalid
from accounts.grants import Permission
from evidence import search
from evidence.api.labels import Labels
from evidence.api.problems import VersionNeeded
from evidence.models import Collection
from evidence.recording.acts import find

IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True, description="ETag of the version you changed."
)


def filter_parameters(filters: dict) -> list[OpenApiParameter]:
    """OpenAPI parameters of a filter table; each may be repeated."""
    return [OpenApiParameter(name, OpenApiTypes.STR, many=name not in ("q", "bbox")) for name in filters]


class RecordViewSet(GenericViewSet):
    """Rows come from `.permitted(`; an action without a declared act is refused."""

    acts: dict = {}
    scopes: dict = {}
    filters: dict = {}
    kind = ""
    lookup_value_regex = "[^/]+"

    def get_serializer_context(self):
        return super().get_serializer_context() | {"labels": Labels()}

    def load(self, permission: str = Permission.VIEW):
        """The record of the URL: 404 when it does not exist for this person, 403 when she sees it but may not act."""
        seen = self.get_queryset().model.objects.permitted(self.request.user)
        record = find(seen, self.kwargs["pk"])
        if record is None:
            raise Http404
        return self.allowed(record, permission)

    def allowed(self, record, permission: str):
        if permission != Permission.VIEW:
            rows = type(record)._default_manager.filter(pk=record.pk).permitted(self.request.user, permission)
            if not rows.exists():
                raise Forbidden(_("You may see this record, but your access does not include this act."))
        return record

    def home(self) -> Collection:
        """The collection that a new record goes into, by `collection` in the body."""
        identifier = self.body().get("collection")
        seen = Collection.objects.permitted(self.request.user)
        collection = find(seen, identifier) if identifier else None
        if collection is None:
            raise Invalid(_("Name a collection you may contribute to, by its id or reference."), field="collection")
        return self.allowed(collection, Permission.CONTRIBUTE)

    def body(self) -> dict:
        """The JSON object of the request; a multipart one carries it in the part `data`."""
        data = self.request.data
        if hasattr(data, "getlist"):
            text = data.get("data") or "{}"
            try:
                data = json.loads(text if isinstance(text, str) else "")
            except (ValueError, RecursionError):
                raise Invalid(_("The part “data” is not JSON."), field="data")
        if not isinstance(data, dict):
            raise Invalid(_("Send a JSON object."))
        return data

    def given(self, *leave: str) -> dict:
        """The body without what the door itself reads."""
        return {name: value for name, value in self.body().items() if name not in ("collection", "reason", *leave)}

    def version(self) -> int:
        """The version the client changed, from If-Match: 428 without one."""
        tag = self.request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
        if not tag:
            raise VersionNeeded()
        if not (tag.isascii() and tag.isdigit() and len(tag) < 10):
            raise Invalid(_('If-Match holds the ETag of the record, like "3".'), field="If-Match")
        return int(tag)

    def answer(self, record, *, status: int = 200) -> Response:
        headers = {"ETag": f'"{record.version}"'} if hasattr(record, "version") else {}
        return Response(self.get_serializer(record).data, status=status, headers=headers)

    def reason(self) -> str:
        value = self.body().get("reason", "")
        return value if isinstance(value, str) else ""

    def listing(self, queryset) -> Response:
        """One page of a permitted queryset, filtered by the query string, with one reading entry."""
        narrowed = search.narrow(queryset, self.request.query_params, self.filters, user=self.request.user)
        rows = self.paginate_queryset(narrowed)
        search.note_search(by=self.request.user, kind=self.kind, params=self.request.query_params, shown=len(rows))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    def retrieving(self) -> Response:
        record = self.load()
        search.note_opened(by=self.request.user, record=record)
        return self.answer(record)
