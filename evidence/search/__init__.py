"""Finding: narrows an already permitted queryset by the filters that web and API share, counts, pages by keyset.

Nothing here decides who may see what: every queryset that comes in has passed `.permitted(`.
"""

from evidence.search.facets import facets
from evidence.search.filters import INCIDENT_FILTERS, ITEM_FILTERS, PERSON_FILTERS, SOURCE_FILTERS, narrow
from evidence.search.pages import Page, page
from evidence.search.reading import note_opened, note_search

__all__ = [
    "INCIDENT_FILTERS",
    "ITEM_FILTERS",
    "PERSON_FILTERS",
    "SOURCE_FILTERS",
    "Page",
    "facets",
    "narrow",
    "note_opened",
    "note_search",
    "page",
]
