"""The list of incidents: facets with and without numbers, and chosen values that must not get lost."""

import html
import re

import pytest
from django.urls import reverse

from evidence import assessment

NOTE = "Where a number is missing"


@pytest.fixture
def read(client, investigator):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")

    def get(query: str = "", name: str = "incident-facets") -> str:
        answer = client.get(reverse(name) + query)
        assert answer.status_code == 200
        return answer.content.decode()

    return get


def option(text: str, name: str, value: str) -> str | None:
    found = re.search(
        rf'<label[^>]*><input type="checkbox" id="f-{name}-{re.escape(value)}".*?</label>', text, re.DOTALL
    )
    return found and found[0]


def test_facets_have_numbers(read, log):
    log(), log()
    text = read()
    assert '<span class="n">2</span>' in option(text, "status", "draft")
    assert option(text, "status", "finalised") is None
    assert NOTE not in text


def test_facets_that_take_too_long_have_all_values_and_say_why_they_have_no_numbers(read, log, settings):
    log()
    settings.FACETS_SECONDS = 0
    text = read("?crime=gen.killing")
    assert NOTE in text
    for name, value in (("status", "finalised"), ("crime", "cah"), ("place", "KP"), ("classification", "alleged")):
        found = option(text, name, value)
        assert found
        assert 'class="n"' not in found
    # The taxonomy is long: of what is offered, the chosen one is never left out.
    assert "checked" in option(text, "crime", "gen.killing")


@pytest.mark.parametrize(
    ("query", "name", "value"),
    [
        ("?status=finalised", "status", "finalised"),
        ("?crime=gen.killing", "crime", "gen.killing"),
        ("?place=KP-05.anak", "place", "KP-05.anak"),
        ("?classification=rejected", "classification", "rejected"),
        ("?confidentiality=0", "confidentiality", "0"),
    ],
)
def test_a_chosen_value_that_finds_nothing_stays_in_the_form(read, log, query, name, value):
    log()
    for page in ("incident-list", "incident-facets"):
        text = read(query, page)
        assert "checked" in option(text, name, value)
        assert NOTE not in text


def test_to_a_chosen_status_another_one_can_be_added(read, log, investigator):
    log()
    assessment.submit(by=investigator, incident=log(), note="")
    text = read("?status=draft")
    assert '<span class="n">1</span>' in option(text, "status", "draft")
    assert all(option(text, "status", other) for other in ("in_review", "finalised"))
    assert NOTE not in text
    text = read("?status=draft&status=in_review")
    assert all('<span class="n">1</span>' in option(text, "status", one) for one in ("draft", "in_review"))
    assert option(read(), "status", "finalised") is None


@pytest.mark.parametrize("name", ["incident-list", "item-list", "person-list", "source-list"])
@pytest.mark.parametrize("typed", ['"river guard', "((", "a\x00b", "x" * 10_000, "<b>"])
def test_a_mistake_can_be_mended_and_loses_nothing_else(client, investigator, name, typed):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    asked = {"q": typed, "confidentiality": ["1", "2"], "ordering": "-updated", "cursor": "forged"}
    answer = client.get(reverse(name), asked)
    text = answer.content.decode()
    if typed == "<b>":
        assert answer.status_code == 400 and "&lt;b&gt;" not in text  # the cursor alone: words are kept beside it
        assert "q=%3Cb%3E" in text
        return
    assert answer.status_code == 400
    (value,) = re.findall(r'id="mend-\d" name="q" value="([^"]*)"', text)
    assert html.unescape(value) == typed.replace("\x00", " ")
    form = re.search(r'<form class="body stack".*?</form>', text, re.DOTALL)[0]
    kept = re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">', form)
    assert kept == [("confidentiality", "1"), ("confidentiality", "2"), ("ordering", "-updated")]
    assert "?confidentiality=1&amp;confidentiality=2&amp;ordering=-updated" in text


def test_a_filter_that_there_is_not_is_left_out_of_what_is_kept(client, investigator):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    text = client.get(reverse("incident-list"), {"nosuch": "1", "date_from": "spring 2009", "status": "draft"}).content
    assert b'name="date_from" value="spring 2009"' in text and b'name="status" value="draft"' in text
    assert b'name="nosuch"' not in text and b"<bdi>nosuch</bdi>" in text and b"There is no such filter" in text


def test_a_time_that_ends_before_it_begins_is_said_in_the_form(client, investigator):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    answer = client.get(reverse("incident-list") + "?date_from=2012&date_to=2010")
    assert answer.status_code == 400
    assert "Write the earlier one first: 2010 is before 2012." in answer.content.decode()
