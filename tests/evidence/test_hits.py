"""The search over everything: kinds, order, passages, counts, titles written alike."""

import pytest
from django.http import QueryDict

from accounts.errors import Invalid
from evidence import assessment, search
from evidence.models import Incident


def find(user, query: str, kind: str = "incident") -> search.Found:
    return search.find(kind, QueryDict(query), user=user)


def records(found: search.Found) -> list:
    return [hit.record for hit in found.hits]


def test_each_kind_by_its_own_text(incident, item, protected, source, investigator):
    assert records(find(investigator, "q=detention")) == [incident]
    assert records(find(investigator, f"q={item.title_en}", "item")) == [item]
    assert records(find(investigator, f"q={protected.code}", "person")) == [protected]
    assert records(find(investigator, f"q={source.title}", "source")) == [source]
    assert records(find(investigator, "q=detention", "item")) == []


def test_filters_of_the_kind_narrow_the_hits(log, investigator):
    one, _other = log(place="KP-09"), log(place="KP-01")
    assert records(find(investigator, "q=detention&place=KP-09")) == [one]
    counts = search.counts_of("item", QueryDict("q=detention&place=KP-09&ordering=x"), user=investigator)
    assert counts.exact() == 0


def test_by_relevance_a_title_comes_first_and_pages_have_every_row_once(log, investigator):
    titled = log(title_en="Torture", narrative_en="x")
    often, once = log(narrative_en="torture " * 4), log(narrative_en="torture " + "word " * 300)
    assert records(find(investigator, "q=tortures&ordering=relevance")) == [titled, often, once]
    seen, cursor = [], ""
    for _page in range(3):
        found = find(investigator, f"q=torture&ordering=relevance&page_size=1&cursor={cursor}")
        seen += records(found)
        cursor = found.page.next or ""
    assert (seen, cursor) == ([titled, often, once], "")
    back = find(investigator, f"q=torture&ordering=relevance&page_size=1&cursor={found.page.previous}")
    assert records(back) == [often]
    with pytest.raises(Invalid):
        find(investigator, "q=torture&ordering=relevance&cursor=x")


def test_the_words_of_acts_and_reviews_are_quoted_where_they_are_found(log, investigator):
    one = log(acts=[{"title_en": "Waterboarding of two", "title_ko": "물고문"}])
    (hit,) = find(investigator, "q=waterboarding").hits
    assert [(part.text, part.is_match) for part in hit.passage] == [("Waterboarding", True), (" of two", False)]
    assessment.submit(by=investigator, incident=one, note="Compare with Ryongsong")
    (hit,) = find(investigator, "q=ryongsong").hits
    assert any(part.is_match and part.text == "Ryongsong" for part in hit.passage)


@pytest.mark.parametrize("typed", ["detentoin", "dettention", "구루장", "군 구류정"])
def test_a_slip_of_the_keyboard_is_forgiven_in_titles(incident, investigator, stranger, typed, monkeypatch):
    monkeypatch.setattr("evidence.search.hits.ALIKE_SECONDS", 30)
    assert records(find(investigator, f"q={typed}")) == []
    assert search.alike_titles("incident", QueryDict(f"q={typed}"), user=investigator) == [incident]
    assert search.alike_titles("incident", QueryDict(f"q={typed}"), user=stranger) == []
    Incident.objects.filter(pk=incident.pk).update(inherits_access=False)
    assert search.alike_titles("incident", QueryDict(f"q={typed}"), user=investigator) == []


def test_what_is_not_alike_is_not_suggested(incident, protected, investigator):
    for typed in ("zq", "요리책", "xylophone"):
        assert search.alike_titles("incident", QueryDict(f"q={typed}"), user=investigator) == []
    assert search.alike_titles("person", QueryDict("q=anything"), user=investigator) == []


def test_the_years_in_which_incidents_began(log, investigator):
    for date in ("2009-03", "2009/2012", "2011", ""):
        log(date=date)
    found = search.counted(Incident, QueryDict(""), search.INCIDENT_FILTERS, user=investigator)
    assert search.years(found) == {2009: 2, 2011: 1, None: 1}
