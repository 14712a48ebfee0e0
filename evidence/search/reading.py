"""Reading is an act: one entry a search (digest of query, count), one for opening a record of the upper levels."""

from hashlib import sha256

from accounts.models import User
from custody import ledger
from evidence.models import Level


@ledger.verb
def note_search(*, by: User, kind: str, params, shown: int) -> None:
    """One entry about a list or search: which kind, a digest of the query string, how many rows were shown."""
    query = "&".join(f"{name}={value}" for name in sorted(params) for value in sorted(params.getlist(name)))
    query = query.replace("\x00", "\ufffd")  # what a payload of the ledger cannot hold
    digest = sha256(b"query/v1\x00" + by.pk.bytes + query.encode("utf-8", "replace")).hexdigest()
    ledger.append(
        "search.ran", by, data={"kind": kind, "query": digest, "shown": shown}, parts={"note": query} if query else None
    )


@ledger.verb
def note_opened(*, by: User, record) -> None:
    """The full record was opened. Written for the upper levels, before anything is shown."""
    if record.effective_level >= Level.CONFIDENTIAL:
        ledger.append(f"{record._meta.model_name}.opened", record, data={"level": record.effective_level})
