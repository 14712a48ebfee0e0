"""The query builder by the keyboard alone: nothing goes but what is removed, and the focus stays where one is."""

import pytest

pytest_plugins = ["browsing"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
START = "/incidents/query/?where=(status:draft AND date:2009) OR crime:cah.torture"


def read_after(page, keys: list[str]) -> str:
    """The text of the conditions when the form has been exchanged for what these keys made of it."""
    with page.expect_response(lambda answer: "join.0=" in answer.url):
        for key in keys:
            page.keyboard.press(key)
    page.locator("#builder:not([aria-busy], .htmx-swapping, .htmx-settling)").wait_for()
    return page.inner_text("#where-text")


def focused(page) -> str:
    return page.evaluate("document.activeElement.id")


def start(page, at: str) -> None:
    page.goto(START, wait_until="networkidle")
    page.locator(f'[id="{at}"]').focus()


@pytest.mark.parametrize(
    ("at", "keys", "text", "then"),
    [
        ("value-0.0.1", ["Control+A", *"2009..2012", "Tab"],
         "(status:draft AND date:2009..2012) OR crime:cah.torture", "remove-0.0.1"),
        ("value-0.0.0", ["ArrowDown", "Tab"],
         "(status:in_review AND date:2009) OR crime:cah.torture", "remove-0.0.0"),
        ("not-0.0", ["Space", "Tab"],
         "NOT (status:draft AND date:2009) OR crime:cah.torture", "remove-0.0"),
        ("not-0.0.1", ["Space", "Tab"],
         "(status:draft AND NOT date:2009) OR crime:cah.torture", "field-0.0.1"),
        ("not-0", ["Space", "Shift+Tab", "Shift+Tab"],
         "NOT ((status:draft AND date:2009) OR crime:cah.torture)", "do-show"),
    ],
)  # fmt: skip
def test_going_on_by_tab_removes_nothing(open_as, at, keys, text, then):
    page = open_as("investigator")
    start(page, at)
    assert read_after(page, keys) == text
    assert focused(page) == then
    assert page.problems == []


def test_the_focus_goes_to_what_was_added_and_near_what_was_removed(open_as):
    page = open_as("investigator")
    for at, then in (
        ("term-0.0", "field-0.0.2"),
        ("group-0.0", "join-0.0.2"),
        ("group-0", "join-0.2"),
        ("remove-0.0.0", "field-0.0.0"),
        ("remove-0.0", "field-0.0"),
        ("remove-0.1", "join-0.0"),
    ):
        start(page, at)
        with page.expect_navigation(wait_until="networkidle"):
            page.keyboard.press("Enter")
        assert focused(page) == then, at
    assert page.problems == []


def test_what_is_typed_before_the_answer_comes_is_kept(open_as):
    page, held = open_as("investigator"), []
    start(page, "value-0.0.0")
    page.route(lambda url: "join.0=" in url, lambda route: route.continue_() if held else held.append(route))
    with page.expect_request(lambda request: "join.0=" in request.url):
        page.keyboard.press("ArrowDown")
    page.locator('[id="value-0.0.1"]').select_text()
    page.keyboard.type("2011")
    page.wait_for_timeout(600)  # longer than a change waits
    with page.expect_response(lambda answer: "join.0=" in answer.url):
        held[0].continue_()
    assert read_after(page, ["Tab"]) == "(status:in_review AND date:2011) OR crime:cah.torture"
    assert focused(page) == "remove-0.0.1"
    assert page.problems == []
