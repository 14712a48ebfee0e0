"""Keyset pages: the same cost for the first page and the thousandth. What others add meanwhile moves no other row; what
they change moves by itself, so that by `updated` and by `date` it may be seen twice or not at all, by `reference` once.
"""

from dataclasses import dataclass

from django.core import signing
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from evidence.search.shapes import Stretch

SALT = "evidence.search.cursor"
CAP = 10_000
ORDERINGS = {
    "updated": "updated_at",
    "date": "date_sort",
    "reference": "code",
    "name": "name",
}


@dataclass(frozen=True)
class Page:
    """Rows of one page with opaque cursors to its neighbours (None: there is none)."""

    rows: list
    next: str | None
    previous: str | None
    ordering: str


def page(
    queryset,
    params,
    *,
    found=None,
    size: int = 50,
    allowed=("updated", "date", "reference"),
    default: str = "-updated",
) -> Page:
    """One page of a permitted, narrowed queryset by `cursor`, `page_size` and `ordering` of the query string.

    `found` (`counting.Counted`) holds the same rows in parts, which may be quicker to read from.
    """
    ordering, field, descending = order_of(queryset.model, params, allowed=allowed, default=default)
    size = read_size(params, size)
    backwards, position = _read_cursor(params.get("cursor"), queryset.model, ordering)
    sign = "-" if descending != backwards else ""
    order = (f"{sign}{field}", f"{sign}pk")
    after = Q() if position is None else _after(field, descending != backwards, position)
    branches = _branches(queryset, found, Stretch(order, size + 1, after))
    rows = _rows(queryset, branches, order, size + 1)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_next = more if not backwards else True
    has_previous = position is not None if not backwards else more
    return Page(
        rows,
        _cursor(rows[-1], field, ordering, False) if rows and has_next else None,
        _cursor(rows[0], field, ordering, True) if rows and has_previous else None,
        ordering,
    )


def _branches(queryset, found, stretch: Stretch) -> list:
    """Querysets that hold the stretch of a list, each row once, in whatever parts are soonest read in its order."""
    if found is None:
        return [queryset.filter(stretch.after)]
    return found.gathered(stretch) or found.walked(queryset, stretch)


def _rows(queryset, branches: list, order: tuple[str, str], number: int) -> list:
    """The first rows in this order, in one statement.

    The ids are found first, in each branch by itself: conditions on what an index of the list holds are then read from
    the index, and whole rows are fetched for the page alone.
    """
    first, *others = [branch.order_by(*order).values("pk")[:number] for branch in branches]
    ids = first.union(*others, all=True) if others else first
    rows = queryset.model._default_manager.filter(pk__among=ids).order_by(*order)[:number]
    rows.query.select_related = queryset.query.select_related
    return list(rows)


def order_of(model, params, *, allowed, default: str = "-updated") -> tuple[str, str, bool]:
    """(ordering, its field, whether it descends) by the query string, of those that a model has; raises Invalid."""
    ordering = params.get("ordering") or default
    has = {one.name for one in model._meta.concrete_fields}
    return ordering, *_field(ordering, [name for name in allowed if ORDERINGS[name] in has])


def _field(ordering: str, allowed) -> tuple[str, bool]:
    name = ordering.removeprefix("-")
    if name not in allowed:
        raise Invalid(
            _("Order by one of: %(known)s, with “-” before it for descending.") % {"known": ", ".join(allowed)},
            field="ordering",
        )
    return ORDERINGS[name], ordering.startswith("-")


def read_size(params, default: int) -> int:
    """The `page_size` of the query string, or the default."""
    text = params.get("page_size")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 200):
        raise Invalid(_("A page has from 1 to 200 records."), field="page_size")
    return int(text)


def _after(field: str, descending: bool, position: list) -> Q:
    value, pk = position
    beyond = "lt" if descending else "gt"
    # The redundant bound on the first column is what the index scan starts from.
    return Q(**{f"{field}__{beyond}e": value}) & (
        Q(**{f"{field}__{beyond}": value}) | Q(**{field: value, f"pk__{beyond}": pk})
    )


def cursor_at(row, ordering: str) -> str:
    """The cursor of the page that begins after this row."""
    return _cursor(row, ORDERINGS[ordering.removeprefix("-")], ordering, False)


def _cursor(row, field: str, ordering: str, backwards: bool) -> str:
    value = getattr(row, field)
    value = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return signing.dumps([_list(type(row), ordering), backwards, value, str(row.pk)], salt=SALT, compress=True)


def _list(model, ordering: str) -> str:
    """What a cursor is one of: a place among these records means nothing among others."""
    return f"{model._meta.model_name} {ordering}"


def _read_cursor(text: str | None, model, ordering: str) -> tuple[bool, list | None]:
    if not text:
        return False, None
    try:
        made_for, backwards, value, pk = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError):
        made_for = None
    if made_for != _list(model, ordering):
        raise Invalid(_("This cursor is not one of this list. Start again from the first page."), field="cursor")
    return backwards, [value, pk]


def capped_count(queryset, cap: int = CAP) -> tuple[int, bool]:
    """(count, whether there are more) of any queryset; what a person may see is quicker counted by `counting.seen`."""
    number = queryset.order_by()[: cap + 1].values("pk").count()
    return min(number, cap), number > cap
