"""Instants at the edge of time are refused whole, and reading by the API leaves its entry."""

import pytest
from conftest import TESTS, person
from test_hostile_to_access import api, send, signed

from accounts import grants
from custody.models import Entry
from evidence import access, protection
from evidence.models import Item, Person

EDGES = ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"]


def test_a_request_does_not_close_the_page_of_requests(incident, administrator):
    asker = person("analyst")
    body = {"code": incident.code, "permission": "view", "reason": "needs it", "wanted_until": EDGES[0]}
    first = send(api(asker), "access-requests", body)
    assert [first, signed(administrator).get("/access/requests/").status_code] in ([400, 200], [201, 200])


def test_a_grant_does_not_close_the_page_of_access(incident, collection, administrator):
    manager, reader = person("investigator"), person("analyst")
    access.grant(by=TESTS, record=collection, permission="manage", reason="t", user=manager)
    body = {"person": str(reader.pk), "permission": "view", "reason": "needs it", "expires_at": EDGES[0]}
    first = send(api(manager), f"access/{collection.code}/grant", body)
    told = [
        signed(administrator).get(path).status_code
        for path in (
            f"/access/{collection.code}/",
            "/access/",
            f"/access/people/{reader.pk}/",
            f"/access/{incident.code}/",
        )
    ]
    assert told == [200] * 4, (first, told)


def test_a_grant_does_not_stop_the_emergency_access(incident, collection):
    manager, reader = person("investigator"), person("analyst")
    access.grant(by=TESTS, record=collection, permission="manage", reason="t", user=manager)
    body = {"person": str(reader.pk), "permission": "view", "reason": "needs it", "expires_at": EDGES[0]}
    send(api(manager), f"access/{collection.code}/grant", body)
    answer = signed(person("analyst")).post(
        "/access/glass/new/", {"code": incident.code, "minutes": "60", "reason": "Somebody is in danger this morning."}
    )
    assert answer.status_code == 302


@pytest.mark.parametrize("edge", EDGES)
def test_a_consent_does_not_close_the_page_of_a_person(edge, protected, investigator, reviewer):
    body = {
        "person": protected.code,
        "use": "share_icc",
        "recipient": "icc_otp",
        "status": "denied",
        "expires_at": edge,
    }
    first = send(api(investigator), "consents", body)
    assert signed(reviewer).get(f"/persons/{protected.code}/").status_code == 200, first


def read_since(user, before) -> list:
    rows = Entry.objects.filter(actor_id=user.pk, eid__gt=before).values_list("act", flat=True)
    return list(rows)


@pytest.mark.parametrize("path", ["consents?person={person}", "decisions", "access/{incident}", "access-requests",
                                  "emergency-access"])  # fmt: skip
def test_reading_by_api_leaves_an_entry(path, protected, incident, investigator, collection):
    access.grant(by=TESTS, record=collection, permission="manage", reason="t", user=investigator)
    protection.record_consent(
        by=investigator, person=protected, given={"use": "share_icc", "recipient": "icc_otp", "status": "denied"}
    )
    client = api(investigator)
    before = Entry.objects.order_by("-eid").values_list("eid", flat=True).first()
    assert client.get(f"/api/v1/{path.format(person=protected.code, incident=incident.code)}").status_code == 200
    assert [act for act in read_since(investigator, before) if not act.startswith("row.")]


def test_restricting_shows_no_readers_of_a_hidden_collection(incident, collection, investigator, reviewer):
    manager = person("investigator")
    access.grant(by=TESTS, record=incident, permission="manage", reason="t", user=manager)
    page = signed(manager).post(f"/access/{incident.code}/restrict/", {"reason": "source at risk", "show": "1"})
    assert [user.name for user in (investigator, reviewer) if user.name in page.content.decode()] == []


def test_withdrawal_tells_no_reviewer_to_whom_the_item_is_hidden(protected, item, investigator, reviewer):
    row = protection.record_consent(
        by=investigator, person=protected,
        given={"use": "share_icc", "recipient": "icc_otp", "status": "not_asked", "item": item.code},
    )  # fmt: skip
    Item.objects.filter(pk=item.pk).update(inherits_access=False)
    grants.give(record=item, permission="contribute", by=None, reason="t", user=investigator)
    protection.withdraw_consent(by=investigator, consent=row, reason="She took it back.")
    from evidence import notices

    assert notices.unread(reviewer) == 0


@pytest.mark.parametrize("change", [{"risk": "low"}, {"is_protected": False}])
def test_protection_is_not_lowered_by_an_edit(change, protected, investigator):
    from accounts.errors import Refused
    from evidence import recording

    with pytest.raises(Refused):
        recording.revise_person(
            by=investigator, person=Person.objects.get(pk=protected.pk), given=change, version=protected.version
        )
