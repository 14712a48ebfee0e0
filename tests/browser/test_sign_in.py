"""Signing in and staying so, in a real browser: passkeys by a virtual authenticator, the idle lock over a page."""

import re

import pytest

pytest_plugins = ["browsing"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def authenticator(page):
    """Plug a virtual authenticator into the page's browser: it has a built-in check of the person, and says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    return session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def confirm(page, account) -> None:
    if "/reauthenticate/" in page.url:
        page.fill("main [name=password]", account["password"])
        page.click("main form button[type=submit]")


def add_passkey(page, account, *, alone: bool) -> None:
    page.goto("/accounts/2fa/webauthn/add/")
    confirm(page, account)
    page.fill("main [name=name]", "Invented key")
    page.locator("main [name=passwordless]").set_checked(alone)
    page.click("[data-passkey-go]")
    page.wait_for_url("**/recovery-codes/")


def sign_out(page) -> None:
    page.goto("/accounts/logout/")
    page.click("main button[type=submit]")
    page.wait_for_url("**/accounts/login/")


def test_a_passkey_signs_in_alone(open_as, site):
    page = open_as("investigator")
    account = site[1]["investigator"]
    authenticator(page)
    add_passkey(page, account, alone=True)
    page.click("[value=make]")
    assert re.search(r"\d{10}", page.locator("#codes").inner_text())
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(re.compile(r":\d+/$"))
    page.goto("/accounts/2fa/")
    assert page.get_by_text("Invented key", exact=True).first.is_visible()
    assert page.locator("td", has_text="alone").count() == 1
    assert page.problems == []


def test_a_passkey_is_the_second_factor_after_the_password(open_as, site):
    page = open_as("investigator")
    account = site[1]["investigator"]
    authenticator(page)
    add_passkey(page, account, alone=False)
    sign_out(page)
    page.fill("[name=login]", account["email"])
    page.fill("[name=password]", account["password"])
    page.click("main form button[type=submit] >> nth=0")
    page.wait_for_url("**/2fa/authenticate/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(re.compile(r":\d+/$"))
    assert page.problems == []


def test_an_idle_page_is_covered_and_unlocked_with_what_was_typed(open_as, site, settings):
    settings.IDLE_LOCK_SECONDS = 6
    page = open_as("investigator")
    account = site[1]["investigator"]
    page.goto("/incidents/new/")
    page.fill("[name=title_en]", "Half a form")
    page.get_by_role("heading", name="Are you still there?").wait_for(timeout=10_000)
    page.get_by_role("heading", name="Locked").wait_for(timeout=15_000)
    assert page.title() == "Locked"
    page.evaluate("document.getElementById('session-lock').addEventListener('close', () => (window.uncovered = true))")
    for _turn in range(3):
        page.keyboard.press("Escape")
    assert page.locator("#session-lock").get_attribute("open") is not None
    assert not page.evaluate("window.uncovered")
    answer = page.request.get("/incidents/", max_redirects=0)
    assert answer.status == 423
    page.fill("#cover-password", "not it")
    page.keyboard.press("Enter")
    page.get_by_text("This does not fit").wait_for()
    settings.IDLE_LOCK_SECONDS = 900
    page.fill("#cover-password", account["password"])
    page.keyboard.press("Enter")
    page.locator("#session-lock").wait_for(state="hidden")
    assert page.input_value("[name=title_en]") == "Half a form"
    page.fill("[name=narrative_en]", "Invented words.")
    page.click("[name=save]")
    page.wait_for_url("**/incidents/*-*/")
    # Refused answers are errors of the network to the console, and meant.
    assert [one for one in page.problems if "422" not in one and "423" not in one] == []


def test_a_passkey_unlocks_the_page(open_as, site, settings):
    page = open_as("investigator")
    account = site[1]["investigator"]
    authenticator(page)
    add_passkey(page, account, alone=True)
    settings.IDLE_LOCK_SECONDS = 5
    page.goto("/incidents/new/")
    page.fill("[name=title_en]", "Half a form")
    page.get_by_role("heading", name="Locked").wait_for(timeout=20_000)
    settings.IDLE_LOCK_SECONDS = 900
    page.get_by_role("button", name="Unlock with a passkey").click()
    page.locator("#session-lock").wait_for(state="hidden")
    assert page.input_value("[name=title_en]") == "Half a form"


def test_who_is_there_is_told_in_time_and_stays(open_as, site, settings):
    settings.IDLE_LOCK_SECONDS = 8
    page = open_as("investigator")
    page.goto("/incidents/new/")
    page.get_by_role("button", name="I am here").click(timeout=15_000)
    page.get_by_role("heading", name="Are you still there?").wait_for(state="hidden")
    for _second in range(10):
        page.locator("[name=title_en]").press_sequentially("a")
        page.wait_for_timeout(1000)
    assert page.locator("#session-lock").get_attribute("open") is None
    assert page.request.get("/incidents/", max_redirects=0).status == 200
