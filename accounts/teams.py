"""Verbs on teams: formed, renamed, joined, left, dissolved. What a team may see is granted in the domain."""

import secrets

from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.authority import check_administers, name_of, reason_of
from accounts.errors import Invalid, Refused
from accounts.grants import one_at_a_time
from accounts.models import Team, User
from custody import ledger


def subject_of(team: Team) -> ledger.Subject:
    """What entries about the team itself are about: its key is no UUID."""
    return ledger.subject("team", str(team.pk))


def grants_naming(team: Team) -> int:
    """How many grants and denials name the team, in force or not: rows of the domain's tables that point at it."""
    return sum(_naming(team, model, field) for model, field in _tables())


def denials_naming(team: Team) -> int:
    """How many denials name the team. A denial is no row of a permission."""
    denials = [(model, field) for model, field in _tables() if not hasattr(model, "permission")]
    return sum(_naming(team, model, field) for model, field in denials)


def _tables() -> set[tuple]:
    return {
        (relation.related_model, relation.field.name)
        for relation in Group._meta.related_objects
        if relation.one_to_many and relation.related_model is not None
    }


def _naming(team: Team, model, field: str) -> int:
    return model._default_manager.filter(**{field: team.pk}).count()


@ledger.verb
def form_team(*, by, name_en: str, name_ko: str, members: list[User]) -> Team:
    """Make a team of people; grants to the team reach each member while she belongs to it."""
    one_at_a_time()
    check_administers(by)
    if not members:
        raise Invalid(_("A team has at least one member."), field="members")
    name_en, name_ko = _names(name_en, name_ko)
    group = Group.objects.create(name=name_en)
    team = Team.objects.create(group=group, name_en=name_en, name_ko=name_ko)
    change = {"name_en": ["", name_en], "name_ko": ["", name_ko]}
    ledger.append("team.formed", subject_of(team), data={"team": team.pk}, parts={"change": change})
    for member in members:
        _check_active(member)
        _add(team, member, note="")
    return team


@ledger.verb
def rename_team(*, by, team: Team, name_en: str, name_ko: str) -> None:
    """Call a team otherwise; who belongs to it and what it was granted stays."""
    check_administers(by)
    _check_stands(team)
    name_en, name_ko = _names(name_en, name_ko, besides=team)
    given = {"name_en": name_en, "name_ko": name_ko}
    change = {field: [getattr(team, field), value] for field, value in given.items() if getattr(team, field) != value}
    if not change:
        return
    team.name_en, team.name_ko = name_en, name_ko
    team.save(update_fields=["name_en", "name_ko"])
    Group.objects.filter(pk=team.pk).update(name=name_en)
    ledger.append("team.renamed", subject_of(team), data={"team": team.pk}, parts={"change": change})


@ledger.verb
def join_team(*, by, team: Team, user: User, reason: str) -> None:
    """Take a person into a team: what the team was granted reaches her on her next request.

    Nobody gives herself access: oneself one takes only into a team that no grant names.
    """
    one_at_a_time()
    check_administers(by)
    reason = reason_of(reason)
    _check_stands(team)
    _check_active(user)
    if user.groups.filter(pk=team.pk).exists():
        raise Refused(_("This person belongs to the team already."), code="member")
    if _is_oneself(by, user) and grants_naming(team):
        raise _second_person()
    _add(team, user, note=reason)


@ledger.verb
def leave_team(*, by, team: Team, user: User, reason: str) -> None:
    """Take a person out of a team; what reached her through it ends on her next request.

    Nobody takes herself out of a team that a denial names: what it kept her from would open.
    """
    one_at_a_time()
    check_administers(by)
    reason = reason_of(reason)
    if _is_oneself(by, user) and denials_naming(team):
        raise _second_person()
    if not user.groups.filter(pk=team.pk).exists():
        raise Refused(_("This person does not belong to the team."), code="no_member")
    _remove(team, user, note=reason)


@ledger.verb
def dissolve_team(*, by, team: Team, reason: str) -> None:
    """End a team that no grant names any more: its members leave, nobody can join, its name becomes free."""
    check_administers(by)
    reason = reason_of(reason)
    _check_stands(team)
    if grants_naming(team):
        raise Refused(
            _("Grants or denials of access still name this team. Have them taken back first."), code="has_grants"
        )
    for member in User.objects.filter(groups=team.group).order_by("pk"):
        _remove(team, member, note=reason)
    team.dissolved_at = timezone.now()
    team.save(update_fields=["dissolved_at"])
    Group.objects.filter(pk=team.pk).update(name=f"dissolved {team.pk} {secrets.token_hex(8)}")
    ledger.append("team.dissolved", subject_of(team), data={"team": team.pk}, parts={"note": reason})


def _is_oneself(by, user: User) -> bool:
    return isinstance(by, User) and by.pk == user.pk


def _second_person() -> Refused:
    return Refused(_("Giving oneself access needs a second administrator."), code="second_person")


def _add(team: Team, user: User, *, note: str) -> None:
    """The member and its two entries: her account's history and the team's each tell of it."""
    user.groups.add(team.group)
    parts = {"note": note} if note else None
    ledger.append("team.joined", user, data={"team": team.pk}, parts=parts)
    ledger.append("team.member_joined", subject_of(team), data={"user": str(user.pk)}, parts=parts)


def _remove(team: Team, user: User, *, note: str) -> None:
    user.groups.remove(team.group)
    ledger.append("team.left", user, data={"team": team.pk}, parts={"note": note})
    ledger.append("team.member_left", subject_of(team), data={"user": str(user.pk)}, parts={"note": note})


def _names(name_en: str, name_ko: str, *, besides: Team | None = None) -> tuple[str, str]:
    name_en, name_ko = name_of(name_en, field="name_en"), name_of(name_ko, field="name_ko", required=False)
    others = Group.objects.filter(name=name_en).exclude(pk=besides.pk if besides else None)
    if others.exists():
        raise Invalid(_("There is already a team of this name."), field="name_en")
    return name_en, name_ko


def _check_stands(team: Team) -> None:
    team.refresh_from_db(fields=["dissolved_at"])
    if team.dissolved_at is not None:
        raise Refused(_("This team was dissolved."), code="dissolved")


def _check_active(user: User) -> None:
    if not User.objects.filter(pk=user.pk, is_active=True).exists():
        raise Refused(_("This account is suspended. Reactivate it first."), code="suspended")
