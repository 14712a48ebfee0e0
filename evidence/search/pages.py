"""Keyset pages: the same cost for the first page and the thousandth, no row twice when others are writing."""

from dataclasses import dataclass

from django.core import signing
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.errors import Invalid

SALT = "evidence.search.cursor"
CAP = 10_000
ORDERINGS = {
    "updated": "updated_at",
    "date": "date_sort",
    "reference": "code",
}


@dataclass(frozen=True)
class Page:
    """Rows of one page with opaque cursors to its neighbours (None: there is none)."""

    rows: list
    next: str | None
    previous: str | None
    ordering: str


def page(
    queryset, params, *, size: int = 50, allowed=("updated", "date", "reference"), default: str = "-updated"
) -> Page:
    """One page of a permitted, narrowed queryset by `cursor`, `page_size` and `ordering` of the query string."""
    ordering = params.get("ordering") or default
    field, descending = _field(ordering, allowed)
    size = _size(params, size)
    backwards, position = _read_cursor(params.get("cursor"), ordering)
    if position is not None:
        queryset = queryset.filter(_after(field, descending != backwards, position))
    sign = "-" if descending != backwards else ""
    rows = list(queryset.order_by(f"{sign}{field}", f"{sign}pk")[: size + 1])
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


def _field(ordering: str, allowed) -> tuple[str, bool]:
    name = ordering.removeprefix("-")
    if name not in allowed:
        raise Invalid(
            _("Order by one of: %(known)s, with “-” before it for descending.") % {"known": ", ".join(allowed)},
            field="ordering",
        )
    return ORDERINGS[name], ordering.startswith("-")


def _size(params, default: int) -> int:
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


def _cursor(row, field: str, ordering: str, backwards: bool) -> str:
    value = getattr(row, field)
    value = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return signing.dumps([ordering, backwards, value, str(row.pk)], salt=SALT, compress=True)


def _read_cursor(text: str | None, ordering: str) -> tuple[bool, list | None]:
    if not text:
        return False, None
    try:
        made_for, backwards, value, pk = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError):
        made_for = None
    if made_for != ordering:
        raise Invalid(_("This cursor is not one of this list. Start again from the first page."), field="cursor")
    return backwards, [value, pk]


def capped_count(queryset, cap: int = CAP) -> tuple[int, bool]:
    """(count, whether there are more): never counts past the cap."""
    number = queryset.order_by()[: cap + 1].values("pk").count()
    return min(number, cap), number > cap
