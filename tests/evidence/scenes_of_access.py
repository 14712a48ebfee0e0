"""The scenes of the verbs on access, broken glass, decisions of two people, and consent; `scenes` says what one is."""

import base64
import json
from pathlib import Path

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from conftest import TESTS
from django.conf import settings
from django.test import override_settings
from scenes import SECRET, scene

from accounts import grants
from evidence import access, notices, protection
from evidence.models import Incident, Person
from evidence.protection import resealing

LONG = f"{SECRET} stands at the border and calls"


@scene("evidence.access.granting.restrict")
def _(stage, tmp_path):
    grants.give(record=stage.incident, permission="view", by=None, reason="test", user=stage.reviewer)
    return lambda: access.restrict(by=stage.administrator, record=stage.incident, reason=SECRET)


@scene("evidence.access.granting.open_up")
def _(stage, tmp_path):
    Incident.objects.filter(pk=stage.incident.pk).update(inherits_access=False)
    return lambda: access.open_up(by=stage.administrator, record=stage.incident, reason=SECRET)


def asked(stage):
    return access.ask(by=stage.outsider, code=stage.incident.code, permission="view", reason=SECRET)


@scene("evidence.access.deciding.ask")
def _(stage, tmp_path):
    by, code = stage.outsider, stage.incident.code
    return lambda: access.ask(by=by, code=code, permission="view", reason=SECRET)


@scene("evidence.access.deciding.decide")
def _(stage, tmp_path):
    request = asked(stage)
    return lambda: access.decide(by=stage.administrator, request=request, approve=True, answer=SECRET)


@scene("evidence.access.deciding.withdraw_request")
def _(stage, tmp_path):
    request = asked(stage)
    return lambda: access.withdraw_request(by=request.requester, request=request)


def broken(stage):
    return access.break_glass(by=stage.outsider, code=stage.incident.code, reason=LONG)


@scene("evidence.access.glass.break_glass")
def _(stage, tmp_path):
    by, code = stage.outsider, stage.incident.code
    return lambda: access.break_glass(by=by, code=code, reason=LONG)


@scene("evidence.access.glass.end_glass")
def _(stage, tmp_path):
    row = broken(stage)
    return lambda: access.end_glass(by=row.person, row=row, reason=SECRET)


@scene("evidence.access.glass.review_glass")
def _(stage, tmp_path):
    row = broken(stage)
    return lambda: access.review_glass(by=stage.administrator, row=row, outcome="not_justified", note=SECRET)


@scene("evidence.notices.read_notices")
def _(stage, tmp_path):
    broken(stage)
    return lambda: notices.read_notices(by=stage.administrator)


def raised(stage):
    """The incident, one level above what its people demand."""
    Incident.objects.filter(pk=stage.incident.pk).update(confidentiality=3, effective_level=3)
    return stage.incident


@scene("evidence.protection.decisions.propose_downgrade")
def _(stage, tmp_path):
    incident = raised(stage)
    return lambda: protection.propose_downgrade(
        by=stage.investigator, record=incident, confidentiality=1, reason=SECRET
    )


def proposed(stage):
    return protection.propose_downgrade(by=stage.investigator, record=raised(stage), confidentiality=1, reason=SECRET)


@scene("evidence.protection.decisions.carry_out")
def _(stage, tmp_path):
    decision = proposed(stage)
    return lambda: protection.carry_out(by=stage.reviewer, decision=decision, answer=SECRET)


@scene("evidence.protection.decisions.decline")
def _(stage, tmp_path):
    decision = proposed(stage)
    return lambda: protection.decline(by=stage.reviewer, decision=decision, answer=SECRET)


@scene("evidence.protection.decisions.withdraw_proposal")
def _(stage, tmp_path):
    decision = proposed(stage)
    return lambda: protection.withdraw_proposal(by=stage.investigator, decision=decision)


@scene("evidence.protection.decisions.propose_reassessment")
def _(stage, tmp_path):
    return lambda: protection.propose_reassessment(
        by=stage.investigator, person=stage.person, risk="low", is_protected=True, reason=SECRET
    )


@scene("evidence.protection.decisions.propose_unmasking")
def _(stage, tmp_path):
    Person.objects.filter(pk=stage.person.pk).update(risk="high", effective_level=3)
    return lambda: protection.propose_unmasking(by=stage.investigator, person=stage.person, reason=SECRET)


CONSENT = {
    "use": "share_icc", "recipient": "icc_otp", "status": "granted_conditional", "identity_level": "pseudonym",
    "given_on": "2019-05", "form": "written_signed", "conditions": SECRET,
}  # fmt: skip


@scene("evidence.protection.consents.record_consent")
def _(stage, tmp_path):
    return lambda: protection.record_consent(by=stage.investigator, person=stage.person, given=CONSENT)


@scene("evidence.protection.consents.withdraw_consent")
def _(stage, tmp_path):
    row = protection.record_consent(by=stage.investigator, person=stage.person, given=CONSENT)
    return lambda: protection.withdraw_consent(by=stage.investigator, consent=row, reason=SECRET)


@scene("evidence.protection.consents.set_condition")
def _(stage, tmp_path):
    return lambda: protection.set_condition(
        by=stage.investigator, record=stage.source, use="share_icc", recipient="*", is_allowed=True, terms=SECRET
    )


@scene("evidence.protection.consents.end_condition")
def _(stage, tmp_path):
    row = protection.set_condition(
        by=stage.investigator, record=stage.source, use="share_icc", recipient="*", is_allowed=True, terms=SECRET
    )
    return lambda: protection.end_condition(by=stage.investigator, condition=row, reason=SECRET)


@scene("evidence.protection.resealing.note_key")
def _(stage, tmp_path):
    return lambda: resealing.note_key(by=TESTS, key="k2", former="k1")


def rotated(tmp_path):
    """The keyring with one more key, active; put back after the test by the settings fixture of the scene's caller."""
    path = tmp_path / "keyring.json"
    content = json.loads(Path(settings.KEYRING_FILE).read_text())
    content["keys"]["k9"] = base64.b64encode(b"9" * 32).decode()
    content["active"] = "k9"
    path.write_text(json.dumps(content))
    return override_settings(KEYRING_FILE=path)


@scene("evidence.protection.resealing.reseal_rows")
def _(stage, tmp_path):
    kind = next(one for one in resealing.KINDS if one.name == "names")

    def act():
        with rotated(tmp_path):
            return resealing.reseal_rows(by=TESTS, kind=kind)

    return act


@scene("evidence.protection.resealing.reseal_factors")
def _(stage, tmp_path):
    data = {"secret": get_adapter().encrypt(SECRET)}
    Authenticator.objects.create(user=stage.investigator, type=Authenticator.Type.TOTP, data=data)

    def act():
        with rotated(tmp_path):
            return resealing.reseal_factors(by=TESTS)

    return act
