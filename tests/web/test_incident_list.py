"""The list of incidents: facets with and without numbers, and chosen values that must not get lost."""

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
