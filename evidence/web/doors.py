"""What the pages share: the declared act, loading through the gate, lists, refusals put back into forms."""

from collections.abc import Callable
from functools import wraps

from django.forms import BaseForm
from django.http import Http404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.errors import Forbidden, Invalid, Refused
from accounts.grants import Permission
from accounts.roles import may
from evidence import search
from evidence.recording.acts import find


def door(act: str, *methods: str) -> Callable:
    """Declare what a view does; who may not do it at all gets 403. Without `methods` the view answers GET only."""

    def declare(view):
        @wraps(view)
        def enter(request, *args, **kwargs):
            if not may(request.user, act):
                raise Forbidden(_("Your role does not include this. Ask an administrator if it should."))
            return view(request, *args, **kwargs)

        enter.act = act
        return require_http_methods(methods or ("GET", "HEAD"))(enter)

    return declare


def load(request, model, identifier, permission: str = Permission.VIEW):
    """The record by id or reference code: 404 when it does not exist for this person, 403 when the act is not hers."""
    record = find(model.objects.permitted(request.user), identifier)
    if record is None:
        raise Http404
    return allowed(request, record, permission)


def allowed(request, record, permission: str):
    if permission != Permission.VIEW and not has(request, record, permission):
        raise Forbidden(_("You may see this record, but your access does not include this act."))
    return record


def has(request, record, permission: str) -> bool:
    """Whether the person has this permission on a record she sees: for showing the buttons she can use."""
    return type(record)._default_manager.filter(pk=record.pk).permitted(request.user, permission).exists()


def listing(request, queryset, filters: dict, *, kind: str, default: str = "-updated"):
    """(page, narrowed queryset) of a permitted queryset by the query string, with one reading entry."""
    narrowed = search.narrow(queryset, request.GET, filters, user=request.user)
    page = search.page(narrowed, request.GET, default=default)
    search.note_search(by=request.user, kind=kind, params=request.GET, shown=len(page.rows))
    return page, narrowed


def put_back(form: BaseForm, error: Refused) -> None:
    """Show a verb's refusal at the fields it names; what has no field stands above the form."""
    fields = error.errors if isinstance(error, Invalid) and error.errors else {error.field: str(error)}
    for name, message in fields.items():
        form.add_error(name if name in form.fields else None, str(message))


def query_with(request, **changes) -> str:
    """The query string with changes; None removes a parameter; a changed filter starts from the first page."""
    query = request.GET.copy()
    query.pop("cursor", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return "?" + query.urlencode() if query else request.path
