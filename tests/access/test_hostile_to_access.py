"""No hostile value of the new doors is answered with a 500, now or at the next reading."""

import itertools
import json

from conftest import TESTS, person
from django.test import Client
from rest_framework.test import APIClient

from accounts import teams, tokens
from evidence import access, protection

VALUES = ["\x00", "a\x00b", "\ud800", "", " ", "²", "٤", "x" * 3000, 0, -1, 1.5, 2**31, 2**63, 2**70, True, None,
          [], ["\x00"], [[]], {}, {"a": "\x00"}, "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00",
          "9999-12-31T23:59:59.999999Z", "NaN", "view", "00000000-0000-0000-0000-000000000000"]  # fmt: skip


def signed(user) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="accounts.backends.SignInBackend")
    return client


def api(user) -> APIClient:
    client = APIClient(raise_request_exception=False)
    issued = tokens.issue(by=user, user=user, name="t", scopes=list(tokens.SCOPES), days=1)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
    return client


def send(client, path, body) -> int:
    return client.generic(
        "POST", f"/api/v1/{path}", json.dumps(body).encode(), content_type="application/json"
    ).status_code


def test_api_doors(administrator, incident, protected, investigator, item, reviewer, analyst):
    user, reason = person("analyst"), "a sentence of reason"
    team = teams.form_team(by=TESTS, name_en="T", name_ko="", members=[person("analyst")])
    base = {"person": str(user.pk), "reason": reason}
    row = protection.record_consent(
        by=investigator, person=protected,
        given={"use": "share_icc", "recipient": "icc_otp", "status": "denied"},
    )  # fmt: skip
    asked = access.ask(by=user, code=incident.code, permission="view", reason=reason)
    glass = access.break_glass(by=user, code=incident.code, reason="Somebody is in danger this very morning.")
    admin, author, second = api(administrator), api(investigator), api(reviewer)
    doors = [
        (admin, f"access/{incident.code}/grant", base | {"permission": "view", "expires_at": None}),
        (admin, f"access/{incident.code}/grant", {"team": team.pk, "reason": reason, "permission": "view"}),
        (admin, f"access/{incident.code}/revoke", base | {"permission": "view"}),
        (admin, f"access/{incident.code}/deny", base),
        (admin, f"access/{incident.code}/lift", base),
        (admin, f"access/{incident.code}/restrict", {"reason": reason}),
        (admin, f"access/{incident.code}/open-up", {"reason": reason}),
        (author, "access-requests", {"code": "x", "permission": "view", "reason": reason, "wanted_until": None}),
        (admin, f"access-requests/{asked.pk}/decide", {"approve": False, "answer": reason}),
        (admin, f"emergency-access/{glass.pk}/review", {"outcome": "x", "note": reason}),
        (author, "decisions", {"record": protected.code, "kind": "reassess", "reason": reason, "risk": "low",
                               "is_protected": True, "confidentiality": 1}),
        (author, "decisions", {"record": incident.code, "kind": "downgrade", "reason": reason, "confidentiality": 1}),
        (author, "consents", {"person": protected.code, "use": "share_icc", "recipient": "icc_otp",
                              "status": "denied", "item": item.code, "given_on": "2019", "form": "written_signed",
                              "expires_at": None, "conditions": "", "is_child": False, "document": item.code,
                              "identity_level": "none"}),
        (author, f"consents/{row.pk}/withdraw", {"reason": reason}),
    ]  # fmt: skip
    bad = []
    for client, path, body in doors:
        for name, value in itertools.product(body, VALUES):
            status = send(client, path, body | {name: value})
            if status >= 500:
                bad.append((path.split("/")[-1] or path, name, repr(value)[:40]))
        for value in ([], "x", 1, None):
            if send(client, path, value) >= 500:
                bad.append((path, "", repr(value)))
    for path in ("access-requests", "emergency-access", "decisions", f"consents?person={protected.code}",
                 f"access/{incident.code}"):  # fmt: skip
        for who, client in (("admin", admin), ("author", author), ("second", second)):
            if client.get(f"/api/v1/{path}").status_code >= 500:
                bad.append(("GET after", who, path))
    pages = ["/access/", f"/access/{incident.code}/", "/access/requests/", "/access/glass/",
             f"/access/people/{user.pk}/"]  # fmt: skip
    for path in pages:
        if signed(administrator).get(path).status_code >= 500:
            bad.append(("page after", path))
    for path in (f"/persons/{protected.code}/", f"/incidents/{incident.code}/", "/decisions/", "/access/requests/"):
        if signed(investigator).get(path).status_code >= 500:
            bad.append(("page after", path))
    assert not bad, "\n".join(map(str, bad))


