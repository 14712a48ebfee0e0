"""One's own account: preferences, safe ways back, tokens shown once."""

import pytest

from accounts import tokens
from accounts.models import ApiToken

SIGN_IN = "accounts.backends.SignInBackend"


@pytest.fixture
def signed(client, investigator):
    client.force_login(investigator, backend=SIGN_IN)
    return client


def test_profile_sets_language_and_theme(signed, investigator):
    answer = signed.post("/settings/", {"language": "ko", "theme": "dark"})
    investigator.refresh_from_db()
    assert answer.status_code == 302
    assert (investigator.language, investigator.theme) == ("ko", "dark")


def test_profile_refuses_another_language(signed):
    assert signed.post("/settings/", {"language": "fr", "theme": "dark"}).status_code == 400


@pytest.mark.parametrize("role", ["investigator", "analyst", "administrator", "auditor", "mechanism"])
def test_everybody_has_settings_and_tokens(client, request, role):
    client.force_login(request.getfixturevalue(role), backend=SIGN_IN)
    assert [client.get(path).status_code for path in ("/settings/", "/tokens/")] == [200, 200]


@pytest.mark.parametrize(
    ("target", "back"),
    [
        ("/evidence/?q=1", "/evidence/?q=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("evidence/", "/"),
        ("", "/"),
    ],
)
def test_switches_go_back_only_within_the_site(signed, target, back):
    assert signed.post("/settings/theme/", {"theme": "dark", "next": target}).url == back
    assert signed.post("/language/", {"language": "ko", "next": target}).url == back


def test_theme_answers_a_script_without_a_page(signed, investigator):
    answer = signed.post("/settings/theme/", {"theme": "light"}, headers={"HX-Request": "true"})
    investigator.refresh_from_db()
    assert (answer.status_code, investigator.theme) == (204, "light")


def test_theme_refuses_others(signed):
    assert signed.post("/settings/theme/", {"theme": "pink"}).status_code == 400


def test_language_of_a_visitor_is_a_cookie(client, db):
    answer = client.post("/language/", {"language": "ko", "next": "/accounts/login/"})
    assert answer.url == "/accounts/login/"
    assert answer.cookies["language"].value == "ko"


def test_language_of_a_visitor_may_be_nonsense(client, db):
    assert "language" not in client.post("/language/", {"language": "xx"}).cookies


def test_a_new_token_is_shown_once(signed, investigator):
    answer = signed.post("/tokens/", {"name": "Nightly", "scopes": ["incidents:read"], "days": "30"})
    text = answer.context["issued"].text
    assert text in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert tokens.recognise(text).user == investigator
    later = signed.get("/tokens/").content.decode()
    assert "Nightly" in later
    assert text.rsplit("_", 1)[1] not in later


@pytest.mark.parametrize(
    "changes", [{"scopes": []}, {"days": "0"}, {"days": "9999"}, {"name": ""}, {"name": "a\x00"}, {"scopes": ["all"]}]
)
def test_a_token_that_cannot_be_is_refused(signed, changes):
    given = {"name": "Nightly", "scopes": ["incidents:read"], "days": "30"} | changes
    assert signed.post("/tokens/", given).status_code == 400
    assert not ApiToken.objects.exists()


def test_a_token_can_do_no_more_than_its_person(client, analyst):
    client.force_login(analyst, backend=SIGN_IN)
    answer = client.post("/tokens/", {"name": "n", "scopes": ["persons:identity"], "days": "30"})
    assert answer.status_code == 400


def test_revoking_asks_first_and_ends_at_once(signed, investigator):
    issued = tokens.issue(by=investigator, user=investigator, name="n", scopes=["incidents:read"], days=1)
    path = f"/tokens/{issued.token.pk}/revoke/"
    assert signed.get(path).status_code == 200
    assert tokens.recognise(issued.text) is not None
    assert signed.post(path).url == "/tokens/"
    assert tokens.recognise(issued.text) is None


def test_the_token_of_somebody_else_is_404(signed, reviewer):
    issued = tokens.issue(by=reviewer, user=reviewer, name="n", scopes=["incidents:read"], days=1)
    assert signed.post(f"/tokens/{issued.token.pk}/revoke/").status_code == 404
    assert signed.post("/tokens/nonsense/revoke/").status_code == 404
    assert tokens.recognise(issued.text) is not None
