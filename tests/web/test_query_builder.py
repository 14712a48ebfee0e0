"""The query builder: built up by its buttons alone, read from text, and the link that it makes."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

URL = "/incidents/query/"


@pytest.fixture
def read(client, investigator):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")

    def get(params=None, status: int = 200, **headers) -> str:
        answer = client.get(URL, params or {}, headers=headers)
        assert answer.status_code == status, answer.content.decode()[:500]
        return answer.content.decode()

    return get


def fields(text: str) -> dict[str, str]:
    """What the form would send as it stands."""
    form = text[text.index('id="builder"') : text.index("</form>", text.index('id="builder"'))]
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    sent |= dict.fromkeys(re.findall(r'<input type="checkbox" name="([^"]+)"[^>]* checked', form), "yes")
    sent |= dict(re.findall(r'<input class="input sm" id="value-[^"]*" name="([^"]+)" value="([^"]*)"', form))
    for name, inner in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        sent[name] = chosen[1] if chosen else re.search(r'<option value="([^"]*)"', inner)[1]
    return sent


def text_of(page: str) -> str | None:
    found = re.search(r'id="where-text">([^<]*)<', page)
    return found and found[1].replace("&quot;", '"')


def test_it_is_built_by_buttons_alone(read, client, log):
    log(acts=[{"crimes": ["cah.torture"]}], place="KP-09")
    form = fields(read())
    form = fields(read(form | {"field.0.0": "crime", "value.0.0": "cah.torture", "do": "term:0"}))
    form = fields(read(form | {"field.0.1": "place", "do": "count"}))
    form = fields(read(form | {"value.0.1": "KP-09", "do": "group:0"}))
    form |= {"field.0.2.0": "status", "field.0.2.1": "mine", "not.0.2": "yes"}
    form = fields(read(form))
    page = read(form | {"value.0.2.0": "finalised"})
    assert text_of(page) == "crime:cah.torture AND place:KP-09 AND NOT status:finalised"
    assert "Finds <b>1</b> incidents" in page
    page = read(fields(page) | {"do": "remove:0.0"})
    assert text_of(page) == "place:KP-09 AND NOT status:finalised"
    answer = client.get(URL, fields(page) | {"do": "show"})
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer["Location"]).query) == {"where": ["place:KP-09 AND NOT status:finalised"]}
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    "where",
    [
        "(crime:cah.torture AND place:KP-09) OR NOT status:draft",
        "NOT (q:tort OR NOT date:2009..2010)",
        'q:"two words" AND (person:PER-0012 OR (mine:yes AND began:undated))',
        'bbox:"124,37.5,131,43.1"',
    ],
)
def test_what_is_read_from_text_is_what_the_form_sends(read, where):
    page = read({"where": where})
    assert text_of(page) == where
    assert text_of(read(fields(page))) == where


def test_the_filters_of_a_list_are_taken_over(read):
    page = read({"crime": "cah.torture", "date_from": "2009", "q": "two words", "view": "map", "ordering": "-date"})
    assert text_of(page) == 'q:"two words" AND crime:cah.torture AND date_from:2009'


def test_several_values_stand_in_lines_of_their_own(read):
    form = fields(read({"where": "status:draft,returned"}))
    assert text_of(read(form)) == "status:draft OR status:returned"


@pytest.mark.parametrize(
    ("do", "focus"),
    [
        ("term:0", "field.0.2"),
        ("group:0.0", "join.0.0.2"),
        ("remove:0.0.0", "field.0.0.0"),
        ("remove:0.0.1", "field.0.0.0"),
        ("remove:0.1", "join.0.0"),
        ("remove:0.9.9", None),
        ("count", None),
        ("", None),
    ],
)
def test_the_focus_goes_to_what_was_added_or_near_what_was_removed(read, do, focus):
    page = read(fields(read({"where": "(status:draft AND date:2009) OR crime:cah.torture"})) | {"do": do})
    focused = re.findall(r'<select[^>]* name="([^"]+)" autofocus>', page)
    assert focused == ([focus] if focus else [])
    assert page.count("autofocus") == len(focused)


@pytest.mark.parametrize("where", ["status:draft AND", "colour:red", "crime:nothing", "status:draft\x00"])
def test_a_mistake_is_told_and_the_text_stays(read, where):
    page = read({"where": where}, 400)
    assert 'class="banner bad"' in page
    assert text_of(page) in (None, where)
    assert where.replace("\x00", "") in page.replace("\x00", "").replace("\ufffd", "")
    assert read({"where": where}, 200, **{"HX-Request": "true"})


@pytest.mark.parametrize(
    "params",
    [
        {"join.0": "AND", "do": "remove:0.99"},
        {"join.0": "XOR", "field.0.0": "nothing", "value.0.0": "x", "do": "term:0.0.0.0"},
        {"join.0": "OR", "do": "remove:0"},
        {"join.0": "AND", "do": "what:ever"},
        {"join.0.0.0.0.0.0.0.0": "AND"},
        {"join.0": "AND", "field.0.0": "q", "value.0.0": "\x00"},
        {"join.0": "AND"} | {f"field.0.{n}": "q" for n in range(90)} | {f"value.0.{n}": "x" for n in range(90)},
    ],
)
def test_no_form_breaks_it(client, investigator, params):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    assert client.get(URL, params).status_code in (200, 400)


def test_the_list_leads_to_it_with_its_filters(client, investigator):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    page = client.get(reverse("incident-list") + "?crime=cah.torture").content.decode()
    assert f'href="{URL}?crime=cah.torture"' in page
