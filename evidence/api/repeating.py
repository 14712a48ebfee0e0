"""`Idempotency-Key`: a POST that was answered is not done again; its answer is made anew, through the gate.

What was done and that it was done are kept in one transaction: neither is there without the other.
"""

import hashlib
import json

from django.apps import apps
from django.db import transaction
from django.http import Http404
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from rest_framework.response import Response

from accounts import repeats
from accounts.errors import Invalid, Refused
from evidence import search

HEADER = "Idempotency-Key"
SHAPES = "evidence.api."


class Repeats:
    """Every POST of the viewset may carry a key, but for the actions that look after it themselves."""

    repeats_itself: tuple[str, ...] = ()

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and HEADER in request.headers and self.action not in self.repeats_itself:
            handler = self.post
            self.post = lambda request, *args, **kwargs: once(self, handler, *args, **kwargs)

    def recalled(self, model, key: str):
        """The record that an earlier answer showed, if she may still see it; None where it cannot be asked for so."""
        rows = getattr(model.objects, "permitted", None)
        return None if rows is None else rows(self.request.user).filter(pk=key).first()


def key_of(request) -> str:
    """The client's key, checked; '' without one."""
    key = request.headers.get(HEADER, "").strip()
    if HEADER in request.headers and not (1 <= len(key) <= 200 and key.isascii() and key.isprintable()):
        raise Invalid(_("An Idempotency-Key has 1 to 200 printable ASCII characters; a UUID is good."), field=HEADER)
    return key


def shows(response: Response, record, shape: type) -> Response:
    """Mark an answer as one that shows a record, and can be made again."""
    response.record, response.shape = record, f"{shape.__module__}.{shape.__qualname__}"
    return response


def once(view, handler, *args, **kwargs):
    """Do what the handler does unless it was done under this key; then answer as then."""
    request = view.request
    asked = repeats.Asked.of(user=request.user, path=request.path_info, key=key_of(request), body=_digest(request))
    with transaction.atomic():
        kept = repeats.claim(asked)
        if kept is not None:
            return again(view, kept)
        answer = handler(request, *args, **kwargs)
        if answer.status_code < 400 and not getattr(answer, "is_preview", False):
            keep(asked, answer)
    return answer


def keep(asked: repeats.Asked, answer: Response) -> None:
    """Remember the answer: its status, and the record that it showed."""
    record = getattr(answer, "record", None)
    shown = {} if record is None else {"model": record._meta.label_lower, "record": record.pk, "shape": answer.shape}
    repeats.keep(asked, status=answer.status_code, **shown)


def again(view, kept) -> Response:
    """The answer to what was done before, of what she may see now; marked as one."""
    headers = {"Idempotent-Replayed": "true"}
    if kept.status == 204:
        return Response(status=204, headers=headers)
    record = view.recalled(apps.get_model(kept.model), kept.record) if kept.model else None
    if kept.model and record is None:
        raise Http404
    if record is None or not kept.shape.startswith(SHAPES):
        raise Refused(
            _("This was done already, under the same Idempotency-Key. Its answer is not kept: look at the record."),
            code="answer_not_kept",
        )
    if hasattr(record, "effective_level"):
        search.note_opened(by=view.request.user, record=record)
    if hasattr(record, "version"):
        headers["ETag"] = f'"{record.version}"'
    shape = import_string(kept.shape)
    return Response(
        shape(record, context=view.get_serializer_context(), **view.narrowing(shape)).data,
        status=kept.status,
        headers=headers,
    )


def _digest(request) -> bytes:
    """What the body says, whatever the order of its names; of files, their bytes."""
    said = request.data
    if hasattr(said, "lists"):
        parts: list = [[name, [_part(value) for value in values]] for name, values in sorted(said.lists())]
    else:
        parts = [said]
    return json.dumps(parts, sort_keys=True, default=str).encode("utf-8", "surrogatepass")


def _part(value):
    if not hasattr(value, "chunks"):
        return value
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return [value.name, digest.hexdigest()]
