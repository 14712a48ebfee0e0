"""Pages of people and teams: they call the verbs, show numbers instead of records, and put refusals into the form."""

import re

import pytest
from allauth.mfa.models import Authenticator
from conftest import TESTS, person
from django.test import Client

from accounts import invitations, people, teams
from accounts.models import Invitation, Team, User
from evidence import access, recording

WHY = "new duties"


@pytest.fixture
def signed(client, administrator):
    client.force_login(administrator, backend="accounts.backends.SignInBackend")
    return client


@pytest.fixture
def team(reviewer):
    return teams.form_team(by=TESTS, name_en="North", name_ko="북부", members=[reviewer])


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_navigation_leads_administrators_there(signed, client, investigator):
    home = signed.get("/").content.decode()
    assert 'href="/people/"' in home
    assert 'href="/teams/"' in home
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    home = client.get("/").content.decode()
    assert 'href="/people/"' not in home


def test_the_list_is_narrowed_by_role_state_team_and_words(signed, administrator, analyst, reviewer, team):
    invitations.invite(by=TESTS, email="new@example.org", name="Zebrafink", role="analyst", clearance=1)
    people.suspend(by=TESTS, user=analyst, reason=WHY)
    everybody = {administrator.name, analyst.name, reviewer.name, "Zebrafink"}
    cases = {
        "": everybody,
        "?role=analyst": {analyst.name, "Zebrafink"},
        "?active=no": {analyst.name},
        "?active=yes": everybody - {analyst.name},
        f"?team={team.pk}": {reviewer.name},
        "?team=99999": set(),
        "?q=zebra": {"Zebrafink"},
        "?q=new@example": {"Zebrafink"},
        "?q=zebra&role=reviewer": set(),
    }
    for query, expected in cases.items():
        answer = signed.get(f"/people/{query}")
        assert {line["person"].name for line in answer.context["lines"]} == expected, query
    assert {line["state"] for line in signed.get("/people/").context["lines"]} == {"active", "suspended", "invited"}
    for query in ("?role=owner", "?active=perhaps", "?nosuch=1", "?q=" + "x" * 201, "?q=a%00"):
        assert signed.get(f"/people/{query}").status_code == 400


def test_the_list_pages_on(signed):
    for number in range(55):
        person("analyst", name=f"Colleague {number:02}")
    first = signed.get("/people/")
    second = signed.get("/people/" + first.context["next_url"])
    names = [line["person"].name for answer in (first, second) for line in answer.context["lines"]]
    assert (len(names), names) == (56, sorted(names))


def test_an_invitation_shows_its_link_once_and_says_how_to_pass_it(signed):
    given = {"email": "new@example.org", "name": "New", "role": "reviewer", "clearance": "2", "days": "5"}
    answer = signed.post("/people/invite/", given)
    link = answer.context["link"]
    assert link.startswith("http://testserver/invitation/")
    assert link in answer.content.decode()
    assert "safe channel" in text(answer)
    assert "no-store" in answer["Cache-Control"]
    secret = link.rstrip("/").rsplit("/", 1)[1]
    user = User.objects.get(email="new@example.org")
    assert invitations.recognise(secret).user == user
    assert secret not in signed.get(f"/people/{user.pk}/").content.decode()


def test_a_refused_invitation_names_the_field(signed, analyst):
    given = {"email": analyst.email, "name": "New", "role": "reviewer", "clearance": "2", "days": "5"}
    answer = signed.post("/people/invite/", given)
    assert answer.status_code == 400
    assert "already a person" in text(answer)
    assert answer.context["form"].errors["email"]
    assert not Invitation.objects.exists()


def test_the_record_tells_the_history_without_searches(signed, administrator, investigator, incident, client):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    client.get("/incidents/?q=Zebrafink")
    people.change_access(by=administrator, user=investigator, role="reviewer", clearance=2, reason=WHY)
    client.force_login(administrator, backend="accounts.backends.SignInBackend")
    said = text(client.get(f"/people/{investigator.pk}/"))
    assert "changed role or clearance" in said
    assert "Investigator Reviewer" in said
    assert "Strictly confidential Confidential" in said
    assert WHY in said
    assert "Zebrafink" not in said
    assert incident.title_en not in said
    assert incident.code not in said


