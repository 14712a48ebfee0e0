"""What the pages share: the declared act, loading through the gate, lists, refusals put back into forms."""

from collections.abc import Callable
from functools import wraps

from django.forms import BaseForm
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.errors import Forbidden, Invalid, Refused
from accounts.grants import Permission, check_permitted, permits
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


def polled(view):
    """Declare a view that pages ask by themselves: it is no sign of somebody at the keyboard."""
    view.is_poll = True
    return view


def way_back(request) -> HttpResponseRedirect:
    """To the page that the form names as `next`, if that is a page of this site; else to the start page."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ) and target.startswith("/")
    return HttpResponseRedirect(target if safe else reverse("home"))


def load(request, model, identifier, permission: str = Permission.VIEW):
    """The record by id or reference code: 404 when it does not exist for this person, 403 when the act is not hers."""
    record = find(model.objects.permitted(request.user, by_row=True), identifier)
    if record is None:
        raise Http404
    return allowed(request, record, permission)


def allowed(request, record, permission: str):
    if permission != Permission.VIEW:
        check_permitted(request.user, record, permission)
    return record


def has(request, record, permission: str) -> bool:
    """Whether the person has this permission on a record she sees: for showing the buttons she can use."""
    return permits(request.user, record, permission)


def listing(request, queryset, filters: dict, *, kind: str, default: str = "-updated"):
    """(page, counts) of a permitted queryset by the query string, with one reading entry."""
    page, found = search.listed(queryset, request.GET, filters, user=request.user, default=default)
    search.note_search(by=request.user, kind=kind, params=request.GET, shown=len(page.rows))
    return page, found


def put_back(form: BaseForm, error: Refused, renamed: dict[str, str] | None = None) -> None:
    """Show a verb's refusal at the fields it names; what has no field stands above the form.

    `renamed` maps a field that the verb knows to the one that stands for it on the page.
    """
    fields = error.errors if isinstance(error, Invalid) and error.errors else {error.field: str(error)}
    for name, message in fields.items():
        shown = (renamed or {}).get(name, name)
        form.add_error(shown if shown in form.fields else None, str(message))


def query_with(request, **changes) -> str:
    """The query string with changes; None removes a parameter; a changed filter starts from the first page."""
    query = request.GET.copy()
    query.pop("cursor", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return "?" + query.urlencode() if query else request.path
