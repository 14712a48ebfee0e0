"""The scenes of the verbs by which lists go out; `scenes` says what one is."""

import uuid

from django.http import QueryDict
from scenes import SECRET, scene

from evidence import exporting


@scene("evidence.exporting.begin_export")
def _(stage, tmp_path):
    params = QueryDict(f"q={SECRET}")
    return lambda: exporting.begin_export(by=stage.investigator, kind="incident", form="csv", params=params)


@scene("evidence.exporting.end_export")
def _(stage, tmp_path):
    said = {"kind": "incident", "count": 3, "is_complete": True}
    return lambda: exporting.end_export(by=stage.investigator, export=uuid.uuid4(), **said)
