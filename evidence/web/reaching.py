"""What one person can see, laid open for an administrator: numbers by the gate, references, never contents."""

from accounts import holdings
from accounts.roles import Act, Permission, may
from evidence.access.effects import COUNTED
from evidence.models import Collection
from evidence.models.record import Level
from evidence.search.counting import seen
from evidence.web.doors import has
from evidence.web.words import language, named_permission

MOST_RECORDS = 200  # lines of single records; the number of all stands beside them


def name_of(request, record) -> str:
    """What a page on access calls a record: a collection's name where it is not too confidential itself, and the
    title of another record only for whoever sees it. Else nothing: its reference has to do."""
    if isinstance(record, Collection):
        return collection_name(request.user, record, is_visible=has(request, record, Permission.VIEW))
    if not has(request, record, Permission.VIEW):
        return ""
    for field in ("title", "title_en", "title_ko", "note"):
        if value := getattr(record, field, ""):
            return value
    return ""


def collection_name(user, collection, *, is_visible: bool) -> str:
    """The name of a collection, where whoever manages access may read it; see docs/decisions/0013."""
    told = may(user, Act.ACCESS) and collection.effective_level <= max(user.clearance, Level.CONFIDENTIAL)
    if not (is_visible or told):
        return ""
    return (collection.name_ko if language() == "ko" else "") or collection.name_en


def reach_of(request, user) -> dict:
    """Context of evidence/access_person.html. As many queries for a thousand grants as for one."""
    homes: dict = {}
    singles: dict = {}
    for way in holdings.held_by(user):
        target = homes if isinstance(way.on, Collection) else singles
        target.setdefault(way.on, []).append(way)
    counts = [seen(model, user).by("collection_id") for model in COUNTED.values()]
    visible = _visible(user, [*homes, *singles])
    named = set(Collection.objects.permitted(request.user).values_list("pk", flat=True))
    return {
        "person": user,
        "collections": [
            {
                "record": home,
                "name": collection_name(request.user, home, is_visible=home.pk in named),
                "counts": [f"{count[home.pk,]:,}" for count in counts],
                "sees": home.pk in visible,
                "ways": _ways(ways),
            }
            for home, ways in sorted(homes.items(), key=_by_code)
        ],
        "records": [
            {"record": record, "kind": record._meta.model_name, "sees": record.pk in visible, "ways": _ways(ways)}
            for record, ways in sorted(singles.items(), key=_by_code)[:MOST_RECORDS]
        ],
        "records_held": len(singles),
        "kept": [
            {"code": one.on.code, "reason": one.reason, "team": one.team, "at": one.created_at}
            for one in holdings.kept_from(user)
        ],
    }


def _by_code(pair) -> str:
    return pair[0].code


def _visible(user, records) -> set:
    """Ids of those of the records that the person sees: one question of the gate for each kind."""
    by_kind: dict = {}
    for record in records:
        by_kind.setdefault(type(record), []).append(record.pk)
    found: set = set()
    for model, ids in by_kind.items():
        found |= set(model.objects.permitted(user).filter(pk__in=ids).values_list("pk", flat=True))
    return found


def _ways(ways) -> list[dict]:
    return [
        {
            "permission": named_permission(way.permission), "team": way.team, "reason": way.reason,
            "until": way.expires_at, "in_force": way.in_force,
        }
        for way in ways
    ]  # fmt: skip
