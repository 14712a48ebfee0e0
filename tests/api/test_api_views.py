"""The API's `where`, `map` and `timeline`: the same filters, counted through the gate, and mistakes told."""

import pytest
from described import DescribedClient

BASE = "/api/v1/incidents"


@pytest.fixture
def ask(investigator):
    client = DescribedClient()
    client.force_authenticate(investigator)
    return lambda path="", **params: client.get(BASE + path, params)


@pytest.fixture
def several(log):
    log(place="KP-09", date="2010-05", acts=[{"crimes": ["cah.torture"]}]), log(place="KP-09.onsong", date="2010~")
    log(place="KP", date="2012?"), log(place="", date="")


def test_where(ask, several):
    assert len(ask(where="(crime:cah.torture AND place:KP-09) OR NOT place:KP").json()["results"]) == 2
    assert ask(where="NOT place:KP", count="exact").json()["count"] == 1
    assert ask(where="NOT place:KP", page_size="1", ordering="date").status_code == 200


@pytest.mark.parametrize(
    ("where", "said"), [("colour:red", "Known: date, q, crime"), ("status:draft OR", "At character 16")]
)
def test_a_mistake_of_where_is_told(ask, where, said):
    for path in ("", "/map", "/timeline"):
        answer = ask(path, where=where)
        assert answer.status_code == 400
        assert said in str(answer.json()), answer.json()


def test_map(ask, several):
    found = ask("/map").json()
    assert (found["level"], found["nowhere"]) == ("province", 1)
    assert [(place["code"], place["count"], place["is_rough"], place["filter"]) for place in found["places"]] == [
        ("KP-09", 2, False, "place=KP-09"),
        ("KP", 1, True, "place_only=KP"),
    ]
    found = ask("/map", level="county", where="place:KP-09").json()
    assert {place["filter"]: place["count"] for place in found["places"]} == {
        "place=KP-09.onsong": 1,
        "place_only=KP-09": 1,
    }
    for place in found["places"]:
        name, _equals, code = place["filter"].partition("=")
        assert ask(count="exact", where="place:KP-09", **{name: code}).json()["count"] == place["count"]


def test_timeline(ask, several):
    found = ask("/timeline").json()
    assert found == {
        "by": "year",
        "spans": [
            {"label": "2010", "count": 2, "certain": 1, "uncertain": 1},
            {"label": "2012", "count": 1, "certain": 0, "uncertain": 1},
        ],
        "undated": 1,
    }
    assert [span["label"] for span in ask("/timeline", by="month", began="2010").json()["spans"]] == [
        "2010-01",
        "2010-05",
    ]


@pytest.mark.parametrize(("path", "name"), [("/map", "level"), ("/timeline", "by"), ("/map", "by"), ("", "level")])
def test_what_is_not_known_is_refused(ask, path, name):
    assert ask(path, **{name: "village"}).status_code == 400


def test_a_stranger_counts_nothing(stranger, several):
    client = DescribedClient()
    client.force_authenticate(stranger)
    assert client.get(f"{BASE}/map").json()["places"] == []
    assert client.get(f"{BASE}/timeline?where=NOT status:finalised").json() == {"by": "year", "spans": [], "undated": 0}
