"""The pages of access and protection, used as people use them."""

import pytest
from conftest import TESTS, person
from django.test import Client

from accounts import holdings, teams
from accounts.grants import permits
from evidence import access, protection, recording
from evidence.models import AccessRequest, BreakGlass, Collection, Consent, Decision, Notice
from evidence.models.codes import new_code


def signed(user) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.SignInBackend")
    return client


@pytest.fixture
def admin(administrator):
    return signed(administrator)


def confirm(client, path: str, given: dict):
    """Post twice, as people do: the effect is shown, then the same choice is carried out."""
    shown = client.post(path, given)
    assert shown.status_code == 200, shown.status_code
    assert shown.context["effect"]
    return client.post(path, given | {"shown": shown.context["form"].data["shown"]})


def test_a_collection_is_opened_and_given_after_its_effect_was_shown(admin, analyst):
    answer = admin.post("/access/new/", {"name_en": "Camp archive", "preset_level": "1"})
    home = Collection.objects.get(name_en="Camp archive")
    assert answer.url == f"/access/{home.code}/"
    choice = {"to": f"user:{analyst.pk}", "permission": "view", "reason": "Analyses the camp."}
    shown = admin.post(f"/access/{home.code}/give/", choice)
    assert shown.status_code == 200
    assert not permits(analyst, home)  # what was not shown is not given
    seal = shown.context["form"].data["shown"]
    other = admin.post(f"/access/{home.code}/give/", choice | {"permission": "contribute", "shown": seal})
    assert other.status_code == 200
    assert not permits(analyst, home)
    assert admin.post(f"/access/{home.code}/give/", choice | {"shown": seal}).status_code == 302
    assert permits(analyst, home)


PATHS = {
    "keep-away": lambda record, user: (f"/access/{record.code}/keep-away/", {"to": f"user:{user.pk}"}),
    "take-back": lambda record, user: (f"/access/{record.code}/take-back/?to=user:{user.pk}&permission=view", {}),
    "lift": lambda record, user: (f"/access/{record.code}/lift/?to=user:{user.pk}", {}),
    "restrict": lambda record, user: (f"/access/{record.code}/restrict/", {}),
}


@pytest.mark.parametrize("act", PATHS)
def test_every_act_on_access_shows_its_effect_to_its_actor_and_for_this_record_first(act, admin, log, analyst):
    incident, other = log(), log()
    for record in (incident, other):
        access.grant(by=TESTS, record=record, permission="view", reason="exception", user=analyst)
        if act == "lift":
            access.deny(by=person("administrator"), record=record, reason="conflict", user=analyst)
    path, given = PATHS[act](incident, analyst)
    given |= {"reason": "A change of plan."}
    before = holdings_of(incident)
    shown = admin.post(path, given)
    assert (shown.status_code, holdings_of(incident)) == (200, before)
    assert "What this would do" in shown.content.decode()
    seal = shown.context["form"].data["shown"]
    elsewhere, there = PATHS[act](other, analyst)
    for client, where, what in (
        (admin, elsewhere, given | there | {"shown": seal}),
        (signed(person("administrator")), path, given | {"shown": seal}),
        (admin, path, given | {"shown": seal[:-1]}),
        (admin, path, given | {"shown": ""}),
        (admin, path, given | {"shown": seal, "show": "1"}),
    ):
        assert client.post(where, what).status_code == 200
        assert holdings_of(incident) == before
    assert admin.post(path, given | {"shown": seal, "reason": "Said better."}).status_code == 302
    assert holdings_of(incident) != before


def holdings_of(record) -> tuple:
    record.refresh_from_db()
    ways = holdings.ways_to(record, inherited=False)
    return record.inherits_access, len(ways), len(holdings.denials_of(record))


def test_a_team_that_grew_meanwhile_is_shown_anew(admin, collection, incident, analyst, stranger):
    team = teams.form_team(by=TESTS, name_en="North", name_ko="", members=[stranger])
    path = f"/access/{collection.code}/give/"
    choice = {"to": f"team:{team.pk}", "permission": "view", "reason": "They work on it."}
    seal = admin.post(path, choice).context["form"].data["shown"]
    teams.join_team(by=TESTS, team=team, user=person("analyst"), reason="new duties")
    again = admin.post(path, choice | {"shown": seal})
    assert (again.status_code, again.context["effect"].people) == (200, 2)
    assert not permits(stranger, collection)


