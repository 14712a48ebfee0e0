"""The search page, its tabs, the facets that come after the rows, and saved searches."""

import html
import re

import pytest
from conftest import TESTS
from django.urls import reverse

from accounts.teams import form_team
from evidence import assessment, recording, searches
from evidence.models import SavedSearch


@pytest.fixture
def read(client, investigator, collection):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")

    def get(name: str, query: str = "", status: int = 200) -> str:
        answer = client.get(reverse(name) + query)
        assert answer.status_code == status
        return answer.content.decode()

    return get


def test_a_search_marks_what_it_found_and_escapes_the_rest(read, log):
    log(title_en="Held <b>here</b>", narrative_en="<script>alert(1)</script> a hollow lantern & more")
    text = read("search", "?q=lantern")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; a hollow <mark>lantern</mark> &amp; more" in text
    assert "Held &lt;b&gt;here&lt;/b&gt;" in text
    text = read("search", "?q=script")
    assert "&lt;<mark>script</mark>&gt;" in text
    assert "<script>alert" not in text


def test_what_is_withdrawn_is_gone_unless_it_is_asked_for(read, log, investigator):
    incident = log(title_en="A hollow lantern", narrative_en="")
    assert incident.code in read("search", "?q=lantern")
    assessment.withdraw(by=investigator, incident=incident, note="Logged twice, a pangolin.")
    for query in ("?q=lantern", "?q=pangolin", "?q=lantrn", "?q=lantern&ordering=relevance"):
        assert incident.code not in read("search", query), query
        assert incident.code not in read("incident-list", query.replace("relevance", "date")), query
    for query in (f"?q={incident.code}", "?q=lantern&status=withdrawn", "?q=lantern&where=status:withdrawn"):
        text = read("search", query)
        assert incident.code in text and "Withdrawn" in text, query
    assert incident.code in read("incident-list")


def test_a_name_with_a_slip_is_found_whatever_is_searched(read, investigator, collection):
    given = {
        "is_protected": False,
        "names": [{"script": "romanised_source", "kind": "legal", "value": "Pak Numbatova"}],
    }
    recording.record_person(by=investigator, collection=collection, given=given)
    for kind in ("", "&type=incident", "&type=item", "&type=source", "&type=person"):
        assert "Pak Numbatova" in read("search", f"?q=Numbatva{kind}"), kind


def test_what_was_typed_stands_in_the_field_escaped(read):
    assert 'value="&quot;&gt;&lt;x"' in read("search", "?q=%22%3E%3Cx", status=400)


def test_without_words_it_says_how_to_search(read):
    assert "구류장" in read("search")


@pytest.mark.parametrize("query", ["q=%22open", "q=_", "q=a+OR", "q=a&ordering=x", "q=a&nosuch=1", "q=a&cursor=x"])
def test_a_mistake_is_said_beside_the_field(read, query):
    assert 'role="alert"' in read("search", f"?{query}", status=400)


def test_tabs_lead_to_the_other_kinds_and_are_counted_afterwards(read, incident, item):
    text = read("search", "?q=interview")
    assert "type=item" in text
    assert 'class="n"' not in text
    text = read("search-counts", "?q=interview&type=incident")
    assert '<span class="n">1</span>' in text
    assert 'href="/search/?q=interview&amp;type=item"' in text
    assert read("search", "?q=interview&type=item").count("<mark>") >= 1


def test_the_counts_of_a_mistake_are_none(read):
    assert 'class="n"' not in read("search-counts", "?q=%22open")


def test_the_bar_on_every_page_searches_everything(read):
    assert f'action="{reverse("search")}"' in read("home")


def test_facets_have_numbers_once_the_rows_are_there(read, log):
    log(date="2009"), log(date="2011-04"), log(date="")
    text = read("incident-list")
    assert 'class="n"' not in text
    assert reverse("incident-facets") in text
    text = read("incident-facets")
    assert '<span class="n">3</span>' in text
    assert "2011: 1" in text
    assert "1 is undated." in text


@pytest.mark.parametrize(
    ("dates", "query", "counts"),
    [
        (["2009", "2009-11/2011-02", "2010", "2011-05?", ""], "", [2, 1, 1]),
        (["2009", "2009-11/2011-02", "2010-06"], "?date_to=2009-12", [2]),
        (["1901", "1955", "1959/1980", "1961", "2009"], "", [1, 2, 1, 1]),
        (["2009-03", "2009-03-14", "2009-05", "2012"], "?began=2009-03", [2]),
    ],
)
def test_a_bar_of_the_years_leads_to_as_many_as_it_says(read, log, dates, query, counts):
    for date in dates:
        log(date=date)
    text = read("incident-facets", query)
    bars = re.findall(r'<a href="([^"]+)" aria-label="[^"]+: (\d+)"><title>', text)
    assert [int(count) for _url, count in bars] == counts
    for url, count in bars:
        page = read("incident-list", html.unescape(url.partition("/incidents/")[2]))
        assert page.count('<tr role="row" data-row>') == int(count), url


