"""What the viewsets share: loading through the gate, versions as ETags, filters, reading entries."""

from django.db.models import Model
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.errors import Invalid
from accounts.grants import Permission, check_permitted
from accounts.models import ApiToken
from evidence import search
from evidence.api.declared import Declared
from evidence.api.labels import Labels
from evidence.api.parts import Shape
from evidence.api.problems import VersionNeeded
from evidence.api.repeating import Repeats, shows
from evidence.models import Collection
from evidence.recording.acts import find

IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True, description="ETag of the version you changed."
)


def filter_parameters(filters: dict) -> list[OpenApiParameter]:
    """OpenAPI parameters of a filter table; each may be repeated."""
    return [OpenApiParameter(name, OpenApiTypes.STR, many=name not in ("q", "bbox")) for name in filters]


class RecordViewSet(Declared, Repeats, GenericViewSet):
    """Rows of `model` come from `.permitted(`; an action without a declared act is refused."""

    model: type[Model]
    acts: dict = {}
    scopes: dict = {}
    filters: dict = {}
    kind = ""
    lookup_value_regex = "[^/]+"
    orderings: tuple[str, ...] = ("updated", "reference")

    def get_queryset(self):
        return self.model.objects.permitted(self.request.user)

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.query_params.get("fields") and issubclass(self.get_serializer_class(), Shape):
            self.fields_wanted()  # a wrong name is said before anything is done

    def get_serializer_context(self):
        return super().get_serializer_context() | {"labels": Labels()}

    def get_serializer(self, *args, **kwargs):
        """The shape of the action, with the fields that the query string asks for."""
        return super().get_serializer(*args, **self.narrowing(self.get_serializer_class()), **kwargs)

    def narrowing(self, shape: type) -> dict:
        """What a shape takes of `fields`, where it is that of the action."""
        return (
            {"fields": self.fields_wanted()}
            if shape is self.get_serializer_class() and issubclass(shape, Shape)
            else {}
        )

    def fields_wanted(self) -> frozenset[str] | None:
        """The names in `fields`, None without it; Invalid where one is no field of the shape of this action."""
        text = self.request.query_params.get("fields", "") if self.request else ""
        if not text:
            return None
        known = self.fields_known()
        wanted = frozenset(name.strip() for name in text.split(","))
        if unknown := sorted(wanted - set(known)):
            raise Invalid(
                _("There is no field “%(name)s”. Known: %(known)s.")
                % {"name": unknown[0][:60], "known": ", ".join(known)},
                field="fields",
            )
        return wanted

    def fields_known(self) -> list[str]:
        """What `fields` may name: the fields of the shape of this action."""
        return list(self.get_serializer_class()._declared_fields)

    def load(self, permission: str = Permission.VIEW):
        """The record of the URL: 404 when it does not exist for this person, 403 when she sees it but may not act."""
        record = find(self.model.objects.permitted(self.request.user, by_row=True), self.kwargs["pk"])
        if record is None:
            raise Http404
        return self.allowed(record, permission)

    def allowed(self, record, permission: str):
        if permission != Permission.VIEW:
            check_permitted(self.request.user, record, permission)
        return record

    def home(self) -> Collection:
        """The collection that a new record goes into, by `collection` in the body."""
        return self.home_of(self.body().get("collection"))

    def home_of(self, identifier) -> Collection:
        """The collection of this id or reference, for a new record; Invalid where there is none for this person."""
        user = self.request.user
        mine = Collection.objects.permitted(user, Permission.CONTRIBUTE, by_row=True)
        if identifier and (home := find(mine, identifier)):
            return home
        collection = find(Collection.objects.permitted(user, by_row=True), identifier) if identifier else None
        if collection is None:
            raise Invalid(_("Name a collection you may contribute to, by its id or reference."), field="collection")
        return self.allowed(collection, Permission.CONTRIBUTE)

    def given(self, *read: str) -> dict:
        """The body without what the door itself reads."""
        return {name: value for name, value in self.body().items() if name not in read}

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
        response = Response(self.get_serializer(record).data, status=status, headers=headers)
        return shows(response, record, self.get_serializer_class())

    def made(self, shape: type, record, *, status: int = 201) -> Response:
        """The answer that shows a record in another shape than that of the viewset."""
        response = Response(shape(record, context=self.get_serializer_context()).data, status=status)
        return shows(response, record, shape)

    def reason(self) -> str:
        return self.text("reason")

    def text(self, name: str) -> str:
        """A text of the body, '' without it; Invalid where it is something else, which would be lost."""
        value = self.body().get(name, "")
        if not isinstance(value, str):
            raise Invalid(_("This is a text."), field=name)
        return value

    def listing(self, queryset) -> Response:
        """One page of a permitted queryset, filtered by the query string, with one reading entry."""
        rows = self.paginate_queryset(queryset)
        search.note_search(by=self.request.user, kind=self.kind, params=self.request.query_params, shown=len(rows))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    def note(self, rows: list) -> None:
        """One reading entry for a list that has no pages."""
        search.note_search(by=self.request.user, kind=self.kind, params=self.request.query_params, shown=len(rows))

    def has_scope(self, scope: str) -> bool:
        """Whether what was signed in with allows this too: a token what it names, a session all that its person may."""
        return not isinstance(self.request.auth, ApiToken) or scope in self.request.auth.scopes

    def retrieving(self) -> Response:
        record = self.load()
        search.note_opened(by=self.request.user, record=record)
        return self.answer(record)
