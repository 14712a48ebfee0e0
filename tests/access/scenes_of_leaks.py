"""The world that test_leaks walks: records that some personas see and others do not, tied to each other.

Every text of a record holds the record's own marker word; markers, codes and ids of what is hidden may not show.
"""

import io

from conftest import TESTS, drawn, person, read_by_machine, simple

from accounts import teams
from accounts.grants import SecuredQuerySet
from accounts.models import User
from evidence import access, assessment, batches, handling, intake, recording, uploading
from evidence.importing import shipped_spec
from evidence.models import (
    AccessRequest,
    BreakGlass,
    Classification,
    Collection,
    Consent,
    Decision,
    Denial,
    Documentation,
    File,
    Hold,
    ImportBatch,
    ImportMapping,
    Incident,
    IntakeBatch,
    Item,
    Link,
    Opening,
    Person,
    ProviderCondition,
    Rendition,
    Source,
    Upload,
)

personas = (
    "investigator", "reviewer", "analyst", "administrator", "auditor", "mechanism", "stranger", "nobody", "anonymous",
)  # fmt: skip
MODELS = {model.__name__: model for model in (
    Incident, Item, Person, Source, File, Link, Classification, ImportBatch, Collection, Consent, ProviderCondition,
    Decision, AccessRequest, BreakGlass, Hold, Opening, Rendition, IntakeBatch, Upload
)}  # fmt: skip


