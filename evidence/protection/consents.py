"""Consent and the conditions of providers: rows with history, asked anew for every use. What is not granted is denied.

A change is a new row that supersedes the old one, so a withdrawal counts from its own transaction on. No use implies
another; consent of the people and conditions of the providers are two gates, and both have to be open.
"""

from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Invalid, Refused
from accounts.grants import check_permitted
from accounts.models import User
from accounts.roles import Permission
from custody import ledger
from evidence.models import Consent, Item, Notice, Person, ProviderCondition
from evidence.models.consent import IDENTITY_LEVELS
from evidence.notices import notify, reviewers_of
from evidence.recording import content
from evidence.recording.acts import find
from evidence.recording.problems import Problems
from evidence.reference import check_term

ANYBODY = "*"
GIVEN = ("granted", "granted_conditional", "deceased_next_of_kin", "not_required")
FIELDS = (
    "item", "use", "recipient", "identity_level", "status", "given_on", "expires_at", "form", "conditions",
    "includes_sexual_violence_details", "is_child", "guardian_consented", "child_assented", "document",
)  # fmt: skip
FLAGS = ("includes_sexual_violence_details", "is_child", "guardian_consented", "child_assented")


@ledger.verb
def record_consent(*, by: User, person: Person, given: dict, supersedes: Consent | None = None) -> Consent:
    """Record what a person said about one use of her material by one recipient; a later word supersedes an earlier.

    `given` names FIELDS: `item` (id or reference; empty: everything of hers), `use` and `recipient` (`*`: any) by their
    codes, `status`, and the rest. Raises Invalid naming each field.
    """
    check_permitted(by, person, Permission.CONTRIBUTE)
    values = _read(given, by=by)
    _lock(person)
    former = supersedes or _current(person, values)
    if former is not None:
        former = Consent.objects.select_for_update().get(pk=former.pk)
        if former.superseded_by_id:
            raise Refused(_("This was changed meanwhile. Look at what is in force now."), code="superseded")
    row = Consent.objects.create(person=person, created_by=by, **values)
    if former is not None:
        former.superseded_by = row
        former.save(update_fields=["superseded_by"])
    ledger.append(
        "consent.recorded",
        person,
        data={"consent": str(row.pk), "supersedes": str(former.pk) if former else None, "status": row.status},
        parts={"change": _change(former, row), "terms": {"conditions": row.conditions}},
    )
    return row


@ledger.verb
def withdraw_consent(*, by: User, consent: Consent, reason: str) -> Consent:
    """The person takes her word back: from this transaction on the use is denied. Reviewers are told."""
    person = consent.person
    check_permitted(by, person, Permission.CONTRIBUTE)
    former = Consent.objects.select_for_update().get(pk=consent.pk)
    if former.superseded_by_id:
        raise Refused(_("This was changed meanwhile. Look at what is in force now."), code="superseded")
    if former.status == "withdrawn":
        raise Refused(_("This consent is withdrawn already."), code="withdrawn")
    reason = content.text(reason, field="reason", limit=1000, required=True)
    copied = [
        one.name for one in Consent._meta.concrete_fields if one.name not in ("id", "created_at", "superseded_by")
    ]
    row = Consent.objects.create(
        **{name: getattr(former, name) for name in copied} | {"status": "withdrawn", "created_by": by}
    )
    former.superseded_by = row
    former.save(update_fields=["superseded_by"])
    # Not those to whom the item or the document that it covers does not exist.
    told = [user for user in User.objects.filter(pk__in=reviewers_of(person) - {by.pk}) if _sees(user, row)]
    notify([user.pk for user in told], Notice.Kind.CONSENT_WITHDRAWN, person.pk)
    data = {"consent": str(row.pk), "supersedes": str(former.pk)}
    parts = {"note": reason, "change": {"status": [former.status, "withdrawn"]}}
    ledger.append("consent.withdrawn", person, data=data, parts=parts)
    return row


def _sees(user: User, row: Consent) -> bool:
    return Consent.objects.permitted(user).filter(pk=row.pk).exists()


def consents_of(person: Person, *, user):
    """The consents of a person that are in force as her last word, and what they superseded, newest first."""
    rows = Consent.objects.permitted(user).filter(person=person)
    return rows.select_related("item", "document").order_by("use", "recipient", "-created_at")


