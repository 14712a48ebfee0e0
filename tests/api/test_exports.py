"""Lists that go out whole: the same rows and shapes as the list, honest about their end, each an act."""

import csv
import io
import json

import pytest
from conftest import TESTS, person, simple
from test_api_incidents import client_of, logged

from accounts import grants, people
from custody.models import Entry
from evidence import access, assessment, exporting, recording
from evidence.api import exporting as door

KINDS = ("incidents", "items", "persons", "sources")


@pytest.fixture
def api(investigator, collection):
    return client_of(investigator)


def text(answer) -> str:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content).decode()


def lines(answer) -> list[dict]:
    return [json.loads(line) for line in text(answer).splitlines()]


def rows(answer) -> list[dict]:
    return list(csv.DictReader(io.StringIO(text(answer))))


def entries(act: str) -> list:
    return list(Entry.objects.filter(act=act).order_by("eid"))


@pytest.fixture
def records(incident, item, protected, source):
    return {"incidents": incident, "items": item, "persons": protected, "sources": source}


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_is_shaped_as_a_row_of_the_list(api, investigator, records, kind):
    assessment.grade(by=investigator, source=records["sources"], reliability="B", credibility="2", reason="seen")
    answer = api.get(f"/api/v1/{kind}.ndjson")
    assert answer["Content-Type"] == "application/x-ndjson"
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{kind}-2')
    *made, end = lines(answer)
    assert made == api.get(f"/api/v1/{kind}").json()["results"]
    assert end == {"end": True, "count": 1}


def test_an_export_holds_what_the_filters_find_in_the_order_asked_for(api, collection, monkeypatch):
    monkeypatch.setattr(exporting, "CHUNK", 2)
    home = str(collection.pk)
    dates = [logged(api, home, date=date)["date"]["edtf"] for date in ("2013", "2011", "2015", "2012", "2009")]
    logged(api, home, date="2014", title_en="Elsewhere", place="KP-01")
    *made, end = lines(api.get("/api/v1/incidents.ndjson?place=KP-09&ordering=date"))
    assert [row["date"]["edtf"] for row in made] == sorted(dates)
    assert end == {"end": True, "count": 5}
    assert lines(api.get("/api/v1/incidents.ndjson?status=finalised")) == [{"end": True, "count": 0}]


@pytest.mark.parametrize("query", ["nosuch=1", "cursor=x", "page_size=5", "count=exact", "crime=none", "fields=nosuch",
                                   "ordering=title"])  # fmt: skip
@pytest.mark.parametrize("path", ["/api/v1/incidents.ndjson?", "/api/v1/incidents?format=csv&"])
def test_a_wrong_query_is_refused_before_a_byte_leaves(api, path, query):
    answer = api.get(path + query)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert json.loads(answer.content)["errors"][0]["pointer"] == "/" + query.split("=")[0]
    assert entries("export.begun") == []


def test_an_export_is_two_entries_without_a_word_of_the_query(api, incident):
    text(api.get("/api/v1/incidents.ndjson?q=detention&place=KP-09"))
    (begun,), (ended,) = entries("export.begun"), entries("export.ended")
    assert begun.content["data"] | {"export": ""} == {
        "export": "", "kind": "incident", "form": "ndjson", "filters": ["place", "q"],
    }  # fmt: skip
    assert ended.content["data"]["export"] == begun.content["data"]["export"]
    assert (ended.content["data"]["count"], ended.content["data"]["is_complete"]) == (1, True)
    assert b"detention" not in bytes(begun.envelope)


