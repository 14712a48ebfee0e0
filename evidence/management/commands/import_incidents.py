"""`manage.py import_incidents FILE --mapping SLUG --collection CODE --as EMAIL`: import a table, with progress."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import Refused
from accounts.grants import Permission
from accounts.models import User
from accounts.roles import Act, may
from evidence import batches
from evidence.models import Collection, ImportMapping
from evidence.recording.acts import find


class Command(BaseCommand):
    help = "Import incidents from a CSV or XLSX file, in the name of a person who may contribute to the collection."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", required=True, help="short name of a saved mapping")
        parser.add_argument("--collection", required=True, help="id or reference code")
        parser.add_argument("--as", dest="email", required=True, help="e-mail of the person who imports")
        parser.add_argument("--confidentiality", type=int, choices=range(5), help="level of the new incidents")
        parser.add_argument("--dry-run", action="store_true", help="check every row, change nothing")

    def handle(self, *, file, mapping, collection, email, confidentiality, dry_run, **options):
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None or not may(user, Act.IMPORT):
            raise CommandError(f"There is no active person with the e-mail address {email} who may import.")
        home = find(Collection.objects.permitted(user, Permission.CONTRIBUTE), collection)
        if home is None:
            raise CommandError(f"{email} may contribute to no collection {collection}.")
        row = ImportMapping.objects.filter(slug=mapping).first()
        if row is None:
            known = ", ".join(ImportMapping.objects.values_list("slug", flat=True))
            raise CommandError(f"There is no mapping {mapping}. Known: {known}.")
        try:
            stream = file.open("rb")
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.")
        try:
            with stream:
                batch = batches.receive_batch(
                    by=user,
                    collection=home,
                    mapping=row,
                    stream=stream,
                    filename=file.name,
                    dry_run=dry_run,
                    confidentiality=confidentiality,
                )
        except Refused as error:
            raise CommandError(str(error))
        finished = batches.run(batch.pk, report=self._report)
        if finished is None:
            raise CommandError("Another process has already taken up this import; watch it on its page.")
        self._summarise(finished)

    def _report(self, batch):
        self.stdout.write(f"\r{batch.done} of {batch.total} rows", ending="")
        self.stdout.flush()

    def _summarise(self, batch):
        self.stdout.write("")
        if batch.state == "failed":
            raise CommandError(batch.problem)
        trial = "Trial run, nothing was changed. " if batch.is_dry_run else ""
        self.stdout.write(
            f"{trial}{batch.created} created, {batch.updated} updated, {batch.unchanged} unchanged, "
            f"{batch.refused} refused."
        )
        for problem_row in batch.rows.filter(outcome="refused")[:50]:
            for problem in problem_row.problems:
                where = f"{problem_row.sheet} row {problem_row.number}".strip()
                self.stderr.write(f"{where}, {problem['column'] or 'whole row'}: {problem['reason']}")
