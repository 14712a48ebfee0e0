"""The list as a map and over time: each mark says how many, and leads to as many."""

import html
import re

import pytest

from evidence import access


@pytest.fixture
def read(client, investigator):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")

    def get(url: str) -> str:
        answer = client.get(url)
        assert answer.status_code == 200, answer.content.decode()[:500]
        return answer.content.decode()

    return get


@pytest.fixture
def several(log):
    log(place="KP-09", date="2010-05"), log(place="KP-09", date="2010~")
    log(place="KP-09.onsong", date="2010-06-03"), log(place="KP", date="2012?")
    log(place="", date="")


def marks(page: str) -> dict[str, str]:
    """Label of each mark that is a link → address."""
    drawing = page[page.index('<svg class="map chart' if "map chart" in page else '<svg class="chart histogram') :]
    drawing = drawing[: drawing.index("</svg>")]
    return {label: html.unescape(url) for url, label in re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', drawing)}


def listed(page: str) -> int:
    return page.count('<tr role="row" data-row>')


def test_marks_on_the_map_say_how_many_and_lead_to_them(read, several):
    page = read("/incidents/?view=map")
    found = marks(page)
    assert {label.rpartition(": ")[2] for label in found} == {"3"}  # where the country lies is not held
    assert "1 is in a place whose position is not held" in page
    rows = re.findall(r'<tr data-mark="([^"]+)" data-count="(\d+)".*?href="([^"]+)"', page, re.DOTALL)
    assert sum(int(count) for at, count, _url in rows if "province" in at) == 4
    assert sum(int(count) for at, count, _url in rows if "county" in at) == 4
    for _at, count, url in rows:
        assert listed(read(html.unescape(url))) == int(count), url
    (nowhere,) = re.findall(r'href="([^"]+)">1 has no place', page)
    assert listed(read(html.unescape(nowhere))) == 1
    assert "do not imply official endorsement" in page


def test_bars_say_how_many_and_lead_to_them(read, several):
    page = read("/incidents/?view=time")
    assert set(marks(page)) == {"2010: 3, of these uncertain 1", "2012: 1, of these uncertain 1"}
    months = read(marks(page)["2010: 3, of these uncertain 1"])
    assert {label.partition(":")[0] for label in marks(months)} == {"2010-01", "2010-05", "2010-06"}
    assert all(listed(read(url)) == 1 for url in marks(months).values())
    (undated,) = re.findall(r'href="([^"]+)">1 is undated', page)
    assert listed(read(html.unescape(undated))) == 1


@pytest.mark.parametrize("view", ["map", "time"])
def test_filters_hold_there_too(read, several, view):
    page = read(f"/incidents/?view={view}&where=place:KP-09.onsong")
    assert len(marks(page)) == 1
    assert 'name="view" value="' + view in page
    assert 'name="where" value="place:KP-09.onsong"' in page
    assert "Clear all filters" in read(f"/incidents/?view={view}&status=finalised")


@pytest.mark.parametrize("view", ["map", "time"])
def test_what_takes_too_long_is_said(read, several, settings, view):
    settings.FACETS_SECONDS = 0
    assert "too much to count at once" in read(f"/incidents/?view={view}")


@pytest.mark.parametrize("view", ["map", "time"])
def test_nothing_is_drawn_of_what_one_may_not_see(client, stranger, several, view):
    client.force_login(stranger, backend="accounts.backends.SignInBackend")
    page = client.get(f"/incidents/?view={view}").content.decode()
    assert "Nothing to show" in page
    assert '<svg class="map chart' not in page


def test_dates_far_apart_are_gathered(read, log):
    log(date="0900"), log(date="2012")
    page = read("/incidents/?view=time")
    assert {label.partition(":")[0] for label in marks(page)} == {"0900–0999", "2000–2099"}
    assert all(listed(read(url.replace("view=time", ""))) == 1 for url in marks(page).values())


def test_one_denied_incident_is_not_counted(read, log, investigator, administrator):
    seen, hidden = log(place="KP-09"), log(place="KP-09")
    access.deny(by=administrator, record=hidden, user=investigator, reason="Conflict of interest.")
    assert list(marks(read("/incidents/?view=map"))) == [f"{seen.place.name_en}: 1"]
