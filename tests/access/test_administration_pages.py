"""Role × page × status of the administration of people and teams; names of employees are shown to nobody else.

Complete by construction: a page of people or teams without a row fails.
"""

import re

import pytest
from conftest import TESTS, person
from django.urls import reverse
from scenes_of_leaks import World
from test_leaks import body, filled, routes, signed_in

from accounts import invitations, people, teams
from accounts.models import Invitation
from evidence.web import urls

ROLES = ("investigator", "reviewer", "analyst", "administrator", "auditor", "mechanism", "stranger", "anonymous")
WHY = "for the test"


def pages() -> dict[str, str]:
    """Name of each route of people, teams and their links → what its path takes."""
    return {
        route.name: "".join(re.findall(r"<\w+:(\w+)>", str(route.pattern)))
        for route in urls.urlpatterns
        if str(route.pattern).startswith(("people/", "teams/"))
    }


# (what is sent by POST, or None where the page answers GET only; the administrator's status for it)
POSTS = {
    "people-list": (None, 405),
    "people-invite": ({"email": "x@tests.example", "name": "x", "role": "analyst", "clearance": "1", "days": "7"}, 200),
    "people-detail": (None, 405),
    "people-edit": ({"name": "Another"}, 302),
    "people-role": ({"role": "analyst", "clearance": "1", "reason": WHY}, 302),
    "people-suspend": ({"reason": WHY}, 302),
    "people-reactivate": ({"reason": WHY}, 302),
    "people-factors": ({"reason": WHY}, 409),  # there are none
    "people-link": ({"days": "3"}, 200),
    "people-link-withdraw": ({}, 302),
    "team-list": (None, 405),
    "team-new": ({"name_en": "South"}, 302),
    "team-detail": (None, 405),
    "team-rename": ({"name_en": "West", "name_ko": ""}, 302),
    "team-join": ({"reason": WHY}, 302),
    "team-leave": ({"reason": WHY}, 302),
    "team-dissolve": ({"reason": WHY}, 302),
}


# Their effect is shown first; the second post carries them out.
CONFIRMED = ("people-role", "team-join", "team-leave")


def test_every_page_has_a_row():
    assert set(pages()) == set(POSTS)


@pytest.mark.parametrize("name", sorted(POSTS))
@pytest.mark.parametrize("role", ROLES)
def test_only_administrators_come_in(request, db, role, name):
    user = request.getfixturevalue(role) if role != "anonymous" else None
    link = invitations.invite(by=TESTS, email="new@tests.example", name="New", role="analyst", clearance=2)
    subject = link.invitation.user
    if name == "people-reactivate":
        people.suspend(by=TESTS, user=subject, reason=WHY)
    member = person("analyst")
    team = teams.form_team(by=TESTS, name_en="North", name_ko="", members=[member])
    path = reverse(name, args=[subject.pk if name.startswith("people") else team.pk] if pages()[name] else [])
    given, done = POSTS[name]
    chosen = {"team-new": {"members": [str(member.pk)]}, "team-leave": {"person": str(member.pk)},
              "team-join": {"person": str(subject.pk)}}.get(name, {})  # fmt: skip
    client = signed_in(user)
    asked, sent = client.get(path), client.post(path, (given or {}) | chosen)
    if name in CONFIRMED and sent.status_code == 200:
        sent = client.post(path, given | chosen | {"shown": sent.context["form"].data["shown"]})
    if role == "administrator":
        assert asked.status_code == (405 if name == "people-link-withdraw" else 200)
        assert sent.status_code == done
    elif role == "anonymous":
        assert [answer.status_code for answer in (asked, sent)] == [302, 302]
        assert all(answer["Location"].startswith("/accounts/login/") for answer in (asked, sent))
    else:
        assert asked.status_code in (403, 405)
        assert sent.status_code in (403, 405)
        assert 403 in (asked.status_code, sent.status_code)
    if role != "administrator":
        subject.refresh_from_db()
        assert (subject.name, subject.role, subject.groups.count()) == ("New", "analyst", 0)
        assert Invitation.objects.filter(revoked_at=None).count() == (0 if name == "people-reactivate" else 1)
        assert team.group.user_set.count() == 1


@pytest.mark.parametrize("name", ["investigator", "reviewer", "analyst", "mechanism", "stranger", "anonymous"])
def test_nobody_else_learns_who_works_here(request, name):
    """A colleague who did nothing on their records is named to them nowhere."""
    world = World(request)
    colleague = invitations.invite(
        by=TESTS, email="markercolleague@tests.example", name="Markercolleague", role="investigator", clearance=3
    ).invitation.user
    teams.form_team(by=TESTS, name_en="Markerteam", name_ko="", members=[colleague])
    client, answered = signed_in(world.persona(name)), 0
    for route in routes():
        for path, _record in filled(route, world):
            answer = client.get(path)
            answered += answer.status_code == 200
            text = body(answer).lower()
            assert "markercolleague" not in text, path
            assert "markerteam" not in text, path
            assert str(colleague.pk) not in text, path
    assert answered > 3 or name == "anonymous"


@pytest.mark.parametrize("name", ["administrator", "auditor"])
def test_who_audits_filters_by_name(request, name):
    request.getfixturevalue("investigator")
    answer = signed_in(request.getfixturevalue(name)).get("/audit/")
    assert request.getfixturevalue("investigator").name in answer.content.decode()
