"""The page of statistics: what it shows, what it links to, and that it says where it can count nothing."""

import re

import pytest
from django.test import Client

from evidence.models import Incident


@pytest.fixture
def enter(investigator, incident):
    client = Client()
    client.force_login(investigator)
    return client


def test_each_number_is_a_link_to_as_many_incidents(enter, log):
    log(date="2010/2012", place="KP-01")
    log(date="", acts=[])
    page = enter.get("/statistics/?group_by=place&group_by=year")
    assert page.status_code == 200
    text = page.content.decode()
    links = re.findall(r'<a class="s\d" href="([^"]+)" aria-label="[^"]*: (\d+)"', text)
    assert len(links) == 3
    for address, number in links:
        listed = enter.get(address.replace("&amp;", "&"))
        assert listed.status_code == 200
        assert len(re.findall("data-row", listed.content.decode())) == int(number)


def test_by_crime_unless_told_and_the_filters_of_the_list_are_kept(enter, incident):
    page = enter.get("/statistics/?status=draft&ordering=date&cursor=")
    text = page.content.decode()
    assert 'name="status" value="draft"' in text and 'name="ordering"' not in text
    assert "/api/v1/statistics?status=draft&amp;group_by=crime" in text
    Incident.objects.filter(pk=incident.pk).update(review_status="finalised")
    assert "Nothing to count" in enter.get("/statistics/?status=draft").content.decode()


def test_a_chosen_crime_keeps_its_meaning_in_the_links(enter, incident):
    text = enter.get("/statistics/?crime=cah.imprisonment&group_by=crime").content.decode()
    assert 'href="/incidents/?crime=cah.imprisonment"' in text
    text = enter.get("/statistics/?crime=cah&group_by=crime&crime_level=2").content.decode()
    assert 'href="/incidents/?crime=cah.imprisonment"' in text


def test_small_numbers_are_left_out(enter):
    text = enter.get("/statistics/?group_by=status&suppress=5").content.decode()
    assert "The total is left out." in text and "left out" in text and "in all" not in text


def test_a_mistake_is_said(enter):
    page = enter.get("/statistics/?group_by=sex&measure=incidents")
    assert page.status_code == 400
    assert "Incidents have no sex" in page.content.decode()
    assert enter.get("/statistics/?colour=red").status_code == 400


def test_in_korean(enter, investigator):
    investigator.language = "ko"
    investigator.save(update_fields=["language"])
    text = enter.get("/statistics/?group_by=year").content.decode()
    assert "통계" in text and "혐의" in text


def test_the_list_leads_to_it_with_its_filters(enter):
    assert 'href="/statistics/?status=draft"' in enter.get("/incidents/?status=draft").content.decode()
