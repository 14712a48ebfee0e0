"""`manage.py ledger_trust`: prints trust.json, which verifiers must get by another way than a proof."""

import json

from django.core.management.base import BaseCommand

from custody.proofs import trust_document


class Command(BaseCommand):
    help = "Print the log's name, its public keys and the roots of its time-stamping authorities, as trust.json."
    requires_system_checks: list[str] = []

    def handle(self, **options):
        self.stdout.write(json.dumps(trust_document(), ensure_ascii=False, indent=1))
