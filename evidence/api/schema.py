"""What the OpenAPI description says of every operation alike: repeated requests, chosen fields, problems."""

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes
from rest_framework import serializers

from evidence.api.parts import Shape
from evidence.api.problems import MEDIA
from evidence.api.repeating import HEADER, Repeats

KEY = OpenApiParameter(
    HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="A key of your own (a UUID). Within 24 hours the same request with the same key is not done again: it "
    "is answered as before, with `Idempotent-Replayed: true`. With another body it is a 409.",
)
FIELDS = OpenApiParameter(
    "fields",
    OpenApiTypes.STR,
    description="Names of fields with commas between them: the others are left out; `id` always comes along.",
)


def sent(name: str, description: str, *statuses: int, kind=OpenApiTypes.STR) -> OpenApiParameter:
    """A header of the answers with these statuses; of all answers where none is named."""
    return OpenApiParameter(
        name, kind, OpenApiParameter.HEADER, response=list(statuses) or True, description=description
    )


HEADERS = [
    sent("X-Request-ID", "Names the request in the ledger and in problems."),
    sent("WWW-Authenticate", "How to sign in.", 401),
    sent("Retry-After", "Seconds to wait before asking again.", 429, kind=OpenApiTypes.INT),
]
KEYED = [
    sent(
        "Retry-After", "With `in_progress`: seconds to wait before sending it again.", 409, 429, kind=OpenApiTypes.INT
    ),
    sent("Idempotent-Replayed", "`true` where it was done before, under the same key.", 200, 201, 202, 204),
]
ETAG = sent("ETag", "The version of the record, for If-Match.", 200, 201, 202)
NAMED = sent("Content-Disposition", "A name for the file.", 200)
EXPORTED = sent("Export-Id", "With a whole list: names its two entries in the ledger.", 200, kind=OpenApiTypes.UUID)


class MistakeShape(serializers.Serializer):
    """One mistake in what was sent."""

    pointer = serializers.CharField(help_text="JSON pointer of the field, or “/” for the whole.")
    detail = serializers.CharField()


class ErrorShape(serializers.Serializer):
    """An error by RFC 9457."""

    type = serializers.CharField(help_text="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is wrong, and how to mend it.")
    code = serializers.CharField(required=False, help_text="A word for programs, where there is one.")
    current_version = serializers.IntegerField(required=False, help_text="With 412: the version that holds now.")
    errors = MistakeShape(many=True, required=False)
    request = serializers.CharField(help_text="Quote it when you ask for help.")


# Said of every action; of those that write; of those with If-Match.
ALWAYS = {
    400: "A parameter or field is not understood; `errors` names it.",
    401: "Sign in, or send a token that is valid.",
    403: "The role, the token's scopes or the permission on the record does not allow this.",
    404: "There is nothing here for you: absent and hidden are the same.",
    405: "The key is the name of an action that is asked in another way.",
    406: "This is not given in the media type asked for.",
    429: "Too many requests; `Retry-After` says when to go on.",
    503: "A part of the repository (vault, storage) cannot be used now.",
}
WRITING = {
    409: "Not possible in the state in which the record is.",
    411: "Say how long the body is, by Content-Length: one in pieces is not read.",
    413: "The body is too large.",
    415: "This media type is not read here.",
}
# Of the tus protocol.
PIECES = {
    410: "The upload has ended: given up, or expired.",
    412: "The server speaks another version of tus; `Tus-Version` says which.",
    423: "Another request is writing to this upload now.",
    460: "The piece has not the digest that was said: send it again.",
    507: "The storage is full.",
}
VERSIONED = {
    412: "The record was changed meanwhile; `current_version` says to what.",
    428: "Send If-Match with the ETag of the version you changed.",
}


class HouseSchema(AutoSchema):
    """Adds to each operation what the base viewset does for all of them."""

    def get_override_parameters(self):
        more = list(HEADERS)
        if self.method == "POST" and isinstance(self.view, Repeats):
            more += [KEY, *KEYED]
        if any("version" in getattr(shape, "_declared_fields", ()) for shape in self._answers(many=False)):
            more.append(ETAG)
        if self._narrows():
            more.append(FIELDS)
        return [*super().get_override_parameters(), *more]

    def _narrows(self) -> bool:
        """Whether the answer is in the shape of the action, which `fields` narrows."""
        shape = self._shape()
        return shape is not None and issubclass(shape, Shape) and shape in self._answers()

    def _shape(self) -> type | None:
        return self.view.get_serializer_class() if hasattr(self.view, "get_serializer_class") else None

    def _answers(self, *, many: bool = True) -> list[type]:
        """The shapes of what is answered when all is well; without `many`, of single records."""
        said = self.get_response_serializers()
        said = list(said.values()) if isinstance(said, dict) else [said]
        if not many:
            said = [] if self.view.action in ("list", "export") else [one for one in said if not hasattr(one, "child")]
        said = [getattr(one, "child", one) for one in said]
        return [one if isinstance(one, type) else type(one) for one in said]

    def _get_response_bodies(self, direction="response"):
        responses = super()._get_response_bodies(direction)
        if direction != "response":
            return responses
        said = dict(ALWAYS)
        if self.method != "GET":
            said |= WRITING
        asked = {name for name, place in self._process_override_parameters() if place == "header"}
        if "If-Match" in asked:
            said |= VERSIONED
        if "Tus-Resumable" in asked:
            said |= PIECES
        for status in responses:
            if status >= "400" and status != "416":  # that one has no body
                said.setdefault(int(status), "")
        problem = {"schema": self.resolve_serializer(ErrorShape, direction).ref}
        for status, description in said.items():
            found = responses.setdefault(str(status), {"description": description})
            found.setdefault("content", {})[MEDIA] = problem
            if headers := self._get_response_headers_for_code(str(status), direction):
                found["headers"] = headers
        return {status: responses[status] for status in sorted(responses)}


def narrowed_shapes(result: dict, **_more) -> dict:
    """A hook of drf-spectacular: where `fields` may leave a property out, it is not said to be there."""
    components = result["components"]["schemas"]
    for whole in result["paths"].values():
        for operation in whole.values():
            if any(one["name"] == "fields" for one in operation.get("parameters", ())):
                for status, answer in operation["responses"].items():
                    if status < "300":
                        for content in answer.get("content", {}).values():
                            _narrow(content["schema"], components)
    return result


def _narrow(schema: dict, components: dict) -> None:
    if "items" in schema:
        _narrow(schema["items"], components)
    elif "$ref" in schema:
        shape = components[schema["$ref"].rpartition("/")[2]]
        if "results" in shape["properties"]:
            _narrow(shape["properties"]["results"], components)
        else:
            shape["required"] = ["id"]