class World:
    def __init__(self, request):
        get = request.getfixturevalue
        self.people = {name: get(name) for name in personas[:7]} | {"nobody": person("investigator", clearance=4)}
        self.collection, other = get("collection"), get("other_collection")
        self.markers, self.shown, self.hidden = {}, [], {"Collection": other}
        investigator, stranger = self.people["investigator"], self.people["stranger"]
        self.top = person("investigator", clearance=4)
        administrator = self.people["administrator"]
        access.grant(by=TESTS, record=self.collection, permission="contribute", reason="test", user=self.top)
        access.grant(by=TESTS, record=self.collection, permission="view", reason="test", user=administrator)
        self._make("open", self.collection, investigator)
        self.shown = list(self.latest.items())
        mine = dict(self.latest)
        self._make("elsewhere", other, stranger)
        self.hidden |= {type(record).__name__: record for record in self.latest}
        elsewhere = {type(record).__name__: record for record in self.latest}
        self._make("restricted", self.collection, investigator, restricted=True)
        restricted = {type(record).__name__: record for record in self.latest}
        self._make("high", self.collection, self.top, confidentiality=4)
        self._make("denied", self.collection, investigator)
        for record in self.latest:
            end = {record._meta.model_name: record}
            Denial.objects.create(user=self.people["reviewer"], denied_by=investigator, reason="conflict", **end)
        self._tie({type(record).__name__: record for record in mine}, elsewhere, restricted)
        self._protect(elsewhere, restricted)
        self._import(other, stranger)
        self.team = teams.form_team(by=TESTS, name_en="North", name_ko="", members=[stranger])
        access.grant(by=TESTS, record=other, permission="view", reason="MarkerReason", group=self.team.group)

    def _make(self, label, home, by, *, restricted=False, **given):
        """An incident, a person, a source and an item with a file, every text of each with the record's marker."""
        self.latest = {}
        word = lambda kind: f"Marker{label.capitalize()}{kind}"  # noqa: E731
        self._keep(
            recording.record_person(
                by=by, collection=home, given={"note": word("Person"), "risk": "low", "is_protected": False, **given}
            ),
            word("Person"),
        )
        texts = simple(
            title_en=word("Incident"),
            title_ko=word("Incident"),
            narrative_en=word("Incident"),
            place_detail=word("Incident"),
            date_note=word("Incident"),
            tags=[word("Incident")],
            **given,
        )
        texts["acts"][0] |= {"title_en": word("Incident")}
        self._keep(recording.log_incident(by=by, collection=home, given=texts), word("Incident"))
        source = {"title": word("Source"), "description": word("Source"), **given}
        self._keep(recording.record_source(by=by, collection=home, given=source), word("Source"))
        item = {"kind": "testimony", "title_en": word("Item"), "description": word("Item"), **given}
        item = intake.receive_item(by=by, collection=home, given=item)
        self._keep(item, word("Item"))
        stream = io.BytesIO(word("Item").encode())
        file = intake.receive_file(by=by, item=item, stream=stream, name=f"{word('Item')}.txt")
        read_by_machine(file, text=word("Item"), found=word("Item"))
        self._held(item, file, by, word("Item"))
        self._bring(by, home, word, given)
        if restricted:
            for record in self.latest:
                type(record).objects.filter(pk=record.pk).update(inherits_access=False)

    def _held(self, item, file, by, word):
        """What is said around an item that is held: an opening, a picture, a custody event, a hold."""
        opening = handling.open_for(by=by, file=file, purpose=word)
        stated = handling.record_custody(
            by=by, item=item, given={"event": "received", "happened_on": "2019", "place": word, "note": word}
        )
        held = Hold.objects.create(item=item, reason=word, created_by=by)
        self.markers[item] |= {str(row.pk) for row in (opening, stated, held, drawn(file))}

    def _bring(self, by, home, word, given):
        """A batch with a file that made an item, and one upload that has not ended. The item may be more hidden."""
        batch = uploading.open_batch(
            by=by, collection=home, given={"kind": "testimony", "description": word("Brought"), **given},
            label=word("Batch"),
        )  # fmt: skip
        stream = io.BytesIO(word("Brought").encode())
        upload = uploading.bring(by=by, batch=batch, stream=stream, name=f"{word('Brought')}.txt")
        self._keep(upload.file.item, word("Brought"))
        waiting = uploading.begin(by=by, name=f"{word('Arriving')}.txt", folder=word("Arriving"), size=5, batch=batch)
        self.markers[batch] = {word("Batch"), str(batch.pk)}
        self.markers[waiting] = {word("Arriving"), str(waiting.pk)}

    def _keep(self, record, marker):
        self.markers[record] = {marker, str(record.pk), record.code}
        self.latest[record] = marker

    def _tie(self, mine, elsewhere, restricted):
        """Visible records tied to hidden ones, the ties with marker words of the hidden end."""
        top = self.top
        for other, label in ((elsewhere, "Elsewhere"), (restricted, "Restricted")):
            locator = f"Marker{label}Item"
            for item, target in (
                (other["Item"], mine["Incident"]),
                (other["Item"], mine["Person"]),
                (mine["Item"], other["Person"]),
                (mine["Item"], other["Incident"]),
            ):
                hidden = item if item == other["Item"] else target
                row = recording.link(by=top, item=item, target=target, locator=f"{locator}{hidden._meta.model_name}")
                self.markers[hidden] |= {str(row.pk), row.locator}
            act = mine["Incident"].acts.first()
            involvement = act.involvements.create(
                role="victim", person=other["Person"], description=f"Marker{label}Person", created_by=top
            )
            self.markers[other["Person"]] |= {str(involvement.pk)}
            Documentation.objects.create(
                incident=mine["Incident"], source=other["Source"], documented="yes", created_by=top
            )
            row = assessment.grade(
                by=top,
                source=mine["Source"],
                item=other["Item"],
                reliability="A",
                credibility="1",
                reason=f"Marker{label}Item",
            )
            self.markers[other["Item"]] |= {str(row.pk)}
        Item.objects.filter(pk=mine["Item"].pk).update(source=elsewhere["Source"])
        Source.objects.filter(pk=mine["Source"].pk).update(person=restricted["Person"])

    def _protect(self, elsewhere, restricted):
        """What is said around hidden records: consent, conditions, proposals, a request, broken glass, a grant."""
        top, stranger = self.top, self.people["stranger"]
        for other, label in ((elsewhere, "Elsewhere"), (restricted, "Restricted")):
            consent = Consent.objects.create(
                person=other["Person"], use="share_icc", recipient="*", status="granted_conditional",
                conditions=f"Marker{label}Person", covers_everything=True, created_by=top,
            )  # fmt: skip
            self.markers[other["Person"]] |= {str(consent.pk)}
            condition = ProviderCondition.objects.create(
                source=other["Source"], use="share_icc", recipient="*", terms=f"Marker{label}Source", created_by=top
            )
            self.markers[other["Source"]] |= {str(condition.pk)}
            decision = Decision.objects.create(
                kind="downgrade", incident=other["Incident"], asked={"confidentiality": 0},
                reason=f"Marker{label}Incident", created_by=top,
            )  # fmt: skip
            self.markers[other["Incident"]] |= {str(decision.pk)}
            request = access.ask(
                by=stranger, code=other["Incident"].code, permission="view", reason=f"Marker{label}Request"
            )
            self.markers[request] = {f"Marker{label}Request", str(request.pk)}
        glass = access.break_glass(
            by=stranger, code=restricted["Incident"].code, reason="MarkerGlass of a person in danger at the border"
        )
        self.markers[glass] = {"MarkerGlass", str(glass.pk)}

    def _import(self, home, by):
        mapping = ImportMapping.objects.filter(slug="ucdp-ged").first()
        assert mapping.spec == shipped_spec("ucdp-ged")
        batch = batches.receive_batch(
            by=by,
            collection=home,
            mapping=mapping,
            stream=io.BytesIO(b"id,date_start\n1,MarkerImportRow\n"),
            filename="MarkerImport.csv",
            dry_run=False,
        )
        batches.run(batch.pk)
        self.markers[batch] = {"MarkerImport", str(batch.pk)}

    def persona(self, name):
        return User.objects.get(pk=self.people[name].pk) if name in self.people else None

    def of(self, kind: str) -> list:
        return list(MODELS[kind].objects.all())

    def administered(self, word: str) -> list:
        """What the pages of administration are about: people, and a team that was given what others may not see."""
        return {"people": list(self.people.values()), "teams": [self.team]}.get(word, [])

    def sees(self, user, record) -> bool:
        if isinstance(record, AccessRequest):
            return user is not None and access.request_for(user, record.pk) is not None
        if isinstance(record, BreakGlass):
            return user is not None and access.glass_for(user, record.pk) is not None
        if isinstance(record, IntakeBatch) and (user is None or record.confidentiality > user.clearance):
            return False
        rows: SecuredQuerySet = type(record).objects.filter(pk=record.pk)
        return rows.permitted(user).exists()

    def markers_hidden_from(self, user) -> dict[str, str]:
        """Markers, codes and ids of what this person may not see, each with the name of its record."""
        hidden, known = {}, set()
        for record, words in self.markers.items():
            if self.sees(user, record):
                known |= words
            else:
                name = next((word for word in words if word.startswith("Marker")), "")
                hidden |= {word: f"{name} {word if word.startswith('Marker') else 'id or code'}" for word in words}
        return {word: name for word, name in hidden.items() if word not in known}

    def hidden_bytes(self):
        stream = io.BytesIO(b"MarkerElsewhereItem")
        stream.name = "copy.txt"
        return stream
