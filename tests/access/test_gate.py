"""The rule of docs/access.md: deny by default, clearance as a ceiling, denial over grants, restricted records."""

from datetime import timedelta

import pytest
from conftest import TESTS, person, simple
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts import grants
from accounts.errors import Invalid
from accounts.grants import Permission, permits
from accounts.roles import Role
from accounts.teams import form_team
from custody.models import Entry
from evidence import access, intake, recording
from evidence.models import Act, Collection, Denial, Incident, Involvement, Item, Link, Person

LATER, EARLIER = timedelta(days=1), timedelta(days=-1)


@pytest.fixture
def outsider(db):
    return person(Role.INVESTIGATOR, clearance=4)


def sees(user, record, permission=Permission.VIEW) -> bool:
    """What the gate says, asked in each of its ways; they must agree."""
    rows = type(record).objects.permitted(user, permission)
    single = permits(user, record, permission)
    assert single == (record.pk in set(rows.values_list("pk", flat=True)))
    assert single == bool(rows.filter(pk=record.pk).count())
    assert single == user.has_perm(f"evidence.{permission}_{record._meta.model_name}", record)
    return single


def grant(record, user, permission=Permission.VIEW, **when):
    return grants.give(record=record, permission=permission, by=None, reason="test", user=user, **when)


def deny(by, **ends):
    return Denial.objects.create(reason="conflict of interest", denied_by=by, **ends)


def restrict(record):
    type(record).objects.filter(pk=record.pk).update(inherits_access=False)
    record.refresh_from_db()


def test_nobody_sees_anything_without_a_grant(incident, item, protected, source, collection, outsider):
    assert not any(sees(outsider, record) for record in (incident, item, protected, source, collection))


def test_a_grant_on_the_collection_opens_its_records(incident, item, protected, source, collection, outsider):
    grant(collection, outsider)
    assert all(sees(outsider, record) for record in (incident, item, protected, source, collection))


def test_a_grant_on_another_collection_opens_nothing(incident, outsider, other_collection):
    grant(other_collection, outsider)
    assert not sees(outsider, incident)


def test_clearance_is_a_ceiling_for_every_kind_of_grant(incident, collection, outsider):
    grant(collection, outsider)
    grant(incident, outsider)
    for clearance in range(5):
        outsider.clearance = clearance
        outsider.save()
        assert sees(outsider, incident) == (clearance >= incident.effective_level)


def test_the_effective_level_counts_not_the_own_one(incident, collection, outsider):
    grant(collection, outsider)
    outsider.clearance = incident.confidentiality
    outsider.save()
    Incident.objects.filter(pk=incident.pk).update(effective_level=incident.confidentiality + 1)
    incident.refresh_from_db()
    assert not sees(outsider, incident)


def test_a_denial_on_the_record_beats_every_grant(incident, collection, investigator, outsider):
    grant(collection, outsider, Permission.MANAGE)
    grant(incident, outsider, Permission.MANAGE)
    deny(investigator, user=outsider, incident=incident)
    assert not sees(outsider, incident)
    assert sees(outsider, collection)


def test_a_denial_on_the_collection_beats_a_grant_on_the_record(incident, collection, investigator, outsider):
    grant(collection, outsider)
    grant(incident, outsider)
    deny(investigator, user=outsider, collection=collection)
    assert not sees(outsider, incident)
    assert not sees(outsider, collection)


def test_a_denial_of_the_team_beats_the_own_grant(incident, collection, investigator, outsider):
    grant(collection, outsider)
    team = form_team(by=TESTS, name_en="Conflicted", name_ko="", members=[outsider])
    deny(investigator, group=team.group, incident=incident)
    assert not sees(outsider, incident)


def test_a_denial_of_somebody_else_takes_nothing(incident, collection, investigator, outsider):
    grant(collection, outsider)
    deny(investigator, user=person(Role.ANALYST), incident=incident)
    assert sees(outsider, incident)


