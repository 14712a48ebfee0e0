"""Tells the sample: reads data/*.json and calls one verb after the other, as the people of the sample would.

In the data, people, teams, collections and records are named by short keys; here they become the records made before.
"""

import io
import json
from pathlib import Path

from accounts.models import User
from accounts.teams import form_team
from evidence import access, assessment, intake, recording
from evidence.models import Act, Incident, Organisation
from evidence.sample import files

DATA = Path(__file__).resolve().parent / "data"
REVIEW = {
    "submit": assessment.submit,
    "pass_on": assessment.pass_on,
    "return_to_author": assessment.return_to_author,
    "finalise": assessment.finalise,
    "withdraw": assessment.withdraw,
}


def read(name: str):
    """One file of data; `incidents` gathers its several files."""
    parts = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(DATA.glob(f"{name}*.json"))]
    return parts[0] if len(parts) == 1 else [row for part in parts for row in part]


def tell(people: dict[str, User]) -> dict[str, int]:
    """Make everything; returns how many records of each kind there are."""
    story = _Story(people)
    story.open_collections(read("access"))
    story.record_persons(read("persons"))
    story.record_sources(read("sources"))
    incidents = read("incidents")
    story.log_incidents(incidents)
    story.receive_items(read("items"))
    for row in incidents:
        for step in row["steps"]:
            story.take_step(row["key"], step)
    return story.counts()


class _Story:
    """What was made so far, by key."""

    def __init__(self, people: dict[str, User]):
        self.people = people
        self.collections: dict = {}
        self.persons: dict = {}
        self.sources: dict = {}
        self.incidents: dict[str, Incident] = {}
        self.items: dict = {}

    def counts(self) -> dict[str, int]:
        kinds = ("collections", "incidents", "persons", "sources", "items")
        return {kind: len(getattr(self, kind)) for kind in kinds}

    def open_collections(self, given: dict) -> None:
        """Form the teams, open the collections, and grant access to them."""
        teams = {}
        for row in given["teams"]:
            members = [self.people[name] for name in row["members"]]
            team = form_team(
                by=self.people["administrator"], name_en=row["name_en"], name_ko=row["name_ko"], members=members
            )
            teams[row["key"]] = team.group
        for row in given["collections"]:
            values = {name: value for name, value in row.items() if name not in ("key", "by")}
            self.collections[row["key"]] = access.open_collection(by=self.people[row["by"]], **values)
        for row in given["grants"]:
            to = {"group": teams[row["team"]]} if "team" in row else {"user": self.people[row["person"]]}
            access.grant(
                by=self.people[row["by"]],
                record=self.collections[row["collection"]],
                permission=row["permission"],
                reason=row["reason"],
                **to,
            )

    def _place(self, row: dict) -> dict:
        """Who records it and where, for the verbs that take both."""
        return {"by": self.people[row["by"]], "collection": self.collections[row["home"]]}

    def record_persons(self, rows: list[dict]) -> None:
        for row in rows:
            self.persons[row["key"]] = recording.record_person(**self._place(row), given=row["given"])

    def record_sources(self, rows: list[dict]) -> None:
        for row in rows:
            given = dict(row["given"])
            if "person" in given:
                given["person"] = self.persons[given["person"]].code
            source = self.sources[row["key"]] = recording.record_source(**self._place(row), given=given)
            for grading in row["gradings"]:
                values = {name: value for name, value in grading.items() if name != "by"}
                assessment.grade(by=self.people[grading["by"]], source=source, **values)

    def log_incidents(self, rows: list[dict]) -> None:
        organisations = dict(Organisation.objects.exclude(term=None).values_list("term", "code"))
        for row in rows:
            given = row["given"] | {"acts": [self._act(act, organisations) for act in row["given"]["acts"]]}
            self.incidents[row["key"]] = recording.log_incident(**self._place(row), given=given)

    def _act(self, act: dict, organisations: dict[str, str]) -> dict:
        involvements = []
        for one in act["involvements"]:
            one = dict(one)
            if "person" in one:
                one["person"] = self.persons[one["person"]].code
            if "organisation" in one:
                one["organisation"] = organisations[one["organisation"]]
            involvements.append(one)
        return act | {"involvements": involvements}

    def receive_items(self, rows: list[dict]) -> None:
        for row in rows:
            given = dict(row["given"])
            if "source" in given:
                given["source"] = self.sources[given["source"]].code
            item = self.items[row["key"]] = intake.receive_item(**self._place(row), given=given)
            by = self.people[row["by"]]
            for file in row["files"]:
                intake.receive_file(by=by, item=item, stream=io.BytesIO(files.content(file)), name=file["name"])
            for link in row["links"]:
                values = {name: link[name] for name in ("locator", "function", "stance")}
                recording.link(by=by, item=item, target=self._target(link), **values)

    def _target(self, link: dict):
        """An incident, one of its acts by position from 0, or a person."""
        if link["to"] in self.persons:
            return self.persons[link["to"]]
        incident = self.incidents[link["to"]]
        return self._act_of(incident, link["act"]) if "act" in link else incident

    @staticmethod
    def _act_of(incident: Incident, position: int) -> Act:
        return incident.acts.order_by("position")[position]

    def take_step(self, key: str, step: dict) -> None:
        """One step in the life of an incident after it was logged: review, assessment, revision, a grant of its own."""
        incident, by = self.incidents[key], self.people[step["by"]]
        incident.refresh_from_db()
        if step["do"] in REVIEW:
            REVIEW[step["do"]](by=by, incident=incident, note=step["note"])
        elif step["do"] == "revise":
            recording.revise_incident(
                by=by, incident=incident, given=step["given"], version=incident.version, reason=step["reason"]
            )
        elif step["do"] == "share":
            access.grant(
                by=by,
                record=incident,
                permission=step["permission"],
                reason=step["note"],
                user=self.people[step["to"]],
            )
        else:
            self._assess(incident, step, by=by)

    def _assess(self, incident: Incident, step: dict, *, by: User) -> None:
        act = self._act_of(incident, step["act"])
        values = {name: step[name] for name in ("standard", "rationale")}
        if step["do"] == "classify":
            assessment.classify(by=by, act=act, crime=step["crime"], **values)
        else:
            row = act.classifications.get(crime=step["crime"])
            assessment.assess(by=by, classification=row, status=step["status"], **values)
