"""The map of the incidents: names stand in the middle under their circles."""

import pytest

pytest_plugins = ["browsing"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
# How far the middle of each name is from the middle of the circle it belongs to, which Leaflet makes in the same order.
ASIDE = """names => {
    const middle = box => box.left + box.width / 2;
    const circles = [...document.querySelectorAll('path.leaflet-interactive')];
    return names.map((name, at) => {
        const text = document.createRange();
        text.selectNodeContents(name);
        return middle(text.getBoundingClientRect()) - middle(circles[at].getBoundingClientRect());
    });
}"""


@pytest.mark.parametrize("language", ["en", "ko"])
def test_names_stand_in_the_middle_under_their_circles(open_as, prefer, language):
    page = open_as("analyst")
    prefer(page, language=language)
    page.goto("/incidents/?view=map", wait_until="networkidle")
    names = page.locator(".map-box .leaflet-tooltip")
    names.first.wait_for(state="attached")  # it has no width of its own
    aside = names.evaluate_all(ASIDE)
    assert len(aside) > 3
    assert max(abs(one) for one in aside) < 1
    assert page.problems == []
