"""Emergency access is told to everybody who manages the collection, also where the record does not exist for her.

Then in a form that names, counts and describes nothing: that it happened, by whom, until when.
"""

import pytest
from conftest import TESTS, person
from test_hostile_to_access import api, signed

from accounts.errors import Forbidden
from accounts.grants import permits
from evidence import access, notices
from evidence.models import Notice

WORDS = "Zebrafink was seen near the camp this very morning."
FINDING = "The danger to Zebrafink was real."
HIDDEN = ("above her clearance", "restricted", "denied to her")


@pytest.fixture
def breaker(incident):
    return person("analyst", name="Anna Bell")


def manager_of(collection, **kwargs):
    user = person("investigator", **kwargs)
    access.grant(by=TESTS, record=collection, permission="manage", reason="test", user=user)
    return user


def hide(record, how: str, user) -> None:
    if how == "restricted":
        access.grant(by=TESTS, record=record, permission="view", reason="keeps it", user=person("analyst"))
        access.restrict(by=TESTS, record=record, reason="source at risk")
    if how == "denied to her":
        access.deny(by=person("administrator"), record=record, reason="conflict of interest", user=user)


@pytest.fixture(params=HIDDEN)
def unaware(request, collection, incident):
    """A manager of the collection to whom the record does not exist."""
    user = manager_of(collection, clearance=2 if request.param == HIDDEN[0] else 3)
    if request.param == HIDDEN[0]:
        type(incident).objects.filter(pk=incident.pk).update(confidentiality=3, effective_level=3)
        incident.refresh_from_db()
    hide(incident, request.param, user)
    assert not permits(user, incident)
    assert permits(user, collection, "manage")
    return user


def told(user) -> list[str]:
    return [notice.kind for notice in notices.notices_of(user)]


def test_every_manager_is_told_and_nobody_else(collection, other_collection, incident, breaker, unaware):
    aware = [user for user in (manager_of(collection), manager_of(collection)) if permits(user, incident)]
    elsewhere, reader = manager_of(other_collection), person("investigator")
    access.grant(by=TESTS, record=collection, permission="contribute", reason="test", user=reader)
    access.break_glass(by=breaker, code=incident.code, reason=WORDS)
    assert [told(user) for user in (unaware, *aware)] == [["glass_broken"]] * (1 + len(aware))
    assert [told(user) for user in (elsewhere, reader, breaker)] == [[], [], []]


def test_a_manager_of_the_collection_above_her_clearance_is_not_told(collection, incident, breaker):
    user = manager_of(collection, clearance=0)
    type(collection).objects.filter(pk=collection.pk).update(confidentiality=2, effective_level=2)
    row = access.break_glass(by=breaker, code=incident.code, reason=WORDS)
    assert told(user) == []
    assert access.glass_for(user, row.pk) is None


def test_what_she_is_told_names_no_record(collection, incident, breaker, unaware, auditor):
    row = access.break_glass(by=breaker, code=incident.code, reason=WORDS)
    access.review_glass(by=auditor, row=row, outcome="justified", note=FINDING)
    client, path = signed(unaware), f"/access/glass/{row.pk}/"
    texts = [client.get(one).content.decode() for one in ("/notices/", "/access/glass/", path, "/")]
    texts.append(api(unaware).get("/api/v1/emergency-access").content.decode())
    for text in texts:
        for word in (incident.code, str(incident.pk), incident.title_en, "Zebrafink", "Incident<"):
            assert word not in text
    page = texts[2]
    for word in ("Anna Bell", collection.code, collection.name_en, "open until", "Justified", "Withheld"):
        assert word in page
    (line,) = api(unaware).get("/api/v1/emergency-access").json()
    assert (line["kind"], line["record_id"], line["reason"], line["review_note"]) == ("", None, "", "")
    assert (line["withheld"], line["collection"], line["outcome"]) == (True, collection.code, "justified")


def test_one_record_opened_twice_looks_as_two_records_do(log, breaker, collection):
    """How many records there are is not told by how often the glass was broken."""
    one, two = log(confidentiality=3), log(confidentiality=3)
    user, shapes = manager_of(collection, clearance=2), []
    for codes in ((one.code, one.code), (one.code, two.code)):
        for code in codes:
            row = access.break_glass(by=breaker, code=code, reason=WORDS)
            access.end_glass(by=breaker, row=row)
        fields = [
            {name: value for name, value in line.items() if not name.endswith(("_at", "id"))}
            for line in api(user).get("/api/v1/emergency-access").json()[:2]
        ]
        shapes.append(fields)
    assert len(shapes[0]) == 2
    assert shapes[0] == shapes[1]


def test_she_neither_reviews_nor_ends_it(incident, breaker, unaware):
    row = access.break_glass(by=breaker, code=incident.code, reason=WORDS)
    for act in (
        lambda: access.end_glass(by=unaware, row=row),
        lambda: access.review_glass(by=unaware, row=row, outcome="justified", note=FINDING),
    ):
        with pytest.raises(Forbidden):
            act()
    path = f"/access/glass/{row.pk}/"
    assert signed(unaware).post(path, {"outcome": "justified", "note": FINDING}).status_code == 403
    assert signed(unaware).post(path, {"end": "1"}).status_code == 403
    row.refresh_from_db()
    assert (row.outcome, row.is_open) == ("", True)
    assert "Record the review" not in signed(unaware).get(path).content.decode()


def test_she_reads_all_of_it_once_the_record_exists_for_her(collection, incident, breaker):
    user = manager_of(collection)
    access.deny(by=person("administrator"), record=incident, reason="conflict of interest", user=user)
    row = access.break_glass(by=breaker, code=incident.code, reason=WORDS)
    assert access.glass_for(user, row.pk).is_withheld
    access.lift_denial(by=person("administrator"), record=incident, reason="it is over", user=user)
    seen = access.glass_for(user, row.pk)
    assert (seen.is_withheld, seen.reason, seen.record_id) == (False, WORDS, incident.pk)
    assert incident.code in signed(user).get(f"/access/glass/{row.pk}/").content.decode()


def test_administrators_and_auditors_are_told_of_every_record(incident, breaker, unaware, administrator, auditor):
    row = access.break_glass(by=breaker, code=incident.code, reason=WORDS)
    for user in (administrator, auditor):
        assert told(user) == [Notice.Kind.GLASS_BROKEN]
        seen = access.glass_for(user, row.pk)
        assert (seen.is_withheld, seen.reason) == (False, WORDS)
    access.review_glass(by=auditor, row=row, outcome="justified", note=FINDING)
    assert [one.outcome for one in access.glass_to(unaware)] == ["justified"]
