"""Two acts at once that together do what neither may alone."""

import threading

import pytest
from conftest import TESTS, person
from django.db import connections, transaction

from accounts import teams
from accounts.errors import Refused
from accounts.grants import permits
from accounts.models import Team, User
from evidence import access, protection, recording
from evidence.models import BreakGlass, ProviderCondition


def held_apart(first, second):
    """Run `first` and keep its transaction open until `second` has returned or waits for it."""
    done, go, found = threading.Event(), threading.Event(), {}

    def run_first():
        try:
            with transaction.atomic():
                found["first"] = first()
                done.set()
                go.wait(3)
        except Refused as error:
            found["first"] = error
            done.set()
        finally:
            connections.close_all()

    def run_second():
        done.wait(5)
        try:
            found["second"] = second()
        except Refused as error:
            found["second"] = error
        finally:
            go.set()
            connections.close_all()

    threads = [threading.Thread(target=run_first), threading.Thread(target=run_second)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    return found


@pytest.mark.parametrize("order", ["join first", "grant first"])
def test_an_administrator_alone_does_not_get_in_by_joining_and_granting_at_once(committed_database, order):
    admin = person("administrator", clearance=4)
    team = teams.form_team(by=TESTS, name_en="T", name_ko="", members=[person("analyst")])
    home = access.open_collection(by=person("administrator"), name_en="Hidden", preset_level=2)
    me = lambda: User.objects.get(pk=admin.pk)  # noqa: E731
    join = lambda: teams.join_team(by=me(), team=Team.objects.get(pk=team.pk), user=me(), reason="helps them")  # noqa
    give = lambda: access.grant(  # noqa: E731
        by=me(), record=home, permission="view", reason="they work on it", group=team.group
    )
    found = held_apart(*((join, give) if order == "join first" else (give, join)))
    assert not permits(me(), home), found


def test_two_words_of_a_provider_at_once_leave_one(committed_database):
    home = access.open_collection(by=person("administrator"), name_en="H", preset_level=1)
    user = person("investigator")
    access.grant(by=TESTS, record=home, permission="contribute", reason="t", user=user)
    source = recording.record_source(by=user, collection=home, given={"title": "R", "kind": "cso"})

    def word(allowed):
        return lambda: protection.set_condition(
            by=User.objects.get(pk=user.pk), record=source, use="share_icc", recipient="icc_otp", is_allowed=allowed
        )

    found = held_apart(word(True), word(False))
    assert ProviderCondition.objects.filter(ended_at=None).count() == 1, found


def test_glass_breaks_five_times_also_at_once(committed_database):
    home = access.open_collection(by=person("administrator"), name_en="H", preset_level=1)
    user, outsider = person("investigator"), person("analyst")
    access.grant(by=TESTS, record=home, permission="contribute", reason="t", user=user)
    records = [recording.record_source(by=user, collection=home, given={"title": "R", "kind": "cso"}) for _ in range(6)]

    def smash(row):
        return lambda: access.break_glass(
            by=User.objects.get(pk=outsider.pk), code=row.code, reason="Somebody is in danger this morning."
        )

    for row in records[:4]:
        smash(row)()
    held_apart(smash(records[4]), smash(records[5]))
    assert BreakGlass.objects.filter(person=outsider).count() == 5


def test_two_denials_lifted_at_once_do_not_let_their_lifter_in(committed_database):
    admin, other = person("administrator", clearance=4), person("administrator")
    home = access.open_collection(by=other, name_en="Hidden", preset_level=2)
    team = teams.form_team(by=TESTS, name_en="T2", name_ko="", members=[User.objects.get(pk=admin.pk)])
    access.grant(by=other, record=home, permission="view", reason="names", user=admin)
    access.deny(by=other, record=home, reason="conflict", user=admin)
    access.deny(by=other, record=home, reason="conflict", group=team.group)
    me = lambda: User.objects.get(pk=admin.pk)  # noqa: E731
    lift = lambda **who: lambda: access.lift_denial(by=me(), record=home, reason="over now", **who)  # noqa: E731
    found = held_apart(lift(user=me()), lift(group=team.group))
    assert not permits(me(), home), found


def test_two_first_words_of_a_person_at_once_leave_one(committed_database):
    home = access.open_collection(by=person("administrator"), name_en="H", preset_level=1)
    user = person("investigator")
    access.grant(by=TESTS, record=home, permission="contribute", reason="t", user=user)
    her = recording.record_person(by=user, collection=home, given={"risk": "low", "note": "n"})
    given = {"use": "share_icc", "recipient": "icc_otp", "given_on": "2019", "form": "written_signed"}

    def word(status):
        return lambda: protection.record_consent(
            by=User.objects.get(pk=user.pk), person=her, given=given | {"status": status}
        )

    found = held_apart(word("denied"), word("granted"))
    from evidence.models import Consent

    assert Consent.objects.filter(superseded_by=None).count() == 1, found
