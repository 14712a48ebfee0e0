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
        if user is None or not may(user, Act.READ):
            raise CommandError(f"There is no active person with the e-mail address {email} who may read records.")
        record = find(Item.objects.permitted(user), item)
        if record is None:
            raise CommandError(f"{email} sees no item {item}.")
        out = out or Path(f"proof-{record.code}.zip")
        if out.exists():
            raise CommandError(f"{out} exists; name another file with --out.")
        files = File.objects.filter(item=record, withdrawn_at=None).permitted(user).select_related("blob")
        try:
            note = kept.read_bytes() if kept else None
            chosen = list(files) if with_files else ()
            opened = proofs.export_proof(by=user, item=record, purpose=purpose, files=chosen, with_parts=with_parts)
            made = proofs.assemble(record, user=user, with_parts=with_parts, kept=note, patience=20)
            # Under a draft name first: a proof that broke off does not look like one.
            draft = out.with_name(f".{out.name}.part")
            with draft.open("wb") as target:
                made.as_zip(target, ((proofs.enclosed_name(one.file), one.chunks) for one in opened))
            draft.replace(out)
        except Refused as error:
            raise CommandError(str(error))
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read or written: {error.strerror}.")
        self.stdout.write(f"{out}: {len(made.document['entries'])} entries of {record.code}.")
        if made.waiting:
            self.stderr.write(f"{made.waiting} entries wait for a checkpoint: is the sequencer running?")
        self.stdout.write(f"Check it with: python3 verify_custody.py {out} --trust trust.json")
