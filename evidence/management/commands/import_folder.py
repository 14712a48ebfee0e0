"""`manage.py import_folder DIR --collection CODE --as EMAIL`: take a directory tree in, resumed after every end."""

import csv
import fcntl
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import Refused
from accounts.grants import Permission
from accounts.models import User
from accounts.roles import Act, may
from evidence import storage, vault
from evidence.folders import bags, manifests, taking
from evidence.intake import ITEM_FIELDS
from evidence.models import Collection
from evidence.recording.acts import find
from evidence.reference import check_term
from evidence.spreadsheets import plain

HEAD = ["path", "size", "sha256", "item", "outcome", "reason"]


class Command(BaseCommand):
    help = (
        "Take every file of a folder in, as an item of its own, in the name of a person who may contribute to the "
        "collection. A BagIt bag is checked first. Run again after any end, it goes on where it stopped."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--collection", required=True, help="id or reference code")
        parser.add_argument("--as", dest="email", required=True, help="e-mail of the person who brings the files")
        parser.add_argument("--manifest", type=Path, help="CSV: path, sha256, title_en, title_ko, kind, date and so on")
        parser.add_argument("--kind", default="other", help="type of items of which the manifest gives none")
        parser.add_argument("--confidentiality", type=int, choices=range(5), help="level of the new items")
        parser.add_argument("--receipt", type=Path, help="CSV to write; default: receipt-BATCH.csv in this directory")

    def handle(self, *, folder, collection, email, manifest, kind, confidentiality, receipt, **options):
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None or not may(user, Act.INTAKE):
            raise CommandError(f"There is no active person with the e-mail address {email} who may take in evidence.")
        home = find(Collection.objects.permitted(user, Permission.CONTRIBUTE), collection)
        if home is None:
            raise CommandError(f"{email} may contribute to no collection {collection}.")
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder.")
        try:
            given = {"kind": check_term("evidence_item_type", kind, field="kind")}
            given |= {} if confidentiality is None else {"confidentiality": confidentiality}
            listing = self._listing(folder, manifest)
            label = taking.label_of(folder, manifest)
            with alone(label):
                self._run(user, home, folder, listing, label, given, receipt)
        except manifests.ManifestError as error:
            raise CommandError(f"Nothing was taken in: {error}.")
        except (storage.StorageError, vault.VaultError) as error:
            raise CommandError(f"{error}. What was taken in is kept; run the command again to go on.")
        except OSError as error:
            raise CommandError(
                f"The storage cannot be written: {error.strerror}. What was taken in is kept; go on later."
            )
        except Refused as error:
            raise CommandError(f"{error} What was taken in is kept.")

    def _listing(self, folder: Path, manifest: Path | None) -> manifests.Listing:
        if manifest:
            return manifests.of_csv(folder, manifest, ITEM_FIELDS)
        return bags.of_bag(folder) if bags.is_bag(folder) else manifests.of_folder(folder)

    def _run(self, user, home, folder, listing, label, given, receipt) -> None:
        for note in listing.notes:
            self.stdout.write(f"Note: {note}.")
        batch = taking.unfinished(by=user, collection=home, label=label)
        if batch:
            self.stdout.write(f"Going on with the batch {batch.pk}.")
        else:
            batch = taking.open_folder(by=user, collection=home, label=label, given=given)
        counts, told = {"kept": 0, "before": 0, "refused": 0}, 0.0
        for number, taken in enumerate(
            taking.take_folder(by=user, batch=batch, root=folder, entries=listing.entries), start=1
        ):
            counts[taken.state] += 1
            if taken.state == "refused":
                self.stderr.write(f"{taking.sayable(taken.entry.path)}: {taken.reason}")
            if time.monotonic() - told > 1:
                told = time.monotonic()
                self.stdout.write(f"{number} of {len(listing.entries)} files")
        path = receipt or Path(f"receipt-{batch.pk}.csv")
        taking.close_folder(by=user, batch=batch, report=lambda: write_receipt(path, batch))
        self.stdout.write(
            f"{counts['kept']} taken in, {counts['before']} by an earlier run, {counts['refused']} refused. "
            f"The receipt is {path}."
        )
        if counts["refused"]:
            sys.exit(2)


def write_receipt(path: Path, batch) -> None:
    """The receipt as CSV, whole or not at all. What begins like a formula is marked as text for spreadsheets."""
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file)
            writer.writerow(HEAD)
            for line in taking.lines_of(batch):
                writer.writerow(map(plain, line))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise CommandError(f"The receipt {path} cannot be written ({error.strerror}): name another with --receipt.")


@contextmanager
def alone(label: str):
    """One run a folder: a second one would take the same files in again."""
    path = storage.folder("working") / f"folder-{label[-13:-1]}.lock"
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError("This folder is being taken in by another process: wait until that has ended.")
        yield