def test_nothing_leaves_where_the_entry_cannot_be_written(api, incident, monkeypatch):
    monkeypatch.setattr(exporting.ledger, "append", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        api.get("/api/v1/incidents.ndjson")


def test_what_is_hidden_is_not_in_it(api, stranger, other_collection, incident):
    logged(client_of(stranger), str(other_collection.pk), title_en="Hidden from the others")
    assert "Hidden" not in text(api.get("/api/v1/incidents.ndjson"))
    assert "Hidden" not in text(api.get("/api/v1/incidents", headers={"Accept": "text/csv"}))


def test_the_gate_is_asked_again_for_every_piece(api, investigator, collection, log, monkeypatch):
    monkeypatch.setattr(exporting, "CHUNK", 2)
    made = [log(title_en=f"Number {number}") for number in range(6)]
    stream = iter(api.get("/api/v1/incidents.ndjson?ordering=updated").streaming_content)
    next(stream)
    first = next(stream)
    access.deny(by=person("administrator"), record=made[3], reason="not for her", user=investigator)
    rest = b"".join(stream).decode().splitlines()
    assert len(first.splitlines()) == 2
    assert json.loads(rest[-1]) == {"end": True, "count": 5}
    assert made[3].code not in "".join(rest)


def test_who_is_suspended_meanwhile_gets_no_more_and_can_tell(api, investigator, log, monkeypatch):
    monkeypatch.setattr(exporting, "CHUNK", 2)
    for number in range(4):
        log(title_en=f"Number {number}")
    stream = iter(api.get("/api/v1/incidents.ndjson").streaming_content)
    next(stream), next(stream)
    people.suspend(by=TESTS, user=investigator, reason="for the test")
    (last,) = b"".join(stream).decode().splitlines()
    assert json.loads(last) == {"end": False, "count": 2, "detail": "Your access ended while this was written."}
    assert entries("export.ended")[0].content["data"]["is_complete"] is False


@pytest.mark.parametrize("form", ["ndjson", "csv", "geojson"])
def test_a_failure_amid_the_stream_is_told_by_its_last_line(api, incident, form, monkeypatch):
    monkeypatch.setattr(door.exporting, "still_seen", lambda *args: 1 / 0)
    path = "/api/v1/incidents.ndjson" if form == "ndjson" else f"/api/v1/incidents?format={form}"
    said = text(api.get(path))
    if form == "csv":
        assert said.splitlines()[-1].startswith("#incomplete,0,")
    else:
        assert json.loads(said)["end"] is False
    assert entries("export.ended")[0].content["data"]["is_complete"] is False


def test_a_client_that_goes_away_leaves_an_entry_that_says_so(api, log, monkeypatch):
    monkeypatch.setattr(exporting, "CHUNK", 1)
    log(), log()
    answer = api.get("/api/v1/incidents.ndjson")
    stream = iter(answer.streaming_content)
    next(stream), next(stream)
    for close in answer._resource_closers:  # what the server does; the client of the tests closes the connection too
        close()
    assert entries("export.ended")[0].content["data"] | {"export": ""} == {
        "export": "", "kind": "incident", "count": 1, "is_complete": False,
    }  # fmt: skip


def test_an_administrator_reads_pages_but_takes_nothing_out(administrator, collection, incident):
    access.grant(by=TESTS, record=collection, permission="view", reason="test", user=administrator)
    client = client_of(administrator)
    assert client.get("/api/v1/incidents").status_code == 200
    assert client.get("/api/v1/incidents.ndjson").status_code == 403
    for form in ("text/csv", "application/geo+json"):
        answer = client.get("/api/v1/incidents", headers={"Accept": form})
        assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")


def test_csv_is_flat_and_ends_with_its_count(api, log):
    incident = log(tags=["first", "second"], date="2011~")
    answer = api.get("/api/v1/incidents", headers={"Accept": "text/csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8; header=present"
    row, end = rows(answer)
    assert (row["id"], row["code"], row["title_en"]) == (str(incident.pk), incident.code, incident.title_en)
    assert (row["date"], row["date_earliest"], row["date_latest"]) == ("2011~", "2011-01-01", "2011-12-31")
    assert (row["place"], row["place_en"], row["confidentiality"]) == ("KP-09", incident.place.name_en, "confidential")
    assert (row["tags"], row["crimes"]) == ("first; second", "cah; cah.imprisonment")
    assert list(end.values())[:2] == ["#end", "1"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_no_cell_begins_like_a_formula(api, log, start):
    incident = log(place_detail=f"x{start}1+1")
    type(incident).objects.filter(pk=incident.pk).update(
        title_en=f"{start}HYPERLINK()", latitude="-12.5", longitude="-3.25", tags=[f"{start}1"]
    )
    row, _end = rows(api.get("/api/v1/incidents?format=csv"))
    assert row["title_en"] == f"'{start}HYPERLINK()"
    assert row["tags"] == f"'{start}1"
    assert (row["latitude"], row["longitude"]) == ("-12.500000", "-3.250000")


def test_csv_begins_with_a_mark_where_it_is_asked_for(api, incident):
    assert text(api.get("/api/v1/incidents?format=csv&bom=yes")).startswith("\ufeffid,")
    assert text(api.get("/api/v1/incidents?format=csv&bom=no")).startswith("id,")
    assert api.get("/api/v1/incidents?format=csv&bom=maybe").status_code == 400


def test_csv_of_sources_names_their_grades(api, investigator, source):
    assessment.grade(by=investigator, source=source, reliability="B", credibility="2", reason="seen")
    row, _end = rows(api.get("/api/v1/sources?format=csv&fields=title,gradings"))
    assert row == {"id": str(source.pk), "title": "Report R-1", "gradings": "B2"}


@pytest.mark.parametrize(
    ("given", "point", "precision"),
    [
        ({"place_precision": "exact"}, [128.123456, 41.234567], "exact"),
        ({"place_precision": "settlement"}, [128.12, 41.23], "settlement"),
        ({"place_precision": "province"}, None, "province"),
        ({"place_precision": "unknown"}, None, "province"),
        ({"place": None, "place_precision": "county"}, [128.1, 41.2], "county"),
    ],
)
def test_points_are_as_precise_as_the_place_is_known(api, log, given, point, precision):
    incident = log()
    place = incident.place
    type(place).objects.filter(pk=place.pk).update(latitude="41.50000", longitude="128.50000")
    values = {"latitude": "41.234567", "longitude": "128.123456", **given}
    type(incident).objects.filter(pk=incident.pk).update(**values)
    answer = api.get("/api/v1/incidents", headers={"Accept": "application/geo+json"})
    assert answer["Content-Type"] == "application/geo+json"
    (feature,) = json.loads(text(answer))["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": point or [128.5, 41.5]}
    assert feature["properties"]["precision"] == precision
    assert "latitude" not in feature["properties"]


def test_incidents_without_a_point_are_counted_not_shown(api, log):
    shown = log()
    type(shown.place).objects.filter(pk=shown.place_id).update(latitude="41.5", longitude="128.5")
    log(place="", place_precision="unknown")
    found = json.loads(text(api.get("/api/v1/incidents?format=geojson&fields=code")))
    assert [one["properties"] for one in found.pop("features")] == [
        {"id": str(shown.pk), "code": shown.code, "precision": "province"}
    ]
    assert found == {"type": "FeatureCollection", "count": 1, "without_place": 1, "end": True}


def test_only_lists_with_places_are_maps(api, item):
    assert api.get("/api/v1/items", headers={"Accept": "application/geo+json"}).status_code == 406


@pytest.mark.parametrize("kind", KINDS)
def test_fields_are_chosen_by_name(api, records, kind):
    path = f"/api/v1/{kind}/{records[kind].pk}"
    assert set(api.get(f"{path}?fields=code,version").json()) == {"id", "code", "version"}
    assert set(api.get(f"/api/v1/{kind}?fields=code").json()["results"][0]) == {"id", "code"}
    assert set(lines(api.get(f"/api/v1/{kind}.ndjson?fields=code"))[0]) == {"id", "code"}
    for wrong in (path, f"/api/v1/{kind}"):
        answer = api.get(f"{wrong}?fields=code,nosuch")
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert error["pointer"] == "/fields"
        assert "“nosuch”" in error["detail"]
        assert "version" in error["detail"]


def test_chosen_fields_are_whole(api, incident):
    (act,) = api.get(f"/api/v1/incidents/{incident.pk}?fields=acts").json()["acts"]
    assert act["title_en"] == "Detention"
    assert act["involvements"][0]["count_max"] == 5


def test_a_wrong_field_is_said_before_anything_is_done(api, collection):
    answer = api.post("/api/v1/incidents?fields=nosuch", {"title_en": "x", "collection": str(collection.pk)})
    assert answer.status_code == 400
    assert api.get("/api/v1/incidents?count=exact").json()["count"] == 0


def test_the_list_of_incidents_leads_to_its_exports(client, investigator, administrator, collection, incident):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    page = client.get("/incidents/?place=KP-09&cursor=").content.decode()
    assert "/api/v1/incidents?place=KP-09&amp;format=csv&amp;bom=yes" in page
    assert "/api/v1/incidents.ndjson?place=KP-09" in page
    assert text(client.get("/api/v1/incidents.ndjson?place=KP-09"))
    access.grant(by=TESTS, record=collection, permission="view", reason="test", user=administrator)
    client.force_login(administrator, backend="accounts.backends.SignInBackend")
    assert "ndjson" not in client.get("/incidents/").content.decode()


def test_an_export_outside_a_transaction_holds_what_was_there_when_it_began(committed_database, monkeypatch):
    monkeypatch.setattr(exporting, "CHUNK", 2)
    by = person("investigator")
    home = access.open_collection(by=person("administrator"), name_en="Invented", preset_level=1)
    grants.give(by=None, record=home, permission="contribute", reason="test", user=by)
    made = [recording.log_incident(by=by, collection=home, given=simple()).code for _ in range(5)]
    stream = iter(client_of(by).get("/api/v1/incidents.ndjson?ordering=updated&fields=code").streaming_content)
    first = [next(stream), next(stream)]
    recording.log_incident(by=by, collection=home, given=simple(title_en="Later"))
    *rows, end = b"".join([*first, *stream]).decode().splitlines()
    assert [json.loads(row)["code"] for row in rows] == made
    assert json.loads(end) == {"end": True, "count": 5}