def _current(person: Person, values: dict) -> Consent | None:
    """The last word on the same material, use and recipient."""
    same = {name: values[name] for name in ("item", "use", "recipient")}
    return Consent.objects.filter(person=person, superseded_by=None, **same).first()


def _change(former: Consent | None, row: Consent) -> dict:
    names = ("use", "recipient", "identity_level", "status", "given_on", "form", *FLAGS)
    old = {name: getattr(former, name) if former else None for name in names}
    new = {name: getattr(row, name) for name in names}
    # A first word does not list what it does not say.
    return {name: [old[name], new[name]] for name in names if old[name] != new[name] and (former or new[name])}


def _read(given: dict, *, by) -> dict:
    problems, values = Problems(), {"status": "denied", "identity_level": "none"}
    problems.refuse_unknown(given, FIELDS)
    problems.take(values, "", lambda: {"use": check_term("consent_scope", given.get("use"), field="use")})
    problems.take(values, "", lambda: {"recipient": _recipient(given.get("recipient"))})
    for name, vocabulary in (("status", "consent_status"), ("identity_level", "identity_disclosure")):
        if given.get(name):
            problems.take(values, "", lambda n=name, v=vocabulary: {n: check_term(v, given[n], field=n)})
    values["form"] = ""
    if given.get("form"):
        problems.take(values, "", lambda: {"form": check_term("consent_form", given["form"], field="form")})
    for name in ("item", "document"):
        problems.take(values, "", lambda n=name: {n: _item(given.get(n), field=n, by=by)})
    problems.take(values, "", lambda: {"given_on": content.dates(given.get("given_on"), field="given_on")["given_on"]})
    problems.take(
        values, "", lambda: {"conditions": content.text(given.get("conditions"), field="conditions", limit=5000)}
    )
    for name in FLAGS:
        value = given.get(name, False)
        if not isinstance(value, bool):
            problems.errors[name] = _("This is true or false.")
        values[name] = value is True
    problems.take(values, "", lambda: {"expires_at": content.instant(given.get("expires_at"), field="expires_at")})
    problems.raise_if_any()
    _check_together(values)
    return values | {"covers_everything": values["item"] is None}


def _check_together(values: dict) -> None:
    granted = values["status"] in ("granted", "granted_conditional")
    if values["status"] == "granted_conditional" and not values["conditions"]:
        raise Invalid(_("Write down the conditions, in her words."), field="conditions")
    if granted and values["is_child"] and not (values["guardian_consented"] and values["child_assented"]):
        raise Invalid(
            _("For a child it takes the guardian’s consent and the child’s own assent."), field="guardian_consented"
        )
    if granted and not values["given_on"]:
        raise Invalid(_("Say when consent was given: 2019-05-14, 2019-05 or 2019."), field="given_on")
    if granted and not values["form"]:
        raise Invalid(_("Say in which form consent was given."), field="form")


def _recipient(code) -> str:
    return ANYBODY if code == ANYBODY else check_term("recipient_type", code, field="recipient")


def _item(identifier, *, field: str, by) -> Item | None:
    if identifier in (None, ""):
        return None
    found = find(Item.objects.permitted(by), identifier)
    if found is None:
        raise Invalid(_("There is no evidence item with this reference."), field=field)
    return found


@ledger.verb
def set_condition(
    *, by: User, record, use: str, recipient: str, is_allowed: bool, terms: str = "", expires_at=None
) -> ProviderCondition:
    """Record what the provider of a source or an item allows for one use; a later word ends the earlier."""
    check_permitted(by, record, Permission.CONTRIBUTE)
    end = {record._meta.model_name: record}
    values = {"use": check_term("consent_scope", use, field="use"), "recipient": _recipient(recipient)}
    terms = content.text(terms, field="terms", limit=5000)
    _lock(record)
    former = ProviderCondition.objects.filter(ended_at=None, **end, **values).first()
    if former is not None:
        former.ended_at = timezone.now()
        former.save(update_fields=["ended_at"])
    until = content.instant(expires_at, field="expires_at")
    row = ProviderCondition.objects.create(
        created_by=by, is_allowed=is_allowed, terms=terms, expires_at=until, **end, **values
    )
    data = {"condition": str(row.pk), "supersedes": str(former.pk) if former else None} | values
    ledger.append("condition.set", record, data=data | {"is_allowed": is_allowed}, parts={"terms": {"terms": terms}})
    return row


