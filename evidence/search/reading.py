"""Reading is an act: one entry a search (kind, count), one for opening a record of the upper levels."""

from accounts.models import User
from custody import ledger
from evidence.models import Level


@ledger.verb
def note_search(*, by: User, kind: str, params, shown: int) -> None:
    """One entry about a list or search: which kind, how many rows were shown, the query string in a part."""
    query = "&".join(f"{name}={value}" for name in sorted(params) for value in sorted(params.getlist(name)))
    query = query.replace("\x00", "\ufffd")  # what a payload of the ledger cannot hold
    # The query stands in a part, behind a salted commitment: a plain digest of few words can be guessed.
    ledger.append("search.ran", by, data={"kind": kind, "shown": shown}, parts={"note": query} if query else None)


@ledger.verb
def note_opened(*, by: User, record) -> None:
    """The full record was opened. Written for the upper levels, before anything is shown."""
    if record.effective_level >= Level.CONFIDENTIAL:
        ledger.append(f"{record._meta.model_name}.opened", record, data={"level": record.effective_level})
