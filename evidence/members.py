"""Members of archives, messages and documents, taken in on request as evidence items of their own.

They are taken out in a child under limits, by their place in the list, each into a plain file of a private directory;
then all of them are kept in one transaction. A member is never opened by its name.
"""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.errors import Invalid, Refused
from accounts.grants import Permission, check_permitted
from custody import ledger
from evidence import policies, storage
from evidence.access import follow
from evidence.intake import add_file, clean_name, keep_bytes, receive_item
from evidence.models import File, Item, ItemRelation, ProviderCondition
from evidence.processing import taking
from evidence.processing.identify import sniff
from evidence.processing.limits import Limits
from evidence.processing.results import REASONS, Facts, Outcome
from evidence.processing.running import Work, run
from evidence.protection import set_condition
from evidence.recording import levels

STEP = "members"
MAX_CHOSEN = 200
MAX_DEPTH = 8  # archives inside archives
RELATIONS = ("attachment_of", "part_of")
# What is known of how the whole was obtained holds for its parts.
HANDED_ON = ("obtained_how", "obtained_on", "obtained_where", "obtained_by", "conditions", "content_warnings")


@dataclass(frozen=True)
class Row:
    """A member of the list: where it stands, what it is called, why it can't be taken in, or the item it has become."""

    index: int
    path: str
    size: int | None = None
    kind: str = "file"
    refused: str = ""
    notes: tuple[str, ...] = ()
    item: Item | None = None

    @property
    def can_be_taken(self) -> bool:
        return self.kind == "file" and not self.refused and self.item is None


@dataclass(frozen=True)
class Result:
    """What became of one member that was asked for: an item, or the reason why there is none."""

    index: int
    path: str
    item: Item | None = None
    reason: str = ""


def listed(file: File, *, user) -> list[Row]:
    """The members of a file as its step found them; items that this person may not see are not told."""
    step = file.steps.filter(name=STEP, ended_at=None, state="done").first()
    if step is None:
        return []
    taken: dict[int, Item] = {}
    for child in File.objects.permitted(user).filter(taken_from=file, withdrawn_at=None).select_related("item"):
        taken[_place(child)] = child.item
    return [
        Row(
            index=int(row["index"]),
            path=str(row.get("path", "")),
            size=row.get("size"),
            kind=str(row.get("kind", "file")),
            refused=str(row.get("refused", "")),
            notes=tuple(row.get("notes", ())),
            item=taken.get(int(row["index"])),
        )
        for row in step.result.get("members", [])
    ]


def _place(child: File) -> int:
    """The place of a member, which stands before its name."""
    place = child.member.partition(" ")[0]
    return int(place) if place.isdigit() else -1


def take_in(*, by, file: File, indexes: list[int], kind: str = "") -> list[Result]:
    """Take chosen members of a file in, each as an item of its own; each that can't be is told with its reason."""
    check_takes_members(file)
    check_permitted(by, file.item.collection, Permission.CONTRIBUTE)
    if not indexes or len(set(indexes)) > MAX_CHOSEN:
        raise Invalid(
            _("Choose between 1 and %(most)d of its members at a time.") % {"most": MAX_CHOSEN}, field="members"
        )
    known = {row.index for row in listed(file, user=by)}
    if unknown := sorted(set(indexes) - known):
        raise Invalid(_("It has no member %(number)d.") % {"number": unknown[0]}, field="members")
    with storage.workplace("members-") as folder:
        outcome = _take_out(file, sorted(set(indexes)), folder)
        return keep_members(by=by, file=file, outcome=outcome, folder=folder / "out" / taking.NAME, kind=kind)


def check_takes_members(file: File) -> None:
    """Refuse where nothing may be made of the file, where its item takes nothing, and where the nesting has no end."""
    if file.is_isolated or file.withdrawn_at or file.destroyed_at:
        raise Refused(_("Nothing is taken out of this file: it is in quarantine, isolated or gone."), code="isolated")
    policies.check_takes_files(file.item)
    depth, above = 0, file
    while above.taken_from_id and depth <= MAX_DEPTH:
        depth, above = depth + 1, File.objects.select_related("taken_from").get(pk=above.taken_from_id)
    if depth >= MAX_DEPTH:
        raise Refused(_("This lies inside too many others: archives are opened eight deep."), code="too_deep")


