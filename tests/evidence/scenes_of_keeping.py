"""Scenes of test_verbs: folders that come in, backups."""

import io

from conftest import TESTS
from scenes import SECRET, scene

from evidence import carrying, storage
from evidence.folders import taking


def _batch(stage):
    return taking.open_folder(by=stage.investigator, collection=stage.collection, label=SECRET, given={"kind": "other"})


@scene("evidence.folders.taking.open_folder")
def _(stage, tmp_path):
    return lambda: _batch(stage)


@scene("evidence.folders.taking.keep_file")
def _(stage, tmp_path):
    batch = _batch(stage)

    def act():
        received = storage.receive(io.BytesIO(SECRET.encode()))
        taking.keep_file(
            by=stage.investigator, batch=batch, place=(SECRET, f"{SECRET}.txt"), given={"description": SECRET},
            received=received, head=SECRET.encode(),
        )  # fmt: skip

    return act


@scene("evidence.folders.taking.refuse_file")
def _(stage, tmp_path):
    batch = _batch(stage)
    return lambda: taking.refuse_file(by=stage.investigator, batch=batch, path=f"{SECRET}/a", reason=SECRET)


@scene("evidence.folders.taking.close_folder")
def _(stage, tmp_path):
    batch = _batch(stage)
    return lambda: taking.close_folder(by=stage.investigator, batch=batch)


@scene("evidence.carrying.note_backup")
def _(stage, tmp_path):
    return lambda: carrying.note_backup(by=TESTS, files=2, size=10, lacking=0, with_keys=True)


@scene("evidence.carrying.note_restore")
def _(stage, tmp_path):
    return lambda: carrying.note_restore(by=TESTS, files=2, damaged=0, made="20260101T000000Z")