@pytest.mark.parametrize(
    ("begins", "expires", "open_now"),
    [(None, None, True), (EARLIER, LATER, True), (EARLIER, EARLIER, False), (LATER, None, False)],
    ids=["unlimited", "in force", "expired", "not begun"],
)
@pytest.mark.parametrize("on", ["collection", "incident"])
def test_only_a_grant_in_force_counts(incident, collection, outsider, begins, expires, open_now, on):
    now = timezone.now()
    when = {"begins_at": begins and now + begins, "expires_at": expires and now + expires}
    grant({"collection": collection, "incident": incident}[on], outsider, **when)
    assert sees(outsider, incident) == open_now


def test_an_expired_grant_of_a_team_does_not_count(incident, collection, outsider):
    team = form_team(by=TESTS, name_en="Team", name_ko="", members=[outsider])
    yesterday = timezone.now() + EARLIER
    row = grants.give(
        record=collection, permission="view", by=None, reason="test", group=team.group, expires_at=yesterday
    )
    assert not sees(outsider, incident)
    type(row).objects.filter(pk=row.pk).update(expires_at=None)
    assert sees(outsider, incident)


def test_who_leaves_the_team_loses_its_grants(incident, collection, outsider):
    team = form_team(by=TESTS, name_en="Team", name_ko="", members=[outsider])
    grants.give(record=collection, permission="view", by=None, reason="test", group=team.group)
    assert sees(outsider, incident)
    outsider.groups.clear()
    assert not sees(outsider, incident)


def test_a_restricted_record_is_absent_for_those_of_the_collection(incident, collection, investigator, outsider):
    restrict(incident)
    grant(collection, outsider, Permission.MANAGE)
    assert not sees(outsider, incident)
    grant(incident, outsider)
    assert sees(outsider, incident)


def test_a_grant_on_a_record_opens_neither_collection_nor_siblings(incident, log, item, collection, outsider):
    sibling = log()
    grant(incident, outsider)
    assert [sees(outsider, record) for record in (incident, sibling, item, collection)] == [True, False, False, False]


@pytest.mark.parametrize(
    ("given", "satisfies"),
    [
        (Permission.VIEW, {Permission.VIEW}),
        (Permission.CONTRIBUTE, {Permission.VIEW, Permission.CONTRIBUTE}),
        (Permission.REVIEW, {Permission.VIEW, Permission.REVIEW}),
        (Permission.MANAGE, set(Permission)),
    ],
)
def test_a_wider_permission_includes_the_narrower(incident, collection, given, satisfies):
    user = person(Role.REVIEWER)
    grant(collection, user, given)
    assert {permission for permission in Permission if sees(user, incident, permission)} == satisfies


@pytest.mark.parametrize(
    ("role", "usable"),
    [
        (Role.INVESTIGATOR, {"view", "contribute", "manage"}),
        (Role.REVIEWER, {"view", "contribute", "review", "manage"}),
        (Role.ANALYST, {"view", "contribute"}),
        (Role.ADMINISTRATOR, {"view"}),
        (Role.AUDITOR, set()),
        (Role.MECHANISM, set()),
    ],
)
def test_the_role_is_a_ceiling(incident, collection, role, usable):
    user = person(role, clearance=4)
    for record in (collection, incident):
        grant(record, user, Permission.MANAGE)
    assert {str(permission) for permission in Permission if sees(user, incident, permission)} == usable


def test_a_superuser_gets_nothing_by_being_one(incident, collection, outsider):
    outsider.is_superuser = True
    outsider.save()
    assert not sees(outsider, incident)
    assert not sees(outsider, collection)


def test_an_inactive_person_gets_nothing(incident, collection, outsider):
    grant(collection, outsider)
    outsider.is_active = False
    outsider.save()
    assert not sees(outsider, incident)


@pytest.mark.parametrize("user", [None, AnonymousUser()], ids=["none", "anonymous"])
def test_nobody_signed_in_gets_nothing(incident, user):
    assert not Incident.objects.permitted(user).exists()
    assert not Act.objects.permitted(user).exists()


