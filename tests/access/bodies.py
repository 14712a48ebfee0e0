"""What test_table sends to each action: the key of its record, and a body that would do."""

import io
import uuid

from conftest import TESTS, claiming, person, read_by_machine, simple, with_members

from accounts import grants, invitations, people, teams, tokens
from custody import trail
from evidence import access, assessment, batches, handling, protection, recording, searches, uploading
from evidence.models import Incident, Organisation, Person, Source


class Bodies:
    """What is sent to each action: the key of its record, and a body that would do."""

    def __init__(self, request, collection, author):
        self.get, self.home, self.author = request.getfixturevalue, str(collection.pk), author
        self.collection = collection

    def prepared(self, name: str, user) -> tuple[str | None, dict, str]:
        """(key, body, ETag) for an action."""
        kind, action = name.split(".")
        return getattr(self, f"of_{kind}".replace("-", "_"))(action, user)

    def of_me(self, action, user):
        return None, {}, ""

    def of_ledger(self, action, user):
        query = {"consistency": {"from": "1"}, "inclusion": {"hash": "0" * 64, "entry": str(uuid.uuid4())}}
        path = {"tile": {"place": "0/000"}, "proof": {"key": str(self.get("item").pk)}}
        return path.get(action), query.get(action, {}), ""

    def of_ledger_entry(self, action, user):
        entry = trail.page(trail.Wanted(subject=self.get("item").pk))[0]
        return str(entry.entry_id), {}, ""

    def of_token(self, action, user):
        owner = user if user is not None else self.author
        own = owner if owner.role != "investigator" or owner == self.author else self.author
        issued = tokens.issue(by=own, user=own, name="t", scopes=["items:read"], days=1)
        return str(issued.token.pk), {}, ""

    def of_collection(self, action, user):
        return self.home, {}, ""

    def of_incident(self, action, user):
        if action in ("map", "timeline"):
            return None, {}, ""
        incident = self.get("incident")
        if action in ("pass_on", "return_to_author", "finalise"):
            assessment.submit(by=self.author, incident=incident)
        if action == "finalise":
            assessment.pass_on(by=self.get("reviewer"), incident=incident)
        if action == "restore":
            assessment.withdraw(by=self.author, incident=incident, note="x")
        body = {
            "create": {**simple(), "collection": self.home},
            "partial_update": {"title_en": "Another title"},
            "classify": {"act": str(incident.acts.first().pk), "crime": "cah.torture"},
        }.get(action, {"note": "Reasons given"})
        if action == "bulk":
            return None, {**simple(), "collection": self.home}, ""
        return str(incident.pk), body, str(Incident.objects.get(pk=incident.pk).version)

    def of_search(self, action, user):
        return None, {"q": "detention"}, ""

    def of_saved_search(self, action, user):
        saved = searches.save_search(by=self.author, name="All", kind="incident", query="q=detention")
        return str(saved.pk), {"name": "Drafts", "query": "status=draft"} if action == "create" else {}, ""

    def of_statistics(self, action, user):
        return None, {"group_by": "crime,year"}, ""

    def of_changes(self, action, user):
        return None, {}, ""

    def of_classification(self, action, user):
        row = self.get("incident").acts.first().classifications.first()
        return str(row.pk), {"status": "supported", "rationale": "Reasons given"}, str(row.version)

    def of_consent(self, action, user):
        person = self.get("protected")
        given = {"use": "share_icc", "recipient": "icc_otp", "status": "denied"}
        if action != "withdraw":
            return None, {"person": str(person.pk)} | (given if action == "create" else {}), ""
        row = protection.record_consent(by=self.author, person=person, given=given)
        return str(row.pk), {"reason": "She called"}, ""

    def of_access(self, action, user):
        incident, other = self.get("incident"), self.get("investigator2")
        if action == "restrict":  # refused while nobody would be left who can open it
            grants.give(by=None, record=incident, permission="view", reason="test", user=other)
        whom = {"person": str(other.pk), "reason": "Reasons given"}
        body = {"grant": whom | {"permission": "view"}, "revoke": whom | {"permission": "contribute"}}
        body |= {name: {"reason": "Reasons given"} for name in ("restrict", "open_up")}
        return str(incident.pk), body.get(action, whom), ""

    def asker(self):
        if not hasattr(self, "_asker"):
            self._asker = person("analyst")
        return self._asker

    def of_access_request(self, action, user):
        code = self.get("incident").code
        if action == "create":
            return None, {"code": code, "permission": "view", "reason": "I analyse this camp."}, ""
        row = access.ask(by=self.asker(), code=code, permission="view", reason="I analyse this camp.")
        return str(row.pk), {"approve": False, "answer": "Not needed."} if action == "decide" else {}, ""

    def of_glass(self, action, user):
        code, reason = self.get("incident").code, "Somebody was seen in danger this morning."
        row = access.break_glass(by=self.asker(), code=code, reason=reason)
        return str(row.pk), {"outcome": "justified", "note": "It was."}, ""

    def of_decision(self, action, user):
        incident = self.get("incident")
        Incident.objects.filter(pk=incident.pk).update(confidentiality=3, effective_level=3)
        incident.refresh_from_db()
        if action == "create":
            asked = {"record": incident.code, "kind": "downgrade", "confidentiality": 2}
            return None, asked | {"reason": "The report is public."}, ""
        row = protection.propose_downgrade(
            by=self.author, record=incident, confidentiality=2, reason="The report is public."
        )
        return str(row.pk), {"agree": True, "answer": "It is."}, ""

    def of_link(self, action, user):
        item, incident = self.get("item"), self.get("incident")
        if action == "create":
            return None, {"item": str(item.pk), "incident": str(incident.pk)}, ""
        return str(recording.link(by=self.author, item=item, target=incident).pk), {"reason": "wrong file"}, ""

    def of_person(self, action, user):
        row: Person = self.get("protected")
        body = {"create": {"note": "x", "risk": "low", "collection": self.home}, "partial_update": {"note": "y"}}
        return str(row.pk), body.get(action, {"reason": "needed for protection"}), str(row.version)

    def of_source(self, action, user):
        row: Source = self.get("source")
        body = {
            "create": {"title": "x", "collection": self.home},
            "partial_update": {"title": "y"},
            "grade": {"reliability": "B", "credibility": "2", "reason": "seen"},
        }
        return self.conditions(row, action) or (str(row.pk), body.get(action, {}), str(row.version))

    def conditions(self, record, action):
        said = {"use": "share_icc", "recipient": "*", "is_allowed": True}
        if action == "set_condition":
            return str(record.pk), said, ""
        if action == "end_condition":
            row = protection.set_condition(by=self.author, record=record, **said)
            return {"pk": str(record.pk), "condition": str(row.pk)}, {"reason": "no longer"}, ""
        return None

    def of_item(self, action, user):
        row = self.get("item")
        body = {
            "create": {"title_en": "x", "kind": "testimony", "collection": self.home},
            "partial_update": {"title_en": "y"},
            "files": {"file": upload("a.txt", b"bytes")},
            "proof": {"purpose": "for the court"},
            "use": {"use": "share_icc", "recipient": "icc_otp"},
            "record_custody": {"event": "received", "happened_on": "2019", "place": "Office"},
            "retention": {"until": "2090", "reason": "for the test"},
        }
        before = {"unseal": handling.seal, "restore": handling.withdraw_item}.get(action)
        if before:
            before(by=self.author, item=row, reason="for the test")
        if action == "unfreeze":
            handling.report_altered(by=TESTS, blob=self.get("file").blob)
        if action == "due":
            return None, {}, ""
        said = body.get(action, {} if action == "verify" else {"reason": "for the test"})
        return self.conditions(row, action) or (str(row.pk), said, str(row.version))

    def of_file(self, action, user):
        file = self.get("file")
        if action in ("page", "retry", "openings", "content"):
            read_by_machine(file)
        if action in ("members", "take_members"):
            file = with_members(self.get("item"), by=self.author)
            return str(file.pk), {"members": [0]}, ""
        if action in ("adopt", "dismiss"):
            claiming(file)
            return str(file.pk), {"value": "2008-10-22"}, "1"
        if action == "page":
            return {"pk": str(file.pk), "number": "1"}, {}, ""
        if action == "restore":
            handling.withdraw_file(by=self.author, file=file, reason="for the test")
        if action == "content":
            opening = handling.open_for(by=self.author, file=file, purpose="for the test")
            return str(file.pk), {"opening": str(opening.pk)}, ""
        said = {"openings": {"purpose": "for the test"}, "retry": {}}
        return str(file.pk), said.get(action, {"reason": "for the test"}), ""

    def of_hold(self, action, user):
        reason = {"reason": "for the test"}
        if action == "end":
            return str(handling.hold(by=self.author, record=self.get("item"), **reason).pk), reason, ""
        return None, reason | {"collection": self.home} | ({"years": 30} if action == "years" else {}), ""

    def of_fixity(self, action, user):
        return None, {}, ""

    def of_upload(self, action, user):
        row = uploading.begin(by=self.author, name="a.txt", size=5, item=self.get("item"))
        return str(row.pk), {}, "1"

    def of_import(self, action, user):
        mapping = batches.ImportMapping.objects.get(slug="ucdp-ged")
        body = {"file": upload("t.csv", b"id\n1\n"), "collection": self.home, "mapping": mapping.slug}
        batch = batches.receive_batch(
            by=self.author, collection=self.collection, mapping=mapping, stream=io.BytesIO(b"id\n1\n"),
            filename="t.csv", dry_run=True,
        )  # fmt: skip
        batches.start(by=self.author, batch_id=batch.pk)
        batches.finish(by=self.author, batch=batch, state="done")
        return str(batch.pk), body if action == "create" else {}, ""

    def of_import_mapping(self, action, user):
        spec = batches.ImportMapping.objects.get(slug="ucdp-ged").spec
        return "ucdp-ged", {"slug": "mine", "name_en": "Mine", "spec": spec}, ""

    def of_people(self, action, user):
        subject = invitations.invite(by=TESTS, email="new@tests.example", name="x", role="analyst", clearance=1)
        subject = subject.invitation.user
        if action == "reactivate":
            people.suspend(by=TESTS, user=subject, reason="for the test")
        body = {
            "create": {"email": "other@tests.example", "name": "y", "role": "analyst", "clearance": 0},
            "partial_update": {"role": "reviewer", "reason": "for the test"},
            "link": {"days": 3},
            "withdraw_link": {},
        }
        return str(subject.pk), body.get(action, {"reason": "for the test"}), ""

    def of_team(self, action, user):
        members = [self.author, self.get("reviewer")]
        team = teams.form_team(by=TESTS, name_en="North", name_ko="", members=members)
        someone = {"join": self.get("analyst"), "leave": self.author}.get(action)
        body = {
            "create": {"name_en": "South", "members": [str(self.author.pk)]},
            "partial_update": {"name_en": "West"},
        }
        said = {"reason": "for the test"} | ({"person": str(someone.pk)} if someone else {})
        return str(team.pk), body.get(action, said), ""

    of_crime = lambda self, action, user: ("cah.torture", {}, "")  # noqa: E731
    of_vocabulary = lambda self, action, user: ("sex", {}, "")  # noqa: E731
    of_place = lambda self, action, user: ("KP", {}, "")  # noqa: E731

    def of_organisation(self, action, user):
        return str(Organisation.objects.first().pk), {}, ""


def upload(name: str, content: bytes):
    stream = io.BytesIO(content)
    stream.name = name
    return stream
