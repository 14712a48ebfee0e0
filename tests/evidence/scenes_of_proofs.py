"""The scenes of the verbs by which proofs go out and the ledger is verified; `scenes` says what a scene is."""

from scenes import SECRET, scene

from custody import verification_runs
from custody.ledger import Subject
from custody.verification import Finding
from evidence import proofs, verifications


@scene("evidence.proofs.export_proof")
def _(stage, tmp_path):
    return lambda: proofs.export_proof(by=stage.investigator, item=stage.item, purpose=SECRET)


@scene("evidence.proofs.note_bare_proof")
def _(stage, tmp_path):
    about = Subject("item", stage.item.pk)
    return lambda: proofs.note_bare_proof(by=stage.investigator, about=about)


@scene("evidence.proofs.issue_certificate")
def _(stage, tmp_path):
    return lambda: proofs.issue_certificate(by=stage.investigator, item=stage.item)


@scene("evidence.proofs.verify_item")
def _(stage, tmp_path):
    return lambda: proofs.verify_item(by=stage.investigator, item=stage.item)


@scene("evidence.verifications.request")
def _(stage, tmp_path):
    return lambda: verifications.request(by=stage.investigator)


@scene("evidence.verifications.finish")
def _(stage, tmp_path):
    run = verification_runs.ask(None)
    found = [Finding("numbering", True, facts={"size": 1})]
    return lambda: verifications.finish(by=stage.investigator, run=run, size=1, findings=found)