def test_the_effect_names_numbers(admin, collection, incident):
    user = person("analyst")
    choice = {"to": f"user:{user.pk}", "permission": "view", "reason": "Analyses it.", "show": "1"}
    page = admin.post(f"/access/{collection.code}/give/", choice)
    (line,) = page.context["effect"].lines
    assert line.pairs[0] == (0, 1)
    assert "0 → <b>1</b>" in page.content.decode()


def test_an_administrator_reads_names_of_collections_and_no_titles(admin, collection, incident):
    page = admin.get(f"/access/{incident.code}/").content.decode()
    assert collection.name_en in page
    assert incident.title_en not in page
    high = access.open_collection(by=person("administrator"), name_en="Too confidential")
    assert "Too confidential" not in admin.get("/access/").content.decode()
    assert high.code in admin.get("/access/").content.decode()


def test_the_list_of_collections_costs_the_same_for_many(admin, collection, django_assert_max_num_queries):
    opener = person("administrator")
    for number in range(12):
        home = access.open_collection(by=opener, name_en=f"File {number}", preset_level=1)
        access.grant(by=TESTS, record=home, permission="view", reason="test", user=person("analyst"))
    with django_assert_max_num_queries(25):
        page = admin.get("/access/")
    counts = {row["name"]: (row["teams"], row["people"]) for row in page.context["rows"]}
    assert counts["File 3"] == (0, 1)
    assert counts[collection.name_en] == (0, 4)


def test_a_grant_is_taken_back_with_a_reason(admin, collection, analyst):
    path = f"/access/{collection.code}/take-back/?to=user:{analyst.pk}&permission=contribute"
    assert admin.get(path).status_code == 200
    assert admin.post(path, {"reason": ""}).status_code == 400
    shown = admin.post(path, {"reason": "Left."})
    assert (shown.status_code, shown.context["effect"].losing) == (200, 0)  # nothing is in it
    assert permits(analyst, collection, "contribute")  # what was not shown is not done
    assert confirm(admin, path, {"reason": "Left the team."}).status_code == 302
    assert not permits(analyst, collection)
    assert admin.get(path).status_code == 404


@pytest.mark.parametrize("to", ["", "user:", "user:x", "team:x", "team:999999", "group:1", "user:\x00"])
def test_a_principal_that_does_not_exist_is_404(admin, collection, to):
    assert admin.get(f"/access/{collection.code}/take-back/", {"to": to, "permission": "view"}).status_code == 404
    assert admin.get(f"/access/{collection.code}/lift/", {"to": to}).status_code == 404
    answer = admin.post(f"/access/{collection.code}/keep-away/", {"to": to, "reason": "Conflict."})
    assert answer.status_code == 400


def test_somebody_is_kept_away_and_the_denial_ended(admin, incident, analyst):
    path = f"/access/{incident.code}/"
    away = {"to": f"user:{analyst.pk}", "reason": "Conflict."}
    assert confirm(admin, f"{path}keep-away/", away).status_code == 302
    assert not permits(analyst, incident)
    assert "Conflict." in admin.get(path).content.decode()
    assert confirm(admin, f"{path}lift/?to=user:{analyst.pk}", {"reason": "Over."}).status_code == 302
    assert permits(analyst, incident)


def test_a_record_is_restricted_and_opened_up(admin, incident, analyst, investigator):
    path = f"/access/{incident.code}/restrict/"
    assert admin.post(path, {"reason": "Source at risk."}).status_code == 409
    access.grant(by=TESTS, record=incident, permission="view", reason="keeps it", user=analyst)
    assert confirm(admin, path, {"reason": "Source at risk."}).status_code == 302
    assert (permits(analyst, incident), permits(investigator, incident)) == (True, False)
    assert confirm(admin, path, {"reason": "Over."}).status_code == 302
    assert permits(investigator, incident)


