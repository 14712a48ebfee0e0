"""`manage.py rotate_vault_key`: a new master key seals from now on, and what older keys sealed is sealed anew."""

import base64
import json
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.keyring import VaultError, keyring
from custody.ledger import Service
from evidence.protection.resealing import note_key, reseal_all

BY = Service("command-line")


class Command(BaseCommand):
    help = (
        "Add a new master key to KEYRING_FILE, make it the active one and seal everything anew with it. Servers go on "
        "meanwhile. The former keys stay in the file: take them out once no backup that you would restore needs them."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--reseal-only", action="store_true", help="add no key; seal anew what an older key still seals"
        )

    def handle(self, *args, **options):
        try:
            if not options["reseal_only"]:
                former, new = add_key(Path(settings.KEYRING_FILE))
                note_key(by=BY, key=new, former=former)
                self.stdout.write(f"The key {new} seals from now on; {former} still opens.")
            done = reseal_all(by=BY, told=lambda kind, number: self.stdout.write(f"  {kind}: {number}"))
        except VaultError as error:
            raise CommandError(f"{error}. What was sealed anew stays so; run the command again.")
        self.stdout.write(f"Sealed anew: {sum(done.values())}. Back up the keyring now, apart from the data.")


def add_key(path: Path) -> tuple[str, str]:
    """Write the keyring with one more, active key, in one step: whole or not at all. Returns (former, new) ids."""
    former = keyring().active
    content = json.loads(path.read_text())
    new = f"k{timezone.now():%Y%m%d%H%M%S}"
    if new in content["keys"]:
        raise CommandError("A key was added this very second: try again.")
    content["keys"][new] = base64.b64encode(secrets.token_bytes(32)).decode()
    content["active"] = new
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(json.dumps(content) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CommandError(
            f"the keyring could not be written ({error.strerror}): run this where {path.name} is kept, as its owner, "
            "or add a key to it by hand and run with --reseal-only"
        )
    return former, new
