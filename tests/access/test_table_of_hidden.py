"""Role × action of the API × kind of hidden record × status: whatever hides it, the answer is that of a missing one."""

from functools import partial

import pytest
from bodies import Bodies
from django.db import transaction
from test_table import ROLES, TABLE, actions, ask
from test_table_of_pages import KINDS, hide

from accounts import grants

HOW = ("restricted", "above the clearance", "denied")
# Actions on one record, by what stands before the dot; `create` and `list` are about none.
ON_RECORDS = ("incident", "item", "person", "source", "file", "classification", "link", "decision", "consent", "hold")
WITHOUT_RECORD = ("list", "create", "due", "years", "map", "timeline", "export", "bulk")


def rows() -> list[str]:
    found = [name for name in TABLE if name.split(".")[0] in ON_RECORDS]
    return sorted(name for name in found if name.split(".")[1] not in WITHOUT_RECORD)


def expected(name: str, role: str) -> int:
    """What the role does not include stays refused; everything else does not exist."""
    status = TABLE[name][role]
    return status if status in (401, 403) else 404


def test_every_action_on_a_record_is_among_them():
    assert set(rows()) <= set(actions())
    assert len(rows()) > 30


@pytest.fixture
def everybody(request, collection):
    people = {name: request.getfixturevalue(name) for name in ROLES[:-1]}
    for name in ROLES[:-2]:
        grants.give(by=None, record=collection, permission="manage", reason="test", user=people[name])
    return people


def hide_all(records, how: str, users) -> None:
    for record in records:
        hide(record, how, users)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("name", rows())
def test_a_record_of_any_hidden_kind_has_no_action(request, everybody, collection, investigator, file, name, how):
    records = [request.getfixturevalue(fixture) for fixture in KINDS.values()]
    for role in ROLES:
        if expected(name, role) != 404 and how != HOW[0]:
            continue  # refused before any record is looked for: once is enough
        kept_out = [everybody[role]] if role in ROLES[:-2] else []
        with transaction.atomic():
            bodies = Bodies(request, collection, investigator)
            before = partial(hide_all, records, how, kept_out)
            assert ask(bodies, name, everybody.get(role), before=before) == expected(name, role), role
            transaction.set_rollback(True)
