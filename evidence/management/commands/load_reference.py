"""`manage.py load_reference`: load or refresh crimes, vocabularies, gazetteer and shipped import mappings."""

from django.core.management.base import BaseCommand

from custody.ledger import Service
from evidence.reference import load


class Command(BaseCommand):
    help = "Load or refresh the reference data. A second run changes nothing."

    def handle(self, **options):
        changed = load(by=Service("reference-data"))
        if options["verbosity"]:
            self.stdout.write(f"Reference data: {changed} rows changed.")