def test_an_unknown_permission_gives_nothing(incident, investigator):
    assert not Incident.objects.permitted(investigator, "own").exists()


def test_model_level_permissions_give_no_record(incident, outsider):
    from django.contrib.auth.models import Permission as Row

    outsider.user_permissions.set(Row.objects.filter(content_type__app_label="evidence"))
    assert not sees(outsider, incident)


def test_has_perm_answers_for_the_own_kind_of_record_only(incident, investigator):
    assert investigator.has_perm("evidence.view_incident", incident)
    assert not investigator.has_perm("evidence.view_item", incident)
    assert not investigator.has_perm("view", incident)
    assert not investigator.has_perm("evidence.view_user", investigator)


def test_a_revoked_grant_counts_at_once(incident, collection, investigator, outsider):
    with grants.keeping_scopes():
        access.grant(by=TESTS, record=collection, permission="view", reason="test", user=outsider)
        assert sees(outsider, incident)
        access.revoke(by=TESTS, record=collection, permission="view", reason="over", user=outsider)
        assert not sees(outsider, incident)


def test_a_denial_counts_at_once_and_so_does_its_end(incident, item, collection, investigator, outsider):
    with grants.keeping_scopes():
        grant(collection, outsider)
        assert sees(outsider, incident)
        for record in (incident, item, collection):
            access.deny(by=person("administrator"), record=record, reason="conflict of interest", user=outsider)
            assert not sees(outsider, record if record is not collection else incident)
            access.lift_denial(by=person("administrator"), record=record, reason="over", user=outsider)
            assert sees(outsider, incident)


def test_a_denial_of_a_team_counts_for_its_members(incident, collection, investigator, outsider):
    team = form_team(by=TESTS, name_en="Conflicted", name_ko="", members=[outsider])
    grant(collection, outsider)
    access.deny(by=person("administrator"), record=incident, reason="conflict of interest", group=team.group)
    assert not sees(outsider, incident)


def test_taking_back_what_was_never_given_changes_nothing(collection, investigator, outsider):
    access.revoke(by=TESTS, record=collection, permission="view", reason="over", user=outsider)
    assert not Entry.objects.filter(act="access.revoked").exists()


def test_denying_twice_and_lifting_nothing_write_one_entry(incident, investigator, outsider):
    for _time in range(2):
        access.deny(by=person("administrator"), record=incident, reason="conflict of interest", user=outsider)
    for _time in range(2):
        access.lift_denial(by=person("administrator"), record=incident, reason="over", user=outsider)
    acts = list(
        Entry.objects.filter(object_id=str(incident.pk), act__startswith="access.").values_list("act", flat=True)
    )
    assert sorted(acts) == ["access.denial_lifted", "access.denied"]


@pytest.mark.parametrize("verb", [access.deny, access.lift_denial])
def test_a_denial_names_a_person_or_a_team_and_a_reason(verb, incident, administrator, outsider):
    with pytest.raises(Invalid, match="name one of them"):
        verb(by=administrator, record=incident, reason="conflict of interest")
    with pytest.raises(Invalid):
        verb(by=administrator, record=incident, reason=" ", user=outsider)


def test_new_records_start_at_the_highest_level_unless_the_collection_says_otherwise(investigator):
    home = access.open_collection(by=person("administrator"), name_en="No preset")
    assert home.level_for_new == 4
    assert Incident(collection=home).effective_level == 4


@pytest.fixture
def involved(log, protected):
    act = {"involvements": [{"role": "victim", "person": str(protected.pk)}, {"role": "victim", "count_min": 2}]}
    return log(acts=[act])


def test_an_involvement_is_hidden_with_its_person(involved, protected, reviewer):
    rows = Involvement.objects.filter(act__incident=involved)
    assert rows.permitted(reviewer).count() == 2
    restrict(protected)
    assert [row.person for row in rows.permitted(reviewer)] == [None]


