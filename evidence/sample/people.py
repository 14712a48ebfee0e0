"""The people of the sample, their random passwords, and the file that holds these for whoever tries the product."""

import json
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.people import invite, set_password
from accounts.roles import Role
from custody.ledger import Service

SAMPLE = Service("sample")
# Persona: name, role, clearance. Administrators come first: they invite the others.
PERSONAS = {
    "administrator": ("Birgit Halloran-Ekwe", Role.ADMINISTRATOR, 1),
    "administrator2": ("Matiu Castellane", Role.ADMINISTRATOR, 1),
    "investigator": ("Amara Lindqvist-Otieno", Role.INVESTIGATOR, 3),
    "investigator2": ("Ahn Byeol-ha (안별하)", Role.INVESTIGATOR, 3),
    "reviewer": ("Tomás Iriarte-Vehbi", Role.REVIEWER, 3),
    # One rank below the others: what concerns people at high risk does not exist for the analyst.
    "analyst": ("Leilani Drăghici", Role.ANALYST, 2),
    "auditor": ("Pradeep Vantongeren", Role.AUDITOR, 1),
    "mechanism": ("Solange Demirović", Role.MECHANISM, 2),
}


def address(persona: str) -> str:
    return f"{persona}@example.org"


def accounts_file() -> Path:
    return Path(settings.VAR_DIR) / "sample-accounts.json"


def existing():
    """Those people of the sample who are in this repository."""
    return User.objects.filter(email__in=[address(persona) for persona in PERSONAS])


def make() -> tuple[dict[str, User], dict[str, str]]:
    """Invite everybody; returns people and passwords by persona."""
    made: dict[str, User] = {}
    passwords = {persona: _password() for persona in PERSONAS}
    for persona, (name, role, clearance) in PERSONAS.items():
        made[persona] = invite(
            by=SAMPLE,
            email=address(persona),
            name=name,
            role=role,
            clearance=clearance,
            password=passwords[persona],
        )
    return made, passwords


def reset_passwords() -> None:
    """Give every person of the sample a new random password and write the file anew. Their sessions end."""
    with transaction.atomic():
        users = {user.email: user for user in existing()}
        passwords = {persona: _password() for persona in PERSONAS}
        for persona, password in passwords.items():
            set_password(by=SAMPLE, user=users[address(persona)], password=password)
        write_accounts(passwords)


def _password() -> str:
    return secrets.token_urlsafe(18)


def write_accounts(passwords: dict[str, str]) -> None:
    """Write {persona: {"email", "password"}}, readable by its owner only, in one step: whole or not at all."""
    path = accounts_file()
    content = {persona: {"email": address(persona), "password": word} for persona, word in passwords.items()}
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
