"""What an action takes is what its description says: other parameters and fields are refused by name, all in one place.

So nothing that a client sent is dropped in silence, and the OpenAPI description cannot lack what the code reads.
"""

import copy
import json
from dataclasses import dataclass

from django.utils.translation import gettext as _
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework import serializers
from rest_framework.response import Response

from accounts.errors import Invalid, pointer
from evidence.api.schema import HouseSchema

JSON, FORM = "application/json", "multipart/form-data"
MOST = 20  # mistakes that are named at once


@dataclass(frozen=True)
class Takes:
    """The query parameters of an action, and the shape of its body by media type; no shapes where none is looked at."""

    parameters: tuple[str, ...]
    shapes: dict


class Declared:
    """Goes before the other bases of a viewset: every action refuses what it does not declare."""

    # Actions whose verb itself refuses unknown names beside all other mistakes, so that all are told at once.
    verb_refuses: tuple[str, ...] = ()

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if self.action is None or self.action == "metadata":
            return
        takes = taken_by(self)
        errors = _unknown_parameters(request, takes) | self._unknown_fields(takes.shapes)
        if errors:
            errors = dict(list(errors.items())[:MOST])
            raise Invalid(next(iter(errors.values())), errors=errors)

    def options(self, request, *args, **kwargs):
        """Which methods the address has stands in `Allow`; all else is in the description of the API."""
        return Response(status=204)

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

    def _unknown_fields(self, shapes: dict) -> dict:
        if not shapes:
            return {}
        data = self.request.data
        if hasattr(data, "getlist") and FORM in shapes:
            return unknown_fields(dict.fromkeys(data), shapes[FORM])
        is_form = hasattr(data, "getlist")
        errors = unknown_fields(self.body() if is_form else data, shapes[JSON] if JSON in shapes else shapes[FORM])
        if self.action in self.verb_refuses:
            errors = {where: said for where, said in errors.items() if where.count("/") > 1}
        parts = set(data) - {"data"} if is_form else ()
        return unknown_fields(dict.fromkeys(parts), None) | errors


def unknown_fields(body, shape: serializers.BaseSerializer | None, at: tuple = ()) -> dict[str, str]:
    """What a body has that its shape does not know, within lists and objects too: {JSON pointer: sentence}."""
    if isinstance(shape, serializers.ListSerializer):
        rows = body if isinstance(body, list) else []
        found = [unknown_fields(row, shape.child, (*at, place)) for place, row in enumerate(rows)]
        return {where: said for one in found for where, said in one.items()}
    if not isinstance(body, dict) or not (shape is None or isinstance(shape, serializers.Serializer)):
        return {}
    fields = {} if shape is None else {name: field for name, field in shape.fields.items() if not field.read_only}
    errors = {}
    for name, value in body.items():
        if name not in fields:
            errors[pointer(*at, str(name)[:60])] = _("There is no such field.")
        elif isinstance(fields[name], serializers.BaseSerializer):
            errors |= unknown_fields(value, fields[name], (*at, name))
    return errors


def _unknown_parameters(request, takes: Takes) -> dict[str, str]:
    names = [name for name in request.query_params if name not in takes.parameters]
    if not names:
        return {}
    if takes.parameters:
        said = _("There is no such parameter. Known: %(known)s.") % {"known": ", ".join(takes.parameters)}
    else:
        said = _("There is no such parameter: this takes none.")
    return {pointer(name[:60]): said for name in names}


_known: dict[tuple, Takes] = {}


def taken_by(view) -> Takes:
    """What the action of a view takes, by its description; read once for each action."""
    method = "GET" if view.request.method == "HEAD" else view.request.method
    key = type(view), view.action, method
    if key not in _known:
        _known[key] = _read(view, method)
    return _known[key]


def _read(view, method: str) -> Takes:
    view = copy.copy(view)
    view.request = None  # the description is that of every request
    described = getattr(getattr(view, view.action), "kwargs", {}).get("schema", HouseSchema)()
    described.view, described.method, described.registry = view, method, ComponentRegistry()
    described.path = described.path_regex = ""
    parameters = tuple(one["name"] for one in described._get_parameters() if one["in"] == "query")
    return Takes(parameters, _shapes(described) if method in ("POST", "PUT", "PATCH") else {})


def _shapes(described: HouseSchema) -> dict:
    declared = described.get_request_serializer()
    by_media = declared if isinstance(declared, dict) else {JSON: declared}
    made = {media: shape() if isinstance(shape, type) else shape for media, shape in by_media.items()}
    return {media: shape for media, shape in made.items() if media in (JSON, FORM)}
