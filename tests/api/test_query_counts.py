"""What an answer costs in queries: bounded, and the same for fifty records as for one."""

import pytest
from conftest import simple
from django.db import connection
from django.test.utils import CaptureQueriesContext
from test_api_incidents import client_of

from evidence import assessment, intake, recording

KINDS = ("incidents", "items", "persons", "sources")
LIST, RECORD, CREATE, PIECE = 32, 45, 60, 40


@pytest.fixture
def api(investigator, collection):
    return client_of(investigator)


def queries(act) -> int:
    with CaptureQueriesContext(connection) as asked:
        answer = act()
        if answer.streaming:
            b"".join(answer.streaming_content)
    assert answer.status_code < 300, answer.content
    return len(asked)


def some(number: int, *, by, home) -> None:
    """So many records of each kind, tied together."""
    for place in range(number):
        recording.log_incident(by=by, collection=home, given=simple(title_en=f"Detention {place}"))
        intake.receive_item(by=by, collection=home, given={"kind": "testimony", "title_en": "Interview on detention"})
        recording.record_person(by=by, collection=home, given={"risk": "low", "note": "Seen in detention"})
        source = recording.record_source(by=by, collection=home, given={"title": "Detention report"})
        assessment.grade(by=by, source=source, reliability="B", credibility="2", reason="seen")


def test_lists_searches_and_exports_cost_the_same_for_one_and_for_many(api, investigator, collection):
    paths = [f"/api/v1/{kind}" for kind in KINDS] + [f"/api/v1/{kind}.ndjson" for kind in KINDS]
    paths += [f"/api/v1/search?q=detention&type={kind}" for kind in ("incident", "item", "person", "source")]
    some(1, by=investigator, home=collection)
    for path in paths:
        queries(lambda path=path: api.get(path))  # what a process looks up once
    few = {path: queries(lambda path=path: api.get(path)) for path in paths}
    some(20, by=investigator, home=collection)
    many = {path: queries(lambda path=path: api.get(path)) for path in paths}
    assert many == few
    assert {path: number for path, number in many.items() if number > (PIECE if "." in path else LIST)} == {}


def test_a_record_costs_the_same_however_much_belongs_to_it(api, investigator, collection, source, log):
    small = log()
    acts = [{"crimes": ["cah.imprisonment"], "involvements": [{"role": "victim", "count_min": 1}] * 3}] * 6
    large = log(acts=acts)
    paths = [f"/api/v1/incidents/{one.pk}" for one in (small, large)]
    queries(lambda: api.get(paths[0]))
    costs = [queries(lambda path=path: api.get(path)) for path in paths]
    assert costs[0] == costs[1] <= RECORD
    once = queries(lambda: api.get(f"/api/v1/sources/{source.pk}"))
    for _ in range(5):
        assessment.grade(by=investigator, source=source, reliability="B", credibility="2", reason="seen")
    assert queries(lambda: api.get(f"/api/v1/sources/{source.pk}")) == once <= RECORD


def test_logging_costs_the_same_whatever_is_there(api, investigator, collection):
    body = {**simple(), "collection": str(collection.pk)}
    queries(lambda: api.post("/api/v1/incidents", body))
    before = queries(lambda: api.post("/api/v1/incidents", body))
    some(5, by=investigator, home=collection)
    assert queries(lambda: api.post("/api/v1/incidents", body)) == before <= CREATE
    keyed = queries(lambda: api.post("/api/v1/incidents", body, headers={"Idempotency-Key": "one"}))
    assert keyed <= before + 8