def test_a_manager_finds_what_she_manages_and_nothing_else(collection, incident, other_collection):
    user = person("investigator")
    access.grant(by=TESTS, record=collection, permission="manage", reason="test", user=user)
    client = signed(user)
    assert client.get("/access/find/", {"code": incident.code}).url == f"/access/{incident.code}/"
    answers = [
        client.get("/access/find/", {"code": code}, follow=True).content.decode()
        for code in (other_collection.code, new_code("COL"), "nonsense\x00")
    ]
    assert all("You manage no record of this reference" in answer for answer in answers)
    assert client.get(f"/access/{other_collection.code}/").status_code == 404
    assert client.get("/access/new/").status_code == 403


def test_what_a_person_can_see_is_shown_in_numbers(admin, analyst, collection, incident, item):
    access.grant(by=TESTS, record=incident, permission="view", reason="exception", user=analyst)
    page = admin.get(f"/access/people/{analyst.pk}/")
    (home,) = page.context["collections"]
    assert home["counts"] == ["1", "1", "0", "0"]
    assert [row["record"] for row in page.context["records"]] == [incident]
    assert incident.title_en not in page.content.decode()
    assert admin.get("/access/people/nobody/").status_code == 404


def test_what_a_person_can_see_costs_the_same_for_many_grants(admin, analyst, log, django_assert_max_num_queries):
    for _time in range(10):
        access.grant(by=TESTS, record=log(), permission="view", reason="exception", user=analyst)
    with django_assert_max_num_queries(60):
        page = admin.get(f"/access/people/{analyst.pk}/")
    assert page.context["records_held"] == 10
    assert all(row["sees"] for row in page.context["records"])


def test_a_request_goes_from_asking_to_access(admin, collection, stranger):
    client = signed(stranger)
    given = {"code": collection.code.lower(), "permission": "view", "reason": "I work on this camp."}
    assert client.post("/access/requests/new/", given).status_code == 302
    row = AccessRequest.objects.get()
    assert Notice.objects.filter(kind="access_asked", target=row.pk).exists()
    assert admin.get("/notices/").status_code == 200
    assert client.get(f"/access/requests/{row.pk}/").status_code == 200
    assert admin.post(f"/access/requests/{row.pk}/", {"answer": "", "approve": "1"}).status_code == 400
    assert admin.post(f"/access/requests/{row.pk}/", {"answer": "For the camp.", "approve": "1"}).status_code == 302
    assert permits(stranger, collection)


@pytest.mark.parametrize("changes", [{"code": "x"}, {"permission": "own"}, {"reason": ""}, {"until": "2001-01-01"}])
def test_a_request_that_cannot_be_is_put_back(stranger, collection, changes):
    given = {"code": collection.code, "permission": "view", "reason": "I work on this camp."} | changes
    assert signed(stranger).post("/access/requests/new/", given).status_code == 400
    assert not AccessRequest.objects.exists()


def test_the_glass_is_broken_ended_and_reviewed(incident, stranger, auditor):
    client = signed(stranger)
    given = {"code": incident.code, "minutes": "15", "reason": "Somebody was seen in danger this morning."}
    row_url = client.post("/access/glass/new/", given).url
    assert client.get(f"/incidents/{incident.code}/").status_code == 200
    assert incident.code in client.get(row_url).content.decode()
    overseer = signed(auditor)
    page = overseer.get(row_url).content.decode()
    assert incident.code not in page
    assert str(incident.pk) in page
    assert client.post(row_url, {"end": "1"}).status_code == 302
    assert client.get(f"/incidents/{incident.code}/").status_code == 404
    assert overseer.post(row_url, {"outcome": "justified", "note": "It was urgent."}).status_code == 302
    assert BreakGlass.objects.get().outcome == "justified"
    assert client.post("/access/glass/new/", given | {"code": new_code("INC")}).status_code == 409


def test_notices_are_counted_in_the_bar_and_read(incident, stranger, admin):
    access.break_glass(by=stranger, code=incident.code, reason="Somebody was seen in danger this morning.")
    assert "1 notice waits" in admin.get("/").content.decode()
    assert admin.post("/notices/").status_code == 302
    assert "notice waits" not in admin.get("/").content.decode()


