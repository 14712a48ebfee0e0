"""Verbs that protect: the identity vault, changes that take two people, consent and the conditions of providers."""

from evidence.protection.consents import (
    Permissible,
    consents_of,
    end_condition,
    may_use,
    record_consent,
    set_condition,
    withdraw_consent,
)
from evidence.protection.decisions import (
    carry_out,
    check_decides,
    decision_for,
    decisions_for,
    decline,
    effect_of_decision,
    permission_to_decide,
    propose_destruction,
    propose_downgrade,
    propose_reassessment,
    propose_unmasking,
    withdraw_proposal,
)
from evidence.protection.destroying import Content, content_of
from evidence.protection.identity import OpenedIdentity, agreed, needs_second_person, open_identity

__all__ = [
    "Content",
    "OpenedIdentity",
    "Permissible",
    "agreed",
    "carry_out",
    "check_decides",
    "consents_of",
    "content_of",
    "decision_for",
    "decisions_for",
    "decline",
    "effect_of_decision",
    "end_condition",
    "may_use",
    "needs_second_person",
    "open_identity",
    "permission_to_decide",
    "propose_destruction",
    "propose_downgrade",
    "propose_reassessment",
    "propose_unmasking",
    "record_consent",
    "set_condition",
    "withdraw_consent",
    "withdraw_proposal",
]
