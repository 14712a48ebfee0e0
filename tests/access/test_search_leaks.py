"""Text that a person may not read neither matches, counts, suggests nor is quoted; not even a letter at a time.

For every hidden record and every beginning of its marker word: whatever the search answers is what it answers for a
word that nothing has.
"""

import pytest
from django.http import QueryDict
from django.test import Client
from scenes_of_leaks import World, personas

from evidence import search, searches
from evidence.models import Incident
from evidence.search import grammar
from evidence.search.counting import Budget
from evidence.search.words import LONGEST, MOST

NOTHING = "Qxzvwjk"


@pytest.fixture
def world(request, collection):
    return World(request)


def said(user, typed: str) -> list:
    """All that any part of the search says about a word, for each kind."""
    answers: list = []
    for kind, what in search.KINDS.items():
        for order in ("", "relevance"):
            params = QueryDict(mutable=True)
            params.update({"q": typed} | ({"ordering": order} if order else {}))
            found = search.find(kind, params, user=user)
            answers.append([(hit.record.pk, hit.passage) for hit in found.hits])
            answers.append((found.page.next, found.counts.exact()))
        params = QueryDict(mutable=True)
        params["q"] = typed
        answers.append(search.counts_of(kind, params, user=user).capped())
        page, _found = search.listed(what.model.objects.permitted(user), params, what.filters, user=user)
        answers.append([row.pk for row in page.rows])
    found = search.counted(Incident, params, search.INCIDENT_FILTERS, user=user)
    answers.append(search.years(found))
    answers.append(search.facets(found, language="en", more=False))
    return answers + said_of_groups(user, typed)


def said_of_groups(user, typed: str) -> list:
    """The same of the word as a condition of a group, and of its opposite: as a list, on a map, over time."""
    answers: list = []
    for is_not in (False, True):
        params = QueryDict(mutable=True)
        params["where"] = grammar.written(grammar.Term("q", (typed,), is_not))
        page, found = search.listed(Incident.objects.permitted(user), params, search.INCIDENT_FILTERS, user=user)
        answers.append([row.pk for row in page.rows])
        with Budget(None) as budget:
            answers += [found.exact(), search.by_place(found, budget), search.by_day(found, budget)]
    return answers


@pytest.mark.parametrize("name", [name for name in personas if name != "anonymous"])
def test_hidden_words_are_words_that_nothing_has(world, name):
    user = world.persona(name)
    hidden = {
        word
        for record, words in world.markers.items()
        if type(record) in {kind.model for kind in search.KINDS.values()} and not world.sees(user, record)
        for word in words
        if word.startswith("Marker")
    }
    seen = {
        word
        for record, words in world.markers.items()
        if hasattr(record, "collection") and world.sees(user, record)
        for word in words
    }
    assert hidden
    # Beginnings that a word has in common with one that she may read are told by that one.
    asked = {
        word[:end]
        for word in hidden
        for end in range(len("Marker") + 1, len(word) + 1)
        if not any(known.startswith(word[:end]) for known in seen)
    }
    nothing = said(user, NOTHING)
    for query in joined(sorted(asked)):
        assert said(user, query) == nothing, query
        assert suggested(user, query) <= {record.pk for record in world.markers if world.sees(user, record)}, query


def suggested(user, typed: str) -> set:
    """Records whose titles are spelled like what was typed: of those that she sees, which may look like others."""
    params = QueryDict(mutable=True)
    params["q"] = typed
    return {row.pk for kind in search.KINDS for row in search.alike_titles(kind, params, user=user)}


def joined(words: list[str]) -> list[str]:
    """The words in as few queries as they fit into: each of these finds what any of its words finds."""
    queries: list[str] = []
    for word in words:
        if queries and len(queries[-1]) + len(word) < LONGEST - 5 and queries[-1].count(" OR ") < MOST - 2:
            queries[-1] += f" OR {word}"
        else:
            queries.append(word)
    return queries


@pytest.mark.parametrize("name", personas)
def test_no_page_of_the_search_shows_a_hidden_word_that_was_not_asked_for(world, name):
    user = world.persona(name)
    client = Client()
    if user is not None:
        client.force_login(user, backend="accounts.backends.SignInBackend")
    hidden = world.markers_hidden_from(user)
    paths = [f"/search/?q=Marker&type={kind}" for kind in search.KINDS]
    paths += [f"/search/?q=Marker&type={kind}&ordering=relevance" for kind in search.KINDS]
    paths += [f"/api/v1/search?q=Marker&type={kind}&count=exact" for kind in search.KINDS]
    paths += ["/search/counts/?q=Marker", "/incidents/facets/?q=Marker", "/incidents/?q=Marker", "/search/?q=Merkar"]
    for path in paths:
        text = client.get(path).content.decode()
        shown = {word for word in hidden if word in text}
        assert not shown, (path, shown)


def test_a_shared_search_finds_for_each_what_she_may_see(world):
    investigator, stranger = world.people["investigator"], world.people["stranger"]
    saved = searches.save_search(by=investigator, name="All", kind="incident", query="q=Marker")
    for user in (investigator, stranger):
        searches.open_search(by=user, saved=saved)
    Incident.objects.filter(title_en="MarkerElsewhereIncident").first().save()
    assert searches.new_since(investigator, [saved]) == {saved.pk: (0, False)}
    assert searches.new_since(stranger, [saved]) == {saved.pk: (1, False)}
