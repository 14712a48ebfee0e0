"""Verbs on people and teams, and on one's own account."""

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from accounts.models import Clearance, Team, User
from accounts.roles import Role
from custody import ledger


@ledger.verb
def invite(*, by, email: str, name: str, role: str, clearance: int, password: str | None = None) -> User:
    """Add a person with a role and a clearance. Without a password the person cannot sign in until one is set."""
    if role not in Role.values:
        raise Invalid(_("Unknown role “%(role)s”.") % {"role": role}, field="role")
    if clearance not in Clearance.values:
        raise Invalid(_("A clearance is a number from 0 (public) to 4 (source-protected)."), field="clearance")
    if User.objects.filter(email__iexact=email).exists():
        raise Invalid(_("There is already a person with this e-mail address."), field="email")
    user = User.objects.create_user(email, password, name=name, role=role, clearance=clearance)
    ledger.append(
        "person.invited",
        user,
        data={"role": role, "clearance": clearance},
        parts={"account": {"email": email, "name": name}},
    )
    return user


@ledger.verb
def form_team(*, by, name_en: str, name_ko: str, members: list[User]) -> Team:
    """Make a team of people; grants to the team reach each member while she belongs to it."""
    if not members:
        raise Invalid(_("A team has at least one member."), field="members")
    if Group.objects.filter(name=name_en).exists():
        raise Invalid(_("There is already a team of this name."), field="name_en")
    group = Group.objects.create(name=name_en)
    team = Team.objects.create(group=group, name_en=name_en, name_ko=name_ko)
    for member in members:
        member.groups.add(group)
        ledger.append("team.joined", member, data={"team": group.pk})
    return team


@ledger.verb
def set_password(*, by, user: User, password: str) -> None:
    """Give a person a new password; her sessions end. The entry says that it was set, never what it is.

    Raises Invalid with what the password validators of the settings find wrong.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="password")
    user.set_password(password)
    user.save(update_fields=["password"])
    ledger.append("account.password_set", user)


@ledger.verb
def signed_in(*, by, user: User, client: dict | None = None) -> None:
    """Keep when the person last signed in; the entry says that she did, and from where in an erasable part."""
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])
    ledger.append("account.signed_in", user, parts={"client": client} if client else None)


@ledger.verb
def signed_out(*, by, user: User) -> None:
    """The person ended her session."""
    ledger.append("account.signed_out", user)


@ledger.verb
def sign_in_failed(*, by, email: str, client: dict | None = None) -> None:
    """Somebody tried to sign in and could not; what was typed is in an erasable part, in nothing that can be guessed.

    About the account where there is one, else about no one: only auditors read entries about accounts.
    """
    tried = email.replace("\x00", "").strip().lower()
    about = User.objects.filter(email=tried).first() or ledger.subject("account", "unknown")
    ledger.append("account.sign_in_failed", about, parts={"account": {"email": tried}, "client": client or {}})


@ledger.verb
def prefer(*, by, language: str | None = None, theme: str | None = None) -> None:
    """Set one's own language or theme."""
    changed = {}
    if language is not None:
        if language not in dict(User._meta.get_field("language").choices):
            raise Invalid(_("The repository speaks English (en) and Korean (ko)."), field="language")
        changed["language"] = language
    if theme is not None:
        if theme not in User.Theme.values:
            raise Invalid(_("A theme is auto, light or dark."), field="theme")
        changed["theme"] = theme
    if not changed:
        return
    for field, value in changed.items():
        setattr(by, field, value)
    by.save(update_fields=list(changed))
    ledger.append("account.preferences_set", by, data=changed)
