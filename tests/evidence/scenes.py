"""The scenes of test_verbs: each brings one verb to the point where it changes something and returns the act.

`SECRET` stands in every narrative, name, reason and address that a scene hands over: it must be in no envelope.
"""

import csv
import io

from conftest import TESTS, person, simple
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict

from accounts.grants import Permission
from evidence import access, assessment, batches, intake, protection, recording, reference, search
from evidence.importing import Mapping, open_table, read_drafts
from evidence.models import ImportBatch, ImportMapping, Incident, Item, Link, Person, Source, Term

SECRET = "Zebrafink"
SCENES = {}
MAPPING = {
    "format": 1,
    "name": "verbs",
    "label": {"en": "Verbs", "ko": "동사"},
    "identity": {"template": "{id}"},
    "fields": {"title_en": "{title}", "date": {"value": "{date}", "formats": ["edtf"]}, "narrative_en": "{text}"},
    "sources": [{"title": "{source}", "documented": "yes"}],
}


def scene(name):
    def keep(function):
        assert name not in SCENES
        SCENES[name] = function
        return function

    return keep


class Stage:
    """The records of a scene, read anew each time: a verb must not lean on what an earlier run left in memory."""

    def __init__(self, request):
        self._get = request.getfixturevalue
        for name in ("investigator", "investigator2", "reviewer", "administrator", "collection"):
            setattr(self, name, self._get(name))
        self.outsider = person("analyst")
        for name in ("incident", "item", "protected", "source"):
            self._get(name)  # made before the first run, which is undone

    def fresh(self, model, name):
        return model.objects.get(pk=self._get(name).pk)

    incident = property(lambda self: self.fresh(Incident, "incident"))
    item = property(lambda self: self.fresh(Item, "item"))
    person = property(lambda self: self.fresh(Person, "protected"))
    source = property(lambda self: self.fresh(Source, "source"))
    act = property(lambda self: self.incident.acts.first())
    classification = property(lambda self: self.act.classifications.first())

    def submitted(self) -> Incident:
        return assessment.submit(by=self.investigator, incident=self.incident)

    def passed(self) -> Incident:
        return assessment.pass_on(by=self.reviewer, incident=self.submitted())

    def mapping(self) -> ImportMapping:
        return batches.save_mapping(by=self.investigator, slug="verbs", spec=MAPPING, name_en=SECRET)

    def batch(self, *, mapping=None, dry_run=False, rows=(("1", "A raid", "2010"),)) -> ImportBatch:
        return batches.receive_batch(
            by=self.investigator,
            collection=self.collection,
            mapping=mapping or self.mapping(),
            stream=table(rows),
            filename=f"{SECRET}.csv",
            dry_run=dry_run,
        )


def table(rows) -> io.BytesIO:
    text = io.StringIO()
    csv.writer(text).writerows([["id", "title", "date", "text", "source"], *([*row, SECRET, SECRET] for row in rows)])
    return io.BytesIO(text.getvalue().encode())


def outcomes(tmp_path, rows):
    path = tmp_path / "table.csv"
    path.write_bytes(table(rows).getvalue())
    return list(read_drafts(open_table(path, path.name), Mapping.from_dict(MAPPING)))


@scene("evidence.access.granting.open_collection")
def _(stage, tmp_path):
    return lambda: access.open_collection(by=stage.administrator, name_en=SECRET, name_ko=SECRET, description=SECRET)


@scene("evidence.access.granting.grant")
def _(stage, tmp_path):
    user = person("analyst")
    return lambda: access.grant(
        by=stage.administrator, record=stage.collection, permission=Permission.VIEW, reason=SECRET, user=user
    )


@scene("evidence.access.granting.revoke")
def _(stage, tmp_path):
    return lambda: access.revoke(
        by=stage.administrator,
        record=stage.collection,
        permission=Permission.CONTRIBUTE,
        reason=SECRET,
        user=stage.investigator2,
    )


@scene("evidence.access.granting.deny")
def _(stage, tmp_path):
    user = person("analyst")
    return lambda: access.deny(by=stage.administrator, record=stage.item, reason=SECRET, user=user)


@scene("evidence.access.granting.lift_denial")
def _(stage, tmp_path):
    who = {"record": stage.item, "user": person("analyst")}
    access.deny(by=stage.administrator, reason=SECRET, **who)
    return lambda: access.lift_denial(by=stage.administrator, reason=SECRET, **who)