def test_a_lower_level_is_proposed_and_agreed(log, investigator, reviewer):
    incident = log(confidentiality=3)
    client = signed(investigator)
    given = {"confidentiality": "1", "reason": "The report is public."}
    url = client.post(f"/incidents/{incident.code}/lower/", given).url
    assert client.get(url).status_code == 200
    assert client.post(url, {"answer": "I agree.", "agree": "1"}).url == "/decisions/"  # her own: it is withdrawn
    assert Decision.objects.get().state == "withdrawn"
    url = client.post(f"/incidents/{incident.code}/lower/", given).url
    assert signed(reviewer).post(url, {"answer": "It is public.", "agree": "1"}).status_code == 302
    incident.refresh_from_db()
    assert incident.effective_level == 1


def test_a_person_at_high_risk_is_unmasked_by_two(collection, investigator, reviewer):
    given = {"risk": "high", "names": [{"script": "hangul", "kind": "legal", "value": "홍가상"}]}
    her = recording.record_person(by=investigator, collection=collection, given=given)
    client = signed(investigator)
    assert "Ask for a second person" in client.get(f"/persons/{her.code}/").content.decode()
    assert client.post(f"/persons/{her.code}/identity/", {"reason": "to warn her family"}).status_code == 409
    url = client.post(f"/persons/{her.code}/unmask/", {"reason": "Her family must be warned."}).url
    assert signed(reviewer).post(url, {"answer": "Agreed, urgently.", "agree": "1"}).status_code == 302
    opened = client.post(f"/persons/{her.code}/identity/", {"reason": "to warn her family"})
    assert "홍가상" in opened.content.decode()
    assert opened["Refresh"].startswith("300;")


def test_lower_protection_is_proposed(protected, investigator):
    given = {"is_protected": "on", "risk": "low", "reason": "She left the country."}
    assert signed(investigator).post(f"/persons/{protected.code}/reassess/", given).status_code == 302
    assert Decision.objects.get().asked == {"risk": "low", "is_protected": True}


def test_consent_is_recorded_withdrawn_and_asked_for(item, protected, investigator):
    client = signed(investigator)
    recording.link(by=investigator, item=item, target=protected)
    given = {
        "use": "share_icc", "recipient": "icc_otp", "status": "granted", "identity_level": "pseudonym",
        "given_on": "2019-05", "form": "written_signed",
    }  # fmt: skip
    path = f"/persons/{protected.code}/consents/new/"
    assert client.post(path, given | {"given_on": ""}).status_code == 400
    assert client.post(path, given).status_code == 302
    ask = f"/evidence/{item.code}/use/?use=share_icc&recipient=icc_otp"
    assert client.get(ask).context["answer"].allowed
    consent = Consent.objects.get()
    assert client.post(f"/consents/{consent.pk}/withdraw/", {"reason": "She called."}).status_code == 302
    page = client.get(ask)
    assert not page.context["answer"].allowed
    assert protected.code in page.content.decode()
    assert client.get(f"/evidence/{item.code}/use/?use=nonsense&recipient=icc_otp").status_code == 400


def test_a_condition_of_the_provider_is_set_and_ended(source, investigator):
    client = signed(investigator)
    given = {"use": "share_icc", "recipient": "*", "is_allowed": "yes", "terms": "With a letter"}
    assert client.post(f"/sources/{source.code}/conditions/new/", given).status_code == 302
    assert "With a letter" in client.get(f"/sources/{source.code}/").content.decode()
    (row,) = source.conditions.all()
    assert client.post(f"/conditions/{row.pk}/end/", {"reason": "No longer."}).status_code == 302
    assert "With a letter" not in client.get(f"/sources/{source.code}/").content.decode()


def test_whoever_was_given_one_record_is_not_told_its_collection(item, collection, stranger):
    access.grant(by=TESTS, record=item, permission="view", reason="exception", user=stranger)
    client = signed(stranger)
    page = client.get(f"/evidence/{item.code}/").content.decode()
    told = client.get(f"/api/v1/items/{item.pk}").json()
    assert collection.name_en not in page
    assert collection.code not in page
    assert told["collection"] is None


def test_two_people_disagree_and_nothing_changes(log, investigator, reviewer):
    incident = log(confidentiality=3)
    row = protection.propose_downgrade(by=investigator, record=incident, confidentiality=1, reason="It is public.")
    answer = signed(reviewer).post(f"/decisions/{row.pk}/", {"answer": "Not yet.", "decline": "1"})
    incident.refresh_from_db()
    assert (answer.status_code, incident.effective_level) == (302, 3)
