"""Scenes of test_verbs: evidence that is held."""

import io

from conftest import TESTS, looked_at
from scenes import SECRET, scene

from accounts.grants import Permission
from evidence import access, deriving, handling, intake, protection
from evidence.models import File, Item
from evidence.processing.results import Outcome, Picture


def _file(stage, *, scan="clean") -> File:
    stream = io.BytesIO(SECRET.encode())
    return looked_at(intake.receive_file(by=stage.investigator, item=stage.item, stream=stream, name=SECRET), scan)


def _keeper(stage):
    """The reviewer, who manages the collection too: somebody who is there before and after the scene."""
    access.grant(by=TESTS, record=stage.collection, permission=Permission.MANAGE, reason="x", user=stage.reviewer)
    return stage.reviewer


def _picture(stage, tmp_path):
    file = _file(stage)
    row = deriving.claim(file.pk)
    (tmp_path / "one.webp").write_bytes(b"RIFF" + SECRET.encode())
    shown = Picture("page", 1, "one.webp", "image/webp", 1, 1)
    step = deriving.settle(by=TESTS, row=row, outcome=Outcome(step="pages", pictures=[shown]), out=tmp_path)
    deriving.finish(by=TESTS, row=row)
    return step.renditions.get()


@scene("evidence.handling.opening.open_file")
def _(stage, tmp_path):
    file = _file(stage)
    return lambda: handling.open_file(by=stage.reviewer, file=file, purpose=SECRET)


@scene("evidence.handling.opening.open_for")
def _(stage, tmp_path):
    file = _file(stage, scan="infected")
    return lambda: handling.open_for(by=stage.reviewer, file=file, purpose=SECRET, knowing=["malware"])


@scene("evidence.handling.opening.read_opened")
def _(stage, tmp_path):
    opening = handling.open_for(by=stage.reviewer, file=_file(stage), purpose=SECRET)
    return lambda: handling.read_opened(by=stage.reviewer, opening=opening)


@scene("evidence.handling.opening.show_rendition")
def _(stage, tmp_path):
    picture = _picture(stage, tmp_path)
    return lambda: handling.show_rendition(by=stage.reviewer, rendition=picture)


@scene("evidence.handling.sweeping.note_swept")
def _(stage, tmp_path):
    return lambda: handling.note_swept(by=TESTS, removed=2)


@scene("evidence.handling.sweeping.note_failed_job")
def _(stage, tmp_path):
    return lambda: handling.note_failed_job(by=TESTS, name="evidence.tasks.sweep", error="ValueError")


@scene("evidence.handling.custody.record_custody")
def _(stage, tmp_path):
    given = {"event": "received", "happened_on": "2019-04", "from_custodian": SECRET, "to_custodian": SECRET,
             "place": SECRET, "purpose": SECRET, "seal_number": SECRET, "note": SECRET}  # fmt: skip
    return lambda: handling.record_custody(by=stage.investigator, item=stage.item, given=given)


@scene("evidence.handling.keeping.seal")
def _(stage, tmp_path):
    item = stage.item
    return lambda: handling.seal(by=stage.investigator, item=item, reason=SECRET)


@scene("evidence.handling.keeping.unseal")
def _(stage, tmp_path):
    item, keeper = handling.seal(by=stage.investigator, item=stage.item, reason=SECRET), _keeper(stage)
    return lambda: handling.unseal(by=keeper, item=item, reason=SECRET)


@scene("evidence.handling.keeping.withdraw_item")
def _(stage, tmp_path):
    item = stage.item
    return lambda: handling.withdraw_item(by=stage.investigator, item=item, reason=SECRET)


@scene("evidence.handling.keeping.restore_item")
def _(stage, tmp_path):
    item = handling.withdraw_item(by=stage.investigator, item=stage.item, reason=SECRET)
    return lambda: handling.restore_item(by=stage.investigator, item=item, reason=SECRET)


@scene("evidence.handling.keeping.withdraw_file")
def _(stage, tmp_path):
    file = _file(stage)
    return lambda: handling.withdraw_file(by=stage.investigator, file=file, reason=SECRET)


@scene("evidence.handling.keeping.restore_file")
def _(stage, tmp_path):
    file = handling.withdraw_file(by=stage.investigator, file=_file(stage), reason=SECRET)
    return lambda: handling.restore_file(by=stage.investigator, file=file, reason=SECRET)


@scene("evidence.handling.keeping.hold")
def _(stage, tmp_path):
    keeper, item = _keeper(stage), stage.item
    return lambda: handling.hold(by=keeper, record=item, reason=SECRET)


@scene("evidence.handling.keeping.end_hold")
def _(stage, tmp_path):
    keeper = _keeper(stage)
    row = handling.hold(by=keeper, record=stage.collection, reason=SECRET)
    return lambda: handling.end_hold(by=keeper, hold=row, reason=SECRET)


@scene("evidence.handling.keeping.retain")
def _(stage, tmp_path):
    keeper, item = _keeper(stage), stage.item
    return lambda: handling.retain(by=keeper, item=item, until="2040", reason=SECRET)


@scene("evidence.handling.keeping.retain_collection")
def _(stage, tmp_path):
    keeper = _keeper(stage)
    return lambda: handling.retain_collection(by=keeper, collection=stage.collection, years=20, reason=SECRET)


@scene("evidence.handling.fixity.note_checked")
def _(stage, tmp_path):
    blob = _file(stage).blob
    return lambda: handling.note_checked(by=TESTS, sound=[blob], broken=[])


@scene("evidence.handling.fixity.report_altered")
def _(stage, tmp_path):
    _keeper(stage)
    blob = _file(stage).blob
    return lambda: handling.report_altered(by=TESTS, blob=blob)


@scene("evidence.handling.fixity.unfreeze")
def _(stage, tmp_path):
    keeper, file = _keeper(stage), _file(stage)
    handling.report_altered(by=TESTS, blob=file.blob)
    return lambda: handling.unfreeze(by=keeper, item=file.item, reason=SECRET)


@scene("evidence.deriving.remake")
def _(stage, tmp_path):
    picture = _picture(stage, tmp_path)
    return lambda: deriving.remake(by=TESTS, blob_id=picture.blob_id)


@scene("evidence.protection.decisions.propose_destruction")
def _(stage, tmp_path):
    item = handling.withdraw_item(by=stage.investigator, item=_file(stage).item, reason=SECRET)
    item = Item.objects.get(pk=item.pk)
    return lambda: protection.propose_destruction(by=stage.investigator, item=item, reason=SECRET, basis=SECRET)