def _take_out(file: File, indexes: list[int], folder: Path) -> Outcome:
    """The members as plain files, made in a child of its own."""
    path, out = folder / "bytes", folder / "out"
    out.mkdir()
    with path.open("wb") as plain:
        for chunk in storage.read(file.blob):
            plain.write(chunk)
    options = settings.PROCESSING_OPTIONS
    each, total = options["member_bytes"], options["members_bytes"]
    known = {step.name: step.result for step in file.steps.filter(ended_at=None, state="done", name="identify")}
    work = Work(
        path=path,
        out=out,
        facts=Facts(file.media_type, file.blob.size, "", known),
        steps={taking.NAME: taking.SECONDS},
        options={"indexes": indexes, "each": each, "total": total},
        limits=Limits(patience=settings.PROCESSING_PATIENCE, file_size=each + 1024**2),
        registry=taking.__name__,
    )
    outcome = next(iter(run(work)), None) or Outcome(step=taking.NAME, state="failed", reason="failed")
    if outcome.state == "done":
        return outcome
    # The child went: none of the members can be trusted to be whole.
    refused = [{"index": index, "path": "", "reason": outcome.reason} for index in indexes]
    return Outcome(step=taking.NAME, found={"taken": [], "refused": refused})


@ledger.verb
def keep_members(*, by, file: File, outcome: Outcome, folder: Path, kind: str = "") -> list[Result]:
    """Keep what was taken out: an item, its file and its tie to the parent for each, all in one transaction.

    An item from inside another is no less protected: it has the parent's level, provider, conditions and exceptions of
    access. A member that was taken in before is told so.
    """
    parent = (
        File.objects.select_for_update(of=("self",)).select_related("item__source", "item__collection").get(pk=file.pk)
    )
    check_takes_members(parent)
    check_permitted(by, parent.item.collection, Permission.CONTRIBUTE)
    step = parent.steps.filter(name=STEP, ended_at=None, state="done").first()
    relation = step.result.get("relation") if step else ""
    results = []
    for row in outcome.found.get("taken", []):
        index, path = int(row["index"]), folder / str(int(row["index"]))
        if path.is_symlink() or not path.is_file():
            results.append(Result(index, str(row["path"]), reason="hostile"))
        elif parent.members.filter(member__startswith=f"{index} ", withdrawn_at=None).exists():
            results.append(Result(index, str(row["path"]), reason="taken"))
        else:
            item = _keep_one(by, parent, path, index, str(row["path"]), kind,
                             relation if relation in RELATIONS else "part_of")  # fmt: skip
            results.append(Result(index, str(row["path"]), item=item))
    for row in outcome.found.get("refused", []):
        reason = str(row["reason"]) if row.get("reason") in REASONS else "failed"
        results.append(Result(int(row["index"]), str(row.get("path", "")), reason=reason))
    kept = [{"index": one.index, "item": str(one.item.pk)} for one in results if one.item]
    refused = [{"index": one.index, "reason": one.reason} for one in results if not one.item]
    data = {"file": str(parent.pk), "taken": kept, "refused": refused, "tool": outcome.tool}
    ledger.append("file.members_taken", parent.item, data=data)
    return sorted(results, key=lambda one: one.index)


def _keep_one(by, parent: File, path: Path, index: int, name: str, kind: str, relation: str) -> Item:
    whole = parent.item
    shown = clean_name(name) or _("unnamed")
    language = "title_ko" if any("\uac00" <= c <= "\ud7a3" for c in shown) else "title_en"
    given = {field: getattr(whole, field) for field in HANDED_ON}
    given |= {language: shown, "kind": kind or whole.kind, "confidentiality": whole.effective_level}
    item = receive_item(by=by, collection=whole.collection, given=given)
    if whole.source_id:
        # Set here: whoever takes the member in need not see the source.
        item.source = whole.source
        item.save(update_fields=["source"])
        levels.settle(item, by=by)
    follow(by=by, record=item, parent=whole)
    for condition in ProviderCondition.objects.filter(item=whole, ended_at=None):
        set_condition(
            by=by, record=item, use=condition.use, recipient=condition.recipient, is_allowed=condition.is_allowed,
            terms=condition.terms, expires_at=condition.expires_at,
        )  # fmt: skip
    with path.open("rb") as stream:
        head = stream.read(8192)
        stream.seek(0)
        blob = keep_bytes(stream, limit=settings.PROCESSING_OPTIONS["member_bytes"])
    add_file(
        by=by, item=item, blob=blob, name=shown, media_type=sniff(head), taken_from=parent,
        member=f"{index} {storable(name)}"[:1000],
    )  # fmt: skip
    ItemRelation.objects.create(item=item, other=whole, kind=relation, created_by=by)
    return item


def storable(name: str) -> str:
    """A member's name as text that a database takes."""
    return "".join(c if c.isprintable() else "�" for c in name if not 0xD800 <= ord(c) <= 0xDFFF)
