"""Scenes of test_verbs: what machines make of files."""

import io

from conftest import TESTS, claiming
from scenes import SECRET, scene

from evidence import deriving, intake, proposals, reading
from evidence.models import File
from evidence.processing.results import Outcome, PageText


def _file(stage) -> File:
    return intake.receive_file(
        by=stage.investigator, item=stage.item, stream=io.BytesIO(SECRET.encode()), name=f"{SECRET}.txt"
    )


def _claimed(stage):
    return deriving.claim(_file(stage).pk)


@scene("evidence.deriving.settle")
def _(stage, tmp_path):
    row = _claimed(stage)
    outcome = Outcome(step="text", detail=SECRET, found={"author": SECRET}, texts=[PageText(1, SECRET)])
    return lambda: deriving.settle(by=TESTS, row=row, outcome=outcome, out=None)


@scene("evidence.deriving.finish")
def _(stage, tmp_path):
    row = _claimed(stage)
    return lambda: deriving.finish(by=TESTS, row=row)


@scene("evidence.deriving.retry")
def _(stage, tmp_path):
    file = _file(stage)
    row = deriving.claim(file.pk)
    failed = Outcome(step="text", state="failed", reason="damaged")
    deriving.settle(by=deriving.WORKER, row=row, outcome=failed, out=None)
    deriving.finish(by=deriving.WORKER, row=row)
    return lambda: deriving.retry(by=stage.investigator, file=file)


@scene("evidence.deriving.enlist")
def _(stage, tmp_path):
    blob = intake.keep_bytes(io.BytesIO(SECRET.encode()), limit=100)
    File.objects.create(item=stage.item, blob=blob, name=SECRET, created_by=stage.investigator)
    return lambda: deriving.enlist(by=TESTS)


@scene("evidence.reading.read_page")
def _(stage, tmp_path):
    file = _file(stage)
    row = deriving.claim(file.pk)
    deriving.settle(by=TESTS, row=row, outcome=Outcome(step="text", texts=[PageText(1, SECRET)]), out=None)
    File.objects.filter(pk=file.pk).update(scan="clean")
    file.refresh_from_db()
    return lambda: reading.read_page(by=stage.investigator, file=file, number=1)


@scene("evidence.proposals.adopt")
def _(stage, tmp_path):
    file = claiming(_file(stage))
    return lambda: proposals.adopt(by=stage.investigator, file=file, value="2008-10-22", version=1, reason=SECRET)


@scene("evidence.proposals.dismiss")
def _(stage, tmp_path):
    file = claiming(_file(stage))
    return lambda: proposals.dismiss(by=stage.investigator, file=file, kind="time", value="2008-10-22", reason=SECRET)