@ledger.verb
def end_condition(*, by: User, condition: ProviderCondition, reason: str) -> None:
    """End a condition: without one the provider's word is not asked for this use any more."""
    record = condition.source or condition.item
    check_permitted(by, record, Permission.CONTRIBUTE)
    row = ProviderCondition.objects.select_for_update().get(pk=condition.pk)
    if row.ended_at is not None:
        raise Refused(_("This has ended already."), code="ended")
    if not row.is_allowed:
        raise Refused(
            _("This forbids a use: record what the provider says now instead, with the terms."), code="forbids"
        )
    reason = content.text(reason, field="reason", limit=1000, required=True)
    row.ended_at = timezone.now()
    row.save(update_fields=["ended_at"])
    ledger.append("condition.ended", record, data={"condition": str(row.pk)}, parts={"note": reason})


@dataclass(frozen=True)
class Permissible:
    """Whether an item may be put to a use for a recipient, and each reason why not: ("no_consent", person),
    ("provider", None), ("review", None)."""

    allowed: bool
    identity_level: str
    obstacles: list[tuple[str, object]] = field(default_factory=list)


def may_use(item: Item, *, use: str, recipient: str, user, sexual_violence: bool = False) -> Permissible:
    """Ask both gates for one item now: every person behind or in it, and every provider's condition.

    Whoever asks is told of persons and conditions that she may see only. Anything hidden closes the gate as an item in
    which nobody is known to be does: with “review”, so that the answer names no one and tells no one's word.
    """
    people = Person.objects.filter(pk__in=_people_ids(item))
    seen = list(people.permitted(user).order_by("code"))
    obstacles: list[tuple[str, object]] = []
    levels = []
    for person in seen:
        row = _in_force(person, item, use, recipient)
        if row is not None and (row.includes_sexual_violence_details or not sexual_violence):
            levels.append(row.identity_level)
        else:
            obstacles.append(("no_consent", person))
    forbidding = _forbidding(item, use, recipient)
    ids = [row.pk for row in forbidding]
    told = ProviderCondition.objects.permitted(user).filter(pk__in=ids).count()
    obstacles += [("provider", None)] * bool(told)
    # Whatever is hidden from the asker, whether it would allow or forbid, is one word: ask for a review. Where the
    # answer is no already, there is nothing to add.
    if not obstacles and (not seen or len(seen) < people.count() or told < len(ids)):
        obstacles.append(("review", None))
    # The least of what they allow: IDENTITY_LEVELS goes from the full identity to none.
    least = max(levels, key=IDENTITY_LEVELS.index, default="none")
    return Permissible(not obstacles, least if not obstacles else "none", obstacles)


def _people_ids(item: Item) -> set:
    linked = item.links.filter(ended_at=None, person__isnull=False).values_list("person_id", flat=True)
    behind = {item.source.person_id} if item.source_id and item.source.person_id else set()
    return set(linked) | behind


def _in_force(person: Person, item: Item, use: str, recipient: str) -> Consent | None:
    """The consent that grants this; a word about the item itself goes before one about everything, and one to this
    recipient before one to anybody."""
    rows = Consent.objects.filter(
        Q(item=item) | Q(covers_everything=True), person=person, use=use, recipient__in=[recipient, ANYBODY],
        superseded_by=None,
    )  # fmt: skip
    rows = sorted(rows, key=lambda row: (row.item_id is None, row.recipient == ANYBODY))
    first = rows[0] if rows else None
    if first is None or first.status not in GIVEN or (first.expires_at and first.expires_at <= timezone.now()):
        return None
    # Who takes everything back has also taken back what she once allowed in particular.
    later = any(row.status in ("withdrawn", "denied") and row.created_at > first.created_at for row in rows)
    return None if later else first


def _forbidding(item: Item, use: str, recipient: str) -> list[ProviderCondition]:
    """Conditions that close the second gate: the narrowest word of each provider counts."""
    places = [Q(item=item)] + ([Q(source_id=item.source_id)] if item.source_id else [])
    found = []
    for place in places:
        rows = ProviderCondition.objects.filter(place, use=use, recipient__in=[recipient, ANYBODY], ended_at=None)
        narrowest = [row for row in rows if row.recipient != ANYBODY] or list(rows)
        now = timezone.now()
        found += [row for row in narrowest if not row.is_allowed or (row.expires_at and row.expires_at <= now)]
    return found


def _lock(record) -> None:
    """Words on the same record wait for each other: only one of two can be the last."""
    type(record)._default_manager.select_for_update().get(pk=record.pk)
