"""Fixtures of the browser tests: the product with the sample data on a port, Chromium, pages signed in as a persona."""

import json
import os
import socketserver
import threading
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest

from repository.runtime.developing import chromium


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        """Nothing: the tests look at the pages."""


class Threaded(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


@pytest.fixture
def site(chromium_browser, committed_database, django_db_blocker, settings):
    """(address, accounts): the product with the invented sample data, until the test ends."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.db import connections

    settings.ACCOUNT_RATE_LIMITS = False
    with django_db_blocker.unblock():
        call_command("load_sample", verbosity=0)
        accounts = json.loads((settings.VAR_DIR / "sample-accounts.json").read_text())
        application = StaticFilesHandler(get_wsgi_application())
        server = Threaded(("127.0.0.1", 0), Quiet)
        server.set_app(application)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        # By name, not by number: passkeys belong to a name.
        yield f"http://localhost:{server.server_port}", accounts
        server.shutdown()
        server.server_close()
        (settings.VAR_DIR / "sample-accounts.json").unlink()
        connections.close_all()


@pytest.fixture(scope="session")
def chromium_browser():
    # Playwright keeps an event loop in this thread, where Django would refuse every query from then on.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_as(chromium_browser, site):
    """`open_as("investigator", width=390)`: a page signed in as this persona; errors gather in `page.problems`."""
    pages = []

    def open_page(persona: str, **options):
        address, accounts = site
        options = {
            "viewport": {"width": options.pop("width", 1440), "height": 1000},
            "reduced_motion": "reduce",
            **options,
        }
        page = chromium_browser.new_page(base_url=address, **options)
        page.set_default_timeout(180_000)  # a busy machine is slow, not wrong
        page.problems = []
        page.on("console", lambda message: message.type == "error" and page.problems.append(message.text))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.goto("/accounts/login/")
        page.fill("[name=login]", accounts[persona]["email"])
        page.fill("[name=password]", accounts[persona]["password"])
        page.click("main button[type=submit]")
        page.wait_for_url(f"{address}/")
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()


@pytest.fixture
def prefer():
    """`prefer(page, language="ko", theme="dark")`: set them as a person does, on the settings page."""

    def choose(page, **choices) -> None:
        page.goto("/settings/")
        for name, value in choices.items():
            field = page.locator(f"main [name={name}]").first
            if field.evaluate("node => node.tagName") == "SELECT":
                field.select_option(value)
            else:
                page.locator(f"main [name={name}][value={value}]").check(force=True)
        page.locator("main form button[type=submit]").first.click()

    return choose
