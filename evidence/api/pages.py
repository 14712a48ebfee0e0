"""Lists of the API: keyset cursors, optional capped or exact count."""

from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from accounts.errors import Invalid
from evidence.search import Counted, listed


def count_of(found: Counted, wanted: str | None) -> dict:
    """What `?count=` adds to an answer: {"count", "count_is"}, or nothing."""
    if not wanted:
        return {}
    if wanted not in ("capped", "exact"):
        raise Invalid(_("“count” is “capped” or “exact”."), field="count")
    if wanted == "exact":
        return {"count": found.exact(), "count_is": "exact"}
    number, more = found.capped()
    return {"count": number, "count_is": "at_least" if more else "exact"}


class CursorPages(BasePagination):
    """{"next", "previous", "results"}; `?count=capped` or `exact` adds {"count", "count_is"}."""

    def paginate_queryset(self, queryset, request, view=None):
        self.request, params = request, request.query_params
        self.page, found = listed(
            queryset,
            params,
            view.filters,
            user=request.user,
            allowed=getattr(view, "orderings", ("updated", "reference")),
            default=getattr(view, "default_ordering", "-updated"),
        )
        self.counted = count_of(found, params.get("count"))
        return self.page.rows

    def _link(self, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        url = self.request.build_absolute_uri()
        return replace_query_param(remove_query_param(url, "cursor"), "cursor", cursor)

    def get_paginated_response(self, data):
        links = {"next": self._link(self.page.next), "previous": self._link(self.page.previous)}
        return Response({**self.counted, **links, "results": data})

    def get_paginated_response_schema(self, schema):
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "count": {"type": "integer"},
                "count_is": {"type": "string", "enum": ["exact", "at_least"]},
                "next": link,
                "previous": link,
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view):
        def parameter(name, schema, description):
            return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}

        names = getattr(view, "orderings", ("updated", "reference"))
        return [
            parameter("cursor", {"type": "string"}, "Opaque position from `next` or `previous`."),
            parameter(
                "page_size", {"type": "integer", "minimum": 1, "maximum": 200}, "Records a page, 50 unless told."
            ),
            parameter(
                "ordering",
                {"type": "string", "enum": [sign + name for name in names for sign in ("", "-")]},
                "Order; “-” is descending.",
            ),
            parameter("count", {"type": "string", "enum": ["capped", "exact"]}, "Add a count of what you may see."),
        ]
