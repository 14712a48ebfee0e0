"""Verbs by which evidence comes in: items, and the bytes of their files. Import batches have a module of their own."""

import unicodedata

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.errors import Invalid, Refused, Stale
from custody import ledger
from evidence import policies, storage
from evidence.models import Blob, Collection, File, Incident, Item, Processing, Source
from evidence.processing.identify import sniff
from evidence.recording import content, levels
from evidence.recording.acts import find
from evidence.recording.incidents import differences
from evidence.recording.links import link
from evidence.recording.problems import Problems
from evidence.reference import check_term, check_terms

MAX_FILE = 2 * 1024**3  # bytes by plain POST; larger ones come by resumable upload
TEXTS = {
    "title_en": 300, "title_ko": 300, "description": 200_000, "language": 35, "obtained_where": 300,
    "obtained_by": 200, "conditions": 20_000, "original_location": 300,
}  # fmt: skip
ITEM_FIELDS = (*TEXTS, "kind", "date", "obtained_how", "obtained_on", "has_original", "content_warnings", "source",
               "confidentiality")  # fmt: skip


@ledger.verb
def receive_item(*, by, collection: Collection, given: dict, files=()) -> Item:
    """Take in an evidence item, with how, when, where, by whom and from whom it was obtained, and its files."""
    values = _read_item(given, by=by)
    if not (values.get("title_en") or values.get("title_ko")):
        raise Invalid(_("Give the item a title, in English or in Korean."), field="title_en")
    if "kind" not in values:
        raise Invalid(_("Say what type of evidence this is."), field="kind")
    values.setdefault("confidentiality", collection.level_for_new)
    item = Item(collection=collection, created_by=by, **values)
    source = item.source
    item.effective_level = max(item.confidentiality, source.person.floor if source and source.person else 0)
    levels.check_within_clearance(by, item.effective_level)
    item.save(force_insert=True)
    change = {name: [None, value] for name, value in _describe(item).items() if value not in (None, "", [])}
    ledger.append(
        "item.received",
        item,
        data={"collection": str(collection.pk), "kind": item.kind, "level": item.effective_level},
        parts={"change": change},
    )
    for upload in files:
        receive_file(by=by, item=item, stream=upload.file, name=upload.name)
    return item


def check_given(given: dict, *, by) -> None:
    """Refuse what no item could be described with, before any file of it has come. Raises Invalid."""
    if "kind" not in _read_item(given, by=by):
        raise Invalid(_("Say what type of evidence this is."), field="kind")


@ledger.verb
def receive_item_for(
    *,
    by,
    incident: Incident,
    collection: Collection,
    given: dict,
    files=(),
    function: str = "crime_base",
    stance: str = "supports",
    locator: str = "",
) -> Item:
    """Take in an item as evidence of an incident: item, files and link come together or not at all."""
    item = receive_item(by=by, collection=collection, given=given, files=files)
    link(by=by, item=item, target=incident, function=function, stance=stance, locator=locator)
    return item


@ledger.verb
def revise_item(*, by, item: Item, given: dict, version: int, reason: str = "") -> Item:
    """Change what `given` names of an item's description. Its files never change."""
    row = Item.objects.select_for_update().get(pk=item.pk)
    policies.check_takes_files(row)
    if version != row.version:
        raise Stale(_("Somebody changed this item meanwhile. Compare and save again."), current=row.version)
    values = _read_item(given, by=by)
    if "confidentiality" in values:
        levels.check_not_lowered(row, values["confidentiality"])
    before = _describe(row)
    for name, value in values.items():
        setattr(row, name, value)
    if not (row.title_en or row.title_ko):
        raise Invalid(_("Give the item a title, in English or in Korean."), field="title_en")
    change = differences(before, _describe(row))
    if not change:
        return row
    row.version += 1
    row.effective_level = max(row.effective_level, row.confidentiality)
    row.save()
    levels.settle(row, by=by)
    reason = content.text(reason, field="reason", limit=1000)
    parts = {"change": change} | ({"note": reason} if reason else {})
    ledger.append("item.revised", row, data={"cols": sorted(change)}, parts=parts)
    return row


def _read_item(given: dict, *, by) -> dict:
    if not isinstance(given, dict):
        raise Invalid(_("An item is an object."))
    problems, values = Problems(), {}
    problems.refuse_unknown(given, ITEM_FIELDS)
    for name, limit in TEXTS.items():
        if name in given:
            problems.take(values, "", lambda n=name, m=limit: {n: content.text(given[n], field=n, limit=m)})
    if given.get("obtained_how", True) in ("", None):
        values["obtained_how"] = ""
    for name, vocabulary in (("kind", "evidence_item_type"), ("obtained_how", "collection_method")):
        if given.get(name):
            problems.take(values, "", lambda n=name, v=vocabulary: {n: check_term(v, given[n], field=n)})
    if "date" in given:
        problems.take(values, "", lambda: content.dates(given["date"]))
    if "obtained_on" in given:
        read = lambda: {"obtained_on": content.dates(given["obtained_on"], field="obtained_on")["obtained_on"]}  # noqa: E731
        problems.take(values, "", read)
    if "has_original" in given:
        if given["has_original"] not in (True, False, None):
            problems.errors["has_original"] = _("This is true, false or unknown.")
        else:
            values["has_original"] = given["has_original"]
    if "content_warnings" in given:
        warnings = given["content_warnings"]
        problems.take(
            values,
            "",
            lambda: {"content_warnings": check_terms("content_warning", warnings, field="content_warnings")},
        )
    if "source" in given:
        values["source"] = find(Source.objects.permitted(by), given["source"]) if given["source"] else None
        if given["source"] and values["source"] is None:
            problems.errors["source"] = _("There is no source with this reference. Record the source first.")
    if given.get("confidentiality") not in (None, ""):
        problems.take(values, "", lambda: {"confidentiality": content.level(given["confidentiality"])})
    problems.raise_if_any()
    return values


