"""Two at the same moment: administrators who suspend each other, visitors who use one link."""

import threading

import pytest
from conftest import TESTS, person
from django.db import connections

from accounts import invitations, people
from accounts.errors import Refused
from accounts.models import User
from accounts.roles import Role


def at_once(*acts) -> list:
    """What each act returned or was refused with, started together in threads of their own."""
    start, found = threading.Barrier(len(acts)), {}

    def run(number, act):
        start.wait()
        try:
            found[number] = act()
        except Refused as error:
            found[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[number] for number in range(len(acts))]


@pytest.mark.parametrize("round_", range(3))
def test_administrators_who_suspend_each_other_leave_one(committed_database, round_):
    pair = [person(Role.ADMINISTRATOR), person(Role.ADMINISTRATOR)]
    first, second = (User.objects.get(pk=one.pk) for one in pair)
    outcomes = at_once(
        lambda: people.suspend(by=first, user=User.objects.get(pk=second.pk), reason="a quarrel"),
        lambda: people.suspend(by=second, user=User.objects.get(pk=first.pk), reason="a quarrel"),
    )
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
    assert User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).count() == 1


@pytest.mark.parametrize("round_", range(3))
def test_a_link_used_twice_at_once_sets_one_password(committed_database, round_):
    issued = invitations.invite(by=TESTS, email="n@example.org", name="N", role="analyst", clearance=1)
    words = ["seven quiet rivers bend north", "nine loud mountains lean south"]
    outcomes = at_once(
        *(
            lambda word=word: invitations.accept(by=TESTS, invitation=issued.invitation, name="N", password=word)
            for word in words
        )
    )
    (lost,) = [number for number, outcome in enumerate(outcomes) if isinstance(outcome, Refused)]
    user = User.objects.get(email="n@example.org")
    assert user.check_password(words[1 - lost])
    assert not user.check_password(words[lost])
