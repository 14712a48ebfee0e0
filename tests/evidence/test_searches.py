"""Saved searches: whose they are, what is kept of the query string, and what is new since a person opened one."""

import pytest
from conftest import TESTS

from accounts.errors import Invalid
from accounts.grants import Permission
from accounts.teams import form_team
from evidence import searches
from evidence.models import Incident, SavedSearch


def save(by, query="q=held", **changes):
    return searches.save_search(by=by, **({"name": "Mine", "kind": "incident", "query": query} | changes))


@pytest.fixture
def team(investigator, reviewer):
    return form_team(by=TESTS, name_en="North", name_ko="북부", members=[investigator, reviewer])


def test_a_search_is_ones_own_until_it_is_shared_with_a_team(investigator, reviewer, analyst, team):
    mine, shared = save(investigator), save(investigator, name="Ours", team=team)
    assert set(SavedSearch.objects.permitted(investigator)) == {mine, shared}
    assert set(SavedSearch.objects.permitted(reviewer)) == {shared}
    assert not SavedSearch.objects.permitted(reviewer, Permission.MANAGE).exists()
    assert not SavedSearch.objects.permitted(analyst).exists()
    assert not SavedSearch.objects.permitted(None).exists()
    searches.end_search(by=investigator, saved=shared)
    assert not SavedSearch.objects.permitted(reviewer).exists()


def test_where_somebody_stood_in_the_list_is_not_kept(investigator):
    saved = save(investigator, "q=held&cursor=x&page_size=7&status=&ordering=-date&status=draft")
    assert saved.query == "q=held&status=draft&ordering=-date"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"kind": "nothing"}, "kind"),
        ({"query": "nosuch=1"}, "query"),
        ({"query": "crime=none"}, "query"),
        ({"query": "q=%22open"}, "query"),
        ({"query": "q=" + "x" * 2001}, "query"),
    ],
)
def test_what_would_find_nothing_by_mistake_is_refused(investigator, changes, field):
    with pytest.raises(Invalid) as refusal:
        save(investigator, **changes)
    assert refusal.value.field == field
    assert not SavedSearch.objects.exists()


def test_one_shares_with_ones_own_teams_alone(investigator, analyst, team):
    with pytest.raises(Invalid) as refusal:
        save(analyst, team=team)
    assert refusal.value.field == "team"


def test_the_number_of_saved_searches_has_an_end(investigator, monkeypatch):
    monkeypatch.setattr(searches, "MOST", 1)
    save(investigator)
    with pytest.raises(Invalid):
        save(investigator)


def test_what_is_new_is_what_came_since_this_person_opened_it(log, investigator, reviewer, team):
    saved = save(investigator, team=team)
    log(narrative_en="Held before")
    assert searches.new_since(investigator, [saved]) == {}
    searches.open_search(by=investigator, saved=saved)
    assert searches.new_since(investigator, [saved]) == {saved.pk: (0, False)}
    new, other = log(narrative_en="Held after"), log(narrative_en="Something else")
    assert searches.new_since(investigator, [saved]) == {saved.pk: (1, False)}
    assert searches.new_since(reviewer, [saved]) == {}
    searches.open_search(by=reviewer, saved=saved)
    assert searches.new_since(reviewer, [saved]) == {saved.pk: (0, False)}
    Incident.objects.filter(pk__in=[new.pk, other.pk]).update(inherits_access=False)
    assert searches.new_since(investigator, [saved]) == {saved.pk: (0, False)}
