"""Who has access to what: collections, the grants on a record with their reasons, giving, taking back, restricting.

Managing is not reading: an administrator addresses records by their reference, and no page here says what they hold.
"""

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import holdings
from accounts.models import User
from accounts.roles import Act as Does
from accounts.roles import Permission, may
from evidence import access, search
from evidence.models import Collection
from evidence.web.doors import door, has
from evidence.web.forms.access import CollectionForm, principal
from evidence.web.people import team_name
from evidence.web.reaching import collection_name, name_of, reach_of
from evidence.web.words import named_permission


def place(request, pk):
    """The record whose access this person manages: 404 for any other, like for none."""
    record = access.find_managed(request.user, pk)
    if record is None:
        raise Http404
    return record


@door(Does.SHARE)
def listing_page(request):
    """The collections whose access one manages, and how many people and teams hold grants on each."""
    counts = holdings.counts_on(Collection)
    visible = set(Collection.objects.permitted(request.user).values_list("pk", flat=True))
    rows = [_collection_row(request, row, counts, visible) for row in access.managed_collections(request.user)]
    context = {
        "rows": rows,
        "may_open": may(request.user, Does.ACCESS),
        "waiting": len(access.requests_to(request.user)),
    }
    return render(request, "evidence/access_list.html", context)


def _collection_row(request, collection, counts: dict, visible: set) -> dict:
    teams, people = counts.get(collection.pk, (0, 0))
    name = collection_name(request.user, collection, is_visible=collection.pk in visible)
    return {"record": collection, "name": name, "people": people, "teams": teams}


@door(Does.SHARE)
def find(request):
    """To the access page of the record of this reference."""
    found = access.find_managed(request.user, request.GET.get("code", "").replace("\x00", ""))
    if found is None:
        messages.error(request, _("You manage no record of this reference. Check it, letter by letter."))
        return redirect("access-list")
    return redirect("access-record", pk=found.code)


@door(Does.ACCESS, "GET", "POST")
def new(request):
    """Open a collection; the next page gives access to it."""
    form = CollectionForm(request.POST or None)
    collection, status = form.attempt(lambda: access.open_collection(by=request.user, **form.given()))
    if collection:
        messages.success(request, _("%(code)s is open. Nobody sees it yet: give access.") % {"code": collection.code})
        return redirect("access-record", pk=collection.code)
    return render(request, "evidence/access_new.html", {"form": form}, status=status)


@door(Does.SHARE)
def record(request, pk):
    """Who can see this record and why; what was granted, to whom, by whom; who is kept away."""
    return _record_page(request, place(request, pk))


def _record_page(request, found, status: int = 200):
    laid = access.laid_open(request.user, found)
    names = _names(laid.ways, laid.denials, laid.readers)
    search.note_search(by=request.user, kind="access", params=QueryDict(f"of={found.pk}"), shown=len(laid.readers))
    context = about(request, found) | {
        "readers": [_reader(reader, names) for reader in laid.readers if reader.sees],
        "kept_out": [_reader(reader, names) for reader in laid.readers if not reader.sees],
        "grants": [_grant(way, names, found) for way in laid.ways],
        "denials": [_denial(one, names, found) for one in laid.denials],
    }
    return render(request, "evidence/access_record.html", context, status=status)


def about(request, found) -> dict:
    """What a page on the access to a record says of it."""
    is_collection = isinstance(found, Collection)
    home = found if is_collection else found.collection
    home = home if access.is_managed(request.user, home) else None
    visible = has(request, found, Permission.VIEW)
    return {
        "record": found,
        "kind": found._meta.model_name,
        "is_collection": is_collection,
        "name": name_of(request, found),
        "home": home,
        "home_name": name_of(request, home) if home else "",
        "is_visible": visible,
        "restricted": not is_collection and not found.inherits_access,
    }


def _names(ways, kept, readers) -> dict:
    ids = {way.granted_by_id for way in ways} | {one.denied_by_id for one in kept}
    ids |= {way.user_id for way in ways} | {one.user_id for one in kept}
    ids |= {way.granted_by_id for reader in readers for way in reader.ways}
    return dict(User.objects.filter(pk__in=ids - {None}).values_list("pk", "name"))


def to_of(way) -> str:
    return f"user:{way.user_id}" if way.user_id else f"team:{way.group_id}"


def _whom(way, names) -> str:
    if way.user_id:
        return names.get(way.user_id, "")
    return team_name(way.team) if way.team else ""


def _grant(way, names, found) -> dict:
    return {
        "way": way,
        "to": to_of(way),
        "whom": _whom(way, names),
        "permission": named_permission(way.permission),
        "by": names.get(way.granted_by_id, ""),
        "is_here": way.on == found,
    }


def _denial(one, names, found) -> dict:
    return {
        "kept": one, "to": to_of(one), "whom": _whom(one, names), "by": names.get(one.denied_by_id, ""),
        "is_here": one.on == found,
    }  # fmt: skip


OBSTACLES = {
    "inactive": lambda: _("suspended"),
    "role": lambda: _("the role reads no records"),
    "clearance": lambda: _("the clearance is lower than the level"),
    "denied": lambda: _("kept away by a denial"),
    "not_in_force": lambda: _("the grant has not begun or has ended"),
}


def _reader(reader, names) -> dict:
    return {
        "user": reader.user,
        "permissions": [named_permission(one) for one in reader.permissions],
        "ways": [
            {
                "team": way.team,
                "on_home": isinstance(way.on, Collection),
                "permission": named_permission(way.permission),
                "reason": way.reason,
                "by": names.get(way.granted_by_id, ""),
                "until": way.expires_at,
                "in_force": way.in_force,
            }
            for way in reader.ways
        ],
        "obstacle": OBSTACLES[reader.obstacle]() if reader.obstacle else "",
    }


@door(Does.ACCESS)
def person(request, pk):
    """What one person can see: collections with numbers, single records by reference, and what she is kept from."""
    whom = principal(f"user:{pk}")
    if whom is None:
        raise Http404
    context = reach_of(request, whom["user"])
    params = QueryDict(f"person={whom['user'].pk}")
    search.note_search(by=request.user, kind="access", params=params, shown=context["records_held"])
    return render(request, "evidence/access_person.html", context)
