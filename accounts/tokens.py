"""API tokens: made, revoked, recognised. Shown once, kept as a digest, scoped, expiring."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from accounts.models import ApiToken, User
from accounts.roles import SCOPES
from custody import ledger, trail

MAX_DAYS = 366
DOOR = ledger.Service("api")
REFUSED_EVERY = timedelta(minutes=10)
KIND = "art"  # what a secret scanner looks for


@dataclass(frozen=True)
class Issued:
    """A new token: `text` exists only here."""

    token: ApiToken
    text: str


@ledger.verb
def issue(*, by, user: User, name: str, scopes: list[str], days: int) -> Issued:
    """Make a token that can do no more than its person, for at most a year."""
    name = name.strip()
    if not name:
        raise Invalid(_("Give the token a name that says what it is for."), field="name")
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise Invalid(
            _("Unknown scope: %(unknown)s. Known: %(known)s.")
            % {"unknown": ", ".join(unknown), "known": ", ".join(SCOPES)},
            field="scopes",
        )
    if not scopes:
        raise Invalid(_("Choose at least one scope."), field="scopes")
    if not 1 <= days <= MAX_DAYS:
        raise Invalid(_("A token lasts from 1 to %(max)d days.") % {"max": MAX_DAYS}, field="days")
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name[:80],
        prefix=prefix,
        digest=sha256(secret.encode()).digest(),
        scopes=sorted(set(scopes)),
        expires_at=timezone.now() + timedelta(days=days),
    )
    ledger.append("token.issued", token, data={"user": str(user.pk), "scopes": token.scopes, "days": days})
    return Issued(token, f"{KIND}_{prefix}_{secret}")


@ledger.verb
def revoke(*, by, token: ApiToken) -> None:
    """End a token at once. Revoking twice changes nothing."""
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        ledger.append("token.revoked", token, data={"user": str(token.user_id)})


@ledger.verb
def note_refused(*, by, token: ApiToken) -> None:
    """A token was used that is expired, revoked, or whose secret was wrong. Once in a while: scripts try for ever."""
    since = timezone.now() - REFUSED_EVERY
    if not trail.page(trail.Wanted(subject=token.pk, acts=("token.refused",), since=since), limit=1):
        ledger.append("token.refused", token, data={"user": str(token.user_id)})


def recognise(text: str) -> ApiToken | None:
    """The usable token of this text, or None. Comparing takes the same time for a wrong secret and a wrong prefix."""
    kind, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    is_ours = kind == KIND and prefix.isascii() and prefix.isalnum()
    token = ApiToken.objects.select_related("user").filter(prefix=prefix[:12]).first() if is_ours else None
    digest = bytes(token.digest) if token else bytes(32)
    fits = compare_digest(digest, sha256(secret.encode("utf-8", "replace")).digest())
    if not (token and fits and token.is_usable(timezone.now())):
        if token:
            note_refused(by=DOOR, token=token)
        return None
    _note_use(token)
    return token


def _note_use(token: ApiToken) -> None:
    """Keep the last use to the minute: one write a minute, not one a request."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