@scene("evidence.intake.receive_item")
def _(stage, tmp_path):
    given = {"kind": "testimony", "title_en": SECRET, "description": SECRET, "obtained_by": SECRET}
    return lambda: intake.receive_item(by=stage.investigator, collection=stage.collection, given=given)


@scene("evidence.intake.revise_item")
def _(stage, tmp_path):
    item = stage.item
    given = {"title_en": SECRET, "conditions": SECRET}
    return lambda: intake.revise_item(by=stage.investigator, item=item, given=given, version=1, reason=SECRET)


@scene("evidence.intake.receive_file")
def _(stage, tmp_path):
    item = stage.item
    return lambda: intake.receive_file(
        by=stage.investigator, item=item, stream=io.BytesIO(SECRET.encode()), name=f"{SECRET}.txt"
    )


@scene("evidence.assessment.classify")
def _(stage, tmp_path):
    act = stage.act
    return lambda: assessment.classify(by=stage.reviewer, act=act, crime="cah.torture", rationale=SECRET)


@scene("evidence.assessment.assess")
def _(stage, tmp_path):
    row = stage.classification
    return lambda: assessment.assess(by=stage.reviewer, classification=row, status="supported", rationale=SECRET)


@scene("evidence.assessment.grade")
def _(stage, tmp_path):
    source = stage.source
    return lambda: assessment.grade(by=stage.reviewer, source=source, reliability="B", credibility="2", reason=SECRET)


@scene("evidence.assessment.submit")
def _(stage, tmp_path):
    incident = stage.incident
    return lambda: assessment.submit(by=stage.investigator, incident=incident, note=SECRET)


@scene("evidence.assessment.pass_on")
def _(stage, tmp_path):
    incident = stage.submitted()
    return lambda: assessment.pass_on(by=stage.reviewer, incident=incident, note=SECRET)


@scene("evidence.assessment.return_to_author")
def _(stage, tmp_path):
    incident = stage.submitted()
    return lambda: assessment.return_to_author(by=stage.reviewer, incident=incident, note=SECRET)


@scene("evidence.assessment.finalise")
def _(stage, tmp_path):
    incident = stage.passed()
    return lambda: assessment.finalise(by=stage.reviewer, incident=incident, note=SECRET)


@scene("evidence.assessment.withdraw")
def _(stage, tmp_path):
    incident = stage.incident
    return lambda: assessment.withdraw(by=stage.investigator, incident=incident, note=SECRET)


@scene("evidence.assessment.restore")
def _(stage, tmp_path):
    incident = assessment.withdraw(by=stage.investigator, incident=stage.incident, note=SECRET)
    return lambda: assessment.restore(by=stage.investigator, incident=incident, note=SECRET)


@scene("evidence.protection.identity.open_identity")
def _(stage, tmp_path):
    subject = stage.person
    return lambda: protection.open_identity(by=stage.investigator, person=subject, reason=SECRET)


@scene("evidence.batches.save_mapping")
def _(stage, tmp_path):
    return lambda: batches.save_mapping(
        by=stage.investigator, slug="my-own", spec=MAPPING | {"credit": SECRET}, name_en=SECRET
    )


@scene("evidence.batches.receive_batch")
def _(stage, tmp_path):
    mapping = stage.mapping()
    return lambda: stage.batch(mapping=mapping)


@scene("evidence.batches.start")
def _(stage, tmp_path):
    batch = stage.batch()
    return lambda: batches.start(by=TESTS, batch_id=batch.pk)


@scene("evidence.batches.finish")
def _(stage, tmp_path):
    batch = stage.batch()
    return lambda: batches.finish(by=stage.investigator, batch=batch, state="failed", problem=SECRET)


@scene("evidence.batches.run_for_real")
def _(stage, tmp_path):
    batch = stage.batch(dry_run=True)
    batches.start(by=TESTS, batch_id=batch.pk)
    batch = batches.finish(by=stage.investigator, batch=batch, state="done")
    return lambda: batches.run_for_real(by=stage.investigator, batch=batch)


def rows_to_import(stage, tmp_path, dry_run=False):
    rows = (("1", SECRET, "2010"), ("2", SECRET, "no date"))
    return stage.batch(rows=rows, dry_run=dry_run), outcomes(tmp_path, rows)


