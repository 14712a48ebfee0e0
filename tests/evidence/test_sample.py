"""The invented sample: loads once, holds what it says, keeps to the gate, and leaks nothing into the ledger.

A TestCase, unlike its neighbours: loading takes seconds, and setUpTestData loads once for all the tests of a class.
"""

import io
import json
import stat
import struct
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from conftest import person
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings

from accounts.errors import Invalid
from accounts.models import User
from accounts.people import set_password
from accounts.roles import Act as Deed
from accounts.roles import Permission, may
from custody import ledger
from custody.models import Entry
from evidence import access, sample
from evidence.models import (
    Classification,
    Collection,
    File,
    Grading,
    Incident,
    Involvement,
    Item,
    Link,
    Person,
    Review,
    ReviewStatus,
    Source,
)
from evidence.sample import files, people, story

VERIFICATIONS = {"unverified", "in_progress", "partially_corroborated", "corroborated", "verified", "inconclusive",
                 "contradicted", "inauthentic", "withdrawn"}  # fmt: skip


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("load_sample", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def passwords() -> dict:
    return json.loads(people.accounts_file().read_text())


def as_persona(persona: str) -> User:
    return User.objects.get(email=people.address(persona))


class Reach:
    """Which rows each person may reach, asked of the gate once for each model, person and permission."""

    def __init__(self):
        self._found: dict = {}

    def of(self, model, user: User, permission: str) -> set:
        key = (model, user.pk, permission)
        if key not in self._found:
            self._found[key] = set(model.objects.permitted(user, permission).values_list("pk", flat=True))
        return self._found[key]


class SampleTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        folder = TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        settings = override_settings(VAR_DIR=Path(folder.name))
        settings.enable()
        cls.addClassCleanup(settings.disable)
        cls.said, _ = run()

    def test_says_what_it_made(self):
        assert "45 incidents" in self.said
        assert str(people.accounts_file()) in self.said

    def test_a_second_run_changes_nothing_and_says_so(self):
        before, accounts = Entry.objects.count(), people.accounts_file().read_bytes()
        said, complaint = run()
        assert said == "The sample is already here. Nothing was changed.\n"
        assert complaint == ""
        assert Entry.objects.count() == before
        assert people.accounts_file().read_bytes() == accounts

    def test_accounts_file_is_for_its_owner_only_and_stands_alone(self):
        path = people.accounts_file()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [found.name for found in path.parent.iterdir()] == [path.name]

    def test_every_persona_can_sign_in(self):
        accounts = passwords()
        assert set(accounts) == set(people.PERSONAS)
        assert len({account["password"] for account in accounts.values()}) == len(accounts)
        for persona, account in accounts.items():
            assert len(account["password"]) >= 20
            user = authenticate(request=None, email=account["email"], password=account["password"])
            assert user is not None, persona
            assert user.role == people.PERSONAS[persona][1]

    def test_new_passwords_replace_the_old_ones(self):
        old = passwords()
        text = people.accounts_file().read_bytes()
        self.addCleanup(people.accounts_file().write_bytes, text)
        run("--reset-passwords")
        for persona, account in passwords().items():
            user = as_persona(persona)
            assert user.check_password(account["password"])
            assert not user.check_password(old[persona]["password"])
        assert Entry.objects.filter(act="account.password_set").count() == len(people.PERSONAS)

    def test_a_missing_accounts_file_is_told_and_not_made_up(self):
        text = people.accounts_file().read_bytes()
        people.accounts_file().unlink()
        try:
            said, complaint = run()
            assert not people.accounts_file().exists()
        finally:
            people.write_accounts({})
            people.accounts_file().write_bytes(text)
        assert said == ""
        assert "--reset-passwords" in complaint

    def test_every_incident_speaks_both_languages(self):
        for incident in Incident.objects.all():
            assert incident.title_en and incident.title_ko
            assert len(incident.narrative_en) > 150
            assert any("가" <= letter <= "힣" for letter in incident.narrative_ko)
            assert not any("가" <= letter <= "힣" for letter in incident.narrative_en)

    def test_every_status_is_shown(self):
        assert set(Incident.objects.values_list("review_status", flat=True)) == set(ReviewStatus.values)
        assert set(Incident.objects.values_list("verification_status", flat=True)) == VERIFICATIONS
        assert set(Classification.objects.values_list("status", flat=True)) == {"alleged", "supported", "rejected"}
        assert Link.objects.filter(function="exonerating", stance="contradicts").exists()
        assert Involvement.objects.filter(count_min__isnull=False, count_max__isnull=False).exists()
        assert Involvement.objects.filter(organisation__isnull=False).exists()

    def test_no_rejected_or_supported_classification_lacks_its_reason(self):
        assert not Classification.objects.exclude(status="alleged").filter(rationale="").exists()

    def test_some_sources_have_a_history_of_gradings(self):
        assert max(source.gradings.count() for source in Source.objects.all()) >= 3

    def test_dates_and_places_are_derived(self):
        for incident in Incident.objects.all():
            assert incident.place_id in incident.place_path
            assert incident.date_earliest or incident.date_latest

    def test_levels_carry_the_persons_linked(self):
        for one in Involvement.objects.filter(person__is_protected=True).select_related("act__incident", "person"):
            assert one.act.incident.effective_level >= one.person.floor
        assert set(Incident.objects.values_list("effective_level", flat=True)) >= {1, 2, 3}

    def test_authors_may_do_what_they_did(self):
        reach = Reach()
        for model in (Incident, Item, Person, Source):
            for row in model.objects.select_related("created_by"):
                assert row.pk in reach.of(model, row.created_by, Permission.CONTRIBUTE), row
        for review in Review.objects.select_related("created_by", "incident"):
            own = review.decision in ("submitted", "withdrawn")
            permission = Permission.CONTRIBUTE if own else Permission.REVIEW
            assert review.incident_id in reach.of(Incident, review.created_by, permission), review.incident.title_en
            assert may(review.created_by, Deed.RECORD if own else Deed.REVIEW)
        for row in Classification.objects.select_related("assessed_by", "act__incident"):
            assert row.act.incident_id in reach.of(Incident, row.assessed_by, Permission.CONTRIBUTE), row.act.incident
        for grading in Grading.objects.select_related("created_by", "source"):
            assert grading.source_id in reach.of(Source, grading.created_by, Permission.VIEW), grading.source.title
            assert may(grading.created_by, Deed.ASSESS)

    def test_authors_see_both_ends_of_their_links(self):
        reach = Reach()
        for link in Link.objects.select_related("created_by"):
            assert link.pk in reach.of(Link, link.created_by, Permission.VIEW)

    def test_what_each_persona_sees(self):
        seen = {persona: Incident.objects.permitted(as_persona(persona)).count() for persona in people.PERSONAS}
        cluster = Incident.objects.filter(collection__name_en__startswith="North-East").count()
        assert seen["investigator"] == seen["investigator2"] == 45
        assert seen["reviewer"] == 45 - cluster + 1  # one record of the cluster is shared with the reviewer
        assert seen["reviewer"] > seen["analyst"] > 30
        assert {seen[name] for name in ("administrator", "administrator2", "auditor", "mechanism")} == {0}

    def test_names_and_accounts_stay_out_of_the_envelopes(self):
        envelopes = "\n".join(json.dumps(entry.content, ensure_ascii=False) for entry in Entry.objects.all())
        told = [name["value"] for person in story.read("persons") for name in person["given"]["names"]]
        for row in story.read("incidents"):
            told += [row["given"][name] for name in ("title_en", "title_ko", "narrative_en", "narrative_ko")]
            told += [step.get(name, "") for step in row["steps"] for name in ("note", "rationale", "reason")]
        for model in (User, Collection, Source, Item):
            fields = {"email", "name", "name_en", "name_ko", "title", "title_en", "title_ko"}
            for row in model.objects.values(*fields & {field.name for field in model._meta.fields}):
                told += row.values()
        told = [text for text in told if text]
        assert len(told) > 300
        assert [text for text in told if text in envelopes] == []

    def test_names_of_persons_are_in_no_payload_either(self):
        bodies = "\n".join(
            bytes(payload.body).decode() for entry in Entry.objects.all() for payload in entry.payloads.all()
        )
        told = [name["value"] for person in story.read("persons") for name in person["given"]["names"]]
        assert [name for name in told if name in bodies] == []

    def test_files_are_told_apart_by_content(self):
        found = set(File.objects.values_list("media_type", flat=True))
        assert found >= {"text/plain", "image/png", "application/pdf"}

    def test_whatever_the_sample_says_is_marked_invented(self):
        for collection in Collection.objects.all():
            assert "invented" in collection.name_en and "가상" in collection.name_ko


def test_an_occupied_repository_gets_no_sample(investigator):
    access.open_collection(by=person("administrator"), name_en="Real work", preset_level=2)
    before, accounts = Entry.objects.count(), User.objects.count()
    said, complaint = run()
    assert said == "" and "already in use" in complaint
    assert (Entry.objects.count(), User.objects.count()) == (before, accounts)


def test_a_sample_that_fails_leaves_nothing(db, monkeypatch, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(story._Story, "record_sources", lambda self, rows: 1 / 0)
    before = Entry.objects.count()
    with pytest.raises(ZeroDivisionError):
        sample.load()
    assert sample.state() is sample.State.ABSENT
    assert Entry.objects.count() == before
    assert not people.accounts_file().exists()


def test_reset_refuses_without_a_sample(db):
    with pytest.raises(CommandError, match="no sample"):
        run("--reset-passwords")


def test_set_password_refuses_a_short_one(investigator):
    with pytest.raises(Invalid) as refusal:
        set_password(by=ledger.Service("tests"), user=investigator, password="short")
    assert refusal.value.field == "password"
    assert not Entry.objects.filter(act="account.password_set").exists()


def test_a_file_that_cannot_be_put_in_place_leaves_no_draft(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    people.accounts_file().mkdir()
    with pytest.raises(OSError):
        people.write_accounts({"auditor": "not a password"})
    assert list(tmp_path.iterdir()) == [people.accounts_file()]


def test_a_picture_is_a_png_of_the_stated_size():
    made = files.content({"make": "picture", "background": 200, "rectangles": [[470, 290, 50, 50, 0]]})
    assert made.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", made[16:24]) == (files.WIDTH, files.HEIGHT)


def test_a_pdf_points_at_its_own_table():
    made = files.content({"make": "pdf", "lines": ["A (bracketed) line \\ here"]})
    start = int(made.rsplit(b"startxref\n", 1)[1].split()[0])
    assert made[start : start + 4] == b"xref"
    first = int(made[start:].split(b"\n")[3][:10])
    assert made[first:].startswith(b"1 0 obj")
