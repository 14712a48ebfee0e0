"""Scenes of test_verbs: members that become items."""

from conftest import with_members
from scenes import SECRET, scene

from evidence import members
from evidence.processing.results import Outcome


@scene("evidence.members.keep_members")
def _(stage, tmp_path):
    file = with_members(stage.item, by=stage.investigator, names=(f"{SECRET}.txt",))
    (tmp_path / "0").write_text(SECRET)
    found = {"taken": [{"index": 0, "path": f"{SECRET}.txt", "size": 9}], "refused": []}
    outcome = Outcome(step="take", tool="test", found=found)
    return lambda: members.keep_members(by=stage.investigator, file=file, outcome=outcome, folder=tmp_path)
