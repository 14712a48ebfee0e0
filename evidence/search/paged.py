"""Text of files, searched by page: an item is found by its own text or by one page of one of its files.

Each page is a text by itself: all words of a query have to be on it. What is left out must be on none of an item's.
"""

from dataclasses import replace

from django.db.models import Exists, OuterRef, Q, QuerySet

from evidence.models import File, FileText
from evidence.models.codes import read_code
from evidence.search.text import Prepared, Text, condition, is_common, prepare, typed


def readable() -> QuerySet:
    """Pages whose text may be shown to whoever sees their item: in force, of files that nothing keeps closed."""
    return FileText.objects.filter(
        ended_at=None,
        file__item__withdrawn_at=None,
        file__withdrawn_at=None,
        file__destroyed_at=None,
        file__scan__in=(File.Scan.CLEAN, File.Scan.UNSCANNED),
    )


class PagedText(Text):
    """The filter `q` of evidence items."""

    def found(self, queryset, values, *, indexed: bool, user):
        text = typed(values)
        if read_code(text):
            return super().found(queryset, values, indexed=indexed, user=user)
        prepared = prepare(text)
        if prepared.without:
            left_out = condition(Prepared((prepared.without,)), indexed=False)
            pages = readable().filter(left_out, file__item=OuterRef("pk")).order_by()
            queryset = queryset.filter(~left_out & ~Exists(pages))
        if not prepared.groups:
            return queryset
        wanted = condition(replace(prepared, without=()), indexed=indexed)
        pages = readable().filter(wanted).order_by()
        if not indexed:
            return queryset.filter(Q(wanted) | Exists(pages.filter(file__item=OuterRef("pk"))))
        # Two lists of ids put together: joined by OR, neither index could be used.
        own = queryset.model._default_manager.filter(wanted).order_by().values("pk")
        return queryset.filter(pk__in=own.union(pages.values("file__item")))

    def is_common(self, model, values) -> bool:
        text = typed(values)
        return super().is_common(model, values) or (not read_code(text) and is_common(FileText, prepare(text)))


def pages_with(items: list, prepared: Prepared, user) -> dict:
    """The first page that a query finds in the files of each of these items: {item id: its text}."""
    if not (prepared.groups and items):
        return {}
    # One file comes in whole, page by page: few rows, so that each is looked at.
    rows = (
        readable().permitted(user).filter(condition(prepared, indexed=False), file__item__in=[row.pk for row in items])
    )
    rows = rows.select_related("file").order_by("file__item", "file__created_at", "file", "number")
    return {row.file.item_id: row for row in rows.distinct("file__item")}
