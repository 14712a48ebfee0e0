"""The scenes of the verbs on saved searches; `scenes` says what one is."""

from conftest import TESTS
from scenes import SECRET, scene

from accounts.teams import form_team
from evidence import searches


@scene("evidence.searches.save_search")
def _(stage, tmp_path):
    by = stage.investigator
    team = form_team(by=TESTS, name_en="Readers", name_ko="", members=[by])
    return lambda: searches.save_search(by=by, name=SECRET, kind="incident", query=f"q={SECRET}", team=team)


def saved(stage):
    return searches.save_search(by=stage.investigator, name="Mine", kind="incident", query="q=held")


@scene("evidence.searches.end_search")
def _(stage, tmp_path):
    one = saved(stage)
    return lambda: searches.end_search(by=stage.investigator, saved=one)


@scene("evidence.searches.open_search")
def _(stage, tmp_path):
    one = saved(stage)
    return lambda: searches.open_search(by=stage.investigator, saved=one)
