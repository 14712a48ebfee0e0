"""Finding: narrows an already permitted queryset by the filters that web and API share, counts, pages by keyset.
Full text: words (what is typed), text and paged (conditions), snippets and hits (shown).

Nothing here decides who may see what: every queryset that comes in has passed `.permitted(`.
"""

from evidence.search.asked import narrow
from evidence.search.counting import Counted, as_one, counted, total
from evidence.search.facets import facets, uncounted, years
from evidence.search.filters import INCIDENT_FILTERS, ITEM_FILTERS, PERSON_FILTERS, SOURCE_FILTERS
from evidence.search.hits import KINDS, Found, Hit, alike_titles, counts_of, find
from evidence.search.likeness import Likeness, alike
from evidence.search.lists import listed
from evidence.search.names import named_alike, named_like
from evidence.search.pages import Page, page
from evidence.search.people import PEOPLE_FILTERS
from evidence.search.reading import note_opened, note_search
from evidence.search.snippets import Part
from evidence.search.spread import by_day, by_place, over_places, over_time

__all__ = [
    "INCIDENT_FILTERS",
    "ITEM_FILTERS",
    "KINDS",
    "PEOPLE_FILTERS",
    "PERSON_FILTERS",
    "SOURCE_FILTERS",
    "Counted",
    "Found",
    "Hit",
    "Likeness",
    "Page",
    "Part",
    "alike",
    "alike_titles",
    "as_one",
    "by_day",
    "by_place",
    "counted",
    "counts_of",
    "facets",
    "find",
    "listed",
    "named_alike",
    "named_like",
    "narrow",
    "note_opened",
    "note_search",
    "over_places",
    "over_time",
    "page",
    "total",
    "uncounted",
    "years",
]
