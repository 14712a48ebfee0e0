"""`manage.py ledger_verify`: check the whole ledger, and print what was checked and what was found."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from custody import verification
from custody.verify_custody import LIMITS

WORDS = {
    "numbering": "every entry has one number, from 0 without a gap ({size} entries)",
    "leaves": "each number is tied to the exact bytes of its entry",
    "tiles": "the stored tree is that of the entries",
    "checkpoints": "the log grew through every signed checkpoint ({checkpoints} of them)",
    "root": "the present root is that of the entries",
    "kept": "it contains the checkpoint of size {kept} that was kept elsewhere",
    "kept_readable": "the checkpoint that was kept elsewhere is one of this log",
    "signatures": "the newest checkpoints are signed ({checked} checked)",
    "stamps": "the time stamps hold ({checked} checked)",
    "times": "no entry claims a time that the time stamps contradict",
    "left_out": "nothing that was committed waits to be numbered",
    "triggers": "no guard of the database was lifted",
    "tables": "the rows of {tables} tables are what the ledger says of them",
    "canonical": "each entry is written in the one canonical form",
    "columns": "what is looked up is what the entries say",
    "parts": "names, reasons and values are what was recorded",
    "erasures": "each erased part has an entry that says so ({erased} erased)",
    "manifest": "the last manifest of completeness follows from the log",
}


class Command(BaseCommand):
    help = "Verify the whole ledger. Exit status 1 when anything does not hold."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("--against", type=Path, action="append", default=[], metavar="CHECKPOINT",
                            help="a checkpoint that was kept elsewhere; may be repeated")  # fmt: skip
        parser.add_argument("--deep", action="store_true", help="read every entry and part too; takes longer")

    def handle(self, *, against, deep, **options):
        try:
            kept = [path.read_bytes() for path in against]
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.")
        failed = 0
        for finding in verification.verify(against=kept, deep=deep):
            failed += not finding.holds
            words = WORDS[finding.check].format(**finding.facts)
            where = f"; first differing index {finding.index}" if finding.index is not None else ""
            facts = f" {finding.facts}" if not finding.holds else ""
            self.stdout.write(f"  {'OK  ' if finding.holds else 'FAIL'}  {words}{where}{facts}")
        self.stdout.write(LIMITS)
        if not kept:
            self.stdout.write("Nothing was compared with a checkpoint kept elsewhere: --against FILE does that.")
        if failed:
            raise CommandError(f"NOT VERIFIED: {failed} checks do not hold.")
        self.stdout.write("VERIFIED")