def test_an_involvement_is_hidden_with_its_incident(involved, protected, reviewer):
    restrict(involved)
    assert sees(reviewer, protected)
    assert not Involvement.objects.filter(person=protected).permitted(reviewer).exists()
    assert not Act.objects.filter(incident=involved).permitted(reviewer).exists()


def test_a_link_is_hidden_when_any_of_its_ends_is(item, incident, protected, investigator, reviewer):
    for target in (incident, incident.acts.first(), protected):
        recording.link(by=investigator, item=item, target=target)
    assert Link.objects.filter(item=item).permitted(reviewer).count() == 3
    restrict(incident)
    assert [row.person for row in Link.objects.filter(item=item).permitted(reviewer)] == [protected]
    restrict(protected)
    assert not Link.objects.filter(item=item).permitted(reviewer).exists()


def test_a_link_is_hidden_with_its_item(item, incident, investigator, reviewer):
    recording.link(by=investigator, item=item, target=incident)
    restrict(item)
    assert not Link.objects.filter(incident=incident).permitted(reviewer).exists()


def test_contributing_to_a_link_needs_it_at_the_first_end_and_sight_of_the_others(
    item, incident, investigator, collection, outsider
):
    row = recording.link(by=investigator, item=item, target=incident)
    rows = Link.objects.filter(pk=row.pk)
    grant(incident, outsider, Permission.CONTRIBUTE)
    grant(item, outsider, Permission.VIEW)
    assert (rows.permitted(outsider).exists(), rows.permitted(outsider, "contribute").exists()) == (True, False)
    grant(item, outsider, Permission.CONTRIBUTE)
    assert rows.permitted(outsider, "contribute").exists()


def test_a_file_is_judged_by_its_item(file, item, reviewer):
    assert type(file).objects.filter(pk=file.pk).permitted(reviewer).exists()
    restrict(item)
    assert not type(file).objects.filter(pk=file.pk).permitted(reviewer).exists()


def test_evidence_is_judged_by_its_own_columns_not_through_the_incident(incident, item, investigator, outsider):
    recording.link(by=investigator, item=item, target=incident)
    grant(incident, outsider)
    assert not sees(outsider, item)


def test_many_collections_are_judged_like_few(investigator, log, collection, outsider, monkeypatch):
    """Past the literal lists the rule is a sub-query; it must say the same."""
    monkeypatch.setattr(grants, "MAX_LITERAL_COLLECTIONS", 0)
    shown, hidden, other = log(), log(), log()
    grant(collection, outsider)
    restrict(hidden)
    deny(investigator, user=outsider, incident=other)
    assert [sees(outsider, record) for record in (shown, hidden, other)] == [True, False, False]


def test_many_own_records_are_judged_like_few(log, outsider, monkeypatch):
    monkeypatch.setattr(grants, "MAX_LITERAL_RECORDS", 1)
    records = [log() for _ in range(4)]
    for record in records[:3]:
        grant(record, outsider)
    assert [sees(outsider, record) for record in records] == [True, True, True, False]


def test_every_secured_model_is_registered():
    secured = {model.__name__ for model in grants._secured}
    assert secured == {"Collection", "Incident", "Item", "Person", "Source", "Situation"}
    assert all(model.objects.none().permitted for model in (Collection, Item, Person))


def test_a_scope_is_kept_for_one_request_only(incident, collection, outsider, django_assert_num_queries):
    with grants.keeping_scopes():
        assert not Incident.objects.permitted(outsider).exists()
    grant(collection, outsider)
    assert Incident.objects.permitted(outsider).exists()


def test_an_item_in_another_collection_does_not_show_through_a_shared_source(
    collection, other_collection, source, stranger, investigator
):
    given = {"kind": "testimony", "title_en": "Elsewhere"}
    elsewhere = intake.receive_item(by=stranger, collection=other_collection, given=given)
    Item.objects.filter(pk=elsewhere.pk).update(source=source)
    assert not sees(investigator, elsewhere)
    recording.log_incident(by=stranger, collection=other_collection, given=simple())
    assert Incident.objects.permitted(investigator).count() == 0
