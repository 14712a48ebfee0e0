"""`manage.py load_sample`: the invented sample data set, once. A second run changes nothing and says so."""

from django.core.management.base import BaseCommand, CommandError

from evidence import sample
from evidence.sample import people


class Command(BaseCommand):
    help = "Make the invented sample: people, collections, incidents, evidence. Only in an empty repository, only once."

    def add_arguments(self, parser):
        parser.add_argument(
            "--reset-passwords",
            action="store_true",
            help="give the people of the sample new passwords and write them to the accounts file",
        )

    def handle(self, *, reset_passwords=False, verbosity=1, **options):
        state = sample.state()
        if reset_passwords:
            if state is not sample.State.PRESENT:
                raise CommandError("There is no sample here: there are no passwords to reset.")
            people.reset_passwords()
            self._say(verbosity, f"New passwords are in {people.accounts_file()}.")
        elif state is sample.State.ABSENT:
            counts = ", ".join(f"{count} {kind}" for kind, count in sample.load().items())
            self._say(verbosity, f"Made the invented sample: {counts}. Sign-ins are in {people.accounts_file()}.")
        elif state is sample.State.OCCUPIED:
            self.stderr.write(
                "This repository is already in use: the invented sample is for an empty one. Nothing was changed."
            )
        elif not people.accounts_file().exists():
            self.stderr.write(
                f"The sample is already here but {people.accounts_file()} is missing and its passwords cannot be "
                "recovered: run `manage.py load_sample --reset-passwords` for new ones. Nothing was changed."
            )
        else:
            self._say(verbosity, "The sample is already here. Nothing was changed.")

    def _say(self, verbosity: int, text: str) -> None:
        if verbosity:
            self.stdout.write(text)
