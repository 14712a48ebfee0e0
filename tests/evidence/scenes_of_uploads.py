"""Scenes of test_verbs: batches, and files that come in pieces."""

import io

from conftest import TESTS
from scenes import SECRET, scene

from evidence import intake, storage, uploading
from evidence.models import Item
from evidence.uploading import pieces

GIVEN = {"kind": "testimony", "description": SECRET}
CONTENT = SECRET.encode() * 10


def _batch(stage, **more):
    return uploading.open_batch(by=stage.investigator, collection=stage.collection, given=GIVEN, label=SECRET, **more)


def _begun(stage):
    return uploading.begin(
        by=stage.investigator, name=f"{SECRET}.txt", folder=SECRET, size=len(CONTENT), batch=_batch(stage)
    )


def _whole(stage):
    upload = _begun(stage)
    pieces.arrival_of(upload).write(io.BytesIO(CONTENT), offset=0)
    return upload


@scene("evidence.uploading.batches.open_batch")
def _(stage, tmp_path):
    return lambda: _batch(stage, incident=stage.incident, linking={"locator": SECRET})


@scene("evidence.uploading.batches.close_batch")
def _(stage, tmp_path):
    batch = _begun(stage).batch
    return lambda: uploading.close_batch(by=stage.investigator, batch=batch, give_up=True)


@scene("evidence.uploading.batches.describe_items")
def _(stage, tmp_path):
    batch = _batch(stage)
    for name in ("a", "b"):
        uploading.bring(by=stage.investigator, batch=batch, stream=io.BytesIO(name.encode()), name=name)
    items = [line.upload.file.item for line in uploading.lines_of(batch, user=stage.investigator)]
    changes = [(item, {"title_en": SECRET}, item.version) for item in items]
    return lambda: uploading.describe_items(by=stage.investigator, changes=changes)


@scene("evidence.uploading.batches.link_known")
def _(stage, tmp_path):
    intake.receive_file(by=stage.investigator, item=stage.item, stream=io.BytesIO(CONTENT), name=SECRET)
    batch = _batch(stage, incident=stage.incident, linking={"locator": SECRET})
    upload = uploading.bring(by=stage.investigator, batch=batch, stream=io.BytesIO(CONTENT), name=SECRET)
    return lambda: uploading.link_known(by=stage.investigator, upload=upload, item=Item.objects.get(pk=stage.item.pk))


@scene("evidence.uploading.batches.issue_receipt")
def _(stage, tmp_path):
    batch = _batch(stage)
    uploading.bring(by=stage.investigator, batch=batch, stream=io.BytesIO(CONTENT), name=SECRET)
    lines = uploading.lines_of(batch, user=stage.investigator)
    return lambda: uploading.issue_receipt(by=stage.investigator, batch=batch, lines=lines, form="pdf")


@scene("evidence.uploading.pieces.begin")
def _(stage, tmp_path):
    batch = _batch(stage)
    return lambda: uploading.begin(by=stage.investigator, name=SECRET, folder=SECRET, size=5, batch=batch)


@scene("evidence.uploading.pieces.keep")
def _(stage, tmp_path):
    upload = _whole(stage)
    # A new second name for each try: the first is given away even where the act then fails.
    return lambda: pieces.keep(
        by=stage.investigator,
        upload=upload,
        received=storage.arrived(pieces.arrival_of(upload)),
        media_type="text/plain",
    )


@scene("evidence.uploading.pieces.bring")
def _(stage, tmp_path):
    batch = _batch(stage)
    return lambda: uploading.bring(by=stage.investigator, batch=batch, stream=io.BytesIO(CONTENT), name=SECRET)


@scene("evidence.uploading.pieces.refuse")
def _(stage, tmp_path):
    upload = _begun(stage)
    return lambda: pieces.refuse(by=stage.investigator, upload=upload, problem=SECRET, code="closed")


@scene("evidence.uploading.pieces.cancel")
def _(stage, tmp_path):
    upload = _begun(stage)
    return lambda: uploading.cancel(by=stage.investigator, upload=upload)


@scene("evidence.uploading.pieces.expire")
def _(stage, tmp_path):
    upload = _begun(stage)
    return lambda: pieces.expire(by=TESTS, upload=upload)
