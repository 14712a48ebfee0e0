"""Search with the keyboard, facets that come after the rows, a saved search: in a real browser."""

import pytest

pytest_plugins = ["browsing"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_from_the_slash_to_a_saved_search(open_as):
    page = open_as("investigator")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "omni"
    page.keyboard.type("구금")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    page.wait_for_selector(".views .n")
    assert page.locator(".hits mark").count() > 0
    assert page.locator(".hits mark").first.inner_text() == "구금"
    page.goto("/incidents/?q=구금", wait_until="networkidle")
    page.wait_for_selector(".facet .n")
    page.wait_for_selector(".hist.links a")
    # The numbers have come into the form, and a facet still narrows the list.
    page.locator(".facet-values input[name=status]").first.check(force=True)
    page.wait_for_url("**status=*")
    page.wait_for_selector(".facet .n")
    page.click("text=Save this search")
    page.fill("[name=name]", "Held")
    page.click("main button[type=submit]")
    page.wait_for_url("**/incidents/?**")
    assert page.locator(".views a[aria-current=page]").inner_text().startswith("Held")
    assert page.problems == []
