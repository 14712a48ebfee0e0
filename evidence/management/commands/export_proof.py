"""`manage.py export_proof ITEM --as EMAIL --purpose WHY`: a self-contained proof of an item's custody, as one file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import Refused
from accounts.models import User
from accounts.roles import Act, may
from evidence import proofs
from evidence.models import File, Item
from evidence.recording.acts import find


class Command(BaseCommand):
    help = "Write the proof of an item's custody to a zip file that verify_custody.py checks offline."

    def add_arguments(self, parser):
        parser.add_argument("item", help="id or reference code")
        parser.add_argument("--as", dest="email", required=True, help="e-mail of the person in whose name it goes out")
        parser.add_argument("--purpose", required=True, help="what it is for; kept in the item's history")
        parser.add_argument("--out", type=Path, help="the file to write; proof-CODE.zip here when not given")
        parser.add_argument("--with-files", action="store_true", help="enclose the original bytes")
        parser.add_argument("--with-parts", action="store_true", help="enclose reasons, file names and changed values")
        parser.add_argument("--kept", type=Path, metavar="CHECKPOINT", help="a checkpoint that the recipient kept")

    def handle(self, *, item, email, purpose, out, with_files, with_parts, kept, **options):
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active person with the e-mail address {email}.")
        record = find(Item.objects.permitted(user), item)
        try:
            note = kept.read_bytes() if kept else None
            proofs.check_kept(note)
            if record is not None:
                made, enclosed = self._own(record, user, purpose, with_files, with_parts, note)
            elif may(user, Act.AUDIT) and (found := find(Item.objects, item)):
                record, enclosed = found, ()
                made = proofs.bare_proof(found.pk, user=user)
            else:
                raise CommandError(f"{email} sees no item {item}.")
            out = out or Path(f"proof-{record.code}.zip")
            self._write(out, made, enclosed)
        except Refused as error:
            raise CommandError(str(error))
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read or written: {error.strerror}.")
        self.stdout.write(f"{out}: {len(made.document['entries'])} entries of {record.code}.")
        if made.waiting:
            self.stderr.write(f"{made.waiting} entries wait for a checkpoint: is the sequencer running?")
        if made.document["head"] is None:
            self.stdout.write("It does not claim to be complete: an auditor's proof (--as an auditor) does.")
        self.stdout.write(f"Check it with: python3 verify_custody.py {out} --trust trust.json")

    def _own(self, record, user, purpose, with_files, with_parts, note) -> tuple:
        """The proof of what its reader sees, and the originals that go along."""
        files = File.objects.filter(item=record, withdrawn_at=None).permitted(user).select_related("blob")
        opened = proofs.export_proof(
            by=user, item=record, purpose=purpose, files=list(files) if with_files else (), with_parts=with_parts
        )
        made = proofs.assemble(record, user=user, with_parts=with_parts, kept=note, patience=20)
        return made, ((proofs.enclosed_name(one.file, with_parts=with_parts), one.chunks) for one in opened)

    def _write(self, out: Path, made, enclosed) -> None:
        """Under a draft name first: a proof that broke off does not look like one."""
        if out.exists():
            raise CommandError(f"{out} exists; name another file with --out.")
        draft = out.with_name(f".{out.name}.part")
        with draft.open("wb") as target:
            made.as_zip(target, enclosed)
        draft.replace(out)