PATHS = ["%00", "a%00b", "%ED%A0%80", "x" * 300, "99999999999999999999", "-1", "%F0%9F%95%8A", "INC-0000-0000",
         "00000000-0000-0000-0000-000000000000"]  # fmt: skip


def test_pages(administrator, incident, investigator, protected, item, reviewer):
    bad = []
    for who, client in (("admin", signed(administrator)), ("author", signed(investigator))):
        paths = ["people/", "teams/", "notices/", "decisions/", "access/requests/", "access/glass/"]
        for text in PATHS:
            paths += [
                f"access/{text}/", f"access/{text}/give/", f"access/people/{text}/", f"access/requests/{text}/",
                f"access/glass/{text}/", f"decisions/{text}/", f"consents/{text}/withdraw/", f"conditions/{text}/end/",
                f"evidence/{text}/use/", f"persons/{text}/unmask/", f"teams/{text}/", f"people/{text}/",
                f"access/find/?code={text}", f"access/{incident.code}/give/?to={text}",
                f"access/{incident.code}/give/?to=team:{text}",
                f"access/{incident.code}/take-back/?to=team:{text}&permission={text}",
                f"access/{incident.code}/lift/?to=team:{text}", f"access/{incident.code}/lift/?to=user:{text}",
                f"evidence/{item.code}/use/?use={text}&recipient={text}", f"people/?q={text}&cursor={text}",
                f"people/?team={text}", f"people/?role={text}", f"people/?page_size={text}", f"people/?ordering={text}",
                f"audit/?before={text}", f"audit/?object={text}&actor={text}",
                f"people/{administrator.pk}/?before={text}",
                f"session/{text}", f"settings/sessions/{text}/end/", f"invitation/{text}/",
            ]  # fmt: skip
        for path in paths:
            status = client.get(f"/{path}").status_code
            if status >= 500:
                bad.append((who, path[:90], status))
    assert not bad, "\n".join(map(str, bad))


def test_forms(administrator, incident, investigator, protected, item, collection):
    admin, author, bad = signed(administrator), signed(investigator), []
    values = ["\x00", "a\x00b", "", "²", "team:99999999999999999999", "team:-1", "user:x", "9999-12-31", "8999-12-31",
              "99999", "x" * 3000, "\ufffd"]  # fmt: skip
    teamed = teams.form_team(by=TESTS, name_en="T", name_ko="", members=[person("analyst")])
    doors = [
        (admin, f"access/{incident.code}/give/", ["to", "permission", "until", "reason", "shown", "show"]),
        (admin, f"access/{incident.code}/keep-away/", ["to", "reason", "shown", "show"]),
        (admin, f"access/{incident.code}/restrict/", ["reason", "shown", "show"]),
        (admin, "access/new/", ["name_en", "name_ko", "description", "preset_level"]),
        (author, "access/requests/new/", ["code", "permission", "until", "reason"]),
        (author, "access/glass/new/", ["code", "minutes", "reason"]),
        (author, f"incidents/{incident.code}/lower/", ["confidentiality", "reason"]),
        (author, f"persons/{protected.code}/reassess/", ["risk", "is_protected", "reason"]),
        (author, f"persons/{protected.code}/unmask/", ["reason"]),
        (author, f"persons/{protected.code}/consents/new/",
         ["use", "recipient", "status", "item", "given_on", "form", "expires_at", "conditions", "document"]),
        (author, f"evidence/{item.code}/conditions/new/", ["use", "recipient", "is_allowed", "terms", "expires_at"]),
        (admin, "people/invite/", ["email", "name", "role", "clearance", "days"]),
        (admin, f"people/{investigator.pk}/role/", ["role", "clearance", "reason", "shown"]),
        (admin, f"teams/{teamed.pk}/join/", ["person", "reason", "shown"]),
        (admin, "teams/new/", ["name_en", "name_ko", "members"]),
    ]  # fmt: skip
    good = {"reason": "a whole sentence of reason", "permission": "view", "to": f"user:{person('analyst').pk}",
            "name_en": "N", "minutes": "60", "code": "INC-0000-0000", "use": "share_icc", "recipient": "icc_otp",
            "status": "denied", "is_allowed": "no", "risk": "low", "confidentiality": "0"}  # fmt: skip
    for client, path, fields in doors:
        for name, value in itertools.product(fields, values):
            body = {one: good[one] for one in fields if one in good} | {name: value}
            status = client.post(f"/{path}", body).status_code
            if status >= 500:
                bad.append((path.split("/")[-2], name, repr(value)[:30], status))
    assert not bad, "\n".join(map(str, bad))
