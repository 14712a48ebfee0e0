"""A list as the doors show it: one page of it, and its counts; which way to the rows is the shorter one."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from accounts.errors import Invalid
from evidence.search.asked import narrow
from evidence.search.counting import Budget, Counted, as_one, counted
from evidence.search.pages import Page, page

PATIENCE = 0.4  # seconds for going through the list in order before the index is asked after all

LONGEST = 15  # seconds for a page by text or by groups of conditions


def listed(queryset, params, filters: dict[str, Callable], *, user, **paging) -> tuple[Page, Counted]:
    """One page of a permitted queryset by the query string, and the counts of the same; `paging` is that of `page`.

    Words that most records have fill a page before the index has gathered its thousands; rare ones are found by the
    index at once. Should the words be common and yet not come, the time for it ends and the index is asked.
    """
    model = queryset.model
    if not hasattr(queryset, "permitted_in_parts"):
        rows = narrow(queryset, params, filters, user=user)
        return page(rows, params, **paging), as_one(rows)
    found = counted(model, params, filters, user=user)
    if found.is_walked:
        rows = queryset.filter(found.said)
        with Budget(PATIENCE) as budget:
            one = budget.spend(lambda: page(rows, params, found=found, **paging))
        if one is not None:
            return one, found
        found = counted(model, params, filters, user=user, indexed=True)
    rows = queryset.filter(found.said)
    asks = next((name for name in ("q", "where") if params.get(name)), None)
    if asks is None:
        return page(rows, params, found=found, **paging), found
    with Budget(LONGEST, memory="64MB") as budget:
        one = budget.spend(lambda: page(rows, params, found=found, **paging))
    if one is None:
        raise Invalid(_("This search takes too long. Add a word or a filter."), field=asks)
    return one, found
