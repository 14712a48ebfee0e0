"""New passwords: long, on no list, of nothing that everybody knows; and nothing else is asked of them."""

import pytest
from conftest import PASSWORD
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts import factors, people
from accounts.errors import Invalid
from accounts.models import User

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def mina():
    return User(email="mina.sandberg@example.org", name="Mina Sandberg", role="analyst")


@pytest.mark.parametrize(
    "password",
    ["plain words in a row", "no capitals at all here", "강물은 밤에도 조용히 흐른다 그렇다",
     "  spaces  at  the ends  ", "한글과 letters 섞어 쓰기 하기",
     "🕊🐟🦊 and a few words more", "x7" + "long enough to be pasted " * 5],
)  # fmt: skip
def test_any_characters_will_do(mina, password):
    validate_password(password, mina)


def test_very_long_ones_are_allowed_and_none_is_cut(investigator):
    long = "the quiet river runs " * 40
    people.set_password(by=investigator, user=investigator, password=long)
    assert investigator.check_password(long)
    assert not investigator.check_password(long[:-1])


@pytest.mark.parametrize(
    "password",
    ["", "fourteen chars", "passwordpassword", "Passwordpassword123!", "qwertyuiopqwertyuiop", "minasandberg2026!",
     "mina.sandberg@example.org", "evidencerepository", "Repository-Evidence", "aaaaaaaaaaaaaaaa", "1212121212121212",
     "investigator123456", "x" * 1025],
)  # fmt: skip
def test_what_is_easily_guessed_is_refused(mina, password):
    with pytest.raises(ValidationError):
        validate_password(password, mina)


def test_with_a_second_factor_eight_characters_do(investigator):
    with pytest.raises(Invalid):
        people.set_password(by=investigator, user=investigator, password="grebe fi")
    factors.add_app(by=investigator, secret=SECRET)
    people.set_password(by=investigator, user=investigator, password="grebe fi")
    with pytest.raises(Invalid):
        people.set_password(by=investigator, user=investigator, password="grebe f")


def test_the_form_says_what_is_wanted_and_hinders_no_pasting(client, investigator):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    page = client.get("/accounts/password/change/").content.decode()
    assert "At least 15 characters, or 8 if you have a second factor" in page
    assert 'autocomplete="new-password"' in page
    form = page.split("<main")[1]
    assert "maxlength" not in form and "onpaste" not in form
    given = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    assert "Use at least 15 characters" in client.post("/accounts/password/change/", given).content.decode()


def test_a_change_needs_the_present_password(client, investigator):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    new = "grebes dive in the cold bay"
    given = {"oldpassword": "wrong", "password1": new, "password2": new}
    client.post("/accounts/password/change/", given)
    investigator.refresh_from_db()
    assert investigator.check_password(PASSWORD)