def test_the_history_pages_on(signed, administrator, analyst):
    for number in range(105):
        people.rename(by=administrator, user=analyst, name=f"Name {number}")
    first = signed.get(f"/people/{analyst.pk}/")
    assert "Name 5" not in text(first).split("Name 104")[0]
    second = signed.get(f"/people/{analyst.pk}/{first.context['earlier_url']}")
    counts = [sum(len(day["entries"]) for day in answer.context["days"]) for answer in (first, second)]
    assert counts == [100, 6]
    assert second.context["earlier_url"] is None


def test_a_raised_clearance_shows_numbers_before_it_is_saved(signed, analyst, collection, log, investigator):
    investigator.clearance = 4
    investigator.save()
    marked = log(confidentiality=4, title_en="Zebrafink")
    given = {"role": "analyst", "clearance": "4", "reason": WHY}
    answer = signed.post(f"/people/{analyst.pk}/role/", given)
    analyst.refresh_from_db()
    assert (answer.status_code, analyst.clearance) == (200, 3)
    (line,) = [row for row in answer.context["effect"] if row["more"]]
    assert (str(line["label"]), line["now"], line["then"], line["more"]) == ("Incidents", 0, 1, 1)
    assert "Zebrafink" not in answer.content.decode()
    assert marked.code not in answer.content.decode()
    confirmed = answer.context["form"]["shown"].value()
    # Another choice than the one whose numbers were shown shows its own first.
    again = signed.post(f"/people/{analyst.pk}/role/", given | {"clearance": "2", "shown": confirmed})
    assert again.context["effect"]
    done = signed.post(f"/people/{analyst.pk}/role/", given | {"shown": confirmed})
    analyst.refresh_from_db()
    assert (done.status_code, analyst.clearance) == (302, 4)


def test_nobody_changes_or_suspends_herself_on_the_pages(signed, administrator):
    person("administrator")
    page = f"/people/{administrator.pk}"
    assert f"{page}/suspend/" not in signed.get(f"{page}/").content.decode()
    raised = signed.post(f"{page}/role/", {"role": "administrator", "clearance": "4", "reason": WHY})
    suspended = signed.post(f"{page}/suspend/", {"reason": WHY})
    assert [answer.status_code for answer in (raised, suspended)] == [409, 409]
    assert "another administrator has to" in text(raised)
    administrator.refresh_from_db()
    assert (administrator.clearance, administrator.is_active) == (3, True)


def test_suspension_and_return(signed, analyst):
    page = f"/people/{analyst.pk}"
    assert signed.post(f"{page}/suspend/", {"reason": ""}).status_code == 400
    assert signed.post(f"{page}/suspend/", {"reason": WHY}).url == f"{page}/"
    assert "Suspended" in text(signed.get(f"{page}/"))
    assert signed.post(f"{page}/reactivate/", {"reason": WHY}).url == f"{page}/"
    analyst.refresh_from_db()
    assert analyst.is_active


def test_a_link_is_made_anew_or_withdrawn(signed):
    user = invitations.invite(by=TESTS, email="n@example.org", name="N", role="analyst", clearance=1).invitation.user
    page = f"/people/{user.pk}"
    assert "A link is open" in text(signed.get(f"{page}/"))
    assert signed.post(f"{page}/link/", {"days": "99"}).status_code == 400
    assert invitations.recognise(signed.post(f"{page}/link/", {"days": "1"}).context["link"].split("/")[-2])
    assert signed.post(f"{page}/link/withdraw/").status_code == 302
    assert "No link is open" in text(signed.get(f"{page}/"))
    assert signed.post(f"{page}/link/withdraw/").status_code == 409


def test_a_team_is_formed_renamed_and_dissolved(signed, analyst):
    formed = signed.post("/teams/new/", {"name_en": "South", "name_ko": "남부", "members": [str(analyst.pk)]})
    team = Team.objects.get()
    assert formed.url == f"/teams/{team.pk}/"
    assert analyst.name in text(signed.get(formed.url))
    assert signed.post(f"/teams/{team.pk}/rename/", {"name_en": "West", "name_ko": ""}).status_code == 302
    said = text(signed.get(formed.url))
    assert "renamed the team" in said
    assert "South West" in said
    assert signed.post(f"/teams/{team.pk}/dissolve/", {"reason": WHY}).url == "/teams/"
    assert "West" not in text(signed.get("/teams/"))
    assert "was dissolved" in text(signed.get(formed.url))


