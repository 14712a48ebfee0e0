"""Saved searches: keep one for oneself or one's team, open it, end it. The question is kept, never an answer."""

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from accounts.models import Team, User
from custody import ledger
from evidence import search
from evidence.models import SavedSearch
from evidence.recording import content

LONGEST_NAME, LONGEST_QUERY = 80, 2000
MOST = 100  # a person
OPENED = "savedsearch.opened"
# Where somebody stood in the list, not what she looked for.
PASSING = ("cursor", "page_size", "count", "format", "fields", "view")


@ledger.verb
def save_search(*, by: User, name: str, kind: str, query: str, team: Team | None = None) -> SavedSearch:
    """Keep the query string of a list under a name; with a team, for all who belong to it. Refuses what finds nothing
    because it has a mistake, and teams that one does not belong to."""
    name = content.text(name, field="name", limit=LONGEST_NAME, required=True)
    if kind not in search.KINDS:
        raise Invalid(_("There is no such list."), field="kind")
    if team is not None and not by.groups.filter(pk=team.pk).exists():
        raise Invalid(_("Share with a team that you belong to."), field="team")
    if SavedSearch.objects.filter(created_by=by, ended_at=None).count() >= MOST:
        raise Invalid(_("You have %(most)d saved searches: end one that you need no more.") % {"most": MOST})
    query = kept_query(by, kind, query)
    saved = SavedSearch.objects.create(name=name, kind=kind, query=query, team=team, created_by=by)
    ledger.append(
        "savedsearch.saved",
        saved,
        data={"kind": kind, "team": None if team is None else team.pk},
        parts={"note": f"{name}: {query}"},
    )
    return saved


def lasting(params: QueryDict) -> QueryDict:
    """The query string without empty values and without what says where somebody stood in the list."""
    kept = QueryDict(mutable=True)
    for name, values in params.lists():
        if name not in PASSING and (said := [value for value in values if value.strip()]):
            kept.setlist(name, said)
    return kept


def kept_query(user: User, kind: str, query: str) -> str:
    """The query string as it is kept; raises Invalid where it has a mistake."""
    params = lasting(QueryDict(content.text(query, field="query", limit=LONGEST_QUERY)))
    what = search.KINDS[kind]
    try:
        search.narrow(what.model.objects.none(), params, what.filters, user=user)
    except Invalid as error:
        raise Invalid(error.first, field="query")
    return params.urlencode()


@ledger.verb
def end_search(*, by: User, saved: SavedSearch) -> None:
    """Take a saved search away, for everybody whom it was shared with. Only who saved it ends it."""
    SavedSearch.objects.filter(pk=saved.pk, ended_at=None).update(ended_at=timezone.now())
    ledger.append("savedsearch.ended", saved)


@ledger.verb
def open_search(*, by: User, saved: SavedSearch) -> None:
    """Note that a person looks at what it finds now: what comes later is new to her."""
    ledger.append(OPENED, saved)


def new_since(user: User, saved: list[SavedSearch], *, cap: int = 99) -> dict:
    """How many records each search finds that were made or changed since the person opened it last: {id: (n, more)}.

    Counted of what she may see; a search that she never opened, or that has come to have a mistake, has no number.
    """
    opened = ledger.last_times([one.pk for one in saved], act=OPENED, actor_id=user.pk)
    numbers = {}
    for one in saved:
        if moment := opened.get(one.pk):
            params = QueryDict(one.query, mutable=True)
            params.pop("ordering", None)
            params["updated_since"] = max(moment.isoformat(), params.get("updated_since") or "")
            try:
                numbers[one.pk] = search.counts_of(one.kind, params, user=user).capped(cap)
            except Invalid:
                continue
    return numbers