def _describe(item: Item) -> dict:
    names = (
        *TEXTS,
        "kind",
        "date",
        "obtained_how",
        "obtained_on",
        "has_original",
        "content_warnings",
        "confidentiality",
    )
    return {name: getattr(item, name) for name in names} | {"source": str(item.source_id) if item.source_id else None}


def clean_name(name: str) -> str:
    """The last part of a file name as it came, fit to be kept and shown; never used as a path."""
    name = "".join(c for c in str(name) if c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF)
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1].strip()
    stem, dot, ending = name.rpartition(".")
    return name if len(name) <= 255 else f"{(stem or ending)[: 250 - len(ending)]}{dot}{ending}"[:255]


class Head:
    """A stream that remembers its first bytes, for telling the type without a second read."""

    def __init__(self, stream, size: int = 8192):
        self._stream, self._size, self.bytes = stream, size, b""

    def read(self, count: int) -> bytes:
        part = self._stream.read(count)
        if len(self.bytes) < self._size:
            self.bytes += part[: self._size - len(self.bytes)]
        return part


@ledger.verb
def receive_file(*, by, item: Item, stream, name: str) -> File:
    """Keep the bytes of one file bit for bit: hashed and encrypted in one pass, content-addressed, written once."""
    policies.check_takes_files(item)
    name = clean_name(name) or _("unnamed")
    head = Head(stream)
    blob = keep_bytes(head, limit=MAX_FILE)
    if item.files.filter(blob=blob, withdrawn_at=None).exists():
        raise Refused(_("This item already holds exactly this file."), code="same_file", field="file")
    return add_file(by=by, item=item, blob=blob, name=name, media_type=sniff(head.bytes))


def add_file(*, by, item: Item, blob: Blob, name: str, media_type: str, **origin) -> File:
    """The row of a file that an item holds from now on, its work, and its entry. Called inside a verb only."""
    file = File.objects.create(item=item, blob=blob, name=name, media_type=media_type, created_by=by, **origin)
    Processing.objects.create(file=file)
    ledger.append(
        "file.received",
        item,
        data={"file": str(file.pk), "sha256": blob.digest, "size": blob.size, "media_type": file.media_type},
        parts={"note": name},
    )
    return file


@ledger.verb
def receive_files(*, by, item: Item, files) -> list[File]:
    """Keep several uploaded files of one item: all of them or none."""
    return [receive_file(by=by, item=item, stream=upload.file, name=upload.name) for upload in files]


def keep_bytes(stream, *, limit: int, area: str = "original") -> Blob:
    """The blob of these bytes, stored once however often they come. Called inside a verb only."""
    try:
        received = storage.receive(stream, limit=limit, area=area)
    except ValueError:
        raise Invalid(
            _("The file is larger than %(limit)d MB, the most this door takes.") % {"limit": limit // 1024**2},
            field="file",
            code="too_large",
        )
    return keep_received(received)


def keep_received(received: storage.Received, *, alike: bool = False) -> Blob:
    """The row of bytes that arrived whole, stored once however often they come. Called inside a verb only.

    `alike`: bytes that are stored already cost the same work as new ones, so that the time tells nobody that somebody
    else brought them; the second copy goes once the act is done.
    """
    try:
        existing = standing(received)
        if existing is None:
            return _store(received)
    except BaseException:
        received.discard()
        raise
    if alike:
        storage.keep(received)
        transaction.on_commit(lambda: storage.remove(received))
    received.discard()
    return existing


def standing(received: storage.Received) -> Blob | None:
    """The sound blob of the same bytes, held for the rest of the act: nobody destroys its key until then.

    The lock lets others take up the same bytes; a destruction that is under way is waited for, and then it is gone.
    """
    rows = Blob.objects.raw(
        "SELECT * FROM evidence_blob WHERE sha256 = %s AND area = %s AND wrapped_key IS NOT NULL"
        " AND altered_at IS NULL FOR KEY SHARE",
        [received.sha256, received.area],
    )
    return next(iter(rows), None)


def _store(received: storage.Received) -> Blob:
    """The bytes first, then the row that names them: between the two they are the sweep's."""
    try:
        with transaction.atomic():
            row = Blob.objects.create(
                id=received.blob_id,
                sha256=received.sha256,
                area=received.area,
                size=received.size,
                wrapped_key=received.wrapped_key,
            )
    except IntegrityError:
        received.discard()
        existing = standing(received)  # the same bytes came by another door at the same moment
        if existing is None:
            raise Refused(_("The same bytes are being destroyed at this moment. Try again."), code="busy")
        return existing
    storage.keep(received)
    return row
