"""The scene of the verb of the change feed; `scenes` says what one is."""

from scenes import scene

from evidence import changes


@scene("evidence.changes.following.note_followed")
def _(stage, tmp_path):
    by = stage.investigator
    told = changes.follow(by, changes.Place(("incident",)), 10)
    return lambda: changes.note_followed(by=by, told=told)