@scene("evidence.rows.import_rows")
def _(stage, tmp_path):
    batch, found = rows_to_import(stage, tmp_path)
    return lambda: batches.import_rows(by=stage.investigator, batch=batch, outcomes=found)


@scene("evidence.rows.try_rows")
def _(stage, tmp_path):
    batch, found = rows_to_import(stage, tmp_path, dry_run=True)
    return lambda: batches.try_rows(by=stage.investigator, batch=batch, outcomes=found)


@scene("evidence.reference.load")
def _(stage, tmp_path):
    Term.objects.filter(vocabulary_id="sex").update(label_en="changed meanwhile")
    return lambda: reference.load(by=TESTS)


@scene("evidence.search.reading.note_search")
def _(stage, tmp_path):
    params = QueryDict(f"q={SECRET}")
    return lambda: search.note_search(by=stage.investigator, kind="incident", params=params, shown=3)


@scene("evidence.search.reading.note_opened")
def _(stage, tmp_path):
    incident = stage.incident
    return lambda: search.note_opened(by=stage.investigator, record=incident)


@scene("evidence.recording.incidents.log_incident")
def _(stage, tmp_path):
    given = simple(title_en=SECRET, narrative_en=SECRET, place_detail=SECRET, tags=[SECRET])
    return lambda: recording.log_incident(by=stage.investigator, collection=stage.collection, given=given)


@scene("evidence.recording.incidents.revise_incident")
def _(stage, tmp_path):
    incident = stage.incident
    given = {
        "title_en": SECRET,
        "acts": [{"title_en": SECRET, "involvements": [{"role": "victim", "description": SECRET}]}],
    }
    return lambda: recording.revise_incident(
        by=stage.investigator, incident=incident, given=given, version=incident.version, reason=SECRET
    )


@scene("evidence.recording.persons.record_person")
def _(stage, tmp_path):
    names = [{"script": "romanised_source", "value": SECRET}]
    given = {"note": SECRET, "names": names, "identity": {"birth": SECRET}}
    return lambda: recording.record_person(by=stage.investigator, collection=stage.collection, given=given)


@scene("evidence.recording.persons.revise_person")
def _(stage, tmp_path):
    """Her risk rises: the incident, the item and the source she is linked to are lifted, each with its entry."""
    subject = stage.person
    involved = [{"involvements": [{"role": "victim", "person": str(subject.pk)}]}]
    recording.log_incident(by=stage.investigator, collection=stage.collection, given=simple(acts=involved))
    recording.link(by=stage.investigator, item=stage.item, target=subject)
    given = {"title": SECRET, "person": str(subject.pk)}
    recording.record_source(by=stage.investigator, collection=stage.collection, given=given)
    given = {"risk": "high", "note": SECRET, "names": [{"script": "hangul", "value": SECRET}]}
    return lambda: recording.revise_person(by=stage.investigator, person=subject, given=given, version=1, reason=SECRET)


@scene("evidence.recording.persons.record_source")
def _(stage, tmp_path):
    given = {"title": SECRET, "description": SECRET}
    return lambda: recording.record_source(by=stage.investigator, collection=stage.collection, given=given)


@scene("evidence.recording.persons.revise_source")
def _(stage, tmp_path):
    source = stage.source
    given = {"title": SECRET}
    return lambda: recording.revise_source(by=stage.investigator, source=source, given=given, version=1, reason=SECRET)


@scene("evidence.recording.links.link")
def _(stage, tmp_path):
    item, incident = stage.item, stage.incident
    return lambda: recording.link(by=stage.investigator, item=item, target=incident, locator=SECRET)


@scene("evidence.recording.links.end_link")
def _(stage, tmp_path):
    row = recording.link(by=stage.investigator, item=stage.item, target=stage.incident)
    row = Link.objects.get(pk=row.pk)
    return lambda: recording.end_link(by=stage.investigator, link=row, reason=SECRET)


@scene("evidence.intake.receive_files")
def _(stage, tmp_path):
    item = stage.item
    uploads = [SimpleUploadedFile(f"{SECRET}{number}.txt", f"{number} {SECRET}".encode()) for number in range(2)]
    return lambda: intake.receive_files(by=stage.investigator, item=item, files=uploads)


@scene("evidence.intake.receive_item_for")
def _(stage, tmp_path):
    incident, given = stage.incident, {"kind": "testimony", "title_en": SECRET}
    return lambda: intake.receive_item_for(
        by=stage.investigator, collection=stage.collection, incident=incident, given=given
    )
