"""What a change of clearance, role or team would open: the numbers are those of the gate after the change."""

import pytest
from conftest import TESTS, person

from accounts import people, teams
from accounts.grants import keeping_scopes
from evidence import access, reach
from evidence.models import Incident


@pytest.fixture
def levels(log, investigator):
    investigator.clearance = 4
    investigator.save()
    return [log(confidentiality=level) for level in (2, 3, 4)]


@pytest.fixture
def newcomer(collection, investigator):
    user = person("analyst", clearance=2)
    access.grant(by=TESTS, record=collection, permission="view", reason="test", user=user)
    return user


def test_a_clearance_is_counted_as_the_gate_would_after_it(levels, newcomer, administrator):
    expected = []
    for clearance in range(5):
        found = reach.count(newcomer, clearance=clearance)
        people.change_access(
            by=administrator, user=newcomer, role="analyst", clearance=clearance, reason="for the test"
        )
        assert found["incident"] == Incident.objects.permitted(newcomer).count()
        expected.append(found["incident"])
    assert expected == [0, 0, 1, 2, 3]


def test_a_role_that_reads_nothing_counts_nothing(levels, newcomer):
    assert reach.count(newcomer, role="auditor") == dict.fromkeys(reach.KINDS, 0)


def test_a_team_is_counted_before_anybody_joins(levels, collection, investigator, reviewer):
    outsider = person("analyst", clearance=3)
    team = teams.form_team(by=TESTS, name_en="Team", name_ko="", members=[reviewer])
    access.grant(by=TESTS, record=collection, permission="view", reason="test", group=team.group)
    compared = {kind: numbers for kind, *numbers in reach.compare(outsider, joining=team)}
    assert compared["incident"] == [0, 2]
    assert compared["collection"] == [0, 1]
    assert not outsider.groups.exists()
    assert not Incident.objects.permitted(outsider).exists()


def test_a_denial_of_the_team_counts_too(levels, collection, investigator, newcomer, reviewer):
    team = teams.form_team(by=TESTS, name_en="Team", name_ko="", members=[reviewer])
    access.deny(by=person("administrator"), record=collection, reason="a conflict", group=team.group)
    compared = {kind: numbers for kind, *numbers in reach.compare(newcomer, joining=team)}
    assert compared["incident"] == [1, 0]


def test_counting_leaves_what_the_request_resolved_alone(levels, newcomer):
    with keeping_scopes():
        assert Incident.objects.permitted(newcomer).count() == 1
        assert reach.count(newcomer, clearance=4)["incident"] == 3
        assert Incident.objects.permitted(newcomer).count() == 1


def test_a_suspended_person_is_counted_as_she_would_come_back(levels, newcomer, administrator):
    people.suspend(by=administrator, user=newcomer, reason="for the test")
    assert reach.count(newcomer)["incident"] == 1
    assert not Incident.objects.permitted(newcomer).exists()