def test_a_search_is_saved_found_again_and_ended(read, client, log, investigator):
    log(narrative_en="held")
    text = read("incident-list", "?q=held&status=draft")
    assert "/saved/new/?list=incident&amp;q=held&amp;status=draft" in text
    query = "?list=incident&q=held&status=draft"
    text = read("saved-new", query)
    assert '<li>Text: <b dir="auto">held</b></li><li>Status: <b dir="auto">Draft</b></li>' in text
    answer = client.post(reverse("saved-new") + query, {"name": "Drafts", "team": ""})
    assert answer["Location"] == "/incidents/?q=held&status=draft"
    saved = SavedSearch.objects.get()
    assert (saved.name, saved.query, saved.created_by) == ("Drafts", "q=held&status=draft", investigator)
    text = read("incident-list", "?q=held&status=draft")
    assert "Save this search" not in text
    assert f'<a href="/saved/{saved.pk}/" aria-current="page"' in text
    log(narrative_en="held again")
    assert "+1 new" in read("saved-tabs", "?list=incident")
    answer = client.get(reverse("saved-open", args=[saved.pk]))
    assert answer["Location"] == "/incidents/?q=held&status=draft"
    assert "new</span>" not in read("saved-tabs", "?list=incident")
    assert "Drafts" in read("saved-list")
    assert client.post(reverse("saved-end", args=[saved.pk])).status_code == 302
    assert "Drafts" not in read("saved-list")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?list=incident&crime=cah.torture&ordering=-date&view=map", ["Alleged crime: Torture", "Order: Newest event"]),
        ("?list=item&kind=photograph&collection=NKDB", ["Type: Photograph", "Collection: NKDB"]),
        ("?list=source&q=guard", ["Text: guard"]),
        ("?list=incident&where=status:draft", ["Query: status:draft"]),
        ("?list=incident&nosuch=1", ["nosuch: 1"]),
    ],
)
def test_what_is_saved_is_said_as_the_list_says_it(read, query, said):
    text = read("saved-new", query)
    shown = re.findall(r"<li>([^<]+: )<b dir=\"auto\">([^<]+)</b></li>", text)
    assert [label + value for label, value in shown] == said


def test_what_is_saved_is_said_in_korean(read, investigator):
    investigator.language = "ko"
    investigator.save()
    assert '<li>텍스트: <b dir="auto">held</b></li>' in read("saved-new", "?list=incident&q=held")


@pytest.mark.parametrize(
    ("name", "query", "said"),
    [
        ("incident-list", "?date_from=yesterday", ["From"]),
        ("incident-list", "?q=%00&where=status:", ["Text", "Query"]),
        ("incident-list", "?began=x&ordering=size", ["Began"]),
        ("incident-list", "?ordering=size", ["Order"]),
        ("item-list", "?kind=none", ["Type"]),
        ("person-list", "?risk=none", ["Protection risk"]),
    ],
)
def test_mistakes_name_fields_as_the_page_calls_them(read, name, query, said):
    text = read(name, query, 400)
    assert re.findall(r'<label for="mend-\d">([^<]+)</label>', text) == said


def test_a_filter_that_is_none_is_answered_with_those_there_are_as_they_are_called(read, client, investigator):
    for name in ("incident-list", "search", "statistics"):
        text = read(name, "?q=held&nosuch=1", 400)
        assert "Text, Alleged crime, " in text
        assert "date_from" not in text.partition("Known: ")[2].partition("<")[0]
    investigator.language = "ko"
    investigator.save()
    assert "텍스트, " in read("incident-list", "?nosuch=1", 400)
    answer = client.get("/api/v1/incidents?nosuch=1")
    assert " date_from, " in answer.content.decode()


def test_mistakes_in_saving_are_said(read, client):
    answer = client.post(reverse("saved-new") + "?list=incident&nosuch=1", {"name": "x", "team": ""})
    assert answer.status_code == 400
    assert client.post(reverse("saved-new") + "?list=incident", {"name": "", "team": ""}).status_code == 400
    assert client.post(reverse("saved-new") + "?list=incident", {"name": "x", "team": "77"}).status_code == 400
    assert client.get(reverse("saved-new") + "?list=nothing").status_code == 404
    assert client.get(reverse("saved-tabs")).status_code == 404
    assert not SavedSearch.objects.exists()


def test_a_team_has_what_is_shared_with_it_and_only_who_saved_it_ends_it(read, client, reviewer, investigator):
    team = form_team(by=TESTS, name_en="North", name_ko="", members=[reviewer, investigator])
    shared = searches.save_search(by=reviewer, name="Ours", kind="item", query="q=letter", team=team)
    assert "Ours" in read("saved-list")
    assert client.get(reverse("saved-open", args=[shared.pk]))["Location"] == "/evidence/?q=letter"
    assert client.post(reverse("saved-end", args=[shared.pk])).status_code == 404