def test_joining_shows_in_numbers_what_it_opens(signed, team, collection, investigator, incident, stranger, item):
    access.grant(by=TESTS, record=collection, permission="view", reason="test", group=team.group)
    recording.record_source(by=investigator, collection=collection, given={"title": "Zebrafink"})
    given = {"person": str(stranger.pk), "reason": WHY}
    answer = signed.post(f"/teams/{team.pk}/join/", given)
    assert answer.status_code == 200
    assert {str(row["label"]): row["more"] for row in answer.context["effect"]} == {
        "Collections": 1, "Incidents": 1, "Evidence": 1, "Persons": 0, "Sources": 1
    }  # fmt: skip
    assert not team.group.user_set.filter(pk=stranger.pk).exists()
    for word in ("Zebrafink", incident.code, incident.title_en, collection.name_en, collection.code):
        assert word not in answer.content.decode()
    confirmed = {"shown": answer.context["form"]["shown"].value()}
    assert signed.post(f"/teams/{team.pk}/join/", given | confirmed).status_code == 302
    assert team.group.user_set.filter(pk=stranger.pk).exists()
    said = text(signed.get(f"/people/{stranger.pk}/"))
    assert "added the person to the team" in said
    closes = signed.post(f"/teams/{team.pk}/leave/", given)
    assert {str(row["label"]): row["fewer"] for row in closes.context["effect"]} == {
        "Collections": 1, "Incidents": 1, "Evidence": 1, "Persons": 0, "Sources": 1
    }  # fmt: skip
    assert team.group.user_set.filter(pk=stranger.pk).exists()
    confirmed = {"shown": closes.context["form"]["shown"].value()}
    assert signed.post(f"/teams/{team.pk}/leave/", given | confirmed).status_code == 302
    assert not team.group.user_set.filter(pk=stranger.pk).exists()
    assert stranger.name in text(signed.get(f"/teams/{team.pk}/"))  # in its history


def test_oneself_into_a_team_with_access_is_refused_in_so_many_words(
    signed, administrator, team, investigator, collection
):
    access.grant(by=TESTS, record=collection, permission="view", reason="test", group=team.group)
    answer = signed.post(f"/teams/{team.pk}/join/", {"person": str(administrator.pk), "reason": WHY})
    assert answer.status_code == 409
    assert "Giving oneself access needs a second administrator." in text(answer)
    assert not administrator.groups.exists()


def test_pages_of_nobody_and_nothing_are_404(signed):
    nobody = "00000000-0000-4000-8000-000000000000"
    paths = [f"/people/{nobody}/{page}" for page in ("", "edit/", "role/", "suspend/", "reactivate/", "link/")]
    paths += [f"/teams/999999/{page}" for page in ("", "rename/", "join/", "leave/", "dissolve/")]
    assert {signed.get(path).status_code for path in paths} == {404}


@pytest.mark.parametrize("path", ["/people/", "/people/invite/", "/teams/", "/teams/new/"])
def test_the_pages_speak_korean(signed, administrator, team, path):
    administrator.language = "ko"
    administrator.save()
    said = signed.get(path).content.decode()
    assert '<html lang="ko"' in said
    assert "팀" in said


def test_lost_factors_are_removed_for_a_reason_and_sessions_end(signed, stranger):
    Authenticator.objects.create(user=stranger, type=Authenticator.Type.TOTP, data={"secret": "x"})
    hers = Client()
    hers.force_login(stranger, backend="accounts.backends.SignInBackend")
    assert hers.get("/settings/").status_code == 200
    path = f"/people/{stranger.pk}/factors/"
    assert path in signed.get(f"/people/{stranger.pk}/").content.decode()
    assert signed.post(path, {"reason": ""}).status_code == 400
    assert signed.post(path, {"reason": "Met her in person."}).status_code == 302
    assert not Authenticator.objects.filter(user=stranger).exists()
    assert hers.get("/settings/").status_code == 302
    assert signed.post(path, {"reason": "Met her in person."}).status_code == 409


def test_nobody_removes_her_own_factors_this_way(signed, administrator):
    Authenticator.objects.create(user=administrator, type=Authenticator.Type.TOTP, data={"secret": "x"})
    answer = signed.post(f"/people/{administrator.pk}/factors/", {"reason": "Lost my phone."})
    assert answer.status_code == 409
    assert Authenticator.objects.filter(user=administrator).exists()
