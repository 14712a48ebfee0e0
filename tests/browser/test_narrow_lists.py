"""The list of incidents at every width: no column is cut off, however long titles, dates and places are."""

import pytest

pytest_plugins = ["browsing"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDTHS = (390, 600, 740, 768, 900, 1024, 1025, 1200, 1280, 1366, 1440, 1600, 1920)
FILTERED = "/incidents/?q=detain&status=finalised&status=second_review&crime=cah.imprisonment&date_from=2000"
LENGTHEN = """texts => {
    const titles = [...document.querySelectorAll('.c-title .title, .c-title .ko')];
    titles.forEach((one, at) => { one.textContent = texts[at % texts.length]; });
    for (const one of document.querySelectorAll('.c-date span')) one.textContent = texts[0];
}"""
LONG = (
    "Invented people held without record at an invented internment and interrogation facility throughout the winter",
    "가상의시설에서기록없이구금된가상의사람들과그가족에대한연좌제적용에관한장기조사기록제일권" * 2,
    "invented-unbreakable-name".replace("-", "") * 6,
)
CUT = """() => [...document.querySelectorAll('.table-wrap')].filter(wrap =>
    wrap.scrollWidth > wrap.clientWidth || wrap.getBoundingClientRect().right > innerWidth).length"""


@pytest.mark.parametrize("long", [False, True])
def test_no_column_of_the_list_is_cut_off(open_as, long):
    page = open_as("analyst")
    page.goto("/incidents/", wait_until="networkidle")
    if long:
        page.evaluate(LENGTHEN, LONG)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(CUT) == 0, width
        assert page.locator("tbody .c-cls .chip").first.is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("language", ["en", "ko"])
def test_everything_beside_the_filters_is_within_reach_on_a_phone(open_as, prefer, language):
    page = open_as("analyst", width=390)
    prefer(page, language=language)
    page.goto(FILTERED, wait_until="networkidle")
    edges = page.locator(".tokens > *").evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
    assert max(edges) <= 390
