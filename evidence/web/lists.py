"""What the plain lists share: choices to narrow by, the filters that are on, and the pager. Incidents have facets."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from evidence.models import Collection
from evidence.models.record import Level
from evidence.reference import choices
from evidence.search import Counted, Page, total
from evidence.web.doors import query_with
from evidence.web.forms.incidents import named


@dataclass(frozen=True)
class Filter:
    """A select over the list: the parameter's name, what it is called, and (value, label) pairs for a person."""

    name: str
    label: Callable[[], str]
    options: Callable[[object], list[tuple[str, str]]]


def by_term(name: str, label: Callable[[], str], vocabulary: str) -> Filter:
    return Filter(name, label, lambda user: choices(vocabulary))


LEVEL = Filter(
    "confidentiality",
    lambda: _("Level"),
    lambda user: [(str(rank), label) for rank, label in Level.choices if rank <= user.clearance],
)
COLLECTION = Filter(
    "collection",
    lambda: _("Collection"),
    lambda user: [(row.code, named(row)) for row in Collection.objects.permitted(user).order_by("name_en", "pk")],
)


def list_context(request, page: Page, found: Counted, filters: tuple[Filter, ...]) -> dict:
    """Context of templates/evidence/_list_tools.html and of the pager."""
    number, _more = total(found)
    selects, tokens = [], []
    if text := request.GET.get("q"):
        tokens.append({"label": _("Text"), "value": text, "remove_url": query_with(request, q=None)})
    for filter in filters:
        options = filter.options(request.user)
        chosen = [value for value in request.GET.getlist(filter.name) if value]
        label = filter.label()
        selects.append(
            {"name": filter.name, "label": label, "options": options, "chosen": chosen[-1] if chosen else ""}
        )
        if chosen:
            words = ", ".join(str(dict(options).get(value, value)) for value in chosen)
            tokens.append({"label": label, "value": words, "remove_url": query_with(request, **{filter.name: None})})
    return {
        "page": page,
        "rows": page.rows,
        "selects": selects,
        "tokens": tokens,
        "query": text or "",
        "total": number,
        "next_url": page.next and query_with(request, cursor=page.next),
        "previous_url": page.previous and query_with(request, cursor=page.previous),
    }
