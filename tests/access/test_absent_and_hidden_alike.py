"""Hidden and absent answer alike at the doors of access and protection, for every role: status, body, headers."""

import json
import re

import pytest
from conftest import TESTS, person
from test_hostile_to_access import api, signed

from accounts import people
from evidence import access, protection
from evidence.models import Incident, Item, Person, Source
from evidence.models.codes import new_code

WHY = "A whole sentence of reason for this."
ABSENT = "0f0f0f0f-0000-4000-8000-000000000000"
VARIES = ("X-Request-ID", "Content-Length", "Set-Cookie", "Expires", "Date")
# Ids, tokens, moments: of the answer itself.
CHANGES = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9]{64}|20\d\d-[^\"]+Z|20\d\d-\d\d-\d\d \d\d:\d\d UTC")
ROLES = ("investigator", "reviewer", "analyst", "auditor", "mechanism")
PAGES = {
    "": ("lower/", "access/give/", "access/keep-away/", "access/restrict/", "access/"),
    "evidence": ("conditions/new/", "use/", "use/?use=share_icc&recipient=icc_otp"),
    "sources": ("conditions/new/",),
    "persons": ("reassess/", "unmask/", "consents/new/"),
}


def plain(answer, *asked) -> tuple:
    """Status, headers and body, without what differs between any two requests and what was asked for itself."""
    heads = " ".join(f"{name}: {value}" for name, value in sorted(answer.headers.items()) if name not in VARIES)
    text = f"{heads} {answer.content.decode(errors='replace')}"
    for word in asked:
        text = text.replace(word, "@")
    text = re.sub(r'csrfmiddlewaretoken" value="[^"]+"', "", text)
    return answer.status_code, CHANGES.sub("", text)


@pytest.fixture
def records(incident, item, protected, source):
    return {"incidents": incident, "evidence": item, "persons": protected, "sources": source}


@pytest.fixture
def around(records, investigator):
    """What is kept around the hidden records, by the beginning of its address."""
    Incident.objects.filter(pk=records["incidents"].pk).update(confidentiality=3, effective_level=3)
    incident = Incident.objects.get(pk=records["incidents"].pk)
    given = {"use": "share_icc", "recipient": "icc_otp", "status": "denied"}
    by = {"by": investigator}
    return {
        "decisions": protection.propose_downgrade(**by, record=incident, confidentiality=2, reason=WHY),
        "access/requests": access.ask(**by, code=incident.code, permission="manage", reason=WHY),
        "consents/{}/withdraw": protection.record_consent(**by, person=records["persons"], given=given),
        "conditions/{}/end": protection.set_condition(
            **by, record=records["sources"], use="share_icc", recipient="*", is_allowed=True
        ),
    }


def hide(how: str, records, collection, other_collection) -> dict:
    """People of every role from whom the records are hidden in this way; `manager` manages what she can."""
    clearance = 2 if how == "level" else 4
    actors = {role: person(role, clearance=clearance) for role in ROLES} | {
        "manager": person("reviewer", clearance=clearance)
    }
    home = other_collection if how == "other collection" else collection
    access.grant(by=TESTS, record=home, permission="manage", reason="t", user=actors["manager"])
    for name in ROLES[:3] if how != "other collection" else ():
        access.grant(by=TESTS, record=home, permission="view", reason="t", user=actors[name])
    opener = person("administrator")
    for record in records.values():
        rows = type(record).objects.filter(pk=record.pk)
        if how == "restricted":
            rows.update(inherits_access=False)
        elif how == "level":
            rows.update(confidentiality=3, effective_level=3)
        for user in actors.values() if how == "denied" else ():
            access.deny(by=opener, record=record, reason="t", user=user)
    return actors


def pages(section: str, code: str) -> list[str]:
    found = [f"/{section}/{code}/"]
    for last in PAGES[""] + PAGES.get(section, ()):
        found.append(f"/access/{code}/{last[7:]}" if last.startswith("access/") else f"/{section}/{code}/{last}")
    return found


def doors(code: str) -> list[tuple]:
    person_of = {"person": code, "use": "share_icc", "recipient": "icc_otp", "status": "denied"}
    return [
        ("GET", f"access/{code}", None),
        ("POST", f"access/{code}/grant", {"person": ABSENT, "permission": "view", "reason": WHY}),
        ("POST", f"access/{code}/restrict", {"reason": WHY}),
        ("GET", f"consents?person={code}", None),
        ("POST", "consents", person_of),
        ("POST", "decisions", {"record": code, "kind": "downgrade", "confidentiality": 0, "reason": WHY}),
        ("POST", "access-requests", {"code": code, "permission": "view", "reason": WHY}),
    ]


def send(client, method: str, path: str, body):
    data = json.dumps(body).encode() if body is not None else b""
    return client.generic(method, f"/api/v1/{path}", data, content_type="application/json")


@pytest.mark.parametrize("how", ["other collection", "restricted", "denied", "level"])
def test_hidden_is_absent(how, records, around, collection, other_collection):
    assert {type(record) for record in records.values()} == {Incident, Item, Person, Source}
    told = []
    for name, user in hide(how, records, collection, other_collection).items():
        web, script = signed(user), api(user)
        for section, record in records.items():
            gone = new_code(record.code.split("-")[0])
            asked = (record.code, str(record.pk))
            for there, absent in zip(pages(section, record.code), pages(section, gone), strict=True):
                for method in (web.get, web.post):
                    if plain(method(there), *asked) != plain(method(absent), gone):
                        told.append((name, there.replace(record.code, "…")))
            for hidden, absent in zip(doors(record.code), doors(gone), strict=True):
                if plain(send(script, *hidden), *asked) != plain(send(script, *absent), gone):
                    told.append((name, section, hidden[:2]))
        for place, row in around.items():
            path = place if "{}" in place else place + "/{}"
            there, absent = (f"/{path.format(key)}/" for key in (row.pk, ABSENT))
            if plain(web.get(there)) != plain(web.get(absent)):
                told.append((name, place))
    assert told == []


def test_a_suspended_person_gets_nothing(incident, investigator, administrator):
    web, script = signed(investigator), api(investigator)
    people.suspend(by=administrator, user=investigator, reason="left the team")
    assert web.get(f"/incidents/{incident.code}/").status_code == 302
    assert script.get("/api/v1/access-requests").status_code in (401, 403)
