"""The scenes of the verbs on people, tokens and erasure; `scenes` says what a scene is."""

from conftest import TESTS
from scenes import SECRET, scene

from accounts import people, redactions, tokens
from accounts.models import User
from custody import trail


@scene("accounts.people.invite")
def _(stage, tmp_path):
    return lambda: people.invite(
        by=TESTS, email=f"{SECRET}@example.org", name=SECRET, role="analyst", clearance=1, password=None
    )


@scene("accounts.people.signed_in")
def _(stage, tmp_path):
    return lambda: people.signed_in(by=stage.investigator, user=stage.investigator)


@scene("accounts.people.signed_out")
def _(stage, tmp_path):
    return lambda: people.signed_out(by=stage.investigator, user=stage.investigator)


@scene("accounts.people.sign_in_failed")
def _(stage, tmp_path):
    client = {"address": "192.0.2.7", "agent": SECRET}
    return lambda: people.sign_in_failed(by=TESTS, email=f"{SECRET}@example.org", client=client)


def erasable(stage):
    """(entry, a person, another) with a part that says too much."""
    people.sign_in_failed(by=TESTS, email="somebody@example.org")
    return trail.page(trail.Wanted(acts=("account.sign_in_failed",)))[0], stage.investigator, stage.reviewer


@scene("accounts.redactions.propose_erasure")
def _(stage, tmp_path):
    entry, first, _second = erasable(stage)
    return lambda: redactions.propose_erasure(by=first, entry_id=entry.entry_id, part="account", reason=SECRET)


@scene("accounts.redactions.decline_erasure")
def _(stage, tmp_path):
    entry, first, second = erasable(stage)
    redactions.propose_erasure(by=first, entry_id=entry.entry_id, part="account", reason=SECRET)
    return lambda: redactions.decline_erasure(by=second, entry_id=entry.entry_id, part="account", reason=SECRET)


@scene("accounts.redactions.carry_out_erasure")
def _(stage, tmp_path):
    entry, first, second = erasable(stage)
    redactions.propose_erasure(by=first, entry_id=entry.entry_id, part="account", reason=SECRET)
    return lambda: redactions.carry_out_erasure(
        by=second, entry_id=entry.entry_id, part="account", basis="Order 7 of an invented court"
    )


@scene("accounts.people.prefer")
def _(stage, tmp_path):
    user = User.objects.get(pk=stage.investigator.pk)
    return lambda: people.prefer(by=user, language="ko", theme="dark")


@scene("accounts.people.set_password")
def _(stage, tmp_path):
    user = User.objects.get(pk=stage.investigator.pk)
    return lambda: people.set_password(by=stage.investigator, user=user, password=f"{SECRET} at the quiet river 47")


@scene("accounts.tokens.issue")
def _(stage, tmp_path):
    return lambda: tokens.issue(
        by=stage.investigator, user=stage.investigator, name=SECRET, scopes=["items:read"], days=3
    )


@scene("accounts.tokens.revoke")
def _(stage, tmp_path):
    issued = tokens.issue(by=stage.investigator, user=stage.investigator, name=SECRET, scopes=["items:read"], days=3)
    return lambda: tokens.revoke(by=stage.investigator, token=issued.token)


@scene("accounts.tokens.note_refused")
def _(stage, tmp_path):
    issued = tokens.issue(by=stage.investigator, user=stage.investigator, name=SECRET, scopes=["items:read"], days=3)
    return lambda: tokens.note_refused(by=TESTS, token=issued.token)
