"""Many incidents in one request, one JSON object a line; each line is an act of its own and has its own result."""

import io
import json
import logging

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser
from rest_framework.response import Response

from accounts import repeats
from accounts.errors import Invalid
from evidence import recording
from evidence.api import inputs
from evidence.api.declared import unknown_fields
from evidence.api.problems import as_problem
from evidence.api.repeating import key_of
from evidence.api.schema import MistakeShape
from evidence.models import Incident

log = logging.getLogger(__name__)
MOST_LINES = 1000
LONGEST_LINE = 2 * 1024**2  # bytes; the longest accounts in both languages have fewer
LARGEST = 32 * 1024**2
FORM = "application/x-ndjson"


class _Body(io.RawIOBase):
    """The body of a request, asked for nothing but bytes: servers differ in what they make of lines. Granian's gives
    one and loses all others that came with it."""

    def __init__(self, stream):
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        taken = self._stream.read(len(buffer))
        buffer[: len(taken)] = taken
        return len(taken)


class NdjsonParser(BaseParser):
    """Lines as bytes, with their numbers: within bounds, all read before the first is taken."""

    media_type = FORM

    def parse(self, stream, media_type=None, parser_context=None) -> list[tuple[int, bytes]]:
        lines, size, number = [], 0, 0
        body = io.BufferedReader(_Body(stream), 64 * 1024)
        while line := body.readline(LONGEST_LINE + 1):
            number, size = number + 1, size + len(line)
            if len(line) > LONGEST_LINE:
                raise Invalid(
                    _("Line %(line)d is longer than %(most)d bytes. Nothing was taken.")
                    % {"line": number, "most": LONGEST_LINE},
                    code="too_large",
                )
            if line.strip():
                lines.append((number, line))
            if size > LARGEST or len(lines) > MOST_LINES:
                raise Invalid(
                    _("At most %(lines)d lines and %(bytes)d bytes at once. Nothing was taken: send it in parts.")
                    % {"lines": MOST_LINES, "bytes": LARGEST},
                    code="too_large",
                )
        return lines


class BulkLineShape(serializers.Serializer):
    """What became of a line: 201 and the record, or a problem as POST /incidents answers it."""

    line = serializers.IntegerField(min_value=1)
    status = serializers.IntegerField()
    id = serializers.UUIDField(required=False)
    code = serializers.CharField(required=False, help_text="The reference; of a problem, its code for programs.")
    repeated = serializers.BooleanField(required=False, help_text="It was recorded by an earlier request of this key.")
    title = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)
    errors = MistakeShape(many=True, required=False)


class BulkShape(serializers.Serializer):
    created = serializers.IntegerField(help_text="Recorded by this request.")
    repeated = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = BulkLineShape(many=True)


class BulkActions:
    """`POST …/bulk` of the incidents."""

    @extend_schema(request={FORM: inputs.IncidentInput}, responses=BulkShape)
    @action(detail=False, methods=["post"], parser_classes=[NdjsonParser])
    def bulk(self, request):
        """Log incidents, one a line as in POST /incidents. A line that is refused does not keep the others back.

        With an Idempotency-Key nothing is recorded twice, also where an earlier request broke off in the middle.
        """
        lines, key = request.data, key_of(request)
        if key:
            self._claim_all(key, lines)
        results = [self._result(number, line, key) for number, line in lines]
        repeated = sum(result.get("repeated", False) for result in results)
        created = sum(result["status"] == 201 for result in results) - repeated
        counts = {"created": created, "repeated": repeated, "refused": len(results) - created - repeated}
        return Response(counts | {"results": results})

    def _claim_all(self, key: str, lines) -> None:
        """Bind the key to these lines: with others it is refused as a whole, before any is taken."""
        asked = self._asked(key, b"".join(b"%d:%b\n" % (number, line.strip()) for number, line in lines))
        with transaction.atomic():
            if repeats.claim(asked) is None:
                repeats.keep(asked, status=200)

    def _asked(self, key: str, body: bytes) -> repeats.Asked:
        return repeats.Asked.of(user=self.request.user, path=self.request.path_info, key=key, body=body)

    def _result(self, number: int, line: bytes, key: str) -> dict:
        try:
            with transaction.atomic():
                return {"line": number, "status": 201} | self._taken(number, line, key)
        except Exception as error:
            answer = as_problem(error, {"request": self.request})
            if answer is None:
                log.error("a line could not be taken (%s)", type(error).__name__)
                detail = _("The server could not take this line; nothing of it was kept.")
                return {"line": number, "status": 500, "title": "Error", "detail": detail}
            said = {name: value for name, value in answer.data.items() if name not in ("type", "request")}
            return {"line": number} | said

    def _taken(self, number: int, line: bytes, key: str) -> dict:
        asked = self._asked(f"{key} line {number}", line.strip()) if key else None
        kept = repeats.claim(asked) if asked else None
        if kept is not None:
            row = self.recalled(Incident, kept.record)
            return {"repeated": True} | ({"id": str(row.pk), "code": row.code} if row else {})
        given = _read(line)
        if unknown := unknown_fields(given, inputs.IncidentInput()):
            raise Invalid(next(iter(unknown.values())), errors=unknown)
        home = self.home_of(given.pop("collection", None))
        incident = recording.log_incident(by=self.request.user, collection=home, given=given)
        if asked:
            repeats.keep(asked, status=201, model=incident._meta.label_lower, record=incident.pk)
        return {"id": str(incident.pk), "code": incident.code}


def _read(line: bytes) -> dict:
    try:
        given = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Invalid(_("This line is not JSON."))
    if not isinstance(given, dict):
        raise Invalid(_("Send a JSON object."))
    return given
