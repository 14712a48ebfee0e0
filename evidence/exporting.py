"""Whole lists go out. Which records are in one is settled when it begins; every piece of it passes the gate anew.

An export is an act with two entries: one before the first byte, and one that says how many records went out.
"""

import uuid
from collections.abc import Iterator
from itertools import islice

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Forbidden, Invalid
from accounts.models import ApiToken, User
from accounts.roles import Act, may
from custody import ledger
from evidence import search
from evidence.search.pages import order_of

CHUNK = 1000  # records for which the gate is asked at once: what is held in memory, and how late a revocation counts
# Where somebody stood in a list: an export has no pages.
PAGING = ("cursor", "page_size", "count")
# What a line of a list does not show: long texts, and what is kept to sort and filter by.
UNSHOWN = {
    "incident": ("created_by", "narrative_en", "narrative_ko", "date_note", "date_sort", "date_is_certain",
                 "place_path"),
    "item": ("created_by", "description", "conditions"),
}  # fmt: skip
RELATED = {"incident": ("place",)}  # asked for once a piece: most records share a few places


@ledger.verb
def begin_export(*, by: User, kind: str, form: str, params) -> uuid.UUID:
    """Note that a person takes a whole list out, before the first byte of it; returns the id of the export.

    `params` is the query string (a QueryDict). Its words stand in a part: the entry names the filters alone.
    """
    export = uuid.uuid4()
    query = "&".join(f"{name}={value}" for name in sorted(params) for value in sorted(params.getlist(name)))
    ledger.append(
        "export.begun",
        by,
        data={"export": str(export), "kind": kind, "form": form, "filters": sorted(set(params) & _filters(kind))},
        parts={"note": query.replace("\x00", "\ufffd")} if query else None,
    )
    return export


@ledger.verb
def end_export(*, by: User, export: uuid.UUID, kind: str, count: int, is_complete: bool) -> None:
    """Note how many records went out, and whether that was all of them."""
    data = {"export": str(export), "kind": kind, "count": count, "is_complete": is_complete}
    ledger.append("export.ended", by, data=data)


def _filters(kind: str) -> set[str]:
    return set(search.KINDS[kind].filters)


def selected(user: User, kind: str, params, *, orderings: tuple[str, ...]):
    """The ids of what the query string finds for this person, in the order of the list; raises Invalid.

    Read by a cursor of the server, they are what was found at one moment, however long the reading takes.
    """
    if paging := [name for name in PAGING if params.get(name)]:
        raise Invalid(_("An export has no pages: leave this out, it holds the whole list."), field=paging[0])
    what = search.KINDS[kind]
    _ordering, field, descending = order_of(what.model, params, allowed=orderings)
    rows = search.narrow(what.model.objects.permitted(user), params, what.filters, user=user)
    sign = "-" if descending else ""
    return rows.order_by(f"{sign}{field}", f"{sign}pk").values_list("pk", flat=True)


def pieces(ids) -> Iterator[list[uuid.UUID]]:
    """The ids of `selected` by the hundred, as they come from the database."""
    found = ids.iterator(chunk_size=CHUNK)
    try:
        while piece := list(islice(found, CHUNK)):
            yield piece
    finally:
        found.close()


def still_seen(user_id: uuid.UUID, token_id: uuid.UUID | None, kind: str, piece: list[uuid.UUID]) -> tuple[User, list]:
    """(the person, those of these records that she may see now), in their order.

    Raises Forbidden when she may not export any more: suspended, another role, the token ended.
    """
    user = User.objects.filter(pk=user_id).first()
    token = ApiToken.objects.select_related("user").filter(pk=token_id).first() if token_id else None
    if not may(user, Act.EXPORT) or (token_id and not (token and token.is_usable(timezone.now()))):
        raise Forbidden(_("Your access ended while this was written."))
    rows = search.KINDS[kind].model.objects.permitted(user).filter(pk__among=piece)
    rows = rows.prefetch_related(*RELATED[kind]) if kind in RELATED else rows
    found = {row.pk: row for row in rows.defer(*UNSHOWN.get(kind, ()))}
    return user, [found[pk] for pk in piece if pk in found]
